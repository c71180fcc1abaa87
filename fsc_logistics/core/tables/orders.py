"""Orders, and the runs that carry them out."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key


class Order(Base):
    """What a customer wants done for a citizen; its state follows from facts."""

    __tablename__ = "service_order"
    __table_args__ = (
        CheckConstraint("earliest <= latest", name="days"),
        CheckConstraint("(agreed_from IS NULL) = (agreed_to IS NULL)", name="agreed"),
        CheckConstraint("agreed_from <= agreed_to", name="agreed_forward"),
        CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
        CheckConstraint("service_s > 0", name="service_s"),
        Index("ix_service_order_due", "earliest", "latest"),
        STRICT,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    service: Mapped[str]
    """One of the nine SSL service codes."""
    citizen_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    """Who ordered: a municipality, hospital or practice."""
    model_id: Mapped[int | None] = mapped_column(ForeignKey("device_model.id"))
    """What is wanted, until a certain device is chosen."""
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("citizen_contact.id", ondelete="SET NULL")
    )
    earliest: Mapped[date]
    latest: Mapped[date]
    agreed_from: Mapped[datetime | None]
    agreed_to: Mapped[datetime | None]
    service_s: Mapped[int]
    """How long the visit takes, set-up and training included."""
    skill: Mapped[str | None]
    priority: Mapped[int]
    consent: Mapped[bool]
    """The citizen agrees that address and contact go to the technician (SSLPCI)."""
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None]


class OrderDevice(Base):
    """A device an order brings to the citizen or fetches from them."""

    __tablename__ = "order_device"
    __table_args__ = (
        CheckConstraint("direction IN ('bring', 'fetch')", name="direction"),
        STRICT,
    )

    order_id: Mapped[int] = mapped_column(
        ForeignKey("service_order.id"), primary_key=True
    )
    device_id: Mapped[int] = mapped_column(
        ForeignKey("device.id"), primary_key=True, index=True
    )
    direction: Mapped[str]
    chosen_for_id: Mapped[int | None] = mapped_column(
        ForeignKey("run.id", ondelete="CASCADE"), index=True
    )
    """The run it was picked from stock for; none where the order names it."""


class Run(Base):
    """A route somebody drives: planned, then issued, loaded, driven and closed."""

    __tablename__ = "run"
    __table_args__ = (Unique("day", "technician_id"), STRICT)

    id: Mapped[Key]
    day: Mapped[date]
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.party_id"))
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    """The vehicle and the places it was planned with, whatever is changed later."""
    start_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    end_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    planned_at: Mapped[datetime]
    leaves: Mapped[datetime]
    returns: Mapped[datetime]
    distance_m: Mapped[int]
    travel_s: Mapped[int]
    service_s: Mapped[int]
    waiting_s: Mapped[int]
    cost: Mapped[int]
    issued_at: Mapped[datetime | None]
    loaded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class RunStop(Base):
    """A visit, or a break, in its place on a run."""

    __tablename__ = "run_stop"
    __table_args__ = (
        Unique("run_id", "position"),
        Index(
            "uq_run_stop_live",
            "order_id",
            unique=True,
            sqlite_where=text("outcome IS NULL AND order_id IS NOT NULL"),
            postgresql_where=text("outcome IS NULL AND order_id IS NOT NULL"),
        ),
        CheckConstraint("arrival <= start AND start <= departure", name="forward"),
        CheckConstraint(
            "outcome IN ('done', 'failed') OR outcome IS NULL", name="outcome"
        ),
        STRICT,
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    position: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("service_order.id"), index=True
    )
    """None for lunch."""
    arrival: Mapped[datetime]
    start: Mapped[datetime]
    departure: Mapped[datetime]
    travel_s: Mapped[int | None]
    """From the visit before, or the start, as with `distance_m`.

    None for lunch, and where it was planned before this was kept.
    """
    distance_m: Mapped[int | None]
    outcome: Mapped[str | None]
    failed_because: Mapped[str | None]


class LeftOut(Base):
    """An order the plan of a day has no room for, and why."""

    __tablename__ = "left_out"
    __table_args__ = STRICT

    day: Mapped[date] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(
        ForeignKey("service_order.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str]
    planned_at: Mapped[datetime]
