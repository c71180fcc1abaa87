"""A ledger that version 1 wrote, brought to this version: `tests/data/`."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from fsc_logistics.core.database import Sessions, make_engine, upgrade
from fsc_logistics.core.database_check import defects
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import ConditionSpan, Event
from fsc_logistics.domain.custody import Signature, Transfer

DATA = Path(__file__).parent.parent / "data" / "revision_0001.json"
FIRST_DAY = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """A database at revision 0001 with the ledger version 1 wrote; its engine."""
    if request.param == "sqlite":
        engine = make_engine(str(tmp_path / "old.db"))
    else:
        server = request.getfixturevalue("postgresql_server")
        name = f"old_{tmp_path.name.replace('-', '_')}"[:60].lower()
        server.psql(f'DROP DATABASE IF EXISTS "{name}"')
        server.psql(f'CREATE DATABASE "{name}"')
        engine = make_engine(server.get_uri(database=name))
    migrate(engine, "0001")
    with engine.begin() as connection:
        _fill(connection)
    yield engine
    engine.dispose()


def migrate(engine, revision):
    with (
        as_file(files("fsc_logistics.migrations")) as scripts,
        engine.begin() as connection,
    ):
        config = Config()
        config.set_main_option("script_location", str(scripts))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _fill(connection):
    tables = sa.MetaData()
    tables.reflect(connection)
    for name, rows in json.loads(DATA.read_text()).items():
        table = tables.tables[name]
        blobs = {c.name for c in table.c if isinstance(c.type, sa.LargeBinary)}
        for row in rows:
            values = {k: bytes.fromhex(v) if k in blobs else v for k, v in row.items()}
            connection.execute(table.insert().values(values))
        if connection.dialect.name == "postgresql" and "id" in table.c:
            connection.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'),"
                    f" (SELECT max(id) FROM {name}))"
                )
            )


def hour(number):
    return FIRST_DAY + timedelta(hours=number)


def test_what_version_1_wrote_is_proved_by_this_version(old):
    assert upgrade(old) == "0001"

    assert defects(old) == []
    with Sessions(old).read() as session:
        found = verify(session)
    assert found.mismatches == ()
    assert (found.events, found.devices) == (13, 4)


def test_a_changed_event_of_version_1_is_still_found(old):
    with old.begin() as connection:
        if old.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER event_no_update"))
        else:
            connection.execute(sa.text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(
            sa.text("UPDATE event SET actor = 'SOMEBODY' WHERE uid = 'retired'")
        )
    upgrade(old)

    with Sessions(old).read() as session:
        assert [m.split(" is ")[0] for m in verify(session).mismatches] == [
            "station DOCK: event retired (7) about OXI-3"
        ]


def test_the_dispositions_of_version_1_become_conditions(old):
    upgrade(old)

    with Sessions(old).read() as session:
        device = find_device(session, "OXI-1")
        conditions = [
            custody_as_of(session, device, at=hour(h)).condition
            for h in (0, 2, 5, 6, 12)
        ]
        scrapped = custody_as_of(session, find_device(session, "OXI-3"), at=hour(9))
        told = [entry.condition for entry in history(session, device)]

    assert conditions == ["ready", "ready", "returned", "returned", "ready"]
    assert (scrapped.condition, scrapped.disposition) == ("scrapped", "retired")
    assert told == ["ready", None, None, None, "returned", "returned", "ready"]


def test_a_rebuild_gives_the_conditions_the_upgrade_gave(old):
    upgrade(old)
    sessions = Sessions(old)
    query = sa.select(ConditionSpan.__table__).order_by(*ConditionSpan.__table__.c)

    with sessions.begin() as session:
        before = session.execute(query).all()
        rebuild(session)
        after = session.execute(query).all()

    assert before == after
    assert len(before) > 4


def test_the_ledger_goes_on_where_version_1_ended(old):
    upgrade(old)
    sessions = Sessions(old)

    with sessions.begin() as session:
        record_transfer(
            session,
            Transfer(
                uid="new", devices=("OXI-1",), location="VAN-BO", event_time=hour(30)
            ),
            Signature(station="DOCK", actor="TESTER", record_time=hour(30)),
        )

    with sessions.read() as session:
        held = custody_as_of(session, find_device(session, "OXI-1"), at=hour(31))
        assert verify(session).mismatches == ()
    assert (held.custodian, held.condition) == ("BO", "ready")


def test_what_waited_before_the_ledger_was_told_of_it_is_told_at_the_upgrade(old):
    with old.begin() as connection:
        for number, waits in ((1, "true"), (2, "false")):
            connection.execute(
                sa.text(
                    "INSERT INTO scan (scan_id, station_id, station_seq, read_point,"
                    " scanned_at, record_time, mode, payload, outcome, message,"
                    f" waiting, resolved_at) VALUES ('scan-{number}', 1, {number},"
                    f" 'DOCK', 1, 2, 'IN', 'X', 'unknown', 'Unknown.', {waits},"
                    f" {'NULL' if waits == 'true' else '3'})"
                )
            )
    migrate(old, "0004")
    with old.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO anomaly (kind, event_id, device_id, detail, raised_at)"
                " SELECT kind, event_id, device_id, 'Not there.', 4 FROM event_line,"
                " (SELECT 'not_seen' AS kind UNION SELECT 'missing_found') AS kinds"
                " WHERE event_id = 2"
            )
        )

    assert upgrade(old) == "0004"

    with Sessions(old).read() as session:
        assert verify(session).mismatches == ()
        kinds = session.scalars(sa.select(Event.kind).where(Event.id > 13)).all()
    assert kinds == ["held", "held", "raised"]
