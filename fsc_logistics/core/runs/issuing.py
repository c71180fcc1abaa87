"""Runs: find, list, show, issue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.orders.facts import devices_of, run_state
from fsc_logistics.core.tables import (
    Location,
    Order,
    Party,
    Run,
    RunStop,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.orders import Direction, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in a list."""

    run: str
    state: RunState
    visits: int
    leaves: datetime
    returns: datetime
    distance_m: int
    travel_s: int
    service_s: int
    waiting_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStop:
    """A stop of a run, without personal data."""

    number: int | None
    """Its number on the sheet; None for lunch."""
    order: str | None
    """None for lunch."""
    service: str | None
    citizen: str | None
    arrival: datetime
    start: datetime
    departure: datetime
    outcome: str | None
    failed_because: str | None
    bring: tuple[str, ...]
    fetch: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown(RunRow):
    """A run and its stops."""

    vehicle: str
    planned_at: datetime
    issued_at: datetime | None
    loaded_at: datetime | None
    closed_at: datetime | None
    stops: tuple[ShownStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A run that is a promise now."""

    run: str
    issued_at: datetime
    added: bool
    """False: it was issued already."""


def find_run(session: Session, name: str, *, lock: bool = False) -> tuple[Run, str]:
    """Return the run named DAY/TECHNICIAN, and its name as it is written.

    Raises:
        NotFound: there is no such run, or that is no name of one.
    """
    day, _, technician = name.strip().partition("/")
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise NotFound(
            f"{shown_code(name)} names no run. Runs are named as 2026-11-24/ANNA."
            " See: fsc run list"
        ) from None
    query = (
        select(Run)
        .join(Party, Party.id == Run.technician_id)
        .where(Run.day == wanted, Party.code == technician.upper())
    )
    if lock:
        query = query.with_for_update(of=Run).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        named = shown_code(technician, "")
        what = f"There is no run {day}/{named}" if named else "There is no such run"
        raise NotFound(f"{what}. See: fsc run list --day {wanted}")
    return found, f"{wanted}/{technician.upper()}"


def list_runs(session: Session, *, day: date | None = None) -> list[RunRow]:
    """Return runs, the newest day first; of one day only where it is given."""
    query = (
        select(Run, Party.code)
        .join(Party, Party.id == Run.technician_id)
        .order_by(Run.day.desc(), Party.code)
    )
    if day is not None:
        query = query.where(Run.day == day)
    return [
        RunRow(**_row(session, run, f"{run.day}/{technician}"))
        for run, technician in session.execute(query)
    ]


def runs_of(session: Session, day: date) -> list[str]:
    """Return the names of a day's runs.

    Raises:
        NotFound: there are none.
    """
    names = [row.run for row in list_runs(session, day=day)]
    if not names:
        raise NotFound(f"There is no run on {day}. Plan it: fsc plan {day}")
    return names


def show_run(session: Session, name: str) -> RunShown:
    """Return one run with its stops.

    Raises:
        NotFound: there is no such run.
    """
    run, name = find_run(session, name)
    return RunShown(
        **_row(session, run, name),
        vehicle=vehicle_of(session, run).code,
        planned_at=run.planned_at,
        issued_at=run.issued_at,
        loaded_at=run.loaded_at,
        closed_at=run.closed_at,
        stops=_shown_stops(session, run),
    )


def issue_runs(
    session: Session, names: Sequence[str], *, hours: OpeningHours, by: Signature
) -> list[Issued]:
    """Make runs a promise: later plans leave them alone.

    Raises:
        NotFound: there is no such run.
        Refused: its day has gone by.
    """
    issued = []
    for name in names:
        run, name = find_run(session, name, lock=True)
        added = run.issued_at is None
        if added and run.day < hours.day_of(by.record_time):
            raise Refused(f"The day of run {name} has gone by; it cannot be issued.")
        run.issued_at = run.issued_at or by.record_time
        issued.append(Issued(run=name, issued_at=run.issued_at, added=added))
    return issued


def stops_of(
    session: Session, run: Run
) -> list[tuple[RunStop, Order | None, str | None]]:
    """Return the stops of a run in order, each with its order and citizen."""
    rows = session.execute(
        select(RunStop, Order, Party.code)
        .outerjoin(Order, Order.id == RunStop.order_id)
        .outerjoin(Party, Party.id == Order.citizen_id)
        .where(RunStop.run_id == run.id)
        .order_by(RunStop.position)
    )
    return [(stop, order, citizen) for stop, order, citizen in rows]


def numbers_of(
    stops: Iterable[tuple[RunStop, Order | None, str | None]],
) -> dict[int, int]:
    """Return the number of each visit by its stop's: counted from 1, lunch is none.

    A visit keeps its number when one before it is cancelled, as on paper printed
    before.
    """
    visits = (stop.id for stop, order, _ in stops if order is not None)
    return {stop: number for number, stop in enumerate(visits, start=1)}


def vehicle_of(session: Session, run: Run) -> Location:
    """Return the vehicle a run is driven with: the one it was planned with."""
    return session.get_one(Location, run.vehicle_id)


def depot_of(session: Session, run: Run) -> Location:
    """Return where a run starts."""
    return session.get_one(Location, run.start_id)


def _row(session: Session, run: Run, name: str) -> dict[str, Any]:
    visits = session.scalar(
        select(func.count(RunStop.order_id)).where(RunStop.run_id == run.id)
    )
    return {
        "run": name,
        "state": run_state(run),
        "visits": visits,
        "leaves": run.leaves,
        "returns": run.returns,
        "distance_m": run.distance_m,
        "travel_s": run.travel_s,
        "service_s": run.service_s,
        "waiting_s": run.waiting_s,
    }


def _shown_stops(session: Session, run: Run) -> tuple[ShownStop, ...]:
    rows = stops_of(session, run)
    numbers = numbers_of(rows)
    return tuple(_stop(session, numbers.get(row[0].id), *row) for row in rows)


def _stop(
    session: Session,
    number: int | None,
    stop: RunStop,
    order: Order | None,
    citizen: str | None,
) -> ShownStop:
    devices = devices_of(session, order.id) if order else {}
    return ShownStop(
        number=number,
        order=order.code if order else None,
        service=order.service if order else None,
        citizen=citizen,
        arrival=stop.arrival,
        start=stop.start,
        departure=stop.departure,
        outcome=stop.outcome,
        failed_because=stop.failed_because,
        bring=devices.get(Direction.BRING, ()),
        fetch=devices.get(Direction.FETCH, ()),
    )
