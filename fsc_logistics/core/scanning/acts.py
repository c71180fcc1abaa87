"""What a scanned device is recorded as: moved, cared for, made a part of a kit."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_condition
from fsc_logistics.core.devices.finding import find_device, resolve_tagged
from fsc_logistics.core.exceptions.anomalies import close_sought, raise_anomalies
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.counting import record_sighting
from fsc_logistics.core.scanning.destinations import transfer_for
from fsc_logistics.core.tables import Kit
from fsc_logistics.domain.anomalies import Contradiction, ExceptionKind
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.care import NEEDS_REASON, Condition, Flag
from fsc_logistics.domain.custody import Custody, Signature, Transfer
from fsc_logistics.domain.errors import BadIdentifier, Refused
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import Spoken, WrongState
from fsc_logistics.domain.station import Station
from scanner.scan import Scan


def record_act(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
    by: Signature,
    owners: Collection[str] = (),
) -> Recorded:
    """Record what scanning `device` means where `station` was set.

    `held` is who had it at that moment.

    Raises:
        NotFound, BadIdentifier, Refused: where it goes is unknown, or a rule
            forbids it.
    """
    if station.mode is Mode.CARE:
        return _care(session, scan, station, device, held, by)
    if station.mode is Mode.COUNT:
        return record_sighting(session, scan, station, device, held, by, owners)
    if station.kit is not None:
        return _into_kit(session, scan, station.kit, device, by, owners)
    transfer = transfer_for(session, scan, station, device, held)
    return record_transfer(session, transfer, by, as_fact=True, owners=owners)


def with_kit(session: Session, station: Station) -> Station:
    """Return the station with the tag of the kit that is built, if one is.

    That is the first of the codes kept for it that names a device.
    """
    if station.mode is not Mode.BUILD:
        return station
    for code in filter(None, (station.kit, *station.instead)):
        try:
            kit = resolve_tagged(session, code)
        except BadIdentifier:  # The serial of several devices.
            continue
        if kit is not None:
            return replace(station, kit=kit.tag, instead=())
    return replace(station, kit=None, instead=())


def _care(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
    by: Signature,
) -> Recorded:
    """Record the condition of a device; of a case, that of the parts with it too.

    What is scrapped stays so: that it is fit after all is said at a desk, with a word
    why.  What should not be here at all is told, as elsewhere.
    """
    condition = station.condition
    assert condition is not None, "check_device comes first"
    before = held.condition if held is not None else None
    if before == Condition.SCRAPPED:
        raise Spoken(Say.STAYS_SCRAPPED, stops=True, device=device.tag)
    why = station.reason.value if station.reason is not None else None
    if why is None and condition in NEEDS_REASON and before != condition:
        why = f"scanned at {scan.read_point}"
    done = record_condition(
        session,
        [device.tag],
        condition,
        uid=scan.scan_id,
        at=scan.scanned_at,
        by=by,
        reason=why,
        read_point=scan.read_point,
        with_parts=_takes_parts(session, device),
    )
    if not done.added and held is not None:
        return _seen_again(session, scan, device, held, condition, by)
    close_sought(session, done.event, [device.id])
    if held is None or Flag.MISSING not in held.flags:
        return done
    found = Contradiction(
        ExceptionKind.MISSING_FOUND,
        f"{device.tag} is flagged as missing, and is at {scan.read_point}.",
    )
    told = seek.Named(done.event, done.uid)
    tags = {device.id: device.tag}
    raise_anomalies(session, told, {device.id: [found]}, tags, by)
    return done._replace(contradictions=(found,))


def _seen_again(
    session: Session,
    scan: Scan,
    device: Tagged,
    held: Custody,
    condition: Condition,
    by: Signature,
) -> Recorded:
    """Record that a device was in hand whose condition is not news.

    Nothing is, unless it is flagged as missing, or a count has not seen it.
    """
    seen = Transfer(
        uid=scan.scan_id,
        devices=(device.tag,),
        location=held.location,
        custodian=held.custodian,
        condition=condition,
        event_time=scan.scanned_at,
        read_point=scan.read_point,
    )
    return record_transfer(session, seen, by, as_fact=True)


def _takes_parts(session: Session, device: Tagged) -> bool:
    if not seek.was_in_a_kit(session, device.id):
        return False
    kit = session.get(Kit, device.id)
    return kit is None or kit.moves_by != MovesBy.EACH


def _into_kit(
    session: Session,
    scan: Scan,
    kit: str,
    device: Tagged,
    by: Signature,
    owners: Collection[str],
) -> Recorded:
    """Record that a device is a part of a kit from now on, and is where its case is."""
    case = find_device(session, kit)
    there = custody_as_of(session, case, at=scan.scanned_at)
    if there is None:
        raise Spoken(Say.CASE_NOWHERE, stops=True, kit=case.tag)
    try:
        put_in = record_kit(
            session,
            [device.tag],
            kit=case.tag,
            uid=scan.scan_id,
            at=scan.scanned_at,
            by=by,
        )
    except Spoken as error:
        error.stops = True
        raise
    except Refused as error:
        raise WrongState(str(error)) from error
    uid = f"{scan.scan_id}.2" if put_in.added else scan.scan_id
    moved = record_transfer(
        session,
        Transfer(
            uid=uid,
            devices=(device.tag,),
            location=there.location,
            custodian=there.custodian,
            event_time=scan.scanned_at,
            read_point=scan.read_point,
        ),
        by,
        as_fact=True,
        owners=owners,
        second_uid=f"{scan.scan_id}.3",
    )
    if not put_in.added and moved.added:
        return moved
    return put_in._replace(contradictions=moved.contradictions)
