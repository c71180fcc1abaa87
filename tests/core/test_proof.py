"""What verify finds when somebody has got past every guard of the database.

The attacker owns the file or the server: triggers and references are switched off
first.  Each row that was changed, removed or added must be named.
"""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.commissioning import NewDevice, add_devices
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof import quick_look, verification
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    DeviceModel,
    FlagSpan,
    KitSpan,
    StockSpan,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause

SPAN_TABLES = (CustodySpan, KitSpan, ConditionSpan, FlagSpan, StockSpan)
OPEN = 253402300799999999
START = datetime(2026, 1, 2, 8, tzinfo=UTC)


def signed(hour, station="DOCK"):
    return Signature(
        station=station, actor="TESTER", record_time=START + timedelta(hours=hour)
    )


@pytest.fixture
def told(centre):
    """A centre with a kit, five moves of OXI-1 and a correction; ends verified."""
    with centre.begin() as session:
        record_kit(session, ["OXI-2"], kit="KIT-1", uid="kit", at=START, by=signed(0))
        for hour, place in enumerate(["VAN-ANNA", "HOME-CIT-1", "VAN-ANNA", "H-B"]):
            move(session, f"move-{hour}", "OXI-1", place, hour)
        move(session, "back", "OXI-3", "H-B", 5, condition=Condition.RETURNED)
        declare_wrong(
            session,
            "move-3",
            signed(6),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid="declared",
        )
    assert found(centre) == ()
    return centre


def move(session, uid, tag, place, hour, **said):
    transfer = Transfer(
        uid=uid,
        devices=(tag,),
        location=place,
        event_time=START + timedelta(hours=hour),
        **said,
    )
    record_transfer(session, transfer, signed(hour))


def found(sessions):
    """What verify finds, which is the same where nothing was compiled."""
    with sessions.read() as session:
        mismatches = verify(session).mismatches
        with pytest.MonkeyPatch.context() as bare:
            bare.setattr(quick_look, "compiled", None)
            assert verify(session).mismatches == mismatches
    return mismatches


def attack(sessions, *statements):
    """Run statements as the owner of the database, past triggers and references."""
    with sessions.engine.connect() as connection:
        if sessions.engine.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA ignore_check_constraints = ON")
            for (name,) in raw.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(statement)
            raw.commit()
            raw.execute("PRAGMA foreign_keys = ON")
            raw.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(sa.text(statement))
            connection.commit()
            connection.execute(sa.text("SET session_replication_role = origin"))


def event(uid):
    return f"(SELECT id FROM event WHERE uid = '{uid}')"


def device(tag):
    return f"(SELECT id FROM device WHERE tag = '{tag}')"


def not_as_recorded(uid, seq, about=""):
    return (
        f"station DOCK: event {uid} ({seq}){about} is not as it was recorded: it, a row"
        " of it, or the hash before it was changed"
    )


CUSTODY = "device {}: its custody_spans are not what its events say"

CHANGES = {
    "an event's place": (
        "UPDATE event SET location_id = (SELECT id FROM location WHERE code = 'H-B')"
        " WHERE uid = 'move-1'",
        [not_as_recorded("move-1", 4, " about OXI-1"), CUSTODY.format("OXI-1")],
    ),
    "an event's time": (
        "UPDATE event SET event_time = event_time + 1 WHERE uid = 'move-1'",
        [not_as_recorded("move-1", 4, " about OXI-1"), CUSTODY.format("OXI-1")],
    ),
    "who recorded it": (
        "UPDATE event SET actor = 'SOMEBODY' WHERE uid = 'back'",
        [not_as_recorded("back", 7, " about OXI-3")],
    ),
    "why it was recorded": (
        "UPDATE event SET reason = 'because' WHERE uid = 'back'",
        [not_as_recorded("back", 7, " about OXI-3")],
    ),
    "the condition it stated": (
        "UPDATE event SET condition = 'ready' WHERE uid = 'back'",
        [
            not_as_recorded("back", 7, " about OXI-3"),
            "device OXI-3: its condition_spans are not what its events say",
        ],
    ),
    "the form it is in": (
        "UPDATE event SET form = NULL WHERE uid = 'move-1'",
        [not_as_recorded("move-1", 4, " about OXI-1")],
    ),
    "a hash": (
        "UPDATE event SET hash = (SELECT hash FROM event WHERE uid = 'kit')"
        " WHERE uid = 'move-1'",
        [
            not_as_recorded("move-1", 4, " about OXI-1"),
            not_as_recorded("move-2", 5, " about OXI-1"),
        ],
    ),
    "the device of a line": (
        f"UPDATE event_line SET device_id = {device('OXI-2')}"
        f" WHERE event_id = {event('move-1')}",
        [
            not_as_recorded("move-1", 4, " about OXI-2"),
            CUSTODY.format("OXI-1"),
            CUSTODY.format("OXI-2"),
        ],
    ),
    "the kit of a line": (
        f"UPDATE event_line SET kit_id = {device('OXI-3')}"
        f" WHERE event_id = {event('kit')}",
        [
            not_as_recorded("kit", 2, " about OXI-2"),
            "device OXI-2: its kit_spans are not what its events say",
        ],
    ),
    "a line removed": (
        f"DELETE FROM event_line WHERE event_id = {event('move-1')}",
        [not_as_recorded("move-1", 4), CUSTODY.format("OXI-1")],
    ),
    "a line added": (
        "INSERT INTO event_line (event_id, device_id)"
        f" VALUES ({event('move-1')}, {device('OXI-3')})",
        [
            not_as_recorded("move-1", 4, " about OXI-1, OXI-3"),
            CUSTODY.format("OXI-3"),
        ],
    ),
    "a declaration removed": (
        f"DELETE FROM error_declaration WHERE event_id = {event('declared')}",
        [not_as_recorded("declared", 8), CUSTODY.format("OXI-1")],
    ),
    "a declaration added": (
        "INSERT INTO error_declaration (event_id, wrong_event_id, reason)"
        f" VALUES ({event('back')}, {event('move-2')}, 'did_not_occur')",
        [
            not_as_recorded("back", 7, " about OXI-3, move-2"),
            CUSTODY.format("OXI-1"),
            "device OXI-1: its condition_spans are not what its events say",
        ],
    ),
    "a device declared away": (
        "INSERT INTO line_declaration (event_id, wrong_event_id, device_id, reason)"
        f" VALUES ({event('declared')}, {event('move-2')}, {device('OXI-1')},"
        " 'did_not_occur')",
        [
            not_as_recorded("declared", 8, " about move-2, move-3"),
            CUSTODY.format("OXI-1"),
            "device OXI-1: its condition_spans are not what its events say",
        ],
    ),
    "a party renamed": (
        "UPDATE party SET code = 'SOMEBODY' WHERE code = 'CIT-1'",
        [not_as_recorded("move-1", 4, " about OXI-1")],
    ),
    "a device renamed": (
        "UPDATE device SET tag = 'OXI-9' WHERE tag = 'OXI-3'",
        [
            "station DOCK: event first (1) about KIT-1, OXI-1, OXI-2 and 1 more is not"
            " as it was recorded: it, a row of it, or the hash before it was changed",
            not_as_recorded("back", 7, " about OXI-9"),
        ],
    ),
    "a station renamed": (
        "UPDATE station SET code = 'GATE' WHERE code = 'DOCK'",
        None,
    ),
    "a span's holder": (
        "UPDATE custody_span SET custodian_id = (SELECT id FROM party WHERE code ="
        f" 'BO') WHERE device_id = {device('OXI-1')} AND prev_to IS NULL",
        [CUSTODY.format("OXI-1")],
    ),
    "two spans' holders exchanged": (
        "UPDATE custody_span SET custodian_id = CASE custodian_id"
        " WHEN (SELECT id FROM party WHERE code = 'ANNA')"
        " THEN (SELECT id FROM party WHERE code = 'DEPOT')"
        " WHEN (SELECT id FROM party WHERE code = 'DEPOT')"
        " THEN (SELECT id FROM party WHERE code = 'ANNA') ELSE custodian_id END"
        f" WHERE device_id = {device('OXI-1')}",
        [CUSTODY.format("OXI-1")],
    ),
    "the end of a span": (
        f"UPDATE custody_span SET valid_to = valid_to - 1, prev_to = prev_to"
        f" WHERE device_id = {device('OXI-1')} AND prev_to IS NULL",
        [CUSTODY.format("OXI-1")],
    ),
    "a span removed": (
        f"DELETE FROM custody_span WHERE device_id = {device('OXI-2')}",
        [CUSTODY.format("OXI-2")],
    ),
    "a part put into another kit": (
        f"UPDATE kit_span SET kit_id = {device('OXI-3')}",
        ["device OXI-2: its kit_spans are not what its events say"],
    ),
    "a condition": (
        f"UPDATE condition_span SET condition = 'repair'"
        f" WHERE device_id = {device('OXI-1')}",
        ["device OXI-1: its condition_spans are not what its events say"],
    ),
    "a device nobody brought in": (
        "INSERT INTO device (tag, model_id, owner_id, held_to)"
        " SELECT 'GHOST', model_id, owner_id, held_to FROM device"
        " WHERE tag = 'OXI-1'",
        ["device GHOST is registered, and no event brought it in"],
    ),
    "a flag nobody raised": (
        "INSERT INTO flag_span (device_id, flag, raised, valid_from, valid_to,"
        f" event_id) VALUES ({device('OXI-1')}, 'recalled', TRUE, 5,"
        f" 253402300799999999, {event('back')})",
        ["device OXI-1: its recalled flag_spans are not what its events say"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_verify_names_what_was_changed(told, name):
    statement, expected = CHANGES[name]

    attack(told, statement)

    if expected is None:
        assert len(found(told)) == 8
    else:
        assert list(found(told)) == expected


@pytest.mark.parametrize("secret", range(16))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_secret_makes_two_exchanged_places_look_right(told, monkeypatch, secret):
    monkeypatch.setattr(verification, "randbits", lambda _: secret * 0x9E3779B97F4A7C15)
    first, second = (
        f"device_id = {device('OXI-1')} AND event_id = {event(uid)}"
        for uid in ("move-0", "move-1")
    )
    attack(
        told,
        "UPDATE custody_span SET location_id ="
        f" (SELECT location_id FROM event WHERE uid = 'move-1') WHERE {first}",
        "UPDATE custody_span SET location_id ="
        f" (SELECT location_id FROM event WHERE uid = 'move-0') WHERE {second}",
    )

    assert found(told) == (CUSTODY.format("OXI-1"),)


def test_an_event_before_the_first_number_is_named(told):
    attack(
        told,
        "INSERT INTO event (id, uid, station_id, station_seq, kind, event_time,"
        " record_time, biz_step, disposition, actor, custodian_id, location_id, hash,"
        " form) SELECT -1, 'forged', station_id, 1000, kind, event_time, record_time,"
        " biz_step, disposition, actor, custodian_id, location_id, hash, form"
        " FROM event WHERE uid = 'move-1'",
    )

    expected = "event forged has the number -1, and numbers begin at 1"
    assert expected in found(told)


def test_a_number_far_beyond_the_others_takes_no_longer(told):
    attack(told, "UPDATE event SET id = 9000000000000 WHERE uid = 'declared'")

    assert len(found(told)) > 0


def test_a_device_far_beyond_the_others_is_named(told):
    attack(
        told,
        "INSERT INTO custody_span (device_id, valid_from, valid_to, custodian_id,"
        f" location_id, event_id) SELECT 9000000000000, valid_from, {OPEN},"
        " custodian_id, location_id, event_id FROM custody_span WHERE prev_to IS NULL"
        f" AND device_id = {device('OXI-1')}",
    )

    assert found(told) == (
        "device number 9000000000000 is not there, and custody_spans of it are",
    )


@pytest.fixture
def registered(told):
    """The centre with two more devices, and the event that says how they are."""
    with told.begin() as session:
        session.execute(
            sa.insert(DeviceModel).values(
                code="3240", maker="Nonin", name="Onyx", category="oximeter"
            )
        )
        new = [
            NewDevice(
                device=tag, model="3240", serial=serial, owner="MAKER", location="H-A"
            )
            for tag, serial in (("NEW-1", "S1"), ("NEW-2", None))
        ]
        (done,) = add_devices(session, new, signed(9), at=START + timedelta(hours=9))
    assert found(told) == ()
    return told, done.event


def number(table, code):
    return f"(SELECT id FROM {table} WHERE code = '{code}')"


REGISTER = (
    "UPDATE device SET serial = 'S3' WHERE tag = 'NEW-1'",
    "UPDATE device SET serial = NULL WHERE tag = 'NEW-1'",
    "UPDATE device SET serial = '' WHERE tag = 'NEW-2'",
    f"UPDATE device SET model_id = {number('device_model', '3230')}"
    " WHERE tag = 'NEW-2'",
    f"UPDATE device SET owner_id = {number('party', 'CIT-2')} WHERE tag = 'NEW-1'",
    "UPDATE device_model SET code = '3241' WHERE code = '3240'",
    "UPDATE party SET code = 'MADE' WHERE code = 'MAKER'",
)
AS_IT_WAS = (
    "UPDATE device_model SET code = '3240' WHERE code = '3241'",
    "UPDATE party SET code = 'MAKER' WHERE code = 'MADE'",
    f"UPDATE device SET model_id = {number('device_model', '3240')},"
    f" owner_id = {number('party', 'MAKER')},"
    " serial = CASE tag WHEN 'NEW-1' THEN 'S1' END WHERE tag IN ('NEW-1', 'NEW-2')",
)


def test_verify_names_devices_whose_model_serial_or_owner_was_changed(registered):
    sessions, uid = registered
    expected = (
        f"station DOCK: event {uid} (9) about NEW-1, NEW-2 is not as it was recorded:"
        " it, a row of it, the model, serial or owner of a device, or the hash before"
        " it was changed"
    )

    for statement in REGISTER:
        attack(sessions, statement)
        assert found(sessions) == (expected,), statement
        attack(sessions, *AS_IT_WAS)

    assert found(sessions) == ()


def test_an_event_that_brought_devices_in_cannot_be_made_one_of_another_form(
    registered,
):
    sessions, uid = registered

    for form in ("2", "NULL", "4"):
        attack(sessions, f"UPDATE event SET form = {form} WHERE uid = '{uid}'")

        assert found(sessions) == (not_as_recorded(uid, 9, " about NEW-1, NEW-2"),)


def test_an_event_without_devices_cannot_be_made_one_that_brought_some_in(told):
    attack(told, "UPDATE event SET form = 3 WHERE uid = 'declared'")

    (mismatch,) = found(told)
    assert mismatch.startswith("station DOCK: event declared (8) about move-3 is not")


def test_of_an_older_event_only_the_tags_of_its_devices_are_covered(told):
    attack(told, "UPDATE device SET serial = 'S9' WHERE tag = 'OXI-1'")

    assert found(told) == ()


SWALLOWED = "S1\x1fMAKER\x1ed\x1fNEW-2\x1f\x1d\x1f3240\x1f\x1d"
"""A serial with the row of another device behind it."""


@pytest.mark.parametrize("of", ["NEW-1", "NEW-2"])
def test_a_serial_cannot_hide_what_was_changed(registered, of):
    sessions, uid = registered
    if of == "NEW-1":
        line = f"DELETE FROM event_line WHERE device_id = {device('NEW-2')}"
        serial = f"UPDATE device SET serial = '{SWALLOWED}' WHERE tag = 'NEW-1'"
        attack(sessions, line, serial)
    else:
        attack(sessions, "UPDATE device SET serial = '\x1d' WHERE tag = 'NEW-2'")

    expected = f"station DOCK: event '{uid}' holds a control character"
    assert found(sessions)[0] == expected


def test_a_row_made_of_a_control_character_is_told_and_not_stumbled_over(registered):
    sessions, uid = registered

    attack(sessions, "UPDATE device SET serial = '\x1e\x1e' WHERE tag = 'NEW-1'")

    assert f"station DOCK: event '{uid}' holds a control character" in found(sessions)


HIDDEN = {
    "behind a NUL": "UPDATE event SET actor = actor || char(0) WHERE uid = 'back'",
    "as nothing": "UPDATE event SET reason = char(29) WHERE uid = 'back'",
    "as a row": "UPDATE event SET document = char(30) WHERE uid = 'back'",
}


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_word_cannot_hide_what_was_changed(told, name):
    attack(told, HIDDEN[name])

    assert "station DOCK: event 'back' holds a control character" in found(told)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "code"), [("party", "CIT-1"), ("device_model", "3230")]
)
def test_a_code_cannot_hide_what_was_changed(told, table, code):
    attack(told, f"UPDATE {table} SET code = code || char(0) WHERE code = '{code}'")

    assert f"{table} '{code}\\x00' holds a control character" in found(told)


def test_verify_names_an_event_that_was_removed(told):
    attack(
        told,
        f"DELETE FROM event_line WHERE event_id = {event('move-1')}",
        "DELETE FROM event WHERE uid = 'move-1'",
    )

    assert found(told)[:2] == (
        "station DOCK: event 4 is missing",
        not_as_recorded("move-2", 5, " about OXI-1"),
    )


def test_verify_names_the_rows_of_an_event_that_was_removed(told):
    attack(told, "DELETE FROM event WHERE uid = 'back'")

    missing = [m for m in found(told) if "rows of it" in m]
    assert len(missing) == 1
    assert missing[0].endswith("about OXI-3 is missing; rows of it are left")


def test_verify_names_an_event_that_was_put_in(told):
    columns = (
        "kind, event_time, record_time, biz_step, disposition, actor, custodian_id,"
        " location_id, hash, form"
    )
    attack(
        told,
        "UPDATE event SET station_seq = station_seq + 100 WHERE station_seq > 4",
        f"INSERT INTO event (uid, station_id, station_seq, {columns}) SELECT 'false',"
        f" station_id, 5, {columns} FROM event WHERE uid = 'move-1'",
        "INSERT INTO event_line (event_id, device_id)"
        f" VALUES ({event('false')}, {device('OXI-1')})",
    )

    assert not_as_recorded("false", 5, " about OXI-1") in found(told)


def test_the_whole_ledger_is_read_in_parts_by_several_processes(told, monkeypatch):
    monkeypatch.setattr(verification, "ALONE_MAX", 0)
    assert found(told) == ()

    attack(told, *(CHANGES[name][0] for name in ("who recorded it", "a condition")))

    assert sorted(found(told)) == sorted(
        CHANGES["who recorded it"][1] + CHANGES["a condition"][1]
    )


@pytest.mark.parametrize("only_wrong", [False, True])
def test_a_rebuild_makes_the_same_rows_and_mends_what_was_changed(told, only_wrong):
    before = rows(told)
    attack(told, *(CHANGES[name][0] for name in ("a span's holder", "a condition")))
    assert rows(told) != before

    with told.begin() as session:
        rebuild(session, only_wrong=only_wrong)

    assert rows(told) == before
    assert found(told) == ()


def rows(sessions):
    with sessions.read() as session:
        return [
            session.execute(
                sa.select(table.__table__).order_by(*table.__table__.c)
            ).all()
            for table in SPAN_TABLES
        ]


def test_two_events_at_one_moment_do_not_look_like_a_fault(told):
    with told.begin() as session:
        for uid, place in (("one", "VAN-BO"), ("other", "H-A"), ("third", "VAN-BO")):
            move(session, uid, "OXI-3", place, 8)

    assert found(told) == ()
