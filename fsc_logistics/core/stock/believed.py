"""How many of which lot were where, as the ledger stood at an earlier moment.

Of a lot at a place whose past has changed since, it is counted up from the events; of
all others the spans of today say it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.late import late_events, was_known
from fsc_logistics.core.proof.stock_books import is_kept, lines
from fsc_logistics.core.stock.pairs import PAIRS, Pair, among
from fsc_logistics.core.tables import CountLine, Event, Location, StockLine


def late_pairs(session: Session, known_at: datetime) -> set[Pair]:
    """Return the lots and places whose past has changed since `known_at`."""
    late = late_events(known_at)
    pairs: set[Pair] = set()
    for lot, place, table in (
        (StockLine.lot_id, StockLine.from_id, StockLine),
        (StockLine.lot_id, StockLine.to_id, StockLine),
        (CountLine.lot_id, CountLine.location_id, CountLine),
    ):
        rows = session.execute(select(lot, place).where(table.event_id.in_(late)))
        pairs.update((row[0], row[1]) for row in rows)
    return pairs


def believed(
    session: Session, pairs: Sequence[Pair], at: datetime, known_at: datetime
) -> dict[Pair, int]:
    """Return how many of each lot there were at each place at `at`, as known then.

    Those of places without a balance are left out.
    """
    there: defaultdict[Pair, int] = defaultdict(int)
    for start in range(0, len(pairs), PAIRS):
        chunk = pairs[start : start + PAIRS]
        said = lines(among(chunk))
        rows = session.execute(
            select(said.c.lot_id, said.c.location_id, said.c.change, said.c.counted)
            .join(Event, Event.id == said.c.event_id)
            .join(Location, Location.id == said.c.location_id)
            .where(was_known(known_at), Event.event_time <= at, is_kept(Location.kind))
            .order_by(Event.event_time, Event.id, said.c.other_id)
        )
        for lot, place, change, counted in rows:
            pair = lot, place
            there[pair] = there[pair] + change if counted is None else counted
    return there
