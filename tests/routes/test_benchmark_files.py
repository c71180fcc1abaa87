"""Tiny files of our own in the forms of the benchmark sets."""

import random
from decimal import Decimal
from math import ceil, hypot

import pytest

from routes.formats.euclid import cut, euclidean, nearest, upwards
from routes.formats.objective import Objective
from routes.formats.reader import read_problem
from routes.plan import StopKind
from routes.problem import BadProblem, TimeWindow

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0       0          0          0          0        100          0
    1       1          1          4          5         20         10
    2       3          4          6          0         90         10
"""
LI_LIM = """2 10 1
0 0 0 0 0 100 0 0 0
1 1 1 4 5 20 10 0 2
2 3 4 -4 0 90 10 1 0
"""
VRPLIB = """NAME : tiny
COMMENT : (ours, 2)
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 1 1
3 3 4
DEMAND_SECTION
1 0
2 4
3 6
DEPOT_SECTION
1
-1
EOF
"""
TIMED = VRPLIB.replace("CVRP", "VRPTW").replace(
    "DEPOT_SECTION",
    "TIME_WINDOW_SECTION\n1 0 100\n2 5 20\n3 0 90\n"
    "SERVICE_TIME_SECTION\n1 0\n2 10\n3 10\nDEPOT_SECTION",
)
EXPLICIT = """TYPE: CVRP
DIMENSION: 3
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: {form}
CAPACITY: 10
EDGE_WEIGHT_SECTION
{weights}
DEMAND_SECTION
1 0
2 4
3 6
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_solomon_is_read_with_one_decimal_cut_off(begin, end):
    found = read_problem(
        (begin + SOLOMON.replace("\n", end)).encode(), objective=Objective.DISTANCE
    )

    problem = found.problem
    assert found.scale == 10
    assert problem.matrices["car"].distance_m == ((0, 14, 50), (14, 0, 36), (50, 36, 0))
    assert problem.matrices["car"].travel_s == problem.matrices["car"].distance_m
    assert [one.id for one in problem.technicians] == ["1", "2"]
    first = problem.technicians[0]
    assert (first.start, first.end, first.capacity) == (0, 0, (10,))
    assert first.shift == TimeWindow(0, 1000)
    assert (first.costs.fixed, first.costs.per_hour, first.costs.per_km) == (0, 0, 1000)
    visit = problem.visits[0]
    assert (visit.id, visit.place, visit.service_s, visit.deliver) == (
        "1",
        1,
        100,
        (4,),
    )
    assert visit.windows == (TimeWindow(50, 200),)
    assert found.stops == {1: (StopKind.JOB, "1"), 2: (StopKind.JOB, "2")}


def test_solomon_counts_routes_first_and_is_never_early_unless_told_otherwise():
    found = read_problem(SOLOMON)

    matrix = found.problem.matrices["car"]
    assert found.scale == 1000
    assert matrix.distance_m[0] == (0, 1414, 5000)
    assert matrix.travel_s[0] == (0, 1415, 5000)
    farthest = 2 * 1415 + 2 * 5000
    assert all(one.costs.fixed > farthest for one in found.problem.technicians)


def test_li_lim_is_read_as_shipments():
    found = read_problem(LI_LIM, objective=Objective.DISTANCE)

    (shipment,) = found.problem.shipments
    assert shipment.id == "1>2"
    assert (shipment.amount, shipment.pickup.place, shipment.delivery.place) == (
        (4,),
        1,
        2,
    )
    assert shipment.pickup.windows == (TimeWindow(50, 200),)
    assert shipment.delivery.service_s == 100
    assert found.problem.visits == ()
    assert found.stops == {
        1: (StopKind.PICKUP, "1>2"),
        2: (StopKind.DELIVERY, "1>2"),
    }


def test_vrplib_rounds_to_the_nearest_and_has_as_many_cars_as_customers():
    found = read_problem(VRPLIB)

    assert found.scale == 1
    assert found.problem.matrices["car"].distance_m == ((0, 1, 5), (1, 0, 4), (5, 4, 0))
    assert len(found.problem.technicians) == 2
    assert [one.id for one in found.problem.visits] == ["2", "3"]
    assert found.stops == {1: (StopKind.JOB, "2"), 2: (StopKind.JOB, "3")}


def test_vrplib_with_windows_is_what_solomon_is():
    timed = read_problem(TIMED.replace("CAPACITY", "VEHICLES : 2\nCAPACITY"))
    solomon = read_problem(SOLOMON, objective=Objective.DISTANCE)

    assert timed.problem.matrices == solomon.problem.matrices
    assert timed.problem.technicians == solomon.problem.technicians
    assert [
        (one.place, one.windows, one.service_s, one.deliver)
        for one in timed.problem.visits
    ] == [
        (one.place, one.windows, one.service_s, one.deliver)
        for one in solomon.problem.visits
    ]


def test_vrplib_limits_how_long_a_route_is():
    text = VRPLIB.replace("CAPACITY", "DISTANCE : 30\nSERVICE_TIME : 7\nCAPACITY")

    problem = read_problem(text).problem

    assert problem.technicians[0].shift == TimeWindow(0, 30)
    assert [one.service_s for one in problem.visits] == [7, 7]


@pytest.mark.parametrize(
    ("weights", "first_row"),
    [
        ("EUC_2D", (0, 1, 5)),
        ("CEIL_2D", (0, 2, 5)),
        ("FLOOR_2D", (0, 1, 5)),
        ("EXACT_2D", (0, 1414, 5000)),
        ("MAN_2D", (0, 2, 7)),
        ("MAX_2D", (0, 1, 4)),
    ],
)
def test_vrplib_rounds_as_its_weights_say(weights, first_row):
    problem = read_problem(VRPLIB.replace("EUC_2D", weights)).problem

    assert problem.matrices["car"].distance_m[0] == first_row


@pytest.mark.parametrize(
    ("form", "weights"),
    [
        ("FULL_MATRIX", "0 1 2\n1 0 3\n2 3 9999"),
        ("LOWER_ROW", "1\n2 3"),
        ("UPPER_COL", "1 2\n3"),
        ("UPPER_ROW", "1 2\n3"),
        ("LOWER_COL", "1 2 3"),
        ("LOWER_DIAG_ROW", "0 1 0 2 3 0"),
        ("UPPER_DIAG_COL", "0 1 0 2 3 0"),
        ("UPPER_DIAG_ROW", "0 1 2 0 3 0"),
        ("LOWER_DIAG_COL", "0 1 2 0 3 0"),
    ],
)
def test_vrplib_spells_ways_out_in_any_half_of_the_table(form, weights):
    text = EXPLICIT.format(form=form, weights=weights)

    problem = read_problem(text).problem

    assert problem.matrices["car"].distance_m == ((0, 1, 2), (1, 0, 3), (2, 3, 0))


def test_files_named_after_eilon_say_rows_and_mean_columns():
    text = EXPLICIT.format(form="LOWER_ROW", weights="1 2 3 4 5 6")
    text = text.replace("DIMENSION: 3", "COMMENT: (Eilon et al)\nDIMENSION: 4")

    problem = read_problem(text + "4 1\n").problem

    assert problem.matrices["car"].distance_m[0] == (0, 1, 2, 3)


def test_ways_that_are_not_whole_are_cut_to_tenths():
    text = EXPLICIT.format(form="LOWER_ROW", weights="1.59 2 3")

    found = read_problem(text)

    assert found.scale == 10
    assert found.problem.matrices["car"].distance_m[0] == (0, 15, 20)


def test_the_depot_may_be_any_node():
    text = VRPLIB.replace("DEPOT_SECTION\n1", "DEPOT_SECTION\n2")
    text = text.replace("1 0\n2 4", "1 4\n2 0")

    found = read_problem(text)

    assert [one.id for one in found.problem.visits] == ["1", "3"]
    assert found.problem.matrices["car"].distance_m[0] == (0, 1, 4)
    assert found.stops[2] == (StopKind.JOB, "3")


def test_roots_are_right_to_the_last_digit():
    dice = random.Random(5)  # noqa: S311
    points = [
        (round(dice.uniform(-500, 500), 3), round(dice.uniform(-500, 500), 3))
        for _ in range(60)
    ]
    exact = [tuple(Decimal(str(number)) for number in point) for point in points]

    for rounding, slow in (
        (cut, int),
        (upwards, ceil),
        (nearest, lambda number: int(number + 0.5)),
    ):
        table = euclidean(exact, scale=10, rounding=rounding)
        for n, one in enumerate(points):
            for m, other in enumerate(points):
                away = hypot(one[0] - other[0], one[1] - other[1])
                assert table[n][m] == slow(round(10 * away, 9))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty."),
        (b" \r\n\t", "the file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the file holds no text."),
        (b'{"jobs": "\xff"}', "the file holds no text: byte 11 is no UTF-8."),
        (b"\xff\xfe{", "the file holds no text: byte 3 is no UTF-16-LE."),
        (
            b"to whom it may concern",
            "this is no problem in a form known here: "
            "VROOM JSON, Solomon's or Li and Lim's text, or VRPLIB.",
        ),
        (b"[]", "the document: should be an object."),
        (
            SOLOMON.replace("  10\n\nCUST", "\n\nCUST"),
            "line 5: has 1 numbers; there should be 2 numbers: "
            "number of vehicles, capacity.",
        ),
        (
            SOLOMON[: SOLOMON.index("    0       0")],
            "there is nothing under CUSTOMER.",
        ),
        (
            SOLOMON[:-20],
            "line 12: has 5 numbers; there should be 7 numbers: "
            "number, x, y, demand, ready time, due date, service time.",
        ),
        (
            SOLOMON.replace("  1       1 ", "  2       1 "),
            "line 12: 2 is on line 11 already.",
        ),
        (
            SOLOMON.replace("1          4 ", "1         -4 "),
            "line 11: the demand -4 is less than nothing.",
        ),
        (
            SOLOMON.replace("     5         20", "    25         20"),
            "line 11: 1: a time window closes before it opens.",
        ),
        (
            SOLOMON.replace("90         10", "90        -10"),
            "line 12: customer 2: service lasts less than nothing.",
        ),
        (SOLOMON.replace("    3          4", "  nan          4"),
         "line 12: 'nan' is not a number."),
        (SOLOMON.replace("    3          4", "  9e8          4"),
         "line 10: 0 is too far from 2 to plan with."),
        (SOLOMON.replace("    3          4", "1e300          4"),
         "line 12: '1e300' is not a number."),
        (SOLOMON.replace("    3          4", " 1e11          4"),
         "line 12: '1e11' is too large a number to plan with."),
        (
            SOLOMON.replace("  0       0          0          0 ",
                            "  0       0          0          1 "),
            "line 10: the first row is the depot, and has no demand or service.",
        ),
        (
            SOLOMON + "".join(f"{n} 1 1 1 0 9 1\n" for n in range(3, 5002)),
            "there are 5,002 places; at most 5,000 can be planned.",
        ),
        (LI_LIM.replace("10 0 2", "10 0 3"), "line 3: task 1 belongs to 3, "
         "which is not there."),
        (LI_LIM.replace("10 0 2", "10 0 0"), "line 3: task 1 needs a pickup or a "
         "delivery, and not both."),
        (LI_LIM.replace("90 10 1 0", "90 10 0 1"), "line 3: task 1 belongs to 2, "
         "but not back."),
        (LI_LIM.replace("-4", "-3"), "line 3: tasks 1 and 2 fetch and bring 4 and -3; "
         "it should be the same, and the second less than nothing."),
        (VRPLIB.replace("CVRP", "ACVRP"),
         "line 3: TYPE 'ACVRP' is none of CVRP, DCVRP, CVRPTW, VRP, VRPTW."),
        (VRPLIB.replace("EUC_2D", "GEO"),
         "line 5: EDGE_WEIGHT_TYPE 'GEO' is none of EXPLICIT, EXACT_2D, EUC_2D, "
         "CEIL_2D, FLOOR_2D, MAN_2D, MAX_2D."),
        (VRPLIB.replace("CAPACITY : 10\n", ""), "CAPACITY is missing."),
        (VRPLIB.replace("CAPACITY : 10", "CAPACITY : ten"),
         "line 6: 'ten' is not a number."),
        (VRPLIB.replace("CAPACITY : 10", "CAPACITY : 10\nMAX_ROUTES : 3"),
         "line 7: 'MAX_ROUTES' is not known here and may change the problem."),
        (VRPLIB.replace("2 1 1\n", ""), "NODE_COORD_SECTION says nothing of node 2."),
        (VRPLIB.replace("2 1 1\n", "2 1 1\n2 1 1\n"),
         "line 10: node 2 is in NODE_COORD_SECTION already."),
        (VRPLIB.replace("3 3 4", "4 3 4"),
         "line 10: node 4 is not one of 1 to 3, the DIMENSION."),
        (VRPLIB.replace("DIMENSION : 3", "DIMENSION : 1000000000"),
         "there are 1,000,000,000 places; at most 5,000 can be planned."),
        (VRPLIB.replace("\n-1\n", "\n2\n-1\n"),
         "line 17: there is more than one depot, which is not known here."),
        (EXPLICIT.format(form="LOWER_ROW", weights="1 2"),
         "EDGE_WEIGHT_SECTION has 2 numbers; LOWER_ROW of 3 nodes has 3."),
        (EXPLICIT.format(form="LOWER_ROW", weights="1 -2 3"),
         "line 7: a way of -2 is less than nothing."),
        (VRPLIB.replace("1 0 0\n", "1 0 0\nabc def\n"),
         "line 9: 'abc def' is neither numbers nor a heading."),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_where_and_how(content, sentence):
    with pytest.raises(BadProblem) as refused:
        read_problem(content)

    assert str(refused.value) == sentence


def test_old_files_may_have_the_letters_of_their_time():
    text = VRPLIB.replace("ours", "før").encode("latin-1")

    assert len(read_problem(text).problem.visits) == 2


def test_json_may_be_in_the_letters_of_windows():
    text = '{"vehicles": [{"id": "Ærø"}], "matrices": {"car": {"durations": []}}}'

    found = read_problem(text.encode("utf-16"))

    assert found.problem.technicians[0].id == "Ærø"
