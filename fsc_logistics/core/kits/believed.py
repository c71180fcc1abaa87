"""Kits as the ledger stood at an earlier moment: which spans to ask, and of which."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.late import late_devices
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.ledger.views import TODAY, View, believed
from fsc_logistics.core.tables import EventLine, KitSpan


def view_of(session: Session, kits: Iterable[int], known_at: datetime | None) -> View:
    """Return the spans of some kits and of all their parts, as known at `known_at`."""
    if known_at is None:
        return TODAY
    return view_with(session, kits, known_at, late_devices(session, known_at))


def view_with(
    session: Session, kits: Iterable[int], known_at: datetime, late: Iterable[int]
) -> View:
    """Return the same, where it is known which devices are `late`."""
    cases = list(kits)
    parts = select(KitSpan.device_id).where(KitSpan.kit_id.in_(cases))
    devices = {*cases, *session.scalars(parts)}
    # Parts that today were never in one of the kits.
    for chunk in _chunks(late):
        devices.update(
            session.scalars(
                select(EventLine.device_id).where(
                    EventLine.device_id.in_(chunk), EventLine.kit_id.in_(cases)
                )
            )
        )
    return believed(devices, known_at)


def late_kits(session: Session, late: Iterable[int]) -> set[int]:
    """Return the kits that are among the devices `late`, or ever had one of them."""
    kits: set[int | None] = set()
    for chunk in _chunks(late):
        parts = select(EventLine.kit_id).where(EventLine.device_id.in_(chunk))
        cases = select(KitSpan.kit_id).where(KitSpan.kit_id.in_(chunk))
        kits.update(session.scalars(parts.distinct()))
        kits.update(session.scalars(cases.distinct()))
    return {kit for kit in kits if kit is not None}


def _chunks(devices: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(devices)
    for start in range(0, len(wanted), BATCH):
        yield wanted[start : start + BATCH]
