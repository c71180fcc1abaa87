import os
import stat
import sys
import time

import numpy as np
import pytest

from routes.travel import Estimate, Point, matrix_of
from routes.travel.cache import ENTRIES_MAX, KEPT_S, Remembered


class Counted:
    """The estimate, and every leg it was asked for."""

    def __init__(self, factor=1.3):
        self.estimate = Estimate(road_factor=factor)
        self.name = "the counted estimate"
        self.identity = self.estimate.identity
        self.asked = []

    def legs(self, starts, ends):
        self.asked.append((len(starts), len(ends)))
        return self.estimate.legs(starts, ends)

    def line(self, points):
        return [*points, *points]


@pytest.fixture
def source():
    return Counted()


@pytest.fixture
def kept(source, tmp_path):
    return Remembered(source, tmp_path / "matrices")


def test_what_was_asked_once_is_not_asked_again(kept, source, some):
    first = matrix_of(some(9), kept)

    again = matrix_of(some(9)[::-1], kept)

    assert source.asked == [(9, 9)]
    assert again.travel_s == tuple(row[::-1] for row in first.travel_s[::-1])
    assert matrix_of(some(4), kept) == matrix_of(some(4), Estimate())
    assert source.asked == [(9, 9)]


def test_one_visit_more_asks_for_its_own_legs(kept, source, some):
    matrix_of(some(9), kept)

    found = matrix_of([*some(9)[::-1], Point(56, 10)], kept)

    assert source.asked == [(9, 9), (1, 10), (9, 1)]
    assert found == matrix_of([*some(9)[::-1], Point(56, 10)], Estimate())


def test_another_day_is_asked_as_a_whole(kept, source, some):
    matrix_of(some(30)[:10], kept)

    found = matrix_of(some(30)[8:], kept)

    assert source.asked == [(10, 10), (22, 22)]
    assert found == matrix_of(some(30)[8:], Estimate())


def test_another_source_has_other_answers(kept, source, some):
    matrix_of(some(3), kept)

    other = Remembered(Counted(factor=2.0), kept.folder)

    assert matrix_of(some(3), other) == matrix_of(some(3), Estimate(road_factor=2.0))


def test_two_visits_at_one_door_are_one_point(kept, source, some):
    points = [*some(3), some(3)[0]]

    assert matrix_of(points, kept) == matrix_of(points, Estimate())
    assert source.asked == [(3, 3)]
    assert matrix_of([], kept).travel_s == ()


def test_no_coordinate_is_in_the_files_and_nobody_else_reads_them(kept, some):
    matrix_of(some(3), kept)

    [path] = kept.folder.iterdir()
    with np.load(path) as file:
        numbers = {key: file[key] for key in file}

    assert set(numbers) == {"keys", "travel_s", "distance_m", "off_m"}
    assert numbers["keys"].shape == (3, 16)
    for point in some(3):
        for value in (point.lat, point.lon):
            assert np.float64(value).tobytes() not in path.read_bytes()
            assert str(value).encode() not in path.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700


def test_after_a_week_it_is_thrown_away_and_asked_anew(kept, source, some):
    matrix_of(some(3), kept)
    [path] = kept.folder.iterdir()
    old = time.time() - KEPT_S - 60
    os.utime(path, (old, old))

    matrix_of(some(2), kept)

    assert source.asked == [(3, 3), (2, 2)]
    assert not path.exists()


def test_no_more_than_a_few_are_kept(kept, some):
    for number in range(ENTRIES_MAX + 5):
        matrix_of([Point(50 + number, 9), Point(50, 9 + number)], kept)

    assert len(list(kept.folder.iterdir())) <= ENTRIES_MAX + 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"x" * 99])
def test_a_damaged_file_is_asked_anew(kept, source, some, damage):
    matrix_of(some(3), kept)
    [path] = kept.folder.iterdir()
    path.write_bytes(damage)

    assert matrix_of(some(3), kept) == matrix_of(some(3), Estimate())
    assert source.asked == [(3, 3), (3, 3)]


def test_a_folder_that_cannot_be_written_is_told_and_does_not_matter(
    source, some, tmp_path, caplog
):
    (tmp_path / "file").write_text("")
    kept = Remembered(source, tmp_path / "file" / "matrices")

    assert matrix_of(some(2), kept) == matrix_of(some(2), Estimate())
    assert caplog.messages == [
        f"The matrix is not kept in {kept.folder}: Not a directory."
    ]


def test_a_way_is_the_sources(kept, some):
    assert kept.line(some(2)) == some(2) * 2
    assert (kept.name, kept.identity) == (kept.source.name, kept.source.identity)
