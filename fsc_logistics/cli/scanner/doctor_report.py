"""What the doctor found, as it is printed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scanner.fitting.doctor import Examination, Patient
    from scanner.fitting.findings import Finding

SHOWN_MAX = 256
NAMES = {0x0D: "CR", 0x0A: "LF", 0x09: "TAB", 0x1D: "GS", 0x1E: "RS", 0x04: "EOT"}
"""How control bytes of a code are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the doctor says of a port; its JSON."""

    port: str
    baud: int
    framing: str
    protocol: str
    feedback: str
    codes_count: int
    self_test: str
    """ok (byte for byte), what differs, or not_scanned."""
    findings: "tuple[Finding, ...]"
    toml: str
    """The [[port]] that fits."""
    sheet: str = ""
    """The PDF that was written; empty where none was asked for."""


def report_of(patient: "Patient", examination: "Examination", url: str) -> Report:
    """Return what is said of a port that is called `url` in the settings."""
    from scanner.fitting.plugged import port_block
    from scanner.protocols import FAMILIES

    diagnosis = examination.diagnosis
    protocol = diagnosis.protocol or patient.protocol or "line"
    family = FAMILIES[protocol]
    is_obeyed = patient.feedback in family.voices
    feedback = patient.feedback if is_obeyed else family.feedback
    is_default = examination.baud == FAMILIES[protocol].baud
    block = port_block(
        url, protocol, feedback, None if is_default else examination.baud
    )
    if diagnosis.framing != "8N1":
        block += f'framing = "{diagnosis.framing}"\n'
    compared = diagnosis.compared
    return Report(
        port=patient.url,
        baud=examination.baud,
        framing=diagnosis.framing,
        protocol=diagnosis.protocol,
        feedback=feedback,
        codes_count=diagnosis.codes_count,
        self_test="not_scanned" if compared is None else compared.difference.value,
        findings=diagnosis.found,
        toml=block,
    )


def show(report: Report) -> None:
    """Print it for somebody beside the scanner."""
    for one in report.findings:
        click.echo(f"{'WRONG' if one.is_wrong else 'ok':6}{one.finding}")
        if one.advice:
            click.echo(f"      {one.advice}")
    if report.protocol:
        click.echo("\nIn fsc.toml, with the place where it stands as read_point:\n")
        click.echo(report.toml)
        click.echo("\n".join(_by_ear(report.protocol, report.feedback)))
    if report.sheet:
        click.echo(f"\nThe set-up sheet is {report.sheet}.")


def _by_ear(protocol: str, feedback: str) -> Iterable[str]:
    """Yield what only somebody beside the scanner can tell."""
    from scanner.protocols import FAMILIES
    from scanner.protocols.feedback import PROFILES, describe
    from scanner.scan import Outcome

    if any(PROFILES[feedback].sounds.values()):
        looked = describe(feedback, Outcome.LOOKED, "en")
        yield f"After each code it should give: {looked}."
        yield (
            "If it beeps before that, by itself, switch off its good-read beep; the"
            " beep must come from here."
        )
    elif FAMILIES[protocol].is_rfid:
        yield "It has no sound of its own: set speaker = true, or look at the screen."
    else:
        voices = sorted(FAMILIES[protocol].voices - {"none"})
        yield (
            'With feedback "none" nobody hears what became of a scan. Name what the'
            f" scanner obeys, if it does: {', '.join(voices)}."
        )


def shown(came: bytes) -> str:
    """Return bytes as numbers, and below as text.

    >>> print(shown(b"A\\x1dB\\r"))
    41 1D 42 0D
    A<GS>B<CR>
    """
    more = f"\n… and {len(came) - SHOWN_MAX} more" if len(came) > SHOWN_MAX else ""
    came = came[:SHOWN_MAX]
    text = "".join(
        chr(byte) if 0x20 <= byte < 0x7F else f"<{NAMES.get(byte, f'{byte:02X}')}>"
        for byte in came
    )
    return f"{came.hex(' ').upper()}\n{text}{more}"
