"""What a kit should hold, and how it moves."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from fsc_logistics.core.tables.base import STRICT, Base, Key


class KitTemplate(Base):
    """What a kind of kit holds."""

    __tablename__ = "kit_template"
    __table_args__ = STRICT

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    moves_by: Mapped[str]
    """What must be scanned for a new kit of this kind to move: domain.kits.MovesBy."""


class KitTemplateLine(Base):
    """How many devices of a model belong into a kit of a kind."""

    __tablename__ = "kit_template_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="some"), STRICT)

    template_id: Mapped[int] = mapped_column(
        ForeignKey("kit_template.id"), primary_key=True
    )
    model_id: Mapped[int] = mapped_column(
        ForeignKey("device_model.id"), primary_key=True
    )
    quantity: Mapped[int]


class Kit(Base):
    """How the kit under a tag moves, and what it should hold.

    A case without a row here holds what it holds and moves by its case.
    """

    __tablename__ = "kit"
    __table_args__ = STRICT

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("kit_template.id"))
    moves_by: Mapped[str]
