"""The second checker of rules of our own finds what a plan breaks of them."""

import copy

import pytest

from benchmarks.routes.judge import Case
from benchmarks.routes.own_check import wrong_with

TRAVEL_S, SERVICE_S = 600, 300
PLACES = 5
PROBLEM = {
    "jobs": [
        {
            "id": n,
            "location_index": n,
            "service": SERVICE_S,
            "delivery": [2],
            "pickup": [1],
        }
        for n in range(1, 5)
    ],
    "shipments": [],
    "vehicles": [
        {
            "id": id_,
            "start_index": 0,
            "end_index": 0,
            "time_window": [28800, 54000],
            "capacity": [4],
            "fsc_person": f"person {id_}",
            "fsc_reload": {"location_indexes": [0], "service": 120, "max": 1},
        }
        for id_ in (7, 8)
    ],
    "matrices": {
        "car": {
            "durations": [
                [TRAVEL_S * (a != b) for b in range(PLACES)] for a in range(PLACES)
            ]
        }
    },
    "fsc_links": [],
}


def route(vehicle, *stops):
    """Return a route that drives at once from stop to stop, from eight o'clock on."""
    clock, steps = 28800, [{"type": "start", "arrival": 28800}]
    for kind, id_, place, lasts in stops:
        clock += TRAVEL_S
        step = {"type": kind, "id": id_, "location_index": place, "arrival": clock}
        steps.append({**step, "service": lasts})
        clock += lasts
    steps.append({"type": "end", "arrival": clock + TRAVEL_S})
    return {"vehicle": vehicle, "steps": steps}


def job(number):
    return ("job", number, number, SERVICE_S)


RELOAD = ("reload", None, 0, 120)
# Job 1 begins at 29400 and 2 at 30300, 3 after the reload at 31920; 4 at 29400.
PLAN = {
    "routes": [route(7, job(1), job(2), RELOAD, job(3)), route(8, job(4))],
    "unassigned": [],
}
HOME_S = 31920 + SERVICE_S + TRAVEL_S


@pytest.fixture
def problem():
    return copy.deepcopy(PROBLEM)


def test_a_right_plan_is_right(problem):
    assert list(wrong_with(problem, PLAN)) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"fsc_forbidden": ["person 7"]}, "Job 1 is done by somebody forbidden."),
        ({"fsc_allowed": [8]}, "Job 1 is done by somebody who is not allowed."),
        ({"fsc_people": 2}, "('job', 1) is done 1 times and left out 0 times."),
        (
            {
                "time_windows": [[0, 29000]],
                "fsc_lateness": {"max": 399, "per_hour": 1},
            },
            "('job', 1) begins at 29400, outside [[0, 29399]].",
        ),
    ],
)
def test_a_rule_of_a_visit_is_read(problem, rule, sentence):
    problem["jobs"][0] |= rule

    assert list(wrong_with(problem, PLAN)) == [sentence]


def test_a_visit_may_be_as_late_as_it_may(problem):
    late = {"max": 400, "per_hour": 1}
    problem["jobs"][0] |= {"time_windows": [[0, 29000]], "fsc_lateness": late}

    assert list(wrong_with(problem, PLAN)) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"time_window": [28800, HOME_S - 1]}, f"Vehicle 7 is at home at {HOME_S}."),
        (
            {"fsc_max_work_time": HOME_S - 28801},
            f"Vehicle 7 has {HOME_S - 28800} of fsc_max_work_time {HOME_S - 28801}.",
        ),
        ({"max_tasks": 2}, "Vehicle 7 has 3 of max_tasks 2."),
        ({"max_travel_time": 2999}, "Vehicle 7 has 3000 of max_travel_time 2999."),
        ({"fsc_first": [2]}, "Vehicle 7 does not begin with what is pinned."),
        ({"fsc_last": [4]}, "Vehicle 7 does not end with what is pinned."),
        ({"capacity": [3]}, "Vehicle 7 has more of 0 than it can take."),
        ({"fsc_aboard": [1]}, "Vehicle 7 has more of 0 than it can take."),
        ({"fsc_used_capacity": [1]}, "Vehicle 7 has more of 0 than it can take."),
        (
            {"fsc_reload": {"location_indexes": [3], "service": 120}},
            "Vehicle 7 reloads where it may not.",
        ),
        (
            {"fsc_reload": {"location_indexes": [0], "service": 120, "max": 0}},
            "Vehicle 7 reloads 1 times.",
        ),
        (
            {"fsc_reload": {"location_indexes": [0], "service": 60}},
            "Vehicle 7 reloads in 120 s.",
        ),
    ],
)
def test_a_rule_of_a_vehicle_is_read(problem, rule, sentence):
    problem["vehicles"][0] |= rule

    assert list(wrong_with(problem, PLAN)) == [sentence]


@pytest.mark.parametrize(
    "rule",
    [
        {"time_window": [28800, HOME_S - 60], "fsc_overtime": 60},
        {"fsc_first": [1, 2], "fsc_last": [3]},
        {"fsc_used_capacity": [2], "fsc_aboard": [0]},
    ],
)
def test_a_rule_of_a_vehicle_that_is_kept_is_kept(problem, rule):
    problem["vehicles"][0] |= rule

    assert list(wrong_with(problem, PLAN)) == []


@pytest.mark.parametrize(
    ("link", "sentences"),
    [
        ({"least": 600}, []),
        ({"least": 601}, ["Jobs 1 and 2 are 600 s apart."]),
        ({"most": 599}, ["Jobs 1 and 2 are 600 s apart."]),
        ({"same_person": True}, []),
        (
            {"second": 4, "same_person": True},
            [
                "Jobs 1 and 4 are -300 s apart.",
                "Jobs 1 and 4 are not done by the same person.",
            ],
        ),
    ],
)
def test_a_link_is_read(problem, link, sentences):
    problem["fsc_links"] = [{"first": 1, "second": 2, **link}]

    assert list(wrong_with(problem, PLAN)) == sentences


def test_linked_visits_are_all_done_or_all_left_out(problem):
    problem["fsc_links"] = [{"first": 1, "second": 4}]
    plan = {"routes": PLAN["routes"][:1], "unassigned": [{"type": "job", "id": 4}]}

    assert list(wrong_with(problem, plan)) == [
        "Jobs 1 and 4 are linked and not both done."
    ]


def test_two_people_begin_together(problem):
    problem["jobs"][0]["fsc_people"] = 2
    together = [route(7, job(1)), route(8, job(1))]
    apart = [route(7, job(1)), route(8, job(4), job(1))]
    left = [{"type": "job", "id": n} for n in (2, 3)]
    four = {"type": "job", "id": 4}

    right = list(wrong_with(problem, {"routes": together, "unassigned": [*left, four]}))
    wrong = list(wrong_with(problem, {"routes": apart, "unassigned": left}))
    problem["vehicles"][1]["fsc_person"] = "person 7"
    alone = list(wrong_with(problem, {"routes": together, "unassigned": [*left, four]}))

    assert right == []
    assert wrong == ["Job 1 is not begun together."]
    assert alone == ["Job 1 is done by one person twice."]


def test_areas_and_their_days_are_read(problem):
    problem["jobs"][0]["fsc_area"] = "north"
    problem["fsc_area_windows"] = {"north": [[29401, 54000]]}
    problem["vehicles"][0]["fsc_areas"] = ["south"]

    found = list(wrong_with(problem, PLAN))

    assert found == [
        "Job 1 is in an area that is not its technician's.",
        "Job 1 begins at 29400, outside its area's days.",
    ]


def test_a_break_at_a_place_is_there_and_paid_or_not(problem):
    pause = {"id": 1, "service": 600, "fsc_location_index": 3, "fsc_paid": False}
    problem["vehicles"][1] |= {"breaks": [pause], "fsc_max_work_time": 2100}
    left = [{"type": "job", "id": n} for n in (1, 2, 3)]
    there, elsewhere = (
        {"routes": [route(8, job(4), ("break", 1, at, 600))], "unassigned": left}
        for at in (3, 2)
    )

    assert list(wrong_with(problem, there)) == []
    assert list(wrong_with(problem, elsewhere)) == [
        "Vehicle 8 has its break in another place."
    ]


def test_an_order_is_timed_and_priced_by_every_rule_of_our_own():
    problem = copy.deepcopy(PROBLEM)
    problem["fsc_links"] = [{"first": 1, "second": 2, "least": 3600}]
    problem["fsc_evenness_price"] = 3600
    problem["jobs"][2] |= {"fsc_preferred": ["person 8"], "fsc_preferred_price": 40}
    orders = {"7": [("job", 1), ("job", 3)], "8": [("job", 2)]}

    worth = Case(problem).worth({"routes": orders})

    assert (worth.wrong, worth.wrong_too, worth.left_out) == ((), (), 1)
    driving, uneven_s = 5 * TRAVEL_S, (TRAVEL_S + SERVICE_S) / 2
    assert worth.cost == driving + 40 + uneven_s
