"""What a count says of each device, once it has ended."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.ledger.states import covers
from fsc_logistics.core.scanning.counting import Count, devices_within
from fsc_logistics.core.tables import (
    CustodySpan,
    Kit,
    KitSpan,
    Stocktake,
    StocktakeLine,
)
from fsc_logistics.domain.counting import Packed, Result, found_with_kit
from fsc_logistics.domain.kits import MovesBy


def settle_lines(
    session: Session, count: Count, at: datetime
) -> tuple[list[int], int, int]:
    """Write down what is missing; return it, and how many were found and strays.

    Missing is only what lay there all the time: somebody has seen since what came,
    went or was put elsewhere after the count began.
    """
    here = devices_within(count.location, at)
    now = set(session.scalars(here))
    all_the_time = set(
        session.scalars(here.where(CustodySpan.valid_from <= count.begun_at))
    )
    lines = session.execute(
        select(StocktakeLine.device_id, StocktakeLine.result).where(
            StocktakeLine.stocktake_id == count.id
        )
    )
    seen = {device: Result(result) for device, result in lines}
    # A stray that is not here any more was undone.
    gone = {d for d, result in seen.items() if result is Result.STRAY and d not in now}
    for part in in_parts(sorted(gone)):
        session.execute(
            delete(StocktakeLine).where(
                StocktakeLine.stocktake_id == count.id,
                StocktakeLine.device_id.in_(part),
            )
        )
    unseen = all_the_time - set(seen)
    packed = found_with_kit(seen, unseen, _packed(session, unseen, at))
    packed |= unseen & _seen_by_others(session, count, at)
    missing = unseen - packed
    rows = [
        {"stocktake_id": count.id, "device_id": device, "result": result.value}
        for devices, result in ((packed, Result.FOUND), (missing, Result.MISSING))
        for device in sorted(devices)
    ]
    if rows:
        session.execute(insert(StocktakeLine), rows)
    found = sum(result is Result.FOUND for result in seen.values()) + len(packed)
    strays = sum(result is Result.STRAY for result in seen.values()) - len(gone)
    return sorted(missing), found, strays


def _seen_by_others(session: Session, count: Count, at: datetime) -> set[int]:
    """Return what other counts have seen meanwhile: several may go through a place."""
    return set(
        session.scalars(
            select(StocktakeLine.device_id)
            .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
            .where(
                Stocktake.id != count.id,
                Stocktake.begun_at <= at,
                Stocktake.seen_at >= count.begun_at,
                StocktakeLine.result != Result.MISSING.value,
            )
        )
    )


def _packed(
    session: Session, devices: Collection[int], at: datetime
) -> Sequence[Packed]:
    """Return the parts of each kit that one of `devices` belongs to or is."""
    found: set[Packed] = set()
    for batch in in_parts(sorted(devices)):
        kits = select(KitSpan.kit_id).where(
            KitSpan.device_id.in_(batch), covers(KitSpan, at)
        )
        rows = session.execute(
            select(KitSpan.device_id, KitSpan.kit_id, Kit.moves_by)
            .outerjoin(Kit, Kit.device_id == KitSpan.kit_id)
            .where(
                or_(KitSpan.kit_id.in_(kits), KitSpan.kit_id.in_(batch)),
                covers(KitSpan, at),
            )
        )
        found.update(
            Packed(part, kit, MovesBy(moves or MovesBy.CASE))
            for part, kit, moves in rows
            if kit is not None
        )
    return list(found)
