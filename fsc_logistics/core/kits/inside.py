"""What is in a kit, and when it is for an act that says it is now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.named import lock
from fsc_logistics.core.ledger.states import covers, moment_of
from fsc_logistics.core.ledger.views import TODAY, View
from fsc_logistics.core.tables import Device
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import Refused


class Inside(NamedTuple):
    """What an act finds in a kit, all of it locked."""

    at: datetime
    """When the act is: not before what it had to wait for."""
    parts: list[int]


def locked_parts(
    session: Session,
    kit: Device,
    others: Sequence[Device],
    at: datetime,
    by: Signature,
) -> Inside:
    """Return what is in a kit for an act at `at`; it and `others` are locked.

    An act of now is later where it had to wait (`states.moment_of`).
    """
    known = parts_of(session, kit.id, at)
    devices = [kit.id, *known, *(device.id for device in others)]
    lock(session, devices)
    at = moment_of(session, devices, at, by)
    # Asked again: the kit may have changed while we waited.
    return Inside(at, parts_of(session, kit.id, at))


def parts_of(
    session: Session, kit_id: int, at: datetime, view: View = TODAY
) -> list[int]:
    """Return the numbers of the devices that are in a kit at `at`."""
    return list(
        session.scalars(
            select(view.kit.device_id)
            .where(view.kit.kit_id == kit_id, covers(view.kit, at))
            .order_by(view.kit.device_id)
        )
    )


def check_inside(
    case: Device, devices: Iterable[Device], inside: Sequence[int]
) -> None:
    """Refuse devices that are not among the numbers of those `inside` a kit.

    Raises:
        Refused: with where to see what is.
    """
    for device in devices:
        if device.id not in inside:
            raise Refused(
                f"{device.tag} is not in {case.tag}. See: fsc kit show {case.tag}"
            )
