"""The database: engine, sessions, upgrade; all that is special to one engine."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from fsc_logistics.core.database_errors import in_words
from fsc_logistics.core.database_file import watch_file
from fsc_logistics.core.file_session import FileSession
from fsc_logistics.core.server_session import IDLE, ServerSession
from fsc_logistics.core.spare import Spare, spare_of
from fsc_logistics.domain.errors import FscError, Misconfigured

REVISION = "0005"
"""The newest migration; a test compares it with `migrations/`."""
_TELLS_WHAT_WAITS = "0005"
"""The one since which the ledger is told what waits among the exceptions."""

BUSY_TIMEOUT_MS = 5_000
UPGRADE_TIMEOUT_MS = 60_000
_PATIENCE: dict[str, str | int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
}
"""How long to wait for a PostgreSQL server; what the URL says itself counts first."""
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_UPGRADE_LOCK = sa.literal(0x66736C6F67, sa.BigInteger())
"""`fslog`, for pg_advisory_xact_lock."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Where units of work come from."""

    engine: sa.Engine
    _reading: sa.Engine = field(init=False, repr=False, compare=False)
    """The same one, for units of work that only read."""
    _spare: Spare = field(init=False, repr=False, compare=False)
    """What is kept of it from one to the next."""

    def __post_init__(self) -> None:
        """Prepare what units of work need, once."""
        reading = self.engine.execution_options(fsc_read=True)
        object.__setattr__(self, "_reading", reading)
        object.__setattr__(self, "_spare", spare_of(self.engine))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a unit of work that may write: all of it happens, or none.

        Raises:
            TryLater: the database is away or busy.
            Misconfigured: it cannot be written, or is no database of ours.
        """
        with in_words(), self._kind(self.engine, self._spare) as session:
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a unit of work that only reads; it never waits for a writer.

        It sees the database as it was at one moment, whatever is written meanwhile.

        Raises:
            TryLater: the database is away.
            Misconfigured: it is no database of ours.
        """
        reader = self._spare.take_reader()
        if reader is None:
            reader = self._kind(self._reading, self._spare, reads_only=True)
        with in_words(reading=True), reader as session:
            yield session
            # Whoever meant to write is told so.  Then closing it ends the transaction:
            # there is nothing to commit.
            session.flush()
        self._spare.keep_reader(reader)

    @property
    def _kind(self) -> type[FileSession] | type[ServerSession]:
        return FileSession if self.engine.dialect.name == "sqlite" else ServerSession


def open_sessions(database: str, *, is_guessed: bool = False) -> Sessions:
    """Return sessions on `database`, a path or URL, of this program's revision.

    `is_guessed` where nobody named it: one that is not there is then no reason to make
    one, but to ask whether this is the right folder.

    Raises:
        Misconfigured: there is no such database, or it is of another revision.
        TryLater: the server does not answer.
    """
    engine = make_engine(database)
    try:
        _check_revision(engine, is_guessed=is_guessed)
    except FscError:
        engine.dispose()
        raise
    return Sessions(engine)


def _check_revision(engine: sa.Engine, *, is_guessed: bool) -> None:
    path = sqlite_path(engine)
    if path is not None and not path.is_file():
        advice = (
            ", and no fsc.toml here. Go to the centre's folder, name one with --config,"
            " or make a new database: fsc db upgrade"
            if is_guessed
            else ". Make one with: fsc db upgrade"
        )
        raise Misconfigured(f"There is no database at {path.absolute()}{advice}")
    with in_words(reading=True):
        found = revision(engine)
    if found is None:
        raise Misconfigured(
            f"The database at {shown(engine)} is empty. Fill it with: fsc db upgrade"
        )
    if found != REVISION:
        todo = (
            "Run: fsc db upgrade"
            if found < REVISION
            else "Install the newer fsc it was made with."
        )
        raise Misconfigured(
            f"The database is at revision {found} and this fsc needs {REVISION}. {todo}"
        )


def make_engine(database: str) -> sa.Engine:
    """Return an engine for a SQLite file's path or a SQLAlchemy URL.

    Raises:
        Misconfigured: the URL is of no kind this program knows, or a folder.
    """
    if "://" not in database:
        path = Path(database).expanduser()
        if path.is_dir():
            raise Misconfigured(f"{path} is a folder. Name the database file in it.")
        url = sa.URL.create("sqlite", database=str(path))
    else:
        try:
            url = sa.make_url(database)
        except (exc.ArgumentError, ValueError):
            raise Misconfigured(
                f"'{database}' is not a database: give a file's path or"
                " postgresql+psycopg://user@host/name."
            ) from None
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise Misconfigured(
            f"A {url.get_backend_name()} database is not supported; use a SQLite file"
            " or PostgreSQL."
        )
    # One driver an engine, whichever the URL names: what follows is made for it.
    url = url.set(drivername=driver)
    if driver == "sqlite":
        # hide_parameters: what is bound may be personal; errors end up in logs.
        engine = sa.create_engine(url, hide_parameters=True)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        file = sqlite_path(engine)
        # One that SQLite makes for itself, by a URI, has no name to be moved from.
        if file is not None and "uri" not in engine.url.query:
            watch_file(engine, file)
        return engine
    # A server that is away must be noticed while somebody waits for a beep.
    patience = {
        name: value for name, value in _PATIENCE.items() if name not in url.query
    }
    # Its transactions are begun here, as those of a file.
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"autocommit": True, **patience}
    )
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def revision(engine: sa.Engine) -> str | None:
    """Return the revision the database is at, or None where it is empty.

    On a server other programs' tables may stand beside ours; in a file they may not.

    Raises:
        Misconfigured: it is another program's.
    """
    with engine.execution_options(fsc_read=True).connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if tables and engine.dialect.name == "sqlite":
                raise _not_ours(engine)
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if found is not None and not is_revision(found):
        raise _not_ours(engine)
    return None if found is None else str(found)


def is_revision(found: object) -> bool:
    """Return whether `found` is how our migrations are named: four digits."""
    return isinstance(found, str) and bool(re.fullmatch(r"[0-9]{4}", found))


def _not_ours(engine: sa.Engine) -> Misconfigured:
    return Misconfigured(
        f"{shown(engine)} holds something else than an fsc database and was not"
        " touched. Name another: --database PATH"
    )


def upgrade(engine: sa.Engine, backup_to: Path | None = None) -> str | None:
    """Bring the schema to this program's revision; return the one it came from.

    All migrations run in one transaction, after a copy to `backup_to` if the database
    holds anything, and in the same the ledger is told what waited before it was told
    of such things.  A new file is for its owner alone.

    Raises:
        Misconfigured: the database was made by a newer program, or by another.
    """
    from alembic import command
    from alembic.config import Config

    with in_words():
        if (path := sqlite_path(engine)) is not None:
            make_private(path)
        before = revision(engine)
        if before is not None and before > REVISION:
            raise Misconfigured(
                f"The database is at revision {before}, newer than this fsc"
                f" ({REVISION}). Install the newer fsc it was made with."
            )
        if before == REVISION:
            return before
        if before is not None and backup_to is not None:
            from fsc_logistics.core.backup import back_up

            back_up(engine, backup_to)
        _use_write_ahead_log(engine)
        with (
            as_file(files("fsc_logistics.migrations")) as scripts,
            engine.connect() as connection,
            _patiently(connection),
            connection.begin(),
        ):
            if engine.dialect.name == "postgresql":
                taken = sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)
                connection.execute(sa.select(taken))
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if before is not None and before < _TELLS_WHAT_WAITS:
                from fsc_logistics.core.exceptions.older import tell_older

                with Session(connection) as session:
                    tell_older(session)
                    session.flush()
    return before


@contextmanager
def _patiently(connection: sa.Connection) -> Iterator[None]:
    """Wait longer for another who upgrades the same file: migrating takes a while."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {UPGRADE_TIMEOUT_MS}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def make_private(path: Path) -> None:
    """Make an empty file that nobody else may read; one that is there stays as it is.

    Made here, not by SQLite: what it puts beside the file takes after the file.
    """
    # Where that cannot be, SQLite says so a moment later.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def sqlite_path(engine: sa.Engine) -> Path | None:
    """Return the file of a SQLite engine, or None for a server."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database)


def shown(engine: sa.Engine) -> str:
    """Return where the database is, without a password."""
    path = sqlite_path(engine)
    return str(path) if path is not None else engine.url.render_as_string()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions begin too late (at the first write); ours do not.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # What is erased must not stay readable in the free pages of the file.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that reads first and writes later waits here, and
    # does not fail halfway because another process wrote in between.
    reading = connection.get_execution_options().get("fsc_read", False)
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if driver.in_transaction:
        return  # A `DriverSession` has begun by the driver, and this joins it.
    try:
        # By the driver itself: it is the most frequent of all statements.
        driver.execute(begin)
    except sqlite3.Error as error:
        raise exc.DBAPIError.instance(begin, None, error, sqlite3.Error) from error


def _begin_postgresql(connection: sa.Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if driver.pgconn.transaction_status == IDLE:
        connection.exec_driver_sql("BEGIN")


def _use_write_ahead_log(engine: sa.Engine) -> None:
    # The mode stays with the file; readers then never wait for the writer.
    path = sqlite_path(engine)
    if path is None:
        return
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise exc.DBAPIError.instance(None, None, error, sqlite3.Error) from error
    finally:
        connection.close()
