"""What a recorded fact contradicts: looked up before it is recorded, raised after."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from fsc_logistics.core.exceptions.journeys import journeys
from fsc_logistics.core.exceptions.telling import Raised, tell_raised
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.appending import NewEvent, lock_station
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.known import JUST_BEFORE, Known, known_at
from fsc_logistics.core.ledger.seek import Held, Named
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Anomaly
from fsc_logistics.domain.anomalies import (
    Arrival,
    Contradiction,
    ExceptionKind,
    Owner,
    contradictions,
)
from fsc_logistics.domain.custody import EventKind, Signature

Found = dict[int, list[Contradiction]]
"""What is contradicted, by the number of the device."""


class Replaced(NamedTuple):
    """A wrong event by its number, and what was recorded instead of it."""

    wrong: int
    number: int
    instead: NewEvent


def find_contradictions(
    session: Session,
    event: NewEvent,
    known: Mapping[int, Known],
    held: Mapping[int, Held],
    owners: Iterable[str] = (),
) -> Found:
    """Return what `event` contradicts of what was `known` of its devices.

    `held` are the spans its moment falls in.  The ledger is asked only where a device
    was elsewhere within the last hours.
    """
    ours = frozenset(code.strip().upper() for code in owners)
    found: Found = {}
    for line in event.lines:
        arrival = _arrival(event, known[line.device.id])
        if said := list(contradictions(arrival, ours)):
            found[line.device.id] = said
    # A part did not drive by itself: its kit did.
    drove = {x.device.id: x.device.code for x in event.lines if x.kit is None}
    for device, impossible in journeys(session, event, held, drove):
        found.setdefault(device, []).append(impossible)
    return found


def raise_anomalies(
    session: Session,
    event: Named,
    found: Found,
    tags: Mapping[int, str],
    by: Signature,
) -> None:
    """Let what a recorded event contradicts wait among the exceptions.

    `tags` are those of its devices.  The ledger is told what waits, where `by` says.
    """
    raised = []
    for device in sorted(found):
        # Of two impossible journeys, there and back, one is to be looked into.
        for said in {one.kind: one for one in reversed(found[device])}.values():
            made = _ADD.first(
                session,
                kind=said.kind.value,
                event_id=event.id,
                device_id=device,
                detail=said.detail,
                raised_at=microseconds(by.record_time),
            )
            assert made is not None
            raised.append(Raised(made[0], said.kind.value, tags[device], said.detail))
    if raised:
        tell_raised(session, lock_station(session, by.station), event, raised, by)


def close_sought(session: Session, event_id: int, devices: Sequence[int]) -> None:
    """Close what a count has not seen of `devices`: the event says where they are.

    Also where the count was declared wrong since, which closed it before.
    """
    for start in range(0, len(devices), BATCH):
        session.execute(
            update(Anomaly)
            .where(
                Anomaly.device_id.in_(devices[start : start + BATCH]),
                Anomaly.kind == ExceptionKind.NOT_SEEN.value,
                Anomaly.resolution_id.is_(None),
            )
            .values(resolution_id=event_id)
        )


def raise_again(
    session: Session,
    replaced: Sequence[Replaced],
    by: Signature,
    owners: Iterable[str] = (),
) -> None:
    """Raise what the replacements of wrong events contradict; the spans have them.

    What an event was declared wrong for no longer waits, so its replacement says anew
    what still holds; but not what somebody has settled already, in the same words.
    """
    ours = tuple(owners)
    custody = [one for one in replaced if one.instead.kind is EventKind.OBJECT]
    for one in custody:
        event = one.instead
        tags = {line.device.id: line.device.code for line in event.lines}
        known = known_at(session, event, list(tags), is_recorded=True)
        held = _held_around(session, list(tags), event.event_time)
        found = find_contradictions(session, event, known, held, ours)
        if found:
            _drop_settled(session, found, one.wrong)
            told = Named(one.number, event.uid)
            raise_anomalies(session, told, found, tags, by)


def _drop_settled(session: Session, found: Found, wrong: int) -> None:
    settled = session.execute(
        select(Anomaly.device_id, Anomaly.kind, Anomaly.detail).where(
            Anomaly.event_id == wrong, Anomaly.resolution_id.is_not(None)
        )
    )
    before = {(row.device_id, row.kind, row.detail) for row in settled}
    for device, said in found.items():
        said[:] = [x for x in said if (device, x.kind, x.detail) not in before]


def _held_around(
    session: Session, devices: Sequence[int], at: datetime
) -> dict[int, Held]:
    """Return the span each device would be in at `at` without the event of then."""
    found = {}
    for device in devices:
        before = seek.held(session, device, at - JUST_BEFORE)
        then = seek.held(session, device, at)
        if before is not None and then is not None:
            found[device] = before._replace(valid_to=then.valid_to)
    return found


def in_order(found: Found) -> tuple[Contradiction, ...]:
    """Return all that is contradicted, by the numbers of the devices."""
    return tuple(said for device in sorted(found) for said in found[device])


def _arrival(event: NewEvent, row: Known) -> Arrival:
    assert event.custodian is not None
    assert event.location is not None
    return Arrival(
        device=row.tag,
        condition=row.condition,
        flags=row.flags(),
        owner=Owner(
            code=row.owner, kind=row.owner_kind, municipality=row.owner_municipality
        ),
        custodian_before=row.before,
        custodian=event.custodian.code,
        custodian_kind=row.custodian_kind,
        municipality=row.municipality,
        location=event.location.code,
        location_kind=row.location_kind,
        stated=event.condition,
    )


_ADD = Statement(
    lambda: insert(Anomaly).returning(Anomaly.id),
    "kind",
    "event_id",
    "device_id",
    "detail",
    "raised_at",
)
