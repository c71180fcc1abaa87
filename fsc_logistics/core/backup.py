"""Copies of the database, taken while others write, and put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from fsc_logistics.core.database import (
    BUSY_TIMEOUT_MS,
    REVISION,
    is_revision,
    make_private,
    sqlite_path,
)
from fsc_logistics.domain.errors import (
    BadInput,
    FscError,
    Misconfigured,
    Refused,
    TryLater,
)


def back_up(engine: sa.Engine, target: Path) -> None:
    """Copy the whole database to `target` while others go on writing.

    The copy appears under its name when it is complete, never before, and nobody but
    its owner may read it.

    Raises:
        Refused: there is a file of that name.
        Misconfigured: PostgreSQL's own pg_dump is not on this machine.
    """
    if target.exists():
        raise Refused(f"{target} is there already. Choose another name.")
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        make_private(partial)
        _copy_out(engine, partial)
        os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        raise FscError(f"The copy to {target} could not be made: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def check_copy(engine: sa.Engine, source: Path) -> None:
    """Check that `source` can be put in the place of the database.

    Of a server's copy it is only checked that there is one; pg_restore does the rest.

    Raises:
        BadInput: `source` is not a whole database of ours, or is the database itself.
    """
    if not source.is_file():
        raise BadInput(f"There is no file {source}.")
    path = sqlite_path(engine)
    if path is None:
        return
    if path.exists() and path.samefile(source):
        raise BadInput(f"{source} is the database itself. Name a copy of it.")
    try:
        with closing(_read_only(source)) as copy:
            _check_whole(copy, source)
    except sqlite3.Error as error:
        raise BadInput(f"{source} cannot be read: {error}.") from error


def restore(engine: sa.Engine, source: Path) -> None:
    """Put the copy in `source` in the place of the database.

    Raises:
        BadInput: `source` is not a whole database of ours, or is the database itself.
        TryLater: somebody writes into the database.
        FscError: the database cannot be written.
        Misconfigured: PostgreSQL's own pg_restore is not on this machine.
    """
    check_copy(engine, source)
    path = sqlite_path(engine)
    if path is None:
        _run("pg_restore", engine, "--clean", "--if-exists", "-1", str(source))
        return
    with closing(_read_only(source)) as copy:
        try:
            _set_aside_if_damaged(path)
            make_private(path)
            _put_back(copy, path)
        except (OSError, sqlite3.Error) as error:
            raise FscError(
                f"The copy could not be put back at {path}: {error}."
            ) from error


def _put_back(copy: sqlite3.Connection, path: Path) -> None:
    def give_up_if_busy(status: int, _remaining: int, _total: int) -> None:
        # SQLite has waited as long as for any lock; the driver would try for ever.
        if status & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise TryLater(f"Somebody writes into {path}. Try again in a moment.")

    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)) as target:
        copy.backup(target, progress=give_up_if_busy)
        target.execute("PRAGMA journal_mode = WAL")


def _read_only(path: Path) -> sqlite3.Connection:
    # as_uri: a question mark or a percent sign in a folder's name stays what it is.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _set_aside_if_damaged(path: Path) -> None:
    """Rename what SQLite cannot write into: it may still be needed, but not here."""
    if not path.exists():
        return
    try:
        with closing(_read_only(path)) as database:
            database.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname not in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.chmod(0o600)
                os.replace(part, part.with_name(f"{path.name}.damaged{suffix}"))


def _copy_out(engine: sa.Engine, target: Path) -> None:
    path = sqlite_path(engine)
    if path is None:
        _run("pg_dump", engine, "--format=custom", f"--file={target}")
        return
    with (
        closing(_read_only(path)) as database,
        closing(sqlite3.connect(target)) as copy,
    ):
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _check_whole(copy: sqlite3.Connection, source: Path) -> None:
    try:
        whole = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        found = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.Error, TypeError):
        whole, found = False, ""
    if not whole or not is_revision(found):
        raise BadInput(f"{source} is not a whole copy of an fsc database.")
    if found > REVISION:
        raise BadInput(
            f"{source} is at revision {found}, newer than this fsc ({REVISION})."
        )


def _run(program: str, engine: sa.Engine, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Misconfigured(
            f"{program} is not on this machine. Install PostgreSQL's client programs,"
            " or make the copy on the database's own machine."
        )
    url = engine.url.set(drivername="postgresql")
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    target = url.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [found, f"--dbname={target}", "--no-password", *arguments],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or ["no reason was given"]
        raise FscError(f"{program} failed: {reason[-1]}")
