import pytest

from routes.travel import NoTravel, Point, great_circle_m, matrix_of
from routes.travel.service import Service
from routes.travel.valhalla import Valhalla, decoded


@pytest.fixture
def valhalla(service):
    service.pairs_max = 2500
    return Valhalla(Service(kind="Valhalla", url=service.url, timeout_s=10))


@pytest.mark.parametrize("is_verbose", [False, True])
def test_a_table_comes_in_either_form_and_in_kilometres(
    valhalla, service, some, is_verbose
):
    service.is_verbose = is_verbose
    points = some(3)

    matrix = matrix_of(points, valhalla)

    assert [list(row) for row in matrix.distance_m] == [
        [great_circle_m(a, b) for b in points] for a in points
    ]
    assert matrix.travel_s[0][1] == round(great_circle_m(*points[:2]) / 10)


def test_a_large_table_is_asked_in_blocks(valhalla, service, some):
    points = some(120)

    matrix = matrix_of(points, valhalla)

    assert len(service.questions) == 9
    assert matrix.distance_m[119][7] == great_circle_m(points[119], points[7])


def test_a_service_that_takes_less_is_asked_for_less(valhalla, service, some):
    service.pairs_max = 100

    assert len(matrix_of(some(60), valhalla).travel_s) == 60


def test_a_place_no_road_leads_to_is_named(valhalla, service, some):
    with pytest.raises(NoTravel) as failed:
        matrix_of([*some(2), Point(1, 1)], valhalla)

    assert str(failed.value) == (
        f"Valhalla at {service.url} knows no road to or from point 3."
    )


def test_the_way_is_asked_twenty_stops_at_a_time(valhalla, service):
    points = [Point(round(55 + n / 100, 2), round(9 - n / 100, 2)) for n in range(45)]

    way = valhalla.line(points)

    assert [len(one["locations"]) for one in service.questions] == [20, 20, 7]
    assert set(points) <= set(way)
    assert way[:3] == [Point(55, 9), Point(55, 8.99), Point(55.01, 8.99)]


def answers(status, content):
    return lambda handler: handler.answer(status, content)


@pytest.mark.parametrize(
    ("misbehave", "sentence"),
    [
        (
            answers(
                400, {"error_code": 171, "error": "No suitable edges near location"}
            ),
            "found no road: No suitable edges near location.",
        ),
        (
            answers(400, {"error_code": 154, "error": "Path distance exceeds 400 km"}),
            "refused the question (400): Path distance exceeds 400 km.",
        ),
        (
            answers(200, {"sources_to_targets": [[{"time": 1}]]}),
            "answered with times of another size than the 2 x 2 it was asked for.",
        ),
        (
            answers(200, {}),
            "answered with times of another size than the 2 x 2 it was asked for.",
        ),
        (
            answers(
                200,
                {
                    "sources_to_targets": {
                        "durations": [[0, 1], [1, 0]],
                        "distances": [[0, True], [1, 0]],
                    }
                },
            ),
            "answered with distances that are none: True.",
        ),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(
    valhalla, service, some, misbehave, sentence
):
    service.misbehave = misbehave

    with pytest.raises(NoTravel) as failed:
        matrix_of(some(2), valhalla)

    assert str(failed.value) == f"Valhalla at {service.url} {sentence}"


@pytest.mark.parametrize(
    "content", [{}, {"trip": {"legs": [{"shape": "æ"}]}}, {"trip": {"legs": 7}}]
)
def test_a_way_that_is_none_is_told(valhalla, service, some, content):
    service.misbehave = answers(200, content)

    with pytest.raises(NoTravel) as failed:
        valhalla.line(some(2))

    assert str(failed.value) == (
        f"Valhalla at {service.url} answered with a way that is none."
    )


def test_a_polyline_that_ends_early_is_none():
    with pytest.raises(ValueError, match="a polyline ends within a point"):
        decoded("_p~iF~ps|")
