from datetime import date
from itertools import product

import pytest

from fsc_logistics.domain.orders import (
    WORK,
    OrderFacts,
    OrderState,
    RunState,
    Service,
    Urgency,
    order_state,
    service_time_s,
    urgency_on,
    visit_priority,
)

TODAY = date(2026, 11, 24)


def state(**facts):
    return order_state(OrderFacts(**{"today": TODAY, "latest": TODAY, **facts}))


def test_every_service_of_the_national_interface_has_its_work():
    assert set(WORK) == set(Service)
    assert {s.value for s in Service if WORK[s].brings} == {
        "DELIVER",
        "INSTALL",
        "REPLACE",
    }
    assert {s.value for s in Service if WORK[s].fetches} == {
        "REPAIR",
        "REPLACE",
        "PICKUP",
    }


@pytest.mark.parametrize(
    ("service", "minutes"),
    [("DELIVER", 10), ("INSTALL", 45), ("RE-TRAINING", 35), ("REPLACE", 30)],
)
def test_a_visit_takes_what_the_service_does_with_the_model(service, minutes):
    took_s = service_time_s(Service(service), setup_s=900, training_s=1200)

    assert took_s == minutes * 60


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, OrderState.PLACED),
        ({"consent": False}, OrderState.NO_CONSENT),
        ({"latest": date(2026, 11, 23)}, OrderState.OVERDUE),
        ({"failed": True}, OrderState.FAILED),
        ({"failed": True, "latest": date(2026, 11, 23)}, OrderState.OVERDUE),
        ({"run": RunState.PLANNED}, OrderState.PLANNED),
        ({"run": RunState.ISSUED}, OrderState.ISSUED),
        ({"run": RunState.LOADED, "failed": True}, OrderState.UNDERWAY),
        ({"run": RunState.LOADED, "handed_over": True}, OrderState.DONE),
        ({"visited": True}, OrderState.DONE),
        ({"cancelled": True, "consent": False}, OrderState.CANCELLED),
    ],
)
def test_the_state_of_an_order_follows_from_facts(facts, expected):
    assert state(**facts) is expected


@pytest.mark.parametrize(
    ("earliest", "latest", "agreed", "expected"),
    [
        (23, 27, None, Urgency.OPEN),
        (24, 24, None, Urgency.LAST_DAY),
        (20, 23, None, Urgency.OVERDUE),
        (25, 27, None, None),
        (23, 27, 24, Urgency.AGREED),
        (24, 24, 24, Urgency.AGREED),
        (23, 27, 25, None),
        (20, 27, 23, Urgency.OPEN),
        (20, 23, 21, Urgency.OVERDUE),
    ],
)
def test_an_order_is_due_within_its_days_and_when_it_was_agreed(
    earliest, latest, agreed, expected
):
    def november(day):
        return None if day is None else date(2026, 11, day)

    found = urgency_on(
        TODAY,
        earliest=november(earliest),
        latest=november(latest),
        agreed=november(agreed),
    )

    assert found is expected


def test_urgency_outweighs_any_priority_and_priority_counts_within_it():
    ranked = [
        visit_priority(urgency, priority)
        for urgency, priority in product(Urgency, (0, 50, 100))
    ]

    assert ranked == sorted(set(ranked))
    assert 0 <= ranked[0] <= ranked[-1] <= 100
