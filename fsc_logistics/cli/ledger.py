"""The ledger itself: prove it, rebuild what follows from it, fix its head."""

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, as_json, echo_json, json_option
from fsc_logistics.cli.progress import progress_bar
from fsc_logistics.domain.errors import VerificationFailed


@click.group()
def ledger() -> None:
    """Verify the ledger, rebuild what follows from it."""


@ledger.command()
@json_option
@pass_desk
def verify(desk: Desk, form: Form) -> None:
    """Recompute every hash and every span from the events, and compare.

    That a station's last events were cut off, with all that follows from them, cannot
    be seen in what is left: compare the hashes of a checkpoint that is kept elsewhere.
    """
    from fsc_logistics.core.verification import verify as verify_all

    with desk.sessions.read() as session, progress_bar("Verifying") as told:
        found = verify_all(session, told)
    if form is Form.JSON:
        echo_json(as_json(found))
    else:
        for mismatch in found.mismatches:
            click.echo(mismatch)
        click.echo(
            f"{found.events} events, {found.devices} devices, {found.spans} spans,"
            f" {len(found.mismatches)} mismatches"
        )
    if found.mismatches:
        raise VerificationFailed(
            "The ledger and what is derived from it disagree. If only spans are named:"
            " fsc ledger rebuild"
        )


@ledger.command()
@json_option
@pass_desk
def rebuild(desk: Desk, form: Form) -> None:
    """Make every span anew from the events; the events themselves never change."""
    from fsc_logistics.core.verification import rebuild as rebuild_all

    with desk.sessions.begin() as session, progress_bar("Rebuilding") as told:
        made = rebuild_all(session, told)
    if form is Form.JSON:
        echo_json(as_json(made))
    else:
        click.echo(
            f"{made.spans} spans of {made.devices} devices made from {made.events}"
            " events"
        )


@ledger.command()
@json_option
@pass_desk
def checkpoint(desk: Desk, form: Form) -> None:
    """Print one hash that stands for the whole ledger as it is now.

    Keep it elsewhere: whoever can show it later proves that nothing before it was
    changed, nor the last events cut off, which verify alone cannot see.
    """
    from fsc_logistics.core.checkpoints import checkpoint as take

    with desk.sessions.read() as session:
        taken = take(session)
    if form is Form.JSON:
        echo_json(as_json(taken))
    else:
        for head in taken.stations:
            click.echo(f"{head.station}  {head.events} events  {head.hash}")
        click.echo(f"ledger  {taken.events} events  {taken.hash}")
