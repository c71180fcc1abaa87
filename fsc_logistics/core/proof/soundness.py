"""What no row of register and ledger may be, whatever its hash says."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.proof.event_texts import holding
from fsc_logistics.core.tables import (
    Article,
    ConditionSpan,
    CustodySpan,
    Device,
    DeviceModel,
    Event,
    EventLine,
    FlagSpan,
    KitSpan,
    Location,
    Lot,
    Party,
    Station,
)

_NAMED: tuple[tuple[Any, Any], ...] = (
    (Station, Station.code),
    (Party, Party.code),
    (Location, Location.code),
    (DeviceModel, DeviceModel.code),
    (Device, Device.tag),
    (Article, Article.code),
    (Lot, Lot.code),
    (Event, Event.uid),
)
_SPANS: tuple[Any, ...] = (CustodySpan, KitSpan, ConditionSpan, FlagSpan)
_SHOWN_MAX = 20
"""Rows of one kind that are named."""


def soundness_mismatches(session: Session) -> Iterator[str]:
    """Yield rows that could hide from the rest of the proof.

    Numbers begin at 1, and what is hashed is told apart by control characters, which no
    code may therefore hold; SQLite moreover ends a text it formats at the first NUL.
    """
    for table, name in _NAMED:
        noun = table.__tablename__
        low = select(table.id, name).where(table.id < 1).limit(_SHOWN_MAX)
        for number, code in session.execute(low):
            yield f"{noun} {code} has the number {number}, and numbers begin at 1"
        if table is not Event:
            odd = select(name).where(or_(*_odd(session, name))).limit(_SHOWN_MAX)
            for code in session.scalars(odd):
                yield f"{noun} {code!r} holds a control character"
    for table in _SPANS:
        yield from _beyond(session, table)
    yield from _never_brought_in(session)


def _odd(session: Session, name: Any) -> list[Any]:
    """Return the conditions that a code holds a character it may not hold."""
    if session.get_bind().dialect.name == "sqlite":
        return holding(name, func.instr, "\x00")
    return holding(name, func.strpos)


def _beyond(session: Session, table: Any) -> Iterator[str]:
    """Yield spans of devices beyond the first and the last there is."""
    last = session.scalar(select(func.max(Device.id))) or 0
    # One side after the other: asked for both at once, SQLite looks at all.
    for is_outside in (table.device_id < 1, table.device_id > last):
        outside = select(table.device_id).where(is_outside).distinct()
        for device in session.scalars(outside.limit(_SHOWN_MAX)):
            yield (
                f"device number {device} is not there,"
                f" and {table.__tablename__}s of it are"
            )


def _never_brought_in(session: Session) -> Iterator[str]:
    """Yield devices of which nothing is said: sums of nothing would not differ.

    The database refuses them, unless somebody has turned its references off.
    """
    held = exists().where(CustodySpan.device_id == Device.id)
    named = exists().where(EventLine.device_id == Device.id)
    ghosts = select(Device.tag).where(~held, ~named).limit(_SHOWN_MAX)
    for tag in session.scalars(ghosts):
        yield f"device {tag} is registered, and no event brought it in"
