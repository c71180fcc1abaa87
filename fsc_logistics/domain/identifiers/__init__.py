"""What is printed on devices, or in their tags, by others.

Our own tags and linked codes are compared as they are; nothing here knows them.
"""

from fsc_logistics.domain.identifiers.aim import split_aim, without_aim
from fsc_logistics.domain.identifiers.gs1 import (
    GTIN_DIGITS,
    SerialisedItem,
    TradeItemLot,
    gs1_check_digit,
    read_gtin,
    read_trade_item_lot,
)
from fsc_logistics.domain.identifiers.hibc import Hibc, read_hibc
from fsc_logistics.domain.identifiers.reading import Named, forms, read_item, read_named

__all__ = [
    "GTIN_DIGITS",
    "Hibc",
    "Named",
    "SerialisedItem",
    "TradeItemLot",
    "forms",
    "gs1_check_digit",
    "read_gtin",
    "read_hibc",
    "read_item",
    "read_named",
    "read_trade_item_lot",
    "split_aim",
    "without_aim",
]
