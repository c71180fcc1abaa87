from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.membership import record_kit, take_apart
from fsc_logistics.core.ledger.answers import custody_as_of, history, holdings
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.tables import Event
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import (
    BizStep,
    Disposition,
    Signature,
    Transfer,
    WrongBecause,
)
from fsc_logistics.domain.errors import NotFound, Refused


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed(text, station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=utc(text))


def who(session, tag, at, known_at=None):
    held = custody_as_of(
        session,
        find_device(session, tag),
        at=utc(at),
        known_at=utc(known_at) if known_at else None,
    )
    return None if held is None else f"{held.custodian}@{held.location}"


def test_a_late_event_changes_the_past_but_not_what_was_known(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   DEPOT@H-B
        2026-05-01 09:00  2026-05-03 18:00  OXI-1   ANNA@VAN-ANNA
    """)

    now = who(session, "OXI-1", "2026-05-01 12:00")
    then = who(session, "OXI-1", "2026-05-01 12:00", known_at="2026-05-02 00:00")

    assert now == "ANNA@VAN-ANNA"
    assert then == "DEPOT@H-B"


def test_a_late_event_splits_one_span_and_leaves_what_came_after(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
        2026-05-04 08:00  2026-05-04 08:00  OXI-1   @HOME-CIT-1
        2026-05-02 08:00  2026-05-05 08:00  OXI-1   @VAN-BO
    """)

    days = [who(session, "OXI-1", f"2026-05-0{day} 12:00") for day in (1, 2, 3, 4)]

    assert days == ["ANNA@VAN-ANNA", "BO@VAN-BO", "BO@VAN-BO", "CIT-1@HOME-CIT-1"]


def test_an_event_before_the_first_begins_the_chain_anew(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location  step
        2025-12-01 08:00  2026-05-01 08:00  OXI-1   @MAKER-DK           commissioning
    """)

    assert who(session, "OXI-1", "2025-12-24 12:00") == "MAKER@MAKER-DK"
    assert who(session, "OXI-1", "2025-11-24 12:00") is None
    assert who(session, "OXI-1", "2026-02-01 12:00") == "DEPOT@H-A"


def test_of_two_events_at_one_moment_the_later_told_counts(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
        2026-05-01 08:00  2026-05-01 08:01  OXI-1   @VAN-BO
    """)

    assert who(session, "OXI-1", "2026-05-01 08:00") == "BO@VAN-BO"


def test_the_same_uid_is_recorded_once(session, ledger):
    transfer = Transfer(
        uid="again",
        devices=("OXI-1",),
        location="H-B",
        event_time=utc("2026-05-01 08:00"),
    )

    first = record_transfer(session, transfer, signed("2026-05-01 08:00"))
    second = record_transfer(session, transfer, signed("2026-05-01 09:00"))

    assert (first.added, second.added) == (True, False)
    assert first.event == second.event


def test_a_device_that_is_already_there_adds_nothing(session, ledger):
    before = session.scalar(select(func.count(Event.id)))

    again = record_transfer(
        session,
        Transfer(
            uid="again",
            devices=("OXI-1",),
            location="H-A",
            event_time=utc("2026-05-01 08:00"),
        ),
        signed("2026-05-01 08:00"),
    )

    assert (again.uid, again.added) == ("first", False)
    assert session.scalar(select(func.count(Event.id))) == before


def test_an_event_from_the_future_is_refused(session):
    transfer = Transfer(
        uid="soon",
        devices=("OXI-1",),
        location="H-B",
        event_time=utc("2026-05-01 09:00"),
    )

    with pytest.raises(Refused) as refused:
        record_transfer(session, transfer, signed("2026-05-01 08:00"))

    assert str(refused.value) == (
        "That is 60 minutes in the future. Only what has happened is recorded; does the"
        " clock of this machine go right?"
    )


def test_a_retired_device_is_not_handed_on_by_a_command(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location
        2026-04-02 08:00  2026-04-02 08:00  OXI-1   @RETIRED
    """)
    transfer = Transfer(
        uid="alive",
        devices=("OXI-1",),
        location="H-A",
        event_time=utc("2026-05-01 08:00"),
    )

    with pytest.raises(Refused) as refused:
        record_transfer(session, transfer, signed("2026-05-01 08:00"))
    fact = record_transfer(session, transfer, signed("2026-05-01 08:00"), as_fact=True)

    assert str(refused.value) == (
        "OXI-1 is scrapped and cannot be handed on. If it is fit after all, say so"
        " first: fsc condition set ready OXI-1 --why TEXT"
    )
    assert fact.added


def test_a_scrapped_device_may_go_where_retired_ones_are(session, ledger):
    record_condition(
        session,
        ["OXI-1"],
        Condition.SCRAPPED,
        uid="broken",
        at=utc("2026-04-02 08:00"),
        by=signed("2026-04-02 08:00"),
        reason="display dark",
    )

    for uid in ("away", "again"):
        transfer = Transfer(
            uid=uid,
            devices=("OXI-1",),
            location="RETIRED",
            event_time=utc("2026-05-01 08:00"),
        )
        done = record_transfer(session, transfer, signed("2026-05-01 08:00"))

    assert (done.uid, done.added) == ("away", False)
    held = custody_as_of(
        session, find_device(session, "OXI-1"), at=utc("2026-05-02 08:00")
    )
    assert (held.location, held.condition) == ("RETIRED", Condition.SCRAPPED)


def test_a_place_without_a_keeper_needs_a_custodian(session):
    transfer = Transfer(
        uid="orphan",
        devices=("OXI-1",),
        location="ORPHAN",
        event_time=utc("2026-05-01 08:00"),
    )

    with pytest.raises(Refused, match="ORPHAN has no keeper"):
        record_transfer(session, transfer, signed("2026-05-01 08:00"))


def test_undo_brings_back_what_was_before_and_keeps_what_was_believed(session, ledger):
    [uid] = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
    """)

    declare_wrong(
        session,
        uid,
        signed("2026-05-02 08:00"),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undo",
    )

    noon = "2026-05-01 12:00"
    assert who(session, "OXI-1", noon) == "DEPOT@H-A"
    assert who(session, "OXI-1", noon, known_at="2026-05-01 13:00") == "ANNA@VAN-ANNA"
    assert who(session, "OXI-1", noon, known_at="2026-05-02 08:00") == "DEPOT@H-A"
    assert [
        e.declared_wrong for e in history(session, find_device(session, "OXI-1"))
    ] == [
        None,
        "did_not_occur",
    ]


def test_since_reaches_back_over_what_was_undone(session, ledger):
    away, _ = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
        2026-05-02 08:00  2026-05-02 08:00  OXI-1   @H-A
    """)

    declare_wrong(
        session,
        away,
        signed("2026-05-03 08:00"),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undo",
    )

    held = custody_as_of(
        session, find_device(session, "OXI-1"), at=utc("2026-05-04 08:00")
    )
    assert held.since == utc("2026-01-01 08:00")
    assert held.until is None


def test_a_correction_has_its_own_event_time(session, ledger):
    [uid] = ledger("""
        happened          recorded          device       custodian@location
        2026-05-01 09:00  2026-05-01 09:00  OXI-1,OXI-2  @VAN-ANNA
    """)

    declare_wrong(
        session,
        uid,
        signed("2026-05-02 08:00"),
        reason=WrongBecause.INCORRECT_DATA,
        declaration_uid="declared",
        right=Right(location="VAN-BO", event_time=utc("2026-05-01 08:00")),
        replacement_uid="right",
    )

    assert who(session, "OXI-1", "2026-05-01 08:30") == "BO@VAN-BO"
    assert who(session, "OXI-2", "2026-05-01 10:00") == "BO@VAN-BO"


def test_an_event_is_declared_wrong_once(session, ledger):
    [uid] = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
    """)
    by = signed("2026-05-02 08:00")
    wrong = WrongBecause.DID_NOT_OCCUR

    first = declare_wrong(session, uid, by, reason=wrong, declaration_uid="a")
    again = declare_wrong(session, uid, by, reason=wrong, declaration_uid="a")
    with pytest.raises(Refused) as refused:
        declare_wrong(session, uid, by, reason=wrong, declaration_uid="b")

    assert first == again
    assert str(refused.value) == (
        "Event row-0 was declared wrong on 2026-05-02 08:00 UTC."
    )


def test_the_only_event_of_a_device_cannot_be_undone(centre):
    def undo():
        with centre.begin() as session:
            declare_wrong(
                session,
                "first",
                signed("2026-05-02 08:00"),
                reason=WrongBecause.DID_NOT_OCCUR,
                declaration_uid="undo",
            )

    with pytest.raises(Refused) as refused:
        undo()

    assert str(refused.value) == (
        "Without this event KIT-1 would be nowhere. Say where it was instead:"
        " fsc correct EVENT --reason incorrect_data --to LOCATION"
    )


def test_a_declaration_is_not_declared_wrong(session, ledger):
    [uid] = ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
    """)
    by = signed("2026-05-02 08:00")
    wrong = WrongBecause.DID_NOT_OCCUR
    declare_wrong(session, uid, by, reason=wrong, declaration_uid="undo")

    with pytest.raises(Refused, match="is a declaration itself"):
        declare_wrong(session, "undo", by, reason=wrong, declaration_uid="redo")


def test_holdings_of_a_party_a_place_and_what_is_inside_it(session, ledger):
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-1   @VAN-ANNA
        2026-05-01 08:00  2026-05-01 08:00  OXI-2   @H-B
    """)

    def tags(code, **options):
        found = holdings(session, code, at=utc("2026-05-02 08:00"), **options)
        return [held.device for held in found]

    assert tags("anna") == ["OXI-1"]
    assert tags("HORSENS") == []
    assert tags("HORSENS", within=True) == ["KIT-1", "OXI-2", "OXI-3"]
    assert tags("H-B") == ["OXI-2"]
    with pytest.raises(NotFound):
        tags("NOWHERE")


def test_a_kit_takes_along_the_parts_that_are_where_it_is(session, ledger):
    record_kit(
        session,
        ["OXI-1", "OXI-2", "OXI-3"],
        kit="KIT-1",
        uid="built",
        at=utc("2026-02-01 08:00"),
        by=signed("2026-02-01 08:00"),
    )
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-01 08:00  2026-05-01 08:00  OXI-3   @LOST
        2026-05-02 08:00  2026-05-02 08:00  KIT-1   @VAN-ANNA
    """)

    at = "2026-05-03 08:00"

    assert who(session, "OXI-1", at) == who(session, "KIT-1", at) == "ANNA@VAN-ANNA"
    assert who(session, "OXI-3", at) == "NOBODY@LOST"


def test_undoing_the_build_of_a_kit_takes_it_apart(session, ledger):
    record_kit(
        session,
        ["OXI-1"],
        kit="KIT-1",
        uid="built",
        at=utc("2026-02-01 08:00"),
        by=signed("2026-02-01 08:00"),
    )
    declare_wrong(
        session,
        "built",
        signed("2026-02-02 08:00"),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undo",
    )
    ledger("""
        happened          recorded          device  custodian@location
        2026-05-02 08:00  2026-05-02 08:00  KIT-1   @VAN-ANNA
    """)

    assert who(session, "OXI-1", "2026-05-03 08:00") == "DEPOT@H-A"
    assert list(verify(session).mismatches) == []


def test_a_kit_in_a_kit_is_refused_in_any_order_of_telling(session):
    by = signed("2026-02-01 08:00")
    build(session, "KIT-1", ["OXI-1"], "a", at="2026-01-20 08:00", by=by)

    with pytest.raises(Refused, match="KIT-1 is a kit itself"):
        build(session, "OXI-2", ["KIT-1"], "b", at="2026-01-10 08:00", by=by)


def test_undoing_what_took_a_kit_apart_puts_no_kit_into_a_kit(session):
    by = signed("2026-02-01 08:00")
    build(session, "KIT-1", ["OXI-1"], "a", at="2026-01-10 08:00", by=by)
    take_apart(session, "KIT-1", [], uid="b", at=utc("2026-01-11 08:00"), by=by)
    build(session, "OXI-1", ["OXI-2"], "c", at="2026-01-12 08:00", by=by)

    with pytest.raises(Refused) as refused:
        declare_wrong(
            session, "b", by, reason=WrongBecause.DID_NOT_OCCUR, declaration_uid="d"
        )

    assert str(refused.value) == (
        "OXI-1 would be a kit and a part of another one at once."
    )


def test_a_part_of_another_kit_is_not_taken_over(session):
    by = signed("2026-02-01 08:00")
    build(session, "KIT-1", ["OXI-1"], "a", at="2026-01-10 08:00", by=by)

    with pytest.raises(Refused) as refused:
        build(session, "OXI-3", ["OXI-1"], "b", at="2026-01-11 08:00", by=by)

    assert str(refused.value) == (
        "OXI-1 is a part of KIT-1. Take it out first: fsc kit take-apart KIT-1 OXI-1"
    )


def test_building_the_same_kit_again_adds_nothing(session):
    by = signed("2026-02-01 08:00")
    first = build(session, "KIT-1", ["OXI-1"], "a", at="2026-01-10 08:00", by=by)

    again = build(session, "KIT-1", ["OXI-1"], "b", at="2026-01-11 08:00", by=by)

    assert (again.uid, again.added) == (first.uid, False)


def test_what_is_not_in_a_kit_cannot_be_taken_out(session):
    by = signed("2026-02-01 08:00")
    at = utc("2026-01-11 08:00")

    with pytest.raises(Refused) as nothing:
        take_apart(session, "KIT-1", [], uid="a", at=at, by=by)
    with pytest.raises(Refused) as other:
        take_apart(session, "KIT-1", ["OXI-1"], uid="b", at=at, by=by)

    assert str(nothing.value) == "There is nothing in KIT-1."
    assert str(other.value) == "OXI-1 is not in KIT-1. See: fsc kit show KIT-1"


def build(session, kit, parts, uid, *, at, by):
    return record_kit(session, parts, kit=kit, uid=uid, at=utc(at), by=by)


def test_a_state_given_where_the_device_is_already_is_recorded(session):
    def move(uid, **given):
        transfer = Transfer(
            uid=uid,
            devices=("OXI-1",),
            location="H-A",
            event_time=utc("2026-05-01 08:00"),
            **given,
        )
        return record_transfer(session, transfer, signed("2026-05-01 08:00"))

    step = move("a", biz_step=BizStep.REPAIRING)
    state = move("b", disposition=Disposition.DAMAGED)
    document = move("c", document="ORD-1", disposition=Disposition.DAMAGED)
    again = move("d", document="ORD-1", disposition=Disposition.DAMAGED)

    assert [done.added for done in (step, state, document, again)] == [
        True,
        True,
        True,
        False,
    ]


def test_what_is_already_so_is_told_of_the_devices_asked_about(session):
    transfer = Transfer(
        uid="again",
        devices=("OXI-2", "OXI-1"),
        location="H-A",
        event_time=utc("2026-05-01 08:00"),
    )

    done = record_transfer(session, transfer, signed("2026-05-01 08:00"))

    assert done.devices == ("OXI-1", "OXI-2")


def test_a_kit_in_a_kit_is_refused(session):
    by = signed("2026-02-01 08:00")
    at = utc("2026-02-01 08:00")
    record_kit(session, ["OXI-1"], kit="KIT-1", uid="a", at=at, by=by)

    with pytest.raises(Refused, match="KIT-1 is a kit itself"):
        record_kit(session, ["KIT-1"], kit="OXI-2", uid="b", at=at, by=by)
    with pytest.raises(Refused, match="OXI-1 is a part of another kit"):
        record_kit(session, ["OXI-2"], kit="OXI-1", uid="c", at=at, by=by)
    with pytest.raises(Refused, match="KIT-1 cannot be a part of itself"):
        record_kit(session, ["KIT-1"], kit="KIT-1", uid="d", at=at, by=by)


def test_the_record_time_of_a_station_never_goes_back(session):
    def move(uid, location, recorded):
        record_transfer(
            session,
            Transfer(
                uid=uid,
                devices=("OXI-1",),
                location=location,
                event_time=utc("2026-04-01 08:00"),
            ),
            signed(recorded),
        )

    move("a", "H-B", "2026-05-01 08:00")
    move("b", "H-A", "2026-05-01 08:00")
    move("c", "H-B", "2026-04-30 08:00")

    times = session.scalars(select(Event.record_time).order_by(Event.station_seq)).all()
    assert times == sorted(times)
    assert verify(session).mismatches == ()
    assert timedelta(0) <= times[-1] - times[-2]


def test_a_missing_device_is_not_handed_out_by_a_command(session):
    moment = utc("2026-05-01 08:00")
    by = signed("2026-05-01 08:00")
    record_flag(
        session,
        ["OXI-1"],
        Flag.MISSING,
        raised=True,
        uid="flag",
        at=moment,
        by=by,
        reason="not on its shelf",
    )
    transfer = Transfer(
        uid="out", devices=("OXI-1",), location="HOME-CIT-1", event_time=moment
    )

    with pytest.raises(Refused) as refused:
        record_transfer(session, transfer, by)

    assert str(refused.value) == (
        "OXI-1 is flagged as missing and cannot be handed to CIT-1. If it was found,"
        " say so: fsc flag lower missing OXI-1 --why TEXT"
    )
    assert record_transfer(session, transfer, by, as_fact=True).added


def test_nobody_is_commanded_a_device_that_nobody_had_yet(session):
    transfer = Transfer(
        uid="early",
        devices=("OXI-2",),
        location="HOME-CIT-1",
        event_time=utc("2025-06-01 08:00"),
    )
    by = signed("2026-02-01 08:00")

    with pytest.raises(Refused) as refused:
        record_transfer(session, transfer, by)

    assert str(refused.value) == (
        "Nobody had OXI-2 yet at 2025-06-01 08:00 UTC. See: fsc history OXI-2"
    )
    assert record_transfer(session, transfer, by, as_fact=True).added
