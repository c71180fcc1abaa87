"""One event entered into the spans of one device: the step that every scan takes.

As `spans.apply` does for many, by statements kept ready.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    and_,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    FlagSpan,
    KitSpan,
)

Table = type[CustodySpan] | type[KitSpan] | type[ConditionSpan] | type[FlagSpan]
_OPEN_US = microseconds(OPEN_ENDED)


def enter(
    session: Session,
    table: Table,
    key: Mapping[str, str],
    device: int,
    *,
    at_us: int,
    values: Mapping[str, Any],
    covering: tuple[int, int] | None = None,
) -> None:
    """Let `values` be what the spans of `device` say from `at_us` to the next event.

    `key` is what the spans of the chain have in common; moments are microseconds since
    1970.  `covering` are start and end of the span that `at_us` falls in, where the
    caller has asked for it.
    """
    steps = _steps(table, *values)
    whose = {"device_id": device, **key}
    within = covering or steps.covering.first(session, at=at_us, **whose)
    if within is not None:
        begun, end = within
        if begun == at_us:
            steps.say.run(session, at=at_us, **_new(values), **whose)
            return
        steps.cut.run(session, begun=begun, at=at_us, **whose)
        start: int | None = at_us
    elif (first := steps.first.first(session, **whose)) is not None:
        steps.link.run(session, begun=first[0], **whose)
        start, end = None, first[0]
    else:
        start, end = None, _OPEN_US
    steps.add.run(
        session, valid_from=at_us, valid_to=end, prev_to=start, **values, **whose
    )


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


class _Steps:
    """The statements of one span table whose events say `names`."""

    def __init__(self, table: Table, *names: str) -> None:
        key = ["device_id", *(["flag"] if table is FlagSpan else [])]
        columns = (*key, "valid_from", "valid_to", "prev_to", *names)
        self.table = table
        self.key = key
        self.covering = Statement(self._covering)
        self.first = Statement(self._first)
        self.cut = Statement(lambda: self._update(valid_to=_moment("at")))
        self.link = Statement(lambda: self._update(prev_to=_moment("begun")))
        self.say = Statement(lambda: self._say(names))
        self.add = Statement(lambda: insert(table), *columns)

    def _ours(self) -> ColumnElement[bool]:
        return and_(
            *(getattr(self.table, name) == bindparam(name) for name in self.key)
        )

    def _covering(self) -> ClauseElement:
        return select(self.table.valid_from, self.table.valid_to).where(
            self._ours(),
            self.table.valid_from <= _moment("at"),
            self.table.valid_to > _moment("at"),
        )

    def _first(self) -> ClauseElement:
        return select(self.table.valid_from).where(
            self._ours(), self.table.prev_to.is_(None)
        )

    def _update(self, **values: Any) -> ClauseElement:
        begun = self.table.valid_from == _moment("begun")
        return update(self.table).where(self._ours(), begun).values(**values)

    def _say(self, names: tuple[str, ...]) -> ClauseElement:
        begun = self.table.valid_from == _moment("at")
        return (
            update(self.table)
            .where(self._ours(), begun)
            .values({name: bindparam(f"new_{name}") for name in names})
        )


_steps = cache(_Steps)


def _moment(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)
