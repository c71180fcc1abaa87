"""Mistakes put right: one event or some devices of it."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.membership import kit_parts, record_kit
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.appending import (
    Counted,
    Moved,
    Named,
    NewEvent,
    lock_station,
)
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.entering import enter
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import (
    Article,
    ConditionSpan,
    CustodySpan,
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
LATER = "2026-06-01 08:00"
"""When mistakes are found out."""


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed(text, station="OFFICE"):
    return Signature(station=station, actor="TESTER", record_time=utc(text))


def held(session, tag, at, known_at=None):
    return custody_as_of(
        session,
        find_device(session, tag),
        at=utc(at),
        known_at=utc(known_at) if known_at else None,
    )


def who(session, tag, at, known_at=None):
    found = held(session, tag, at, known_at)
    return None if found is None else f"{found.custodian}@{found.location}"


def undo(session, uid, *devices, name="undo", at=LATER):
    return declare_wrong(
        session,
        uid,
        signed(at),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid=name,
        devices=devices,
    )


def correct(session, uid, *devices, name="declared", at=LATER, **right):
    if "event_time" in right:
        right["event_time"] = utc(right["event_time"])
    return declare_wrong(
        session,
        uid,
        signed(at),
        reason=WrongBecause.INCORRECT_DATA,
        declaration_uid=name,
        right=Right(**right),
        replacement_uid=f"{name}-right",
        devices=devices,
    )


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
def kit(session):
    """KIT-1 with OXI-1 and OXI-2 in it, which all went into a van on 1 May."""
    record_kit(
        session,
        ["OXI-1", "OXI-2"],
        kit="KIT-1",
        uid="built",
        at=utc("2026-02-01 08:00"),
        by=signed("2026-02-01 08:00"),
    )
    transfer = Transfer(
        uid="moved",
        devices=("KIT-1",),
        location="VAN-ANNA",
        event_time=utc("2026-05-01 08:00"),
    )
    record_transfer(session, transfer, signed("2026-05-01 08:00"))


@pytest.fixture
def lot(session):
    """Ten cuffs of one lot, received on shelf H-A on 1 February."""
    article = Article(code="CUFF", name="Cuff", unit="piece")
    session.add(article)
    session.flush()
    session.add(Lot(article_id=article.id, code="L1"))
    session.flush()
    tell_stock(session, "received", "2026-02-01 08:00", move=("MAKER-DK", "H-A", 10))


def tell_stock(session, uid, at, *, move=None, count=None):
    """Record that cuffs were moved, or found at a place."""
    lot = Named(session.scalars(select(Lot.id)).one(), "CUFF/L1")

    def place(code):
        found = session.scalars(select(Location).where(Location.code == code)).one()
        return Named(found.id, found.code)

    event = NewEvent(
        uid=uid,
        kind=EventKind.COUNT if count else EventKind.STOCK,
        event_time=utc(at),
        biz_step=BizStep.STORING,
        moved=(
            (
                Moved(
                    lot=lot,
                    origin=place(move[0]),
                    target=place(move[1]),
                    quantity=move[2],
                ),
            )
            if move
            else ()
        ),
        counted=(
            (Counted(lot=lot, location=place(count[0]), counted=count[1]),)
            if count
            else ()
        ),
    )
    by = signed("2026-05-02 08:00")
    enter(session, lock_station(session, by.station), event, by)


def balance(session, place, at):
    return session.scalar(
        select(StockSpan.quantity)
        .join(Location, Location.id == StockSpan.location_id)
        .where(
            Location.code == place,
            StockSpan.valid_from <= utc(at),
            StockSpan.valid_to > utc(at),
        )
    )


def test_one_device_of_an_event_did_not_come(session, kit):
    done = undo(session, "moved", "OXI-1")

    assert (done.wrong, done.replacement, done.devices) == ("moved", None, ("OXI-1",))
    noon = "2026-05-01 12:00"
    assert who(session, "OXI-1", noon) == "DEPOT@H-A"
    assert who(session, "OXI-2", noon) == who(session, "KIT-1", noon) == "ANNA@VAN-ANNA"
    check_whole(session)


def test_history_says_of_which_device_an_event_is_wrong(session, kit):
    undo(session, "moved", "OXI-1")

    told = {
        tag: {
            e.event: e.declared_wrong
            for e in history(session, find_device(session, tag))
        }
        for tag in ("OXI-1", "OXI-2")
    }
    assert told["OXI-1"]["moved"] == "did_not_occur"
    assert told["OXI-2"]["moved"] is None


def test_what_was_believed_of_one_device_is_still_answered(session, kit):
    undo(session, "moved", "OXI-1")

    noon = "2026-05-01 12:00"
    assert who(session, "OXI-1", noon, known_at="2026-05-31 08:00") == "ANNA@VAN-ANNA"
    assert who(session, "OXI-1", noon, known_at=LATER) == "DEPOT@H-A"
    assert who(session, "OXI-2", noon, known_at=LATER) == "ANNA@VAN-ANNA"


def test_one_device_of_an_event_went_elsewhere(session, kit):
    done = correct(
        session,
        "moved",
        "OXI-1",
        "OXI-2",
        location="VAN-BO",
        event_time="2026-05-01 07:00",
    )

    assert done.devices == ("OXI-1", "OXI-2")
    at = "2026-05-01 07:30"
    assert who(session, "OXI-1", at) == who(session, "OXI-2", at) == "BO@VAN-BO"
    assert who(session, "KIT-1", "2026-05-01 12:00") == "ANNA@VAN-ANNA"
    check_whole(session)


def test_a_declaration_about_devices_told_again_adds_nothing(session, kit):
    first = correct(session, "moved", "OXI-1", location="VAN-BO")

    assert correct(session, "moved", "OXI-1", location="VAN-BO") == first
    assert len(history(session, find_device(session, "OXI-1"))) == 4


def test_a_device_of_an_event_is_declared_wrong_once(session, kit):
    undo(session, "moved", "OXI-1")

    with pytest.raises(Refused) as refused:
        undo(session, "moved", "OXI-2", "OXI-1", name="again")

    assert str(refused.value) == (
        "Event moved was declared wrong for OXI-1 on 2026-06-01 08:00 UTC."
    )


def test_a_device_of_an_event_that_is_wrong_as_a_whole_is_refused(session, kit):
    undo(session, "moved")

    with pytest.raises(Refused) as refused:
        undo(session, "moved", "OXI-1", name="again")

    assert str(refused.value) == (
        "Event moved was declared wrong on 2026-06-01 08:00 UTC."
    )


def test_after_some_devices_the_whole_event_is_about_the_others(session, kit):
    undo(session, "moved", "OXI-1")

    done = correct(session, "moved", location="VAN-BO")

    assert done.devices == ("KIT-1", "OXI-2")
    assert correct(session, "moved", location="VAN-BO") == done
    noon = "2026-05-01 12:00"
    assert who(session, "OXI-1", noon) == "DEPOT@H-A"
    assert who(session, "OXI-2", noon) == who(session, "KIT-1", noon) == "BO@VAN-BO"
    check_whole(session)


def test_why_a_device_was_wrong_stays_when_the_whole_event_is(session, kit):
    undo(session, "moved", "OXI-1")
    correct(session, "moved", location="VAN-BO")

    told = {
        tag: {
            e.event: e.declared_wrong
            for e in history(session, find_device(session, tag))
        }
        for tag in ("OXI-1", "OXI-2")
    }
    assert told["OXI-1"]["moved"] == "did_not_occur"
    assert told["OXI-2"]["moved"] == "incorrect_data"


def test_an_event_that_is_wrong_for_each_of_its_devices_has_nothing_left(session, kit):
    undo(session, "moved", "OXI-1", "KIT-1")
    undo(session, "moved", "OXI-2", name="the-last", at="2026-06-02 08:00")

    with pytest.raises(Refused) as refused:
        undo(session, "moved", name="whole")

    assert str(refused.value) == (
        "Event moved was declared wrong for each of its devices, the last on"
        " 2026-06-02 08:00 UTC."
    )


def test_a_device_an_event_is_not_about_is_not_found_in_it(session, kit):
    with pytest.raises(NotFound) as missing:
        undo(session, "moved", "OXI-3")

    assert str(missing.value) == (
        "Event moved is not about OXI-3. See: fsc history OXI-3"
    )


def test_the_first_event_of_one_device_is_not_undone(centre):
    def try_it():
        with centre.begin() as session:
            undo(session, "first", "OXI-2")

    with pytest.raises(Refused) as refused:
        try_it()

    assert str(refused.value) == (
        "Without this event OXI-2 would be nowhere. Say where it was instead:"
        " fsc correct EVENT --reason incorrect_data --to LOCATION"
    )


def test_of_two_desks_one_declares_a_device_wrong(centre):
    def declare_too():
        with centre.begin() as session, pytest.raises(Refused) as refused:
            undo(session, "moved", "OXI-1", name="second")
        return str(refused.value)

    with centre.begin() as session:
        transfer = Transfer(
            uid="moved",
            devices=("OXI-1", "OXI-2"),
            location="H-B",
            event_time=utc("2026-05-01 08:00"),
        )
        record_transfer(session, transfer, signed("2026-05-01 08:00"))
    with ThreadPoolExecutor(1) as pool:
        with centre.begin() as session:
            declare_wrong(
                session,
                "moved",
                signed(LATER, "DOCK"),
                reason=WrongBecause.DID_NOT_OCCUR,
                declaration_uid="first-desk",
                devices=["OXI-1"],
            )
            other = pool.submit(declare_too)
            # Time enough for the other to come as far as it can before we commit.
            wait([other], timeout=0.3)
        told = other.result()

    assert told == "Event moved was declared wrong for OXI-1 on 2026-06-01 08:00 UTC."
    with centre.begin() as session:
        check_whole(session)


EVENT, RIGHT = "2026-05-01 09:00", "2026-05-01 07:00"


def record(session, kind):
    """Record an event of a kind at `EVENT`, called `event`."""
    by, at = signed(EVENT, "DOCK"), utc(EVENT)
    match kind:
        case EventKind.OBJECT:
            transfer = Transfer(
                uid="event", devices=("OXI-1",), location="H-B", event_time=at
            )
            record_transfer(session, transfer, by)
        case EventKind.AGGREGATION:
            record_kit(session, ["OXI-1"], kit="KIT-1", uid="event", at=at, by=by)
        case EventKind.CONDITION:
            cleaning = Condition.CLEANING
            record_condition(session, ["OXI-1"], cleaning, uid="event", at=at, by=by)
        case EventKind.FLAG:
            record_flag(
                session,
                ["OXI-1"],
                Flag.RECALLED,
                raised=True,
                uid="event",
                at=at,
                by=by,
                reason="batch 7",
            )
        case EventKind.STOCK:
            tell_stock(session, "event", EVENT, move=("H-A", "H-B", 4))
        case EventKind.COUNT:
            tell_stock(session, "event", EVENT, count=("H-B", 4))


def says(session, kind, at):
    """Return whether the ledger says at `at` what the event said."""
    device = held(session, "OXI-1", at)
    match kind:
        case EventKind.OBJECT:
            return device.location == "H-B"
        case EventKind.AGGREGATION:
            parts = kit_parts(session, "KIT-1", at=utc(at))
            return [part.device for part in parts] == ["OXI-1"]
        case EventKind.CONDITION:
            return device.condition == "cleaning"
        case EventKind.FLAG:
            return device.flags == ("recalled",)
        case EventKind.STOCK | EventKind.COUNT:
            return balance(session, "H-B", at) == 4


KINDS = [
    EventKind.OBJECT,
    EventKind.AGGREGATION,
    EventKind.CONDITION,
    EventKind.FLAG,
    EventKind.STOCK,
    EventKind.COUNT,
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_any_kind_is_undone(session, lot, kind):
    record(session, kind)
    assert says(session, kind, "2026-05-01 12:00")

    undo(session, "event")

    assert not says(session, kind, "2026-05-01 12:00")
    check_whole(session)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_any_kind_has_its_own_time_put_right(session, lot, kind):
    record(session, kind)
    assert not says(session, kind, "2026-05-01 08:00")

    correct(session, "event", event_time=RIGHT)

    assert says(session, kind, "2026-05-01 08:00")
    assert says(session, kind, "2026-05-01 12:00")
    assert not says(session, kind, "2026-05-01 06:00")
    check_whole(session)


@pytest.mark.parametrize("kind", [EventKind.CONDITION, EventKind.FLAG])
def test_what_was_believed_of_conditions_and_flags_is_still_answered(
    session, lot, kind
):
    record(session, kind)
    undo(session, "event")

    at = "2026-05-01 12:00"
    then, now = (
        held(session, "OXI-1", at, "2026-05-31 08:00"),
        held(session, "OXI-1", at),
    )
    expected = {
        EventKind.CONDITION: [("cleaning", ()), ("ready", ())],
        EventKind.FLAG: [("ready", ("recalled",)), ("ready", ())],
    }
    assert [(x.condition, x.flags) for x in (then, now)] == expected[kind]


ABOUT = {
    EventKind.AGGREGATION: ("a kit", "build the kit again: fsc kit build"),
    EventKind.CONDITION: ("a condition", "say it again: fsc condition set"),
    EventKind.FLAG: ("a flag", "say it again: fsc flag raise, fsc flag lower"),
    EventKind.STOCK: ("consumables", "record it again: fsc stock move"),
    EventKind.COUNT: ("a count", "count again: fsc stock count"),
}


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "right", [{"location": "H-B"}, {"custodian": "ANNA"}, {"biz_step": BizStep.OTHER}]
)
def test_only_events_of_custody_have_a_place_to_put_right(session, lot, kind, right):
    record(session, kind)

    with pytest.raises(Refused) as refused:
        correct(session, "event", **right)

    about, otherwise = ABOUT[kind]
    assert str(refused.value) == (
        f"Event event is about {about}: only its time can be corrected. Undo it and"
        f" {otherwise}"
    )


def test_how_an_exception_was_dealt_with_is_not_undone(session):
    event = NewEvent(
        uid="resolved",
        kind=EventKind.RESOLUTION,
        event_time=utc("2026-05-01 08:00"),
        biz_step=BizStep.OTHER,
        reason="put back",
    )
    by = signed("2026-05-01 08:00")
    enter(session, lock_station(session, by.station), event, by)

    with pytest.raises(Refused) as refused:
        undo(session, "resolved")

    assert str(refused.value) == (
        "resolved says how an exception was dealt with, and that stays. Record what is"
        " right as it is: fsc move, fsc condition set"
    )


def test_what_is_right_is_not_in_the_future_either(session, kit):
    with pytest.raises(Refused) as refused:
        correct(session, "moved", event_time="2026-06-01 10:00")

    assert str(refused.value) == (
        "That is 2 hours in the future. Only what has happened is recorded; does the"
        " clock of this machine go right?"
    )


def test_a_place_without_a_keeper_is_right_where_somebody_is_named(session, kit):
    correct(session, "moved", location="ORPHAN", custodian="BO")

    assert who(session, "OXI-1", "2026-05-01 12:00") == "BO@ORPHAN"


def test_what_was_not_retired_after_all_is_not_scrapped(session, ledger):
    [uid] = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @RETIRED
    """)
    assert held(session, "OXI-1", LATER).condition == "scrapped"

    correct(session, uid, location="H-B")

    assert held(session, "OXI-1", LATER).condition == "ready"
    check_whole(session)


def test_what_was_retired_after_all_is_scrapped(session, ledger):
    [uid] = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @H-B
    """)

    correct(session, uid, location="RETIRED")

    assert held(session, "OXI-1", LATER).condition == "scrapped"
    check_whole(session)


def test_a_replacement_keeps_what_is_not_said_to_be_wrong(session):
    transfer = Transfer(
        uid="back",
        devices=("OXI-1",),
        location="H-B",
        custodian="BO",
        event_time=utc("2026-05-01 08:00"),
        condition=Condition.RETURNED,
        document="RUN-7",
        read_point="DOCK-1",
        reason="strap torn",
    )
    record_transfer(session, transfer, signed("2026-05-01 08:00"))

    correct(session, "back", event_time="2026-05-01 07:00")

    wrong, right = sorted(
        history(session, find_device(session, "OXI-1"))[1:],
        key=lambda entry: entry.declared_wrong is None,
    )
    assert (wrong.event, right.event) == ("back", "declared-right")
    kept = ("biz_step", "disposition", "custodian", "location", "condition", "reason")
    assert [getattr(right, x) for x in kept] == [getattr(wrong, x) for x in kept]
    assert right.event_time == utc("2026-05-01 07:00")


def test_undoing_a_receipt_leaves_no_place_with_fewer_than_none(session, lot):
    tell_stock(session, "moved", "2026-05-01 08:00", move=("H-A", "H-B", 4))

    with pytest.raises(Refused) as refused:
        undo(session, "received")

    assert str(refused.value) == (
        "H-A would then have 4 piece of CUFF/L1 too few on 2026-05-01 08:00 UTC. Say"
        " first how many there were before that: fsc stock count H-A CUFF/L1=N --at"
        " TIME"
    )


def test_an_event_about_stock_has_no_devices_to_name(session, lot):
    with pytest.raises(NotFound) as missing:
        undo(session, "received", "OXI-1")

    assert str(missing.value) == (
        "Event received is not about OXI-1. See: fsc history OXI-1"
    )
