import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.orders.changes import cancel_order, change_order
from fsc_logistics.core.orders.facts import is_open, list_orders, show_order
from fsc_logistics.core.orders.placing import (
    OrderTerms,
    Window,
    Wish,
    place_order,
)
from fsc_logistics.core.people.access import Look
from fsc_logistics.core.people.citizens import erase_citizen
from fsc_logistics.core.tables import CitizenContact, Order
from fsc_logistics.domain.day import OpeningHours, WorkingCalendar
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.orders import CLOSED, OrderState, Service

HOURS = OpeningHours(zone=ZoneInfo("Europe/Copenhagen"))
TUESDAY = date(2026, 11, 24)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=HOURS.zone)


def shown(centre, code):
    with centre.sessions.read() as session:
        return show_order(session, code, today=HOURS.day_of(centre.now))


def refusal(place, *arguments, **said):
    with pytest.raises(FscError) as caught:
        place(*arguments, **said)
    return f"{type(caught.value).__name__}: {caught.value}"


def change(centre, code, **terms):
    with centre.sessions.begin() as session:
        return change_order(
            session, code, OrderTerms(**terms), hours=HOURS, by=centre.sign()
        )


def cancel(centre, code, **said):
    said.setdefault("because", "moved away")
    with centre.sessions.begin() as session:
        return cancel_order(session, code, hours=HOURS, by=centre.sign(), **said)


def window(opens, closes):
    return Window(opens=at(opens), closes=at(closes))


def test_an_order_gets_days_minutes_and_skills_from_its_service_and_model(centre):
    centre.order("CIT-1", "INSTALL", model="SCALE")

    order = shown(centre, "ORD-000001")
    assert (order.earliest, order.latest) == (TUESDAY, date(2026, 12, 1))
    assert order.service_s == (10 + 5) * 60
    assert order.skills == ("BLE",)
    assert order.state is OrderState.PLACED


@pytest.mark.parametrize(
    ("service", "said", "latest"),
    [
        ("DELIVER", {"model": "OXI"}, date(2026, 12, 1)),
        ("REPAIR", {"devices": ("OXI-1",)}, date(2026, 11, 27)),
        ("REPLACE", {"devices": ("OXI-1",)}, date(2026, 11, 27)),
        ("PICKUP", {}, date(2026, 12, 8)),
    ],
)
def test_the_latest_day_follows_from_the_service(centre, service, said, latest):
    centre.stock("OXI", "OXI-1")
    centre.move("OXI-1", to="HOME-CIT-1")

    centre.order("CIT-1", service, **said)

    assert shown(centre, "ORD-000001").latest == latest


def test_an_order_without_consent_says_so(centre):
    answer = centre.order("CIT-1", "DELIVER", model="OXI", consent=None)

    assert answer.state is OrderState.NO_CONSENT
    assert answer.notes == (
        "It is not planned before the citizen agrees that address and contact go to"
        " the technician: fsc order change ORD-000001 --consent",
    )
    assert change(centre, "ord-000001", consent=True).state is OrderState.PLACED


def test_an_agreed_time_sets_the_days_and_outside_hours_it_is_a_note(centre):
    agreed = window("2026-11-25 17:00", "2026-11-25 18:00")

    answer = centre.order("CIT-1", "DELIVER", model="OXI", agreed=agreed)

    order = shown(centre, answer.order)
    assert (order.earliest, order.latest) == (date(2026, 11, 25), date(2026, 11, 25))
    assert answer.notes == (
        "The agreed time is outside opening hours; it is planned if somebody's shift"
        " allows it.",
    )


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"latest": date(2026, 11, 20)},
            "Refused: The latest day, 2026-11-20, has gone by; today is 2026-11-23.",
        ),
        (
            {"earliest": date(2026, 11, 26), "latest": date(2026, 11, 25)},
            "BadInput: The latest day, 2026-11-25, is before the earliest, 2026-11-26.",
        ),
        (
            {"earliest": date(2026, 11, 28), "latest": date(2026, 11, 29)},
            "Refused: Nobody works from 2026-11-28 to 2026-11-29. The next working day"
            " is 2026-11-30.",
        ),
        (
            {"agreed": window("2026-12-25 09:00", "2026-12-25 10:00")},
            "Refused: Nobody works on 2026-12-25: it is Christmas Day. The next"
            " working day is 2026-12-28.",
        ),
        (
            {"agreed": window("2026-11-20 09:00", "2026-11-20 10:00")},
            "Refused: The agreed day, 2026-11-20, has gone by; today is 2026-11-23.",
        ),
        (
            {"agreed": window("2026-11-24 10:00", "2026-11-24 09:00")},
            "BadInput: The agreed time ends before it begins.",
        ),
        (
            {"agreed": window("2026-11-24 10:00", "2026-11-25 09:00")},
            "BadInput: The agreed time begins on one day and ends on another.",
        ),
        (
            {
                "latest": date(2026, 11, 24),
                "agreed": window("2026-11-25 09:00", "2026-11-25 10:00"),
            },
            "BadInput: The latest day, 2026-11-24, is before the earliest, 2026-11-25.",
        ),
        (
            {
                "earliest": date(2026, 11, 23),
                "latest": date(2026, 11, 24),
                "agreed": window("2026-11-25 09:00", "2026-11-25 10:00"),
            },
            "Refused: The agreed day, 2026-11-25, is not between the earliest,"
            " 2026-11-23, and the latest, 2026-11-24. Change those too: --earliest,"
            " --latest",
        ),
        (
            {"minutes": 0},
            "BadInput: A visit takes from 1 to 480 minutes, not 0.",
        ),
        (
            {"earliest": date(2037, 1, 4)},
            "BadInput: The earliest day, 2037-01-04, is more than 10 years ahead.",
        ),
        (
            {"latest": date(9999, 12, 31)},
            "BadInput: The latest day, 9999-12-31, is more than 10 years ahead.",
        ),
        (
            {"agreed": window("2037-01-05 09:00", "2037-01-05 10:00")},
            "BadInput: The agreed day, 2037-01-05, is more than 10 years ahead.",
        ),
        (
            {
                "agreed": window("2026-11-24 09:00", "2026-11-24 10:00"),
                "no_agreed": True,
            },
            "BadInput: Say what is agreed, or that nothing is, not both.",
        ),
        ({"priority": 101}, "BadInput: A priority is from 0 to 100, not 101."),
    ],
)
def test_days_and_numbers_that_cannot_be_are_refused(sqlite_centre, terms, text):
    centre = sqlite_centre

    assert refusal(centre.order, "CIT-1", "DELIVER", model="OXI", **terms) == text
    with centre.sessions.read() as session:
        assert session.scalar(select(func.count(Order.id))) == 0


def test_a_day_of_our_own_is_closed_too(centre):
    calendar = WorkingCalendar(closed=frozenset({TUESDAY}))
    hours = OpeningHours(zone=HOURS.zone, calendar=calendar)
    wish = Wish(citizen="CIT-1", service=Service.DELIVER, model="OXI")

    with centre.sessions.begin() as session:
        answer = place_order(session, wish, hours=hours, by=centre.sign())

    assert shown(centre, answer.order).earliest == date(2026, 11, 25)


def test_orders_are_for_citizens_that_are_there(centre):
    order = centre.order

    assert refusal(order, "CIT-9", "DELIVER", model="OXI") == (
        "NotFound: CIT-9 is nobody this centre knows. See: fsc citizen list"
    )
    assert refusal(order, "Nancy Berggren", "DELIVER", model="OXI") == (
        "NotFound: That is nobody this centre knows. See: fsc citizen list"
    )
    assert refusal(order, "BO", "DELIVER", model="OXI") == (
        "Refused: BO is a technician; orders are for citizens. See: fsc citizen list"
    )
    assert refusal(order, "CIT-1", "DELIVER", model="TV") == (
        "NotFound: TV is no device model here. See: fsc model list"
    )
    assert refusal(order, "CIT-1", "DELIVER") == (
        "Refused: Say what to deliver: --model CODE or --device TAG"
    )
    assert refusal(order, "CIT-1", "INSTALL") == (
        "Refused: Say what to install: --model CODE or --device TAG"
    )


def test_while_an_order_is_placed_nobody_erases_the_citizen(postgresql_centre):
    centre = postgresql_centre
    wish = Wish(citizen="CIT-1", service=Service.TRAINING)
    told = []

    def erase():
        with centre.sessions.begin() as session:
            look = Look(by="DESK", at=centre.now, action="erase")
            try:
                erase_citizen(session, look, "CIT-1")
            except FscError as error:
                told.append(str(error))

    with centre.sessions.begin() as session:
        place_order(session, wish, hours=HOURS, by=centre.sign())
        other = threading.Thread(target=erase)
        other.start()
        while other.is_alive() and not centre.waits_for_a_lock():
            other.join(timeout=0.01)
    other.join()

    assert told == [
        "CIT-1 still has open orders: ORD-000001. Close or cancel them first."
    ]


def test_the_same_is_ordered_twice_only_when_that_is_said(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "TRAINING", model="OXI", latest=date(2026, 11, 25))
    later = {"earliest": date(2026, 11, 26)}

    again = refusal(centre.order, "CIT-1", "TRAINING", model="OXI")

    assert again == (
        "Refused: CIT-1 has ORD-000001 open for the same. To order it all the same:"
        " --again"
    )
    for citizen, service, said in (
        ("CIT-2", "TRAINING", {"model": "OXI"}),
        ("CIT-1", "RE-TRAINING", {"model": "OXI"}),
        ("CIT-1", "TRAINING", {"model": "SCALE"}),
        ("CIT-1", "TRAINING", {}),
        ("CIT-1", "TRAINING", {"model": "OXI", **later}),
        ("CIT-1", "DELIVER", {"devices": ("OXI-1",)}),
        ("CIT-1", "DELIVER", {"model": "OXI"}),
        ("CIT-1", "TRAINING", {"model": "OXI", "again": True}),
    ):
        centre.order(citizen, service, **said)
    with centre.sessions.read() as session:
        assert session.scalar(select(func.count(Order.id))) == 9


def test_what_is_overdue_is_open_whatever_its_days_were(centre):
    centre.order("CIT-1", "TRAINING", latest=TUESDAY)
    centre.now += timedelta(days=7)

    again = refusal(centre.order, "CIT-1", "TRAINING")
    cancel(centre, "ORD-000001")

    assert again.startswith("Refused: CIT-1 has ORD-000001 open for the same.")
    assert centre.order("CIT-1", "TRAINING").state is OrderState.PLACED


def test_what_is_brought_is_ready_on_a_shelf_and_promised_to_nobody(centre):
    centre.stock("OXI", "OXI-1", "OXI-2", "OXI-3", "OXI-4", "OXI-5", "OXI-6")
    centre.move("OXI-2", to="HOME-CIT-2")
    centre.move("OXI-3", to="VAN-BO")
    centre.say("OXI-4", "quarantine")
    centre.say("OXI-5", "scrapped")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",))

    def text(tag, citizen="CIT-1"):
        return refusal(centre.order, citizen, "DELIVER", devices=(tag,))

    assert text("OXI-1") == "Refused: OXI-1 is promised to ORD-000001 already."
    assert text("OXI-2", "CIT-2") == "Refused: OXI-2 is with CIT-2 already."
    assert text("OXI-2") == (
        "Refused: OXI-2 is with CIT-2 and cannot be brought to CIT-1. Order its pickup"
        " first: fsc order place CIT-2 PICKUP --device OXI-2"
    )
    assert text("OXI-3") == (
        "Refused: OXI-3 is at VAN-BO, not on one of our shelves. Put it away first:"
        " fsc move OXI-3 --to SHELF"
    )
    assert text("OXI-4") == (
        "Refused: OXI-4 is not ready to go out: it is in quarantine."
        " See: fsc history OXI-4"
    )
    assert text("OXI-5") == (
        "Refused: OXI-5 is scrapped and cannot be brought to anyone."
        " See: fsc history OXI-5"
    )
    assert centre.order("CIT-1", "DELIVER", devices=("OXI-6",)).order == "ORD-000002"


@pytest.mark.parametrize(
    ("condition", "flag", "said"),
    [
        ("returned", None, "returned"),
        ("cleaning", None, "being cleaned"),
        ("repair", "recalled", "recalled and in repair"),
        ("ready", "missing", "missing"),
    ],
)
def test_what_is_not_ready_or_flagged_is_promised_to_nobody(
    centre, condition, flag, said
):
    centre.stock("OXI", "OXI-1")
    centre.say("OXI-1", condition)
    if flag is not None:
        centre.flag("OXI-1", flag)

    text = refusal(centre.order, "CIT-1", "DELIVER", devices=("OXI-1",))

    assert text == (
        f"Refused: OXI-1 is not ready to go out: it is {said}. See: fsc history OXI-1"
    )


def test_a_kit_with_an_unfit_part_is_promised_to_nobody(centre):
    centre.stock("CASE", "CASE-1")
    centre.stock("OXI", "OXI-1")
    centre.kit("CASE-1", "OXI-1")
    centre.flag("OXI-1", "recalled")

    text = refusal(centre.order, "CIT-1", "DELIVER", devices=("CASE-1",))

    assert text == (
        "Refused: CASE-1 is not ready to go out: its part OXI-1 is recalled."
        " See: fsc history OXI-1"
    )


def test_a_kit_goes_out_whose_unfit_part_stays_somewhere_else(centre):
    centre.stock("CASE", "CASE-1")
    centre.stock("OXI", "OXI-1")
    centre.kit("CASE-1", "OXI-1")
    centre.say("OXI-1", "repair")
    centre.move("OXI-1", to="VAN-BO")

    assert centre.order("CIT-1", "DELIVER", devices=("CASE-1",)).order == "ORD-000001"


def test_only_what_the_citizen_has_is_fetched(centre):
    centre.stock("OXI", "OXI-1", "OXI-2")
    centre.move("OXI-1", to="HOME-CIT-1")

    def text(service, *devices):
        return refusal(centre.order, "CIT-1", service, devices=devices)

    assert text("PICKUP", "OXI-2") == (
        "Refused: OXI-2 is not with CIT-1: DEPOT has it, at A-1."
        " See: fsc holdings CIT-1"
    )
    assert text("REPAIR") == (
        "Refused: Say which device REPAIR is about: --device TAG."
        " See: fsc holdings CIT-1"
    )
    assert text("TRAINING", "OXI-1") == (
        "Refused: TRAINING brings nothing and fetches nothing. Name the model it is"
        " about: --model CODE"
    )
    assert refusal(centre.order, "CIT-2", "PICKUP") == (
        "Refused: CIT-2 has no device that could be fetched."
    )
    centre.order("CIT-1", "PICKUP")
    assert shown(centre, "ORD-000001").fetch == ("OXI-1",)
    assert text("PICKUP", "OXI-1") == (
        "Refused: OXI-1 is to be fetched by ORD-000001 already."
    )


def test_a_device_and_a_model_are_not_brought_at_once(centre):
    centre.stock("OXI", "OXI-1")

    assert refusal(
        centre.order, "CIT-1", "DELIVER", model="Nancy", devices=("OXI-1",)
    ) == ("Refused: OXI-1 is a certain device: leave out --model.")


def test_who_has_a_device_decides_which_way_a_replacement_goes(centre):
    centre.stock("OXI", "OXI-1", "OXI-2")
    centre.move("OXI-1", to="HOME-CIT-1")

    centre.order("CIT-1", "REPLACE", devices=("OXI-2", "OXI-1"))

    order = shown(centre, "ORD-000001")
    assert (order.bring, order.fetch, order.model) == (("OXI-2",), ("OXI-1",), None)


def test_what_replaces_a_device_is_of_its_model(centre):
    centre.stock("OXI", "OXI-1")
    centre.move("OXI-1", to="HOME-CIT-1")

    centre.order("CIT-1", "REPLACE", devices=("OXI-1",))

    assert shown(centre, "ORD-000001").model == "OXI"


def test_an_order_is_delivered_when_the_ledger_says_so_and_stays_so(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",))
    states = [shown(centre, "ORD-000001").state]
    centre.now += timedelta(hours=1)

    for place in ("VAN-BO", "HOME-CIT-1", "A-1"):
        centre.now += timedelta(hours=1)
        centre.move("OXI-1", to=place)
        states.append(shown(centre, "ORD-000001").state)

    assert states == ["placed", "placed", "done", "done"]


def test_a_device_the_citizen_had_when_it_was_ordered_has_not_been_brought(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",))

    centre.now += timedelta(hours=1)
    centre.move("OXI-1", to="HOME-CIT-1", event_time=centre.now - timedelta(hours=2))
    centre.move("OXI-1", to="A-1")

    assert shown(centre, "ORD-000001").state is OrderState.PLACED


def test_a_fetched_device_closes_its_pickup_and_may_be_promised_again(centre):
    centre.stock("OXI", "OXI-1")
    centre.move("OXI-1", to="HOME-CIT-1")
    centre.order("CIT-1", "PICKUP")

    centre.now += timedelta(hours=1)
    centre.move("OXI-1", to="A-1")
    centre.say("OXI-1", "ready")

    assert shown(centre, "ORD-000001").state is OrderState.DONE
    assert centre.order("CIT-2", "DELIVER", devices=("OXI-1",)).state == "placed"


def test_an_order_that_was_not_carried_out_in_time_is_overdue(centre):
    centre.order("CIT-1", "DELIVER", model="OXI")

    centre.now += timedelta(days=30)

    assert shown(centre, "ORD-000001").state is OrderState.OVERDUE


def test_a_cancelled_order_frees_its_devices_and_cannot_be_changed(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",))

    answer = cancel(centre, "ORD-000001")

    assert answer.state is OrderState.CANCELLED
    assert shown(centre, "ORD-000001").cancelled_because == "moved away"
    assert centre.order("CIT-2", "DELIVER", devices=("OXI-1",)).state == "placed"
    assert refusal(change, centre, "ORD-000001", minutes=5) == (
        "Refused: ORD-000001 was cancelled on 2026-11-23 and cannot be changed. Place a"
        " new one: fsc order place"
    )


def test_a_reason_keeps_no_personal_number(centre):
    centre.order("CIT-1", "TRAINING")

    cancel(centre, "ORD-000001", because="asked by 020160 9995, (0201609995).")

    kept = shown(centre, "ORD-000001").cancelled_because
    assert kept == "asked by 020160-****, (020160-****)."


def test_a_done_order_cannot_be_cancelled(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",))
    centre.now += timedelta(hours=1)
    centre.move("OXI-1", to="HOME-CIT-1")

    assert refusal(cancel, centre, "ORD-000001") == (
        "Refused: ORD-000001 is done and cannot be cancelled."
        " See: fsc order show ORD-000001"
    )


def test_what_is_said_of_an_order_can_be_changed(centre, contact):
    centre.order("CIT-1", "DELIVER", model="OXI", contact=contact())

    change(
        centre,
        "ORD-000001",
        minutes=40,
        skills=("lift", "BLE"),
        priority=90,
        latest=date(2026, 12, 4),
        contact=contact(relation="daughter"),
    )

    order = shown(centre, "ORD-000001")
    assert (order.service_s, order.skills, order.priority) == (
        2400,
        ("BLE", "LIFT"),
        90,
    )
    assert (order.earliest, order.latest) == (TUESDAY, date(2026, 12, 4))
    with centre.sessions.read() as session:
        assert session.scalars(select(CitizenContact.relation)).all() == ["daughter"]


@pytest.mark.parametrize("field", ["name", "relation"])
def test_a_contact_must_not_hold_a_cpr_number(centre, contact, field):
    said = contact(**{field: "her son, 020160-9995"})

    with pytest.raises(BadInput, match="must not hold a CPR number"):
        centre.order("CIT-1", "DELIVER", model="OXI", contact=said)


def test_days_that_contradict_what_is_agreed_are_refused(centre):
    agreed = window("2026-11-27 09:00", "2026-11-27 10:00")
    centre.order("CIT-1", "TRAINING", earliest=TUESDAY, agreed=agreed)

    assert refusal(change, centre, "ORD-000001", latest=date(2026, 11, 25)) == (
        "Refused: The agreed day, 2026-11-27, is not between the earliest, 2026-11-24,"
        " and the latest, 2026-11-25. Agree anew, or take the agreement away:"
        " --agreed, --no-agreed"
    )
    change(centre, "ORD-000001", latest=date(2026, 11, 25), no_agreed=True)
    order = shown(centre, "ORD-000001")
    assert (order.agreed_from, order.agreed_to) == (None, None)
    assert order.latest == date(2026, 11, 25)


def test_an_agreement_that_has_gone_by_binds_nobody(centre):
    agreed = window("2026-11-24 09:00", "2026-11-24 10:00")
    centre.order("CIT-1", "TRAINING", agreed=agreed, latest=date(2026, 11, 27))
    centre.now += timedelta(days=2)

    change(centre, "ORD-000001", earliest=date(2026, 11, 26))

    assert shown(centre, "ORD-000001").earliest == date(2026, 11, 26)


def test_a_change_that_says_nothing_is_told_so(centre):
    centre.order("CIT-1", "DELIVER", model="OXI")

    assert refusal(change, centre, "ORD-000001") == (
        "BadInput: Nothing is said that could be changed. See: fsc order change --help"
    )
    assert refusal(change, centre, "ORD-7", minutes=5) == (
        "NotFound: ORD-7 is no order of this centre. See: fsc order list"
    )
    assert refusal(change, centre, "Nancy Berggren", minutes=5) == (
        "NotFound: That is no order of this centre. See: fsc order list"
    )


def test_what_the_database_calls_open_is_what_the_rule_calls_open(centre):
    centre.stock("OXI", *(f"OXI-{number}" for number in range(8)))
    centre.move("OXI-0", "OXI-1", "OXI-2", to="HOME-CIT-1")
    centre.now += timedelta(minutes=1)
    for said in (
        {"service": "TRAINING"},
        {"service": "RE-TRAINING", "consent": False},
        {"service": "DELIVER", "devices": ("OXI-3",)},
        {"service": "DELIVER", "devices": ("OXI-4", "OXI-5")},
        {"service": "REPLACE", "devices": ("OXI-0",)},
        {"service": "REPLACE", "devices": ("OXI-1", "OXI-6")},
        {"service": "PICKUP", "devices": ("OXI-2",)},
        {"service": "DELIVER", "model": "OXI"},
    ):
        centre.order("CIT-1", **said)
    cancel(centre, "ORD-000008")

    for tag, place in (
        ("OXI-3", "HOME-CIT-1"),
        ("OXI-4", "HOME-CIT-1"),
        ("OXI-0", "A-1"),
        ("OXI-1", "A-1"),
        ("OXI-6", "HOME-CIT-1"),
        ("OXI-2", "VAN-BO"),
        ("OXI-5", "HOME-CIT-2"),
    ):
        centre.now += timedelta(minutes=1)
        centre.move(tag, to=place)
        with centre.sessions.read() as session:
            by_rule = {
                row.order
                for row in list_orders(session, today=TUESDAY)
                if row.state not in CLOSED
            }
            by_database = set(session.scalars(select(Order.code).where(is_open())))
        assert by_database == by_rule

    # Of the fourth only one of two was brought; the fifth waits for what replaces it.
    assert by_rule == {"ORD-000001", "ORD-000002", "ORD-000004", "ORD-000005"}


def test_lists_keep_what_is_asked_for(centre):
    centre.order("CIT-1", "DELIVER", model="OXI")
    centre.order("CIT-2", "TRAINING", earliest=date(2026, 12, 7))
    centre.order("CIT-2", "DELIVER", model="OXI", consent=False)

    def codes(**said):
        with centre.sessions.read() as session:
            today = HOURS.day_of(centre.now)
            return [row.order for row in list_orders(session, today=today, **said)]

    assert codes() == ["ORD-000001", "ORD-000003", "ORD-000002"]
    assert codes(citizen="cit-2") == ["ORD-000003", "ORD-000002"]
    assert codes(states=[OrderState.NO_CONSENT]) == ["ORD-000003"]
    assert codes(day=date(2026, 12, 8)) == ["ORD-000002"]
    assert codes(citizen="CIT-3") == []
    assert refusal(codes, citizen="NOBODY") == (
        "NotFound: NOBODY is nobody this centre knows. See: fsc citizen list"
    )
