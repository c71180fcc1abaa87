"""What is committed comes into a SQLite file beside the commits."""

import os
import threading
import time

import sqlalchemy as sa

from fsc_logistics.core.database import make_engine
from fsc_logistics.core.database_checkpoint import PAGES_MAX, checkpoints_beside

BYTES = 2_000_000


def wait_until(condition):
    give_up = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < give_up
        threading.Event().wait(0.01)


def fill(engine):
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE filled (it BLOB)"))
        connection.execute(sa.text("INSERT INTO filled VALUES (zeroblob(2000000))"))


def test_what_is_committed_comes_into_the_file_without_another_commit(tmp_path):
    engine = make_engine(str(tmp_path / "x.db"))
    with checkpoints_beside(engine, every_s=0.01), engine.connect() as connection:
        fill(engine)
        pages = connection.execute(sa.text("PRAGMA wal_autocheckpoint")).scalar_one()
        wait_until(lambda: (tmp_path / "x.db").stat().st_size > BYTES)
    engine.dispose()

    assert pages == PAGES_MAX


def test_of_a_file_that_was_taken_away_none_is_made(tmp_path):
    engine = make_engine(str(tmp_path / "x.db"))
    with checkpoints_beside(engine, every_s=0.01), engine.connect() as connection:
        connection.execute(sa.text("PRAGMA journal_mode = WAL"))
        (tmp_path / "x.db").rename(tmp_path / "away.db")
        (tmp_path / "x.db-wal").touch()
        os.utime(tmp_path / "x.db-wal", (0, 0))
        threading.Event().wait(0.2)
        made = (tmp_path / "x.db").exists()
    engine.dispose()

    assert not made


def test_afterwards_all_is_as_before(tmp_path):
    engine = make_engine(str(tmp_path / "x.db"))
    with checkpoints_beside(engine, every_s=0.01):
        pass

    with engine.connect() as connection:
        pages = connection.execute(sa.text("PRAGMA wal_autocheckpoint")).scalar_one()
    engine.dispose()

    assert pages == 1000
    assert "checkpoint" not in [thread.name for thread in threading.enumerate()]
