"""CPR numbers, telephone numbers, and what may be shown of a person."""

import re
from dataclasses import dataclass, field
from datetime import date

from fsc_logistics.domain.errors import BadIdentifier, BadInput
from fsc_logistics.domain.identifiers import without_aim

_TEN_DIGITS = re.compile(r"(\d{6})[- ]?(\d{4})", re.ASCII)
_MASKED = re.compile(r"\d{6}-\*{4}", re.ASCII)
_SOMEWHERE = re.compile(r"(?<!\d)(\d{6})(?: ?[-._] ?| )?(\d{4})(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cpr:
    """A Danish personal number; its text never shows it.

    Checked by its date alone: numbers that fail modulus 11 have been given out since
    2007 and are fully valid (CPR-kontoret).

    >>> Cpr.read("020160-9995")
    Cpr(020160-****)
    """

    digits: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Cpr":
        """Return the number `text` holds, with or without a hyphen or a space.

        Raises:
            BadIdentifier: it is not ten digits that begin with a date.  The text of the
                error does not repeat them.
        """
        found = _TEN_DIGITS.fullmatch(text.strip())
        if found is None:
            raise BadIdentifier(
                "The CPR number given is not one: it is ten digits, DDMMYY-SSSS."
            )
        digits = found[1] + found[2]
        if not _begins_with_date(digits):
            raise BadIdentifier(
                "The CPR number given is not one: its first six digits are not a date."
            )
        return cls(digits)

    @property
    def masked(self) -> str:
        """The number as it may be shown."""
        return f"{self.digits[:6]}-****"

    def __repr__(self) -> str:
        """Show it masked, in a traceback too."""
        return f"Cpr({self.masked})"

    def __str__(self) -> str:
        """Show it masked."""
        return self.masked


def looks_like_cpr(text: str) -> bool:
    """Return whether all of `text` could be a CPR number.

    The symbology a scanner puts in front (`]C0`) is looked past.  Longer runs of digits
    are left alone: GTINs and serials begin with what could be a date too often.
    """
    found = _TEN_DIGITS.fullmatch(without_aim(text.strip()))
    return found is not None and _is_number(found)


def mask_cpr(text: str) -> str:
    """Return `text`, masked if all of it could be a CPR number.

    >>> mask_cpr("0201609995")
    '020160-****'
    >>> mask_cpr("OXI-000007")
    'OXI-000007'
    """
    if not looks_like_cpr(text):
        return text
    return f"{without_aim(text.strip())[:6]}-****"


def is_masked_cpr(text: str) -> bool:
    """Return whether `text` is what `mask_cpr` leaves of a CPR number.

    >>> is_masked_cpr("020160-****"), is_masked_cpr("OXI-000007")
    (True, False)
    """
    return _MASKED.fullmatch(text.strip()) is not None


def holds_cpr(text: str) -> bool:
    """Return whether a CPR number could stand anywhere in `text`.

    Ten digits, no digit beside them, that begin with a date; between the sixth and the
    seventh may be a hyphen, a point or an underscore, blanks beside it, or a blank.
    """
    return any(_is_number(found) for found in _SOMEWHERE.finditer(text))


def mask_text(text: str) -> str:
    """Return `text` with everything masked that could be a CPR number.

    >>> mask_text("asked by 020160 9995, see order 12")
    'asked by 020160-****, see order 12'
    """
    return _SOMEWHERE.sub(_masked, text)


def read_phone(text: str) -> str:
    """Return a telephone number in E.164; a Danish one where no country is given.

    Raises:
        BadInput: it is no number that can be called.  The error does not repeat it.

    >>> read_phone("0045 70 20 30 48")
    '+4570203048'
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "DK")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise BadInput(
            "The telephone number given is not one: eight digits, or + and the country"
            " in front."
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(e164: str) -> str:
    """Return a telephone number as people write it.

    >>> shown_phone("+4570203048")
    '70 20 30 48'
    """
    import phonenumbers

    number = phonenumbers.parse(e164, None)
    formats = phonenumbers.PhoneNumberFormat
    danish = number.country_code == 45
    form = formats.NATIONAL if danish else formats.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def _is_number(found: re.Match[str]) -> bool:
    return _begins_with_date(found[1] + found[2])


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}-****" if _is_number(found) else found[0]


def _begins_with_date(digits: str) -> bool:
    """Return whether a CPR number begins with a day that there was.

    The seventh digit and the year tell the century, and so whether 290200 is a day.

    Source: CPR-kontoret, "Personnummeret i CPR".
    """
    year, seventh = int(digits[4:6]), int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        date(century + year, int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    return True
