"""How long and how far it is in a VROOM document, and who is where that cannot be."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from routes.formats.entry import Entry
from routes.formats.own_keys import check_own_keys
from routes.formats.places import check_count
from routes.formats.vroom_names import Register
from routes.problem import Matrix, Table

if TYPE_CHECKING:
    from routes.travel import Point

Travel: TypeAlias = Callable[[Sequence["Point"], Sequence[str]], Matrix]
"""The matrix between points; what each is called where something is wrong with it."""
PROFILE = "car"
"""Of a `matrix` that stands by itself, as in old files."""
LEG_MAX = 10_000_000
"""Seconds or metres: four months, or from the pole to the equator.

Services write something beyond it, or null, where there is no way.
"""


def has_matrices(root: Entry) -> bool:
    """Return whether a document says itself how long it takes."""
    return any(root.get(key) is not None for key in ("matrices", "matrix"))


def matrices_of(
    root: Entry, register: Register, profiles: set[str], travel: Travel | None
) -> dict[str, Matrix]:
    """Return the `matrices` of a document, or how `travel` drives between its places.

    Raises:
        BadProblem: they are broken, or there is no way somewhere; the text names who
            is there.
    """
    given, old = root.get("matrices"), root.get("matrix")
    if given is not None:
        check_own_keys(given, "matrix")
        found = {
            profile: _matrix(given.need(profile), register)
            for profile in given.fields()
        }
    elif old is not None:
        with old.blamed():
            found = {PROFILE: Matrix(travel_s=_table(old, register))}
    else:
        return dict.fromkeys(profiles, _estimated(root, register, travel))
    _check_places(found, register)
    return found


def _estimated(root: Entry, register: Register, travel: Travel | None) -> Matrix:
    from routes.travel import Point, matrices

    check_count(len(register.places))
    points = [Point(lat, lon) for lon, lat in register.places]
    with root.blamed():
        if travel is None:
            matrix = matrices(points)
        else:
            names = [register.users[place].path for place in range(len(points))]
            matrix = travel(points, names)
    for name, table in (
        ("duration", matrix.travel_s),
        ("way", matrix.distance_m or ()),
    ):
        if (leg := _too_long(table)) is not None:
            origin, destination = (_who(register, place) for place in leg)
            root.refuse(
                f"the {name} from {origin} to {destination} is too long to drive; "
                "every location should be [longitude, latitude]"
            )
    return matrix


def _check_places(found: Mapping[str, Matrix], register: Register) -> None:
    """Refuse who is at a place that is not in all matrices."""
    for profile, matrix in found.items():
        count = len(matrix.travel_s)
        for place, entry in register.users.items():
            if not 0 <= place < count:
                sentence = f"place {place} is not in the matrix of {profile}"
                entry.refuse(f"{sentence}, which has {count} places from 0 on")


def _matrix(entry: Entry, register: Register) -> Matrix:
    check_own_keys(entry, "matrix")
    sentence = "costs come from hours and kilometres here; leave it out"
    entry.refuse_given("costs", sentence)
    distances = entry.get("distances")
    with entry.blamed():
        return Matrix(
            travel_s=_table(entry.need("durations"), register),
            distance_m=None if distances is None else _table(distances, register),
        )


def _table(entry: Entry, register: Register) -> Table:
    """Return the numbers in a square array of arrays."""
    rows = entry.value if isinstance(entry.value, list) else []
    count = len(rows)
    # Entries for 160,000 numbers would take a second; look closer only if need be.
    if rows and all(_is_plain(row, count) for row in rows):
        return tuple(map(tuple, rows))
    for origin, row in enumerate(entry.items()):
        numbers = row.items()
        if len(numbers) != count:
            row.refuse(f"has {len(numbers)} numbers, and there are {count} rows")
        for destination, number in enumerate(numbers):
            _check_leg(number, register, origin, destination)
    return tuple(tuple(row) for row in rows)


def _is_plain(row: object, count: int) -> bool:
    """Return whether `row` is as many whole numbers as there are rows, all possible."""
    if not isinstance(row, list) or len(row) != count:
        return False
    return {*map(type, row)} == {int} and min(row) >= 0 and max(row) <= LEG_MAX


def _check_leg(
    number: Entry, register: Register, origin: int, destination: int
) -> None:
    def refuse(sentence: str) -> NoReturn:
        ends = f"{_who(register, origin)} to {_who(register, destination)}"
        number.refuse(f"{sentence} from {ends}")

    if number.value is None:
        refuse("null: there is no way")
    value = number.integer()
    if value < 0:
        refuse(f"{value} is less than nothing,")
    if value > LEG_MAX:
        refuse(f"{value} is over {LEG_MAX}, which nobody drives,")


def _too_long(table: Table) -> tuple[int, int] | None:
    for origin, row in enumerate(table):
        longest = max(row)
        if longest >= LEG_MAX:
            return origin, row.index(longest)
    return None


def _who(register: Register, place: int) -> str:
    """Return who is at `place`, for a person to find it in the document."""
    entry = register.users.get(place)
    return f"place {place}" if entry is None else f"place {place} of {entry.path}"
