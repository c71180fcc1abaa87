"""Kit templates in CSV files: in and out."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Line,
    Source,
    text_column,
    written,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.pages import Progress, counted_up, no_progress
from fsc_logistics.core.exchange.recipe import Import, Manner, by_line
from fsc_logistics.core.kits.templates import Template, add_template, list_templates
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.kits import MovesBy, read_holding


def import_templates(
    sessions: Sessions, source: Source, *, faults: Faults, manner: Manner
) -> Iterator[Template]:
    """Register the kit templates of a CSV file and yield them.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """
    recipe = Import(kind="kit templates", columns=COLUMNS, take=by_line(_add))
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def export_templates(
    session: Session, progress: Progress = no_progress
) -> Iterator[str]:
    """Yield every kit template as the CSV file `import_templates` reads."""
    found = list_templates(session)
    rows = (
        (one.template, one.name, one.moves_by.value, _holding(one.holds))
        for one in found
    )
    return written(COLUMNS, counted_up(rows, len(found), progress))


def read_moves_by(cell: str) -> MovesBy:
    """Return how a kit moves.

    Raises:
        BadInput: it is none of the ways there are.
    """
    if cell.lower() not in list(MovesBy):
        raise BadInput(f"It is none of {', '.join(MovesBy)}.")
    return MovesBy(cell.lower())


def _add(session: Session, line: Line) -> Template:
    said = line.values
    return add_template(
        session,
        said["template"],
        name=said["name"],
        holds=said["holds"],
        moves_by=said["moves_by"],
    )


def _holds(cell: str) -> dict[str, int]:
    holds: dict[str, int] = {}
    for word in cell.split():
        read = read_holding(word)
        if read is None:
            raise BadInput("It does not name models. Try TAB-A9 OXI-3230=2.")
        model, quantity = read
        if model in holds:
            raise BadInput("A model is named twice. Say how many: MODEL=QUANTITY.")
        holds[model] = quantity
    return holds


def _holding(holds: dict[str, int]) -> str:
    return " ".join(
        model if quantity == 1 else f"{model}={quantity}"
        for model, quantity in holds.items()
    )


COLUMNS = (
    Column(name="template", read=read_code, needed=True),
    text_column("name", needed=True),
    Column(name="moves_by", read=read_moves_by, empty=MovesBy.CASE),
    Column(name="holds", read=_holds, needed=True),
)
