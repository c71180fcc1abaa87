"""A kit to build, lend and get back in part, told as one would tell it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.listing import list_kits
from fsc_logistics.core.kits.membership import (
    change_kit,
    kit_parts,
    record_kit,
    take_apart,
)
from fsc_logistics.core.kits.returning import find_parts, return_kit
from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.kits.swap import swap_part
from fsc_logistics.core.kits.write_off import write_off
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import Device, DeviceModel, Event, EventLine, Party
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import BizStep, Signature, Transfer

LATER = datetime(2026, 12, 1, 8, tzinfo=UTC)
MORE = ("BOX-1", "BOX-2", "SCA-1", "SCA-2", "SCA-3")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed(moment=LATER, station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=moment)


def register(session):
    """Add two boxes and three scales to the shelf H-A of the small centre."""
    owner = session.scalars(select(Party).where(Party.code == "DEPOT")).one()
    models = {
        "BOX": DeviceModel(code="BOX-S", maker="Us", name="Box", category="case"),
        "SCA": DeviceModel(code="352", maker="A&D", name="Scale", category="scale"),
    }
    session.add_all(models.values())
    session.flush()
    session.add_all(
        Device(tag=tag, model_id=models[tag[:3]].id, owner_id=owner.id) for tag in MORE
    )
    session.flush()
    record_transfer(
        session,
        Transfer(
            uid="more",
            devices=MORE,
            location="H-A",
            event_time=utc("2026-01-01 08:00"),
            biz_step=BizStep.COMMISSIONING,
            condition=Condition.READY,
        ),
        signed(),
    )


@dataclass
class Kits:
    """Acts in the small centre, each under a uid of its own."""

    session: Session
    numbers: count = field(default_factory=lambda: count(1))

    def _said(self, at, uid):
        at = utc(at)
        return {"uid": uid or f"act-{next(self.numbers)}", "at": at, "by": signed()}

    def build(self, case, *parts, at="2026-02-01 08:00", uid=None, **more):
        said = self._said(at, uid)
        return record_kit(self.session, parts, kit=case, **said, **more)

    def change(self, case, *, at, **said):
        change_kit(self.session, case, at=utc(at), **said)

    def take_apart(self, case, *parts, at, uid=None):
        return take_apart(self.session, case, parts, **self._said(at, uid))

    def move(self, *devices, to, at, custodian=None, uid=None, **more):
        said = self._said(at, uid)
        transfer = Transfer(
            uid=said["uid"],
            devices=devices,
            location=to,
            custodian=custodian,
            event_time=said["at"],
        )
        return record_transfer(self.session, transfer, said["by"], **more)

    def come_back(self, case, *, at, to="H-A", uid=None, **more):
        return return_kit(self.session, case, to=to, **self._said(at, uid), **more)

    def find(self, case, *parts, at, uid=None, **more):
        return find_parts(self.session, case, parts, **self._said(at, uid), **more)

    def write_off(self, case, *parts, at, why="left in the train", uid=None, **more):
        said = self._said(at, uid)
        return write_off(self.session, case, parts, why=why, **said, **more)

    def swap(self, case, old, new, *, at, uid=None, **more):
        return swap_part(self.session, case, old, new, **self._said(at, uid), **more)

    def flag(self, device, *, at, raised=True, flag=Flag.MISSING):
        said = self._said(at, None)
        record_flag(self.session, [device], flag, raised=raised, reason="seen", **said)

    def set(self, condition, device, *, at):
        said = self._said(at, None)
        record_condition(self.session, [device], condition, reason="seen", **said)

    def held(self, device, at):
        return custody_as_of(
            self.session, find_device(self.session, device), at=utc(at)
        )

    def where(self, device, at):
        held = self.held(device, at)
        return f"{held.custodian}@{held.location}"

    def parts(self, case, at):
        return [part.device for part in kit_parts(self.session, case, at=utc(at))]

    def state(self, case, at):
        return kit_state(self.session, case, at=utc(at))

    def listed(self, *, at, **asked):
        return list(list_kits(self.session, at=utc(at), **asked))

    def wants(self, case, at):
        """Return in words what is missing and what it lacks; nothing where whole."""
        return self.state(case, at).wants()

    def event(self, uid):
        return self.session.scalars(select(Event).where(Event.uid == uid)).one()

    def lines(self, uid):
        """Return the devices an event is about, each with its kit, by tag."""
        kit = aliased(Device)
        return [
            tuple(row)
            for row in self.session.execute(
                select(Device.tag, kit.tag)
                .join(EventLine, EventLine.device_id == Device.id)
                .outerjoin(kit, kit.id == EventLine.kit_id)
                .where(EventLine.event_id == self.event(uid).id)
                .order_by(Device.tag)
            )
        ]

    def signed(self):
        return signed()

    def check(self):
        """Everything fits, and made anew it is the same."""
        assert verify(self.session).mismatches == ()
        rebuild(self.session)
        assert verify(self.session).mismatches == ()


@pytest.fixture
def kits(session):
    """The small centre, with boxes and scales, and what can be done with kits."""
    register(session)
    return Kits(session)


@pytest.fixture(name="register")
def register_fixture():
    return register


@pytest.fixture(name="signed")
def signed_fixture():
    return signed


@pytest.fixture
def at():
    """A morning of 2026, told as month and day."""
    return lambda day: utc(f"2026-{day} 08:00")


@pytest.fixture
def move():
    """Move a device as somebody at a desk would."""

    def move(session, device, *, to, at, uid, by):
        transfer = Transfer(uid=uid, devices=(device,), location=to, event_time=at)
        return record_transfer(session, transfer, by)

    return move
