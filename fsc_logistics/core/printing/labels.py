"""Device labels, on sheets and on rolls."""

from collections.abc import Sequence
from dataclasses import dataclass

from fsc_logistics.core.printing.page import compile_page
from fsc_logistics.domain.errors import BadInput


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
    white_mm: float
    """Left white at each edge of a label: what the printer cannot reach, and slack."""


LAYOUTS = {
    "a4-70x42": LabelLayout(
        page_width_mm=210,
        page_height_mm=297,
        columns_count=3,
        rows_count=7,
        width_mm=70,
        height_mm=297 / 7,
        white_mm=4.5,
    ),
    "a4-63x38": LabelLayout(
        page_width_mm=210,
        page_height_mm=297,
        columns_count=3,
        rows_count=7,
        width_mm=63.5,
        height_mm=38.1,
        left_mm=7.25,
        top_mm=15.15,
        gap_mm=2.5,
        white_mm=2,
    ),
    "roll-50x30": LabelLayout(
        page_width_mm=50,
        page_height_mm=30,
        columns_count=1,
        rows_count=1,
        width_mm=50,
        height_mm=30,
        white_mm=2.5,
    ),
}
"""Plain 3 x 7 sheets; 3 x 7 sheets as Avery L7160; a roll for a label printer."""


def labels_pdf(
    labels: Sequence[Label],
    language: str = "da",
    *,
    layout: str = "a4-70x42",
    start: int = 1,
) -> bytes:
    """Return pages of labels; the first is put in place `start`, counted by rows.

    The codes on a label say its tag and nothing else.

    Raises:
        BadInput: there are no labels, no such layout, place or language, or a tag
            cannot be a bar code.
    """
    if not labels:
        raise BadInput("There are no labels to print. Name at least one device.")
    if layout not in LAYOUTS:
        raise BadInput(
            f"There are no '{layout}' labels. Choose one of: {', '.join(LAYOUTS)}."
        )
    chosen = LAYOUTS[layout]
    places_count = chosen.columns_count * chosen.rows_count
    if not 1 <= start <= places_count:
        raise BadInput(
            f"A sheet of '{layout}' has no place {start}. "
            f"Its places are numbered 1 to {places_count}."
        )
    content = {"labels": labels, "layout": chosen, "skip_count": start - 1}
    return compile_page("labels", language, content, {label.tag for label in labels})
