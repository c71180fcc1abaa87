"""Kits in CSV files: in and out, a line a part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Fault,
    Line,
    Source,
    Told,
    written,
)
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.importing import import_file
from fsc_logistics.core.exchange.kit_templates import read_moves_by
from fsc_logistics.core.exchange.pages import (
    Progress,
    count,
    counted_up,
    no_progress,
    rows_of,
)
from fsc_logistics.core.exchange.recipe import Import, Manner
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.tables import OPEN_ENDED, Device, Kit, KitSpan, KitTemplate
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import FscError
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.uids import new_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class KitBuilt:
    """An event that put parts into a kit."""

    event: str
    kit: str
    parts: tuple[str, ...]
    added: bool
    """Whether it is new; else it said before that they are in there."""


def import_kits(
    sessions: Sessions,
    source: Source,
    by: Signature,
    *,
    faults: Faults,
    manner: Manner,
    at: datetime | None = None,
) -> Iterator[KitBuilt]:
    """Build the kits of a CSV file; yield the events, one for lines that follow.

    Without `at` the parts are in their kits since the import began.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """

    def recipe(began_at: datetime) -> Import[KitBuilt]:
        take = partial(_take, by=by, at=at or began_at)
        return Import(kind="kits", columns=COLUMNS, take=take)

    return import_file(sessions, source, recipe, faults, manner)


def export_kits(session: Session, progress: Progress = no_progress) -> Iterator[str]:
    """Yield what is in which kit now as the CSV file `import_kits` reads."""
    case = aliased(Device)
    query = (
        select(case.tag, KitTemplate.code, Kit.moves_by, Device.tag)
        .select_from(KitSpan)
        .join(case, case.id == KitSpan.kit_id)
        .join(Device, Device.id == KitSpan.device_id)
        .outerjoin(Kit, Kit.device_id == case.id)
        .outerjoin(KitTemplate, KitTemplate.id == Kit.template_id)
        .where(KitSpan.valid_to == OPEN_ENDED, KitSpan.kit_id.is_not(None))
        .order_by(case.tag, Device.tag)
    )
    rows = rows_of(session, query)
    return written(COLUMNS, counted_up(rows, count(session, KitSpan), progress))


def _take(
    session: Session,
    lines: Sequence[Line],
    told: Told,
    *,
    by: Signature,
    at: datetime,
) -> Iterator[KitBuilt]:
    build = partial(_build, session, by=by, at=at)
    for _, following in groupby(lines, key=_kit):
        parts = list(following)
        try:
            with session.begin_nested():
                built = build(parts)
        except FscError as error:
            if len(parts) == 1:
                told(Fault(line=parts[0].number, column=None, text=str(error)))
            else:
                # One by one, to see which of them it is.
                for part in parts:
                    yield from _take(session, [part], told, by=by, at=at)
        else:
            yield built


def _kit(line: Line) -> tuple[str, str | None, MovesBy | None]:
    said = line.values
    return said["kit"], said["template"], said["moves_by"]


def _build(
    session: Session, lines: Sequence[Line], *, by: Signature, at: datetime
) -> KitBuilt:
    kit, template, moves_by = _kit(lines[0])
    done = record_kit(
        session,
        [line.values["part"] for line in lines],
        kit=kit,
        uid=new_uid(by.record_time),
        at=at,
        by=by,
        template=template,
        moves_by=moves_by,
    )
    return KitBuilt(event=done.uid, kit=kit, parts=done.devices, added=done.added)


COLUMNS = (
    Column(name="kit", read=read_code, needed=True),
    Column(name="template", read=read_code),
    Column(name="moves_by", read=read_moves_by),
    Column(name="part", read=read_code, needed=True),
)
