"""Several codes on one box, fired together, are one scan."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import Which, list_matters
from fsc_logistics.core.scanning.volley import TOGETHER
from fsc_logistics.core.tables import DeviceCode, ScanRecord
from fsc_logistics.domain.care import Condition
from scanner.scan import Outcome, Verdict

MAKER = "05701234567890"
"""What a maker prints on every box of a kind: it names nothing here."""
DATED = "0201609995"
"""A number of a maker's that could as well be a person's; a fictive one of MedCom's."""
SAME = Verdict(Outcome.ALREADY, "Same box as OXI-1.")
CAME_IN = Verdict(Outcome.OK, "OXI-1: DEPOT @ HORSENS")


def linked(dock, tag, code):
    with dock.sessions.begin() as session:
        device = find_device(session, tag)
        session.add(DeviceCode(code=code, device_id=device.id))


def resolutions(dock):
    with dock.sessions.read() as session:
        return [(one.payload, one.how) for one in list_matters(session, Which.RESOLVED)]


@pytest.fixture
def coming(dock):
    dock.scan("%C:MODE:IN")
    return dock


def test_a_makers_code_behind_our_tag_is_the_same_box(coming):
    verdicts = coming.fire("OXI-1", MAKER)

    assert verdicts == [CAME_IN, SAME]
    assert coming.waiting() == []


def test_a_makers_code_before_our_tag_no_longer_waits(coming):
    verdicts = coming.fire(MAKER, "OXI-1")

    assert [one.outcome for one in verdicts] == [Outcome.UNKNOWN, Outcome.OK]
    assert coming.waiting() == []
    assert resolutions(coming) == [(MAKER, "Same box as OXI-1.")]


def test_our_tag_among_the_codes_of_the_maker_is_the_one_that_counts(coming):
    verdicts = coming.fire("10884521", "OXI-1", MAKER)

    assert [one.outcome for one in verdicts] == [
        Outcome.UNKNOWN,
        Outcome.OK,
        Outcome.ALREADY,
    ]
    assert coming.waiting() == []
    assert coming.where("OXI-1") == "DEPOT@HORSENS"


def test_another_code_of_the_same_device_is_the_same_box(coming):
    linked(coming, "OXI-1", "SN-77")

    assert coming.fire("SN-77", "OXI-1") == [CAME_IN, SAME]
    assert len(coming.uids()) == 2


def test_codes_of_one_batch_are_one_box_too(coming):
    first = coming.make(MAKER)
    second = coming.make("OXI-1", gap=TOGETHER)

    verdicts = coming.apply(first, second)

    assert verdicts[1] == CAME_IN
    assert coming.waiting() == []


def test_a_code_that_comes_later_is_another_box(coming):
    coming.scan("OXI-1")

    later = coming.scan(MAKER, gap=TOGETHER + timedelta(milliseconds=1))

    assert later.outcome is Outcome.UNKNOWN
    assert coming.waiting() == [(MAKER, "unknown_code")]


def test_two_devices_fired_together_are_two(coming):
    verdicts = coming.fire("OXI-1", "OXI-2")

    assert [one.message for one in verdicts] == [
        "OXI-1: DEPOT @ HORSENS",
        "OXI-2: DEPOT @ HORSENS",
    ]


def test_what_was_fired_at_another_read_point_is_another_box(docks):
    here, there = docks(), docks("GUN-2", "H-B")
    here.scan("%C:MODE:IN", "OXI-1")
    there.scan("%C:MODE:IN")
    there.clock = here.clock

    verdict = there.scan(MAKER, gap=timedelta(milliseconds=50))

    assert verdict.outcome is Outcome.UNKNOWN


def test_a_card_in_between_begins_another_box(coming):
    verdicts = coming.fire("OXI-1", "%L:H-B", MAKER)

    assert verdicts[-1].outcome is Outcome.UNKNOWN


def test_the_same_tag_after_a_card_is_scanned_again(coming):
    verdicts = coming.fire("OXI-1", "%L:H-B", "OXI-1")

    assert verdicts[-1] == Verdict(Outcome.OK, "OXI-1: DEPOT @ H-B")


def test_a_good_tone_does_not_follow_at_the_heels_of_a_bad_one(coming):
    coming.say("OXI-1", Condition.SCRAPPED)

    refused, behind = coming.fire("OXI-1", MAKER)

    assert refused.outcome is behind.outcome is Outcome.REFUSED
    assert behind.message == refused.message
    assert coming.waiting() == [("OXI-1", "scrapped_alive")]


def test_looking_at_a_box_is_one_look(dock):
    verdicts = dock.fire("OXI-1", MAKER)

    assert verdicts == [Verdict(Outcome.LOOKED, "OXI-1: DEPOT @ H-A"), SAME]


@pytest.mark.parametrize("codes", [("OXI-1", MAKER), (MAKER, "OXI-1")])
def test_undo_means_the_device_of_the_box(coming, codes):
    coming.fire(*codes)

    verdict = coming.scan("%C:UNDO")

    assert verdict == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert coming.where("OXI-1") == "DEPOT@H-A"


def test_undo_of_a_box_that_recorded_nothing_has_nothing_to_undo(coming):
    coming.scan("%L:H-A")
    coming.fire("OXI-1", MAKER)

    assert coming.scan("%C:UNDO") == Verdict(
        Outcome.REFUSED, "The last scan recorded nothing, so there is nothing to undo."
    )


def test_the_serial_of_several_devices_is_settled_by_our_tag(coming):
    coming.share_serial("77")

    unclear, ours = coming.fire("77", "OXI-2")

    assert unclear == Verdict(
        Outcome.REFUSED,
        "77 is the serial of several devices. Say 3230/77 (OXI-1) or 3231/77 (OXI-2).",
    )
    assert ours.outcome is Outcome.OK
    assert coming.waiting() == []


@pytest.mark.parametrize("codes", [("OXI-1", DATED), (DATED, "OXI-1")])
def test_a_makers_number_that_begins_with_a_date_is_of_the_box_and_not_kept(
    coming, codes
):
    verdicts = dict(zip(codes, coming.fire(*codes), strict=True))

    assert verdicts["OXI-1"] == CAME_IN
    assert verdicts[DATED].forget
    assert coming.waiting() == []
    with coming.sessions.read() as session:
        kept = set(session.scalars(select(ScanRecord.payload)))
    assert kept == {"%C:MODE:IN", "OXI-1", "020160-****"}


def test_what_many_tags_at_once_send_is_many_things(docks):
    gate = docks("RFID", "HORSENS")
    gate.bulk = {"RFID"}
    gate.scan("%C:MODE:IN")

    verdicts = gate.fire("OXI-1", "E2801160600002")

    assert [one.outcome for one in verdicts] == [Outcome.OK, Outcome.UNKNOWN]


def test_a_box_asked_about_again_is_answered_as_before(coming):
    first = coming.fire("OXI-1", MAKER)

    again = coming.apply(*coming.made[-2:])

    assert again == first
    with coming.sessions.read() as session:
        rows = session.scalars(select(ScanRecord.payload)).all()
    assert sorted(rows) == sorted(["%C:MODE:IN", "OXI-1", MAKER])


def test_what_was_fired_by_another_scanner_at_the_read_point_is_another_box(docks):
    one, other = docks("GUN-1", "HORSENS"), docks("GUN-2", "HORSENS")
    other.scan("%C:MODE:IN", gap=timedelta(seconds=1.9))
    one.seq = 10
    one.scan("%C:MODE:IN", "OXI-1")
    other.seq = 20

    verdict = other.scan(MAKER, gap=TOGETHER * 0.9)

    assert verdict.outcome is Outcome.UNKNOWN
