"""The rows of a made-up centre: register, events with their hashes, spans."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.ledger.life import (
    DEPOTS,
    MODELS,
    OPEN_US,
    SEED,
    SHELVES,
    TECHNICIANS,
    Lives,
    Phase,
    Size,
    Spans,
    spans,
)
from fsc_logistics.core.ledger.event_hash import (
    FORM,
    GENESIS,
    NOTHING,
    REGISTERING,
    ROW,
    SEPARATOR,
    event_text,
)

Rows = Iterator[tuple[Any, ...]]
OWNER = "REGION"
CHUNK = 50_000
"""How many events or spans are made at once."""

SAYS: dict[Phase, tuple[str, str, str | None, str | None]] = {
    Phase.COMMISSION: ("object", "commissioning", "available", "ready"),
    Phase.LOAD: ("object", "loading", "in_transit", None),
    Phase.INSTALL: ("object", "installing", "on_loan", None),
    Phase.COLLECT: ("object", "collecting", "in_transit", "returned"),
    Phase.RECEIVE: ("object", "receiving", "available", None),
    Phase.INSPECT: ("condition", "inspecting", None, "ready"),
}
"""Kind, step, disposition and condition of the events of each phase."""
MOVES = tuple(phase for phase in Phase if phase is not Phase.INSPECT)
CONDITIONS = tuple(phase for phase in Phase if SAYS[phase][3] is not None)

TABLES: dict[str, tuple[str, ...]] = {
    "party": ("id", "code", "kind"),
    "location": ("id", "code", "kind", "parent_id", "keeper_id"),
    "device_model": (
        *("id", "code", "maker", "name", "category"),
        *("setup_s", "training_s", "volume_ml"),
    ),
    "device": ("id", "tag", "model_id", "serial", "owner_id", "held_to"),
    "station": ("id", "code"),
    "event": (
        *("id", "uid", "station_id", "station_seq", "kind", "event_time"),
        *("record_time", "biz_step", "disposition", "actor", "read_point"),
        *("custodian_id", "location_id", "document", "hash", "form", "condition"),
    ),
    "event_line": ("event_id", "device_id"),
    "custody_span": (
        *("device_id", "valid_from", "valid_to", "prev_to", "event_id"),
        *("custodian_id", "location_id"),
    ),
    "condition_span": (
        *("device_id", "valid_from", "valid_to", "prev_to", "event_id"),
        "condition",
    ),
}
"""What is filled, in an order that references allow, and which columns."""


def rows_of(table: str, size: Size, told: Lives) -> Rows:
    """Return the rows of a table, in the order of its key."""
    match table:
        case "party":
            return enumerate_parties(size)
        case "location":
            return enumerate_places(size)
        case "device_model":
            return (
                (n, code, "MAKER", f"Model {code}", code.lower(), 600, 900, 2000)
                for n, code in enumerate(MODELS, 1)
            )
        case "device":
            return (
                (n, tag(n), 1 + n % len(MODELS), serial(n), 1, OPEN_US)
                for n in range(1, size.devices + 1)
            )
        case "station":
            return iter([*enumerate(stations(), 1)])
        case "event":
            return events(size, told)
        case "event_line":
            return _lines(told)
        case "custody_span":
            return _custody(told)
        case _:
            return _conditions(told)


def tag(device: int) -> str:
    """Return the tag of a device."""
    return f"{MODELS[device % len(MODELS)]}-{device:07}"


def serial(device: int) -> str:
    """Return the serial of a device."""
    return f"S{device:09}"


def registered(device: int) -> tuple[str, str, str]:
    """Return what the event that brings a device in says of it."""
    return MODELS[device % len(MODELS)], serial(device), OWNER


def enumerate_parties(size: Size) -> Rows:
    """Yield the parties: number, code, kind."""
    codes = [(OWNER, "region")]
    codes += [(f"DEPOT-{n:02}", "partner") for n in range(DEPOTS)]
    codes += [(f"TECH-{n:02}", "technician") for n in range(TECHNICIANS)]
    yield from ((n, code, kind) for n, (code, kind) in enumerate(codes, 1))
    for citizen in range(size.citizens):
        yield size.citizen_party(citizen), f"CIT-{citizen:06}", "citizen"


def enumerate_places(size: Size) -> Rows:
    """Yield the places: number, code, kind, the one around, the keeper."""
    for depot in range(DEPOTS):
        keeper = size.depot_party(depot)
        yield 1 + depot, f"D{depot:02}", "warehouse", None, keeper
    number = DEPOTS
    for depot in range(DEPOTS):
        for shelf in range(SHELVES):
            number += 1
            yield number, f"D{depot:02}-S{shelf:02}", "shelf", 1 + depot, None
    for technician in range(TECHNICIANS):
        keeper = size.technician_party(technician)
        code = f"VAN-{technician:02}"
        yield size.vehicle(technician), code, "vehicle", None, keeper
    for citizen in range(size.citizens):
        keeper = size.citizen_party(citizen)
        yield size.home(citizen), f"HOME-CIT-{citizen:06}", "home", None, keeper


def stations() -> list[str]:
    """Return the stations: a dock in each depot, a scanner in each vehicle."""
    docks = [f"DOCK-{n:02}" for n in range(DEPOTS)]
    return docks + [f"PHONE-{n:02}" for n in range(TECHNICIANS)]


def events(size: Size, told: Lives) -> Rows:
    """Yield the events in the order of their numbers, each station's hashes chained."""
    _check_text()
    party = {number: code for number, code, _ in enumerate_parties(size)}
    place = {number: code for number, code, *_ in enumerate_places(size)}
    codes = ["", *stations()]
    last = [(0, GENESIS)] * len(codes)
    chance = np.random.default_rng(SEED)
    for start in range(0, told.events, CHUNK):
        which = told.order[start : start + CHUNK]
        columns = zip(
            range(start + 1, start + len(which) + 1),
            told.device[which].tolist(),
            told.phase[which].tolist(),
            told.at_us[which].tolist(),
            told.custodian[which].tolist(),
            told.location[which].tolist(),
            told.station[which].tolist(),
            chance.integers(0, 1 << 26, len(which)).tolist(),
            strict=True,
        )
        for number, device, phase, at, custodian, location, station, noise in columns:
            uid = _uid(at, noise, number)
            seq, before = last[station]
            seq += 1
            kind, step, disposition, condition = SAYS[phase]
            actor = codes[station]
            document = read_point = who = where = None
            if phase != Phase.INSPECT:
                who, where = custodian, location
                read_point = actor
            if phase in (Phase.INSTALL, Phase.COLLECT):
                document = f"ORD-{number:08}"
            said = event_said(
                uid,
                actor,
                seq,
                kind,
                at,
                at,
                step,
                disposition,
                actor,
                read_point,
                party[custodian] if who else None,
                place[location] if who else None,
                document,
                condition,
                tag(device),
                registered(device) if phase == Phase.COMMISSION else (),
            )
            digest = hashlib.sha256(before + said.encode()).digest()
            last[station] = seq, digest
            form = REGISTERING if phase == Phase.COMMISSION else FORM
            yield (
                *(number, uid, station, seq, kind, at, at, step, disposition, actor),
                *(read_point, who, where, document, digest, form, condition),
            )


def _uid(at_us: int, noise: int, number: int) -> str:
    """Return a UUID of version 7 for what happened then."""
    ms = at_us // 1000
    high, low = noise >> 14, noise & 0x3FFF
    return (
        f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{high:03x}-{0x8000 | low:04x}-{number:012x}"
    )


def event_said(
    uid: str,
    station: str,
    seq: int,
    kind: str,
    at_us: int,
    recorded_us: int,
    step: str,
    disposition: str | None,
    actor: str,
    read_point: str | None,
    custodian: str | None,
    location: str | None,
    document: str | None,
    condition: str | None,
    device: str,
    registered: Sequence[str] = (),
) -> str:
    """Return what `event_text` does for an event about one device, only sooner."""
    s, n = SEPARATOR, NOTHING
    form = REGISTERING if registered else FORM
    return (
        f"{form}{s}{uid}{s}{station}{s}{seq}{s}{kind}{s}{at_us}{s}{recorded_us}{s}{step}{s}"
        f"{disposition or n}{s}{actor}{s}{read_point or n}{s}{custodian or n}{s}"
        f"{location or n}{s}{document or n}{s}{condition or n}{s}{n}{s}{n}{s}{n}"
        f"{ROW}{s.join(('d', device, n, *registered))}"
    )


def _check_text() -> None:
    """Make sure that `event_said` says what the ledger's own function says."""
    said = ("u", "S", 1, "object", 5, 6, "storing", None, "A", None, "P", "L", "O", "c")
    fields, device = (*said, None, None, None), ("d", "OXI-1", None)
    assert event_said(*said, "OXI-1") == event_text(fields, [device])
    new = registered(1)
    ours = event_text(fields, [(*device, *new)], form=REGISTERING)
    assert event_said(*said, "OXI-1", new) == ours


def _lines(told: Lives) -> Rows:
    for start in range(0, told.events, CHUNK):
        devices = told.device[told.order[start : start + CHUNK]].tolist()
        yield from enumerate(devices, start + 1)


def _custody(told: Lives) -> Rows:
    made = spans(told, MOVES)
    for part in _parts(made):
        which = made.which[part]
        yield from _links(
            made, part, told.custodian[which].tolist(), told.location[which].tolist()
        )


def _conditions(told: Lives) -> Rows:
    made = spans(told, CONDITIONS)
    words = [SAYS[phase][3] for phase in sorted(Phase)]
    for part in _parts(made):
        phases = told.phase[made.which[part]].tolist()
        yield from _links(made, part, [words[phase] for phase in phases])


def _parts(made: Spans) -> Iterator[slice]:
    for start in range(0, len(made.device), CHUNK):
        yield slice(start, start + CHUNK)


def _links(made: Spans, part: slice, *values: list[Any]) -> Rows:
    begins = made.valid_from[part].tolist()
    first = made.first[part].tolist()
    return zip(
        made.device[part].tolist(),
        begins,
        made.valid_to[part].tolist(),
        [None if f else b for f, b in zip(first, begins, strict=True)],
        made.event[part].tolist(),
        *values,
        strict=True,
    )
