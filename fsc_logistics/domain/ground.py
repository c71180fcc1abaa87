"""Points on the ground."""

from dataclasses import dataclass

from fsc_logistics.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the ground, WGS 84 degrees.

    Raises:
        BadInput: that is nowhere on earth; most often the two were exchanged.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse what is nowhere."""
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise BadInput(
                f"{self.lat}, {self.lon} is nowhere on earth: give the latitude"
                " (-90 to 90) and the longitude (-180 to 180) in degrees."
            )
