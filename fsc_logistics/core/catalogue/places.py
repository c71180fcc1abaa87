"""Places: the location tree, and who has what stands in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.codes import free_code
from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.catalogue.region import postcode_point
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.seek import Named, Place
from fsc_logistics.core.tables import Location, Party
from fsc_logistics.domain.codes import read_line, shown_code
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import INSIDE, LocationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationShown:
    """A place of the catalogue; where a home is, is not told here."""

    location: str
    kind: str
    name: str | None
    inside: str | None
    keeper: str | None
    lat: float | None
    lon: float | None
    postcode: str | None


class LocationFields(TypedDict, total=False):
    """What can be said of a place, and changed."""

    name: str
    inside: str
    keeper: str
    point: Point
    postcode: str


def find_location(session: Session, code: str) -> Location:
    """Return the place of that code; upper or lower case is the same.

    Raises:
        NotFound: no place is registered under it.
    """
    found = session.scalar(
        select(Location).where(Location.code == code.strip().upper())
    )
    if found is None:
        raise _unknown(code)
    return found


def place_named(session: Session, code: str) -> Place:
    """Return what a scan needs of the place of that code, as `find_location` finds it.

    Raises:
        NotFound: no place is registered under it.
    """
    found = seek.place(session, code.strip().upper())
    if found is None:
        raise _unknown(code)
    return found


def keeper_named(session: Session, place: Place) -> Named:
    """Return who has what stands in `place`, as `keeper_of` does.

    Raises:
        Refused: neither it nor a place around it has a keeper.
    """
    outer: Place | None = place
    while outer is not None:
        if outer.keeper is not None:
            return outer.keeper
        number = outer.around_id
        outer = None if number is None else seek.place_of(session, number)
    raise _unkept(place.code)


def keeper_of(session: Session, location: Location) -> Party:
    """Return who has what stands in `location`: its keeper, or that of what is around.

    Raises:
        Refused: neither it nor a place around it has a keeper.
    """
    for place in _outwards(session, location):
        if place.keeper_id is not None:
            return session.get_one(Party, place.keeper_id)
    raise _unkept(location.code)


def point_of(session: Session, location: Location) -> Point:
    """Return where a place is: its point, that of what is around, or the postcode's.

    Raises:
        Refused: none is known.
    """
    for place in _outwards(session, location):
        if place.lat is not None and place.lon is not None:
            return Point(place.lat, place.lon)
        if place.postcode is not None:
            centre = postcode_point(session, place.postcode)
            if centre is not None:
                return centre
    raise Refused(
        f"It is not known where {location.code} is. Say so:"
        f" fsc location change {location.code} --point LAT,LON"
    )


def places_within(place: int | ColumnElement[int]) -> Select[tuple[int]]:
    """Return the query for the place of that number and all places inside it."""
    inside = (
        select(Location.id).where(Location.id == place).cte("inside", recursive=True)
    )
    inside = inside.union(
        select(Location.id).join(inside, Location.parent_id == inside.c.id)
    )
    return select(inside.c.id)


def add_location(
    session: Session, code: str, kind: LocationKind, **fields: Unpack[LocationFields]
) -> LocationShown:
    """Register a place.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        NotFound: its keeper or the place around it is unknown.
        Refused: the code is taken, or such a place cannot stand there.
    """
    if kind is LocationKind.HOME:
        raise Refused("A home is registered with its citizen: fsc citizen add")
    place = Location(code=free_code(session, code), kind=kind)
    _fill(session, place, fields)
    session.add(place)
    session.flush()
    return show_location(session, place.code)


def change_location(
    session: Session, code: str, **fields: Unpack[LocationFields]
) -> LocationShown:
    """Change what is said of a place.

    Raises:
        NotFound: it, its keeper or the place around it is unknown.
        BadInput: a field cannot be read.
        Refused: it is a home, or cannot stand there.
    """
    place = find_location(session, code)
    if place.kind == LocationKind.HOME:
        raise Refused(
            f"{place.code} is a home: change it with its citizen, fsc citizen change"
        )
    _fill(session, place, fields)
    session.flush()
    return show_location(session, place.code)


def show_location(session: Session, code: str) -> LocationShown:
    """Return one place.

    Raises:
        NotFound: no place is registered under that code.
    """
    place = find_location(session, code)
    inside = session.get(Location, place.parent_id) if place.parent_id else None
    keeper = session.get(Party, place.keeper_id) if place.keeper_id else None
    return _shown(
        place, inside.code if inside else None, keeper.code if keeper else None
    )


def list_locations(
    session: Session, *, kind: LocationKind | None = None
) -> list[LocationShown]:
    """Return the places in the order of their codes; homes only when asked for."""
    around = aliased(Location)
    wanted = Location.kind == kind if kind else Location.kind != LocationKind.HOME
    rows = session.execute(
        select(Location, around.code, Party.code)
        .outerjoin(around, Location.parent_id == around.id)
        .outerjoin(Party, Location.keeper_id == Party.id)
        .where(wanted)
        .order_by(Location.code)
    )
    return [_shown(place, inside, keeper) for place, inside, keeper in rows]


def _unknown(code: str) -> NotFound:
    return NotFound(
        f"{shown_code(code)} is no place this centre knows. See: fsc location list"
    )


def _unkept(code: str) -> Refused:
    return Refused(
        f"{code} has no keeper, so it cannot be said who has what is there."
        f" Give one: --custodian CODE"
    )


def _outwards(session: Session, location: Location) -> Iterator[Location]:
    place: Location | None = location
    while place is not None:
        yield place
        parent = place.parent_id
        place = session.get(Location, parent) if parent is not None else None


def _shown(place: Location, inside: str | None, keeper: str | None) -> LocationShown:
    return LocationShown(
        location=place.code,
        kind=place.kind,
        name=place.name,
        inside=inside,
        keeper=keeper,
        lat=place.lat,
        lon=place.lon,
        postcode=place.postcode,
    )


def _fill(session: Session, place: Location, fields: LocationFields) -> None:
    if "name" in fields:
        place.name = read_line(fields["name"], "name") or None
    if "keeper" in fields:
        place.keeper_id = find_party(session, fields["keeper"]).id
    if "point" in fields:
        place.lat, place.lon = fields["point"].lat, fields["point"].lon
    if "postcode" in fields:
        place.postcode = read_line(fields["postcode"], "postcode") or None
    if "inside" in fields:
        _put_inside(session, place, find_location(session, fields["inside"]))


def _put_inside(session: Session, place: Location, around: Location) -> None:
    fitting = INSIDE.get(LocationKind(place.kind), frozenset())
    if around.kind not in fitting:
        where = f"in a {' or '.join(sorted(fitting))}" if fitting else "inside no other"
        raise Refused(
            f"{around.code} is a {around.kind}; a {place.kind} stands {where}."
        )
    if any(outer.code == place.code for outer in _outwards(session, around)):
        raise Refused(f"{place.code} cannot stand inside itself.")
    place.parent_id = around.id
