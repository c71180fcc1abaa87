"""What follows from the ledger about devices: spans, each from one moment to another.

They can be made anew from the events at any time (`core.spans`), and are guarded by
constraints that leave no room for a second truth.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from fsc_logistics.core.tables.base import CLUSTERED, Base


class _Chain:
    """The links of a chain: each but the first starts exactly where another ends."""

    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime]
    prev_to: Mapped[datetime | None]
    """The end of the span before: equal to `valid_from`, or none for the first."""

    @declared_attr
    def device_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy calls it on the class
        """Return the device the chain is about."""
        return mapped_column(ForeignKey("device.id"), primary_key=True, sort_order=-2)

    @declared_attr
    def event_id(cls) -> Mapped[int]:  # noqa: N805
        """Return the event that began the span."""
        return mapped_column(ForeignKey("event.id"), index=True)


def _links(
    table: str, *key: str
) -> tuple[ForeignKeyConstraint | Unique | CheckConstraint, ...]:
    """Return the constraints that make the rows of one `key` one unbroken chain.

    Every span but one has a `prev_to` that is its own start and another's end; every
    end is used once; time only goes forward; there is one first.  So a second holder,
    an overlap or a gap cannot be written, whoever writes.
    """
    return (
        Unique(*key, "valid_to"),
        CheckConstraint("valid_from < valid_to", name="forward"),
        CheckConstraint("valid_to <= 253402300799999999", name="within_time"),
        CheckConstraint("prev_to IS NULL OR prev_to = valid_from", name="linked"),
        ForeignKeyConstraint(
            [*key, "prev_to"],
            [f"{table}.{column}" for column in (*key, "valid_to")],
            name=f"fk_{table}_prev",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


class CustodySpan(_Chain, Base):
    """Who had a device, and where, from one moment until another."""

    __tablename__ = "custody_span"
    __table_args__ = (*_links("custody_span", "device_id"), CLUSTERED)

    custodian_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))


class KitSpan(_Chain, Base):
    """Which kit a device belonged to, from one moment until another."""

    __tablename__ = "kit_span"
    __table_args__ = (
        *_links("kit_span", "device_id"),
        CheckConstraint("kit_id <> device_id", name="not_in_itself"),
        CLUSTERED,
    )

    kit_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    """None: in no kit."""


class ConditionSpan(_Chain, Base):
    """What condition a device was in, from one moment until another."""

    __tablename__ = "condition_span"
    __table_args__ = (*_links("condition_span", "device_id"), CLUSTERED)

    condition: Mapped[str]


class FlagSpan(_Chain, Base):
    """Whether a flag of a device was raised, from one moment until another."""

    __tablename__ = "flag_span"
    __table_args__ = (*_links("flag_span", "device_id", "flag"), CLUSTERED)

    flag: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    raised: Mapped[bool]


def _first(table: type[Base], *key: str) -> None:
    Index(
        f"uq_{table.__tablename__}_first",
        *(getattr(table, column) for column in key),
        unique=True,
        sqlite_where=text("prev_to IS NULL"),
        postgresql_where=text("prev_to IS NULL"),
    )


for _span in (CustodySpan, KitSpan, ConditionSpan):
    _first(_span, "device_id")
_first(FlagSpan, "device_id", "flag")
Index(
    "ix_custody_span_custodian",
    CustodySpan.custodian_id,
    CustodySpan.valid_to,
    CustodySpan.valid_from,
)
Index(
    "ix_custody_span_location",
    CustodySpan.location_id,
    CustodySpan.valid_to,
    CustodySpan.valid_from,
)
Index("ix_kit_span_kit", KitSpan.kit_id, KitSpan.valid_to, KitSpan.valid_from)
Index(
    "ix_condition_span_condition",
    ConditionSpan.condition,
    ConditionSpan.valid_to,
    ConditionSpan.valid_from,
)
Index("ix_flag_span_raised", FlagSpan.flag, FlagSpan.raised, FlagSpan.valid_to)
