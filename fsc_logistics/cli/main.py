"""The command `fsc`: its groups, loaded when they are used, and its last words."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from fsc_logistics.cli.desk import Desk
from fsc_logistics.domain.errors import FscError

COMMANDS = {
    "who": ("custody", "who", "Show who has a device, where, since when."),
    "history": ("custody", "history", "Show everything that happened to a device."),
    "holdings": ("custody", "holdings", "Show what somebody has or a place holds."),
    "find": ("find", "find", "Find anything by a code, a name or a number."),
    "move": ("custody", "move", "Record that devices are somewhere else."),
    "undo": ("corrections", "undo", "Declare that an event did not occur."),
    "correct": (
        "corrections",
        "correct",
        "Declare an event wrong, with what is right.",
    ),
    "exceptions": ("exceptions", "exceptions", "What waits for somebody to look."),
    "plan": ("planning", "plan", "Plan the technicians' runs of a day."),
    "demo": ("demo", "demo", "Build a demonstration centre to try."),
    "article": ("article", "article", "Articles that are counted: cuffs, batteries."),
    "citizen": ("citizen", "citizen", "Citizens and their personal data."),
    "condition": ("condition", "condition", "Which devices are ready, and why not."),
    "db": ("database", "db", "The database: upgrade, check, back up, restore."),
    "device": ("device", "device", "Devices: add, list, import, print labels."),
    "flag": ("flag", "flag", "Flags: recalled, missing."),
    "key": ("key", "key", "The key that personal numbers are encrypted with."),
    "kit": ("kit", "kit", "Kits: what is in them."),
    "ledger": ("ledger", "ledger", "Verify the ledger, rebuild what follows from it."),
    "location": ("location", "location", "Places: warehouses, shelves, vehicles."),
    "model": ("model", "model", "Device models."),
    "order": ("order", "order", "Orders: place, list, change, cancel."),
    "party": ("party", "party", "Organisations that own, order or hold devices."),
    "region": ("region", "region", "Municipalities and postcodes of a region."),
    "route": (
        "route.group",
        "route",
        "Solve and check route problems without a database.",
    ),
    "run": ("run", "run", "Runs: show, issue, print, load, close."),
    "scanner": ("scanner.group", "scanner", "The scanner service and its exceptions."),
    "stock": ("stock", "stock", "Stock of consumables: receive, move, count."),
    "technician": ("technician", "technician", "Technicians and their working days."),
}
"""Name: module in this room, object in it, and help, told without importing it."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are run, not when it is."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: what is asked all day first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the module that holds the command."""
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command = getattr(import_module(f"fsc_logistics.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of one that there is not, name those that are alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[2]) for name, row in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--database", metavar="PATH|URL", help="SQLite file or PostgreSQL URL.")
@click.option("--config", metavar="FILE", help="Settings file.  [default: ./fsc.toml]")
@click.option("--no-input", is_flag=True, help="Never ask a question.")
@click.version_option(package_name="fsc-logistics", prog_name="fsc")
@click.pass_context
def fsc(
    ctx: click.Context, database: str | None, config: str | None, no_input: bool
) -> None:
    """Keep custody of telehealth equipment: scan it, find it, plan it, deliver it."""
    ctx.obj = Desk(config=config, database=database, asks=not no_input)


def main(arguments: list[str] | None = None) -> None:
    """Run `fsc`; say what went wrong in one line and exit with its code."""
    # Loading what `fsc who` needs makes 114 000 objects that all stay: looking for
    # garbage among them 160 times took a tenth of the command's time (47 of 470 ms).
    gc.set_threshold(200_000)
    arguments = sys.argv[1:] if arguments is None else arguments
    if sys.stdin is None:
        # It was closed (`fsc … <&-`): nobody is there to be asked, nothing to be read.
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - as long as we
    try:
        _check_text(arguments)
        code = fsc.main(arguments, standalone_mode=False)
    except FscError as error:
        _fail(f"Error: {error}", error.exit_code)
    except click.UsageError as error:
        error.show()
        _leave(2)
    except click.ClickException as error:
        _fail(f"Error: {error.format_message()}", 1)
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped.", 130)
    except OSError as error:
        _fail(f"Error: {_about(error)}", 1)
    _leave(code if isinstance(code, int) else 0)


def _check_text(arguments: Sequence[str]) -> None:
    for number, argument in enumerate(arguments, start=1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(
                f"Argument {number} is not text in UTF-8. Is the terminal set to"
                " another encoding?"
            ) from None


def _fail(line: str, code: int) -> NoReturn:
    click.echo(" ".join(line.split()), err=True)
    _leave(code)


def _leave(code: int) -> NoReturn:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`fsc device list | head -1`).  click ends with 1
        # where the pipe breaks earlier; what was not read yet must not be tried again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    sys.exit(code)


def _about(error: OSError) -> str:
    named = f"{error.filename}: " if error.filename else ""
    return f"{named}{error.strerror or error}."
