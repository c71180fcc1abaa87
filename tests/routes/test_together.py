from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes.problem import (
    Break,
    Changes,
    Given,
    Lateness,
    Link,
    Matrix,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)
from routes.timetable.tasks import requests_of
from routes.timetable.together import routes_of, together


def orders_of(problem, **rows):
    tasks = {one.id: one.tasks[0] for one in requests_of(problem)}
    return {id_: [tasks[visit] for visit in row.split()] for id_, row in rows.items()}


def begins(problem, **rows):
    """When each visit begins, by shift and visit; None if it cannot be."""
    routes = routes_of(problem, orders_of(problem, **rows))
    return routes and {
        (id_, stop.id): stop.service_start_s
        for id_, route in routes.items()
        for stop in route.stops
        if stop.id is not None
    }


@pytest.fixture
def pair(problem, technician):
    """A problem of anna and bo, with links."""

    def make(*visits, links=(), **others):
        two = others.pop("technicians", (technician("anna"), technician("bo")))
        plain = problem(*visits, technicians=two)
        return Problem(
            technicians=two,
            visits=plain.visits,
            matrices=plain.matrices,
            links=links,
            **others,
        )

    return make


EIGHT = 8 * 3600


def test_without_ties_the_orders_come_back_untouched(pair, visit):
    asked = pair(visit("v", 1))
    orders = orders_of(asked, anna="v")

    assert together(asked, orders) is orders


def test_the_second_waits_until_the_first_is_done_on_another_route(pair, visit):
    asked = pair(
        visit("one", 10, service_s=1200),
        visit("two", 1, service_s=60),
        links=(Link(first="one", second="two", least_s=300),),
    )

    found = begins(asked, anna="one", bo="two")

    assert found["anna", "one"] == EIGHT + 600
    assert found["bo", "two"] == EIGHT + 600 + 1200 + 300


def test_the_first_is_put_off_so_that_the_second_is_not_too_late(pair, visit, hours):
    asked = pair(
        visit("one", 1, service_s=600),
        visit("two", 1, windows=(hours(12, 13),)),
        links=(Link(first="one", second="two", most_s=1800),),
    )

    found = begins(asked, anna="one", bo="two")

    assert found["bo", "two"] == 12 * 3600
    assert found["anna", "one"] == 12 * 3600 - 1800 - 600


def test_two_people_begin_at_the_same_moment(pair, visit):
    asked = pair(
        visit("heavy", 10, service_s=600, people=2),
        visit("before", 5, service_s=3600),
        visit("after", 11),
    )

    found = begins(asked, anna="heavy after", bo="before heavy")

    assert found["anna", "heavy"] == found["bo", "heavy"] == EIGHT + 600 + 3600
    assert found["anna", "after"] == EIGHT + 600 + 3600 + 600 + 60


def test_who_waits_for_the_other_leaves_home_late(pair, visit):
    asked = pair(
        visit("heavy", 10, people=2, service_s=600), visit("before", 10, service_s=3600)
    )

    routes = routes_of(asked, orders_of(asked, anna="heavy", bo="before heavy"))

    assert routes["anna"].stops[0].arrival_s == EIGHT + 3600
    assert routes["anna"].waiting_s == 0


@pytest.mark.parametrize(
    ("anna", "bo"), [("two one", ""), ("two three", "four one")], ids=["row", "ring"]
)
def test_routes_that_wait_for_each_other_are_impossible(pair, visit, anna, bo):
    asked = pair(
        *(
            visit(id_, n, service_s=60)
            for n, id_ in enumerate(("one", "two", "three", "four"), start=1)
        ),
        links=(Link(first="one", second="two"), Link(first="three", second="four")),
    )

    assert begins(asked, anna=anna, bo=bo) is None


def test_an_endless_shift_does_not_make_an_endless_search(pair, visit):
    endless = tuple(Technician(id=id_, start=0, end=0) for id_ in ("anna", "bo"))
    asked = pair(
        *(visit(id_, 1, service_s=1) for id_ in ("one", "two", "three", "four")),
        links=(Link(first="one", second="two"), Link(first="three", second="four")),
        technicians=endless,
    )

    assert begins(asked, anna="two three", bo="four one") is None


def test_a_held_visit_that_is_late_still_pays_for_it(pair, visit, hours):
    late = Lateness(max_s=7200, per_hour=60)
    asked = pair(
        visit("heavy", 10, people=2, windows=(hours(8, 9),), lateness=late),
        visit("before", 10, service_s=3600),
    )

    routes = routes_of(asked, orders_of(asked, anna="heavy", bo="before heavy"))

    assert [route.late_s for route in routes.values()] == [600, 600]
    assert routes["anna"].cost == 1200 + 10


def test_what_was_given_is_kept_where_moving_costs(pair, visit):
    given = Given(technician="anna", begin_s=10 * 3600)
    asked = pair(
        visit("one", 1, given=given),
        visit("two", 1),
        links=(Link(first="one", second="two"),),
        changes=Changes(per_hour=100),
    )

    found = begins(asked, anna="one", bo="two")

    assert found["anna", "one"] == 10 * 3600


def test_of_two_choices_where_to_pause_one_keeps_both_links(pair, visit, technician):
    pause = Break(id="lunch", duration_s=1800, windows=(TimeWindow(EIGHT, EIGHT + 60),))
    asked = pair(
        visit("one", 1),
        visit("two", 2),
        visit("other", 10, service_s=3600),
        links=(
            Link(first="other", second="one"),
            Link(first="other", second="two", least_s=60),
        ),
        technicians=(technician("anna", breaks=(pause,)), technician("bo")),
    )

    found = begins(asked, anna="one two", bo="other")

    assert found["anna", "two"] - found["anna", "one"] == 60


def test_a_break_that_fits_only_before_both_is_taken_there(
    pair, visit, technician, hours
):
    early = Break(
        id="b", duration_s=1800, windows=(TimeWindow(EIGHT, EIGHT + 30 * 60),)
    )
    asked = pair(
        visit("one", 1, service_s=1200, windows=(hours(8.5, 10),)),
        visit("two", 2),
        links=(Link(first="one", second="two", most_s=60),),
        technicians=(technician("anna", breaks=(early,)), technician("bo")),
    )

    found = begins(asked, anna="one two")

    assert found["anna", "one"] == EIGHT + 31 * 60


SPANS = st.integers(0, 3)
END = 12


@st.composite
def small_problems(draw):
    """Two technicians, four visits in minutes that are seconds, a break, some ties."""
    legs = [[0 if a == b else draw(SPANS) for b in range(5)] for a in range(5)]
    visits = []
    for n in range(1, 5):
        opens = draw(st.integers(0, 8))
        window = TimeWindow(opens, opens + draw(st.integers(0, 6)))
        visits.append(
            Visit(id=str(n), place=n, service_s=draw(SPANS), windows=(window,))
        )
    pairs = st.sampled_from([(a, b) for a, b in product("1234", repeat=2) if a != b])
    ties = draw(st.lists(pairs, min_size=1, max_size=3, unique=True))
    links = []
    for first, second in ties:
        least = draw(SPANS)
        most = draw(st.none() | st.integers(least, least + 4))
        links.append(Link(first=first, second=second, least_s=least, most_s=most))
    shift = TimeWindow(0, END)
    opens = draw(st.integers(0, 8))
    lunch = Break(
        id="lunch",
        duration_s=draw(st.integers(1, 3)),
        windows=(TimeWindow(opens, opens + draw(SPANS)),),
    )
    return Problem(
        technicians=tuple(
            Technician(id=id_, start=0, end=0, shift=shift, breaks=breaks)
            for id_, breaks in (
                ("anna", draw(st.sampled_from([(), (lunch,)]))),
                ("bo", ()),
            )
        ),
        visits=tuple(visits),
        links=tuple(links),
        matrices={"car": Matrix(travel_s=tuple(map(tuple, legs)))},
    )


def possible(problem, rows):
    """Try every moment for every visit and break: the obvious, slow way."""
    visits = {one.id: one for one in problem.visits}
    anna, bo = problem.technicians

    def arrivals(time_s, travel_s, breaks):
        yield time_s + travel_s, breaks
        for pause in breaks[:1]:
            (window,) = pause.windows
            for at in range(max(time_s, window.opens_s), window.closes_s + 1):
                yield from arrivals(
                    at + pause.duration_s, max(0, travel_s - (at - time_s)), breaks[1:]
                )

    def row_begins(row, here, time_s, breaks):
        goal = visits[row[0]].place if row else 0
        for ready, rest in arrivals(time_s, problem.travel_s(anna, here, goal), breaks):
            if not row:
                if ready <= END and not rest:
                    yield {}
                continue
            visit = visits[row[0]]
            (window,) = visit.windows
            for at in range(max(ready, window.opens_s), window.closes_s + 1):
                for later in row_begins(row[1:], goal, at + visit.service_s, rest):
                    yield {visit.id: at, **later}

    def keeps(at, link):
        done = at[link.first] + visits[link.first].service_s
        most = END if link.most_s is None else link.most_s
        return link.least_s <= at[link.second] - done <= most

    return any(
        all(keeps({**one, **other}, link) for link in problem.links)
        for one in (row_begins(rows[0], 0, 0, anna.breaks) if rows[0] else [{}])
        for other in row_begins(rows[1], 0, 0, bo.breaks)
    )


@settings(max_examples=80, deadline=None)
@given(asked=small_problems(), order=st.permutations("1234"), cut=st.integers(0, 4))
def test_ties_are_kept_wherever_that_is_possible(asked, order, cut):
    rows = order[:cut], order[cut:]
    orders = orders_of(asked, anna=" ".join(rows[0]), bo=" ".join(rows[1]))

    routes = routes_of(asked, orders)

    assert (routes is not None) == possible(asked, rows)
    if routes is not None:
        stops = [s for route in routes.values() for s in route.stops if s.kind == "job"]
        at = {stop.id: stop.service_start_s for stop in stops}
        done = {stop.id: stop.departure_s for stop in stops}
        for link in asked.links:
            between_s = at[link.second] - done[link.first]
            assert between_s >= link.least_s
            assert link.most_s is None or between_s <= link.most_s
