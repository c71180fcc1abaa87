"""What comes back from whoever used it is returned, by whatever route it comes."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.care.conditions import record_condition
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.tables import Event
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause


def utc(text):
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=UTC)


def signed(moment):
    return Signature(station="DOCK", actor="TESTER", record_time=moment)


def move(session, uid, tag, to, at, *, now=None, fact=True, **said):
    moment = utc(at)
    transfer = Transfer(uid=uid, devices=(tag,), location=to, event_time=moment, **said)
    by = signed(utc(now) if now else moment)
    return record_transfer(session, transfer, by, as_fact=fact)


def say(session, condition, *tags, at):
    moment = utc(at)
    record_condition(
        session,
        tags,
        Condition(condition),
        uid=f"{condition}-{at}",
        at=moment,
        by=signed(moment),
        reason="strap torn",
    )


def condition(session, tag, at):
    return custody_as_of(session, find_device(session, tag), at=utc(at)).condition


def conditions(session, *tags, at):
    return [condition(session, tag, at) for tag in tags]


@pytest.fixture
def kit(session):
    """Two parts in a case, with a citizen since the first of May."""
    record_kit(
        session,
        ["OXI-1", "OXI-2"],
        kit="KIT-1",
        uid="built",
        at=datetime(2026, 1, 2, tzinfo=UTC),
        by=signed(datetime(2026, 1, 2, tzinfo=UTC)),
    )
    move(session, "out", "KIT-1", "HOME-CIT-1", "01 08:00")
    return session


@pytest.mark.parametrize("fact", [True, False])
@pytest.mark.parametrize("place", ["H-B", "VAN-ANNA", "MAKER-DK"])
def test_what_leaves_a_home_by_any_route_is_returned(session, place, fact):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")

    move(session, "back", "OXI-1", place, "02 08:00", fact=fact)

    assert condition(session, "OXI-1", "01 12:00") == "ready"
    assert condition(session, "OXI-1", "02 12:00") == "returned"


def test_what_came_back_in_a_van_is_still_returned_at_the_depot(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")

    move(session, "fetched", "OXI-1", "VAN-ANNA", "02 08:00")
    move(session, "in", "OXI-1", "H-B", "02 12:00")

    assert condition(session, "OXI-1", "02 13:00") == "returned"


def test_what_goes_from_one_home_to_the_next_has_not_come_back(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")

    move(session, "on", "OXI-1", "HOME-CIT-2", "02 08:00")

    assert condition(session, "OXI-1", "02 12:00") == "ready"


def test_what_only_moves_within_the_depot_stays_ready(session):
    move(session, "van", "OXI-1", "VAN-ANNA", "01 08:00")
    move(session, "shelf", "OXI-1", "H-B", "01 09:00")

    assert condition(session, "OXI-1", "01 12:00") == "ready"


def test_what_was_set_apart_while_it_was_out_stays_so(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")
    say(session, "quarantine", "OXI-1", at="01 12:00")

    move(session, "back", "OXI-1", "H-B", "02 08:00")
    move(session, "said", "OXI-1", "VAN-BO", "03 08:00", condition=Condition.RETURNED)

    assert condition(session, "OXI-1", "03 12:00") == "quarantine"


def test_what_goes_to_the_retired_from_a_home_is_scrapped(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")

    move(session, "gone", "OXI-1", "RETIRED", "02 08:00")

    assert condition(session, "OXI-1", "02 12:00") == "scrapped"


@pytest.mark.parametrize("given", [None, Condition.RETURNED])
def test_of_a_kit_a_part_that_was_set_apart_stays_so(kit, given):
    say(kit, "quarantine", "OXI-2", at="01 12:00")

    done = move(kit, "back", "KIT-1", "H-B", "02 08:00", condition=given)

    assert done.devices == ("KIT-1", "OXI-1", "OXI-2")
    assert done.also == ("back.2",)
    assert conditions(kit, "KIT-1", "OXI-1", "OXI-2", at="02 12:00") == [
        "returned",
        "returned",
        "quarantine",
    ]
    told = history(kit, find_device(kit, "OXI-1"))[-2:]
    assert [(e.event, e.biz_step, e.condition) for e in told] == [
        ("back", "storing", None),
        ("back.2", "receiving", "returned"),
    ]
    assert verify(kit).mismatches == ()


def test_of_a_kit_that_is_all_returned_or_ready_one_event_says_it(kit):
    say(kit, "returned", "OXI-2", at="01 12:00")

    done = move(kit, "back", "KIT-1", "H-B", "02 08:00")

    assert done.also == ()
    assert conditions(kit, "KIT-1", "OXI-1", "OXI-2", at="02 12:00") == ["returned"] * 3


def test_what_is_told_again_adds_neither_event(kit):
    say(kit, "quarantine", "OXI-2", at="01 12:00")
    first = move(kit, "back", "KIT-1", "H-B", "02 08:00")
    count = kit.scalar(select(func.count(Event.id)))

    again = move(kit, "back", "KIT-1", "H-B", "02 08:00")

    assert (again.uid, again.added) == (first.uid, False)
    assert kit.scalar(select(func.count(Event.id))) == count


def test_a_late_scan_says_it_until_what_was_said_after_that(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")
    move(session, "shelf", "OXI-1", "H-B", "04 08:00")
    say(session, "ready", "OXI-1", at="05 08:00")

    move(session, "late", "OXI-1", "VAN-ANNA", "03 08:00", now="06 08:00")

    days = ("02", "03", "04", "05")
    assert [condition(session, "OXI-1", f"{day} 12:00") for day in days] == [
        "ready",
        "returned",
        "returned",
        "ready",
    ]


def test_what_did_not_come_back_after_all_is_not_returned(session):
    move(session, "out", "OXI-1", "HOME-CIT-1", "01 08:00")
    move(session, "back", "OXI-1", "H-B", "02 08:00")

    declare_wrong(
        session,
        "back",
        signed(utc("03 08:00")),
        reason=WrongBecause.INCORRECT_DATA,
        declaration_uid="declared",
        right=Right(location="HOME-CIT-2"),
        replacement_uid="right",
    )

    assert condition(session, "OXI-1", "03 12:00") == "ready"
    session.flush()
    assert list_matters(session) == []
