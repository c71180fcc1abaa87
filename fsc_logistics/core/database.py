"""The database: engine, sessions, upgrade; all that is special to one engine."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from fsc_logistics.domain.errors import FscError, Misconfigured, TryLater

REVISION = "0001"
"""The newest migration; a test compares it with `migrations/`."""

BUSY_TIMEOUT_MS = 5_000
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
_LATER_SQLSTATES = ("08", "40", "53", "55", "57")
"""Connection lost, deadlock or conflict, no room, lock not to be had, shutting down."""
_LET_IN_NOBODY = re.compile(
    r"FATAL:\s+(.*(?:does not exist|authentication failed|no pg_hba\.conf entry).*)"
)
"""What a server says while connecting, for which libpq has no SQLSTATE."""
_UPGRADE_LOCK = 0x66736C6F67  # "fslog", for pg_advisory_xact_lock


@dataclass(frozen=True, slots=True)
class Sessions:
    """Where units of work come from."""

    engine: sa.Engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a unit of work that may write: all of it happens, or none.

        Raises:
            TryLater: the database is away or busy.
            Misconfigured: it cannot be written, or is no database of ours.
        """
        with _in_words(), Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a unit of work that only reads; it never waits for a writer.

        It sees the database as it was at one moment, whatever is written meanwhile.

        Raises:
            TryLater: the database is away.
            Misconfigured: it is no database of ours.
        """
        options: dict[str, Any] = {"fsc_read": True}
        if self.engine.dialect.name == "postgresql":
            # Else every statement would see what was committed before it, and `verify`
            # the spans of an event that it had not read.
            options["isolation_level"] = "REPEATABLE READ"
            options["postgresql_readonly"] = True
        reading = self.engine.execution_options(**options)
        with _in_words(), Session(reading) as session, session.begin():
            yield session


def open_sessions(database: str) -> Sessions:
    """Return sessions on `database`, a path or URL, of this program's revision.

    Raises:
        Misconfigured: there is no such database, or it is of another revision.
        TryLater: the server does not answer.
    """
    engine = make_engine(database)
    try:
        _check_revision(engine)
    except FscError:
        engine.dispose()
        raise
    return Sessions(engine)


def _check_revision(engine: sa.Engine) -> None:
    path = sqlite_path(engine)
    if path is not None and not path.is_file():
        raise Misconfigured(
            f"There is no database at {path}. Make one with: fsc db upgrade"
        )
    with _in_words():
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
        except exc.ArgumentError:
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
        return engine
    # A server that is away must be noticed while somebody waits for a beep.
    patience = {
        name: value for name, value in _PATIENCE.items() if name not in url.query
    }
    return sa.create_engine(
        url, hide_parameters=True, pool_pre_ping=True, connect_args=patience
    )


def revision(engine: sa.Engine) -> str | None:
    """Return the revision the database is at, or None where there is no schema."""
    with engine.execution_options(fsc_read=True).connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


def upgrade(engine: sa.Engine, backup_to: Path | None = None) -> str | None:
    """Bring the schema to this program's revision; return the one it came from.

    All migrations run in one transaction, after a copy to `backup_to` if the database
    holds anything.

    Raises:
        Misconfigured: the database was made by a newer program.
    """
    from alembic import command
    from alembic.config import Config

    with _in_words():
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
            engine.begin() as connection,
        ):
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before


def defects(engine: sa.Engine) -> list[str]:
    """Return what the engine itself finds wrong with its files and references.

    PostgreSQL never lets a broken reference in; its indexes and pages are its own
    administrator's to check (`pg_amcheck`), so there the schema alone is looked at.
    """
    with _in_words(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            checked = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
            found = [str(line) for line in checked if line != "ok"]
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            found += [f"{row[0]}: row {row[1]} refers to nothing" for row in dangling]
            return found + _missing_triggers(
                connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
        return _missing_triggers(
            connection, "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
        )


_GUARDED = ("station", "event", "event_line", "error_declaration", "access_log")


def _missing_triggers(connection: sa.Connection, query: str) -> list[str]:
    names = set(connection.exec_driver_sql(query).scalars())
    kinds = (
        ("no_update", "no_delete", "no_replace")
        if connection.dialect.name == "sqlite"
        else ("append_only", "no_truncate")
    )
    return [
        f"{table}: the trigger that refuses changes is gone ({table}_{kind})"
        for table in _GUARDED
        for kind in kinds
        if f"{table}_{kind}" not in names
    ]


def sqlite_path(engine: sa.Engine) -> Path | None:
    """Return the file of a SQLite engine, or None for a server."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database)


def shown(engine: sa.Engine) -> str:
    """Return where the database is, without a password."""
    path = sqlite_path(engine)
    return str(path) if path is not None else engine.url.render_as_string()


_LOCK = sa.literal(_UPGRADE_LOCK, sa.BigInteger())


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions begin too late (at the first write); ours do not.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that reads first and writes later waits here, and
    # does not fail halfway because another process wrote in between.
    reading = connection.get_execution_options().get("fsc_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


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


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what the engines say into what a person can do about it."""
    try:
        yield
    except exc.DBAPIError as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: exc.DBAPIError) -> FscError | None:
    if isinstance(error.orig, sqlite3.Error):
        return _told_by_sqlite(str(error.orig), error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state == "25006":
        return Misconfigured("The database is read-only; nothing was recorded.")
    if state == "53100":
        return TryLater("The database's disk is full; nothing was recorded.")
    if state is None and (refusal := _LET_IN_NOBODY.search(str(error.orig))):
        return Misconfigured(
            f"The database server does not let us in: {refusal[1]}. Do the names and"
            " the password in its URL fit?"
        )
    if state is None and isinstance(error, exc.OperationalError):
        return TryLater("The database does not answer. Try again in a moment.")
    if state is not None and state[:2] in _LATER_SQLSTATES:
        return TryLater("The database is away or busy. Try again in a moment.")
    return None


def _told_by_sqlite(text: str, error: sqlite3.Error) -> FscError | None:
    if "locked" in text or "busy" in text:
        return TryLater("The database is busy. Try again in a moment.")
    if "full" in text:
        return TryLater("The disk is full; nothing was recorded. Make room, try again.")
    if "disk I/O error" in text:
        return TryLater(
            "The disk cannot be read or written; nothing was recorded. Is it full?"
        )
    if "readonly" in text:
        return Misconfigured("The database is read-only; nothing was recorded.")
    if "not a database" in text or "malformed" in text:
        return Misconfigured(
            "The database file is damaged or not a database. Restore a copy with:"
            " fsc db restore FILE"
        )
    if "unable to open" in text:
        return Misconfigured(
            "The database file cannot be opened. Do the folder and its rights fit?"
        )
    return None
