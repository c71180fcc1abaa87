"""What is scanned is in the ledger once and in order, whatever is killed or cut.

The real service in a process of its own, on a pseudo-terminal where a scanner with host
acknowledgement is played: it waits for its answer, and sends again what got none.
"""

import random
import threading

import pytest
import sqlalchemy as sa

from fsc_logistics.core.database import make_engine
from fsc_logistics.core.tables import Device, Event, EventLine, Party, ScanRecord
from scanner.journal.status import read_status
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome

TAGS = [f"OXI-{number:06}" for number in range(1, 26)]


@pytest.fixture
def gun(folder):
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=20, sends_max=20
    ) as scanner:
        yield scanner


@pytest.fixture
def serve(folder, gun, started):
    """Start the service at the gun, on a database."""

    def start(database):
        (folder / "fsc.toml").write_text(
            f"""
            database = "{database}"
            station = "DOCK"

            [[port]]
            url = "{gun.device}"
            feedback = "honeywell"
            read_point = "HORSENS"
            """
        )
        return started("scanner", "run")

    return start


def shift(*, devices_count):
    """Yield what is scanned: all devices to Anna, then all to Bo, and so on."""
    yield "%C:MODE:OUT"
    for number in range(devices_count):
        if number % len(TAGS) == 0:
            yield "%P:ANNA" if number // len(TAGS) % 2 == 0 else "%P:BO"
        yield TAGS[number % len(TAGS)]


def good(text):
    return Outcome.SET if text.startswith("%") else Outcome.OK


def meant(texts):
    """Return who has which device after each scan of one."""
    to, meanings = "", []
    for text in texts:
        if text.startswith("%P:"):
            to = text.removeprefix("%P:")
        elif not text.startswith("%"):
            meanings.append((text, to))
    return meanings


def in_ledger(database):
    """Return who got which device, in the order of the station's events."""
    engine = make_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(Device.tag, Party.code)
            .join(EventLine, EventLine.device_id == Device.id)
            .join(Event, Event.id == EventLine.event_id)
            .join(Party, Party.id == Event.custodian_id)
            .where(Event.read_point == "HORSENS")
            .order_by(Event.station_seq)
        ).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def scanned(database):
    """Return what was scanned and how it was answered, by the number of each scan."""
    engine = make_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(ScanRecord.payload, ScanRecord.outcome).order_by(
                ScanRecord.station_seq
            )
        ).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_a_thousand_scans_and_three_kills_are_recorded_once_and_in_order(
    centre, gun, serve, fsc
):
    texts = list(shift(devices_count=1000))
    seed = random.randrange(1_000_000)  # noqa: S311 - told when the test fails
    chance = random.Random(seed)  # noqa: S311
    kills = [third + chance.randrange(300) for third in (20, 360, 700)]
    services = [serve(centre)]
    heard = []

    def kill_and_start_again():
        services[-1].kill()
        services.append(serve(centre))

    killers = []
    for number, text in enumerate(texts):
        if number in kills:
            delay_s = chance.uniform(0, 0.05)
            killers.append(threading.Timer(delay_s, kill_and_start_again))
            killers[-1].start()
        heard.append(gun.send(text).outcome)
    for killer in killers:
        killer.join()
    stopped = services[-1].stop()

    assert len(services) == 4
    assert heard == [good(text) for text in texts], f"with the seed {seed}"
    assert in_ledger(centre) == meant(texts), f"with the seed {seed}"
    assert scanned(centre) == [(text, good(text)) for text in texts]
    assert stopped.code == 0
    assert fsc("ledger", "verify").code == 0


def test_two_hundred_lines_without_waiting_are_recorded_once_and_in_order(
    centre, folder, gun, serve, wait_until
):
    service = serve(centre)
    texts = list(shift(devices_count=200))
    gun.wait_for_listener()

    gun.emit(b"".join(text.encode() + b"\r" for text in texts))
    wait_until(lambda: len(scanned(centre)) >= len(texts), "the burst to be recorded")
    service.stop()

    assert in_ledger(centre) == meant(texts)
    assert scanned(centre) == [(text, good(text)) for text in texts]


def test_a_killed_burst_is_recorded_up_to_some_line_once_and_in_order(
    centre, gun, serve, wait_until
):
    service = serve(centre)
    texts = list(shift(devices_count=200))
    gun.wait_for_listener()

    gun.emit(b"".join(text.encode() + b"\r" for text in texts))
    wait_until(lambda: in_ledger(centre), "the first of the burst")
    service.kill()
    serve(centre)
    gun.wait_for_listener()
    done = gun.send("%C:OK").outcome

    # Nobody answered what was lost: the operator knows by the silence.
    recorded = in_ledger(centre)
    assert done is Outcome.SET
    assert 0 < len(recorded) <= 200
    assert recorded == meant(texts)[: len(recorded)]


@pytest.fixture
def cut(postgresql_server, postgresql_url):
    """Cut everybody off from the PostgreSQL database, or let them in again."""
    name = sa.make_url(postgresql_url).database

    def allow(allowed):
        postgresql_server.psql(
            f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {str(allowed).lower()}"
        )
        if not allowed:
            postgresql_server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{name}'"
            )

    yield allow
    allow(True)


def test_what_is_scanned_while_postgresql_is_away_is_stored_then_recorded_in_order(
    postgresql_url, fill, cut, folder, gun, serve, wait_until
):
    fill(postgresql_url)
    service = serve(postgresql_url)
    texts = list(shift(devices_count=60))
    before, away, after = texts[:20], texts[20:40], texts[40:]

    heard = [gun.send(text).outcome for text in before]
    cut(False)
    heard_away = [gun.send(text).outcome for text in away]
    waiting_count = read_status(folder / "scanner-spool.db").waiting_count
    cut(True)
    wait_until(lambda: len(scanned(postgresql_url)) == 40, "the stored scans")
    heard += [gun.send(text).outcome for text in after]
    stopped = service.stop()

    assert heard == [good(text) for text in before + after]
    assert heard_away == [Outcome.STORED] * 20
    assert waiting_count == 20
    assert in_ledger(postgresql_url) == meant(texts)
    assert scanned(postgresql_url) == [(text, good(text)) for text in texts]
    assert stopped.err.count("the database is away") == 1
    assert stopped.err.count("the database is back") == 1


def test_a_service_that_starts_while_postgresql_is_away_stores_what_is_scanned(
    postgresql_url, fill, cut, gun, serve, wait_until
):
    fill(postgresql_url)
    texts = list(shift(devices_count=5))

    cut(False)
    service = serve(postgresql_url)
    tones = [gun.send(text).outcome for text in texts]
    cut(True)
    wait_until(lambda: len(scanned(postgresql_url)) == len(texts), "the stored scans")
    stopped = service.stop()

    assert tones == [Outcome.STORED] * len(texts)
    assert in_ledger(postgresql_url) == meant(texts)
    assert stopped.err.splitlines()[0] == (
        "The database does not answer. Try again in a moment. Scans are kept here"
        " until then."
    )


def test_a_connection_that_is_cut_again_and_again_loses_and_doubles_nothing(
    postgresql_url, postgresql_server, fill, gun, serve, wait_until
):
    fill(postgresql_url)
    serve(postgresql_url)
    texts = list(shift(devices_count=100))
    name = sa.make_url(postgresql_url).database
    gun.wait_for_listener()

    gun.emit(b"".join(text.encode() + b"\r" for text in texts))
    for share in range(1, 5):
        wait_until(lambda n=share: len(scanned(postgresql_url)) >= 20 * n, "some scans")
        postgresql_server.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
    wait_until(lambda: len(scanned(postgresql_url)) >= len(texts), "the burst")

    assert in_ledger(postgresql_url) == meant(texts)
    assert scanned(postgresql_url) == [(text, good(text)) for text in texts]
