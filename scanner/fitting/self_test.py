r"""The self-test symbol: what a scanner must give back, byte for byte.

A GS1 DataMatrix with a lot and a serial behind it.  The separator between the two is
the one byte that gets lost without anybody seeing it: the lot then swallows the serial,
and what was read looks like a good code.
"""

from dataclasses import dataclass
from enum import StrEnum

IDENTIFIER = b"]d2"
"""AIM: DataMatrix with FNC1 in the first place, as GS1 has it."""
GS = b"\x1d"
# The item is one GS1 itself uses as an example.
_ITEM, _LOT, _SERIAL = b"0109506000134352", b"10ABC", b"21SN1"
PAYLOAD = _ITEM + _LOT + GS + _SERIAL
EXPECTED = IDENTIFIER + PAYLOAD
HUMAN = "(01)09506000134352(10)ABC(21)SN1"
"""What to hand to an encoder, and what stands below the symbol."""


class Difference(StrEnum):
    """How what came back differs from the symbol; NONE when it does not."""

    NONE = "ok"
    NO_IDENTIFIER = "no_identifier"
    OTHER_IDENTIFIER = "other_identifier"
    NO_GS = "no_gs"
    OTHER_GS = "other_gs"
    CUT_AT_GS = "cut_at_gs"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Compared:
    """How one reading of the symbol compares."""

    difference: Difference
    came: bytes = b""
    """The part that is not as it should be; nothing that is not on the symbol."""
    place: int = 0
    """Which byte of the whole differs first, counted from 1."""


def compare(frames: list[bytes]) -> Compared | None:
    r"""Return how the symbol came back in these frames, or None if it is not there.

    The last reading counts: who has changed a setting scans it again.

    >>> compare([b"]d2010950600013435210ABC\x1d21SN1"]).difference
    <Difference.NONE: 'ok'>
    >>> compare([b"]d2010950600013435210ABC21SN1"]).difference
    <Difference.NO_GS: 'no_gs'>
    """
    for number in range(len(frames) - 1, -1, -1):
        if _ITEM in frames[number]:
            behind = frames[number + 1 : number + 2]
            return _compare(frames[number], behind[0] if behind else b"")
    return None


def _compare(frame: bytes, behind: bytes) -> Compared:
    before, _, rest = frame.partition(_ITEM)
    if rest == _LOT and behind.startswith(_SERIAL):
        return Compared(Difference.CUT_AT_GS)
    gs, place = _separator(rest), len(before) + len(_ITEM + _LOT) + 1
    if gs is None:
        return _changed(before, rest)
    if gs != GS:
        difference = Difference.OTHER_GS if gs else Difference.NO_GS
        return Compared(difference, gs, place)
    if added := rest[len(_LOT + GS + _SERIAL) :]:
        return Compared(Difference.ADDED, added, place + len(GS + _SERIAL))
    if before == IDENTIFIER:
        return Compared(Difference.NONE)
    if not before:
        return Compared(Difference.NO_IDENTIFIER, place=1)
    if len(before) == len(IDENTIFIER) and before.startswith(b"]"):
        return Compared(Difference.OTHER_IDENTIFIER, before, place=1)
    return Compared(Difference.ADDED, before.removesuffix(IDENTIFIER), place=1)


def _separator(rest: bytes) -> bytes | None:
    """Return what stands between lot and serial, or None if those are not there."""
    lot, found, _ = rest.partition(_SERIAL)
    return lot[len(_LOT) :] if found and lot.startswith(_LOT) else None


def _changed(before: bytes, rest: bytes) -> Compared:
    wanted = _LOT + GS + _SERIAL
    pairs = enumerate(zip(rest, wanted, strict=False))
    shortest = min(len(rest), len(wanted))
    same = next((at for at, (came, due) in pairs if came != due), shortest)
    place = len(before) + len(_ITEM) + same + 1
    return Compared(Difference.CHANGED, rest[same : same + 1], place)
