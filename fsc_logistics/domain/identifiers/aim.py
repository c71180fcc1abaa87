"""The AIM identifier that a scanner puts in front: which kind of symbol it read.

Source: ISO/IEC 15424; GS1 General Specifications, section 5.1.3.
"""

import re

GS1_SYMBOLS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
"""Whose data are element strings, whatever they look like: they begin with FNC1."""
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def without_aim(text: str) -> str:
    """Return a scan without the AIM identifier some scanners put in front.

    >>> without_aim("]C0OXI-000007")
    'OXI-000007'
    """
    return split_aim(text)[1]


def split_aim(text: str) -> tuple[str, str]:
    """Return the AIM identifier in front of a scan, or nothing, and what follows.

    >>> split_aim("]C0OXI-000007")
    (']C0', 'OXI-000007')
    """
    prefix = _AIM.match(text)
    return (prefix[0], text[prefix.end() :]) if prefix else ("", text)
