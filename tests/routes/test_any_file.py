"""Whatever the bytes: a problem, a plan, or one line that says what is wrong."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routes.formats.objective import Objective
from routes.formats.reader import read_plan, read_problem
from routes.problem import BadProblem

SOLOMON = """T
VEHICLE
NUMBER CAPACITY
2 10
CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE
0 0 0 0 0 100 0
1 1 1 4 5 20 10
2 3 4 6 0 90 10
"""
LI_LIM = """2 10 1
0 0 0 0 0 100 0 0 0
1 1 1 4 5 20 10 0 2
2 3 4 -4 0 90 10 1 0
"""
VRPLIB = """NAME : t
TYPE : CVRPTW
DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : LOWER_ROW
CAPACITY : 10
EDGE_WEIGHT_SECTION
1 2 3
DEMAND_SECTION
1 0
2 4
3 6
TIME_WINDOW_SECTION
1 0 100
2 0 9
3 0 9
DEPOT_SECTION
1 -1
EOF
"""
VROOM = {
    "vehicles": [
        {
            "id": 1,
            "start_index": 0,
            "breaks": [{"id": 1, "service": 5, "time_windows": [[0, 50]]}],
            "costs": {"fixed": 1, "fsc_per_work_hour": 3},
            "fsc_reload": {"location_indexes": [1], "max": 2},
            "fsc_areas": ["A"],
            "steps": [{"type": "job", "id": 1}],
        }
    ],
    "jobs": [
        {
            "id": 1,
            "location_index": 1,
            "time_windows": [[0, 9], [20, 40]],
            "delivery": [1],
            "fsc_lateness": {"max": 5, "per_hour": 1},
            "fsc_given": {"vehicle": 1, "begin": 3},
        }
    ],
    "shipments": [
        {
            "amount": [1],
            "pickup": {"id": 1, "location_index": 0},
            "delivery": {"id": 1, "location_index": 1},
        }
    ],
    "fsc_area_windows": {"A": [[0, 99]]},
    "matrices": {"car": {"durations": [[0, 1], [1, 0]], "distances": [[0, 1], [1, 0]]}},
}
SPOTS = {
    "vehicles": [{"id": 1, "start": [9.8, 55.8]}],
    "jobs": [{"id": 1, "location": [10.2, 56.1]}],
}
PLAN = {
    "code": 0,
    "summary": {"cost": 1},
    "unassigned": [{"id": 1, "type": "pickup"}],
    "routes": [
        {
            "vehicle": 1,
            "cost": 1,
            "steps": [
                {"type": "start", "arrival": 0, "location_index": 0},
                {"type": "break", "id": 1, "arrival": 0},
                {"type": "reload", "location_index": 1, "arrival": 3, "load": [0]},
                {"type": "job", "id": 1, "arrival": 5, "fsc_late": 1},
            ],
        }
    ],
}
SOLUTION = "Instance name : t\nRoute #1: 1 2\nRoute #2: 3\nCost 12.5\n"
STRANGE = ["", " ", "-1", "0", "1e9", "1e400", "nan", "inf", "9" * 30, ":", "#", "\0",
           "é", "-", "{", "1.5", "_SECTION", "EOF", "\r", "\t", "٣"]  # fmt: skip
NUMBERS = [-1, 0, 1, 2**53, 2**63, 10**30, 1.5, float("nan"), float("inf"), 1e300]
OTHERS = [None, True, "", "1", "x" * 99, "\ud800", "job", [], [[]], [None], [-1], {}]
VALUES = st.sampled_from([*NUMBERS, *OTHERS, {"id": 1}])
SETTINGS = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def is_answered(read, *arguments, **named):
    """Return whether `read` gives a value or one whole line."""
    try:
        read(*arguments, **named)
    except BadProblem as error:
        text = str(error)
        assert text.endswith(".")
        assert text.isprintable()
        assert len(text) < 400
        text.encode()
    return True


@st.composite
def changed_text(draw, text):
    """Some words of `text` replaced, taken out or doubled, perhaps cut short."""
    words = text.replace("\n", " \n ").split(" ")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(words) - 1))
        count = draw(st.integers(0, 2))
        new = draw(st.lists(st.sampled_from([*STRANGE, words[at]]), max_size=2))
        words[at : at + count] = new
        words = words or [""]
    cut = draw(st.none() | st.integers(0, len(text)))
    return " ".join(words)[:cut]


def changed(draw, value):
    """Return `value` with something in it replaced, taken out or doubled."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        under = {**value, key: changed(draw, value[key])}
        if not draw(st.integers(0, 9)):
            del under[key]
        return under
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        again = draw(st.integers(0, 2))
        return [*value[:at], *[changed(draw, value[at])] * again, *value[at + 1 :]]
    return draw(VALUES)


@st.composite
def changed_json(draw, value):
    for _ in range(draw(st.integers(1, 3))):
        value = changed(draw, value)
    return json.dumps(value)


objectives = st.sampled_from([None, *Objective])


@SETTINGS
@given(content=st.binary(max_size=200) | st.text(max_size=100), objective=objectives)
def test_any_bytes_are_answered_as_a_problem(content, objective):
    assert is_answered(read_problem, content, objective=objective)


@SETTINGS
@given(
    text=st.sampled_from([SOLOMON, LI_LIM, VRPLIB]).flatmap(changed_text),
    objective=objectives,
)
def test_any_changed_benchmark_file_is_answered(text, objective):
    assert is_answered(read_problem, text.encode(), objective=objective)


@SETTINGS
@given(text=st.sampled_from([VROOM, SPOTS]).flatmap(changed_json), objective=objectives)
def test_any_changed_json_is_answered(text, objective):
    assert is_answered(read_problem, text, objective=objective)


@SETTINGS
@given(text=changed_json(PLAN))
def test_any_changed_plan_is_answered(text):
    assert is_answered(read_plan, text, read_problem(json.dumps(VROOM)))


@SETTINGS
@given(text=changed_text(SOLUTION) | st.text(max_size=60))
def test_any_changed_solution_is_answered(text):
    assert is_answered(read_plan, text, read_problem(SOLOMON))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 5_000_000,
        b'{"a":' * 1_000_000,
        b"9" * 5_000_000,
        b"1 " * 2_500_000,
        b"1\n" * 2_500_000,
        b"Route" + b" " * 5_000_000 + b"x",
        SOLOMON.encode() + b"3 1 1 1 0 9 1\n" * 350_000,
        VRPLIB.encode().replace(b"1 2 3", b"1 " * 2_500_000),
        VRPLIB.encode().replace(b"NAME", b"A" * 5_000_000),
    ],
    ids=["[", "{", "9", "1 ", "1\\n", "Route", "solomon", "weights", "heading"],
)  # fmt: skip
def test_megabytes_of_nothing_are_refused(content):
    with pytest.raises(BadProblem) as refused:
        read_problem(content)

    assert len(str(refused.value)) < 400
