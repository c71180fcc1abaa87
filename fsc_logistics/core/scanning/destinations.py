"""Where a scanned device goes: places, people and orders that are scanned first."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.places import find_location, places_within
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.orders.facts import find_order
from fsc_logistics.core.runs.issuing import find_run, numbers_of, stops_of
from fsc_logistics.core.tables import (
    CustodySpan,
    Event,
    Location,
    Order,
    Party,
    Run,
    RunStop,
)
from fsc_logistics.core.tables.base import OPEN_ENDED
from fsc_logistics.domain.cards import Mode, Target
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import BizStep, Custody, Transfer
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.orders import WORK, Service
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import OutOfTurn, Spoken
from fsc_logistics.domain.station import Station
from scanner.scan import Scan


class Destination(NamedTuple):
    """Where a device goes, to whom, and as a part of what."""

    location: str
    custodian: str | None = None
    biz_step: BizStep | None = None
    condition: Condition | None = None
    document: str | None = None


def transfer_for(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
) -> Transfer:
    """Return the transfer that scanning `device` asks for.

    Raises:
        NotFound, Refused: the destination is unknown or cannot be told.
    """
    goes = _destination(session, scan, station, held)
    return Transfer(
        uid=scan.scan_id,
        devices=(device.tag,),
        location=goes.location,
        custodian=goes.custodian,
        event_time=scan.scanned_at,
        biz_step=goes.biz_step,
        condition=goes.condition,
        document=goes.document,
        read_point=scan.read_point,
        reason=station.reason.value if station.reason is not None else None,
    )


def check_target_exists(session: Session, target: Target, code: str) -> str:
    """Return what to show of the place, party or order a card names.

    Raises:
        NotFound: it is not registered.
    """
    match target:
        case Target.PLACE:
            return find_location(session, code).code
        case Target.PARTY:
            return find_party(session, code).code
        case Target.ORDER:
            return _open_order(session, code).code
        case Target.KIT:
            return find_device(session, code).tag


def count_held(session: Session, target: Target, code: str) -> tuple[int, str]:
    """Return how many devices are at a place, with a party or ordered, and its name.

    At a place is what stands inside it too.
    """
    named = check_target_exists(session, target, code)
    held = select(func.count()).where(CustodySpan.valid_to == OPEN_ENDED)
    match target:
        case Target.PLACE:
            place = find_location(session, code).id
            query = held.where(CustodySpan.location_id.in_(places_within(place)))
        case Target.PARTY:
            query = held.where(CustodySpan.custodian_id == find_party(session, code).id)
        case Target.ORDER:
            citizen = _open_order(session, code).citizen_id
            query = held.where(CustodySpan.custodian_id == citizen)
        case Target.KIT:
            raise AssertionError("a kit is looked up as the device it is")
    return session.scalar(query) or 0, named


def _destination(
    session: Session, scan: Scan, station: Station, held: Custody | None
) -> Destination:
    if station.mode is Mode.IN:
        return Destination(
            location=in_place(session, scan, station),
            biz_step=BizStep.RECEIVING,
        )
    if station.order is not None:
        return _by_order(session, station.order, held)
    if station.party is not None and station.mode is Mode.OUT:
        party = find_party(session, station.party)
        return Destination(location=_place_of(session, party), custodian=party.code)
    assert station.place is not None, "check_device comes first"
    return Destination(location=station.place, custodian=station.party)


def in_place(session: Session, scan: Scan, station: Station) -> str:
    """Return the place that is set, or that of the read point.

    Raises:
        Refused: nothing is set, and the read point is no place.
    """
    if station.place is not None:
        return station.place
    known = session.scalar(
        select(Location.code).where(Location.code == scan.read_point.upper())
    )
    if known is None:
        raise OutOfTurn(Say.PLACE_FIRST, read_point=scan.read_point)
    return known


def _by_order(session: Session, code: str, held: Custody | None) -> Destination:
    """Return where an order sends a device: to the citizen, or back from them.

    What it has sent there is where it belongs: scanned once more, it stays.
    """
    order = _open_order(session, code)
    if held is not None and _document_of(session, held) == order.code:
        return Destination(location=held.location, custodian=held.custodian)
    citizen = session.get_one(Party, order.citizen_id)
    work = WORK[Service(order.service)]
    has_it = held is not None and held.custodian == citizen.code
    # A repaired device goes back by the order that fetched it; a pickup only fetches.
    if work.fetches and (has_it or order.service == Service.PICKUP):
        return Destination(
            location=_vehicle_for(session, order),
            biz_step=BizStep.COLLECTING,
            condition=Condition.RETURNED,
            document=order.code,
        )
    return Destination(
        location=_place_of(session, citizen),
        custodian=citizen.code,
        biz_step=BizStep.INSTALLING,
        document=order.code,
    )


def _document_of(session: Session, held: Custody) -> str | None:
    return session.scalar(select(Event.document).where(Event.uid == held.event))


def _vehicle_for(session: Session, order: Order) -> str:
    vehicle = session.scalar(
        select(Location.code)
        .join(Run, Run.vehicle_id == Location.id)
        .join(RunStop, RunStop.run_id == Run.id)
        .where(RunStop.order_id == order.id)
        .order_by(RunStop.id.desc())
        .limit(1)
    )
    if vehicle is None:
        raise Spoken(Say.ON_NO_RUN, order=order.code)
    return vehicle


def _place_of(session: Session, party: Party) -> str:
    """Return where somebody's devices are: a home, a vehicle, their only place."""
    places = session.scalars(
        select(Location).where(Location.keeper_id == party.id).order_by(Location.id)
    ).all()
    own = [p for p in places if p.kind in (LocationKind.HOME, LocationKind.VEHICLE)]
    fitting = own or [p for p in places if p.parent_id is None]
    if len(fitting) != 1:
        why = Say.LIVES_ANYWHERE if fitting else Say.LIVES_NOWHERE
        raise Spoken(why, party=party.code)
    return fitting[0].code


def _open_order(session: Session, code: str) -> Order:
    """Return an order, named by its code or its stop, that things go out or back on."""
    run, slash, number = code.rpartition("/")
    order = _order_at(session, run, number) if slash else find_order(session, code)
    if order.cancelled_at is not None:
        raise Spoken(Say.ORDER_CANCELLED, order=order.code)
    return order


def _order_at(session: Session, name: str, number: str) -> Order:
    """Return the order of a stop, by its number on the sheet of its run."""
    run, name = find_run(session, name)
    stops = stops_of(session, run)
    numbers = numbers_of(stops)
    for stop, order, _ in stops:
        if order is not None and str(numbers[stop.id]) == number:
            return order
    raise NotFound(
        f"{name} has no stop {shown_code(number, 'of that number')}. See:"
        f" fsc run show {name}"
    )
