"""Several at once, with the same few devices: nothing is lost and nothing is broken."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.periods import correct_period
from fsc_logistics.core.corrections.told import Period
from fsc_logistics.core.database import REVISION, make_engine, revision
from fsc_logistics.core.database_check import defects
from fsc_logistics.core.kits.membership import kit_parts, record_kit, take_apart
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.core.tables import Event
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.errors import NotFound, Refused, TryLater
from fsc_logistics.domain.quantities import Occasion

WRITERS = 8
TOLD = 12
"""How often each of them writes."""
NEW_YEAR = datetime(2026, 1, 1, 8, tzinfo=UTC)
DEVICES = ("OXI-1", "OXI-2", "OXI-3", "KIT-1")
PLACES = ("H-A", "H-B", "VAN-ANNA", "VAN-BO", "HOME-CIT-1", "HOME-CIT-2", "LOST")


def signed(station, day=31):
    return Signature(
        station=station, actor="TESTER", record_time=NEW_YEAR + timedelta(days=day)
    )


def move(uid, *devices, to="H-B", day=1):
    return Transfer(
        uid=uid, devices=devices, location=to, event_time=NEW_YEAR + timedelta(days=day)
    )


def write(sessions, number):
    """Write as one of many; return the uids that are in and those told to try later.

    Even writers name the devices forwards, odd ones backwards; two share a station.
    """
    added, later = [], []
    order = DEVICES if number % 2 == 0 else DEVICES[::-1]
    for turn in range(TOLD):
        uid = f"w{number}-{turn}"
        devices = order[turn % 3 : turn % 3 + 2]
        to = PLACES[(number + turn) % len(PLACES)]
        transfer = move(uid, *devices, to=to, day=1 + turn * 3 % 7)
        try:
            with sessions.begin() as session:
                # As facts: a command would be refused what is not ready any more.
                by = signed(f"S{number // 2}")
                done = record_transfer(session, transfer, by, as_fact=True)
        except TryLater:
            later.append(uid)
        else:
            added += [uid, *done.also] if done.added else []
    return added, later


def one_act(session, number, turn):
    """Do one thing; which, follows from who does it and when."""
    uid = f"a{number}-{turn}"
    by = signed(f"S{number // 2}")
    at = NEW_YEAR + timedelta(days=1 + turn * 3 % 7)
    when = {"uid": uid, "at": at, "by": by}
    occasion = Occasion(uid=uid, at=at, day=at.date())
    device = [DEVICES[(number + turn) % 3]]
    match (number + turn) % 8:
        case 0:
            return record_transfer(session, move(uid, *device, day=3), by)
        case 1:
            return record_kit(session, device, kit="KIT-1", **when)
        case 2:
            return take_apart(session, "KIT-1", device, **when)
        case 3:
            return record_condition(session, device, Condition.CLEANING, **when)
        case 4:
            raised = bool(turn % 2)
            return record_flag(
                session, device, Flag.RECALLED, raised=raised, reason="told", **when
            )
        case 5:
            return record_stock_move(
                session,
                "CUFF",
                1 + number % 3,
                lot="L1",
                origin="H-A",
                target="H-B",
                occasion=occasion,
                by=by,
            )
        case 6:
            counts = [("CUFF/L1", turn)]
            return record_count(session, "H-B", counts, occasion=occasion, by=by)
        case _:
            return declare_wrong(
                session,
                f"a{(number + 1) % WRITERS}-{turn - 1}",
                by,
                reason=WrongBecause.DID_NOT_OCCUR,
                declaration_uid=uid,
            )


def act(sessions, number):
    """Do things of every kind, as one of many.

    Returns the uids that are in, what was refused by a rule, and what to try later.
    """
    told = {"added": [], "refused": [], "later": []}
    for turn in range(TOLD):
        uid = f"a{number}-{turn}"
        try:
            with sessions.begin() as session:
                done = one_act(session, number, turn)
        except TryLater:
            told["later"].append(uid)
        except (Refused, NotFound):
            told["refused"].append(uid)
        else:
            if getattr(done, "added", True):
                told["added"] += [uid, *getattr(done, "also", ())]
    return told


def stocked(centre):
    """Put ten cuffs on shelf H-A."""
    with centre.begin() as session:
        add_article(session, Consumable(article="CUFF", name="Cuff M", unit="piece"))
        record_receipt(
            session,
            "CUFF",
            10,
            lot="L1",
            origin="MAKER-DK",
            target="H-A",
            occasion=Occasion(uid="came", at=NEW_YEAR, day=NEW_YEAR.date()),
            by=signed("S0"),
        )
    return centre


def check_acts(sessions, told):
    """What was said to be in is in, once, and nothing else; and everything fits."""
    added = [uid for each in told for uid in each["added"]]
    with sessions.read() as session:
        uids = session.scalars(select(Event.uid).where(Event.kind != "raised")).all()
        assert verify(session).mismatches == ()
    assert sorted(uids) == sorted([*added, "first", "came"])
    # Most were done: the rules refuse some, being busy hardly any.
    assert len(added) > WRITERS * TOLD / 3


AS_A_PROCESS = """
import importlib.util, json, sys
from fsc_logistics.core.database import Sessions, make_engine
spec = importlib.util.spec_from_file_location("writers", sys.argv[1])
writers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(writers)
sessions = Sessions(make_engine(sys.argv[2]))
sys.stdin.readline()
do = getattr(writers, sys.argv[4])
print(json.dumps(do(sessions, int(sys.argv[3]))))
"""


def all_at_once(commands):
    """Start each as a process that waits for a line; return what each printed, code.

    They get the line when all have been started, so that their imports overlap and
    what they do comes at the same moment.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[0] for process in processes]
    return list(zip(told, [process.returncode for process in processes], strict=True))


def at_once(*tasks):
    """Run each task in a thread, all from the same moment; return their outcomes."""
    barrier = Barrier(len(tasks))

    def run(task):
        barrier.wait()
        try:
            return task()
        except (Refused, TryLater) as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def check_all_is_in(sessions, told):
    """Nothing is lost, nothing is half in, and everything fits."""
    added = {uid for done, _ in told for uid in done}
    with sessions.read() as session:
        uids = set(session.scalars(select(Event.uid).where(Event.kind != "raised")))
        assert verify(session).mismatches == ()
    assert uids == added | {"first"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_processes_write_into_one_file(centre):
    path = centre.engine.url.database
    ended = all_at_once(
        [AS_A_PROCESS, __file__, path, str(number), "write"]
        for number in range(WRITERS)
    )

    assert [code for _, code in ended] == [0] * WRITERS
    told = [json.loads(text) for text, _ in ended]
    check_all_is_in(centre, told)
    assert all(added for added, _ in told)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_processes_do_everything_there_is_in_one_file(centre):
    path = stocked(centre).engine.url.database
    ended = all_at_once(
        [AS_A_PROCESS, __file__, path, str(number), "act"] for number in range(WRITERS)
    )

    assert [code for _, code in ended] == [0] * WRITERS
    check_acts(centre, [json.loads(text) for text, _ in ended])


def test_eight_connections_do_everything_there_is_at_once(centre):
    stocked(centre)

    told = at_once(*(lambda n=n: act(centre, n) for n in range(WRITERS)))

    check_acts(centre, told)
    assert sum(len(each["later"]) for each in told) < WRITERS * TOLD / 10


def test_eight_connections_never_wait_for_each_other_in_a_circle(centre):
    told = at_once(*(lambda n=n: write(centre, n) for n in range(WRITERS)))

    check_all_is_in(centre, told)
    if centre.engine.dialect.name == "postgresql":
        # It would break a circle with an error, and we would say "try later".
        assert [later for _, later in told] == [[]] * WRITERS


def test_a_uid_told_twice_at_once_is_one_event(centre):
    def tell(station):
        # Other devices: only the uid says that it is the same.
        devices = {"S1": "OXI-1", "S2": "OXI-2"}[station]
        with centre.begin() as session:
            return record_transfer(session, move("same", devices), signed(station))

    one, other = at_once(lambda: tell("S1"), lambda: tell("S2"))

    assert one.event == other.event
    assert {one.added, other.added} == {True, False}


def test_one_of_two_who_declare_an_event_wrong_is_refused(centre):
    with centre.begin() as session:
        record_transfer(session, move("moved", "OXI-1"), signed("S0"))

    def declare(session, station):
        return declare_wrong(
            session,
            "moved",
            signed(station),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=f"by-{station}",
        )

    def declare_too():
        with centre.begin() as session, pytest.raises(Refused) as refused:
            declare(session, "S2")
        return str(refused.value)

    with ThreadPoolExecutor(1) as pool:
        with centre.begin() as session:
            declare(session, "S1")
            other = pool.submit(declare_too)
            # Time enough for the other to come as far as it can before we commit.
            wait([other], timeout=0.3)
        told = other.result()

    assert told == "Event moved was declared wrong on 2026-02-01 08:00 UTC."


def test_one_of_two_who_move_a_period_in_time_is_refused(centre):
    with centre.begin() as session:
        record_transfer(session, move("moved", "OXI-1"), signed("DOCK"))

    def shift(station):
        period = Period(
            station="DOCK", since=NEW_YEAR, until=NEW_YEAR + timedelta(days=2)
        )
        with centre.begin() as session:
            return correct_period(
                session,
                period,
                signed(station),
                uid=f"by-{station}",
                shift=timedelta(hours=-1),
            )

    told = at_once(lambda: shift("DOCK"), lambda: shift("OFFICE"))

    assert sum(isinstance(one, Refused) for one in told) == 1


def test_two_at_once_do_not_build_a_kit_into_a_kit(centre):
    def build(station, part, kit):
        with centre.begin() as session:
            return record_kit(
                session, [part], kit=kit, uid=station, at=NEW_YEAR, by=signed(station)
            )

    told = at_once(
        lambda: build("S1", "OXI-1", "OXI-2"), lambda: build("S2", "OXI-2", "OXI-3")
    )

    assert sum(isinstance(error, Refused) for error in told) == 1


def test_kits_and_their_parts_are_moved_from_all_sides(centre):
    with centre.begin() as session:
        record_kit(
            session,
            DEVICES[:3],
            kit="KIT-1",
            uid="built",
            at=NEW_YEAR,
            by=signed("S0"),
        )

    def tell(number):
        # KIT-1 has the highest number, its parts lower ones: one side names the kit
        # and takes along the parts, the other names the parts and then the kit.
        devices = ("KIT-1",) if number % 2 else ("OXI-1", "OXI-2", "KIT-1")
        for turn in range(TOLD):
            transfer = move(
                f"{number}-{turn}", *devices, to=PLACES[(number + turn) % 7], day=turn
            )
            with centre.begin() as session:
                record_transfer(session, transfer, signed(f"S{number}"), as_fact=True)

    told = at_once(*(lambda n=n: tell(n) for n in range(4)))

    with centre.read() as session:
        assert verify(session).mismatches == ()
        assert len(kit_parts(session, "KIT-1", at=NEW_YEAR)) == 3
    assert told == [None] * 4


def test_the_ledger_is_verified_and_rebuilt_while_others_write(centre):
    def look():
        found = []
        for _ in range(10):
            with centre.read() as session:
                found += verify(session).mismatches
            with centre.begin() as session:
                rebuild(session)
        return found

    found, *told = at_once(look, *(lambda n=n: write(centre, n) for n in range(3)))

    assert found == []
    check_all_is_in(centre, told)


NOW = f"The database is now at revision {REVISION}.\n"
ALREADY = f"The database is at revision {REVISION} already.\n"
UPGRADE = """
import sys
from alembic import command, config
from fsc_logistics.cli.main import main
sys.stdin.readline()
main()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_upgrades_at_once_both_end_well(kind, tmp_path, request):
    database = empty_database(kind, tmp_path, request)

    ended = all_at_once(
        [UPGRADE, "--database", database, "db", "upgrade"] for _ in range(2)
    )

    engine = make_engine(database)
    found = revision(engine), defects(engine)
    engine.dispose()
    assert {told for told, _ in ended} <= {NOW, ALREADY}
    assert [code for _, code in ended] == [0, 0]
    assert found == (REVISION, [])


def empty_database(kind, tmp_path, request):
    """Return where an empty database is."""
    if kind == "sqlite":
        return str(tmp_path / "empty.db")
    server = request.getfixturevalue("postgresql_server")
    server.psql("DROP DATABASE IF EXISTS empty_fsc")
    server.psql("CREATE DATABASE empty_fsc")
    return server.get_uri(database="empty_fsc")
