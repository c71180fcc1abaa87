"""A road network in this process: OSRM without a server.

Source: Project-OSRM/osrm-backend, its Python package osrm-bindings.  It is an extra
(`fsc-logistics[roads]`) because its wheels are for Python 3.12 and later; an older
Python asks `osrm-routed` over HTTP instead.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from routes.ground import Point
from routes.travel.blocks import blockwise
from routes.travel.engine import NETWORK, network_in
from routes.travel.osrm import legs_in, numbered, way_in
from routes.travel.source import Legs, NoTravel

SIDE = 500
"""Between two blocks Ctrl-C is heard."""
NOT_HERE = (
    "The road engine is not in this Python. Install it: pip install"
    " 'fsc-logistics[roads]' (Python 3.12 or later), or let osrm-routed serve"
    " {folder}/{network} and ask it by osrm:URL."
)


class Roads:
    """The network in a folder that `build_network` made.

    Raises:
        NoTravel: there is no network, or no engine to read it with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = network_in(folder)
        try:
            import osrm
        except ImportError:
            told = NOT_HERE.format(folder=folder, network=NETWORK)
            raise NoTravel(told) from None
        self._osrm: Any = osrm
        try:
            self._engine: Any = osrm.OSRM(
                storage_config=str(folder / NETWORK), use_shared_memory=False
            )
        except RuntimeError as error:
            raise NoTravel(
                f"The road network in {folder} cannot be read ({_line(error)})."
                " Make it again with: fsc route roads build"
            ) from None

    @property
    def name(self) -> str:
        """Return the folder."""
        return f"the road network in {self.folder}"

    @property
    def identity(self) -> str:
        """Return what the network was made of."""
        return f"roads {self.network.sha256} {self.network.profile}"

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`.

        Raises:
            NoTravel: the engine gives none.
        """
        return blockwise(self._ask, starts, ends, side=SIDE)

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return the way by road.

        Raises:
            NoTravel: there is none.
        """
        if len(points) < 2:
            return list(points)
        question = self._osrm.RouteParameters(
            coordinates=_pairs(points), geometries="geojson", overview="full"
        )
        return way_in(self._answer(self._engine.Route, question), self.name)

    def _ask(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        points, number = numbered(starts, ends)
        question = self._osrm.TableParameters(
            coordinates=_pairs(points),
            sources=[number[point] for point in starts],
            destinations=[number[point] for point in ends],
            annotations=["duration", "distance"],
        )
        answer = self._answer(self._engine.Table, question)
        return legs_in(answer, len(starts), len(ends), self.name)

    def _answer(self, ask: Any, question: Any) -> dict[str, Any]:
        try:
            found: dict[str, Any] = _plain(ask(question))
        except RuntimeError as error:
            # "NoRoute - Impossible route between points"
            code, _, message = _line(error).partition(" - ")
            return {"code": code, "message": message or code}
        return found


def _plain(answer: Any) -> Any:
    """Return an answer of the engine as JSON would have been read.

    Its objects and arrays only look like those of Python: indexing them is slow, and
    asking what they are says nothing.
    """
    match type(answer).__name__:
        case "Object":
            return {key: _plain(answer[key]) for key in answer}
        case "Array":
            return [_plain(one) for one in answer]
        case _:
            return answer


def _pairs(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(point.lon, point.lat) for point in points]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
