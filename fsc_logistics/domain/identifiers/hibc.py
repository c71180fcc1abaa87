"""HIBC: what makers of medical devices print who do not use GS1.

Source: ANSI/HIBC 2.6-2016, Supplier Labeling Standard, sections 2.1 to 2.3 and
appendix B.
"""

import re
from dataclasses import dataclass

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
"""Each stands for its place in this row."""
_PRIMARY = re.compile(
    r"(?P<lic>[A-Z][A-Z0-9]{3})(?P<product>[A-Z0-9]{1,18})(?P<unit>[0-9])", re.ASCII
)
_QUANTITY = re.compile(r"8\d{2}|9\d{5}", re.ASCII)
_DATE = re.compile(r"[01]\d{3}|2\d{6}|3\d{6}|4\d{8}|5\d{5}|6\d{7}|7", re.ASCII)
_JULIAN = re.compile(r"\d{5}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9.\-]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hibc:
    """What a HIBC code says; its dates and quantities are passed over.

    `labeler` (LIC), `product` (PCN) and `unit` come from the primary data, `lot` and
    `serial` from the secondary; what the code does not say is `None`.
    """

    labeler: str | None = None
    product: str | None = None
    unit: str | None = None
    lot: str | None = None
    serial: str | None = None

    @property
    def key(self) -> str | None:
        """What names one piece, or None where the code names only a kind."""
        if self.labeler is None or self.serial is None:
            return None
        return f"+{self.labeler}{self.product}{self.unit}/S{self.serial}"


def hibc_check_character(text: str) -> str:
    """Return the check character that completes `text`.

    >>> hibc_check_character("+A123BJC5D6E71")
    'G'
    """
    return _SIGNS[sum(_SIGNS.index(sign) for sign in text) % len(_SIGNS)]


def read_hibc(text: str) -> Hibc | None:
    """Return what a HIBC code says, or None where it is none or its check is wrong.

    >>> read_hibc("+A123BJC5D6E71G").product
    'BJC5D6E7'
    """
    data = _checked(text.strip().strip("*"))
    if data is None:
        return None
    if data[:1] == "$" or _JULIAN.match(data):
        # A symbol of its own: the last sign links it to that of the primary data.
        return _with_secondary(Hibc(), data[:-1])
    first, *more = data.split("/")
    primary = _PRIMARY.fullmatch(first)
    if primary is None:
        return None
    said: Hibc | None = Hibc(
        labeler=primary["lic"], product=primary["product"], unit=primary["unit"]
    )
    for part in more:
        said = said and _with_secondary(said, part)
    return said


def _checked(text: str) -> str | None:
    """Return the data between the plus and a check character that fits, or None."""
    # A blank may be the check character, and is cut off as a blank.
    for whole in (text, f"{text} "):
        data, check = whole[:-1], whole[-1:]
        if (
            data[:1] == "+"
            and len(data) > 1
            and not set(data) - set(_SIGNS)
            and hibc_check_character(data) == check
        ):
            return data[1:]
    return None


def _with_secondary(said: Hibc, part: str) -> Hibc | None:
    """Return `said` and what a part of the secondary data adds, None if unreadable."""
    serial, lot = said.serial, said.lot
    number: str | None
    if part.startswith("$$+"):
        serial = number = _after_date(part[3:])
    elif part.startswith("$$"):
        lot = number = _after_date(part[2:])
    elif part.startswith("$+"):
        serial = number = part[2:]
    elif part.startswith("$"):
        lot = number = part[1:]
    elif part.startswith("S"):
        serial = number = part[1:]
    elif part.startswith(("14D", "16D", "Q")):
        number = ""
    elif _JULIAN.match(part):
        lot = number = part[5:]
    else:
        number = None
    if number is None or (number and not _NUMBER.fullmatch(number)):
        return None
    return Hibc(
        labeler=said.labeler,
        product=said.product,
        unit=said.unit,
        lot=lot or None,
        serial=serial or None,
    )


def _after_date(text: str) -> str | None:
    """Return what follows the quantity and the date, or None if they are neither."""
    quantity = _QUANTITY.match(text)
    rest = text[quantity.end() :] if quantity else text
    if quantity and not rest:
        return ""
    dated = _DATE.match(rest)
    return rest[dated.end() :] if dated else None
