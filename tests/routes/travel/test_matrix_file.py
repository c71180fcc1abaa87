import json

import pytest

from routes.travel import NoTravel, Point, matrices, matrix_of
from routes.travel.choice import source_of
from routes.travel.matrix_file import MatrixFile, matrix_file


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "matrix.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def test_what_is_written_is_read_again_in_any_order(written, some):
    points = some(5)
    matrix = matrices(points)

    file = MatrixFile(written(matrix_file(points, matrix)))
    found = matrix_of(points[3:1:-1], file)

    assert found.travel_s[0][1] == matrix.travel_s[3][2]
    assert found.distance_m[1][0] == matrix.distance_m[2][3]
    assert matrix_of(points, file) == matrix
    assert file.line(points) == points


def test_a_point_a_metre_off_is_the_same_and_another_is_named(written):
    horsens, aarhus = Point(55.861712, 9.853011), Point(56.1567, 10.2108)
    pair = [horsens, aarhus]
    file = MatrixFile(written(matrix_file(pair, matrices(pair))))

    assert matrix_of([Point(55.861711, 9.853009), aarhus], file) == matrices(pair)
    with pytest.raises(NoTravel) as failed:
        matrix_of(
            [horsens, Point(55.8620, 9.8530)], file, names=["depot", "CIT-000001"]
        )
    assert str(failed.value) == f"{file.path} does not know where CIT-000001 is."


def test_null_is_no_road(written):
    file = MatrixFile(
        written(
            {
                "locations": [[9, 55], [10, 56]],
                "durations": [[0, 60], [None, 0]],
                "distances": [[0, 900], [None, 0]],
            }
        )
    )

    with pytest.raises(NoTravel) as failed:
        matrix_of([Point(55, 9), Point(56, 10)], file, names=["A", "B"])

    assert str(failed.value) == f"{file.path} knows no road from B to A."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, ": the document: locations is missing."),
        ({"locations": [[9]]}, ": locations[0]: should be [longitude, latitude]."),
        ({"locations": [[9, 99]]}, ": locations[0]: there is no point at 99.0, 9.0."),
        (
            {"locations": [[9, 55]], "durations": [[0]]},
            " answered with distances of another size than the 1 x 1 it was asked for.",
        ),
    ],
)
def test_what_is_no_matrix_is_refused(written, content, sentence):
    path = written(content)

    with pytest.raises(NoTravel) as failed:
        MatrixFile(path)

    assert str(failed.value) == f"{path}{sentence}"


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(NoTravel) as failed:
        MatrixFile(tmp_path)

    assert str(failed.value) == f"{tmp_path} cannot be read: Is a directory."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "http://roads.example",
            "'http://roads.example' does not say what answers there."
            " Write osrm:http://roads.example or valhalla:http://roads.example",
        ),
        (
            "nowhere.json",
            "There is no file 'nowhere.json'."
            " Use estimate, FILE, osrm:URL, valhalla:URL or roads:FOLDER",
        ),
        (
            "",
            "There is no file ''."
            " Use estimate, FILE, osrm:URL, valhalla:URL or roads:FOLDER",
        ),
        (
            "osrm:roads.example",
            "'roads.example' is no address of a service. Write it as http://host:port",
        ),
    ],
)
def test_what_names_no_source_is_refused(text, sentence):
    with pytest.raises(ValueError, match=r"\w") as refused:
        source_of(text)

    assert str(refused.value) == sentence


def test_a_source_is_named_in_a_word(written, some):
    path = written(matrix_file(some(2), matrices(some(2))))

    assert source_of("estimate", road_factor=2).legs(some(2), some(2)).distance_m[
        0, 1
    ] == pytest.approx(2 / 1.3 * matrices(some(2)).distance_m[0][1], abs=2)
    assert source_of("osrm:http://a:5000").name == "OSRM at http://a:5000"
    assert source_of("valhalla:http://a").name == "Valhalla at http://a"
    assert source_of(str(path)).name == str(path)
