"""Places in CSV files: in and out; homes come and go with their citizens."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.places import LocationShown, add_location
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
from fsc_logistics.core.exchange.pages import (
    Progress,
    count,
    counted_up,
    no_progress,
    rows_of,
)
from fsc_logistics.core.exchange.recipe import Import, Manner, by_line
from fsc_logistics.core.tables import Location, Party
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import LocationKind


def import_places(
    sessions: Sessions, source: Source, *, faults: Faults, manner: Manner
) -> Iterator[LocationShown]:
    """Register the places of a CSV file and yield them.

    What stands in another place stands below it in the file, too, or the other is
    registered already.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """
    recipe = Import(kind="places", columns=COLUMNS, take=by_line(_add))
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def export_places(session: Session, progress: Progress = no_progress) -> Iterator[str]:
    """Yield every place but the homes as the CSV file `import_places` reads.

    Above what stands in it.
    """
    top = select(Location.id, literal(0).label("depth")).where(
        Location.parent_id.is_(None)
    )
    tree = top.cte("tree", recursive=True)
    tree = tree.union_all(
        select(Location.id, tree.c.depth + 1).join(
            tree, Location.parent_id == tree.c.id
        )
    )
    around = aliased(Location)
    query = (
        select(
            Location.code,
            Location.kind,
            Location.name,
            around.code.label("inside"),
            Party.code.label("keeper"),
            Location.lat,
            Location.lon,
            Location.postcode,
        )
        .join(tree, tree.c.id == Location.id)
        .outerjoin(around, around.id == Location.parent_id)
        .outerjoin(Party, Party.id == Location.keeper_id)
        .where(Location.kind != LocationKind.HOME.value)
        .order_by(tree.c.depth, Location.code)
    )
    rows = rows_of(session, query)
    return written(COLUMNS, counted_up(rows, count(session, Location), progress))


def _add(session: Session, line: Line) -> LocationShown:
    said: dict[str, Any] = dict(line.values)
    code, kind = said.pop("location"), said.pop("kind")
    lat, lon = said.pop("lat"), said.pop("lon")
    if (lat is None) != (lon is None):
        raise BadInput("lat and lon go together.")
    if lat is not None:
        said["point"] = Point(lat, lon)
    given = {name: value for name, value in said.items() if value is not None}
    return add_location(session, code, kind, **given)


def _kind(cell: str) -> LocationKind:
    kinds = [kind for kind in LocationKind if kind is not LocationKind.HOME]
    if cell.lower() not in kinds:
        raise BadInput(f"It is none of {', '.join(kinds)}.")
    return LocationKind(cell.lower())


def _degrees(cell: str, *, most: float) -> float:
    try:
        degrees = float(cell)
    except ValueError:
        raise BadInput("It is no number of degrees. Try 55.8617.") from None
    if not -most <= degrees <= most:
        raise BadInput(f"It is not between -{most:g} and {most:g} degrees.")
    return degrees


COLUMNS = (
    Column(name="location", read=read_code, needed=True),
    Column(name="kind", read=_kind, needed=True),
    text_column("name"),
    Column(name="inside", read=read_code),
    Column(name="keeper", read=read_code),
    Column(name="lat", read=partial(_degrees, most=90.0)),
    Column(name="lon", read=partial(_degrees, most=180.0)),
    text_column("postcode"),
)
