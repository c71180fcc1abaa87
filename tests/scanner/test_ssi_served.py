"""A Zebra scanner in SSI mode at a running service, over a pseudo-terminal."""

import threading

import pytest

from scanner.journal.spool import Spool, SpoolUnusable
from scanner.playing.simulate import SimulatedScanner
from scanner.protocols.feedback import PROFILES
from scanner.protocols.ssi_packet import packed, please_resend, set_up
from scanner.scan import Outcome
from scanner.settings import Timing

SSI = PROFILES["ssi"]
SCAN = packed(0xF3, b"\x03OXI-000001", source=0)
SCAN_AGAIN = packed(0xF3, b"\x03OXI-000001", source=0, status=1)


@pytest.fixture
def zebra(tmp_path):
    with SimulatedScanner(tmp_path / "tty-zebra", protocol="ssi") as scanner:
        yield scanner


@pytest.fixture
def serve(station, zebra):
    def start(**settings):
        station.start(zebra, protocol="ssi", feedback=None, **settings)
        zebra.wait_for_listener()
        return station

    return start


def heard_until(zebra, end: bytes) -> bytes:
    """Return what the scanner heard, up to the first `end`."""
    heard = b""
    while end not in heard:
        more = zebra.listen(timeout_s=30)
        assert more, f"heard only {heard.hex(' ')}"
        heard += more
    return heard[: heard.index(end) + len(end)]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("OXI-000001", Outcome.OK),
        ("%C:MODE:IN", Outcome.SET),
        ("WHAT", Outcome.UNKNOWN),
        ("HEALTH-CARD", Outcome.REFUSED),
    ],
)
def test_a_scan_is_confirmed_once_and_answered(serve, zebra, text, outcome):
    serve()

    heard = zebra.send(text)

    assert (heard.outcome, heard.sends_count) == (outcome, 1)


def test_a_scan_is_confirmed_when_it_is_durable_and_answered_when_it_is_recorded(
    serve, station, zebra
):
    may_record = threading.Event()

    def record(scan):
        assert may_record.wait(30)
        return station.house.record(scan)

    serve(record=record)
    heard_until(zebra, set_up())
    zebra.emit(SCAN)

    before = heard_until(zebra, SSI.saved)
    waiting = station.status().waiting_count
    more = zebra.listen(timeout_s=0.2)
    may_record.set()
    after = heard_until(zebra, SSI.sounds[Outcome.OK])

    assert (before, waiting, more) == (SSI.saved, 1, b"")
    assert after == SSI.sounds[Outcome.OK]


def test_a_scan_sent_again_is_confirmed_and_answered_again_and_counts_once(
    serve, station, zebra
):
    serve()
    heard_until(zebra, set_up())

    for packet in (SCAN, SCAN_AGAIN):
        zebra.emit(packet)
        assert heard_until(zebra, SSI.sounds[Outcome.OK]) == (
            SSI.saved + SSI.sounds[Outcome.OK]
        )

    assert station.house.texts() == ["OXI-000001"]


def test_while_the_database_is_away_a_scan_is_confirmed_and_sounds_low(
    serve, station, zebra
):
    station.house.away.set()
    serve()

    heard = zebra.send("OXI-000001")
    station.house.away.clear()

    assert (heard.outcome, heard.sends_count) == (Outcome.STORED, 1)


def test_what_cannot_be_saved_is_never_confirmed_and_counts_once_it_can(
    serve, station, zebra, monkeypatch
):
    append = Spool.append

    def fail(*_args, **_kwargs):
        raise SpoolUnusable("the disk is full")

    serve(timing=Timing(resend_within_s=0.05, resend_unanswered_s=0.05))
    monkeypatch.setattr(Spool, "append", fail)
    refused = zebra.send("OXI-000001")
    monkeypatch.setattr(Spool, "append", append)
    saved = zebra.send("OXI-000001")

    assert (refused.outcome, refused.sends_count) == (Outcome.NOT_SAVED, 3)
    assert (saved.outcome, saved.sends_count) == (Outcome.OK, 1)
    assert station.house.texts() == ["OXI-000001"]


def test_a_damaged_packet_is_asked_for_again_and_recorded_once(serve, station, zebra):
    serve()
    heard_until(zebra, set_up())

    zebra.emit(SCAN[:-1] + b"\x00")
    asked = heard_until(zebra, please_resend())
    zebra.emit(SCAN_AGAIN)
    heard_until(zebra, SSI.sounds[Outcome.OK])

    assert asked == please_resend()
    assert station.house.texts() == ["OXI-000001"]


def test_a_long_code_is_one_scan(serve, station, zebra):
    code = "https://id.gs1.org/01/09506000134352/21/" + "7" * 600

    serve()
    heard = zebra.send(code)

    assert (heard.outcome, heard.sends_count) == (Outcome.OK, 3)
    assert station.house.texts() == [code]


def test_a_scanner_that_sends_bare_text_is_told_of_and_set_up(serve, station, zebra):
    serve()
    heard_until(zebra, set_up())

    zebra.emit(b"OXI-000001\r")
    heard_until(zebra, set_up())

    assert station.house.texts() == []
