from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes.problem import Break, Matrix, Problem, Technician, TimeWindow, Visit
from routes.timetable.schedule import late_s, route_of
from routes.timetable.tasks import requests_of

PLAIN = {"start": 0, "end": 0, "shift": TimeWindow(0, 1000)}
ROAD = Matrix(travel_s=((0, 100), (100, 0)))


def timed(technician, *visits):
    problem = Problem(technicians=(technician,), visits=visits, matrices={"car": ROAD})
    tasks = [task for request in requests_of(problem) for task in request.tasks]
    return problem, tasks, route_of(problem, technician, tasks)


def pause(opens_s, closes_s, duration_s=50, id_="b"):
    window = TimeWindow(opens_s, closes_s)
    return Break(id=id_, duration_s=duration_s, windows=(window,))


@pytest.mark.parametrize(
    ("windows", "begin_s", "leave_s"),
    [
        ((), 100, 0),
        ((TimeWindow(300, 400),), 300, 200),
        ((TimeWindow(0, 50), TimeWindow(300, 400)), 300, 200),
        ((TimeWindow(0, 100), TimeWindow(300, 400)), 100, 0),
    ],
)
def test_work_begins_in_the_first_window_that_can_be_reached(windows, begin_s, leave_s):
    anna = Technician(id="anna", **PLAIN)

    _, _, route = timed(anna, Visit(id="v", place=1, windows=windows))

    start, visit, _ = route.stops
    assert (visit.service_start_s, start.departure_s) == (begin_s, leave_s)


@pytest.mark.parametrize(
    ("break_", "arrival_s", "begin_s", "home_s"),
    [
        (pause(0, 0), 0, 0, 250),
        (pause(30, 40), 40, 40, 250),
        (pause(0, 1000), 200, 200, 250),
        (pause(700, 750), 260, 700, 750),
    ],
)
def test_a_break_falls_where_its_window_lets_it(break_, arrival_s, begin_s, home_s):
    anna = Technician(id="anna", breaks=(break_,), **PLAIN)
    now = TimeWindow(0, 160)

    _, _, route = timed(anna, Visit(id="v", place=1, windows=(now,)))

    stop = next(stop for stop in route.stops if stop.id == "b")
    assert (stop.arrival_s, stop.service_start_s) == (arrival_s, begin_s)
    assert route.stops[-1].arrival_s == home_s
    assert route.travel_s == 200


def test_two_breaks_may_interrupt_one_drive():
    breaks = (pause(20, 20, id_="b1"), pause(90, 90, id_="b2"))
    anna = Technician(id="anna", breaks=breaks, **PLAIN)

    _, _, route = timed(anna, Visit(id="v", place=1))

    assert [stop.id for stop in route.stops] == [None, "b1", "b2", "v", None]
    assert [stop.arrival_s for stop in route.stops] == [0, 20, 90, 200, 300]


def test_a_window_that_is_missed_makes_no_route_and_tells_by_how_much():
    anna = Technician(id="anna", **PLAIN)

    problem, tasks, route = timed(
        anna, Visit(id="v", place=1, windows=(TimeWindow(0, 70),))
    )

    assert route is None
    assert late_s(problem, anna, tasks) == 30


windows = st.lists(st.integers(0, 900), max_size=4, unique=True).map(
    lambda moments: tuple(
        TimeWindow(*pair) for pair in zip(*[iter(sorted(moments))] * 2, strict=False)
    )
)


@settings(deadline=None)
@given(first=windows, second=windows, rest=windows, service_s=st.integers(0, 90))
def test_no_start_serves_the_same_and_comes_home_earlier(
    first, second, rest, service_s
):
    anna = Technician(
        id="anna", breaks=(Break(id="b", duration_s=40, windows=rest),), **PLAIN
    )
    visits = (
        Visit(id="v1", place=1, service_s=service_s, windows=first),
        Visit(id="v2", place=0, windows=second),
    )

    problem, tasks, route = timed(anna, *visits)

    homes = {}
    for leave_s in range(0, 1001, 10):
        # Who must leave at one moment exactly: then no choice is left to the code.
        fixed = replace(anna, shift=TimeWindow(leave_s, 1000))
        if (other := route_of(problem, fixed, tasks)) is not None:
            homes[leave_s] = other.stops[-1].arrival_s
    if route is None:
        assert not homes
    else:
        assert route.stops[-1].arrival_s <= min(homes.values(), default=1000)
        later = [leave for leave in homes if leave > route.stops[0].departure_s]
        assert all(homes[leave] > route.stops[-1].arrival_s for leave in later)
