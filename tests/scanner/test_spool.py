import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from scanner.journal import spool_file
from scanner.journal.spool import Mark, PortNote, Spool, SpoolBusy, SpoolUnusable
from scanner.journal.status import read_status
from scanner.scan import Outcome, Scan, Verdict, new_scan_id

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OK = Verdict(Outcome.OK, "recorded")


def a_scan(text="OXI-0007", *, port="P0", at=NOON, context="", station="HORSENS"):
    return Scan(
        scan_id=new_scan_id(at),
        station=station,
        station_seq=0,
        port=port,
        read_point="DOCK-1",
        scanned_at=at,
        raw=text.encode(),
        text=text,
        symbology="]C1",
        context=context,
    )


BATCH = 2


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path):
    with Spool(path, station="HORSENS") as spool:
        yield spool


def waiting(spool):
    scans, seq = [], 0
    while more := spool.waiting(
        after_seq=seq, to_seq=spool.last_seq(), count_max=BATCH
    ):
        assert len(more) <= BATCH
        scans += more
        seq = more[-1].station_seq
    return scans


def fill(spool):
    """Append until there is no room; return what was saved."""
    saved = []
    with suppress(SpoolUnusable):
        while len(saved) < 1000:
            saved += spool.append([a_scan("x" * 1000)], {})
    return saved


def bytes_on_disk(path):
    files = [file for file in path.parent.iterdir() if not file.name.endswith(".lock")]
    return b"".join(file.read_bytes() for file in files)


def test_what_was_appended_is_there_after_reopening(path):
    with Spool(path, station="HORSENS") as spool:
        saved = spool.append([a_scan("A"), a_scan("B")], {"P0": "%C:MODE:IN"})

    with Spool(path, station="HORSENS") as spool:
        assert waiting(spool) == list(saved)
        assert spool.context_of("P0") == "%C:MODE:IN"


def test_numbers_grow_also_after_pruning_everything_and_a_restart(path):
    with Spool(path, station="HORSENS") as spool:
        first = spool.append([a_scan("A"), a_scan("B")], {})
        spool.mark([Mark(scan=scan, verdict=OK) for scan in first])
        pruned_count = spool.prune(NOON + timedelta(days=31))

    with Spool(path, station="HORSENS") as spool:
        (second,) = spool.append([a_scan("C")], {})

    assert pruned_count == 2
    assert second.station_seq > first[1].station_seq > first[0].station_seq > 0


def test_only_old_applied_scans_are_pruned(spool):
    month = timedelta(days=30)
    old_applied, old_failed, _, new_applied = spool.append(
        [
            a_scan("A"),
            a_scan("B"),
            a_scan("C"),
            a_scan("D", at=NOON + timedelta(hours=1)),
        ],
        {},
    )
    spool.mark(
        [
            Mark(scan=old_applied, verdict=OK),
            Mark(scan=old_failed, verdict=OK, failed=True),
            Mark(scan=new_applied, verdict=OK),
        ]
    )

    pruned_count = spool.prune(NOON + month + timedelta(minutes=1))

    assert pruned_count == 1
    assert spool.retry_failed() == 1
    assert [scan.text for scan in waiting(spool)] == ["B", "C"]
    assert spool.last_of("P0").scan == new_applied


def test_applied_scans_wait_no_more_and_failed_ones_do_again_in_their_place(spool):
    first, second, third = spool.append([a_scan("A"), a_scan("B"), a_scan("C")], {})
    spool.mark([Mark(scan=first, verdict=OK, failed=True)])
    spool.mark([Mark(scan=second, verdict=OK)])

    before = waiting(spool)
    retried_count = spool.retry_failed()

    assert before == [third]
    assert retried_count == 1
    assert waiting(spool) == [first, third]


def test_the_last_scan_of_each_port_is_known_with_its_answer(spool):
    first, _ = spool.append([a_scan("A", port="P0"), a_scan("B", port="P1")], {})
    spool.mark([Mark(scan=first, verdict=OK)])
    spool.mark([], {first.scan_id: NOON})

    last = spool.last_of("P0")

    assert (last.scan, last.verdict, last.answered_at) == (first, OK, NOON)
    assert spool.last_of("P1").verdict is None
    assert spool.last_of("P2") is None


def test_a_waiting_scan_that_was_answered_was_answered_stored(spool):
    (scan,) = spool.append([a_scan()], {})
    spool.mark([], {scan.scan_id: NOON})

    assert spool.last_of("P0").verdict.outcome is Outcome.STORED


def test_a_payload_to_forget_leaves_no_byte_behind(path, spool):
    (scan,) = spool.append([a_scan("HEALTH-CARD-0101")], {})
    was_there = b"HEALTH-CARD-0101" in bytes_on_disk(path)

    spool.mark(
        [Mark(scan=scan, verdict=Verdict(Outcome.REFUSED, "Not a device.", True))]
    )

    assert was_there
    assert b"HEALTH-CARD-0101" not in bytes_on_disk(path)
    assert spool.last_of("P0").scan.raw == b""
    assert spool.last_of("P0").scan.text == ""


def test_a_payload_to_forget_is_gone_as_soon_as_nobody_reads_any_more(
    path, monkeypatch
):
    monkeypatch.setattr(spool_file, "BUSY_TIMEOUT_S", 0.05)
    spool = Spool(path, station="HORSENS")
    (scan,) = spool.append([a_scan("HEALTH-CARD-0101")], {})
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM scan").fetchall()
        spool.mark([Mark(scan=scan, verdict=Verdict(Outcome.REFUSED, "No.", True))])
        still_there = b"HEALTH-CARD-0101" in bytes_on_disk(path)

    spool.mark([])
    at_last = bytes_on_disk(path)
    spool.close()

    assert still_there
    assert b"HEALTH-CARD-0101" not in at_last


def test_a_second_service_is_refused_with_one_clear_error(path, spool):
    with pytest.raises(SpoolBusy) as refused:
        Spool(path, station="HORSENS")

    assert str(refused.value) == (
        f"The spool {path} is in use by another scanner service."
    )
    assert spool.append([a_scan()], {})[0].station_seq == 1


def test_the_lock_goes_with_a_holder_that_is_killed(path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path\n"
            "from scanner.journal.spool import Spool\n"
            "spool = Spool(Path(sys.argv[1]), station='HORSENS')\n"
            "print('held', flush=True); time.sleep(600)",
            str(path),
        ],
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(SpoolBusy):
            Spool(path, station="HORSENS")
        holder.kill()

    with Spool(path, station="HORSENS") as spool:
        assert spool.last_seq() == 0


def test_a_full_spool_takes_nothing_until_there_is_room(path):
    with Spool(path, station="HORSENS", bytes_max=100_000) as spool:
        saved = fill(spool)
        with pytest.raises(SpoolUnusable, match="full"):
            spool.append([a_scan("x" * 9000)], {})
        spool.mark([Mark(scan=scan, verdict=OK) for scan in saved])
        spool.prune(NOON + timedelta(days=31))

        (again,) = spool.append([a_scan("x" * 1000)], {})

    assert again.station_seq > saved[-1].station_seq


def test_a_group_of_which_one_scan_does_not_fit_is_not_saved_at_all(path):
    with Spool(path, station="HORSENS", bytes_max=100_000) as spool:
        with pytest.raises(SpoolUnusable):
            spool.append([a_scan("A"), a_scan("B" * 200_000)], {"P0": "new"})

        assert waiting(spool) == []
        assert spool.context_of("P0") == ""


def test_a_spool_that_another_program_holds_takes_nothing_until_it_lets_go(
    path, monkeypatch
):
    monkeypatch.setattr(spool_file, "BUSY_TIMEOUT_S", 0.05)
    with (
        Spool(path, station="HORSENS") as spool,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SpoolUnusable, match="locked"):
            spool.append([a_scan("A")], {})
        other.execute("ROLLBACK")

        spool.append([a_scan("B")], {})

        assert [scan.text for scan in waiting(spool)] == ["B"]


def test_a_file_that_is_no_spool_is_refused_with_its_name(path):
    path.write_bytes(b"something else entirely" * 100)

    with pytest.raises(SpoolUnusable) as refused:
        Spool(path, station="HORSENS")

    assert str(refused.value) == (
        f"The spool {path} cannot be used: file is not a database."
    )


def test_a_spool_of_a_later_version_is_refused(path):
    Spool(path, station="HORSENS").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")

    with pytest.raises(SpoolUnusable) as refused:
        Spool(path, station="HORSENS")

    assert str(refused.value) == (
        f"The spool {path} cannot be used: it is at version 9 and this program needs 2."
    )


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SpoolUnusable, match=r"^The spool .* cannot be made: "):
        Spool(tmp_path / "file" / "spool.db", station="HORSENS")


def log_of(path):
    return path.with_name(f"{path.name}-wal")


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no open file")
def test_without_its_log_a_spool_takes_no_more_scans_and_keeps_those_it_took(path):
    with Spool(path, station="HORSENS") as spool:
        spool.append([a_scan("A")], {})
        log_of(path).unlink()

        with pytest.raises(
            SpoolUnusable,
            match=r"^its log spool\.db-wal was moved or deleted; restart the service,"
            r" or put it back$",
        ):
            spool.append([a_scan("B")], {})
        with pytest.raises(SpoolUnusable):
            spool.checkpoint()

        assert not log_of(path).exists()
    with Spool(path, station="HORSENS") as spool:
        assert [scan.text for scan in waiting(spool)] == ["A"]
        assert not spool.is_robbed


def killed(path):
    """Have a service killed that has the spool, with a scan in its log."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from scanner.journal.spool import Spool, PortNote\n"
        "spool = Spool(Path(sys.argv[1]), station='HORSENS')\n"
        "spool.publish('http://127.0.0.1:1')\n"
        "note = PortNote(port='P', is_open=True, error='', noise_added_count=0)\n"
        "spool.note_ports([note])\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)


def test_a_spool_whose_log_was_taken_away_after_a_kill_says_so_once(path):
    killed(path)
    log_of(path).unlink()

    with Spool(path, station="HORSENS") as spool:
        robbed = spool.is_robbed
    with Spool(path, station="HORSENS") as spool:
        again = spool.is_robbed

    assert (robbed, again) == (True, False)


@pytest.mark.parametrize("kills", [1, 3])
def test_a_kill_alone_robs_no_spool(path, kills):
    for _ in range(kills):
        killed(path)

    with Spool(path, station="HORSENS") as spool:
        assert not spool.is_robbed


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_nobody_else_may_read_the_spool(path, spool):
    spool.append([a_scan()], {})

    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode)
        for file in path.parent.iterdir()
        if not file.name.endswith(".lock")
    }

    assert set(modes.values()) == {0o600}
    assert "spool.db-wal" in modes


def test_the_status_is_read_while_the_service_has_the_spool(path, spool):
    first, second, _ = spool.append(
        [a_scan("A"), a_scan("B"), a_scan("C", at=NOON + timedelta(minutes=1))], {}
    )
    spool.mark([Mark(scan=first, verdict=OK)])
    spool.mark([Mark(scan=second, verdict=OK, failed=True)])
    spool.note_ports(
        [PortNote(port="P0", is_open=False, error="unplugged", noise_added_count=2)]
    )
    spool.note_ports([PortNote(port="P0", is_open=True, error="", noise_added_count=1)])

    status = read_status(path)

    assert status.running
    assert (status.waiting_count, status.failed_count) == (1, 1)
    assert status.last_scan_at == NOON + timedelta(minutes=1)
    (port,) = status.ports
    assert (port.port, port.is_open, port.error) == ("P0", True, "unplugged")
    assert (port.scans_count, port.noise_count) == (3, 3)


def test_without_a_service_no_port_is_open(path):
    with Spool(path, station="HORSENS") as spool:
        spool.note_ports(
            [PortNote(port="P0", is_open=True, error="", noise_added_count=0)]
        )

    status = read_status(path)

    assert not status.running
    assert not status.ports[0].is_open


def test_there_is_no_status_without_a_spool(path):
    assert read_status(path) is None
    assert not path.exists()


def test_the_status_of_something_else_says_so(path):
    path.write_bytes(b"something else entirely" * 100)

    with pytest.raises(
        SpoolUnusable, match=r"cannot be read: file is not a database\.$"
    ):
        read_status(path)


def test_reading_the_status_never_keeps_a_service_from_starting(path):
    Spool(path, station="HORSENS").close()

    for _ in range(20):
        read_status(path)
        Spool(path, station="HORSENS").close()


# ---- the version before


VERSION_1 = """
CREATE TABLE scan (
    station_seq INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id     TEXT NOT NULL UNIQUE,
    station     TEXT NOT NULL,
    port        TEXT NOT NULL,
    read_point  TEXT NOT NULL,
    scanned_at  TEXT NOT NULL,
    raw         BLOB NOT NULL,
    text        TEXT NOT NULL,
    symbology   TEXT NOT NULL,
    context     TEXT NOT NULL,
    applied     TEXT NOT NULL DEFAULT 'waiting'
                CHECK (applied IN ('waiting', 'applied', 'failed')),
    outcome     TEXT,
    message     TEXT,
    answered_at TEXT
);
CREATE INDEX scan_of_port ON scan (port, station_seq);
CREATE INDEX scan_applied ON scan (applied, station_seq);
CREATE TABLE port (
    port         TEXT PRIMARY KEY,
    context      TEXT NOT NULL DEFAULT '',
    is_open      INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    scans_count  INTEGER NOT NULL DEFAULT 0,
    noise_count  INTEGER NOT NULL DEFAULT 0,
    last_scan_at TEXT
);
INSERT INTO scan (station_seq, scan_id, station, port, read_point, scanned_at, raw,
    text, symbology, context) VALUES (7, 'id-7', 'HORSENS', 'P0', 'DOCK-1',
    '2026-05-01T12:00:00+00:00', x'41', 'A', ']C1', '%C:MODE:IN');
INSERT INTO port (port, context) VALUES ('P0', '%C:MODE:OUT');
PRAGMA user_version = 1;
"""


def test_what_waited_in_a_spool_of_the_version_before_is_not_lost(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)

    with Spool(path, station="HORSENS") as spool:
        (old,) = waiting(spool)
        (new,) = spool.append([a_scan("B")], {})
        context = spool.context_of("P0")

    assert (old.station_seq, old.scan_id, old.text) == (7, "id-7", "A")
    assert (old.context, context, old.direction) == ("%C:MODE:IN", "%C:MODE:OUT", None)
    assert new.station_seq == 8
    with Spool(path, station="HORSENS") as spool:
        assert [scan.text for scan in waiting(spool)] == ["A", "B"]


# ---- room


def test_what_was_applied_longest_ago_makes_room_for_what_was_not(path):
    with Spool(path, station="HORSENS", bytes_max=100_000) as spool:
        saved = fill(spool)
        spool.mark([Mark(scan=scan, verdict=OK) for scan in saved])

        more = fill(spool)
        spool.mark([Mark(scan=more[0], verdict=OK)])

    assert len(more) >= len(saved) - 1
    assert path.stat().st_size < 200_000


def test_a_spool_full_of_what_waits_can_still_be_marked(path):
    with Spool(path, station="HORSENS", bytes_max=100_000) as spool:
        saved = fill(spool)
        verdict = Verdict(Outcome.OK, "a longer message than there is room for")

        spool.mark([Mark(scan=scan, verdict=verdict) for scan in saved])

        assert waiting(spool) == []


def test_what_was_recorded_makes_room_in_a_spool_that_marks_have_filled(path):
    with Spool(path, station="HORSENS", bytes_max=100_000) as spool:
        saved = fill(spool)
    with Spool(path, station="HORSENS", bytes_max=90_000) as spool:
        marks = [Mark(scan=scan, verdict=OK) for scan in saved]
        spool.append([a_scan("MORE")], {}, marks=marks)

        assert [scan.text for scan in waiting(spool)] == ["MORE"]


def test_marks_are_kept_though_there_is_no_room_for_a_scan(path):
    with Spool(path, station="HORSENS") as spool:
        first, _ = spool.append([a_scan("A"), a_scan("B")], {})
    with Spool(path, station="HORSENS", bytes_max=1) as spool:
        with pytest.raises(SpoolUnusable, match="full"):
            spool.append([a_scan("C")], {}, marks=[Mark(scan=first, verdict=OK)])

        assert [scan.text for scan in waiting(spool)] == ["B"]


def test_only_so_many_rows_are_deleted_at_once(path, monkeypatch):
    monkeypatch.setattr("scanner.journal.spool.DELETE_MAX", 2)
    later = NOON + timedelta(days=31)
    with Spool(path, station="HORSENS") as spool:
        saved = spool.append([a_scan(text) for text in "ABC"], {})
        spool.mark([Mark(scan=scan, verdict=OK) for scan in saved])

        assert [spool.prune(later) for _ in range(3)] == [2, 1, 0]


def test_what_was_made_while_the_clock_was_ahead_does_not_keep_the_rest(path):
    future = NOON + timedelta(days=3650)
    with Spool(path, station="HORSENS") as spool:
        saved = spool.append([a_scan("A", at=future), a_scan("B")], {})
        spool.mark([Mark(scan=scan, verdict=OK) for scan in saved])

        assert spool.prune(NOON + timedelta(days=31)) == 1


# ---- several at once


def test_what_waits_is_read_while_a_commit_waits(path, monkeypatch):
    monkeypatch.setattr(spool_file, "BUSY_TIMEOUT_S", 60)
    with (
        Spool(path, station="HORSENS") as spool,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        spool.append([a_scan("A")], {})
        other.execute("BEGIN IMMEDIATE")
        blocked = threading.Thread(target=spool.append, args=([a_scan("B")], {}))
        blocked.start()
        read = waiting(spool)
        was_blocked = blocked.is_alive()
        other.execute("ROLLBACK")
        blocked.join(30)

        assert was_blocked
        assert [scan.text for scan in read] == ["A"]
        assert [scan.text for scan in waiting(spool)] == ["A", "B"]


def test_a_checkpoint_takes_what_was_appended_into_the_file(path):
    with Spool(path, station="HORSENS") as spool:
        spool.append([a_scan("x" * 50_000)], {})
        before = path.stat().st_size
        spool.checkpoint()

        assert path.stat().st_size >= before + 50_000


# ---- what happens to the file


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no open file")
@pytest.mark.parametrize("happens", ["deleted", "moved", "replaced"])
def test_a_file_that_is_taken_away_takes_no_more_scans(path, tmp_path, happens):
    with Spool(path, station="HORSENS") as spool:
        spool.append([a_scan("A")], {})
        path.rename(tmp_path / "elsewhere")
        if happens == "deleted":
            (tmp_path / "elsewhere").unlink()
        if happens == "replaced":
            path.touch()

        with pytest.raises(
            SpoolUnusable,
            match=r"^its file was moved or deleted; restart the service,"
            r" or put it back$",
        ):
            spool.append([a_scan("B")], {})


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no open file")
def test_a_file_that_is_put_back_takes_scans_again(path, tmp_path):
    with Spool(path, station="HORSENS") as spool:
        path.rename(tmp_path / "elsewhere")
        with pytest.raises(SpoolUnusable):
            spool.append([a_scan("A")], {})
        (tmp_path / "elsewhere").rename(path)
        spool.append([a_scan("B")], {})

        assert [scan.text for scan in waiting(spool)] == ["B"]


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no open file")
def test_a_checkpoint_makes_no_file_where_one_was_taken_away(path, tmp_path):
    with Spool(path, station="HORSENS") as spool:
        path.rename(tmp_path / "elsewhere")

        with pytest.raises(SpoolUnusable):
            spool.checkpoint()

        assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_file_that_others_could_read_is_closed_to_them(path):
    Spool(path, station="HORSENS").close()
    path.chmod(0o644)

    Spool(path, station="HORSENS").close()

    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_to_be_forgotten_leaves_the_log_once_nobody_reads_it(path):
    log = path.with_name(f"{path.name}-wal")
    with Spool(path, station="HORSENS") as spool:
        (scan,) = spool.append([a_scan("HEALTH-CARD")], {})
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM scan").fetchall()
            forget = Verdict(Outcome.REFUSED, "Not a device.", forget=True)
            spool.mark([Mark(scan=scan, verdict=forget)])
            was_there = b"HEALTH-CARD" in log.read_bytes()

        spool.forget_owed()

        assert was_there
        assert b"HEALTH-CARD" not in log.read_bytes() + path.read_bytes()
