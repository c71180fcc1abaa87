"""Who says how long it takes to drive, as the settings have it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fsc_logistics.core.config import Planning
from fsc_logistics.domain.errors import BadInput, FscError, TryLater

if TYPE_CHECKING:
    from routes.problem import Matrix
    from routes.travel import Delay, NoTravel, Point, Source

INSTEAD = "To plan without it, use the built-in estimate: --travel estimate"


def travel_source(planning: Planning) -> "Source":
    """Open what `planning.travel` names, with its cache if it has one.

    Raises:
        BadInput: it names nothing that can be opened.
    """
    from routes.travel import NoTravel
    from routes.travel.choice import source_of

    try:
        source = source_of(planning.travel, road_factor=planning.road_factor)
    except NoTravel as error:
        raise refusal(error) from error
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    if not planning.travel_cache or planning.travel == "estimate":
        return source
    from routes.travel.cache import Remembered

    return Remembered(source, Path(planning.travel_cache).expanduser())


def travel_matrix(
    source: "Source",
    points: "Sequence[Point]",
    *,
    names: Sequence[str],
    delays: "Sequence[Delay | None] | None" = None,
) -> "Matrix":
    """Return how long and how far it is between `points`.

    Raises:
        BadInput: the source has no answer for them.
        TryLater: the source is away.
    """
    from routes.travel import NoTravel, matrix_of

    try:
        return matrix_of(points, source, names=names, delays=delays)
    except NoTravel as error:
        raise refusal(error) from error


def refusal(error: "NoTravel") -> FscError:
    """Return `error` as one line for a person, with the way round it."""
    kind = TryLater if error.is_passing else BadInput
    return kind(f"{error} {INSTEAD}")
