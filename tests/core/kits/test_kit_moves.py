"""A kit moves as one: by its case, by any part, or not at all."""

import pytest

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.domain.custody import WrongBecause
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.kits import MovesBy

NEXT_DAY = "2026-02-02 08:00"
AFTER = "2026-02-02 09:00"
HERE, VAN = "DEPOT@H-A", "ANNA@VAN-ANNA"
ALL = ("BOX-1", "OXI-1", "OXI-2")


def moved(kits, moves_by, *devices, at=NEXT_DAY):
    """Build a kit of two oximeters that moves so, and take `devices` into the van."""
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=moves_by)
    kits.move(*devices, to="VAN-ANNA", at=at, as_fact=True)
    return [device for device in ALL if kits.where(device, AFTER) == VAN]


@pytest.mark.parametrize(
    ("moves_by", "scanned", "went"),
    [
        (MovesBy.CASE, ["BOX-1"], [*ALL]),
        (MovesBy.CASE, ["OXI-1"], ["OXI-1"]),
        (MovesBy.CASE, ["BOX-1", "OXI-1"], [*ALL]),
        (MovesBy.ANY, ["BOX-1"], [*ALL]),
        (MovesBy.ANY, ["OXI-1"], [*ALL]),
        (MovesBy.ANY, ["OXI-1", "OXI-2"], [*ALL]),
        (MovesBy.EACH, ["BOX-1"], ["BOX-1"]),
        (MovesBy.EACH, ["OXI-1"], ["OXI-1"]),
    ],
)
def test_what_goes_along_is_as_the_kit_is_set(kits, moves_by, scanned, went):
    assert moved(kits, moves_by, *scanned) == went
    kits.check()


@pytest.mark.parametrize("moves_by", list(MovesBy))
def test_a_part_that_is_elsewhere_is_left_there(kits, moves_by):
    kits.build("BOX-1", "OXI-1", "OXI-2")
    kits.move("OXI-2", to="HOME-CIT-1", at="2026-02-01 12:00")
    kits.change("BOX-1", at=NEXT_DAY, moves_by=moves_by)

    kits.move("BOX-1", to="VAN-ANNA", at=NEXT_DAY)

    assert kits.where("OXI-2", AFTER) == "CIT-1@HOME-CIT-1"
    assert "OXI-2 is not with it: CIT-1 @ HOME-CIT-1" in kits.wants("BOX-1", AFTER)


def test_a_part_that_is_brought_back_comes_alone_and_is_found_there(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=MovesBy.ANY)
    kits.move("OXI-2", to="HOME-CIT-1", at="2026-02-01 12:00", uid="away")
    kits.session.flush()
    went = [kits.where(device, "2026-02-01 13:00") for device in ALL]
    kits.move("BOX-1", to="H-B", at=NEXT_DAY)
    kits.move("OXI-1", to="H-A", at="2026-02-03 08:00")

    assert went == ["CIT-1@HOME-CIT-1"] * 3
    assert [kits.where(device, "2026-02-04 08:00") for device in ALL] == [HERE] * 3


def test_a_part_apart_from_an_any_kit_moves_alone(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2")
    kits.move("OXI-2", to="HOME-CIT-1", at="2026-02-01 12:00")
    kits.change("BOX-1", at=NEXT_DAY, moves_by=MovesBy.ANY)

    kits.move("OXI-2", to="H-A", at=NEXT_DAY)

    assert [kits.where(device, AFTER) for device in ALL] == [HERE] * 3
    assert kits.state("BOX-1", AFTER).is_whole()


def test_what_is_missing_does_not_go_along(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=MovesBy.ANY)
    kits.flag("OXI-2", at="2026-02-01 12:00")

    kits.move("BOX-1", to="VAN-ANNA", at=NEXT_DAY)

    assert [kits.where(device, AFTER) for device in ALL] == [VAN, VAN, HERE]
    assert kits.wants("BOX-1", AFTER) == ("OXI-2 is missing, last known: DEPOT @ H-A")


def test_a_missing_part_that_turns_up_takes_nothing_along(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=MovesBy.ANY)
    kits.flag("OXI-2", at="2026-02-01 12:00")

    kits.move("OXI-2", to="VAN-ANNA", at=NEXT_DAY, as_fact=True)

    assert [kits.where(device, AFTER) for device in ALL] == [HERE, HERE, VAN]


def test_a_late_move_of_the_case_takes_along_what_was_in_it_then(kits):
    kits.build("BOX-1", "OXI-1", at="2026-02-01 08:00")
    kits.take_apart("BOX-1", "OXI-1", at="2026-02-05 08:00")
    kits.build("BOX-1", "OXI-2", at="2026-02-05 08:00")

    kits.move("BOX-1", to="VAN-ANNA", at="2026-02-03 08:00")

    assert kits.where("OXI-1", "2026-02-04 08:00") == VAN
    assert kits.where("OXI-2", "2026-02-04 08:00") == HERE
    kits.check()


def test_undoing_a_scan_of_a_part_puts_the_whole_kit_back(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=MovesBy.ANY)
    done = kits.move("OXI-2", to="VAN-ANNA", at=NEXT_DAY, uid="moved")
    by = kits.signed()

    declare_wrong(
        kits.session,
        "moved",
        by,
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undone",
    )

    assert done.devices == ALL
    assert [kits.where(device, AFTER) for device in ALL] == [HERE] * 3
    kits.check()


def test_the_lines_say_which_kit_a_part_went_along_with(kits):
    kits.build("BOX-1", "OXI-1", "OXI-2", moves_by=MovesBy.ANY)

    kits.move("OXI-1", to="VAN-ANNA", at=NEXT_DAY, uid="moved")

    assert kits.lines("moved") == [
        ("BOX-1", None),
        ("OXI-1", None),
        ("OXI-2", "BOX-1"),
    ]


# What was in it when


def test_what_was_in_a_kit_on_a_past_day_is_answered(kits):
    kits.build("BOX-1", "OXI-1", "SCA-1", at="2026-05-01 08:00")
    kits.take_apart("BOX-1", "SCA-1", at="2026-05-03 12:00")
    kits.build("BOX-1", "SCA-2", at="2026-05-04 08:00")

    assert kits.parts("BOX-1", "2026-04-30 08:00") == []
    assert kits.parts("BOX-1", "2026-05-03 08:00") == ["OXI-1", "SCA-1"]
    assert kits.parts("BOX-1", "2026-05-03 12:00") == ["OXI-1"]
    assert kits.parts("BOX-1", "2026-05-05 08:00") == ["OXI-1", "SCA-2"]


def test_a_late_build_counts_until_what_was_known_to_come_after(kits):
    kits.build("BOX-1", "OXI-1", at="2026-05-01 08:00")
    kits.take_apart("BOX-1", at="2026-05-05 08:00")

    kits.build("BOX-2", "OXI-2", at="2026-05-02 08:00")
    kits.build("BOX-1", "SCA-1", at="2026-05-03 08:00")

    assert kits.parts("BOX-1", "2026-05-04 08:00") == ["OXI-1", "SCA-1"]
    assert kits.parts("BOX-1", "2026-05-06 08:00") == ["SCA-1"]
    assert kits.parts("BOX-2", "2026-05-06 08:00") == ["OXI-2"]
    kits.check()


def test_a_part_that_leaves_late_is_put_in_the_next_kit_in_between(kits):
    kits.build("BOX-1", "OXI-1", at="2026-05-01 08:00")
    kits.take_apart("BOX-1", "OXI-1", at="2026-05-03 08:00")

    with pytest.raises(Refused) as refused:
        kits.build("BOX-2", "OXI-1", at="2026-05-02 08:00")
    kits.build("BOX-2", "OXI-1", at="2026-05-03 09:00")

    assert str(refused.value) == (
        "OXI-1 is a part of BOX-1. Take it out first: fsc kit take-apart BOX-1 OXI-1"
    )
    assert kits.parts("BOX-2", "2026-05-04 08:00") == ["OXI-1"]
