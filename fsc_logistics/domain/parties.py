"""Who can have a device, and where it can be: the closed sets of the catalogue."""

from enum import StrEnum


class PartyKind(StrEnum):
    """What a custodian or owner is."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    HOSPITAL = "hospital"
    PRACTICE = "practice"
    SUPPLIER = "supplier"
    PARTNER = "partner"
    """A service partner; the centre itself is one."""
    TECHNICIAN = "technician"
    CITIZEN = "citizen"
    NOBODY = "nobody"
    """Holds what is lost or retired, so that nothing leaves without a trace."""


class LocationKind(StrEnum):
    """What a place in the location tree is."""

    WAREHOUSE = "warehouse"
    ZONE = "zone"
    SHELF = "shelf"
    BIN = "bin"
    VEHICLE = "vehicle"
    HOME = "home"
    WARD = "ward"
    SUPPLIER = "supplier"
    LOST = "lost"
    RETIRED = "retired"


SIGNS_NOT = (PartyKind.CITIZEN, PartyKind.NOBODY)
"""Who does not work here, has no badge and signs nothing."""
LENT_TO = frozenset(
    {
        PartyKind.CITIZEN,
        PartyKind.HOSPITAL,
        PartyKind.PRACTICE,
        PartyKind.MUNICIPALITY,
    }
)
"""Who a device comes back from, rather than just moves."""
LENT_AT = frozenset({LocationKind.HOME, LocationKind.WARD})
"""Where a device is with whoever uses it."""


INSIDE: dict[LocationKind, frozenset[LocationKind]] = {
    LocationKind.ZONE: frozenset({LocationKind.WAREHOUSE, LocationKind.ZONE}),
    LocationKind.SHELF: frozenset({LocationKind.WAREHOUSE, LocationKind.ZONE}),
    LocationKind.BIN: frozenset(
        {
            LocationKind.WAREHOUSE,
            LocationKind.ZONE,
            LocationKind.SHELF,
            LocationKind.VEHICLE,
        }
    ),
}
"""The kinds of place a place may stand in; a kind that is absent stands alone."""


class GeoQuality(StrEnum):
    """How good a point on the ground is, best first."""

    ADDRESS = "address"
    MANUAL = "manual"
    STREET = "street"
    POSTCODE = "postcode"
