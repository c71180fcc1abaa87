"""Consumables: articles, lots, and how many of a lot are where.

`stock_line` and `count_line` belong to the ledger and are never changed; `stock_span`
follows from them.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import CLUSTERED, STRICT, Base, Key


class Article(Base):
    """A consumable that is counted, not followed one by one."""

    __tablename__ = "article"
    __table_args__ = STRICT

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    unit: Mapped[str]
    """What is counted: piece, pair, box."""
    gtin: Mapped[str | None] = mapped_column(unique=True)


class Lot(Base):
    """One batch of an article, with the day it may be used until."""

    __tablename__ = "lot"
    __table_args__ = (Unique("article_id", "code"), STRICT)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    code: Mapped[str]
    expires: Mapped[date | None]
    """The last day of use."""


class StockLine(Base):
    """So many of a lot went from one place to another: one entry, both sides."""

    __tablename__ = "stock_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="some"),
        CheckConstraint("from_id <> to_id", name="elsewhere"),
        Index("ix_stock_line_from", "lot_id", "from_id"),
        Index("ix_stock_line_to", "lot_id", "to_id"),
        CLUSTERED,
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("location.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("location.id"), primary_key=True)
    quantity: Mapped[int]


class CountLine(Base):
    """So many of a lot were found at a place: the number itself, not the difference."""

    __tablename__ = "count_line"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="not_negative"),
        Index("ix_count_line_place", "lot_id", "location_id"),
        CLUSTERED,
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id"), primary_key=True
    )
    counted: Mapped[int]


class StockSpan(Base):
    """How many of a lot were at a place, from one moment until another; never fewer
    than none.
    """

    __tablename__ = "stock_span"
    __table_args__ = (
        Unique("lot_id", "location_id", "valid_to"),
        CheckConstraint("quantity >= 0", name="not_negative"),
        CheckConstraint("valid_from < valid_to", name="forward"),
        CheckConstraint("valid_to <= 253402300799999999", name="within_time"),
        CheckConstraint("prev_to IS NULL OR prev_to = valid_from", name="linked"),
        ForeignKeyConstraint(
            ["lot_id", "location_id", "prev_to"],
            ["stock_span.lot_id", "stock_span.location_id", "stock_span.valid_to"],
            name="fk_stock_span_prev",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_stock_span_location", "location_id", "valid_to", "valid_from"),
        CLUSTERED,
    )

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id"), primary_key=True
    )
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime]
    prev_to: Mapped[datetime | None]
    quantity: Mapped[int]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)


Index(
    "uq_stock_span_first",
    StockSpan.lot_id,
    StockSpan.location_id,
    unique=True,
    sqlite_where=text("prev_to IS NULL"),
    postgresql_where=text("prev_to IS NULL"),
)
