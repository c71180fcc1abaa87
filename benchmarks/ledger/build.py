"""A database of the newest revision, filled with a made-up centre by bulk statements.

What slows bulk loading, secondary indexes and triggers, is put aside and put back as it
was; a test compares the outcome with an empty migrated database.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import sqlalchemy as sa

from benchmarks.ledger.life import Lives, Size
from benchmarks.ledger.rows import TABLES, rows_of
from fsc_logistics.core.database import make_engine, sqlite_path, upgrade

Say = Callable[[str], None]


def build(database: str, size: Size, told: Lives, say: Say) -> None:
    """Make the database and fill it.

    Raises:
        FscError: it cannot be made there.
    """
    engine = make_engine(database)
    try:
        upgrade(engine)
        path = sqlite_path(engine)
        url = engine.url
    finally:
        engine.dispose()
    if path is not None:
        _fill_sqlite(path, size, told, say)
    else:
        _fill_postgresql(url, size, told, say)


def _fill_sqlite(path: Path, size: Size, told: Lives, say: Say) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -1000000",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
        aside = connection.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
        ).fetchall()
        connection.execute("BEGIN")
        for kind, name, _ in aside:
            connection.execute(f"DROP {kind} {name}")
        for table, columns in TABLES.items():
            say(f"{table} …")
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                rows_of(table, size, told),
            )
        for kind, name, sql in aside:
            if kind == "index":
                say(f"{name} …")
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def _fill_postgresql(url: sa.URL, size: Size, told: Lives, say: Say) -> None:
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as connection:
        # References and triggers are those of a replica: none fire while we load.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        aside = connection.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        ).fetchall()
        for name, _ in aside:
            connection.execute(f"DROP INDEX {name}")
        for table, columns in TABLES.items():
            say(f"{table} …")
            copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(copy) as into:
                for row in rows_of(table, size, told):
                    into.write_row(row)
            if columns[0] == "id":
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" (SELECT max(id) FROM {table}))"
                )
        for name, sql in aside:
            say(f"{name} …")
            connection.execute(sql)
        connection.commit()
        connection.autocommit = True
        say("vacuum …")
        connection.execute("VACUUM ANALYZE")
