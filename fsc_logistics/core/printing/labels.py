"""Device labels, on sheets and on rolls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is glued to a device.  Never anything about a citizen."""

    tag: str
    model: str
    owner: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLayout:
    """Where the labels are on a page."""

    page_width_mm: float
    page_height_mm: float
    columns_count: int
    rows_count: int
    width_mm: float
    height_mm: float
    left_mm: float = 0
    top_mm: float = 0
    gap_mm: float = 0
    """Between columns; there is none between rows."""


A4_MM = {"page_width_mm": 210, "page_height_mm": 297}
LAYOUTS = {
    "a4-70x42": LabelLayout(
        **A4_MM, columns_count=3, rows_count=7, width_mm=70, height_mm=297 / 7
    ),
    "a4-63x38": LabelLayout(
        **A4_MM,
        columns_count=3,
        rows_count=7,
        width_mm=63.5,
        height_mm=38.1,
        left_mm=7.25,
        top_mm=15.15,
        gap_mm=2.5,
    ),
    "roll-50x30": LabelLayout(
        page_width_mm=50,
        page_height_mm=30,
        columns_count=1,
        rows_count=1,
        width_mm=50,
        height_mm=30,
    ),
}
"""Plain 3 x 7 sheets; 3 x 7 sheets as Avery L7160; a roll for a label printer."""
