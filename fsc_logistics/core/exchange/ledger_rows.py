"""The rows of an exported ledger, read line by line from its files."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fsc_logistics.core.exchange.ledger_files import MANIFEST, TableFile
from fsc_logistics.domain.errors import VerificationFailed
from fsc_logistics.domain.numbers import counted


def rows_in(folder: Path, file: TableFile, count: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, which are `count`.

    Raises:
        VerificationFailed: a line is no row of such a file, or there are not as many.
    """
    done = 0
    with (folder / file.name).open("rb") as stream:
        # Line by line, or the line that is no UTF-8 could not be told.
        reader = csv.reader((str(line, "utf-8") for line in stream), strict=True)
        try:
            if next(reader, None) != file.header:
                raise ValueError("other columns")
            for row in reader:
                yield {
                    cell.name: cell.value(text)
                    for cell, text in zip(file.cells, row, strict=True)
                }
                done += 1
        except UnicodeDecodeError:
            raise VerificationFailed(
                f"{file.name}, line {reader.line_num + 1}: it is not UTF-8. Export the"
                " ledger again."
            ) from None
        except (ValueError, KeyError, csv.Error):
            raise VerificationFailed(
                f"{file.name}, line {reader.line_num}: it is no row of such a file."
                " Export the ledger again."
            ) from None
    if done != count:
        raise VerificationFailed(
            f"{file.name} has {counted(done, 'row')} and {MANIFEST} says {count}."
            " Export the ledger again, into a new database."
        )
