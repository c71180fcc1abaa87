"""Scans that wait for somebody, and how they are dealt with."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.exceptions import list_exceptions, resolve_exception
from fsc_logistics.core.scanning import record_scan
from fsc_logistics.core.tables import ScanRecord
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import NotFound, Refused
from scanner.scan import Scan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVA = Signature(station="OFFICE", actor="EVA", record_time=NOON + timedelta(minutes=5))


@pytest.fixture
def scanned(centre):
    """Scan codes at once: the first has the number 1."""

    def scan(*texts):
        for seq, text in enumerate(texts, start=1):
            moment = NOON + timedelta(seconds=seq)
            made = Scan(
                scan_id=f"scan-{seq}",
                station="DOCK",
                station_seq=seq,
                port="GUN",
                read_point="HORSENS",
                scanned_at=moment,
                raw=text.encode(),
                text=text,
                symbology="",
                context="",
            )
            record_scan(centre, made, now=moment, idle=timedelta(minutes=10))
        return centre

    return scan


def listed(sessions, *, resolved=False):
    with sessions.read() as session:
        return [row.scan for row in list_exceptions(session, resolved=resolved)]


def test_what_was_not_good_waits_in_the_order_it_came(scanned):
    sessions = scanned("ONE", "OXI-1", "TWO", "%C:OK", "THREE")

    assert listed(sessions) == ["scan-1", "scan-3", "scan-5"]


def test_an_exception_tells_what_was_scanned_where_and_what_was_said(scanned):
    sessions = scanned("ONE")

    with sessions.read() as session:
        (waiting,) = list_exceptions(session)

    assert (waiting.station, waiting.read_point, waiting.mode) == (
        "DOCK",
        "HORSENS",
        "LOOK",
    )
    assert (waiting.payload, waiting.outcome) == ("ONE", "unknown")
    assert waiting.message == (
        "This code is not known here; the scan waits for somebody."
    )
    assert waiting.scanned_at == NOON + timedelta(seconds=1)
    assert (waiting.event, waiting.resolved_at, waiting.resolved_by) == (None,) * 3


def test_what_somebody_has_dealt_with_waits_no_more(scanned):
    sessions = scanned("ONE", "TWO")

    with sessions.begin() as session:
        resolve_exception(session, "scan-1", EVA)

    assert listed(sessions) == ["scan-2"]
    assert listed(sessions, resolved=True) == ["scan-1"]
    with sessions.read() as session:
        (done,) = list_exceptions(session, resolved=True)
    assert (done.resolved_at, done.resolved_by) == (EVA.record_time, "EVA")


def test_what_was_dealt_with_is_not_dealt_with_again(scanned):
    sessions = scanned("ONE")
    with sessions.begin() as session:
        resolve_exception(session, "scan-1", EVA)

    with pytest.raises(Refused) as refused, sessions.begin() as session:
        resolve_exception(session, "scan-1", EVA)

    assert str(refused.value) == "Scan scan-1 does not wait for anybody."


def test_a_good_scan_does_not_wait(scanned):
    sessions = scanned("OXI-1")

    with pytest.raises(Refused) as refused, sessions.begin() as session:
        resolve_exception(session, "scan-1", EVA)

    assert str(refused.value) == "Scan scan-1 does not wait for anybody."


def test_a_scan_that_never_was_is_not_found(scanned):
    sessions = scanned()

    with pytest.raises(NotFound) as missing, sessions.begin() as session:
        resolve_exception(session, "scan-9", EVA)

    assert str(missing.value) == "There is no scan scan-9. See: fsc scanner exceptions"


def test_an_exception_that_is_dealt_with_is_answered_as_before(scanned):
    sessions = scanned("ONE")
    with sessions.begin() as session:
        resolve_exception(session, "scan-1", EVA)

    scanned("ONE")

    assert listed(sessions) == []
    with sessions.read() as session:
        assert session.scalars(select(ScanRecord.outcome)).all() == ["unknown"]
