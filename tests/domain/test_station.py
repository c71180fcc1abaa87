import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.cards import COMMANDS, Mode
from fsc_logistics.domain.care import Condition, ReturnReason
from fsc_logistics.domain.station import (
    INSTEAD_MAX,
    Station,
    advance,
    awake,
    hold,
    read_station,
    write_station,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def after(*texts, gap=SECOND, context=""):
    moment = NOON
    for text in texts:
        context = advance(context, text, moment, idle=IDLE)
        moment += gap
    return read_station(context)


def chosen(station):
    return station.mode, station.place, station.party, station.order


def test_a_station_begins_with_looking():
    assert chosen(after()) == (Mode.LOOK, None, None, None)


def test_out_goes_to_the_target_scanned_last():
    station = after("%C:MODE:OUT", "%L:HORSENS", "OXI-1", "%P:ANNA", "OXI-2")

    assert chosen(station) == (Mode.OUT, None, "ANNA", None)


def test_move_takes_a_place_and_a_party():
    assert chosen(after("%C:MODE:MOVE", "%L:VAN-3", "%P:ANNA")) == (
        Mode.MOVE,
        "VAN-3",
        "ANNA",
        None,
    )


def test_a_mode_forgets_what_was_chosen():
    station = after("%C:MODE:OUT", "%P:ANNA", "%C:MODE:IN")

    assert chosen(station) == (Mode.IN, None, None, None)


def test_end_goes_back_to_looking():
    assert chosen(after("%C:MODE:OUT", "%P:ANNA", "%C:END")) == (
        Mode.LOOK,
        None,
        None,
        None,
    )


def test_a_place_scanned_while_looking_sets_nothing():
    assert chosen(after("%L:HORSENS")) == (Mode.LOOK, None, None, None)


def test_a_station_left_alone_falls_back_to_looking():
    station = after("%C:MODE:OUT", "%P:ANNA", "OXI-1", gap=IDLE + SECOND)

    assert chosen(station) == (Mode.LOOK, None, None, None)


def test_a_clock_set_back_falls_back_to_looking():
    context = write_station(after("%C:WHO:ANNA", "%C:MODE:OUT", "%P:CIT-1"))

    back = advance(context, "OXI-1", NOON - timedelta(days=1), idle=IDLE)

    assert read_station(back) == Station(used_at=NOON - timedelta(days=1))


def test_a_station_in_use_stays_as_it_is():
    station = after("%C:MODE:OUT", "%P:ANNA", *["OXI-1"] * 9, gap=IDLE)

    assert chosen(station) == (Mode.OUT, None, "ANNA", None)


# Conditions, reasons, kits


def test_a_condition_card_begins_care_in_that_condition():
    station = after("%C:MODE:OUT", "%P:ANNA", "%C:CARE:REPAIR")

    assert (station.mode, station.condition) == (Mode.CARE, Condition.REPAIR)
    assert chosen(station) == (Mode.CARE, None, None, None)


def test_a_condition_we_do_not_know_ends_the_one_before_it():
    station = after("%C:CARE:READY", "%C:CARE:SHINY")

    assert (station.mode, station.condition) == (Mode.LOOK, None)


def test_a_reason_stays_for_all_that_comes_in_and_ends_with_the_mode():
    here = after("%C:MODE:IN", "%C:REASON:SWAP", "%L:H-B", "OXI-1")
    gone = after("%C:MODE:IN", "%C:REASON:SWAP", "%C:MODE:IN")

    assert (here.reason, here.place) == (ReturnReason.SWAP, "H-B")
    assert gone.reason is None


def test_a_reason_we_do_not_know_ends_the_one_before_it():
    station = after("%C:MODE:IN", "%L:H-B", "%C:REASON:SWAP", "%C:REASON:DIED")

    assert (station.reason, station.place) == (None, "H-B")


def test_a_reason_where_nothing_comes_in_sets_nothing():
    assert after("%C:MODE:OUT", "%C:REASON:SWAP").reason is None


@pytest.mark.parametrize(
    ("named", "kit"),
    [("%K:kit-1", "KIT-1"), ("Bx-1", "Bx-1"), ("]C1KIT-1", "KIT-1")],
)
def test_the_kit_that_is_built_is_named_by_its_card_or_its_own_tag(named, kit):
    station = after("%C:MODE:BUILD", named, "OXI-1", "OXI-1", "OXI-2")

    assert (station.mode, station.kit) == (Mode.BUILD, kit)
    assert station.instead == ("OXI-1", "OXI-2")


def test_what_is_kept_beside_the_kit_has_an_end_and_a_card_begins_anew():
    full = after("%C:MODE:BUILD", *(f"OXI-{number}" for number in range(20)))
    anew = after("%C:MODE:BUILD", "OXI-1", "OXI-2", "%K:KIT-1")

    assert (full.kit, len(full.instead)) == ("OXI-0", INSTEAD_MAX)
    assert (anew.kit, anew.instead) == ("KIT-1", ())


@pytest.mark.parametrize("other", ["5701234567890", "0201609995", "NANCY BERGGREN"])
def test_what_could_be_anything_names_no_kit(other):
    assert after("%C:MODE:BUILD", other).kit is None


def test_it_is_known_since_when_something_is_set():
    station = after("%C:MODE:COUNT", "%L:H-A", "OXI-1", "OXI-2")

    assert station.since == NOON + SECOND
    assert station.used_at == NOON + 3 * SECOND


# Who scans


def test_a_badge_stays_when_the_work_ends_and_goes_with_the_idle_time():
    station = after("%C:WHO:ANNA", "%C:MODE:OUT", "%P:BO", "%C:END")

    assert (station.operator, station.mode) == ("ANNA", Mode.LOOK)
    assert awake(station, NOON + IDLE + 4 * SECOND, IDLE) == Station()


def test_a_badge_shown_late_leaves_what_is_set():
    station = after("%C:MODE:OUT", "%P:BO", "%C:WHO:ANNA")

    assert (station.operator, station.party) == ("ANNA", "BO")


def test_whoever_takes_over_begins_anew():
    station = after("%C:WHO:ANNA", "%C:MODE:OUT", "%P:CIT-1", "%C:WHO:BO")

    assert (station.operator, station.mode, station.party) == ("BO", Mode.LOOK, None)


@pytest.mark.parametrize("name", ["0201609995", "020160-9995 NANCY", "Nancy Berggren"])
def test_a_person_is_not_carried_along_as_a_code(name):
    shown = after("%C:MODE:OUT", "%C:WHO:ANNA", f"%C:WHO:{name}")
    chosen = after("%C:MODE:OUT", "%P:CIT-1", f"%P:{name}")

    assert (shown.operator, shown.mode) == ("ANNA", Mode.OUT)
    assert chosen.party == "?"


# Stop


def test_only_ok_lets_go_of_a_hand_that_was_told_to_stop():
    held = hold(write_station(after("%C:MODE:OUT", "%P:ANNA")))

    others = [text for text in (*COMMANDS, "%L:H-A", "OXI-1") if text != "%C:OK"]
    still = [after(text, context=held).held for text in others]
    freed = after("%C:OK", context=held)

    assert all(still)
    assert (freed.held, freed.party) == (False, "ANNA")


def test_it_is_known_that_something_was_scanned_before_ok():
    held = hold(write_station(after("%C:MODE:OUT", "%P:ANNA")))

    assert after("%C:OK", context=held).missed is False
    assert after("OXI-1", "%C:OK", context=held).missed is True
    assert after("%C:END", "OXI-1", context=held).missed is False


def test_it_is_known_that_something_was_scanned_before_what_becomes_of_it():
    assert after("%C:MODE:OUT", "OXI-1").missed is True
    assert after("%C:MODE:OUT", "%P:ANNA", "OXI-1").missed is False
    assert after("%C:MODE:IN", "OXI-1").missed is False


def test_a_hand_that_was_told_to_stop_long_ago_is_free():
    held = read_station(hold(write_station(after("%C:MODE:OUT"))))

    assert awake(held, NOON + IDLE + SECOND, IDLE).held is False


# As text


def test_a_station_is_read_as_it_was_written():
    station = Station(
        mode=Mode.OUT,
        place="H-A",
        party="ANNA",
        order="2026-11-24/ANNA/3",
        kit="KIT-1",
        condition=Condition.READY,
        reason=ReturnReason.SWAP,
        operator="BO",
        held=True,
        missed=True,
        since=NOON,
        used_at=NOON,
    )

    assert read_station(write_station(station)) == station


def test_what_the_version_before_wrote_is_read():
    text = json.dumps({"mode": "OUT", "party": "ANNA", "used_at": NOON.isoformat()})

    assert read_station(text) == Station(mode=Mode.OUT, party="ANNA", used_at=NOON)


@pytest.mark.parametrize(
    "text", ['{"mode": "FLY"}', '{"condition": "shiny"}', '{"since": 7}', "[]", "7"]
)
def test_what_another_version_wrote_otherwise_is_asked_for_again(text):
    assert read_station(text) == Station()


ANY_CODE = st.sampled_from([*COMMANDS, "%L:H-A", "%P:BO", "%O:ORD-1", "%K:KIT-1"])


@given(st.text(), st.text() | ANY_CODE)
def test_the_way_a_station_is_told_never_fails(context, text):
    told = advance(context, text, NOON, idle=IDLE)

    assert write_station(read_station(told)) == told
    assert read_station(hold(told)).held


@given(st.lists(ANY_CODE | st.just("OXI-1")))
def test_what_is_set_is_the_same_however_often_it_is_told(texts):
    station = after(*texts)

    assert read_station(write_station(station)) == station
