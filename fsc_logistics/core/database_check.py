"""What an engine finds wrong with its own files, and with what guards the ledger."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from fsc_logistics.core.database_errors import in_words

_APPEND_ONLY = (
    "station",
    "event",
    "event_line",
    "error_declaration",
    "line_declaration",
    "stock_line",
    "count_line",
    "checkpoint",
    "access_log",
)
_NAMED_FOR_GOOD = ("party", "location", "article", "lot")
_SPANS = ("custody_span", "kit_span", "condition_span", "flag_span", "stock_span")
_NEEDS_REFERENCES = tuple(
    f"needs_references_{verb}" for verb in ("insert", "update", "delete")
)
_ON_SQLITE = {
    **dict.fromkeys(_APPEND_ONLY, ("no_update", "no_delete", "no_replace")),
    **dict.fromkeys(_NAMED_FOR_GOOD, ("named_for_good", "no_replace")),
    "device": ("named_for_good", "no_replace", *_NEEDS_REFERENCES),
    "anomaly": ("no_delete", "no_replace", "resolved_once"),
    **dict.fromkeys(_SPANS, _NEEDS_REFERENCES),
}
"""The ends of the names of a table's triggers; the table's name comes first."""
_ON_POSTGRESQL = {
    **dict.fromkeys(_APPEND_ONLY, ("append_only", "no_truncate")),
    **dict.fromkeys((*_NAMED_FOR_GOOD, "device"), ("named_for_good",)),
    "anomaly": ("no_delete", "no_truncate", "resolved_once"),
}
_SQLITE_TRIGGERS = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
# Tables as this session finds them: a schema beside ours may have some of the same
# name.  A trigger that is off, or fires on replicas alone, guards nothing.
_POSTGRESQL_TRIGGERS = (
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgenabled IN ('O', 'A') AND c.oid = to_regclass(quote_ident(c.relname))"
)


def defects(engine: sa.Engine) -> list[str]:
    """Return what the engine itself finds wrong with its files and references.

    PostgreSQL never lets a broken reference in; its indexes and pages are its own
    administrator's to check (`pg_amcheck`), so there the schema alone is looked at.
    """
    reading = engine.execution_options(fsc_read=True)
    with in_words(reading=True), reading.connect() as connection:
        if engine.dialect.name == "postgresql":
            return _missing_triggers(connection, _ON_POSTGRESQL, _POSTGRESQL_TRIGGERS)
        checked = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        found = [str(line) for line in checked if line != "ok"]
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found += [f"{row[0]}: row {row[1]} refers to nothing" for row in dangling]
        return found + _missing_triggers(connection, _ON_SQLITE, _SQLITE_TRIGGERS)


def _missing_triggers(
    connection: sa.Connection, wanted: Mapping[str, Sequence[str]], query: str
) -> list[str]:
    there = {tuple(row) for row in connection.exec_driver_sql(query)}
    return [
        f"{table}: the trigger that refuses changes is gone ({table}_{kind})"
        for table, kinds in wanted.items()
        for kind in kinds
        if (table, f"{table}_{kind}") not in there
    ]
