"""What a search tells of what it found: who has it, where, what it is called."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.people.personal import PROTECTED
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    Citizen,
    CustodySpan,
    Device,
    DeviceModel,
    Location,
    Party,
    Postcode,
)
from fsc_logistics.domain.parties import PartyKind


class Found(StrEnum):
    """What can be found."""

    DEVICE = "device"
    MODEL = "model"
    PARTY = "party"
    PLACE = "place"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Fit:
    """A row that fits what was typed: where it stands, its number, and how it fits.

    Citizens are parties here.
    """

    table: Found
    number: int
    match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found."""

    kind: str
    code: str
    what: str
    custodian: str | None = None
    """Who has the device now, or keeps the place."""
    location: str | None = None
    """Where the device is, or what the place stands in."""
    since: datetime | None = None
    match: str
    """What of it fits, and how well: `tag exact`, `serial typo`, `name words`, …"""


def hits_of(session: Session, fits: Sequence[Fit], *, people: bool) -> list[Hit]:
    """Return what is to be told of `fits`, in their order.

    With `people` citizens' names are told; who calls has logged them.
    """
    told: dict[tuple[Found, int], Hit] = {}
    for table, tell in (
        (Found.DEVICE, _devices),
        (Found.MODEL, _models),
        (Found.PLACE, _places),
    ):
        matches = {fit.number: fit.match for fit in fits if fit.table is table}
        if matches:
            told.update(((table, n), hit) for n, hit in tell(session, matches).items())
    matches = {fit.number: fit.match for fit in fits if fit.table is Found.PARTY}
    if matches:
        parties = _parties(session, matches, people=people)
        told.update(((Found.PARTY, n), hit) for n, hit in parties.items())
    return [told[fit.table, fit.number] for fit in fits]


def _devices(session: Session, matches: dict[int, str]) -> dict[int, Hit]:
    rows = session.execute(
        select(
            Device.id,
            Device.tag,
            Device.serial,
            DeviceModel.code.label("model"),
            DeviceModel.maker,
            DeviceModel.name,
            Party.code.label("custodian"),
            Location.code.label("location"),
            CustodySpan.valid_from,
        )
        .join(DeviceModel, DeviceModel.id == Device.model_id)
        .join(
            CustodySpan,
            and_(
                CustodySpan.device_id == Device.id, CustodySpan.valid_to == OPEN_ENDED
            ),
        )
        .join(Party, Party.id == CustodySpan.custodian_id)
        .join(Location, Location.id == CustodySpan.location_id)
        .where(Device.id.in_(matches))
    )
    return {
        row.id: Hit(
            kind=Found.DEVICE,
            code=row.tag,
            what=f"{row.model} {row.maker} {row.name}"
            + (f", serial {row.serial}" if row.serial else ""),
            custodian=row.custodian,
            location=row.location,
            since=row.valid_from,
            match=matches[row.id],
        )
        for row in rows
    }


def _models(session: Session, matches: dict[int, str]) -> dict[int, Hit]:
    rows = session.scalars(select(DeviceModel).where(DeviceModel.id.in_(matches)))
    return {
        row.id: Hit(
            kind=Found.MODEL,
            code=row.code,
            what=f"{row.maker} {row.name}, {row.category}",
            match=matches[row.id],
        )
        for row in rows
    }


def _places(session: Session, matches: dict[int, str]) -> dict[int, Hit]:
    around = aliased(Location)
    rows = session.execute(
        select(
            Location.id,
            Location.code,
            Location.kind,
            Location.name,
            Postcode.name.label("city"),
            Party.code.label("keeper"),
            around.code.label("inside"),
        )
        .outerjoin(Postcode, Postcode.code == Location.postcode)
        .outerjoin(Party, Party.id == Location.keeper_id)
        .outerjoin(around, around.id == Location.parent_id)
        .where(Location.id.in_(matches))
    )
    return {
        row.id: Hit(
            kind=Found.PLACE,
            code=row.code,
            what=", ".join(part for part in (row.name, row.kind, row.city) if part),
            custodian=row.keeper,
            location=row.inside,
            match=matches[row.id],
        )
        for row in rows
    }


def _parties(
    session: Session, matches: dict[int, str], *, people: bool
) -> dict[int, Hit]:
    rows = session.execute(
        select(Party, Citizen.name, Citizen.protected)
        .outerjoin(Citizen, Citizen.party_id == Party.id)
        .where(Party.id.in_(matches))
    ).all()
    held = _held(session, matches) if people else {}
    found = {}
    for party, name, protected in rows:
        is_citizen = party.kind == PartyKind.CITIZEN
        if not is_citizen:
            what = ", ".join(part for part in (party.name, party.kind) if part)
        elif not people:
            what = PartyKind.CITIZEN.value
        else:
            shown = PROTECTED if protected else name or "erased"
            what = f"{shown}, devices: {held.get(party.id, 0)}"
        found[party.id] = Hit(
            kind=Found.CITIZEN if is_citizen else Found.PARTY,
            code=party.code,
            what=what,
            match=matches[party.id],
        )
    return found


def _held(session: Session, parties: Collection[int]) -> dict[int, int]:
    """Return how many devices citizens have now."""
    rows = session.execute(
        select(CustodySpan.custodian_id, func.count())
        .join(Party, Party.id == CustodySpan.custodian_id)
        .where(
            CustodySpan.custodian_id.in_(parties),
            CustodySpan.valid_to == OPEN_ENDED,
            Party.kind == PartyKind.CITIZEN,
        )
        .group_by(CustodySpan.custodian_id)
    )
    return {row[0]: row[1] for row in rows}
