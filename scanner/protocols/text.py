"""What the bytes of a code are as text: shared by the families that carry barcodes."""

import re

AIM_IDENTIFIER = re.compile(r"(?s)(\][A-Za-z][0-9A-Za-z])?(.*)")
"""The symbology a scanner may put in front.  Source: ISO/IEC 15424."""

# GS parts GS1 element strings; RS and EOT belong to ISO/IEC 15434 envelopes.
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEPT_CONTROLS = {"\x1d", "\x1e", "\x04"}


def read_text(raw: bytes) -> tuple[str, str] | None:
    r"""Return the AIM identifier, if there is one, and the payload; None if no text.

    UTF-8, or else Latin-1, which is what scanners send where they are set to neither.

    >>> read_text(b"]d2011\x1d21SN1")
    (']d2', '011\x1d21SN1')
    """
    text = decoded(raw)
    if not is_text(text):
        return None
    symbology, payload = AIM_IDENTIFIER.fullmatch(text).groups("")  # type: ignore[union-attr]  # matches any text
    if not payload:  # A code that looks like an identifier and nothing else.
        return "", text
    return symbology, payload


def decoded(raw: bytes) -> str:
    """Return `raw` as text, whatever is in it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_text(text: str) -> bool:
    """Tell whether there is no control character but those that part codes."""
    return set(_NOT_TEXT.findall(text)) <= _KEPT_CONTROLS
