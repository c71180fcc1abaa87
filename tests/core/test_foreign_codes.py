from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fsc_logistics.core.catalogue.device_models import Model, add_model
from fsc_logistics.core.devices.codes import link_code, unlink_code
from fsc_logistics.core.devices.commissioning import NewDevice, add_device
from fsc_logistics.core.devices.finding import find_device, resolve_tagged
from fsc_logistics.core.devices.showing import show_device
from fsc_logistics.core.exceptions.resolving import record_held
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import DeviceCode
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.identifiers.hibc import hibc_check_character
from scanner.scan import Scan

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BY = Signature(station="OFFICE", actor="BIRTE", record_time=NOW)
GIAI_TAG, GIAI = "3474257BF40000000000162E", "(8004)06141415678"
"""EPC Tag Data Standard, section E.3."""


def found(session, text, symbology=""):
    device = resolve_tagged(session, text, symbology)
    return device and device.tag


@pytest.mark.parametrize(
    ("linked", "scanned", "symbology"),
    [
        (GIAI_TAG, "800406141415678", "]C1"),
        (GIAI_TAG, "800406141415678", ""),
        (GIAI_TAG, GIAI_TAG.lower(), ""),
        (GIAI, GIAI_TAG, ""),
        ("]C1800406141415678", GIAI_TAG, ""),
        ("]C0ABC-9", "ABC-9", "]C0"),
        ("]C0ABC-9", "]C0ABC-9", ""),
        (GIAI_TAG, "https://id.gs1.org/8004/06141415678", "]Q1"),
        ("3374257BF40C0E4000001A85", "8003006141411234526789", "]d2"),
        ("(00)106141412345678908", "3174257BF4499602D2000000", ""),
        ("3074257BF7194E4000001A85", "0180614141123458216789\x1d10L1", "]d2"),
        ("E2801160600002054D5E1234", "e2801160600002054d5e1234", ""),
        ("62E3086CED", "3808980205", ""),
        ("62e3086ced", "62E3086CED", ""),
    ],
)
def test_a_code_linked_in_one_form_is_known_in_the_others(
    session, linked, scanned, symbology
):
    link_code(session, "OXI-1", linked)

    assert found(session, scanned, symbology) == "OXI-1"


@pytest.mark.parametrize("linked", ["62E3086CED", "3808980205"])
def test_a_card_that_shares_its_decimal_number_with_another_is_not_that(
    session, linked
):
    link_code(session, "OXI-1", linked)

    assert found(session, "61E3086CED") is None
    assert found(session, "3808980205") == "OXI-1"


def test_a_hibc_code_names_a_device_by_its_serial(session):
    def hibc(data):
        return data + hibc_check_character(data)

    link_code(session, "OXI-1", hibc("+A99912345/$$52001510X3/S77DE1G45"))

    assert found(session, hibc("+A99912345/$$+320090677DE1G45")) == "OXI-1"
    assert found(session, hibc("+A99912345/$$+320090677DE1G46")) is None
    assert found(session, hibc("+B99912345/$$+320090677DE1G45")) is None
    assert found(session, "+A99912345/$$+320090677DE1G45/") is None


def test_a_code_that_was_linked_before_there_were_keys_is_still_known(session):
    oxi = find_device(session, "OXI-1").id
    session.add(DeviceCode(code=GIAI_TAG, device_id=oxi))
    session.add(DeviceCode(code="800495011015", device_id=oxi))

    assert found(session, GIAI_TAG) == "OXI-1"
    assert found(session, "800495011015", "]C1") == "OXI-1"
    assert found(session, "(8004)95011015") == "OXI-1"

    link_code(session, "OXI-1", GIAI_TAG)
    assert found(session, "800406141415678", "]C1") == "OXI-1"


def test_our_own_tag_comes_before_what_others_would_read_in_it(session):
    tag = "0109501101531000217"
    add_model(session, Model(model="M", maker="M", name="M", category="x"))
    device = NewDevice(device=tag, model="M", owner="DEPOT", location="H-A")
    add_device(session, device, BY, at=NOW)
    link_code(session, "OXI-1", "(01)09501101531000(21)7")

    assert found(session, tag) == tag
    assert found(session, tag, "]C1") == tag
    assert found(session, "(01)09501101531000(21)7") == "OXI-1"


def test_a_code_as_it_is_comes_before_its_key(session):
    session.add_all(
        [
            DeviceCode(code="e2801160600002054d5e1234", device_id=_id(session, 1)),
            DeviceCode(code="E2801160600002054D5E1234", device_id=_id(session, 2)),
        ]
    )

    assert found(session, "e2801160600002054d5e1234") == "OXI-1"
    assert found(session, "E2801160600002054D5E1234") == "OXI-2"


def _id(session, number):
    return find_device(session, f"OXI-{number}").id


def test_a_short_asset_number_is_a_gs1_code_only_where_the_symbol_says_so(session):
    link_code(session, "OXI-1", "(8004)95011015")

    assert found(session, "800495011015", "]C1") == "OXI-1"
    assert found(session, "800495011015", "]C0") is None
    assert found(session, "800495011015") is None


def test_a_device_shows_the_keys_it_answers_to(session):
    link_code(session, "OXI-1", GIAI_TAG)
    link_code(session, "OXI-1", "HMS 4711")

    assert show_device(session, "OXI-1", at=NOW).codes == (GIAI, GIAI_TAG, "HMS 4711")


def test_a_key_that_means_another_device_is_refused_in_every_form(session):
    link_code(session, "OXI-1", GIAI_TAG)

    with pytest.raises(Refused) as linked:
        link_code(session, "OXI-2", "]C1800406141415678")
    with pytest.raises(Refused) as added:
        add_device(
            session,
            NewDevice(
                device="OXI-9",
                model="3230",
                owner="DEPOT",
                location="H-A",
                codes=("(8004)06141415678",),
            ),
            BY,
            at=NOW,
        )

    assert str(linked.value) == (
        "'(8004)06141415678' means OXI-1 already. Take it away there first:"
        " fsc device unlink OXI-1 '(8004)06141415678'"
    )
    assert str(added.value) == "'(8004)06141415678' means OXI-1 already."
    assert show_device(session, "OXI-2", at=NOW).codes == ()


def test_a_code_is_taken_away_with_its_key(session):
    link_code(session, "OXI-1", GIAI_TAG)

    unlink_code(session, "OXI-1", GIAI_TAG)

    assert show_device(session, "OXI-1", at=NOW).codes == ()
    assert found(session, "800406141415678", "]C1") is None


def test_a_new_device_answers_to_its_codes_in_every_form(session):
    device = NewDevice(
        device="OXI-9", model="3230", owner="DEPOT", location="H-A", codes=(GIAI_TAG,)
    )

    add_device(session, device, BY, at=NOW)

    assert found(session, "800406141415678", "]C1") == "OXI-9"


def test_a_scan_of_our_own_tag_asks_the_database_once(session):
    assert _asked(session, "OXI-1", "]C0") == 1


def test_a_linked_code_is_looked_up_in_all_its_forms_at_once(session):
    link_code(session, "OXI-1", GIAI_TAG)

    assert _asked(session, "800406141415678", "]C1") == 2


def _asked(session, text, symbology):
    """Return how many statements it takes to find a device."""
    session.expunge_all()
    asked = []
    driver = session.connection().connection.driver_connection
    execute = driver.execute if hasattr(driver, "set_trace_callback") else None
    if execute is None:
        pytest.skip("only SQLite tells what it was asked")
    driver.set_trace_callback(asked.append)
    try:
        assert found(session, text, symbology)
    finally:
        driver.set_trace_callback(None)
    return len([text for text in asked if text.startswith("SELECT")])


@pytest.mark.parametrize(
    "text",
    ["HMS 4711", "800406141415678", "(01)09501101531000(21)SN-7", "SN-7"],
)
def test_no_table_of_devices_is_read_through(session, text):
    driver = session.connection().connection.driver_connection
    if not hasattr(driver, "set_trace_callback"):
        pytest.skip("only SQLite tells how it looks up")
    asked = []
    driver.set_trace_callback(asked.append)
    resolve_tagged(session, text)
    driver.set_trace_callback(None)

    plans = [
        row[3]
        for query in asked
        if query.startswith("SELECT")
        for row in session.execute(
            sa.text("EXPLAIN QUERY PLAN " + query.replace(":", "\\:"))
        )
    ]

    assert plans
    assert [
        plan for plan in plans if "SCAN device" in plan and "model" not in plan
    ] == []


def test_a_scan_is_recorded_late_and_undone_as_the_symbol_it_was(centre):
    giai = "800495011015"
    scans = [
        _scanned(seq, text, symbology, context)
        for seq, text, symbology, context in (
            (1, giai, "]C1", '{"mode": "IN", "place": "VAN-ANNA"}'),
            (2, giai, "]C1", '{"mode": "IN", "place": "VAN-ANNA"}'),
            (3, "%C:UNDO", "]C0", '{"mode": "IN", "place": "VAN-ANNA"}'),
        )
    ]
    unknown, known, undo = scans

    _record(centre, unknown)
    with centre.begin() as session:
        link_code(session, "OXI-1", f"(8004){giai[4:]}")
        late = record_held(session, unknown.scan_id, uid="late", by=BY)
    with centre.begin() as session:
        link_code(session, "OXI-2", "(8004)95011016")
    known = _record(centre, replace(known, text="800495011016"))
    undone = _record(centre, undo)

    assert late.devices == ("OXI-1",)
    assert known.message == "OXI-2: ANNA @ VAN-ANNA"
    assert undone.message == "Undone. OXI-2: DEPOT @ H-A"


def _scanned(seq, text, symbology, context):
    return Scan(
        scan_id=f"scan-{seq}",
        station="DOCK",
        station_seq=seq,
        port="GUN-1",
        read_point="DOCK-1",
        scanned_at=NOW + seq * timedelta(seconds=10),
        raw=text.encode(),
        text=text,
        symbology=symbology,
        context=context,
    )


def _record(sessions, scan):
    idle = timedelta(minutes=10)
    (verdict,) = record_scans(sessions, [scan], now=scan.scanned_at, idle=idle)
    return verdict
