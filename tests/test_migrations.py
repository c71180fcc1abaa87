"""Tables and migrations agree, and the ledger is guarded on both engines."""

import ast
from importlib.resources import files
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from fsc_logistics.core.database import REVISION, make_engine, upgrade
from fsc_logistics.core.database_check import defects
from fsc_logistics.core.tables import Base
from fsc_logistics.domain.errors import TryLater

LEDGER = [
    "station",
    "event",
    "event_line",
    "error_declaration",
    "line_declaration",
    "stock_line",
    "count_line",
    "checkpoint",
    "access_log",
]


def test_the_program_knows_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(files("fsc_logistics.migrations")))

    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_migration_imports_nothing_of_ours():
    folder = Path(str(files("fsc_logistics.migrations"))) / "versions"
    for path in folder.glob("0*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.module in {"alembic"}, path
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} == {"sqlalchemy"}, path


def shape(engine):
    """Return what the tables of a database are, in words that can be compared."""
    inspector = sa.inspect(engine)
    found = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                (c["name"], str(c["type"]), c["nullable"])
                for c in inspector.get_columns(table)
            },
            "key": tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
            "unique": {
                (c["name"], tuple(c["column_names"]))
                for c in inspector.get_unique_constraints(table)
            },
            "checks": {
                (c["name"], c["sqltext"])
                for c in inspector.get_check_constraints(table)
            },
            "references": {
                (
                    c["name"],
                    tuple(c["constrained_columns"]),
                    c["referred_table"],
                    tuple(c["referred_columns"]),
                    tuple(sorted((c.get("options") or {}).items())),
                )
                for c in inspector.get_foreign_keys(table)
            },
        }
    return found | {"indexes": indexes(engine)}


def indexes(engine):
    """Return the indexes as the engine itself tells them: expressions, conditions."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if engine.dialect.name == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version'"
    )
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    return {name: " ".join(sql.split()) for name, sql in rows}


# SQLAlchemy says that it passes over indexes of expressions; `indexes` does not.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_the_migrations_make_the_tables_of_the_code_on_sqlite(tmp_path, sqlite_url):
    plain = make_engine(str(tmp_path / "plain.db"))
    Base.metadata.create_all(plain)

    assert shape(make_engine(sqlite_url)) == shape(plain)


def test_the_migrations_make_the_tables_of_the_code_on_postgresql(
    postgresql_server, postgresql_url
):
    postgresql_server.psql("DROP DATABASE IF EXISTS plain_fsc")
    postgresql_server.psql("CREATE DATABASE plain_fsc")
    plain = make_engine(postgresql_server.get_uri(database="plain_fsc"))
    Base.metadata.create_all(plain)
    migrated = make_engine(postgresql_url)

    same = shape(migrated) == shape(plain)
    plain.dispose()
    migrated.dispose()

    assert same


def test_every_sqlite_table_is_strict(sqlite_url):
    with make_engine(sqlite_url).connect() as connection:
        rows = connection.exec_driver_sql("PRAGMA table_list").all()

    loose = {r.name for r in rows if r.type == "table" and not r.strict}
    assert loose - {"alembic_version", "sqlite_schema", "sqlite_temp_schema"} == set()


def test_an_upgrade_run_again_changes_nothing(engine):
    assert upgrade(engine) == REVISION


def test_a_whole_database_has_no_defects(engine):
    assert defects(engine) == []


@pytest.mark.parametrize("table", LEDGER)
def test_a_lost_trigger_is_a_defect(engine, table):
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text(f"DROP TRIGGER {table}_no_update"))
            lost = f"{table}_no_update"
        else:
            connection.execute(sa.text(f"DROP TRIGGER {table}_append_only ON {table}"))
            lost = f"{table}_append_only"

    assert defects(engine) == [
        f"{table}: the trigger that refuses changes is gone ({lost})"
    ]


@pytest.mark.parametrize("kind", ["no_delete", "resolved_once"])
def test_a_lost_trigger_of_the_anomalies_is_a_defect(engine, kind):
    on = "" if engine.dialect.name == "sqlite" else " ON anomaly"
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP TRIGGER anomaly_{kind}{on}"))

    assert defects(engine) == [
        f"anomaly: the trigger that refuses changes is gone (anomaly_{kind})"
    ]


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    engine = make_engine(str(tmp_path / "half.db"))

    def fail(*_, **__):
        raise exc.OperationalError("statement", None, Exception("power cut"))

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(TryLater):
        upgrade(engine)

    assert sa.inspect(engine).get_table_names() == []
