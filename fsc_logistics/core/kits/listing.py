"""The list of kits, and of those that are not whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from fsc_logistics.core.kits.state import BATCH, KitState, states_of
from fsc_logistics.core.kits.templates import find_template
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.tables import Device, Kit, KitSpan
from fsc_logistics.domain.kits import MovesBy


@dataclass(frozen=True, slots=True, kw_only=True)
class KitListed:
    """A kit in a list."""

    kit: str
    template: str | None
    moves_by: MovesBy
    part_count: int
    missing: tuple[str, ...]
    """Tags of parts that are not with the case, or flagged as missing."""
    lacking: dict[str, int]
    """Model to how many more the template has."""
    surplus: dict[str, int]
    """Model to how many fewer it has."""
    custodian: str
    location: str


def list_kits(
    session: Session,
    *,
    at: datetime,
    template: str | None = None,
    incomplete: bool = False,
) -> Iterator[KitListed]:
    """Yield the kits that had parts at `at`, in the order of their tags.

    `incomplete`: only those that miss or lack something, or hold too much.

    Raises:
        NotFound: there is no such template.
    """
    # Asked device by device: a page must not look up the parts of all kits.
    has_parts = exists().where(KitSpan.kit_id == Device.id, covers(KitSpan, at))
    cases = select(Device.id, Device.tag).where(has_parts)
    if template is not None:
        kind = find_template(session, template).id
        cases = cases.join(Kit, Kit.device_id == Device.id).where(
            Kit.template_id == kind
        )
    return _listed(session, cases, at, incomplete=incomplete)


def _listed(
    session: Session,
    cases: Select[int, str],
    at: datetime,
    *,
    incomplete: bool,
) -> Iterator[KitListed]:
    """Yield the kits `cases` asks for, some at a time: there may be many."""
    last = ""
    ordered = cases.order_by(Device.tag).limit(BATCH)
    while rows := session.execute(ordered.where(Device.tag > last)).all():
        last = rows[-1].tag
        for state in states_of(session, [row.id for row in rows], at):
            if not (incomplete and state.is_whole()):
                yield _as_listed(state)


def _as_listed(state: KitState) -> KitListed:
    return KitListed(
        kit=state.kit,
        template=state.template,
        moves_by=state.moves_by,
        part_count=len(state.parts),
        missing=tuple(part.device for part in state.missing),
        lacking=state.lacking,
        surplus=state.surplus,
        custodian=state.custodian or "",
        location=state.location or "",
    )
