"""`fsc scanner doctor`: one scanner, listened to; and the sheet to set it up by."""

import logging
import re
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, as_json, echo_json, json_option
from fsc_logistics.cli.scanner.doctor_report import report_of, show, shown
from fsc_logistics.domain.errors import (
    BadInput,
    FscError,
    Misconfigured,
    Refused,
    VerificationFailed,
)

if TYPE_CHECKING:
    from scanner.fitting.doctor import Examination, Patient
    from scanner.fitting.plugged import PluggedIn

SHEET = "set-up.pdf"
"""Where the sheet goes that nobody gave a place."""


@click.command()
@click.argument("port", required=False)
@click.option(
    "--listen",
    "listen_s",
    type=click.FloatRange(min=0.1),
    default=30,
    show_default=True,
    help="Seconds to wait for a scan.",
)
@click.option("--protocol", help="What it speaks; an RFID reader must be asked.")
@click.option(
    "--baud",
    type=click.IntRange(min=1),
    help="The speed to begin with.  [default: the settings', or the protocol's]",
)
@click.option(
    "--sheet",
    metavar="FAMILY",
    help="Print the set-up sheet of this family; no PORT is needed.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The set-up sheet as a PDF: of what is found, or of --sheet."
    f"  [default: {SHEET} with --sheet, else none]",
)
@click.option("--language", help="da or en.  [default: the settings']")
@json_option
@pass_desk
def doctor(
    desk: Desk,
    port: str | None,
    listen_s: float,
    protocol: str | None,
    baud: int | None,
    sheet: str | None,
    output: Path | None,
    language: str | None,
    form: Form,
) -> None:
    """Listen to the scanner at PORT and say what is set up wrong.

    PORT is a device, or the name of a [[port]] of fsc.toml.  What is scanned is shown
    on the screen and kept nowhere.  Ends with exit code 6 where something is wrong.
    """
    if not port and not sheet:
        raise click.UsageError("Name a PORT to listen to, or a --sheet to print.")
    spoken = language or desk.settings.language
    if sheet and not port:
        written = _print_sheet(sheet, "", output, spoken)
        if form is Form.JSON:
            echo_json({"sheet": written})
        else:
            click.echo(written)
    if not port:
        return
    plugged = _plugged(port)
    patient = _patient(desk, port, protocol, baud, plugged)
    examination = _examine(patient, listen_s)
    url = plugged.url if plugged is not None else patient.url
    report = report_of(patient, examination, url)
    if sheet or output:
        known = plugged.sheet if plugged is not None else ""
        family = sheet or _family(report.protocol, report.feedback, known)
        report = replace(report, sheet=_print_sheet(family, url, output, spoken))
    if form is Form.JSON:
        echo_json(as_json(report))
    else:
        show(report)
    if wrong_count := sum(one.is_wrong for one in report.findings):
        things = "one thing" if wrong_count == 1 else f"{wrong_count} things"
        raise VerificationFailed(f"{patient.url}: {things} must be set right.")


def _patient(
    desk: Desk,
    port: str,
    protocol: str | None,
    baud: int | None,
    plugged: "PluggedIn | None",
) -> "Patient":
    """Return the port as the settings have it, or as it was plugged in.

    Raises:
        BadInput: there is no such protocol, or nothing is called `port`.
        Refused: the service serves it.
    """
    from scanner.fitting.doctor import Patient
    from scanner.fitting.plugged import keyboards
    from scanner.protocols import FAMILIES

    if protocol and protocol not in FAMILIES:
        raise BadInput(
            f"'{protocol}' is not a protocol. Choose from: {', '.join(FAMILIES)}."
        )
    typing = keyboards()
    patient = Patient(url=port, keyboard=typing[0].description if typing else "")
    if plugged is not None:
        patient = replace(patient, feedback=plugged.feedback)
    is_known = plugged is not None or _can_be_device(port)
    for it in desk.settings.ports:
        name = it.called
        if port in (name, it.url) or _is_same_device(port, it.url):
            is_known = True
            _check_free(desk, name, port)
            patient = replace(
                patient,
                url=it.url,
                baud=it.baud,
                framing=it.framing,
                protocol=it.protocol,
                feedback=it.feedback or "",
            )
    if not is_known:
        raise BadInput(
            f"{port} is neither a device nor the name of a [[port]] of fsc.toml."
            " fsc scanner ports lists what is plugged in."
        )
    if protocol:
        patient = replace(patient, protocol=protocol, baud=None)
    return replace(patient, baud=baud) if baud else patient


def _can_be_device(port: str) -> bool:
    """Tell whether `port` looks like a device, there or not, and not like a name."""
    if any(mark in port for mark in "/\\:") or Path(port).exists():
        return True
    return re.fullmatch("(?i)com[0-9]+", port) is not None


def _is_same_device(one: str, other: str) -> bool:
    return "://" not in one + other and Path(one).resolve() == Path(other).resolve()


def _check_free(desk: Desk, name: str, port: str) -> None:
    """Refuse a port that the service serves: half of each scan would come here."""
    from scanner.journal.spool import SpoolUnusable
    from scanner.journal.status import read_status

    try:
        status = read_status(Path(desk.settings.spool))
    except SpoolUnusable:
        return
    if status is None or not status.running:
        return
    if any(it.port == name and it.is_open for it in status.ports):
        raise Refused(
            f"The scanner service has {port}, as {name}. Stop it while you look, or"
            " take that [[port]] out: fsc scanner status shows it."
        )


def _plugged(port: str) -> "PluggedIn | None":
    from scanner.fitting.plugged import plugged_in

    return next(
        (it for it in plugged_in() if _is_same_device(port, it.device)),
        None,
    )


def _examine(patient: "Patient", listen_s: float) -> "Examination":
    from scanner.fitting.doctor import examine
    from scanner.port import PortAway

    click.echo(
        f"Listening at {patient.url}, {patient.line_baud} baud. Scan the self-test"
        " symbol of the set-up sheet, or anything; Ctrl-C ends it.\n"
        "What is scanned is shown here and kept nowhere. Scan no health card.",
        err=True,
    )
    # What the port would log for whoever is on duty is told here as a finding.
    logging.getLogger("scanner").addHandler(logging.NullHandler())
    stop = threading.Event()
    # Not an exception: it would fall into whatever is being imported or written.
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        return examine(
            patient,
            listen_s=listen_s,
            hear=lambda came: click.echo(shown(came), err=True),
            tell=lambda said: click.echo(said, err=True),
            stop=stop,
        )
    except PortAway as error:
        why = str(error).rstrip(".")
        raise FscError(
            f"{patient.url} cannot be listened to: {why}. {_remedy(why)}"
        ) from None
    except ValueError as error:
        raise Misconfigured(
            f"{patient.url} cannot be a port: {str(error).rstrip('.')}."
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _remedy(why: str) -> str:
    if "ermission" in why or "denied" in why:
        return "Add yourself to the group dialout, or end the program that has it."
    if "another program has it" in why or "busy" in why:
        return "End the program that has it open."
    return "Is it plugged in? fsc scanner ports lists what is."


def _family(protocol: str, feedback: str, known: str) -> str:
    """Return the sheet for a scanner of which this is known."""
    from fsc_logistics.cli.scanner.set_up_sheet import FEEDBACK
    from fsc_logistics.core.printing import set_up_families

    if protocol not in ("", "line"):
        # Those that differ in their antennas share a sheet.
        stem = protocol.partition("-")[0]
        return stem if stem in set_up_families() else "line"
    makes = {voice: make for make, voice in FEEDBACK.items()}
    return known or makes.get(feedback, "line")


def _print_sheet(family: str, url: str, output: Path | None, language: str) -> str:
    from fsc_logistics.cli.scanner.set_up_sheet import sheet_of
    from fsc_logistics.core.printing import set_up_pdf

    target = output or Path(SHEET)
    target.write_bytes(set_up_pdf(sheet_of(family, url, language), language))
    return str(target)
