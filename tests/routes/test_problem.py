import pytest

from routes.problem import (
    Break,
    Costs,
    Halt,
    Matrix,
    Problem,
    Technician,
    TimeWindow,
    Visit,
)

ROAD = {"car": Matrix(travel_s=((0, 90), (60, 0)))}
ANNA = Technician(id="anna", start=0, end=0)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TimeWindow(2, 1), "a time window closes before it opens"),
        (
            lambda: Halt(place=0, windows=(TimeWindow(0, 5), TimeWindow(5, 9))),
            "time windows overlap or are not in order",
        ),
        (lambda: Halt(place=0, setup_s=-1), "setting up lasts less than nothing"),
        (
            lambda: Break(id="b", duration_s=-1),
            "a break lasts less than nothing",
        ),
        (lambda: Costs(per_km=-1), "a cost is less than nothing"),
        (
            lambda: Technician(id="a", start=0, end=0, tasks_max=-1),
            "the most tasks is less than nothing",
        ),
        (
            lambda: Technician(id="a", start=0, end=0, speed_factor=5.1),
            "a speed factor is between 0.05 and 5",
        ),
        (
            lambda: Technician(
                id="a", start=0, end=0, breaks=(Break(id="b", duration_s=1),) * 2
            ),
            "two of the same break: b",
        ),
        (
            lambda: Visit(id="v", place=0, priority=101),
            "a priority is between 0 and 100, not 101",
        ),
        (
            lambda: Visit(id="v", place=0, deliver=(1, -1)),
            "an amount is less than nothing",
        ),
        (
            lambda: Matrix(travel_s=((0, 1), (1,))),
            "a matrix has as many columns as rows",
        ),
        (lambda: Matrix(travel_s=((-1,),)), "a matrix holds a negative number"),
        (
            lambda: Matrix(travel_s=((0,),), distance_m=()),
            "travel times and distances are between different numbers of places",
        ),
        (
            lambda: Problem(technicians=(ANNA,)),
            "technician anna has profile car without a matrix",
        ),
        (
            lambda: Problem(technicians=(ANNA, ANNA), matrices=ROAD),
            "two of the same technician: anna",
        ),
        (
            lambda: Problem(
                technicians=(), visits=(Visit(id="v", place=2),), matrices=ROAD
            ),
            "visit v: place 2 is in no matrix, or not in all",
        ),
        (
            lambda: Problem(
                technicians=(
                    Technician(id="a", start=0, end=0, costs=Costs(per_km=1)),
                ),
                matrices=ROAD,
            ),
            "technician a has a limit or a cost for distance; none are given",
        ),
    ],
)
def test_what_cannot_be_a_problem_is_refused(make, sentence):
    with pytest.raises(ValueError, match=r"\w") as refused:
        make()

    assert str(refused.value) == sentence


def test_travel_is_directed_scaled_and_nothing_at_an_open_end():
    fast = Technician(id="fast", start=0, end=None, speed_factor=2.0)
    problem = Problem(technicians=(ANNA, fast), matrices=ROAD)

    assert problem.travel_s(ANNA, 0, 1) == 90
    assert problem.travel_s(ANNA, 1, 0) == 60
    assert problem.travel_s(fast, 0, 1) == 45
    assert problem.travel_s(fast, 1, None) == 0
    assert problem.distance_m(ANNA, 0, 1) == 0
