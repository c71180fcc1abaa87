"""What was believed before what was told late, or declared wrong, of kits and stock.

The ledger model asks of everything told late; here it is also asked about moments after
the one it was known at.
"""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from fsc_logistics.core.care.answers import (
    condition_history,
    list_conditions,
    list_flags,
)
from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.devices.showing import show_device
from fsc_logistics.core.kits.listing import list_kits
from fsc_logistics.core.kits.membership import kit_parts, record_kit, take_apart
from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.ledger.answers import history, holdings
from fsc_logistics.core.stock.answers import list_stock
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.history import stock_history
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, WrongBecause
from fsc_logistics.domain.quantities import Occasion


def may(day, hour=12):
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def signed(day, actor="TESTER"):
    return Signature(station="DOCK", actor=actor, record_time=may(day))


MOVED = """
    happened          recorded          device  custodian@location
    2026-05-01 08:00  2026-05-01 08:00  OXI-1   ANNA@VAN-ANNA
    2026-05-03 08:00  2026-05-03 08:00  OXI-1   CIT-1@HOME-CIT-1
    2026-05-01 08:00  2026-05-03 09:00  OXI-2   ANNA@VAN-ANNA
"""


@pytest.mark.parametrize("at", [may(2), may(9)])
def test_holdings_do_not_know_what_came_later_or_was_told_late(session, ledger, at):
    ledger(MOVED)

    (held,) = holdings(session, "ANNA", at=at, known_at=may(2))
    shelf = holdings(session, "HORSENS", at=at, known_at=may(2), within=True)

    assert (held.device, held.since, held.until) == ("OXI-1", may(1, 8), None)
    assert [one.device for one in shelf] == ["KIT-1", "OXI-2", "OXI-3"]


def test_holdings_believe_of_a_device_what_was_declared_wrong_of_it_later(
    session, ledger
):
    ledger("""
        happened          recorded          device       custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1,OXI-2  ANNA@VAN-ANNA
    """)
    declare_wrong(
        session,
        "row-0",
        signed(4),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="wrong",
        devices=["OXI-1"],
    )

    then, since = (
        [one.device for one in holdings(session, "ANNA", at=may(9), known_at=known)]
        for known in (may(3), may(5))
    )

    assert (then, since) == (["OXI-1", "OXI-2"], ["OXI-2"])


def test_a_device_is_shown_as_it_was_believed(session, ledger):
    ledger(MOVED)

    then = [
        show_device(session, "OXI-1", at=may(9), known_at=known).location
        for known in (may(2), may(4))
    ]

    assert then == ["VAN-ANNA", "HOME-CIT-1"]


def test_a_kit_holds_what_it_was_believed_to_hold(session, ledger):
    def build(uid, case, *parts, at, told):
        record_kit(session, parts, kit=case, uid=uid, at=may(at), by=signed(told))

    build("in", "KIT-1", "OXI-1", "OXI-2", at=1, told=1)
    take_apart(session, "KIT-1", ["OXI-1"], uid="o", at=may(3), by=signed(3))
    build("late", "KIT-1", "OXI-3", at=1, told=4)
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-05 08:00  2026-05-05 08:00  KIT-1   ANNA@VAN-ANNA
        2026-05-06 08:00  2026-05-06 08:00  OXI-2   CIT-1@HOME-CIT-1
    """)
    declare_wrong(
        session,
        "late",
        signed(8),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="wrong",
    )

    def told(known):
        asked = {"at": may(9), "known_at": may(known)}
        (listed,) = list_kits(session, **asked)
        state = kit_state(session, "KIT-1", **asked)
        missing = tuple(part.device for part in state.missing)
        parts = tuple(held.device for held in kit_parts(session, "KIT-1", **asked))
        assert (parts, len(parts)) == (state.parts, listed.part_count)
        assert listed.missing == missing
        assert listed.location == state.location
        return state.location, parts, missing

    assert told(2) == ("H-A", ("OXI-1", "OXI-2"), ())
    assert told(3) == ("H-A", ("OXI-2",), ())
    assert told(4) == ("H-A", ("OXI-2", "OXI-3"), ())
    assert told(7) == ("VAN-ANNA", ("OXI-2", "OXI-3"), ("OXI-2",))
    assert told(8) == ("VAN-ANNA", ("OXI-2",), ("OXI-2",))
    assert list(list_kits(session, at=may(9), known_at=may(1, 11))) == []


def test_conditions_and_flags_are_those_that_were_known(session):
    for number, (device, at, told) in enumerate(
        [("OXI-1", 1, 1), ("OXI-2", 1, 3), ("OXI-3", 3, 3)]
    ):
        said = {"at": may(at), "by": signed(told), "reason": "dropped"}
        apart = Condition.QUARANTINE
        record_condition(session, [device], apart, uid=f"c{number}", **said)
        record_flag(
            session, [device], Flag.RECALLED, raised=True, uid=f"f{number}", **said
        )

    def told(known, at=9):
        asked = {"at": may(at), "known_at": may(known), "location": "HORSENS"}
        apart = list_conditions(session, condition=Condition.QUARANTINE, **asked)
        flags = list_flags(session, flag=Flag.RECALLED, **asked)
        assert [one.device for one in flags] == [one.device for one in apart]
        return [one.device for one in apart]

    assert told(2) == told(2, at=2) == ["OXI-1"]
    assert told(4) == ["OXI-1", "OXI-2", "OXI-3"]
    second = find_device(session, "OXI-2")
    conditions = [
        [(x.condition, x.until) for x in condition_history(session, second, **asked)]
        for asked in ({"known_at": may(2)}, {})
    ]
    assert conditions == [
        [("ready", None)],
        [("ready", may(1)), ("quarantine", None)],
    ]


def stocked(session: Session):
    """Ten on the shelf on the 1st; six counted on the 4th, and a move on the 6th.

    Of the 2nd, a move is told on the 5th; of the 3rd, one that never was.  Five more
    come to another shelf on the 6th.
    """
    add_article(session, Consumable(article="CUFF-M", name="Cuff", unit="piece"))

    def on(uid, day):
        return Occasion(uid=uid, at=may(day), day=date(2026, 5, day))

    def move(uid, day, quantity, told):
        record_stock_move(
            session,
            "CUFF-M",
            quantity,
            lot="L1",
            origin="H-A",
            target="VAN-ANNA",
            occasion=on(uid, day),
            by=signed(told),
        )

    def receive(uid, day, quantity, target):
        record_receipt(
            session,
            "CUFF-M",
            quantity,
            lot="L1",
            origin="MAKER-DK",
            target=target,
            occasion=on(uid, day),
            by=signed(day),
        )

    receive("in", 1, 10, "H-A")
    move("never", 3, 3, told=3)
    counts = [("CUFF-M/L1", 6)]
    record_count(session, "H-A", counts, occasion=on("count", 4), by=signed(4))
    move("late", 2, 1, told=5)
    move("last", 6, 2, told=6)
    receive("more", 6, 5, "H-B")
    declare_wrong(
        session,
        "never",
        signed(7),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="wrong",
    )


def test_stock_is_what_was_told_by_then_and_a_count_holds(session):
    stocked(session)

    def told(at, known):
        rows = list_stock(session, at=may(at), known_at=may(known))
        return {row.location: row.quantity for row in rows}

    # Each as of the 3rd, as of the 5th, and as of long after.
    assert [told(at, 2) for at in (3, 5, 9)] == [{"H-A": 10}] * 3
    assert [told(at, 4) for at in (3, 5, 9)] == [
        {"H-A": 7, "VAN-ANNA": 3},
        {"H-A": 6, "VAN-ANNA": 3},
        {"H-A": 6, "VAN-ANNA": 3},
    ]
    assert [told(at, 6) for at in (3, 5, 9)] == [
        {"H-A": 6, "VAN-ANNA": 4},
        {"H-A": 6, "VAN-ANNA": 4},
        {"H-A": 4, "H-B": 5, "VAN-ANNA": 6},
    ]
    assert told(9, 8) == {"H-A": 4, "H-B": 5, "VAN-ANNA": 3}
    (one,) = list_stock(session, at=may(9), known_at=may(6), place="VAN-ANNA")
    assert (one.location, one.quantity) == ("VAN-ANNA", 6)
    assert list_stock(session, at=may(9), known_at=may(8)) == list_stock(
        session, at=may(9)
    )


def test_the_books_of_a_lot_are_those_that_were_kept_then(session):
    stocked(session)

    def told(known_at=None):
        books = stock_history(session, "CUFF-M/L1", place="H-A", known_at=known_at)
        return [(x.event, x.quantity, x.declared_wrong) for x in books]

    begun = ("in", 10, None)
    assert told(may(4)) == [begun, ("never", 7, None), ("count", 6, None)]
    assert told() == [
        begun,
        ("late", 9, None),
        ("never", None, "did_not_occur"),
        ("count", 6, None),
        ("last", 4, None),
    ]


def test_the_history_says_who_recorded_and_who_declared_what_wrong(session, ledger):
    moved, _, _ = ledger(MOVED)
    for day, devices, reason in (
        (4, ["OXI-1"], WrongBecause.INCORRECT_DATA),
        (5, [], WrongBecause.DID_NOT_OCCUR),
    ):
        declare_wrong(
            session,
            moved if devices else "row-2",
            signed(day, actor=f"BIRTE-{day}"),
            reason=reason,
            declaration_uid=f"wrong-{day}",
            devices=devices,
        )

    def told(tag, known_at=None):
        entries = history(session, find_device(session, tag), known_at=known_at)
        return [
            (x.event, x.actor, x.declared_wrong, x.declared_by, x.declared_at)
            for x in entries
        ]

    begun = ("first", "TESTER", None, None, None)
    last = ("row-1", "TESTER", None, None, None)
    one = ("incorrect_data", "BIRTE-4", may(4))
    whole = ("did_not_occur", "BIRTE-5", may(5))
    assert told("OXI-1") == [begun, ("row-0", "TESTER", *one), last]
    assert told("OXI-2") == [begun, ("row-2", "TESTER", *whole)]
    assert told("OXI-1", may(2)) == [begun, ("row-0", "TESTER", None, None, None)]
