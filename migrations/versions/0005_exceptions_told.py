"""Have the ledger say what waits for somebody, and find such events again.

The salt of a held scan goes into the seal that its event holds.  What waited before
this migration is told to the ledger by the program that runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("scan", sa.Column("salt", sa.Text(), nullable=True))
    begins_to_wait = sa.text("kind = 'held' OR kind = 'raised'")
    op.create_index(
        "ix_event_waiting",
        "event",
        ["id"],
        unique=False,
        sqlite_where=begins_to_wait,
        postgresql_where=begins_to_wait,
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that `fsc db upgrade` made")
