"""Orders from CSV files."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Line,
    Source,
    read_whole_number,
    read_yes_or_no,
    text_column,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.recipe import Import, Manner, by_line
from fsc_logistics.core.orders.facts import find_order
from fsc_logistics.core.orders.placing import Answer, Wish, place_order
from fsc_logistics.core.orders.terms import (
    VISIT_MINUTES_MAX,
    OrderContact,
    OrderTerms,
    Window,
)
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.moments import AmbiguousMoment, MissingMoment, to_utc
from fsc_logistics.domain.orders import PRIORITY_MAX, OrderState, Service

_ORDER_CODE = re.compile(r"ORD-[0-9]{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """What became of a line of a file, or would."""

    line: int
    order: str | None
    """None on a dry run."""
    citizen: str
    service: str
    earliest: date
    latest: date
    state: OrderState
    notes: tuple[str, ...]


def order_columns(zone: tzinfo) -> tuple[Column, ...]:
    """Return the columns of a file of orders; times without an offset are local."""
    moment = _moment_in(zone)
    return (
        Column(name="citizen", read=str, needed=True),
        Column(name="service", read=_service, needed=True),
        Column(name="model", read=str),
        Column(name="devices", read=_words, empty=()),
        Column(name="earliest", read=_day),
        Column(name="latest", read=_day),
        Column(name="agreed_from", read=moment),
        Column(name="agreed_to", read=moment),
        Column(name="minutes", read=_minutes),
        Column(name="skills", read=_words),
        Column(name="priority", read=_priority),
        Column(name="requester", read=str),
        text_column("contact_name"),
        Column(name="contact_phone", read=str),
        text_column("contact_relation"),
        Column(name="consent", read=read_yes_or_no),
    )


def import_orders(
    sessions: Sessions,
    source: Source,
    by: Signature,
    *,
    hours: OpeningHours,
    faults: Faults,
    manner: Manner,
) -> Iterator[OrderLine]:
    """Place the orders of a CSV file and yield what became of its lines.

    Where that is to happen `again`, also those for which there is an open order.

    Raises:
        BadInput, BadFile: it is no table of orders, or lines of it are wrong.
        Refused: somebody else was quicker.
    """

    def place(session: Session, line: Line) -> OrderLine:
        try:
            wish = replace(_wish(line.values), again=manner.again)
            answer = place_order(session, wish, hours=hours, by=by)
        except FscError as error:
            text = faults.by_line(str(error), _ORDER_CODE, "order")
            raise type(error)(text) from error
        faults.make(answer.order, line.number)
        return _placed(session, line, answer, dry_run=manner.dry_run)

    recipe = Import(
        kind="orders", columns=order_columns(hours.zone), take=by_line(place)
    )
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def _placed(
    session: Session, line: Line, answer: Answer, *, dry_run: bool
) -> OrderLine:
    order = find_order(session, answer.order)
    # The code a dry run sees is given to another order: it is not told.
    notes = (note for note in answer.notes if not dry_run or answer.order not in note)
    return OrderLine(
        line=line.number,
        order=None if dry_run else answer.order,
        citizen=session.get_one(Party, order.citizen_id).code,
        service=order.service,
        earliest=order.earliest,
        latest=order.latest,
        state=answer.state,
        notes=tuple(notes),
    )


def _wish(said: dict[str, Any]) -> Wish:
    return Wish(
        citizen=said["citizen"],
        service=said["service"],
        model=said["model"],
        devices=said["devices"],
        requester=said["requester"],
        terms=OrderTerms(
            earliest=said["earliest"],
            latest=said["latest"],
            agreed=_window(said["agreed_from"], said["agreed_to"]),
            minutes=said["minutes"],
            skills=said["skills"],
            priority=said["priority"],
            consent=said["consent"],
            contact=_contact(said),
        ),
    )


def _window(opens: datetime | None, closes: datetime | None) -> Window | None:
    if opens is None and closes is None:
        return None
    if opens is None or closes is None:
        raise BadInput("agreed_from and agreed_to go together.")
    return Window(opens=opens, closes=closes)


def _contact(said: dict[str, Any]) -> OrderContact | None:
    name, phone, relation = (
        said[f"contact_{part}"] for part in ("name", "phone", "relation")
    )
    if name is None and (phone or relation):
        raise BadInput("contact_name is empty though the contact has more.")
    return (
        None
        if name is None
        else OrderContact(name=name, phone=phone, relation=relation)
    )


# No cell is repeated: in a file whose columns are shifted it may be a name.


def _service(cell: str) -> Service:
    try:
        return Service(cell.upper())
    except ValueError:
        raise BadInput(
            f"It is not a service. Use one of {', '.join(Service)}."
        ) from None


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise BadInput("It is not a day. Try 2026-11-24.") from None


def _minutes(cell: str) -> int:
    return read_whole_number(cell, VISIT_MINUTES_MAX)


def _priority(cell: str) -> int:
    return read_whole_number(cell, PRIORITY_MAX)


def _moment_in(zone: tzinfo) -> Callable[[str], datetime]:
    def read(cell: str) -> datetime:
        try:
            found = datetime.fromisoformat(cell)
            return (
                to_utc(found, zone) if found.tzinfo is None else found.astimezone(UTC)
            )
        except (MissingMoment, AmbiguousMoment) as error:
            raise BadInput(str(error)) from None
        except (ValueError, OverflowError):
            raise BadInput("It is not a time. Try 2026-11-24T09:00.") from None

    return read
