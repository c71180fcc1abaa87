"""The end of a count: what should have been there and was not seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import place_named
from fsc_logistics.core.exceptions.anomalies import raise_anomalies
from fsc_logistics.core.ledger.appending import Line, Named, NewEvent, lock_station
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.ledger.named import named_devices
from fsc_logistics.core.ledger.seek import Place
from fsc_logistics.core.ledger.states import spans_at
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.count_lines import settle_lines
from fsc_logistics.core.scanning.counting import open_count
from fsc_logistics.core.scanning.destinations import in_place
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Location,
    ScanRecord,
    Stocktake,
)
from fsc_logistics.domain.anomalies import Contradiction, ExceptionKind
from fsc_logistics.domain.cards import Card, Mode, TargetCard
from fsc_logistics.domain.counting import some_of
from fsc_logistics.domain.custody import BizStep, EventKind, Signature
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan

BACK_MAX = 10_000
"""So many scans are looked through for what came before the first device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a count that has ended says."""

    place: str
    found: int
    expected: int
    missing: tuple[str, ...]
    strays: int
    unknown: int
    """How many codes were scanned that nobody knows."""

    def facts(self) -> dict[str, str]:
        """Return what a screen may show of it."""
        return {
            "place": self.place,
            "found": str(self.found),
            "expected": str(self.expected),
            "missing": str(len(self.missing)),
            "strays": str(self.strays),
            "unknown": str(self.unknown),
            "devices": some_of(self.missing),
        }

    def key(self) -> Say:
        """Return which saying tells it."""
        return Say.COUNT_MISSES if self.missing else Say.COUNT_WHOLE


def end_count(
    session: Session, scan: Scan, station: Station, card: Card, by: Signature
) -> Ended | None:
    """End the count that is set, and let what it has not seen wait for somebody.

    An event of the ledger says which devices those are.  None where no device was
    scanned: a place is not empty because nobody looked.  Nor where `card` is that of
    the very place, which was counted as the place of the read point.
    """
    station_id = lock_station(session, scan.station)
    try:
        place = place_named(session, in_place(session, scan, station))
    except (NotFound, Refused):  # Whoever scanned there was told so.
        return None
    count = open_count(session, station_id, place.id)
    begun_at = station.since or scan.scanned_at
    if count is None or not count.goes_on(begun_at, scan.scanned_at):
        return None
    if isinstance(card, TargetCard) and card.code == place.code:
        return None
    ended_at = max(scan.scanned_at, count.seen_at)
    missing, found, strays = settle_lines(session, count, ended_at)
    named = named_devices(session, missing)
    event = None
    if missing:
        event = _say_missing(session, station_id, scan, place, named, ended_at, by)
    session.execute(
        update(Stocktake)
        .where(Stocktake.id == count.id)
        .values(
            seen_at=count.seen_at,
            ended_at=ended_at,
            ended_seq=scan.station_seq,
            expected_count=found + len(missing),
            found_count=found,
            stray_count=strays,
            missing_count=len(missing),
            event_id=event,
        )
    )
    session.flush()
    return Ended(
        place=place.code,
        found=found,
        expected=found + len(missing),
        missing=tuple(sorted(one.code for one in named.values())),
        strays=strays,
        unknown=len(unknown_codes(session, session.get_one(Stocktake, count.id))),
    )


def with_ended(answer: Answer, ended: Ended | None) -> Answer:
    """Return the answer to a card that ended a count, with what the count says."""
    if ended is None:
        return answer
    facts = ended.facts()
    told = [say(ended.key(), **facts)]
    if ended.strays:
        told.append(say(Say.COUNT_STRAYS, **facts))
    if ended.unknown:
        told.append(say(Say.COUNT_UNKNOWN, **facts))
    said = {"say": ended.key().value, **facts}
    if answer.facts.get("say") != Say.DONE.value:
        # Something else begins: that it has is what the card was scanned for.
        told.append(answer.message)
        said = {**facts, **answer.facts}
    return answer._replace(message=" ".join(told), facts=said)


def unknown_codes(session: Session, count: Stocktake) -> list[str]:
    """Return the codes that were scanned in a count and that nobody knew.

    Those before the first device belong to it too, back to when its place was set.
    What was scanned for another count, at another port, does not, nor what somebody has
    dealt with since.
    """
    last = count.ended_seq
    place = session.get_one(Location, count.location_id).code
    within = (
        ScanRecord.station_id == count.station_id,
        ScanRecord.station_seq >= count.begun_seq - BACK_MAX,
        ScanRecord.station_seq <= (last if last is not None else 2**62),
        ScanRecord.mode == Mode.COUNT.value,
        ScanRecord.scanned_at >= count.begun_at,
        ScanRecord.scanned_at <= (count.ended_at or OPEN_ENDED),
    )
    # Before they were kept, of scans nobody knows the port.
    port = func.coalesce(ScanRecord.port, "")
    ports = select(port).where(
        *within,
        or_(
            ScanRecord.station_seq == count.begun_seq,
            func.upper(ScanRecord.payload) == f"%L:{place}",
        ),
    )
    return list(
        session.scalars(
            select(ScanRecord.payload)
            .where(
                *within,
                port.in_(ports),
                ScanRecord.outcome == Outcome.UNKNOWN.value,
                ScanRecord.resolved_at.is_(None),
                ~ScanRecord.payload.startswith("%", autoescape=True),
            )
            .distinct()
            .order_by(ScanRecord.payload)
        )
    )


def _say_missing(
    session: Session,
    station_id: int,
    scan: Scan,
    place: Place,
    missing: dict[int, Named],
    at: datetime,
    by: Signature,
) -> int:
    """Append the event that says which devices were not seen; return its number.

    What was seen elsewhere since, before an outage let this count through, waits for
    nobody.
    """
    event = NewEvent(
        uid=scan.scan_id,
        kind=EventKind.STOCKTAKE,
        event_time=at,
        biz_step=BizStep.CYCLE_COUNTING,
        location=Named(place.id, place.code),
        read_point=scan.read_point,
        reason="not seen there",
        lines=tuple(Line(device=missing[number]) for number in sorted(missing)),
    )
    done = enter(session, station_id, event, by)
    held = spans_at(session, sorted(missing), at)
    places = {one.location_id for one in held.values()}
    codes = dict(
        session.execute(
            select(Location.id, Location.code).where(Location.id.in_(places))
        ).all()
    )
    raise_anomalies(
        session,
        Named(done.event, done.uid),
        {
            number: [
                Contradiction(
                    ExceptionKind.NOT_SEEN,
                    f"{missing[number].code} should be at"
                    f" {codes[span.location_id]}, and a count of {place.code} has not"
                    " seen it.",
                )
            ]
            for number, span in held.items()
            if span.valid_to == OPEN_ENDED
        },
        {number: device.code for number, device in missing.items()},
        by,
    )
    return done.event
