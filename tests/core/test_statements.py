"""Statements kept ready run in the session's own transaction, as the others do."""

import gc
from contextlib import suppress
from datetime import UTC, datetime
from weakref import ref

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.places import find_location
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.appending import lock_station
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.spare import spare_of
from fsc_logistics.core.statements import Statement, attempt, remembered
from fsc_logistics.core.tables import Party, Station
from fsc_logistics.domain.custody import Signature, Transfer

KIND = Statement(lambda: select(Party.kind).where(Party.code == bindparam("code")))
ADD = Statement(lambda: sa.insert(Party), "code", "kind")


def test_a_statement_sees_what_the_session_has_not_written_yet(session):
    session.add(Party(code="NEW", kind="partner"))

    assert KIND.first(session, code="NEW") == ("partner",)


def test_a_statement_is_undone_with_the_unit_of_work(sessions):
    with suppress(ZeroDivisionError), sessions.begin() as session:
        ADD.run(session, code="NEW", kind="partner")
        raise ZeroDivisionError

    with sessions.read() as session:
        assert KIND.all(session, code="NEW") == []


def test_a_statement_runs_once_for_each_row(session):
    ADD.many(session, [{"code": f"NEW-{n}", "kind": "partner"} for n in range(3)])

    assert [KIND.first(session, code=f"NEW-{n}") for n in range(3)] == [
        ("partner",)
    ] * 3


def test_what_the_engine_says_of_a_statement_does_not_repeat_its_values(sessions):
    with pytest.raises(sa.exc.IntegrityError) as caught, sessions.begin() as session:
        ADD.many(session, [{"code": "SECRET", "kind": "partner"}] * 2)

    assert "SECRET" not in str(caught.value)


def test_an_attempt_that_fails_leaves_nothing_and_the_rest_stands(session):
    ADD.run(session, code="BEFORE", kind="partner")

    with suppress(ZeroDivisionError), attempt(session):
        ADD.run(session, code="WITHIN", kind="partner")
        session.add(Party(code="PENDING", kind="partner"))
        raise ZeroDivisionError
    ADD.run(session, code="AFTER", kind="partner")

    found = {code: KIND.first(session, code=code) for code in ("BEFORE", "AFTER")}
    assert found == {"BEFORE": ("partner",), "AFTER": ("partner",)}
    assert KIND.first(session, code="WITHIN") is None
    assert KIND.first(session, code="PENDING") is None


def test_attempts_stand_within_each_other(session):
    with attempt(session):
        ADD.run(session, code="OUTER", kind="partner")
        with suppress(ZeroDivisionError), attempt(session):
            ADD.run(session, code="INNER", kind="partner")
            raise ZeroDivisionError

    assert KIND.first(session, code="OUTER") == ("partner",)
    assert KIND.first(session, code="INNER") is None


def test_a_savepoint_of_the_session_is_seen_by_statements(session):
    with suppress(ZeroDivisionError), session.begin_nested():
        ADD.run(session, code="WITHIN", kind="partner")
        raise ZeroDivisionError

    assert KIND.first(session, code="WITHIN") is None


def clash(session):
    """Flush what the engine refuses, as if nothing came of it."""
    session.add(Party(code="DEPOT", kind="partner"))
    with suppress(sa.exc.IntegrityError):
        session.flush()


def go_on(sessions, then):
    """Hide a refused flush in an attempt, and go on."""
    with sessions.begin() as session:
        ADD.run(session, code="BEFORE", kind="partner")
        with suppress(ZeroDivisionError), attempt(session):
            clash(session)
            if then is not None:
                raise then
        ADD.run(session, code="AFTER", kind="partner")


@pytest.mark.parametrize("then", [None, ZeroDivisionError])
def test_a_refused_flush_in_an_attempt_does_not_lose_the_unit_of_work_unsaid(
    centre, then
):
    with pytest.raises(sa.exc.PendingRollbackError) as lost:
        go_on(centre, then)

    assert str(lost.value) == (
        "What was attempted ended the unit of work; all of it is undone."
    )
    with centre.read() as session:
        assert KIND.all(session, code="BEFORE") == []
        assert KIND.all(session, code="AFTER") == []


def test_a_refused_flush_that_is_not_hidden_is_told_as_it_is(centre):
    with (
        pytest.raises(sa.exc.IntegrityError),
        centre.begin() as session,
        attempt(session),
    ):
        session.add(Party(code="DEPOT", kind="partner"))


def test_no_statement_runs_after_a_refused_flush(centre):
    with centre.begin() as session:
        ADD.run(session, code="BEFORE", kind="partner")
        clash(session)
        with pytest.raises(sa.exc.InvalidRequestError, match="rolled back"):
            ADD.run(session, code="AFTER", kind="partner")
        session.rollback()

    with centre.read() as session:
        assert KIND.all(session, code="AFTER") == []


def test_a_refused_flush_within_a_savepoint_loses_that_alone(centre):
    with centre.begin() as session, attempt(session):
        ADD.run(session, code="BEFORE", kind="partner")
        with suppress(sa.exc.IntegrityError), session.begin_nested():
            session.add(Party(code="DEPOT", kind="partner"))
            session.flush()
        ADD.run(session, code="AFTER", kind="partner")

    with centre.read() as session:
        assert KIND.all(session, code="BEFORE") == [("partner",)]
        assert KIND.all(session, code="AFTER") == [("partner",)]


def test_what_was_undone_is_not_remembered(sessions):
    with sessions.begin() as session:
        with suppress(ZeroDivisionError), attempt(session):
            lock_station(session, "NEW")
            raise ZeroDivisionError
        number = lock_station(session, "NEW")

    with sessions.read() as session:
        assert session.scalar(select(Station.code).where(Station.id == number)) == "NEW"


def test_what_a_savepoint_has_undone_is_not_remembered(sessions):
    with sessions.begin() as session:
        with suppress(ZeroDivisionError), session.begin_nested():
            lock_station(session, "NEW")
            raise ZeroDivisionError

        assert remembered(session) == {}


def test_what_is_asked_by_the_session_too_is_still_remembered(sessions):
    with sessions.begin() as session:
        number = lock_station(session, "NEW")
        assert session.scalar(select(Station.code).where(Station.id == number)) == "NEW"

        assert list(remembered(session).values()) == [number]


def test_what_one_transaction_remembers_the_next_asks_again(sessions):
    with Session(sessions.engine) as session:
        lock_station(session, "NEW")
        session.rollback()
        number = lock_station(session, "NEW")
        found = session.scalar(select(Station.code).where(Station.id == number))

    assert found == "NEW"


def test_what_is_remembered_is_remembered_for_one_unit_of_work(sessions):
    with sessions.begin() as session:
        number = lock_station(session, "NEW")
        assert list(remembered(session).values()) == [number]

    with sessions.begin() as session:
        assert remembered(session) == {}


@pytest.mark.parametrize("opened", ["read", "begin"])
def test_a_unit_of_work_leaves_nothing_to_the_garbage_collector(centre, opened):
    gc.disable()
    try:
        with getattr(centre, opened)() as session:
            KIND.first(session, code="DEPOT")
            remembered(session)["something"] = "found"
            gone = ref(session)
        del session
        spare_of(centre.engine).take_reader()

        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("open_one", ["begin", "read"])
def test_a_unit_of_work_that_asked_both_ways_is_let_go_of_when_it_ends(
    sessions, open_one
):
    gc.disable()  # Only what nothing refers to any more is gone then.
    try:
        with getattr(sessions, open_one)() as session:
            session.scalar(select(Station.code))
            KIND.all(session, code="NEW")
            remembered(session)["OXI-1"] = 7
            ended = ref(session)
        del session
        spare_of(sessions.engine).take_reader()

        assert ended() is None
    finally:
        gc.enable()


def test_of_a_place_that_was_changed_meanwhile_nothing_is_remembered(centre):
    with centre.begin() as session:
        before = seek.place(session, "VAN-BO")
        find_location(session, "VAN-BO").keeper_id = None
        after = seek.place(session, "VAN-BO")

    assert before is not None
    assert before.keeper is not None
    assert after == before._replace(keeper=None)


def test_a_place_is_asked_for_once_while_nobody_can_change_it(centre):
    with centre.begin() as session:
        first = seek.place(session, "VAN-BO")
        again = seek.place(session, "VAN-BO")

    is_file = centre.engine.dialect.name == "sqlite"
    assert (again is first) == is_file


def move(session, tag, place):
    at = datetime(2026, 5, 1, tzinfo=UTC)
    moved = Transfer(uid=place, devices=(tag,), location=place, event_time=at)
    by = Signature(station="DOCK", actor="TESTER", record_time=at)
    return record_transfer(session, moved, by)


def test_an_event_is_chained_to_the_one_before_whatever_was_undone_between(session):
    move(session, "OXI-1", "VAN-ANNA")
    with suppress(ZeroDivisionError), attempt(session):
        move(session, "OXI-2", "H-B")
        raise ZeroDivisionError
    move(session, "OXI-3", "VAN-BO")

    assert verify(session).mismatches == ()
