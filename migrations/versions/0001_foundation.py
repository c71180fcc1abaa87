"""Lay the foundation: catalogue, ledger, spans, people, orders and runs.

The ledger's tables refuse UPDATE and DELETE from everyone.  Whoever rebuilds one of
them later (batch mode on SQLite does) must put its triggers back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = BIG  # microseconds since 1970, UTC
DAY = sa.Text()  # ISO 8601
REAL: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = {
    "station": ("id", "code"),
    "event": ("id", "uid", "station_id, station_seq"),
    "event_line": ("event_id, device_id",),
    "error_declaration": ("event_id", "wrong_event_id"),
    "access_log": ("id",),
}
"""Tables that are only added to, with their keys."""

NAMED_FOR_GOOD = {
    "party": ("id", "code", "kind"),
    "location": ("id", "code"),
    "device": ("id", "tag"),
}
"""What the ledger refers to by number keeps its number and its code."""

HELD_BY_REFERENCES = ("custody_span", "kit_span", "device")
"""What SQLite guards by foreign keys, which who opens the file may have left off."""


def upgrade() -> None:
    _create_catalogue()
    _create_ledger()
    _create_people()
    _create_orders()
    if op.get_bind().dialect.name == "postgresql":
        # SQLite takes a reference to a table that comes later; PostgreSQL does not.
        op.create_foreign_key(
            "fk_device_held",
            "device",
            "custody_span",
            ["id", "held_to"],
            ["device_id", "valid_to"],
            initially="DEFERRED",
            deferrable=True,
        )
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def downgrade() -> None:
    raise NotImplementedError("restore the backup that `fsc db upgrade` made")


def _guard_on_sqlite() -> None:
    for table, keys in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        # INSERT OR REPLACE deletes the row in its way without firing a DELETE trigger.
        taken = " OR ".join(
            "("
            + " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))
            + ")"
            for key in keys
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: key taken'); END"
        )
    for table, columns in NAMED_FOR_GOOD.items():
        op.execute(
            f"CREATE TRIGGER {table}_named_for_good"
            f" BEFORE UPDATE OF {', '.join(columns)} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} keeps its code'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {columns[0]} = NEW.{columns[0]}"
            f" OR {columns[1]} = NEW.{columns[1]})"
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


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME"
        " USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, columns in NAMED_FOR_GOOD.items():
        changed = " OR ".join(
            f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns
        )
        op.execute(
            f"CREATE TRIGGER {table}_named_for_good BEFORE UPDATE ON {table}"
            f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )


def _create_catalogue() -> None:
    op.create_table(
        "device_model",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("setup_s", BIG, nullable=False),
        sa.Column("training_s", BIG, nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("volume_ml", BIG, nullable=False),
        sa.CheckConstraint(
            "setup_s >= 0 AND training_s >= 0",
            name=op.f("ck_device_model_no_negative_time"),
        ),
        sa.CheckConstraint(
            "volume_ml >= 0", name=op.f("ck_device_model_no_negative_volume")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_model")),
        sa.UniqueConstraint("code", name=op.f("uq_device_model_code")),
        sa.UniqueConstraint("gtin", name=op.f("uq_device_model_gtin")),
        sqlite_strict=True,
    )
    op.create_table(
        "party",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("municipality_code", sa.Text(), nullable=True),
        sa.Column("parent_id", BIG, nullable=True),
        sa.CheckConstraint(
            "kind <> 'citizen' OR (name IS NULL AND phone IS NULL)",
            name=op.f("ck_party_no_personal_data"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["party.id"], name=op.f("fk_party_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("code", name=op.f("uq_party_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "postcode",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lat", REAL, nullable=False),
        sa.Column("lon", REAL, nullable=False),
        sa.Column("municipality_code", sa.Text(), nullable=False),
        sa.Column("extra_s", BIG, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcode")),
        sqlite_strict=True,
    )
    op.create_table(
        "device",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("held_to", MOMENT, nullable=False),
        sa.CheckConstraint(
            "held_to = 253402300799999999", name=op.f("ck_device_held_for_good")
        ),
        sa.ForeignKeyConstraint(
            ["id", "held_to"],
            ["custody_span.device_id", "custody_span.valid_to"],
            name="fk_device_held",
            initially="DEFERRED",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["device_model.id"], name=op.f("fk_device_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["party.id"], name=op.f("fk_device_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint(
            "model_id", "serial", name=op.f("uq_device_model_id_serial")
        ),
        sa.UniqueConstraint("tag", name=op.f("uq_device_tag")),
        sqlite_strict=True,
    )
    op.create_index("ix_device_model_id", "device", ["model_id"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("keeper_id", BIG, nullable=True),
        sa.Column("lat", REAL, nullable=True),
        sa.Column("lon", REAL, nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'home' OR (name IS NULL AND lat IS NULL AND lon IS NULL"
            " AND postcode IS NULL)",
            name=op.f("ck_location_no_personal_data"),
        ),
        sa.CheckConstraint(
            "(lat IS NULL) = (lon IS NULL)", name=op.f("ck_location_whole_point")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_location_not_in_itself")),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["party.id"], name=op.f("fk_location_keeper_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["location.id"], name=op.f("fk_location_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("code", name=op.f("uq_location_code")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_location_keeper_id"), "location", ["keeper_id"], unique=False
    )
    op.create_index(
        op.f("ix_location_parent_id"), "location", ["parent_id"], unique=False
    )
    op.create_table(
        "device_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_device_code_device_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_device_code")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_device_code_device_id"), "device_code", ["device_id"], unique=False
    )
    op.create_table(
        "technician",
        sa.Column("party_id", BIG, nullable=False),
        sa.Column("vehicle_id", BIG, nullable=False),
        sa.Column("start_id", BIG, nullable=False),
        sa.Column("end_id", BIG, nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("shift_from_s", BIG, nullable=False),
        sa.Column("shift_to_s", BIG, nullable=False),
        sa.Column("lunch_from_s", BIG, nullable=False),
        sa.Column("lunch_to_s", BIG, nullable=False),
        sa.Column("lunch_s", BIG, nullable=False),
        sa.Column("capacity_ml", BIG, nullable=False),
        sa.CheckConstraint(
            "lunch_from_s <= lunch_to_s", name=op.f("ck_technician_lunch")
        ),
        sa.CheckConstraint(
            "shift_from_s < shift_to_s", name=op.f("ck_technician_shift")
        ),
        sa.ForeignKeyConstraint(
            ["end_id"], ["location.id"], name=op.f("fk_technician_end_id")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_technician_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["start_id"], ["location.id"], name=op.f("fk_technician_start_id")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["location.id"], name=op.f("fk_technician_vehicle_id")
        ),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_technician")),
        sqlite_strict=True,
    )
    op.create_table(
        "absence",
        sa.Column("technician_id", BIG, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.party_id"],
            name=op.f("fk_absence_technician_id"),
        ),
        sa.PrimaryKeyConstraint("technician_id", "day", name=op.f("pk_absence")),
        sqlite_strict=True,
    )
    op.create_table(
        "technician_skill",
        sa.Column("technician_id", BIG, nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.party_id"],
            name=op.f("fk_technician_skill_technician_id"),
        ),
        sa.PrimaryKeyConstraint(
            "technician_id", "skill", name=op.f("pk_technician_skill")
        ),
        sqlite_strict=True,
    )


def _create_ledger() -> None:
    op.create_table(
        "station",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("code", name=op.f("uq_station_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("station_id", BIG, nullable=False),
        sa.Column("station_seq", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_time", MOMENT, nullable=False),
        sa.Column("record_time", MOMENT, nullable=False),
        sa.Column("biz_step", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("read_point", sa.Text(), nullable=True),
        sa.Column("custodian_id", BIG, nullable=True),
        sa.Column("location_id", BIG, nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'object' OR (custodian_id IS NOT NULL AND location_id IS NOT NULL"
            " AND disposition IS NOT NULL)",
            name=op.f("ck_event_somebody_somewhere"),
        ),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_event_sha256")),
        sa.CheckConstraint("station_seq > 0", name=op.f("ck_event_station_seq")),
        sa.ForeignKeyConstraint(
            ["custodian_id"], ["party.id"], name=op.f("fk_event_custodian_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_event_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.id"], name=op.f("fk_event_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "station_id", "station_seq", name=op.f("uq_event_station_id_station_seq")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
        sqlite_strict=True,
    )
    op.create_index("ix_event_document", "event", ["document"], unique=False)
    op.create_table(
        "custody_span",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("custodian_id", BIG, nullable=False),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("prev_to", MOMENT, nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        sa.CheckConstraint(
            "prev_to IS NULL OR prev_to = valid_from",
            name=op.f("ck_custody_span_linked"),
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_custody_span_forward")
        ),
        sa.CheckConstraint(
            "valid_to <= 253402300799999999", name=op.f("ck_custody_span_within_time")
        ),
        sa.ForeignKeyConstraint(
            ["custodian_id"], ["party.id"], name=op.f("fk_custody_span_custodian_id")
        ),
        sa.ForeignKeyConstraint(
            ["device_id", "prev_to"],
            ["custody_span.device_id", "custody_span.valid_to"],
            name="fk_custody_span_prev",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_custody_span_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_custody_span_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_custody_span_location_id")
        ),
        sa.PrimaryKeyConstraint(
            "device_id", "valid_from", name=op.f("pk_custody_span")
        ),
        sa.UniqueConstraint(
            "device_id", "valid_to", name=op.f("uq_custody_span_device_id_valid_to")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_custody_span_custodian",
        "custody_span",
        ["custodian_id", "valid_to", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_custody_span_event_id"), "custody_span", ["event_id"], unique=False
    )
    op.create_index(
        "ix_custody_span_location",
        "custody_span",
        ["location_id", "valid_to", "valid_from"],
        unique=False,
    )
    op.create_index(
        "uq_custody_span_first",
        "custody_span",
        ["device_id"],
        unique=True,
        sqlite_where=sa.text("prev_to IS NULL"),
        postgresql_where=sa.text("prev_to IS NULL"),
    )
    op.create_table(
        "error_declaration",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("wrong_event_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replacement_id", BIG, nullable=True),
        sa.CheckConstraint(
            "wrong_event_id <> event_id", name=op.f("ck_error_declaration_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_error_declaration_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"],
            ["event.id"],
            name=op.f("fk_error_declaration_replacement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["wrong_event_id"],
            ["event.id"],
            name=op.f("fk_error_declaration_wrong_event_id"),
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_error_declaration")),
        sa.UniqueConstraint(
            "wrong_event_id", name=op.f("uq_error_declaration_wrong_event_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "event_line",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("kit_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_event_line_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_line_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["device.id"], name=op.f("fk_event_line_kit_id")
        ),
        sa.PrimaryKeyConstraint("event_id", "device_id", name=op.f("pk_event_line")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_event_line_device_id", "event_line", ["device_id", "event_id"], unique=False
    )
    op.create_table(
        "kit_span",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("kit_id", BIG, nullable=True),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=False),
        sa.Column("prev_to", MOMENT, nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        sa.CheckConstraint(
            "kit_id <> device_id", name=op.f("ck_kit_span_not_in_itself")
        ),
        sa.CheckConstraint(
            "prev_to IS NULL OR prev_to = valid_from", name=op.f("ck_kit_span_linked")
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_kit_span_forward")),
        sa.CheckConstraint(
            "valid_to <= 253402300799999999", name=op.f("ck_kit_span_within_time")
        ),
        sa.ForeignKeyConstraint(
            ["device_id", "prev_to"],
            ["kit_span.device_id", "kit_span.valid_to"],
            name="fk_kit_span_prev",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_kit_span_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_kit_span_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["device.id"], name=op.f("fk_kit_span_kit_id")
        ),
        sa.PrimaryKeyConstraint("device_id", "valid_from", name=op.f("pk_kit_span")),
        sa.UniqueConstraint(
            "device_id", "valid_to", name=op.f("uq_kit_span_device_id_valid_to")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_kit_span_event_id"), "kit_span", ["event_id"], unique=False
    )
    op.create_index(
        "ix_kit_span_kit",
        "kit_span",
        ["kit_id", "valid_to", "valid_from"],
        unique=False,
    )
    op.create_index(
        "uq_kit_span_first",
        "kit_span",
        ["device_id"],
        unique=True,
        sqlite_where=sa.text("prev_to IS NULL"),
        postgresql_where=sa.text("prev_to IS NULL"),
    )
    op.create_table(
        "scan",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("station_id", BIG, nullable=False),
        sa.Column("station_seq", BIG, nullable=False),
        sa.Column("read_point", sa.Text(), nullable=False),
        sa.Column("scanned_at", MOMENT, nullable=False),
        sa.Column("record_time", MOMENT, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("event_id", BIG, nullable=True),
        sa.Column("waiting", FLAG, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_scan_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.id"], name=op.f("fk_scan_station_id")
        ),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_scan")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_scan_exceptions",
        "scan",
        ["record_time"],
        unique=False,
        sqlite_where=sa.text("waiting = 1"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_scan_station", "scan", ["station_id", "station_seq"], unique=False
    )


def _create_people() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("citizen_id", BIG, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["party.id"], name=op.f("fk_access_log_citizen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_access_log_citizen_id", "access_log", ["citizen_id", "at"], unique=False
    )
    op.create_table(
        "citizen",
        sa.Column("party_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("cpr_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cpr_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("protected", FLAG, nullable=False),
        sa.Column("call_first", FLAG, nullable=False),
        sa.Column("access_notes", sa.Text(), nullable=True),
        sa.Column("lat", REAL, nullable=True),
        sa.Column("lon", REAL, nullable=True),
        sa.Column("geo_quality", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(cpr_sealed IS NULL) = (cpr_lookup IS NULL)", name=op.f("ck_citizen_cpr")
        ),
        sa.CheckConstraint(
            "(lat IS NULL) = (lon IS NULL)", name=op.f("ck_citizen_whole_point")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["location.id"], name=op.f("fk_citizen_home_id")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_citizen_party_id")
        ),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_citizen")),
        sa.UniqueConstraint("cpr_lookup", name=op.f("uq_citizen_cpr_lookup")),
        sa.UniqueConstraint("home_id", name=op.f("uq_citizen_home_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "citizen_contact",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("citizen_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["citizen_id"],
            ["citizen.party_id"],
            name=op.f("fk_citizen_contact_citizen_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_contact")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_citizen_contact_citizen_id"),
        "citizen_contact",
        ["citizen_id"],
        unique=False,
    )


def _create_orders() -> None:
    op.create_table(
        "run",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("technician_id", BIG, nullable=False),
        sa.Column("vehicle_id", BIG, nullable=False),
        sa.Column("start_id", BIG, nullable=False),
        sa.Column("end_id", BIG, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("leaves", MOMENT, nullable=False),
        sa.Column("returns", MOMENT, nullable=False),
        sa.Column("distance_m", BIG, nullable=False),
        sa.Column("travel_s", BIG, nullable=False),
        sa.Column("service_s", BIG, nullable=False),
        sa.Column("waiting_s", BIG, nullable=False),
        sa.Column("cost", BIG, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=True),
        sa.Column("loaded_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["location.id"], name=op.f("fk_run_vehicle_id")
        ),
        sa.ForeignKeyConstraint(
            ["start_id"], ["location.id"], name=op.f("fk_run_start_id")
        ),
        sa.ForeignKeyConstraint(
            ["end_id"], ["location.id"], name=op.f("fk_run_end_id")
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"],
            ["technician.party_id"],
            name=op.f("fk_run_technician_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint(
            "day", "technician_id", name=op.f("uq_run_day_technician_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "service_order",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("citizen_id", BIG, nullable=False),
        sa.Column("requester_id", BIG, nullable=True),
        sa.Column("model_id", BIG, nullable=True),
        sa.Column("contact_id", BIG, nullable=True),
        sa.Column("earliest", DAY, nullable=False),
        sa.Column("latest", DAY, nullable=False),
        sa.Column("agreed_from", MOMENT, nullable=True),
        sa.Column("agreed_to", MOMENT, nullable=True),
        sa.Column("service_s", BIG, nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("priority", BIG, nullable=False),
        sa.Column("consent", FLAG, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(agreed_from IS NULL) = (agreed_to IS NULL)",
            name=op.f("ck_service_order_agreed"),
        ),
        sa.CheckConstraint(
            "agreed_from <= agreed_to", name=op.f("ck_service_order_agreed_forward")
        ),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_service_order_days")),
        sa.CheckConstraint(
            "priority BETWEEN 0 AND 100", name=op.f("ck_service_order_priority")
        ),
        sa.CheckConstraint("service_s > 0", name=op.f("ck_service_order_service_s")),
        sa.ForeignKeyConstraint(
            ["citizen_id"], ["party.id"], name=op.f("fk_service_order_citizen_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["citizen_contact.id"],
            name=op.f("fk_service_order_contact_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["device_model.id"], name=op.f("fk_service_order_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["party.id"], name=op.f("fk_service_order_requester_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order")),
        sa.UniqueConstraint("code", name=op.f("uq_service_order_code")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_service_order_citizen_id"),
        "service_order",
        ["citizen_id"],
        unique=False,
    )
    op.create_index(
        "ix_service_order_due", "service_order", ["earliest", "latest"], unique=False
    )
    op.create_table(
        "left_out",
        sa.Column("day", DAY, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["service_order.id"],
            name=op.f("fk_left_out_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("day", "order_id", name=op.f("pk_left_out")),
        sqlite_strict=True,
    )
    op.create_table(
        "order_device",
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("chosen_for_id", BIG, nullable=True),
        sa.CheckConstraint(
            "direction IN ('bring', 'fetch')", name=op.f("ck_order_device_direction")
        ),
        sa.ForeignKeyConstraint(
            ["chosen_for_id"],
            ["run.id"],
            name=op.f("fk_order_device_chosen_for_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_order_device_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["service_order.id"], name=op.f("fk_order_device_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "device_id", name=op.f("pk_order_device")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_order_device_chosen_for_id"),
        "order_device",
        ["chosen_for_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_device_device_id"), "order_device", ["device_id"], unique=False
    )
    op.create_table(
        "run_stop",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("arrival", MOMENT, nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("departure", MOMENT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("failed_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('done', 'failed') OR outcome IS NULL",
            name=op.f("ck_run_stop_outcome"),
        ),
        sa.CheckConstraint(
            "arrival <= start AND start <= departure", name=op.f("ck_run_stop_forward")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["service_order.id"], name=op.f("fk_run_stop_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_stop_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_stop")),
        sa.UniqueConstraint(
            "run_id", "position", name=op.f("uq_run_stop_run_id_position")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_run_stop_order_id"), "run_stop", ["order_id"], unique=False
    )
    op.create_index(
        "uq_run_stop_live",
        "run_stop",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL AND order_id IS NOT NULL"),
        postgresql_where=sa.text("outcome IS NULL AND order_id IS NOT NULL"),
    )
