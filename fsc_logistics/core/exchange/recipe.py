"""What an import is told: what the lines of a file are, and how to go about them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from fsc_logistics.core.exchange.csv_files import Column, Fault, Line, Told
from fsc_logistics.domain.errors import FscError

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Generic[Done]):
    """What the lines of a file are, and how they are taken in."""

    kind: str
    columns: Sequence[Column]
    take: Callable[[Session, Sequence[Line], Told], Iterable[Done]]
    """Take in the lines that can be, and tell the faults of the others."""
    check: Callable[[Session, Sequence[Line], Told], None] | None = None
    """Tell the faults of lines.  None: a line may need one before it, so that only
    taking all of them in shows whether they are right; which is then undone."""
    names: Mapping[str, Callable[[Line], Iterable[tuple[str, ...]]]] = field(
        default_factory=dict
    )
    """What only one line of a file may say, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a file is to be imported."""

    now: datetime
    dry_run: bool = False
    skip_wrong: bool = False
    """Take in what is right though other lines are wrong."""
    again: bool = False
    """Also a file that was imported whole before."""
    told: Callable[[str], None] = lambda text: None
    """What is worth knowing while it runs."""
    progress: Callable[[int, int], None] = lambda done, total: None


def by_line(
    add: Callable[[Session, Line], Done],
) -> Callable[[Session, Sequence[Line], Told], Iterator[Done]]:
    """Return how lines are taken in one by one, by `add`, which may refuse one."""

    def take(session: Session, lines: Sequence[Line], told: Told) -> Iterator[Done]:
        for line in lines:
            try:
                # A savepoint each: one refused half-way leaves nothing behind.
                with session.begin_nested():
                    done = add(session, line)
            except FscError as error:
                told(Fault(line=line.number, column=None, text=str(error)))
            else:
                yield done

    return take
