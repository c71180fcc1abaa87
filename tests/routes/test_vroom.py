import json
from dataclasses import replace

import pytest

from routes.check import violations
from routes.checking.violation import ViolationKind
from routes.formats.vroom import Document, write_problem
from routes.formats.vroom_plan import write_plan
from routes.formats.vroom_plan_reader import read_plan
from routes.formats.vroom_reader import read_problem
from routes.plan import StopKind
from routes.problem import (
    ALWAYS,
    BadProblem,
    Break,
    Costs,
    Halt,
    Shipment,
    Technician,
    TimeWindow,
    Visit,
)
from routes.solve import solve

ROAD = [[60 * abs(a - b) for b in range(8)] for a in range(8)]
METRES = [[10 * seconds for seconds in row] for row in ROAD]
FULL = {
    "vehicles": [
        {
            "id": 7,
            "description": "van",
            "profile": "car",
            "start_index": 0,
            "end_index": 7,
            "capacity": [4, 2],
            "skills": [1, "lift"],
            "time_window": [0, 9000],
            "breaks": [
                {"id": 2, "service": 100, "time_windows": [[3000, 4000]]},
                {"id": 1, "service": 50, "description": "tea"},
            ],
            "speed_factor": 1.5,
            "max_tasks": 9,
            "max_travel_time": 5000,
            "max_distance": 70000,
            "costs": {"fixed": 10, "per_hour": 360, "per_km": 2},
            "steps": [
                {"type": "start"},
                {"type": "pickup", "id": 4},
                {"type": "delivery", "id": 5},
                {"type": "job", "id": 2},
                {"type": "end"},
            ],
        },
        {"id": "B", "start_index": 3, "speed_factor": 1.0, "profile": "car"},
    ],
    "jobs": [
        {
            "id": 1,
            "description": "first",
            "location_index": 2,
            "setup": 5,
            "service": 60,
            "delivery": [1],
            "pickup": [0, 1],
            "skills": [1],
            "priority": 10,
            "time_windows": [[0, 100], [200, 8000]],
            "an unknown key": {"is": "ignored"},
        },
        {"id": 2, "location_index": 4},
        {"id": "three", "location_index": 5, "skills": [99]},
    ],
    "shipments": [
        {
            "amount": [1],
            "skills": ["lift"],
            "priority": 3,
            "pickup": {"id": 4, "location_index": 1, "service": 30},
            "delivery": {"id": 5, "location_index": 6, "description": "door"},
        }
    ],
    "matrices": {"car": {"durations": ROAD, "distances": METRES}},
}


def document(**changes):
    return read_problem(json.dumps({**FULL, **changes}))


def test_every_key_is_read_for_what_it_means():
    found = document()

    first, second = found.problem.technicians
    assert first == Technician(
        id="7",
        start=0,
        end=7,
        shift=TimeWindow(0, 9000),
        breaks=(
            Break(id="1", duration_s=50),
            Break(id="2", duration_s=100, windows=(TimeWindow(3000, 4000),)),
        ),
        skills=frozenset({"1", "lift"}),
        capacity=(4, 2),
        tasks_max=9,
        travel_max_s=5000,
        distance_max_m=70000,
        speed_factor=1.5,
        costs=Costs(fixed=10, per_hour=360, per_km=2),
        profile="car",
    )
    assert second == Technician(id="B", start=3, end=None, shift=ALWAYS)
    assert found.problem.visits[0] == Visit(
        id="1",
        place=2,
        setup_s=5,
        service_s=60,
        windows=(TimeWindow(0, 100), TimeWindow(200, 8000)),
        skills=frozenset({"1"}),
        deliver=(1,),
        collect=(0, 1),
        priority=10,
    )
    assert found.problem.shipments == (
        Shipment(
            id="4>5",
            pickup=Halt(place=1, service_s=30),
            delivery=Halt(place=6),
            amount=(1,),
            skills=frozenset({"lift"}),
            priority=3,
        ),
    )
    assert found.problem.matrices["car"].distance_m == tuple(map(tuple, METRES))
    assert found.orders == {
        "7": (
            (StopKind.PICKUP, "4>5"),
            (StopKind.DELIVERY, "4>5"),
            (StopKind.JOB, "2"),
        )
    }


def test_a_problem_written_and_read_again_is_the_same():
    found = document()

    again = read_problem(json.dumps(write_problem(found)))

    assert again == replace(found, orders={})


def test_a_problem_by_coordinates_is_the_same_again_and_driven_by_great_circles():
    found = read_problem(
        json.dumps(
            {
                "vehicles": [{"id": 1, "start": [9.853, 55.8617]}],
                "jobs": [{"id": 1, "location": [10.2108, 56.1567]}],
            }
        )
    )

    again = read_problem(json.dumps(write_problem(found)))

    assert again == found
    (matrix,) = found.problem.matrices.values()
    assert matrix.distance_m[0][1] == pytest.approx(39632 * 1.3, abs=1)


def test_a_problem_of_our_own_can_be_written_with_its_own_ids(problem, visit):
    ours = problem(visit("v1", 3, skills=frozenset({"lift"})))

    again = read_problem(json.dumps(write_problem(Document(problem=ours))))

    assert again.problem == ours


@pytest.fixture
def solved():
    found = document()
    plan = solve(found.problem, time_limit_s=5, iterations=2000)
    assert violations(found.problem, plan) == ()
    return found, plan


def test_a_plan_is_written_with_the_keys_and_ids_of_the_problem(solved):
    found, plan = solved

    answer = write_plan(found, plan)

    assert answer["code"] == 0
    assert answer["unassigned"] == [
        {
            "id": "three",
            "type": "job",
            "location_index": 5,
            "reason": "Nobody has the skill 99.",
        }
    ]
    by_vehicle = {route["vehicle"]: route for route in answer["routes"]}
    route = by_vehicle[7]
    steps = route["steps"]
    assert (steps[0]["type"], steps[-1]["type"]) == ("start", "end")
    assert {step["id"] for step in steps[1:-1]} >= {1, 2, 4, 5}
    assert steps[-1]["duration"] == route["duration"]
    assert steps[-1]["distance"] == route["distance"]
    assert route["description"] == "van"
    assert {step.get("description") for step in steps} >= {"first", "door", "tea"}
    assert (route["delivery"], route["pickup"]) == ([2], [1, 1])
    summary = answer["summary"]
    assert summary["cost"] == sum(one["cost"] for one in answer["routes"])
    assert (summary["unassigned"], summary["routes"]) == (1, len(answer["routes"]))


def test_a_plan_read_back_is_the_plan_that_was_written(solved):
    found, plan = solved

    again = read_plan(json.dumps(write_plan(found, plan)), found)

    reasonless = tuple(replace(one, reason=None) for one in plan.unassigned)
    assert again == replace(plan, unassigned=reasonless)


def test_an_open_route_has_no_step_where_it_is_open():
    found = document(
        vehicles=[{"id": 1, "start_index": 0}], jobs=FULL["jobs"][1:2], shipments=[]
    )
    plan = solve(found.problem, time_limit_s=1)

    answer = write_plan(found, plan)

    (route,) = answer["routes"]
    assert [step["type"] for step in route["steps"]] == ["start", "job"]
    assert read_plan(json.dumps(answer), found) == plan


def test_left_out_sums_of_a_foreign_plan_are_taken_to_be_right(solved):
    found, plan = solved
    answer = write_plan(found, plan)
    for route in answer["routes"]:
        for key in ("setup", "service", "waiting_time", "duration", "distance"):
            del route[key]
    del answer["summary"]

    again = read_plan(json.dumps(answer), found)

    assert violations(found.problem, again) == ()


def test_strangers_in_a_foreign_plan_are_kept_for_the_check(solved):
    found, plan = solved
    answer = write_plan(found, plan)
    answer["routes"][0]["vehicle"] = 66
    answer["unassigned"][0]["id"] = 67

    again = read_plan(json.dumps(answer), found)

    assert {one.kind for one in violations(found.problem, again)} >= {
        ViolationKind.UNKNOWN_TECHNICIAN,
        ViolationKind.UNKNOWN_STOP,
        ViolationKind.FORGOTTEN,
    }


def test_without_distances_none_are_written():
    found = document(
        matrices={"car": {"durations": ROAD}}, vehicles=[{"id": 1, "start_index": 0}]
    )
    plan = solve(found.problem, time_limit_s=1, iterations=2000)

    answer = write_plan(found, plan)

    assert "distance" not in answer["summary"]
    assert read_plan(json.dumps(answer), found).cost == plan.cost


def test_an_old_file_brings_amounts_and_is_driven_by_a_matrix_of_its_own():
    job = {"id": 1, "location": [9.8, 55.8], "location_index": 1, "amount": [2]}
    newer = {**job, "id": 2, "pickup": [1]}
    found = read_problem(
        json.dumps({"vehicles": [VEHICLE], "jobs": [job, newer], "matrix": ROAD})
    )

    assert [one.deliver for one in found.problem.visits] == [(2,), ()]
    assert found.problem.matrices["car"].travel_s[0][7] == 420


VEHICLE = {"id": 1, "start_index": 0}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"vehicles": None}, "the document: vehicles is missing."),
        ({"vehicles": {}}, "vehicles: should be an array."),
        ({"vehicles": [3]}, "vehicles[0]: should be an object."),
        ({"vehicles": [{}]}, "vehicles[0]: id is missing."),
        (
            {"vehicles": [{**VEHICLE, "id": True}]},
            "vehicles[0].id: should be a whole number or text.",
        ),
        (
            {"vehicles": [{**VEHICLE, "id": "\ud800"}]},
            "vehicles[0] (id '\\ud800').id: "
            "holds half a sign, which cannot be written down.",
        ),
        (
            {"vehicles": [{**VEHICLE, "description": "x\udfff"}]},
            "vehicles[0] (id 1).description: "
            "holds half a sign, which cannot be written down.",
        ),
        (
            {"vehicles": [{**VEHICLE, "max_tasks": 2**53 + 1}]},
            "vehicles[0] (id 1).max_tasks: is too large a number to plan with.",
        ),
        (
            {"vehicles": [VEHICLE, {**VEHICLE, "id": "1"}]},
            "vehicles[1] (id '1'): there is another vehicle with the id 1.",
        ),
        (
            {"vehicles": [{**VEHICLE, "time_window": [1]}]},
            "vehicles[0] (id 1).time_window: should be an array of two whole numbers.",
        ),
        (
            {"vehicles": [{**VEHICLE, "time_window": [2, 1]}]},
            "vehicles[0] (id 1).time_window: a time window closes before it opens.",
        ),
        (
            {"vehicles": [{**VEHICLE, "capacity": [-1]}]},
            "vehicles[0] (id 1): an amount is less than nothing.",
        ),
        (
            {"vehicles": [{**VEHICLE, "speed_factor": "fast"}]},
            "vehicles[0] (id 1).speed_factor: should be a number.",
        ),
        (
            {"vehicles": [{**VEHICLE, "speed_factor": 0}]},
            "vehicles[0] (id 1): a speed factor is between 0.05 and 5.",
        ),
        (
            {"vehicles": [{**VEHICLE, "breaks": [{"id": 1, "max_load": [1]}]}]},
            "vehicles[0] (id 1).breaks[0] (id 1).max_load: "
            "a break that depends on the load is not known here.",
        ),
        (
            {"vehicles": [{**VEHICLE, "costs": {"per_task_hour": 9}}]},
            "vehicles[0] (id 1).costs.per_task_hour: "
            "hours of work at the door have no price of their own here.",
        ),
        (
            {"vehicles": [{**VEHICLE, "steps": [{"type": "job", "id": 77}]}]},
            "vehicles[0] (id 1).steps[0] (id 77): there is no job of that id.",
        ),
        (
            {"vehicles": [{**VEHICLE, "profile": "boat"}]},
            "the document: technician 1 has profile boat without a matrix.",
        ),
        (
            {"vehicles": [{"id": 1, "start": [9.8, 55.8]}]},
            "vehicles[0] (id 1): start_index is missing.",
        ),
        ({"jobs": [{"id": 1}]}, "jobs[0] (id 1): location_index is missing."),
        (
            {"jobs": [{"id": 1, "location_index": 8}], "vehicles": [VEHICLE]},
            "jobs[0] (id 1): place 8 is not in the matrix of car, "
            "which has 8 places from 0 on.",
        ),
        (
            {"jobs": [{"id": 1, "location_index": 1, "service": 1.5}]},
            "jobs[0] (id 1).service: should be a whole number.",
        ),
        (
            {"jobs": [{"id": 1, "location_index": 1, "priority": 101}]},
            "jobs[0] (id 1): a priority is between 0 and 100, not 101.",
        ),
        (
            {
                "jobs": [
                    {"id": 1, "location_index": 1, "time_windows": [[3, 5], [5, 7]]}
                ]
            },
            "jobs[0] (id 1): time windows overlap or are not in order.",
        ),
        (
            {"jobs": [{"id": 1, "location_index": 1, "service_per_type": {"a": 1}}]},
            "jobs[0] (id 1).service_per_type: "
            "service by vehicle type is not known here.",
        ),
        ({"shipments": [{}]}, "shipments[0]: pickup is missing."),
        (
            {"matrices": {"car": {"durations": [[0, 1], [1]]}}},
            "matrices.car.durations[1]: has 1 numbers, and there are 2 rows.",
        ),
        (
            {"matrices": {"car": {"durations": [[0, "1"], [1, 0]]}}},
            "matrices.car.durations[0][1]: should be a whole number.",
        ),
        (
            {"matrices": {"car": {"durations": ROAD, "costs": ROAD}}},
            "matrices.car.costs: "
            "costs come from hours and kilometres here; leave it out.",
        ),
        (
            {"matrices": None, "matrix": [[0, 1], [1]]},
            "matrix[1]: has 1 numbers, and there are 2 rows.",
        ),
        (
            {"matrices": {"car": {"durations": ROAD}}},
            "the document: technician 7 has a limit or a cost for distance;"
            " none are given.",
        ),
    ],
)
def test_a_file_that_is_wrong_is_told_where_and_how(changes, sentence):
    with pytest.raises(BadProblem) as refused:
        document(**changes)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        ({"id": 1}, "jobs[0] (id 1): location is missing."),
        (
            {"id": 1, "location": [56.0, 100.0]},
            "jobs[0] (id 1).location: there is no such point; "
            "it should be [longitude, latitude].",
        ),
        (
            {"id": 1, "location": [56.0]},
            "jobs[0] (id 1).location: should be [longitude, latitude].",
        ),
    ],
)
def test_a_place_without_matrices_needs_coordinates(job, sentence):
    with pytest.raises(BadProblem) as refused:
        read_problem(json.dumps({"vehicles": [], "jobs": [job]}))

    assert str(refused.value) == sentence


def test_what_is_not_json_is_told():
    with pytest.raises(BadProblem) as refused:
        read_problem(b"{]")

    assert str(refused.value) == (
        "not whole JSON: Expecting property name enclosed in double quotes, "
        "line 1, column 2."
    )


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"code": 2, "error": "no"}, "the document: is not a plan but an error: no."),
        ({}, "the document: routes is missing."),
        (
            {"routes": [{"vehicle": 7, "cost": 1, "steps": []}]},
            "routes[0]: steps is empty.",
        ),
        (
            {"routes": [{"vehicle": 7, "cost": 1, "steps": [{"type": "nap"}]}]},
            "routes[0].steps[0].type: "
            "should be start, job, pickup, delivery, break, reload or end.",
        ),
        (
            {"routes": [{"vehicle": 7, "steps": [{"type": "end", "arrival": 3}]}]},
            "routes[0]: cost is missing.",
        ),
    ],
)
def test_a_plan_that_is_wrong_is_told_where_and_how(plan, sentence):
    with pytest.raises(BadProblem) as refused:
        read_plan(json.dumps(plan), document())

    assert str(refused.value) == sentence
