"""Portals: which way something went says where it is."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.sayings import Say
from fsc_logistics.domain.scenarios import OutOfTurn
from fsc_logistics.domain.station import Station
from scanner.scan import Direction, Scan

Portals = Mapping[str, tuple[str, str]]
"""The place inside and the place outside of a portal, by the name of its port."""


def station_of(scan: Scan, portals: Portals) -> Station:
    """Return what going through a portal means, as a station that was set so.

    What went nobody knows where means nothing that could be recorded.
    """
    places = portals.get(scan.port)
    if places is None or scan.direction is Direction.UNKNOWN:
        return Station()
    inside, outside = places
    if scan.direction is Direction.IN:
        return Station(mode=Mode.IN, place=inside)
    return Station(mode=Mode.MOVE, place=outside)


def unknown_places(session: Session, portals: Portals) -> list[tuple[str, str]]:
    """Return the ports whose portal leads to a place that is not registered, and it."""
    found = []
    for port, places in portals.items():
        for place in places:
            try:
                find_location(session, place)
            except NotFound:
                found.append((port, place))
    return found


def check_direction(session: Session, scan: Scan, tag: str, portals: Portals) -> None:
    """Refuse what went through a portal nobody knows where, or to no place there is.

    Raises:
        OutOfTurn: with what to do about it.
    """
    if scan.direction is None:
        return
    if scan.port not in portals:
        raise OutOfTurn(Say.NO_PORTAL, port=scan.port)
    if scan.direction is Direction.UNKNOWN:
        raise OutOfTurn(Say.WHICH_WAY, device=tag, read_point=scan.read_point)
    inside, outside = portals[scan.port]
    place = inside if scan.direction is Direction.IN else outside
    try:
        find_location(session, place)
    except NotFound:
        # The tag is known and is not to blame: a name in the settings is mistyped.
        raise OutOfTurn(
            Say.PORTAL_PLACE, port=scan.port, place=place, device=tag
        ) from None
