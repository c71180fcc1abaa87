"""Give the ledger conditions, flags, quantities, kit templates and proof.

Events from before this migration have no form: their hash stays as it was made, and
their disposition says what condition they left a device in.  The columns are added by a
plain ALTER: batch mode would rebuild the ledger, and drop the triggers that guard it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = BIG  # microseconds since 1970, UTC
DAY = sa.Text()  # ISO 8601
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = {
    "line_declaration": ("wrong_event_id, device_id",),
    "stock_line": ("event_id, lot_id, from_id, to_id",),
    "count_line": ("event_id, lot_id, location_id",),
    "checkpoint": ("id", "hash"),
}
"""Tables that are only added to, with their keys."""

NAMED_FOR_GOOD = {
    "article": (("id",), ("code",)),
    "lot": (("id",), ("article_id", "code")),
}
"""What the ledger refers to by number keeps its number and its code."""

ANOMALY = ("id", "kind", "event_id", "device_id", "detail", "raised_at")
"""What is said of an anomaly for good; how it was dealt with is added once."""

HELD_BY_REFERENCES = ("condition_span", "flag_span", "stock_span")
"""What SQLite guards by foreign keys, which who opens the file may have left off."""


def upgrade() -> None:
    _add_columns()
    _create_spans()
    _create_stock()
    _create_kits()
    _create_proof()
    _create_exceptions()
    _index_searches()
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
        _guard_anomalies_on_postgresql()
    else:
        _guard_on_sqlite()
        _guard_anomalies_on_sqlite()
    _derive_conditions()


def downgrade() -> None:
    raise NotImplementedError("restore the backup that `fsc db upgrade` made")


def _add_columns() -> None:
    op.add_column("event", sa.Column("form", BIG, nullable=True))
    op.add_column("event", sa.Column("condition", sa.Text(), nullable=True))
    op.add_column("event", sa.Column("flag", sa.Text(), nullable=True))
    op.add_column("event", sa.Column("raised", FLAG, nullable=True))
    op.add_column("event", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("scan", sa.Column("context", sa.Text(), nullable=True))
    op.add_column("scan", sa.Column("resolution", sa.Text(), nullable=True))


def _chain(table: str, *key: str) -> list[sa.schema.SchemaItem]:
    """Return what makes the spans of one key an unbroken chain."""
    return [
        sa.CheckConstraint(
            "prev_to IS NULL OR prev_to = valid_from", name=op.f(f"ck_{table}_linked")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f(f"ck_{table}_forward")),
        sa.CheckConstraint(
            "valid_to <= 253402300799999999", name=op.f(f"ck_{table}_within_time")
        ),
        sa.ForeignKeyConstraint(
            [*key, "prev_to"],
            [f"{table}.{column}" for column in (*key, "valid_to")],
            name=f"fk_{table}_prev",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f(f"fk_{table}_event_id")
        ),
        sa.PrimaryKeyConstraint(*key, "valid_from", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            *key, "valid_to", name=op.f("_".join(("uq", table, *key, "valid_to")))
        ),
    ]


def _index_chain(table: str, *key: str) -> None:
    op.create_index(op.f(f"ix_{table}_event_id"), table, ["event_id"], unique=False)
    op.create_index(
        f"uq_{table}_first",
        table,
        [*key],
        unique=True,
        sqlite_where=sa.text("prev_to IS NULL"),
        postgresql_where=sa.text("prev_to IS NULL"),
    )


def _create_spans() -> None:
    op.create_table(
        "condition_span",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("prev_to", MOMENT, nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        *_chain("condition_span", "device_id"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_condition_span_device_id")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index_chain("condition_span", "device_id")
    op.create_index(
        "ix_condition_span_condition",
        "condition_span",
        ["condition", "valid_to", "valid_from"],
        unique=False,
    )
    op.create_table(
        "flag_span",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("raised", FLAG, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("prev_to", MOMENT, nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        *_chain("flag_span", "device_id", "flag"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_flag_span_device_id")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index_chain("flag_span", "device_id", "flag")
    op.create_index(
        "ix_flag_span_raised",
        "flag_span",
        ["flag", "raised", "valid_to"],
        unique=False,
    )


def _create_stock() -> None:
    op.create_table(
        "article",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("code", name=op.f("uq_article_code")),
        sa.UniqueConstraint("gtin", name=op.f("uq_article_gtin")),
        sqlite_strict=True,
    )
    op.create_table(
        "lot",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires", DAY, nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_lot_article_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("article_id", "code", name=op.f("uq_lot_article_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "stock_line",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("from_id", BIG, nullable=False),
        sa.Column("to_id", BIG, nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_line_some")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_stock_line_elsewhere")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_stock_line_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["location.id"], name=op.f("fk_stock_line_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_stock_line_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["location.id"], name=op.f("fk_stock_line_to_id")
        ),
        sa.PrimaryKeyConstraint(
            "event_id", "lot_id", "from_id", "to_id", name=op.f("pk_stock_line")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_stock_line_from", "stock_line", ["lot_id", "from_id"], unique=False
    )
    op.create_index("ix_stock_line_to", "stock_line", ["lot_id", "to_id"], unique=False)
    op.create_table(
        "count_line",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("counted", BIG, nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_count_line_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_count_line_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_count_line_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_count_line_lot_id")
        ),
        sa.PrimaryKeyConstraint(
            "event_id", "lot_id", "location_id", name=op.f("pk_count_line")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_count_line_place", "count_line", ["lot_id", "location_id"], unique=False
    )
    op.create_table(
        "stock_span",
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("prev_to", MOMENT, nullable=True),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        *_chain("stock_span", "lot_id", "location_id"),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_span_not_negative")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_stock_span_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_stock_span_lot_id")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _index_chain("stock_span", "lot_id", "location_id")
    op.create_index(
        "ix_stock_span_location",
        "stock_span",
        ["location_id", "valid_to", "valid_from"],
        unique=False,
    )


def _create_kits() -> None:
    op.create_table(
        "kit_template",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("moves_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_template")),
        sa.UniqueConstraint("code", name=op.f("uq_kit_template_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "kit_template_line",
        sa.Column("template_id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_template_line_some")),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["device_model.id"],
            name=op.f("fk_kit_template_line_model_id"),
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["kit_template.id"],
            name=op.f("fk_kit_template_line_template_id"),
        ),
        sa.PrimaryKeyConstraint(
            "template_id", "model_id", name=op.f("pk_kit_template_line")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "kit",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("template_id", BIG, nullable=True),
        sa.Column("moves_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_kit_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["kit_template.id"], name=op.f("fk_kit_template_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_kit")),
        sqlite_strict=True,
    )


def _create_proof() -> None:
    op.create_table(
        "line_declaration",
        sa.Column("wrong_event_id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replacement_id", BIG, nullable=True),
        sa.CheckConstraint(
            "wrong_event_id <> event_id", name=op.f("ck_line_declaration_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_line_declaration_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"],
            ["event.id"],
            name=op.f("fk_line_declaration_replacement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["wrong_event_id", "device_id"],
            ["event_line.event_id", "event_line.device_id"],
            name="fk_line_declaration_line",
        ),
        sa.PrimaryKeyConstraint(
            "wrong_event_id", "device_id", name=op.f("pk_line_declaration")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_line_declaration_event_id", "line_declaration", ["event_id"], unique=False
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("events", BIG, nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_checkpoint_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("hash", name=op.f("uq_checkpoint_hash")),
        sqlite_strict=True,
    )


def _create_exceptions() -> None:
    op.create_table(
        "anomaly",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("resolution_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_anomaly_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_anomaly_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["event.id"], name=op.f("fk_anomaly_resolution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly")),
        sa.UniqueConstraint(
            "event_id",
            "device_id",
            "kind",
            name=op.f("uq_anomaly_event_id_device_id_kind"),
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_anomaly_device_id"), "anomaly", ["device_id"], unique=False
    )
    op.create_index(
        "ix_anomaly_waiting",
        "anomaly",
        ["raised_at"],
        unique=False,
        sqlite_where=sa.text("resolution_id IS NULL"),
        postgresql_where=sa.text("resolution_id IS NULL"),
    )
    op.create_table(
        "import_progress",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lines_done", BIG, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "digest", name=op.f("pk_import_progress")),
        sqlite_strict=True,
    )


def _index_searches() -> None:
    """Let codes be found however they are typed, and names among few rows."""
    for name, table, column in (
        ("device_tag", "device", "tag"),
        ("device_serial", "device", "serial"),
        ("device_code", "device_code", "code"),
        ("party", "party", "code"),
        ("location", "location", "code"),
    ):
        op.create_index(
            f"ix_{name}_normal", table, [sa.text(_normal(column))], unique=False
        )
    for table, many in (("party", "citizen"), ("location", "home")):
        op.create_index(
            f"ix_{table}_named",
            table,
            ["code"],
            unique=False,
            sqlite_where=sa.text(f"kind <> '{many}'"),
            postgresql_where=sa.text(f"kind <> '{many}'"),
        )
    for table in ("citizen", "citizen_contact"):
        op.create_index(op.f(f"ix_{table}_phone"), table, ["phone"], unique=False)


def _normal(column: str) -> str:
    """Return a code in capitals of A to Z, without what stands between its groups."""
    if op.get_bind().dialect.name == "postgresql":
        return f"translate(upper({column} COLLATE \"C\"), ' -./_', '')"
    for sign in " -./_":
        column = f"replace({column}, '{sign}', '')"
    return f"upper({column})"


def _guard_on_sqlite() -> None:
    for table, keys in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        taken = " OR ".join(f"({_same(key.split(', '))})" for key in keys)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: key taken'); END"
        )
    for table, named in NAMED_FOR_GOOD.items():
        columns = ", ".join(column for key in named for column in key)
        taken = " OR ".join(f"({_same(key)})" for key in named)
        op.execute(
            f"CREATE TRIGGER {table}_named_for_good"
            f" BEFORE UPDATE OF {columns} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} keeps its code'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"
            f" BEGIN SELECT RAISE(ABORT, '{table} keeps its code: key taken'); END"
        )
    for table in HELD_BY_REFERENCES:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_needs_references_{verb.lower()}"
                f" BEFORE {verb} ON {table}"
                " WHEN (SELECT foreign_keys FROM pragma_foreign_keys) = 0"
                f" BEGIN SELECT RAISE(ABORT, '{table} is written with"
                " PRAGMA foreign_keys = ON only'); END"
            )


def _guard_anomalies_on_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER anomaly_no_delete BEFORE DELETE ON anomaly"
        " BEGIN SELECT RAISE(ABORT, 'anomaly is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER anomaly_no_replace BEFORE INSERT ON anomaly"
        " WHEN EXISTS (SELECT 1 FROM anomaly WHERE (id = NEW.id)"
        f" OR ({_same(('event_id', 'device_id', 'kind'))}))"
        " BEGIN SELECT RAISE(ABORT, 'anomaly is append-only: key taken'); END"
    )
    stays = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in ANOMALY)
    op.execute(
        "CREATE TRIGGER anomaly_resolved_once BEFORE UPDATE ON anomaly"
        " WHEN OLD.resolution_id IS NOT NULL OR NEW.resolution_id IS NULL"
        f" OR NOT ({stays})"
        " BEGIN SELECT RAISE(ABORT, 'anomaly is dealt with once, and else as it was');"
        " END"
    )


def _same(key: list[str] | tuple[str, ...]) -> str:
    return " AND ".join(f"{column} = NEW.{column}" for column in key)


def _guard_on_postgresql() -> None:
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, named in NAMED_FOR_GOOD.items():
        changed = " OR ".join(
            f"OLD.{column} IS DISTINCT FROM NEW.{column}"
            for key in named
            for column in key
        )
        op.execute(
            f"CREATE TRIGGER {table}_named_for_good BEFORE UPDATE ON {table}"
            f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )


def _guard_anomalies_on_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER anomaly_no_delete BEFORE DELETE ON anomaly"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER anomaly_no_truncate BEFORE TRUNCATE ON anomaly"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    changed = " OR ".join(
        f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ANOMALY
    )
    op.execute(
        "CREATE TRIGGER anomaly_resolved_once BEFORE UPDATE ON anomaly FOR EACH ROW"
        " WHEN (OLD.resolution_id IS NOT NULL OR NEW.resolution_id IS NULL"
        f" OR {changed}) EXECUTE FUNCTION refuse_change()"
    )


def _derive_conditions() -> None:
    """Make the condition spans that the events there are give.

    In the first form a disposition said the condition too; the last event of a device
    at a moment counts, and one that says nothing of it leaves the condition as it is.
    """
    op.execute(
        """
        INSERT INTO condition_span
            (device_id, condition, valid_from, valid_to, prev_to, event_id)
        SELECT device_id, condition, event_time,
            COALESCE(
                LEAD(event_time) OVER (PARTITION BY device_id ORDER BY event_time),
                253402300799999999),
            CASE WHEN LAG(event_time)
                    OVER (PARTITION BY device_id ORDER BY event_time) IS NULL
                THEN NULL ELSE event_time END,
            event_id
        FROM (
            SELECT l.device_id, e.event_time, e.id AS event_id,
                CASE e.disposition
                    WHEN 'available' THEN 'ready' WHEN 'active' THEN 'ready'
                    WHEN 'returned' THEN 'returned' WHEN 'damaged' THEN 'quarantine'
                    WHEN 'retired' THEN 'scrapped' END AS condition,
                ROW_NUMBER() OVER (
                    PARTITION BY l.device_id, e.event_time ORDER BY e.id DESC) AS place
            FROM event e JOIN event_line l ON l.event_id = e.id
            WHERE e.kind = 'object'
                AND e.disposition IN
                    ('available', 'active', 'returned', 'damaged', 'retired')
                AND NOT EXISTS (
                    SELECT 1 FROM error_declaration d WHERE d.wrong_event_id = e.id)
        ) AS said
        WHERE place = 1
        """
    )
