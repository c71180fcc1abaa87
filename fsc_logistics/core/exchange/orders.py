"""Orders in CSV files: out; `order_import` is how they come in."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from fsc_logistics.core.catalogue.codes import in_parts
from fsc_logistics.core.exchange.csv_files import written
from fsc_logistics.core.exchange.pages import (
    Progress,
    count,
    counted_up,
    no_progress,
    pages,
)
from fsc_logistics.core.orders.facts import is_open
from fsc_logistics.core.orders.importing import order_columns
from fsc_logistics.core.tables import Device, DeviceModel, Order, OrderDevice, Party

MINUTE_S = 60


def export_orders(
    session: Session,
    progress: Progress = no_progress,
    *,
    zone: tzinfo,
    today: date,
) -> Iterator[str]:
    """Yield the open orders as the CSV file `import_orders` reads.

    Without whom to call, which is personal, and without an earliest day that has gone
    by: there the next working day is meant.
    """
    requester = aliased(Party)
    query = (
        select(
            Order,
            Party.code.label("citizen"),
            DeviceModel.code.label("model"),
            requester.code.label("requester"),
        )
        .join(Party, Party.id == Order.citizen_id)
        .outerjoin(DeviceModel, DeviceModel.id == Order.model_id)
        .outerjoin(requester, requester.id == Order.requester_id)
        .where(is_open())
        .order_by(Order.id)
    )
    columns = order_columns(zone)
    rows = (
        [said.get(column.name) for column in columns]
        for page in pages(session, query)
        for said in _said(session, page, zone, today)
    )
    return written(columns, counted_up(rows, count(session, Order), progress))


def _said(
    session: Session, page: Sequence[Row[Any]], zone: tzinfo, today: date
) -> Iterator[dict[str, Any]]:
    named = _named_devices(session, [row.Order.id for row in page])
    for row in page:
        order: Order = row.Order
        yield {
            "citizen": row.citizen,
            "service": order.service,
            "model": row.model,
            "devices": " ".join(named.get(order.id, ())),
            "earliest": order.earliest if order.earliest >= today else None,
            "latest": order.latest,
            "agreed_from": _local(order.agreed_from, zone),
            "agreed_to": _local(order.agreed_to, zone),
            "minutes": order.service_s // MINUTE_S,
            "skills": order.skill,
            "priority": order.priority,
            "requester": row.requester,
            "consent": "yes" if order.consent else "no",
        }
        session.expunge(order)


def _named_devices(session: Session, orders: Sequence[int]) -> dict[int, list[str]]:
    """Return the tags that orders name; those chosen from stock are chosen anew."""
    found: dict[int, list[str]] = {}
    for part in in_parts(orders):
        for order, tag in session.execute(
            select(OrderDevice.order_id, Device.tag)
            .join(Device, Device.id == OrderDevice.device_id)
            .where(OrderDevice.order_id.in_(part), OrderDevice.chosen_for_id.is_(None))
            .order_by(Device.tag)
        ):
            found.setdefault(order, []).append(tag)
    return found


def _local(moment: datetime | None, zone: tzinfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).isoformat()
