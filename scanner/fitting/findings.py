"""What the doctor says: each finding in a line, and what to do about it in another."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
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

    kind: FindingKind
    is_wrong: bool
    finding: str
    advice: str = ""


def codes(count: int, protocol: str) -> Finding:
    """Say that codes came whole."""
    came = "One code" if count == 1 else f"{count} codes"
    return Finding(
        kind=FindingKind.CODES,
        is_wrong=False,
        finding=f'{came} came whole, as protocol "{protocol}" has it.',
    )


def tags(count: int, reads_count: int) -> Finding:
    """Say that a reader of tags reads them."""
    came = "One tag was read" if count == 1 else f"{count} tags were read"
    times = "once" if reads_count == 1 else f"{reads_count} times in all"
    return Finding(kind=FindingKind.CODES, is_wrong=False, finding=f"{came}, {times}.")


def away(why: str) -> Finding:
    """Say that the port went away while it was listened to."""
    return Finding(
        kind=FindingKind.AWAY,
        is_wrong=True,
        finding=f"The port went away meanwhile: {why.rstrip('.')}.",
        advice="Look at the cable, its plugs and the power of the USB hub.",
    )


def nothing() -> Finding:
    """Say that not one byte came."""
    return Finding(
        kind=FindingKind.NOTHING,
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
        kind=FindingKind.NOTHING,
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
        kind=FindingKind.NO_TAG,
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
        kind=FindingKind.NOTHING,
        is_wrong=True,
        finding="Ends of codes came, and no code.",
        advice="Scan again; if it stays so, look at the scanner's data formatting.",
    )


def keyboard(called: str) -> Finding:
    """Say that nothing came while a scanner is there that types."""
    return Finding(
        kind=FindingKind.KEYBOARD,
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
        kind=FindingKind.ECHO,
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
            kind=FindingKind.PARITY,
            is_wrong=True,
            finding=f"The scanner sends 8N1, and the port is set to {port_framing}.",
            advice='Set the port to framing = "8N1".',
        )
    means = {"7E1": "even", "7O1": "odd", "7M1": "mark"}[framing]
    return Finding(
        kind=FindingKind.PARITY,
        is_wrong=True,
        finding=f"The scanner sends 7 bits and {means} parity ({framing}).",
        advice=f'Set the scanner to 8N1, or the port to framing = "{framing}".',
    )


def speed(baud: int, right_baud: int | None) -> Finding:
    """Say that what came is no text and no frame: at this speed, that is."""
    if right_baud is None:
        return Finding(
            kind=FindingKind.SPEED,
            is_wrong=True,
            finding=f"What came at {baud} baud is no text and no frame of any family.",
            advice=(
                "Compare the speed: fsc scanner doctor PORT --baud N tries another. If"
                " none fits, look at the cable: RS-232 behind a TTL adapter arrives"
                " upside down."
            ),
        )
    return Finding(
        kind=FindingKind.SPEED,
        is_wrong=True,
        finding=f"The scanner sends at {right_baud} baud, and not at {baud}.",
        advice=f"Set the port to baud = {right_baud}.",
    )


def no_end() -> Finding:
    """Say that codes stop without an end."""
    return Finding(
        kind=FindingKind.NO_END,
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
        kind=FindingKind.ENVELOPE,
        is_wrong=True,
        finding="STX (02) or ETX (03) stands around the codes.",
        advice="Switch off the scanner's prefix or STX/ETX; CR behind is all it takes.",
    )


def flow_control() -> Finding:
    """Say that XON or XOFF is among what came."""
    return Finding(
        kind=FindingKind.FLOW_CONTROL,
        is_wrong=True,
        finding="XON (11) or XOFF (13) is among what came.",
        advice="Switch off the scanner's software flow control (XON/XOFF).",
    )


def unpacketed() -> Finding:
    """Say that an SSI scanner sends bare text."""
    return Finding(
        kind=FindingKind.UNPACKETED,
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
        kind=FindingKind.PROTOCOL,
        is_wrong=True,
        finding=f'What came is of protocol "{spoken}", and not "{port_protocol}".',
        advice=f'Set the port to protocol = "{spoken}".',
    )
