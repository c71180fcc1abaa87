import pytest

from routes.explain import explain
from routes.plan import Plan, ReasonKind, TaskKind
from routes.problem import Halt, Shipment, TimeWindow
from routes.solve import solve


def reason(problem, id_="v"):
    """Why `id_` is left out of a real plan, checked again from the plan alone."""
    plan = solve(problem, time_limit_s=5, iterations=2000)
    assert explain(problem, plan) == plan.unassigned
    return next(one.reason for one in plan.unassigned if one.id == id_)


def test_a_skill_nobody_has_is_named(problem, visit, technician):
    needs = frozenset({"lift", "nurse"})
    anna = technician("anna", skills=frozenset({"lift"}))

    found = reason(problem(visit("v", 1, skills=needs), technicians=(anna,)))

    assert (found.kind, found.skills) == (ReasonKind.SKILLS, frozenset({"nurse"}))
    assert found.text == "Nobody has the skill nurse."


def test_skills_nobody_has_together_are_named(problem, visit, technician):
    two = tuple(
        technician(id_, skills=frozenset({skill}))
        for id_, skill in (("anna", "lift"), ("bo", "nurse"))
    )

    found = reason(
        problem(visit("v", 1, skills=frozenset({"lift", "nurse"})), technicians=two)
    )

    assert found.text == "Nobody has all of the skills lift and nurse together."


def test_what_no_car_can_hold_is_too_big_for_those_with_the_skills(
    problem, visit, technician
):
    lift = frozenset({"lift"})
    small = technician("anna", skills=lift, capacity=(2,))
    big = technician("bo", capacity=(9,))

    found = reason(
        problem(visit("v", 1, skills=lift, deliver=(3,)), technicians=(small, big))
    )

    assert found.kind is ReasonKind.TOO_BIG
    assert found.text == "It is too big for the car of anna."


def test_a_window_outside_all_shifts_is_told_with_the_shifts(problem, visit, hours):
    found = reason(problem(visit("v", 1, windows=(hours(18, 19),))))

    assert found.kind is ReasonKind.OUTSIDE_SHIFTS
    assert found.text == (
        "It must begin between 18:00 and 19:00, and anna works between 08:00 and 16:00."
    )


def test_the_nearest_miss_is_told_in_minutes(problem, visit, technician, hours):
    two = (technician("anna"), technician("bo", start=10))

    found = reason(problem(visit("v", 40, windows=(hours(8, 8.25),)), technicians=two))

    assert (found.kind, found.technician) == (ReasonKind.OUT_OF_REACH, "bo")
    assert found.late_s == (30 - 15) * 60
    assert found.text.endswith("bo comes closest, 15 minutes late.")


@pytest.mark.parametrize(
    ("limit", "kind", "text"),
    [
        (
            {"tasks_max": 0},
            ReasonKind.TASK_LIMIT,
            "Even with nothing else to do, anna would take more tasks than allowed.",
        ),
        (
            {"travel_max_s": 599},
            ReasonKind.TRAVEL_LIMIT,
            "Even with nothing else to do, anna would drive longer than allowed.",
        ),
        (
            {"distance_max_m": 9_999},
            ReasonKind.DISTANCE_LIMIT,
            "Even with nothing else to do, anna would drive farther than allowed.",
        ),
    ],
)
def test_limits_are_told_by_name(problem, visit, technician, limit, kind, text):
    found = reason(problem(visit("v", 5), technicians=(technician("anna", **limit),)))

    assert (found.kind, found.text) == (kind, text)


def test_a_full_day_is_told_with_what_is_lacking(problem, visit):
    long = visit("long", 1, service_s=7 * 3600, priority=1)

    found = reason(problem(long, visit("v", 1, service_s=3600)))

    assert (found.kind, found.technician) == (ReasonKind.DAY_FULL, "anna")
    assert found.late_s == 120
    assert found.text == (
        "The day is full: with it anna, who comes closest, would be 2 minutes late "
        "at some stop or at the end of the shift."
    )


def test_a_full_car_is_not_told_as_lateness(problem, visit, technician):
    anna = technician("anna", capacity=(1,))
    taken = visit("taken", 1, deliver=(1,), priority=1)

    found = reason(problem(taken, visit("v", 1, deliver=(1,)), technicians=(anna,)))

    assert (found.kind, found.late_s) == (ReasonKind.DAY_FULL, None)
    assert found.text == "The day is full: no room in the car for anna."


def test_a_plan_that_forgot_something_is_told_so(problem, visit):
    forgetful = Plan()

    (left,) = explain(problem(visit("v", 1)), forgetful)

    assert left.reason.kind is ReasonKind.HAS_ROOM
    assert left.reason.text == "Nothing hinders it: anna has room for it. Plan again."


def test_a_shipment_is_explained_as_a_whole(problem, technician):
    evening = TimeWindow(18 * 3600, 19 * 3600)
    shipment = Shipment(
        id="v", pickup=Halt(place=1), delivery=Halt(place=2, windows=(evening,))
    )

    plan = solve(problem(shipment), time_limit_s=1)

    (left,) = plan.unassigned
    assert (left.kind, left.reason.kind) == (
        TaskKind.SHIPMENT,
        ReasonKind.OUTSIDE_SHIFTS,
    )
    assert left.reason.text.startswith("It must begin between 18:00 and 19:00,")
