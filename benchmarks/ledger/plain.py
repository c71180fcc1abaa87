"""The floor: the same questions and rows by plain statements of the driver alone.

What the best program written by hand for this schema would send: same tables, indexes,
triggers and constraints, same settings of the connection, and the selects it needs to
find what it writes.  It checks and words nothing.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.ledger.rows import event_said
from fsc_logistics.core.database import make_engine, sqlite_path
from fsc_logistics.core.ledger.event_hash import (
    FORM,
    GENESIS,
    REGISTERING,
    event_text,
)
from fsc_logistics.domain.parties import LENT_AT, LENT_TO

Row = tuple[Any, ...]

_WHO = """
    SELECT d.tag, m.code, p.code, p.kind, l.code, s.valid_from, s.valid_to, e.uid,
        e.biz_step, e.disposition, b.valid_from, a.valid_to, c.condition,
        r.raised, g.raised
    FROM custody_span s JOIN device d ON d.id = s.device_id
    JOIN device_model m ON m.id = d.model_id JOIN party p ON p.id = s.custodian_id
    JOIN location l ON l.id = s.location_id JOIN event e ON e.id = s.event_id
    LEFT JOIN custody_span b ON b.device_id = s.device_id AND b.valid_to = s.prev_to
        AND b.custodian_id = s.custodian_id AND b.location_id = s.location_id
    LEFT JOIN custody_span a ON a.device_id = s.device_id AND a.valid_from = s.valid_to
        AND a.custodian_id = s.custodian_id AND a.location_id = s.location_id
    LEFT JOIN condition_span c ON c.device_id = s.device_id
        AND c.valid_from <= :at AND c.valid_to > :at
    LEFT JOIN flag_span r ON r.device_id = s.device_id AND r.flag = 'recalled'
        AND r.valid_from <= :at AND r.valid_to > :at
    LEFT JOIN flag_span g ON g.device_id = s.device_id AND g.flag = 'missing'
        AND g.valid_from <= :at AND g.valid_to > :at
"""
_WHO_HAS = f"""{_WHO} WHERE s.device_id = :device AND s.valid_from <= :at
    ORDER BY s.valid_from DESC LIMIT 1"""
_THEN = "s.valid_to > :at AND s.valid_from <= :at ORDER BY d.tag"
_OF_PARTY = f"""{_WHO}
    WHERE s.custodian_id = (SELECT id FROM party WHERE code = :code) AND {_THEN}"""
_INSIDE = """WITH RECURSIVE inside (id) AS (
        SELECT id FROM location WHERE code = :code
        UNION SELECT l.id FROM location l JOIN inside i ON l.parent_id = i.id)"""
_WITHIN = f"""{_INSIDE} {_WHO}
    WHERE s.location_id IN (SELECT id FROM inside) AND {_THEN}"""
_DEVICE = "SELECT id FROM device WHERE tag = :tag"
_STATION = "SELECT id FROM station WHERE code = :code"
_EVENT = "SELECT id FROM event WHERE uid = :uid"
_PLACE = """SELECT l.id, p.id, p.code, p.kind, p.municipality_code
    FROM location l JOIN party p ON p.id = l.keeper_id WHERE l.code = :code"""
_OWNED = """SELECT d.id, o.code, o.kind, o.municipality_code
    FROM device d JOIN party o ON o.id = d.owner_id WHERE d.tag = :tag"""
_KIT = """SELECT 1 WHERE EXISTS (SELECT 1 FROM kit_span WHERE device_id = :device)
    OR EXISTS (SELECT 1 FROM kit_span WHERE kit_id = :device)"""
_SPAN = """SELECT s.valid_from, s.valid_to, s.location_id, p.kind, l.kind, c.condition,
        c.valid_from, c.valid_to, r.raised, g.raised
    FROM custody_span s JOIN party p ON p.id = s.custodian_id
    JOIN location l ON l.id = s.location_id
    LEFT JOIN condition_span c ON c.device_id = s.device_id
        AND c.valid_from <= :at AND c.valid_to > :at
    LEFT JOIN flag_span r ON r.device_id = s.device_id AND r.flag = 'recalled'
        AND r.valid_from <= :at AND r.valid_to > :at
    LEFT JOIN flag_span g ON g.device_id = s.device_id AND g.flag = 'missing'
        AND g.valid_from <= :at AND g.valid_to > :at
    WHERE s.device_id = :device AND s.valid_from <= :at
    ORDER BY s.valid_from DESC LIMIT 1"""
_HEAD = """SELECT station_seq, hash, record_time FROM event WHERE station_id = :station
    ORDER BY station_seq DESC LIMIT 1"""
_ADD_EVENT = """INSERT INTO event (uid, station_id, station_seq, kind, event_time,
        record_time, biz_step, disposition, actor, read_point, custodian_id,
        location_id, hash, form, condition)
    VALUES (:uid, :station, :seq, 'object', :at, :now, 'loading', 'in_transit', :actor,
        :read_point, :party, :place, :hash, :form, :condition)
    RETURNING id"""
_ADD_FIRST = """INSERT INTO event (uid, station_id, station_seq, kind, event_time,
        record_time, biz_step, disposition, actor, custodian_id, location_id, hash,
        form, condition)
    VALUES (:uid, :station, :seq, 'object', :at, :now, 'commissioning', 'available',
        :actor, :party, :place, :hash, :form, 'ready')
    RETURNING id"""
_ADD_LINE = "INSERT INTO event_line (event_id, device_id) VALUES (:event, :device)"
_CUT_SPAN = """UPDATE custody_span SET valid_to = :at
    WHERE device_id = :device AND valid_from = :began"""
_ADD_SPAN = """INSERT INTO custody_span (device_id, valid_from, valid_to, prev_to,
        event_id, custodian_id, location_id)
    VALUES (:device, :at, :until, :at, :event, :party, :place)"""
_CUT_CONDITION = """UPDATE condition_span SET valid_to = :at
    WHERE device_id = :device AND valid_from = :began"""
_ADD_CONDITION = """INSERT INTO condition_span (device_id, valid_from, valid_to,
        prev_to, event_id, condition)
    VALUES (:device, :at, :until, :at, :event, :condition)"""
_SCAN = "SELECT outcome, message FROM scan WHERE scan_id = :uid"
_ADD_SCAN = """INSERT INTO scan (scan_id, station_id, station_seq, read_point,
        scanned_at, record_time, mode, payload, outcome, message, event_id, waiting,
        port, holds)
    VALUES (:uid, :station, :seq, :read_point, :at, :now, 'MOVE', :tag, 'ok', :message,
        :event, :no, :read_point, :no)"""

IMPORTS = "DOCK-00"
"""The station that writes what the floor imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A device came into a vehicle, as a scan tells of it."""

    uid: str
    tag: str
    place: str
    station: str
    at_us: int
    now_us: int


class Plain:
    """A connection of the driver, and what a program would send by it."""

    def __init__(self, database: str) -> None:
        engine = make_engine(database)
        self.connection: sqlite3.Connection | psycopg.Connection[Row]
        self._texts: dict[str, str] = {}
        if sqlite_path(engine) is not None:
            # The engine's own, so that every setting is the same.
            pooled = engine.raw_connection()
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            self.connection = driver
            pooled.detach()
            self._lock, self._lock_device, self._begin = "", "", "BEGIN IMMEDIATE"
        else:
            url = engine.url.set(drivername="postgresql")
            self.connection = psycopg.connect(
                url.render_as_string(hide_password=False), autocommit=True
            )
            self._lock, self._begin = " FOR NO KEY UPDATE", "BEGIN"
            self._lock_device = " FOR NO KEY UPDATE OF d"
        engine.dispose()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def ask(self, text: str, **values: Any) -> Any:
        """Run one statement and return its cursor."""
        if isinstance(self.connection, sqlite3.Connection):
            return self.connection.execute(text, values)
        known = self._texts.get(text)
        if known is None:
            known = re.sub(r":([a-z_]+)", r"%(\1)s", text)
            self._texts[text] = known
        return self.connection.execute(known.encode(), values)

    def many(self, text: str, rows: Sequence[Row]) -> None:
        """Run one statement, with question marks for values, for each of `rows`."""
        if isinstance(self.connection, sqlite3.Connection):
            self.connection.executemany(text, rows)
        else:
            with self.connection.cursor() as cursor:
                cursor.executemany(text.replace("?", "%s").encode(), rows)

    @contextmanager
    def transaction(self, *, reads: bool = False) -> Iterator[None]:
        """Do what follows in one transaction."""
        self.ask("BEGIN" if reads else self._begin)
        try:
            yield
        except BaseException:
            self.ask("ROLLBACK")
            raise
        self.ask("COMMIT")

    def who(self, tag: str, at_us: int) -> Row | None:
        """Return who had a device."""
        with self.transaction(reads=True):
            (device,) = self.ask(_DEVICE, tag=tag).fetchone()
            row: Row | None = self.ask(_WHO_HAS, device=device, at=at_us).fetchone()
        return row

    def of_party(self, code: str, at_us: int) -> list[Row]:
        """Return what a party had."""
        with self.transaction(reads=True):
            rows: list[Row] = self.ask(_OF_PARTY, code=code, at=at_us).fetchall()
        return rows

    def within(self, code: str, at_us: int) -> list[Row]:
        """Return what was in a place or in those inside it."""
        with self.transaction(reads=True):
            rows: list[Row] = self.ask(_WITHIN, code=code, at=at_us).fetchall()
        return rows

    def scan(self, move: Move) -> None:
        """Record a scan and what it says, in a transaction of its own."""
        with self.transaction():
            if self.ask(_SCAN, uid=move.uid).fetchone() is not None:
                return
            (device,) = self.ask(_DEVICE, tag=move.tag).fetchone()
            self.ask(_WHO_HAS, device=device, at=move.at_us).fetchone()
            station, seq, event = self.move(move)
            self.ask(
                _ADD_SCAN,
                uid=move.uid,
                station=station,
                seq=seq,
                read_point=move.station,
                at=move.at_us,
                now=move.now_us,
                tag=move.tag,
                message=f"{move.tag}: {move.place}",
                event=event,
                no=False,
            )

    def move(self, move: Move) -> tuple[int, int, int | None]:
        """Append an event and bring its span up to date, in an open transaction.

        Returns the station, the event's number in it and in the ledger; none where the
        device was there already.
        """
        at = move.at_us
        (station,) = self.ask(_STATION + self._lock, code=move.station).fetchone()
        assert self.ask(_EVENT, uid=move.uid).fetchone() is None
        place, party, keeper, *_ = self.ask(_PLACE, code=move.place).fetchone()
        device, *_ = self.ask(_OWNED + self._lock_device, tag=move.tag).fetchone()
        assert self.ask(_KIT, device=device).fetchone() is None
        span = self.ask(_SPAN, device=device, at=at).fetchone()
        began, until, where, who, kind, state, stated, restated, *_ = span
        head = self.ask(_HEAD, station=station).fetchone()
        seq, before, floor = head or (0, GENESIS, 0)
        if where == place or at in (began, stated):
            return station, seq, None
        # What leaves whoever used it is returned, unless somebody had set it apart.
        is_back = who in LENT_TO or kind in LENT_AT
        condition = "returned" if is_back and state == "ready" else None
        now = max(floor, move.now_us)
        actor = point = move.station
        said = event_said(
            move.uid,
            move.station,
            seq + 1,
            "object",
            at,
            now,
            "loading",
            "in_transit",
            actor,
            point,
            keeper,
            move.place,
            None,
            condition,
            move.tag,
        )
        (event,) = self.ask(
            _ADD_EVENT,
            uid=move.uid,
            station=station,
            seq=seq + 1,
            at=at,
            now=now,
            actor=actor,
            read_point=point,
            party=party,
            place=place,
            hash=sha256(before + said.encode()).digest(),
            form=FORM,
            condition=condition,
        ).fetchone()
        self.ask(_ADD_LINE, event=event, device=device)
        self.ask(_CUT_SPAN, device=device, began=began, at=at)
        self.ask(
            _ADD_SPAN,
            device=device,
            at=at,
            until=until,
            event=event,
            party=party,
            place=place,
        )
        if condition is not None:
            self.ask(_CUT_CONDITION, device=device, began=stated, at=at)
            self.ask(
                _ADD_CONDITION,
                device=device,
                at=at,
                until=restated,
                event=event,
                condition=condition,
            )
        return station, seq + 1, event

    def commissioned(
        self,
        devices: Sequence[Row],
        place: str,
        where: int,
        party: int,
        keeper: str,
        at_us: int,
    ) -> int:
        """Append the event that brings devices into the ledger; return its number."""
        code = IMPORTS
        (station,) = self.ask(_STATION + self._lock, code=code).fetchone()
        head = self.ask(_HEAD, station=station).fetchone()
        seq, before, floor = head or (0, GENESIS, 0)
        now = max(floor, at_us)
        uid = str(uuid4())
        said = (
            *(uid, code, seq + 1, "object", at_us, now, "commissioning", "available"),
            *(code, None, keeper, place, None, "ready", None, None, None),
        )
        text = event_text(said, devices, form=REGISTERING)
        (event,) = self.ask(
            _ADD_FIRST,
            uid=uid,
            station=station,
            seq=seq + 1,
            at=at_us,
            now=now,
            actor=code,
            party=party,
            place=where,
            hash=sha256(before + text.encode()).digest(),
            form=REGISTERING,
        ).fetchone()
        return int(event)
