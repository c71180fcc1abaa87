"""How many places a problem may have."""

from routes.problem import BadProblem

PLACES_MAX = 5000
"""Most benchmark files have fewer; tables of more would not fit memory."""


def check_count(places: int) -> None:
    """Refuse more places than there is room for."""
    if places > PLACES_MAX:
        most = f"at most {PLACES_MAX:,} can be planned"
        raise BadProblem(f"there are {places:,} places; {most}.")
