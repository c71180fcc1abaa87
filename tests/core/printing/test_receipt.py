from dataclasses import replace
from datetime import date

import pytest

from fsc_logistics.core.printing import Receipt, SheetDevice, receipts_pdf
from fsc_logistics.domain.errors import BadInput

OXIMETER = SheetDevice(model="Nonin 3230", tag="OXI-000007", serial="501234567")
ANY_SCALE = SheetDevice(model="A&D UC-352BLE")
GIVEN = Receipt(
    order="ORD-000101",
    day=date(2026, 11, 24),
    name="Einer Test Lauridsen",
    address="Testgrusgraven 3, 3.th",
    postcode="8700",
    town="Horsens",
    technician="Anna Testesen",
    centre="Fælles Servicecenter for Telesundhed",
    centre_phone="70203048",
    delivered=(OXIMETER,),
)
TAKEN = replace(
    GIVEN, name="Magnus Test Lauridsen", delivered=(), collected=(OXIMETER, ANY_SCALE)
)


def test_a_receipt_tells_one_citizen_what_was_given_and_whom_to_call(page_texts):
    given, taken = page_texts(receipts_pdf([GIVEN, TAKEN]))

    for words in (
        "Einer Test Lauridsen",
        "tirsdag 24. november 2026",
        "Du har fået",
        "Nonin 3230 OXI-000007 501234567",
        "70 20 30 48",
        "Underskrift, borger",
    ):
        assert words in given
    assert "Vi har taget med tilbage" not in given
    assert "Magnus" not in given
    assert "Du har fået" not in taken
    assert "A&D UC-352BLE" in taken


def test_a_receipt_for_twelve_devices_stays_on_one_page(page_texts):
    full = replace(GIVEN, delivered=(OXIMETER,) * 6, collected=(OXIMETER,) * 6)

    pages = page_texts(receipts_pdf([full]))

    assert len(pages) == 1


def test_a_protected_citizen_is_on_the_receipt_by_order_alone(page_texts):
    shown, hidden = page_texts(receipts_pdf([GIVEN, replace(GIVEN, protected=True)]))

    personal = ("Einer", "Lauridsen", "Testgrusgraven", "8700", "Horsens")
    assert all(word in shown for word in personal)
    assert not any(word in hidden for word in personal)
    assert "ORD-000101" in hidden
    assert "Nonin 3230 OXI-000007" in hidden


def test_long_words_on_a_receipt_stay_in_their_columns(collisions):
    wide = replace(OXIMETER, model="W" * 40, tag="OXI-" + "0" * 20, serial="S" * 40)

    pdf = receipts_pdf([replace(GIVEN, delivered=(wide,))])

    assert collisions(pdf) == []


def test_a_run_where_nothing_changes_hands_has_no_receipts():
    with pytest.raises(BadInput) as caught:
        receipts_pdf(())

    assert str(caught.value) == (
        "There are no receipts to print: no device changes hands."
    )
