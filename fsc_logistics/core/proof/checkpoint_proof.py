"""Proof: the ledger held against the checkpoints that were taken of it.

Those in the database show what was changed by somebody who left them alone; those in
files kept elsewhere, what was changed by somebody who did not.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.proof.checkpoints import (
    NOTHING_BEFORE,
    CheckpointTaken,
    Head,
    checkpoint_text,
)
from fsc_logistics.core.proof.signing import public_of_pem, signature_fault
from fsc_logistics.core.tables import Checkpoint, Event, Station
from fsc_logistics.domain.errors import BadInput


def checkpoint_mismatches(
    session: Session, trusted: Collection[bytes] = ()
) -> Iterator[str]:
    """Yield what does not fit: a checkpoint in the database, or the ledger to one.

    With `trusted` public keys, what is signed must be signed with one of them.
    """
    before, against = NOTHING_BEFORE, _Against(session)
    rows = session.scalars(select(Checkpoint).order_by(Checkpoint.id))
    for row in rows.yield_per(1_000):
        named = _named(row.taken_at)
        if not _says_what_it_said(row, before):
            yield (
                f"{named}: it does not say what it said when it was taken, or one"
                " before it was put in or taken away"
            )
        fault = signature_fault(
            row.hash, row.signature, row.public_key, trusted=trusted
        )
        if fault is not None:
            yield f"{named}: {fault}"
        against.hold(_heads_of(row), named)
        before = row.hash
        session.expunge(row)
    yield from against.mismatches()


def file_mismatches(
    session: Session, files: Sequence[Path], trusted: Collection[bytes] = ()
) -> Iterator[str]:
    """Yield what does not fit of checkpoints in files, and the ledger to them.

    With `trusted` public keys, each must be signed with one of them.

    Raises:
        BadInput: a file cannot be read, or holds no checkpoint.
    """
    for file in files:
        taken = read_checkpoint(file)
        fault = _fault_of(taken, trusted)
        if fault is not None:
            yield f"{file}: {fault}"
            continue
        named = f"{_named(taken.taken_at)} in {file}"
        kept = exists().where(Checkpoint.hash == bytes.fromhex(taken.hash))
        if not session.scalar(select(kept)):
            yield f"{named} is not among those of this ledger"
        against = _Against(session)
        against.hold(taken.stations, named)
        yield from against.mismatches()


def read_checkpoint(file: Path) -> CheckpointTaken:
    """Return the checkpoint in a file, whether it is whole or not.

    Raises:
        BadInput: the file cannot be read, or holds something else.
    """
    try:
        said = json.loads(file.read_text("utf-8"))
        return CheckpointTaken(
            taken_at=datetime.fromisoformat(said["taken_at"]),
            actor=_text(said["actor"]),
            before=_text(said["before"]),
            events=_count(said["events"]),
            stations=tuple(
                _head(head["station"], head["events"], head["hash"])
                for head in said["stations"]
            ),
            text=_text(said["text"]),
            hash=_text(said["hash"]),
            signature=_text_or_none(said["signature"]),
            public_key=_text_or_none(said["public_key"]),
        )
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput(
            f"{file} holds no checkpoint. Name a file that fsc ledger checkpoint -o"
            " wrote."
        ) from None


@dataclass(slots=True)
class _Against:
    """The heads that checkpoints hold, looked up in the ledger.

    A station is told of twice at most: how much of it is gone, by the last checkpoint
    that holds it; since when it is another, by the first.
    """

    session: Session
    _ids: dict[str, int] = field(default_factory=dict)
    _held: dict[str, Head] = field(default_factory=dict)
    _gone: dict[str, str] = field(default_factory=dict)
    _changed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = self.session.execute(select(Station.code, Station.id))
        self._ids.update((code, number) for code, number in rows)

    def hold(self, heads: Sequence[Head], named: str) -> None:
        """Look the heads of one checkpoint up, but those the one before it held."""
        for head in heads:
            if self._held.get(head.station) != head:
                self._held[head.station] = head
                self._look_up(head, named)

    def mismatches(self) -> Iterator[str]:
        """Yield what is gone, and what is another."""
        yield from self._gone.values()
        yield from self._changed.values()

    def _look_up(self, head: Head, named: str) -> None:
        here = Event.station_id == self._ids.get(head.station, 0)
        found = self.session.execute(
            select(Event.uid, Event.hash).where(here, Event.station_seq == head.events)
        ).first()
        if found is None:
            upto = select(func.max(Event.station_seq)).where(
                here, Event.station_seq < head.events
            )
            first = (self.session.scalar(upto) or 0) + 1
            self._gone[head.station] = _gone(head, first, named)
        elif found.hash.hex() != head.hash:
            self._changed.setdefault(
                head.station,
                f"station {head.station}: event {found.uid} ({head.events}) is not the"
                f" one, or does not follow from those, that {named} holds",
            )


def _gone(head: Head, first: int, named: str) -> str:
    if first == head.events:
        return f"station {head.station}: event {first}, which {named} holds, is gone"
    return (
        f"station {head.station}: events {first} to {head.events}, which {named} holds,"
        " are gone"
    )


def _named(taken_at: datetime) -> str:
    return f"the checkpoint of {taken_at:%Y-%m-%d %H:%M:%S} UTC"


def _says_what_it_said(row: Checkpoint, before: bytes) -> bool:
    text = checkpoint_text(before, row.taken_at, row.actor, row.events, _heads_of(row))
    return hashlib.sha256(text.encode()).digest() == row.hash


def _heads_of(row: Checkpoint) -> tuple[Head, ...]:
    """Return the heads a row holds; none where what stands there is something else."""
    try:
        return tuple(
            _head(station, events, digest)
            for station, events, digest in json.loads(row.heads)
        )
    except (ValueError, TypeError, RecursionError):
        return ()


def _fault_of(taken: CheckpointTaken, trusted: Collection[bytes]) -> str | None:
    """Return what is wrong with the checkpoint of a file in itself, or None."""
    altered = "it was altered after it was taken: its hash is not that of what it says"
    try:
        before = bytes.fromhex(taken.before)
        digest = bytes.fromhex(taken.hash)
        text = checkpoint_text(
            before, taken.taken_at, taken.actor, taken.events, taken.stations
        )
        # JSON may hold halves of signs that no UTF-8 has.
        hashed = hashlib.sha256(text.encode()).digest()
    except ValueError:
        return altered
    if text != taken.text or hashed != digest:
        return altered
    if trusted and taken.signature is None:
        return "it is not signed, and so proves nothing to who asks for a key"
    try:
        signature = _decoded(taken.signature)
        public = _public(taken.public_key)
    except ValueError:
        return "its signature cannot be read"
    return signature_fault(digest, signature, public, trusted=trusted)


def _decoded(signature: str | None) -> bytes | None:
    if signature is None:
        return None
    try:
        return base64.b64decode(signature, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _public(pem: str | None) -> bytes | None:
    return None if pem is None else public_of_pem(pem.encode())


def _head(station: Any, events: Any, digest: Any) -> Head:
    head = Head(station=_text(station), events=_count(events), hash=_text(digest))
    if head.events < 1 or not head.station.isprintable():
        raise ValueError("not the head of a station")
    return head


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a count")
    return value
