"""What the doctor says of the self-test symbol, difference by difference."""

from scanner.fitting.findings import Finding, FindingKind
from scanner.fitting.self_test import Compared, Difference

SHOWN_MAX = 8
"""More than a prefix is another code run together with it, and perhaps somebody's."""


def of_self_test(compared: Compared | None) -> Finding:
    """Say how the self-test symbol came back."""
    if compared is None:
        return Finding(
            kind=FindingKind.SELF_TEST,
            is_wrong=False,
            finding="The self-test symbol was not scanned.",
            advice=(
                "Print it and scan it while the doctor listens: fsc scanner doctor"
                " --sheet line"
            ),
        )
    shown = compared.came.hex(" ").upper() or "missing"
    if len(compared.came) > SHOWN_MAX:
        shown = f"{len(compared.came)} bytes"
    found, advice = _SELF_TEST[compared.difference]
    return Finding(
        kind=FindingKind.SELF_TEST,
        is_wrong=compared.difference not in _HARMLESS,
        finding=found.format(place=compared.place, came=shown),
        advice=advice,
    )


_HARMLESS = (
    Difference.NONE,
    Difference.NO_IDENTIFIER,
    Difference.OTHER_IDENTIFIER,
)
_KEEP_GS = (
    "Have the scanner send GS (1D) for FNC1 as it is; look for FNC1, GS or group"
    " separator in its manual. Without it a lot swallows the serial behind it."
)
_SELF_TEST = {
    Difference.NONE: ("The self-test symbol came back byte for byte.", ""),
    Difference.NO_IDENTIFIER: (
        "The self-test symbol came back whole, without its AIM identifier ]d2.",
        "Switch on AIM identifiers, if the scanner has them: then GS1 codes are told"
        " from others by what they are.",
    ),
    Difference.OTHER_IDENTIFIER: (
        "The self-test symbol came back whole, as {came} and not as ]d2 (5D 64 32).",
        "Switch on AIM identifiers instead of the maker's own code letters.",
    ),
    Difference.NO_GS: (
        "The self-test symbol came back without GS: byte {place} should be 1D.",
        _KEEP_GS,
    ),
    Difference.OTHER_GS: (
        "The self-test symbol came back with {came} for GS: byte {place} should be 1D.",
        _KEEP_GS,
    ),
    Difference.CUT_AT_GS: (
        "The self-test symbol came back in two pieces: GS (1D) was made an end.",
        _KEEP_GS,
    ),
    Difference.ADDED: (
        "The self-test symbol came back with more than it holds: {came} at byte"
        " {place}.",
        "Switch off the scanner's prefixes and suffixes, all but the AIM identifier"
        " before and CR behind.",
    ),
    Difference.CHANGED: (
        "The self-test symbol came back changed: byte {place} is {came}.",
        "Switch off what edits the data: upper or lower case, national characters,"
        " data formatting.",
    ),
}
