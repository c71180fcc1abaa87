"""Files of many things: what importing and exporting commands have in common."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk
from fsc_logistics.cli.output import (
    Form,
    echo_rows,
    stands_for_a_device,
    write_whole,
)
from fsc_logistics.cli.progress import progress_bar
from fsc_logistics.domain.numbers import counted

if TYPE_CHECKING:
    from fsc_logistics.core.exchange.csv_files import Fault, Source
    from fsc_logistics.core.exchange.faults import Faults
    from fsc_logistics.core.exchange.pages import Progress
    from fsc_logistics.core.exchange.recipe import Manner


def errors_option(default: str) -> Callable[..., Any]:
    """Return the option that names the file of all faults."""
    return click.option(
        "--errors",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_file_of_its_own,
        help=f"Where every fault is written.  [default: {default}]",
    )


def _file_of_its_own(
    _context: click.Context, _option: click.Parameter, path: Path | None
) -> Path | None:
    if path == Path("-"):
        raise click.BadParameter("faults are written to a file of their own.")
    return path


_OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Check everything, change nothing."),
    click.option(
        "--skip-wrong", is_flag=True, help="Import what is right, leave out the rest."
    ),
    errors_option("FILE.errors.csv"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an import was told on the command line."""

    file: IO[bytes]
    dry_run: bool
    skip_wrong: bool
    errors: Path | None

    def sentence(self, count: int, noun: str, plural: str | None = None) -> str:
        """Return how many were imported, or would be."""
        verb = "would be" if self.dry_run else "is" if count == 1 else "are"
        return f"{counted(count, noun, plural)} {verb} registered."


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command FILE and the options of imports, as its argument `given`."""

    @wraps(command)
    def taking(
        *arguments: Any,
        file: IO[bytes],
        dry_run: bool,
        skip_wrong: bool,
        errors: Path | None,
        **options: Any,
    ) -> Any:
        given = Given(file=file, dry_run=dry_run, skip_wrong=skip_wrong, errors=errors)
        return command(*arguments, given=given, **options)

    decorated: Callable[..., Any] = taking
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return click.argument("file", type=click.File("rb"))(decorated)


@contextmanager
def importing(
    desk: Desk, given: Given, *, again: bool = False
) -> "Iterator[tuple[Source, Faults, Manner]]":
    """Open the file of an import; tell its first faults on stderr, a line each.

    All of them stand in a file beside it, unless it comes from standard input and no
    other was named.
    """
    from fsc_logistics.core.exchange.csv_files import opened
    from fsc_logistics.core.exchange.faults import BadFile, Faults
    from fsc_logistics.core.exchange.recipe import Manner

    with (
        opened(given.file) as source,
        Faults.kept(_errors_file(given)) as faults,
        progress_bar("Importing") as progress,
    ):
        manner = Manner(
            now=desk.now(),
            dry_run=given.dry_run,
            skip_wrong=given.skip_wrong,
            again=again,
            told=lambda text: click.echo(text, err=True),
            progress=progress,
        )
        try:
            yield source, faults, manner
        except BadFile as error:
            echo_faults(error.faults, more=error.more)
            raise


def echo_faults(faults: "Iterable[Fault]", *, more: int) -> None:
    """Tell the first faults of a file on stderr, and how many `more` there are."""
    for fault in faults:
        click.echo(str(fault), err=True)
    if more:
        click.echo(f"And {more} more.", err=True)


def echo_imported(
    rows: Iterable[Any],
    given: Given,
    form: Form,
    *,
    of: type,
    noun: str,
    plural: str | None = None,
) -> None:
    """Print what is imported: as JSON or CSV each thing, in text how many."""
    if form is Form.TEXT:
        click.echo(given.sentence(sum(1 for _ in rows), noun, plural))
    else:
        echo_rows(rows, form, of=of)


def exporting(
    desk: Desk,
    file: Path,
    export: "Callable[[Any, Progress], Iterable[str]]",
) -> None:
    """Write what `export` yields to `file`, as the database is at one moment."""
    with desk.sessions.read() as session, progress_bar("Exporting") as progress:
        write_whole(file, export(session, progress))


def beside(named: Path) -> Path:
    """Return where the faults of a file or a folder are written."""
    return named.with_name(f"{named.name}.errors.csv")


def _errors_file(given: Given) -> Path | None:
    if given.errors is not None:
        return given.errors
    name = getattr(given.file, "name", None)
    named = Path(name) if isinstance(name, str) else None
    if named is None or not named.is_file() or _is_standard_input(named):
        return None
    return beside(named)


def _is_standard_input(named: Path) -> bool:
    """Return whether a name is but another for what is open: nothing goes beside it."""
    if stands_for_a_device(named):
        return True
    try:
        return os.path.samestat(named.stat(), os.fstat(0))
    except OSError:
        return False
