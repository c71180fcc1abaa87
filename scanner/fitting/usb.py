"""Who made what is plugged in, and how it is therefore read and answered: a guess.

USB says who made a device (the vendor) and which of his things it is (the product), the
latter often once for each interface that a scanner can be set to.  Vendors and products
are those of the public list usb.ids (linux-usb.org) where nothing else is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class PortKind(StrEnum):
    """What a port leads to, as far as can be told without listening."""

    SCANNER = "scanner"
    ADAPTER = "adapter"
    """A serial adapter: it says who made the cable and not what is behind it."""
    KEYBOARD = "keyboard"
    """A scanner that types."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What somebody's device probably is."""

    kind: PortKind
    make: str = ""
    protocol: str = ""
    feedback: str = ""
    sheet: str = ""
    """The set-up sheet that fits; empty where none can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A maker of scanners: what they speak once set to serial."""

    make: str
    feedback: str
    sheet: str = "line"
    words: tuple[str, ...] = ()
    """What its devices call themselves, in small letters, whatever the vendor."""


_HONEYWELL = Maker(
    make="Honeywell",
    feedback="honeywell",
    sheet="honeywell",
    words=("honeywell", "hand held products", "xenon", "granit", "voyager"),
)
_ZEBRA = Maker(
    make="Zebra", feedback="bel", sheet="zebra", words=("symbol tech", "zebra tech")
)
_DATALOGIC = Maker(
    make="Datalogic",
    feedback="datalogic",
    sheet="datalogic",
    words=("datalogic", "gryphon", "quickscan", "powerscan"),
)
_CIPHERLAB = Maker(
    make="CipherLab", feedback="cipherlab", sheet="cipherlab", words=("cipherlab",)
)
_NEWLAND = Maker(make="Newland", feedback="none", words=("newland",))
_OPTICON = Maker(make="Opticon", feedback="none", words=("opticon", "optoelectronics"))
_CINO = Maker(make="Cino", feedback="none", words=("fuzzyscan",))
_UNITECH = Maker(make="Unitech", feedback="none", words=("unitech",))
_INTERMEC = Maker(make="Intermec", feedback="none", words=("intermec",))

MAKERS: Mapping[int, Maker] = MappingProxyType(
    {
        0x0536: _HONEYWELL,  # Hand Held Products
        0x0C2E: _HONEYWELL,  # Metrologic
        0x05E0: _ZEBRA,  # Symbol Technologies
        0x05F9: _DATALOGIC,  # PSC Scanning
        0x1EAB: _NEWLAND,  # Newland NLS-FM420 integration guide, "VID and PID table"
        0x065A: _OPTICON,
        0x067E: _INTERMEC,
        0x1FBB: _CINO,  # github.com/votingworks/vxsuite, barcode-scanner-daemon
        0x2745: _UNITECH,  # The same project, TS100
    }
)
"""Makers of scanners by USB vendor id."""

_KEYBOARDS = frozenset(
    {
        (0x05E0, 0x1200),
        (0x05F9, 0x2206),
        (0x065A, 0x0001),
        (0x067E, 0x0801),
    }
)
"""Vendor and product of scanners that are set to type."""

ADAPTERS: Mapping[int, str] = MappingProxyType(
    {
        0x0403: "FTDI",
        0x067B: "Prolific",
        0x10C4: "Silicon Labs CP210x",
        0x1A86: "WCH CH340",
    }
)
"""Makers of serial adapters by USB vendor id: half of all scanners hide behind one."""

_BY_WORD = (*dict.fromkeys(MAKERS.values()), _CIPHERLAB)


def guess(vendor_id: int | None, product_id: int | None, *texts: str) -> Guess:
    """Return what a device probably is, from its ids and what it calls itself.

    >>> guess(0x0C2E, None, "Xenon 1900").make
    'Honeywell'
    >>> guess(0x1A86, 0x7523, "USB Serial").kind
    <PortKind.ADAPTER: 'adapter'>
    """
    said = " ".join(texts).lower()
    maker = MAKERS.get(vendor_id or 0) or next(
        (it for it in _BY_WORD if any(word in said for word in it.words)), None
    )
    if maker is not None:
        types = (vendor_id, product_id) in _KEYBOARDS
        return Guess(
            kind=PortKind.KEYBOARD if types else PortKind.SCANNER,
            make=maker.make,
            protocol="line",
            feedback=maker.feedback,
            sheet=maker.sheet,
        )
    if (vendor_id or 0) in ADAPTERS:
        return Guess(kind=PortKind.ADAPTER, make=ADAPTERS[vendor_id or 0])
    return Guess(kind=PortKind.UNKNOWN)
