"""When things happen on one route: its shift, drives, windows and breaks."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from routes.checking.reading import ENDS, Finding, Reading
from routes.checking.violation import ViolationKind
from routes.plan import Stop, StopKind, clock
from routes.problem import Break


def name_of(stop: Stop) -> str:
    """Return `stop` in words.

    >>> from routes.plan import Stop
    >>> at = {"place": 3, "arrival_s": 0, "service_start_s": 0, "departure_s": 0}
    >>> name_of(Stop(kind=StopKind.JOB, id="v1", **at))
    'job v1'
    >>> name_of(Stop(kind=StopKind.RELOAD, id=None, **at))
    'reload at place 3'
    """
    if stop.kind in ENDS:
        return str(stop.kind)
    if stop.kind is StopKind.RELOAD:
        return f"reload at place {stop.place}"
    return f"{stop.kind} {stop.id}"


def wrong_times(reading: Reading) -> Iterator[Finding]:
    """Yield where and when something on a route is done at a wrong time."""
    yield from _shift(reading)
    yield from _moves(reading)
    for stop in reading.route.stops:
        if stop.service_start_s < stop.arrival_s:
            text = f"begins {name_of(stop)} before being there."
            yield ViolationKind.EARLY_START, text, stop.id
    yield from _halts(reading)
    for stop in reading.route.stops:
        yield from _begin(reading, stop)
        yield from _lateness(reading, stop)
    yield from _breaks(reading)


def _shift(reading: Reading) -> Iterator[Finding]:
    shift, most_s = reading.technician.shift, reading.technician.overtime_max_s
    leaves_s = reading.route.stops[0].arrival_s
    back_s = reading.route.stops[-1].departure_s
    if leaves_s < shift.opens_s:
        text = f"leaves at {clock(leaves_s)}, before {clock(shift.opens_s)}."
        yield ViolationKind.SHIFT, text, None
    if reading.overtime_s > most_s:
        text = f"is done at {clock(back_s)}, after {clock(shift.closes_s + most_s)}."
        kind = ViolationKind.OVERTIME if most_s else ViolationKind.SHIFT
        yield kind, text, None


def _moves(reading: Reading) -> Iterator[Finding]:
    """The time between two places is the drive, whatever breaks interrupt it."""
    stops = reading.route.stops
    here, moved_s = reading.place(stops[0]), 0
    for before, stop in pairwise(stops):
        step_s = stop.arrival_s - before.departure_s
        moved_s += step_s
        if step_s < 0:
            text = f"is at {name_of(stop)} before leaving the stop before it."
            yield ViolationKind.TRAVEL_TIME, text, stop.id
        if not reading.is_somewhere(stop):
            continue
        there = reading.place(stop)
        travel_s = reading.problem.travel_s(reading.technician, here, there)
        if step_s >= 0 and moved_s != travel_s:
            text = f"drives {moved_s} s to {name_of(stop)}, which is {travel_s} s."
            yield ViolationKind.TRAVEL_TIME, text, stop.id
        here, moved_s = there, 0


def _halts(reading: Reading) -> Iterator[Finding]:
    """Where it is done, and how long it takes: set up once a place, then serve."""
    here = reading.technician.start
    for stop in reading.route.stops:
        halt, place = reading.halt(stop), reading.place(stop)
        name = name_of(stop)
        if (halt or reading.pause(stop)) and stop.place != place:
            where = "anywhere" if place is None else f"at place {place}"
            text = f"{name} is {where}, not at place {stop.place}."
            yield ViolationKind.PLACE, text, stop.id
        if halt is not None:
            setup_s = 0 if halt.place == here else halt.setup_s
            if stop.setup_s != setup_s:
                text = f"{name} has a setup of {stop.setup_s} s instead of {setup_s} s."
                yield ViolationKind.SETUP, text, stop.id
            if stop.service_s != halt.service_s:
                text = f"{name} takes {stop.service_s} s instead of {halt.service_s} s."
                yield ViolationKind.DURATION, text, stop.id
        if stop.kind in ENDS and (
            stop.setup_s
            or not stop.arrival_s == stop.service_start_s == stop.departure_s
        ):
            text = f"the {name} takes time."
            yield ViolationKind.DURATION, text, stop.id
        if reading.is_somewhere(stop):
            here = place


def _begin(reading: Reading, stop: Stop) -> Iterator[Finding]:
    """Nothing begins outside its windows, or later than may be paid for."""
    halt = reading.halt(stop)
    most_s = 0 if halt is None or halt.lateness is None else halt.lateness.max_s
    late_s = reading.lateness_s(stop)
    if late_s is not None and late_s <= most_s:
        return
    begins = f"{name_of(stop)} begins at {clock(stop.service_start_s)}"
    windows = reading.windows(stop)
    own = [one for one in windows if one.opens_s <= stop.service_start_s]
    in_own = not windows or (
        bool(own) and stop.service_start_s - own[-1].closes_s <= most_s
    )
    if in_own:
        text = f"{begins}, not on the days of its area."
        yield ViolationKind.AREA_WINDOW, text, stop.id
    elif late_s is not None and halt is not None and halt.lateness is not None:
        text = f"{begins}, {late_s} s late; {most_s} s are allowed."
        yield ViolationKind.TOO_LATE, text, stop.id
    else:
        kind = {
            StopKind.BREAK: ViolationKind.BREAK_WINDOW,
            StopKind.RELOAD: ViolationKind.RELOAD_WINDOW,
        }.get(stop.kind, ViolationKind.WINDOW)
        yield kind, f"{begins}, outside its windows.", stop.id


def _lateness(reading: Reading, stop: Stop) -> Iterator[Finding]:
    """A stop is as late as the plan says; of one that may not begin then, no matter."""
    halt = reading.halt(stop)
    most_s = 0 if halt is None or halt.lateness is None else halt.lateness.max_s
    late_s = reading.lateness_s(stop)
    if late_s is not None and late_s <= most_s and stop.late_s != late_s:
        text = f"{name_of(stop)} is {late_s} s late, not {stop.late_s} s."
        yield ViolationKind.LATENESS, text, stop.id


def _breaks(reading: Reading) -> Iterator[Finding]:
    """Everybody takes each of their breaks once, in their order, and all of it."""
    taken = [one for one in reading.route.stops if one.kind is StopKind.BREAK]
    counts = Counter(stop.id for stop in taken)
    due = [pause.id for pause in reading.technician.breaks]
    for id_ in due:
        if counts[id_] != 1:
            text = f"takes break {id_} {counts[id_]} times instead of once."
            yield ViolationKind.BREAK_MISSING, text, id_
    once = [stop.id or "" for stop in taken if counts[stop.id] == 1 and stop.id in due]
    for before, after in pairwise(once):
        if due.index(before) > due.index(after):
            text = f"takes break {after} after break {before}."
            yield ViolationKind.BREAK_ORDER, text, after
    for stop in taken:
        pause = reading.pause(stop)
        if pause is None:
            text = f"break {stop.id} is not in the problem."
            yield ViolationKind.UNKNOWN_STOP, text, stop.id
        else:
            yield from _break(stop, pause)


def _break(stop: Stop, pause: Break) -> Iterator[Finding]:
    if stop.service_s != pause.duration_s or stop.setup_s:
        lasts_s = stop.departure_s - stop.service_start_s
        text = f"break {stop.id} lasts {lasts_s} s instead of {pause.duration_s} s."
        yield ViolationKind.DURATION, text, stop.id
