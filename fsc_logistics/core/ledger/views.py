"""The spans a question is put to: those of today, or those believed at a moment."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, union_all
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.ledger.late import known_until, late_devices, line_was_known
from fsc_logistics.core.ledger.spans import (
    BATCH,
    CONDITION,
    CUSTODY,
    FLAGS,
    KIT,
    Table,
    expected,
)
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    EventLine,
    FlagSpan,
    KitSpan,
)

_CUSTODY_OF_CASE = aliased(CustodySpan)


@dataclass(frozen=True, slots=True)
class View:
    """The tables of spans, or what stands in for them."""

    custody: type[CustodySpan] = CustodySpan
    kit: type[KitSpan] = KitSpan
    condition: type[ConditionSpan] = ConditionSpan
    flag: type[FlagSpan] = FlagSpan
    case: type[CustodySpan] = _CUSTODY_OF_CASE
    """`custody` once more, for that of a kit beside that of its part."""


TODAY = View()
Ask = Callable[[View, datetime], Select[*tuple[Any, ...]]]
"""A question about devices one by one at a moment; its rows have `device_id`."""


def believed(devices: Collection[int], known_at: datetime) -> View:
    """Return the spans of `devices`, and of no others, as they were at `known_at`.

    Nothing is kept of them: each question makes those it needs from the events.
    """

    def spans(table: Table, *chains: Any) -> Any:
        lines = EventLine.device_id.in_(devices)
        made = (expected(chain, lines, line_was_known(known_at)) for chain in chains)
        return aliased(table, union_all(*made).subquery(), adapt_on_names=True)

    custody = spans(CustodySpan, CUSTODY)
    return View(
        custody=custody,
        case=aliased(custody),
        kit=spans(KitSpan, KIT),
        condition=spans(ConditionSpan, CONDITION),
        flag=spans(FlagSpan, *FLAGS.values()),
    )


def answers(
    session: Session, ask: Ask, *, at: datetime, known_at: datetime | None
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows of a question for `at`, as known at `known_at` or by now.

    Believed spans are asked of those devices alone whose past has changed since.
    """
    if known_at is None:
        yield from session.execute(ask(TODAY, at))
        return
    late = late_devices(session, known_at)
    for row in session.execute(ask(TODAY, min(at, known_until(known_at)))):
        if row.device_id not in late:
            yield row
    changed = sorted(late)
    for start in range(0, len(changed), BATCH):
        view = believed(changed[start : start + BATCH], known_at)
        yield from session.execute(ask(view, at))
