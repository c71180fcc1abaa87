"""The ledger: added to, never changed.

Triggers refuse UPDATE and DELETE of every table here; what follows from them stands in
`tables.spans`.  Lines of lots and quantities are in `tables.stock`.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import CLUSTERED, STRICT, Base, Key

_begins_to_wait = text("kind = 'held' OR kind = 'raised'")


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
        Index(
            "ix_event_waiting",
            "id",
            sqlite_where=_begins_to_wait,
            postgresql_where=_begins_to_wait,
        ),
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
    form: Mapped[int | None]
    """How its hash is made and what its words mean; none: the first way there was."""
    condition: Mapped[str | None]
    """The condition it leaves its devices in; none: it says nothing of that."""
    flag: Mapped[str | None]
    raised: Mapped[bool | None]
    """Whether the flag is raised or lowered, where there is one."""
    reason: Mapped[str | None]
    """Why, in the words of whoever recorded it."""


class EventLine(Base):
    """A device an event is about."""

    __tablename__ = "event_line"
    __table_args__ = (
        Index("ix_event_line_device_id", "device_id", "event_id"),
        CLUSTERED,
    )

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


class LineDeclaration(Base):
    """What a declaring event says of one device of another event: wrong, and why."""

    __tablename__ = "line_declaration"
    __table_args__ = (
        ForeignKeyConstraint(
            ["wrong_event_id", "device_id"],
            ["event_line.event_id", "event_line.device_id"],
            name="fk_line_declaration_line",
        ),
        CheckConstraint("wrong_event_id <> event_id", name="not_itself"),
        Index("ix_line_declaration_event_id", "event_id"),
        CLUSTERED,
    )

    wrong_event_id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    reason: Mapped[str]
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))


class Checkpoint(Base):
    """One hash over the heads of all stations at a moment, chained and maybe signed."""

    __tablename__ = "checkpoint"
    __table_args__ = (
        CheckConstraint("length(hash) = 32", name="sha256"),
        STRICT,
    )

    id: Mapped[Key]
    taken_at: Mapped[datetime]
    actor: Mapped[str]
    events: Mapped[int]
    heads: Mapped[str]
    """JSON: station, number of its last event, hash of it; sorted by station."""
    hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 over the checkpoint before it, the moment and the heads."""
    signature: Mapped[bytes | None]
    """Ed25519, over the hash."""
    public_key: Mapped[bytes | None]
