"""CSV files that people made: read line by line, every fault by its line and column."""

import codecs
import csv
import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, TextIO

from fsc_logistics.domain.codes import read_line
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.numbers import counted

_DIGITS = re.compile(r"[0-9]{1,9}")
_COLUMN_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_SAID = {
    **dict.fromkeys(("YES", "JA", "TRUE", "1"), True),
    **dict.fromkeys(("NO", "NEJ", "FALSE", "0"), False),
}
_DELIMITERS = (",", ";", "\t")
_BLOCK_BYTES = 1 << 20
_FIRST_LINE_BYTES_MAX = 1 << 16
_BLOCK_ROWS = 1_000
_COMPLAINTS = {
    "field larger than": f"a cell is longer than {csv.field_size_limit()} signs",
    "unexpected end of data": "the file ends inside a cell in quotes",
    "expected after": "a cell goes on after the quote that ends it",
}
"""What the reader of CSV complains of, by a part of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column a file may have, and how a cell of it is read."""

    name: str
    read: Callable[[str], Any]
    needed: bool = False
    empty: Any = None
    """What an empty cell, or a column left out, means."""


def text_column(name: str, *, needed: bool = False) -> Column:
    """Return a column of names or other short texts."""
    read = partial(read_line, what=name.replace("_", " "))
    return Column(name=name, read=read, needed=needed)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: where it begins, and what it says by column."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one line of a file."""

    line: int
    column: str | None
    text: str
    file: str = ""
    """Its name, where there are several."""

    def __str__(self) -> str:
        """Return it as one line, for whoever puts it right."""
        line = f"{self.file}, line" if self.file else "Line"
        where = f", {self.column}" if self.column else ""
        return f"{line} {self.line}{where}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read more than once."""

    stream: IO[bytes]
    digest: str
    """SHA-256 of the whole file."""
    lines: int
    """How many line ends it has: no fewer than rows."""


Told = Callable[[Fault], None]


@contextmanager
def opened(stream: IO[bytes]) -> Iterator[Source]:
    """Make a file ready to be read twice; what comes through a pipe is kept meanwhile.

    Raises:
        BadInput: it is not UTF-8.
    """
    with ExitStack() as stack:
        if not stream.seekable():
            kept = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(stream, kept, _BLOCK_BYTES)
            stream = kept
        stream.seek(0)
        digest, lines, before = hashlib.sha256(), 0, b""
        decoder = codecs.getincrementaldecoder("utf-8")()
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            _check_text(decoder, block, lines)
            lines += _line_ends(block, before)
            before = block[-1:]
        _check_text(decoder, b"", lines)
        yield Source(stream=stream, digest=digest.hexdigest(), lines=lines)


def read_lines(source: Source, columns: Sequence[Column], told: Told) -> Iterator[Line]:
    """Yield the lines of a file that can be read; tell the faults of the others.

    UTF-8 with or without a byte order mark; commas, semicolons or tabs; cells in double
    quotes may hold any, and line ends.  The first line names the columns; empty cells
    behind it, which spreadsheets add, are none.

    Raises:
        BadInput: there is no table to read lines from.
    """
    source.stream.seek(0)
    first = source.stream.readline(_FIRST_LINE_BYTES_MAX)
    delimiter = max(_DELIMITERS, key=lambda sign: first.count(sign.encode()))
    source.stream.seek(0)
    text = io.TextIOWrapper(source.stream, encoding="utf-8-sig", newline="")
    try:
        rows = _rows(text, delimiter, told)
        header = _header(next(rows, None), columns)
        places = {name: place for place, name in enumerate(header)}
        wanted = [(column, places.get(column.name)) for column in columns]
        for number, cells in rows:
            values = _values(number, len(header), cells, wanted, told)
            if values is not None:
                yield Line(number, values)
    finally:
        # Else the wrapper would close the file, which is read again.
        text.detach()


def read_whole_number(cell: str, highest: int) -> int:
    """Return the number a cell holds, from 0 to `highest`.

    Raises:
        BadInput: it holds none.
    """
    if not _DIGITS.fullmatch(cell) or int(cell) > highest:
        raise BadInput(f"It is not a whole number up to {highest}.")
    return int(cell)


def read_yes_or_no(cell: str) -> bool:
    """Return what a cell says, in English or Danish.

    Raises:
        BadInput: it is neither.
    """
    if cell.upper() not in _SAID:
        raise BadInput("It is neither yes nor no.")
    return _SAID[cell.upper()]


def written(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield rows, block by block, as the text of a file that `read_lines` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % _BLOCK_ROWS == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _line_ends(block: bytes, before: bytes = b"") -> int:
    """Count the line ends of any kind: LF, CR LF, or CR alone as old programs write.

    `before` is the sign in front of the block: an end may be cut in two.
    """
    both = block.count(b"\r\n") + (before == b"\r" and block.startswith(b"\n"))
    return block.count(b"\n") + block.count(b"\r") - both


def _check_text(
    decoder: codecs.IncrementalDecoder, block: bytes, lines_before: int
) -> None:
    # What the block before ended with may be the first half of a sign.
    begun = len(decoder.getstate()[0])
    try:
        decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        line = lines_before + _line_ends(block[: max(error.start - begun, 0)]) + 1
        raise BadInput(
            f"Line {line} is not UTF-8. Save the file as CSV UTF-8 and try again."
        ) from None


def _rows(text: TextIO, delimiter: str, told: Told) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, by the number of the line they begin on."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    begins, is_begun = 1, False
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield begins, stripped
                is_begun = True
            begins = reader.line_num + 1
    except csv.Error as error:
        # Past a broken quote nobody can tell where a line begins.
        reason = f"From here on it cannot be read: {in_words(error)}."
        fault = Fault(
            line=begins, column=None, text=f"{reason} Is a quote missing or too many?"
        )
        if not is_begun:
            raise BadInput(str(fault)) from None
        told(fault)


def in_words(error: csv.Error) -> str:
    """Return what the reader of CSV complains of, for those who made the file."""
    said = str(error)
    for begins, words in _COMPLAINTS.items():
        if begins in said:
            return words
    return said


def _header(
    first: tuple[int, list[str]] | None, columns: Sequence[Column]
) -> list[str]:
    names = [column.name for column in columns]
    needed = [column.name for column in columns if column.needed]
    if first is None:
        raise BadInput(f"The file is empty. Its first line names {', '.join(names)}.")
    cells = _without_end(first[1], 0)
    header = [cell.lower() for cell in cells]
    unknown = unknown_columns(cells, names)
    wrong = {
        "lacks": [name for name in needed if name not in header],
        "has the unknown": unknown,
        "repeats": [name for name in names if header.count(name) > 1],
    }
    for what, which in wrong.items():
        if which:
            raise BadInput(
                f"The first line {what} column {', '.join(which)}. It names these, in"
                f" any order: {', '.join(names)}; needed are {', '.join(needed)}."
            )
    return header


def unknown_columns(header: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return which columns of a first line are not among those that are known."""
    return [
        # A file without such a line begins with what may be personal.
        cell if _COLUMN_NAME.fullmatch(cell) else f"number {place}"
        for place, cell in enumerate(header, start=1)
        if cell.lower() not in known
    ]


def _values(
    number: int,
    width: int,
    cells: Sequence[str],
    wanted: Sequence[tuple[Column, int | None]],
    told: Told,
) -> dict[str, Any] | None:
    """Return what one row says, or None after telling its faults."""
    if len(cells) > width:
        cells = _without_end(cells, width)
    if len(cells) != width:
        text = (
            f"It has {counted(len(cells), 'cell')} and the first line {width}. Put a"
            " cell that holds the delimiter in double quotes."
        )
        told(Fault(line=number, column=None, text=text))
        return None
    # Asked once for all of them: a million lines are asked one after the other.
    printable = "".join(cells).isprintable()
    values: dict[str, Any] = {}
    is_wrong = False
    for column, place in wanted:
        cell = "" if place is None else cells[place]
        try:
            if not cell:
                values[column.name] = _empty(column)
            elif printable or " ".join(cell.split()).isprintable():
                values[column.name] = column.read(cell)
            else:
                raise BadInput("It holds a sign that cannot be printed. Type it anew.")
        except FscError as error:
            told(Fault(line=number, column=column.name, text=str(error)))
            is_wrong = True
    return None if is_wrong else values


def _without_end(cells: Sequence[str], least: int) -> Sequence[str]:
    """Return cells, at `least` so many, without the empty ones behind them."""
    count = len(cells)
    while count > least and not cells[count - 1]:
        count -= 1
    return cells[:count]


def _empty(column: Column) -> Any:
    if column.needed:
        raise BadInput("It is empty, and is needed.")
    return column.empty
