"""Whatever a service answers, there is a matrix or one line that says why not."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from routes.travel import NoTravel, Point, matrix_of
from routes.travel.osrm import Osrm
from routes.travel.service import Service
from routes.travel.valhalla import Valhalla

POINTS = [Point(55.8, 9.8), Point(55.9, 9.9)]
KEYS = st.sampled_from(
    [
        "code",
        "durations",
        "distances",
        "sources",
        "destinations",
        "distance",
        "message",
        "routes",
        "geometry",
        "coordinates",
        "sources_to_targets",
        "time",
        "error",
        "error_code",
        "trip",
        "legs",
        "shape",
    ]
)
NUMBERS = st.one_of(
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    st.sampled_from([0, 1, 150, 171]),
)
WORDS = st.sampled_from(["Ok", "TooBig", "NoRoute", "", "_p~iF~ps|U", "\ud800"])
SQUARE = st.lists(st.lists(NUMBERS | st.none(), min_size=2, max_size=2), min_size=2)
JSON = st.recursive(
    NUMBERS | st.none() | st.booleans() | WORDS | SQUARE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "code": st.just("Ok") | JSON,
        "durations": SQUARE | JSON,
        "distances": SQUARE | JSON,
        "sources": st.lists(st.fixed_dictionaries({"distance": NUMBERS}), min_size=2),
        "destinations": JSON,
        "routes": JSON,
        "sources_to_targets": st.fixed_dictionaries(
            {"durations": SQUARE, "distances": SQUARE}
        )
        | JSON,
        "error_code": JSON,
        "error": JSON,
        "trip": JSON,
    },
)


class Answering(Service):
    """A service that answers one thing, whatever it is asked."""

    def ask(self, path, body=None):
        return self.object_in(self.text, status=200)


def one(kind, answer):
    service = Answering(kind=kind, url="http://127.0.0.1:1")
    object.__setattr__(service, "text", json.dumps(answer).encode())
    return service


@given(ANSWERS)
def test_any_answer_is_a_matrix_or_a_line(answer):
    for source in (Osrm(one("OSRM", answer)), Valhalla(one("Valhalla", answer))):
        with suppress(NoTravel):
            matrix = matrix_of(POINTS, source)
            numbers = [n for row in matrix.travel_s + matrix.distance_m for n in row]
            assert all(isinstance(n, int) and n >= 0 for n in numbers)


@given(ANSWERS)
def test_any_answer_is_a_way_or_a_line(answer):
    for source in (Osrm(one("OSRM", answer)), Valhalla(one("Valhalla", answer))):
        with suppress(NoTravel):
            assert all(isinstance(point, Point) for point in source.line(POINTS))
