"""Any event entered: appended, and what it says in the spans."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import NewEvent, append
from fsc_logistics.core.ledger.known import Known
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.ledger.seek import Held, Lasting
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import EventKind, Signature


def enter(
    session: Session,
    station: int,
    event: NewEvent,
    by: Signature,
    *,
    known: Mapping[int, Known] = MappingProxyType({}),
) -> Recorded:
    """Append an event and bring the spans it touches up to date.

    `known` is what was known of all its devices at its moment, where the caller has
    asked since it locked them.
    """
    event_id = append(session, station, event, by)
    for chain, values in _said(event):
        spans.apply(
            session,
            chain,
            event_id=event_id,
            at=event.event_time,
            said=values,
            covering=_covering(chain, known) if known else None,
        )
    stock_spans.apply(session, event_id, event)
    tags = tuple(sorted(line.device.code for line in event.lines))
    return Recorded(uid=event.uid, event=event_id, added=True, devices=tags)


def _covering(
    chain: spans.Chain, known: Mapping[int, Known]
) -> dict[int, Held | Lasting] | None:
    """Return the spans of `chain` that are known; None where they must be asked for."""
    if chain is spans.CUSTODY:
        held = ((device, one.held) for device, one in known.items())
        return {device: span for device, span in held if span is not None}
    if chain is spans.CONDITION:
        stated = ((device, one.stated) for device, one in known.items())
        return {device: span for device, span in stated if span is not None}
    return None


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
