"""Which source of travel times is meant, in a word on the command line."""

from pathlib import Path

from routes.travel.estimate import ROAD_FACTOR, Estimate
from routes.travel.matrix_file import MatrixFile
from routes.travel.osrm import Osrm
from routes.travel.service import Service
from routes.travel.source import Source
from routes.travel.valhalla import Valhalla

ESTIMATE = "estimate"
KINDS = f"{ESTIMATE}, FILE, osrm:URL, valhalla:URL or roads:FOLDER"


def source_of(text: str, *, road_factor: float = ROAD_FACTOR) -> Source:
    """Return the source that `text` names: one of `KINDS`.

    `road_factor` is the estimate's.

    Raises:
        NoTravel: what it names cannot be opened.
        ValueError: it names none.
    """
    kind, colon, rest = text.partition(":")
    if text == ESTIMATE:
        return Estimate(road_factor=road_factor)
    if colon and kind == "osrm":
        return Osrm(Service(kind="OSRM", url=rest))
    if colon and kind == "valhalla":
        return Valhalla(Service(kind="Valhalla", url=rest))
    if colon and kind == "roads":
        # Only who has roads of his own needs the engine's room.
        from routes.travel.embedded import Roads

        return Roads(Path(rest).expanduser())
    if kind in ("http", "https"):
        raise ValueError(
            f"'{text}' does not say what answers there."
            f" Write osrm:{text} or valhalla:{text}"
        )
    if not (path := Path(text).expanduser()).is_file():
        raise ValueError(f"There is no file '{text}'. Use {KINDS}")
    return MatrixFile(path)
