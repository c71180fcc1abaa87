from hypothesis import given, settings
from hypothesis import strategies as st

from routes.drafting.insert import fits, placings
from routes.plan import StopKind, TaskKind
from routes.problem import (
    Break,
    Lateness,
    Matrix,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)
from routes.timetable.row import Row
from routes.timetable.schedule import late_s
from routes.timetable.tasks import Request, Task, cost_of_drive, drive_of

SPANS = st.integers(0, 30)
MOMENTS = st.integers(0, 200)


@st.composite
def windows(draw):
    found, at = [], 0
    for _ in range(draw(st.integers(0, 2))):
        opens = at + draw(st.integers(1, 60))
        at = opens + draw(st.integers(1, 80))
        found.append(TimeWindow(opens, at))
    return tuple(found)


@st.composite
def halts(draw):
    late = draw(
        st.none() | st.integers(1, 20).map(lambda s: Lateness(max_s=s, per_hour=1))
    )
    return Visit(
        id="v",
        place=draw(st.integers(0, 3)),
        setup_s=draw(SPANS),
        service_s=draw(SPANS),
        windows=draw(windows()),
        lateness=late,
    )


@st.composite
def rows(draw):
    legs = [[0 if a == b else draw(SPANS) for b in range(4)] for a in range(4)]
    pauses = tuple(
        Break(
            id=str(n),
            duration_s=draw(SPANS),
            windows=draw(windows()),
            place=draw(st.none() | st.integers(0, 3)),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    anna = Technician(
        id="anna",
        start=draw(st.none() | st.just(0)),
        end=draw(st.none() | st.just(0)),
        shift=TimeWindow(5, 250),
        overtime_max_s=10,
        breaks=pauses,
        travel_max_s=draw(st.none() | st.integers(20, 200)),
    )
    matrix = Matrix(travel_s=tuple(map(tuple, legs)))
    problem = Problem(technicians=(anna,), matrices={"car": matrix})
    halted = draw(st.lists(halts(), max_size=4))
    tasks = [
        Task(kind=StopKind.JOB, id=str(n), halt=halt) for n, halt in enumerate(halted)
    ]
    return problem, anna, tasks


def request(*halted):
    kinds = (StopKind.PICKUP, StopKind.DELIVERY) if halted[1:] else (StopKind.JOB,)
    return Request(
        kind=TaskKind.SHIPMENT if halted[1:] else TaskKind.VISIT,
        id="new",
        tasks=tuple(
            Task(kind=kind, id="new", halt=halt)
            for kind, halt in zip(kinds, halted, strict=True)
        ),
        skills=frozenset(),
        priority=0,
    )


@settings(deadline=None, max_examples=120)
@given(asked=rows(), new=st.lists(halts(), min_size=1, max_size=2))
def test_a_row_tells_what_timing_the_whole_route_would(asked, new):
    problem, anna, tasks = asked
    row = Row(problem, anna, tasks)
    one = request(*new)

    places = list(row.placings(one))

    assert row.is_kept == (late_s(problem, anna, tasks) == 0)
    assert len({placing.tasks for placing in places}) == len(places)
    for placing in places:
        missed_s = late_s(problem, anna, placing.tasks)
        assert row.late_s(placing) == missed_s
        assert row.late_s(placing, below_s=20) == (missed_s if missed_s < 20 else None)
        kept = missed_s == 0
        cost = cost_of_drive(anna, *drive_of(problem, anna, placing.tasks))
        assert row.accepts(placing) == kept
        assert row.cost + placing.extra == cost
    fitting = [
        placing.tasks for placing in places if fits(problem, anna, placing.tasks)
    ]
    assert [placing.tasks for placing in placings(row, one)] == fitting
