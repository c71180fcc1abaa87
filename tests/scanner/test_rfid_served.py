"""RFID readers at a running service, over a pseudo-terminal."""

import sqlite3
import threading
from collections import Counter
from contextlib import closing

import pytest

from scanner.journal.spool import Spool, SpoolUnusable
from scanner.playing.simulate_rfid import SimulatedReader
from scanner.playing.voice_rfid import Seen
from scanner.scan import Direction, Outcome, Verdict
from scanner.settings import PortSettings

ONE = "E28011700000020D5F2E4A01"


def epcs(count):
    return [f"E2801170{number:016X}" for number in range(count)]


@pytest.fixture
def reader_of(tmp_path):
    """Return how to plug in a reader that misses tags, the same ones every time."""
    plugged = []

    def plug_in(protocol):
        reader = SimulatedReader(tmp_path / "tty-reader", protocol=protocol, seed=7)
        plugged.append(reader)
        reader.replug()
        return reader

    yield plug_in
    for reader in plugged:
        reader.unplug()


def port(reader, protocol, **settings):
    """Return a port whose tags leave only after a long time, however slow this is."""
    return PortSettings(
        **{
            "name": "GATE",
            "url": reader.device,
            "read_point": "GATE",
            "protocol": protocol,
            "presence_s": 60.0,
            "gap_s": 0.1,
        }
        | settings
    )


def hold(reader, tags, until, **how):
    """Have tags lie in the field until that is so, or until patience is over."""
    patience = threading.Event()
    timer = threading.Timer(60, patience.set)
    timer.start()
    reader.hold(tags, until=lambda: until() or patience.is_set(), **how)
    timer.cancel()
    assert not patience.is_set(), "it never came true"


def rounds(count):
    """Return what comes true after so many rounds."""
    left = iter(range(count))
    return lambda: next(left, None) is None


def noise_count(station):
    return sum(it.noise_count for it in station.status().ports)


@pytest.mark.parametrize(
    "protocol", ["rdm6300", "r200", "a0", "a0-2", "chafon", "chafon-288"]
)
def test_a_tag_that_is_read_over_and_over_is_one_scan(station, reader_of, protocol):
    reader = reader_of(protocol)
    station.start(ports=[port(reader, protocol)])
    first, second = "62E3086CED", "0A001234AB"
    if protocol != "rdm6300":
        first, second = epcs(2)

    hold(reader, [first], lambda: station.house.texts() == [first])
    hold(reader, [first], rounds(20))
    hold(reader, [first, second], lambda: len(station.house.texts()) == 2)

    assert station.house.texts() == [first, second]
    assert noise_count(station) == 0


@pytest.mark.parametrize("read_rate", [0.9, 0.3])
def test_three_hundred_tags_are_scanned_each_once_however_often_they_are_missed(
    station, reader_of, read_rate
):
    reader = reader_of("a0")
    tags = epcs(300)
    came = []

    def record(scan):
        came.append(scan.text)
        return Verdict(Outcome.OK, "Recorded.")

    station.start(ports=[port(reader, "a0")], record=record)

    def all_came():
        return len(set(came)) == len(tags)

    hold(reader, tags, all_came, read_rate=read_rate, round_s=0.01)
    hold(reader, tags, rounds(20), read_rate=read_rate)
    station.stop()

    assert Counter(came) == Counter(tags)
    assert Counter(scan.text for scan, _ in station.told) == Counter(tags)


def test_a_gate_tells_which_way_each_tag_went(station, reader_of):
    reader = reader_of("a0-2")
    way_in, way_out = epcs(20)[:10], epcs(20)[10:]
    station.start(ports=[port(reader, "a0-2", presence_s=4.0, portal_antennas=(1, 2))])

    reader.carry_through(way_in, inwards=True)
    reader.carry_through(way_out, inwards=False)
    hold(reader, [], lambda: len(station.told) >= 20)

    directions = {scan.text: scan.direction for scan, _ in station.told}
    assert directions == dict.fromkeys(way_in, Direction.IN) | dict.fromkeys(
        way_out, Direction.OUT
    )
    assert sorted(station.house.texts()) == sorted(way_in + way_out)


def test_a_tag_that_goes_in_and_out_at_once_is_two_scans(
    station, reader_of, wait_until
):
    reader = reader_of("a0-2")
    station.start(ports=[port(reader, "a0-2", presence_s=2.0, portal_antennas=(1, 2))])

    def is_told_once_seen_by(antenna, scans_count):
        reader.round([Seen(ONE, antenna)])
        return len(station.told) >= scans_count

    for _ in range(5):
        reader.round([Seen(ONE, antenna=2)])
    wait_until(lambda: is_told_once_seen_by(antenna=1, scans_count=1))
    wait_until(lambda: is_told_once_seen_by(antenna=2, scans_count=2))

    directions = [scan.direction for scan, _ in station.told]
    assert directions == [Direction.IN, Direction.OUT]
    assert station.house.texts() == [ONE, ONE]


def test_a_reader_that_was_unplugged_does_not_scan_again_what_lies_there(
    station, reader_of
):
    reader = reader_of("r200")
    station.start(ports=[port(reader, "r200")])
    tags = epcs(20)
    hold(reader, tags, lambda: len(station.house.texts()) == 20)

    reader.replug()
    new = "E28011700000FFFFFFFFFFFF"
    hold(reader, [*tags, new], lambda: new in station.house.texts())

    assert Counter(station.house.texts()) == Counter([*tags, new])


def test_a_crate_is_heard_as_one_and_the_worst_of_it_is_heard(station, reader_of):
    reader = reader_of("chafon")
    tags = epcs(60)

    def record(scan):
        if scan.text == tags[30]:
            return Verdict(Outcome.UNKNOWN, "Nothing is known by that code.")
        return station.house.record(scan)

    station.start(ports=[port(reader, "chafon")], record=record)

    hold(reader, tags, lambda: len(station.told) == 60)
    hold(reader, tags, lambda: Outcome.UNKNOWN in reader.heard)

    assert len(reader.heard) < 60


def test_what_a_tag_means_is_set_at_the_scanner_beside_the_reader(
    station, reader_of, gun
):
    reader = reader_of("chafon")
    desk = PortSettings(
        name="DESK", url=gun.device, read_point="DESK", feedback="honeywell", gap_s=0.1
    )
    station.start(ports=[desk, port(reader, "chafon", follows="DESK")])
    house = station.house
    hold(reader, [ONE], lambda: house.texts() == [ONE])

    assert gun.send("%C:MODE:OUT").outcome is Outcome.SET
    hold(reader, [ONE], lambda: house.texts() == [ONE, "%C:MODE:OUT", ONE])
    hold(reader, [ONE], rounds(20))

    assert house.recorded("text", "context") == [
        (ONE, ""),
        ("%C:MODE:OUT", ""),
        (ONE, "%C:MODE:OUT"),
    ]


def test_a_tag_that_could_not_be_saved_is_saved_once_that_can_be(
    station, reader_of, monkeypatch
):
    reader = reader_of("r200")
    append = Spool.append
    full = threading.Event()
    full.set()

    def fails(self, scans, *args, **kwargs):
        if full.is_set() and scans:
            raise SpoolUnusable("the disk is full")
        return append(self, scans, *args, **kwargs)

    monkeypatch.setattr(Spool, "append", fails)
    station.start(ports=[port(reader, "r200")])
    hold(reader, [ONE], lambda: Outcome.NOT_SAVED in station.outcomes())
    assert station.house.texts() == []

    full.clear()
    hold(reader, [], lambda: Outcome.OK in station.outcomes())

    assert station.house.texts() == [ONE]


def test_noise_from_a_reader_is_counted_and_not_sounded(station, reader_of, wait_until):
    reader = reader_of("chafon")
    station.start(ports=[port(reader, "chafon")])
    reader.round([])

    reader.emit(bytes(range(200)))
    wait_until(lambda: noise_count(station) > 0)
    hold(reader, [ONE], lambda: Outcome.OK in reader.heard)

    assert set(reader.heard) == {Outcome.OK}


def test_a_tag_at_a_gate_that_one_antenna_alone_sees_went_nobody_knows_where(
    station, reader_of
):
    reader = reader_of("a0-2")
    station.start(ports=[port(reader, "a0-2", presence_s=2.0, portal_antennas=(1, 2))])

    for _ in range(5):
        reader.round([Seen(ONE, antenna=1)])
    hold(reader, [], lambda: station.told)

    assert [scan.direction for scan, _ in station.told] == [Direction.UNKNOWN]


def journaled_texts(station):
    with closing(sqlite3.connect(station.spool_path)) as connection:
        rows = connection.execute("SELECT text FROM scan ORDER BY station_seq")
        return [text for (text,) in rows]


def test_tags_mean_what_was_set_also_while_the_database_is_away(
    station, reader_of, gun, wait_until
):
    reader = reader_of("chafon")
    desk = PortSettings(
        name="DESK", url=gun.device, read_point="DESK", feedback="honeywell", gap_s=0.1
    )
    station.start(ports=[desk, port(reader, "chafon", follows="DESK")])
    hold(reader, [ONE], lambda: station.house.texts() == [ONE])

    station.house.away.set()
    assert gun.send("%C:MODE:OUT").outcome is Outcome.STORED
    expected = [ONE, "%C:MODE:OUT", ONE]
    hold(reader, [ONE], lambda: journaled_texts(station) == expected)
    station.house.away.clear()

    wait_until(lambda: station.house.texts() == expected)
    assert station.house.recorded("context")[2] == ("%C:MODE:OUT",)


def test_a_device_scanned_beside_a_reader_sets_nothing_for_its_tags(
    station, reader_of, gun
):
    reader = reader_of("chafon")
    desk = PortSettings(
        name="DESK", url=gun.device, read_point="DESK", feedback="honeywell", gap_s=0.1
    )
    station.start(ports=[desk, port(reader, "chafon", follows="DESK")])
    hold(reader, [ONE], lambda: station.house.texts() == [ONE])

    gun.send("OXI-0007")
    hold(reader, [ONE], rounds(60))

    assert station.house.texts() == [ONE, "OXI-0007"]


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that takes no scans while this is set."""
    append = Spool.append
    full = threading.Event()
    full.set()

    def fails(self, scans, *args, **kwargs):
        if full.is_set() and scans:
            raise SpoolUnusable("the disk is full")
        return append(self, scans, *args, **kwargs)

    monkeypatch.setattr(Spool, "append", fails)
    return full


def test_a_tag_that_could_not_be_saved_outlives_a_change_of_its_port(
    station, reader_of, full_disk
):
    reader = reader_of("r200")
    changed = []
    station.start(
        ports=[port(reader, "r200")],
        reload=lambda: changed.pop() if changed else None,
    )
    hold(reader, [ONE], lambda: Outcome.NOT_SAVED in station.outcomes())

    told = len(station.told)
    changed.append([port(reader, "r200", presence_s=50.0)])
    hold(reader, [], lambda: not changed and len(station.told) > told + 1)
    full_disk.clear()
    hold(reader, [], lambda: Outcome.OK in station.outcomes())

    assert station.house.texts() == [ONE]


def test_a_tag_that_could_not_be_saved_is_tried_once_more_at_the_stop(
    station, reader_of, full_disk
):
    reader = reader_of("r200")
    station.start(ports=[port(reader, "r200")])
    hold(reader, [ONE], lambda: Outcome.NOT_SAVED in station.outcomes())

    full_disk.clear()
    station.stop()

    assert station.house.texts() == [ONE]


def test_a_tag_in_a_gate_is_recorded_when_the_service_stops(
    station, reader_of, wait_until
):
    reader = reader_of("a0-2")
    station.start(ports=[port(reader, "a0-2", portal_antennas=(1, 2))])
    for _ in range(5):
        reader.round([Seen(ONE, antenna=1)])
    # Whoever hears noise has read what was sent before it.
    reader.emit(bytes(range(200)))
    wait_until(lambda: noise_count(station) > 0)
    station.stop()

    assert [scan.direction for scan, _ in station.told] == [Direction.UNKNOWN]
    assert station.house.texts() == [ONE]
