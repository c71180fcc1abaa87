"""Several at once, with the same lot: the sum stays, and no place goes below none."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.stock.answers import list_stock
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.core.tables import Event, Lot
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import Refused, TryLater
from fsc_logistics.domain.quantities import Occasion

WRITERS = 8
TOLD = 12
"""How often each of them writes."""
THERE = 20
"""How many of the lot there are in all."""
MAY = datetime(2026, 5, 1, 8, tzinfo=UTC)
PLACES = ("H-A", "H-B", "VAN-ANNA", "VAN-BO")


def signed(station):
    return Signature(
        station=station, actor="TESTER", record_time=MAY + timedelta(days=9)
    )


def on(uid, day=1):
    at = MAY + timedelta(days=day)
    return Occasion(uid=uid, at=at, day=at.date())


def receive(sessions, uid, station, lot="L1", quantity=THERE, **options):
    with sessions.begin() as session:
        return record_receipt(
            session,
            "CUFF-M",
            quantity,
            lot=lot,
            origin="MAKER-DK",
            target="H-A",
            occasion=on(uid, 0),
            by=signed(station),
            **options,
        )


def write(sessions, number):
    """Move some as one of many; return what is in, what was refused, what was not had.

    Some of it late, and half of it without naming the lot; two share a station.
    """
    added, refused, later = [], [], []
    for turn in range(TOLD):
        uid = f"w{number}-{turn}"
        origin = PLACES[(number + turn) % len(PLACES)]
        target = PLACES[(number + turn + 1 + turn % 2) % len(PLACES)]
        try:
            with sessions.begin() as session:
                record_stock_move(
                    session,
                    "CUFF-M",
                    1 + turn % 4,
                    lot="L1" if turn % 2 else None,
                    origin=origin,
                    target=target,
                    occasion=on(uid, 1 + turn * 5 % 7),
                    by=signed(f"S{number // 2}"),
                )
        except Refused:
            refused.append(uid)
        except TryLater:
            later.append(uid)
        else:
            added.append(uid)
    return added, refused, later


AS_A_PROCESS = """
import importlib.util, json, sys
from fsc_logistics.core.database import Sessions, make_engine
spec = importlib.util.spec_from_file_location("writers", sys.argv[1])
writers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(writers)
sessions = Sessions(make_engine(sys.argv[2]))
sys.stdin.readline()
print(json.dumps(writers.write(sessions, int(sys.argv[3]))))
"""


def as_processes(path):
    """Write as eight processes that begin when all are there; return what each told."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", AS_A_PROCESS, __file__, path, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * WRITERS
    return [json.loads(text) for text in told]


def at_once(*tasks):
    """Run each task in a thread, all from the same moment; return what they return."""
    barrier = Barrier(len(tasks))

    def run(task):
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.fixture
def stocked(centre):
    """Twenty of one lot on shelf H-A."""
    with centre.begin() as session:
        add_article(session, Consumable(article="CUFF-M", name="Cuff", unit="piece"))
    receive(centre, "came", "OFFICE")
    return centre


def check_all_is_in(sessions, told):
    """Nothing is lost, nothing is half in, none is made up, and everything fits."""
    added = {uid for done, _, _ in told for uid in done}
    with sessions.read() as session:
        uids = set(session.scalars(select(Event.uid)))
        assert verify(session).mismatches == ()
        there = list_stock(session, at=MAY + timedelta(days=9))
    assert uids == added | {"first", "came"}
    assert added
    assert sum(balance.quantity for balance in there) == THERE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_processes_move_the_same_lot_in_one_file(stocked):
    check_all_is_in(stocked, as_processes(stocked.engine.url.database))


def test_eight_connections_move_the_same_lot(stocked):
    told = at_once(*(lambda n=n: write(stocked, n) for n in range(WRITERS)))

    check_all_is_in(stocked, told)
    if stocked.engine.dialect.name == "postgresql":
        # It would break a circle with an error, and we would say "try later".
        assert [later for _, _, later in told] == [[]] * WRITERS


def test_the_last_one_is_taken_once(stocked):
    def take(number):
        try:
            with stocked.begin() as session:
                record_stock_move(
                    session,
                    "CUFF-M",
                    THERE,
                    origin="H-A",
                    target="VAN-BO",
                    occasion=on(f"take-{number}"),
                    by=signed(f"S{number}"),
                )
        except Refused as error:
            return str(error)
        return "taken"

    told = at_once(*(lambda n=n: take(n) for n in range(4)))

    assert sorted(told) == [
        *[
            "H-A has 0 piece of CUFF-M to take on 2026-05-02 08:00 UTC, not 20. See:"
            " fsc stock list H-A --within --article CUFF-M"
        ]
        * 3,
        "taken",
    ]


def test_a_new_lot_that_comes_twice_at_once_is_one_lot(stocked):
    told = at_once(
        *(
            lambda n=n: receive(stocked, f"in-{n}", f"S{n}", lot="NEW", quantity=2)
            for n in range(4)
        )
    )

    assert [done.added for done in told] == [True] * 4
    with stocked.read() as session:
        lots = session.scalar(select(func.count(Lot.id)).where(Lot.code == "NEW"))
        there = list_stock(session, at=MAY, article="CUFF-M/NEW")
        assert verify(session).mismatches == ()
    assert lots == 1
    assert [balance.quantity for balance in there] == [8]


def test_a_uid_told_twice_at_once_is_one_move(stocked):
    told = at_once(
        lambda: receive(stocked, "same", "S1", quantity=2),
        lambda: receive(stocked, "same", "S2", quantity=3),
    )

    assert {done.added for done in told} == {True, False}
    assert told[0].lots == told[1].lots
