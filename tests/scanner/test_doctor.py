"""The doctor at a port whose scanner is set wrong in each way there is."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from scanner.fitting import doctor
from scanner.fitting.doctor import Patient, examine
from scanner.fitting.findings import FindingKind
from scanner.fitting.self_test import EXPECTED, Difference
from scanner.port import PortAway
from scanner.protocols.feedback import PROFILES
from scanner.protocols.ssi_packet import DECODE_DATA, FROM_SCANNER, packed
from scanner.scan import Outcome

from .conftest import PATIENCE_S, wait_until
from .wires import at_speed, with_parity

pty_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")

GS = b"\x1d"
# electron.id, protocol of EL-UHF-RMT01.
R200_TAG = bytes.fromhex("BB02220011C83400E20010710000529B0940B402163DD37E")


class Visit:
    """One examination of a simulated scanner."""

    def __init__(self, gun):
        self.gun = gun
        self.heard = []
        self.told = []

    def of(self, act, **patient):
        """Examine while `act` is done at the scanner; return what was found."""
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(
                examine,
                Patient(url=self.gun.device, **patient),
                listen_s=PATIENCE_S,
                hear=self.heard.append,
                tell=self.told.append,
                stop=Event(),
            )
            self.gun.wait_for_listener()
            act()
            return found.result(PATIENCE_S)

    def sending(self, data, **patient):
        return self.of(lambda: self.gun.emit(data), **patient)


@pytest.fixture
def visit(gun):
    return Visit(gun)


def looked_at(url, *, told=None, **patient):
    """Return what is found at a port where nobody has to act."""
    return examine(
        Patient(url=url, **patient),
        listen_s=0.1,
        hear=[].append,
        tell=[].append if told is None else told.append,
        stop=Event(),
    )


def wrong(examination):
    return [one.kind for one in examination.diagnosis.found if one.is_wrong]


@pty_only
def test_a_scanner_that_is_set_up_well_passes(visit):
    examination = visit.sending(EXPECTED + b"\r")

    assert not examination.diagnosis.is_wrong
    assert examination.diagnosis.compared.difference is Difference.NONE
    assert visit.heard == [EXPECTED + b"\r"]


@pty_only
@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (with_parity(EXPECTED + b"\r", "E"), FindingKind.PARITY),
        (EXPECTED, FindingKind.NO_END),
        (EXPECTED.replace(GS, b"") + b"\r", FindingKind.SELF_TEST),
        (b"\x02" + EXPECTED + b"\x03\r", FindingKind.ENVELOPE),
        (b"\x11" + EXPECTED + b"\r", FindingKind.FLOW_CONTROL),
    ],
)
def test_what_is_set_wrong_ends_the_listening_and_is_told(visit, sent, kind):
    assert wrong(visit.sending(sent)) == [kind]


@pty_only
def test_an_echo_is_seen_though_a_code_comes_too(visit, gun):
    def echo_then_scan():
        gun.emit(gun.listen(timeout_s=PATIENCE_S))
        gun.emit(EXPECTED + b"\r")

    examination = visit.of(echo_then_scan, feedback="honeywell")

    assert wrong(examination) == [FindingKind.ECHO]
    assert examination.diagnosis.compared.difference is Difference.NONE
    assert b"".join(visit.heard) == EXPECTED + b"\r"


@pty_only
def test_a_code_is_answered_with_the_sound_that_promises_nothing(visit, gun):
    looked = PROFILES["honeywell"].sounds[Outcome.LOOKED]
    heard = []

    def scan_and_listen():
        heard.append(gun.listen(timeout_s=PATIENCE_S))
        gun.emit(EXPECTED + b"\r")
        heard.append(gun.listen(timeout_s=PATIENCE_S))

    visit.of(scan_and_listen, feedback="honeywell")

    assert heard == [looked, looked]


@pty_only
def test_a_reader_of_another_family_is_recognised_by_its_frames(visit):
    examination = visit.sending(R200_TAG, protocol="line")

    assert wrong(examination) == [FindingKind.PROTOCOL]
    assert examination.diagnosis.protocol == "r200"
    assert "E20010710000529B0940B402" not in str(examination)


@pty_only
def test_a_reader_that_must_be_asked_is_asked(visit, gun):
    asked = []

    def answer():
        asked.append(gun.listen(timeout_s=PATIENCE_S))
        gun.emit(R200_TAG)

    examination = visit.of(answer, protocol="r200")

    assert bytes.fromhex("BB0027000322FFFF4A7E") in asked[0]
    assert not examination.diagnosis.is_wrong
    assert examination.diagnosis.codes_count == 1


@pty_only
@pytest.mark.parametrize("protocol", ["r200", "a0", "a0-2", "chafon", "chafon-288-2"])
def test_each_family_of_readers_is_asked_and_its_tags_are_told(tmp_path, protocol):
    from scanner.playing.simulate_rfid import SimulatedReader

    with (
        SimulatedReader(tmp_path / "tty-reader", protocol=protocol, seed=7) as reader,
        ThreadPoolExecutor(1) as pool,
    ):
        found = pool.submit(
            examine,
            Patient(url=reader.device, protocol=protocol),
            listen_s=PATIENCE_S,
            hear=[].append,
            tell=[].append,
            stop=Event(),
        )
        reader.hold(["E20010710000529B0940B402"], until=found.done)
        examination = found.result(PATIENCE_S)

    assert not examination.diagnosis.is_wrong
    assert examination.diagnosis.protocol == protocol
    assert examination.diagnosis.found[0].finding.startswith("One tag was read, ")


@pty_only
def test_an_ssi_scanner_is_confirmed(visit, gun):
    code = packed(DECODE_DATA, b"\x03OXI-000007", source=FROM_SCANNER)
    heard = []

    def scan_and_listen():
        gun.emit(code)
        wait_until(lambda: heard.append(gun.listen(timeout_s=0.1)) or acked(heard))
        gun.emit(packed(DECODE_DATA, b"\x03" + EXPECTED[3:], source=FROM_SCANNER))

    examination = visit.of(scan_and_listen, protocol="ssi")

    assert examination.diagnosis.protocol == "ssi"
    assert examination.diagnosis.codes_count == 2


@pty_only
def test_an_ssi_scanner_without_packets_is_told_of(visit):
    examination = visit.sending(EXPECTED + b"\r", protocol="ssi")

    assert wrong(examination) == [FindingKind.UNPACKETED]


def acked(heard):
    return bytes.fromhex("04D00400FF28") in b"".join(heard)


@pty_only
def test_nothing_at_all_ends_when_the_time_is_over(gun):
    examination = looked_at(gun.device)

    assert wrong(examination) == [FindingKind.NOTHING]


@pty_only
def test_whoever_has_seen_enough_can_stop_it(gun):
    stop = Event()
    heard = []

    def hear(came):
        heard.append(came)
        stop.set()

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(
            examine,
            Patient(url=gun.device),
            listen_s=PATIENCE_S,
            hear=hear,
            tell=[].append,
            stop=stop,
        )
        gun.wait_for_listener()
        gun.emit(b"OXI-000007\r")
        examination = found.result(PATIENCE_S)

    assert heard == [b"OXI-000007\r"]
    assert examination.diagnosis.codes_count == 1


@pty_only
def test_a_port_that_goes_away_before_anything_came_is_told(visit, gun):
    with pytest.raises(PortAway):
        visit.of(gun.unplug)


@pty_only
def test_a_port_that_goes_away_after_something_came_is_told_beside_it(visit, gun):
    def scan_and_unplug():
        gun.emit(b"OXI-000007\r")
        wait_until(lambda: visit.heard)
        gun.unplug()

    examination = visit.of(scan_and_unplug)

    assert wrong(examination) == [FindingKind.AWAY]
    assert examination.diagnosis.codes_count == 1


@pty_only
def test_a_reader_that_never_pauses_is_heard_out_no_longer_than_needed(visit, gun):
    # RDM6300: the card 62E3086CED, told of over and over while it is there.
    card = b"\x0262E3086CED08\x03"
    done = Event()

    def hold():
        while not done.wait(0.05):
            gun.emit(card)

    holding = Thread(target=hold)
    examination = visit.of(holding.start)
    done.set()
    holding.join(PATIENCE_S)

    assert examination.diagnosis.protocol == "rdm6300"
    assert not examination.diagnosis.is_wrong


def test_a_port_that_is_not_there_is_told_at_once():
    with pytest.raises(PortAway) as caught:
        looked_at("/dev/tty-none")

    assert "No such file or directory" in str(caught.value) or os.name == "nt"


class WireAt:
    """A port behind which a scanner sends at its own speed, each time it is opened."""

    sent_baud = 0
    data = EXPECTED + b"\r"
    opened = ()

    def __init__(self, url, *, baud, gap_s, on_change):
        self._baud = baud

    def chunks(self):
        type(self).opened += (self._baud,)
        yield None
        yield at_speed(self.data, sent=self.sent_baud, read=self._baud)
        yield b""

    def answers_only(self, baud):
        """Be a reader that does not understand what is asked at another speed."""
        yield None
        yield self.data if self._baud == baud else b""
        yield b""

    def write(self, data):
        """Nothing comes back."""

    def close(self):
        """Nothing is held open."""


@pytest.fixture
def wire(monkeypatch):
    monkeypatch.setattr(doctor, "Port", WireAt)
    monkeypatch.setattr(WireAt, "opened", ())
    return WireAt


@pytest.mark.parametrize("baud", [115200, 19200, 4800, 1200])
def test_another_speed_is_found_by_asking_for_more_scans(wire, baud, monkeypatch):
    monkeypatch.setattr(wire, "sent_baud", baud)
    told = []

    examination = looked_at("/dev/any", told=told)

    assert examination.baud == baud
    assert wrong(examination) == [FindingKind.SPEED]
    assert examination.diagnosis.found[0].finding == (
        f"The scanner sends at {baud} baud, and not at 9600."
    )
    assert examination.diagnosis.compared.difference is Difference.NONE
    assert told[-1] == f"That is no text. Scan again, now at {baud} baud."
    assert len(told) == len(wire.opened) - 1


def test_a_speed_that_nobody_has_is_told_after_all_were_tried(wire, monkeypatch):
    monkeypatch.setattr(wire, "sent_baud", 31250)

    examination = looked_at("/dev/any")

    assert set(wire.opened) == set(doctor.SPEEDS)
    assert examination.diagnosis.found[0].finding == (
        "What came at 9600 baud is no text and no frame of any family."
    )


def test_a_reader_that_must_be_asked_is_asked_at_other_speeds_by_itself(
    wire, monkeypatch
):
    monkeypatch.setattr(wire, "sent_baud", 57600)
    monkeypatch.setattr(wire, "data", R200_TAG)
    monkeypatch.setattr(wire, "chunks", lambda port: port.answers_only(wire.sent_baud))
    told = []

    examination = looked_at("/dev/any", protocol="r200", told=told)

    assert examination.baud == 57600
    assert wrong(examination) == [FindingKind.SPEED]
    assert told == [
        "No answer. Now it is asked at 9600 baud.",
        "No answer. Now it is asked at 57600 baud.",
    ]


def test_a_network_has_no_speed_to_try(wire, monkeypatch):
    monkeypatch.setattr(wire, "sent_baud", 1200)

    looked_at("socket://10.0.0.9:4001")

    assert wire.opened == (9600,)


def test_what_types_like_a_keyboard_is_sent_nothing(wire, monkeypatch):
    monkeypatch.setattr(wire, "sent_baud", 9600)
    sent = []
    monkeypatch.setattr(wire, "write", lambda port, data: sent.append(data))

    examination = looked_at("evdev:/dev/input/by-id/usb-gun", feedback="bel")

    assert examination.diagnosis.compared.difference is Difference.NONE
    assert sent == []
