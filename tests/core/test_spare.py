"""One connection and one reading session serve one unit of work after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.spare import spare_of
from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Party

COUNT = Statement(lambda: select(func.count()).select_from(Party))


def kept_ready(session):
    return COUNT.first(session)[0]


def asked_anew(session):
    return session.scalar(select(func.count()).select_from(Party))


def write(sessions, code):
    with sessions.begin() as session:
        session.add(Party(code=code, kind="partner"))


@pytest.fixture
def taken(sessions):
    """What was taken from the pool since."""
    found = []
    sa.event.listen(sessions.engine, "checkout", lambda *about: found.append(about))
    return found


@pytest.mark.parametrize("ask", [kept_ready, asked_anew])
def test_the_pool_is_asked_once(sessions, taken, ask):
    for number in range(3):
        write(sessions, f"P-{number}")
        with sessions.read() as session:
            assert ask(session) == number + 1

    assert len(taken) <= 1


def test_all_sessions_of_an_engine_share_it(sessions, taken):
    write(sessions, "ONE")
    del taken[:]

    write(Sessions(sessions.engine), "TWO")

    assert taken == []


def test_who_finds_it_taken_asks_the_pool(sessions, in_use):
    together = Barrier(4)

    def read_beside_others(_number):
        with sessions.read() as session:
            together.wait(60)
            return session, kept_ready(session)

    write(sessions, "ONE")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_beside_others, range(4)))

    assert len({id(session) for session, _ in found}) == 4
    assert [count for _, count in found] == [1] * 4
    assert in_use(sessions) == 0


def test_a_reader_remembers_nothing_of_the_one_before(sessions):
    write(sessions, "ONE")
    with sessions.read() as session:
        first = session
        assert asked_anew(session) == 1
        party = session.scalar(select(Party))
        session.info["mine"] = party
        session.rollback()

    with sessions.read() as session:
        assert session is first
        assert "mine" not in session.info
        assert party not in session
        assert list(session) == []


def test_a_reader_that_failed_is_not_used_again(sessions):
    def fail():
        with sessions.read() as session:
            failed.append(session)
            kept_ready(session)
            raise ZeroDivisionError

    failed = []
    with pytest.raises(ZeroDivisionError):
        fail()

    with sessions.read() as session:
        assert session is not failed[0]


def test_an_engine_that_is_disposed_of_holds_nothing_open(sessions, engine):
    write(sessions, "ONE")
    kept = spare_of(engine).take()
    driver = kept.driver_connection
    assert spare_of(engine).keep(kept)

    engine.dispose()

    with pytest.raises(engine.dialect.loaded_dbapi.Error, match="closed"):
        driver.execute("SELECT 1")
    assert spare_of(engine).take() is None
    with sessions.read() as session:
        assert kept_ready(session) == 1
