"""What the doctor says: each finding in a line, and what to do about it in another."""

from dataclasses import dataclass
from enum import StrEnum

from scanner.self_test import Compared, Difference


class Kind(StrEnum):
    """What was found; a script can go by it."""

    CODES = "codes"
    SELF_TEST = "self_test"
    NOTHING = "nothing"
    NO_TAG = "no_tag"
    AWAY = "away"
    KEYBOARD = "keyboard"
    ECHO = "echo"
    PARITY = "parity"
    SPEED = "speed"
    NO_END = "no_end"
    ENVELOPE = "envelope"
    FLOW_CONTROL = "flow_control"
    UNPACKETED = "unpacketed"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found."""

    kind: Kind
    is_wrong: bool
    finding: str
    advice: str = ""


def codes(count: int, protocol: str) -> Finding:
    """Say that codes came whole."""
    came = "One code" if count == 1 else f"{count} codes"
    return Finding(
        kind=Kind.CODES,
        is_wrong=False,
        finding=f'{came} came whole, as protocol "{protocol}" has it.',
    )


def tags(count: int, reads_count: int) -> Finding:
    """Say that a reader of tags reads them."""
    came = "One tag was read" if count == 1 else f"{count} tags were read"
    times = "once" if reads_count == 1 else f"{reads_count} times in all"
    return Finding(kind=Kind.CODES, is_wrong=False, finding=f"{came}, {times}.")


def away(why: str) -> Finding:
    """Say that the port went away while it was listened to."""
    return Finding(
        kind=Kind.AWAY,
        is_wrong=True,
        finding=f"The port went away meanwhile: {why.rstrip('.')}.",
        advice="Look at the cable, its plugs and the power of the USB hub.",
    )


def nothing() -> Finding:
    """Say that not one byte came."""
    return Finding(
        kind=Kind.NOTHING,
        is_wrong=True,
        finding="Nothing came.",
        advice=(
            "Scan while it listens. Then look at the cable, and whether the scanner is"
            " set to serial (USB COM, CDC, RS-232). An RFID reader says nothing until"
            " it is asked: name what it speaks, as in --protocol r200."
        ),
    )


def no_answer(asked_as: str) -> Finding:
    """Say that a reader that was asked said nothing."""
    return Finding(
        kind=Kind.NOTHING,
        is_wrong=True,
        finding=f'Nothing came, though it was asked as protocol "{asked_as}" has it.',
        advice=(
            "Hold a tag before it. Then look at its power, the cable, whether another"
            " program has it, and whether it speaks another protocol."
        ),
    )


def no_tag(asked_as: str) -> Finding:
    """Say that a reader answered and told of no tag."""
    return Finding(
        kind=Kind.NO_TAG,
        is_wrong=True,
        finding="The reader answers, and no tag was read.",
        advice=(
            "Hold a tag before it while it listens. If one was there, compare antenna,"
            f' power and speed, and whether it is of protocol "{asked_as}".'
        ),
    )


def empty() -> Finding:
    """Say that ends came and no code before them."""
    return Finding(
        kind=Kind.NOTHING,
        is_wrong=True,
        finding="Ends of codes came, and no code.",
        advice="Scan again; if it stays so, look at the scanner's data formatting.",
    )


def keyboard(called: str) -> Finding:
    """Say that nothing came while a scanner is there that types."""
    return Finding(
        kind=Kind.KEYBOARD,
        is_wrong=True,
        finding=f"Nothing came, but {called} is plugged in and types as a keyboard.",
        advice=(
            "Set it to COM emulation (USB serial, CDC); its set-up sheet says how. It"
            " then comes back as a serial port."
        ),
    )


def echo() -> Finding:
    """Say that what is sent comes back."""
    return Finding(
        kind=Kind.ECHO,
        is_wrong=True,
        finding="What is sent to the port comes back from it.",
        advice=(
            "Switch off the echo: of the adapter (RS-485 adapters have a switch), of"
            " the network gateway, or of the scanner (local echo)."
        ),
    )


def parity(framing: str, port_framing: str) -> Finding:
    """Say that the scanner's framing is not the port's."""
    if framing == "8N1":
        return Finding(
            kind=Kind.PARITY,
            is_wrong=True,
            finding=f"The scanner sends 8N1, and the port is set to {port_framing}.",
            advice='Set the port to framing = "8N1".',
        )
    means = {"7E1": "even", "7O1": "odd", "7M1": "mark"}[framing]
    return Finding(
        kind=Kind.PARITY,
        is_wrong=True,
        finding=f"The scanner sends 7 bits and {means} parity ({framing}).",
        advice=f'Set the scanner to 8N1, or the port to framing = "{framing}".',
    )


def speed(baud: int, right_baud: int | None) -> Finding:
    """Say that what came is no text and no frame: at this speed, that is."""
    if right_baud is None:
        return Finding(
            kind=Kind.SPEED,
            is_wrong=True,
            finding=f"What came at {baud} baud is no text and no frame of any family.",
            advice=(
                "Compare the speed: fsc scanner doctor PORT --baud N tries another. If"
                " none fits, look at the cable: RS-232 behind a TTL adapter arrives"
                " upside down."
            ),
        )
    return Finding(
        kind=Kind.SPEED,
        is_wrong=True,
        finding=f"The scanner sends at {right_baud} baud, and not at {baud}.",
        advice=f"Set the port to baud = {right_baud}.",
    )


def no_end() -> Finding:
    """Say that codes stop without an end."""
    return Finding(
        kind=Kind.NO_END,
        is_wrong=True,
        finding="The codes have no end.",
        advice=(
            "Have the scanner add CR (0D) behind each code: its suffix, terminator or"
            " postamble."
        ),
    )


def envelope() -> Finding:
    """Say that control characters stand around each code."""
    return Finding(
        kind=Kind.ENVELOPE,
        is_wrong=True,
        finding="STX (02) or ETX (03) stands around the codes.",
        advice="Switch off the scanner's prefix or STX/ETX; CR behind is all it takes.",
    )


def flow_control() -> Finding:
    """Say that XON or XOFF is among what came."""
    return Finding(
        kind=Kind.FLOW_CONTROL,
        is_wrong=True,
        finding="XON (11) or XOFF (13) is among what came.",
        advice="Switch off the scanner's software flow control (XON/XOFF).",
    )


def unpacketed() -> Finding:
    """Say that an SSI scanner sends bare text."""
    return Finding(
        kind=Kind.UNPACKETED,
        is_wrong=True,
        finding="The scanner sends its codes as bare text, not in SSI packets.",
        advice=(
            'Set parameter 238 (EEh, "Decode Data Packet Format") to packeted and 159'
            ' (9Fh, "Software Handshaking") to ACK/NAK; or set the port to protocol ='
            ' "line" and feedback = "bel".'
        ),
    )


def protocol(spoken: str, port_protocol: str) -> Finding:
    """Say that another family speaks than the settings name."""
    return Finding(
        kind=Kind.PROTOCOL,
        is_wrong=True,
        finding=f'What came is of protocol "{spoken}", and not "{port_protocol}".',
        advice=f'Set the port to protocol = "{spoken}".',
    )


def self_test(compared: Compared | None) -> Finding:
    """Say how the self-test symbol came back."""
    if compared is None:
        return Finding(
            kind=Kind.SELF_TEST,
            is_wrong=False,
            finding="The self-test symbol was not scanned.",
            advice=(
                "Print it and scan it while the doctor listens: fsc scanner doctor"
                " --sheet line"
            ),
        )
    shown = compared.came.hex(" ").upper() or "missing"
    found, advice = _SELF_TEST[compared.difference]
    return Finding(
        kind=Kind.SELF_TEST,
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
