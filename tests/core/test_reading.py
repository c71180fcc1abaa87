"""A unit of work that reads sees one moment, by whichever way it is asked."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.errors import Misconfigured

COUNT = Statement(lambda: select(func.count()).select_from(Party))
KIND = Statement(lambda: select(Party.kind).where(Party.code == bindparam("code")))


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
def test_a_reader_that_fails_gives_its_connection_back(sessions, ask):
    with suppress(ZeroDivisionError), sessions.read() as session:
        ask(session)
        raise ZeroDivisionError

    assert sessions.engine.pool.checkedout() == 0


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
