"""What a scan of a case or of a part says to whoever holds the scanner."""

from datetime import timedelta

import pytest

from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.station import advance
from scanner.scan import Outcome, Scan, Verdict

IDLE = timedelta(minutes=10)


@pytest.fixture
def scan(centre, at):
    """Scan one code after the other at the dock on a morning; return the verdict."""
    state = {"seq": 0, "context": ""}

    def scan(*texts, day="02-09"):
        verdict = None
        for text in texts:
            state["seq"] += 1
            moment = at(day) + timedelta(seconds=state["seq"])
            made = Scan(
                scan_id=f"scan-{state['seq']}",
                station="DOCK",
                station_seq=state["seq"],
                port="GUN-1",
                read_point="HORSENS",
                scanned_at=moment,
                raw=text.encode(),
                text=text,
                symbology="",
                context=state["context"],
            )
            state["context"] = advance(state["context"], text, moment, idle=IDLE)
            (verdict,) = record_scans(centre, [made], now=moment, idle=IDLE)
        return verdict

    return scan


@pytest.fixture
def build(centre, register, at, signed):
    """Build BOX-1 of two oximeters; it should hold a scale too."""

    def build(**said):
        with centre.begin() as session:
            register(session)
            holds = {"3230": 2, "352": 1}
            add_template(session, "HOME", name="At home", holds=holds)
            record_kit(
                session,
                ["OXI-1", "OXI-2"],
                kit="BOX-1",
                uid="built",
                at=at("02-01"),
                by=signed(),
                **said,
            )

    return build


@pytest.fixture
def lend(centre, move, at, signed):
    def lend(device, day="02-02"):
        with centre.begin() as session:
            move(
                session,
                device,
                to="HOME-CIT-1",
                at=at(day),
                uid=f"lent-{device}",
                by=signed(),
            )

    return lend


def test_a_case_that_is_looked_at_tells_how_many_parts_are_with_it(scan, build):
    build()

    assert scan("BOX-1") == Verdict(Outcome.LOOKED, "BOX-1: DEPOT @ H-A (with 2 parts)")


def test_a_part_that_is_looked_at_tells_its_kit(scan, build):
    build()

    assert scan("OXI-1") == Verdict(
        Outcome.LOOKED, "OXI-1: DEPOT @ H-A (a part of BOX-1)"
    )


def test_a_case_tells_at_once_what_is_not_with_it_and_what_it_lacks(scan, build, lend):
    build(template="HOME")
    lend("OXI-2")

    verdict = scan("%C:MODE:MOVE", "%L:H-B", "BOX-1")

    assert verdict == Verdict(
        Outcome.OK,
        "BOX-1: DEPOT @ H-B (with 1 part; OXI-2 is not with it: CIT-1 @ HOME-CIT-1;"
        " it lacks 1 of 352)",
    )


def test_a_part_that_moves_alone_out_of_a_kit_is_told_as_one(scan, build):
    build()

    verdict = scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")
    again = scan("OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: DEPOT @ H-B (a part of BOX-1)")
    assert again.outcome is Outcome.ALREADY


def test_a_part_that_takes_its_kit_along_tells_so(scan, build):
    build(moves_by=MovesBy.ANY)

    verdict = scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: DEPOT @ H-B (with BOX-1 and 1 part)")


def test_a_whole_kit_that_comes_in_by_any_part_is_returned(scan, build, lend):
    build(moves_by=MovesBy.ANY)
    lend("BOX-1")

    verdict = scan("%C:MODE:IN", "OXI-2")
    looked = scan("%C:MODE:LOOK", "OXI-1")

    assert verdict == Verdict(
        Outcome.OK, "OXI-2: DEPOT @ HORSENS (with BOX-1 and 1 part)"
    )
    assert looked.message == ("OXI-1: DEPOT @ HORSENS, returned (a part of BOX-1)")


def test_undo_at_the_scanner_puts_back_what_any_part_took_along(scan, build):
    build(moves_by=MovesBy.ANY)
    scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")

    undone = scan("%C:UNDO")
    looked = scan("%C:MODE:LOOK", "BOX-1")

    assert undone == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert looked.message == "BOX-1: DEPOT @ H-A (with 2 parts)"


def test_a_device_in_no_kit_says_nothing_of_kits(scan, build):
    build()

    assert scan("OXI-3") == Verdict(Outcome.LOOKED, "OXI-3: DEPOT @ H-A")
