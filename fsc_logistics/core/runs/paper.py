"""What a run's paper says, read from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.config import Settings
from fsc_logistics.core.kits.inside import parts_of
from fsc_logistics.core.orders.facts import BRINGING, devices_of
from fsc_logistics.core.people.personal import PersonOnPaper, personal_data_for_run
from fsc_logistics.core.printing import (
    LoadLine,
    RunSheet,
    SheetContact,
    SheetDevice,
    SheetStop,
    SheetTask,
)
from fsc_logistics.core.runs.issuing import (
    depot_of,
    find_run,
    numbers_of,
    stops_of,
    vehicle_of,
)
from fsc_logistics.core.runs.legs import Leg
from fsc_logistics.core.runs.loading import at_hand
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Citizen,
    CitizenContact,
    CustodySpan,
    Device,
    DeviceModel,
    Location,
    Order,
    Party,
    Postcode,
    Run,
    RunStop,
)
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.orders import Direction

NOTHING = timedelta(0)


def run_sheet(
    session: Session, name: str, settings: Settings, *, by: Signature
) -> RunSheet:
    """Return the sheet of a run; each citizen on it is a look in the access log.

    Stops that are closed already are left out.  Before the run is issued it is a draft.

    Raises:
        NotFound: there is no such run.
    """
    run, name = find_run(session, name)
    zone = settings.timezone
    rows = stops_of(session, run)
    numbers = numbers_of(rows)
    stops = [row for row in rows if row[0].outcome is None]
    visits = [(s, o, c) for s, o, c in stops if o is not None and c is not None]
    people = personal_data_for_run(
        session,
        {citizen for _, _, citizen in visits},
        run=name,
        by=by.actor,
        at=by.record_time,
    )
    lunch = next((stop for stop, order, _ in stops if order is None), None)
    legs = _legs(session, run, visits, lunch, settings.planning.road_factor)
    sheet_stops = tuple(
        _stop(
            session,
            numbers[row[0].id],
            row,
            people.get(row[2]),
            leg,
            zone,
            by.record_time,
        )
        for row, leg in zip(visits, legs, strict=True)
    )
    person = session.get_one(Party, run.technician_id)
    return RunSheet(
        run=name,
        day=run.day,
        technician=person.name or person.code,
        vehicle=vehicle_of(session, run).code,
        centre=settings.centre.name,
        centre_phone=settings.centre.phone,
        start=run.leaves.astimezone(zone),
        start_place=_place(depot_of(session, run)),
        end=run.returns.astimezone(zone),
        end_place=_place(session.get_one(Location, run.end_id)),
        distance_m=run.distance_m,
        travel_s=run.travel_s,
        service_s=run.service_s,
        waiting_s=run.waiting_s,
        lunch_from=lunch.start.astimezone(zone) if lunch else None,
        lunch_to=lunch.departure.astimezone(zone) if lunch else None,
        load=_load(
            session,
            run,
            {numbers[stop.id]: order for stop, order, _ in visits},
            by.record_time,
        ),
        stops=sheet_stops,
        draft=run.issued_at is None,
    )


def _place(location: Location) -> str:
    return location.name or location.code


def _stop(
    session: Session,
    number: int,
    row: tuple[RunStop, Order, str],
    person: PersonOnPaper | None,
    leg: Leg,
    zone: tzinfo,
    at: datetime,
) -> SheetStop:
    stop, order, citizen = row
    devices = devices_of(session, order.id)
    bring = _devices(session, devices[Direction.BRING], at)
    if not bring and order.service in BRINGING and order.model_id is not None:
        # None was to be had: the sheet has a line to write on which one it became.
        wanted = session.get_one(DeviceModel, order.model_id)
        bring = (SheetDevice(model=wanted.name),)
    return SheetStop(
        order=order.code,
        number=number,
        arrival=stop.arrival.astimezone(zone),
        service_start=stop.start.astimezone(zone),
        departure=stop.departure.astimezone(zone),
        agreed_from=order.agreed_from.astimezone(zone) if order.agreed_from else None,
        agreed_to=order.agreed_to.astimezone(zone) if order.agreed_to else None,
        travel_s=leg.travel_s,
        distance_m=leg.distance_m,
        name=person.name if person else citizen,
        address=person.address if person else "",
        postcode=person.postcode if person else "",
        town=person.city if person else "",
        phone=(person.phone or "") if person else "",
        call_first=person.call_first if person else False,
        contacts=_contacts(session, order, person),
        access=(person.access_notes or "") if person else "",
        tasks=(_task(session, order),),
        bring=bring,
        take_back=_devices(session, devices[Direction.FETCH], at),
        protected=person.protected if person else False,
    )


def _task(session: Session, order: Order) -> SheetTask:
    about = ""
    # What is brought is listed with its tag.
    if order.model_id is not None and order.service not in BRINGING:
        model = session.get_one(DeviceModel, order.model_id)
        about = " ".join(filter(None, (model.maker, model.name)))
    return SheetTask(service=order.service, service_s=order.service_s, about=about)


def _contacts(
    session: Session, order: Order, person: PersonOnPaper | None
) -> tuple[SheetContact, ...]:
    """Return whom to call: the order's own contact, else all the citizen has."""
    if person is None:
        return ()
    own = session.get(CitizenContact, order.contact_id) if order.contact_id else None
    if own is not None:
        return (
            SheetContact(
                name=own.name, relation=own.relation or "", phone=own.phone or ""
            ),
        )
    return tuple(
        SheetContact(name=one.name, relation=one.relation or "", phone=one.phone or "")
        for one in person.contacts
    )


def _devices(
    session: Session, tags: Sequence[str], at: datetime
) -> tuple[SheetDevice, ...]:
    """Return devices as they are printed: each kit and its parts, then the others."""
    named = _named(session, Device.tag.in_(tags))
    parts = {device.id: parts_of(session, device.id, at) for device, _ in named}
    cases = [row for row in named if parts[row[0].id]]
    # A part that is named too stands with its case all the same.
    found: dict[int, SheetDevice] = {}
    for device, model in (*cases, *named):
        inside = _named(session, Device.id.in_(parts[device.id]))
        for one, its_model in ((device, model), *inside):
            found.setdefault(one.id, _on_sheet(one, its_model))
    return tuple(found.values())


def _named(session: Session, which: object) -> list[tuple[Device, DeviceModel]]:
    rows = session.execute(
        select(Device, DeviceModel)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .where(which)  # type: ignore[arg-type]  # a condition; its type is not public
        .order_by(Device.tag)
    )
    return [(device, model) for device, model in rows]


def _on_sheet(device: Device, model: DeviceModel) -> SheetDevice:
    return SheetDevice(model=model.name, tag=device.tag, serial=device.serial or "")


def _load(
    session: Session, run: Run, orders: Mapping[int, Order], at: datetime
) -> tuple[LoadLine, ...]:
    """Return what to take from which shelf, shelf by shelf."""
    there = at_hand(session, run)
    lines = []
    for number, order in orders.items():
        tags = devices_of(session, order.id)[Direction.BRING]
        for device, model in _named(session, Device.tag.in_(tags)):
            shelf = session.scalar(
                select(Location)
                .join(CustodySpan, CustodySpan.location_id == Location.id)
                .where(
                    CustodySpan.device_id == device.id,
                    CustodySpan.valid_to == OPEN_ENDED,
                )
            )
            if shelf is None or shelf.id not in there:
                continue
            lines.append(
                LoadLine(
                    shelf=shelf.code,
                    shelf_name=shelf.name or "",
                    device=_on_sheet(device, model),
                    stop_number=number,
                )
            )
    return tuple(sorted(lines, key=lambda line: (line.shelf, line.stop_number)))


def _legs(
    session: Session,
    run: Run,
    visits: Sequence[tuple[RunStop, Order, str]],
    lunch: RunStop | None,
    road_factor: float,
) -> list[Leg]:
    """Return the drive to each visit, as it was planned."""
    legs = [
        Leg(stop.travel_s, stop.distance_m)
        for stop, _, _ in visits
        if stop.travel_s is not None and stop.distance_m is not None
    ]
    if len(legs) == len(visits):
        return legs
    return _estimated_legs(session, run, visits, lunch, road_factor)


def _estimated_legs(
    session: Session,
    run: Run,
    visits: Sequence[tuple[RunStop, Order, str]],
    lunch: RunStop | None,
    road_factor: float,
) -> list[Leg]:
    """Return the drive to each visit of a run that was saved without them.

    A lunch on the way is not driving.
    """
    from routes.travel import Point as Spot
    from routes.travel import matrices

    points = [_depot_point(session, depot_of(session, run))]
    points += [_home_point(session, order) for _, order, _ in visits]
    # A home that has lost its point since is taken to be where the drive came from.
    known: list[Spot] = []
    for point in points:
        last = known[-1] if known else Spot(0.0, 0.0)
        known.append(last if point is None else Spot(point.lat, point.lon))
    distance_m = matrices(known, road_factor=road_factor).distance_m or ()
    legs = []
    left = run.leaves
    for number, (stop, _, _) in enumerate(visits):
        paused = NOTHING
        if (
            lunch is not None
            and left <= lunch.arrival
            and lunch.departure <= stop.arrival
        ):
            paused = lunch.departure - lunch.arrival
        driving = stop.arrival - left - paused
        legs.append(Leg(round(driving.total_seconds()), distance_m[number][number + 1]))
        left = stop.departure
    return legs


def _depot_point(session: Session, depot: Location) -> Point | None:
    from fsc_logistics.core.catalogue.places import point_of

    return point_of(session, depot)


def _home_point(session: Session, order: Order) -> Point | None:
    person = session.get(Citizen, order.citizen_id)
    if person is None:
        return None
    if person.lat is not None and person.lon is not None:
        return Point(person.lat, person.lon)
    centre = session.get(Postcode, person.postcode)
    return Point(centre.lat, centre.lon) if centre else None
