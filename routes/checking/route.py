"""What is wrong with one route: what it may go by, then every rule it is held to."""

from collections.abc import Iterator
from itertools import chain

from routes.checking.loads import wrong_loads, wrong_pairs, wrong_reloads
from routes.checking.people import wrong_names
from routes.checking.reading import ENDS, Finding, Reading
from routes.checking.sums import wrong_limits, wrong_sums
from routes.checking.times import name_of, wrong_times
from routes.checking.violation import Violation, ViolationKind
from routes.plan import StopKind


def violations_of_route(reading: Reading) -> Iterator[Violation]:
    """Yield what is wrong with a route; of one that goes nowhere known, only that."""
    findings = _ends(reading) or _unknown(reading) or _rules(reading)
    for kind, text, stop in findings:
        yield Violation(
            kind=kind,
            text=f"{reading.technician.id}: {text}",
            technician=reading.technician.id,
            stop=stop,
        )


def _ends(reading: Reading) -> list[Finding]:
    stops, one = reading.route.stops, reading.technician
    ends = [(stop.kind, stop.place) for stop in stops if stop.kind in ENDS]
    outer = [stop.kind for stop in (*stops[:1], *stops[1:][-1:])]
    right = ends == [(StopKind.START, one.start), (StopKind.END, one.end)]
    if right and outer == list(ENDS):
        return []
    text = "the route does not begin and end where it should."
    return [(ViolationKind.ENDS, text, None)]


def _unknown(reading: Reading) -> list[Finding]:
    """Return the stops nobody can drive to; breaks can be passed by."""
    found: list[Finding] = []
    for stop in reading.route.stops:
        if stop.kind in (*ENDS, StopKind.BREAK) or reading.halt(stop) is not None:
            continue
        if stop.kind is StopKind.RELOAD:
            text = f"may not reload at place {stop.place}."
            found.append((ViolationKind.RELOAD, text, stop.id))
        else:
            text = f"{name_of(stop)} is not in the problem."
            found.append((ViolationKind.UNKNOWN_STOP, text, stop.id))
    return found


def _rules(reading: Reading) -> Iterator[Finding]:
    return chain(
        wrong_times(reading),
        wrong_names(reading),
        wrong_loads(reading),
        wrong_reloads(reading),
        wrong_pairs(reading),
        wrong_limits(reading),
        wrong_sums(reading),
    )
