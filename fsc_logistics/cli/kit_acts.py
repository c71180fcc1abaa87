"""What happens to a kit as a whole: it comes back, a part is found, lost or swapped."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, as_json, echo_json, json_option
from fsc_logistics.cli.params import Time
from fsc_logistics.domain.kits import wanting
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.kits.acts import KitAct

AT = click.option("--at", type=Time(), help="When it happened.  [default: now]")

DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Check and show; record nothing."
)


@click.command("return")
@click.argument("case")
@click.option("--to", required=True, help="The place it is at now.")
@click.option("--missing", multiple=True, metavar="PART", help="What did not come.")
@click.option("--why", help="What is known of what is missing.")
@AT
@DRY_RUN
@json_option
@pass_desk
def return_(
    desk: Desk,
    case: str,
    to: str,
    missing: tuple[str, ...],
    why: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that the kit CASE came back, but for what is --missing.

    Case and parts are returned; what is missing stays where the ledger has it, and is
    flagged so until it is found or written off.
    """
    from fsc_logistics.core.kits.returning import return_kit

    _act(
        desk,
        return_kit,
        case,
        to=to,
        missing=missing,
        reason=why,
        at=at,
        dry_run=dry_run,
        form=form,
    )


@click.command()
@click.argument("case")
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@click.option("--why", help="What there is to say about it.")
@AT
@DRY_RUN
@json_option
@pass_desk
def found(
    desk: Desk,
    case: str,
    parts: tuple[str, ...],
    why: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that each PART missing from the kit CASE is with it again."""
    from fsc_logistics.core.kits.returning import find_parts

    _act(
        desk,
        find_parts,
        case,
        parts,
        reason=why,
        at=at,
        dry_run=dry_run,
        form=form,
    )


@click.command("write-off")
@click.argument("case")
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@click.option("--why", required=True, help="Why it will not come back.")
@click.option(
    "--to", help="A place of what is lost or retired.  [default: the only one of lost]"
)
@AT
@DRY_RUN
@json_option
@pass_desk
def write_off(
    desk: Desk,
    case: str,
    parts: tuple[str, ...],
    why: str,
    to: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Take each PART out of the kit CASE for good: it is lost or retired."""
    from fsc_logistics.core.kits.write_off import write_off as write_parts_off

    _act(
        desk,
        write_parts_off,
        case,
        parts,
        why=why,
        to=to,
        at=at,
        dry_run=dry_run,
        form=form,
    )


@click.command()
@click.argument("case")
@click.argument("old")
@click.argument("new")
@click.option("--old-to", help="Where OLD is now.  [default: where NEW was before]")
@AT
@DRY_RUN
@json_option
@pass_desk
def swap(
    desk: Desk,
    case: str,
    old: str,
    new: str,
    old_to: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Swap the part OLD of the kit CASE for NEW, a device of the same model.

    NEW is then where OLD was, and OLD where NEW was.
    """
    from fsc_logistics.core.kits.swap import swap_part

    _act(
        desk,
        swap_part,
        case,
        old,
        new,
        old_to=old_to,
        at=at,
        dry_run=dry_run,
        form=form,
    )


def _act(
    desk: Desk,
    act: "Callable[..., KitAct]",
    *named: Any,
    at: datetime | None,
    dry_run: bool,
    form: Form,
    **said: Any,
) -> None:
    """Do an act of a kit in one transaction, and print what became of it."""
    by = desk.sign()
    with desk.sessions.begin() as session:
        done = act(
            session,
            *named,
            uid=new_uid(by.record_time),
            at=at or by.record_time,
            by=by,
            **said,
        )
        if dry_run:
            session.rollback()
    if form is Form.JSON:
        echo_json(as_json(done) | {"dry_run": dry_run})
        return
    if dry_run:
        click.echo(f"would be about {' '.join(done.devices)}")
    elif not done.added:
        click.echo(f"{done.uid}  already so")
    else:
        click.echo(f"{' '.join(done.events)}  {' '.join(done.devices)}")
    if wants := wanting(done.missing, done.lacking, done.surplus):
        click.echo(f"{done.kit}: {wants}")
