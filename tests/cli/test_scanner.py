"""The scanner service as one meets it: started, misused, asked, stopped."""

import csv
import json
import os
import resource
import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from fsc_logistics.core.database import REVISION, Sessions, make_engine
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import ScanRecord
from scanner.playing.simulate import SimulatedScanner
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES, outcome_heard
from scanner.scan import Outcome, Scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture
def gun(folder):
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=30
    ) as scanner:
        yield scanner


@pytest.fixture
def settle(folder):
    """Write the settings: a database and what is said of each port."""

    def write(database, *ports):
        said = [f'database = "{database}"', 'station = "DOCK"']
        for port in ports:
            said += ["[[port]]", *(f'{name} = "{port[name]}"' for name in port)]
        (folder / "fsc.toml").write_text("\n".join(said))

    return write


@pytest.fixture
def serve(settle, gun, started):
    """Start the service at the gun, on a database; return when it listens."""

    def start(database):
        settle(database, at(gun))
        service = started("scanner", "run")
        gun.wait_for_listener()
        return service

    return start


def at(gun, **changed):
    port = {"url": gun.device, "feedback": "honeywell", "read_point": "HORSENS"}
    return port | changed


def payloads(database):
    """Return what the house was told, in order, and how it answered."""
    engine = make_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(ScanRecord.payload, ScanRecord.outcome).order_by(
                ScanRecord.station_seq
            )
        ).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def heard(gun):
    """Return the next tone."""
    return outcome_heard(PROFILES["honeywell"], gun.listen(timeout_s=30))


def sent(gun, *texts):
    return [gun.send(text).outcome for text in texts]


@contextmanager
def locked(database):
    """Keep the database busy, as somebody's forgotten tool would."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


# Starting


PORT = {"url": "/dev/ttyNONE", "read_point": "HORSENS"}


@pytest.mark.parametrize(
    ("ports", "error"),
    [
        (
            [],
            "fsc.toml names no port to serve. Add a [[port]] with url, read_point and"
            " feedback; fsc scanner ports lists what is plugged in.",
        ),
        ([{"url": "/dev/ttyNONE"}], "fsc.toml: a [[port]] lacks read_point."),
        (
            [PORT | {"protocol": "morse"}],
            "fsc.toml: the [[port]] HORSENS cannot be as it is set: 'morse' is not a"
            " protocol. Choose from:"
            f" {', '.join(sorted(FAMILIES))}.",
        ),
        (
            [PORT | {"feedback": "smoke"}],
            "fsc.toml: the [[port]] HORSENS cannot be as it is set: 'smoke' is not a"
            " feedback. Choose from:"
            f" {', '.join(sorted(PROFILES))}.",
        ),
        (
            [PORT, PORT | {"url": "/dev/ttyNIL"}],
            "fsc.toml: more than one [[port]] is called HORSENS. Give each a name of"
            " its own; without one it is called as its read_point.",
        ),
        (
            [PORT | {"framing": "9X9"}],
            "fsc.toml: the port HORSENS cannot be as it is set: '9X9' is not a framing."
            " Try 8N1 or 7E1. Check its url, baud and framing.",
        ),
        (
            [PORT | {"name": "LEFT"}, PORT | {"url": "/dev/ttyNIL", "name": "LEFT"}],
            "fsc.toml: more than one [[port]] is called LEFT. Give each a name of its"
            " own; without one it is called as its read_point.",
        ),
        (
            [PORT | {"protocol": "r200", "follows": "DESK"}],
            "fsc.toml: HORSENS cannot follow DESK, which is no port. Name the port"
            " whose cards count for both.",
        ),
        (
            [PORT, PORT | {"name": "LEFT"}],
            "fsc.toml: HORSENS and LEFT have the same url, /dev/ttyNONE. Take one of"
            " them out.",
        ),
        (
            [PORT | {"url": "smoke://hill"}],
            "fsc.toml: the port HORSENS cannot be as it is set: invalid URL, protocol"
            " 'smoke' not known. Check its url, baud and framing.",
        ),
    ],
)
def test_the_service_does_not_start_with_settings_it_cannot_serve(
    centre, settle, started, ports, error
):
    settle(centre, *ports)

    told = started("scanner", "run").wait()

    assert told.code == 1
    assert told.err.splitlines()[-1] == f"Error: {error}"
    assert told.out == ""


def test_the_service_does_not_start_without_settings(centre, started, monkeypatch):
    monkeypatch.setenv("FSC_DATABASE", centre)

    told = started("scanner", "run").wait()

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "Error: fsc.toml names no port to serve. Add a [[port]] with url, read_point"
        " and feedback; fsc scanner ports lists what is plugged in.\n"
    )


def test_the_service_does_not_start_without_a_database(folder, settle, started):
    settle(folder / "none.db", PORT)

    told = started("scanner", "run").wait()

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        f"Error: There is no database at {folder}/none.db. Make one with:"
        " fsc db upgrade\n"
    )


def test_the_service_does_not_start_on_a_database_of_another_version(
    centre, settle, started
):
    settle(centre, PORT)
    with closing(sqlite3.connect(centre)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    told = started("scanner", "run").wait()

    assert told.code == 1
    assert told.err == (
        f"Error: The database is at revision 9999 and this fsc needs {REVISION}."
        " Install the newer fsc it was made with.\n"
    )


def test_a_second_service_on_the_same_spool_does_not_start(
    centre, folder, gun, serve, started
):
    first = serve(centre)

    second = started("scanner", "run").wait()

    assert second.code == 1
    assert second.err.splitlines() == [
        f"Scans go to {centre}.",
        f"Error: The spool {folder}/scanner-spool.db is in use by another scanner"
        " service.",
    ]
    assert first.is_running()
    assert sent(gun, "OXI-000001") == [Outcome.LOOKED]


def test_a_port_is_served_as_it_is_set(centre, settle, gun, started, fsc):
    settle(centre, at(gun, name="LEFT"))
    with open("fsc.toml", "a") as file:
        file.write("\ngap_s = 30\n")
    started("scanner", "run")
    gun.wait_for_listener()

    gun.emit(b"OXI-0000")
    time.sleep(0.8)  # Longer than a gap may be where nothing is set.
    gun.emit(b"01\r")
    tone = heard(gun)
    (port,) = json.loads(fsc("scanner", "status", "--json").out)["ports"]

    assert (tone, port["port"]) == (Outcome.LOOKED, "LEFT")


def test_a_portal_that_leads_to_no_place_is_told_at_the_start(
    centre, settle, folder, gun, started, wait_until
):
    gate = {"url": str(folder / "gate"), "read_point": "GATE", "protocol": "a0-2"}
    settle(centre, at(gun), gate | {"inside": "NOPE", "outside": "HORSENS"})
    with open("fsc.toml", "a") as file:
        file.write("\nportal_antennas = [1, 2]\n")

    service = started("scanner", "run")
    gun.wait_for_listener()
    told = sent(gun, "OXI-000001")

    assert told == [Outcome.LOOKED]
    wait_until(lambda: "no such place" in service.err, "the warning")
    (warned,) = [line for line in service.err.splitlines() if "the portal" in line]
    assert warned.endswith(
        "WARNING the portal GATE leads to NOPE, and there is no such place: what goes"
        " through it waits. Mend inside or outside of its [[port]]"
    )


# Serving


def test_every_scan_is_told_in_a_line(centre, gun, serve):
    service = serve(centre)

    sent(gun, "%C:MODE:OUT", "%P:ANNA", "OXI-000001", "%C:UNDO", "OXI-000001x")
    told = service.stop()

    assert told.code == 0
    assert told.err.splitlines()[0] == f"Scans go to {centre}."
    assert [line.split(" ", 2)[2] for line in told.out.splitlines()] == [
        "HORSENS SET       OUT: scan where it goes, then each device.",
        "HORSENS SET       OUT: ANNA",
        "HORSENS OK        OXI-000001: ANNA @ VAN-ANNA",
        "HORSENS OK        Undone. OXI-000001: DEPOT @ HORSENS",
        "HORSENS UNKNOWN   This code is not known here; the scan waits for somebody.",
    ]


def test_a_personal_number_is_in_no_file_of_ours(centre, folder, gun, serve):
    service = serve(centre)

    outcomes = sent(gun, "0201609995", "OXI-000001")
    told = service.stop()

    assert outcomes == [Outcome.UNKNOWN, Outcome.LOOKED]
    files = [path for path in folder.iterdir() if path.is_file()]
    assert {"fsc.db", "scanner-spool.db"} <= {path.name for path in files}
    assert [p.name for p in files if b"0201609995" in p.read_bytes()] == []
    assert "0201609995" not in told.out + told.err
    assert payloads(centre)[0] == ("020160-****", "unknown")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"X" * 10_000_000 + b"\r", id="10 MB without an end"),
        pytest.param(bytes(range(1, 9)) * 50 + b"\r", id="binary noise"),
        pytest.param(b"OXI-0000", id="half a code"),
    ],
)
def test_what_is_no_code_is_not_saved_and_the_next_scan_works(
    centre, gun, serve, fsc, wait_until, bad
):
    serve(centre)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")

    gun.emit(bad)
    tone = heard(gun)
    after = sent(gun, "OXI-000001")

    assert (tone, after) == (Outcome.NOT_SAVED, [Outcome.OK])
    assert [payload for payload, _ in payloads(centre)] == [
        "%C:MODE:OUT",
        "%P:ANNA",
        "OXI-000001",
    ]
    wait_until(
        lambda: json.loads(fsc("scanner", "status", "--json").out)["ports"][0][
            "noise_count"
        ],
        "the noise to be counted",
    )


def test_a_busy_database_is_waited_for_and_the_scan_is_recorded_once(
    centre, gun, serve, wait_until
):
    serve(centre)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")

    with locked(centre):
        tone = sent(gun, "OXI-000001")
    wait_until(lambda: len(payloads(centre)) == 3, "the stored scan")

    assert tone == [Outcome.STORED]
    assert payloads(centre)[-1] == ("OXI-000001", "ok")
    assert sent(gun, "OXI-000002") == [Outcome.OK]


def test_a_database_on_a_full_disk_is_waited_for_and_the_scan_recorded_once(
    centre, folder, gun, serve, wait_until
):
    service = serve(centre)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")
    scans = [f"OXI-{number:06}" for number in range(1, 26)]
    sent(gun, *scans[:20])
    ledger_bytes = os.path.getsize(f"{centre}-wal")
    spool_bytes = os.path.getsize(folder / "scanner-spool.db-wal")

    # No file may grow beyond this: there is room for the spool, none for the ledger.
    assert spool_bytes + 100_000 < ledger_bytes
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (ledger_bytes - 1, -1))
    tones = sent(gun, scans[20])
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
    wait_until(lambda: len(payloads(centre)) == 23, "the stored scan")

    assert tones == [Outcome.STORED]
    assert payloads(centre)[-1] == (scans[20], "ok")
    assert sent(gun, scans[21]) == [Outcome.OK]


def test_nothing_is_saved_on_a_full_disk_and_nothing_is_said_to_be(
    centre, gun, serve, wait_until
):
    service = serve(centre)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")

    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (1, -1))
    tones = sent(gun, "OXI-000001")
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
    again = sent(gun, "OXI-000001")

    assert (tones, again) == ([Outcome.NOT_SAVED], [Outcome.OK])
    assert payloads(centre)[2:] == [("OXI-000001", "ok")]
    assert "the spool cannot be written, scans are not saved" in service.err


def test_a_read_only_database_is_waited_for(
    postgresql_url, postgresql_server, fill, gun, serve, wait_until
):
    fill(postgresql_url)
    serve(postgresql_url)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")
    name = sa.make_url(postgresql_url).database

    def make_read_only(value):
        postgresql_server.psql(
            f"ALTER DATABASE {name} SET default_transaction_read_only = {value}"
        )
        # Sessions that are open keep the setting they began with.
        postgresql_server.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{name}'"
        )

    make_read_only("on")
    tones = sent(gun, "OXI-000001", "OXI-000002")
    make_read_only("off")
    wait_until(lambda: len(payloads(postgresql_url)) == 4, "the stored scans")

    assert tones == [Outcome.STORED, Outcome.STORED]
    assert payloads(postgresql_url)[2:] == [("OXI-000001", "ok"), ("OXI-000002", "ok")]


# Stopping and asking


def test_what_waits_at_a_stop_is_recorded_at_the_next_start(
    centre, gun, serve, fsc, wait_until
):
    service = serve(centre)
    sent(gun, "%C:MODE:OUT", "%P:ANNA")

    with locked(centre):
        tones = sent(gun, "OXI-000001", "OXI-000002", "%P:BO", "OXI-000001")
        running = fsc("scanner", "status")
        stopped = service.stop()
        ended = fsc("scanner", "status")
    serve(centre)
    wait_until(lambda: len(payloads(centre)) == 6, "the stored scans")

    assert tones == [Outcome.STORED] * 4
    assert running.out.splitlines()[0] == "running, 4 scans waiting, 0 failed"
    assert (stopped.code, stopped.out.count("STORED")) == (0, 4)
    assert ended.out.splitlines()[0] == "not running, 4 scans waiting, 0 failed"
    assert payloads(centre)[2:] == [
        ("OXI-000001", "ok"),
        ("OXI-000002", "ok"),
        ("%P:BO", "set"),
        ("OXI-000001", "ok"),
    ]
    assert "BO @ VAN-BO" in fsc("who", "OXI-000001").out


def test_the_status_tells_of_the_ports_while_it_runs_and_after_a_kill(
    centre, gun, serve, fsc, wait_until
):
    service = serve(centre)
    sent(gun, "OXI-000001")

    def status():
        return json.loads(fsc("scanner", "status", "--json").out)

    wait_until(lambda: status()["ports"][0]["is_open"], "the port to be noted")
    wait_until(lambda: status()["waiting_count"] == 0, "the scan to be marked")
    running = status()
    service.kill()
    killed = status()

    (port,) = running["ports"]
    assert list(running) == [
        "running",
        "waiting_count",
        "failed_count",
        "last_scan_at",
        "ports",
    ]
    assert (running["running"], running["waiting_count"]) == (True, 0)
    assert (port["port"], port["scans_count"], port["error"]) == ("HORSENS", 1, "")
    assert port["last_scan_at"].endswith("+00:00")
    assert (killed["running"], killed["ports"][0]["is_open"]) == (False, False)


def test_a_port_that_came_is_waited_for_and_its_old_error_is_not_shown(
    centre, folder, settle, started, fsc, wait_until, monkeypatch
):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    url = folder / "tty-late"
    settle(
        centre, {"url": url, "name": "DOCK", "read_point": "HORSENS", "feedback": "bel"}
    )
    service = started("scanner", "run")
    wait_until(lambda: "waiting for port" in service.err)
    wait_until(lambda: "No such file" in fsc("scanner", "status").out, "the error")
    with SimulatedScanner(url, feedback="bel", answer_timeout_s=30) as late:
        wait_until(lambda: " yes " in fsc("scanner", "status").out, "the port to open")
        late.wait_for_listener(timeout_s=30)
        late.send("OXI-000001")
        shown = fsc("scanner", "status").out
        port = json.loads(fsc("scanner", "status", "--json").out)["ports"][0]
    told = service.stop()

    waits, *_ = (line for line in told.err.splitlines() if "waiting for" in line)
    day, clock, waits = waits.split(" ", 2)
    zone = ZoneInfo("Europe/Copenhagen")
    now = datetime.now(zone)
    said = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone)
    assert waits == (f"INFO waiting for port DOCK ({url}): No such file or directory")
    assert abs(now - said) < timedelta(hours=1)
    assert "No such file" not in shown
    assert port["is_open"]


def test_the_status_without_a_service_says_how_to_start_one(folder, fsc):
    told = fsc("scanner", "status")

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "Error: No scanner service has run here yet (scanner-spool.db). Start it:"
        " fsc scanner run\n"
    )


# Exceptions


@pytest.fixture
def waiting(centre, monkeypatch):
    """Three scans in the database, of which two wait."""
    monkeypatch.setenv("FSC_DATABASE", centre)
    engine = make_engine(centre)
    for seq, text in enumerate(["5701234567890", "OXI-000001", "[bold]"], start=1):
        scan = Scan(
            scan_id=f"scan-{seq}",
            station="DOCK",
            station_seq=seq,
            port="GUN",
            read_point="HORSENS",
            scanned_at=NOON + timedelta(seconds=seq),
            raw=text.encode(),
            text=text,
            symbology="",
            context="",
        )
        record_scans(Sessions(engine), [scan], now=scan.scanned_at, idle=timedelta(1))
    engine.dispose()


def test_what_waits_is_listed_for_people(waiting, fsc):
    told = fsc("scanner", "exceptions")

    lines = told.out.splitlines()
    assert (told.code, len(lines)) == (0, 3)
    assert lines[0].split() == [
        *("id", "kind", "raised", "at", "device", "payload", "read", "point"),
        *("what", "count", "todo"),
    ]
    assert lines[1].startswith("scan-1  unknown_code  2026-11-24 13:00")
    assert "[bold]" in lines[2]


def test_what_waits_is_listed_for_programs(waiting, fsc):
    as_json = json.loads(fsc("scanner", "exceptions", "--json").out)
    as_csv = list(csv.DictReader(fsc("scanner", "exceptions", "--csv").out.split("\n")))

    assert [row["id"] for row in as_json] == ["scan-1", "scan-3"]
    assert as_json[0]["raised_at"] == "2026-11-24T12:00:01+00:00"
    assert [(row["id"], row["payload"]) for row in as_csv] == [
        ("scan-1", "5701234567890"),
        ("scan-3", "[bold]"),
    ]
    assert list(as_csv[0]) == list(as_json[0])


def test_what_waits_is_one_list_under_either_name(waiting, fsc):
    assert fsc("exceptions", "--json").out == fsc("scanner", "exceptions", "--json").out


def test_what_is_dealt_with_waits_no_more(waiting, fsc):
    fsc("scanner", "exceptions", "--resolve", "scan-1")
    told = fsc("scanner", "exceptions", "--resolve", "scan-3", "--how", "a box")
    resolved = json.loads(fsc("scanner", "exceptions", "--resolved", "--json").out)

    assert (told.code, told.out, told.err) == (0, "", "Nothing waits.\n")
    assert [(row["id"], row["resolved_by"], row["how"]) for row in resolved] == [
        ("scan-1", "BIRTE", "dealt with"),
        ("scan-3", "BIRTE", "a box"),
    ]


def test_that_nothing_was_dealt_with_is_said(waiting, fsc):
    told = fsc("scanner", "exceptions", "--resolved")

    assert (told.code, told.out) == (0, "")
    assert told.err == "Nothing was dealt with yet.\n"


def test_of_several_that_are_dealt_with_none_is_if_one_cannot_be(waiting, fsc):
    unknown = fsc("scanner", "exceptions", "--resolve", "scan-1", "--resolve", "x")
    good = fsc("scanner", "exceptions", "--resolve", "scan-2")

    assert (unknown.code, unknown.out) == (3, "")
    assert (
        unknown.err
        == "Error: There is no exception of that name. See: fsc exceptions\n"
    )
    assert good.code == 4
    assert good.err == "Error: scan-2 does not wait for anybody.\n"
    assert len(json.loads(fsc("scanner", "exceptions", "--json").out)) == 2


# Simulating


@pytest.fixture
def shift(folder):
    path = folder / "shift.txt"
    path.write_text("# a comment\n%C:MODE:OUT\n%P:ANNA\n\nOXI-000001\nOXI-000001x\n")
    return path


def test_a_played_scanner_hears_the_running_service(
    centre, folder, settle, started, shift, fsc
):
    settle(
        centre,
        {"url": folder / "tty", "feedback": "bel", "read_point": "HORSENS"},
    )
    started("scanner", "run")

    told = fsc("scanner", "simulate", shift, "--link", folder / "tty", "--ack")
    again = fsc(
        "scanner", "simulate", shift, "--link", folder / "tty", "--ack", "--json"
    )

    assert (told.code, told.err) == (0, f"A scanner is plugged in at {folder}/tty\n")
    assert told.out.splitlines() == [
        "%C:MODE:OUT  set",
        "%P:ANNA  set",
        "OXI-000001  ok",
        "OXI-000001x  unknown",
    ]
    rows = [(row["scan"], row["heard"]) for row in json.loads(again.out)]
    assert rows[2] == ("OXI-000001", "already")
    assert "ANNA @ VAN-ANNA" in fsc("who", "OXI-000001").out


def test_a_played_scanner_that_nobody_listens_to_says_what_to_do(folder, shift, fsc):
    told = fsc(
        "scanner", "simulate", shift, "--link", folder / "tty", "--timeout", "0.2"
    )

    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines() == [
        f"A scanner is plugged in at {folder}/tty",
        "Error: Nobody listens at the simulated scanner. Is it a [[port]] of fsc.toml,"
        " and does the service run (fsc scanner run)?",
    ]


def test_a_played_scanner_replaces_no_file(folder, shift, fsc):
    told = fsc("scanner", "simulate", shift, "--link", shift)

    assert (told.code, told.out) == (1, "")
    assert told.err == (f"Error: {shift} is there already. Give --link a new name.\n")
    assert shift.read_text().startswith("# a comment")


def test_a_played_scanner_replaces_no_link_but_one_it_left_behind(folder, shift, fsc):
    (folder / "own").symlink_to(shift)
    (folder / "dangling").symlink_to(folder / "nothing")

    own = fsc("scanner", "simulate", shift, "--link", "own")
    dangling = fsc("scanner", "simulate", "-", "--link", "dangling")
    with SimulatedScanner(folder / "left") as other:
        left = fsc("scanner", "simulate", "-", "--link", other.device)

    assert (own.code, own.err) == (
        1,
        "Error: own is there already. Give --link a new name.\n",
    )
    assert (folder / "own").readlink() == shift
    assert (dangling.code, left.code) == (0, 0)


def test_a_played_file_that_is_no_text_is_told(folder, fsc):
    (folder / "bin.dat").write_bytes(b"\xff\xfe")

    told = fsc("scanner", "simulate", "bin.dat")

    assert told.code == 1
    assert told.err.splitlines()[-1] == "Error: bin.dat is not text in UTF-8."


# Ports


def test_the_ports_are_an_array(folder, fsc):
    told = fsc("scanner", "ports", "--json")

    ports = json.loads(told.out)
    assert (told.code, told.err) == (0, "")
    assert isinstance(ports, list)
    assert all("url" in port for port in ports)
