"""How whole a kit is: where its parts are, what is missing, what it lacks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.believed import view_of
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.ledger.views import TODAY, View
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    CustodySpan,
    Device,
    DeviceModel,
    Kit,
    KitSpan,
    KitTemplate,
    KitTemplateLine,
    Location,
    Party,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.kits import (
    Absent,
    MovesBy,
    lacking,
    surplus,
    wanting,
    write_wants,
)

BATCH = 500
"""Kits looked at by one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KitState:
    """A kit at a moment, and what it wants to be whole."""

    kit: str
    template: str | None
    moves_by: MovesBy
    custodian: str | None
    """With the location, `None` before the first event of the case."""
    location: str | None
    parts: tuple[str, ...]
    missing: tuple[Absent, ...]
    """Parts that are not with the case, or flagged as missing."""
    lacking: dict[str, int]
    """Model to how many more the template has."""
    surplus: dict[str, int]
    """Model to how many fewer it has: what was undone, or the template, made it so."""

    def is_whole(self) -> bool:
        """Tell whether what it should hold is in it and with it, and nothing else."""
        return not self.missing and not self.lacking and not self.surplus

    def wants(self) -> str:
        """Return in words what keeps it from being whole; nothing where it is."""
        return wanting(self.missing, self.lacking, self.surplus)

    def wants_written(self) -> str:
        """Return the same as a fact, for a screen to say in its own language."""
        return write_wants(self.missing, self.lacking, self.surplus)


def kit_state(
    session: Session, case: str, *, at: datetime, known_at: datetime | None = None
) -> KitState:
    """Return how whole the kit under a tag was at `at`.

    With `known_at`, as the ledger stood then, by the template it has today.

    Raises:
        NotFound, BadIdentifier: no device answers to `case`, or more than one.
    """
    kits = [find_device(session, case).id]
    (state,) = states_of(session, kits, at, view_of(session, kits, known_at))
    return state


def incomplete_among(
    session: Session, tags: Sequence[str], *, at: datetime
) -> list[KitState]:
    """Return how whole those of the devices are that are kits and not whole."""
    found = []
    for start in range(0, len(tags), BATCH):
        members = select(KitSpan.kit_id).where(
            KitSpan.kit_id == Device.id, covers(KitSpan, at)
        )
        cases = session.scalars(
            select(Device.id)
            .where(Device.tag.in_(tags[start : start + BATCH]), members.exists())
            .order_by(Device.tag)
        )
        states = states_of(session, cases.all(), at)
        found += [state for state in states if not state.is_whole()]
    return found


@dataclass(frozen=True, slots=True)
class KitWords:
    """What to say of a device that is a kit or a part of one."""

    text: str = ""
    """In English; nothing where it is neither."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """The same by name."""


def kit_words(
    session: Session, device: Tagged, moved: Collection[str], *, at: datetime
) -> KitWords:
    """Return what to say of a device that is a kit or a part of one; else nothing.

    `moved` are the tags of all that moved with it, if it moved.
    """
    if not seek.was_in_a_kit(session, device.id):
        return KitWords()
    found = _KIT.first(session, device=device.id, at=microseconds(at))
    if found is None:
        return KitWords()
    (kit_id,) = found
    (state,) = states_of(session, [kit_id], at)
    if kit_id != device.id and state.kit not in moved:
        return KitWords(f"a part of {state.kit}", {"part_of": state.kit})
    absent = {part.device for part in state.missing}
    along = [part for part in state.parts if part not in absent and part != device.tag]
    parts = f"{len(along)} part{'' if len(along) == 1 else 's'}"
    with_it = f"{state.kit} and {parts}" if kit_id != device.id else parts
    wants = state.wants()
    facts = {"parts_count": str(len(along))}
    if wants:
        facts["wanting"] = state.wants_written()
    if kit_id != device.id:
        facts["kit_tag"] = state.kit
    return KitWords(f"with {with_it}" + (f"; {wants}" if wants else ""), facts)


def _kit() -> Select[int | None]:
    """Return the query for the kit that a device is, or is in."""
    device, at = (
        bindparam("device", type_=BigInteger),
        bindparam("at", type_=BigInteger),
    )
    return (
        select(KitSpan.kit_id)
        .where(
            or_(KitSpan.device_id == device, KitSpan.kit_id == device),
            KitSpan.kit_id.is_not(None),
            KitSpan.valid_from <= at,
            KitSpan.valid_to > at,
        )
        .limit(1)
    )


# Every scan asks.
_KIT = Statement(_kit)


@dataclass(slots=True)
class _Inside:
    """What is in a kit, collected row by row."""

    parts: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    missing: list[Absent] = field(default_factory=list)


def states_of(
    session: Session, kits: Sequence[int], at: datetime, view: View = TODAY
) -> list[KitState]:
    """Return how whole each of `kits`, by number, was at `at`, in order of their tags.

    `BATCH` of them at most.
    """
    inside: defaultdict[int, _Inside] = defaultdict(_Inside)
    for row in session.execute(_parts(kits, at, view)):
        kit = inside[row.kit_id]
        kit.parts.append(row.tag)
        kit.models.append(row.model)
        is_with_case = row.location_id is not None and (
            (row.custodian_id, row.location_id)
            == (row.case_custodian_id, row.case_location_id)
        )
        if row.flagged is not None or not is_with_case:
            kit.missing.append(
                Absent(
                    device=row.tag,
                    model=row.model,
                    custodian=row.custodian,
                    location=row.location,
                    flagged=row.flagged is not None,
                )
            )
    cases = session.execute(_cases(kits, at, view.custody)).all()
    wants = _wants(session, {row.template_id for row in cases})
    return [_state(row, inside[row.id], wants[row.template_id]) for row in cases]


def _state(row: Row[Any], inside: _Inside, wants: dict[str, int]) -> KitState:
    return KitState(
        kit=row.tag,
        template=row.template,
        moves_by=MovesBy(row.moves_by or MovesBy.CASE),
        custodian=row.custodian,
        location=row.location,
        parts=tuple(inside.parts),
        missing=tuple(inside.missing),
        lacking=lacking(wants, inside.models),
        # Without a template a kit should hold what it holds.
        surplus=surplus(wants, inside.models) if row.template is not None else {},
    )


def _parts(kits: Sequence[int], at: datetime, view: View) -> Select[*tuple[Any, ...]]:
    """Return the query for the parts of `kits` at `at`, by tag, and where they are."""
    kit, held, flag, of_case = view.kit, view.custody, view.flag, view.case
    return (
        select(
            kit.kit_id,
            Device.tag,
            DeviceModel.code.label("model"),
            held.custodian_id,
            held.location_id,
            of_case.custodian_id.label("case_custodian_id"),
            of_case.location_id.label("case_location_id"),
            Party.code.label("custodian"),
            Location.code.label("location"),
            flag.event_id.label("flagged"),
        )
        .join(Device, Device.id == kit.device_id)
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .outerjoin(held, and_(held.device_id == kit.device_id, covers(held, at)))
        .outerjoin(of_case, and_(of_case.device_id == kit.kit_id, covers(of_case, at)))
        .outerjoin(Party, Party.id == held.custodian_id)
        .outerjoin(Location, Location.id == held.location_id)
        .outerjoin(
            flag,
            and_(
                flag.device_id == kit.device_id,
                flag.flag == Flag.MISSING.value,
                flag.raised,
                covers(flag, at),
            ),
        )
        .where(kit.kit_id.in_(kits), covers(kit, at))
        .order_by(Device.tag)
    )


def _cases(
    kits: Sequence[int], at: datetime, held: type[CustodySpan]
) -> Select[*tuple[Any, ...]]:
    """Return the query for the cases themselves, by tag."""
    return (
        select(
            Device.id,
            Device.tag,
            Kit.moves_by,
            Kit.template_id,
            KitTemplate.code.label("template"),
            Party.code.label("custodian"),
            Location.code.label("location"),
        )
        .outerjoin(Kit, Kit.device_id == Device.id)
        .outerjoin(KitTemplate, KitTemplate.id == Kit.template_id)
        .outerjoin(held, and_(held.device_id == Device.id, covers(held, at)))
        .outerjoin(Party, Party.id == held.custodian_id)
        .outerjoin(Location, Location.id == held.location_id)
        .where(Device.id.in_(kits))
        .order_by(Device.tag)
    )


def _wants(
    session: Session, templates: Iterable[int | None]
) -> defaultdict[int | None, dict[str, int]]:
    """Return model to quantity of each template."""
    found: defaultdict[int | None, dict[str, int]] = defaultdict(dict)
    rows = session.execute(
        select(KitTemplateLine.template_id, DeviceModel.code, KitTemplateLine.quantity)
        .join(DeviceModel, DeviceModel.id == KitTemplateLine.model_id)
        .where(KitTemplateLine.template_id.in_([t for t in templates if t is not None]))
        .order_by(DeviceModel.code)
    )
    for template, model, quantity in rows:
        found[template][model] = quantity
    return found
