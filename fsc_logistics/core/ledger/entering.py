"""Any event entered: appended, and what it says in the spans."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import NewEvent, append
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.ledger.seek import Held
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import EventKind, Signature


def enter(
    session: Session,
    station: int,
    event: NewEvent,
    by: Signature,
    *,
    held: Mapping[int, Held] | None = None,
) -> Recorded:
    """Append an event and bring the spans it touches up to date.

    `held` are the spans of custody it falls in, of all its devices that have one, where
    the caller has asked for them since it locked the devices.
    """
    event_id = append(session, station, event, by)
    for chain, values in _said(event):
        spans.apply(
            session,
            chain,
            event_id=event_id,
            at=event.event_time,
            said=values,
            covering=held if chain is spans.CUSTODY else None,
        )
    stock_spans.apply(session, event_id, event)
    tags = tuple(sorted(line.device.code for line in event.lines))
    return Recorded(uid=event.uid, event=event_id, added=True, devices=tags)


def _said(event: NewEvent) -> Iterator[tuple[spans.Chain, dict[int, dict[str, Any]]]]:
    """Yield what an event says of its devices, for each chain it speaks for."""
    devices = [line.device.id for line in event.lines]
    if event.kind is EventKind.OBJECT:
        assert event.custodian is not None
        assert event.location is not None
        held = {"custodian_id": event.custodian.id, "location_id": event.location.id}
        yield spans.CUSTODY, dict.fromkeys(devices, held)
    if event.kind is EventKind.AGGREGATION:
        yield (
            spans.KIT,
            {
                line.device.id: {"kit_id": line.kit.id if line.kit else None}
                for line in event.lines
            },
        )
    if event.condition is not None:
        stated = {"condition": event.condition}
        yield spans.CONDITION, dict.fromkeys(devices, stated)
    if event.flag is not None:
        raised = {"raised": event.raised}
        yield spans.FLAGS[Flag(event.flag)], dict.fromkeys(devices, raised)
