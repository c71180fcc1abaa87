"""Kits: which devices belong together under one tag."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.kit_acts import (
    AT,
    DRY_RUN,
    found,
    return_,
    swap,
    write_off,
)
from fsc_logistics.cli.kit_files import export, import_
from fsc_logistics.cli.kit_template import MOVES_BY, template
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    echo_rows,
    json_option,
    output_option,
)
from fsc_logistics.cli.params import KNOWN_AT, Time
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.kits.state import KitState
    from fsc_logistics.core.ledger.recorded import Recorded


@click.group()
def kit() -> None:
    """Build kits, take them apart, see what is in them and what is missing."""


for _command in (template, return_, found, write_off, swap, import_, export):
    kit.add_command(_command)


@kit.command()
@click.argument("case")
@click.argument("parts", nargs=-1, required=True, metavar="PART...")
@click.option("--template", help="The kind of kit it is: what it should hold.")
@click.option("--moves-by", type=MOVES_BY, help="What must be scanned for it to move.")
@AT
@DRY_RUN
@json_option
@pass_desk
def build(
    desk: Desk,
    case: str,
    parts: tuple[str, ...],
    template: str | None,
    moves_by: str | None,
    at: datetime | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Put each PART into the kit whose tag is CASE; they then move as one.

    A template must have room for every part; what it lacks then is said.
    """
    from fsc_logistics.core.kits.membership import record_kit
    from fsc_logistics.core.kits.state import kit_state

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = record_kit(
            session,
            parts,
            kit=case,
            uid=new_uid(by.record_time),
            at=at or by.record_time,
            by=by,
            template=template,
            moves_by=MovesBy(moves_by) if moves_by else None,
        )
        state = kit_state(session, case, at=at or desk.now())
        if dry_run:
            session.rollback()
    _echo(done, dry_run, form, state)


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
    from fsc_logistics.core.kits.membership import take_apart as take_out
    from fsc_logistics.core.kits.state import kit_state

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
        state = kit_state(session, case, at=at or desk.now())
        if dry_run:
            session.rollback()
    _echo(done, dry_run, form, state)


@kit.command()
@click.argument("case")
@click.option("--template", help="The kind of kit it is: what it should hold.")
@click.option("--no-template", is_flag=True, help="It should hold what it holds.")
@click.option("--moves-by", type=MOVES_BY, help="What must be scanned for it to move.")
@json_option
@pass_desk
def change(
    desk: Desk,
    case: str,
    template: str | None,
    no_template: bool,
    moves_by: str | None,
    form: Form,
) -> None:
    """Change what the kit CASE should hold, or how it moves from now on."""
    from fsc_logistics.core.kits.membership import change_kit
    from fsc_logistics.core.kits.state import kit_state

    if template is not None and no_template:
        raise click.UsageError("--template and --no-template exclude each other.")
    if template is None and not no_template and moves_by is None:
        raise click.UsageError(
            "Say what changes: --template, --no-template, --moves-by."
        )
    at = desk.now()
    with desk.sessions.begin() as session:
        change_kit(
            session,
            case,
            at=at,
            template=template,
            no_template=no_template,
            moves_by=MovesBy(moves_by) if moves_by else None,
        )
        state = kit_state(session, case, at=at)
    _echo_state(state, form)


@kit.command()
@click.argument("case")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def show(
    desk: Desk, case: str, at: datetime | None, known_at: datetime | None, form: Form
) -> None:
    """Show what is in the kit CASE, where each part is, and what is missing.

    What it lacks is told by the template it has today, whatever the time asked about.
    """
    from fsc_logistics.core.kits.membership import kit_parts
    from fsc_logistics.core.kits.state import kit_state
    from fsc_logistics.domain.custody import Custody

    at = at or desk.now()
    with desk.sessions.read() as session:
        state = kit_state(session, case, at=at, known_at=known_at)
        parts = kit_parts(session, case, at=at, known_at=known_at)
    if form is Form.JSON:
        echo_json(as_json(state) | {"parts": as_json(parts)})
        return
    if form is Form.TEXT:
        click.echo(_line(state))
    columns = ["device", "model", "custodian", "location", "since", "disposition"]
    echo(parts, form, columns=columns, of=Custody)
    if form is Form.TEXT and not state.is_whole():
        click.echo(f"{state.kit}: {state.wants()}")


@kit.command("list")
@click.option("--template", help="Only kits of this kind.")
@click.option("--incomplete", is_flag=True, help="Only those that are not whole.")
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@output_option
@pass_desk
def list_(
    desk: Desk,
    template: str | None,
    incomplete: bool,
    at: datetime | None,
    known_at: datetime | None,
    form: Form,
) -> None:
    """List kits by tag: where each is, what is missing, what it lacks or has too many.

    Missing is a part that is not with its case, or that is flagged so, until it is
    found or written off.  Lacking is what the template has more, surplus what the kit
    has more.  A case with nothing in it is no kit: one that was taken apart leaves the
    list.  Templates are those of today, whatever the time asked about.
    """
    from fsc_logistics.core.kits.listing import KitListed, list_kits

    with desk.sessions.read() as session:
        kits = list_kits(
            session,
            at=at or desk.now(),
            known_at=known_at,
            template=template,
            incomplete=incomplete,
        )
        if form is Form.TEXT:
            columns = ["kit", "template", "part_count", "missing", "lacking", "surplus"]
            columns += ["custodian", "location"]
            echo(list(kits), form, columns=columns, of=KitListed)
        else:
            echo_rows(kits, form, of=KitListed)


def _echo(done: "Recorded", dry_run: bool, form: Form, state: "KitState") -> None:
    from fsc_logistics.core.ledger.recorded import told

    if form is Form.JSON:
        said = {"lacking": state.lacking, "surplus": state.surplus}
        echo_json(as_json(told(done)) | said | {"dry_run": dry_run})
        return
    if not done.added:
        click.echo(f"{done.uid}  already so")
    elif dry_run:
        click.echo(f"would be about {' '.join(done.devices)}")
    else:
        click.echo(f"{done.uid}  {' '.join(done.devices)}")
    # A case without parts is no kit that could lack any.
    if state.parts and not state.is_whole():
        click.echo(f"{state.kit}: {state.wants()}")


def _echo_state(state: "KitState", form: Form) -> None:
    if form is Form.JSON:
        echo_json(as_json(state))
        return
    click.echo(_line(state))
    if not state.is_whole():
        click.echo(f"{state.kit}: {state.wants()}")


def _line(state: "KitState") -> str:
    where = (
        f"{state.custodian} @ {state.location}" if state.custodian else "nowhere yet"
    )
    kind = f"  template {state.template}" if state.template else ""
    return f"{state.kit}  {where}{kind}  moves by {state.moves_by}"
