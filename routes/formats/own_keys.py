"""The keys of our own in VROOM JSON: what VROOM cannot say.

All begin with `fsc_`, so that other readers ignore them and this one can tell a slip of
the pen from somebody else's key: what begins like ours and is not known is refused.
`docs/routes.md` says what each means.
"""

from difflib import get_close_matches

from routes.formats.entry import Entry

PREFIX = "fsc"
ALIKE = 0.8
"""All begin alike, so that less would offer any key for any other."""
OWN: dict[str, tuple[str, ...]] = {
    "document": (
        "fsc_area_windows",
        "fsc_changes",
        "fsc_evenness_price",
        "fsc_links",
        "fsc_scale",
    ),
    "vehicle": (
        "fsc_aboard",
        "fsc_areas",
        "fsc_away_price",
        "fsc_breaks_in_order",
        "fsc_first",
        "fsc_last",
        "fsc_max_work_time",
        "fsc_overtime",
        "fsc_person",
        "fsc_reload",
        "fsc_used_capacity",
    ),
    "costs": ("fsc_per_overtime_hour", "fsc_per_work_hour"),
    "break": ("fsc_location", "fsc_location_index", "fsc_paid"),
    "job": (
        "fsc_allowed",
        "fsc_area",
        "fsc_forbidden",
        "fsc_given",
        "fsc_lateness",
        "fsc_people",
        "fsc_preferred",
        "fsc_preferred_price",
    ),
    "shipment": (),
    "shipment half": ("fsc_lateness",),
    "matrix": (),
    "vehicle step": (),
    "plan": ("fsc_scale",),
    "summary": (),
    "route": ("fsc_late", "fsc_overtime", "fsc_work_time"),
    "step": ("fsc_late", "fsc_used"),
    "left out": (),
}
"""By what stands where they do."""
WITHIN: dict[str, tuple[str, ...]] = {
    "fsc_changes": ("per_technician", "per_hour"),
    "fsc_given": ("vehicle", "begin"),
    "fsc_lateness": ("max", "per_hour"),
    "fsc_links": ("first", "second", "least", "most", "same_person"),
    "fsc_reload": ("locations", "location_indexes", "service", "max", "time_windows"),
}
"""The keys of the objects under ours: there all are ours."""


def check_own_keys(entry: Entry, noun: str) -> None:
    """Refuse keys of `entry`, a `noun` of `OWN`, that begin like ours and are not."""
    for key in entry.fields():
        if key.casefold().startswith(PREFIX) and key not in OWN[noun]:
            _refuse(entry, key, OWN[noun])


def check_keys_within(entry: Entry, key: str) -> None:
    """Refuse what is not known in the object `entry` under our `key`."""
    for found in entry.fields():
        if found not in WITHIN[key]:
            _refuse(entry, found, WITHIN[key])


def _refuse(entry: Entry, key: str, known: tuple[str, ...]) -> None:
    where = [noun for noun, keys in OWN.items() if key in keys]
    near = get_close_matches(key.casefold(), known, n=1, cutoff=ALIKE)
    hint = ""
    if where:
        hint = f"; it belongs to a {where[0]}"
    elif near:
        hint = f"; {near[0]} is"
    entry.refuse(f"the key {key!r} is not known here{hint}")
