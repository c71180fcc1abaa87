"""What every routing service has in common: one address, blocks of legs, long ways."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from routes.ground import Point
from routes.travel.blocks import blockwise
from routes.travel.service import Service, ways
from routes.travel.source import Legs


@dataclass(frozen=True, slots=True)
class Asked(ABC):
    """A source of travel times that is asked over HTTP, in pieces that it takes."""

    service: Service
    side: int
    """So many starts and ends are asked at a time."""
    way_points_max: int
    """So many points of a way are asked at a time."""

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.service.name

    @property
    def identity(self) -> str:
        """Return its kind and address."""
        return f"{self.service.kind.lower()} {self.service.url}"

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`.

        Raises:
            NoTravel: it cannot be asked, or its answer is none.
        """
        return blockwise(self.ask, starts, ends, side=self.side)

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return the way by road.

        Raises:
            NoTravel: it cannot be asked, or its answer is none.
        """
        if len(points) < 2:
            return list(points)
        return [p for part in ways(points, self.way_points_max) for p in self.way(part)]

    @abstractmethod
    def ask(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return a block of legs."""

    @abstractmethod
    def way(self, points: Sequence[Point]) -> list[Point]:
        """Return the way by road by way of `points`, asked at once."""
