"""The scanner service, and what helps to set it up."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.exceptions import ALL, RESOLVED, echo_matters, resolve_matters
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
)
from fsc_logistics.cli.scanner_run import run
from fsc_logistics.domain.errors import BadInput, FscError

if TYPE_CHECKING:
    from scanner.simulate import Heard

Row = dict[str, str | int | None]
"""A scan of the simulator, and what was heard."""


@click.group()
def scanner() -> None:
    """Serve barcode scanners on serial ports."""


scanner.add_command(run)


@scanner.command()
@output_option
@pass_desk
def ports(desk: Desk, form: Form) -> None:
    """List the serial ports of this machine, with names that last."""
    from scanner.plugged import PluggedIn, plugged_in

    found = plugged_in()
    if not found and form is Form.TEXT:
        click.echo("No serial port is plugged in.", err=True)
        return
    echo(found, form, of=PluggedIn)


@scanner.command()
@output_option
@pass_desk
def status(desk: Desk, form: Form) -> None:
    """Show how the service on this machine fares: ports, waiting scans."""
    from scanner.spool import SpoolUnusable
    from scanner.status import PortStatus, read_status

    try:
        found = read_status(Path(desk.settings.spool))
    except SpoolUnusable as error:
        raise FscError(str(error)) from error
    if found is None:
        raise FscError(
            f"No scanner service has run here yet ({desk.settings.spool}). Start it:"
            " fsc scanner run"
        )
    if form is Form.JSON:
        echo_json(as_json(found))
        return
    if form is Form.TEXT:
        running = "running" if found.running else "not running"
        noun = "scan" if found.waiting_count == 1 else "scans"
        click.echo(
            f"{running}, {found.waiting_count} {noun} waiting,"
            f" {found.failed_count} failed"
        )
        # Why it was away is over; JSON and CSV still have it.
        shown = [replace(p, error="") if p.is_open else p for p in found.ports]
        echo(shown, form)
    else:
        echo(found.ports, form, of=PortStatus)


@scanner.command()
@click.option("--resolve", multiple=True, metavar="ID", help="It is dealt with.")
@click.option("--how", default="dealt with", show_default=True, help="How, in a line.")
@RESOLVED
@ALL
@output_option
@pass_desk
def exceptions(
    desk: Desk,
    resolve: tuple[str, ...],
    how: str,
    resolved: bool,
    everything: bool,
    form: Form,
) -> None:
    """Show what waits for somebody; the same list as fsc exceptions."""
    if resolve:
        resolve_matters(desk, resolve, how)
    echo_matters(desk, resolved, everything, form)


@scanner.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--link", type=click.Path(path_type=Path), help="Its name as a port.")
@click.option(
    "--feedback",
    type=click.Choice(["none", "bel", "honeywell"]),
    default="bel",
    show_default=True,
    help="How it is answered; as in fsc.toml.",
)
@click.option("--ack", is_flag=True, help="Send again what is not answered.")
@click.option(
    "--timeout",
    type=float,
    default=10,
    show_default=True,
    help="Seconds to wait for the service, and for each answer.",
)
@json_option
def simulate(
    file: TextIO,
    link: Path | None,
    feedback: str,
    ack: bool,
    timeout: float,
    form: Form,
) -> None:
    """Play a scanner on a pseudo-terminal: each line of FILE, or typed, is a scan.

    Lines that begin with # are passed over.
    """
    from scanner.simulate import SimulatedScanner

    if link is not None and link.exists() and not _is_left_over(link):
        raise BadInput(f"{link} is there already. Give --link a new name.")
    rows: list[Row] = []
    try:
        device = SimulatedScanner(
            link,
            feedback=feedback,
            answer_timeout_s=timeout,
            sends_max=10 if ack else 1,
        )
        with device as pretended:
            click.echo(f"A scanner is plugged in at {pretended.device}", err=True)
            for line in file:
                text = line.rstrip("\r\n")
                if text and not text.startswith("#"):
                    pretended.wait_for_listener(timeout_s=timeout)
                    rows.append(_row(text, pretended.send(text)))
                    if form is Form.TEXT:
                        click.echo(f"{text}  {rows[-1]['heard'] or 'no answer'}")
    except TimeoutError:
        raise FscError(
            "Nobody listens at the simulated scanner. Is it a [[port]] of fsc.toml, and"
            " does the service run (fsc scanner run)?"
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not text in UTF-8.") from None
    finally:
        if form is Form.JSON:
            echo_json(rows)


@scanner.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("cards.pdf"),
    show_default=True,
    help="The PDF to write.",
)
@click.option("--place", multiple=True, metavar="CODE", help="A card for a place.")
@click.option("--party", multiple=True, metavar="CODE", help="A card for somebody.")
@click.option("--language", help="da or en.  [default: the settings']")
@pass_desk
def cards(
    desk: Desk,
    output: Path,
    place: tuple[str, ...],
    party: tuple[str, ...],
    language: str | None,
) -> None:
    """Print the command cards, and cards for places and people, as a PDF."""
    from fsc_logistics.core.catalogue.labels import party_card, place_card
    from fsc_logistics.core.printing import Card, cards_pdf, command_cards

    spoken = language or desk.settings.language
    named: list[Card] = []
    if place or party:
        with desk.sessions.read() as session:
            named += [place_card(session, code) for code in place]
            named += [party_card(session, code) for code in party]
    output.write_bytes(cards_pdf([*command_cards(spoken), *named], spoken))
    click.echo(str(output))


def _is_left_over(link: Path) -> bool:
    """Return whether `link` is one that a simulated scanner left behind."""
    terminals = ("/dev/pts/", "/dev/ttys")  # Linux, macOS
    return link.is_symlink() and str(link.resolve()).startswith(terminals)


def _row(text: str, heard: "Heard") -> Row:
    outcome = heard.outcome.value if heard.outcome is not None else None
    return {"scan": text, "heard": outcome, "sends_count": heard.sends_count}
