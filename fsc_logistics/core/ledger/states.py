"""How devices were at a moment: who had them, their conditions and flags."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.seek import Held
from fsc_logistics.core.ledger.spans import BATCH, Table
from fsc_logistics.core.tables import ConditionSpan, CustodySpan, FlagSpan, KitSpan
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import CLOCK_SKEW_MAX, Signature


def missing_at(session: Session, devices: Sequence[int], at: datetime) -> set[int]:
    """Return those of `devices` that were flagged as missing at `at`."""
    return flagged_at(session, devices, Flag.MISSING, at)


def flagged_at(
    session: Session, devices: Sequence[int], flag: Flag, at: datetime
) -> set[int]:
    """Return those of `devices` on which a flag hung at `at`."""
    found: set[int] = set()
    for start in range(0, len(devices), BATCH):
        # Whether it is raised is not asked for: SQLite would then look through all
        # flags that are, and not those of the devices.
        rows = session.execute(
            select(FlagSpan.device_id, FlagSpan.raised).where(
                FlagSpan.device_id.in_(devices[start : start + BATCH]),
                FlagSpan.flag == flag.value,
                covers(FlagSpan, at),
            )
        )
        found.update(device for device, raised in rows if raised)
    return found


def moment_of(
    session: Session, devices: Sequence[int], at: datetime, by: Signature
) -> datetime:
    """Return when an act on locked devices is that was told as of `at`.

    An act of now comes after all that the ledger has of them.  Two desks have each
    looked at the clock before one waited for the other; by its clock the one that
    waited would be told as the earlier, of devices as it has not found them.
    """
    if at != by.record_time:
        return at
    return _last_change(session, devices, at, at + CLOCK_SKEW_MAX) or at


def _last_change(
    session: Session, devices: Sequence[int], since: datetime, until: datetime
) -> datetime | None:
    """Return when something last changed for `devices`, or became part of one of them.

    None where nothing did from `since` until `until`, both included.
    """
    moments: list[datetime] = []
    for start in range(0, len(devices), BATCH):
        batch = devices[start : start + BATCH]
        changes = (
            select(func.max(table.valid_from)).where(
                device.in_(batch), table.valid_from.between(since, until)
            )
            for table, device in (
                (CustodySpan, CustodySpan.device_id),
                (KitSpan, KitSpan.device_id),
                (KitSpan, KitSpan.kit_id),
                (ConditionSpan, ConditionSpan.device_id),
                (FlagSpan, FlagSpan.device_id),
            )
        )
        moments += filter(None, session.scalars(union_all(*changes)))
    return max(moments, default=None)


def spans_at(session: Session, devices: Sequence[int], at: datetime) -> dict[int, Held]:
    """Return the span each device was in at `at`, where there was one."""
    if len(devices) == 1:
        one = seek.held(session, devices[0], at)
        return {} if one is None else {one.device_id: one}
    found: dict[int, Held] = {}
    for start in range(0, len(devices), BATCH):
        for row in session.execute(
            select(*seek.HELD_COLUMNS).where(
                CustodySpan.device_id.in_(devices[start : start + BATCH]),
                covers(CustodySpan, at),
            )
        ):
            found[row.device_id] = Held._make(row)
    return found


def covers(table: Table, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a span of `table` holds at `at`."""
    return (table.valid_from <= at) & (table.valid_to > at)


def conditions_at(
    session: Session, devices: Sequence[int], at: datetime
) -> dict[int, str]:
    """Return the condition each device was in at `at`, where anybody ever said."""
    if len(devices) == 1:
        one = seek.condition(session, devices[0], at)
        return {} if one is None else {devices[0]: one}
    found: dict[int, str] = {}
    for start in range(0, len(devices), BATCH):
        for device, condition in session.execute(
            select(ConditionSpan.device_id, ConditionSpan.condition).where(
                ConditionSpan.device_id.in_(devices[start : start + BATCH]),
                covers(ConditionSpan, at),
            )
        ):
            found[device] = condition
    return found
