"""What reached the house and waits for somebody: scans, contradictions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key


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
    context: Mapped[str | None]
    """What the operator had set, so that it can be recorded later as it was meant."""
    resolution: Mapped[str | None]
    """The uid of the event that says how it was dealt with."""
    symbology: Mapped[str | None]
    """The AIM identifier of the symbol, where the scanner sent one."""
    port: Mapped[str | None]
    """The name of the port whose cards count for it: its own, or the one it follows."""
    holds: Mapped[bool | None]
    """Whoever heard the answer had to stop."""
    salt: Mapped[str | None]
    """Of one that was held: what makes its seal in the ledger say nothing of it."""


class Anomaly(Base):
    """A recorded event that contradicts what the ledger knew; it waits for somebody."""

    __tablename__ = "anomaly"
    __table_args__ = (
        Unique("event_id", "device_id", "kind"),
        Index(
            "ix_anomaly_waiting",
            "raised_at",
            sqlite_where=text("resolution_id IS NULL"),
            postgresql_where=text("resolution_id IS NULL"),
        ),
        STRICT,
    )

    id: Mapped[Key]
    kind: Mapped[str]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    detail: Mapped[str]
    """What contradicts what, in words, with codes alone."""
    raised_at: Mapped[datetime]
    resolution_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    """The event of the ledger that says how it was dealt with; none while it waits."""


class ImportProgress(Base):
    """How far the import of a file has come, so that it can go on where it stopped."""

    __tablename__ = "import_progress"
    __table_args__ = STRICT

    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the file."""
    lines_done: Mapped[int]
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
