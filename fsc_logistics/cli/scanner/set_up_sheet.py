"""From a family of scanners to the values of its set-up sheet."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsc_logistics.core.printing import SetUpSheet

FEEDBACK = {
    "honeywell": "honeywell",
    "zebra": "bel",
    "datalogic": "datalogic",
    "metrologic": "metrologic",
    "psc": "psc",
    "cipherlab": "cipherlab",
}
"""How scanners of text are answered, make by make; a protocol brings its own."""


ANY_PORT = "/dev/serial/by-id/usb-..."
ANY_READER = "socket://address:5084"


def sheet_of(family: str, url: str, language: str) -> "SetUpSheet":
    """Return the sheet for `family`, with the port at `url` if it is known."""
    from fsc_logistics.core.printing import SetUpSheet, Sound
    from scanner.fitting.plugged import port_block
    from scanner.fitting.self_test import HUMAN
    from scanner.protocols import FAMILIES
    from scanner.protocols.feedback import PROFILES, describe
    from scanner.scan import Outcome

    protocol = family if family in FAMILIES else "line"
    feedback = FEEDBACK.get(family, FAMILIES[protocol].feedback)
    is_heard = any(PROFILES[feedback].sounds.values())
    anywhere = ANY_READER if protocol == "llrp" else ANY_PORT
    return SetUpSheet(
        family=family,
        protocol=protocol,
        block=port_block(url or anywhere, protocol, feedback),
        sounds=tuple(
            Sound(outcome=it.value, sound=describe(feedback, it, language))
            for it in Outcome
            if is_heard
        ),
        self_test="" if FAMILIES[protocol].is_rfid else HUMAN,
    )
