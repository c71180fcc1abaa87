"""Rows of the database read so many at a time, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fsc_logistics.core.tables import Base

PAGE_ROWS = 1_000
"""Rows held in memory at once."""

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""
Item = TypeVar("Item")


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def pages(
    session: Session, query: Select[*tuple[Any, ...]]
) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows of `query`, `PAGE_ROWS` at a time.

    A server keeps the rest until it is asked for: a long answer takes no memory.
    """
    reading = query.execution_options(yield_per=PAGE_ROWS)
    return session.execute(reading).partitions()


def pages_by(
    session: Session,
    query: Select[*tuple[Any, ...]],
    key: InstrumentedAttribute[str],
) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows of `query` in the order of `key`, which it selects.

    Each page begins behind the last, by the index on `key`: asked for all at once,
    SQLite would join and sort them before it gave the first.
    """
    part = query.where(key > bindparam("last")).order_by(key).limit(PAGE_ROWS)
    last = ""
    while page := session.execute(part, {"last": last}).all():
        yield page
        last = getattr(page[-1], key.key)


def rows_of(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Row[Any]]:
    """Yield the rows of `query` one by one, read in pages."""
    for page in pages(session, query):
        yield from page


def count(session: Session, table: type[Base]) -> int:
    """Return how many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def counted_up(items: Iterable[Item], total: int, progress: Progress) -> Iterator[Item]:
    """Yield `items`, telling `progress` now and then how many there were of `total`."""
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        if done % PAGE_ROWS == 0:
            progress(done, max(total, done))
    progress(done, max(total, done))
