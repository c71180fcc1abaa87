"""A demonstration centre: build it, scan a morning, plan tomorrow, print it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, as_json, echo_json, json_option
from fsc_logistics.cli.params import SearchTime
from fsc_logistics.core.config import Settings, load_settings
from fsc_logistics.domain.errors import FscError, Refused
from fsc_logistics.domain.numbers import counted

_Say = Callable[[str], None]

if TYPE_CHECKING:
    from fsc_logistics.core.database import Sessions
    from fsc_logistics.core.demo import Made
    from fsc_logistics.core.runs.day_plan import DayPlan

MARKER = ".fsc-demo"
OPEN_FOR = timedelta(days=200)
STOP_TIMEOUT_S = 30
SETTINGS = """\
# Settings of the demonstration centre. Every key is told in docs/settings.md.
database = "centre.db"
key_file = "centre.key"
spool = "scanner-spool.db"
station = "HORSENS"
language = "{language}"
timezone = "Europe/Copenhagen"

[centre]
name = "Fælles Servicecenter for Telesundhed"
phone = "70203048"

[planning]
time_limit_s = 10

# The scanner at the dock; fsc scanner simulate --link {link} plugs one in.
[[port]]
url = "{link}"
protocol = "line"
feedback = "honeywell"
read_point = "HORSENS-DOCK"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demonstration made."""

    folder: str
    centre: "Made"
    scans: int
    events: int
    day: date
    runs: int
    visits: int
    unassigned: int
    mismatches: int
    """In the ledger, proved after everything."""
    papers: tuple[str, ...]


@click.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fsc-demo"),
)
@click.option(
    "--time-limit",
    "limit_s",
    type=SearchTime(),
    default=10.0,
    show_default=True,
    metavar="S",
    help="How long to search for the plan, in seconds.",
)
@click.option(
    "--language",
    type=click.Choice(["da", "en"]),
    default="da",
    show_default=True,
    help="Of the paper.",
)
@json_option
@pass_desk
def demo(desk: Desk, folder: Path, limit_s: float, language: str, form: Form) -> None:
    """Build a demonstration centre in DIR (fsc-demo) to try everything on.

    A region with 19 municipalities, three depots, 300 kits and eight technicians. Run
    again, it starts anew; a folder that is no demonstration is left alone.
    """
    was_there = folder.exists()
    _clear(folder)
    say = (lambda line: None) if form is Form.JSON else _say
    try:
        made = _build(desk, folder.resolve(), limit_s, language, say)
    except BaseException:
        # Nothing half-done stays.
        with suppress(OSError):
            _empty(folder)
            if not was_there:
                folder.rmdir()
        raise
    if form is Form.JSON:
        echo_json(as_json(made))
    else:
        _invite(folder, made)


def _build(desk: Desk, folder: Path, limit_s: float, language: str, say: _Say) -> Demo:
    from fsc_logistics.core.database import Sessions, make_engine, upgrade
    from fsc_logistics.core.demo import fill, morning, spares_at
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.people.sealing import Vault, make_key
    from fsc_logistics.core.proof.verification import verify

    now = desk.now()
    settings = _settings(folder, language)
    hours = opening_hours(settings)
    engine = make_engine(settings.database)
    upgrade(engine)
    make_key(Path(settings.key_file))
    sessions = Sessions(engine)
    tomorrow = hours.calendar.next_working_day(hours.day_of(now))
    by = desk.sign_for(settings)
    with sessions.begin() as session:
        made, lent = fill(
            session,
            by=by,
            opened=now - OPEN_FOR,
            day=tomorrow,
            hours=hours,
            vault=Vault(Path(settings.key_file)),
        )
    say(
        f"{made.municipalities} municipalities, {made.depots} depots,"
        f" {made.technicians} technicians, {made.kits} kits, {made.devices} devices"
    )
    script = folder / "morning.txt"
    script.write_text(
        morning(lent, lent.on_wards[:3], spares_at("HORSENS")), encoding="utf-8"
    )
    scans = _scan_morning(folder, settings, script)
    say(f"{scans} scans played through the scanner service")
    planned = _plan(desk, sessions, settings, tomorrow, limit_s)
    visits = sum(len(run.stops) for run in planned.runs)
    say(f"{visits} visits planned on {len(planned.runs)} runs for {tomorrow}")
    papers = _print(desk, sessions, settings, folder, tomorrow)
    say(f"{len(papers)} PDFs printed")
    with sessions.read() as session:
        proof = verify(session)
    if proof.mismatches:
        raise FscError(f"The ledger does not hold: {proof.mismatches[0]}")
    engine.dispose()
    (folder / MARKER).write_text("finished\n", encoding="utf-8")
    return Demo(
        folder=str(folder),
        centre=made,
        scans=scans,
        events=proof.events,
        day=tomorrow,
        runs=len(planned.runs),
        visits=visits,
        unassigned=len(planned.unassigned),
        mismatches=len(proof.mismatches),
        papers=tuple(paper.name for paper in papers),
    )


def _clear(folder: Path) -> None:
    """Take a former demonstration away, and nothing else.

    Raises:
        Refused: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise Refused(
            f"{folder} is there and is no demonstration. Name another folder:"
            " fsc demo DIR"
        )
    folder.mkdir(parents=True, exist_ok=True)
    _empty(folder)
    (folder / MARKER).write_text("being built\n", encoding="utf-8")


def _empty(folder: Path) -> None:
    """Take away what is in `folder`, not the folder: somebody may be standing in it."""
    # The marker last: whoever stops here can begin again.
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MARKER):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _settings(folder: Path, language: str) -> Settings:
    path = folder / "fsc.toml"
    link = (folder / "dock-scanner").as_posix()
    path.write_text(SETTINGS.format(link=link, language=language), encoding="utf-8")
    return load_settings(str(path), None, {})


def _scan_morning(folder: Path, settings: Settings, script: Path) -> int:
    """Play the morning through the real service on a pseudo-terminal."""
    if not hasattr(os, "openpty"):
        click.echo("No pseudo-terminals here: the scans are left out.", err=True)
        return 0
    from scanner.playing.simulate import SimulatedScanner

    lines = script.read_text("utf-8").splitlines()
    scans = [line for line in lines if line and not line.startswith("#")]
    log = folder / "scanner.log"
    link = folder / "dock-scanner"
    arguments = ["--config", str(settings.source), "scanner", "run"]
    with (
        SimulatedScanner(link, feedback="honeywell", sends_max=5) as dock,
        log.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            [sys.executable, "-m", "fsc_logistics", *arguments],
            stdout=written,
            stderr=written,
            # The demonstration's own settings, whatever is set outside.
            env={k: v for k, v in os.environ.items() if not k.startswith("FSC_")},
        ) as service,
    ):
        try:
            for scan in scans:
                if dock.send(scan).outcome is None:
                    raise FscError(f"A scan was not answered. See: {log}")
        except TimeoutError:
            raise FscError(f"The scanner service did not start. See: {log}") from None
        finally:
            service.terminate()
            with suppress(subprocess.TimeoutExpired):
                service.wait(STOP_TIMEOUT_S)
            service.kill()
    return len(scans)


def _plan(
    desk: Desk,
    sessions: "Sessions",
    settings: Settings,
    day: date,
    limit_s: float,
) -> "DayPlan":
    from fsc_logistics.cli.planning import search_bar
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.runs.planning import plan_day

    with search_bar(limit_s) as progress:
        return plan_day(
            sessions,
            day,
            hours=opening_hours(settings),
            planning=settings.planning,
            now=desk.now(),
            time_limit_s=limit_s,
            progress=progress,
        ).plan


def _print(
    desk: Desk, sessions: "Sessions", settings: Settings, folder: Path, day: date
) -> list[Path]:
    """Issue and print all runs of `day`, a sheet of labels and the command cards."""
    from fsc_logistics.core.catalogue.labels import labels_of, party_card, place_card
    from fsc_logistics.core.demo import CARD_PARTIES, CARD_PLACES
    from fsc_logistics.core.devices.finding import list_devices
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.printing import (
        cards_pdf,
        command_cards,
        labels_pdf,
        run_sheet_pdf,
    )
    from fsc_logistics.core.runs.issuing import issue_runs, list_runs
    from fsc_logistics.core.runs.paper import run_sheet

    spoken = settings.language
    by = desk.sign_for(settings)
    with sessions.begin() as session:
        names = [run.run for run in list_runs(session, day=day)]
        issue_runs(session, names, hours=opening_hours(settings), by=by)
        sheets = [run_sheet(session, name, settings, by=by) for name in names]
        shelf = [row.device for row in list_devices(session, at_location="HORSENS-A1")]
        labels = labels_of(session, shelf[:42], phone=settings.centre.phone)
        places = [place_card(session, code) for code in CARD_PLACES]
        parties = [party_card(session, code) for code in CARD_PARTIES]
    papers = {
        f"run-{sheet.run.replace('/', '-')}.pdf": run_sheet_pdf(sheet, spoken)
        for sheet in sheets
    }
    papers["labels.pdf"] = labels_pdf(labels, spoken)
    papers["cards.pdf"] = cards_pdf([*command_cards(spoken), *places, *parties], spoken)
    for name, pdf in papers.items():
        (folder / name).write_bytes(pdf)
    return [folder / name for name in papers]


def _say(line: str) -> None:
    click.echo(f"  {line}")


def _way_in() -> str:
    """Return the line that lets a shell find `fsc`, or nothing where it does."""
    activate = Path(sys.executable).parent / "activate"
    if shutil.which("fsc") is not None or not activate.is_file():
        return ""
    return f"  . {activate}\n"


def _invite(folder: Path, made: Demo) -> None:
    """Say what lies there, and what to type next."""
    sheet = next(name for name in made.papers if name.startswith("run-"))
    run = f"{made.day}/{sheet.removeprefix(f'run-{made.day}-').removesuffix('.pdf')}"
    click.echo(f"""
The centre is in {folder}: {made.events} events in the ledger, all proved.
Could not be planned: {counted(made.unassigned, "order")}; the plan says why.

Look at the paper:   {folder / sheet}
                     {folder / "labels.pdf"}  {folder / "cards.pdf"}

Then type:
{_way_in()}  cd {folder}
  fsc who KIT-000001
  fsc history TAB-000301
  fsc holdings HORSENS-A1
  fsc exceptions
  fsc condition list --condition quarantine
  fsc flag list
  fsc kit show KIT-000001
  fsc stock list --within HORSENS
  fsc order list --state no_consent
  fsc run show {run}
  fsc ledger verify

And scan, in one terminal:  fsc scanner run
            in another:     fsc scanner simulate --link dock-scanner \\
                              --feedback honeywell morning.txt
""")
