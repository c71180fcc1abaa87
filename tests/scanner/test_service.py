import contextlib
import logging
import os
import resource
import sqlite3
import threading
from dataclasses import replace

import pytest

from scanner.journal.spool import Spool
from scanner.playing.simulate import SimulatedScanner
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES
from scanner.scan import Outcome, Unavailable, Verdict
from scanner.serving.service import ServiceFailed, serve
from scanner.settings import PortSettings, Timing

SOUND = PROFILES["honeywell"].sounds
QUICK = Timing(retry_min_s=0.02, retry_max_s=0.1, resend_within_s=0.2, patience_s=60)
PATIENT = Timing(resend_within_s=60, patience_s=60)


# ---- a scan and its answer


def test_a_scan_is_recorded_and_then_answered(station, gun):
    station.start(gun)

    heard = gun.send("]C18004FSC7")

    assert heard.outcome is Outcome.OK
    ((scan, verdict),) = station.told
    assert station.house.recorded("scan_id", "seq") == [(scan.scan_id, 1)]
    assert (scan.raw, scan.text, scan.symbology) == (b"]C18004FSC7", "8004FSC7", "]C1")
    assert (scan.station, scan.port, scan.read_point) == ("HORSENS", "P0", "DOCK-0")
    assert verdict == Verdict(Outcome.OK, "8004FSC7 recorded.")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("OXI-0007", Outcome.OK),
        ("%C:MODE:IN", Outcome.SET),
        ("WHAT", Outcome.UNKNOWN),
        ("HEALTH-CARD", Outcome.REFUSED),
    ],
)
def test_the_answer_is_what_the_house_said(station, gun, text, outcome):
    station.start(gun)

    assert gun.send(text).outcome is outcome


def test_the_answer_follows_the_record(station, gun):
    may_record = threading.Event()

    def record(scan):
        assert may_record.wait(30)
        return station.house.record(scan)

    station.start(gun, record=record)
    gun.wait_for_listener()
    gun.emit(b"OXI-0007\r")

    before = gun.listen(timeout_s=0.2)
    may_record.set()
    after = gun.listen(timeout_s=30)

    assert before == b""
    assert after == SOUND[Outcome.OK]


def test_a_burst_of_two_hundred_is_recorded_in_order_and_each_is_answered(
    station, gun, wait_until
):
    texts = [f"OXI-{number:06}" for number in range(200)]
    station.start(gun)
    gun.wait_for_listener()

    gun.emit(b"".join(b"%s\r\n" % text.encode() for text in texts))

    heard = b""
    while len(heard) < 200 * len(SOUND[Outcome.OK]):
        more = gun.listen(timeout_s=30)
        assert more
        heard += more
    assert heard == SOUND[Outcome.OK] * 200
    assert station.house.texts() == texts
    wait_until(lambda: station.status().ports[0].scans_count == 200)


def test_several_scanners_share_one_row_of_numbers(station, tmp_path):
    with contextlib.ExitStack() as stack:
        guns = [
            stack.enter_context(
                SimulatedScanner(tmp_path / f"tty{n}", feedback="honeywell")
            )
            for n in range(3)
        ]
        station.start(*guns)

        for n, gun in enumerate(guns * 2):
            assert gun.send(f"OXI-{n}").outcome is Outcome.OK
        station.stop()

    assert station.house.recorded("seq", "port", "text") == [
        (n + 1, f"P{n % 3}", f"OXI-{n}") for n in range(6)
    ]


def test_a_payload_to_forget_is_kept_nowhere(station, gun, tmp_path, wait_until):
    station.start(gun)

    gun.send("HEALTH-CARD")
    wait_until(lambda: station.told)
    station.stop()

    assert station.told[0][0].raw == b""
    assert station.told[0][0].text == ""
    on_disk = b"".join(file.read_bytes() for file in tmp_path.glob("spool.db*"))
    assert b"HEALTH-CARD" not in on_disk


def test_a_scanner_that_hears_nothing_is_unplugged_only_after_it_was_read(
    station, tmp_path, wait_until
):
    with SimulatedScanner(tmp_path / "mute", feedback="none") as mute:
        station.start(mute, feedback="none")
        for text in "ABC":
            mute.send(text)

    wait_until(lambda: station.house.texts() == ["A", "B", "C"])


# ---- what is no scan


@pytest.mark.parametrize(
    ("stream", "advice"),
    [
        (b"\x00\x01\xfe\xff\r", "are not text"),
        (b"x" * 5000 + b"\r", "without an end"),
        (b"OXI-00", "have the scanner add CR"),
        (bytes(b | (b.bit_count() % 2) << 7 for b in b"OXI-0123\n"), "8N1"),
    ],
)
def test_noise_is_told_counted_and_not_journaled(
    station, gun, caplog, wait_until, stream, advice
):
    station.start(gun)
    gun.wait_for_listener()

    heard = []
    for _ in range(2):
        gun.emit(stream)
        heard.append(gun.listen(timeout_s=30))

    assert heard == [SOUND[Outcome.NOT_SAVED]] * 2
    assert gun.send("OXI-0008").outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0008"]
    wait_until(lambda: station.status().ports[0].noise_count == 2)
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len([r for r in warnings if advice in r.getMessage()]) == 1


def test_ten_megabytes_without_an_end_do_not_stop_the_scans(station, gun, wait_until):
    station.start(gun)
    gun.wait_for_listener()

    gun.emit(b"x" * 10_000_000 + b"\r")
    gun.listen(timeout_s=30)

    assert gun.send("OXI-0008").outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0008"]


def test_a_cable_pulled_mid_frame_and_put_back_elsewhere_glues_nothing(
    station, gun, wait_until
):
    station.start(gun)
    gun.wait_for_listener()
    wait_until(lambda: station.status().ports[0].is_open)
    first_target = os.readlink(gun.device)

    gun.emit(b"OXI-00")
    gun.unplug()
    wait_until(lambda: not station.status().ports[0].is_open)
    with contextlib.ExitStack() as others:
        # The lowest free number is given: take them up to the one that it had.
        while not os.path.exists(first_target):
            others.enter_context(SimulatedScanner())
        gun.replug()
        heard = gun.send("OXI-0008")
        second_target = os.readlink(gun.device)

    assert heard.outcome is Outcome.OK
    assert second_target != first_target
    assert station.house.texts() == ["OXI-0008"]


# ---- the same again


def test_the_same_again_soon_is_answered_and_counts_once(station, gun):
    station.start(gun, timing=PATIENT)

    heard = [gun.send("OXI-0007").outcome for _ in range(3)]

    assert heard == [Outcome.OK] * 3
    assert station.house.texts() == ["OXI-0007"]
    assert station.house.asked_count == 1


def test_the_same_again_later_is_a_scan_of_its_own(station, gun, wait_until):
    station.start(gun, timing=QUICK)
    gun.send("OXI-0007")

    def scanned_again():
        gun.send("OXI-0007")
        threading.Event().wait(0.25)  # Longer than QUICK takes it for a resend.
        return len(station.house.texts()) == 2

    wait_until(scanned_again)


def test_the_same_again_after_something_else_is_a_scan_of_its_own(station, gun):
    station.start(gun, timing=PATIENT)

    for text in ["OXI-0007", "OXI-0008", "OXI-0007"]:
        gun.send(text)

    assert station.house.texts() == ["OXI-0007", "OXI-0008", "OXI-0007"]


def test_a_resend_while_the_first_is_in_flight_gets_one_answer(
    station, gun, wait_until
):
    may_record = threading.Event()
    asked = threading.Event()

    def record(scan):
        asked.set()
        assert may_record.wait(30)
        return station.house.record(scan)

    station.start(gun, record=record, timing=PATIENT)
    gun.wait_for_listener()
    gun.emit(b"OXI-0007\r")
    assert asked.wait(30)
    gun.emit(b"OXI-0007\r" * 3 + b"OXI-0008\r")
    wait_until(lambda: station.spool.last_seq() == 2)
    may_record.set()
    wait_until(lambda: len(station.told) == 2)

    assert gun.listen(timeout_s=1) == SOUND[Outcome.OK] * 2
    assert station.house.texts() == ["OXI-0007", "OXI-0008"]


def test_a_scan_whose_answer_never_went_out_counts_once_when_sent_again(
    station, gun, wait_until
):
    may_record = threading.Event()

    def record(scan):
        assert may_record.wait(30)
        return station.house.record(scan)

    station.start(gun, record=record, timing=QUICK)
    gun.wait_for_listener()
    gun.emit(b"OXI-0007\r")
    wait_until(lambda: station.spool.last_seq() == 1)
    gun.unplug()
    wait_until(lambda: not station.status().ports[0].is_open)
    may_record.set()
    wait_until(lambda: station.told)
    gun.replug()
    threading.Event().wait(0.3)  # Longer than QUICK takes an answered one for a resend.

    heard = gun.send("OXI-0007")

    assert heard.outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0007"]


def test_a_resend_after_a_restart_counts_once(station, gun, wait_until):
    station.start(gun, timing=PATIENT)
    gun.send("OXI-0007")
    station.stop()

    station.start(gun, timing=PATIENT)
    heard = gun.send("OXI-0007")

    assert heard.outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0007"]
    assert station.house.asked_count == 1


def test_a_scan_left_unanswered_by_the_last_start_is_answered_when_sent_again(
    station, gun, wait_until
):
    may_go_on = threading.Event()

    def record(scan):
        may_go_on.wait(30)
        raise Unavailable

    station.start(gun, record=record, timing=Timing(finish_s=0.1, patience_s=60))
    gun.wait_for_listener()
    gun.emit(b"OXI-0007\r")
    wait_until(lambda: station.spool.last_seq() == 1)
    station.stop()
    may_go_on.set()

    station.start(gun)
    wait_until(lambda: station.house.texts() == ["OXI-0007"])
    unasked = gun.listen(timeout_s=0.2)
    heard = gun.send("OXI-0007")

    assert unasked == b""
    assert heard.outcome is Outcome.OK
    assert station.house.texts() == ["OXI-0007"]


# ---- the mode a scan was made in


def test_a_scan_is_recorded_in_the_mode_it_was_made_in(station, gun):
    station.start(gun)

    for text in ["A", "%C:MODE:IN", "B", "%C:MODE:OUT", "C"]:
        gun.send(text)

    assert station.house.recorded("text", "context") == [
        ("A", ""),
        ("%C:MODE:IN", ""),
        ("B", "%C:MODE:IN"),
        ("%C:MODE:OUT", "%C:MODE:IN"),
        ("C", "%C:MODE:OUT"),
    ]


def test_the_mode_is_that_of_the_port_and_outlives_a_restart(station, tmp_path):
    with (
        SimulatedScanner(tmp_path / "a", feedback="honeywell") as one,
        SimulatedScanner(tmp_path / "b", feedback="honeywell") as other,
    ):
        station.start(one, other)
        one.send("%C:MODE:IN")
        other.send("%C:MODE:OUT")
        station.stop()

        station.start(one, other)
        one.send("A")
        other.send("B")

    assert station.house.recorded("text", "context")[2:] == [
        ("A", "%C:MODE:IN"),
        ("B", "%C:MODE:OUT"),
    ]


# ---- the database away


def test_while_the_database_is_away_scans_are_stored_and_recorded_later_in_order(
    station, gun, wait_until
):
    texts = ["A", "%C:MODE:IN", "B", "C", "%C:MODE:OUT", "D"]
    station.house.away.set()
    station.start(gun)

    heard = [gun.send(text).outcome for text in texts]
    recorded_while_away = station.house.texts()
    waiting_count = station.status().waiting_count
    station.house.away.clear()
    wait_until(lambda: len(station.house.texts()) == 6)
    second_tone = gun.listen(timeout_s=0.2)

    assert heard == [Outcome.STORED] * 6
    assert recorded_while_away == []
    assert waiting_count == 6
    assert station.house.recorded("text", "context") == [
        ("A", ""),
        ("%C:MODE:IN", ""),
        ("B", "%C:MODE:IN"),
        ("C", "%C:MODE:IN"),
        ("%C:MODE:OUT", "%C:MODE:IN"),
        ("D", "%C:MODE:OUT"),
    ]
    assert second_tone == b""
    wait_until(lambda: len(station.told) == 12)
    assert sorted(station.outcomes()[6:]) == [Outcome.OK] * 4 + [Outcome.SET] * 2
    assert gun.send("E").outcome is Outcome.OK


def test_an_outage_is_logged_once_when_it_starts_and_once_when_it_ends(
    station, gun, caplog, wait_until
):
    caplog.set_level(logging.INFO, logger="scanner")
    station.house.away.set()
    station.start(gun)
    for text in "ABC":
        gun.send(text)
    wait_until(lambda: station.house.asked_count > 5)

    station.house.away.clear()
    wait_until(lambda: len(station.house.texts()) == 3)
    station.stop()

    messages = [r.getMessage() for r in caplog.records if "database" in r.getMessage()]
    assert messages == [
        "the database is away; scans are stored until it is back: it does not say why",
        "the database is back; stored scans are being recorded",
    ]


def test_why_the_database_is_away_is_logged_and_again_when_it_changes(
    station, gun, caplog, wait_until
):
    caplog.set_level(logging.INFO, logger="scanner")
    why = ["The disk is full."]

    def record(scan):
        raise Unavailable(why[0])

    def messages():
        return [it for it in caplog.messages if "database is away" in it]

    station.start(gun, record=record)
    gun.send("A")
    wait_until(lambda: len(messages()) == 1)
    why[0] = "It lets us in no more."
    wait_until(lambda: len(messages()) == 2)

    start = "the database is away; scans are stored until it is back: "
    assert messages() == [f"{start}The disk is full.", f"{start}It lets us in no more."]


def test_a_scan_is_stored_at_once_while_the_house_hangs_on_another(
    station, gun, wait_until
):
    hangs = threading.Event()
    may_go_on = threading.Event()

    def record(scan):
        if hangs.is_set():
            may_go_on.wait(30)
        raise Unavailable

    station.start(gun, record=record)
    assert gun.send("A").outcome is Outcome.STORED
    hangs.set()

    heard = gun.send("B")
    may_go_on.set()

    assert heard.outcome is Outcome.STORED


def test_a_stop_while_the_database_is_away_returns_and_loses_nothing(
    station, gun, wait_until
):
    station.house.away.set()
    station.start(gun)
    for text in "ABC":
        gun.send(text)
    station.stop()
    waiting_count = station.status().waiting_count
    station.house.away.clear()

    station.start(gun)
    heard = gun.send("D")

    assert waiting_count == 3
    assert heard.outcome is Outcome.OK
    assert station.house.texts() == ["A", "B", "C", "D"]


def test_a_house_that_hangs_is_taken_for_one_that_is_away(
    station, gun, caplog, wait_until
):
    may_go_on = threading.Event()

    def record(scan):
        assert may_go_on.wait(30)
        return station.house.record(scan)

    station.start(gun, record=record, timing=Timing(patience_s=0.1))

    heard = gun.send("A")
    may_go_on.set()
    wait_until(lambda: station.outcomes() == [Outcome.STORED, Outcome.OK])

    assert heard.outcome is Outcome.STORED
    assert station.house.texts() == ["A"]
    assert gun.send("B").outcome is Outcome.OK


# ---- a house that breaks


def test_a_scan_over_which_the_house_breaks_stops_no_other(
    station, gun, caplog, wait_until
):
    station.start(gun)

    heard = [gun.send(text).outcome for text in ["A", "POISON", "B"]]

    assert heard == [Outcome.OK, Outcome.REFUSED, Outcome.OK]
    assert station.house.texts() == ["A", "B"]
    wait_until(lambda: station.status().failed_count == 1)
    wait_until(lambda: station.status().waiting_count == 0)
    assert "KeyError" in caplog.text
    assert "conftest.py" in caplog.text
    assert "POISON" not in caplog.text


def test_a_failed_scan_is_tried_once_at_the_next_start_in_its_old_place(
    station, gun, wait_until
):
    asked = []

    def record(scan):
        asked.append(scan.text)
        return station.house.record(scan)

    def mended(scan):
        asked.append(scan.text)
        return station.house.record(replace(scan, text=scan.text.lower()))

    station.start(gun, record=record)
    gun.send("POISON")
    station.house.away.set()
    gun.send("B")
    station.stop()
    station.house.away.clear()
    asked.clear()

    station.start(gun, record=mended)
    wait_until(lambda: len(station.house.texts()) == 2)

    assert asked == ["POISON", "B"]
    assert station.house.texts() == ["poison", "b"]
    wait_until(lambda: station.status().failed_count == 0)


def test_a_listener_that_breaks_stops_no_scan(tmp_path, gun, station, caplog):
    stop = threading.Event()

    def listener(scan, verdict):
        raise BrokenPipeError("nobody reads")

    with Spool(tmp_path / "other.db", station="HORSENS") as spool:
        port = PortSettings(
            name="P0", url=gun.device, read_point="R", feedback="honeywell"
        )
        service = threading.Thread(
            target=serve,
            args=(
                [port],
                spool,
                lambda scans: [station.house.record(scan) for scan in scans],
                lambda c, t, m: c,
                stop,
            ),
            kwargs={"on_scan": listener},
        )
        service.start()
        heard = [gun.send(text).outcome for text in "AB"]
        stop.set()
        service.join(30)

    assert heard == [Outcome.OK, Outcome.OK]
    assert caplog.text.count("the listener failed: BrokenPipeError") == 1


# ---- the journal


@contextlib.contextmanager
def full_disk(*, at_bytes):
    """Have every file of this process end at `at_bytes`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_when_the_disk_is_full_nothing_sounds_good_and_it_recovers(
    station, gun, caplog
):
    station.start(gun)
    assert gun.send("A").outcome is Outcome.OK
    wal_bytes = station.spool_path.with_name("spool.db-wal").stat().st_size

    with full_disk(at_bytes=wal_bytes):
        heard = [gun.send(text).outcome for text in ["B", "C", "B"]]
    again = [gun.send(text).outcome for text in ["B", "C"]]

    assert heard == [Outcome.NOT_SAVED] * 3
    assert again == [Outcome.OK, Outcome.OK]
    assert station.house.texts() == ["A", "B", "C"]
    assert [scan.station_seq for scan, _ in station.told] == [1, 0, 0, 0, 2, 3]
    errors = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 1


def test_a_mode_card_that_was_not_saved_sets_no_mode(station, gun):
    station.start(gun)
    gun.send("%C:MODE:IN")
    wal_bytes = station.spool_path.with_name("spool.db-wal").stat().st_size

    with full_disk(at_bytes=wal_bytes):
        heard = gun.send("%C:MODE:OUT")
    gun.send("A")

    assert heard.outcome is Outcome.NOT_SAVED
    assert station.house.recorded("text", "context")[-1] == ("A", "%C:MODE:IN")


# ---- a port that is not there


def test_a_port_that_never_opens_stops_no_other(station, gun, tmp_path, wait_until):
    nowhere = SimulatedScanner(tmp_path / "nowhere")

    station.start(nowhere, gun)

    assert gun.send("OXI-0007").outcome is Outcome.OK
    wait_until(lambda: station.status().ports[0].error == "No such file or directory")
    wait_until(lambda: station.status().ports[1].is_open)
    assert not station.status().ports[0].is_open


def test_a_port_that_cannot_be_answered_stops_no_other(station, tmp_path, wait_until):
    with (
        SimulatedScanner(tmp_path / "a", feedback="honeywell") as one,
        SimulatedScanner(tmp_path / "b", feedback="honeywell") as other,
    ):
        station.house.away.set()
        station.start(one, other)
        one.wait_for_listener()
        other.wait_for_listener()
        one.emit(b"A\r")
        one.unplug()
        station.house.away.clear()

        assert other.send("B").outcome in (Outcome.OK, Outcome.STORED)


# ---- the end


def test_a_clean_stop_records_and_answers_what_was_read(station, gun, wait_until):
    may_record = threading.Event()

    def record(scan):
        assert may_record.wait(30)
        return station.house.record(scan)

    station.start(gun, record=record)
    gun.wait_for_listener()
    gun.emit(b"A\rB\rC\r")
    wait_until(lambda: station.spool.last_seq() == 3)
    station.stop_event.set()
    may_record.set()
    station.stop()

    assert station.house.texts() == ["A", "B", "C"]
    assert gun.listen(timeout_s=1) == SOUND[Outcome.OK] * 3
    assert station.status().waiting_count == 0
    assert station.error is None


def test_a_stop_does_not_wait_for_a_house_that_hangs(station, gun, wait_until):
    may_go_on = threading.Event()

    def record(scan):
        may_go_on.wait(30)
        raise Unavailable

    station.start(gun, record=record, timing=Timing(finish_s=0.1, patience_s=60))
    gun.wait_for_listener()
    gun.emit(b"A\r")
    wait_until(lambda: station.spool.last_seq() == 1)
    station.stop()
    may_go_on.set()

    assert station.status().waiting_count == 1


def test_a_thread_that_dies_ends_the_service_with_an_error(tmp_path, gun, station):
    def broken(context, text, moment):
        raise ZeroDivisionError

    stop = threading.Event()
    port = PortSettings(name="P0", url=gun.device, read_point="R")
    caught = []

    def run(spool):
        try:
            serve([port], spool, station.house.record, broken, stop)
        except ServiceFailed as error:
            caught.append(error)

    with Spool(tmp_path / "other.db", station="HORSENS") as spool:
        service = threading.Thread(target=run, args=(spool,))
        service.start()
        gun.wait_for_listener()
        gun.emit(b"A\r")
        service.join(30)

    assert str(caught[0]) == (
        "The scanner service stopped: ZeroDivisionError in its thread 'write'."
    )
    assert isinstance(caught[0].__cause__, ZeroDivisionError)
    assert stop.is_set()


def test_two_ports_with_one_name_are_refused(tmp_path, station):
    port = PortSettings(name="P0", url="loop://", read_point="R")

    with (
        Spool(tmp_path / "s.db", station="HORSENS") as spool,
        pytest.raises(ValueError, match=r"^Each port needs a name of its own\.$"),
    ):
        serve(
            [port, port],
            spool,
            station.house.record,
            lambda c, t, m: c,
            threading.Event(),
        )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"protocol": "morse"},
            f"'morse' is not a protocol. Choose from: {', '.join(sorted(FAMILIES))}.",
        ),
        (
            {"feedback": "drum"},
            f"'drum' is not a feedback. Choose from: {', '.join(sorted(PROFILES))}.",
        ),
    ],
)
def test_a_setting_that_names_nothing_is_refused(setting, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        PortSettings(name="P0", url="loop://", read_point="R", **setting)

    assert str(refused.value) == message


def test_a_spool_that_filled_while_the_house_was_away_goes_on_by_itself(
    station, gun, wait_until
):
    station.house.away.set()
    station.start(gun, bytes_max=100_000)
    gun.wait_for_listener()
    texts = iter(f"OXI-{number:06}" for number in range(10_000))
    while gun.send(next(texts)).outcome is not Outcome.NOT_SAVED:
        pass
    station.stop()
    stored_count = station.outcomes().count(Outcome.STORED)
    # As when that they were answered has taken room beyond it.
    station.start(gun, bytes_max=90_000)
    assert gun.send(next(texts)).outcome is Outcome.NOT_SAVED

    station.house.away.clear()

    wait_until(lambda: gun.send(next(texts)).outcome is Outcome.OK)
    assert len(station.house.texts()) >= stored_count + 1


def test_a_payload_to_forget_leaves_the_log_though_nobody_scans(
    station, gun, wait_until
):
    station.start(gun)
    gun.send("OXI-0007")
    log = station.spool_path.with_name(f"{station.spool_path.name}-wal")
    with contextlib.closing(
        sqlite3.connect(station.spool_path, isolation_level=None)
    ) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM scan").fetchall()
        gun.send("HEALTH-CARD")
        wait_until(lambda: station.status().waiting_count == 0)

    wait_until(lambda: b"HEALTH-CARD" not in log.read_bytes())
