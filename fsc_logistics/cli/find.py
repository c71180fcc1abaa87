"""Find: whatever a text may mean."""

import sys

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.key import open_vault
from fsc_logistics.cli.look import look_at
from fsc_logistics.cli.output import Form, echo, output_option
from fsc_logistics.domain.errors import BadInput

HITS = 20
HITS_MAX = 1_000
_LINE_LENGTH_MAX = 10_000


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--limit",
    type=click.IntRange(1, HITS_MAX),
    default=HITS,
    show_default=True,
    help="How many to show.",
)
@click.option(
    "--purpose",
    metavar="WHY",
    help="Search citizens' names and numbers too, for this; each one shown is logged.",
)
@output_option
@pass_desk
def find(
    desk: Desk, text: tuple[str, ...], limit: int, purpose: str | None, form: Form
) -> None:
    """Find what TEXT may mean: a device, model, party, place or citizen.

    TEXT is a tag, serial, linked code or telephone number, or words of a name; - reads
    it from standard input, where no shell history keeps it.  Case, spaces, hyphens,
    dots and slashes do not matter, nor does one mistyped sign of a code.
    """
    from fsc_logistics.core.search.asking import find_anything
    from fsc_logistics.core.search.hits import Hit

    if purpose is not None and not purpose.strip():
        raise click.UsageError("Say what it is for: --purpose WHY.")
    typed = _line() if text == ("-",) else " ".join(text)
    look = None if purpose is None else look_at(desk, "find", purpose)
    # Only a look at somebody's data writes, and so may have to wait for a writer.
    opened = desk.sessions.read() if look is None else desk.sessions.begin()
    with opened as session:
        found = find_anything(
            session, typed, vault=open_vault(desk), look=look, limit=limit
        )
    echo(found.hits, form, of=Hit)
    if found.more:
        click.echo(f"There is more than these {limit}. See: --limit", err=True)
    if found.people_left_out:
        click.echo(
            "Citizens' names and numbers were not searched. To search them, which is"
            " logged: --purpose WHY",
            err=True,
        )


def _line() -> str:
    """Return the first line of standard input."""
    try:
        line = sys.stdin.readline(_LINE_LENGTH_MAX)
        # Where the locale says nothing, wrong bytes are let in as halves of signs.
        line.encode()
    except UnicodeError:
        raise BadInput(
            "Standard input is not text in UTF-8. Is the terminal set to another"
            " encoding?"
        ) from None
    return line
