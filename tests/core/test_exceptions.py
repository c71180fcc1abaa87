"""Scans that are held, and how they are dealt with: a word, or recorded after all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from fsc_logistics.core.devices.codes import link_code
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import record_held, resolve, resolve_all
from fsc_logistics.core.exceptions.waiting import Which, list_matters
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import Event, ScanRecord
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.station import advance
from scanner.scan import Scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)
LATER = NOON + timedelta(minutes=5)
EVA = Signature(station="OFFICE", actor="EVA", record_time=LATER)


@pytest.fixture
def scanned(centre):
    """Scan codes a second apart at the dock: the first has the number 1."""

    def scan(*texts, ahead=timedelta(0)):
        context = ""
        for seq, text in enumerate(texts, start=1):
            moment = NOON + timedelta(seconds=seq)
            made = Scan(
                scan_id=f"scan-{seq}",
                station="DOCK",
                station_seq=seq,
                port="GUN",
                read_point="HORSENS",
                scanned_at=moment + ahead,
                raw=text.encode(),
                text=text,
                symbology="",
                context=context,
            )
            record_scans(centre, [made], now=moment, idle=IDLE)
            context = advance(context, text, moment + ahead, idle=IDLE)
        return centre

    return scan


def listed(sessions, which=Which.OPEN):
    with sessions.read() as session:
        return list_matters(session, which)


def names(sessions, which=Which.OPEN):
    return [matter.id for matter in listed(sessions, which)]


def dealt_with(sessions, name, how="thrown away", uid="how-1"):
    with sessions.begin() as session:
        return resolve(session, name, how, uid=uid, by=EVA)


def recorded(sessions, name, *, at=None, uid="after-all"):
    with sessions.begin() as session:
        return record_held(session, name, uid=uid, by=EVA, at=at)


def where(sessions, tag, at):
    with sessions.read() as session:
        held = custody_as_of(session, find_device(session, tag), at=at)
    return f"{held.custodian}@{held.location}"


# The list


def test_what_was_not_good_waits_in_the_order_it_came(scanned):
    sessions = scanned("ONE", "OXI-1", "TWO", "%C:OK", "THREE")

    assert names(sessions) == ["scan-1", "scan-3", "scan-5"]


def test_an_exception_tells_what_was_scanned_where_and_what_to_do(scanned):
    sessions = scanned("ONE")

    (waiting,) = listed(sessions)

    assert (waiting.kind, waiting.payload) == ("unknown_code", "ONE")
    assert (waiting.station, waiting.read_point) == ("DOCK", "HORSENS")
    assert waiting.raised_at == NOON + timedelta(seconds=1)
    assert waiting.what == "This code is not known here; the scan waits for somebody."
    assert (waiting.device, waiting.event, waiting.how) == (None, None, None)


def todo(sessions):
    (waiting,) = listed(sessions)
    return waiting.todo


def test_an_unknown_code_is_linked_and_its_scan_recorded(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "ONE")

    assert todo(sessions) == (
        "Register what it is, or link the code to its device (fsc device link), then:"
        " fsc exceptions record scan-3"
    )


def test_of_what_was_only_asked_it_is_said_where_it_is(scanned):
    assert todo(scanned("ONE")) == (
        "Nothing was set that could be recorded. Find out what it is, link or register"
        " it where it is not known (fsc device link), and say where it is (fsc move),"
        " then: fsc exceptions resolve scan-1 --how TEXT"
    )


def test_what_an_unknown_card_names_is_registered(scanned):
    assert todo(scanned("%C:MODE:OUT", "%P:MOON")) == (
        "Register what the card names, or put the card away, then: fsc exceptions"
        " resolve scan-2 --how TEXT"
    )


@pytest.mark.parametrize("scan", ["0201609995", "%P:0201609995"])
def test_a_personal_number_is_neither_linked_nor_recorded(scanned, scan):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", scan)

    with pytest.raises(Refused) as refused:
        recorded(sessions, "scan-3")

    assert todo(sessions) == (
        "A personal number was scanned, and not kept. Tell who scans there, then:"
        " fsc exceptions resolve scan-3 --how TEXT"
    )
    assert str(refused.value) == (
        "That was a personal number, and was not kept: there is nothing to record of"
        " it. Once it is dealt with: fsc exceptions resolve scan-3 --how TEXT"
    )


def test_the_same_code_scanned_often_waits_once_with_its_number(scanned):
    sessions = scanned("ONE", "TWO", "ONE", "ONE")

    told = [(matter.id, matter.count) for matter in listed(sessions)]

    assert told == [("scan-1", 3), ("scan-2", 1)]


def test_a_scan_of_the_first_revision_that_was_dealt_with_is_still_told(scanned):
    sessions = scanned("OXI-1")
    with sessions.begin() as session:
        station = session.scalars(select(ScanRecord.station_id)).one()
        session.execute(
            insert(ScanRecord).values(
                scan_id="old",
                station_id=station,
                station_seq=9,
                read_point="HORSENS",
                scanned_at=NOON,
                record_time=NOON,
                mode="LOOK",
                payload="ONE",
                outcome="unknown",
                message="This code is not known here; the scan waits for somebody.",
                waiting=False,
                resolved_at=LATER,
                resolved_by="EVA",
            )
        )

    (done,) = listed(sessions, Which.RESOLVED)

    assert (done.id, done.resolved_at, done.resolved_by) == ("old", LATER, "EVA")
    assert (done.how, done.todo) == (None, "")


# A word on how


def test_what_somebody_has_dealt_with_waits_no_more(scanned):
    sessions = scanned("ONE", "TWO")

    dealt_with(sessions, "scan-1")

    assert names(sessions) == ["scan-2"]
    (done,) = listed(sessions, Which.RESOLVED)
    assert (done.id, done.how) == ("scan-1", "thrown away")
    assert (done.resolved_at, done.resolved_by) == (LATER, "EVA")
    assert names(sessions, Which.ALL) == ["scan-1", "scan-2"]


def test_how_it_was_dealt_with_is_an_event_of_the_ledger(scanned):
    sessions = scanned("ONE")

    dealt_with(sessions, "scan-1", "a parcel of the post", uid="how-1")

    with sessions.read() as session:
        event = session.scalars(select(Event).where(Event.uid == "how-1")).one()
        said = (event.kind, event.document, event.reason, event.actor)
    assert said == ("resolution", "scan-1", "a parcel of the post", "EVA")


def test_dealing_with_one_deals_with_all_that_say_the_same(scanned):
    sessions = scanned("ONE", "TWO", "ONE")

    done = dealt_with(sessions, "scan-1")

    assert done.count == 2
    assert names(sessions) == ["scan-2"]


def test_several_that_say_the_same_are_named_at_once(scanned):
    sessions = scanned("ONE", "ONE", "TWO", "THREE")

    with sessions.begin() as session:
        done = resolve_all(
            session,
            ["scan-1", "scan-2", " scan-3", "scan-3"],
            "thrown away",
            uids=["how-1", "how-2", "how-3", "how-4"],
            by=EVA,
        )

    assert [(one.uid, one.id, one.count) for one in done] == [
        ("how-1", "scan-1", 2),
        ("how-3", "scan-3", 1),
    ]
    assert names(sessions) == ["scan-4"]


def test_what_was_dealt_with_by_another_command_stops_all(scanned):
    sessions = scanned("ONE", "TWO")
    dealt_with(sessions, "scan-1", uid="how-1")

    with pytest.raises(Refused) as refused, sessions.begin() as session:
        resolve_all(
            session, ["scan-2", "scan-1"], "burnt", uids=["how-2", "how-3"], by=EVA
        )

    assert str(refused.value) == "scan-1 does not wait for anybody."
    assert names(sessions) == ["scan-2"]


def test_told_twice_with_the_same_uid_nothing_is_added(scanned):
    sessions = scanned("ONE")
    first = dealt_with(sessions, "scan-1", uid="how-1")

    again = dealt_with(sessions, "scan-1", uid="how-1")

    assert (again.uid, again.how) == (first.uid, first.how)


def test_a_personal_number_in_how_is_masked(scanned):
    sessions = scanned("ONE")

    done = dealt_with(sessions, "scan-1", "told by 020160-9995")

    assert done.how == "told by 020160-****"


def test_it_must_be_said_how(scanned):
    sessions = scanned("ONE")

    with pytest.raises(BadInput) as error:
        dealt_with(sessions, "scan-1", "  ")

    assert str(error.value) == "Say how it was dealt with: --how TEXT"


def test_what_was_dealt_with_is_not_dealt_with_again(scanned):
    sessions = scanned("ONE")
    dealt_with(sessions, "scan-1", uid="how-1")

    with pytest.raises(Refused) as refused:
        dealt_with(sessions, "scan-1", uid="how-2")

    assert str(refused.value) == "scan-1 does not wait for anybody."


def test_a_good_scan_does_not_wait(scanned):
    sessions = scanned("OXI-1")

    with pytest.raises(Refused) as refused:
        dealt_with(sessions, "scan-1")

    assert str(refused.value) == "scan-1 does not wait for anybody."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("scan-9", "scan-9"),
        ("A-7", "A-7"),
        ("A-99999999999999999999", "A-99999999999999999999"),
        ("Nancy Berggren", "of that name"),
    ],
)
def test_what_never_waited_is_not_found(scanned, name, shown):
    sessions = scanned()

    with pytest.raises(NotFound) as missing:
        dealt_with(sessions, name)

    assert str(missing.value) == f"There is no exception {shown}. See: fsc exceptions"


def test_an_exception_that_is_dealt_with_is_answered_as_before(scanned):
    sessions = scanned("ONE")
    dealt_with(sessions, "scan-1")

    scanned("ONE")

    assert names(sessions) == []
    with sessions.read() as session:
        assert session.scalars(select(ScanRecord.outcome)).all() == ["unknown"]


# Recorded after all


def linked(sessions, code, tag):
    with sessions.begin() as session:
        link_code(session, find_device(session, tag).tag, code)


def test_a_held_scan_is_recorded_as_it_was_meant_once_its_code_is_linked(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890", "%C:MODE:IN")
    linked(sessions, "5701234567890", "OXI-1")

    done = recorded(sessions, "scan-3")

    assert (done.uid, done.added, done.devices) == ("scan-3", True, ("OXI-1",))
    assert where(sessions, "OXI-1", NOON + timedelta(seconds=2)) == "DEPOT@H-A"
    assert where(sessions, "OXI-1", NOON + timedelta(seconds=3)) == "ANNA@VAN-ANNA"
    assert names(sessions) == []
    (told,) = listed(sessions, Which.RESOLVED)
    assert (told.how, told.event) == ("Recorded as scan-3.", "scan-3")


def test_that_a_held_scan_was_recorded_is_an_event_of_its_own(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890")
    linked(sessions, "5701234567890", "OXI-1")

    done = recorded(sessions, "scan-3", uid="after-all")

    with sessions.read() as session:
        event = session.scalars(select(Event).where(Event.uid == "after-all")).one()
        said = (event.kind, event.document, event.actor)
    assert done.resolution == "after-all"
    assert said == ("resolution", "scan-3", "EVA")


def test_a_held_scan_recorded_again_with_the_same_uid_is_told_as_before(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890")
    linked(sessions, "5701234567890", "OXI-1")
    first = recorded(sessions, "scan-3", uid="after-all")

    again = recorded(sessions, "scan-3", uid="after-all")

    assert again == replace(first, added=False)


def test_the_uid_of_another_event_records_no_held_scan(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890")

    with pytest.raises(Refused) as refused:
        recorded(sessions, "scan-3", uid="first")

    assert str(refused.value) == (
        "first is the uid of an event that records no held scan. Give another."
    )


def test_a_code_that_is_still_unknown_stays_held(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "5701234567890")

    with pytest.raises(NotFound) as missing:
        recorded(sessions, "scan-3")

    assert str(missing.value) == (
        "The code that was scanned is still not known here. Link it to its device"
        " first: fsc device link DEVICE CODE"
    )
    assert names(sessions) == ["scan-3"]


def test_of_a_scan_that_asked_only_there_is_nothing_to_record(scanned):
    sessions = scanned("5701234567890")
    linked(sessions, "5701234567890", "OXI-1")

    with pytest.raises(Refused) as refused:
        recorded(sessions, "scan-1")

    assert str(refused.value) == (
        "When this was scanned nothing was set that could be recorded. Say where the"
        " device is (fsc move), then: fsc exceptions resolve scan-1 --how TEXT"
    )


def test_of_a_card_there_is_nothing_to_record(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:MOON")

    with pytest.raises(Refused) as refused:
        recorded(sessions, "scan-2")

    assert str(refused.value) == (
        "That is a card, and there is nothing to record of it. Once it is dealt with:"
        " fsc exceptions resolve scan-2 --how TEXT"
    )


HOUR = timedelta(hours=1)


def test_a_scan_from_the_future_is_held_with_what_to_do(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "OXI-1", ahead=HOUR)

    (waiting,) = listed(sessions)

    assert (waiting.kind, waiting.payload) == ("from_the_future", "OXI-1")
    assert waiting.what == (
        "The clock of this station is ahead of the ledger's; set it right."
    )
    assert waiting.todo == (
        "Set the station's clock right, then record it at the true time:"
        " fsc exceptions record scan-3 --at TIME"
    )


def test_a_scan_from_the_future_is_not_recorded_at_a_wrong_time(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "OXI-1", ahead=HOUR)

    with pytest.raises(Refused) as refused:
        recorded(sessions, "scan-3")

    assert str(refused.value) == (
        "The clock of DOCK was ahead when this was scanned. It was here at 2026-11-24"
        " 12:00 UTC; say when it was scanned: --at TIME"
    )


def test_a_scan_from_the_future_is_recorded_at_its_true_time(scanned):
    sessions = scanned("%C:MODE:OUT", "%P:ANNA", "OXI-1", ahead=HOUR)

    recorded(sessions, "scan-3", at=NOON + timedelta(seconds=2))

    assert where(sessions, "OXI-1", NOON + timedelta(seconds=1)) == "DEPOT@H-A"
    assert where(sessions, "OXI-1", NOON + timedelta(seconds=2)) == "ANNA@VAN-ANNA"
    assert names(sessions) == []


def test_a_held_scan_whose_device_is_there_already_adds_no_event(scanned):
    sessions = scanned("%C:MODE:MOVE", "%L:H-A", "5701234567890")
    linked(sessions, "5701234567890", "OXI-1")

    done = recorded(sessions, "scan-3")

    assert (done.uid, done.added) == ("first", False)
    (told,) = listed(sessions, Which.RESOLVED)
    assert told.how == "first says so already."
