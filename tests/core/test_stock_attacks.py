"""Raw SQL against quantities: what must be refused, and what verify must name."""

import sqlite3
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.quantities import Occasion

OPEN = 253402300799999999
MAY = datetime(2026, 5, 1, 8, tzinfo=UTC)
BY = Signature(station="DOCK", actor="TESTER", record_time=MAY)


def attack(sessions, *statements):
    """Run raw statements in one transaction, as somebody with the database would."""
    with sessions.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def mismatches(sessions):
    with sessions.read() as session:
        return verify(session).mismatches


@pytest.fixture
def stocked(centre):
    """Ten of a lot came to H-A, four went to VAN-ANNA, five were counted at H-A."""

    def on(uid):
        return Occasion(uid=uid, at=MAY, day=date(2026, 5, 1))

    with centre.begin() as session:
        add_article(session, Consumable(article="CUFF-M", name="Cuff", unit="piece"))
        ways = {"by": BY, "occasion": on("came"), "origin": "MAKER-DK", "target": "H-A"}
        record_receipt(session, "CUFF-M/L1", 10, **ways)
        ways |= {"occasion": on("went"), "origin": "H-A", "target": "VAN-ANNA"}
        record_stock_move(session, "CUFF-M/L1", 4, **ways)
        counts = [("CUFF-M/L1", 5)]
        record_count(session, "H-A", counts, occasion=on("counted"), by=BY)
    return centre


PLACE = "(SELECT id FROM location WHERE code = '{}')"
EVENT = "(SELECT id FROM event WHERE uid = 'went')"


def span(place, quantity, start=0, end=OPEN, before="NULL"):
    return (
        "INSERT INTO stock_span (lot_id, location_id, valid_from, valid_to, prev_to,"
        f" quantity, event_id) VALUES (1, {PLACE.format(place)}, {start}, {end},"
        f" {before}, {quantity}, {EVENT})"
    )


REFUSED = {
    "fewer than none": "UPDATE stock_span SET quantity = -1",
    "fewer than none from the start": span("H-B", -1),
    "two balances at once": span("H-A", 3),
    "a span that goes back": span("H-B", 3, 5, 4),
    "a gap under a false link": span("H-B", 3, 5, OPEN, 5),
    "a move changed": "UPDATE stock_line SET quantity = 9",
    "a move deleted": "DELETE FROM stock_line",
    "a count changed": "UPDATE count_line SET counted = 9",
    "a count deleted": "DELETE FROM count_line",
    "a move of nothing": (
        "INSERT INTO stock_line (event_id, lot_id, from_id, to_id, quantity)"
        " SELECT event_id, lot_id, to_id, from_id, 0 FROM stock_line"
    ),
    "a move to where it is": (
        "INSERT INTO stock_line (event_id, lot_id, from_id, to_id, quantity)"
        " SELECT event_id, lot_id, to_id, to_id, 1 FROM stock_line"
    ),
    "a count of fewer than none": (
        "INSERT INTO count_line (event_id, lot_id, location_id, counted)"
        f" VALUES ({EVENT}, 1, {PLACE.format('H-B')}, -1)"
    ),
    "a lot renamed": "UPDATE lot SET code = 'OTHER'",
    "an article renamed": "UPDATE article SET code = 'OTHER'",
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(stocked, name):
    with pytest.raises(exc.IntegrityError):
        attack(stocked, REFUSED[name])

    assert mismatches(stocked) == ()


def test_who_opens_the_file_without_foreign_keys_changes_no_balance(stocked):
    if stocked.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL never leaves them off")
    shell = sqlite3.connect(stocked.engine.url.database)

    with pytest.raises(sqlite3.IntegrityError, match="foreign_keys = ON only"):
        shell.execute("UPDATE stock_span SET quantity = 99")
    shell.close()


UNBALANCED = (
    "lot CUFF-M/L1: what its places have is not what came in, less what went out and"
    " what counts found missing"
)


def test_a_balance_its_events_do_not_give_is_named_and_mended(stocked):
    van = f"location_id = {PLACE.format('VAN-ANNA')}"
    attack(stocked, f"UPDATE stock_span SET quantity = 5 WHERE {van}")

    found = mismatches(stocked)
    with stocked.begin() as session:
        rebuild(session)

    assert found == (
        "lot CUFF-M/L1 at VAN-ANNA: its balance is not what its events say",
        UNBALANCED,
    )
    assert mismatches(stocked) == ()


def test_balances_changed_so_that_they_add_up_are_named_one_by_one(stocked):
    attack(
        stocked,
        "UPDATE stock_span SET quantity = quantity + 1 WHERE location_id ="
        f" {PLACE.format('VAN-ANNA')}",
        "UPDATE stock_span SET quantity = quantity - 1 WHERE location_id ="
        f" {PLACE.format('H-A')}",
    )

    assert mismatches(stocked) == (
        "lot CUFF-M/L1 at H-A: its balance is not what its events say",
        "lot CUFF-M/L1 at VAN-ANNA: its balance is not what its events say",
    )


def test_a_balance_out_of_nothing_is_named(stocked):
    attack(stocked, span("H-B", 7))

    assert mismatches(stocked) == (
        "lot CUFF-M/L1 at H-B: its balance is not what its events say",
        UNBALANCED,
    )


def test_a_balance_that_is_gone_is_named(stocked):
    attack(
        stocked,
        f"DELETE FROM stock_span WHERE location_id = {PLACE.format('VAN-ANNA')}",
    )

    assert mismatches(stocked) == (
        "lot CUFF-M/L1 at VAN-ANNA: its balance is not what its events say",
        UNBALANCED,
    )


def test_a_move_slipped_into_an_event_is_named_with_what_it_would_change(stocked):
    attack(
        stocked,
        "INSERT INTO stock_line (event_id, lot_id, from_id, to_id, quantity) VALUES"
        f" ({EVENT}, 1, {PLACE.format('MAKER-DK')}, {PLACE.format('H-B')}, 3)",
    )

    found = mismatches(stocked)

    assert found == (
        "station DOCK: event went (3) about CUFF-M/L1 is not as it was recorded: it, a"
        " row of it, or the hash before it was changed",
        "lot CUFF-M/L1 at H-B: its balance is not what its events say",
        UNBALANCED,
    )


def test_a_place_whose_kind_was_changed_is_named(stocked):
    attack(stocked, "UPDATE location SET kind = 'lost' WHERE code = 'VAN-ANNA'")

    assert mismatches(stocked) == (
        "lot CUFF-M/L1 at VAN-ANNA: its balance is not what its events say",
        UNBALANCED,
    )
