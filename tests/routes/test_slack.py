from dataclasses import replace

import pytest

from routes.changes.by_hand import NotPossible
from routes.changes.slack import slack
from routes.drafting.draft import Board
from routes.plan import StopKind
from routes.problem import Link


def drafted(problem, **rows):
    board = Board(problem)
    orders = {
        id_: tuple(board.task_of[StopKind.JOB, name] for name in row.split())
        for id_, row in rows.items()
    }
    return board.draft(orders)


@pytest.fixture
def two(technician):
    return (technician("anna"), technician("bo", skills=frozenset({"x"})))


def test_slack_is_what_the_tightest_later_stop_leaves(problem, visit, hours, two):
    asked = problem(
        visit("a", 10, service_s=600),
        visit("b", 20, windows=(hours(8, 10),)),
        technicians=two,
    )

    found = slack(drafted(asked, anna="a b"), "a")

    latest_s = 10 * 3600 - 600 - 600
    assert found.begin_s + found.later_s == latest_s


def test_without_windows_the_end_of_the_shift_is_what_there_is(problem, visit, two):
    asked = problem(visit("a", 10, service_s=600), technicians=two)

    found = slack(drafted(asked, anna="a"), "a")

    assert found.begin_s + found.later_s == 16 * 3600 - 600 - 600


def test_a_visit_costs_its_detour_and_elsewhere_the_difference(problem, visit, two):
    asked = problem(
        visit("near", 5),
        visit("far", 30),
        visit("x", 5, skills=frozenset({"x"})),
        technicians=two,
    )

    found = slack(drafted(asked, anna="near far", bo="x"), "far")

    assert found.saved == 2 * 25 * 60
    assert found.elsewhere == {"bo": 0}
    mine = slack(drafted(asked, anna="near far", bo="x"), "x")
    assert mine.elsewhere == {"anna": None}


def test_what_waits_for_it_limits_it(problem, visit, hours, two):
    asked = replace(
        problem(
            visit("one", 1, service_s=600),
            visit("two", 1, windows=(hours(8, 9),)),
            technicians=two,
        ),
        links=(Link(first="one", second="two"),),
    )

    found = slack(drafted(asked, anna="one", bo="two"), "one")

    assert found.begin_s + found.later_s == 9 * 3600 - 600


def test_what_is_left_out_has_no_slack(problem, visit, two):
    with pytest.raises(NotPossible, match=r"Visit a is not in the plan\."):
        slack(drafted(problem(visit("a", 1), technicians=two)), "a")
