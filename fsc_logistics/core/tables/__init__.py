"""Every table of the database, split by noun.

Records live here and nowhere else; they do not leave the use case that loaded them.
"""

from fsc_logistics.core.tables.base import OPEN_ENDED, Base
from fsc_logistics.core.tables.catalog import (
    Absence,
    Device,
    DeviceCode,
    DeviceModel,
    Location,
    Party,
    Postcode,
    Technician,
    TechnicianSkill,
)
from fsc_logistics.core.tables.counts import Stocktake, StocktakeLine
from fsc_logistics.core.tables.exceptions import Anomaly, ImportProgress, ScanRecord
from fsc_logistics.core.tables.kits import Kit, KitTemplate, KitTemplateLine
from fsc_logistics.core.tables.ledger import (
    Checkpoint,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    Station,
)
from fsc_logistics.core.tables.orders import (
    LeftOut,
    Order,
    OrderDevice,
    Run,
    RunStop,
)
from fsc_logistics.core.tables.people import AccessLog, Citizen, CitizenContact
from fsc_logistics.core.tables.spans import (
    ConditionSpan,
    CustodySpan,
    FlagSpan,
    KitSpan,
)
from fsc_logistics.core.tables.stock import (
    Article,
    CountLine,
    Lot,
    StockLine,
    StockSpan,
)

__all__ = [
    "OPEN_ENDED",
    "Absence",
    "AccessLog",
    "Anomaly",
    "Article",
    "Base",
    "Checkpoint",
    "Citizen",
    "CitizenContact",
    "ConditionSpan",
    "CountLine",
    "CustodySpan",
    "Device",
    "DeviceCode",
    "DeviceModel",
    "ErrorDeclaration",
    "Event",
    "EventLine",
    "FlagSpan",
    "ImportProgress",
    "Kit",
    "KitSpan",
    "KitTemplate",
    "KitTemplateLine",
    "LeftOut",
    "LineDeclaration",
    "Location",
    "Lot",
    "Order",
    "OrderDevice",
    "Party",
    "Postcode",
    "Run",
    "RunStop",
    "ScanRecord",
    "Station",
    "StockLine",
    "StockSpan",
    "Stocktake",
    "StocktakeLine",
    "Technician",
    "TechnicianSkill",
]
