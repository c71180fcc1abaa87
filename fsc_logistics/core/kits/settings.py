"""What the kit under a tag should hold, and how it moves."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.kits.templates import find_template, wants_of
from fsc_logistics.core.tables import Device, DeviceModel, Kit, KitSpan, KitTemplate
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


def check_room(session: Session, case: Device, at: datetime) -> None:
    """Refuse a kit that holds more than its template has room for, at `at` or later.

    Raises:
        Refused: with which model it is, and when, if later.
    """
    template = session.scalar(
        select(KitTemplate)
        .join(Kit, Kit.template_id == KitTemplate.id)
        .where(Kit.device_id == case.id)
    )
    if template is None:
        return
    spans = session.execute(
        select(DeviceModel.code, KitSpan.valid_from, KitSpan.valid_to)
        .join(Device, Device.id == KitSpan.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .where(KitSpan.kit_id == case.id, KitSpan.valid_to > at)
    ).all()
    wants = wants_of(session, template.id)
    # There are more parts in it only from where one of them joins it.
    for moment in sorted({at, *(span.valid_from for span in spans)}):
        if moment >= at:
            inside = [x.code for x in spans if x.valid_from <= moment < x.valid_to]
            later = moment if moment > at else None
            check_fits(case.tag, template.code, wants, inside, later)
