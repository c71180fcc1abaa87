"""A ledger looked through before it is imported: every fault by its file and line.

Its rows are put into a database that is thrown away, which refuses what does not fit
together as the real one would; then every hash is computed again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.exchange.csv_files import Fault
from fsc_logistics.core.exchange.faults import FAULTS_SHOWN, Faults
from fsc_logistics.core.exchange.ledger_files import (
    FIRST_EVENT,
    MANIFEST,
    TABLE_FILES,
    TableFile,
)
from fsc_logistics.core.exchange.ledger_insert import insert_rows
from fsc_logistics.core.exchange.ledger_manifest import Manifest
from fsc_logistics.core.exchange.ledger_rows import Row, WrongCount, rows_in
from fsc_logistics.core.exchange.pages import Progress
from fsc_logistics.core.exchange.private_copy import nameless
from fsc_logistics.core.proof.batches import event_ranges, last_event, read_batch
from fsc_logistics.core.proof.chains import Links
from fsc_logistics.core.proof.checkpoints import heads
from fsc_logistics.core.proof.verification import MISMATCHES_MAX
from fsc_logistics.core.tables import Base, CustodySpan, Device, Event
from fsc_logistics.domain.errors import VerificationFailed
from fsc_logistics.domain.numbers import counted

CHUNK_ROWS = 5_000
"""Rows put in at once."""


class BadLedger(VerificationFailed):
    """The files of a ledger have faults; nothing of it was imported."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.faults = tuple(faults.first(FAULTS_SHOWN))
        self.more = faults.count - len(self.faults)
        """How many there are that `faults` does not have."""
        wrong = counted(faults.lines, "line is", "lines are")
        kept = f" Every fault stands in {faults.path}." if faults.path else ""
        super().__init__(
            f"Of the ledger in {folder} {wrong} wrong, so nothing was imported. Export"
            f" it again.{kept}"
        )


def look_through(
    folder: Path, manifest: Manifest, faults: Faults, progress: Progress
) -> None:
    """Note what is wrong with the files of a ledger.

    Hashes are compared where every row could be read and fits.
    """
    with nameless() as engine, Session(engine) as session:
        Base.metadata.create_all(session.connection())
        trial = _Trial(session, faults)
        done = 0
        for file in manifest.tables:
            rows = rows_in(folder, file, manifest.files[file.name].rows, trial.tell)
            while chunk := list(islice(rows, CHUNK_ROWS)):
                trial.put_in(file, chunk)
                session.commit()
                done += len(chunk)
                progress(done, manifest.row_count)
        if trial.is_whole:
            _compare_hashes(session, folder, manifest, faults)


@dataclass(frozen=True, slots=True)
class _Reference:
    """Columns of a table that name a row of another."""

    columns: tuple[str, ...]
    table: str
    keys: tuple[sa.Column[Any], ...]


@dataclass(slots=True)
class _Trial:
    """A database that rows are put into, and what did not get in."""

    session: Session
    faults: Faults
    is_whole: bool = True
    """Whether every row is in."""
    left_out: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    """By table, the keys of rows that are wrong: whoever names them is not."""
    last: dict[str, tuple[Any, ...] | None] = field(default_factory=dict)
    """By file, the highest key so far; None where one below it was told."""
    unread: set[str] = field(default_factory=set)
    """Tables of which rows are missing that nobody can name."""

    def tell(self, fault: Fault) -> None:
        """Note what cannot be read of a file."""
        if isinstance(fault, WrongCount):
            # Those that are there are right; who names others, and hashes, tell which.
            self.faults.add(fault)
            return
        self._note(fault)
        if fault.column is None or fault.line == 1:
            self.unread.add(Path(fault.file).stem)

    def put_in(self, file: TableFile, rows: Sequence[Row]) -> None:
        """Put in the rows that fit, and note what is wrong with the others."""
        for row in rows:
            if not row.is_whole:
                self._leave_out(file, row)
        self._put_in(file, [row for row in rows if row.is_whole])
        if file.by_number:
            self._tell_order(file, rows)

    def _tell_order(self, file: TableFile, rows: Sequence[Row]) -> None:
        """Note the first row that is right and stands below one of a higher number."""
        names, last = _key(file.table), self.last.get(file.name, ())
        left_out = self.left_out.get(file.table.__tablename__, ())
        for row in rows:
            if last is None or not row.is_whole:
                continue
            key = _said(row, names)
            if key in left_out:
                continue
            if key < last:
                text = "A line above has a higher number: so they were not written."
                column = " ".join(names)
                self._note(
                    Fault(file=file.name, line=row.line, column=column, text=text)
                )
            last = None if key < last else key
        self.last[file.name] = last

    def _put_in(self, file: TableFile, rows: Sequence[Row]) -> None:
        if not rows:
            return
        try:
            with self.session.begin_nested():
                insert_rows(self.session, file, [row.values for row in rows])
        except (IntegrityError, KeyError):
            if len(rows) == 1:
                self._tell_why(file, rows[0])
                self._leave_out(file, rows[0])
                return
            middle = len(rows) // 2
            self._put_in(file, rows[:middle])
            self._put_in(file, rows[middle:])

    def _leave_out(self, file: TableFile, row: Row) -> None:
        self.is_whole = False
        table = file.table.__tablename__
        key = tuple(row.values.get(name) for name in _key(file.table))
        if None in key:
            self.unread.add(table)
        else:
            self.left_out.setdefault(table, set()).add(key)

    def _tell_why(self, file: TableFile, row: Row) -> None:
        """Note why the database refuses a row."""

        def tell(columns: Sequence[str], text: str) -> None:
            names = " ".join(columns) or None
            self._note(Fault(file=file.name, line=row.line, column=names, text=text))

        lost = [
            reference
            for reference in _references(file.table)
            if self._names_nothing(reference, row)
        ]
        twice = [
            names for names in _unique(file.table) if self._is_there(file, row, names)
        ]
        for reference in lost:
            if not self._is_told(reference, row):
                here = reference.table == file.table.__tablename__
                above = " above this line" if here else ""
                tell(
                    reference.columns, f"{reference.table}.csv has no such row{above}."
                )
        for names in twice:
            tell(names, "A line above says the same.")
        if not lost and not twice:
            tell([], "What its cells say does not go together.")

    def _names_nothing(self, reference: _Reference, row: Row) -> bool:
        return None not in _said(row, reference.columns) and not self._has(
            reference.keys, _said(row, reference.columns)
        )

    def _is_there(self, file: TableFile, row: Row, names: Sequence[str]) -> bool:
        said, columns = _said(row, names), sa.inspect(file.table).columns
        return None not in said and self._has([columns[name] for name in names], said)

    def _has(self, columns: Sequence[sa.Column[Any]], values: Sequence[Any]) -> bool:
        query = select(literal(1)).limit(1)
        for column, value in zip(columns, values, strict=True):
            query = query.where(column == value)
        return self.session.scalar(query) is not None

    def _is_told(self, reference: _Reference, row: Row) -> bool:
        """Return whether the row that is named was itself found to be wrong."""
        wrong = self.left_out.get(reference.table, ())
        return reference.table in self.unread or _said(row, reference.columns) in wrong

    def _note(self, fault: Fault) -> None:
        self.is_whole = False
        self.faults.add(fault)


def _said(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.values[name] for name in names)


def _key(table: type[Base]) -> list[str]:
    return [column.name for column in sa.inspect(table).primary_key]


def _table(table: type[Base]) -> sa.Table:
    found = table.__table__
    assert isinstance(found, sa.Table)
    return found


def _references(table: type[Base]) -> list[_Reference]:
    """Return which columns of a file name rows, in the order of their names."""
    found = [
        _Reference(
            tuple(column.name for column in constraint.columns),
            constraint.referred_table.name,
            tuple(element.column for element in constraint.elements),
        )
        for constraint in _table(table).foreign_key_constraints
        if constraint.referred_table is not CustodySpan.__table__
    ]
    if table is Device:
        event = sa.inspect(Event).columns["id"]
        found.append(_Reference((FIRST_EVENT,), Event.__tablename__, (event,)))
    return sorted(found, key=lambda reference: reference.columns)


def _unique(table: type[Base]) -> list[list[str]]:
    """Return which columns together only one row may say so."""
    kinds = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
    return sorted(
        [column.name for column in constraint.columns]
        for constraint in _table(table).constraints
        if isinstance(constraint, kinds)
    )


def _compare_hashes(
    session: Session, folder: Path, manifest: Manifest, faults: Faults
) -> None:
    (file,) = (file for file in TABLE_FILES if file.table is Event)
    wrong: dict[int, list[str]] = {}
    for first, last, _ in event_ranges(session, 1, last_event(session)):
        for number, text in _mismatches(session, first, last):
            wrong.setdefault(number, []).append(text)
        if len(wrong) > MISMATCHES_MAX:
            break
    if wrong:
        rows = manifest.files[file.name].rows
        for row in rows_in(folder, file, rows, lambda _fault: None):
            for text in wrong.get(row.values["id"], ()):
                faults.add(
                    Fault(file=file.name, line=row.line, column="hash", text=text)
                )
    there = {head.station: asdict(head) for head in heads(session)}
    told = {str(head["station"]): dict(head) for head in manifest.stations}
    for station in sorted(there.keys() | told.keys()):
        if there.get(station) != told.get(station):
            text = (
                f"The last event it names of station {station} is not that of the file."
            )
            faults.add(Fault(file=MANIFEST, line=1, column="stations", text=text))


def _mismatches(session: Session, first: int, last: int) -> Iterator[tuple[int, str]]:
    """Yield the events from `first` to `last` that do not fit, and why."""
    links = Links(session)
    found = [
        text
        for start, end, lines in event_ranges(session, first, last)
        for text in links.mismatches(read_batch(session, start, end, lines))
    ]
    if not found:
        return
    if first == last:
        for text in found:
            yield first, f"{text[:1].upper()}{text[1:]}."
        return
    middle = (first + last) // 2
    yield from _mismatches(session, first, middle)
    yield from _mismatches(session, middle + 1, last)
