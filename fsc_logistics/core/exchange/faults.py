"""What is wrong with a file, or several: kept outside memory, however much it is."""

import csv
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from fsc_logistics.core.exchange.csv_files import Fault
from fsc_logistics.core.exchange.whole_files import replaced
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import BadInput, FscError, Refused
from fsc_logistics.domain.numbers import counted

FAULTS_SHOWN = 50
"""How many faults of a file are told on the screen."""
_COLUMNS = ("line", "column", "error")
_FILE = "file"
"""The column in front, where there are several."""
_UNIT = "\x1f"
"""Stands between the parts of a name; no cell may hold it."""
_TABLES = """
    CREATE TABLE fault (file TEXT, line INTEGER, column_name TEXT, error TEXT);
    CREATE INDEX fault_line ON fault (line);
    CREATE TABLE name (column_name TEXT, name TEXT, line INTEGER);
    CREATE TABLE made (code TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID;
"""
_TWICE = """
    SELECT column_name, name, line, first FROM (
        SELECT *, MIN(line) OVER (PARTITION BY column_name, name) AS first FROM name)
    WHERE line > first
"""


class BadFile(BadInput):
    """A file has faults; what that means for its other lines stands in the text."""

    def __init__(
        self, faults: "Faults", *, taken: int | None = None, dry_run: bool = False
    ) -> None:
        self.faults = tuple(faults.first(FAULTS_SHOWN))
        self.more = faults.count - len(self.faults)
        """How many there are that `faults` does not have."""
        wrong = counted(faults.lines, "line is", "lines are")
        kept = f" Every fault stands in {faults.path}." if faults.path else ""
        super().__init__(f"{wrong} wrong{_became(taken, dry_run)}{kept}")


class Faults:
    """The faults of one file, and the names on its lines; or those of several files."""

    def __init__(self, path: Path | None = None, *, of_several: bool = False) -> None:
        # No name: a file of SQLite's own that is gone with the connection.
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.execute("PRAGMA journal_mode = OFF")
        self._kept.execute("PRAGMA synchronous = OFF")
        self._kept.executescript(_TABLES)
        self._kept.execute("BEGIN")
        self.path = path
        """Where the faults are written for whoever puts the file right."""
        self._columns = (_FILE, *_COLUMNS) if of_several else _COLUMNS
        if path is not None:
            _check_is_ours(path, self._columns)

    @classmethod
    @contextmanager
    def kept(
        cls, path: Path | None = None, *, of_several: bool = False
    ) -> Iterator[Self]:
        """Keep faults as long as the block lasts.

        Raises:
            Refused: there is a file at `path` that holds something else.
        """
        faults = cls(path, of_several=of_several)
        try:
            yield faults
        finally:
            faults._kept.close()

    def add(self, fault: Fault) -> None:
        """Note a fault."""
        self._kept.execute(
            "INSERT INTO fault VALUES (?, ?, ?, ?)",
            (fault.file, fault.line, fault.column, fault.text),
        )

    def add_names(
        self, column: str, names: Iterable[tuple[int, tuple[str, ...]]]
    ) -> None:
        """Note what lines call something that only one line of the file may call so."""
        self._kept.executemany(
            "INSERT INTO name VALUES (?, ?, ?)",
            [(column, _UNIT.join(name), line) for line, name in names],
        )

    def add_twice(self) -> None:
        """Note a fault for each name that an earlier line has too."""
        found = self._kept.cursor().execute(_TWICE)
        for column, name, line, first in found:
            text = f"{_shown(name)} is on line {first} already. Keep one of them."
            self.add(Fault(line=line, column=column, text=text))

    def make(self, code: str, line: int) -> None:
        """Note which line made what has that code."""
        self._kept.execute("INSERT OR REPLACE INTO made VALUES (?, ?)", (code, line))

    def by_line(self, text: str, codes: re.Pattern[str], noun: str) -> str:
        """Return `text` without `codes` of things that will not be there to look at.

        In place of each stands which line made it.
        """

        def named(code: re.Match[str]) -> str:
            query = "SELECT line FROM made WHERE code = ?"
            row = self._kept.execute(query, (code[0],)).fetchone()
            return code[0] if row is None else f"the {noun} of line {row[0]}"

        return codes.sub(named, text)

    @property
    def are_written(self) -> bool:
        """Whether faults stand at `path`, of this attempt or an earlier one."""
        return self.path is not None and self.path.exists()

    @property
    def count(self) -> int:
        """How many faults there are."""
        return int(self._kept.execute("SELECT count(*) FROM fault").fetchone()[0])

    @property
    def lines(self) -> int:
        """How many lines are wrong."""
        query = "SELECT count(*) FROM (SELECT DISTINCT file, line FROM fault)"
        return int(self._kept.execute(query).fetchone()[0])

    def first(self, count: int) -> Iterator[Fault]:
        """Yield the first of them, by line."""
        query = "SELECT * FROM fault ORDER BY file, line, rowid LIMIT ?"
        for name, line, column, text in self._kept.execute(query, (count,)):
            yield Fault(file=name, line=line, column=column, text=text)

    def wrong(self, first: int, last: int) -> set[int]:
        """Return the wrong lines from `first` to `last`."""
        query = "SELECT line FROM fault WHERE line BETWEEN ? AND ?"
        return {row[0] for row in self._kept.execute(query, (first, last))}

    def take_over(self, last: int) -> None:
        """Note again what the file at `path` says of the lines up to `last`.

        They were found when the lines were looked at, before an interruption.

        Raises:
            Refused: the file holds something else.
        """
        if not last or self.path is None or not self.path.exists():
            return
        for fault in _read_faults(self.path):
            if fault.line <= last:
                self.add(fault)

    def write(self) -> None:
        """Write them to `path`, by line; without any, no file is left there.

        The cells themselves are not repeated: they may be personal.

        Raises:
            FscError: it could not be written.
        """
        if self.path is None:
            return
        try:
            if not self.count:
                self.path.unlink(missing_ok=True)
                return
            with replaced(self.path) as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(self._columns)
                query = "SELECT * FROM fault ORDER BY file, line, rowid"
                for row in self._kept.execute(query):
                    writer.writerow(row[-len(self._columns) :])
        except OSError as error:
            raise FscError(
                f"{self.path} could not be written: {error.strerror}. Name another"
                " file: --errors FILE"
            ) from error


def _became(taken: int | None, dry_run: bool) -> str:
    """Return what became of the other lines; `taken` is None where all waited."""
    if taken is None:
        return ", so nothing was imported. Put the file right and import it again."
    others = counted(taken, "other line")
    verb = "would be" if dry_run else "was" if taken == 1 else "were"
    return (
        f" and left out; {others} {verb} imported. Put the wrong ones"
        " right and import them in a file of their own."
    )


def _check_is_ours(path: Path, columns: Iterable[str]) -> None:
    """Refuse to write over a file that holds something else than faults."""
    if not path.exists():
        return
    try:
        if path.is_file():
            with path.open("rb") as file:
                first = file.readline(100)
            # A blank first line is not ours: what stands below it is somebody's.
            if not first or first.rstrip(b"\r\n") == ",".join(columns).encode():
                return
    except OSError as error:
        raise FscError(
            f"{path} is there already and cannot be read: {error.strerror}. Name"
            " another: --errors FILE"
        ) from error
    raise _not_ours(path)


def _read_faults(path: Path) -> list[Fault]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                Fault(line=int(line), column=column or None, text=text)
                for line, column, text in list(csv.reader(file))[1:]
            ]
    except (ValueError, csv.Error):
        raise _not_ours(path) from None


def _not_ours(path: Path) -> Refused:
    return Refused(
        f"{path} is there already and holds no errors of a file. Name another:"
        " --errors FILE"
    )


def _shown(name: str) -> str:
    """Return a name as a fault may repeat it."""
    shown = [shown_code(part, "") for part in name.split(_UNIT)]
    return "/".join(shown) if all(shown) else "It"
