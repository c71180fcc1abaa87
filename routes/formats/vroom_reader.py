"""Problems as the VROOM API writes them, in.

Source: VROOM-Project/vroom, docs/API.md.  Times are whole numbers of any origin, as
there; ids and skills may also be text.  A file without `matrices` is driven by
`routes.travel`.  A `matrix` by itself and the `amount` of a job are read as VROOM reads
them, of old files.  Keys that nobody here knows are ignored, unless they would change
what a good plan is, or begin like our own (`routes.formats.own_keys`): those are
refused.
"""

from collections.abc import Mapping

from routes.formats.document import Document, Key
from routes.formats.entry import Entry, entry_of
from routes.formats.own_keys import check_keys_within, check_own_keys
from routes.formats.vroom_matrices import Travel, has_matrices, matrices_of
from routes.formats.vroom_names import Register, window, windows
from routes.formats.vroom_vehicles import read_technician
from routes.plan import StopKind, TaskKey
from routes.problem import (
    Changes,
    Given,
    Halt,
    Lateness,
    Link,
    Problem,
    Shipment,
    TimeWindow,
    Visit,
)
from routes.windows import check_windows

SCALE_MAX = 10**6
BY_TYPE = {
    "setup_per_type": "setup by vehicle type is not known here",
    "service_per_type": "service by vehicle type is not known here",
}


def read_problem(text: str | bytes, *, travel: Travel | None = None) -> Document:
    """Return the problem in a VROOM API document.

    One without `matrices` is driven by `travel`: the built-in estimate if None.

    Raises:
        BadProblem: it does not hold one; the text says where and why.
    """
    root = entry_of(text)
    check_own_keys(root, "document")
    register = Register(indexed=has_matrices(root))
    visits = tuple(_visit(one, register) for one in root.each("jobs"))
    shipments = tuple(_shipment(one, register) for one in root.each("shipments"))
    vehicles = root.need("vehicles").items()
    technicians = tuple(read_technician(one, register) for one in vehicles)
    ids = {(noun, str(name)): id_ for (noun, id_), name in register.names.items()}
    orders = {
        technician.id: order
        for entry, technician in zip(vehicles, technicians, strict=True)
        if (order := _steps(entry, ids))
    }
    scale = root.integer_at("fsc_scale", 1)
    if not 1 <= scale <= SCALE_MAX:
        root.need("fsc_scale").refuse(f"should be from 1 to {SCALE_MAX}")
    with root.blamed():
        problem = Problem(
            technicians=technicians,
            visits=visits,
            shipments=shipments,
            matrices=matrices_of(
                root, register, {one.profile for one in technicians}, travel
            ),
            links=tuple(_link(one) for one in root.each("fsc_links")),
            area_windows=_area_windows(root.get("fsc_area_windows")),
            changes=_changes(root.get("fsc_changes")),
            evenness_price=root.integer_at("fsc_evenness_price", 0),
        )
    return Document(
        problem=problem,
        orders=orders,
        names=register.names,
        descriptions=register.descriptions,
        locations=register.locations,
        indexed=register.indexed,
        scale=scale,
    )


def _visit(entry: Entry, register: Register) -> Visit:
    check_own_keys(entry, "job")
    id_ = register.named("job", entry)
    halt = _halt(entry, register)
    area, allowed = entry.get("fsc_area"), entry.get("fsc_allowed")
    given = entry.get("fsc_given")
    with entry.blamed():
        return Visit(
            id=id_,
            place=halt.place,
            setup_s=halt.setup_s,
            service_s=halt.service_s,
            windows=halt.windows,
            lateness=halt.lateness,
            skills=register.skills(entry),
            deliver=entry.integers(_key_of_delivery(entry)),
            collect=entry.integers("pickup"),
            priority=entry.integer_at("priority", 0),
            people=entry.integer_at("fsc_people", 1),
            area=None if area is None else area.text(),
            allowed=None
            if allowed is None
            else _people(entry, "fsc_allowed", register),
            forbidden=_people(entry, "fsc_forbidden", register),
            preferred=_people(entry, "fsc_preferred", register),
            preferred_price=entry.integer_at("fsc_preferred_price", 0),
            given=None if given is None else _given(given, register),
        )


def _key_of_delivery(job: Entry) -> str:
    """Return where `job` says what is brought: in old files as its amount."""
    said = [key for key in ("delivery", "pickup") if job.get(key) is not None]
    return "delivery" if said else "amount"


def _people(entry: Entry, key: str, register: Register) -> frozenset[str]:
    return frozenset(register.person(one) for one in entry.each(key))


def _given(entry: Entry, register: Register) -> Given:
    check_keys_within(entry, "fsc_given")
    return Given(
        technician=register.person(entry.need("vehicle")),
        begin_s=entry.integer_or_none("begin"),
    )


def _shipment(entry: Entry, register: Register) -> Shipment:
    check_own_keys(entry, "shipment")
    pickup, delivery = entry.need("pickup"), entry.need("delivery")
    fetched, brought = (one.need("id").name() for one in (pickup, delivery))
    id_ = str(fetched) if fetched == brought else f"{fetched}>{brought}"
    for noun, half in (("pickup", pickup), ("delivery", delivery)):
        check_own_keys(half, "shipment half")
        register.named(noun, half, id_=id_)
    # The shipment itself has no id to be told by; its pickup has.
    with pickup.blamed():
        return Shipment(
            id=id_,
            pickup=_halt(pickup, register),
            delivery=_halt(delivery, register),
            amount=entry.integers("amount"),
            skills=register.skills(entry),
            priority=entry.integer_at("priority", 0),
        )


def _halt(entry: Entry, register: Register) -> Halt:
    for key, sentence in BY_TYPE.items():
        entry.refuse_given(key, sentence)
    lateness = entry.get("fsc_lateness")
    with entry.blamed():
        return Halt(
            place=register.needed_place(entry),
            setup_s=entry.integer_at("setup", 0),
            service_s=entry.integer_at("service", 0),
            windows=windows(entry),
            lateness=None if lateness is None else _lateness(lateness),
        )


def _lateness(entry: Entry) -> Lateness:
    check_keys_within(entry, "fsc_lateness")
    with entry.blamed():
        return Lateness(
            max_s=entry.need("max").integer(), per_hour=entry.integer_at("per_hour", 0)
        )


def _steps(entry: Entry, ids: Mapping[Key, str]) -> tuple[TaskKey, ...]:
    """Return the order of a vehicle's `steps`, where the search may begin."""
    order = []
    for step in entry.each("steps"):
        check_own_keys(step, "vehicle step")
        kind = step.need("type").text()
        if kind in ("start", "end", "break"):
            continue
        found = ids.get((kind, str(step.need("id").name())))
        if found is None or kind not in ("job", "pickup", "delivery"):
            step.refuse(f"there is no {kind} of that id")
        order.append((StopKind(kind), found))
    return tuple(order)


def _link(entry: Entry) -> Link:
    check_keys_within(entry, "fsc_links")
    same = entry.get("same_person")
    with entry.blamed():
        return Link(
            first=str(entry.need("first").name()),
            second=str(entry.need("second").name()),
            least_s=entry.integer_at("least", 0),
            most_s=entry.integer_or_none("most"),
            same_person=False if same is None else same.truth(),
        )


def _area_windows(entry: Entry | None) -> Mapping[str, tuple[TimeWindow, ...]]:
    if entry is None:
        return {}
    found = {}
    for area in entry.fields():
        Entry(area, entry.path).text()
        found[area] = tuple(window(one) for one in entry.each(area))
        with Entry(None, f"{entry.path}.{area}").blamed():
            check_windows(found[area])
    return found


def _changes(entry: Entry | None) -> Changes:
    if entry is None:
        return Changes()
    check_keys_within(entry, "fsc_changes")
    with entry.blamed():
        return Changes(
            per_technician=entry.integer_at("per_technician", 0),
            per_hour=entry.integer_at("per_hour", 0),
        )
