"""Whatever the problem, the plan keeps every rule and every reason is true."""

from itertools import permutations, product
from math import inf

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routes.check import cost_of, violations
from routes.drafting.insert import fits
from routes.plan import ReasonKind, StopKind, TaskKind, keys_of
from routes.problem import (
    Break,
    Costs,
    Halt,
    Matrix,
    Problem,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)
from routes.reasons.explain import explain
from routes.solve import solve
from routes.timetable.tasks import cost_of_drive, drive_of, requests_of

PLACES = 6
MINUTE_S = 60


@st.composite
def windows(draw):
    """No, one or two windows in a day of ten hours."""
    count = draw(st.sampled_from([0, 0, 2, 4]))
    row = st.lists(st.integers(0, 600), min_size=count, max_size=count, unique=True)
    moments = sorted(draw(row))
    pairs = zip(moments[::2], moments[1::2], strict=True)
    return tuple(TimeWindow(a * MINUTE_S, b * MINUTE_S) for a, b in pairs)


places = st.integers(0, PLACES - 1)
skills = st.frozensets(st.sampled_from(["lift", "nurse"]), max_size=2)
amounts = st.lists(st.integers(0, 2), max_size=2).map(tuple)
short_s = st.integers(0, 40).map(lambda minutes: minutes * MINUTE_S)
halts = st.builds(
    Halt, place=places, setup_s=short_s, service_s=short_s, windows=windows()
)


@st.composite
def visits(draw, id_):
    halt = draw(halts)
    return Visit(
        id=id_,
        place=halt.place,
        setup_s=halt.setup_s,
        service_s=halt.service_s,
        windows=halt.windows,
        skills=draw(st.one_of(st.just(frozenset()), skills)),
        deliver=draw(amounts),
        collect=draw(amounts),
        priority=draw(st.sampled_from([0, 0, 10, 100])),
    )


@st.composite
def technicians(draw, id_):
    opens = draw(st.integers(0, 120))
    closes = draw(st.one_of(st.just(600), st.integers(opens, 600)))
    ends = st.one_of(st.none(), places)
    return Technician(
        id=id_,
        start=draw(ends),
        end=draw(ends),
        shift=TimeWindow(opens * MINUTE_S, closes * MINUTE_S),
        breaks=tuple(
            Break(id=f"b{n}", duration_s=draw(short_s), windows=draw(windows()))
            for n in range(draw(st.integers(0, 2)))
        ),
        skills=draw(st.one_of(st.just(frozenset({"lift", "nurse"})), skills)),
        capacity=draw(st.tuples(st.integers(2, 9), st.integers(0, 9))),
        tasks_max=draw(st.sampled_from([None, None, None, 0, 3, 5])),
        travel_max_s=draw(st.sampled_from([None, None, 3000, 7000])),
        distance_max_m=draw(st.sampled_from([None, None, 2000, 5000])),
        speed_factor=draw(st.sampled_from([1.0, 0.7, 1.5])),
        costs=draw(
            st.builds(
                Costs,
                fixed=st.integers(0, 5000),
                per_hour=st.sampled_from([0, 3600, 500]),
                per_km=st.integers(0, 50),
            )
        ),
        profile=draw(st.sampled_from(["car", "bike"])),
    )


@st.composite
def tables(draw):
    """One-way streets, but never a detour that is shorter."""
    row = st.lists(st.integers(0, 1800), min_size=PLACES, max_size=PLACES)
    table = draw(st.lists(row, min_size=PLACES, max_size=PLACES))
    for n in range(PLACES):
        table[n][n] = 0
    for via, start, end in product(range(PLACES), repeat=3):
        through = table[start][via] + table[via][end]
        table[start][end] = min(table[start][end], through)
    return tuple(map(tuple, table))


@st.composite
def problems(draw):
    return Problem(
        technicians=tuple(
            draw(technicians(f"t{n}"))
            for n in range(draw(st.sampled_from([0, 1, 1, 2, 3])))
        ),
        visits=tuple(draw(visits(f"v{n}")) for n in range(draw(st.integers(0, 6)))),
        shipments=tuple(
            Shipment(
                id=f"s{n}",
                pickup=draw(halts),
                delivery=draw(halts),
                amount=draw(amounts),
                skills=draw(skills),
                priority=draw(st.sampled_from([0, 50])),
            )
            for n in range(draw(st.integers(0, 2)))
        ),
        matrices={
            profile: Matrix(travel_s=draw(tables()), distance_m=draw(tables()))
            for profile in ("car", "bike")
        },
    )


EMPTY = Problem(technicians=())


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(problem=problems(), seed=st.integers(0, 3))
@example(problem=EMPTY, seed=0)
def test_every_plan_keeps_every_rule_and_serves_all_there_is_room_for(problem, seed):
    plan = solve(problem, time_limit_s=1, iterations=2000, seed=seed)

    assert violations(problem, plan) == ()
    assert plan.cost == cost_of(problem, plan)
    assert not {
        one.id for one in plan.unassigned if one.reason.kind is ReasonKind.HAS_ROOM
    }
    assert explain(problem, plan) == plan.unassigned


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(problem=problems())
def test_beginning_with_a_plan_never_makes_it_worse(problem):
    first = solve(problem, time_limit_s=1, iterations=2000)

    again = solve(problem, time_limit_s=1, iterations=1, initial=keys_of(first))

    assert _badness(problem, again) <= _badness(problem, first)


def _badness(problem, plan):
    weight = {
        **{(TaskKind.VISIT, one.id): (one.priority, 1) for one in problem.visits},
        **{
            (TaskKind.SHIPMENT, one.id): (2 * one.priority, 2)
            for one in problem.shipments
        },
    }
    left = [weight[one.kind, one.id] for one in plan.unassigned]
    return sum(one[0] for one in left), sum(one[1] for one in left), plan.cost


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(problem=problems().filter(lambda one: _size(one) <= 4))
def test_small_problems_are_solved_as_well_as_by_trying_everything(problem):
    plan = solve(problem, time_limit_s=2, iterations=2000)

    assert _badness(problem, plan) == _best_badness(problem)


def _size(problem):
    many = max(0, len(problem.technicians) - 2) * 9
    return many + len(problem.visits) + 2 * len(problem.shipments)


def _best_badness(problem):
    """Everybody's best order of every share of the work, the slow and obvious way."""
    requests = requests_of(problem)
    nobody = len(problem.technicians)
    found = []
    for share in product(range(nobody + 1), repeat=len(requests)):
        cost = 0
        for n, technician in enumerate(problem.technicians):
            mine = [one for one, who in zip(requests, share, strict=True) if who == n]
            cost += _cheapest(problem, technician, mine)
        left = [one for one, who in zip(requests, share, strict=True) if who == nobody]
        priority = sum(one.priority * len(one.tasks) for one in left)
        found.append((priority, sum(len(one.tasks) for one in left), cost))
    return min(one for one in found if one[2] < inf)


def _cheapest(problem, technician, requests):
    if not requests:
        return 0
    if any(not one.skills <= technician.skills for one in requests):
        return inf
    costs = [
        cost_of_drive(technician, *drive_of(problem, technician, order))
        for order in permutations([task for one in requests for task in one.tasks])
        if _fetched_first(order) and fits(problem, technician, order)
    ]
    return min(costs, default=inf)


def _fetched_first(order):
    places = {(task.kind, task.id): n for n, task in enumerate(order)}
    return all(
        places[StopKind.PICKUP, task.id] < n
        for n, task in enumerate(order)
        if task.kind is StopKind.DELIVERY
    )
