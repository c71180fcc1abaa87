"""What is hashed of events and their lines, as the engine puts it together."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from fsc_logistics.core.ledger.event_hash import (
    NOTHING,
    REGISTERING,
    ROW,
    SEPARATOR,
)
from fsc_logistics.core.tables import (
    Device,
    DeviceModel,
    Event,
    EventLine,
    Location,
    Party,
    Station,
)


def text_of(*fields: Any) -> Any:
    """Return the expression for fields between separators, as `event_hash` has it.

    `format` is a function of both engines, and much faster than many concatenations.
    """
    return func.format(written(SEPARATOR.join(["%s"] * len(fields))), *fields)


def or_nothing(column: Any) -> Any:
    """Return the expression for a field that may lack."""
    return func.coalesce(column, written(NOTHING))


def written(text: str) -> ColumnElement[str]:
    """Return a text of ours as it is written in a statement.

    One that is bound costs SQLite as much as a column, for every row.
    """
    return literal_column(f"'{text}'", Text)


BETWEEN = (bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger))
IS_REGISTERING = Event.form == literal_column(str(REGISTERING))
"""Whether an event says how its devices are registered."""
_KIT_DEVICE, _OWNER = aliased(Device), aliased(Party)
_MODEL_CODE, _OWNER_CODE = (
    select(code).where(number == of).correlate(Device).scalar_subquery()
    for code, number, of in (
        (DeviceModel.code, DeviceModel.id, Device.model_id),
        (_OWNER.code, _OWNER.id, Device.owner_id),
    )
)
_DEVICE = (written("d"), or_nothing(Device.tag), or_nothing(_KIT_DEVICE.tag))
_REGISTERED = (
    or_nothing(_MODEL_CODE),
    or_nothing(Device.serial),
    or_nothing(_OWNER_CODE),
)
DEVICE_LINE = case(
    (IS_REGISTERING, text_of(*_DEVICE, *_REGISTERED)), else_=text_of(*_DEVICE)
)
EVENT_FIELDS: tuple[tuple[Any, bool], ...] = (
    (Event.uid, False),
    (Station.code, True),
    (Event.station_seq, False),
    (Event.kind, False),
    (type_coerce(Event.event_time, BigInteger), False),
    (type_coerce(Event.record_time, BigInteger), False),
    (Event.biz_step, False),
    (Event.disposition, True),
    (Event.actor, False),
    (Event.read_point, True),
    (Party.code, True),
    (Location.code, True),
    (Event.document, True),
    (Event.condition, True),
    (Event.flag, True),
    # As it stands there: any number but 0 would pass for yes.
    (cast(cast(Event.raised, Integer), Text), True),
    (Event.reason, True),
)
"""What is hashed of an event itself, as `event_hash` has it; whether it may lack."""
_WORDS = (Event.uid, Event.kind, Event.biz_step, Event.actor)
_MAYBE = (
    Event.disposition,
    Event.read_point,
    Event.document,
    Event.condition,
    Event.flag,
    Event.reason,
)


def hides_on_postgresql() -> Any:
    """Return the condition that a word would hide a change.

    It is what stands for no word, or a serial with what stands between words.
    """
    return or_(
        *(word == written(NOTHING) for word in _MAYBE),
        and_(IS_REGISTERING, or_(*holding(Device.serial, func.strpos))),
    )


def hides_on_sqlite() -> Any:
    """Return the condition that a word would hide a change.

    Where SQLite formats a word, that ends at the first NUL; no other engine stores one.
    """
    nul = literal("\x00")
    return or_(
        *(word == written(NOTHING) for word in _MAYBE),
        *(func.instr(word, nul) > 0 for word in (*_WORDS, *_MAYBE)),
        and_(IS_REGISTERING, or_(*holding(Device.serial, func.instr, "\x00"))),
    )


def holding(word: Any, place: Any, more: str = "") -> list[Any]:
    """Return the conditions that a word holds what stands between words, or `more`.

    `place` is the engine's function that finds a text in another.
    """
    return [place(word, literal(mark)) > 0 for mark in (SEPARATOR, ROW, NOTHING, *more)]


def with_places(query: Select[Any]) -> Select[Any]:
    """Return the query for events with the parties and places they name."""
    return query.outerjoin(Party, Party.id == Event.custodian_id).outerjoin(
        Location, Location.id == Event.location_id
    )


def with_tags(query: Select[Any]) -> Select[Any]:
    """Return the query for lines with the devices they name."""
    return query.outerjoin(Device, Device.id == EventLine.device_id).outerjoin(
        _KIT_DEVICE, _KIT_DEVICE.id == EventLine.kit_id
    )


def event_fields() -> list[Any]:
    """Return what is hashed of an event itself."""
    return [or_nothing(of) if may_lack else of for of, may_lack in EVENT_FIELDS]
