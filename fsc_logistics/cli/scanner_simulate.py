"""Play a scanner, for people without hardware."""

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from fsc_logistics.cli.output import Form, echo_json, json_option
from fsc_logistics.domain.errors import BadInput, FscError

if TYPE_CHECKING:
    from scanner.simulate import Heard

Row = dict[str, str | int | None]
"""A scan of the simulator, and what was heard."""


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--link", type=click.Path(path_type=Path), help="Its name as a port.")
@click.option(
    "--protocol",
    default="line",
    show_default=True,
    help="What it speaks, as in fsc.toml: line or ssi.",
)
@click.option(
    "--feedback",
    help="How it is answered, as in fsc.toml.  [default: bel, or as the protocol]",
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
    protocol: str,
    feedback: str | None,
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
            protocol=protocol,
            feedback=feedback,
            answer_timeout_s=timeout,
            sends_max=10 if ack else 1,
        )
    except ValueError as error:
        raise BadInput(str(error)) from None
    try:
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


def _is_left_over(link: Path) -> bool:
    """Return whether `link` is one that a simulated scanner left behind."""
    terminals = ("/dev/pts/", "/dev/ttys")  # Linux, macOS
    return link.is_symlink() and str(link.resolve()).startswith(terminals)


def _row(text: str, heard: "Heard") -> Row:
    outcome = heard.outcome.value if heard.outcome is not None else None
    return {"scan": text, "heard": outcome, "sends_count": heard.sends_count}
