"""Play a scanner or a reader of tags, for people without hardware."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from fsc_logistics.cli.output import Form, echo_json, json_option
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.numbers import counted

if TYPE_CHECKING:
    from scanner.playing.simulate import Heard, SimulatedScanner
    from scanner.playing.simulate_rfid import SimulatedReader

Row = dict[str, str | int | None]
"""A scan of the simulator, and what was heard."""
GATE_ANTENNAS = 2
HOLD_S = 5.0
PACE_S = 0.4
"""No hand scans two boxes faster; codes that come together are those of one box."""


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--link", type=click.Path(path_type=Path), help="Its name as a port.")
@click.option(
    "--protocol",
    default="line",
    show_default=True,
    help="What it speaks, as in fsc.toml: line, ssi, r200, a0, a0-2, chafon, …",
)
@click.option(
    "--feedback",
    help="How it is answered, as in fsc.toml.  [default: bel, or as the protocol]",
)
@click.option("--ack", is_flag=True, help="Send again what is not answered.")
@click.option(
    "--pace",
    type=click.FloatRange(0),
    help=f"Seconds between scans; 0 fires them as one box.  [default: {PACE_S:g}]",
)
@click.option(
    "--hold",
    type=click.FloatRange(0, min_open=True),
    help=f"RFID: so many seconds the tags lie there.  [default: {HOLD_S:g}]",
)
@click.option(
    "--through",
    type=click.Choice(["in", "out"]),
    help="RFID: carry the tags through a gate of two antennas.",
)
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
    pace: float | None,
    hold: float | None,
    through: str | None,
    timeout: float,
    form: Form,
) -> None:
    """Play a scanner on a pseudo-terminal: each line of FILE, or typed, is a scan.

    A reader of tags has all lines of FILE in its field at once, each an EPC in
    hexadecimal. Lines that begin with # are passed over.
    """
    from scanner.playing.simulate import SimulatedScanner
    from scanner.playing.simulate_rfid import SimulatedReader
    from scanner.playing.voice import VOICES
    from scanner.playing.voice_rfid import READER_VOICES
    from scanner.protocols import FAMILIES
    from scanner.settings import check_known

    if link is not None and link.exists() and not _is_left_over(link):
        raise BadInput(f"{link} is there already. Give --link a new name.")
    if link is not None and not link.parent.is_dir():
        raise BadInput(
            f"There is no folder {link.parent}. Make it, or give --link a name in"
            " another."
        )
    try:
        check_known("protocol to play", protocol, [*VOICES, *READER_VOICES])
    except ValueError as error:
        raise BadInput(str(error)) from None
    is_reader = protocol in READER_VOICES
    _check_options(
        protocol,
        {"--feedback": feedback, "--ack": ack, "--pace": pace}
        if is_reader
        else {"--hold": hold, "--through": through},
    )
    if through is not None and FAMILIES[protocol].antennas_count < GATE_ANTENNAS:
        raise BadInput(
            f"A gate has two antennas, and protocol {protocol} reads with one. Take"
            " --protocol a0-2, or leave --through out."
        )
    if is_reader:
        reader = SimulatedReader(link, protocol=protocol)
        rows = _shown(reader, file, hold or HOLD_S, through, timeout, form)
    else:
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
        pace_s = PACE_S if pace is None else pace
        rows = _scanned(device, file, pace_s, timeout, form)
    _play(rows, file, form)


def _check_options(protocol: str, meant_for_others: dict[str, object]) -> None:
    for option, value in meant_for_others.items():
        if value:
            raise BadInput(
                f"{option} says nothing to protocol {protocol}. Leave it out."
            )


def _play(rows: Iterator[Row], file: TextIO, form: Form) -> None:
    """Play it to the end, or to where it cannot go on; tell what was played."""
    played: list[Row] = []
    try:
        for row in rows:
            played.append(row)
    except TimeoutError:
        raise FscError(
            "Nobody listens at the simulated scanner. Is it a [[port]] of fsc.toml, and"
            " does the service run (fsc scanner run)?"
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not text in UTF-8.") from None
    finally:
        if form is Form.JSON:
            echo_json(played)


def _scanned(
    device: "SimulatedScanner",
    file: TextIO,
    pace_s: float,
    timeout: float,
    form: Form,
) -> Iterator[Row]:
    """Yield each line as it was scanned and answered."""
    with device as pretended:
        click.echo(f"A scanner is plugged in at {pretended.device}", err=True)
        for number, text in enumerate(_lines(file)):
            if number:
                time.sleep(pace_s)
            pretended.wait_for_listener(timeout_s=timeout)
            row = _row(text, pretended.send(text))
            if form is Form.TEXT:
                click.echo(f"{text}  {row['heard'] or 'no answer'}")
            yield row


def _shown(
    reader: "SimulatedReader",
    file: TextIO,
    hold_s: float,
    through: str | None,
    timeout: float,
    form: Form,
) -> Iterator[Row]:
    """Yield each tag, how often it was seen, and what was heard last of all."""
    with reader as pretended:
        click.echo(f"A reader is plugged in at {pretended.device}", err=True)
        tags = _checked(pretended, _lines(file))
        pretended.round([], timeout_s=timeout)
        counts: Counter[str] = Counter()
        lying = tags
        if through is not None:
            counts += pretended.carry_through(tags, inwards=through == "in")
            # The service tells of a tag once it has seen no more of it for a while.
            lying = []
        give_up_s = time.monotonic() + hold_s
        counts += pretended.hold(lying, until=lambda: time.monotonic() > give_up_s)
        heard = pretended.heard[-1].value if pretended.heard else None
    for tag in tags:
        if form is Form.TEXT:
            click.echo(f"{tag}  seen {counted(counts[tag], 'time')}")
        yield {"scan": tag, "heard": heard, "sends_count": counts[tag]}
    if heard is not None and form is Form.TEXT:
        click.echo(f"Heard last: {heard}")


def _checked(reader: "SimulatedReader", tags: Iterable[str]) -> list[str]:
    checked = []
    try:
        for tag in tags:
            reader.check_tag(tag)
            checked.append(tag)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return checked


def _lines(file: TextIO) -> Iterator[str]:
    for line in file:
        text = line.rstrip("\r\n")
        if text and not text.startswith("#"):
            yield text


def _is_left_over(link: Path) -> bool:
    """Return whether `link` is one that a simulated scanner left behind."""
    terminals = ("/dev/pts/", "/dev/ttys")  # Linux, macOS
    return link.is_symlink() and str(link.resolve()).startswith(terminals)


def _row(text: str, heard: "Heard") -> Row:
    outcome = heard.outcome.value if heard.outcome is not None else None
    return {"scan": text, "heard": outcome, "sends_count": heard.sends_count}
