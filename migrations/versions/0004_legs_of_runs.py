"""Keep how far each stop of a run is from the one before, as it was planned.

A stop from before this migration has neither; its sheet tells an estimate.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("run_stop", sa.Column("travel_s", BIG, nullable=True))
    op.add_column("run_stop", sa.Column("distance_m", BIG, nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore the backup that `fsc db upgrade` made")
