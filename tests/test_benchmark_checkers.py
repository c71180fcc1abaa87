"""The second checkers of the benchmark of routes find what is planted."""

import copy
import json

import pytest

from benchmarks.routes import day_check, distance_check
from benchmarks.routes.distance_files import LI_LIM, SOLOMON, read
from benchmarks.routes.judge import Case

PROBLEM = {
    "jobs": [
        {
            "id": 1,
            "location_index": 1,
            "service": 600,
            "time_windows": [[36000, 37800], [43200, 45000]],
            "delivery": [2, 0],
            "pickup": [0, 1],
            "skills": [1],
            "priority": 10,
        },
        {
            "id": 2,
            "location_index": 2,
            "setup": 120,
            "service": 600,
            "delivery": [2, 0],
            "priority": 30,
        },
        {"id": 3, "location_index": 2, "setup": 120, "service": 300},
    ],
    "shipments": [
        {
            "pickup": {"id": 4, "location_index": 3, "service": 60},
            "delivery": {"id": 5, "location_index": 1, "service": 60},
            "amount": [1, 0],
        }
    ],
    "vehicles": [
        {
            "id": 7,
            "profile": "car",
            "start_index": 0,
            "end_index": 0,
            "time_window": [28800, 54000],
            "capacity": [4, 1],
            "skills": [1],
            "breaks": [{"id": 1, "service": 1800, "time_windows": [[39600, 46800]]}],
        },
        {
            "id": 8,
            "profile": "car",
            "start_index": 0,
            "end_index": 0,
            "time_window": [28800, 54000],
            "capacity": [4, 4],
        },
    ],
    "matrices": {
        "car": {
            "durations": [
                [0, 600, 900, 1200],
                [600, 0, 500, 700],
                [900, 500, 0, 400],
                [1200, 700, 400, 0],
            ]
        }
    },
}
ORDER = {
    "7": [
        ("job", 2),
        ("job", 3),
        ("pickup", 4),
        ("delivery", 5),
        ("job", 1),
    ]
}


@pytest.fixture(scope="module")
def case():
    return Case(PROBLEM)


@pytest.fixture
def plan(case):
    told, wrong = case.told({"routes": ORDER})
    assert wrong == ()
    return json.loads(json.dumps(told))


def step(plan, kind, number):
    (route,) = plan["routes"]
    found = (one for one in route["steps"] if one["type"] == kind)
    return next(one for one in found if one.get("id") == number)


def test_a_right_plan_is_right_by_both(case, plan):
    worth = case.worth({"plan": plan})

    assert (worth.wrong, worth.wrong_too) == ((), ())
    # 0 to 2, to 3, to 1 and home.
    assert worth.driving == 900 + 400 + 700 + 600
    assert (worth.priority, worth.visits, worth.left_out) == (40, 5, 0)


def forget(plan):
    plan["routes"][0]["steps"].remove(step(plan, "job", 3))


def do_twice(plan):
    plan["unassigned"].append({"id": 3, "type": "job"})


def make_up(plan):
    plan["unassigned"].append({"id": 9, "type": "job"})


def give_to_the_unskilled(plan):
    plan["routes"][0]["vehicle"] = 8


def start_outside_its_windows(plan):
    step(plan, "job", 1)["waiting_time"] += 3600


def arrive_too_early(plan):
    step(plan, "pickup", 4)["arrival"] -= 100


def leave_too_early(plan):
    steps = plan["routes"][0]["steps"]
    steps[0]["arrival"] = 28000


def come_home_too_late(plan):
    step(plan, "end", None)["arrival"] = 54001


def skip_lunch(plan):
    plan["routes"][0]["steps"].remove(step(plan, "break", 1))


def lunch_too_early(plan):
    step(plan, "break", 1)["arrival"] = 39000
    step(plan, "break", 1)["waiting_time"] = 0


def cut_lunch_short(plan):
    step(plan, "break", 1)["service"] = 60


def bring_before_fetching(plan):
    steps = plan["routes"][0]["steps"]
    a, b = (steps.index(step(plan, *one)) for one in (("pickup", 4), ("delivery", 5)))
    steps[a], steps[b] = steps[b], steps[a]


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        (forget, "('job', 3) is done 0 times and left out 0 times."),
        (do_twice, "('job', 3) is done 1 times and left out 1 times."),
        (make_up, "('job', 9) is made up."),
        (give_to_the_unskilled, "('job', 1) needs {1}."),
        (start_outside_its_windows, "outside [[36000, 37800], [43200, 45000]]."),
        (arrive_too_early, "('pickup', 4) is reached at"),
        (leave_too_early, "Vehicle 7 leaves at 28000."),
        (come_home_too_late, "Vehicle 7 is at home at 54001."),
        (skip_lunch, "Vehicle 7 takes break 1 0 times."),
        (lunch_too_early, "Vehicle 7 has break 1 at 39000."),
        (cut_lunch_short, "Vehicle 7 cuts break 1 short."),
        (bring_before_fetching, "Shipment 4 is parted or brought too early."),
    ],
)
def test_the_second_checker_finds_what_is_planted(plan, plant, sentence):
    plant(plan)

    found = list(day_check.wrong_with(PROBLEM, plan))

    assert any(sentence in one for one in found), found


def test_the_second_checker_finds_what_does_not_fit_the_car(plan):
    small = copy.deepcopy(PROBLEM)
    small["vehicles"][0]["capacity"] = [3, 1]

    assert list(day_check.wrong_with(small, plan)) == ["Vehicle 7 has 4 of 0 in it."]


def test_the_second_checker_counts_setup_once_a_place(plan):
    longer = copy.deepcopy(PROBLEM)
    longer["jobs"][1]["setup"] += 1

    (found,) = day_check.wrong_with(longer, plan)

    assert found.startswith("('job', 3) is reached at")


HEAD = "T\n\nVEHICLE\nNUMBER CAPACITY\n 2 10\n\nCUSTOMER\nCUST NO. X Y D R D S\n\n"
TOUR = "0 0 0 0 0 100 0\n1 3 4 6 0 90 5\n2 6 8 4 0 90 5\n3 0 5 4 40 60 5\n"
PAIRS = (
    "2 10 1\n0 0 0 0 0 100 0 0 0\n1 3 4 6 0 90 5 0 3\n2 6 8 5 0 90 5 0 4\n"
    "3 0 5 -6 0 90 5 1 0\n4 6 0 -5 0 90 5 2 0\n"
)


@pytest.mark.parametrize(
    ("routes", "sentences"),
    [
        ([[1, 2], [3]], []),
        ([[1], [3]], ["Customer 2 is visited 0 times."]),
        ([[1, 2], [3, 1]], ["Customer 1 is visited 2 times."]),
        ([[1, 2, 3]], ["14 in a vehicle for 10."]),
        ([[1], [2], [3]], ["3 routes for 2 vehicles."]),
        ([[2], [3, 1]], []),
        ([[1, 2], [3], []], ["3 routes for 2 vehicles."]),
    ],
)
def test_the_plain_checker_reads_a_file_of_solomon(routes, sentences):
    file = read(HEAD + TOUR, name="C101", group=SOLOMON, best=30.0)

    assert list(distance_check.wrong_with(file, routes)) == sentences


def test_the_plain_checker_waits_and_is_late():
    file = read(HEAD + TOUR, name="C101", group=SOLOMON, best=30.0)
    late = read(HEAD + TOUR.replace("100", "49"), name="C101", group=SOLOMON, best=1)

    # It waits until 40 at the third, and is home by 50.
    assert list(distance_check.wrong_with(file, [[3], [1, 2]])) == []
    assert list(distance_check.wrong_with(late, [[3], [1, 2]])) == [
        "At 0 by 50.0, which closes at 49."
    ]


def test_distances_are_cut_to_one_decimal():
    file = read(HEAD + TOUR, name="C101", group=SOLOMON, best=30.0)

    # From (3, 4) to (0, 5) it is 3.1622...
    assert distance_check.distance_of(file, [[1, 3]]) == 5 + 3.1 + 5


@pytest.mark.parametrize(
    ("routes", "sentences"),
    [
        ([[1, 3], [2, 4]], []),
        ([[1, 2, 3, 4]], ["11 in a vehicle for 10."]),
        ([[3, 1], [2, 4]], ["3 is not visited after 1 by the same vehicle."]),
        (
            [[1, 4], [2, 3]],
            [
                "1 is fetched and not brought.",
                "4 is not visited after 2 by the same vehicle.",
                "2 is fetched and not brought.",
                "3 is not visited after 1 by the same vehicle.",
            ],
        ),
    ],
)
def test_the_plain_checker_reads_a_file_of_li_and_lim(routes, sentences):
    file = read(PAIRS, name="lrc101", group=LI_LIM, best={"routes": 1, "distance": 1.0})

    assert file.kind == "RC1"
    assert list(distance_check.wrong_with(file, routes)) == sentences
