"""What follows once events were declared wrong: spans made anew, and the rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.kits.membership import check_not_nested
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.appending import NewEvent
from fsc_logistics.core.stock import spans as stock_spans
from fsc_logistics.core.stock.pairs import Pair
from fsc_logistics.core.tables import CustodySpan, Device
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import EventKind
from fsc_logistics.domain.errors import Refused


@dataclass(slots=True)
class Touched:
    """What events spoke of: of which devices, in which chains, and of which stock."""

    stock: set[Pair] = field(default_factory=set)
    _devices: dict[int, set[int]] = field(default_factory=dict)
    """The devices of a chain, by its place in `spans.CHAINS`."""

    def add(self, event: NewEvent) -> None:
        """Add what `event` speaks of."""
        for place, chain in enumerate(spans.CHAINS):
            if any(chain is ours for ours in _chains(event)):
                found = self._devices.setdefault(place, set())
                found.update(line.device.id for line in event.lines)
        for moved in event.moved:
            self.stock.add((moved.lot.id, moved.origin.id))
            self.stock.add((moved.lot.id, moved.target.id))
        for counted in event.counted:
            self.stock.add((counted.lot.id, counted.location.id))

    def chains(self) -> Iterator[tuple[spans.Chain, list[int]]]:
        """Yield each chain, with its devices in the order of their numbers."""
        for place, devices in sorted(self._devices.items()):
            yield spans.CHAINS[place], sorted(devices)


def settle(session: Session, touched: Touched, *, without: str) -> None:
    """Make the spans of what was touched anew, and see that no rule is broken by it.

    Raises:
        Refused: `without` these events a device would be nowhere, a kit would be part
            of a kit, or a place would have fewer than none of a lot.
    """
    for chain, devices in touched.chains():
        spans.rebuild(session, chain, devices)
        if chain is spans.CUSTODY:
            _check_somewhere(session, devices, without)
        if chain is spans.KIT:
            check_not_nested(session, devices)
    stock_spans.rebuild(session, sorted(touched.stock))


def _chains(event: NewEvent) -> Iterable[spans.Chain]:
    if event.kind is EventKind.OBJECT:
        yield spans.CUSTODY
    if event.kind is EventKind.AGGREGATION:
        yield spans.KIT
    if event.condition is not None:
        yield spans.CONDITION
    if event.flag is not None:
        yield spans.FLAGS[Flag(event.flag)]


def _check_somewhere(session: Session, devices: Sequence[int], without: str) -> None:
    for start in range(0, len(devices), spans.BATCH):
        nowhere = session.scalar(
            select(Device.tag)
            .where(
                Device.id.in_(devices[start : start + spans.BATCH]),
                ~Device.id.in_(select(CustodySpan.device_id)),
            )
            .order_by(Device.tag)
            .limit(1)
        )
        if nowhere is not None:
            raise Refused(
                f"Without {without} {nowhere} would be nowhere. Say where it was"
                " instead: fsc correct EVENT --reason incorrect_data --to LOCATION"
            )
