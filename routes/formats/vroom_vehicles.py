"""The vehicles of a VROOM document, as technicians."""

from routes.formats.document import Key
from routes.formats.entry import Entry
from routes.formats.own_keys import check_keys_within, check_own_keys
from routes.formats.vroom_names import Register, coordinates, window, windows
from routes.problem import ALWAYS, Break, Costs, Reload, Technician

MAX_LOAD = "a break that depends on the load is not known here"
TASK_HOUR = "hours of work at the door have no price of their own here"


def read_technician(entry: Entry, register: Register) -> Technician:
    """Return the vehicle in `entry`.

    Raises:
        BadProblem: it is none; the text says where and why.
    """
    check_own_keys(entry, "vehicle")
    id_ = register.named("vehicle", entry)
    profile, factor = entry.get("profile"), entry.get("speed_factor")
    shift, person = entry.get("time_window"), entry.get("fsc_person")
    areas, reload = entry.get("fsc_areas"), entry.get("fsc_reload")
    with entry.blamed():
        return Technician(
            id=id_,
            start=register.place(entry, "start", "start_index"),
            end=register.place(entry, "end", "end_index"),
            person=None if person is None else register.person(person),
            shift=ALWAYS if shift is None else window(shift),
            overtime_max_s=entry.integer_at("fsc_overtime", 0),
            breaks=_breaks(entry, id_, register),
            skills=register.skills(entry),
            capacity=entry.integers("capacity"),
            used_capacity=(
                entry.integers("fsc_used_capacity")
                if entry.get("fsc_used_capacity") is not None
                else None
            ),
            aboard=entry.integers("fsc_aboard"),
            reload=None if reload is None else _reload(reload, register),
            tasks_max=entry.integer_or_none("max_tasks"),
            travel_max_s=entry.integer_or_none("max_travel_time"),
            distance_max_m=entry.integer_or_none("max_distance"),
            work_max_s=entry.integer_or_none("fsc_max_work_time"),
            areas=(
                None
                if areas is None
                else frozenset(one.text() for one in areas.items())
            ),
            away_price=entry.integer_or_none("fsc_away_price"),
            first=tuple(str(one.name()) for one in entry.each("fsc_first")),
            last=tuple(str(one.name()) for one in entry.each("fsc_last")),
            speed_factor=1.0 if factor is None else factor.number(),
            costs=_costs(entry.get("costs")),
            profile="car" if profile is None else profile.text(),
        )


def _breaks(entry: Entry, vehicle: str, register: Register) -> tuple[Break, ...]:
    """Return a vehicle's breaks by when they may begin, or in the order given."""
    found = [_break(one, vehicle, register) for one in entry.each("breaks")]
    in_order = entry.get("fsc_breaks_in_order")
    if in_order is None or not in_order.truth():
        found.sort(key=first_opening)
    return tuple(found)


def first_opening(pause: Break) -> list[int]:
    """Return by what VROOM sorts breaks: when they may first begin."""
    return [window.opens_s for window in pause.windows[:1]]


def _break(entry: Entry, vehicle: str, register: Register) -> Break:
    check_own_keys(entry, "break")
    entry.refuse_given("max_load", MAX_LOAD)
    noun = f"break of {vehicle}"
    name = entry.need("id").name()
    key: Key = (noun, str(name))
    register.names[key] = name
    if (description := entry.get("description")) is not None:
        register.descriptions[key] = description.text()
    paid = entry.get("fsc_paid")
    with entry.blamed():
        return Break(
            id=str(name),
            duration_s=entry.integer_at("service", 0),
            windows=windows(entry),
            place=register.place(entry, "fsc_location", "fsc_location_index"),
            is_paid=True if paid is None else paid.truth(),
        )


def _reload(entry: Entry, register: Register) -> Reload:
    check_keys_within(entry, "fsc_reload")
    if register.indexed:
        places = entry.integers("location_indexes")
    else:
        spots = entry.each("locations")
        places = tuple(register.place_at(coordinates(one)) for one in spots)
    for place in places:
        register.users.setdefault(place, entry)
    with entry.blamed():
        return Reload(
            places=places,
            duration_s=entry.integer_at("service", 0),
            times_max=entry.integer_at("max", 1),
            windows=windows(entry),
        )


def _costs(entry: Entry | None) -> Costs:
    default = Costs()
    if entry is None:
        return default
    check_own_keys(entry, "costs")
    entry.refuse_given("per_task_hour", TASK_HOUR)
    with entry.blamed():
        return Costs(
            fixed=entry.integer_at("fixed", default.fixed),
            per_hour=entry.integer_at("per_hour", default.per_hour),
            per_km=entry.integer_at("per_km", default.per_km),
            per_work_hour=entry.integer_at("fsc_per_work_hour", 0),
            per_overtime_hour=entry.integer_at("fsc_per_overtime_hour", 0),
        )
