"""Texts on an area, each as large as all of them together leave room for."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from fsc_logistics.cli.watch.letters import drawn, is_drawable, width_of

NO_BREAK = "\u00a0"
"""Between words that stay in one line."""
SCALE_MAX = 4
RANK_LARGE = 2
"""What is up to that rank should be read from three metres."""
MARGIN = 1
"""Columns left free at either side."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text on a poster."""

    text: str
    rank: int = 9
    """Who grows first, and who is left out last: 1 is the most important."""
    scale_max: int = SCALE_MAX
    """0: in the terminal's own letters, always."""
    short: str = ""
    """What is drawn where it is too long itself, which then stands written above."""
    is_bold: bool = False
    gives_way: bool = False
    """Said elsewhere too: it goes where what matters would else not be large."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a poster."""

    text: str
    is_bold: bool = False


@dataclass(slots=True)
class _Placed:
    item: Item
    lines: list[str]
    scale: int = 0
    text: str = ""
    """What is drawn."""


def laid_out(items: Sequence[Item], width: int, height: int) -> list[Line]:
    """Return the `height` lines of a poster, none wider than `width`.

    All are written first; what has no room, by rank, is left out.  Then they grow by
    rank, one size after the other: before the first is huge, the others are large.
    """
    room = max(1, width - 2 * MARGIN)
    placed = [_written(item, room) for item in items if item.text]
    while placed and _height(placed) > height:
        least = max(placed, key=lambda one: one.item.rank)
        if len(placed) == 1:
            least.lines = least.lines[:height]
            break
        placed.remove(least)
    _grow_all(placed, 1, room, height)
    while giving := _giving_way(placed, room):
        placed = [_written(one.item, room) for one in placed if one is not giving]
        _grow_all(placed, 1, room, height)
    for scale in range(2, SCALE_MAX + 1):
        _grow_all(placed, scale, room, height)
    return _spread(placed, width, height)


def _written(item: Item, room: int) -> _Placed:
    lines = textwrap.wrap(item.text, room, break_on_hyphens=False) or [""]
    return _Placed(item, lines)


def _grow_all(placed: Sequence[_Placed], scale: int, room: int, height: int) -> None:
    for one in sorted(placed, key=lambda one: one.item.rank):
        # Huge letters need air around them; large ones may use every line.
        air = len(placed) if scale > 1 else 0
        _grow(one, scale, room, height - _height(placed) - air)


def _giving_way(placed: Sequence[_Placed], room: int) -> _Placed | None:
    """Return the text that goes for one that should be large and is not, if any."""
    is_cramped = any(
        one.item.rank <= RANK_LARGE
        and not one.scale
        and one.item.scale_max
        and _drawn_lines(one.item.text, room, 1)
        for one in placed
    )
    giving = [one for one in placed if one.item.gives_way]
    if not is_cramped or not giving:
        return None
    return max(giving, key=lambda one: one.item.rank)


def _grow(one: _Placed, scale: int, room: int, spare: int) -> None:
    """Draw a text one size larger, where the lines to spare are enough for that."""
    if one.scale != scale - 1 or scale > one.item.scale_max:
        return
    item = one.item
    texts = [one.text] if one.text else filter(None, [item.text, item.short])
    for text in texts:
        lines = _drawn_lines(text, room, scale)
        above = [] if text == item.text else [item.text]
        if lines and len(above + lines) - len(one.lines) <= spare:
            one.text, one.scale, one.lines = text, scale, above + lines
            return


def fits_large(text: str, room: int) -> bool:
    """Tell whether `text` can be drawn in one row of `room` columns."""
    return len(_wrapped(text, room, 1)) == 1


def _drawn_lines(text: str, room: int, scale: int) -> list[str]:
    lines: list[str] = []
    for row in _wrapped(text, room, scale):
        lines += ([""] if lines else []) + drawn(row, scale)
    return lines


def _wrapped(text: str, room: int, scale: int) -> list[str]:
    """Return `text` in lines to draw, none wider than `room`; nothing if one would be.

    Also nothing where a letter cannot be drawn.
    """
    rows: list[str] = []
    for word in filter(None, text.split(" ")):
        part = word.replace(NO_BREAK, " ")
        if not is_drawable(part) or width_of(part, scale) > room:
            return []
        if rows and width_of(f"{rows[-1]} {part}", scale) <= room:
            rows[-1] += f" {part}"
        else:
            rows.append(part)
    return rows


def _height(placed: Sequence[_Placed]) -> int:
    return sum(len(one.lines) for one in placed)


def _spread(placed: Sequence[_Placed], width: int, height: int) -> list[Line]:
    """Return the lines in the middle, with air between texts where there is some."""
    spare = height - _height(placed)
    gaps = len(placed) + 1
    lines: list[Line] = []
    for number, one in enumerate(placed):
        # What is left over goes above, below and between, evenly.
        until = (number + 1) * spare // gaps - number * spare // gaps
        lines += [Line("")] * until
        lines += _aligned(one, width)
    return (lines + [Line("")] * height)[:height]


def _aligned(one: _Placed, width: int) -> list[Line]:
    # The lines of a drawn row are equally long, with their blanks, and stay together.
    return [
        Line(
            (" " * max(0, (width - len(line)) // 2) + line).rstrip(),
            one.item.is_bold or bool(one.scale),
        )
        for line in one.lines
    ]
