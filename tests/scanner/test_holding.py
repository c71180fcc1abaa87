"""Who was told to stop is held; and a scanner that waits for it hears what is durable.

A context here is the last mode card; one that is held begins with HELD.
"""

import threading

import pytest

from scanner.playing.simulate import SimulatedScanner
from scanner.protocols.feedback import PROFILES
from scanner.scan import Outcome, Unavailable, Verdict
from scanner.settings import PortSettings

SOUND = PROFILES["honeywell"].sounds
STOP = Verdict(Outcome.REFUSED, "Take it back.", holds=True)


def hold(context):
    return context if context.startswith("HELD") else f"HELD {context}"


@pytest.fixture
def record(station):
    """Record all; what begins with BAD stops whoever scanned it."""

    def record(scan):
        station.house.record(scan)
        return STOP if scan.text.startswith("BAD") else Verdict(Outcome.OK, "")

    return record


def test_scans_after_a_stop_are_held_and_it_outlives_a_restart(station, gun, record):
    station.start(gun, record=record, hold=hold)
    for text in ["%C:MODE:IN", "BAD-1", "A"]:
        gun.send(text)
    station.stop()

    station.start(gun, record=record, hold=hold)
    gun.send("B")

    assert station.house.recorded("text", "context") == [
        ("%C:MODE:IN", ""),
        ("BAD-1", "%C:MODE:IN"),
        ("A", "HELD %C:MODE:IN"),
        ("B", "HELD %C:MODE:IN"),
    ]


def test_what_lets_go_is_a_scan_of_the_operator(station, gun, record):
    station.start(gun, record=record, hold=hold)

    for text in ["BAD-1", "A", "%C:MODE:OUT", "B"]:
        gun.send(text)

    assert station.house.recorded("text", "context")[1:] == [
        ("A", "HELD "),
        ("%C:MODE:OUT", "HELD "),
        ("B", "%C:MODE:OUT"),
    ]


def test_another_port_is_not_held(station, tmp_path, record):
    with (
        SimulatedScanner(tmp_path / "a", feedback="honeywell") as one,
        SimulatedScanner(tmp_path / "b", feedback="honeywell") as other,
    ):
        station.start(one, other, record=record, hold=hold)
        one.send("BAD-1")
        other.send("A")

    assert station.house.recorded("text", "context")[-1] == ("A", "")


def test_a_scan_made_before_the_stop_was_heard_is_not_held(
    station, gun, record, wait_until
):
    may_record = threading.Event()

    def slow(scan):
        assert may_record.wait(30)
        return record(scan)

    station.start(gun, record=slow, hold=hold)
    gun.wait_for_listener()
    gun.emit(b"BAD-1\rA\rB\r")
    wait_until(lambda: station.spool.last_seq() == 3)
    may_record.set()
    wait_until(lambda: len(station.told) == 3)
    gun.listen(timeout_s=30)
    gun.send("C")

    assert station.house.recorded("text", "context") == [
        ("BAD-1", ""),
        ("A", ""),
        ("B", ""),
        ("C", "HELD "),
    ]


def test_nobody_is_held_for_a_scan_that_was_answered_stored(
    station, gun, record, wait_until
):
    away = threading.Event()
    away.set()

    def reached(scan):
        if away.is_set():
            raise Unavailable
        return record(scan)

    station.start(gun, record=reached, hold=hold)
    heard = gun.send("BAD-1")
    away.clear()
    wait_until(lambda: station.outcomes() == [Outcome.STORED, Outcome.REFUSED])
    gun.send("A")

    assert heard.outcome is Outcome.STORED
    assert station.house.recorded("text", "context")[-1] == ("A", "")


def test_nobody_is_held_who_was_not_told_until_he_is(station, gun, record, wait_until):
    may_record = threading.Event()

    def slow(scan):
        assert may_record.wait(30)
        return record(scan)

    station.start(gun, record=slow, hold=hold)
    gun.wait_for_listener()
    gun.emit(b"BAD-1\r")
    wait_until(lambda: station.spool.last_seq() == 1)
    gun.unplug()
    wait_until(lambda: not station.status().ports[0].is_open)
    may_record.set()
    wait_until(lambda: station.told)
    unheard = station.spool.context_of("P0")
    gun.replug()

    heard = gun.send("BAD-1")
    gun.send("A")

    assert unheard == ""
    assert heard.outcome is Outcome.REFUSED
    assert station.house.recorded("text", "context") == [
        ("BAD-1", ""),
        ("A", "HELD "),
    ]


def test_a_port_that_does_not_hold_is_not_held(station, gun, record):
    port = PortSettings(
        name="P0", url=gun.device, read_point="R", feedback="honeywell", hold=False
    )
    station.start(ports=[port], record=record, hold=hold)

    gun.send("BAD-1")
    gun.send("A")

    assert station.house.recorded("text", "context")[-1] == ("A", "")
