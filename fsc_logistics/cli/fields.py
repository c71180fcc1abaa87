"""What is said of a thing in options."""

from typing import Any

import click

from fsc_logistics.domain.errors import BadInput
from fsc_logistics.domain.ground import Point


class LatLon(click.ParamType[Point]):
    """A point on the ground: latitude and longitude in degrees."""

    name = "lat,lon"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Point:
        """Return the point."""
        if isinstance(value, Point):
            return value
        try:
            lat, lon = (float(part) for part in str(value).split(","))
            return Point(lat, lon)
        except ValueError:
            self.fail("That is not a point. Try 55.8617,9.8530.", param, ctx)
        except BadInput as error:
            self.fail(str(error), param, ctx)


class Words(click.ParamType[tuple[str, ...]]):
    """Several words in one option, separated by commas or blanks."""

    name = "a,b"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the words."""
        if isinstance(value, tuple):
            return value
        return tuple(str(value).replace(",", " ").split())


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given; the others change nothing."""
    return {name: value for name, value in options.items() if value is not None}
