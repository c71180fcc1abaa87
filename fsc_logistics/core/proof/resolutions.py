"""Proof that what waited was dealt with by an event of the ledger, and by which."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.exceptions.waiting import ANOMALY_PREFIX
from fsc_logistics.core.ledger.spans import STATED_CONDITION
from fsc_logistics.core.proof.beginnings import beginning_mismatches
from fsc_logistics.core.tables import Anomaly, Event, EventLine, ScanRecord
from fsc_logistics.domain.anomalies import ExceptionKind
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import EventKind


def exception_mismatches(session: Session) -> Iterator[str]:
    """Yield where exceptions are not what the ledger says of them.

    Of scans held in the first form nobody noted by which event they were dealt with;
    that is passed over.  An event that deals with something need not find it here:
    older programs moved ledgers without what waited.
    """
    yield from beginning_mismatches(session)
    yield from _anomalies(session)
    yield from _scans(session)
    yield from _waiting_again(session)


def _anomalies(session: Session) -> Iterator[str]:
    speaks = exists().where(
        EventLine.event_id == Event.id, EventLine.device_id == Anomaly.device_id
    )
    rows = session.execute(
        select(Anomaly.id, Event.uid)
        .join(Event, Event.id == Anomaly.resolution_id)
        .where(~(speaks & or_(_by_a_word(), _by_an_act())))
        .order_by(Anomaly.id)
    )
    for number, uid in rows:
        yield (
            f"exception {ANOMALY_PREFIX}{number}: event {uid} does not say that it was"
            " dealt with"
        )


def _by_a_word() -> ColumnElement[bool]:
    """Return the condition that `Event` says how `Anomaly` was dealt with."""
    named = aliased(Anomaly)
    return and_(
        Event.kind == EventKind.RESOLUTION.value,
        exists().where(
            named.device_id == Anomaly.device_id,
            named.kind == Anomaly.kind,
            Event.document == ANOMALY_PREFIX + cast(named.id, String),
        ),
    )


def _by_an_act() -> ColumnElement[bool]:
    """Return the condition that `Event` says what `Anomaly` waited for."""
    return or_(
        and_(
            Anomaly.kind == ExceptionKind.MISSING_FOUND.value,
            Event.kind == EventKind.FLAG.value,
            Event.flag == Flag.MISSING.value,
            Event.raised == false(),
        ),
        and_(
            Anomaly.kind == ExceptionKind.NOT_SEEN.value,
            or_(
                Event.kind.in_([EventKind.OBJECT.value, EventKind.CONDITION.value]),
                and_(
                    Event.kind == EventKind.FLAG.value,
                    Event.flag == Flag.MISSING.value,
                    Event.raised == true(),
                ),
            ),
        ),
        and_(
            Anomaly.kind == ExceptionKind.SCRAPPED_ALIVE.value,
            # Most say nothing of it: that is not equal either.
            STATED_CONDITION.is_not_distinct_from(Condition.READY.value),
        ),
    )


def _scans(session: Session) -> Iterator[str]:
    resolution, named = aliased(Event), aliased(ScanRecord)
    # One word deals with all waiting scans of the same code; it names one of them.
    said = exists().where(
        resolution.uid == ScanRecord.resolution,
        resolution.kind == EventKind.RESOLUTION.value,
        named.scan_id == resolution.document,
        named.payload == ScanRecord.payload,
    )
    rows = session.scalars(
        select(ScanRecord.scan_id)
        .where(
            or_(
                ScanRecord.resolution.is_not(None),
                and_(ScanRecord.context.is_not(None), ~ScanRecord.waiting),
            ),
            or_(ScanRecord.resolution.is_(None), ~said),
        )
        .order_by(ScanRecord.scan_id)
    )
    for name in rows:
        yield f"exception {name}: no event says that it was dealt with"


def _waiting_again(session: Session) -> Iterator[str]:
    """Yield what waits though an event says, by its name, how it was dealt with."""
    anomaly = ANOMALY_PREFIX + cast(Anomaly.id, String)
    # One of before is about another of that name, which stayed behind when the ledger
    # was moved.
    since = Event.id > Anomaly.event_id
    scans = (
        select(ScanRecord.scan_id, _said_of(ScanRecord.scan_id))
        .where(ScanRecord.waiting == true())
        .order_by(ScanRecord.scan_id)
    )
    anomalies = (
        select(anomaly, _said_of(anomaly, since))
        .where(Anomaly.resolution_id.is_(None))
        .order_by(Anomaly.id)
    )
    for query in (scans, anomalies):
        for name, uid in session.execute(query):
            if uid is not None:
                yield (
                    f"exception {name}: it waits, and event {uid} says that it was"
                    " dealt with"
                )


def _said_of(name: Any, *more: ColumnElement[bool]) -> Any:
    """Return the uid of an event that says how the exception `name` was dealt with."""
    return (
        select(func.min(Event.uid))
        .where(Event.document == name, Event.kind == EventKind.RESOLUTION.value, *more)
        .scalar_subquery()
    )
