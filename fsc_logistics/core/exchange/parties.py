"""Organisations, and who the technicians are, in CSV files: in and out."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.parties import (
    PartyShown,
    add_party,
    name_technician,
    read_municipality,
)
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
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.parties import PartyKind
from fsc_logistics.domain.people import read_phone


def import_parties(
    sessions: Sessions, source: Source, *, faults: Faults, manner: Manner
) -> Iterator[PartyShown]:
    """Register the organisations and technicians of a CSV file and yield them.

    How a technician works comes in a file of its own, after the places.  What is part
    of another stands below it, or the other is registered already.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """
    recipe = Import(kind="parties", columns=COLUMNS, take=by_line(_add))
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def export_parties(session: Session, progress: Progress = no_progress) -> Iterator[str]:
    """Yield every party but the citizens as the CSV file `import_parties` reads.

    Above what is part of it.
    """
    top = select(Party.id, literal(0).label("depth")).where(Party.parent_id.is_(None))
    tree = top.cte("tree", recursive=True)
    tree = tree.union_all(
        select(Party.id, tree.c.depth + 1).join(tree, Party.parent_id == tree.c.id)
    )
    parent = aliased(Party)
    query = (
        select(
            Party.code,
            Party.kind,
            Party.name,
            Party.phone,
            Party.municipality_code,
            parent.code.label("parent"),
        )
        .join(tree, tree.c.id == Party.id)
        .outerjoin(parent, parent.id == Party.parent_id)
        .where(Party.kind != PartyKind.CITIZEN.value)
        .order_by(tree.c.depth, Party.code)
    )
    rows = rows_of(session, query)
    return written(COLUMNS, counted_up(rows, count(session, Party), progress))


def _add(session: Session, line: Line) -> PartyShown:
    said: dict[str, Any] = dict(line.values)
    code, kind = said.pop("party"), said.pop("kind")
    given = {name: value for name, value in said.items() if value is not None}
    if kind is PartyKind.TECHNICIAN:
        return name_technician(session, code, **given)
    return add_party(session, code, kind, **given)


def _kind(cell: str) -> PartyKind:
    kinds = [kind for kind in PartyKind if kind is not PartyKind.CITIZEN]
    if cell.lower() not in kinds:
        raise BadInput(f"It is none of {', '.join(kinds)}.")
    return PartyKind(cell.lower())


COLUMNS = (
    Column(name="party", read=read_code, needed=True),
    Column(name="kind", read=_kind, needed=True),
    text_column("name"),
    Column(name="phone", read=read_phone),
    Column(name="municipality", read=read_municipality),
    Column(name="parent", read=read_code),
)
