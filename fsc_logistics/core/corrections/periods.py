"""All that a station recorded in a period, declared wrong or moved in time at once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.corrections.declaring import declaring_event
from fsc_logistics.core.corrections.settling import Touched, settle
from fsc_logistics.core.corrections.standing import Standing, standing
from fsc_logistics.core.corrections.told import (
    Period,
    PeriodEvent,
    check_not_moved,
    told_of,
    with_what_is_right,
)
from fsc_logistics.core.exceptions.anomalies import Replaced, raise_again
from fsc_logistics.core.exceptions.seeking import seek_again
from fsc_logistics.core.ledger.appending import (
    Declaration,
    Named,
    NewEvent,
    append_all,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.named import lock
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.statements import has_one_writer
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.tables import (
    CountLine,
    Device,
    ErrorDeclaration,
    Event,
    EventLine,
    LineDeclaration,
    StockLine,
)
from fsc_logistics.domain.custody import (
    CLOCK_SKEW_MAX,
    EventKind,
    Signature,
    WrongBecause,
)
from fsc_logistics.domain.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An event of a period, and what became of it."""

    event: str
    was: datetime
    is_now: datetime | None
    """`None`: it did not occur."""
    devices: tuple[str, ...]
    uid: str
    """Of the event that declares it wrong."""
    replacement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCorrected:
    """What became of all that a station recorded in a period."""

    events: tuple[Corrected, ...]
    left_alone: int
    """So many were declared wrong or moved before, are declarations, resolutions."""


def correct_period(
    session: Session,
    period: Period,
    by: Signature,
    *,
    uid: str,
    shift: timedelta | None,
    again: bool = False,
    owners: Collection[str] = (),
) -> PeriodCorrected:
    """Declare all of a period wrong: it did not occur or, with `shift`, not then.

    Each event has a declaration of its own, named `uid`.1, `uid`.2 and so on, and where
    it is shifted a replacement, which says the same of another moment.  What was
    declared wrong before, declarations and resolutions are left alone.  What the
    replacements contradict waits among the exceptions, as `corrections.declare_wrong`
    says.

    What is shifted is what the clock of the station put into the period, and each once:
    who is told to shift it a second time may only be unsure of the first.  What was
    moved in time before, by whomever, is moved once more with `again`.

    Raises:
        NotFound: there is no such station.
        Refused: all of it was moved in time before, an event would lie in the future,
            a device would be nowhere, a kit inside a kit, or a place have fewer than
            none of a lot.
    """
    station = lock_station(session, by.station)
    told = told_of(session, period, by_clock=shift is not None)
    if known_event(session, _declaration(uid, 1)) is not None:
        return _told_again(session, told, uid, shift)
    _lock_all(session, [one.id for one in told])
    if shift is not None:
        # Under the locks: another desk may have moved them a moment ago.
        told = with_what_is_right(session, told)
    events = [
        one.id
        for one in told
        if one.kind not in (EventKind.DECLARATION, EventKind.RESOLUTION)
        and (again or not one.was_moved)
    ]
    touched = Touched()
    corrected: list[Corrected] = []
    replaced: list[Replaced] = []
    # Read under the locks: another desk may have declared one a moment ago.
    for batch in _standing(session, events):
        names = range(len(corrected) + 1, len(corrected) + 1 + len(batch))
        uids = [_declaration(uid, name) for name in names]
        corrected += _correct(session, station, batch, uids, by, shift, replaced)
        for wrong in batch:
            touched.add(wrong.event)
    if not corrected:
        check_not_moved(session, period, told)
    settle(session, touched, without="the events of this period")
    seek_again(session, station, events, uid, by)
    raise_again(session, replaced, by, owners)
    return PeriodCorrected(
        events=tuple(corrected), left_alone=len(told) - len(corrected)
    )


def _lock_all(session: Session, events: Sequence[int]) -> None:
    """Make others wait who want to write about what the events are about.

    What is right instead of an event is about the same.
    """
    if has_one_writer(session):
        return
    devices: set[int | None] = set()
    lots: set[int] = set()
    for start in range(0, len(events), BATCH):
        chunk = events[start : start + BATCH]
        lines = select(EventLine.device_id, EventLine.kit_id)
        for row in session.execute(lines.where(EventLine.event_id.in_(chunk))):
            devices.update(row)
        for table in (StockLine, CountLine):
            lots.update(
                session.scalars(select(table.lot_id).where(table.event_id.in_(chunk)))
            )
    lock(session, [device for device in devices if device is not None])
    stock_spans.lock(session, lots)


def _standing(session: Session, events: Sequence[int]) -> Iterator[list[Standing]]:
    for start in range(0, len(events), BATCH):
        batch = standing(session, events[start : start + BATCH])
        if batch:
            yield batch


def _correct(
    session: Session,
    station: int,
    batch: Sequence[Standing],
    uids: Sequence[str],
    by: Signature,
    shift: timedelta | None,
    replaced: list[Replaced],
) -> list[Corrected]:
    """Append what is right instead of each event, then the declarations.

    To `replaced` is added which event has which replacement.
    """
    instead: list[NewEvent] = []
    if shift is not None:
        instead = [
            _shifted(wrong.event, shift, uid, by)
            for wrong, uid in zip(batch, uids, strict=True)
        ]
    numbers = append_all(session, station, instead, by)
    if instead:
        replaced += [
            Replaced(wrong.id, number, event)
            for wrong, number, event in zip(batch, numbers, instead, strict=True)
        ]
    replacements: list[Named | None] = [
        Named(number, event.uid) for number, event in zip(numbers, instead, strict=True)
    ] or [None] * len(batch)
    reason = (
        WrongBecause.DID_NOT_OCCUR if shift is None else WrongBecause.INCORRECT_DATA
    )
    declaring, corrected = [], []
    for wrong, uid, replacement in zip(batch, uids, replacements, strict=True):
        said = Declaration(
            wrong=Named(wrong.id, wrong.event.uid),
            reason=reason,
            replacement=replacement,
        )
        declaring.append(declaring_event(uid, wrong.event.biz_step, (said,), by))
        was = wrong.event.event_time
        corrected.append(
            Corrected(
                event=wrong.event.uid,
                was=was,
                is_now=None if shift is None else was + shift,
                devices=tuple(sorted(line.device.code for line in wrong.event.lines)),
                uid=uid,
                replacement=None if replacement is None else replacement.code,
            )
        )
    append_all(session, station, declaring, by)
    return corrected


def _shifted(event: NewEvent, shift: timedelta, uid: str, by: Signature) -> NewEvent:
    at = event.event_time + shift
    if at - by.record_time > CLOCK_SKEW_MAX:
        raise Refused(
            f"Event {event.uid} would then have happened on {at:%Y-%m-%d %H:%M} UTC,"
            " which is in the future. Only what has happened is recorded: choose a"
            " smaller shift or an earlier end of the period."
        )
    return event._replace(uid=_replacement(uid), event_time=at)


def _told_again(
    session: Session, told: Sequence[PeriodEvent], uid: str, shift: timedelta | None
) -> PeriodCorrected:
    """Return what became of a period that was corrected under `uid` before."""
    if shift is not None:
        told = with_what_is_right(session, told)
    corrected: list[Corrected] = []
    while batch := _recorded(session, uid, len(corrected) + 1):
        corrected += batch
    ours = {event.event for event in corrected}
    others = [
        one for one in told if one.uid not in ours and not one.uid.startswith(f"{uid}.")
    ]
    return PeriodCorrected(events=tuple(corrected), left_alone=len(others))


def _recorded(session: Session, uid: str, first: int) -> list[Corrected]:
    """Return what the declarations from number `first` on say, `BATCH` of them."""
    uids = [_declaration(uid, number) for number in range(first, first + BATCH)]
    declaring, wrong, right = aliased(Event), aliased(Event), aliased(Event)
    rows = session.execute(
        select(
            declaring.uid.label("declaring"),
            wrong.id,
            wrong.uid,
            wrong.event_time,
            right.uid.label("right"),
            right.event_time.label("right_time"),
        )
        .select_from(ErrorDeclaration)
        .join(declaring, declaring.id == ErrorDeclaration.event_id)
        .join(wrong, wrong.id == ErrorDeclaration.wrong_event_id)
        .outerjoin(right, right.id == ErrorDeclaration.replacement_id)
        .where(declaring.uid.in_(uids))
        .order_by(declaring.id)
    ).all()
    devices = _devices(session, [row.id for row in rows])
    return [
        Corrected(
            event=row.uid,
            was=row.event_time,
            is_now=row.right_time,
            devices=tuple(devices.get(row.id, ())),
            uid=row.declaring,
            replacement=row.right,
        )
        for row in rows
    ]


def _devices(session: Session, events: Sequence[int]) -> dict[int, list[str]]:
    """Return the tags of each event's devices, but of those declared wrong before."""
    before = exists().where(
        LineDeclaration.wrong_event_id == EventLine.event_id,
        LineDeclaration.device_id == EventLine.device_id,
    )
    found: dict[int, list[str]] = {}
    for event, tag in session.execute(
        select(EventLine.event_id, Device.tag)
        .join(Device, Device.id == EventLine.device_id)
        .where(EventLine.event_id.in_(events), ~before)
        .order_by(Device.tag)
    ):
        found.setdefault(event, []).append(tag)
    return found


def _declaration(uid: str, number: int) -> str:
    return f"{uid}.{number}"


def _replacement(declaration: str) -> str:
    return f"{declaration}.right"
