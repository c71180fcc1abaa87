"""Exceptions that an act closes: whoever says what is right is done with them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.exceptions.waiting import is_open
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import NewEvent
from fsc_logistics.core.tables import OPEN_ENDED, Anomaly, Event
from fsc_logistics.domain.anomalies import ExceptionKind
from fsc_logistics.domain.care import Condition, Flag


def close_by_act(
    session: Session, event: NewEvent, chain: spans.Chain, devices: Sequence[int]
) -> None:
    """Close what waits of `devices` and is settled by what `event` says of them.

    That a device is or is not missing, or that it is fit after all.  Closed by
    whichever event says so today: it may have been said before, or another since.
    """
    kind = _settled_by(event)
    if kind is None:
        return
    table: Any = chain.table
    (name,) = chain.values
    for start in range(0, len(devices), spans.BATCH):
        rows = session.execute(
            select(Anomaly, table.event_id)
            .join(Event, Event.id == Anomaly.event_id)
            .join(table, table.device_id == Anomaly.device_id)
            .where(
                Anomaly.device_id.in_(devices[start : start + spans.BATCH]),
                Anomaly.kind == kind.value,
                is_open(),
                chain.is_ours(),
                table.valid_to == OPEN_ENDED,
                getattr(table, name) == getattr(event, name),
            )
        ).all()
        for anomaly, said_by in rows:
            anomaly.resolution_id = said_by
    session.flush()


def _settled_by(event: NewEvent) -> ExceptionKind | None:
    if event.flag == Flag.MISSING and event.raised is False:
        return ExceptionKind.MISSING_FOUND
    if event.flag == Flag.MISSING and event.raised is True:
        return ExceptionKind.NOT_SEEN
    if event.condition == Condition.READY:
        return ExceptionKind.SCRAPPED_ALIVE
    return None
