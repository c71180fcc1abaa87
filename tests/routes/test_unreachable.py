"""Where there is no way, or the numbers are broken, the line says who is there."""

import json

import pytest

from routes.formats.reader import read_problem
from routes.problem import BadProblem

ROWS = [[0, 60, 70], [60, 0, 80], [70, 80, 0]]


def with_matrix(durations, *, distances=None):
    given = {"durations": durations}
    if distances is not None:
        given["distances"] = distances
    return {
        "vehicles": [{"id": "anna", "start_index": 0}],
        "jobs": [{"id": 7, "location_index": 1}, {"id": "lift", "location_index": 2}],
        "matrices": {"car": given},
    }


def changed(origin, destination, value):
    rows = [list(row) for row in ROWS]
    rows[origin][destination] = value
    return rows


FROM_ANNA = "from place 0 of vehicles[0] (id 'anna') to place 1 of jobs[0] (id 7)."
AT = "matrices.car.durations[0][1]"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (with_matrix(changed(0, 1, None)), f"{AT}: null: there is no way {FROM_ANNA}"),
        (
            with_matrix(changed(0, 1, -5)),
            f"{AT}: -5 is less than nothing, {FROM_ANNA}",
        ),
        (
            with_matrix(changed(0, 1, 2**31)),
            f"{AT}: 2147483648 is over 10000000, which nobody drives, {FROM_ANNA}",
        ),
        (
            with_matrix(ROWS, distances=changed(1, 2, 10_000_001)),
            "matrices.car.distances[1][2]: 10000001 is over 10000000, which nobody "
            "drives, from place 1 of jobs[0] (id 7) to place 2 of jobs[1] (id 'lift').",
        ),
        (
            with_matrix(changed(0, 1, float("nan"))),
            f"{AT}: should be a whole number.",
        ),
        (
            with_matrix(ROWS[:2]),
            "matrices.car.durations[0]: has 3 numbers, and there are 2 rows.",
        ),
        (with_matrix([]), "jobs[0] (id 7): place 1 is not in the matrix of car, "
         "which has 0 places from 0 on."),
        (with_matrix({}), "matrices.car.durations: should be an array."),
        (with_matrix([None]), "matrices.car.durations[0]: should be an array."),
        (
            {
                "vehicles": [{"id": "anna", "start": [9.85, 55.86]}],
                "jobs": [{"id": 7, "location": [-170.0, -55.0]}],
            },
            "the document: the way from place 0 of jobs[0] (id 7) to place 1 of "
            "vehicles[0] (id 'anna') is too long to drive; "
            "every location should be [longitude, latitude].",
        ),
        (
            {"vehicles": [{"id": "anna", "start": [float("nan"), 55.86]}]},
            "vehicles[0] (id 'anna').start[0]: is too large a number to plan with, "
            "or none.",
        ),
        (
            {"vehicles": [{"id": "anna", "start": [1e400, 55.86]}]},
            "vehicles[0] (id 'anna').start[0]: is too large a number to plan with, "
            "or none.",
        ),
    ],
)  # fmt: skip
def test_who_cannot_be_reached_is_named(document, sentence):
    with pytest.raises(BadProblem) as refused:
        read_problem(json.dumps(document))

    assert str(refused.value) == sentence


def test_ten_million_is_still_a_way():
    found = read_problem(json.dumps(with_matrix(changed(0, 1, 10_000_000))))

    assert found.problem.matrices["car"].travel_s[0][1] == 10_000_000


def test_more_places_than_there_is_room_for_are_refused():
    jobs = [{"id": n, "location": [9 + n / 10_000, 56.0]} for n in range(5001)]

    with pytest.raises(BadProblem) as refused:
        read_problem(json.dumps({"vehicles": [{"id": 1}], "jobs": jobs}))

    assert str(refused.value) == (
        "there are 5,001 places; at most 5,000 can be planned."
    )
