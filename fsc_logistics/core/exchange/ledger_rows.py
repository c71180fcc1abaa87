"""The rows of an exported ledger, read line by line from its files."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsc_logistics.core.exchange.csv_files import Fault, Told, in_words, unknown_columns
from fsc_logistics.core.exchange.ledger_files import MANIFEST, TableFile
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.numbers import counted

_Tell = Callable[..., None]
"""Told line, text and maybe column of what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCount(Fault):
    """Not as many rows as were exported, though each could be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the line it begins on, and what it says by column."""

    line: int
    values: Mapping[str, Any]
    is_whole: bool
    """Whether every cell could be read."""


def rows_in(folder: Path, file: TableFile, count: int, told: Told) -> Iterator[Row]:
    """Yield the rows of a file, which are to be `count`; tell what is wrong with them.

    A row of which cells cannot be read has the others.
    """

    def tell(line: int, text: str, column: str | None = None) -> None:
        told(Fault(file=file.name, line=line, column=column, text=text))

    done, begins = 0, 1
    with (folder / file.name).open("rb") as stream:
        # Line by line, or the line that is no UTF-8 could not be told.
        reader = csv.reader((str(line, "utf-8") for line in stream), strict=True)
        try:
            if not _is_header(next(reader, []), file, tell):
                return
            begins = reader.line_num + 1
            for cells in reader:
                yield _row(begins, cells, file, tell)
                done += 1
                begins = reader.line_num + 1
        except UnicodeDecodeError:
            tell(reader.line_num + 1, "From here on it cannot be read: no UTF-8.")
        except csv.Error as error:
            tell(begins, f"From here on it cannot be read: {in_words(error)}.")
        else:
            if done != count:
                rows = counted(done, "row")
                text = f"It ends with {rows} and {MANIFEST} says {count}."
                fault = WrongCount(
                    file=file.name, line=begins - 1, column=None, text=text
                )
                told(fault)


def _is_header(header: Sequence[str], file: TableFile, tell: _Tell) -> bool:
    """Return whether the first line names the columns; tell what it does not."""
    lacks = [name for name in file.header if name not in header]
    unknown = unknown_columns(header, file.header)
    twice = [name for name in file.header if header.count(name) > 1]
    for names, what in (
        (lacks, "The file lacks this column."),
        (unknown, "No such column is known."),
        (twice, "The file has this column more than once."),
    ):
        for name in names:
            tell(1, what, name)
    if not (lacks or unknown or twice) and header != file.header:
        tell(1, f"The columns stand in this order: {', '.join(file.header)}.")
    return header == file.header


def _row(line: int, texts: Sequence[str], file: TableFile, tell: _Tell) -> Row:
    if len(texts) != len(file.cells):
        count = counted(len(texts), "cell")
        tell(line, f"It has {count} and the first line {len(file.cells)}.")
        return Row(line, {}, is_whole=False)
    try:
        return Row(line, file.values(texts), is_whole=True)
    except (ValueError, KeyError):
        pass
    values: dict[str, Any] = {}
    for cell, text in zip(file.cells, texts, strict=True):
        try:
            values[cell.name] = cell.value(text)
        except BadInput as error:
            tell(line, str(error), cell.name)
    return Row(line, values, is_whole=False)
