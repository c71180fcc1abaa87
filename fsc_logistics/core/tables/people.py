"""Personal data, apart from everything else, and who has looked at them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key


class Citizen(Base):
    """A citizen's personal data; deleting the row leaves the ledger whole."""

    __tablename__ = "citizen"
    __table_args__ = (
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
        CheckConstraint("(cpr_sealed IS NULL) = (cpr_lookup IS NULL)", name="cpr"),
        STRICT,
    )

    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("location.id"), unique=True)
    name: Mapped[str]
    address: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    phone: Mapped[str | None] = mapped_column(index=True)
    cpr_sealed: Mapped[bytes | None]
    """Encrypted; the key stands outside the database."""
    cpr_lookup: Mapped[bytes | None] = mapped_column(unique=True)
    """A keyed hash to find the number again by."""
    protected: Mapped[bool] = mapped_column(default=False)
    """Name and address protection (navne- og adressebeskyttelse)."""
    call_first: Mapped[bool] = mapped_column(default=False)
    access_notes: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    geo_quality: Mapped[str | None]


class CitizenContact(Base):
    """Somebody to call or meet instead of, or with, the citizen."""

    __tablename__ = "citizen_contact"
    __table_args__ = STRICT

    id: Mapped[Key]
    citizen_id: Mapped[int] = mapped_column(
        ForeignKey("citizen.party_id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    relation: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(index=True)


class AccessLog(Base):
    """A look at a citizen's data; added to, never changed."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_citizen_id", "citizen_id", "at"), STRICT)

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str]
    citizen_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    action: Mapped[str]
    """What was done: `show`, `find`, `print`, …"""
    purpose: Mapped[str | None]
    """What for: an order, a run; never personal data."""
