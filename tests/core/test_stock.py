"""Quantities of consumables: what came, went and was counted, and what there is."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.stock.answers import list_expiring, list_stock, suggest
from fsc_logistics.core.stock.articles import Consumable, add_article, change_lot
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.history import stock_history
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.core.tables import Event, StockSpan
from fsc_logistics.domain.custody import Signature, WrongBecause
from fsc_logistics.domain.errors import BadIdentifier, BadInput, NotFound, Refused
from fsc_logistics.domain.quantities import Occasion


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed(text="2026-06-01 08:00", station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=utc(text))


def on(text, uid, document=None):
    at = utc(text)
    return Occasion(uid=uid, at=at, day=at.date(), document=document)


@pytest.fixture
def books(session):
    """Write books told as a table: when, which lot, from where to where, how many.

    What comes from MAKER-DK is received; `=7` is a count.
    """
    add_article(
        session,
        Consumable(article="CUFF-M", name="Cuff", unit="piece", gtin="9501101531000"),
    )

    def write(table):
        for number, line in enumerate(table.strip().splitlines()[1:]):
            day, time, lot, origin, target, quantity = line.split()
            tell(
                session, f"row-{number}", f"{day} {time}", lot, origin, target, quantity
            )
        session.flush()

    return write


def tell(session, uid, at, lot, origin, target, quantity, **options):
    occasion, by = on(at, uid), options.pop("by", signed())
    if quantity.startswith("="):
        counts = [(lot, int(quantity[1:]))]
        return record_count(session, target, counts, occasion=occasion, by=by)
    record = record_receipt if origin == "MAKER-DK" else record_stock_move
    return record(
        session,
        lot,
        int(quantity),
        origin=origin,
        target=target,
        occasion=occasion,
        by=by,
        **options,
    )


def there(session, at="2026-06-01 08:00", **wanted):
    rows = list_stock(session, at=utc(at), **wanted)
    return {f"{b.article}/{b.lot}@{b.location}": b.quantity for b in rows}


def undo(session, uid):
    return declare_wrong(
        session,
        uid,
        signed(),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid=f"undo-{uid}",
    )


def test_what_one_place_gives_another_gets(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
    """)

    assert there(session, "2026-05-01 12:00") == {"CUFF-M/L1@H-A": 10}
    assert there(session) == {"CUFF-M/L1@H-A": 6, "CUFF-M/L1@VAN-ANNA": 4}
    assert there(session, "2026-04-30 12:00") == {}


def test_a_late_move_before_a_count_changes_nothing_after_it(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    1
        2026-05-04 08:00  CUFF-M/L1  -         H-A       =7
        2026-05-05 08:00  CUFF-M/L1  H-A       VAN-BO    1
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
    """)

    shelf = [
        there(session, f"2026-05-0{day} 12:00", place="H-A")["CUFF-M/L1@H-A"]
        for day in range(1, 6)
    ]

    assert shelf == [10, 6, 5, 7, 6]
    assert there(session, place="VAN-ANNA") == {"CUFF-M/L1@VAN-ANNA": 4}
    assert verify(session).mismatches == ()


def test_a_late_move_is_felt_by_everything_after_it_without_a_count(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-03 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-05 08:00  CUFF-M/L1  H-A       VAN-BO    1
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       5
        2026-05-04 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
    """)

    shelf = [
        there(session, f"2026-05-0{day} 12:00", place="H-A")["CUFF-M/L1@H-A"]
        for day in range(1, 6)
    ]

    assert shelf == [5, 5, 15, 11, 10]
    assert verify(session).mismatches == ()


def test_of_a_move_and_a_count_at_one_moment_the_later_told_counts(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
        2026-05-02 08:00  CUFF-M/L1  -         H-A       =7
        2026-05-02 08:00  CUFF-M/L1  -         H-A       =8
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-BO    1
    """)

    assert there(session, place="H-A") == {"CUFF-M/L1@H-A": 7}
    assert verify(session).mismatches == ()


def test_a_late_count_sets_what_there_was_until_the_next(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    1
        2026-05-04 08:00  CUFF-M/L1  -         H-A       =9
        2026-05-02 08:00  CUFF-M/L1  -         H-A       =20
    """)

    shelf = [
        there(session, f"2026-05-0{day} 12:00", place="H-A")["CUFF-M/L1@H-A"]
        for day in range(1, 5)
    ]

    assert shelf == [10, 20, 19, 9]
    assert verify(session).mismatches == ()


def test_nothing_goes_out_that_is_not_there(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       3
    """)

    with pytest.raises(Refused) as refused:
        tell(session, "x", "2026-05-01 10:00", "CUFF-M/L1", "H-A", "VAN-BO", "5")

    assert str(refused.value) == (
        "H-A has 3 piece of CUFF-M/L1 on 2026-05-01 10:00 UTC, not 5. Count it first:"
        " fsc stock count H-A CUFF-M/L1=N"
    )


def test_a_late_move_does_not_take_what_went_out_later(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       3
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    2
    """)

    with pytest.raises(Refused) as refused:
        tell(session, "x", "2026-05-02 08:00", "CUFF-M/L1", "H-A", "VAN-ANNA", "2")

    assert str(refused.value) == (
        "H-A would then have 1 piece of CUFF-M/L1 too few on 2026-05-03 08:00 UTC. Say"
        " first how many there were before that: fsc stock count H-A CUFF-M/L1=N --at"
        " TIME"
    )


def test_what_counts_found_may_go_out_however_little_came(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       3
        2026-05-02 08:00  CUFF-M/L1  -         H-A       =9
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    8
    """)

    assert there(session, place="H-A") == {"CUFF-M/L1@H-A": 1}


def test_a_late_count_does_not_take_what_went_out_later(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       9
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    8
    """)

    with pytest.raises(Refused) as refused:
        tell(session, "x", "2026-05-02 08:00", "CUFF-M/L1", "-", "H-A", "=3")

    assert str(refused.value) == (
        "H-A would then have 5 piece of CUFF-M/L1 too few on 2026-05-03 08:00 UTC. Say"
        " first how many there were before that: fsc stock count H-A CUFF-M/L1=N --at"
        " TIME"
    )


def test_an_undone_move_never_was(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
        2026-05-03 08:00  CUFF-M/L1  -         H-A       =5
        2026-05-04 08:00  CUFF-M/L1  H-A       VAN-ANNA  1
    """)

    undo(session, "row-1")

    assert there(session, "2026-05-02 12:00") == {"CUFF-M/L1@H-A": 10}
    assert there(session) == {"CUFF-M/L1@H-A": 4, "CUFF-M/L1@VAN-ANNA": 1}
    assert verify(session).mismatches == ()


def test_an_undone_count_leaves_what_the_books_say(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-03 08:00  CUFF-M/L1  -         H-A       =5
        2026-05-04 08:00  CUFF-M/L1  H-A       VAN-ANNA  1
    """)

    undo(session, "row-1")

    assert there(session, place="H-A") == {"CUFF-M/L1@H-A": 9}
    assert verify(session).mismatches == ()


def test_what_has_gone_on_is_not_undone_from_under_it(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-04 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
    """)

    with pytest.raises(Refused) as refused:
        undo(session, "row-0")

    assert str(refused.value) == (
        "H-A would then have 4 piece of CUFF-M/L1 too few on 2026-05-04 08:00 UTC. Say"
        " first how many there were before that: fsc stock count H-A CUFF-M/L1=N --at"
        " TIME"
    )


def test_a_move_that_was_at_another_time_is_put_right(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-04 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
    """)

    declare_wrong(
        session,
        "row-1",
        signed(),
        reason=WrongBecause.INCORRECT_DATA,
        declaration_uid="wrong",
        right=Right(event_time=utc("2026-05-02 08:00")),
        replacement_uid="right",
    )

    assert there(session, "2026-05-03 08:00", place="H-A") == {"CUFF-M/L1@H-A": 6}
    assert verify(session).mismatches == ()


def test_without_a_lot_what_expires_first_goes_first_wherever_inside_it_is(
    session, books
):
    receive = [("L1", date(2027, 3, 31), "H-A"), ("L2", date(2027, 1, 31), "H-B")]
    for lot, expires, shelf in receive:
        record_receipt(
            session,
            "cuff-m",
            5,
            lot=lot,
            expires=expires,
            origin="MAKER-DK",
            target=shelf,
            occasion=on("2026-05-01 08:00", lot),
            by=signed(),
        )

    done = record_stock_move(
        session,
        "CUFF-M",
        7,
        origin="HORSENS",
        target="VAN-ANNA",
        occasion=on("2026-05-02 08:00", "out", "RUN-7"),
        by=signed(),
    )

    assert [(x.lot, x.origin, x.target, x.quantity) for x in done.lots] == [
        ("L2", "H-B", "VAN-ANNA", 5),
        ("L1", "H-A", "VAN-ANNA", 2),
    ]
    assert session.scalar(select(Event.document).where(Event.uid == "out")) == "RUN-7"
    assert there(session, place="HORSENS", within=True) == {"CUFF-M/L1@H-A": 3}
    assert there(session, place="HORSENS") == {}


def test_a_late_move_without_a_lot_leaves_what_went_out_later(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       5
        2026-05-01 08:00  CUFF-M/L2  MAKER-DK  H-A       5
        2026-05-01 08:00  CUFF-M/L3  MAKER-DK  H-A       2
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    4
        2026-05-03 08:00  CUFF-M/L3  H-A       VAN-BO    2
        2026-05-04 08:00  CUFF-M/L2  H-A       H-A       =0
    """)

    tell(session, "late", "2026-05-02 08:00", "CUFF-M", "H-A", "VAN-ANNA", "3")
    with pytest.raises(Refused) as refused:
        tell(session, "more", "2026-05-02 09:00", "CUFF-M", "H-A", "VAN-ANNA", "4")

    assert there(session, place="VAN-ANNA") == {
        "CUFF-M/L1@VAN-ANNA": 1,
        "CUFF-M/L2@VAN-ANNA": 2,
    }
    assert str(refused.value) == (
        "H-A has 3 piece of CUFF-M to take on 2026-05-02 09:00 UTC, not 4. 6 more have"
        " gone out later. See: fsc stock list H-A --within --article CUFF-M"
    )
    assert verify(session).mismatches == ()


@pytest.fixture
def expired(session, books):
    """Five of a lot that expired at the end of April, and three of one that did not."""
    for lot, expires, quantity in (("OLD", "2026-04-30", 5), ("NEW", "2026-12-31", 3)):
        record_receipt(
            session,
            "CUFF-M",
            quantity,
            lot=lot,
            expires=date.fromisoformat(expires),
            origin="MAKER-DK",
            target="H-A",
            occasion=on("2026-04-01 08:00", lot),
            by=signed(),
        )


def test_what_has_expired_is_neither_suggested_nor_handed_out(session, expired):
    day = {"at": utc("2026-05-01 08:00"), "day": date(2026, 5, 1)}

    found = suggest(session, "CUFF-M", 4, place="HORSENS", **day)
    with pytest.raises(Refused) as too_many:
        tell(session, "x", "2026-05-01 08:00", "CUFF-M", "H-A", "VAN-BO", "4")
    with pytest.raises(Refused) as named:
        tell(session, "x", "2026-05-01 08:00", "CUFF-M/OLD", "H-A", "VAN-BO", "1")

    assert [(lot.lot, lot.quantity) for lot in found.lots] == [("NEW", 3)]
    assert (found.wanted, found.found, found.unit) == (4, 3, "piece")
    assert str(too_many.value) == (
        "H-A has 3 piece of CUFF-M to take on 2026-05-01 08:00 UTC, not 4. 5 more have"
        " expired (--expired). See: fsc stock list H-A --within --article CUFF-M"
    )
    assert str(named.value) == (
        "CUFF-M/OLD expired on 2026-04-30 and is not handed out. Take another lot, or"
        " say --expired if it is meant."
    )


def test_what_has_expired_goes_out_where_that_is_meant(session, expired):
    tell(
        session,
        "x",
        "2026-05-01 08:00",
        "CUFF-M/OLD",
        "H-A",
        "VAN-BO",
        "1",
        expired=True,
    )

    assert there(session, place="VAN-BO") == {"CUFF-M/OLD@VAN-BO": 1}


@pytest.mark.parametrize("place", ["VAN-BO", "HOME-CIT-1"])
def test_what_has_expired_is_not_handed_out_from_outside(session, expired, place):
    tell(session, "x", "2026-05-01 08:00", "CUFF-M/OLD", "H-A", "LOST", "2")
    found = ("CUFF-M/OLD", "LOST", place, "1")

    with pytest.raises(Refused) as refused:
        tell(session, "y", "2026-05-01 09:00", *found)
    tell(session, "y", "2026-05-01 09:00", *found, expired=True)
    tell(session, "z", "2026-05-01 10:00", "CUFF-M/OLD", "LOST", "H-B", "1")

    assert str(refused.value) == (
        "CUFF-M/OLD expired on 2026-04-30 and is not handed out. Take another lot, or"
        " say --expired if it is meant."
    )
    assert there(session, place=place) == {f"CUFF-M/OLD@{place}": 1}
    assert there(session, place="H-B") == {"CUFF-M/OLD@H-B": 1}


@pytest.mark.parametrize("record", [record_receipt, record_stock_move])
def test_what_has_expired_is_received_only_where_that_is_meant(
    session, expired, record
):
    said = {
        "origin": "MAKER-DK",
        "target": "H-B",
        "occasion": on("2026-05-01 08:00", "x"),
        "by": signed(),
    }

    with pytest.raises(Refused) as refused:
        record(session, "CUFF-M/OLD", 2, **said)
    record(session, "CUFF-M/OLD", 2, **said, expired=True)

    assert str(refused.value) == (
        "CUFF-M/OLD expired on 2026-04-30 and is not received. Send it back, or say"
        " --expired if it is meant."
    )
    assert there(session, place="H-B") == {"CUFF-M/OLD@H-B": 2}


def test_what_is_thrown_away_is_what_has_expired_first(session, expired):
    done = tell(session, "x", "2026-05-01 08:00", "CUFF-M", "H-A", "RETIRED", "5")

    assert [(lot.lot, lot.quantity) for lot in done.lots] == [("OLD", 5)]
    assert there(session) == {"CUFF-M/NEW@H-A": 3}


def test_what_is_put_on_another_shelf_is_fit_unless_it_is_named(session, expired):
    chosen = tell(session, "x", "2026-05-01 08:00", "CUFF-M", "H-A", "H-B", "1")
    named = tell(session, "y", "2026-05-01 09:00", "CUFF-M/OLD", "H-A", "H-B", "1")

    assert [lot.lot for lot in (*chosen.lots, *named.lots)] == ["NEW", "OLD"]


def test_what_expires_soon_is_listed_soonest_first(session, expired):
    at, day = utc("2026-05-01 08:00"), date(2026, 5, 1)

    def listed(days):
        return [b.lot for b in list_expiring(session, at=at, day=day, days=days)]

    assert listed(0) == ["OLD"]
    assert listed(243) == ["OLD"]
    assert listed(244) == ["OLD", "NEW"]


def test_a_gs1_code_says_which_lot_came_and_when_it_expires(session, books):
    code = "(01)09501101531000(17)270131(10)ab12"

    tell(session, "in", "2026-05-01 08:00", code, "MAKER-DK", "H-A", "5")
    tell(session, "out", "2026-05-01 09:00", code, "H-A", "VAN-BO", "2")
    tell(session, "counted", "2026-05-01 10:00", code, "-", "H-A", "=4")

    rows = list_stock(session, at=utc("2026-06-01 08:00"), article=code)
    assert [(b.lot, b.location, b.quantity) for b in rows] == [
        ("AB12", "H-A", 4),
        ("AB12", "VAN-BO", 2),
    ]
    assert {b.expires for b in rows} == {date(2027, 1, 31)}


def test_a_lot_expires_on_one_day_until_that_is_put_right(session, books):
    def receive(uid, expires):
        return record_receipt(
            session,
            "CUFF-M",
            1,
            lot="L1",
            expires=expires,
            origin="MAKER-DK",
            target="H-A",
            occasion=on("2026-05-01 08:00", uid),
            by=signed(),
        )

    receive("one", date(2027, 1, 31))
    receive("two", None)
    with pytest.raises(Refused) as refused:
        receive("three", date(2027, 2, 28))
    change_lot(session, "CUFF-M/L1", expires=date(2027, 2, 28))
    receive("four", date(2027, 2, 28))

    assert str(refused.value) == (
        "CUFF-M/L1 expires on 2027-01-31, not on 2027-02-28. If that was written down"
        " wrong: fsc article change-lot CUFF-M/L1 --expires 2027-02-28"
    )
    assert there(session) == {"CUFF-M/L1@H-A": 3}
    assert verify(session).mismatches == ()


def test_a_count_tells_what_there_should_have_been(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-BO    1
        2026-05-04 08:00  CUFF-M/L1  -         H-A       =7
    """)

    late = tell(session, "late", "2026-05-02 08:00", "CUFF-M/L1", "-", "H-A", "=12")
    again = tell(session, "late", "2026-05-02 08:00", "CUFF-M/L1", "-", "H-A", "=12")

    assert [(x.expected, x.counted, x.difference) for x in late.lots] == [(10, 12, 2)]
    assert (again.added, again.lots) == (False, late.lots)


def test_the_same_uid_adds_nothing(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
    """)
    before = session.scalar(select(func.count(Event.id)))

    row = ("row-0", "2026-05-01 08:00", "CUFF-M/L1", "MAKER-DK", "H-A", "10")
    again = tell(session, *row, by=signed(station="ELSEWHERE"))

    assert (again.uid, again.added) == ("row-0", False)
    assert [(x.lot, x.origin, x.quantity) for x in again.lots] == [
        ("L1", "MAKER-DK", 10)
    ]
    assert session.scalar(select(func.count(Event.id))) == before
    assert there(session) == {"CUFF-M/L1@H-A": 10}


def test_the_books_of_a_lot_tell_each_side_and_the_balance(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-02 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
        2026-05-03 08:00  CUFF-M/L1  -         H-A       =5
        2026-05-04 08:00  CUFF-M/L1  VAN-ANNA  RETIRED   1
    """)
    undo(session, "row-3")

    def told(place=None):
        return [
            (x.location, x.other, x.change, x.counted, x.quantity, x.declared_wrong)
            for x in stock_history(session, "CUFF-M/L1", place=place)
        ]

    shelf = [
        ("H-A", "MAKER-DK", 10, None, 10, None),
        ("H-A", "VAN-ANNA", -4, None, 6, None),
        ("H-A", None, -1, 5, 5, None),
    ]
    van = [
        ("VAN-ANNA", "H-A", 4, None, 4, None),
        ("VAN-ANNA", "RETIRED", None, None, None, "did_not_occur"),
    ]
    assert told("H-A") == shelf
    assert told("VAN-ANNA") == van
    assert sorted(told(), key=str) == sorted([*shelf, *van], key=str)


def test_what_is_found_again_comes_from_where_lost_things_are(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-02 08:00  CUFF-M/L1  H-A       LOST      4
        2026-05-03 08:00  CUFF-M/L1  LOST      H-A       3
    """)

    assert there(session) == {"CUFF-M/L1@H-A": 9}


REFUSALS = {
    "a future": (
        ("2026-06-02 08:00", "CUFF-M/L1", "H-A", "H-B", "1"),
        "That is 24 hours in the future. Only what has happened is recorded; does the"
        " clock of this machine go right?",
    ),
    "two places without a balance": (
        ("2026-05-02 08:00", "CUFF-M/L1", "LOST", "RETIRED", "1"),
        "Neither a lost nor a retired place has a balance, so nothing would change."
        " Name a place of ours on one side.",
    ),
    "from and to one place": (
        ("2026-05-02 08:00", "CUFF-M/L1", "H-A", "h-a", "1"),
        "H-A is where it comes from. Say where it goes: --to",
    ),
    "no lot from where there is no balance": (
        ("2026-05-02 08:00", "CUFF-M", "LOST", "H-A", "1"),
        "LOST is a lost place and has no balance to choose from. Say which lot it is:"
        " --lot LOT.",
    ),
    "a receipt without a lot": (
        ("2026-05-02 08:00", "CUFF-M", "MAKER-DK", "H-A", "1"),
        "Say which lot of CUFF-M came: --lot LOT.",
    ),
    "an unknown lot": (
        ("2026-05-02 08:00", "CUFF-M/L9", "H-A", "H-B", "1"),
        "CUFF-M has no lot L9. It is registered when it comes: fsc stock receive CUFF-M"
        " QUANTITY --lot LOT",
    ),
    "an unknown article": (
        ("2026-05-02 08:00", "CUFF-X/L1", "H-A", "H-B", "1"),
        "CUFF-X is no article this centre knows. See: fsc article list",
    ),
    "a GTIN of no article": (
        ("2026-05-02 08:00", "(01)04006381333931(10)L1", "H-A", "H-B", "1"),
        "No article has GTIN 04006381333931. Give it to one: fsc article change CODE"
        " --gtin 04006381333931",
    ),
    "a count where there is no balance": (
        ("2026-05-02 08:00", "CUFF-M/L1", "-", "LOST", "=1"),
        "LOST is a lost place and has no balance. Count what is at a place of ours.",
    ),
    "a count of no lot": (
        ("2026-05-02 08:00", "CUFF-M", "-", "H-A", "=1"),
        "Say which lot of CUFF-M: CUFF-M/LOT. See: fsc stock list",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_makes_no_sense_is_refused_with_what_to_do(session, books, name):
    row, message = REFUSALS[name]
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
    """)

    with pytest.raises((Refused, NotFound, BadInput)) as refused:
        tell(session, "x", *row)

    assert str(refused.value) == message


def test_what_is_on_our_shelves_is_moved_and_not_received(session, books):
    with pytest.raises(Refused) as refused:
        record_receipt(
            session,
            "CUFF-M",
            2,
            lot="L1",
            origin="H-A",
            target="H-B",
            occasion=on("2026-05-01 08:00", "x"),
            by=signed(),
        )

    assert str(refused.value) == (
        "H-A is a shelf and has a balance. What is there is moved: fsc stock move"
        " CUFF-M 2 --from H-A --to H-B"
    )


def test_a_lot_is_counted_once_in_one_count(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
    """)

    with pytest.raises(BadInput) as refused:
        record_count(
            session,
            "H-A",
            [("CUFF-M/L1", 1), ("cuff-m/l1", 2)],
            occasion=on("2026-05-02 08:00", "x"),
            by=signed(),
        )

    assert str(refused.value) == "CUFF-M/L1 is counted twice. Add the numbers up."


def test_the_paper_of_a_move_is_a_code_and_no_sentence(session, books):
    with pytest.raises(BadIdentifier) as refused:
        record_receipt(
            session,
            "CUFF-M/L1",
            2,
            origin="MAKER-DK",
            target="H-A",
            occasion=on("2026-05-01 08:00", "x", document="for Nancy Berggren"),
            by=signed(),
        )

    assert str(refused.value) == (
        "That cannot be a code: use up to 40 of A-Z, 0-9, '-', '.' and '_', a letter or"
        " digit first."
    )


def test_rebuilding_gives_the_same_spans(session, books):
    books("""
        happened          lot        from      to        quantity
        2026-05-01 08:00  CUFF-M/L1  MAKER-DK  H-A       10
        2026-05-03 08:00  CUFF-M/L1  H-A       VAN-ANNA  4
        2026-05-02 08:00  CUFF-M/L1  -         H-A       =5
        2026-05-02 08:00  CUFF-M/L2  MAKER-DK  H-B       5
    """)
    columns = [column.name for column in StockSpan.__table__.columns]
    query = select(*(getattr(StockSpan, name) for name in columns)).order_by(
        StockSpan.lot_id, StockSpan.location_id, StockSpan.valid_from
    )
    before = session.execute(query).all()

    rebuild(session)

    assert session.execute(query).all() == before
    assert len(before) == 5
