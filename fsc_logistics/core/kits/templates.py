"""Kit templates: which models, and how many of each, belong into a kind of kit."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import lock_register
from fsc_logistics.core.devices.finding import find_model
from fsc_logistics.core.tables import DeviceModel, KitTemplate, KitTemplateLine
from fsc_logistics.domain.codes import read_code, read_line, shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.kits import QUANTITY_MAX, MovesBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a kind of kit holds, and how a new one moves."""

    template: str
    name: str
    moves_by: MovesBy
    holds: dict[str, int]
    """Model to quantity."""


def add_template(
    session: Session,
    code: str,
    *,
    name: str,
    holds: Mapping[str, int],
    moves_by: MovesBy = MovesBy.CASE,
) -> Template:
    """Register what a kind of kit holds, models by quantity.

    Raises:
        BadIdentifier, BadInput: the code, the name or a quantity cannot be one.
        NotFound: a model is not registered.
        Refused: there is a template of that code, or it would hold nothing.
    """
    code = read_code(code)
    lock_register(session)
    if session.scalar(select(KitTemplate.id).where(KitTemplate.code == code)):
        raise Refused(
            f"There is a kit template {code} already. Change it:"
            f" fsc kit template change {code}"
        )
    row = KitTemplate(code=code, name=_read_name(name), moves_by=moves_by.value)
    session.add(row)
    session.flush()
    _hold(session, row, holds)
    return _shown(session, row)


def change_template(
    session: Session,
    code: str,
    *,
    name: str | None = None,
    holds: Mapping[str, int] | None = None,
    moves_by: MovesBy | None = None,
) -> Template:
    """Change some of what is said of a template; 0 of a model takes it out.

    Kits that are built already keep how they move, and lack from now on what the
    template has more.

    Raises:
        NotFound: there is no such template or model.
        BadInput: the name or a quantity cannot be one.
        Refused: it would hold nothing.
    """
    row = find_template(session, code)
    if name is not None:
        row.name = _read_name(name)
    if moves_by is not None:
        row.moves_by = moves_by.value
    _hold(session, row, holds or {})
    return _shown(session, row)


def show_template(session: Session, code: str) -> Template:
    """Return one template.

    Raises:
        NotFound: there is no such template.
    """
    return _shown(session, find_template(session, code))


def list_templates(session: Session) -> list[Template]:
    """Return the templates in the order of their codes."""
    rows = session.scalars(select(KitTemplate).order_by(KitTemplate.code))
    return [_shown(session, row) for row in rows]


def find_template(session: Session, code: str) -> KitTemplate:
    """Return the template of that code; upper or lower case is the same.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(
        select(KitTemplate).where(KitTemplate.code == code.strip().upper())
    )
    if found is None:
        raise NotFound(
            f"{shown_code(code)} is no kit template of this centre. See:"
            " fsc kit template list"
        )
    return found


def wants_of(session: Session, template_id: int) -> dict[str, int]:
    """Return model to quantity of one template, by model."""
    rows = session.execute(
        select(DeviceModel.code, KitTemplateLine.quantity)
        .join(DeviceModel, DeviceModel.id == KitTemplateLine.model_id)
        .where(KitTemplateLine.template_id == template_id)
        .order_by(DeviceModel.code)
    )
    return {row.code: row.quantity for row in rows}


def _hold(session: Session, row: KitTemplate, holds: Mapping[str, int]) -> None:
    """Make a template hold so many of each model; those not named stay."""
    for code, quantity in holds.items():
        if not 0 <= quantity <= QUANTITY_MAX:
            raise BadInput(
                f"A kit holds 0 to {QUANTITY_MAX} devices of a model, not {quantity}."
            )
        model = find_model(session, code)
        line = session.get(KitTemplateLine, (row.id, model.id))
        if quantity == 0:
            if line is not None:
                session.delete(line)
        elif line is None:
            line = KitTemplateLine(
                template_id=row.id, model_id=model.id, quantity=quantity
            )
            session.add(line)
        else:
            line.quantity = quantity
    session.flush()
    if not wants_of(session, row.id):
        raise Refused(f"Kit template {row.code} would hold nothing. Name a model.")


def _read_name(name: str) -> str:
    line = read_line(name, "name")
    if not line:
        raise BadInput("A kit template needs a name.")
    return line


def _shown(session: Session, row: KitTemplate) -> Template:
    return Template(
        template=row.code,
        name=row.name,
        moves_by=MovesBy(row.moves_by),
        holds=wants_of(session, row.id),
    )
