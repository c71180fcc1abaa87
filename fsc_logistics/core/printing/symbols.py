"""Bar codes, as pictures for a page."""

from functools import cache
from typing import Any, TypedDict

from fsc_logistics.domain.errors import BadInput


class Picture(TypedDict):
    """A symbol without its quiet zone, to be scaled by whole printer dots."""

    svg: str
    modules: int
    """Its width in units of the narrowest bar."""


class Symbol(TypedDict):
    """The same text in both shapes; a template takes what fits and scans best."""

    line: Picture
    """Code 128: read by any scanner, also those with a single laser line."""
    square: Picture
    """DataMatrix: small, and read from any angle."""


@cache
def symbol(text: str) -> Symbol:
    """Return `text` as bar codes that contain it and nothing else.

    Raises:
        BadInput: it has a character that a scanner on a serial line cannot give back.
    """
    import zxingcpp  # half the start of a command that prints nothing

    if not (text.isascii() and text.isprintable() and text):
        raise BadInput(
            f"{text!r} cannot be printed as a bar code. "
            "Use letters A–Z, digits and punctuation."
        )

    def picture(form: zxingcpp.BarcodeFormat) -> Picture:
        return _picture(zxingcpp.create_barcode(text, form, force_square=True))

    return {
        "line": picture(zxingcpp.BarcodeFormat.Code128),
        "square": picture(zxingcpp.BarcodeFormat.DataMatrix),
    }


def gs1_square(elements: str) -> Picture:
    """Return a GS1 DataMatrix of an element string such as ``(01)…(10)…``.

    Check digits are whoever calls' to get right: none is looked at here.
    """
    import zxingcpp

    form = zxingcpp.BarcodeFormat.DataMatrix
    return _picture(
        zxingcpp.create_barcode(elements, form, gs1=True, force_square=True)
    )


def _picture(code: Any) -> Picture:
    return {
        "svg": code.to_svg(add_quiet_zones=False),
        "modules": code.to_image(add_quiet_zones=False).shape[1],
    }
