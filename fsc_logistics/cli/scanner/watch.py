"""`fsc scanner watch`: the station screen."""

import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, as_json, echo_json, json_option
from fsc_logistics.core.config import LANGUAGES
from fsc_logistics.domain.errors import FscError, NotFound, TryLater

if TYPE_CHECKING:
    from fsc_logistics.cli.watch.screen import Ask


@click.command()
@click.option("--port", metavar="NAME", help="One scanner.  [default: the last used]")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="[default: the settings']"
)
@json_option
@pass_desk
def watch(desk: Desk, port: str | None, language: str | None, form: Form) -> None:
    """Show a station in letters that are read from three metres.

    It attaches to the running service, finds it again after a restart, and changes
    nothing: close it with q whenever you like.  --json prints what the service tells
    of itself, once.
    """
    from fsc_logistics.cli.watch.service import ask_state

    ask = partial(ask_state, partial(_address, Path(desk.settings.spool)))
    if form is Form.JSON:
        _print(ask, port)
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise FscError(
            "The station screen needs a terminal. Start it in one, or ask for --json."
        )
    # A third of a second, which no other command need spend.
    from fsc_logistics.cli.watch.screen import WatchScreen
    from fsc_logistics.cli.watch.view import Habits

    habits = Habits(
        language=language or desk.settings.language,
        timezone=desk.settings.timezone,
        idle=timedelta(seconds=desk.settings.idle_s),
        port=port,
    )
    WatchScreen(ask, habits, desk.now).run(mouse=False)


def _print(ask: "Ask", port: str | None) -> None:
    state = ask()
    if state is None:
        raise TryLater("No scanner service answers here. Start it: fsc scanner run")
    if port is not None and port not in {one.name for one in state.ports}:
        raise NotFound(
            f"There is no port {port}. There are:"
            f" {', '.join(one.name for one in state.ports)}."
        )
    told = as_json(state)
    told["ports"] = [it for it in told["ports"] if port in (None, it["name"])]
    echo_json(told)


def _address(spool: Path) -> str | None:
    from scanner.journal.spool_file import SpoolUnusable
    from scanner.journal.status import read_address

    try:
        return read_address(spool)
    except SpoolUnusable:  # Being made, or on a disk that is away: ask again.
        return None
