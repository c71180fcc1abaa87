"""One hash that stands for the whole ledger."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import Event, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the chain of one station has come."""

    station: str
    events: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One hash over the heads of all stations: the whole ledger at one moment."""

    events: int
    hash: str
    stations: tuple[Head, ...]


def checkpoint(session: Session) -> Checkpoint:
    """Return the hash that stands for the ledger as it is now.

    SHA-256 over the stations by code, each with the number and hash of its last event.
    """
    last = (
        select(Event.station_id, func.max(Event.station_seq).label("seq"))
        .group_by(Event.station_id)
        .subquery()
    )
    heads = tuple(
        Head(station=row.code, events=row.station_seq, hash=row.hash.hex())
        for row in session.execute(
            select(Station.code, Event.station_seq, Event.hash)
            .join(last, last.c.station_id == Station.id)
            .join(
                Event,
                (Event.station_id == last.c.station_id)
                & (Event.station_seq == last.c.seq),
            )
            .order_by(Station.code)
        )
    )
    text = json.dumps([[head.station, head.events, head.hash] for head in heads])
    return Checkpoint(
        events=sum(head.events for head in heads),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        stations=heads,
    )
