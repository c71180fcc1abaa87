from datetime import UTC, datetime, timedelta
from uuid import UUID

from scanner.scan import Scan, new_scan_id

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_scan_id_is_a_uuid_of_version_7():
    scan_id = UUID(new_scan_id(NOON))

    assert (scan_id.version, scan_id.variant) == (7, "specified in RFC 4122")


def test_scan_ids_differ_and_sort_by_time():
    moments = [NOON + timedelta(milliseconds=n) for n in range(100)]

    ids = [new_scan_id(moment) for moment in moments]

    assert ids == sorted(ids)
    assert len({new_scan_id(NOON) for _ in range(1000)}) == 1000


def test_a_scan_does_not_show_its_payload_by_accident():
    scan = Scan(
        scan_id="1",
        station="HORSENS",
        station_seq=1,
        port="P0",
        read_point="DOCK-1",
        scanned_at=NOON,
        raw=b"SECRET",
        text="SECRET",
        symbology="",
        context="",
    )

    assert "SECRET" not in repr(scan)
