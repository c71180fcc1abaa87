"""Pairs of a lot and a place: what balances are kept of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from fsc_logistics.core.proof.stock_books import Which

PAIRS = 100
"""How many are handled at once."""

Pair = tuple[int, int]
"""The numbers of a lot and a place."""


def among(pairs: Sequence[Pair]) -> Which:
    """Return the condition that a lot and a place are one of `pairs`."""

    def among(lot: Any, place: Any) -> ColumnElement[bool]:
        # One by one: SQLite looks up no index for a list of pairs.
        return or_(*(and_(lot == ours, place == here) for ours, here in pairs))

    return among
