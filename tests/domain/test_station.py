from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.station import (
    advance,
    read_station,
    write_station,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)


def after(*texts, gap=timedelta(seconds=1)):
    context = ""
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
    station = after("%C:MODE:OUT", "%P:ANNA", "OXI-1", gap=IDLE + timedelta(seconds=1))

    assert chosen(station) == (Mode.LOOK, None, None, None)


def test_a_station_in_use_stays_as_it_is():
    station = after("%C:MODE:OUT", "%P:ANNA", *["OXI-1"] * 9, gap=IDLE)

    assert chosen(station) == (Mode.OUT, None, "ANNA", None)


@given(st.text(), st.text())
def test_the_way_a_station_is_told_never_fails(context, text):
    told = advance(context, text, NOON, idle=IDLE)

    assert write_station(read_station(told)) == told
