from datetime import date

import pytest

from fsc_logistics.domain.errors import BadIdentifier, BadInput, Refused
from fsc_logistics.domain.identifiers import read_trade_item_lot
from fsc_logistics.domain.parties import LocationKind
from fsc_logistics.domain.quantities import (
    HANDED_OUT,
    Balance,
    LotName,
    check_fit_to_hand_out,
    check_quantity,
    first_expired_first_out,
    is_expired,
    read_lot_code,
    read_lot_name,
)

L1 = LotName(article="CUFF-M", lot="L1")


def balance(lot, expires, quantity, location="H-A"):
    return Balance(
        article="CUFF-M",
        lot=lot,
        expires=date.fromisoformat(expires) if expires else None,
        location=location,
        quantity=quantity,
        unit="piece",
    )


def taken(there, quantity):
    return [
        (each.lot, each.location, each.quantity)
        for each in first_expired_first_out(there, quantity)
    ]


def test_what_expires_first_goes_first_and_what_never_does_goes_last():
    there = [
        balance("NEVER", None, 5),
        balance("LATE", "2027-06-30", 5),
        balance("SOON", "2026-12-31", 5),
    ]

    assert taken(there, 12) == [
        ("SOON", "H-A", 5),
        ("LATE", "H-A", 5),
        ("NEVER", "H-A", 2),
    ]


def test_lots_that_expire_on_one_day_go_by_their_code_then_by_place():
    there = [
        balance("B", "2027-01-31", 1, "H-A"),
        balance("A", "2027-01-31", 1, "H-B"),
        balance("A", "2027-01-31", 1, "H-A"),
    ]

    assert taken(there, 3) == [("A", "H-A", 1), ("A", "H-B", 1), ("B", "H-A", 1)]


def test_what_is_there_is_taken_where_it_is_not_enough():
    assert taken([balance("L1", None, 2)], 5) == [("L1", "H-A", 2)]
    assert taken([], 5) == []


def test_a_lot_may_be_used_on_its_last_day():
    last = date(2027, 1, 31)

    assert not is_expired(last, last)
    assert is_expired(last, date(2027, 2, 1))
    assert not is_expired(None, date.max)


@pytest.mark.parametrize("kind", LocationKind)
def test_an_expired_lot_is_not_handed_out_but_goes_anywhere_else(kind):
    expires, day = date(2027, 1, 31), date(2027, 2, 1)

    if kind not in HANDED_OUT:
        check_fit_to_hand_out(L1, expires, kind=kind, day=day)
        return
    with pytest.raises(Refused) as refused:
        check_fit_to_hand_out(L1, expires, kind=kind, day=day)
    assert str(refused.value) == (
        "CUFF-M/L1 expired on 2027-01-31 and is not handed out. Take another lot, or"
        " say --expired if it is meant."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CUFF-M", "A lot is named ARTICLE/LOT, as CUFF-M/L1."),
        (
            "CUFF-M/",
            "That cannot be a lot: use up to 40 of A-Z, 0-9, '-', '.', '_', '/' and"
            " '+', a letter or digit first.",
        ),
        (
            "CUFF-M/L1\x1fL2",
            "That cannot be a lot: use up to 40 of A-Z, 0-9, '-', '.', '_', '/' and"
            " '+', a letter or digit first.",
        ),
        (
            "CUFF-M/010180-1234",
            "A lot must not look like a CPR number: it stands in the ledger. Write it"
            " in two groups, as 0101-801234.",
        ),
    ],
)
def test_what_cannot_be_a_lot_is_refused_and_not_repeated(text, message):
    with pytest.raises(BadIdentifier) as refused:
        read_lot_name(text)

    assert str(refused.value) == message


def test_the_number_of_a_batch_may_hold_a_slash():
    assert str(read_lot_name("cuff-m/l26/04")) == "CUFF-M/L26/04"
    assert read_lot_code(" ab+1 ") == "AB+1"


@pytest.mark.parametrize("quantity", [0, -1, 10_000_001])
def test_what_is_no_quantity_is_refused(quantity):
    with pytest.raises(BadInput) as refused:
        check_quantity(quantity, 1)

    assert str(refused.value) == (f"{quantity} is not a quantity: 1 to 10000000 is.")


@pytest.mark.parametrize(
    "text",
    [
        "(01)09501101531000(17)270131(10)L1",
        "]d2010950110153100017270131" + "10L1",
        "010950110153100010L1\x1d17270131",
    ],
)
def test_a_gs1_code_names_a_batch_and_its_last_day(text):
    read = read_trade_item_lot(text)

    assert (read.gtin, read.lot) == ("09501101531000", "L1")
    assert read.expires == date(2027, 1, 31)


def test_a_day_of_00_is_the_last_of_its_month():
    read = read_trade_item_lot("(01)09501101531000(17)270200(10)L1")

    assert read.expires == date(2027, 2, 28)


@pytest.mark.parametrize("text", ["CUFF-M", "CUFF-M/L1", "(21)123", "01", "0195"])
def test_what_names_no_trade_item_is_none(text):
    assert read_trade_item_lot(text) is None
