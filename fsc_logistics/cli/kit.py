"""Kits: which devices belong together under one tag."""

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
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.custody import Recorded

AT = click.option("--at", type=Time(), help="When it happened.  [default: now]")

DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Check and show; record nothing."
)


@click.group()
def kit() -> None:
    """Build kits, take them apart, see what is in them."""


@kit.command()
@click.argument("case")
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@AT
@DRY_RUN
@json_option
@pass_desk
def build(
    desk: Desk,
    case: str,
    parts: tuple[str, ...],
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Put each PART into the kit whose tag is CASE; they then move as one."""
    from fsc_logistics.core.kits import record_kit

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = record_kit(
            session,
            parts,
            kit=case,
            uid=new_uid(by.record_time),
            at=at or by.record_time,
            by=by,
        )
        if dry_run:
            session.rollback()
    _echo(done, dry_run, form)


@kit.command("take-apart")
@click.argument("case")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@AT
@DRY_RUN
@json_option
@pass_desk
def take_apart(
    desk: Desk,
    case: str,
    parts: tuple[str, ...],
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Take each PART out of the kit CASE; without any, all of them."""
    from fsc_logistics.core.kits import take_apart as take_out

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = take_out(
            session,
            case,
            parts,
            uid=new_uid(by.record_time),
            at=at or by.record_time,
            by=by,
        )
        if dry_run:
            session.rollback()
    _echo(done, dry_run, form)


@kit.command()
@click.argument("case")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@output_option
@pass_desk
def show(desk: Desk, case: str, at: datetime | None, form: Form) -> None:
    """Show what is in the kit CASE, and where each part is."""
    from fsc_logistics.core.kits import kit_parts
    from fsc_logistics.domain.custody import Custody

    with desk.sessions.read() as session:
        parts = kit_parts(session, case, at=at or desk.now())
    columns = ["device", "model", "custodian", "location", "since", "disposition"]
    echo(parts, form, columns=columns, of=Custody)


def _echo(done: "Recorded", dry_run: bool, form: Form) -> None:
    from fsc_logistics.core.custody import told

    if form is Form.JSON:
        echo_json(as_json(told(done)) | {"dry_run": dry_run})
    elif not done.added:
        click.echo(f"{done.uid}  already so")
    elif dry_run:
        click.echo(f"would be about {' '.join(done.devices)}")
    else:
        click.echo(f"{done.uid}  {' '.join(done.devices)}")
