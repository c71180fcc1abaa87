"""Device models in CSV files: in and out."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.device_models import Model, add_models, model_troubles
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import (
    Column,
    Fault,
    Line,
    Source,
    Told,
    read_whole_number,
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
from fsc_logistics.core.exchange.recipe import Import, Manner
from fsc_logistics.core.tables import DeviceModel
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.identifiers import read_gtin
from fsc_logistics.domain.limits import MINUTES_MAX, VOLUME_ML_MAX

MINUTE_S = 60


def import_models(
    sessions: Sessions, source: Source, *, faults: Faults, manner: Manner
) -> Iterator[Model]:
    """Register the device models of a CSV file and yield them.

    Raises:
        BadInput, BadFile: it is no such file, or lines of it are wrong.
        Refused: somebody else was quicker.
    """
    recipe: Import[Model] = Import(
        kind="models",
        columns=COLUMNS,
        take=_take,
        check=_check,
        names={"model": _code, "gtin": _gtin},
    )
    return import_file(sessions, source, lambda _began_at: recipe, faults, manner)


def export_models(session: Session, progress: Progress = no_progress) -> Iterator[str]:
    """Yield every device model as the CSV file `import_models` reads."""
    query = select(
        DeviceModel.code,
        DeviceModel.maker,
        DeviceModel.name,
        DeviceModel.category,
        DeviceModel.gtin,
        DeviceModel.setup_s,
        DeviceModel.training_s,
        DeviceModel.skill,
        DeviceModel.volume_ml,
    ).order_by(DeviceModel.code)
    rows = (
        (*row[:5], row.setup_s // MINUTE_S, row.training_s // MINUTE_S, *row[7:])
        for row in rows_of(session, query)
    )
    return written(COLUMNS, counted_up(rows, count(session, DeviceModel), progress))


def _check(session: Session, lines: Sequence[Line], told: Told) -> None:
    _right(session, lines, told)


def _take(session: Session, lines: Sequence[Line], told: Told) -> list[Model]:
    models = _right(session, lines, told)
    add_models(session, models)
    return models


def _right(session: Session, lines: Sequence[Line], told: Told) -> list[Model]:
    """Return the models that can be registered; tell why the others cannot."""
    models = [_model(line) for line in lines]
    wrong = set()
    for trouble in model_troubles(session, models):
        number = lines[trouble.index].number
        wrong.add(trouble.index)
        told(Fault(line=number, column=trouble.column, text=trouble.text))
    return [model for index, model in enumerate(models) if index not in wrong]


def _model(line: Line) -> Model:
    values = dict(line.values)
    setup_s, training_s = values.pop("setup_min"), values.pop("training_min")
    return Model(setup_s=setup_s, training_s=training_s, **values)


def _code(line: Line) -> Iterator[tuple[str, ...]]:
    yield (line.values["model"],)


def _gtin(line: Line) -> Iterator[tuple[str, ...]]:
    if line.values["gtin"]:
        yield (line.values["gtin"],)


def _minutes(text: str) -> int:
    return read_whole_number(text, MINUTES_MAX) * MINUTE_S


def _millilitres(text: str) -> int:
    return read_whole_number(text, VOLUME_ML_MAX)


COLUMNS = (
    Column(name="model", read=read_code, needed=True),
    text_column("maker", needed=True),
    text_column("name", needed=True),
    text_column("category", needed=True),
    Column(name="gtin", read=read_gtin),
    Column(name="setup_min", read=_minutes, empty=0),
    Column(name="training_min", read=_minutes, empty=0),
    Column(name="skill", read=read_code),
    Column(name="volume_ml", read=_millilitres, empty=0),
)
