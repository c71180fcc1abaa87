"""A made-up centre, and what its devices live through: the same for the same size.

A device is commissioned to a shelf, then goes round: into a technician's vehicle, to a
citizen's home, back with a technician, to a shelf of its depot, where somebody looks at
it and says it is ready.  All numbers are those of rows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""When the made-up ledger ends."""
YEARS = 5
SECOND_US = 1_000_000
SPAN_US = YEARS * 365 * 86_400 * SECOND_US
END_US = int(NOW.timestamp()) * SECOND_US
SHELVES = 50
"""In each depot."""
DEPOTS = 20
TECHNICIANS = 50
MODELS = ("OXI", "BPM", "SPI", "THM", "ECG")
SEED = 1

Numbers = NDArray[np.int64]


class Phase(IntEnum):
    """What an event of a life is."""

    LOAD = 0
    INSTALL = 1
    COLLECT = 2
    RECEIVE = 3
    INSPECT = 4
    COMMISSION = 5


TAKES = {
    Phase.LOAD: 30.0,
    Phase.INSTALL: 0.3,
    Phase.COLLECT: 120.0,
    Phase.RECEIVE: 0.3,
    Phase.INSPECT: 3.0,
    Phase.COMMISSION: 0.0,
}
"""How many days, more or less, go by before it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the centre is."""

    devices: int
    events_per_device: int = 20

    @property
    def citizens(self) -> int:
        """Return how many citizens have, had or will have a device."""
        return max(10, self.devices // 10)

    # Parties by number: the region, depots, technicians, citizens.
    def depot_party(self, depot: Numbers | int) -> Numbers | int:
        """Return the party of a depot, counted from 0."""
        return depot + 2

    def technician_party(self, technician: Numbers | int) -> Numbers | int:
        """Return the party of a technician, counted from 0."""
        return technician + 2 + DEPOTS

    def citizen_party(self, citizen: Numbers | int) -> Numbers | int:
        """Return the party of a citizen, counted from 0."""
        return citizen + 2 + DEPOTS + TECHNICIANS

    # Places by number: depots, their shelves, vehicles, homes.
    def shelf(self, depot: Numbers, shelf: Numbers) -> Numbers:
        """Return the place of a shelf of a depot."""
        return 1 + DEPOTS + depot * SHELVES + shelf

    def vehicle(self, technician: Numbers | int) -> Numbers | int:
        """Return the place of a technician's vehicle."""
        return technician + 1 + DEPOTS + DEPOTS * SHELVES

    def home(self, citizen: Numbers | int) -> Numbers | int:
        """Return the place of a citizen's home."""
        return citizen + 1 + DEPOTS + DEPOTS * SHELVES + TECHNICIANS


@dataclass(frozen=True, slots=True)
class Lives:
    """All events, device by device, each device's in their order."""

    device: NDArray[np.int32]
    """Its number, from 1."""
    phase: NDArray[np.int8]
    at_us: Numbers
    custodian: NDArray[np.int32]
    location: NDArray[np.int32]
    station: NDArray[np.int16]
    order: Numbers
    """Which is the first event of the ledger, which the next."""
    number: NDArray[np.int32]
    """The number of each event in the ledger, from 1."""

    @property
    def events(self) -> int:
        """Return how many there are."""
        return len(self.device)


def lives(size: Size) -> Lives:
    """Return what the devices of a centre live through."""
    chance = np.random.default_rng(SEED)
    index = np.arange(size.devices)
    # Not all stop at the same place of their round, or all would now be on a shelf.
    events = np.maximum(size.events_per_device - 2 + index // DEPOTS % 5, 1)
    device = np.repeat(index, events)
    step = np.arange(len(device)) - np.repeat(np.cumsum(events) - events, events)
    phase = ((step - 1) % 5).astype(np.int8)
    phase[step == 0] = Phase.COMMISSION
    at_us = _moments(chance, device, step, phase, events)
    custodian, location, station = _whereabouts(chance, size, device, step, phase)
    order = np.argsort(at_us, kind="stable")
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(1, len(order) + 1)
    return Lives(
        device=(device + 1).astype(np.int32),
        phase=phase,
        at_us=at_us,
        custodian=custodian,
        location=location,
        station=station,
        order=order,
        number=number,
    )


def _moments(
    chance: np.random.Generator,
    device: Numbers,
    step: Numbers,
    phase: NDArray[np.int8],
    events: Numbers,
) -> Numbers:
    """Return when each event happens: whole seconds, no two of a device at once."""
    days = np.array([TAKES[Phase(p)] for p in range(len(Phase))])
    waits = days[phase] * chance.exponential(size=len(device))
    begins = np.cumsum(events) - events
    run = np.cumsum(waits)
    gone = run - np.repeat(run[begins], events)
    lasting = np.maximum(np.repeat(gone[begins + events - 1], events), 1e-9)
    born = np.repeat(chance.random(len(events)) * 0.4 * SPAN_US, events)
    # The last event of a device is a day to a year old.
    age = 1 + 364 * chance.random(len(events))
    left = SPAN_US - born - np.repeat(age * 86_400 * SECOND_US, events)
    seconds = ((born + left * gone / lasting) // SECOND_US).astype(np.int64) + step
    at_us: Numbers = END_US - SPAN_US + seconds * SECOND_US
    return at_us


def _whereabouts(
    chance: np.random.Generator,
    size: Size,
    device: Numbers,
    step: Numbers,
    phase: NDArray[np.int8],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]:
    """Return custodian, location and station of each event."""
    count = len(device)
    depot = device % DEPOTS
    technician = chance.integers(0, TECHNICIANS, count)
    citizen = chance.integers(0, size.citizens, count)
    shelf = chance.integers(0, SHELVES, count)
    custodian = np.asarray(size.depot_party(depot)).astype(np.int32)
    location = size.shelf(depot, shelf).astype(np.int32)
    station = (depot + 1).astype(np.int16)
    driving = (phase == Phase.LOAD) | (phase == Phase.COLLECT)
    custodian[driving] = size.technician_party(technician[driving])
    location[driving] = size.vehicle(technician[driving])
    at_home = phase == Phase.INSTALL
    custodian[at_home] = size.citizen_party(citizen[at_home])
    location[at_home] = size.home(citizen[at_home])
    outside = at_home | (phase == Phase.COLLECT)
    station[outside] = technician[outside] + 1 + DEPOTS
    return custodian, location, station


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of one chain, device by device."""

    device: NDArray[np.int32]
    valid_from: Numbers
    valid_to: Numbers
    first: NDArray[np.bool_]
    event: NDArray[np.int32]
    which: Numbers
    """The event of the lives each span comes from."""


OPEN_US = 253_402_300_799_999_999
"""The end of what still lasts, as `tables.base.OPEN_ENDED`."""


def spans(told: Lives, phases: tuple[Phase, ...]) -> Spans:
    """Return the spans that the events of these phases begin."""
    which = np.flatnonzero(np.isin(told.phase, [int(phase) for phase in phases]))
    device, begins = told.device[which], told.at_us[which]
    first = np.ones(len(which), dtype=np.bool_)
    first[1:] = device[1:] != device[:-1]
    ends = np.full(len(which), OPEN_US, dtype=np.int64)
    ends[:-1] = np.where(first[1:], OPEN_US, begins[1:])
    return Spans(device, begins, ends, first, told.number[which], which)
