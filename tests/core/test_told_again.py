"""Exceptions that must not be lost: what is found where it was, what is corrected."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.periods import correct_period
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.corrections.told import Period
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import resolve
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.tables import Location, Party
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause


def utc(text):
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=UTC)


def signed(at, station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=utc(at))


def move(session, uid, tag, to, at, *, fact=True, owners=()):
    transfer = Transfer(uid=uid, devices=(tag,), location=to, event_time=utc(at))
    return record_transfer(session, transfer, signed(at), as_fact=fact, owners=owners)


def flag_missing(session, tag, at, *, raised=True):
    record_flag(
        session,
        [tag],
        Flag.MISSING,
        raised=raised,
        uid=f"missing-{at}",
        at=utc(at),
        by=signed(at),
        reason="not on its shelf",
    )


def scrap(session, tag, at):
    record_condition(
        session,
        [tag],
        Condition.SCRAPPED,
        uid=f"scrap-{tag}",
        at=utc(at),
        by=signed(at),
        reason="display broken",
    )


def correct(session, uid, right, **options):
    declare_wrong(
        session,
        uid,
        signed("09 08:00", "DESK"),
        reason=WrongBecause.INCORRECT_DATA,
        declaration_uid=f"declare-{uid}",
        right=right,
        replacement_uid=f"right-{uid}",
        **options,
    )


def shift(session, hours):
    period = Period(station="DOCK", since=utc("02 00:00"), until=utc("03 00:00"))
    correct_period(
        session,
        period,
        signed("09 08:00", "DESK"),
        uid="shift",
        shift=timedelta(hours=hours),
    )


def waiting(session):
    session.flush()
    return [(x.event, x.kind, x.device) for x in list_matters(session)]


# Found where the ledger has it


def test_a_missing_device_that_is_scanned_where_the_ledger_has_it_is_told(session):
    flag_missing(session, "OXI-1", "01 08:00")

    done = move(session, "seen", "OXI-1", "H-A", "02 08:00")

    assert (done.uid, done.added) == ("seen", True)
    assert waiting(session) == [("seen", "missing_found", "OXI-1")]


def test_it_is_told_once_until_it_is_missed_again(session):
    flag_missing(session, "OXI-1", "01 08:00")
    move(session, "seen", "OXI-1", "H-A", "02 08:00")

    again = move(session, "twice", "OXI-1", "H-A", "02 09:00")
    flag_missing(session, "OXI-1", "03 08:00", raised=False)
    flag_missing(session, "OXI-1", "04 08:00")
    missed_again = move(session, "later", "OXI-1", "H-A", "05 08:00")

    assert (again.uid, again.added) == ("seen", False)
    assert (missed_again.uid, missed_again.added) == ("later", True)


def test_a_missing_device_that_is_booked_as_lost_again_is_already_so(session):
    move(session, "lost", "OXI-1", "LOST", "01 08:00")
    flag_missing(session, "OXI-1", "01 09:00")

    again = move(session, "again", "OXI-1", "LOST", "02 08:00")

    assert (again.uid, again.added) == ("lost", False)


def test_a_command_about_a_missing_device_says_where_it_is_and_not_that_it_is(session):
    flag_missing(session, "OXI-1", "01 08:00")

    done = move(session, "moved", "OXI-1", "H-A", "02 08:00", fact=False)

    assert (done.uid, done.added) == ("first", False)
    assert waiting(session) == []


# Corrected


def test_what_a_corrected_event_contradicts_still_waits(session):
    scrap(session, "OXI-2", "01 08:00")
    move(session, "alive", "OXI-2", "VAN-ANNA", "02 08:00")

    correct(session, "alive", Right(custodian="BO"))

    assert waiting(session) == [("right-alive", "scrapped_alive", "OXI-2")]


def test_a_correction_that_hands_out_what_is_unfit_is_told(session):
    scrap(session, "OXI-2", "05 08:00")
    record_condition(
        session,
        ["OXI-1"],
        Condition.CLEANING,
        uid="cleaning",
        at=utc("01 08:00"),
        by=signed("01 08:00"),
    )
    move(session, "shelf", "OXI-1", "H-B", "02 08:00", fact=False)

    correct(session, "shelf", Right(location="HOME-CIT-1"))

    assert waiting(session) == [("right-shelf", "not_ready_handed_out", "OXI-1")]


def test_a_correction_that_puts_it_where_it_belongs_leaves_nothing_waiting(session):
    scrap(session, "OXI-2", "01 08:00")
    move(session, "alive", "OXI-2", "VAN-ANNA", "02 08:00")

    correct(session, "alive", Right(location="RETIRED"))

    assert waiting(session) == []


def test_what_events_contradict_still_waits_when_their_period_is_shifted(session):
    scrap(session, "OXI-2", "01 08:00")
    move(session, "alive", "OXI-2", "VAN-ANNA", "02 08:00")
    move(session, "fine", "OXI-3", "VAN-ANNA", "02 09:00")

    shift(session, -1)

    assert waiting(session) == [("shift.1.right", "scrapped_alive", "OXI-2")]


def test_what_somebody_has_settled_is_not_told_again(session):
    scrap(session, "OXI-2", "01 08:00")
    move(session, "alive", "OXI-2", "VAN-ANNA", "02 08:00")
    session.flush()
    (told,) = list_matters(session)
    resolve(session, told.id, "put aside", uid="r", by=signed("03 08:00"))

    shift(session, -1)

    assert waiting(session) == []


@pytest.mark.parametrize(
    ("owners", "told"), [(("MAKER",), []), ((), ["foreign_owner"])]
)
def test_a_correction_knows_whose_devices_are_ours(session, owners, told):
    maker = session.scalar(select(Party.id).where(Party.code == "MAKER"))
    find_device(session, "OXI-1").owner_id = maker
    session.flush()
    move(session, "shelf", "OXI-1", "H-B", "02 08:00", owners=["MAKER"])

    correct(session, "shelf", Right(location="VAN-BO"), owners=owners)

    assert [kind for _, kind, _ in waiting(session)] == told


@pytest.mark.parametrize("hour", ["08:10", "09:50"])
def test_a_corrected_time_nobody_can_drive_at_is_told(session, hour):
    """Between 08:00 on the shelf and 10:00 there again."""
    far = session.scalar(select(Location).where(Location.code == "MAKER-DK"))
    near = session.scalar(select(Location).where(Location.code == "HORSENS"))
    (far.lat, far.lon), (near.lat, near.lon) = (57.05, 9.92), (55.86, 9.85)
    session.flush()
    move(session, "before", "OXI-1", "H-B", "02 08:00")
    move(session, "there", "OXI-1", "MAKER-DK", "03 08:00")
    move(session, "after", "OXI-1", "H-A", "02 10:00")
    assert waiting(session) == []

    correct(session, "there", Right(event_time=utc(f"02 {hour}")))

    assert [x[:2] for x in waiting(session)] == [("right-there", "impossible_journey")]
