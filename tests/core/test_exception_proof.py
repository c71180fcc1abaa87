"""Exceptions are part of the proof: who may write what of them, and what verify finds.

The second half is told what somebody did who owns the database: there the guards are
switched off first.
"""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_condition
from fsc_logistics.core.exceptions import telling
from fsc_logistics.core.exceptions.resolving import resolve
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.resolutions import exception_mismatches
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import Event, ScanRecord
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Signature, Transfer
from scanner.scan import Scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COPY = (
    "INTO anomaly (id, kind, event_id, device_id, detail, raised_at) SELECT {id},"
    " kind, event_id, device_id, 'nothing', raised_at FROM anomaly WHERE id = 1"
)


def signed(minutes):
    moment = NOON + timedelta(minutes=minutes)
    return Signature(station="DOCK", actor="EVA", record_time=moment)


@pytest.fixture
def told(centre):
    """Two scrapped devices turned up: A-1 waits, A-2 was dealt with by `how`."""
    with centre.begin() as session:
        record_condition(
            session,
            ["OXI-1", "OXI-2"],
            Condition.SCRAPPED,
            uid="scrapped",
            at=NOON,
            by=signed(0),
            reason="burnt",
        )
        for number, tag in enumerate(("OXI-1", "OXI-2"), start=1):
            transfer = Transfer(
                uid=f"found-{number}",
                devices=(tag,),
                location="H-B",
                event_time=NOON + timedelta(minutes=number),
            )
            record_transfer(session, transfer, signed(number), as_fact=True)
        resolve(session, "A-2", "put aside", uid="how", by=signed(5))
    assert names(centre) == ["A-1"]
    return centre


def names(sessions):
    with sessions.read() as session:
        return [matter.id for matter in list_matters(session)]


ATTACKS = {
    "deleted": "DELETE FROM anomaly WHERE id = 1",
    "all deleted": "DELETE FROM anomaly",
    "told differently": "UPDATE anomaly SET detail = 'nothing' WHERE id = 1",
    "told differently while dealt with": (
        "UPDATE anomaly SET detail = 'nothing', resolution_id = 1 WHERE id = 1"
    ),
    "of another device": "UPDATE anomaly SET device_id = 3 WHERE id = 1",
    "another number": "UPDATE anomaly SET id = 9, resolution_id = 1 WHERE id = 1",
    "dealt with twice": "UPDATE anomaly SET resolution_id = 1 WHERE id = 2",
    "waiting again": "UPDATE anomaly SET resolution_id = NULL WHERE id = 2",
    "told twice": "INSERT " + COPY.format(id=9),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_anomaly_stays_as_it_was_raised(told, name):
    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text(ATTACKS[name]))

    assert names(told) == ["A-1"]


@pytest.mark.parametrize("number", [1, 9])
def test_an_anomaly_is_not_replaced(told, number):
    if told.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE")

    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text("REPLACE " + COPY.format(id=number)))


def test_the_table_of_anomalies_is_not_emptied(told):
    if told.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE anomaly"))


# Past every guard


def forced(sessions, statement):
    """Run a statement with the guards of the anomalies off; return what is found."""
    on = "" if sessions.engine.dialect.name == "sqlite" else " ON anomaly"
    with sessions.engine.begin() as connection:
        for guard in ("resolved_once", "no_delete"):
            connection.execute(sa.text(f"DROP TRIGGER anomaly_{guard}{on}"))
        connection.execute(sa.text(statement))
    with sessions.read() as session:
        assert verify(session).mismatches == tuple(exception_mismatches(session))
        return list(exception_mismatches(session))


def event(uid):
    return f"(SELECT id FROM event WHERE uid = '{uid}')"


@pytest.mark.parametrize("uid", ["scrapped", "found-1", "how"])
def test_an_anomaly_closed_by_an_event_that_does_not_say_so_is_found(told, uid):
    statement = f"UPDATE anomaly SET resolution_id = {event(uid)} WHERE id = 1"

    assert forced(told, statement) == [
        f"exception A-1: event {uid} does not say that it was dealt with"
    ]


def each_forced(sessions, table, row, changes):
    """Return what is found after each of `changes` to a row, each made alone."""
    found = {}
    with Session(sessions.engine) as session:
        for said in changes:
            if table == "anomaly":
                on = "" if sessions.engine.dialect.name == "sqlite" else " ON anomaly"
                session.execute(sa.text(f"DROP TRIGGER anomaly_resolved_once{on}"))
            session.execute(sa.text(f"UPDATE {table} SET {said} WHERE {row}"))
            found[said] = list(exception_mismatches(session))
            session.rollback()
    return found


def test_nothing_of_an_anomaly_can_be_changed_unseen(told):
    changes = [
        "kind = 'not_seen'",
        "event_id = event_id - 1",
        "device_id = 3",
        "detail = 'nothing'",
        "raised_at = raised_at + 1",
    ]

    found = each_forced(told, "anomaly", "id = 1", changes)

    told_of = "exception A-1: it is not what event found-1.raised says of it"
    assert found == {said: [told_of] for said in changes}


def test_more_than_one_event_can_hold_is_told_by_several(told, monkeypatch):
    monkeypatch.setattr(telling, "TOLD_MAX", 1)
    both = Transfer(
        uid="both",
        devices=("OXI-1", "OXI-2"),
        location="VAN-BO",
        event_time=NOON + timedelta(minutes=6),
    )

    with told.begin() as session:
        record_transfer(session, both, signed(6), as_fact=True)

    assert events(told)[-3:] == ["both", "both.raised", "both.raised.2"]
    with told.read() as session:
        assert verify(session).mismatches == ()


def test_removed_anomalies_are_found(told):
    assert forced(told, "DELETE FROM anomaly") == [
        f"exception A-{number}: event found-{number}.raised says that it waited, and it"
        " was removed"
        for number in (1, 2)
    ]


def test_an_anomaly_with_another_number_is_found(told):
    assert forced(told, "UPDATE anomaly SET id = 9 WHERE id = 1") == [
        "exception A-1: event found-1.raised says that it waited, and it was removed",
        "exception A-9: no event says that it was raised",
    ]


def test_an_anomaly_that_no_event_raised_is_found(told):
    statement = "INSERT " + COPY.format(id=9).replace("9, kind", "9, 'not_seen'")

    assert forced(told, statement) == [
        "exception A-9: no event says that it was raised"
    ]


def test_an_anomaly_that_waits_again_is_found(told):
    assert forced(told, "UPDATE anomaly SET resolution_id = NULL WHERE id = 2") == [
        "exception A-2: it waits, and event how says that it was dealt with"
    ]


def test_what_was_dealt_with_by_a_word_or_an_act_is_sound(told):
    with told.begin() as session:
        record_condition(
            session,
            ["OXI-1"],
            Condition.READY,
            uid="fit",
            at=NOON + timedelta(minutes=6),
            by=signed(6),
            reason="it was not burnt",
        )

    assert names(told) == []
    with told.read() as session:
        assert verify(session).mismatches == ()


def scanned(sessions, seq, text):
    """Scan something at the dock, in no mode; return the verdict."""
    scan = Scan(
        scan_id=f"scan-{seq}",
        station="DOCK",
        station_seq=seq,
        port="GUN",
        read_point="HORSENS",
        scanned_at=NOON,
        raw=text.encode(),
        text=text,
        symbology="",
        context="",
    )
    moment = NOON + timedelta(minutes=10)
    return record_scans(sessions, [scan], now=moment, idle=timedelta(minutes=10))[0]


def events(sessions):
    with sessions.read() as session:
        return session.scalars(sa.select(Event.uid).order_by(Event.id)).all()


@pytest.fixture
def held(told):
    """Three scans of an unknown code, held, of which one word dealt with two."""
    for seq, text in enumerate(("ONE", "ONE", "TWO"), start=1):
        scanned(told, seq, text)
    with told.begin() as session:
        resolve(session, "scan-1", "thrown away", uid="how-1", by=signed(11))
    assert names(told) == ["A-1", "scan-3"]
    return told


def test_held_scans_dealt_with_by_a_word_are_sound(held):
    with held.read() as session:
        assert verify(session).mismatches == ()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (3, "waiting = false"),
        (3, "waiting = false, resolved_at = record_time, resolved_by = 'EVA'"),
        (3, "waiting = false, resolution = 'how-1'"),
        (3, "waiting = false, resolution = 'found-1'"),
        (3, "waiting = false, resolution = 'never'"),
        (1, "resolution = NULL"),
    ],
)
def test_a_held_scan_that_no_event_deals_with_is_found(held, number, said):
    statement = f"UPDATE scan SET {said} WHERE scan_id = 'scan-{number}'"

    assert forced(held, statement) == [
        f"exception scan-{number}: no event says that it was dealt with"
    ]


def test_nothing_of_a_held_scan_can_be_changed_unseen(held):
    changes = [
        "station_seq = 9",
        "read_point = 'H-A'",
        "scanned_at = scanned_at + 1",
        "record_time = record_time - 1",
        "mode = 'OUT'",
        "payload = 'OXI-1'",
        "outcome = 'ok'",
        "message = 'nothing'",
        "context = 'IN'",
        "symbology = ']C1'",
        "port = NULL",
        "holds = true",
        "salt = NULL",
    ]

    found = each_forced(held, "scan", "scan_id = 'scan-3'", changes)

    told_of = "exception scan-3: it is not what event scan-3.held says of it"
    assert found == {said: [told_of] for said in changes}


def test_a_removed_held_scan_is_found(held):
    assert forced(held, "DELETE FROM scan WHERE scan_id = 'scan-3'") == [
        "exception scan-3: event scan-3.held says that it waited, and it was removed"
    ]


def test_a_held_scan_put_in_is_found(held):
    names = ", ".join(sa.inspect(ScanRecord).columns.keys())
    copied = names.replace("scan_id", "'scan-9'", 1).replace("record_time", "1")
    statement = f"INSERT INTO scan ({names}) SELECT {copied} FROM scan WHERE waiting"

    assert forced(held, statement) == [
        "exception scan-9: no event says that it was held"
    ]


def test_a_scan_that_was_good_and_waits_is_found(held):
    scanned(held, 4, "OXI-3")

    assert forced(held, "UPDATE scan SET waiting = true WHERE scan_id = 'scan-4'") == [
        "exception scan-4: no event says that it was held"
    ]


def test_a_held_scan_that_waits_again_is_found(held):
    statement = "UPDATE scan SET waiting = true WHERE scan_id = 'scan-1'"

    assert forced(held, statement) == [
        "exception scan-1: it waits, and event how-1 says that it was dealt with"
    ]


def test_a_held_scan_sent_again_is_told_once(held):
    before = events(held)

    verdict = scanned(held, 3, "TWO")

    assert verdict.outcome == "unknown"
    assert events(held) == before
