"""Facts that contradict the ledger: recorded, and told with what to do about them."""

import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import record_held, resolve
from fsc_logistics.core.exceptions.waiting import Matter, Which, list_matters
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.ledger.recorded import Recorded
from fsc_logistics.core.tables import Citizen, Device, Event, Location, Party
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.errors import Refused


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-{text}+00:00")


NOON = utc("01 12:00")


def signed(moment: datetime) -> Signature:
    return Signature(station="DOCK", actor="EVA", record_time=moment)


def move(
    session: Session,
    tag: str,
    to: str,
    at: datetime = NOON,
    *,
    fact: bool = True,
    now: datetime | None = None,
    owners: tuple[str, ...] = (),
) -> Recorded:
    transfer = Transfer(
        uid=f"{tag}-{to}-{at:%d%H%M%S}", devices=(tag,), location=to, event_time=at
    )
    return record_transfer(
        session, transfer, signed(now or at), as_fact=fact, owners=owners
    )


def say(session: Session, tag: str, condition: str, at: str = "01 08:00") -> None:
    moment = utc(at)
    record_condition(
        session,
        [tag],
        Condition(condition),
        uid=f"{tag}-{condition}-{at}",
        at=moment,
        by=signed(moment),
        reason="display dark",
    )


def flag(session: Session, tag: str, name: str, *, raised: bool = True) -> None:
    moment = utc("01 08:00") if raised else utc("01 13:00")
    record_flag(
        session,
        [tag],
        Flag(name),
        raised=raised,
        uid=f"{tag}-{name}-{raised}",
        at=moment,
        by=signed(moment),
        reason="letter of the maker",
    )


def open_ones(session: Session) -> list[Matter]:
    session.flush()
    return list_matters(session)


def kinds(session: Session) -> list[tuple[str | None, str]]:
    return [(matter.device, matter.kind) for matter in open_ones(session)]


# Each kind


def test_a_scrapped_device_that_is_alive_is_told(session):
    say(session, "OXI-1", "scrapped")

    done = move(session, "OXI-1", "H-B")

    (waiting,) = open_ones(session)
    assert done.added is True
    assert (waiting.id, waiting.kind) == ("A-1", "scrapped_alive")
    assert (waiting.device, waiting.event) == ("OXI-1", done.uid)
    assert (waiting.station, waiting.raised_at) == ("DOCK", NOON)
    assert waiting.what == "OXI-1 is scrapped, and is at H-B."
    assert waiting.todo == (
        "Put it aside, then: fsc exceptions resolve A-1 --how TEXT; if it is fit after"
        " all: fsc condition set ready OXI-1 --why TEXT; if it was not this one:"
        f" fsc undo {done.uid}"
    )


def test_a_scrapped_device_that_goes_to_the_retired_is_where_it_belongs(session):
    say(session, "OXI-1", "scrapped")

    move(session, "OXI-1", "RETIRED")

    assert kinds(session) == []


def test_a_missing_device_that_is_found_is_told(session):
    flag(session, "OXI-1", "missing")

    done = move(session, "OXI-1", "H-B")

    (waiting,) = open_ones(session)
    assert waiting.kind == "missing_found"
    assert waiting.what == "OXI-1 is flagged as missing, and is at H-B."
    assert waiting.todo == (
        "If it is the one: fsc flag lower missing OXI-1 --why TEXT; if it is not:"
        f" fsc undo {done.uid}"
    )


def test_a_missing_device_that_is_booked_as_lost_is_not_found(session):
    flag(session, "OXI-1", "missing")

    move(session, "OXI-1", "LOST")

    assert kinds(session) == []


def test_a_recalled_device_that_was_handed_out_is_told(session):
    flag(session, "OXI-1", "recalled")

    move(session, "OXI-1", "HOME-CIT-1")

    (waiting,) = open_ones(session)
    assert waiting.kind == "recalled_handed_out"
    assert waiting.what == "OXI-1 is recalled, and was handed to CIT-1."
    assert waiting.todo == (
        "Fetch it back: fsc order place CITIZEN PICKUP --device OXI-1; if the recall"
        " is over: fsc flag lower recalled OXI-1 --why TEXT; then: fsc exceptions"
        " resolve A-1 --how TEXT"
    )


def test_a_device_that_was_handed_out_before_it_was_ready_is_told(session):
    say(session, "OXI-1", "cleaning")

    move(session, "OXI-1", "HOME-CIT-1")

    (waiting,) = open_ones(session)
    assert waiting.kind == "not_ready_handed_out"
    assert waiting.what == "OXI-1 is being cleaned, and was handed to CIT-1."
    assert waiting.todo == (
        "Ask whether it was looked at. If so: fsc condition set ready OXI-1; if not,"
        " fetch it back: fsc order place CITIZEN PICKUP --device OXI-1; then:"
        " fsc exceptions resolve A-1 --how TEXT"
    )


def test_a_device_that_moves_on_our_own_shelves_may_be_in_any_condition(session):
    say(session, "OXI-1", "cleaning")
    flag(session, "OXI-2", "recalled")

    move(session, "OXI-1", "H-B")
    move(session, "OXI-2", "VAN-ANNA")

    assert kinds(session) == []


def test_who_has_a_device_is_not_handed_it_again(session):
    session.add(_place(session, "WARD-2", "ward", "CIT-1"))
    move(session, "OXI-1", "HOME-CIT-1", utc("01 09:00"))
    say(session, "OXI-1", "repair", "01 10:00")

    move(session, "OXI-1", "WARD-2", utc("01 12:00"))

    assert kinds(session) == []


def _place(session: Session, code: str, kind: str, keeper: str) -> Location:
    party = session.scalars(select(Party).where(Party.code == keeper)).one()
    return Location(code=code, kind=kind, keeper_id=party.id)


def own(session: Session, tag: str, owner: str) -> None:
    party = session.scalars(select(Party).where(Party.code == owner)).one()
    find_device(session, tag).owner_id = party.id
    session.flush()


@pytest.mark.parametrize("owner", ["MAKER", "CIT-2"])
def test_a_device_of_a_stranger_in_our_hands_is_told(session, owner):
    own(session, "OXI-1", owner)

    move(session, "OXI-1", "H-B")

    (waiting,) = open_ones(session)
    assert waiting.kind == "foreign_owner"
    assert waiting.what == f"OXI-1 belongs to {owner}, and DEPOT has it at H-B."
    assert waiting.todo == (
        "Give it back to its owner, or see whether the register is wrong (fsc device"
        " show OXI-1), then: fsc exceptions resolve A-1 --how TEXT"
    )


def test_a_device_that_is_with_its_owner_is_where_it_belongs(session):
    own(session, "OXI-1", "CIT-2")

    move(session, "OXI-1", "HOME-CIT-2")

    assert kinds(session) == []


def municipalities(session: Session, owner: str, citizen: str) -> None:
    party = Party(code="KOM", kind="municipality", municipality_code=owner)
    session.add(party)
    session.flush()
    lives = session.scalars(select(Party).where(Party.code == "CIT-1")).one()
    lives.municipality_code = citizen
    own(session, "OXI-1", "KOM")


def test_a_municipalitys_device_with_a_citizen_of_another_is_told(session):
    municipalities(session, "0615", "0751")

    move(session, "OXI-1", "HOME-CIT-1")

    (waiting,) = open_ones(session)
    assert waiting.what == "OXI-1 belongs to KOM, and CIT-1 has it at HOME-CIT-1."


def test_a_municipalitys_device_with_its_own_citizen_or_with_us_is_not_told(session):
    municipalities(session, "0615", "0615")

    move(session, "OXI-1", "HOME-CIT-1")
    move(session, "OXI-1", "H-B", utc("03 12:00"))

    assert kinds(session) == []


def test_whose_devices_are_ours_can_be_said(session):
    own(session, "OXI-1", "MAKER")

    move(session, "OXI-1", "H-B", owners=("maker",))
    move(session, "OXI-2", "VAN-BO", owners=("maker",))

    assert kinds(session) == [("OXI-2", "foreign_owner")]


def at_home(session: Session, lat: float, lon: float) -> None:
    party = session.scalars(select(Party).where(Party.code == "CIT-1")).one()
    home = session.scalars(select(Location).where(Location.code == "HOME-CIT-1")).one()
    session.add(
        Citizen(
            party_id=party.id,
            home_id=home.id,
            name="Nancy Ann Test Berggren",
            address="Testvej 1",
            postcode="8700",
            city="Horsens",
            lat=lat,
            lon=lon,
        )
    )
    depot = session.scalars(select(Location).where(Location.code == "HORSENS")).one()
    depot.lat, depot.lon = 55.8617, 9.8530
    session.flush()


AARHUS = (56.1567, 10.2108)
"""40 km from HORSENS: 18 minutes, of which 5 are given for clocks that differ."""


def test_two_places_that_nobody_can_drive_between_so_fast_are_told(session):
    at_home(session, *AARHUS)
    move(session, "OXI-1", "HOME-CIT-1", NOON)

    done = move(session, "OXI-1", "H-B", NOON + timedelta(minutes=4))

    (waiting,) = open_ones(session)
    assert waiting.kind == "impossible_journey"
    assert waiting.what == (
        "OXI-1 was at HOME-CIT-1, and 4 minutes later at H-B, which is further than one"
        " can drive."
    )
    assert waiting.todo == (
        "Find out which of the two is wrong (fsc history OXI-1). If this one:"
        f" fsc undo {done.uid}; if the other, correct that, then: fsc exceptions"
        " resolve A-1 --how TEXT"
    )


@pytest.mark.parametrize(("minutes", "told"), [(13, 1), (14, 0)])
def test_a_journey_is_told_where_a_motorway_is_too_slow(session, minutes, told):
    at_home(session, *AARHUS)
    move(session, "OXI-1", "HOME-CIT-1", NOON)

    move(session, "OXI-1", "H-B", NOON + timedelta(minutes=minutes))

    assert len(kinds(session)) == told


def test_a_journey_is_found_without_waiting_for_numpy(session, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)  # To import it is an error now.
    monkeypatch.delitem(sys.modules, "routes.travel", raising=False)
    at_home(session, *AARHUS)
    move(session, "OXI-1", "HOME-CIT-1", NOON)

    move(session, "OXI-1", "H-B", NOON + timedelta(minutes=4))

    assert len(kinds(session)) == 1


def test_a_late_scan_is_held_against_what_came_after_it(session):
    at_home(session, *AARHUS)
    move(session, "OXI-1", "HOME-CIT-1", NOON + timedelta(minutes=4))

    move(session, "OXI-1", "H-B", NOON, now=utc("02 08:00"))

    (waiting,) = open_ones(session)
    assert waiting.what == (
        "OXI-1 was at H-B, and 4 minutes later at HOME-CIT-1, which is further than one"
        " can drive."
    )


def test_of_a_vehicle_nobody_knows_where_it_is(session):
    at_home(session, *AARHUS)
    van = session.scalars(select(Location).where(Location.code == "VAN-ANNA")).one()
    van.lat, van.lon = 57.0, 10.0
    move(session, "OXI-1", "HOME-CIT-1", NOON)

    move(session, "OXI-1", "VAN-ANNA", NOON + timedelta(minutes=1))

    assert kinds(session) == []


def test_neither_a_persons_address_nor_how_far_it_is_is_told(session):
    at_home(session, *AARHUS)
    move(session, "OXI-1", "HOME-CIT-1", NOON)
    move(session, "OXI-1", "H-B", NOON + timedelta(minutes=4))

    told = str(open_ones(session))

    assert not any(
        word in told for word in ("Berggren", "Testvej", "8700", "56.15", "km")
    )


# Facts, commands and late scans


def test_a_late_scan_is_judged_by_what_was_true_then(session):
    say(session, "OXI-1", "scrapped", "01 14:00")

    move(session, "OXI-1", "H-B", utc("01 12:00"), now=utc("02 08:00"))

    assert kinds(session) == []


def test_a_fact_is_recorded_with_all_it_contradicts(session):
    flag(session, "OXI-1", "missing")
    flag(session, "OXI-1", "recalled")

    done = move(session, "OXI-1", "HOME-CIT-1")

    assert [said.kind.value for said in done.contradictions] == [
        "recalled_handed_out",
        "missing_found",
    ]


def test_what_a_scan_sent_again_contradicts_is_told_once(session):
    say(session, "OXI-1", "scrapped")
    move(session, "OXI-1", "H-B")

    move(session, "OXI-1", "H-B")

    assert [matter.count for matter in open_ones(session)] == [1]


def test_a_command_that_hands_out_a_recalled_device_is_refused(session):
    flag(session, "OXI-1", "recalled")

    with pytest.raises(Refused) as refused:
        move(session, "OXI-1", "HOME-CIT-1", fact=False)

    assert str(refused.value) == (
        "OXI-1 is recalled and cannot be handed to CIT-1. When that is over, say so:"
        " fsc flag lower recalled OXI-1 --why TEXT"
    )
    assert kinds(session) == []


def test_a_command_that_hands_out_what_is_not_ready_is_refused(session):
    say(session, "OXI-1", "quarantine")

    with pytest.raises(Refused) as refused:
        move(session, "OXI-1", "HOME-CIT-1", fact=False)

    assert str(refused.value) == (
        "OXI-1 is in quarantine and cannot be handed to CIT-1. When it is fit, say so:"
        " fsc condition set ready OXI-1"
    )


def test_a_command_hands_out_again_what_is_ready_and_no_longer_recalled(session):
    flag(session, "OXI-1", "recalled")
    flag(session, "OXI-1", "recalled", raised=False)

    done = move(session, "OXI-1", "HOME-CIT-1", utc("01 14:00"), fact=False)

    assert done.added is True


def test_a_command_moves_what_is_not_ready_among_our_own_places(session):
    say(session, "OXI-1", "quarantine")

    assert move(session, "OXI-1", "VAN-ANNA", fact=False).added is True


# Closed


def test_what_is_undone_contradicts_nothing(session):
    say(session, "OXI-1", "scrapped")
    done = move(session, "OXI-1", "H-B")

    declare_wrong(
        session,
        done.uid,
        signed(utc("01 12:01")),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undo",
    )

    assert kinds(session) == []
    (closed,) = list_matters(session, Which.RESOLVED)
    assert closed.how == "What it is about was declared wrong."
    assert (closed.resolved_at, closed.resolved_by) == (utc("01 12:01"), "EVA")
    with pytest.raises(Refused) as refused:
        resolve(session, "A-1", "seen", uid="how", by=signed(utc("01 12:02")))
    assert str(refused.value) == "A-1 does not wait for anybody."


def test_how_a_contradiction_was_dealt_with_is_an_event_about_its_device(session):
    say(session, "OXI-1", "scrapped")
    move(session, "OXI-1", "H-B")

    done = resolve(session, "a-1", "put aside", uid="how", by=signed(utc("01 13:00")))

    event = session.scalars(select(Event).where(Event.uid == "how")).one()
    assert (done.id, done.count) == ("A-1", 1)
    assert (event.kind, event.document, event.reason) == (
        "resolution",
        "A-1",
        "put aside",
    )
    assert kinds(session) == []
    (closed,) = list_matters(session, Which.RESOLVED)
    assert (closed.how, closed.resolved_by) == ("put aside", "EVA")


def test_equal_contradictions_are_one_and_are_dealt_with_as_one(session):
    say(session, "OXI-1", "scrapped")
    move(session, "OXI-1", "H-B", utc("01 12:00"))
    move(session, "OXI-1", "H-A", utc("01 13:00"))
    told = [(matter.id, matter.count) for matter in open_ones(session)]

    done = resolve(session, "A-1", "put aside", uid="how", by=signed(utc("01 14:00")))

    assert told == [("A-1", 2)]
    assert done.count == 2
    assert kinds(session) == []


def test_lowering_its_flag_deals_with_a_missing_device_that_was_found(session):
    flag(session, "OXI-1", "missing")
    flag(session, "OXI-2", "missing")
    move(session, "OXI-1", "H-B")
    move(session, "OXI-2", "H-B")

    flag(session, "OXI-1", "missing", raised=False)

    assert kinds(session) == [("OXI-2", "missing_found")]
    (closed,) = list_matters(session, Which.RESOLVED)
    assert (closed.device, closed.how) == ("OXI-1", "letter of the maker")
    assert closed.resolved_at == utc("01 13:00")


def test_setting_it_ready_deals_with_a_scrapped_device_that_is_alive(session):
    say(session, "OXI-1", "scrapped")
    move(session, "OXI-1", "H-B", utc("01 12:00"))
    move(session, "OXI-1", "H-A", utc("01 13:00"))

    say(session, "OXI-1", "cleaning", "01 14:00")
    cleaned = kinds(session)
    say(session, "OXI-1", "ready", "01 15:00")

    assert cleaned == [("OXI-1", "scrapped_alive")]
    assert kinds(session) == []
    assert len(list_matters(session, Which.RESOLVED)) == 2


def test_what_is_said_already_deals_with_what_a_late_scan_raises(session):
    flag(session, "OXI-1", "missing")
    flag(session, "OXI-1", "missing", raised=False)
    move(session, "OXI-1", "H-B", NOON, now=utc("02 08:00"))
    raised = kinds(session)

    done = record_flag(
        session,
        ["OXI-1"],
        Flag.MISSING,
        raised=False,
        uid="again",
        at=utc("02 09:00"),
        by=signed(utc("02 09:00")),
        reason=None,
    )

    assert raised == [("OXI-1", "missing_found")]
    assert (done.added, done.uid) == (False, "OXI-1-missing-False")
    assert kinds(session) == []


def test_a_flag_that_was_lowered_before_it_was_raised_again_closes_nothing(session):
    flag(session, "OXI-1", "missing")
    move(session, "OXI-1", "H-B", NOON)
    record_flag(
        session,
        ["OXI-1"],
        Flag.MISSING,
        raised=True,
        uid="still",
        at=utc("01 11:00"),
        by=signed(utc("01 12:00")),
        reason="still not there",
    )

    record_flag(
        session,
        ["OXI-1"],
        Flag.MISSING,
        raised=False,
        uid="late",
        at=utc("01 09:00"),
        by=signed(utc("01 13:00")),
        reason="was seen at nine",
    )

    assert kinds(session) == [("OXI-1", "missing_found")]


def test_what_was_closed_by_an_act_is_not_dealt_with_again(session):
    flag(session, "OXI-1", "missing")
    move(session, "OXI-1", "H-B")
    flag(session, "OXI-1", "missing", raised=False)

    with pytest.raises(Refused) as refused:
        resolve(session, "A-1", "found", uid="how", by=signed(utc("01 14:00")))

    assert str(refused.value) == "A-1 does not wait for anybody."


def test_what_is_recorded_already_is_not_recorded_after_all(session):
    say(session, "OXI-1", "scrapped")
    move(session, "OXI-1", "H-B")

    with pytest.raises(Refused) as refused:
        record_held(session, "A-1", uid="x", by=signed(utc("01 13:00")))

    assert str(refused.value) == (
        "A-1 is recorded already and contradicts what was known. Deal with it:"
        " fsc exceptions resolve A-1 --how TEXT"
    )


def test_a_part_that_moved_with_its_kit_is_told_by_its_own_tag(session):
    from fsc_logistics.core.kits.membership import record_kit

    record_kit(
        session,
        ["OXI-1"],
        kit="KIT-1",
        uid="kit",
        at=utc("01 07:00"),
        by=signed(utc("01 07:00")),
    )
    say(session, "OXI-1", "cleaning")

    move(session, "KIT-1", "HOME-CIT-1")

    assert kinds(session) == [("OXI-1", "not_ready_handed_out")]
    assert session.scalars(select(Device.tag).where(Device.tag == "KIT-1")).one()
