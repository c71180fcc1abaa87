"""Paper: values in, PDF bytes out.  No database, no clock, no settings."""

from fsc_logistics.core.printing.cards import Card, cards_pdf, command_cards
from fsc_logistics.core.printing.labels import LAYOUTS, Label, LabelLayout, labels_pdf
from fsc_logistics.core.printing.language import languages
from fsc_logistics.core.printing.receipt import Receipt, receipts_of, receipts_pdf
from fsc_logistics.core.printing.set_up import (
    SetUpSheet,
    Sound,
    set_up_families,
    set_up_pdf,
)
from fsc_logistics.core.printing.sheet import (
    LoadLine,
    RunSheet,
    SheetContact,
    SheetDevice,
    SheetStop,
    SheetTask,
    run_sheet_pdf,
)

__all__ = [
    "LAYOUTS",
    "Card",
    "Label",
    "LabelLayout",
    "LoadLine",
    "Receipt",
    "RunSheet",
    "SetUpSheet",
    "SheetContact",
    "SheetDevice",
    "SheetStop",
    "SheetTask",
    "Sound",
    "cards_pdf",
    "command_cards",
    "labels_pdf",
    "languages",
    "receipts_of",
    "receipts_pdf",
    "run_sheet_pdf",
    "set_up_families",
    "set_up_pdf",
]
