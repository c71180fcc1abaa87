"""The region the centre serves: its municipalities and postcodes."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import in_parts, lock_register
from fsc_logistics.core.tables import Location, Party, Postcode
from fsc_logistics.domain.codes import read_code
from fsc_logistics.domain.errors import BadInput, Refused
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.parties import PartyKind

OURS = "midtjylland.toml"
_KINDS: dict[str, dict[str, tuple[type, ...]]] = {
    "municipality": {
        "code": (str,),
        "name": (str,),
        "population": (int,),
        "population_year": (int,),
    },
    "postcode": {
        "code": (str,),
        "name": (str,),
        "lat": (float, int),
        "lon": (float, int),
        "municipality": (str,),
        "extra_s": (int,),
    },
}
_EXTRA_S_MAX = 24 * 3600
_DEFAULTS: dict[str, Any] = {"extra_s": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """A municipality and how many people live in it."""

    code: str
    name: str
    population: int
    population_year: int
    """The population is that of 1 January of this year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodeArea:
    """A postcode, with a point inside it."""

    code: str
    name: str
    lat: float
    lon: float
    municipality: str
    extra_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """What a region's file says."""

    code: str
    name: str
    municipalities: tuple[Municipality, ...]
    postcodes: tuple[PostcodeArea, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What loading a region did."""

    region: str
    municipalities: int
    postcodes: int
    changed: int
    """Rows that were added or are different now."""


def read_region(path: Path | None = None) -> Region:
    """Return the region in a TOML file; Region Midtjylland where none is given.

    Raises:
        BadInput: the file cannot be read, or an entry in it is wrong.
    """
    named = OURS if path is None else str(path)
    try:
        if path is None:
            read = tomllib.loads(
                (files("fsc_logistics.data") / OURS).read_text("utf-8")
            )
        else:
            read = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{named} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{named} cannot be read: {error}.") from None
    head = read.get("region")
    if not isinstance(head, dict) or not {"code", "name"} <= head.keys():
        raise BadInput(f"{named} names no region: it needs [region] code and name.")
    region = Region(
        code=str(head["code"]),
        name=str(head["name"]),
        municipalities=tuple(
            Municipality(**entry) for entry in _entries(read, "municipality", named)
        ),
        postcodes=tuple(
            PostcodeArea(**entry) for entry in _entries(read, "postcode", named)
        ),
    )
    _check(region, named)
    return region


def load_region(session: Session, region: Region, *, dry_run: bool = False) -> Loaded:
    """Make parties of a region and its municipalities, and keep its postcodes.

    Safe to run again: what is there already is brought up to date.  With `dry_run`
    everything is done, and undone again.

    Raises:
        Refused: a code it needs is that of something else.
    """
    lock_register(session)
    top_code = _region_code(region.code)
    _check_codes(session, region)
    attempt = session.begin_nested()
    parties = {row.code: row for row in session.scalars(select(Party))}
    areas = {row.code: row for row in session.scalars(select(Postcode))}
    top = parties.get(top_code) or Party(code=top_code)
    changed = int(_put(session, top, kind=PartyKind.REGION, name=region.name))
    session.flush()
    for municipality in region.municipalities:
        code = _municipality_code(municipality.code)
        changed += _put(
            session,
            parties.get(code) or Party(code=code),
            kind=PartyKind.MUNICIPALITY,
            name=municipality.name,
            municipality_code=municipality.code,
            parent_id=top.id,
        )
    for area in region.postcodes:
        changed += _put(
            session,
            areas.get(area.code) or Postcode(code=area.code),
            name=area.name,
            lat=float(area.lat),
            lon=float(area.lon),
            municipality_code=area.municipality,
            extra_s=area.extra_s,
        )
    session.flush()
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return Loaded(
        region=top_code,
        municipalities=len(region.municipalities),
        postcodes=len(region.postcodes),
        changed=changed,
    )


def postcode_point(session: Session, code: str) -> Point | None:
    """Return a point inside a postcode's area, or None where it is not known."""
    row = session.get(Postcode, code.strip())
    return None if row is None else Point(row.lat, row.lon)


def _region_code(code: str) -> str:
    return read_code(f"REG-{code}")


def _municipality_code(code: str) -> str:
    return read_code(f"KOM-{code}")


def _check(region: Region, named: str) -> None:
    """Refuse a region of which an entry cannot be.

    Raises:
        BadInput: with the entry.
    """
    _region_code(region.code)
    for noun, entries in (
        ("municipality", region.municipalities),
        ("postcode", region.postcodes),
    ):
        counts = Counter(entry.code for entry in entries)
        if twice := [code for code, count in counts.items() if count > 1]:
            raise BadInput(
                f"{named}: {noun} {', '.join(twice)} is there more than once. Keep one"
                " of them."
            )
    for municipality in region.municipalities:
        _municipality_code(municipality.code)
    for area in region.postcodes:
        Point(area.lat, area.lon)
        if not 0 <= area.extra_s <= _EXTRA_S_MAX:
            raise BadInput(
                f"{named}: postcode {area.code} has an extra_s of {area.extra_s}. It is"
                f" 0 to {_EXTRA_S_MAX} seconds."
            )


def _check_codes(session: Session, region: Region) -> None:
    kinds = {
        _region_code(region.code): PartyKind.REGION,
        **{
            _municipality_code(one.code): PartyKind.MUNICIPALITY
            for one in region.municipalities
        },
    }
    for part in in_parts(kinds):
        taken = session.execute(
            union_all(
                select(Location.code, Location.kind).where(Location.code.in_(part)),
                select(Party.code, Party.kind).where(Party.code.in_(part)),
            ).order_by("code")
        )
        for code, kind in taken:
            if kind != kinds[code]:
                raise Refused(
                    f"{code} is the code of a {kind} already, and codes are for good."
                    " Take it out of the file to load the rest."
                )


def _entries(read: dict[str, Any], noun: str, named: str) -> list[dict[str, Any]]:
    """Return the tables of one noun; every field is there, known and of its kind."""
    wanted = _KINDS[noun]
    entries = []
    for number, entry in enumerate(read.get(noun, []), start=1):
        entry = {**{k: v for k, v in _DEFAULTS.items() if k in wanted}, **entry}
        wrong = sorted(wanted.keys() ^ entry.keys()) or [
            name
            for name, value in entry.items()
            if not isinstance(value, wanted[name]) or isinstance(value, bool)
        ]
        if wrong:
            raise BadInput(
                f"{named}: {noun} number {number} has a missing, unknown or misread"
                f" field: {', '.join(wrong)}. It has {', '.join(wanted)}."
            )
        entries.append(entry)
    return entries


def _put(session: Session, row: Party | Postcode, **values: object) -> bool:
    """Bring a row up to date; return whether it is different now."""
    wrong = {name for name, value in values.items() if getattr(row, name) != value}
    for name in wrong:
        setattr(row, name, values[name])
    session.add(row)
    return bool(wrong)
