"""Ports change while the service runs; those that do not are not touched."""

import logging
from dataclasses import replace

import pytest

from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome
from scanner.settings import PortSettings


class Settings:
    """What a settings file says, and whether it was read since it changed."""

    def __init__(self):
        self._changed = None

    def say(self, *ports):
        self._changed = list(ports)

    def reload(self):
        changed, self._changed = self._changed, None
        return changed


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def other(tmp_path):
    with SimulatedScanner(tmp_path / "tty-other", feedback="honeywell") as scanner:
        yield scanner


def port(scanner, name, *, gap_s=0.1, read_point="DOCK"):
    return PortSettings(
        name=name,
        url=scanner.device,
        read_point=read_point,
        feedback="honeywell",
        gap_s=gap_s,
    )


def changes(caplog):
    told = ("reloaded", "not_reloaded")
    return [
        it.getMessage() for it in caplog.records if getattr(it, "event", "") in told
    ]


def test_a_port_that_is_added_is_served_and_the_other_is_not_touched(
    station, gun, other, settings, caplog, wait_until
):
    caplog.set_level(logging.INFO, logger="scanner")
    station.start(ports=[port(gun, "A")], reload=settings.reload)
    gun.send("%C:MODE:IN")
    gun.emit(b"HAL")

    settings.say(port(gun, "A", gap_s=0.1), port(other, "B"))
    heard = other.send("1")
    wait_until(lambda: len(station.status().ports) == 2)

    assert heard.outcome is Outcome.OK
    assert gun.send("2").outcome is Outcome.OK
    assert station.house.recorded("port", "text", "context")[1:] == [
        ("B", "1", ""),
        ("A", "2", "%C:MODE:IN"),
    ]
    assert changes(caplog) == ["the ports are as they are set now: A, B"]
    assert not [it for it in caplog.messages if "port A" in it]


def test_a_port_that_is_taken_out_is_closed_and_its_scans_are_recorded(
    station, gun, other, settings, wait_until
):
    station.start(ports=[port(gun, "A"), port(other, "B")], reload=settings.reload)
    other.send("1")
    station.house.away.set()
    other.send("2")
    wait_until(lambda: station.status().ports[1].is_open)

    settings.say(port(gun, "A"))
    wait_until(lambda: not station.status().ports[1].is_open)
    station.house.away.clear()
    wait_until(lambda: station.house.texts() == ["1", "2"])

    other.emit(b"3\r")
    assert other.listen(timeout_s=0.2) == b""
    assert gun.send("4").outcome is Outcome.OK
    assert station.house.texts() == ["1", "2", "4"]


def test_a_port_that_changes_keeps_its_mode(station, gun, other, settings, wait_until):
    station.start(ports=[port(gun, "A")], reload=settings.reload)
    gun.send("%C:MODE:OUT")

    settings.say(port(other, "A", read_point="GATE"))
    other.send("1")

    assert station.told[-1][0].read_point == "GATE"
    assert station.house.recorded("port", "text", "context")[-1] == (
        "A",
        "1",
        "%C:MODE:OUT",
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"framing": "9X9"},
            "the port B cannot be as it is set: '9X9' is not a framing. Try 8N1 or"
            " 7E1.",
        ),
        ({"name": "A"}, "Each port needs a name of its own."),
    ],
)
def test_ports_that_cannot_be_leave_all_as_it_is_and_are_told_in_a_line(
    station, gun, other, settings, caplog, wait_until, changed, reason
):
    station.start(ports=[port(gun, "A")], reload=settings.reload)
    gun.send("1")

    settings.say(port(gun, "A", gap_s=0.2), replace(port(other, "B"), **changed))
    wait_until(lambda: changes(caplog))

    assert changes(caplog) == [f"the ports stay as they were: {reason}"]
    assert gun.send("2").outcome is Outcome.OK
    assert station.house.texts() == ["1", "2"]
