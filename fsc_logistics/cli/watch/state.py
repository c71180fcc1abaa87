"""How the service fares, as it tells a screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fsc_logistics.domain.station import Station, read_station
from scanner.scan import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScan:
    """A scan and what became of it; what was scanned is not told."""

    moment: datetime
    outcome: Outcome
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)
    is_late: bool = False
    """It waited, and was checked when nobody listened any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortState:
    """One port, and what the operator at it has set."""

    name: str
    read_point: str
    set_at: str
    """The name of the port whose cards count here: this one, or that it follows."""
    is_open: bool
    error: str
    set: Station
    counts: Mapping[Outcome, int]
    """Since something was set."""
    counts_since: datetime | None
    last: tuple[LastScan, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """The service and its ports."""

    station: str
    is_saving: bool
    house_away: bool
    waiting_count: int
    failed_count: int
    ports: tuple[PortState, ...]


def read_state(told: Any) -> ServiceState:
    """Return what the service told as JSON.

    Raises:
        ValueError: it is not what this version knows.
    """
    try:
        return ServiceState(
            station=told["station"],
            is_saving=told["is_saving"],
            house_away=told["house_away"],
            waiting_count=told["waiting_count"],
            failed_count=told["failed_count"],
            ports=tuple(_port(port) for port in told["ports"]),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("The service tells its state in another form.") from error


def _port(told: Any) -> PortState:
    since = told["counts_since"]
    return PortState(
        name=told["name"],
        read_point=told["read_point"],
        set_at=told["set_at"],
        is_open=told["is_open"],
        error=told["error"],
        set=read_station(told["context"]),
        counts={Outcome(name): count for name, count in told["counts"].items()},
        counts_since=datetime.fromisoformat(since) if since else None,
        last=tuple(_scan(scan) for scan in told["last"]),
    )


def _scan(told: Any) -> LastScan:
    return LastScan(
        moment=datetime.fromisoformat(told["moment"]),
        outcome=Outcome(told["outcome"]),
        message=told["message"],
        facts=told["facts"],
        is_late=told["is_late"],
    )
