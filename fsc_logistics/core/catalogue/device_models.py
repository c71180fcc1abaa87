"""Device models: what kinds of device there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import in_parts, lock_register
from fsc_logistics.core.devices.finding import find_model
from fsc_logistics.core.tables import Article, DeviceModel
from fsc_logistics.domain.codes import read_code, read_line
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.identifiers import read_gtin
from fsc_logistics.domain.limits import MINUTES_MAX, VOLUME_ML_MAX

_MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of device, as its maker sells it."""

    model: str
    maker: str
    name: str
    category: str
    gtin: str | None = None
    setup_s: int = 0
    training_s: int = 0
    skill: str | None = None
    """What a technician must be able to do to set it up."""
    volume_ml: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why one of several things cannot be registered."""

    index: int
    """Which of them, counted from 0."""
    column: str
    text: str
    unknown: bool = False
    """It names something that is not registered."""


def read_model(model: Model) -> Model:
    """Return `model` as it is kept: codes in upper case, the GTIN in fourteen digits.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
    """
    for name in ("maker", "name", "category"):
        if not getattr(model, name).strip():
            raise BadInput(f"A device model needs: {name}.")
    longest_s = MINUTES_MAX * _MINUTE_S
    if not (0 <= model.setup_s <= longest_s and 0 <= model.training_s <= longest_s):
        raise BadInput(f"Setup and training take 0 to {MINUTES_MAX} minutes.")
    if not 0 <= model.volume_ml <= VOLUME_ML_MAX:
        raise BadInput(f"A device has 0 to {VOLUME_ML_MAX} ml.")
    return replace(
        model,
        model=read_code(model.model),
        maker=read_line(model.maker, "maker"),
        name=read_line(model.name, "name"),
        category=read_line(model.category, "category"),
        gtin=read_gtin(model.gtin) if model.gtin else None,
        skill=read_code(model.skill) if model.skill else None,
    )


def add_model(session: Session, model: Model) -> Model:
    """Register a device model and return it as it is kept.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        Refused: the code or the GTIN is registered already.
    """
    model = read_model(model)
    for trouble in model_troubles(session, [model]):
        raise Refused(trouble.text)
    add_models(session, [model])
    return model


def change_model(session: Session, code: str, **changes: Any) -> Model:
    """Change some of what is said of a device model.

    Raises:
        NotFound: there is no such model.
        BadIdentifier, BadInput, Refused: as for a new one.
    """
    row = find_model(session, code)
    model = read_model(replace(_shown(row), **changes))
    if model.gtin is not None:
        lock_register(session)
        other = session.scalar(
            select(DeviceModel.code).where(
                DeviceModel.gtin == model.gtin, DeviceModel.id != row.id
            )
        )
        if other is not None:
            raise Refused(f"GTIN {model.gtin} is that of model {other} already.")
        if article := _articles_by_gtin(session, [model.gtin]):
            raise Refused(_taken(model.gtin, article[model.gtin]))
    for name, value in _values(model).items():
        setattr(row, name, value)
    session.flush()
    return model


def show_model(session: Session, code: str) -> Model:
    """Return one device model.

    Raises:
        NotFound: there is no such model.
    """
    return _shown(find_model(session, code))


def list_models(session: Session, *, category: str | None = None) -> list[Model]:
    """Return the device models in the order of their codes."""
    query = select(DeviceModel).order_by(DeviceModel.code)
    if category is not None:
        query = query.where(func.lower(DeviceModel.category) == category.lower())
    return [_shown(row) for row in session.scalars(query)]


def model_troubles(session: Session, models: Sequence[Model]) -> list[Trouble]:
    """Return why some of `models` cannot be registered; none when all can."""
    lock_register(session)
    troubles = []
    for column, table_column in (
        ("model", DeviceModel.code),
        ("gtin", DeviceModel.gtin),
    ):
        values = [getattr(model, column) for model in models]
        taken: set[str | None] = set()
        for part in in_parts(value for value in values if value):
            query = select(table_column).where(table_column.in_(part))
            taken.update(session.scalars(query))
        troubles += [
            Trouble(index=index, column=column, text=f"{value} is registered already.")
            for index, value in enumerate(values)
            if value and value in taken
        ]
    gtins = [model.gtin for model in models]
    articles = _articles_by_gtin(session, [gtin for gtin in gtins if gtin])
    troubles += [
        Trouble(index=index, column="gtin", text=_taken(gtin, articles[gtin]))
        for index, gtin in enumerate(gtins)
        if gtin in articles
    ]
    return troubles


def add_models(session: Session, models: Sequence[Model]) -> None:
    """Register models that have no troubles."""
    if models:
        session.execute(insert(DeviceModel), [_values(model) for model in models])


def _articles_by_gtin(session: Session, gtins: Sequence[str]) -> dict[str, str]:
    """Return the articles that have one: what is scanned must be one thing."""
    found: dict[str, str] = {}
    for part in in_parts(gtins):
        query = select(Article.gtin, Article.code).where(Article.gtin.in_(part))
        found.update((gtin, code) for gtin, code in session.execute(query) if gtin)
    return found


def _taken(gtin: str, article: str) -> str:
    return f"GTIN {gtin} is that of article {article} already."


def _values(model: Model) -> dict[str, Any]:
    return {
        "code": model.model,
        "maker": model.maker,
        "name": model.name,
        "category": model.category,
        "gtin": model.gtin,
        "setup_s": model.setup_s,
        "training_s": model.training_s,
        "skill": model.skill,
        "volume_ml": model.volume_ml,
    }


def _shown(row: DeviceModel) -> Model:
    return Model(
        model=row.code,
        maker=row.maker,
        name=row.name,
        category=row.category,
        gtin=row.gtin,
        setup_s=row.setup_s,
        training_s=row.training_s,
        skill=row.skill,
        volume_ml=row.volume_ml,
    )
