"""A unit of work is one transaction, by whichever way it is asked or written to."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from fsc_logistics.core import database
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import EventLine, Party
from fsc_logistics.domain.errors import Misconfigured, TryLater

COUNT = Statement(lambda: select(func.count()).select_from(Party))
KIND = Statement(lambda: select(Party.kind).where(Party.code == bindparam("code")))
ADD = Statement(lambda: sa.insert(Party), "code", "kind")
LINE = Statement(lambda: sa.insert(EventLine), "event_id", "device_id")


def kept_ready(session):
    return COUNT.first(session)[0]


def asked_anew(session):
    return session.scalar(select(func.count()).select_from(Party))


def write(sessions, code):
    with sessions.begin() as session:
        session.add(Party(code=code, kind="partner"))


@pytest.mark.parametrize("first", [kept_ready, asked_anew])
@pytest.mark.parametrize("then", [kept_ready, asked_anew])
def test_all_that_is_read_is_of_one_moment(sessions, first, then):
    with sessions.read() as session:
        before = first(session)
        write(sessions, "MEANWHILE")
        after = then(session)

    with sessions.read() as session:
        assert (before, after, then(session)) == (0, 0, 1)


@pytest.mark.parametrize("ask", [kept_ready, asked_anew])
def test_after_an_end_of_its_own_a_reader_begins_anew(sessions, ask):
    with sessions.read() as session:
        assert kept_ready(session) == 0
        assert asked_anew(session) == 0
        session.rollback()
        write(sessions, "MEANWHILE")

        before = ask(session)
        write(sessions, "LATER")

        assert (before, kept_ready(session), asked_anew(session)) == (1, 1, 1)


@pytest.mark.parametrize("ask", [kept_ready, asked_anew])
def test_a_reader_that_fails_gives_its_connection_back(sessions, ask, in_use):
    with suppress(ZeroDivisionError), sessions.read() as session:
        ask(session)
        raise ZeroDivisionError

    assert in_use(sessions) == 0


def test_what_a_reader_has_loaded_is_its_own(sessions):
    write(sessions, "DEPOT")

    with sessions.read() as session:
        assert KIND.first(session, code="DEPOT") == ("partner",)
        party = session.scalar(select(Party))

    assert sa.inspect(party).detached


def test_a_file_that_cannot_be_opened_is_told_by_whichever_way_it_is_asked(tmp_path):
    sessions = Sessions(make_engine(str(tmp_path / "no" / "folder.db")))

    for ask in (kept_ready, asked_anew):
        with pytest.raises(Misconfigured) as told, sessions.read() as session:
            ask(session)
        assert str(told.value) == (
            "The database file cannot be opened. Do the folder and its rights fit?"
        )


def add_ready(session, code):
    ADD.run(session, code=code, kind="partner")


def add_anew(session, code):
    session.add(Party(code=code, kind="partner"))


BOTH_WAYS = pytest.mark.parametrize(
    ("first", "then"),
    [
        (add_ready, add_anew),
        (add_anew, add_ready),
        (add_ready, add_ready),
        (add_anew, add_anew),
    ],
)


@BOTH_WAYS
def test_what_is_written_either_way_is_there_when_the_unit_ends(
    sessions, first, then, in_use
):
    with sessions.begin() as session:
        first(session, "ONE")
        then(session, "TWO")

    with sessions.read() as session:
        assert kept_ready(session) == asked_anew(session) == 2
    assert in_use(sessions) == 0


@BOTH_WAYS
def test_what_is_written_either_way_is_undone_where_the_unit_fails(
    sessions, first, then, in_use
):
    with suppress(ZeroDivisionError), sessions.begin() as session:
        first(session, "ONE")
        then(session, "TWO")
        raise ZeroDivisionError

    with sessions.read() as session:
        assert kept_ready(session) == asked_anew(session) == 0
    assert in_use(sessions) == 0


@BOTH_WAYS
def test_what_is_written_either_way_is_undone_by_a_rollback(sessions, first, then):
    with sessions.begin() as session:
        first(session, "ONE")
        then(session, "TWO")
        session.flush()
        session.rollback()

    with sessions.read() as session:
        assert kept_ready(session) == 0


@BOTH_WAYS
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_nothing_is_asked_or_written_after_a_unit_that_writes_is_over(
    sessions, end, first, then, in_use
):
    def go_on_after_the_end():
        with sessions.begin() as session:
            first(session, "ONE")
            getattr(session, end)()
            then(session, "TWO")

    with pytest.raises(sa.exc.InvalidRequestError):
        go_on_after_the_end()

    with sessions.read() as session:
        assert kept_ready(session) == (1 if end == "commit" else 0)
    assert in_use(sessions) == 0


@pytest.mark.parametrize("add", [add_ready, add_anew])
def test_who_writes_keeps_others_from_writing_from_the_first_question_on(
    sqlite_url, monkeypatch, add, in_use
):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 1)
    sessions = Sessions(make_engine(sqlite_url))

    with sessions.begin() as session:
        kept_ready(session)
        with pytest.raises(TryLater) as told, sessions.begin() as other:
            add(other, "OTHER")

    assert str(told.value) == "The database is busy. Try again in a moment."
    assert in_use(sessions) == 0
    sessions.engine.dispose()


def write_what_is_refused_when_the_unit_ends(sessions):
    with sessions.begin() as session:
        add_ready(session, "ONE")
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        LINE.run(session, event_id=7, device_id=7)


def test_a_failed_commit_is_told_and_undone(sqlite_url):
    sessions = Sessions(make_engine(sqlite_url))

    with pytest.raises(sa.exc.IntegrityError):
        write_what_is_refused_when_the_unit_ends(sessions)

    with sessions.read() as session:
        assert kept_ready(session) == 0
    sessions.engine.dispose()
