"""A count of a place under way: what was seen there so far."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Select,
    bindparam,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import place_named, places_within
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.ledger.seek import Place, Tagged
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.destinations import in_place
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    CustodySpan,
    FlagSpan,
    Location,
    Stocktake,
    StocktakeLine,
)
from fsc_logistics.core.tables.base import EPOCH, MICROSECOND
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.counting import CONTINUED_WITHIN, Result
from fsc_logistics.domain.custody import BizStep, Custody, Signature, Transfer
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count that nobody has ended yet."""

    id: int
    location: int
    begun_at: datetime
    seen_at: datetime
    expected: int
    """How many should have been there when it began."""
    found: int
    strays: int

    def goes_on(self, begun_at: datetime, at: datetime) -> bool:
        """Return whether a count that was set at `begun_at` is this one at `at`."""
        return self.begun_at == begun_at or at - self.seen_at <= CONTINUED_WITHIN


def record_sighting(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
    by: Signature,
    owners: Collection[str] = (),
) -> Recorded:
    """Record that a device was seen where a place is counted.

    What is there already, or at a place inside it, stays as it is; what the ledger has
    elsewhere is here now, and contradicts what a fact may contradict.

    Raises:
        NotFound, Refused: the place is unknown, or is not set.
    """
    place = place_named(session, in_place(session, scan, station))
    is_here = held is not None and _is_inside(session, place, held.location)
    transfer = Transfer(
        uid=scan.scan_id,
        devices=(device.tag,),
        location=held.location if held is not None and is_here else place.code,
        custodian=held.custodian if held is not None and is_here else None,
        event_time=scan.scanned_at,
        biz_step=BizStep.CYCLE_COUNTING,
        read_point=scan.read_point,
    )
    return record_transfer(session, transfer, by, as_fact=True, owners=owners)


def answer_sighting(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
    by: Signature,
    answer: Answer,
) -> Answer:
    """Count a device that was seen, once, and say how many were.

    `answer` is what is said of it elsewhere: what contradicts the ledger is said here
    too.
    """
    place = place_named(session, in_place(session, scan, station))
    count = _count_of(session, scan, station, place, by)
    is_here = held is not None and _is_inside(session, place, held.location)
    result = Result.FOUND if is_here else Result.STRAY
    is_new = _LINE.first(session, count=count.id, device=device.id) is None
    found = count.found + (is_new and result is Result.FOUND)
    strays = count.strays + (is_new and result is Result.STRAY)
    if is_new:
        _ADD_LINE.run(
            session,
            stocktake_id=count.id,
            device_id=device.id,
            result=result.value,
        )
    _SEEN.run(
        session,
        count=count.id,
        seen=microseconds(max(count.seen_at, scan.scanned_at)),
        found=found,
        strays=strays,
    )
    facts = {
        "device": device.tag,
        "place": place.code,
        "found": str(found),
        # Some may have come while it was counted.
        "expected": str(max(count.expected, found)),
        "strays": str(strays),
        "after": answer.facts.get("after", ""),
    }
    told = {**answer.facts, **facts}
    if answer.facts.get("rule"):
        return Answer(
            outcome=answer.outcome,
            message=answer.message,
            event=answer.event,
            holds=answer.holds,
            facts=told,
        )
    key = Say.COUNTED if result is Result.FOUND else Say.COUNTED_STRAY
    outcome = Outcome.OK
    if not is_new and answer.outcome is Outcome.ALREADY:
        key, outcome = Say.COUNTED_ALREADY, Outcome.ALREADY
    return Answer(
        outcome=outcome,
        message=say(key, **facts),
        event=answer.event,
        facts=told | {"say": key.value},
    )


def open_count(session: Session, station_id: int, place: int) -> Count | None:
    """Return the count of a place by a station that nobody has ended, if any."""
    row = _OPEN.first(session, station=station_id, place=place)
    if row is None:
        return None
    number, location, begun, seen, expected, found, strays = row
    return Count(
        id=number,
        location=location,
        begun_at=EPOCH + begun * MICROSECOND,
        seen_at=EPOCH + seen * MICROSECOND,
        expected=expected,
        found=found,
        strays=strays,
    )


def devices_within(place: int, at: datetime) -> Select[int]:
    """Return the query for what should be at a place, or inside it, at `at`.

    What is flagged as missing is not expected: nobody has found it since.
    """
    return select(CustodySpan.device_id).where(
        CustodySpan.location_id.in_(places_within(place)),
        covers(CustodySpan, at),
        ~exists().where(
            FlagSpan.device_id == CustodySpan.device_id,
            FlagSpan.flag == Flag.MISSING.value,
            FlagSpan.raised == true(),
            covers(FlagSpan, at),
        ),
    )


def _count_of(
    session: Session, scan: Scan, station: Station, place: Place, by: Signature
) -> Count:
    """Return the count that a scan belongs to; a new one where it is the first."""
    station_id = lock_station(session, scan.station)
    begun_at = station.since or scan.scanned_at
    last = open_count(session, station_id, place.id)
    if last is not None:
        if last.goes_on(begun_at, scan.scanned_at):
            return last
        # Nobody said that all was seen: it ends, and what was not is not missing.
        session.execute(
            update(Stocktake)
            .where(Stocktake.id == last.id)
            .values(ended_at=Stocktake.seen_at)
        )
    there = devices_within(place.id, begun_at).subquery()
    expected = session.scalar(select(func.count()).select_from(there)) or 0
    made = Stocktake(
        station_id=station_id,
        read_point=scan.read_point,
        location_id=place.id,
        actor=by.actor,
        begun_at=begun_at,
        begun_seq=scan.station_seq,
        seen_at=scan.scanned_at,
        expected_count=expected,
        found_count=0,
        stray_count=0,
    )
    session.add(made)
    session.flush()
    return Count(
        id=made.id,
        location=place.id,
        begun_at=begun_at,
        seen_at=scan.scanned_at,
        expected=expected,
        found=0,
        strays=0,
    )


def _is_inside(session: Session, place: Place, location: str) -> bool:
    if location == place.code:
        return True
    return _INSIDE.first(session, place=place.id, code=location) is not None


_number = bindparam("count", type_=BigInteger)
_OPEN = Statement(
    lambda: select(
        Stocktake.id,
        Stocktake.location_id,
        Stocktake.begun_at,
        Stocktake.seen_at,
        Stocktake.expected_count,
        Stocktake.found_count,
        Stocktake.stray_count,
    ).where(
        Stocktake.station_id == bindparam("station", type_=BigInteger),
        Stocktake.location_id == bindparam("place", type_=BigInteger),
        Stocktake.ended_at.is_(None),
    )
)
_LINE = Statement(
    lambda: select(StocktakeLine.result).where(
        StocktakeLine.stocktake_id == _number,
        StocktakeLine.device_id == bindparam("device", type_=BigInteger),
    )
)
_ADD_LINE = Statement(
    lambda: insert(StocktakeLine), "stocktake_id", "device_id", "result"
)
_SEEN = Statement(
    lambda: (
        update(Stocktake)
        .where(Stocktake.id == _number)
        .values(
            seen_at=bindparam("seen", type_=BigInteger),
            found_count=bindparam("found", type_=BigInteger),
            stray_count=bindparam("strays", type_=BigInteger),
        )
    )
)
_INSIDE = Statement(
    lambda: select(Location.id).where(
        Location.code == bindparam("code"),
        Location.id.in_(places_within(bindparam("place", type_=BigInteger))),
    )
)
