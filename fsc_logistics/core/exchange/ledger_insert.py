"""The rows of an exported ledger put into a database that holds none."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.exchange.ledger_files import FIRST_EVENT, TableFile
from fsc_logistics.core.tables import OPEN_ENDED, CustodySpan, Device, Event


def insert_rows(
    session: Session, file: TableFile, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of a file.

    A device cannot be registered without being somewhere; so it comes in with one span
    that says what the event says which brought it in.

    Raises:
        IntegrityError: they do not fit each other, or what is there.
        KeyError: an event that brought a device in is not there.
    """
    if file.table is not Device:
        session.connection().execute(insert(file.rows()), [*rows])
        return
    devices = [{k: v for k, v in row.items() if k != FIRST_EVENT} for row in rows]
    session.connection().execute(insert(Device), devices)
    _begin_custody(session, {row["id"]: row[FIRST_EVENT] for row in rows})


def _begin_custody(session: Session, begun: Mapping[int, int]) -> None:
    """Put devices where the event that brought each in says, until all is there."""
    events: dict[int, Any] = {}
    for part in in_parts(set(begun.values())):
        found = select(
            Event.id, Event.event_time, Event.custodian_id, Event.location_id
        ).where(Event.id.in_(part))
        events.update((event.id, event) for event in session.execute(found))
    session.connection().execute(
        insert(CustodySpan),
        [
            {
                "device_id": device,
                "valid_from": events[event].event_time,
                "valid_to": OPEN_ENDED,
                "prev_to": None,
                "event_id": event,
                "custodian_id": events[event].custodian_id,
                "location_id": events[event].location_id,
            }
            for device, event in begun.items()
        ],
    )
