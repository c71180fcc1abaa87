"""The demonstration's devices that cannot go out: come back, set apart, flagged."""

from datetime import timedelta

from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.demo.stock import Lent, spares_at
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import BizStep, Signature, Transfer
from fsc_logistics.domain.uids import new_uid

BACK = 4
"""Kits that came back from the wards the day before."""
SET_APART = (
    (Condition.CLEANING, None, 4),
    (Condition.QUARANTINE, "dropped on the floor", 2),
    (Condition.REPAIR, "battery does not charge", 2),
    (Condition.SCRAPPED, "display broken, not worth a repair", 1),
)
"""What loose devices at Aarhus wait for, why, and how many of them."""
MORNING_SPARES = 24
"""So many loose devices are scanned in the morning; the last of them is missed."""


def fill_care(session: Session, by: Signature, lent: Lent) -> None:
    """Let some kits come back, set devices apart, recall one and miss another."""
    day_before = by.record_time - timedelta(days=1)
    kits = lent.on_wards[-BACK:]
    back = Transfer(
        uid=new_uid(by.record_time),
        devices=kits,
        location="AARHUS-DOCK",
        event_time=day_before,
        biz_step=BizStep.RECEIVING,
        condition=Condition.RETURNED,
    )
    record_transfer(session, back, by)
    looked_at = day_before + timedelta(hours=2)
    for condition, kit in zip(
        (Condition.READY, Condition.CLEANING), kits, strict=False
    ):
        record_condition(
            session,
            [kit],
            condition,
            uid=new_uid(by.record_time),
            at=looked_at,
            by=by,
            with_parts=True,
        )
    spares = iter(spares_at("AARHUS"))
    for condition, reason, count in SET_APART:
        record_condition(
            session,
            [next(spares) for _ in range(count)],
            condition,
            uid=new_uid(by.record_time),
            at=looked_at,
            by=by,
            reason=reason,
        )
    flags = (
        (Flag.RECALLED, next(spares), "safety notice of the maker"),
        (Flag.MISSING, spares_at("HORSENS")[MORNING_SPARES - 1], "not at the count"),
    )
    for flag, device, reason in flags:
        record_flag(
            session,
            [device],
            flag,
            raised=True,
            uid=new_uid(by.record_time),
            at=looked_at,
            by=by,
            reason=reason,
        )
