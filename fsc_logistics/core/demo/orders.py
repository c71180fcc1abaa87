"""The demonstration's orders for one day."""

from datetime import date

from sqlalchemy.orm import Session

from fsc_logistics.core.demo.stock import Lent
from fsc_logistics.core.orders.placing import OrderTerms, Window, Wish, place_order
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours, PlanningDay
from fsc_logistics.domain.orders import Service

HOUR_S = 3600
AGREED = ((8, 10), (9, 12), (10, 11), (12, 14), (13, 15))
"""Hours some citizens have been promised."""
WITH_KIT = (
    Service.PICKUP,
    Service.REPLACE,
    Service.RE_TRAINING,
    Service.PICKUP,
    Service.CALIBRATION,
    Service.MAINTENANCE,
    Service.REPAIR,
    Service.PICKUP,
)
REQUESTERS = ("RHH", "AUH", "RHG")


def fill_orders(
    session: Session, by: Signature, lent: Lent, day: date, hours: OpeningHours
) -> int:
    """Place an order for each citizen, due on `day`; return how many.

    One citizen has not agreed that the address is passed on, and one needs a skill that
    nobody has: a plan must say so.
    """
    wishes = [
        _wish_with_kit(citizen, case, WITH_KIT[number % len(WITH_KIT)])
        for number, (citizen, case) in enumerate(lent.with_kit.items())
    ]
    wishes += [
        Wish(
            citizen=citizen,
            service=Service.INSTALL if number % 3 else Service.DELIVER,
            model="KIT-HOME",
        )
        for number, citizen in enumerate(lent.waiting)
    ]
    for number, wish in enumerate(wishes):
        terms = OrderTerms(
            earliest=day,
            latest=day,
            agreed=_window(number, day, hours),
            consent=number != len(wishes) // 2,
            skills=("ECG",) if number == len(wishes) // 3 else None,
        )
        named = Wish(
            citizen=wish.citizen,
            service=wish.service,
            model=wish.model,
            devices=wish.devices,
            requester=REQUESTERS[number % len(REQUESTERS)],
            terms=terms,
        )
        place_order(session, named, hours=hours, by=by)
    return len(wishes)


def _wish_with_kit(citizen: str, case: str, service: Service) -> Wish:
    number = case.rpartition("-")[2]
    devices: tuple[str, ...] = ()
    if service in (Service.REPLACE, Service.REPAIR):
        devices = (f"OXI-{number}",)
    return Wish(citizen=citizen, service=service, devices=devices)


def _window(number: int, day: date, hours: OpeningHours) -> Window | None:
    """Return the hours agreed with every third citizen."""
    if number % 3:
        return None
    seconds = PlanningDay(day, hours.zone)
    opens, closes = AGREED[number // 3 % len(AGREED)]
    return Window(
        opens=seconds.moment(opens * HOUR_S), closes=seconds.moment(closes * HOUR_S)
    )
