"""What the service shows of itself to other programs on this machine."""

import http.client
import json
import os
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scanner.journal.spool import Spool
from scanner.journal.spool_file import lock_path
from scanner.journal.status import read_address
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome, Unavailable, Verdict
from scanner.settings import Timing
from scanner.telling.board import Board
from scanner.telling.health import health
from scanner.telling.pages import ANY_PORT, Page, Pages


def get(address, path):
    """Return the status, the kind and the body of a page."""
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=30) as page:  # noqa: S310 - ours
            return page.status, page.headers["Content-Type"], page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.fixture
def show(station, wait_until):
    """Start a service that shows its pages; return how to read one."""

    def start(*scanners, **options):
        station.start(*scanners, listen=ANY_PORT, **options)
        wait_until(lambda: read_address(station.spool_path), "its address")
        address = read_address(station.spool_path)
        return lambda path: json.loads(get(address, path)[2])

    return start


# ---- the server


@pytest.fixture
def pages():
    shown = Pages(ANY_PORT, {"/a": lambda: Page('{"a": 1}'), "/broken": lambda: 1 / 0})
    yield shown
    shown.close()


def test_a_page_is_shown(pages):
    assert get(pages.address, "/a?x=1") == (
        200,
        "application/json; charset=utf-8",
        '{"a": 1}',
    )


def test_what_there_is_is_told_to_whoever_asks_for_something_else(pages):
    status, _, body = get(pages.address, "/nothing")

    assert (status, body) == (404, "There are: /a, /broken\n")


def test_a_page_that_breaks_names_the_fault_and_the_next_one_is_shown(pages):
    status, _, body = get(pages.address, "/broken")

    assert (status, body) == (500, "A fault: ZeroDivisionError\n")
    assert get(pages.address, "/a")[0] == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [("localhost", 200), ("127.0.0.1:80", 200), ("[::1]", 200), ("evil.test", 403)],
)
def test_who_asks_under_another_name_is_refused(pages, name, status):
    connection = http.client.HTTPConnection(urlsplit(pages.address).netloc, timeout=30)
    connection.request("GET", "/a", headers={"Host": name})
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert answer.status == status


@pytest.mark.parametrize(
    "listen",
    ["0.0.0.0:9464", "192.168.1.5:80", "127.0.0.1", "[::]:80", "host:x", "", ":80"],
)
def test_only_an_address_of_this_machine_alone_is_listened_at(listen):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is asserted
        Pages(listen, {})

    assert str(refused.value) == (
        f"'{listen}' is not an address of this machine alone. Write it as"
        " 127.0.0.1:9464; a proxy can show it to others."
    )


# ---- where it is


def test_the_address_is_known_while_the_service_runs_and_not_after(station, gun, show):
    before = read_address(station.spool_path)
    show(gun)
    address = read_address(station.spool_path)
    station.stop()

    assert address.startswith("http://127.0.0.1:")
    assert (before, read_address(station.spool_path)) == (None, None)


def test_the_address_of_a_service_that_was_killed_is_not_given(station):
    lock = station.spool_path.with_name("spool.db.lock")
    lock.write_bytes(b"\nhttp://127.0.0.1:1")

    assert read_address(station.spool_path) is None


# ---- state


def test_the_state_is_what_a_screen_needs(station, gun, show, wait_until):
    def record(scan):
        if scan.text.startswith("%C:"):
            return Verdict(Outcome.SET, "IN: scan what comes in.")
        return Verdict(Outcome.OK, "OXI-1 is here.", facts={"device": "OXI-1"})

    page = show(gun, record=record)
    for text in ["%C:MODE:IN", "OXI-1", "OXI-2"]:
        gun.send(text)
    wait_until(lambda: page("/state")["ports"][0]["is_open"])
    state = page("/state")

    (port,) = state.pop("ports")
    newest, *_ = last = port.pop("last")
    assert set(state) == {
        "station",
        "started_at",
        "now",
        "is_saving",
        "house_away",
        "waiting_count",
        "failed_count",
    }
    assert (state["station"], state["is_saving"]) == ("HORSENS", True)
    assert (state["waiting_count"], state["failed_count"]) == (0, 0)
    assert port.pop("counts_since") == last[2]["moment"]
    assert port == {
        "name": "P0",
        "set_at": "P0",
        "read_point": "DOCK-0",
        "is_open": True,
        "error": "",
        "noise_count": 0,
        "context": "%C:MODE:IN",
        "counts": {"set": 1, "ok": 2},
    }
    assert [shown["outcome"] for shown in last] == ["ok", "ok", "set"]
    assert (newest["scan_id"], newest["moment"]) == (
        station.told[-1][0].scan_id,
        station.told[-1][0].scanned_at.isoformat(),
    )
    assert (newest["message"], newest["facts"]) == (
        "OXI-1 is here.",
        {"device": "OXI-1"},
    )
    assert not newest["is_late"]


def test_a_scan_that_waited_is_shown_once_with_its_late_verdict(
    station, gun, show, wait_until
):
    station.house.away.set()
    page = show(gun)
    gun.send("OXI-1")
    away = page("/state")
    station.house.away.clear()
    wait_until(lambda: not page("/state")["house_away"])
    wait_until(lambda: page("/state")["ports"][0]["counts"] == {"ok": 1})
    back = page("/state")

    assert (away["house_away"], away["waiting_count"]) == (True, 1)
    assert away["ports"][0]["counts"] == {"stored": 1}
    (shown,) = back["ports"][0]["last"]
    assert (shown["outcome"], shown["is_late"]) == ("ok", True)
    assert back["waiting_count"] == 0


def test_no_payload_is_on_any_page(station, gun, show):
    page = show(gun)
    gun.send("0201609995")
    gun.send("HEALTH-CARD")
    shown = json.dumps(page("/state"))
    _, _, numbers = get(read_address(station.spool_path), "/metrics")

    assert "0201609995 recorded." in shown  # What the house says is its own affair.
    assert "HEALTH-CARD" not in shown + numbers
    assert "0201609995" not in shown.replace("0201609995 recorded.", "") + numbers


def test_a_spool_without_room_says_that_nothing_is_saved_until_there_is(
    station, gun, show, wait_until
):
    station.house.away.set()
    page = show(gun, bytes_max=60_000)
    heard = [gun.send(f"{number:04}{'x' * 2000}").outcome for number in range(30)]
    full = page("/state")
    unwell = page("/health")
    station.house.away.clear()
    wait_until(lambda: page("/state")["is_saving"])
    again = gun.send("OXI-1").outcome

    stored_count = heard.count(Outcome.STORED)
    assert heard == [Outcome.STORED] * stored_count + [Outcome.NOT_SAVED] * (
        30 - stored_count
    )
    assert 0 < stored_count < 30
    assert not full["is_saving"]
    assert full["ports"][0]["counts"]["not_saved"] == 30 - stored_count
    assert unwell["reasons"] == ["the spool cannot be written, scans are not saved"]
    assert again is Outcome.OK
    assert len(station.house.texts()) == stored_count + 1


# ---- health


def test_a_service_that_is_well_says_so(station, gun, show, wait_until):
    page = show(gun)
    wait_until(lambda: page("/health")["away"] == [])

    assert get(read_address(station.spool_path), "/health")[0] == 200
    assert page("/health") == {
        "status": "ok",
        "reasons": [],
        "ports_count": 1,
        "away": [],
        "house_away": False,
        "house_away_reason": "",
        "waiting_count": 0,
        "failed_count": 0,
    }


def test_one_port_of_two_that_is_away_is_named_and_all_of_them_are_a_reason(
    station, gun, tmp_path, show, wait_until
):
    with SimulatedScanner(tmp_path / "tty-other", feedback="honeywell") as other:
        page = show(gun, other)
        wait_until(lambda: page("/health")["away"] == [])
        gun.unplug()
        wait_until(lambda: page("/health")["away"] == ["P0"])
        one_away = page("/health")
        other.unplug()
        wait_until(lambda: page("/health")["away"] == ["P0", "P1"])
        address = read_address(station.spool_path)

        assert one_away["status"] == "ok"
        assert get(address, "/health")[0] == 503
        assert page("/health")["reasons"] == ["none of 2 ports is open"]
        other.replug()
        wait_until(lambda: get(address, "/health")[0] == 200)


@pytest.mark.parametrize(
    ("free_bytes", "reasons"),
    [
        (100_000_000, []),
        (
            99_000_000,
            ["the disk of the spool is nearly full, 99 MB are left"],
        ),
    ],
)
def test_a_disk_that_is_nearly_full_is_a_reason(free_bytes, reasons):
    board = Board("HORSENS", waiting_count=0, failed_count=0)

    page = health(board, [], disk_free_bytes=free_bytes)

    assert json.loads(page.body)["reasons"] == reasons
    assert page.status == (503 if reasons else 200)


def test_a_spool_that_was_robbed_of_its_log_is_a_reason(station, gun, show, caplog):
    spool = station.spool_path
    with Spool(spool, station="HORSENS"):
        lock = lock_path(spool).read_bytes()
    lock_path(spool).write_bytes(lock + b"\nin use")  # As after a kill.

    page = show(gun)
    gun.wait_for_listener()

    assert [why for why in page("/health")["reasons"] if "spool" in why] == [
        "the log of the spool was taken away before this start, and what was scanned"
        " last may be lost"
    ]
    assert [it.levelname for it in caplog.records if "robbed" in it.event] == ["ERROR"]


def test_a_thread_that_hangs_is_a_reason(station, gun, show, wait_until):
    may_go_on = threading.Event()

    def record(scan):
        may_go_on.wait(30)
        raise Unavailable

    page = show(gun, record=record, timing=Timing(hang_s=0.5, finish_s=0.1))
    gun.send("A")
    wait_until(lambda: "the thread 'apply' hangs" in page("/health")["reasons"])
    may_go_on.set()


# ---- metrics


def test_the_numbers_are_those_of_prometheus(station, gun, show, wait_until):
    page = show(gun)
    for text in ["A", "B", "WHAT"]:
        gun.send(text)
    wait_until(lambda: page("/state")["ports"][0]["is_open"])
    status, kind, text = get(read_address(station.spool_path), "/metrics")

    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    assert all(name.startswith("fsc_scanner_") for name in families)
    assert samples["fsc_scanner_scans_total", "P0", "ok"] == 2
    assert samples["fsc_scanner_scans_total", "P0", "unknown"] == 1
    assert samples["fsc_scanner_port_up", "P0"] == 1
    assert samples["fsc_scanner_noise_total", "P0"] == 0
    assert samples["fsc_scanner_waiting_scans",] == 0
    assert samples["fsc_scanner_failed_scans",] == 0
    assert samples["fsc_scanner_house_away",] == 0
    assert samples["fsc_scanner_saving",] == 1
    assert samples["fsc_scanner_spool_bytes",] >= os.path.getsize(station.spool_path)
    last_at = station.told[-1][0].scanned_at.timestamp()
    assert samples["fsc_scanner_last_scan_timestamp_seconds", "P0"] == last_at
    for name in ("journal", "answer"):
        assert families[f"fsc_scanner_{name}_seconds"].type == "histogram"
        assert samples[f"fsc_scanner_{name}_seconds_count",] == 3
        assert samples[f"fsc_scanner_{name}_seconds_bucket", "+Inf"] == 3
        assert samples[f"fsc_scanner_{name}_seconds_sum",] > 0
