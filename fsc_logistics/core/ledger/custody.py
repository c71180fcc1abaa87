"""Who has a device now: recording it in the ledger."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, select, union
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import keeper_named, place_named
from fsc_logistics.core.devices.finding import as_tag, find_device
from fsc_logistics.core.exceptions.anomalies import (
    Found,
    close_sought,
    find_contradictions,
    in_order,
    raise_anomalies,
)
from fsc_logistics.core.ledger import seek, spans
from fsc_logistics.core.ledger.appending import (
    Line,
    Named,
    NewEvent,
    append,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.known import Known, known_at
from fsc_logistics.core.ledger.seek import Held
from fsc_logistics.core.ledger.transfer_rules import (
    Left,
    check_commands,
    conditions_left,
    state_conditions,
)
from fsc_logistics.core.statements import has_one_writer
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    EventLine,
    FlagSpan,
    Kit,
    KitSpan,
)
from fsc_logistics.domain.anomalies import Contradiction
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import (
    EventKind,
    Signature,
    Transfer,
    check_time,
    usual_condition,
    usual_step,
)
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.parties import LocationKind


class Whereabouts(NamedTuple):
    """Who has a device and where, by code."""

    custodian: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a transfer."""

    uid: str
    """Of the event that says so: the new one, or the one that said so already."""
    event: int
    added: bool
    devices: tuple[str, ...]
    """The tags of those that moved, parts of kits included."""
    also: tuple[str, ...] = ()
    """Of a second event, where one could not say it all."""
    contradictions: tuple[Contradiction, ...] = ()
    """What a fact contradicts; it waits among the exceptions."""
    target: Whereabouts | None = None
    """Where a transfer was to, which is where they are as of its moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of it, for those who know no numbers of the database."""

    uid: str
    added: bool
    devices: tuple[str, ...]


def told(done: Recorded) -> Told:
    """Return what may be shown of what was recorded."""
    return Told(uid=done.uid, added=done.added, devices=done.devices)


def record_transfer(
    session: Session,
    transfer: Transfer,
    by: Signature,
    *,
    as_fact: bool = False,
    owners: Collection[str] = (),
    second_uid: str | None = None,
) -> Recorded:
    """Append `transfer` to the ledger, one event for all its devices.

    Nothing is added for a uid the ledger already holds, or for devices that are
    already there: a caller that lost the answer may simply ask again.  A kit takes
    along the parts that are where it is.  A fact (something scanned) is taken even
    where a command would be refused; what it contradicts waits among the exceptions.
    `owners` are those whose devices are ours, where that is known.

    What comes back from whoever used it is returned (`transfer_rules.conditions_left`).
    Where that is not so of all the devices a second event says of which, `second_uid`
    or that of the transfer with .2; both are in the ledger, or neither.

    Raises:
        NotFound: a device, place or party is not registered.
        Refused: it lies in the future, or a rule forbids the command.
    """
    station = lock_station(session, by.station)
    known = known_event(session, transfer.uid)
    if known is not None:
        return recorded(session, known, added=False)
    check_time(transfer.event_time, by.record_time)
    event = as_event(session, transfer)
    at = transfer.event_time
    lines = _lock_with_parts(session, _named_all(session, transfer.devices), at)
    held = spans_at(session, [line.device.id for line in lines], at)
    known_of = known_at(session, event, [line.device.id for line in lines])
    if not as_fact:
        check_commands(event, known_of)
    left = conditions_left(event, known_of)
    there = _already_so(session, transfer, event, held, as_fact=as_fact)
    there -= _otherwise(event, known_of, left, as_fact=as_fact)
    moving = [line for line in lines if line.device.id not in there]
    if not moving:
        said = held[lines[0].device.id].event_id
        asked = tuple(sorted(line.device.code for line in lines))
        uid = seek.uid(session, said)
        return Recorded(
            uid=uid, event=said, added=False, devices=asked, target=_target(event)
        )
    event = replace(event, lines=tuple(moving))
    contradicted: Found = {}
    if as_fact:
        contradicted = find_contradictions(session, event, known_of, held, owners)
    second_uid = second_uid or f"{transfer.uid}.2"
    event, behind = state_conditions(event, left, known_of, second_uid)
    done = enter(session, station, event, by, held=held)
    raise_anomalies(session, done.event, contradicted, by.record_time)
    # A part that moved along with its kit was not seen itself.
    seen = {line.device.id for line in moving if line.kit is None}
    close_sought(
        session,
        done.event,
        [one.id for one in known_of.values() if one.is_sought and one.id in seen],
    )
    if behind is not None:
        enter(session, station, behind, by)
        done = replace(done, also=(behind.uid,))
    said_of = in_order(contradicted)
    return replace(done, contradictions=said_of, target=_target(event))


def _target(event: NewEvent) -> Whereabouts:
    assert event.custodian is not None
    assert event.location is not None
    return Whereabouts(event.custodian.code, event.location.code)


def _otherwise(
    event: NewEvent, known: Mapping[int, Known], left: Left, *, as_fact: bool
) -> set[int]:
    """Return the devices of which there is more to say than where they are.

    That is a condition they are not in, and of a missing one, or one that a count has
    not seen, that it was seen, once.
    """
    return {
        device
        for device, one in known.items()
        if left[device] not in (None, one.condition)
        or (
            as_fact
            and (one.is_sought or (one.missing and one.unseen))
            and one.location_kind != LocationKind.LOST
        )
    }


def _already_so(
    session: Session,
    transfer: Transfer,
    event: NewEvent,
    held: Mapping[int, Held],
    *,
    as_fact: bool,
) -> set[int]:
    """Return the devices that the ledger has there already, in the same words.

    Where a device is and who has it always count; a disposition where it is given; a
    step and a document of a command only, for a scan says what is and not why.
    """
    assert event.custodian is not None
    assert event.location is not None
    target = (event.custodian.id, event.location.id)
    there = {
        device: span.event_id
        for device, span in held.items()
        if (span.custodian_id, span.location_id) == target
    }
    given: dict[str, str | None] = {"disposition": transfer.disposition}
    if not as_fact:
        given |= {"biz_step": transfer.biz_step, "document": transfer.document}
    said = [getattr(Event, name) == value for name, value in given.items() if value]
    if not said:
        return set(there)
    events = sorted(set(there.values()))
    agreeing: set[int] = set()
    for start in range(0, len(events), spans.BATCH):
        chunk = events[start : start + spans.BATCH]
        agreeing.update(
            session.scalars(select(Event.id).where(Event.id.in_(chunk), *said))
        )
    return {device for device, event_id in there.items() if event_id in agreeing}


def as_event(session: Session, transfer: Transfer) -> NewEvent:
    """Return the event that `transfer` asks for, still without its lines.

    Raises:
        NotFound: the place or the party is not registered.
        Refused: nobody keeps the place and no custodian is named.
    """
    place = place_named(session, transfer.location)
    custodian = (
        _party_named(session, transfer.custodian)
        if transfer.custodian is not None
        else keeper_named(session, place)
    )
    step, disposition = usual_step(LocationKind(place.kind))
    condition = transfer.condition or usual_condition(LocationKind(place.kind))
    return NewEvent(
        uid=transfer.uid,
        kind=EventKind.OBJECT,
        event_time=transfer.event_time,
        biz_step=transfer.biz_step or step,
        disposition=transfer.disposition or disposition,
        custodian=custodian,
        location=Named(place.id, place.code),
        document=transfer.document,
        read_point=transfer.read_point,
        condition=condition,
        reason=transfer.reason,
    )


def _party_named(session: Session, code: str) -> Named:
    found = seek.party(session, code.strip().upper())
    if found is not None:
        return found
    party = find_party(session, code)
    return Named(party.id, party.code)


def enter(
    session: Session,
    station: int,
    event: NewEvent,
    by: Signature,
    *,
    held: Mapping[int, Held] | None = None,
) -> Recorded:
    """Append an event and bring the spans it touches up to date.

    `held` are the spans of custody it falls in, of all its devices that have one, where
    the caller has asked for them since it locked the devices.
    """
    event_id = append(session, station, event, by)
    for chain, values in _said(event):
        spans.apply(
            session,
            chain,
            event_id=event_id,
            at=event.event_time,
            said=values,
            covering=held if chain is spans.CUSTODY else None,
        )
    stock_spans.apply(session, event_id, event)
    tags = tuple(sorted(line.device.code for line in event.lines))
    return Recorded(uid=event.uid, event=event_id, added=True, devices=tags)


def _said(event: NewEvent) -> Iterator[tuple[spans.Chain, dict[int, dict[str, Any]]]]:
    """Yield what an event says of its devices, for each chain it speaks for."""
    devices = [line.device.id for line in event.lines]
    if event.kind is EventKind.OBJECT:
        assert event.custodian is not None
        assert event.location is not None
        held = {"custodian_id": event.custodian.id, "location_id": event.location.id}
        yield spans.CUSTODY, dict.fromkeys(devices, held)
    if event.kind is EventKind.AGGREGATION:
        yield (
            spans.KIT,
            {
                line.device.id: {"kit_id": line.kit.id if line.kit else None}
                for line in event.lines
            },
        )
    if event.condition is not None:
        stated = {"condition": event.condition}
        yield spans.CONDITION, dict.fromkeys(devices, stated)
    if event.flag is not None:
        raised = {"raised": event.raised}
        yield spans.FLAGS[Flag(event.flag)], dict.fromkeys(devices, raised)


def find_all(session: Session, tags: Sequence[str]) -> list[Device]:
    """Return the devices, each once, in the order of their numbers."""
    if not tags:
        raise ValueError("a transfer of no devices")
    upper = {tag.strip().upper() for tag in tags}
    found = {}
    ordered = sorted(upper)
    for start in range(0, len(ordered), spans.BATCH):
        chunk = ordered[start : start + spans.BATCH]
        for device in session.scalars(select(Device).where(Device.tag.in_(chunk))):
            found[device.tag] = device
    for tag in tags:
        if tag.strip().upper() not in found:
            device = find_device(session, tag)
            found[device.tag] = device
    return sorted(found.values(), key=lambda device: device.id)


def _named_all(session: Session, tags: Sequence[str]) -> list[Named]:
    """Return number and tag of the devices, as `find_all` finds them."""
    if len(tags) == 1 and (tag := as_tag(tags[0])) is not None:
        found = seek.device(session, tag)
        if found is not None:
            return [found]
    return [Named(device.id, device.tag) for device in find_all(session, tags)]


def lock(session: Session, devices: Sequence[int]) -> None:
    """Make others wait who want to write about `devices`; SQLite has one writer.

    In the order of their numbers, so that two who name them differently never wait
    for each other.
    """
    if has_one_writer(session):
        return
    ordered = sorted(set(devices))
    if len(ordered) == 1:
        seek.lock_device(session, ordered[0])
        return
    for start in range(0, len(ordered), spans.BATCH):
        session.execute(
            select(Device.id)
            .where(Device.id.in_(ordered[start : start + spans.BATCH]))
            .order_by(Device.id)
            .with_for_update(key_share=True)
        )


def _lock_with_parts(
    session: Session, devices: Sequence[Named], at: datetime
) -> list[Line]:
    """Return a line for each device and for what moves along with it, all locked.

    `domain.kits.MovesBy` says what does.  What is missing stays where the ledger has
    it: nobody has seen it leave.
    """
    lines = {device.id: Line(device=device) for device in devices}
    asked = list(lines)
    kin = _kin(session, asked, at)
    if not has_one_writer(session):
        lock(session, [*asked, *kin, *kin.values()])
        # Asked again: a kit may have changed while we waited, and now it cannot.
        kin = _kin(session, asked, at)
    if not kin:
        return list(lines.values())
    lock(session, [*kin, *kin.values()])
    held = {
        device: (span.custodian_id, span.location_id)
        for device, span in spans_at(session, [*kin, *set(kin.values())], at).items()
    }
    missing = missing_at(session, list(kin), at)
    together = {
        part: kit
        for part, kit in kin.items()
        if part in held and held[part] == held.get(kit) and part not in missing
    }
    moving = {kit for kit in kin.values() if kit in lines}
    moving |= {kit for part, kit in together.items() if part in lines}
    named = named_devices(session, [*together, *moving])
    for kit in sorted(moving):
        lines.setdefault(kit, Line(device=named[kit]))
    for part, kit in together.items():
        if kit in moving:
            lines.setdefault(part, Line(device=named[part], kit=named[kit]))
    return list(lines.values())


_asked_part = aliased(KitSpan)


def _kin(session: Session, devices: Sequence[int], at: datetime) -> dict[int, int]:
    """Return the parts, and their kits, of each kit that one of `devices` may move.

    That is a kit among them, or one that is moved by any of its parts.
    """
    found: dict[int, int] = {}
    if len(devices) == 1 and not seek.was_in_a_kit(session, devices[0]):
        return found
    for start in range(0, len(devices), spans.BATCH):
        batch = devices[start : start + spans.BATCH]
        by_part = (
            select(_asked_part.kit_id)
            .join(Kit, Kit.device_id == _asked_part.kit_id)
            .where(
                _asked_part.device_id.in_(batch),
                covers(_asked_part, at),
                Kit.moves_by == MovesBy.ANY.value,
            )
        )
        moved = select(Device.id).where(
            Device.id.in_(batch),
            ~exists().where(
                Kit.device_id == Device.id, Kit.moves_by == MovesBy.EACH.value
            ),
        )
        for row in session.execute(
            select(KitSpan.device_id, KitSpan.kit_id).where(
                KitSpan.kit_id.in_(union(by_part, moved)), covers(KitSpan, at)
            )
        ):
            found[row.device_id] = row.kit_id
    return found


def missing_at(session: Session, devices: Sequence[int], at: datetime) -> set[int]:
    """Return those of `devices` that were flagged as missing at `at`."""
    return flagged_at(session, devices, Flag.MISSING, at)


def flagged_at(
    session: Session, devices: Sequence[int], flag: Flag, at: datetime
) -> set[int]:
    """Return those of `devices` on which a flag hung at `at`."""
    found: set[int] = set()
    for start in range(0, len(devices), spans.BATCH):
        # Whether it is raised is not asked for: SQLite would then look through all
        # flags that are, and not those of the devices.
        rows = session.execute(
            select(FlagSpan.device_id, FlagSpan.raised).where(
                FlagSpan.device_id.in_(devices[start : start + spans.BATCH]),
                FlagSpan.flag == flag.value,
                covers(FlagSpan, at),
            )
        )
        found.update(device for device, raised in rows if raised)
    return found


def spans_at(session: Session, devices: Sequence[int], at: datetime) -> dict[int, Held]:
    """Return the span each device was in at `at`, where there was one."""
    if len(devices) == 1:
        one = seek.held(session, devices[0], at)
        return {} if one is None else {one.device_id: one}
    found: dict[int, Held] = {}
    for start in range(0, len(devices), spans.BATCH):
        for row in session.execute(
            select(
                CustodySpan.device_id,
                CustodySpan.custodian_id,
                CustodySpan.location_id,
                CustodySpan.event_id,
                CustodySpan.valid_from,
                CustodySpan.valid_to,
            ).where(
                CustodySpan.device_id.in_(devices[start : start + spans.BATCH]),
                covers(CustodySpan, at),
            )
        ):
            found[row.device_id] = Held._make(row)
    return found


def covers(table: spans.Table, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a span of `table` holds at `at`."""
    return (table.valid_from <= at) & (table.valid_to > at)


def conditions_at(
    session: Session, devices: Sequence[int], at: datetime
) -> dict[int, str]:
    """Return the condition each device was in at `at`, where anybody ever said."""
    if len(devices) == 1:
        one = seek.condition(session, devices[0], at)
        return {} if one is None else {devices[0]: one}
    found: dict[int, str] = {}
    for start in range(0, len(devices), spans.BATCH):
        for device, condition in session.execute(
            select(ConditionSpan.device_id, ConditionSpan.condition).where(
                ConditionSpan.device_id.in_(devices[start : start + spans.BATCH]),
                covers(ConditionSpan, at),
            )
        ):
            found[device] = condition
    return found


def recorded(session: Session, event: Event, *, added: bool) -> Recorded:
    """Return what an event of the ledger says became of a transfer."""
    return Recorded(
        uid=event.uid, event=event.id, added=added, devices=tags_of(session, event.id)
    )


def named_devices(session: Session, devices: Iterable[int]) -> dict[int, Named]:
    """Return number and tag of each of `devices`."""
    wanted = sorted(set(devices))
    found: dict[int, Named] = {}
    for start in range(0, len(wanted), spans.BATCH):
        chunk = wanted[start : start + spans.BATCH]
        query = select(Device.id, Device.tag).where(Device.id.in_(chunk))
        found.update({row.id: Named(row.id, row.tag) for row in session.execute(query)})
    return found


def tags_of(session: Session, event_id: int) -> tuple[str, ...]:
    """Return the tags of the devices an event is about."""
    return tuple(
        session.scalars(
            select(Device.tag)
            .join(EventLine, EventLine.device_id == Device.id)
            .where(EventLine.event_id == event_id)
            .order_by(Device.tag)
        )
    )
