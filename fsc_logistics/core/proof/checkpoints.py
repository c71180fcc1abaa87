"""Checkpoints: one hash that stands for the whole ledger, kept, signed, handed out.

What a station's chain cannot show by itself, that its last events were cut off or that
all of it was written anew, a checkpoint shows that was taken before.  Each is chained
to the one before it; a copy kept elsewhere is out of reach of whoever has the database.

`docs/proof.md` says how a file of one is checked without this program.
"""

import base64
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.proof.signing import public_pem
from fsc_logistics.core.tables import Checkpoint, Event, Station
from fsc_logistics.core.tables.base import BIG
from fsc_logistics.domain.custody import Signature

if TYPE_CHECKING:
    from fsc_logistics.core.proof.signing import SigningKey

NOTHING_BEFORE = bytes(32)
"""What the first checkpoint is chained to."""
_LOCK = 0x66736370  # "fscp", for pg_advisory_xact_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the chain of one station has come."""

    station: str
    events: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointTaken:
    """One hash over the heads of all stations: the whole ledger at one moment.

    As JSON, it is what a file of it holds.
    """

    taken_at: datetime
    actor: str
    before: str
    """The hash of the checkpoint before it."""
    events: int
    stations: tuple[Head, ...]
    text: str
    """What the hash is made of: all of the above as one line of JSON."""
    hash: str
    """SHA-256 of the text in UTF-8."""
    signature: str | None = None
    """Ed25519 over the 32 bytes of the hash, in base64."""
    public_key: str | None = None
    """PEM."""


def take_checkpoint(
    session: Session, by: Signature, key: "SigningKey | None" = None
) -> CheckpointTaken:
    """Keep and return a checkpoint of the ledger as it is now, signed with `key`.

    Its moment is never before that of the one before it, whatever the clock does.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two at once would both be chained to the same one; SQLite has one writer.
        session.execute(select(func.pg_advisory_xact_lock(literal(_LOCK, BIG))))
    last = session.execute(
        select(Checkpoint.hash, Checkpoint.taken_at)
        .order_by(Checkpoint.id.desc())
        .limit(1)
    ).first()
    before, taken_at = NOTHING_BEFORE, by.record_time
    if last is not None:
        before, taken_at = last.hash, max(taken_at, last.taken_at)
    stations = heads(session)
    events = sum(head.events for head in stations)
    text = checkpoint_text(before, taken_at, by.actor, events, stations)
    digest = hashlib.sha256(text.encode()).digest()
    signature = None if key is None else key.sign(digest)
    public = None if key is None else key.public
    session.execute(
        insert(Checkpoint).values(
            taken_at=taken_at,
            actor=by.actor,
            events=events,
            heads=json.dumps(_as_rows(stations), ensure_ascii=False),
            hash=digest,
            signature=signature,
            public_key=public,
        )
    )
    return CheckpointTaken(
        taken_at=taken_at,
        actor=by.actor,
        before=before.hex(),
        events=events,
        stations=stations,
        text=text,
        hash=digest.hex(),
        signature=None if signature is None else base64.b64encode(signature).decode(),
        public_key=None if public is None else public_pem(public).decode(),
    )


def heads(session: Session) -> tuple[Head, ...]:
    """Return the last event of every station, all as of one moment, by station.

    One statement: it sees no event without those before it.
    """
    other = aliased(Event)
    last = (
        select(func.max(other.station_seq))
        .where(other.station_id == Station.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Station.code, Event.station_seq, Event.hash)
        .join(Event, Event.station_id == Station.id)
        .where(Event.station_seq == last)
    )
    # Sorted here: engines do not agree on the order of texts.
    return tuple(
        Head(station=row.code, events=row.station_seq, hash=row.hash.hex())
        for row in sorted(rows, key=lambda row: row.code)
    )


def checkpoint_text(
    before: bytes,
    taken_at: datetime,
    actor: str,
    events: int,
    stations: Collection[Head],
) -> str:
    """Return what the hash of a checkpoint is made of: JSON, names sorted, no blanks.

    >>> from datetime import UTC
    >>> head = Head(station="DOCK", events=2, hash="ab")
    >>> checkpoint_text(b"\\0", datetime(2026, 5, 1, tzinfo=UTC), "EVA", 2, [head])
    '{"actor":"EVA","before":"00","events":2,"stations":[["DOCK",2,"ab"]],"taken_at":"2026-05-01T00:00:00+00:00"}'
    """
    said = {
        "actor": actor,
        "before": before.hex(),
        "events": events,
        "stations": _as_rows(stations),
        "taken_at": taken_at.isoformat(),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _as_rows(stations: Collection[Head]) -> list[list[str | int]]:
    return [[head.station, head.events, head.hash] for head in stations]
