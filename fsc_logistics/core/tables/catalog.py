"""Parties, places, models, devices and the technicians' working days."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import OPEN_ENDED, STRICT, Base, Key, Moment
from fsc_logistics.core.tables.normal import normal_form


class Party(Base):
    """Whoever can own or have a device.

    Of a citizen nothing but the code stands here: personal data are in `citizen`.
    """

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'citizen' OR (name IS NULL AND phone IS NULL)",
            name="no_personal_data",
        ),
        STRICT,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    municipality_code: Mapped[str | None]
    """Four digits; who pays for a citizen's equipment follows it."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))


class Location(Base):
    """A place in the tree; a home's address and point are in `citizen`."""

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'home' OR (name IS NULL AND lat IS NULL AND lon IS NULL"
            " AND postcode IS NULL)",
            name="no_personal_data",
        ),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
        CheckConstraint("parent_id <> id", name="not_in_itself"),
        STRICT,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    """Who has what stands here; without one, the keeper of the place around it."""
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    postcode: Mapped[str | None]


class DeviceModel(Base):
    """A kind of device, as its maker sells it."""

    __tablename__ = "device_model"
    __table_args__ = (
        CheckConstraint("setup_s >= 0 AND training_s >= 0", name="no_negative_time"),
        CheckConstraint("volume_ml >= 0", name="no_negative_volume"),
        STRICT,
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    maker: Mapped[str]
    name: Mapped[str]
    gtin: Mapped[str | None] = mapped_column(unique=True)
    category: Mapped[str]
    setup_s: Mapped[int] = mapped_column(default=0)
    training_s: Mapped[int] = mapped_column(default=0)
    skill: Mapped[str | None]
    """What a technician must be able to do to set it up."""
    volume_ml: Mapped[int] = mapped_column(default=0)


class Device(Base):
    """One device under its own tag.

    `held_to` is the end of its last custody span, always open: the foreign key makes
    a device without a custodian, or one whose chain was cut short, impossible.
    """

    __tablename__ = "device"
    __table_args__ = (
        Unique("model_id", "serial"),
        CheckConstraint("held_to = 253402300799999999", name="held_for_good"),
        ForeignKeyConstraint(
            ["id", "held_to"],
            ["custody_span.device_id", "custody_span.valid_to"],
            name="fk_device_held",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        STRICT,
    )

    id: Mapped[Key]
    tag: Mapped[str] = mapped_column(unique=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("device_model.id"))
    serial: Mapped[str | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    held_to: Mapped[datetime] = mapped_column(Moment(), default=OPEN_ENDED)


class DeviceCode(Base):
    """A foreign code that also means this device."""

    __tablename__ = "device_code"
    __table_args__ = STRICT

    code: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)


class Technician(Base):
    """How a technician works: places, hours and what the vehicle holds."""

    __tablename__ = "technician"
    __table_args__ = (
        CheckConstraint("shift_from_s < shift_to_s", name="shift"),
        CheckConstraint("lunch_from_s <= lunch_to_s", name="lunch"),
        STRICT,
    )

    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    start_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    end_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    weekdays: Mapped[str]
    """ISO weekdays worked, as digits: "12345" is Monday to Friday."""
    shift_from_s: Mapped[int]
    """Seconds from local midnight, like all times of day here."""
    shift_to_s: Mapped[int]
    lunch_from_s: Mapped[int]
    """When lunch may begin at the earliest; `lunch_to_s`, at the latest."""
    lunch_to_s: Mapped[int]
    lunch_s: Mapped[int]
    """How long lunch lasts; 0 for none."""
    capacity_ml: Mapped[int]


class TechnicianSkill(Base):
    """Something a technician can do."""

    __tablename__ = "technician_skill"
    __table_args__ = STRICT

    technician_id: Mapped[int] = mapped_column(
        ForeignKey("technician.party_id"), primary_key=True
    )
    skill: Mapped[str] = mapped_column(primary_key=True)


class Absence(Base):
    """A day a technician is not at work."""

    __tablename__ = "absence"
    __table_args__ = STRICT

    technician_id: Mapped[int] = mapped_column(
        ForeignKey("technician.party_id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)


class Postcode(Base):
    """A postcode's centre, for addresses whose point is not known."""

    __tablename__ = "postcode"
    __table_args__ = STRICT

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    municipality_code: Mapped[str]
    """The municipality most of it lies in; an address may lie in another."""
    extra_s: Mapped[int] = mapped_column(default=0)
    """Added to travel into the area: a ferry and its waiting."""


Index("ix_device_model_id", Device.model_id)
Index("ix_device_tag_normal", normal_form(Device.tag))
Index("ix_device_serial_normal", normal_form(Device.serial))
Index("ix_device_code_normal", normal_form(DeviceCode.code))
Index("ix_party_normal", normal_form(Party.code))
Index("ix_location_normal", normal_form(Location.code))
_no_citizen, _no_home = text("kind <> 'citizen'"), text("kind <> 'home'")
Index(
    "ix_party_named",
    Party.code,
    sqlite_where=_no_citizen,
    postgresql_where=_no_citizen,
)
Index(
    "ix_location_named",
    Location.code,
    sqlite_where=_no_home,
    postgresql_where=_no_home,
)
