import socket

import pytest

from routes.travel import NoTravel, Point, great_circle_m, matrix_of
from routes.travel.osrm import Osrm
from routes.travel.service import Service


@pytest.fixture
def osrm(service):
    return Osrm(Service(kind="OSRM", url=service.url, timeout_s=10))


def told(points, source, **options):
    with pytest.raises(NoTravel) as failed:
        matrix_of(points, source, **options)
    return str(failed.value), failed.value.is_passing


def test_a_table_is_what_the_service_says_in_whole_numbers(osrm, some):
    points = some(3)

    matrix = matrix_of(points, osrm)

    assert [list(row) for row in matrix.distance_m] == [
        [great_circle_m(a, b) for b in points] for a in points
    ]
    assert matrix.travel_s[0][1] == round(great_circle_m(*points[:2]) / 10)


def test_a_large_table_is_asked_in_blocks_and_is_the_same(osrm, service, some):
    points = some(230)

    matrix = matrix_of(points, osrm)

    assert len(service.questions) == 9
    assert [list(row) for row in matrix.distance_m] == [
        [great_circle_m(a, b) for b in points] for a in points
    ]


def test_a_service_that_takes_less_is_asked_for_less(osrm, service, some):
    service.pairs_max = 30 * 30

    matrix = matrix_of(some(90), osrm)

    assert matrix.distance_m[89][0] == great_circle_m(some(90)[89], some(90)[0])


def test_a_service_that_takes_nothing_says_so(osrm, service, some):
    service.pairs_max = 0

    assert told(some(4), osrm) == (
        f"OSRM at {service.url} refused the question: Too many table coordinates.",
        False,
    )


def test_one_place_is_a_table_too(osrm, some):
    assert matrix_of(some(1), osrm).travel_s == ((0,),)
    assert matrix_of([], osrm).travel_s == ()


def test_two_visits_at_one_door_are_no_drive_apart(osrm, some):
    door, other = some(2)

    matrix = matrix_of([door, other, door], osrm)

    assert (matrix.travel_s[0][2], matrix.distance_m[2][0]) == (0, 0)
    assert matrix.travel_s[0][1] == matrix.travel_s[2][1] > 0


def test_a_place_no_road_leads_to_is_named(osrm, service, some):
    points = [*some(3), Point(1, 1)]

    assert told(points, osrm, names=["A", "B", "C", "jobs[3] (id 17)"]) == (
        f"OSRM at {service.url} knows no road to or from jobs[3] (id 17).",
        False,
    )


def test_pairs_without_a_road_are_named_and_the_rest_counted(osrm, service, some):
    def one_way(handler):
        handler.answer(
            200,
            {
                "code": "Ok",
                "durations": [[0, None, None], [1, 0, None], [1, None, 0]],
                "distances": [[0, None, None], [1, 0, None], [1, None, 0]],
            },
        )

    service.misbehave = one_way

    assert told(some(3), osrm, names=["A", "B", "C"]) == (
        f"OSRM at {service.url} knows no road from A to B, from A to C, from B to C,"
        " of one more pair.",
        False,
    )


def test_a_place_far_from_all_its_roads_is_not_in_its_network(osrm, service, some):
    service.off_m = 985_206.9

    assert told(some(2), osrm, names=["depot", "CIT-000001"]) == (
        f"depot is 985 km from every road that OSRM at {service.url} knows.",
        False,
    )


def test_the_way_is_drawn_by_road(osrm, service):
    points = [Point(round(55 + n / 100, 2), round(9 + n / 100, 2)) for n in range(150)]

    way = osrm.line(points)

    assert len(service.questions) == 2
    assert way[:3] == [Point(55, 9), Point(55, 9.01), Point(55.01, 9.01)]
    assert set(points) <= set(way)


def test_coordinates_are_never_written_with_an_exponent(osrm, service):
    osrm.legs([Point(0.00001, 0)], [Point(0, 0.00001)])

    assert "/0.000000,0.000010;0.000010,0.000000?" in service.questions[0]


def answers(status, content):
    return lambda handler: handler.answer(status, content)


def sends(status, body, length=None):
    return lambda handler: handler.send(status, body, length=length)


def hangs_up(handler):
    handler.close_connection = True


def hangs(handler):
    handler.server.released.wait(30)
    handler.close_connection = True


def trickles(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.close_connection = True
    while not handler.server.released.wait(0.05):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return


def tables(durations, distances=((0, 1), (1, 0))):
    return answers(200, {"code": "Ok", "durations": durations, "distances": distances})


@pytest.mark.parametrize(
    ("misbehave", "sentence", "is_passing"),
    [
        (answers(503, {}), "answered 503 Service Unavailable.", True),
        (answers(429, {}), "answered 429 Too Many Requests.", True),
        (sends(404, b"<html>"), "answered 404 Not Found.", False),
        (
            answers(400, {"code": "InvalidQuery", "message": "Query malformed."}),
            "refused the question (400): Query malformed.",
            False,
        ),
        (
            answers(400, {"code": "NoSegment", "message": "No road near 3"}),
            "found no road: No road near 3.",
            False,
        ),
        (answers(200, {"code": 7}), "refused the question (200): 7.", False),
        (sends(200, b"{,"), "answered with something that is not JSON.", False),
        (sends(200, b"\xff"), "answered with something that is not JSON.", False),
        (sends(200, b"[" * 99999), "answered with something that is not JSON.", False),
        (answers(200, []), "answered with JSON that is no object.", False),
        (
            tables([[0, 1, 2], [1, 0, 2]]),
            "answered with times of another size than the 2 x 2 it was asked for.",
            False,
        ),
        (
            tables(None),
            "answered with times of another size than the 2 x 2 it was asked for.",
            False,
        ),
        (
            tables([[0, 1], [1, 0]], [[0, 1]]),
            "answered with distances of another size than the 2 x 2 it was asked for.",
            False,
        ),
        (tables([[0, -1], [1, 0]]), "answered with times that are none: -1.", False),
        (
            tables([[0, 1e99], [1, 0]]),
            "answered with times that are none: 1e+99.",
            False,
        ),
        (tables([[0, "x"], [1, 0]]), "answered with times that are none: x.", False),
        (
            tables([[0, float("nan")], [1, 0]]),
            "answered with times that are none: nan.",
            False,
        ),
        (sends(200, b"{", length=99), "broke its answer off.", True),
        (
            hangs_up,
            "broke the connection (Remote end closed connection without response).",
            True,
        ),
        (sends(503, b"{", length=99), "answered 503 Service Unavailable.", True),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(
    osrm, service, some, misbehave, sentence, is_passing
):
    service.misbehave = misbehave

    assert told(some(2), osrm) == (f"OSRM at {service.url} {sentence}", is_passing)


@pytest.mark.parametrize("misbehave", [hangs, trickles])
def test_a_service_that_does_not_get_done_is_not_waited_for(service, some, misbehave):
    service.misbehave = misbehave
    osrm = Osrm(Service(kind="OSRM", url=service.url, timeout_s=0.3))

    assert told(some(2), osrm) == (
        f"OSRM at {service.url} did not answer within 0.3 s.",
        True,
    )


def test_an_answer_without_end_is_not_read_to_it(osrm, service, some, monkeypatch):
    monkeypatch.setattr("routes.travel.service.ANSWER_BYTES_MAX", 2_000_000)
    service.misbehave = sends(200, b" " * 2_000_001)

    assert told(some(2), osrm) == (
        f"OSRM at {service.url} answered with more than 2 MB.",
        False,
    )


def test_a_service_that_is_away_is_told(some):
    with socket.socket() as taken:  # and listened at by nobody
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        assert told(some(2), Osrm(Service(kind="OSRM", url=url))) == (
            f"OSRM at {url} cannot be reached (Connection refused).",
            True,
        )


def test_a_way_that_is_none_is_told(osrm, service, some):
    service.misbehave = answers(200, {"code": "Ok", "routes": []})

    with pytest.raises(NoTravel) as failed:
        osrm.line(some(2))

    assert (
        str(failed.value) == f"OSRM at {service.url} answered with a way that is none."
    )


def test_a_password_in_the_address_is_not_told():
    service = Service(kind="OSRM", url="https://anna:hemmelig@roads.example:5000/car/")

    assert service.name == "OSRM at https://roads.example:5000/car"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://x", "", "http://", "http://h:x", "http://h?key=1"],
)
def test_what_is_no_address_of_a_service_is_refused(url):
    with pytest.raises(ValueError, match="is no address") as refused:
        Service(kind="OSRM", url=url)

    assert str(refused.value) == (
        f"'{url}' is no address of a service. Write it as http://host:port"
    )
