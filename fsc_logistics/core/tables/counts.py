"""Counts of places: what was seen there against what should have been."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key


class Stocktake(Base):
    """A count of the devices at a place, by the scanners of one station together.

    The reader of tags beside a scanner counts with it.  One that nobody ended can be
    gone on with; where another follows it ends with nothing said of what it has not
    seen.
    """

    __tablename__ = "stocktake"
    __table_args__ = (
        Index(
            "ix_stocktake_open",
            "station_id",
            "location_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        STRICT,
    )

    id: Mapped[Key]
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    read_point: Mapped[str]
    """Where the first device was seen."""
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    actor: Mapped[str]
    """Who counted: an operator's badge, or the scanner's port."""
    begun_at: Mapped[datetime]
    begun_seq: Mapped[int]
    """Of the first scan of the count, in the numbers of its station."""
    seen_at: Mapped[datetime]
    """When the last device was."""
    expected_count: Mapped[int]
    """How many should have been there when it began, and when it ended once it has."""
    found_count: Mapped[int]
    stray_count: Mapped[int]
    missing_count: Mapped[int | None]
    """None until somebody has ended it: what is not seen yet is not missing."""
    ended_at: Mapped[datetime | None]
    ended_seq: Mapped[int | None]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    """The event that says which devices it has not seen, where there are such."""


class StocktakeLine(Base):
    """What a count says of one device."""

    __tablename__ = "stocktake_line"
    __table_args__ = STRICT

    stocktake_id: Mapped[int] = mapped_column(
        ForeignKey("stocktake.id"), primary_key=True
    )
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    result: Mapped[str]
    """Found, a stray, or missing once the count has ended."""
