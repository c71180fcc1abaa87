"""Conditions and flags: said, kept apart from custody, and answered as they were."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import (
    record_campaign,
    record_condition,
    record_flag,
)
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger import spans
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.tables import Event
from fsc_logistics.domain.care import REASON_LENGTH_MAX, Condition, Flag
from fsc_logistics.domain.custody import Custody, Signature, Transfer
from fsc_logistics.domain.errors import BadInput, NotFound, Refused


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def signed(moment: datetime) -> Signature:
    return Signature(station="DOCK", actor="EVA", record_time=moment)


MAY = utc("2026-05-01 12:00")


def say(
    session: Session,
    condition: str,
    *devices: str,
    why: str | None = None,
    at: datetime = MAY,
    now: datetime | None = None,
    uid: str | None = None,
) -> Recorded:
    return record_condition(
        session,
        devices,
        Condition(condition),
        uid=uid or f"{condition}-{at:%d%H%M}-{'-'.join(devices)}-{why}",
        at=at,
        by=signed(now or at),
        reason=why,
    )


def flag(
    session: Session,
    name: str,
    *devices: str,
    raised: bool = True,
    why: str | None = "letter of 2026-04-30",
    at: datetime = MAY,
) -> Recorded:
    return record_flag(
        session,
        devices,
        Flag(name),
        raised=raised,
        uid=f"{name}-{raised}-{at:%d%H%M}-{'-'.join(devices)}",
        at=at,
        by=signed(at),
        reason=why,
    )


def held(session: Session, tag: str, at: str, known_at: str | None = None) -> Custody:
    found = custody_as_of(
        session,
        find_device(session, tag),
        at=utc(at),
        known_at=utc(known_at) if known_at else None,
    )
    assert found is not None
    return found


def events_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Event)) or 0


def test_a_condition_holds_from_its_moment_and_leaves_the_past_alone(session):
    say(session, "cleaning", "OXI-1", at=utc("2026-05-01 12:00"))

    assert held(session, "OXI-1", "2026-05-01 11:59").condition == "ready"
    assert held(session, "OXI-1", "2026-05-01 12:00").condition == "cleaning"


def test_a_condition_leaves_custody_alone(session):
    before = held(session, "OXI-1", "2026-05-01 12:00")

    say(session, "cleaning", "OXI-1")

    after = held(session, "OXI-1", "2026-05-01 12:00")
    assert (after.custodian, after.location) == (before.custodian, before.location)
    assert (after.since, after.event) == (before.since, before.event)


def test_who_when_and_why_stand_in_the_history(session):
    say(session, "repair", "OXI-1", why="strap torn")

    last = history(session, find_device(session, "OXI-1"))[-1]

    assert (last.condition, last.reason, last.event_time) == (
        "repair",
        "strap torn",
        MAY,
    )


def test_a_late_custody_scan_never_disturbs_a_condition(session, ledger):
    say(session, "quarantine", "OXI-1", why="dropped", at=utc("2026-05-01 12:00"))

    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 11:00  2026-05-02 08:00  OXI-1   BO@VAN-BO
        2026-05-01 13:00  2026-05-02 08:00  OXI-1   DEPOT@H-B
    """)

    said = [
        held(session, "OXI-1", f"2026-05-01 {at}").condition
        for at in ("11:30", "12:30", "13:30")
    ]
    assert said == ["ready", "quarantine", "quarantine"]


def test_a_late_return_states_what_it_was_then_and_not_what_it_is_now(session):
    record = Transfer(
        uid="late",
        devices=("OXI-1",),
        location="H-B",
        event_time=utc("2026-05-01 10:00"),
        condition=Condition.RETURNED,
    )
    say(session, "cleaning", "OXI-1", at=utc("2026-05-01 12:00"))

    record_transfer(session, record, signed(utc("2026-05-02 08:00")), as_fact=True)

    assert held(session, "OXI-1", "2026-05-01 11:00").condition == "returned"
    assert held(session, "OXI-1", "2026-05-01 13:00").condition == "cleaning"


def test_a_condition_is_answered_as_it_was_known(session):
    late = {"at": utc("2026-05-01 12:00"), "now": utc("2026-05-03 09:00")}
    say(session, "quarantine", "OXI-1", why="dropped", **late)

    then = held(session, "OXI-1", "2026-05-01 13:00", known_at="2026-05-02 00:00")
    now = held(session, "OXI-1", "2026-05-01 13:00", known_at="2026-05-04 00:00")

    assert (then.condition, now.condition) == ("ready", "quarantine")


def test_a_flag_is_answered_as_it_was_known(session):
    flag(session, "recalled", "OXI-1", at=utc("2026-05-01 12:00"))

    then = held(session, "OXI-1", "2026-05-01 13:00", known_at="2026-05-01 11:00")
    now = held(session, "OXI-1", "2026-05-01 13:00", known_at="2026-05-01 12:30")

    assert (then.flags, now.flags) == ((), ("recalled",))


def test_a_flag_hangs_until_it_is_lowered_whatever_the_condition(session):
    flag(session, "missing", "OXI-1", at=utc("2026-05-01 12:00"))
    flag(session, "recalled", "OXI-1", at=utc("2026-05-01 12:30"))
    say(session, "cleaning", "OXI-1", at=utc("2026-05-01 13:00"))
    flag(session, "missing", "OXI-1", raised=False, at=utc("2026-05-01 14:00"))

    said = [held(session, "OXI-1", f"2026-05-01 {at}") for at in ("13:30", "14:00")]

    assert [one.flags for one in said] == [("recalled", "missing"), ("recalled",)]
    assert [one.condition for one in said] == ["cleaning", "cleaning"]


def test_asked_again_with_the_same_uid_nothing_is_added(session):
    first = say(session, "cleaning", "OXI-1", uid="once")
    count = events_count(session)

    again = say(session, "ready", "OXI-1", uid="once")

    assert (again.added, again.event) == (False, first.event)
    assert events_count(session) == count


def test_what_the_ledger_says_already_is_not_added(session):
    first = say(session, "quarantine", "OXI-1", "OXI-2", why="dropped")

    again = say(session, "quarantine", "OXI-1", why="dropped", now=MAY)

    assert (again.added, again.uid, again.devices) == (False, first.uid, ("OXI-1",))


def test_only_the_devices_it_is_new_for_are_in_the_event(session):
    say(session, "cleaning", "OXI-1")

    added = say(session, "cleaning", "OXI-1", "OXI-2")

    assert added.devices == ("OXI-2",)


def test_another_reason_is_another_event(session):
    say(session, "repair", "OXI-1", why="strap torn")

    again = say(session, "repair", "OXI-1", why="display dark")

    assert again.added is True


@pytest.mark.parametrize("condition", ["quarantine", "repair", "scrapped"])
def test_what_cannot_be_seen_needs_a_reason(session, condition):
    with pytest.raises(Refused) as error:
        say(session, condition, "OXI-1", why="  ")

    assert str(error.value) == f"Say why OXI-1 is set to {condition}: --why TEXT"


def test_a_scrapped_device_is_ready_again_only_with_a_reason(session):
    say(session, "scrapped", "OXI-1", why="display dark", at=utc("2026-05-01 12:00"))

    with pytest.raises(Refused) as error:
        say(session, "ready", "OXI-1", at=utc("2026-05-01 13:00"))
    say(session, "ready", "OXI-1", why="new display", at=utc("2026-05-01 14:00"))

    assert str(error.value) == (
        "OXI-1 is scrapped. Say why it is ready after all: --why TEXT"
    )
    assert held(session, "OXI-1", "2026-05-01 14:00").condition == "ready"


@pytest.mark.parametrize(
    ("raised", "verb"), [(True, "raised on"), (False, "lowered from")]
)
def test_a_flag_needs_a_reason(session, raised, verb):
    with pytest.raises(Refused) as error:
        flag(session, "missing", "OXI-1", raised=raised, why=None)

    assert str(error.value) == f"Say why missing is {verb} OXI-1: --why TEXT"


def test_a_flag_that_is_not_there_cannot_be_lowered(session):
    with pytest.raises(Refused) as error:
        flag(session, "missing", "OXI-1", raised=False)

    assert str(error.value) == "OXI-1 is not flagged as missing."


def test_of_many_devices_a_flag_is_lowered_where_it_hangs(session):
    flag(session, "missing", "OXI-1")

    done = flag(
        session,
        "missing",
        "OXI-1",
        "OXI-2",
        raised=False,
        at=utc("2026-05-01 13:00"),
    )

    assert done.devices == ("OXI-1",)


def test_what_lies_in_the_future_is_refused(session):
    with pytest.raises(Refused) as error:
        say(session, "cleaning", "OXI-1", at=utc("2026-05-01 14:00"), now=MAY)

    assert str(error.value) == (
        "That is 2 hours in the future. Only what has happened is recorded; does the"
        " clock of this machine go right?"
    )


def test_nothing_is_said_of_a_device_before_the_ledger_heard_of_it(session):
    with pytest.raises(Refused) as error:
        say(session, "cleaning", "OXI-1", at=utc("2025-12-31 12:00"))

    assert str(error.value) == (
        "Nobody had OXI-1 yet at 2025-12-31 12:00 UTC. See: fsc history OXI-1"
    )


def test_an_unknown_device_is_not_found(session):
    with pytest.raises(NotFound) as error:
        say(session, "cleaning", "OXI-99")

    assert "OXI-99" in str(error.value)


def test_a_personal_number_in_a_reason_is_masked(session):
    done = say(session, "quarantine", "OXI-1", why="told by\n 020160-9995 at the door")

    reason = session.get_one(Event, done.event).reason
    assert reason == "told by 020160-**** at the door"


def test_a_reason_that_cannot_be_printed_is_refused(session):
    with pytest.raises(BadInput) as error:
        say(session, "quarantine", "OXI-1", why="torn\x1b[2J")

    assert str(error.value) == (
        "The reason holds a sign that cannot be printed. Type it anew."
    )


def test_a_reason_that_is_too_long_is_refused_and_not_repeated(session):
    with pytest.raises(BadInput) as error:
        say(session, "quarantine", "OXI-1", why="x" * (REASON_LENGTH_MAX + 1))

    assert str(error.value) == "A reason of 301 signs is too long: say it in 300."


def test_a_campaign_flags_all_devices_of_a_model_in_events_of_some(
    session, monkeypatch
):
    monkeypatch.setattr("fsc_logistics.core.care.conditions.EVENT_DEVICES_MAX", 3)
    terms = {"at": MAY, "by": signed(MAY), "reason": "batteries swell"}

    done = record_campaign(
        session, "3230", Flag.RECALLED, raised=True, uid="recall", **terms
    )

    assert [(one.uid, one.devices) for one in done] == [
        ("recall", ("OXI-1", "OXI-2", "OXI-3")),
        ("recall.2", ("KIT-1",)),
    ]
    assert held(session, "KIT-1", "2026-05-01 12:00").flags == ("recalled",)


def test_a_campaign_is_over_for_the_devices_it_still_hangs_on(session):
    flag(session, "recalled", "OXI-2")
    terms = {"at": MAY, "by": signed(MAY), "reason": "new batteries"}

    (done,) = record_campaign(
        session, "3230", Flag.RECALLED, raised=False, uid="over", **terms
    )

    assert done.devices == ("OXI-2",)


def test_a_campaign_over_nothing_is_refused(session):
    terms = {"at": MAY, "by": signed(MAY), "reason": "new batteries"}

    with pytest.raises(Refused) as error:
        record_campaign(
            session, "3230", Flag.RECALLED, raised=False, uid="over", **terms
        )

    assert str(error.value) == "3230 has no device flagged as recalled."


def test_parts_share_the_condition_of_their_kit_unless_they_are_set_apart(session):
    parts = ["OXI-1", "OXI-2", "OXI-3"]
    record_kit(session, parts, kit="KIT-1", uid="kit", at=MAY, by=signed(MAY))
    say(session, "quarantine", "OXI-2", why="dropped")
    move = Transfer(uid="m", devices=("OXI-3",), location="H-B", event_time=MAY)
    record_transfer(session, move, signed(MAY))

    done = record_condition(
        session,
        ["KIT-1"],
        Condition.CLEANING,
        uid="clean",
        at=MAY,
        by=signed(MAY),
        with_parts=True,
    )

    assert done.devices == ("KIT-1", "OXI-1")


def test_conditions_and_flags_are_the_same_when_made_anew(session):
    say(session, "cleaning", "OXI-1", at=utc("2026-05-01 12:00"))
    say(session, "ready", "OXI-1", at=utc("2026-05-01 10:00"), now=MAY)
    flag(session, "missing", "OXI-2", at=utc("2026-05-01 12:00"))
    flag(session, "missing", "OXI-2", raised=False, at=utc("2026-05-01 13:00"))
    session.flush()

    assert list(spans.mismatches(session, 1, 100)) == []
