"""Proof that nothing in the ledger was changed: every hash computed again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.ledger.event_hash import (
    FORM,
    GENESIS,
    REGISTERING,
    ROW,
    SEPARATOR,
    chained,
    first_form_hash,
)
from fsc_logistics.core.proof.batches import Batch
from fsc_logistics.core.tables import ErrorDeclaration, Event, EventLine, Station

_NAMED_MAX = 3


@dataclass(slots=True)
class Links:
    """Checks events in the order they come: each is chained to the one before it."""

    session: Session
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Number and hash of the last event seen of each station."""
    codes: dict[int, str] = field(init=False)
    """Of each station."""

    def __post_init__(self) -> None:
        """Read the codes of the stations, which are few."""
        stations = self.session.execute(select(Station.id, Station.code))
        self.codes = {station.id: station.code for station in stations}

    def mismatches(self, batch: Batch) -> Iterator[str]:
        """Yield what is wrong with the events of a batch: changed, lost or added."""
        rows, others, heads = batch.rows, batch.others, self.heads
        index, count = 0, len(rows)
        while index < count:
            event = rows[index]
            number, station_id, station, seq, form, digest, text = event[:7]
            line = event[9]
            after = index + 1
            while after < count and rows[after][0] == number:
                after += 1
            if after - index == 1 and not others:
                said = text if line is None else f"{text}{ROW}{line}"
            else:
                said = _whole(text, rows[index:after], others.get(number))
            before = self.before(station_id, seq)
            if before[0] != seq - 1:
                yield _out_of_order(station, before[0], seq, text)
            if form in (FORM, REGISTERING):
                right = chained(before[1], said)
            elif number in others:
                right = b""  # The first form knew no other rows.
            else:
                right = self._first_form(number, before[1])
            if ROW in text or any(row[17] for row in rows[index:after]):
                uid = _uid(text)
                yield f"station {station}: event {uid!r} holds a control character"
            if right != digest:
                yield (
                    f"station {station}: event {_uid(text)} ({seq}){_about(said)} is"
                    f" not as it was recorded: it, a row of it, {_registered(form)}or"
                    " the hash before it was changed"
                )
            heads[station_id] = (seq, digest)
            index = after
        for number, lost in groupby(sorted(batch.lost), key=itemgetter(0)):
            named = _about(ROW.join(("", *(text for _, text in lost))))
            yield f"event number {number}{named} is missing; rows of it are left"

    def before(self, station: int, seq: int) -> tuple[int, bytes]:
        """Return number and hash of the event before the one with number `seq`."""
        seen = self.heads.get(station)
        if seen is not None:
            return seen
        found = self.session.execute(
            select(Event.station_seq, Event.hash)
            .where(Event.station_id == station, Event.station_seq < seq)
            .order_by(Event.station_seq.desc())
            .limit(1)
        ).first()
        return (0, GENESIS) if found is None else (found[0], found[1])

    def _first_form(self, number: int, before: bytes) -> bytes:
        """Return the hash an event of the first form should have."""
        event = self.session.get_one(Event, number)
        said = {column: getattr(event, column) for column in _FIRST_FORM_COLUMNS}
        lines = self.session.execute(
            select(EventLine.device_id, EventLine.kit_id).where(
                EventLine.event_id == number
            )
        )
        wrong = self.session.get(ErrorDeclaration, number)
        declared = (
            None
            if wrong is None
            else (wrong.wrong_event_id, wrong.reason, wrong.replacement_id)
        )
        pairs = [(device, kit) for device, kit in lines]
        return first_form_hash(before, said, pairs, declared)


def _whole(
    text: str, lines: Sequence[tuple[Any, ...]], others: Sequence[str] | None
) -> str:
    """Return what is hashed of an event and all its rows, in their order."""
    rows = [line[9] for line in lines if line[9] is not None]
    return ROW.join((text, *sorted([*rows, *(others or ())])))


def _out_of_order(station: str, before: int, seq: int, text: str) -> str:
    if seq <= before:
        return f"station {station}: event {_uid(text)} ({seq}) is out of its order"
    if seq - before == 2:
        return f"station {station}: event {seq - 1} is missing"
    return f"station {station}: events {before + 1} to {seq - 1} are missing"


def _about(said: str) -> str:
    """Return which devices or lots an event's rows name, a few of them."""
    names = sorted(
        # None in what a control character made a row of.
        {name for row in said.split(ROW)[1:] for name in row.split(SEPARATOR)[1:2]}
    )
    if not names:
        return ""
    more = "" if len(names) <= _NAMED_MAX else f" and {len(names) - _NAMED_MAX} more"
    return f" about {', '.join(names[:_NAMED_MAX])}{more}"


def _registered(form: int | None) -> str:
    """Return what else an event of a form is hashed over."""
    return "the model, serial or owner of a device, " if form == REGISTERING else ""


def _uid(text: str) -> str:
    return text.split(SEPARATOR, 2)[1]


_FIRST_FORM_COLUMNS = (
    "uid",
    "station_id",
    "station_seq",
    "kind",
    "event_time",
    "record_time",
    "biz_step",
    "disposition",
    "actor",
    "read_point",
    "custodian_id",
    "location_id",
    "document",
)
