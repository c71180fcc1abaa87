"""Proof that the ledger is whole and that what is derived from it follows from it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core import spans
from fsc_logistics.core.custody import lock
from fsc_logistics.core.ledger import chain_mismatches
from fsc_logistics.core.tables import CustodySpan, Device, Event, KitSpan

Progress = Callable[[int, int], None]
"""Told how many devices are done, of how many."""

MISMATCHES_MAX = 1_000
"""More than these are not listed; the ledger is then beyond reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what did not fit."""

    events: int
    devices: int
    spans: int
    mismatches: tuple[str, ...]


def verify(session: Session, progress: Progress | None = None) -> Verified:
    """Recompute every hash and every span from the events, and compare."""
    found = []
    for mismatch in chain_mismatches(session):
        found.append(mismatch)
        if len(found) >= MISMATCHES_MAX:
            break
    total, done = _count(session, Device), 0
    for batch in spans.device_batches(session):
        for chain in spans.CHAINS:
            found += spans.mismatches(session, chain, batch)
        done += len(batch)
        session.expunge_all()
        if progress is not None:
            progress(done, total)
        if len(found) >= MISMATCHES_MAX:
            break
    return Verified(
        events=_count(session, Event),
        devices=total,
        spans=_count(session, CustodySpan) + _count(session, KitSpan),
        mismatches=tuple(found[:MISMATCHES_MAX]),
    )


def rebuild(session: Session, progress: Progress | None = None) -> Verified:
    """Make every span anew from the events, in the one transaction it is called in."""
    total, done, made = _count(session, Device), 0, 0
    for batch in spans.device_batches(session):
        lock(session, batch)
        for chain in spans.CHAINS:
            made += spans.rebuild(session, chain, batch)
        done += len(batch)
        if progress is not None:
            progress(done, total)
    return Verified(
        events=_count(session, Event), devices=total, spans=made, mismatches=()
    )


def _count(
    session: Session, table: type[Device | Event | CustodySpan | KitSpan]
) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
