"""Keep what a count of a place found, and more of a scan.

Which kind of symbol it was, at which port, and whether the answer was to stop.  A scan
from before this migration has none of them; it is read as it was then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
MOMENT = BIG  # microseconds since 1970, UTC


def upgrade() -> None:
    op.add_column("scan", sa.Column("symbology", sa.Text(), nullable=True))
    op.add_column("scan", sa.Column("port", sa.Text(), nullable=True))
    op.add_column("scan", sa.Column("holds", FLAG, nullable=True))
    op.create_table(
        "stocktake",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("station_id", BIG, nullable=False),
        sa.Column("read_point", sa.Text(), nullable=False),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("begun_seq", BIG, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expected_count", BIG, nullable=False),
        sa.Column("found_count", BIG, nullable=False),
        sa.Column("stray_count", BIG, nullable=False),
        sa.Column("missing_count", BIG, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_seq", BIG, nullable=True),
        sa.Column("event_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_stocktake_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_stocktake_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.id"], name=op.f("fk_stocktake_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_stocktake_open",
        "stocktake",
        ["station_id", "location_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_stocktake_location_id"), "stocktake", ["location_id"], unique=False
    )
    op.create_table(
        "stocktake_line",
        sa.Column("stocktake_id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_stocktake_line_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["stocktake_id"],
            ["stocktake.id"],
            name=op.f("fk_stocktake_line_stocktake_id"),
        ),
        sa.PrimaryKeyConstraint(
            "stocktake_id", "device_id", name=op.f("pk_stocktake_line")
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that `fsc db upgrade` made")
