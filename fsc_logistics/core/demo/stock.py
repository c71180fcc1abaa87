"""The demonstration's devices: kits of five, spares, and who has borrowed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from fsc_logistics.core.demo.catalogue import CENTRE, DEPOTS, SHELVES, WARDS
from fsc_logistics.core.devices.commissioning import NewDevice, add_devices
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.domain.custody import BizStep, Signature, Transfer
from fsc_logistics.domain.uids import new_uid

KITS = 300
TEMPLATE = "HOME"
PARTS = {"TAB": "TAB-A9", "OXI": "OXI-3230", "BPM": "BPM-651", "SCA": "SCA-352"}
SPARES = 60
"""Loose devices of each model: what replaces a broken one."""
LENT_TO_CITIZENS = 40
LENT_TO_WARDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What the centre owns."""

    cases: tuple[str, ...]
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """Who has a kit, and who waits for one."""

    with_kit: dict[str, str]
    """Citizen to case."""
    waiting: tuple[str, ...]
    on_wards: tuple[str, ...]
    """Cases, the wards in turn."""


def fill_devices(session: Session, by: Signature, opened: datetime) -> Stock:
    """Register kits and spares on the shelves of all depots, and build the kits."""
    shelves = _shelves()
    devices, cases = [], []
    for number in range(1, KITS + 1):
        shelf = shelves[number % len(shelves)]
        cases.append(f"KIT-{number:06}")
        devices.append(_device(cases[-1], "KIT-HOME", shelf))
        devices += [
            _device(f"{prefix}-{number:06}", model, shelf)
            for prefix, model in PARTS.items()
        ]
    for spare in range(KITS + 1, KITS + SPARES + 1):
        devices += [
            _device(f"{prefix}-{spare:06}", model, shelves[spare % len(shelves)])
            for prefix, model in PARTS.items()
        ]
    add_devices(session, devices, by, at=opened)
    add_template(
        session,
        TEMPLATE,
        name="Hjemmemonitorering",
        holds=dict.fromkeys(PARTS.values(), 1),
    )
    for number, case in enumerate(cases, 1):
        record_kit(
            session,
            [f"{prefix}-{number:06}" for prefix in PARTS],
            kit=case,
            uid=new_uid(by.record_time),
            at=opened + timedelta(hours=1),
            by=by,
            template=TEMPLATE,
        )
    return Stock(cases=tuple(cases), devices=len(devices))


def lend(
    session: Session,
    by: Signature,
    opened: datetime,
    stock: Stock,
    citizens: Sequence[str],
    random: Random,
) -> Lent:
    """Lend kits to citizens and wards, on days since the centre opened."""
    cases = list(stock.cases)
    random.shuffle(cases)
    days = max((by.record_time - opened).days - 2, 1)
    borrowers = [f"HOME-{citizen}" for citizen in citizens[:LENT_TO_CITIZENS]]
    borrowers += [f"{ward}-WARD" for ward in WARDS for _ in range(LENT_TO_WARDS // 3)]
    for case, place in zip(cases, borrowers, strict=False):
        since = opened + timedelta(days=random.randint(1, days), hours=2)
        transfer = Transfer(
            uid=new_uid(by.record_time),
            devices=(case,),
            location=place,
            event_time=since,
            biz_step=BizStep.INSTALLING,
        )
        record_transfer(session, transfer, by)
    return Lent(
        with_kit=dict(zip(citizens[:LENT_TO_CITIZENS], cases, strict=False)),
        waiting=tuple(citizens[LENT_TO_CITIZENS:]),
        on_wards=tuple(cases[LENT_TO_CITIZENS : LENT_TO_CITIZENS + LENT_TO_WARDS]),
    )


def spares_at(depot: str) -> tuple[str, ...]:
    """Return the tags of the loose devices that a depot opened with."""
    shelves = _shelves()
    return tuple(
        f"{prefix}-{spare:06}"
        for spare in range(KITS + 1, KITS + SPARES + 1)
        for prefix in PARTS
        if shelves[spare % len(shelves)].startswith(f"{depot}-")
    )


def _shelves() -> list[str]:
    return [f"{depot}-{shelf}" for depot in DEPOTS for shelf in SHELVES]


def _device(tag: str, model: str, shelf: str) -> NewDevice:
    number = tag.rpartition("-")[2]
    return NewDevice(
        device=tag,
        model=model,
        owner=CENTRE,
        location=shelf,
        serial=f"{model[:1]}{int(number) * 7919 % 10_000_000:07}",
    )
