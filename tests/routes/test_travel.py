import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.travel import (
    Delay,
    Point,
    SpeedBand,
    great_circle_m,
    matrices,
    travel_s,
)

points = st.builds(Point, st.floats(54, 58), st.floats(8, 13))
HORSENS, AARHUS = Point(55.8617, 9.8530), Point(56.1567, 10.2108)
TUNØ = Point(55.9500, 10.4500)


def test_roads_are_longer_than_the_great_circle_and_driven_in_bands():
    matrix = matrices([HORSENS, AARHUS])

    distance_m = round(great_circle_m(HORSENS, AARHUS) * 1.3)
    assert matrix.distance_m[0][1] == pytest.approx(distance_m, abs=1)
    seconds = 3.6 * (3000 / 30 + 22_000 / 65 + (distance_m - 25_000) / 95)
    assert matrix.travel_s[0][1] == pytest.approx(seconds, abs=1)


@given(st.lists(points, max_size=8))
def test_a_place_is_nowhere_from_itself_and_as_far_back_as_there(some):
    matrix = matrices(some)

    count = len(some)
    for table in (matrix.travel_s, matrix.distance_m):
        assert [table[n][n] for n in range(count)] == [0] * count
        assert list(zip(*table, strict=True)) == list(table)


@given(points, st.lists(points, min_size=2, max_size=8))
def test_what_is_farther_never_takes_less_time(start, others):
    matrix = matrices([start, *others])

    by_distance = sorted(zip(matrix.distance_m[0], matrix.travel_s[0], strict=True))

    times = [time for _, time in by_distance]
    assert times == sorted(times)


@given(points, points, points)
def test_a_detour_is_no_short_cut(start, via, end):
    matrix = matrices([start, via, end])

    for table in (matrix.travel_s, matrix.distance_m):
        assert table[0][2] <= table[0][1] + table[1][2] + 2


@given(points, points)
def test_the_matrix_agrees_with_the_distance_of_two_points(start, end):
    matrix = matrices([start, end], road_factor=1.0)

    assert abs(matrix.distance_m[0][1] - great_circle_m(start, end)) <= 1


def test_a_ferry_is_paid_to_and_from_its_island_but_not_on_it():
    ferry = Delay(area="Tunø", extra_s=3600)
    center = Delay(area="Aarhus C", extra_s=300)
    there = Point(55.9510, 10.4300)

    plain = matrices([HORSENS, TUNØ, there, AARHUS]).travel_s
    found = matrices(
        [HORSENS, TUNØ, there, AARHUS], delays=[None, ferry, ferry, center]
    ).travel_s

    extra = [
        [b - a for a, b in zip(*rows, strict=True)]
        for rows in zip(plain, found, strict=True)
    ]
    assert extra == [
        [0, 3600, 3600, 300],
        [3600, 0, 0, 3900],
        [3600, 0, 0, 3900],
        [300, 3900, 3900, 0],
    ]


def test_another_speed_is_another_time():
    slow = (SpeedBand(0, 36.0),)

    assert travel_s(10_000, speeds=slow) == 1000
    assert matrices([HORSENS, AARHUS], speeds=slow, road_factor=1.0).travel_s[0][
        1
    ] == pytest.approx(3963, abs=1)


def test_four_hundred_points_and_none_are_both_a_matrix():
    many = [Point(55 + n / 400, 9 + n / 300) for n in range(400)]

    assert len(matrices(many).travel_s) == 400
    assert matrices([]).travel_s == ()


@pytest.mark.parametrize(
    ("lat", "lon"), [(91, 0), (-90.1, 0), (0, 180.5), (float("nan"), 0)]
)
def test_a_point_off_the_earth_is_refused(lat, lon):
    with pytest.raises(ValueError, match="there is no point at") as refused:
        Point(lat, lon)

    assert str(refused.value) == f"there is no point at {lat}, {lon}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"delays": [None]}, "1 delays for 2 points"),
        ({"road_factor": 0.9}, "no road is shorter than the great circle"),
        ({"speeds": (SpeedBand(5, 50),)}, "speed bands begin at 0 and are in order"),
        ({"speeds": ()}, "speed bands begin at 0 and are in order"),
        ({"speeds": (SpeedBand(0, 0),)}, "a speed is above 0"),
    ],
)
def test_what_cannot_be_driven_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=r"\w") as refused:
        matrices([HORSENS, AARHUS], **changes)

    assert str(refused.value) == sentence


def test_a_delay_that_saves_time_is_refused():
    with pytest.raises(ValueError, match="the delay of Tunø is less than nothing"):
        Delay(area="Tunø", extra_s=-1)
