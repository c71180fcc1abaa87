"""The list of kits, and of those that are not whole."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from fsc_logistics.core.kits.believed import late_kits, view_with
from fsc_logistics.core.kits.state import BATCH, KitState, states_of
from fsc_logistics.core.kits.templates import find_template
from fsc_logistics.core.ledger.late import known_until, late_devices
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.tables import Device, Kit, KitSpan
from fsc_logistics.domain.kits import MovesBy

BELIEVED_BATCH = 50
"""Kits looked at by one statement that names all they ever held, several times."""


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
    known_at: datetime | None = None,
    template: str | None = None,
    incomplete: bool = False,
) -> Iterator[KitListed]:
    """Yield the kits that had parts at `at`, in the order of their tags.

    `incomplete`: only those that miss or lack something, or hold too much.  With
    `known_at`, as the ledger stood then, by the templates they have today.

    Raises:
        NotFound: there is no such template.
    """
    cases = select(Device.id, Device.tag)
    if template is not None:
        kind = find_template(session, template).id
        cases = cases.join(Kit, Kit.device_id == Device.id).where(
            Kit.template_id == kind
        )
    if known_at is None:
        states = _states(session, cases, at)
    else:
        states = _known_states(session, cases, at, known_at)
    return (_as_listed(x) for x in states if not (incomplete and x.is_whole()))


def _known_states(
    session: Session, cases: Select[int, str], at: datetime, known_at: datetime
) -> Iterator[KitState]:
    """Yield how whole the kits among `cases` were, as known at `known_at`, by tag.

    Those that were not told of since are read as they are.
    """
    devices = late_devices(session, known_at)
    late = sorted(late_kits(session, devices))
    present = _states(session, cases, min(at, known_until(known_at)), set(late))
    changed: list[KitState] = []
    for start in range(0, len(late), BELIEVED_BATCH):
        chunk = cases.where(Device.id.in_(late[start : start + BELIEVED_BATCH]))
        kits = session.scalars(chunk).all()
        view = view_with(session, kits, known_at, devices)
        changed += states_of(session, kits, at, view)
    with_parts = sorted((x for x in changed if x.parts), key=_tag)
    return merge(present, with_parts, key=_tag)


def _states(
    session: Session,
    cases: Select[int, str],
    at: datetime,
    but: Collection[int] = (),
) -> Iterator[KitState]:
    """Yield how whole the kits among `cases` were, some at a time: there may be many.

    Those numbered `but` are passed over.
    """
    # Asked device by device: a page must not look up the parts of all kits.
    has_parts = exists().where(KitSpan.kit_id == Device.id, covers(KitSpan, at))
    last = ""
    ordered = cases.where(has_parts).order_by(Device.tag).limit(BATCH)
    while rows := session.execute(ordered.where(Device.tag > last)).all():
        last = rows[-1].tag
        kits = [row.id for row in rows if row.id not in but]
        yield from states_of(session, kits, at)


def _tag(state: KitState) -> str:
    return state.kit


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
