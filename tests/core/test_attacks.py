"""Raw SQL against the ledger and its spans: what must be refused, whoever writes."""

import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import Event

OPEN = 253402300799999999
DAY = 86_400_000_000
NEW_YEAR = 1_767_254_400_000_000  # 2026-01-01 08:00 UTC, when the devices came


def attack(sessions, *statements):
    """Run raw statements in one transaction, as somebody with the database would."""
    with sessions.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def span(device, start, end, before, custodian=1):
    place = "(SELECT id FROM location WHERE code = 'H-A')"
    event = "(SELECT min(id) FROM event)"
    return (
        "INSERT INTO custody_span (device_id, valid_from, valid_to, prev_to,"
        " custodian_id, location_id, event_id) VALUES"
        f" ({device}, {start}, {end}, {before}, {custodian}, {place}, {event})"
    )


SPAN_ATTACKS = {
    "a second holder now": [span(1, NEW_YEAR + DAY, OPEN, "NULL", 2)],
    "a second holder, linked": [span(1, NEW_YEAR + DAY, OPEN, NEW_YEAR + DAY, 2)],
    "a second chain in the past": [span(1, NEW_YEAR - 2 * DAY, NEW_YEAR - DAY, "NULL")],
    "an overlap": [
        f"UPDATE custody_span SET valid_to = {NEW_YEAR + 3 * DAY} WHERE device_id = 1",
        span(1, NEW_YEAR + 2 * DAY, OPEN, NEW_YEAR + 2 * DAY),
    ],
    "a gap": [
        f"UPDATE custody_span SET valid_to = {NEW_YEAR + DAY} WHERE device_id = 1",
        span(1, NEW_YEAR + 2 * DAY, OPEN, NEW_YEAR + 2 * DAY),
    ],
    "a gap under a false link": [
        f"UPDATE custody_span SET valid_to = {NEW_YEAR + DAY} WHERE device_id = 1",
        span(1, NEW_YEAR + 2 * DAY, OPEN, NEW_YEAR + DAY),
    ],
    "an end": [
        f"UPDATE custody_span SET valid_to = {NEW_YEAR + DAY} WHERE device_id = 1"
    ],
    "the only link deleted": ["DELETE FROM custody_span WHERE device_id = 1"],
    "a span that goes back": [span(1, NEW_YEAR, NEW_YEAR - DAY, "NULL")],
    "a device without a span": [
        "INSERT INTO device (id, tag, model_id, owner_id, held_to)"
        f" VALUES (99, 'GHOST', 1, 1, {OPEN})"
    ],
    "a device let go of": [
        "UPDATE device SET held_to = NULL WHERE id = 1",
        "DELETE FROM custody_span WHERE device_id = 1",
    ],
    "a span beyond time": [
        f"UPDATE custody_span SET valid_to = {OPEN + 1} WHERE device_id = 1"
    ],
}


@pytest.mark.parametrize("name", SPAN_ATTACKS)
def test_the_spans_refuse(centre, name):
    with pytest.raises(exc.IntegrityError):
        attack(centre, *SPAN_ATTACKS[name])

    with centre.read() as session:
        assert verify(session).mismatches == ()


@pytest.mark.parametrize(
    "statement",
    [
        span(1, NEW_YEAR + DAY, NEW_YEAR + 2 * DAY, NEW_YEAR + DAY, 2),
        "DELETE FROM custody_span WHERE device_id = 2",
        f"UPDATE custody_span SET valid_to = {NEW_YEAR + DAY} WHERE device_id = 1",
        "DELETE FROM device WHERE id = 1",
    ],
)
def test_who_opens_the_file_without_foreign_keys_writes_no_span(
    centre, sqlite_url, statement
):
    if centre.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL never leaves them off")
    shell = sqlite3.connect(centre.engine.url.database)

    with pytest.raises(sqlite3.IntegrityError, match="foreign_keys = ON only"):
        shell.execute(statement)
    shell.close()


def test_a_link_in_the_middle_cannot_be_deleted(centre, chain_of_three):
    with pytest.raises(exc.IntegrityError):
        attack(
            centre,
            f"DELETE FROM custody_span WHERE device_id = 1"
            f" AND valid_from = {chain_of_three}",
        )


def test_the_last_link_cannot_be_deleted(centre, chain_of_three):
    with pytest.raises(exc.IntegrityError):
        attack(
            centre,
            f"DELETE FROM custody_span WHERE device_id = 1 AND valid_to = {OPEN}",
        )


@pytest.fixture
def chain_of_three(centre):
    """Give device 1 three spans; return when the second begins."""
    middle = NEW_YEAR + DAY
    attack(
        centre,
        f"UPDATE custody_span SET valid_to = {middle} WHERE device_id = 1",
        span(1, middle, middle + DAY, middle, 2),
        span(1, middle + DAY, OPEN, middle + DAY, 3),
    )
    return middle


LEDGER_ATTACKS = {
    "an event changed": "UPDATE event SET custodian_id = 2",
    "an event deleted": "DELETE FROM event_line; DELETE FROM event",
    "a line changed": "UPDATE event_line SET device_id = 2 WHERE device_id = 1",
    "a line deleted": "DELETE FROM event_line WHERE device_id = 1",
    "a station renamed": "UPDATE station SET code = 'ELSEWHERE'",
    "a party renamed": "UPDATE party SET code = 'SOMEBODY' WHERE code = 'ANNA'",
    "a place renamed": "UPDATE location SET code = 'ELSEWHERE' WHERE code = 'H-A'",
    "a device renamed": "UPDATE device SET tag = 'OTHER' WHERE tag = 'OXI-1'",
}


@pytest.mark.parametrize("name", LEDGER_ATTACKS)
def test_the_ledger_refuses(centre, name):
    with pytest.raises(exc.IntegrityError):
        attack(centre, *LEDGER_ATTACKS[name].split("; "))


def test_sqlite_replaces_no_event(centre):
    if centre.engine.dialect.name != "sqlite":
        with pytest.raises(exc.IntegrityError):
            attack(centre, "TRUNCATE event CASCADE")
        return
    columns = [column.name for column in Event.__table__.columns]
    said = ", ".join("'SOMEBODY'" if name == "actor" else name for name in columns)
    row = (
        f"INSERT OR REPLACE INTO event ({', '.join(columns)}) SELECT {said} FROM event"
    )

    with pytest.raises(exc.IntegrityError):
        attack(centre, row)


def without_guard(sessions, table, statement):
    """Do what only somebody who can take the triggers away can do."""
    if sessions.engine.dialect.name == "sqlite":
        off = [
            f"DROP TRIGGER {table}_no_{verb}"
            for verb in ("update", "delete", "replace")
        ]
        attack(sessions, *off, statement)
    else:
        attack(
            sessions,
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            statement,
            f"ALTER TABLE {table} ENABLE TRIGGER USER",
        )


def mismatches(sessions):
    with sessions.read() as session:
        return verify(session).mismatches


def test_verify_names_a_changed_event(centre):
    without_guard(centre, "event", "UPDATE event SET actor = 'SOMEBODY'")

    assert mismatches(centre) == (
        "station DOCK: event first (1) about KIT-1, OXI-1, OXI-2 and 1 more is not as"
        " it was recorded: it, a row of it, or the hash before it was changed",
    )


def test_verify_names_a_line_taken_away(centre):
    without_guard(centre, "event_line", "DELETE FROM event_line WHERE device_id = 1")

    assert mismatches(centre) == (
        "station DOCK: event first (1) about KIT-1, OXI-2, OXI-3 is not as it was"
        " recorded: it, a row of it, or the hash before it was changed",
        "device OXI-1: its custody_spans are not what its events say",
        "device OXI-1: its condition_spans are not what its events say",
    )


def test_verify_names_a_span_its_events_do_not_give_and_rebuild_mends_it(centre):
    attack(centre, "UPDATE custody_span SET custodian_id = 2 WHERE device_id = 1")

    found = mismatches(centre)
    with centre.begin() as session:
        rebuild(session)

    assert found == ("device OXI-1: its custody_spans are not what its events say",)
    assert mismatches(centre) == ()
