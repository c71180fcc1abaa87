"""Changing and cancelling orders, and what that means for the plan they are on."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from fsc_logistics.core.orders.facts import find_order, run_of, run_state, state_of
from fsc_logistics.core.orders.placing import Answer, answer
from fsc_logistics.core.orders.terms import OrderTerms, set_days, set_terms
from fsc_logistics.core.tables import Order, OrderDevice, RunStop
from fsc_logistics.domain.care import read_reason
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.orders import OrderState, RunState


def change_order(
    session: Session,
    code: str,
    terms: OrderTerms,
    *,
    hours: OpeningHours,
    by: Signature,
) -> Answer:
    """Change what is said of a visit.

    What a plan was made from takes the order off a plan that nobody was promised yet;
    a contact can be changed until the run is closed.

    Raises:
        NotFound: there is no such order.
        BadInput: a number or a day cannot be.
        Refused: it is done or cancelled, on an issued run, or a rule forbids it.
    """
    if terms == OrderTerms():
        raise BadInput(
            "Nothing is said that could be changed. See: fsc order change --help"
        )
    today = hours.day_of(by.record_time)
    order = find_order(session, code, lock=True)
    _check_open(session, order, today, "changed")
    notes: list[str] = []
    if replace(terms, contact=None) != OrderTerms():
        notes += _leave_plan(session, order, "changed", today=today)
        known = order.earliest, order.latest
        notes += set_days(order, terms, known=known, hours=hours, today=today)
    set_terms(session, order, terms)
    return answer(session, order, today, notes)


def cancel_order(
    session: Session,
    code: str,
    *,
    because: str,
    take_off: bool = False,
    hours: OpeningHours,
    by: Signature,
) -> Answer:
    """Cancel an order; its devices are free for others.

    On an issued run it is cancelled only with `take_off`: the stop stays on the run as
    failed, so that the other visits keep the times they were promised.

    Raises:
        NotFound: there is no such order.
        BadInput: the reason is too long or cannot be printed.
        Refused: it is done or cancelled, or a promise stands in the way.
    """
    today = hours.day_of(by.record_time)
    order = find_order(session, code, lock=True)
    _check_open(session, order, today, "cancelled")
    notes = _leave_plan(session, order, "cancelled", today=today, take_off=take_off)
    order.cancelled_at = by.record_time
    order.cancelled_because = read_reason(because) or ""
    return answer(session, order, today, notes)


def _check_open(session: Session, order: Order, today: date, verb: str) -> None:
    state = state_of(session, order, today=today)
    if state is OrderState.CANCELLED:
        raise Refused(
            f"{order.code} was cancelled on {order.cancelled_at:%Y-%m-%d} and cannot be"
            f" {verb}. Place a new one: fsc order place"
        )
    if state is OrderState.DONE:
        raise Refused(
            f"{order.code} is done and cannot be {verb}. See: fsc order show"
            f" {order.code}"
        )


def _leave_plan(
    session: Session, order: Order, verb: str, *, today: date, take_off: bool = False
) -> list[str]:
    """Take an order off the plan it is on; return what one should know of that.

    Raises:
        Refused: the plan is promised, and `take_off` does not free it.
    """
    found = run_of(session, order, today=today)
    if found is None:
        return []
    run, name = found
    state = run_state(run)
    stop = RunStop.order_id == order.id, RunStop.outcome.is_(None)
    if state is RunState.LOADED:
        raise Refused(
            f"{order.code} is under way on run {name} and cannot be {verb}. When the"
            f" run is closed, say: fsc run close {name} --failed {order.code}=REASON"
        )
    if state is RunState.ISSUED and not take_off:
        raise Refused(
            f"{order.code} is promised on run {name} and cannot be {verb}. To cancel it"
            f" all the same: fsc order cancel {order.code} --take-off"
        )
    if state is RunState.ISSUED:
        reason = {"outcome": "failed", "failed_because": f"The order was {verb}."}
        session.execute(update(RunStop).where(*stop).values(reason))
        session.execute(_choices(order, run.id))
        return [
            f"It was on the issued run {name}: tell the technician, or print the run"
            f" again: fsc run print {name}"
        ]
    session.execute(delete(RunStop).where(*stop))
    session.execute(_choices(order, run.id))
    return [f"It was taken off the plan of {run.day}. Plan again: fsc plan {run.day}"]


def _choices(order: Order, run_id: int) -> Any:
    """Return the statement that gives what was chosen from stock back to choice."""
    return delete(OrderDevice).where(
        OrderDevice.order_id == order.id, OrderDevice.chosen_for_id == run_id
    )
