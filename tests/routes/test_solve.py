import os
import signal
import subprocess
import sys
import threading
from time import monotonic

import pytest

from routes.check import violations
from routes.plan import Plan, ReasonKind, StopKind, TaskKind, keys_of
from routes.problem import Break, Costs, Halt, Matrix, Problem, Shipment, TimeWindow
from routes.solve import solve
from routes.timetable.tasks import requests_of

HOUR_S = 3600


def planned(problem, **others):
    plan = solve(problem, **{"time_limit_s": 5, "iterations": 2000, **others})
    assert violations(problem, plan) == ()
    return plan


def served(plan, technician="anna"):
    return [id_ for _, id_ in keys_of(plan).get(technician, ())]


def test_five_visits_along_a_road_are_driven_out_and_home_once(problem, visit):
    plan = planned(problem(*(visit(f"v{n}", n) for n in (3, 1, 5, 2, 4))))

    assert plan.cost == 10 * 60
    assert len(served(plan)) == 5
    assert plan.routes[0].distance_m == 10_000


def test_nobody_leaves_before_they_must_and_nobody_comes_home_later(
    problem, visit, hours
):
    late_morning = visit("v1", 10, service_s=600, windows=(hours(11, 12),))

    (route,) = planned(problem(late_morning)).routes

    start, stop, end = route.stops
    assert start.departure_s == 11 * HOUR_S - 600
    assert (stop.arrival_s, stop.waiting_s) == (11 * HOUR_S, 0)
    assert end.arrival_s == 11 * HOUR_S + 1200


def test_work_that_missed_one_window_waits_for_the_next(problem, visit, hours):
    at_once = TimeWindow(8 * HOUR_S + 60, 8 * HOUR_S + 60)
    long = visit("long", 1, service_s=3 * HOUR_S, windows=(at_once,))
    twice = visit("twice", 2, windows=(hours(8, 9), hours(14, 15)))

    (route,) = planned(problem(long, twice)).routes

    assert [stop.id for stop in route.stops] == [None, "long", "twice", None]
    assert route.stops[2].service_start_s == 14 * HOUR_S
    assert route.waiting_s == 3 * HOUR_S - 120


def test_a_break_is_taken_in_its_window_even_on_the_road(problem, visit, technician):
    noon = TimeWindow(12 * HOUR_S, 12 * HOUR_S)
    lunch = Break(id="lunch", duration_s=1800, windows=(noon,))
    anna = technician(
        "anna", breaks=(lunch,), shift=TimeWindow(11 * HOUR_S, 16 * HOUR_S)
    )
    far = problem(visit("far", 100, service_s=60), technicians=(anna,))

    (route,) = planned(far).routes

    pause = next(stop for stop in route.stops if stop.kind is StopKind.BREAK)
    assert pause.service_start_s == 12 * HOUR_S
    assert route.travel_s == 200 * 60
    assert route.stops[-1].arrival_s - route.stops[0].departure_s == 200 * 60 + 1860


def test_nothing_comes_between_a_break_at_a_place_and_what_the_route_begins_with(
    problem, visit, technician
):
    early = Break(
        id="b",
        duration_s=60,
        place=1,
        windows=(TimeWindow(8 * HOUR_S, 8 * HOUR_S + 60),),
    )
    anna = technician("anna", end=20, breaks=(early,), first=("far",))

    plan = planned(problem(visit("far", 10), visit("near", 5), technicians=(anna,)))

    assert served(plan) == ["far", "near"]


def test_only_the_skilled_get_the_work(problem, visit, technician):
    anna, bo = technician("anna"), technician("bo", skills=frozenset({"lift"}))

    plan = planned(
        problem(visit("v", 1, skills=frozenset({"lift"})), technicians=(anna, bo))
    )

    assert (served(plan, "anna"), served(plan, "bo")) == ([], ["v"])


def test_delivered_and_collected_things_share_the_car_all_day(
    problem, visit, technician
):
    anna = technician("anna", capacity=(2,))
    work = [visit(f"out{n}", n, deliver=(1,)) for n in (1, 2)]
    work += [visit(f"in{n}", n, collect=(1,)) for n in (1, 2)]

    plan = planned(problem(*work, technicians=(anna,)))

    assert len(served(plan)) == 4
    loads = [sum(stop.load) for stop in plan.routes[0].stops]
    assert max(loads) == 2
    assert (loads[0], loads[-1]) == (2, 2)


def test_each_dimension_of_the_load_is_kept(problem, visit, technician):
    anna = technician("anna", capacity=(5, 1))
    work = [visit(f"v{n}", n, deliver=(1, 1)) for n in (1, 2)]

    plan = planned(problem(*work, technicians=(anna,)))

    assert len(served(plan)) == 1


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        ({"tasks_max": 2}, 2),
        ({"travel_max_s": 600}, 5),
        ({"distance_max_m": 6000}, 3),
        ({"tasks_max": 0}, 0),
    ],
)
def test_limits_of_tasks_driving_time_and_distance_are_kept(
    problem, visit, technician, limit, most
):
    work = [visit(f"v{n}", n) for n in range(1, 9)]

    plan = planned(problem(*work, technicians=(technician("anna", **limit),)))

    assert len(served(plan)) == most


def test_a_fast_technician_drives_every_leg_faster(problem, visit, technician):
    bo = technician("bo", speed_factor=2.0)

    plan = planned(problem(visit("v", 9), technicians=(technician("anna"), bo)))

    assert served(plan, "bo") == ["v"]
    assert plan.routes[0].travel_s == 9 * 60


def test_each_profile_has_its_own_matrix(visit, technician):
    road = ((0, 100), (100, 0))
    path = ((0, 30), (30, 0))

    plan = planned(
        Problem(
            technicians=(technician("anna"), technician("bo", profile="bike")),
            visits=(visit("v", 1),),
            matrices={"car": Matrix(travel_s=road), "bike": Matrix(travel_s=path)},
        )
    )

    assert (served(plan, "bo"), plan.cost) == (["v"], 60)


@pytest.mark.parametrize(("start", "end", "cost"), [(None, 0, 300), (0, None, 300)])
def test_an_open_start_or_end_costs_nothing(
    problem, visit, technician, start, end, cost
):
    anna = technician("anna", start=start, end=end)

    plan = planned(problem(visit("v", 5), technicians=(anna,)))

    assert plan.cost == cost


def test_with_both_ends_open_only_the_way_between_the_visits_is_driven(
    problem, visit, technician
):
    anna = technician("anna", start=None, end=None)

    plan = planned(problem(visit("a", 5), visit("b", 7), technicians=(anna,)))

    assert plan.cost == 120
    assert plan.routes[0].stops[0].place is None


def test_setup_is_counted_once_per_place(problem, visit):
    exact = TimeWindow(10 * HOUR_S, 10 * HOUR_S)
    first = visit("first", 3, setup_s=600, service_s=300, windows=(exact,))
    after = TimeWindow(10 * HOUR_S + 900, 10 * HOUR_S + 900)
    second = visit("second", 3, setup_s=600, service_s=300, windows=(after,))

    (route,) = planned(problem(first, second)).routes

    assert route.setup_s == 600
    assert [stop.setup_s for stop in route.stops] == [0, 600, 0, 0]


def test_there_is_no_setup_where_the_technician_starts(problem, visit):
    (route,) = planned(problem(visit("home", 0, setup_s=600, service_s=60))).routes

    assert (route.setup_s, route.service_s) == (0, 60)


def test_a_shipment_is_fetched_before_it_is_brought_by_the_same_car(
    problem, technician
):
    shipment = Shipment(
        id="s", pickup=Halt(place=9), delivery=Halt(place=2), amount=(1,)
    )
    bo = technician("bo", capacity=(1,))

    plan = planned(problem(shipment, technicians=(technician("anna"), bo)))

    assert keys_of(plan) == {"bo": ((StopKind.PICKUP, "s"), (StopKind.DELIVERY, "s"))}


def test_what_matters_more_is_served_first_and_then_as_much_as_possible(
    problem, visit, technician
):
    day = [visit(f"v{n}", n, service_s=3 * HOUR_S) for n in (1, 2, 3)]
    urgent = visit("urgent", 100, service_s=5 * HOUR_S, priority=1)
    anna = technician("anna", shift=TimeWindow(8 * HOUR_S, 17 * HOUR_S))

    without = planned(problem(*day, technicians=(anna,)))
    with_it = planned(problem(*day, urgent, technicians=(anna,)))

    assert sorted(served(without)) == ["v1", "v2"]
    assert served(with_it) == ["urgent"]


def test_a_visit_is_never_left_out_because_it_is_expensive(problem, visit, technician):
    dear = Costs(fixed=10**6, per_hour=10**6, per_km=10**4)
    anna = technician("anna", costs=dear)

    plan = planned(problem(visit("far", 180), technicians=(anna,)))

    assert served(plan) == ["far"]
    assert plan.cost == 10**6 + 6 * 10**6 + 360 * 10**4


def test_a_fixed_cost_keeps_the_second_technician_at_home(problem, visit, technician):
    two = [technician(one, costs=Costs(fixed=1000)) for one in ("anna", "bo")]

    plan = planned(problem(visit("a", 1), visit("b", 9), technicians=tuple(two)))

    assert len(plan.routes) == 1
    assert plan.cost == 1000 + 18 * 60


def test_times_may_count_from_any_origin(problem, visit, technician):
    epoch_s = 1_795_000_000
    window = TimeWindow(epoch_s + 100, epoch_s + 200)
    anna = technician("anna", shift=TimeWindow(epoch_s, epoch_s + 9999))

    plan = planned(problem(visit("v", 1, windows=(window,)), technicians=(anna,)))

    assert plan.routes[0].stops[1].service_start_s == epoch_s + 100


def test_no_technicians_leave_everything_out(problem, visit):
    plan = planned(problem(visit("v", 1), technicians=()))

    (left,) = plan.unassigned
    assert (left.kind, left.reason.kind) == (
        TaskKind.VISIT,
        ReasonKind.NO_TECHNICIANS,
    )


def test_nothing_to_do_is_an_empty_plan(problem):
    assert planned(problem()) == Plan()


def test_a_shift_of_no_length_serves_what_takes_no_time_at_home(
    problem, visit, technician
):
    moment = TimeWindow(8 * HOUR_S, 8 * HOUR_S)
    anna = technician("anna", shift=moment)

    plan = planned(problem(visit("here", 0), visit("there", 1), technicians=(anna,)))

    assert served(plan) == ["here"]
    assert [one.id for one in plan.unassigned] == ["there"]


def test_the_same_seed_gives_the_same_plan_when_solutions_are_counted(problem, visit):
    work = [visit(f"v{n}", (n * 37) % 101, service_s=1200) for n in range(12)]

    plans = [solve(problem(*work), time_limit_s=20, iterations=2000) for _ in "ab"]

    assert plans[0] == plans[1]


def test_an_earlier_plan_is_where_the_search_begins(problem, visit):
    work = problem(*(visit(f"v{n}", n) for n in (1, 2, 3)))
    there_and_back = {"anna": tuple((StopKind.JOB, f"v{n}") for n in (3, 2, 1))}

    plan = planned(work, initial=there_and_back, iterations=1)

    assert served(plan) == ["v3", "v2", "v1"]


def test_what_an_earlier_plan_says_of_strangers_is_passed_over(problem, visit):
    strange = {
        "anna": ((StopKind.JOB, "gone"), (StopKind.JOB, "v1")),
        "nobody": ((StopKind.JOB, "v2"),),
    }

    plan = planned(problem(visit("v1", 1), visit("v2", 2)), initial=strange)

    assert sorted(served(plan)) == ["v1", "v2"]


def test_stop_ends_the_search_with_the_best_plan_so_far(problem, visit):
    work = problem(*(visit(f"v{n}", n, service_s=60) for n in range(1, 60)))
    asked = []

    plan = solve(work, time_limit_s=60, stop=lambda: asked.append(1) or len(asked) > 5)

    assert violations(work, plan) == ()
    assert len(asked) < 60
    assert plan.routes


def test_ctrl_c_ends_the_search_with_the_best_plan_so_far(problem, visit):
    work = problem(*(visit(f"v{n}", n, service_s=60) for n in range(1, 60)))
    before = signal.getsignal(signal.SIGINT)
    timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT))
    began_s = monotonic()

    timer.start()
    plan = solve(work, time_limit_s=60)

    assert violations(work, plan) == ()
    assert plan.routes
    assert monotonic() - began_s < 50
    assert signal.getsignal(signal.SIGINT) is before


def test_progress_tells_how_good_the_best_plan_is(problem, visit):
    work = problem(*(visit(f"v{n}", n) for n in range(1, 9)))
    told = []

    plan = solve(work, time_limit_s=2, progress=told.append)

    assert told[-1].cost == plan.cost
    assert told[-1].unassigned_count == 0
    assert all(0 < one.elapsed_s < 60 for one in told)


def test_searches_side_by_side_give_the_same_plan_again(problem, visit, hours):
    work = problem(
        *(
            visit(f"v{n}", n * 7 % 50, windows=(hours(8 + n % 6, 15),))
            for n in range(20)
        )
    )

    plans = [
        solve(work, time_limit_s=60, iterations=400, threads=3, seed=seed)
        for seed in (1, 1, 2)
    ]

    assert plans[0] == plans[1]
    assert violations(work, plans[0]) == violations(work, plans[2]) == ()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("routes.problem", {"ortools", "numpy"}),
        ("routes.plan", {"ortools", "numpy"}),
        ("routes.check", {"ortools", "numpy"}),
        ("routes.formats.vroom_plan", {"ortools", "numpy"}),
        ("routes.reasons.explain", {"ortools", "numpy"}),
        ("routes.solve", {"ortools", "numpy"}),
        ("routes.travel", {"ortools"}),
        ("fsc_logistics.cli.route.group", {"ortools", "numpy", "rich", "sqlalchemy"}),
    ],
)
def test_reading_and_checking_need_no_solver(module, heavy):
    code = f"import sys, {module}; print(*{{m.split('.')[0] for m in sys.modules}})"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert not heavy & set(done.stdout.split())


def test_what_is_left_out_of_an_order_that_cannot_be_kept_is_put_where_it_fits(
    problem, visit, hours, monkeypatch
):
    asked = problem(
        visit("late", 1, windows=(hours(14, 15),)),
        visit("early", 2, windows=(hours(8, 9),)),
    )
    late, early = (request.tasks[0] for request in requests_of(asked))
    monkeypatch.setattr(
        "routes.search.orders.searched", lambda *_, **__: {"anna": [late, early]}
    )

    plan = solve(asked, time_limit_s=1)

    assert [stop.id for stop in plan.routes[0].stops[1:-1]] == ["early", "late"]
    assert plan.unassigned == ()
