"""Paper: values in, PDF bytes out.  No database, no clock, no settings."""

from fsc_logistics.core.printing.cards import Card
from fsc_logistics.core.printing.labels import LAYOUTS, Label, LabelLayout
from fsc_logistics.core.printing.receipt import Receipt, receipts_of
from fsc_logistics.core.printing.sheet import (
    LoadLine,
    RunSheet,
    SheetContact,
    SheetDevice,
    SheetStop,
    SheetTask,
)

__all__ = [
    "LAYOUTS",
    "Card",
    "Label",
    "LabelLayout",
    "LoadLine",
    "Receipt",
    "RunSheet",
    "SheetContact",
    "SheetDevice",
    "SheetStop",
    "SheetTask",
    "receipts_of",
]
