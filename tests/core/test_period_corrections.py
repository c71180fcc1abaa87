"""All that a station recorded in a period, put right at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections import periods as period_corrections
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.periods import (
    Corrected,
    PeriodCorrected,
    correct_period,
)
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.corrections.told import Period
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.membership import kit_parts, record_kit, take_apart
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.appending import Moved, Named, NewEvent, lock_station
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import (
    Article,
    ConditionSpan,
    CustodySpan,
    Event,
    FlagSpan,
    KitSpan,
    Location,
    Lot,
    StockSpan,
)
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import (
    BizStep,
    EventKind,
    Signature,
    Transfer,
    WrongBecause,
)
from fsc_logistics.domain.errors import NotFound, Refused

SPANS = (CustodySpan, KitSpan, ConditionSpan, FlagSpan, StockSpan)
AN_HOUR_EARLIER = timedelta(hours=-1)
LATER = "2026-06-01 08:00"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed(text, station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=utc(text))


FIRST_OF_MAY = Period(
    station="DOCK", since=utc("2026-05-01 00:00"), until=utc("2026-05-02 00:00")
)


def shift(
    session,
    by=AN_HOUR_EARLIER,
    *,
    period=FIRST_OF_MAY,
    uid="shift",
    at=LATER,
    station="OFFICE",
    again=False,
):
    return correct_period(
        session, period, signed(at, station), uid=uid, shift=by, again=again
    )


def undo(session, *, period=FIRST_OF_MAY, uid="undo", at=LATER):
    return correct_period(session, period, signed(at, "OFFICE"), uid=uid, shift=None)


def held(session, tag, at, known_at=None):
    return custody_as_of(
        session,
        find_device(session, tag),
        at=utc(at),
        known_at=utc(known_at) if known_at else None,
    )


def where(session, tag, at, known_at=None):
    return held(session, tag, at, known_at).location


def move(session, uid, *devices, to, at, station="DOCK"):
    transfer = Transfer(uid=uid, devices=devices, location=to, event_time=utc(at))
    record_transfer(session, transfer, signed(at, station))


def check_whole(session):
    """What is derived is what a rebuild would make, and fits the ledger."""
    assert verify(session).mismatches == ()
    kept = rows(session)
    rebuild(session)
    assert rows(session) == kept


def rows(session):
    return [
        session.execute(select(table.__table__).order_by(*table.__table__.c)).all()
        for table in SPANS
    ]


@pytest.fixture
def day(session):
    """A day at a dock whose clock is an hour ahead, with an event of every kind."""
    at = utc("2026-05-01 12:00")
    by = signed("2026-05-01 12:00")
    move(session, "a", "OXI-1", "OXI-2", to="H-B", at="2026-05-01 09:00")
    move(session, "b", "OXI-1", to="VAN-ANNA", at="2026-05-01 10:00")
    record_kit(session, ["OXI-2"], kit="KIT-1", uid="c", at=at, by=by)
    record_condition(session, ["OXI-1"], Condition.CLEANING, uid="d", at=at, by=by)
    record_flag(
        session,
        ["OXI-3"],
        Flag.MISSING,
        raised=True,
        uid="e",
        at=at,
        by=by,
        reason="not on its shelf",
    )
    article = Article(code="CUFF", name="Cuff", unit="piece")
    session.add(article)
    session.flush()
    lot = Lot(article_id=article.id, code="L1")
    session.add(lot)
    session.flush()
    supplier, shelf = session.scalars(
        select(Location)
        .where(Location.code.in_(["H-A", "MAKER-DK"]))
        .order_by(Location.code.desc())
    )
    received = Moved(
        lot=Named(lot.id, "CUFF/L1"),
        origin=Named(supplier.id, supplier.code),
        target=Named(shelf.id, shelf.code),
        quantity=10,
    )
    event = NewEvent(
        uid="f",
        kind=EventKind.STOCK,
        event_time=at,
        biz_step=BizStep.RECEIVING,
        moved=(received,),
    )
    enter(session, lock_station(session, by.station), event, by)


def test_all_of_a_period_is_moved_in_time(session, day):
    done = shift(session)

    assert [(row.event, row.uid, row.replacement) for row in done.events] == [
        (event, f"shift.{number}", f"shift.{number}.right")
        for number, event in enumerate("abcdef", start=1)
    ]
    assert {row.is_now - row.was for row in done.events} == {AN_HOUR_EARLIER}
    assert done.events[0].devices == ("OXI-1", "OXI-2")
    assert done.events[5].devices == ()
    before, after = "2026-05-01 10:59", "2026-05-01 11:01"
    assert where(session, "OXI-1", "2026-05-01 08:30") == "H-B"
    assert where(session, "OXI-1", "2026-05-01 09:30") == "VAN-ANNA"
    assert [held(session, "OXI-1", at).condition for at in (before, after)] == [
        "ready",
        "cleaning",
    ]
    assert [held(session, "OXI-3", at).flags for at in (before, after)] == [
        (),
        ("missing",),
    ]
    assert [
        kit_parts(session, "KIT-1", at=utc(at)) == [] for at in (before, after)
    ] == [
        True,
        False,
    ]
    assert session.scalars(select(StockSpan.valid_from)).all() == [
        utc("2026-05-01 11:00")
    ]
    check_whole(session)


def test_what_was_believed_before_a_shift_is_still_answered(session, day):
    shift(session)

    at, known = "2026-05-01 09:30", "2026-05-31 08:00"
    assert where(session, "OXI-1", at, known) == "H-B"
    assert where(session, "OXI-1", at, LATER) == "VAN-ANNA"
    noon = "2026-05-01 11:30"
    assert held(session, "OXI-1", noon, known).condition == "ready"
    assert held(session, "OXI-1", noon, LATER).condition == "cleaning"
    assert held(session, "OXI-3", noon, known).flags == ()
    assert held(session, "OXI-3", noon, LATER).flags == ("missing",)


def test_all_of_a_period_did_not_occur(session, day):
    done = undo(session)

    assert [(row.event, row.is_now, row.replacement) for row in done.events] == [
        (event, None, None) for event in "abcdef"
    ]
    at = "2026-05-01 13:00"
    now = held(session, "OXI-1", at)
    assert (now.location, now.condition, now.flags) == ("H-A", "ready", ())
    assert kit_parts(session, "KIT-1", at=utc(at)) == []
    assert session.scalars(select(StockSpan.quantity)).all() == []
    check_whole(session)


def test_only_that_station_and_that_period_are_put_right(session):
    move(session, "before", "OXI-1", to="H-B", at="2026-04-30 23:59")
    move(session, "start", "OXI-2", to="H-B", at="2026-05-01 00:00")
    move(session, "elsewhere", "OXI-3", to="H-B", at="2026-05-01 12:00", station="VAN")
    move(session, "after", "KIT-1", to="H-B", at="2026-05-02 00:00")

    done = undo(session)

    assert [row.event for row in done.events] == ["start"]
    assert done.left_alone == 0
    check_whole(session)


def test_what_was_put_among_the_exceptions_is_none_of_it(session):
    by, seen = signed("2026-04-30 09:00", "OFFICE"), signed("2026-05-01 09:00")
    record_condition(
        session,
        ["OXI-1"],
        Condition.SCRAPPED,
        uid="scrap",
        at=by.record_time,
        by=by,
        reason="burnt",
    )
    scan = Transfer(
        uid="seen", devices=("OXI-1",), location="H-B", event_time=seen.record_time
    )
    found = record_transfer(session, scan, seen, as_fact=True)

    done = shift(session)

    assert found.contradictions
    assert [row.event for row in done.events] == ["seen"]
    assert done.left_alone == 0
    check_whole(session)


def test_what_was_declared_before_is_left_alone_and_counted(session):
    move(session, "a", "OXI-1", to="H-B", at="2026-05-01 09:00")
    move(session, "b", "OXI-2", "OXI-3", to="H-B", at="2026-05-01 10:00")
    move(session, "c", "OXI-1", to="VAN-BO", at="2026-05-01 11:00")
    for wrong, devices in (("a", []), ("b", ["OXI-2"]), ("b", ["OXI-3"])):
        declare_wrong(
            session,
            wrong,
            signed("2026-05-01 12:00"),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=f"{wrong}-{len(devices)}-{''.join(devices)}",
            devices=devices,
        )

    done = shift(session)

    assert [row.event for row in done.events] == ["c"]
    # Two events, and the three declarations that say so.
    assert done.left_alone == 5
    check_whole(session)


def test_devices_that_were_declared_wrong_before_are_not_shifted(session):
    move(session, "a", "OXI-1", "OXI-2", to="H-B", at="2026-05-01 09:00")
    declare_wrong(
        session,
        "a",
        signed("2026-05-03 12:00"),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="line",
        devices=["OXI-1"],
    )

    done = shift(session)

    assert done.events[0].devices == ("OXI-2",)
    assert where(session, "OXI-1", "2026-05-01 12:00") == "H-A"
    assert where(session, "OXI-2", "2026-05-01 08:30") == "H-B"
    check_whole(session)


def test_a_period_told_again_is_not_shifted_again(session, day):
    first = shift(session)

    assert shift(session) == first
    assert len(session.scalars(select(Event.id)).all()) == 1 + 6 + 6 + 6


@pytest.mark.parametrize("station", ["DOCK", "OFFICE"])
def test_a_period_is_not_moved_twice_by_who_is_unsure_of_the_first(
    session, day, station
):
    shift(session, station=station)
    told = len(session.scalars(select(Event.id)).all())

    with pytest.raises(Refused) as refused:
        shift(session, uid="another", station=station)

    assert str(refused.value) == (
        "What DOCK recorded in that period was moved already, to 1 hour earlier, on"
        " 2026-06-01 08:00 UTC. If it is to be moved once more, say so: --again"
    )
    assert len(session.scalars(select(Event.id)).all()) == told


@pytest.mark.parametrize("station", ["DOCK", "OFFICE"])
def test_a_period_is_moved_once_more_where_that_is_said(session, day, station):
    first = shift(session, station=station)

    again = shift(session, uid="another", station=station, again=True)

    assert [row.event for row in again.events] == [
        row.replacement for row in first.events
    ]
    assert shift(session, uid="another", station=station, again=True) == again
    assert where(session, "OXI-1", "2026-05-01 07:30") == "H-B"
    check_whole(session)


def test_what_came_after_a_shift_is_moved_and_the_rest_is_left_alone(session, day):
    shift(session, station="DOCK")
    move(session, "late", "KIT-1", to="H-B", at="2026-05-01 15:00")

    done = shift(session, uid="another", station="DOCK")

    assert [row.event for row in done.events] == ["late"]
    # Six that were wrong, and the six that are right instead.
    assert done.left_alone == 12
    check_whole(session)


def test_what_somebody_put_right_before_has_its_time_from_them(session):
    move(session, "elsewhere", "OXI-1", to="H-B", at="2026-05-01 09:00")
    move(session, "earlier", "OXI-2", to="H-B", at="2026-05-01 09:00")
    for wrong, right in (
        ("elsewhere", Right(location="VAN-BO")),
        ("earlier", Right(event_time=utc("2026-05-01 08:15"))),
    ):
        declare_wrong(
            session,
            wrong,
            signed("2026-05-02 08:00", "OFFICE"),
            reason=WrongBecause.INCORRECT_DATA,
            declaration_uid=f"not-{wrong}",
            right=right,
            replacement_uid=f"{wrong}-right",
        )

    done = shift(session)

    assert [row.event for row in done.events] == ["elsewhere-right"]
    assert where(session, "OXI-1", "2026-05-01 08:00") == "VAN-BO"
    assert where(session, "OXI-2", "2026-05-01 08:00") == "H-A"
    check_whole(session)


def test_events_of_one_moment_keep_their_order(session):
    at = "2026-05-01 09:00"
    move(session, "a", "OXI-1", to="H-B", at=at)
    move(session, "b", "OXI-1", to="VAN-BO", at=at)

    shift(session)

    assert where(session, "OXI-1", "2026-05-01 08:00") == "VAN-BO"
    check_whole(session)


def test_in_small_batches_all_comes_out_the_same(session, day, monkeypatch):
    monkeypatch.setattr(period_corrections, "BATCH", 2)

    done = shift(session)

    assert [row.event for row in done.events] == list("abcdef")
    assert shift(session) == done
    check_whole(session)


def test_nothing_is_shifted_into_the_future(session, day):
    with pytest.raises(Refused) as refused:
        shift(session, timedelta(days=31))

    assert str(refused.value) == (
        "Event a would then have happened on 2026-06-01 09:00 UTC, which is in the"
        " future. Only what has happened is recorded: choose a smaller shift or an"
        " earlier end of the period."
    )


def test_a_period_that_holds_the_first_event_of_a_device_is_shifted(session):
    everything = Period(
        station="DOCK", since=utc("2026-01-01 00:00"), until=utc("2026-01-02 00:00")
    )

    shift(session, timedelta(hours=2), period=everything)

    assert held(session, "OXI-1", "2026-01-01 09:59") is None
    assert where(session, "OXI-1", "2026-01-01 10:00") == "H-A"
    check_whole(session)


def test_a_period_is_not_undone_that_leaves_a_device_nowhere(centre):
    def try_it():
        everything = Period(
            station="DOCK", since=utc("2026-01-01 00:00"), until=utc("2026-06-01 00:00")
        )
        with centre.begin() as session:
            move(session, "a", "OXI-2", to="H-B", at="2026-05-01 09:00", station="VAN")
            undo(session, period=everything)

    with pytest.raises(Refused) as refused:
        try_it()

    assert str(refused.value) == (
        "Without the events of this period KIT-1 would be nowhere. Say where it was"
        " instead: fsc correct EVENT --reason incorrect_data --to LOCATION"
    )
    with centre.begin() as session:
        check_whole(session)


def test_a_period_is_not_undone_that_puts_a_kit_into_a_kit(centre):
    def build(session, kit, part, uid, at, station):
        by = signed("2026-05-20 08:00", station)
        record_kit(session, [part], kit=kit, uid=uid, at=utc(at), by=by)

    def try_it():
        with centre.begin() as session:
            undo(session)

    with centre.begin() as session:
        build(session, "KIT-1", "OXI-1", "in", "2026-04-01 08:00", "VAN")
        at, by = utc("2026-05-01 08:00"), signed("2026-05-20 08:00")
        take_apart(session, "KIT-1", [], uid="out", at=at, by=by)
        build(session, "OXI-1", "OXI-2", "late", "2026-05-02 08:00", "VAN")
    with pytest.raises(Refused) as refused:
        try_it()

    assert str(refused.value) == (
        "OXI-1 would be a kit and a part of another one at once."
    )


def test_a_station_that_wrote_nothing_is_not_found(session):
    nowhere = Period(
        station="KITCHEN", since=utc("2026-01-01 00:00"), until=utc("2026-06-01 00:00")
    )

    with pytest.raises(NotFound) as missing:
        undo(session, period=nowhere)

    assert str(missing.value) == (
        "KITCHEN is no station of this ledger. There are: DOCK, OFFICE."
    )


def test_a_period_without_events_is_nothing_to_put_right(session):
    assert undo(session) == PeriodCorrected(events=(), left_alone=0)


def test_history_shows_both_the_wrong_moment_and_the_right_one(session):
    move(session, "a", "OXI-1", to="H-B", at="2026-05-01 09:00")

    [row] = shift(session).events

    told = history(session, find_device(session, "OXI-1"))[1:]
    assert [(e.event, e.event_time, e.declared_wrong) for e in told] == [
        ("shift.1.right", utc("2026-05-01 08:00"), None),
        ("a", utc("2026-05-01 09:00"), "incorrect_data"),
    ]
    assert row == Corrected(
        event="a",
        was=utc("2026-05-01 09:00"),
        is_now=utc("2026-05-01 08:00"),
        devices=("OXI-1",),
        uid="shift.1",
        replacement="shift.1.right",
    )
