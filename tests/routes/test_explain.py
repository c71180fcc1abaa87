from dataclasses import replace

import pytest

from routes.plan import Plan, ReasonKind, TaskKind
from routes.problem import Halt, Link, Shipment, TimeWindow
from routes.reasons.explain import explain
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


def linked(problem, *links, **others):
    return replace(problem, links=links, **others)


def left(problem, id_="v", plan=None):
    """Why `id_` is left out of a plan with nothing in it, or of `plan`."""
    found = explain(problem, Plan() if plan is None else plan)
    return next(one.reason for one in found if one.id == id_)


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ({"forbidden": frozenset({"anna", "bo"})}, "anna and bo are forbidden."),
        (
            {"allowed": frozenset({"bo"}), "forbidden": frozenset({"bo"})},
            "anna is not among those allowed and bo is forbidden.",
        ),
    ],
)
def test_names_that_keep_everybody_out_are_told(
    problem, visit, technician, others, text
):
    two = (technician("anna"), technician("bo"))

    found = left(problem(visit("v", 1, **others), technicians=two))

    assert (found.kind, found.text) == (ReasonKind.NAMES, text)


def test_a_visit_pinned_to_one_is_told_for_the_others(problem, visit, technician):
    lift = frozenset({"lift"})
    two = (technician("anna", first=("v",)), technician("bo", skills=lift))

    found = left(problem(visit("v", 1, skills=lift), technicians=two))

    assert found.text == "bo is not anna, whose route it is pinned to."


def test_an_area_where_nobody_goes_is_told(problem, visit, technician):
    anna = technician("anna", areas=frozenset({"north"}))

    found = left(problem(visit("v", 1, area="south"), technicians=(anna,)))

    assert (found.kind, found.text) == (ReasonKind.AREA, "anna does not go to south.")


def test_windows_on_none_of_the_fixed_days_are_told(problem, visit, hours):
    asked = problem(visit("v", 1, area="south", windows=(hours(9, 10),)))

    found = left(linked(asked, area_windows={"south": (hours(32, 40),)}))

    assert (found.kind, found.text) == (
        ReasonKind.FIXED_DAYS,
        "Its windows are on none of the fixed days of south: 32:00 and 40:00.",
    )


def test_work_longer_than_allowed_is_told(problem, visit, technician):
    anna = technician("anna", work_max_s=3600)

    found = left(problem(visit("v", 1, service_s=3600), technicians=(anna,)))

    assert (found.kind, found.text) == (
        ReasonKind.WORK_LIMIT,
        "Even with nothing else to do, anna would work longer than allowed.",
    )


def test_a_visit_for_two_that_one_alone_could_do_says_why_not_the_others(
    problem, visit, technician
):
    lift = frozenset({"lift"})
    two = (technician("anna", skills=lift), technician("bo"))

    found = left(problem(visit("v", 1, skills=lift, people=2), technicians=two))

    assert (found.kind, found.text) == (
        ReasonKind.TWO_PEOPLE,
        "It takes two people, and only anna could do it: bo has not the skill lift.",
    )


def test_a_link_to_what_cannot_be_done_says_why_that_cannot(problem, visit):
    asked = problem(visit("v", 1), visit("other", 1, skills=frozenset({"lift"})))

    found = left(linked(asked, Link(first="v", second="other")))

    assert (found.kind, found.text) == (
        ReasonKind.LINK,
        "It is linked with other, which cannot be done: Nobody has the skill lift.",
    )


def test_linked_visits_whose_moments_do_not_fit_are_told(problem, visit, hours):
    asked = problem(
        visit("v", 1, windows=(hours(14, 15),)),
        visit("other", 1, windows=(hours(8, 9),)),
    )

    found = left(linked(asked, Link(first="v", second="other")))

    assert found.text == (
        "The day is full: no moment was found for it together with other."
    )


def test_a_plan_that_forgot_two_people_is_told_so(problem, visit, technician):
    two = (technician("anna"), technician("bo"))

    found = left(problem(visit("v", 1, people=2), technicians=two))

    assert found.text == "Nothing hinders it: anna and bo have room for it. Plan again."


def test_a_plan_without_room_for_two_people_says_nothing_of_others(
    problem, visit, technician
):
    two = (technician("anna"), technician("bo"))
    long = visit("long", 1, service_s=7 * 3600 + 1800, priority=9)

    found = reason(
        problem(long, visit("v", 1, people=2, service_s=3600), technicians=two)
    )

    assert (found.kind, found.text) == (
        ReasonKind.TWO_PEOPLE,
        "The day is full: no moment was found for it for two people.",
    )


def test_where_those_at_work_then_lack_the_skill_that_is_what_is_told(
    problem, visit, technician, hours
):
    ecg = frozenset({"ECG"})
    two = (
        technician("anna", shift=hours(8, 12), skills=ecg),
        technician("bo", shift=hours(12, 16)),
    )
    asked = problem(
        visit("v", 1, skills=ecg, windows=(hours(14, 15),)), technicians=two
    )

    found = explain(asked, Plan(), say=lambda moment_s: f"24 Nov {moment_s // 3600}h")

    assert found[0].reason.text == (
        "Nobody at work between 24 Nov 14h and 24 Nov 15h has the skill ECG; "
        "anna works between 24 Nov 8h and 24 Nov 12h."
    )


def test_of_much_that_is_left_out_the_urgent_is_told_how_much_is_lacking(
    problem, visit, hours, monkeypatch
):
    monkeypatch.setattr("routes.solve.ROUTES_TRIED", 1)
    noon = (hours(12, 12),)
    work = (
        visit("done", 1, service_s=1200, windows=noon, priority=9),
        visit("least", 1, service_s=1200, windows=noon, priority=1),
        visit("urgent", 1, service_s=1200, windows=noon, priority=2),
    )

    plan = solve(problem(*work), time_limit_s=5, iterations=100)

    assert {one.id: one.reason.text for one in plan.unassigned} == {
        "least": "The day is full.",
        "urgent": "The day is full: with it anna, who comes closest, would be 20"
        " minutes late at some stop or at the end of the shift.",
    }


def test_one_visit_alone_is_asked_about(problem, visit):
    needs = frozenset({"lift"})
    work = problem(visit("a", 1, skills=needs), visit("b", 2, skills=needs))

    found = explain(work, Plan(routes=(), unassigned=(), cost=0), only="b")

    assert [one.id for one in found] == ["b"]
