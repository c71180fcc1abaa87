"""When the loudspeaker is heard: as the scanner is, at the ports that are set so."""

import queue
import threading

import pytest

from scanner.journal.spool import Spool
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome
from scanner.serving.service import serve
from scanner.settings import PortSettings

WAIT_S = 30


@pytest.fixture
def heard(station, tmp_path):
    """Serve a mute scanner and one that sounds; return what the loudspeaker is told.

    With each outcome goes how many scans the house had recorded by then.
    """
    told = queue.Queue()

    def play(outcome):
        told.put((outcome, len(station.house.texts())))

    stop = threading.Event()
    with (
        SimulatedScanner(tmp_path / "mute", feedback="none") as mute,
        SimulatedScanner(tmp_path / "loud", feedback="honeywell") as loud,
        Spool(tmp_path / "spool.db", station="HORSENS") as spool,
    ):
        ports = [
            PortSettings(name="MUTE", url=mute.device, read_point="A", speaker=True),
            PortSettings(
                name="LOUD", url=loud.device, read_point="B", feedback="honeywell"
            ),
        ]
        serving = threading.Thread(
            target=serve,
            args=(
                ports,
                spool,
                lambda scans: [station.house.record(scan) for scan in scans],
                lambda context, *_: context,
                stop,
            ),
            kwargs={"play": play},
        )
        serving.start()
        mute.wait_for_listener()
        loud.wait_for_listener()
        yield mute, loud, told
        stop.set()
        serving.join(WAIT_S)
        assert not serving.is_alive()


def test_the_loudspeaker_sounds_once_a_scan_is_recorded(heard):
    mute, _, told = heard

    mute.emit(b"OXI-0007\r")

    assert told.get(timeout=WAIT_S) == (Outcome.OK, 1)


def test_the_loudspeaker_says_what_is_wrong(heard):
    mute, _, told = heard

    mute.emit(b"WHAT\r")

    assert told.get(timeout=WAIT_S) == (Outcome.UNKNOWN, 0)


def test_a_resend_is_heard_again(heard):
    mute, _, told = heard

    mute.emit(b"OXI-0007\r")
    first = told.get(timeout=WAIT_S)
    mute.emit(b"OXI-0007\r")
    second = told.get(timeout=WAIT_S)

    assert (first, second) == ((Outcome.OK, 1), (Outcome.OK, 1))


def test_a_scanner_that_sounds_by_itself_is_left_to_it(heard):
    mute, loud, told = heard

    assert loud.send("OXI-0001").outcome is Outcome.OK
    mute.emit(b"WHAT\r")

    assert told.get(timeout=WAIT_S) == (Outcome.UNKNOWN, 1)
