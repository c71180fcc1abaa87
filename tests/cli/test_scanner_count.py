"""`fsc scanner counts`: what counts of places have found."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.domain.station import advance
from scanner.scan import Scan

SCANNED = datetime(2026, 11, 21, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)


@pytest.fixture
def counted(centre, monkeypatch):
    """Count HORSENS, where two devices are, and see one of them."""
    monkeypatch.setenv("FSC_DATABASE", centre)
    engine = make_engine(centre)
    context = ""
    codes = ("%C:MODE:COUNT", "%L:HORSENS", "OXI-000001", "%C:END")
    for seq, text in enumerate(codes, start=1):
        moment = SCANNED + timedelta(seconds=seq)
        made = Scan(
            scan_id=f"scan-{seq}",
            station="DOCK",
            station_seq=seq,
            port="GUN",
            read_point="DOCK-1",
            scanned_at=moment,
            raw=text.encode(),
            text=text,
            symbology="",
            context=context,
        )
        record_scans(Sessions(engine), [made], now=moment, idle=IDLE)
        context = advance(context, text, moment, idle=IDLE)
    engine.dispose()


def test_counts_are_listed_with_what_they_missed(fsc, counted):
    (count,) = json.loads(fsc("scanner", "counts", "--json").out)

    seen = {"OXI-000001"}
    assert count["place"] == "HORSENS"
    assert count["begun_at"] == "2026-11-21T12:00:02+00:00"
    assert (count["found"], count["missing"]) == (1, len(count["missing_devices"]))
    assert count["expected"] == 1 + count["missing"]
    assert seen.isdisjoint(count["missing_devices"])


def test_counts_can_be_those_of_one_place(fsc, counted):
    assert (
        json.loads(fsc("scanner", "counts", "--place", "VAN-ANNA", "--json").out) == []
    )
    assert len(json.loads(fsc("scanner", "counts", "--place", "horsens", "--json").out))


def test_a_place_that_is_none_is_told(fsc, counted):
    told = fsc("scanner", "counts", "--place", "MOON")

    assert told.code == 3
    assert told.err == (
        "Error: MOON is no place this centre knows. See: fsc location list\n"
    )


def test_the_table_is_of_numbers(fsc, counted):
    lines = fsc("scanner", "counts").out.splitlines()

    assert lines[0].split()[:4] == ["place", "begun", "at", "ended"]
