"""Results on stdout: a list of dataclasses as a table, as JSON or as CSV."""

import csv
import dataclasses
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from fsc_logistics.cli.desk import Desk
from fsc_logistics.core.exchange.whole_files import replaced
from fsc_logistics.domain.errors import FscError

OUT_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
"""What `write_whole` writes; - is stdout."""


GAP_WIDTH = 2
"""Between the columns of a table: one space of a cell's, one of the table's."""
NO_BREAK_SPACE = "\u00a0"


class Form(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--json`, as its argument `form`."""
    return click.option(
        "--json",
        "form",
        flag_value=Form.JSON,
        default=Form.TEXT,
        type=click.UNPROCESSED,
        help="Print JSON.",
    )(command)


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that shows rows `--json` and `--csv`, as its argument `form`."""
    return click.option(
        "--csv",
        "form",
        flag_value=Form.CSV,
        type=click.UNPROCESSED,
        help="Print CSV.",
    )(json_option(command))


def echo(
    rows: Sequence[Any],
    form: Form,
    *,
    columns: Sequence[str] | None = None,
    of: type | None = None,
) -> None:
    """Print dataclasses: a JSON array, CSV with a header, or a table.

    `columns` chooses what the table shows; JSON and CSV always have every field.  `of`
    is what the rows of a list are that may be empty: CSV then has its header, and in
    place of the table stands on stderr that there is nothing.
    """
    if form is Form.JSON:
        echo_json([as_json(row) for row in rows])
    elif form is Form.CSV:
        _echo_csv(rows, of)
    elif rows:
        _echo_table(rows, columns or list(_values(rows[0])))
    elif of is not None:
        click.echo("Nothing.", err=True)


def echo_rows(rows: Iterable[Any], form: Form, *, of: type) -> None:
    """Print dataclasses as they come, as JSON or as CSV."""
    if form is Form.CSV:
        _echo_csv(rows, of)
        return
    begun = False
    try:
        for row in rows:
            document = json.dumps(as_json(row), ensure_ascii=False, indent=2)
            before = ",\n" if begun else "[\n"
            click.echo(before + textwrap.indent(document, "  "), nl=False)
            begun = True
    finally:
        # What was printed before an error is whole, too.
        if begun:
            click.echo("\n]")
    if not begun:
        click.echo("[]")


def echo_one(row: Any, form: Form, line: str) -> None:
    """Print one dataclass: a JSON object, a row of CSV, or `line`."""
    if form is Form.JSON:
        echo_json(as_json(row))
    elif form is Form.CSV:
        _echo_csv([row], type(row))
    else:
        click.echo(line)


def echo_json(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def as_json(value: Any) -> Any:
    """Return `value` as JSON has it: moments in UTC, spans in whole seconds."""
    if dataclasses.is_dataclass(value):
        return {name: as_json(item) for name, item in _values(value).items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, dict):
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    return value


def write_whole(target: Path, text: str | Iterable[str]) -> None:
    """Write `text`, or its blocks as they come, to `target` in UTF-8.

    A file appears or changes when it is whole.  What is no file (a pipe, a device) is
    written directly; - is stdout.

    Raises:
        FscError: it could not be written.
    """
    blocks = (text,) if isinstance(text, str) else text
    if str(target) == "-":
        for block in blocks:
            click.echo(block.encode(), nl=False)
        return
    try:
        if _is_written_directly(target):
            # Added to: what /dev/stdout stands for may hold something already.
            with target.open("ab") as stream:
                for block in blocks:
                    stream.write(block.encode())
        else:
            with replaced(target) as file:
                file.writelines(blocks)
    except OSError as error:
        raise FscError(f"{target} could not be written: {error.strerror}.") from error


def stands_for_a_device(path: Path) -> bool:
    """Return whether `path` names a device or an open file, not a file in a folder."""
    there = path.absolute()
    # Linux keeps a folder of ordinary files, in memory, among its devices.
    ordinary = there.is_relative_to("/dev/shm")  # noqa: S108
    devices = ("/dev", "/proc")
    return not ordinary and any(there.is_relative_to(folder) for folder in devices)


def _is_written_directly(target: Path) -> bool:
    # /dev/stdout may lead to a file; but to one that somebody else holds open.
    if stands_for_a_device(target):
        return True
    return target.exists() and not target.is_file()


def shown(moment: datetime) -> str:
    """Return a moment for people: local, to the minute."""
    return moment.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")


def _values(row: Any) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}


def _zone() -> Any:
    ctx = click.get_current_context(silent=True)
    desk = ctx.find_object(Desk) if ctx is not None else None
    return desk.settings.timezone if desk is not None else UTC


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, dict):
        return " ".join(f"{name}={_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " ".join(_text(item) for item in value)
    return str(value)


def _echo_csv(rows: Iterable[Any], of: type | None) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            of = None
            writer.writerow(f.name for f in dataclasses.fields(row))
        writer.writerow(_cell(as_json(value)) for value in _values(row).values())
    if of is not None:
        writer.writerow(f.name for f in dataclasses.fields(of))


def _cell(value: Any) -> Any:
    """Return what stands in one cell of CSV: several with blanks between them."""
    if isinstance(value, dict):
        value = [f"{name}={item}" for name, item in value.items()]
    return " ".join(map(str, value)) if isinstance(value, list) else value


def _echo_table(rows: Sequence[Any], columns: Sequence[str]) -> None:
    heads = [column.replace("_", " ") for column in columns]
    lines = [[_text(getattr(row, column)) for column in columns] for row in rows]
    if sys.stdout.isatty():
        _echo_rich(heads, lines)
        return
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    for line in (heads, *lines):
        cells = (cell.ljust(w) for cell, w in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _echo_rich(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    columns = list(zip(heads, *lines, strict=True))
    narrowest = [max(map(_unbroken_width, column)) for column in columns]
    if sum(narrowest) + GAP_WIDTH * (len(columns) - 1) > console.width:
        _echo_blocks(heads, lines)
        return
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for head, width in zip(heads, narrowest, strict=True):
        table.add_column(head, min_width=width)
    for line in lines:
        # Text, not str: a code in square brackets is no markup.
        table.add_row(*(Text(_kept_whole(cell)) for cell in line))
    console.print(table)


def _echo_blocks(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print each row on lines of its own: a code that is cut in two cannot be used."""
    width = max(map(len, heads))
    for number, line in enumerate(lines):
        if number:
            click.echo()
        for head, cell in zip(heads, line, strict=True):
            if cell:
                click.echo(f"{head.ljust(width)}  {cell}")


def _kept_whole(cell: str) -> str:
    """Return `cell` with its moments unbreakable."""
    return re.sub(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)", f"\\1{NO_BREAK_SPACE}\\2", cell)


def _unbroken_width(cell: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, _kept_whole(cell).split(" ")))
