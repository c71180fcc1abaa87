"""The floor of what goes over all of it: import, verify, rebuild by plain statements.

The fewest statements that write the same rows, or read all there are.  Nothing is
checked on the way in, and nothing said of what is wrong.
"""

import csv
from collections import defaultdict
from hashlib import sha256
from itertools import islice
from pathlib import Path

from benchmarks.ledger.life import OPEN_US
from benchmarks.ledger.plain import Plain
from benchmarks.ledger.rows import event_said
from fsc_logistics.core.ledger.event_hash import GENESIS

CHUNK = 5_000
"""Lines of a file in one transaction."""
READ_AT_ONCE = 10_000

_EVENTS = """SELECT e.uid, s.code, e.station_seq, e.kind, e.event_time, e.record_time,
        e.biz_step, e.disposition, e.actor, e.read_point, p.code, l.code, e.document,
        e.condition, d.tag, m.code, d.serial, o.code
    FROM event e JOIN station s ON s.id = e.station_id
    JOIN event_line i ON i.event_id = e.id JOIN device d ON d.id = i.device_id
    LEFT JOIN party p ON p.id = e.custodian_id
    LEFT JOIN location l ON l.id = e.location_id
    LEFT JOIN device_model m ON e.form = 3 AND m.id = d.model_id
    LEFT JOIN party o ON e.form = 3 AND o.id = d.owner_id
    WHERE e.id BETWEEN :first AND :last ORDER BY e.id"""
_SPANS = """SELECT device_id, valid_from, valid_to, prev_to, event_id, {values}
    FROM {table} WHERE device_id BETWEEN :first AND :last
    ORDER BY device_id, valid_from"""
_REBUILT = """INSERT INTO {table}
        (device_id, valid_from, valid_to, prev_to, event_id, {values})
    SELECT device_id, event_time, COALESCE(LEAD(event_time) OVER one, :open),
        CASE WHEN LAG(event_time) OVER one IS NULL THEN NULL ELSE event_time END,
        event_id, {values}
    FROM (SELECT i.device_id, e.event_time, e.id AS event_id, {values},
            ROW_NUMBER() OVER (
                PARTITION BY i.device_id, e.event_time ORDER BY e.id DESC) AS place
        FROM event_line i JOIN event e ON e.id = i.event_id WHERE {states}) AS said
    WHERE place = 1 WINDOW one AS (PARTITION BY device_id ORDER BY event_time)"""
_TABLES = {
    "custody_span": ("custodian_id, location_id", "e.kind = 'object'"),
    "condition_span": ("condition", "e.condition IS NOT NULL"),
}


def import_devices(plain: Plain, file: Path, at_us: int) -> None:
    """Register the devices of a file: an event for each place in each chunk."""
    codes = {
        table: dict(plain.ask(f"SELECT code, id FROM {table}").fetchall())
        for table in ("device_model", "party", "location")
    }
    keepers = dict(
        plain.ask(
            "SELECT l.code, COALESCE(l.keeper_id, a.keeper_id) FROM location l"
            " LEFT JOIN location a ON a.id = l.parent_id"
        ).fetchall()
    )
    named = {number: code for code, number in codes["party"].items()}
    with file.open(newline="") as lines:
        rows = csv.DictReader(lines)
        while chunk := list(islice(rows, CHUNK)):
            with plain.transaction():
                _import(plain, chunk, codes, keepers, named, at_us)


def _import(
    plain: Plain,
    chunk: list[dict[str, str]],
    codes: dict[str, dict[str, int]],
    keepers: dict[str, int],
    named: dict[int, str],
    at_us: int,
) -> None:
    (highest,) = plain.ask("SELECT COALESCE(MAX(id), 0) FROM device").fetchone()
    plain.many(
        "INSERT INTO device (tag, model_id, serial, owner_id, held_to)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (
                row["device"],
                codes["device_model"][row["model"]],
                row["serial"],
                codes["party"][row["owner"]],
                OPEN_US,
            )
            for row in chunk
        ],
    )
    added = plain.ask(
        "SELECT tag, id FROM device WHERE id > :highest", highest=highest
    ).fetchall()
    numbers: dict[str, int] = dict(added)
    by_place = defaultdict(list)
    for row in chunk:
        by_place[row["location"]].append(row)
    for place, there in by_place.items():
        party, where = keepers[place], codes["location"][place]
        devices = [numbers[row["device"]] for row in there]
        said = [
            ("d", row["device"], None, row["model"], row["serial"], row["owner"])
            for row in there
        ]
        event = plain.commissioned(said, place, where, party, named[party], at_us)
        plain.many(
            "INSERT INTO event_line (event_id, device_id) VALUES (?, ?)",
            [(event, device) for device in devices],
        )
        plain.many(
            "INSERT INTO custody_span (device_id, valid_from, valid_to, event_id,"
            " custodian_id, location_id) VALUES (?, ?, ?, ?, ?, ?)",
            [(device, at_us, OPEN_US, event, party, where) for device in devices],
        )
        plain.many(
            "INSERT INTO condition_span (device_id, valid_from, valid_to, event_id,"
            " condition) VALUES (?, ?, ?, ?, 'ready')",
            [(device, at_us, OPEN_US, event) for device in devices],
        )


def verify(plain: Plain) -> None:
    """Hash every event, one line of each, and read every span; compare nothing."""
    heads: dict[str, bytes] = defaultdict(lambda: GENESIS)
    with plain.transaction(reads=True):
        (last,) = plain.ask("SELECT COALESCE(MAX(id), 0) FROM event").fetchone()
        for first in range(1, last + 1, READ_AT_ONCE):
            until = first + READ_AT_ONCE - 1
            for row in plain.ask(_EVENTS, first=first, last=until):
                *said, model, serial, owner = row
                said.append(() if model is None else (model, serial, owner))
                text = event_said(*said)
                heads[row[1]] = sha256(heads[row[1]] + text.encode()).digest()
        (last,) = plain.ask("SELECT COALESCE(MAX(id), 0) FROM device").fetchone()
        for table, (values, _) in _TABLES.items():
            for first in range(1, last + 1, READ_AT_ONCE):
                plain.ask(
                    _SPANS.format(table=table, values=values),
                    first=first,
                    last=first + READ_AT_ONCE - 1,
                ).fetchall()


def rebuild(plain: Plain) -> None:
    """Make the spans of all devices anew, one statement a table, and undo it."""
    plain.ask("BEGIN")
    for table, (values, states) in _TABLES.items():
        plain.ask(f"DELETE FROM {table}")
        plain.ask(
            _REBUILT.format(table=table, values=values, states=states), open=OPEN_US
        )
    plain.ask("ROLLBACK")
