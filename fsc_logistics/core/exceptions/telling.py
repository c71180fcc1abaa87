"""What begins to wait is told to the ledger: an event says what its row holds.

So a row that is changed, removed or put in past the program is found.  Such events are
about no device: what waits changes nothing of who has what.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, or_, type_coerce
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.appending import NewEvent, append, append_all
from fsc_logistics.core.ledger.seek import Named
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.domain.custody import BizStep, EventKind, Signature

SEALED = (
    "scan_id",
    "station_seq",
    "read_point",
    "scanned_at",
    "record_time",
    "mode",
    "payload",
    "outcome",
    "message",
    "context",
    "symbology",
    "port",
    "holds",
    "salt",
)
"""What a seal is made of, of a held scan; its station is that of the event."""
_MOMENTS = ("scanned_at", "record_time")
TOLD_MAX = 100
"""An event speaks of no more contradictions than these."""


class Raised(NamedTuple):
    """What an event contradicts, as the ledger is told of it."""

    number: int
    kind: str
    device: str
    detail: str


def was_held() -> ColumnElement[bool]:
    """Return the condition that `ScanRecord` waits among the exceptions, or has."""
    return or_(
        ScanRecord.waiting,
        ScanRecord.salt.is_not(None),
        ScanRecord.context.is_not(None),
        ScanRecord.resolved_at.is_not(None),
        ScanRecord.resolution.is_not(None),
    )


def sealed_columns() -> list[Any]:
    """Return what a seal is made of, as it is sealed."""
    columns = [(name, getattr(ScanRecord, name)) for name in SEALED]
    return [
        type_coerce(column, BigInteger).label(name) if name in _MOMENTS else column
        for name, column in columns
    ]


def new_salt() -> str:
    """Return what keeps a seal from giving away what was read."""
    return token_hex(16)


def seal(held: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a held scan, by the names of `SEALED`; hexadecimal.

    Over one line of JSON, its names sorted; moments are whole microseconds since 1970.
    The ledger keeps nothing personal, and a code that somebody scanned may be: so it is
    told the seal alone, which without the salt says nothing.
    """
    said = {name: held[name] for name in SEALED}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def tell_held(
    session: Session, station: int, held: Mapping[str, Any], by: Signature
) -> None:
    """Append the event that says that a scan, salted, is held at the locked station."""
    event = NewEvent(
        uid=f"{held['scan_id']}.held",
        kind=EventKind.HELD,
        event_time=by.record_time,
        biz_step=BizStep.OTHER,
        document=held["scan_id"],
        read_point=held["read_point"],
        reason=seal(held),
    )
    append(session, station, event, by)


def tell_raised(
    session: Session,
    station: int,
    event: Named,
    raised: Sequence[Raised],
    by: Signature,
) -> None:
    """Append what `event` contradicts to the chain of the locked station.

    In events of its uid with .raised, and each further one with .2 and so on behind
    that.
    """
    parts = [
        raised[start : start + TOLD_MAX] for start in range(0, len(raised), TOLD_MAX)
    ]
    events = [
        NewEvent(
            uid=f"{event.code}.raised" + (f".{number}" if number > 1 else ""),
            kind=EventKind.RAISED,
            event_time=by.record_time,
            biz_step=BizStep.OTHER,
            document=event.code,
            reason=json.dumps(part, separators=(",", ":")),
        )
        for number, part in enumerate(parts, start=1)
    ]
    append_all(session, station, events, by)


def read_raised(reason: str) -> list[Raised]:
    """Return what an event of that kind says.

    Raises:
        ValueError: it is not as such an event says it.

    >>> read_raised('[[7,"not_seen","OXI-1","Not there."]]')
    [Raised(number=7, kind='not_seen', device='OXI-1', detail='Not there.')]
    """
    try:
        raised = [Raised(*row) for row in json.loads(reason)]
    except (TypeError, RecursionError) as error:
        raise ValueError("not what is raised") from error
    if not all(type(one.number) is int and 0 < one.number < 2**63 for one in raised):
        raise ValueError("not what is raised")
    return raised
