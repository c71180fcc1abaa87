"""Orders: place, list, show, change, cancel, import, export."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import Given, exporting, import_options, importing
from fsc_logistics.cli.output import (
    OUT_FILE,
    Form,
    echo,
    echo_one,
    echo_rows,
    output_option,
    shown,
)
from fsc_logistics.cli.params import CalendarDay, Time
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.numbers import counted
from fsc_logistics.domain.orders import OrderState, Service

if TYPE_CHECKING:
    from fsc_logistics.core.orders.facts import OrderShown
    from fsc_logistics.core.orders.importing import OrderLine
    from fsc_logistics.core.orders.placing import Answer, OrderTerms

COLUMNS = (
    "order",
    "service",
    "citizen",
    "earliest",
    "latest",
    "agreed_from",
    "agreed_to",
    "state",
)


TABLE_ROWS = 1_000
"""Rows of one table: a longer one would have to be known whole before it is shown."""


class AgreedTime(click.ParamType[tuple[datetime, datetime]]):
    """When a visit may begin: FROM/TO, of which TO may be a time of the same day."""

    name = "from/to"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[datetime, datetime]:
        """Return both moments in UTC."""
        if isinstance(value, tuple):
            return value
        opens, slash, closes = str(value).partition("/")
        day, separator, _ = opens.partition("T")
        if not slash or not separator:
            self.fail(
                f"'{value}' is not an agreed time. Try 2026-11-24T09:00/10:00.",
                param,
                ctx,
            )
        if "T" not in closes:
            closes = f"{day}T{closes}"
        time = Time()
        return time.convert(opens, param, ctx), time.convert(closes, param, ctx)


class ServiceCode(click.ParamType[Service]):
    """One of the nine service codes, in upper or lower case."""

    name = "service"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Service:
        """Return the service."""
        try:
            return Service(str(value).upper())
        except ValueError:
            self.fail(
                f"{shown_code(str(value))} is not a service."
                f" Use one of {', '.join(Service)}.",
                param,
                ctx,
            )


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what a visit is to be like."""
    for option in reversed(
        (
            click.option("--earliest", type=CalendarDay(), help="Not before this day."),
            click.option("--latest", type=CalendarDay(), help="Not after this day."),
            click.option(
                "--agreed",
                type=AgreedTime(),
                help="Agreed with the citizen, as 2026-11-24T09:00/10:00.",
            ),
            click.option("--agreed-from", type=Time(), help="The same in two parts."),
            click.option("--agreed-to", type=Time(), help="When it begins at last."),
            click.option("--minutes", type=int, help="How long the visit takes."),
            click.option(
                "--skill", "skills", multiple=True, help="What it takes to do it."
            ),
            click.option("--priority", type=int, help="0 to 100; 50 is usual."),
            click.option("--contact-name", help="Whom to call about the visit."),
            click.option("--contact-phone", help="Their telephone number."),
            click.option("--contact-relation", help="Daughter, nurse, neighbour, …"),
            click.option(
                "--consent/--no-consent",
                default=None,
                help="Address and contact may go to the technician.",
            ),
        )
    ):
        command = option(command)
    return command


again_option = click.option(
    "--again", is_flag=True, help="Even if there is an open order for the same."
)


@click.group()
def order() -> None:
    """Orders: what is to be done for a citizen, and when."""


@order.command()
@click.argument("citizen")
@click.argument("service", type=ServiceCode())
@click.option("--model", help="What to bring, or what the visit is about.")
@click.option(
    "--device", "devices", multiple=True, help="A certain device to bring or fetch."
)
@click.option("--requester", help="Who orders: a municipality, hospital or practice.")
@terms_options
@again_option
@output_option
@pass_desk
def place(
    desk: Desk,
    citizen: str,
    service: Service,
    model: str | None,
    devices: tuple[str, ...],
    requester: str | None,
    again: bool,
    form: Form,
    **said: Any,
) -> None:
    """Order SERVICE for CITIZEN.

    SERVICE is DELIVER, INSTALL, TRAINING, RE-TRAINING, CALIBRATION, MAINTENANCE,
    REPAIR, REPLACE or PICKUP.

    Without --earliest it is the next working day, without --latest what the service
    allows.  A PICKUP without --device fetches all that the citizen has.
    """
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.orders.placing import Wish, place_order

    wish = Wish(
        citizen=citizen,
        service=service,
        model=model,
        devices=devices,
        requester=requester,
        terms=_terms(said),
        again=again,
    )
    hours = opening_hours(desk.settings)
    with desk.sessions.begin() as session:
        answer = place_order(session, wish, hours=hours, by=desk.sign())
    _tell(answer, form)


@order.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([s.value for s in OrderState], False),
    help="Only those in this state.",
)
@click.option("--day", type=CalendarDay(), help="Only those that may be done then.")
@click.option("--citizen", help="Only those for this citizen.")
@output_option
@pass_desk
def list_(
    desk: Desk,
    states: tuple[str, ...],
    day: date | None,
    citizen: str | None,
    form: Form,
) -> None:
    """List orders by the day they are due."""
    from fsc_logistics.core.orders.facts import OrderRow, list_orders

    with desk.sessions.read() as session:
        rows = list_orders(
            session,
            today=_today(desk),
            states=[OrderState(state) for state in states],
            day=day,
            citizen=citizen,
        )
    echo(rows, form, columns=COLUMNS, of=OrderRow)


@order.command()
@click.argument("order")
@output_option
@pass_desk
def show(desk: Desk, order: str, form: Form) -> None:
    """Show ORDER, its state and what became of it so far."""
    from fsc_logistics.core.orders.facts import show_order

    with desk.sessions.read() as session:
        found = show_order(session, order, today=_today(desk))
    echo_one(found, form, _described(found))


@order.command()
@click.argument("order")
@terms_options
@click.option("--no-agreed", is_flag=True, help="Nothing is agreed any more.")
@output_option
@pass_desk
def change(desk: Desk, order: str, form: Form, **said: Any) -> None:
    """Change what is said of ORDER.

    An order on a plan that is not issued is taken off it; one on an issued run is not
    changed.
    """
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.orders.changes import change_order

    terms, hours = _terms(said), opening_hours(desk.settings)
    with desk.sessions.begin() as session:
        answer = change_order(session, order, terms, hours=hours, by=desk.sign())
    _tell(answer, form)


@order.command()
@click.argument("order")
@click.option("--because", default="", help="Why, in a few words; no names.")
@click.option("--take-off", is_flag=True, help="Even from a run that is issued.")
@output_option
@pass_desk
def cancel(desk: Desk, order: str, because: str, take_off: bool, form: Form) -> None:
    """Cancel ORDER; its devices are free for others."""
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.orders.changes import cancel_order

    hours = opening_hours(desk.settings)
    with desk.sessions.begin() as session:
        answer = cancel_order(
            session,
            order,
            because=because,
            take_off=take_off,
            hours=hours,
            by=desk.sign(),
        )
    _tell(answer, form)


@order.command("import")
@import_options
@again_option
@output_option
@pass_desk
def import_(desk: Desk, given: Given, again: bool, form: Form) -> None:
    """Place the orders of a CSV FILE: all of them, or none; - is standard input.

    Columns, of which only the first two must be there: citizen, service, model,
    devices, earliest, latest, agreed_from, agreed_to, minutes, skills, priority,
    requester, contact_name, contact_phone, contact_relation, consent.
    """
    from fsc_logistics.core.orders.calendar import opening_hours
    from fsc_logistics.core.orders.importing import OrderLine, import_orders

    hours = opening_hours(desk.settings)
    with importing(desk, given, again=again) as (source, faults, manner):
        lines = import_orders(
            desk.sessions,
            source,
            desk.sign(),
            hours=hours,
            faults=faults,
            manner=manner,
        )
        if form is not Form.TEXT:
            echo_rows(lines, form, of=OrderLine)
            return
        count = 0
        while rows := list(islice(lines, TABLE_ROWS)):
            count += len(rows)
            _echo_placed(rows, dry_run=given.dry_run)
    if given.dry_run:
        click.echo(f"Every line is right: {count} in all.", err=True)
        click.echo("None was imported, as this was a dry run.", err=True)


@order.command()
@click.argument("file", type=OUT_FILE)
@pass_desk
def export(desk: Desk, file: Path) -> None:
    """Write the open orders to FILE as CSV, as import reads it; - is stdout.

    Whom to call is left out: names and telephone numbers stay in the database.
    """
    from fsc_logistics.core.exchange.orders import export_orders
    from fsc_logistics.core.orders.calendar import opening_hours

    hours = opening_hours(desk.settings)
    exporting(desk, file, partial(export_orders, zone=hours.zone, today=_today(desk)))


def _echo_placed(rows: "Sequence[OrderLine]", *, dry_run: bool) -> None:
    columns = ("line", "citizen", "service", "earliest", "latest", "state")
    echo(rows, Form.TEXT, columns=columns if dry_run else ("order", "state"))
    for line in rows:
        for note in line.notes:
            click.echo(f"{line.order or f'Line {line.line}'}: {note}", err=True)


def _terms(said: dict[str, Any]) -> "OrderTerms":
    from fsc_logistics.core.orders.placing import OrderContact, OrderTerms, Window

    agreed = said["agreed"]
    parts = said["agreed_from"], said["agreed_to"]
    if any(parts):
        if agreed is not None or not all(parts):
            raise click.UsageError(
                "Give --agreed FROM/TO, or both --agreed-from and --agreed-to."
            )
        agreed = parts
    name = said["contact_name"]
    if name is None and (said["contact_phone"] or said["contact_relation"]):
        raise click.UsageError("A contact needs a name: --contact-name")
    return OrderTerms(
        earliest=said["earliest"],
        latest=said["latest"],
        agreed=None if agreed is None else Window(opens=agreed[0], closes=agreed[1]),
        no_agreed=said.get("no_agreed", False),
        minutes=said["minutes"],
        skills=said["skills"] or None,
        priority=said["priority"],
        consent=said["consent"],
        contact=None
        if name is None
        else OrderContact(
            name=name, phone=said["contact_phone"], relation=said["contact_relation"]
        ),
    )


def _today(desk: Desk) -> date:
    return desk.now().astimezone(desk.settings.timezone).date()


def _tell(answer: "Answer", form: Form) -> None:
    """Print what became of an order; in text, what should be known goes to stderr."""
    echo([answer], form, columns=("order", "state"))
    if form is Form.TEXT:
        for note in answer.notes:
            click.echo(f"{answer.order}: {note}", err=True)


def _described(found: "OrderShown") -> str:
    """Return an order in lines of `name: value`, without what is not said."""
    agreed = (
        f"{shown(found.agreed_from)} to {shown(found.agreed_to)}"
        if found.agreed_from and found.agreed_to
        else None
    )
    rows = {
        "order": f"{found.order}, {found.state}",
        "service": f"{found.service} for {found.citizen}",
        "days": f"{found.earliest} to {found.latest}",
        "agreed": agreed,
        "takes": counted(found.service_s // 60, "minute"),
        "model": found.model,
        "bring": " ".join(found.bring),
        "fetch": " ".join(found.fetch),
        "skills": " ".join(found.skills),
        "priority": str(found.priority),
        "requester": found.requester,
        "consent": "yes" if found.consent else "no",
        "contact": "on the sheet" if found.has_contact else None,
        "run": found.run,
        "placed": f"{shown(found.placed_at)} by {found.placed_by}",
        "cancelled": found.cancelled_because,
        "failed": found.failed_because,
        "left out": found.left_out_because,
    }
    return "\n".join(f"{name + ':':11}{value}" for name, value in rows.items() if value)
