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
from fsc_logistics.core.tables.ledger import (
    CustodySpan,
    ErrorDeclaration,
    Event,
    EventLine,
    KitSpan,
    ScanRecord,
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

__all__ = [
    "OPEN_ENDED",
    "Absence",
    "AccessLog",
    "Base",
    "Citizen",
    "CitizenContact",
    "CustodySpan",
    "Device",
    "DeviceCode",
    "DeviceModel",
    "ErrorDeclaration",
    "Event",
    "EventLine",
    "KitSpan",
    "LeftOut",
    "Location",
    "Order",
    "OrderDevice",
    "Party",
    "Postcode",
    "Run",
    "RunStop",
    "ScanRecord",
    "Station",
    "Technician",
    "TechnicianSkill",
]
