"""Who has a device now: a transfer recorded in the ledger."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import keeper_named, place_named
from fsc_logistics.core.exceptions.anomalies import (
    Found,
    close_sought,
    find_contradictions,
    in_order,
    raise_anomalies,
)
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.appending import (
    Line,
    NewEvent,
    known_event,
    lock_station,
)
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.kin import lock_with_kin
from fsc_logistics.core.ledger.known import Known, known_at
from fsc_logistics.core.ledger.named import named_all
from fsc_logistics.core.ledger.recorded import Recorded, Whereabouts, recorded
from fsc_logistics.core.ledger.seek import Held, Named
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.ledger.states import moment_of
from fsc_logistics.core.ledger.transfer_rules import (
    Left,
    check_commands,
    conditions_left,
    state_conditions,
)
from fsc_logistics.core.tables import Event
from fsc_logistics.domain.custody import (
    EventKind,
    Signature,
    Transfer,
    check_time,
    usual_condition,
    usual_step,
)
from fsc_logistics.domain.parties import LocationKind


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
    named = named_all(session, transfer.devices)
    lines, is_single = lock_with_kin(session, named, event.event_time)
    if not as_fact:
        at = moment_of(session, [x.device.id for x in lines], event.event_time, by)
        if at != event.event_time:
            event = event._replace(event_time=at)
            # Asked again: what moves along may have changed until then.
            lines, is_single = lock_with_kin(session, named, at)
    known_of = known_at(session, event, [line.device.id for line in lines])
    held = {device: one.held for device, one in known_of.items() if one.held}
    if not as_fact:
        check_commands(event, known_of)
    left = conditions_left(event, known_of)
    there = _already_so(session, transfer, event, held, as_fact=as_fact)
    there -= _otherwise(event, known_of, left, as_fact=as_fact)
    moving = [line for line in lines if line.device.id not in there]
    if not moving:
        said = held[lines[0].device.id].event_id
        return _as_it_is(session, said, event, lines)._replace(is_single=is_single)
    event = event._replace(lines=tuple(moving))
    contradicted: Found = {}
    if as_fact:
        contradicted = find_contradictions(session, event, known_of, held, owners)
    second_uid = second_uid or f"{transfer.uid}.2"
    event, behind = state_conditions(event, left, known_of, second_uid)
    done = enter(session, station, event, by, known=known_of)
    if contradicted:
        told = Named(done.event, done.uid)
        tags = {line.device.id: line.device.code for line in moving}
        raise_anomalies(session, told, contradicted, tags, by)
    close_sought(session, done.event, _seen_of_sought(moving, known_of))
    if behind is not None:
        enter(session, station, behind, by)
    return done._replace(
        also=() if behind is None else (behind.uid,),
        contradictions=in_order(contradicted),
        target=_target(event),
        is_single=is_single,
    )


def _as_it_is(
    session: Session, said: int, event: NewEvent, lines: Sequence[Line]
) -> Recorded:
    """Return that nothing is added: the event of number `said` says it already."""
    return Recorded(
        uid=seek.uid(session, said),
        event=said,
        added=False,
        devices=tuple(sorted(line.device.code for line in lines)),
        target=_target(event),
    )


def _seen_of_sought(lines: Sequence[Line], known: Mapping[int, Known]) -> list[int]:
    """Return the devices that a count had not seen, and somebody has now.

    A part that moved along with its kit was not seen itself.
    """
    seen = (line.device.id for line in lines if line.kit is None)
    return [device for device in seen if known[device].is_sought]


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
    for start in range(0, len(events), BATCH):
        chunk = events[start : start + BATCH]
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
