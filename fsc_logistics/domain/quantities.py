"""Consumables: how many of a lot are where, and which of them go out first.

Quantities move between places as in double-entry books: what one place gives another
gets.  A count says how many there are, whatever the books said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from fsc_logistics.domain.codes import CODE_LENGTH_MAX, read_code
from fsc_logistics.domain.errors import BadIdentifier, BadInput, Refused
from fsc_logistics.domain.limits import QUANTITY_MAX
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.people import holds_cpr

OUTSIDE = frozenset({LocationKind.SUPPLIER, LocationKind.LOST, LocationKind.RETIRED})
"""Places without a balance: what comes from there or goes there is without limit."""

HANDED_OUT = frozenset({LocationKind.VEHICLE, LocationKind.HOME, LocationKind.WARD})
"""Where things are to be used; an expired lot does not belong there."""

_LOT = re.compile(rf"[A-Z0-9][A-Z0-9._/+-]{{0,{CODE_LENGTH_MAX - 1}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LotName:
    """A lot as it is called: the code of its article, and its own."""

    article: str
    lot: str

    def __str__(self) -> str:
        """Return ARTICLE/LOT, as it stands in the ledger."""
        return f"{self.article}/{self.lot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How many of a lot are at a place at one moment."""

    article: str
    lot: str
    expires: date | None
    """The last day of use."""
    location: str
    quantity: int
    unit: str

    def name(self) -> LotName:
        """Return the lot by its name."""
        return LotName(article=self.article, lot=self.lot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When something happened to quantities, and on what paper."""

    uid: str
    at: datetime
    day: date
    """The calendar day of `at` where it happened; lots expire by it."""
    document: str | None = None

    def document_code(self) -> str | None:
        """Return the paper as the ledger has it.

        Raises:
            BadIdentifier: it is no code; the ledger holds no sentences and no names.
        """
        return None if self.document is None else read_code(self.document)


def read_lot_code(text: str) -> str:
    """Return the number a maker gave a batch, in upper case.

    Raises:
        BadIdentifier: it has other signs, is too long, or could be a CPR number.

    >>> read_lot_code(" l-26/04a ")
    'L-26/04A'
    """
    code = text.strip().upper()
    if holds_cpr(code):
        raise BadIdentifier(
            "A lot must not look like a CPR number: it stands in the ledger. Write it"
            " in two groups, as 0101-801234."
        )
    if not _LOT.fullmatch(code):
        raise BadIdentifier(
            f"That cannot be a lot: use up to {CODE_LENGTH_MAX} of A-Z, 0-9, '-', '.',"
            " '_', '/' and '+', a letter or digit first."
        )
    return code


def read_lot_name(text: str) -> LotName:
    """Return what ARTICLE/LOT names.

    Raises:
        BadIdentifier: it is not written like that.

    >>> str(read_lot_name("cuff-m/l1"))
    'CUFF-M/L1'
    """
    article, slash, lot = text.partition("/")
    if not slash:
        raise BadIdentifier("A lot is named ARTICLE/LOT, as CUFF-M/L1.")
    return LotName(article=read_code(article), lot=read_lot_code(lot))


def check_quantity(quantity: int, least: int) -> None:
    """Refuse a number that is no quantity.

    Raises:
        BadInput: it is below `least`, or more than anybody has.
    """
    if not least <= quantity <= QUANTITY_MAX:
        raise BadInput(f"{quantity} is not a quantity: {least} to {QUANTITY_MAX} is.")


def check_moves_between(origin: LocationKind, target: LocationKind) -> None:
    """Refuse a move that changes nothing we keep.

    Raises:
        Refused: neither of the two places has a balance.
    """
    if origin in OUTSIDE and target in OUTSIDE:
        raise Refused(
            f"Neither a {origin} nor a {target} place has a balance, so nothing would"
            " change. Name a place of ours on one side."
        )


def is_expired(expires: date | None, day: date) -> bool:
    """Return whether the last day of use is before `day`."""
    return expires is not None and expires < day


def check_fit_to_hand_out(
    lot: LotName, expires: date | None, *, kind: LocationKind, day: date
) -> None:
    """Refuse to hand out what is past its last day of use.

    Raises:
        Refused: the lot is expired on `day`, and `kind` is where it would be used.
    """
    if kind in HANDED_OUT and is_expired(expires, day):
        raise Refused(
            f"{lot} expired on {expires} and is not handed out. Take another lot, or"
            " say --expired if it is meant."
        )


def check_fit_to_receive(lot: LotName, expires: date | None, *, day: date) -> None:
    """Refuse to receive what is past its last day of use.

    Raises:
        Refused: the lot is expired on `day`.
    """
    if is_expired(expires, day):
        raise Refused(
            f"{lot} expired on {expires} and is not received. Send it back, or say"
            " --expired if it is meant."
        )


def first_expired_first_out(
    there: Iterable[Balance], quantity: int
) -> tuple[Balance, ...]:
    """Return what to take of `there` to make up `quantity`, or as much as there is.

    What expires first goes first, what never does goes last; of two lots that expire
    on one day the one whose code comes first.
    """
    taken: list[Balance] = []
    missing = quantity
    for balance in sorted(there, key=_soonest):
        some = min(missing, balance.quantity)
        if some > 0:
            taken.append(replace(balance, quantity=some))
            missing -= some
    return tuple(taken)


def _soonest(balance: Balance) -> tuple[date, str, str]:
    return (balance.expires or date.max, balance.lot, balance.location)
