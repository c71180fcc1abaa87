"""What the kit under a tag should hold, and how it moves."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.kit_templates import find_template, wants_of
from fsc_logistics.core.tables import Device, DeviceModel, Kit, KitTemplate
from fsc_logistics.domain.kits import MovesBy, check_fits


def set_up(
    session: Session,
    case: Device,
    *,
    template: str | None = None,
    moves_by: MovesBy | None = None,
) -> None:
    """Say of the kit of a locked case what it should hold, and how it moves.

    What is not given stays; a template that is given brings how its kits move.

    Raises:
        NotFound: there is no such template.
    """
    if template is None and moves_by is None:
        return
    kind = None if template is None else find_template(session, template)
    if moves_by is None and kind is not None:
        moves_by = MovesBy(kind.moves_by)
    row = session.get(Kit, case.id, populate_existing=True)
    if row is None:
        row = Kit(device_id=case.id)
        session.add(row)
    if kind is not None:
        row.template_id = kind.id
    if moves_by is not None:
        row.moves_by = moves_by.value
    session.flush()


def check_room(session: Session, case: Device, parts: Sequence[int]) -> None:
    """Refuse `parts` that are more than the template of a kit has room for.

    Raises:
        Refused: with which model it is.
    """
    template = session.scalar(
        select(KitTemplate)
        .join(Kit, Kit.template_id == KitTemplate.id)
        .where(Kit.device_id == case.id)
    )
    if template is None:
        return
    models = session.scalars(
        select(DeviceModel.code)
        .join(Device, Device.model_id == DeviceModel.id)
        .where(Device.id.in_(parts))
    )
    check_fits(case.tag, template.code, wants_of(session, template.id), models)
