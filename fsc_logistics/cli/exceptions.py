"""Exceptions: what was scanned and could not be, and what to do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
)
from fsc_logistics.cli.params import Time
from fsc_logistics.domain.numbers import counted
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.exceptions.resolving import Resolved

RESOLVED = click.option("--resolved", is_flag=True, help="Those dealt with instead.")
ALL = click.option("--all", "everything", is_flag=True, help="Those dealt with too.")


@click.group(invoke_without_command=True)
@RESOLVED
@ALL
@output_option
@click.pass_context
def exceptions(
    ctx: click.Context, resolved: bool, everything: bool, form: Form
) -> None:
    """Show what waits for somebody, and what to do about it; deal with it."""
    if ctx.invoked_subcommand is None:
        echo_matters(ctx.ensure_object(Desk), resolved, everything, form)


@exceptions.command("list")
@RESOLVED
@ALL
@output_option
@pass_desk
def list_(desk: Desk, resolved: bool, everything: bool, form: Form) -> None:
    """List what waits for somebody, oldest first, and what to do about it."""
    echo_matters(desk, resolved, everything, form)


@exceptions.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--how",
    metavar="TEXT",
    required=True,
    help="How it was dealt with, in a line; no personal data.",
)
@json_option
@pass_desk
def resolve(desk: Desk, names: tuple[str, ...], how: str, form: Form) -> None:
    """Record how each ID was dealt with, and all that say the same of the same."""
    done = resolve_matters(desk, names, how)
    if form is Form.JSON:
        echo_json([as_json(one) for one in done])
        return
    for one in done:
        several = f" ({counted(one.count, 'exception')})" if one.count > 1 else ""
        click.echo(f"{one.uid}  {one.id} is dealt with{several}")


@exceptions.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@click.option("--at", type=Time(), help="When it was really scanned.")
@json_option
@pass_desk
def record(desk: Desk, names: tuple[str, ...], at: datetime | None, form: Form) -> None:
    """Record each held scan ID after all, as it was meant when it was made.

    When its code has been linked or its place registered; or with --at, the true time,
    when the station's clock was ahead.
    """
    from fsc_logistics.core.exceptions.resolving import record_held

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = [
            record_held(
                session,
                name,
                uid=new_uid(by.record_time),
                by=by,
                at=at,
                owners=desk.settings.ledger.owners,
            )
            for name in names
        ]
    if form is Form.JSON:
        echo_json([as_json(one) for one in done])
        return
    for one in done:
        already = "" if one.added else "  already so"
        click.echo(f"{one.uid}  {' '.join(one.devices)}{already}")
        for said in one.contradictions:
            click.echo(f"{said} See: fsc exceptions", err=True)


def resolve_matters(desk: Desk, names: Sequence[str], how: str) -> "list[Resolved]":
    """Record how all of `names` were dealt with, or none of them."""
    from fsc_logistics.core.exceptions.resolving import resolve_all

    by = desk.sign()
    uids = [new_uid(by.record_time) for _ in names]
    with desk.sessions.begin() as session:
        return resolve_all(session, names, how, uids=uids, by=by)


def echo_matters(desk: Desk, resolved: bool, everything: bool, form: Form) -> None:
    """Print what waits, or was dealt with."""
    from fsc_logistics.core.exceptions.waiting import Matter, Which, list_matters

    if resolved and everything:
        raise click.UsageError("--all has those dealt with already; leave --resolved.")
    which = Which.RESOLVED if resolved else Which.ALL if everything else Which.OPEN
    with desk.sessions.read() as session:
        found = list_matters(session, which)
    if not found and form is Form.TEXT:
        nothing = "Nothing was dealt with yet." if resolved else "Nothing waits."
        click.echo(nothing, err=True)
        return
    columns = ["id", "kind", "raised_at", "device", "payload", "read_point", "what"]
    if which is not Which.RESOLVED:
        columns += ["count", "todo"]
    if which is not Which.OPEN:
        columns += ["resolved_at", "resolved_by", "how"]
    echo(found, form, columns=columns, of=Matter)
