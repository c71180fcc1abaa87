"""What VROOM cannot say, said in VROOM JSON."""

import json
from dataclasses import MISSING, fields, is_dataclass, replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routes.formats.document import Document
from routes.formats.own_keys import OWN, WITHIN
from routes.formats.vroom import write_problem
from routes.formats.vroom_plan import write_plan
from routes.formats.vroom_plan_reader import read_plan
from routes.formats.vroom_reader import read_problem
from routes.plan import Plan, Route, Stop, StopKind, TaskKind, Unassigned
from routes.problem import (
    ALWAYS,
    BadProblem,
    Break,
    Changes,
    Costs,
    Given,
    Halt,
    Lateness,
    Link,
    Matrix,
    Problem,
    Reload,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)

PLACES = 4
names = st.text(st.characters(codec="utf-8"), max_size=5)
spans = st.integers(0, 10**6)
prices = st.integers(0, 10**9)
limits = st.none() | spans
places = st.integers(0, PLACES - 1)
amounts = st.lists(st.integers(0, 99), max_size=3).map(tuple)
few_names = st.frozensets(names, max_size=3)


@st.composite
def windows(draw, most=2):
    moments = st.lists(st.integers(0, 10**6), unique=True, max_size=2 * most)
    found = sorted(draw(moments))
    pairs = zip(found[::2], found[1::2], strict=False)
    return tuple(TimeWindow(a, b) for a, b in pairs)


latenesses = st.none() | st.builds(Lateness, max_s=spans, per_hour=prices)
halts = st.builds(
    Halt,
    place=places,
    setup_s=spans,
    service_s=spans,
    windows=windows(),
    lateness=latenesses,
)
breaks = st.builds(
    Break,
    id=names,
    duration_s=spans,
    windows=windows(),
    place=st.none() | places,
    is_paid=st.booleans(),
)
costs = st.builds(
    Costs,
    fixed=prices,
    per_hour=prices,
    per_km=prices,
    per_work_hour=prices,
    per_overtime_hour=prices,
)
reloads = st.builds(
    Reload,
    places=st.lists(places, min_size=1, max_size=3).map(tuple),
    duration_s=spans,
    times_max=st.integers(0, 100),
    windows=windows(),
)


@st.composite
def technicians(draw, id_, pins):
    pinned = draw(st.sampled_from(["first", "last", "no"])) if pins else "no"
    shift = draw(windows(most=1))
    return Technician(
        id=id_,
        start=draw(st.none() | places),
        end=draw(st.none() | places),
        person=draw(st.none() | st.just(f"person of {id_}")),
        shift=shift[0] if shift else ALWAYS,
        overtime_max_s=draw(spans),
        breaks=tuple(draw(st.lists(breaks, unique_by=lambda one: one.id, max_size=3))),
        skills=draw(few_names),
        capacity=draw(amounts),
        used_capacity=draw(st.none() | amounts),
        aboard=draw(amounts),
        reload=draw(st.none() | reloads),
        tasks_max=draw(limits),
        travel_max_s=draw(limits),
        distance_max_m=draw(limits),
        work_max_s=draw(limits),
        areas=draw(st.none() | few_names),
        away_price=draw(st.none() | prices),
        **({pinned: pins} if pinned != "no" else {}),
        speed_factor=draw(st.floats(0.05, 5)),
        costs=draw(costs),
        profile=draw(st.sampled_from(["car", "bike"])),
    )


@st.composite
def visits(draw, id_, people):
    halt = draw(halts)
    some = st.frozensets(people, max_size=2)
    given = st.builds(Given, technician=people, begin_s=limits)
    return Visit(
        id=id_,
        **{field.name: getattr(halt, field.name) for field in fields(Halt)},
        skills=draw(few_names),
        deliver=draw(amounts),
        collect=draw(amounts),
        priority=draw(st.integers(0, 100)),
        people=draw(st.integers(1, 2)),
        area=draw(st.none() | names),
        allowed=draw(st.none() | some),
        forbidden=draw(some),
        preferred=draw(some),
        preferred_price=draw(prices),
        given=draw(st.none() | given),
    )


@st.composite
def problems(draw):
    table = st.lists(
        st.lists(spans, min_size=PLACES, max_size=PLACES).map(tuple),
        min_size=PLACES,
        max_size=PLACES,
    ).map(tuple)
    ids = draw(st.lists(names.filter(bool), unique=True, max_size=3))
    visit_ids = draw(st.lists(names, unique=True, max_size=3))
    pinned = iter(visit_ids)
    staff = tuple(draw(technicians(id_, tuple(islice(pinned, 1)))) for id_ in ids)
    known = sorted({name for one in staff for name in one.names})
    people = st.sampled_from(known) if known else None
    visited = [] if people is None else visit_ids
    pairs = [(a, b) for a in visited for b in visited if a < b]
    return Problem(
        technicians=staff,
        visits=tuple(draw(visits(id_, people)) for id_ in visited),
        shipments=tuple(
            draw(
                st.builds(
                    Shipment,
                    id=st.just(id_),
                    pickup=halts,
                    delivery=halts,
                    amount=amounts,
                    skills=few_names,
                    priority=st.integers(0, 100),
                )
            )
            for id_ in draw(st.lists(names, unique=True, max_size=2))
        ),
        matrices={
            profile: Matrix(travel_s=draw(table), distance_m=draw(table))
            for profile in ("car", "bike")
        },
        links=tuple(
            Link(
                first=a,
                second=b,
                least_s=draw(st.integers(0, 99)),
                most_s=draw(st.none() | st.integers(99, 10**6)),
                same_person=draw(st.booleans()),
            )
            for a, b in draw(st.lists(st.sampled_from(pairs), unique=True))
        )
        if pairs
        else (),
        area_windows=draw(st.dictionaries(names, windows(), max_size=2)),
        changes=draw(st.builds(Changes, per_technician=prices, per_hour=prices)),
        evenness_price=draw(prices),
    )


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(problem=problems())
def test_any_problem_written_and_read_again_is_the_same(problem):
    text = json.dumps(write_problem(Document(problem=problem)))

    again = read_problem(text)

    assert again.problem == problem
    assert json.dumps(write_problem(again)) == text


DAY = (TimeWindow(0, 36000),)
LATENESS = Lateness(max_s=600, per_hour=90)
ROAD = tuple(tuple(60 * abs(a - b) for b in range(PLACES)) for a in range(PLACES))
FULL = Problem(
    technicians=(
        Technician(
            id="anna monday",
            start=0,
            end=0,
            person="anna",
            shift=TimeWindow(0, 28800),
            overtime_max_s=3600,
            breaks=(
                Break(id="b", duration_s=1800, windows=DAY, place=2, is_paid=False),
                Break(id="a", duration_s=600),
            ),
            skills=frozenset({"lift"}),
            capacity=(4,),
            used_capacity=(2,),
            aboard=(1,),
            reload=Reload(places=(0, 3), duration_s=300, times_max=2, windows=DAY),
            tasks_max=9,
            travel_max_s=9000,
            distance_max_m=90000,
            work_max_s=30000,
            areas=frozenset({"Horsens"}),
            away_price=70,
            first=("1",),
            last=("2",),
            speed_factor=1.5,
            costs=Costs(
                fixed=1, per_hour=2, per_km=3, per_work_hour=4, per_overtime_hour=5
            ),
            profile="bike",
        ),
    ),
    visits=(
        Visit(
            id="1",
            place=1,
            setup_s=60,
            service_s=600,
            windows=DAY,
            lateness=LATENESS,
            skills=frozenset({"lift"}),
            deliver=(1,),
            collect=(1,),
            priority=5,
            people=2,
            area="Horsens",
            allowed=frozenset({"anna"}),
            forbidden=frozenset({"anna monday"}),
            preferred=frozenset({"anna"}),
            preferred_price=40,
            given=Given(technician="anna", begin_s=3600),
        ),
        Visit(id="2", place=2),
    ),
    shipments=(
        Shipment(
            id="s",
            pickup=Halt(
                place=1, setup_s=1, service_s=2, windows=DAY, lateness=LATENESS
            ),
            delivery=Halt(place=2),
            amount=(1,),
            skills=frozenset({"lift"}),
            priority=6,
        ),
    ),
    matrices={"bike": Matrix(travel_s=ROAD, distance_m=ROAD)},
    links=(Link(first="1", second="2", least_s=1, most_s=2, same_person=True),),
    area_windows={"Horsens": DAY},
    changes=Changes(per_technician=10, per_hour=20),
    evenness_price=30,
)


def parts(value):
    """Yield `value` and all dataclasses in it."""
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from parts(one)


def defaults(one):
    """Yield the fields of `one` that have a default, and it."""
    for field in fields(one):
        if field.default is not MISSING:
            yield field.name, field.default
        elif field.default_factory is not MISSING:
            yield field.name, field.default_factory()


def test_every_field_of_a_problem_is_written_and_read():
    text = json.dumps(write_problem(Document(problem=FULL)))

    assert read_problem(text).problem == FULL
    unsaid = {
        (type(one), name)
        for one in parts(FULL)
        for name, default in defaults(one)
        if getattr(one, name) == default
    }
    said = {
        (type(one), name)
        for one in parts(FULL)
        for name, default in defaults(one)
        if getattr(one, name) != default
    }
    assert unsaid <= said, "a new field: say it above, and in a key of its own"


def keys_in(value):
    if isinstance(value, dict):
        for key, under in value.items():
            yield key
            yield from keys_in(under)
    elif isinstance(value, list):
        for one in value:
            yield from keys_in(one)


def test_every_key_of_our_own_is_in_use_and_documented():
    places = {"fsc_location": 0, "locations": 0, "fsc_scale": 0}
    written = {*keys_in(write_problem(Document(problem=FULL))), *places}
    of_problems = [OWN[noun] for noun in OWN if noun not in OF_PLANS]
    docs = (Path(__file__).parents[2] / "docs" / "routes.md").read_text("utf-8")

    assert {key for keys in of_problems for key in keys} <= written
    assert {key for keys in WITHIN.values() for key in keys} <= written
    for keys in (*OWN.values(), *WITHIN.values()):
        assert [key for key in keys if f"`{key}`" not in docs] == []


OF_PLANS = ("plan", "summary", "route", "step", "left out")


def test_a_problem_of_coordinates_keeps_reloads_and_breaks_at_a_place():
    text = json.dumps(
        {
            "vehicles": [
                {
                    "id": 1,
                    "start": [9.85, 55.86],
                    "breaks": [{"id": 1, "service": 9, "fsc_location": [10.0, 56.0]}],
                    "fsc_reload": {"locations": [[9.85, 55.86], [10.2, 56.1]]},
                }
            ]
        }
    )

    found = read_problem(text)
    again = read_problem(json.dumps(write_problem(found)))

    (technician,) = found.problem.technicians
    assert technician.breaks[0].place == 1
    assert technician.reload == Reload(places=(0, 2))
    assert again == found


def test_breaks_are_taken_in_the_order_given_only_if_that_is_said():
    breaks = [
        {"id": 1, "time_windows": [[50, 60]]},
        {"id": 2, "time_windows": [[10, 20]]},
    ]

    def order(**own):
        vehicle = {"id": 1, "breaks": breaks, **own}
        text = json.dumps(
            {"vehicles": [vehicle], "matrices": {"car": {"durations": []}}}
        )
        (technician,) = read_problem(text).problem.technicians
        return [pause.id for pause in technician.breaks]

    assert order() == ["2", "1"]
    assert order(fsc_breaks_in_order=True) == ["1", "2"]


JOB = {"id": 5, "location_index": 0}
VEHICLE = {"id": 1, "start_index": 0}


def document(*, job=None, vehicle=None, **root):
    return {
        "vehicles": [{**VEHICLE, **(vehicle or {})}],
        "jobs": [{**JOB, **(job or {})}],
        "matrices": {"car": {"durations": [[0]]}},
        **root,
    }


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            document(vehicle={"fsc_overtme": 60}),
            "vehicles[0] (id 1): the key 'fsc_overtme' is not known here; "
            "fsc_overtime is.",
        ),
        (
            document(vehicle={"FSC_Overtime": 60}),
            "vehicles[0] (id 1): the key 'FSC_Overtime' is not known here; "
            "fsc_overtime is.",
        ),
        (
            document(job={"fsc_overtime": 60}),
            "jobs[0] (id 5): the key 'fsc_overtime' is not known here; "
            "it belongs to a vehicle.",
        ),
        (
            document(job={"fsc_x": 1}),
            "jobs[0] (id 5): the key 'fsc_x' is not known here.",
        ),
        (
            document(fsc_link=[]),
            "the document: the key 'fsc_link' is not known here; fsc_links is.",
        ),
        (
            document(job={"fsc_lateness": {"max": 60, "perhour": 3}}),
            "jobs[0] (id 5).fsc_lateness: the key 'perhour' is not known here; "
            "per_hour is.",
        ),
        (
            document(job={"fsc_lateness": {"per_hour": 3}}),
            "jobs[0] (id 5).fsc_lateness: max is missing.",
        ),
        (
            document(job={"fsc_lateness": {"max": -1}}),
            "jobs[0] (id 5).fsc_lateness: being late lasts less than nothing.",
        ),
        (
            document(job={"fsc_people": 3}),
            "jobs[0] (id 5): a visit is for one person or two.",
        ),
        (
            document(job={"fsc_allowed": ["nobody"]}),
            "the document: visit 5 names nobody, who is not there.",
        ),
        (
            document(vehicle={"fsc_reload": {"location_indexes": [7]}}),
            "vehicles[0] (id 1).fsc_reload: place 7 is not in the matrix of car, "
            "which has 1 places from 0 on.",
        ),
        (
            document(vehicle={"fsc_reload": {}}),
            "vehicles[0] (id 1).fsc_reload: reloading has no place.",
        ),
        (
            document(vehicle={"fsc_first": [6]}),
            "the document: there is no visit 6 to pin or link.",
        ),
        (
            document(vehicle={"breaks": [{"id": 1, "fsc_paid": 0}]}),
            "vehicles[0] (id 1).breaks[0] (id 1).fsc_paid: should be true or false.",
        ),
        (
            document(vehicle={"costs": {"fsc_per_work_hour": -1}}),
            "vehicles[0] (id 1).costs: a cost is less than nothing.",
        ),
        (
            document(fsc_links=[{"first": 5, "second": 5}]),
            "fsc_links[0]: visit 5 is linked to itself.",
        ),
        (
            document(fsc_area_windows={"Horsens": [[2, 1]]}),
            "fsc_area_windows.Horsens[0]: a time window closes before it opens.",
        ),
        (
            document(fsc_area_windows={"Horsens": [[5, 6], [1, 2]]}),
            "fsc_area_windows.Horsens: time windows overlap or are not in order.",
        ),
        (
            document(fsc_changes={"per_hour": "1"}),
            "fsc_changes.per_hour: should be a whole number.",
        ),
        (document(fsc_scale=0), "fsc_scale: should be from 1 to 1000000."),
    ],
)
def test_a_key_of_our_own_that_is_wrong_is_told_where_and_how(changed, sentence):
    with pytest.raises(BadProblem) as refused:
        read_problem(json.dumps(changed))

    assert str(refused.value) == sentence


def test_keys_of_others_are_ignored():
    theirs = document(job={"zone": 1, "f": 2}, vehicle={"colour": "red"}, weather="fog")

    assert read_problem(json.dumps(theirs)) == read_problem(json.dumps(document()))


def test_a_plan_with_reloads_and_breaks_at_a_place_is_the_same_again():
    found = Document(problem=FULL)
    plan = Plan(
        routes=(
            Route(
                technician="anna monday",
                stops=(
                    stop(StopKind.START, None, 0, 0),
                    stop(StopKind.JOB, "1", 1, 36300, late_s=300, used=(2,)),
                    stop(StopKind.BREAK, "b", 2, 36900, service_s=1800),
                    stop(StopKind.BREAK, "a", None, 38700, service_s=600),
                    stop(StopKind.RELOAD, None, 3, 39400, service_s=300),
                    stop(StopKind.END, None, 0, 40000),
                ),
                travel_s=36300 + 100 + 300,
                distance_m=60 + 60 + 60 + 180,
                service_s=600 + 1800 + 600 + 300,
                setup_s=0,
                waiting_s=0,
                cost=5,
                work_s=40000 - 1800,
                overtime_s=40000 - 28800,
                late_s=300,
            ),
        ),
        unassigned=(Unassigned(kind=TaskKind.VISIT, id="2"),),
        cost=11,
    )

    text = json.dumps(write_plan(found, plan))

    assert read_plan(text, found) == plan


def stop(kind, id_, place, arrival_s, *, service_s=None, **others):
    work_s = service_s or (600 if kind is StopKind.JOB else 0)
    return Stop(
        kind=kind,
        id=id_,
        place=place,
        arrival_s=arrival_s,
        service_start_s=arrival_s,
        departure_s=arrival_s + work_s,
        **others,
    )


def test_what_a_plan_leaves_out_is_reckoned():
    found = Document(problem=FULL)
    steps = [
        {"type": "start", "location_index": 0, "arrival": 0},
        {"type": "job", "id": "1", "arrival": 36300, "service": 600},
        {"type": "break", "id": "b", "arrival": 36960, "service": 1800},
        {"type": "end", "arrival": 38880},
    ]
    answer = {"routes": [{"vehicle": "anna monday", "cost": 5, "steps": steps}]}

    plan = read_plan(json.dumps(answer), found)

    (route,) = plan.routes
    assert route.stops[1].late_s == 300
    assert route.stops[2].place == 2
    assert (route.work_s, route.overtime_s, route.late_s) == (37080, 10080, 300)


def test_lateness_after_the_days_of_an_area_is_reckoned_too():
    days = {"Horsens": (TimeWindow(30000, 35900),)}
    found = Document(problem=replace(FULL, area_windows=days))
    steps = [{"type": "job", "id": "1", "arrival": 36100, "service": 600}]
    answer = {"routes": [{"vehicle": "anna monday", "cost": 5, "steps": steps}]}

    (route,) = read_plan(json.dumps(answer), found).routes

    assert route.late_s == 200


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (
            {"fsc_overtme": 3, "steps": []},
            "routes[0]: the key 'fsc_overtme' is not known here; fsc_overtime is.",
        ),
        (
            {"steps": [{"type": "reload", "arrival": 3}]},
            "routes[0].steps[0]: a reload without a location.",
        ),
        (
            {"steps": [{"type": "end", "arrival": 3, "fsc_late": "1"}]},
            "routes[0].steps[0].fsc_late: should be a whole number.",
        ),
    ],
)
def test_a_plan_that_is_wrong_in_our_keys_is_told_where_and_how(route, sentence):
    answer = {"routes": [{"vehicle": "anna monday", "cost": 5, **route}]}

    with pytest.raises(BadProblem) as refused:
        read_plan(json.dumps(answer), Document(problem=FULL))

    assert str(refused.value) == sentence
