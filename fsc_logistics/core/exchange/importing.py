"""Files taken in: looked through first, then chunk by chunk, and gone on with.

How far a file has come is kept in the transaction that takes its lines in.  So a file
that was interrupted, in whatever way, goes on after the last line that is in.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any, Generic

from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Fault,
    Line,
    Source,
    Told,
    read_lines,
)
from fsc_logistics.core.exchange.faults import BadFile, Faults
from fsc_logistics.core.exchange.private_copy import for_trial
from fsc_logistics.core.exchange.progress import claimed, progress_of
from fsc_logistics.core.exchange.recipe import Done, Import, Manner
from fsc_logistics.domain.errors import Refused, TryLater

CHUNK_LINES = 5_000
"""Lines in one transaction: so many are done again after an interruption, at most."""
CHUNK_LINES_ONE_BY_ONE = 500
"""The same where lines are taken in one by one: a transaction takes about a second."""


def import_file(
    sessions: Sessions,
    source: Source,
    recipe: Callable[[datetime], Import[Done]],
    faults: Faults,
    manner: Manner,
) -> Iterator[Done]:
    """Yield what is taken in of a file, as it is; `recipe` is told since when.

    The whole file is looked through before anything is taken in, and `faults` are
    written.  With a dry run nothing is changed, and what would be is yielded.

    Raises:
        BadInput: it is no CSV file with the columns needed.
        BadFile: lines of it are wrong.
        Refused: a line turned wrong between the look and the import.
        TryLater: somebody else is importing the same file.
    """
    attempt = _attempt(sessions, source, recipe, faults, manner)
    if attempt is None:
        return
    faults.take_over(attempt.after)
    if attempt.what.check is not None:
        yield from attempt.check_and_take_in()
    elif manner.dry_run:
        yield from attempt.rehearse_and_tell()
    elif source.lines <= attempt.chunk_lines:
        yield from attempt.take_in_whole()
    else:
        attempt.rehearse()
        yield from attempt.take_in(attempt.read_again())
    if faults.count:
        faults.write()
        raise BadFile(faults, taken=attempt.taken, dry_run=manner.dry_run)


@dataclass(slots=True, kw_only=True)
class _Attempt(Generic[Done]):
    """One run through a file."""

    sessions: Sessions
    source: Source
    what: Import[Done]
    faults: Faults
    manner: Manner
    after: int
    """The last line that an earlier attempt has taken in."""
    began_at: datetime
    """When the first attempt began."""
    taken: int = 0

    @property
    def chunk_lines(self) -> int:
        """How many lines are taken in at once."""
        if self.what.check is not None:
            return CHUNK_LINES
        return min(CHUNK_LINES, CHUNK_LINES_ONE_BY_ONE)

    def check_and_take_in(self) -> Iterator[Done]:
        """Take in the lines once all of them were looked at, as they were read then."""
        with tempfile.TemporaryFile() as kept:
            self._check(kept)
            kept.seek(0)
            yield from self.take_in(_as_read(kept, self.what.columns))

    def _check(self, kept: IO[bytes]) -> None:
        """Note the faults of all lines, without a transaction that writes."""
        check = self.what.check
        assert check is not None, "lines that rely on each other are rehearsed"
        for lines in self._chunks(self.faults.add):
            rows = [(line.number, *line.values.values()) for line in lines]
            pickle.dump(rows, kept)
            for column, names in self.what.names.items():
                self.faults.add_names(
                    column,
                    [(line.number, name) for line in lines for name in names(line)],
                )
            with self.sessions.read() as session:
                check(session, lines, self.faults.add)
            self._advance(lines[-1].number, of_two=0)
        self.faults.add_twice()
        self._stop_if_wrong()

    def read_again(self) -> Iterator[list[Line]]:
        """Yield the lines of the file once more."""
        return self._chunks(lambda fault: None)

    def rehearse(self, tell: Callable[[Done], None] = lambda done: None) -> None:
        """Note the faults of all lines by taking them in, and undo that."""
        with self._trial() as sessions, sessions.begin() as session:
            for lines in self._chunks(self.faults.add):
                for done in self.what.take(session, lines, self.faults.add):
                    tell(done)
                self._count(lines)
                session.expunge_all()
                self._advance(lines[-1].number, of_two=0)
            session.rollback()
        self._stop_if_wrong()

    def _trial(self) -> AbstractContextManager[Sessions]:
        """Return where to rehearse: one chunk alone keeps nobody waiting for long."""
        if self.source.lines <= self.chunk_lines:
            return nullcontext(self.sessions)
        return for_trial(self.sessions)

    def rehearse_and_tell(self) -> Iterator[Done]:
        """Yield what would be taken in, once no transaction is open for it."""
        with tempfile.TemporaryFile() as kept:
            self.rehearse(lambda done: pickle.dump(done, kept))
            kept.seek(0)
            yield from _unpickled(kept)

    def take_in_whole(self) -> Iterator[Done]:
        """Take in a file of one chunk, which needs no rehearsal."""
        made: list[Done] = []
        with self.sessions.begin() as session:
            for lines in self._chunks(self.faults.add):
                self._note_progress(session, self.after, lines[-1].number)
                made += self.what.take(session, lines, self.faults.add)
                self._count(lines)
            self._stop_if_wrong()
        yield from made
        self._finish()

    def take_in(self, chunks: Iterable[list[Line]]) -> Iterator[Done]:
        """Take in the lines without faults, a transaction a chunk."""
        after, self.taken = self.after, 0
        for lines in chunks:
            last = lines[-1].number
            wrong = self.faults.wrong(lines[0].number, last)
            right = [line for line in lines if line.number not in wrong]
            found: list[Fault] = []
            with self.sessions.begin() as session:
                if not self.manner.dry_run:
                    self._note_progress(session, after, last)
                made = list(self.what.take(session, right, found.append))
                self._accept(found, lines[0].number)
                if self.manner.dry_run:
                    session.rollback()
            after = last
            self._count(right)
            self._advance(last, of_two=1)
            yield from made
        if not self.manner.dry_run:
            self._finish()

    def _count(self, lines: Sequence[Line]) -> None:
        """Count the lines that were taken in: those without faults."""
        if lines:
            wrong = self.faults.wrong(lines[0].number, lines[-1].number)
            self.taken += sum(line.number not in wrong for line in lines)

    def _chunks(self, told: Told) -> Iterator[list[Line]]:
        def told_of_new(fault: Fault) -> None:
            if fault.line > self.after:
                told(fault)

        lines = (
            line
            for line in read_lines(self.source, self.what.columns, told_of_new)
            if line.number > self.after
        )
        while chunk := list(islice(lines, self.chunk_lines)):
            yield chunk

    def _stop_if_wrong(self) -> None:
        self.faults.write()
        if self.faults.count and not self.manner.skip_wrong:
            raise BadFile(self.faults)

    def _accept(self, found: Sequence[Fault], first: int) -> None:
        """Note faults that were not there when the file was looked through.

        Raises:
            Refused: wrong lines are not to be skipped.
        """
        if found and not self.manner.skip_wrong:
            raise Refused(
                f"{found[0]} It was right a moment ago. The lines before line {first}"
                " are imported; import the file again, the rest with --skip-wrong."
            )
        for fault in found:
            self.faults.add(fault)

    def _note_progress(self, session: Session, after: int, last: int) -> None:
        """Note how far the file has come, in the transaction that takes lines in.

        Raises:
            TryLater: another attempt has come further meanwhile.
        """
        row = claimed(
            session,
            self.what.kind,
            self.source.digest,
            lines_done=after,
            began_at=self.began_at,
        )
        if row.finished_at is not None and self.manner.again:
            row.finished_at, row.lines_done, row.began_at = None, 0, self.began_at
        if row.lines_done != after:
            raise TryLater(
                "Somebody else is importing the same file just now. Wait until that is"
                " done."
            )
        row.lines_done = last
        session.flush()

    def _finish(self) -> None:
        """Note that the file is in; one of which nothing is may be tried again."""
        with self.sessions.begin() as session:
            row = progress_of(session, self.what.kind, self.source.digest, lock=True)
            if row is not None and self.faults.count and not (self.after or self.taken):
                session.delete(row)
            elif row is not None:
                row.finished_at = self.manner.now

    def _advance(self, line: int, *, of_two: int) -> None:
        total = max(self.source.lines, line)
        self.manner.progress(line + of_two * total, 2 * total)


def _attempt(
    sessions: Sessions,
    source: Source,
    recipe: Callable[[datetime], Import[Done]],
    faults: Faults,
    manner: Manner,
) -> _Attempt[Done] | None:
    """Return how a file is gone on with, or None where nothing is left to do."""
    what, after, began_at = recipe(manner.now), 0, manner.now
    with sessions.read() as session:
        row = progress_of(session, what.kind, source.digest)
        if row is not None and row.finished_at is None:
            after, began_at = row.lines_done, row.began_at
        elif row is not None and not manner.again:
            left = (
                f"its wrong lines stand in {faults.path}. Put them right and import"
                " them in a file of their own."
                if faults.are_written
                else "nothing is left to do."
            )
            manner.told(
                f"This file was imported on {row.finished_at:%Y-%m-%d %H:%M} UTC;"
                f" {left}"
            )
            return None
    if after:
        manner.told(f"Going on after line {after}, where it was interrupted.")
    return _Attempt(
        sessions=sessions,
        source=source,
        what=recipe(began_at),
        faults=faults,
        manner=manner,
        after=after,
        began_at=began_at,
    )


def _as_read(kept: IO[bytes], columns: Sequence[Column]) -> Iterator[list[Line]]:
    names = [column.name for column in columns]
    for rows in _unpickled(kept):
        yield [
            Line(number, dict(zip(names, values, strict=True)))
            for number, *values in rows
        ]


def _unpickled(kept: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(kept)  # noqa: S301 - we wrote it ourselves
        except EOFError:
            return
