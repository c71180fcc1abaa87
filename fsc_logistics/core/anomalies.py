"""What a recorded fact contradicts: looked up before it is recorded, raised after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.event_hash import microseconds
from fsc_logistics.core.ledger import NewEvent
from fsc_logistics.core.seek import Held
from fsc_logistics.core.spans import BATCH
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Anomaly,
    Citizen,
    ConditionSpan,
    CustodySpan,
    Device,
    FlagSpan,
    Location,
    Party,
)
from fsc_logistics.domain.anomalies import (
    JOURNEY_MAX,
    Arrival,
    Contradiction,
    Leg,
    Owner,
    contradictions,
    impossible_journey,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.parties import LocationKind

Found = dict[int, list[Contradiction]]
"""What is contradicted, by the number of the device."""
NOWHERE = frozenset({LocationKind.VEHICLE, LocationKind.LOST})
"""Places that are not where their point on the ground is."""


class _Pair(NamedTuple):
    """Two places a device was seen at, one after the other, and when."""

    device: int
    origin: int
    target: int
    left: datetime
    arrived: datetime


def find_contradictions(
    session: Session,
    event: NewEvent,
    held: Mapping[int, Held],
    owners: Iterable[str] = (),
) -> Found:
    """Return what `event`, still to be recorded, contradicts of what is known.

    `held` are the spans its moment falls in.  One question more for the ledger, and a
    second where a device was elsewhere within the last hours.
    """
    assert event.custodian is not None
    assert event.location is not None
    ours = frozenset(code.strip().upper() for code in owners)
    tags = {line.device.id: line.device.code for line in event.lines}
    found: Found = {}
    devices = list(tags)
    for start in range(0, len(devices), BATCH):
        batch = devices[start : start + BATCH]
        for row in _known(session, event, batch):
            said = list(contradictions(_arrival(event, row), ours))
            if said:
                found[row.id] = said
    # A part did not drive by itself: its kit did.
    drove = {x.device.id: x.device.code for x in event.lines if x.kit is None}
    for device, impossible in _journeys(session, event, held, drove):
        found.setdefault(device, []).append(impossible)
    return found


def raise_anomalies(
    session: Session, event_id: int, found: Found, raised_at: datetime
) -> None:
    """Let what a recorded event contradicts wait among the exceptions."""
    rows = [
        {
            "kind": said.kind.value,
            "event_id": event_id,
            "device_id": device,
            "detail": said.detail,
            "raised_at": raised_at,
        }
        for device in sorted(found)
        # Of two impossible journeys, there and back, one is to be looked into.
        for said in {one.kind: one for one in reversed(found[device])}.values()
    ]
    if rows:
        session.execute(insert(Anomaly), rows)


def in_order(found: Found) -> tuple[Contradiction, ...]:
    """Return all that is contradicted, by the numbers of the devices."""
    return tuple(said for device in sorted(found) for said in found[device])


_owner, _custodian, _keeper = aliased(Party), aliased(Party), aliased(Party)
_recalled, _missing = aliased(FlagSpan), aliased(FlagSpan)


class _Known(NamedTuple):
    """What was known of a device at the moment of an event."""

    id: int
    tag: str
    owner: str
    owner_kind: str
    owner_municipality: str | None
    condition: str | None
    recalled: bool | None
    missing: bool | None
    before: str | None
    custodian_kind: str
    municipality: str | None
    location_kind: str


def _known(session: Session, event: NewEvent, devices: Sequence[int]) -> list[_Known]:
    """Return what was known of each device at the moment of the event."""
    assert event.custodian is not None
    assert event.location is not None
    about = {
        "at": microseconds(event.event_time),
        "custodian": event.custodian.id,
        "location": event.location.id,
    }
    if len(devices) == 1:
        rows = _KNOWN_OF_ONE.all(session, device=devices[0], **about)
    else:
        query = _known_of(Device.id.in_(devices)).params(about)
        rows = [tuple(row) for row in session.execute(query)]
    return [_Known._make(row) for row in rows]


def _known_of(devices: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    at = bindparam("at", type_=BigInteger)

    def then(
        table: type[ConditionSpan | CustodySpan | FlagSpan],
    ) -> ColumnElement[bool]:
        return and_(
            table.device_id == Device.id,
            table.valid_from <= at,
            table.valid_to > at,
        )

    return (
        select(
            Device.id,
            Device.tag,
            _owner.code,
            _owner.kind,
            _owner.municipality_code,
            ConditionSpan.condition,
            # Whether it is raised is not asked for: SQLite would then look through all
            # flags that are, and not those of the device.
            _recalled.raised,
            _missing.raised,
            _keeper.code,
            _custodian.kind,
            _custodian.municipality_code,
            Location.kind,
        )
        .join(_owner, _owner.id == Device.owner_id)
        .join(_custodian, _custodian.id == bindparam("custodian", type_=BigInteger))
        .join(Location, Location.id == bindparam("location", type_=BigInteger))
        .outerjoin(ConditionSpan, then(ConditionSpan))
        .outerjoin(_recalled, then(_recalled) & (_recalled.flag == Flag.RECALLED.value))
        .outerjoin(_missing, then(_missing) & (_missing.flag == Flag.MISSING.value))
        .outerjoin(CustodySpan, then(CustodySpan))
        .outerjoin(_keeper, _keeper.id == CustodySpan.custodian_id)
        .where(devices)
    )


_KNOWN_OF_ONE = Statement(
    lambda: _known_of(Device.id == bindparam("device", type_=BigInteger))
)


def _arrival(event: NewEvent, row: _Known) -> Arrival:
    assert event.custodian is not None
    assert event.location is not None
    return Arrival(
        device=row.tag,
        condition=row.condition,
        flags=frozenset(_flags(row)),
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


def _flags(row: _Known) -> Iterator[Flag]:
    if row.recalled:
        yield Flag.RECALLED
    if row.missing:
        yield Flag.MISSING


def _journeys(
    session: Session,
    event: NewEvent,
    held: Mapping[int, Held],
    tags: Mapping[int, str],
) -> list[tuple[int, Contradiction]]:
    """Return the journeys to and from the event's place that nobody can drive."""
    pairs = _pairs(session, event, {d: held[d] for d in tags if d in held})
    if not pairs:
        return []
    # NumPy comes with it: only where somebody really moved within hours.
    from routes.travel import Point, great_circle_m

    places = _points(session, {place for x in pairs for place in x[1:3]})
    found = []
    for pair in pairs:
        origin, target = places.get(pair.origin), places.get(pair.target)
        if origin is None or target is None:
            continue
        leg = Leg(
            device=tags[pair.device],
            origin=origin.code,
            target=target.code,
            left=pair.left,
            arrived=pair.arrived,
            distance_m=great_circle_m(
                Point(origin.lat, origin.lon), Point(target.lat, target.lon)
            ),
        )
        if (said := impossible_journey(leg)) is not None:
            found.append((pair.device, said))
    return found


def _pairs(session: Session, event: NewEvent, held: Mapping[int, Held]) -> list[_Pair]:
    """Return from where each device came within hours and, of a late event, went on."""
    assert event.location is not None
    at, here = event.event_time, event.location.id
    found = [
        _Pair(device, span.location_id, here, span.valid_from, at)
        for device, span in held.items()
        if span.location_id != here and _is_soon(at - span.valid_from)
    ]
    late = [
        device
        for device, span in held.items()
        if span.valid_to != OPEN_ENDED and _is_soon(span.valid_to - at)
    ]
    for start in range(0, len(late), BATCH):
        rows = session.execute(
            select(
                CustodySpan.device_id, CustodySpan.location_id, CustodySpan.valid_from
            ).where(
                CustodySpan.device_id.in_(late[start : start + BATCH]),
                CustodySpan.valid_from > at,
                CustodySpan.valid_from <= at + JOURNEY_MAX,
                CustodySpan.location_id != here,
            )
        )
        found += [
            _Pair(device, here, place, at, went)
            for device, place, went in rows
            if went == held[device].valid_to
        ]
    return found


def _is_soon(span: timedelta) -> bool:
    return timedelta(0) < span < JOURNEY_MAX


class _Spot(NamedTuple):
    """A place and where it is on the ground."""

    code: str
    lat: float
    lon: float


def _points(session: Session, places: set[int]) -> dict[int, _Spot]:
    """Return where each of `places` is: its point, or that of what is around it.

    A home is where its citizen lives, which is used for the distance and told nobody.
    """
    outwards = (
        select(
            Location.id.label("place"),
            Location.code,
            Location.id.label("around"),
            literal(0).label("depth"),
        )
        .where(Location.id.in_(places))
        .cte("outwards", recursive=True)
    )
    around = aliased(Location)
    outwards = outwards.union_all(
        select(
            outwards.c.place, outwards.c.code, around.parent_id, outwards.c.depth + 1
        )
        .join(around, around.id == outwards.c.around)
        .where(around.parent_id.is_not(None))
    )
    rows = session.execute(
        select(
            outwards.c.place,
            outwards.c.code,
            Location.kind,
            func.coalesce(Citizen.lat, Location.lat).label("lat"),
            func.coalesce(Citizen.lon, Location.lon).label("lon"),
        )
        .join(Location, Location.id == outwards.c.around)
        .outerjoin(Citizen, Citizen.home_id == Location.id)
        .order_by(outwards.c.place, outwards.c.depth)
    ).all()
    moving = {row.place for row in rows if row.kind in NOWHERE}
    found: dict[int, _Spot] = {}
    for row in rows:
        if row.lat is not None and row.place not in moving:
            found.setdefault(row.place, _Spot(row.code, row.lat, row.lon))
    return found
