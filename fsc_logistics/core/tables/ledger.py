"""The ledger, and what is derived from it.

`station`, `event`, `event_line` and `error_declaration` are added to and never changed;
triggers refuse UPDATE and DELETE.  The span tables follow from them (`core.spans`) and
are guarded by constraints that leave no room for a second truth.
"""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key

CHAIN = {**STRICT, "sqlite_with_rowid": False}


class Station(Base):
    """Where events are captured; each station's events are one chain of hashes."""

    __tablename__ = "station"
    __table_args__ = STRICT

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)


class Event(Base):
    """Something that happened, as it was told to the ledger."""

    __tablename__ = "event"
    __table_args__ = (
        Unique("station_id", "station_seq"),
        CheckConstraint("station_seq > 0", name="station_seq"),
        CheckConstraint("length(hash) = 32", name="sha256"),
        CheckConstraint(
            "kind <> 'object' OR (custodian_id IS NOT NULL AND location_id IS NOT NULL"
            " AND disposition IS NOT NULL)",
            name="somebody_somewhere",
        ),
        Index("ix_event_document", "document"),
        STRICT,
    )

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(unique=True)
    """Made where the event was captured, so that telling it twice adds nothing."""
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    station_seq: Mapped[int]
    kind: Mapped[str]
    event_time: Mapped[datetime]
    record_time: Mapped[datetime]
    biz_step: Mapped[str]
    disposition: Mapped[str | None]
    actor: Mapped[str]
    read_point: Mapped[str | None]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    document: Mapped[str | None]
    hash: Mapped[bytes]
    """SHA-256 over the station's hash before it and what this event says."""


class EventLine(Base):
    """A device an event is about."""

    __tablename__ = "event_line"
    __table_args__ = (Index("ix_event_line_device_id", "device_id", "event_id"), CHAIN)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    kit_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    """The kit it moved with or was put into; none when it was taken out."""


class ErrorDeclaration(Base):
    """What a declaring event says: which event is wrong and why; once each."""

    __tablename__ = "error_declaration"
    __table_args__ = (
        CheckConstraint("wrong_event_id <> event_id", name="not_itself"),
        STRICT,
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    wrong_event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    reason: Mapped[str]
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))


class _Chain:
    """The links of a chain: each but the first starts exactly where another ends."""

    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime]
    prev_to: Mapped[datetime | None]
    """The end of the span before: equal to `valid_from`, or none for the first."""

    @declared_attr
    def device_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy calls it on the class
        """Return the device the chain is about."""
        return mapped_column(ForeignKey("device.id"), primary_key=True, sort_order=-1)

    @declared_attr
    def event_id(cls) -> Mapped[int]:  # noqa: N805
        """Return the event that began the span."""
        return mapped_column(ForeignKey("event.id"), index=True)


def _links(table: str) -> tuple[ForeignKeyConstraint | Unique | CheckConstraint, ...]:
    """Return the constraints that make the rows of one device one unbroken chain.

    Every span but one has a `prev_to` that is its own start and another's end; every
    end is used once; time only goes forward; there is one first.  So a second holder,
    an overlap or a gap cannot be written, whoever writes.
    """
    return (
        Unique("device_id", "valid_to"),
        CheckConstraint("valid_from < valid_to", name="forward"),
        CheckConstraint("valid_to <= 253402300799999999", name="within_time"),
        CheckConstraint("prev_to IS NULL OR prev_to = valid_from", name="linked"),
        ForeignKeyConstraint(
            ["device_id", "prev_to"],
            [f"{table}.device_id", f"{table}.valid_to"],
            name=f"fk_{table}_prev",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


class CustodySpan(_Chain, Base):
    """Who had a device, and where, from one moment until another."""

    __tablename__ = "custody_span"
    __table_args__ = (*_links("custody_span"), CHAIN)

    custodian_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))


class KitSpan(_Chain, Base):
    """Which kit a device belonged to, from one moment until another."""

    __tablename__ = "kit_span"
    __table_args__ = (
        *_links("kit_span"),
        CheckConstraint("kit_id <> device_id", name="not_in_itself"),
        CHAIN,
    )

    kit_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    """None: in no kit."""


for _span in (CustodySpan, KitSpan):
    Index(
        f"uq_{_span.__tablename__}_first",
        _span.device_id,
        unique=True,
        sqlite_where=text("prev_to IS NULL"),
        postgresql_where=text("prev_to IS NULL"),
    )
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


class ScanRecord(Base):
    """A scan that reached the house, and how it was answered.

    Asked again, the house gives the same answer.  What was not good waits among the
    exceptions until someone has dealt with it.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index(
            "ix_scan_exceptions",
            "record_time",
            sqlite_where=text("waiting = 1"),
            postgresql_where=text("waiting"),
        ),
        Index("ix_scan_station", "station_id", "station_seq"),
        STRICT,
    )

    scan_id: Mapped[str] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    station_seq: Mapped[int]
    read_point: Mapped[str]
    scanned_at: Mapped[datetime]
    record_time: Mapped[datetime]
    mode: Mapped[str]
    payload: Mapped[str]
    """What was read; masked where it could be a CPR number."""
    outcome: Mapped[str]
    message: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    waiting: Mapped[bool] = mapped_column(default=False)
    """Among the exceptions, to be dealt with."""
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
