"""Copies of the database: whole, complete under their name, and back in its place."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from fsc_logistics.core import backup
from fsc_logistics.core.backup import back_up, restore
from fsc_logistics.core.database import (
    REVISION,
    Sessions,
    make_engine,
    revision,
    upgrade,
)
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.errors import (
    BadInput,
    FscError,
    Misconfigured,
    Refused,
    TryLater,
)


@pytest.fixture(autouse=True)
def client_programs(request, monkeypatch):
    """PostgreSQL's own programs, where the test needs a server."""
    if "[postgresql]" in request.node.name or "postgresql_url" in request.fixturenames:
        server = request.getfixturevalue("postgresql_server")
        monkeypatch.setenv("PATH", str(server.bin_path), prepend=os.pathsep)


def register(sessions, code):
    with sessions.begin() as session:
        session.add(Party(code=code, kind="partner"))


def known(sessions, code):
    with sessions.read() as session:
        return session.scalar(sa.select(sa.exists().where(Party.code == code)))


def test_a_copy_put_back_brings_back_what_was(centre, tmp_path):
    copy = tmp_path / "copy"
    register(centre, "BEFORE")

    back_up(centre.engine, copy)
    register(centre, "AFTER")
    centre.engine.dispose()
    restore(centre.engine, copy)

    assert (known(centre, "BEFORE"), known(centre, "AFTER")) == (True, False)
    with centre.read() as session:
        assert verify(session).mismatches == ()


def test_a_copy_is_made_while_somebody_writes(centre, tmp_path):
    copy = tmp_path / "copy"

    with centre.begin() as session:
        session.add(Party(code="SOON", kind="partner"))
        session.flush()
        back_up(centre.engine, copy)
    centre.engine.dispose()
    restore(centre.engine, copy)

    assert (known(centre, "ANNA"), known(centre, "SOON")) == (True, False)


def test_nothing_is_copied_over(centre, tmp_path):
    copy = tmp_path / "copy"
    copy.write_text("precious")

    with pytest.raises(Refused) as refused:
        back_up(centre.engine, copy)

    assert str(refused.value) == f"{copy} is there already. Choose another name."
    assert copy.read_text() == "precious"


def test_a_copy_that_cannot_be_made_leaves_nothing(centre, tmp_path):
    with pytest.raises(FscError, match=r"could not be made|pg_dump failed"):
        back_up(centre.engine, tmp_path / "nowhere" / "copy")

    assert not (tmp_path / "nowhere").exists()


def test_a_copy_is_one_file_that_needs_no_others(sqlite_url, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()

    back_up(make_engine(sqlite_url), folder / "copy.db")

    assert [path.name for path in folder.iterdir()] == ["copy.db"]


@pytest.fixture
def open_handed():
    """A umask that lets everybody read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(path):
    return path.stat().st_mode & 0o777


def test_a_copy_is_for_its_owner_alone(centre, tmp_path, open_handed):
    (tmp_path / "copy.partial").touch(0o644)

    back_up(centre.engine, tmp_path / "copy")

    assert rights(tmp_path / "copy") == 0o600


def test_what_is_put_back_or_aside_is_for_its_owner_alone(
    sqlite_url, tmp_path, open_handed
):
    path = tmp_path / "broken.db"
    letter(path)

    restore(make_engine(str(path)), Path(sqlite_url))

    assert rights(path) == rights(tmp_path / "broken.db.damaged") == 0o600


def test_nothing_is_put_back_while_somebody_writes(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "BUSY_TIMEOUT_MS", 50)
    sessions = Sessions(make_engine(sqlite_url))
    back_up(sessions.engine, tmp_path / "copy")

    with sessions.begin() as session:
        session.add(Party(code="KEPT", kind="partner"))
        session.flush()
        with pytest.raises(TryLater) as refused:
            restore(make_engine(sqlite_url), tmp_path / "copy")

    assert str(refused.value) == (
        f"Somebody writes into {sqlite_url}. Try again in a moment."
    )
    assert known(sessions, "KEPT")


@pytest.mark.parametrize("name", ["half?full", "100%", "a#b", "år 2026"])
def test_a_folder_may_have_any_name(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    sessions = Sessions(make_engine(str(folder / "fsc.db")))
    upgrade(sessions.engine)

    back_up(sessions.engine, folder / "copy.db")
    register(sessions, "AFTER")
    restore(sessions.engine, folder / "copy.db")

    assert not known(sessions, "AFTER")


def test_a_copy_is_put_back_where_no_database_is(sqlite_url, tmp_path):
    sessions = Sessions(make_engine(str(tmp_path / "new.db")))

    restore(sessions.engine, Path(sqlite_url))

    assert revision(sessions.engine) == REVISION


def test_a_damaged_database_is_set_aside_for_the_copy(sqlite_url, tmp_path):
    path = tmp_path / "broken.db"
    path.write_bytes(b"not a database at all" * 500)
    sessions = Sessions(make_engine(str(path)))

    restore(sessions.engine, Path(sqlite_url))

    assert not known(sessions, "NEW")
    damaged = tmp_path / "broken.db.damaged"
    assert damaged.read_bytes() == b"not a database at all" * 500


def test_the_database_is_not_restored_from_itself(sqlite_url, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(sqlite_url)

    with pytest.raises(BadInput) as refused:
        restore(make_engine(sqlite_url), link)

    assert str(refused.value) == f"{link} is the database itself. Name a copy of it."


def test_a_folder_that_is_not_there_is_told(sqlite_url, tmp_path):
    engine = make_engine(str(tmp_path / "nowhere" / "fsc.db"))

    with pytest.raises(FscError) as failed:
        restore(engine, Path(sqlite_url))

    assert str(failed.value) == (
        f"The copy could not be put back at {tmp_path}/nowhere/fsc.db:"
        " unable to open database file."
    )


def test_no_file_is_no_copy(sqlite_url, tmp_path):
    with pytest.raises(BadInput) as refused:
        restore(make_engine(sqlite_url), tmp_path / "none")

    assert str(refused.value) == f"There is no file {tmp_path / 'none'}."


def letter(path):
    path.write_text("Dear sir or madam, " * 100)


def other_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")


def numbered_otherwise(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num INTEGER)")
        connection.execute("INSERT INTO alembic_version VALUES (1)")


@pytest.mark.parametrize("make", [letter, other_database, numbered_otherwise])
def test_what_is_not_a_copy_replaces_nothing(sqlite_url, tmp_path, make):
    sessions = Sessions(make_engine(sqlite_url))
    register(sessions, "KEPT")
    make(tmp_path / "copy")

    with pytest.raises(BadInput) as refused:
        restore(sessions.engine, tmp_path / "copy")

    copy = tmp_path / "copy"
    assert str(refused.value) == f"{copy} is not a whole copy of an fsc database."
    assert known(sessions, "KEPT")


def test_half_a_copy_replaces_nothing(sqlite_url, tmp_path):
    sessions = Sessions(make_engine(sqlite_url))
    copy = tmp_path / "copy"
    back_up(sessions.engine, copy)
    register(sessions, "KEPT")
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])

    with pytest.raises(BadInput, match="is not a whole copy"):
        restore(sessions.engine, copy)

    assert known(sessions, "KEPT")


def test_a_copy_of_a_newer_program_is_refused(sqlite_url, tmp_path):
    engine = make_engine(sqlite_url)
    copy = tmp_path / "copy"
    back_up(engine, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(BadInput) as refused:
        restore(engine, copy)

    assert str(refused.value) == (
        f"{copy} is at revision 9999, newer than this fsc ({REVISION})."
    )


def test_without_the_servers_programs_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Misconfigured) as refused:
        back_up(make_engine("postgresql://host/fsc"), tmp_path / "copy")

    assert str(refused.value) == (
        "pg_dump is not on this machine. Install PostgreSQL's client programs,"
        " or make the copy on the database's own machine."
    )


def test_a_server_refuses_what_is_not_a_copy(postgresql_url, tmp_path):
    sessions = Sessions(make_engine(postgresql_url))
    register(sessions, "KEPT")
    letter(tmp_path / "copy")

    with pytest.raises(FscError, match=r"^pg_restore failed: "):
        restore(sessions.engine, tmp_path / "copy")
    kept = known(sessions, "KEPT")
    sessions.engine.dispose()

    assert kept


def test_an_upgrade_of_a_filled_database_makes_a_copy_first(sqlite_url, tmp_path):
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0000')")

    # There is no revision 0000: the upgrade fails, but the copy is there by then.
    with pytest.raises(Exception, match="0000"):
        upgrade(engine, tmp_path / "copy.db")

    assert revision(make_engine(str(tmp_path / "copy.db"))) == "0000"
