"""How long it takes to drive, as it is asked for on the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk
from fsc_logistics.core.config import Planning

if TYPE_CHECKING:
    from routes.problem import Matrix
    from routes.travel import Point, Source

KINDS = "estimate, FILE, osrm:URL, valhalla:URL or roads:FOLDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Who says how long it takes; asked when it is first needed."""

    settings: Callable[[], Planning]
    said: str | None
    """What the option says; None: as the settings have it."""
    cache: str | None
    """The folder the option names for matrices that were asked before."""

    def planning(self) -> Planning:
        """Return the settings, with what the options say in their place."""
        changes: dict[str, Any] = {}
        if self.said is not None:
            changes["travel"] = self.said
        if self.cache is not None:
            changes["travel_cache"] = self.cache
        return replace(self.settings(), **changes)

    def source(self) -> "Source":
        """Open and return it.

        Raises:
            BadInput: it is none that can be opened.
        """
        from fsc_logistics.core.travel import travel_source

        return travel_source(self.planning())

    def matrix(self, points: "Sequence[Point]", names: Sequence[str]) -> "Matrix":
        """Return how long and how far it is between `points`.

        Raises:
            BadInput: it cannot be said, for good.
            TryLater: whoever knows is away.
        """
        from fsc_logistics.core.travel import travel_matrix

        return travel_matrix(self.source(), points, names=names)


def travel_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --travel and --travel-cache, handed over as one `travel`."""

    @wraps(command)
    def opened(*arguments: Any, **options: Any) -> Any:
        desk = click.get_current_context().find_object(Desk)
        travel = Travel(
            # Without a desk a command is run by itself: nobody set anything.
            settings=lambda: Planning() if desk is None else desk.settings.planning,
            said=options.pop("travel"),
            cache=options.pop("travel_cache"),
        )
        return command(*arguments, travel=travel, **options)

    cached = click.option(
        "--travel-cache",
        metavar="FOLDER",
        help="Keep matrices that were asked for here, for a week."
        "  [default: from the settings, none]",
    )(opened)
    found: Callable[..., Any] = click.option(
        "--travel",
        metavar="SOURCE",
        help=f"Who says how long it takes to drive: {KINDS}."
        "  [default: from the settings, estimate]",
    )(cached)
    return found
