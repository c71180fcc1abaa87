"""Plans in VRPLIB's solution form."""

import json

import pytest

from routes.check import violations
from routes.checking.violation import ViolationKind
from routes.formats.objective import Objective
from routes.formats.reader import read_plan, read_problem
from routes.formats.solution import distance_of, write_solution
from routes.formats.vroom_plan import write_plan
from routes.plan import Plan, TaskKind, Unassigned
from routes.problem import BadProblem

LI_LIM = """3 10 1
0 0 0 0 0 100 0 0 0
1 1 1 4 30 40 10 0 2
2 3 4 -4 0 90 10 1 0
3 0 2 1 0 20 10 0 4
4 0 1 -1 0 90 10 3 0
"""
RIGHT = "Route #1: 1 2\nRoute #2: 3 4\nCost 14.0\n"


@pytest.fixture
def document():
    return read_problem(LI_LIM, objective=Objective.DISTANCE)


def kinds(document, text):
    return {one.kind for one in violations(document.problem, read_plan(text, document))}


def test_a_right_plan_has_nothing_wrong_with_it(document):
    plan = read_plan(RIGHT, document)

    assert violations(document.problem, plan) == ()
    assert (plan.cost, distance_of(document, plan)) == (140, "14.0")
    assert plan.routes[0].stops[1].waiting_s == 300 - 14


def test_a_plan_written_and_read_again_is_the_same(document):
    plan = read_plan(RIGHT, document)

    assert write_solution(document, plan) == RIGHT
    assert read_plan(json.dumps(write_plan(document, plan)), document) == plan


@pytest.mark.parametrize(
    "text",
    [
        "Instance name : tiny\nAuthors : us\nDate : 2026\nReference : none\nSolution\n"
        "Route 1 : 1 2\r\nRoute 2 : 3 4\r\n",
        "route  #2:3   4\nRoute #1: 1 2 \nRoute #3:\ncost: 14",
    ],
)
def test_lists_of_best_plans_are_read_as_they_come(document, text):
    assert kinds(document, text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (RIGHT.replace("14.0", "13.5"), ViolationKind.COST),
        (RIGHT.replace("3 4", "4 3"), ViolationKind.SHIPMENT_ORDER),
        (RIGHT.replace("3 4", "3"), ViolationKind.SPLIT_SHIPMENT),
        ("Route #1: 1 2 3 4\n", ViolationKind.WINDOW),
        (RIGHT.replace("3 4", "3 4 9"), ViolationKind.UNKNOWN_STOP),
        (RIGHT.replace("Route #2: 3 4\n", ""), ViolationKind.FORGOTTEN),
        (RIGHT.replace("#2", "#1"), ViolationKind.TWO_ROUTES),
        (RIGHT.replace("#2", "#4"), ViolationKind.UNKNOWN_TECHNICIAN),
    ],
)
def test_what_is_wrong_with_a_plan_is_found(document, text, kind):
    assert kind in kinds(document, text)


def test_a_cost_may_be_rounded_as_best_known_ones_are():
    document = read_problem(LI_LIM)

    assert kinds(document, RIGHT.replace("14.0", "14.02")) == set()
    assert kinds(document, RIGHT.replace("14.0", "14.04")) == {ViolationKind.COST}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Route #1: 1 2\nRoute #2; 3 4\n", "line 2: 'Route #2; 3 4' is neither a route "
         "nor a cost."),
        ("Route #1: 1\nCost 3\nCost 4\n", "line 3: there is a cost already."),
        ("Route #1: 1 2222222222\n", "line 1: a number in this route is too long for "
         "a stop."),
        ("Cost 3\n", "this is no plan in a form known here: VROOM JSON, or VRPLIB's "
         "solution form."),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_where_and_how(document, text, sentence):
    with pytest.raises(BadProblem) as refused:
        read_plan(text, document)

    assert str(refused.value) == sentence


def test_a_plan_that_leaves_something_out_cannot_be_said_so(document):
    left = Unassigned(kind=TaskKind.SHIPMENT, id="1>2")

    with pytest.raises(BadProblem) as refused:
        write_solution(document, Plan(unassigned=(left,)))

    assert str(refused.value) == (
        "a solution cannot say what is left out, here 1 tasks."
    )


def test_a_plan_counted_in_other_parts_is_refused(document):
    answer = json.dumps(write_plan(document, read_plan(RIGHT, document)))

    with pytest.raises(BadProblem) as refused:
        read_plan(answer, read_problem(LI_LIM))

    assert str(refused.value) == (
        "the document: the plan counts in parts of 10, the problem of 1000: "
        "it was made for another objective."
    )


def test_solutions_are_of_benchmark_files_only():
    document = read_problem('{"vehicles": [], "matrices": {"car": {"durations": []}}}')

    with pytest.raises(BadProblem) as refused:
        read_plan(RIGHT, document)

    assert str(refused.value) == (
        "solutions in VRPLIB's form are of benchmark files only."
    )
