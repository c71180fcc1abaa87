"""What only a unit of work on a server has to bear: cuts, refusals, plans to keep."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, select

from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.statements import Statement, attempt
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.errors import TryLater

KIND = Statement(lambda: select(Party.kind).where(Party.code == bindparam("code")))
ADD = Statement(lambda: sa.insert(Party), "code", "kind")
BACKEND = Statement(lambda: select(sa.func.pg_backend_pid()))
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture
def sessions(postgresql_url):
    sessions = Sessions(make_engine(postgresql_url))
    yield sessions
    sessions.engine.dispose()


@pytest.fixture
def cut(postgresql_server):
    """Cut off whoever serves a session, as a restart does."""

    def cut_off(session):
        (backend,) = BACKEND.first(session)
        postgresql_server.psql(f"SELECT pg_terminate_backend({backend}, 5000)")

    return cut_off


@pytest.mark.parametrize("opened", ["begin", "read"])
def test_nobody_is_told_to_try_again_for_a_cut_that_was_while_nothing_was_asked(
    sessions, postgresql_server, opened
):
    with sessions.begin() as one, sessions.begin() as two:
        idle = [BACKEND.first(session)[0] for session in (one, two)]
    for backend in idle:
        postgresql_server.psql(f"SELECT pg_terminate_backend({backend}, 5000)")

    with getattr(sessions, opened)() as one, getattr(sessions, opened)() as two:
        found = [KIND.first(one, code="DEPOT"), two.scalar(select(Party))]

    assert found == [None, None]


@pytest.mark.parametrize("opened", ["begin", "read"])
def test_of_a_connection_that_was_cut_nothing_is_said_but_to_try_again(
    sessions, cut, caplog, opened, in_use
):
    def go_on_after_the_cut():
        with getattr(sessions, opened)() as session:
            cut(session)
            KIND.first(session, code="DEPOT")

    with pytest.raises(TryLater):
        go_on_after_the_cut()

    assert caplog.messages == []
    assert in_use(sessions) == 0


def test_a_refusal_that_was_hidden_does_not_lose_the_unit_of_work_unsaid(sessions):
    def hide_it():
        with sessions.begin() as session:
            ADD.run(session, code="BEFORE", kind="partner")
            with suppress(sa.exc.IntegrityError):
                ADD.run(session, code="BEFORE", kind="partner")

    with pytest.raises(sa.exc.PendingRollbackError) as lost:
        hide_it()

    assert str(lost.value) == (
        "A statement of this unit of work was refused; all of it is undone."
    )
    with sessions.read() as session:
        assert KIND.first(session, code="BEFORE") is None


def prepare(sessions):
    for _ in range(7):
        with sessions.begin() as session:
            KIND.first(session, code="DEPOT")


def undo_an_attempt(sessions):
    with sessions.begin() as session:
        with suppress(ZeroDivisionError), attempt(session):
            raise ZeroDivisionError
        KIND.first(session, code="DEPOT")


def undo_it_all(sessions):
    with suppress(ZeroDivisionError), sessions.begin() as session:
        KIND.first(session, code="DEPOT")
        raise ZeroDivisionError


@pytest.mark.parametrize("undo", [undo_an_attempt, undo_it_all])
def test_a_server_need_not_plan_anew_after_what_was_undone(sessions, undo):
    prepare(sessions)

    undo(sessions)

    with sessions.read() as session:
        KIND.first(session, code="DEPOT")
        assert session.scalar(PREPARED) == 1
