"""What the objects of a VROOM document are called, and where they are."""

from collections.abc import Iterable

from routes.formats.document import Key, Name
from routes.formats.entry import Entry
from routes.problem import TimeWindow


class Register:
    """Collects places, names and descriptions while the objects are read."""

    def __init__(self, *, indexed: bool) -> None:
        """Begin with nothing; `indexed` if places are indices into given matrices."""
        self.indexed = indexed
        self.places: dict[tuple[float, float], int] = {}
        self.locations: dict[int, tuple[float, float]] = {}
        self.names: dict[Key, Name] = {}
        self.descriptions: dict[Key, str] = {}
        self.users: dict[int, Entry] = {}
        """Who is first to be at each place."""

    def named(self, noun: str, entry: Entry, *, id_: str | None = None) -> str:
        """Remember what `entry` is called and return our id for it."""
        name = entry.need("id").name()
        id_ = str(name) if id_ is None else id_
        if (noun, id_) in self.names:
            entry.refuse(f"there is another {noun} with the id {name}")
        self.names[noun, id_] = name
        if (description := entry.get("description")) is not None:
            self.descriptions[noun, id_] = description.text()
        return id_

    def words(self, noun: str, entries: Iterable[Entry]) -> tuple[str, ...]:
        """Remember the names in an array and return our ids for them."""
        names = [one.name() for one in entries]
        self.names.update({(noun, str(name)): name for name in names})
        return tuple(map(str, names))

    def skills(self, entry: Entry) -> frozenset[str]:
        """Return the `skills` of `entry`."""
        return frozenset(self.words("skill", entry.each("skills")))

    def person(self, entry: Entry) -> str:
        """Return the person or vehicle that `entry` names."""
        name = entry.name()
        # A vehicle of that name has been remembered as such, or will be.
        self.names.setdefault(("person", str(name)), name)
        return str(name)

    def place(self, entry: Entry, location: str, index: str) -> int | None:
        """Return the place given by `index`, or by coordinates without matrices."""
        spot, number = entry.get(location), entry.get(index)
        if spot is None and number is None:
            return None
        if self.indexed and number is None:
            entry.refuse(f"{index} is missing")
        if not self.indexed and spot is None:
            entry.refuse(f"{location} is missing")
        at = None if spot is None else coordinates(spot)
        if self.indexed and number is not None:
            place = number.integer()
            if at is not None:
                self.locations[place] = at
        else:
            assert at is not None
            place = self.place_at(at)
        self.users.setdefault(place, entry)
        return place

    def place_at(self, at: tuple[float, float]) -> int:
        """Return the place at the coordinates `at`, a new one if nobody was there."""
        place = self.places.setdefault(at, len(self.places))
        self.locations[place] = at
        return place

    def needed_place(self, entry: Entry) -> int:
        """Return where `entry` is, which must be said."""
        place = self.place(entry, "location", "location_index")
        if place is None:
            needed = "location_index" if self.indexed else "location"
            entry.refuse(f"{needed} is missing")
        return place


def coordinates(entry: Entry) -> tuple[float, float]:
    """Return the [longitude, latitude] in `entry`."""
    numbers = [one.number() for one in entry.items()]
    if len(numbers) != 2:
        entry.refuse("should be [longitude, latitude]")
    lon, lat = numbers
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        entry.refuse("there is no such point; it should be [longitude, latitude]")
    return lon, lat


def window(entry: Entry) -> TimeWindow:
    """Return the window in the array of two moments in `entry`."""
    moments = [one.integer() for one in entry.items()]
    if len(moments) != 2:
        entry.refuse("should be an array of two whole numbers")
    with entry.blamed():
        return TimeWindow(*moments)


def windows(entry: Entry, key: str = "time_windows") -> tuple[TimeWindow, ...]:
    """Return the windows in the array under `key`."""
    return tuple(window(one) for one in entry.each(key))
