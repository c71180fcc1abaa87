"""A kit comes back in part; what is missing is told until found or written off."""

import pytest

from fsc_logistics.core.tables import Location, Party
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.kits import MovesBy

PARTS = ("OXI-1", "OXI-2", "SCA-1")
LENT, BACK, AFTER = "2026-02-02 08:00", "2026-02-09 08:00", "2026-02-09 09:00"
HERE, HOME = "DEPOT@H-A", "CIT-1@HOME-CIT-1"
GONE = "OXI-2 is missing, last known: CIT-1 @ HOME-CIT-1"


@pytest.fixture
def lent(kits):
    """A kit of three parts with a citizen."""
    kits.build("BOX-1", *PARTS)
    kits.move("BOX-1", to="HOME-CIT-1", at=LENT)
    return kits


def test_a_kit_that_comes_back_whole_is_returned(lent):
    done = lent.come_back("BOX-1", at=BACK)

    held = [lent.held(device, AFTER) for device in ("BOX-1", *PARTS)]
    assert [one.location for one in held] == ["H-A"] * 4
    assert [one.condition for one in held] == [Condition.RETURNED] * 4
    assert [one.biz_step for one in held] == ["receiving"] * 4
    assert (done.missing, done.lacking, len(done.events)) == ((), {}, 1)


def test_what_did_not_come_stays_where_the_ledger_has_it_and_is_missing(lent):
    done = lent.come_back("BOX-1", at=BACK, missing=["oxi-2"], uid="back")

    missing = lent.held("OXI-2", AFTER)
    assert lent.where("OXI-2", AFTER) == HOME
    assert (missing.flags, missing.condition) == (("missing",), Condition.READY)
    assert [lent.where(d, AFTER) for d in ("BOX-1", "OXI-1", "SCA-1")] == [HERE] * 3
    assert done.events == ("back", "back.2")
    assert lent.event("back").reason == "not in BOX-1 when it came back"
    assert lent.wants("BOX-1", AFTER) == GONE
    lent.check()


def test_a_part_that_was_set_apart_stays_so_when_its_kit_comes_back(lent):
    lent.set(Condition.QUARANTINE, "SCA-1", at="2026-02-05 08:00")

    done = lent.come_back("BOX-1", at=BACK, missing=["OXI-2"], uid="back")
    again = lent.come_back("BOX-1", at=BACK, missing=["OXI-2"], uid="back")

    states = [lent.held(d, AFTER).condition for d in ("BOX-1", "OXI-1", "SCA-1")]
    assert states == ["returned", "returned", "quarantine"]
    assert done.events == again.events == ("back", "back.2", "back.3")
    assert lent.lines("back.3") == [("BOX-1", None), ("OXI-1", None)]
    lent.check()


def test_a_part_that_was_set_apart_and_is_found_stays_so(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])
    lent.set(Condition.QUARANTINE, "OXI-2", at="2026-02-10 08:00")

    lent.find("BOX-1", "OXI-2", at="2026-02-12 08:00")

    assert lent.held("OXI-2", "2026-02-12 09:00").condition == Condition.QUARANTINE


def test_what_is_known_of_a_missing_part_is_kept(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"], uid="b", reason="left at  spa")

    assert lent.event("b").reason == "left at spa"


def test_a_part_known_to_be_elsewhere_is_not_said_to_have_come(lent):
    lent.move("SCA-1", to="MAKER-DK", at="2026-02-05 08:00")
    lent.flag("OXI-2", at="2026-02-06 08:00")

    done = lent.come_back("BOX-1", at=BACK)

    assert lent.where("SCA-1", AFTER) == "MAKER@MAKER-DK"
    assert done.devices == ("BOX-1", "OXI-1")
    assert lent.wants("BOX-1", AFTER) == (
        f"{GONE}; SCA-1 is not with it: MAKER @ MAKER-DK"
    )


def test_parts_that_each_move_alone_come_back_together(lent):
    lent.change("BOX-1", at=BACK, moves_by=MovesBy.EACH)

    done = lent.come_back("BOX-1", at=BACK)

    assert done.devices == ("BOX-1", *PARTS)


def test_a_kit_that_was_scanned_in_before_is_said_to_lack_a_part(lent):
    lent.move("BOX-1", "OXI-1", "SCA-1", to="H-A", at="2026-02-08 08:00")

    done = lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    # What came along by the scan of the case did not come: it is put right by undo.
    assert lent.held("OXI-2", AFTER).flags == ("missing",)
    assert done.devices == ("BOX-1", "OXI-1", "OXI-2", "SCA-1")


def test_the_same_return_told_again_adds_nothing(lent):
    first = lent.come_back("BOX-1", at=BACK, missing=["OXI-2"], uid="back")

    again = lent.come_back("BOX-1", at=BACK, missing=["OXI-2"], uid="back")

    assert again.added is False
    assert (again.events, again.devices) == (first.events, first.devices)


def test_a_return_told_late_leaves_what_came_after(lent):
    lent.move("BOX-1", to="VAN-ANNA", at="2026-02-20 08:00")

    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    assert lent.where("BOX-1", AFTER) == HERE
    assert lent.where("BOX-1", "2026-02-21 08:00") == "ANNA@VAN-ANNA"
    # Told before it was known to be missing; somebody must say that it was not there.
    assert lent.where("OXI-2", "2026-02-21 08:00") == "ANNA@VAN-ANNA"
    assert lent.wants("BOX-1", "2026-02-21 08:00") == (
        "OXI-2 is missing, last known: ANNA @ VAN-ANNA"
    )
    lent.check()


def test_what_was_never_in_the_kit_cannot_be_missing_from_it(lent):
    with pytest.raises(Refused) as other:
        lent.come_back("BOX-1", at=BACK, missing=["SCA-2"])
    with pytest.raises(Refused) as nothing:
        lent.come_back("BOX-2", at=BACK, to="h-a")

    assert str(other.value) == "SCA-2 is not in BOX-1. See: fsc kit show BOX-1"
    assert str(nothing.value) == (
        "There is nothing in BOX-2. Move it as any device: fsc move BOX-2 --to H-A"
    )


# Found


def test_a_missing_part_that_is_found_is_with_its_case_again(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    done = lent.find("BOX-1", "OXI-2", at="2026-02-12 08:00", uid="found")

    found = lent.held("OXI-2", "2026-02-12 09:00")
    assert done.events == ("found", "found.2")
    assert (found.location, found.flags) == ("H-A", ())
    assert found.condition == Condition.RETURNED
    assert lent.wants("BOX-1", "2026-02-11 08:00") == GONE
    assert lent.state("BOX-1", "2026-02-12 09:00").is_whole()
    assert lent.event("found").reason == "found, back in BOX-1"
    lent.check()


def test_a_missing_part_is_also_found_step_by_step(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    lent.move("OXI-2", to="H-A", at="2026-02-12 08:00")
    flagged = lent.wants("BOX-1", "2026-02-12 09:00")
    lent.flag("OXI-2", raised=False, at="2026-02-13 08:00")

    assert flagged == "OXI-2 is missing, last known: DEPOT @ H-A"
    assert lent.state("BOX-1", "2026-02-13 09:00").is_whole()


def test_parts_from_several_places_are_found_in_one_act(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])
    lent.move("SCA-1", to="VAN-BO", at="2026-02-10 08:00")
    lent.set(Condition.CLEANING, "SCA-1", at="2026-02-10 09:00")

    done = lent.find("BOX-1", "OXI-2", "SCA-1", at="2026-02-12 08:00", uid="found")

    assert done.events == ("found", "found.2", "found.3")
    assert lent.state("BOX-1", "2026-02-12 09:00").is_whole()
    # It came from a colleague, who had said already what it needs.
    assert lent.held("SCA-1", "2026-02-12 09:00").condition == Condition.CLEANING
    assert lent.find("BOX-1", "OXI-2", at=AFTER, uid="found").added is False


def test_what_is_not_missing_cannot_be_found(lent):
    with pytest.raises(Refused) as refused:
        lent.find("BOX-1", "OXI-2", at=BACK)

    assert str(refused.value) == (
        "OXI-2 is not missing from BOX-1. See: fsc kit show BOX-1"
    )


# Written off


def test_a_part_written_off_is_lost_and_still_missing(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    done = lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00", uid="off")

    lost = lent.held("OXI-2", "2026-03-01 09:00")
    assert done.events == ("off", "off.2")
    assert (lost.custodian, lost.location) == ("NOBODY", "LOST")
    assert (lost.flags, lost.condition) == (("missing",), Condition.READY)
    assert lent.parts("BOX-1", "2026-03-01 09:00") == ["OXI-1", "SCA-1"]
    assert lent.parts("BOX-1", "2026-02-28 08:00") == [*PARTS]
    assert [lent.event(uid).reason for uid in done.events] == ["left in the train"] * 2
    assert lent.wants("BOX-1", "2026-02-28 08:00") == GONE
    assert lent.state("BOX-1", "2026-03-01 09:00").is_whole()
    lent.check()


def test_a_part_written_off_as_retired_is_scrapped_and_missing_no_more(lent):
    lent.come_back("BOX-1", at=BACK, missing=["OXI-2"])

    done = lent.write_off(
        "BOX-1", "OXI-2", at="2026-03-01 08:00", to="RETIRED", uid="off"
    )

    retired = lent.held("OXI-2", "2026-03-01 09:00")
    assert done.events == ("off", "off.2", "off.3")
    assert (retired.location, retired.condition) == ("RETIRED", Condition.SCRAPPED)
    assert retired.flags == ()


def test_what_is_scrapped_already_can_be_written_off(lent):
    lent.set(Condition.SCRAPPED, "SCA-1", at=BACK)

    lent.write_off("BOX-1", "SCA-1", at="2026-03-01 08:00", to="RETIRED")

    assert lent.where("SCA-1", "2026-03-01 09:00") == "NOBODY@RETIRED"


def test_a_part_is_written_off_once(lent):
    first = lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00", uid="off")
    again = lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00", uid="off")

    with pytest.raises(Refused) as refused:
        lent.write_off("BOX-1", "OXI-2", at="2026-03-02 08:00")

    assert (again.added, again.events) == (False, first.events)
    assert str(refused.value) == "OXI-2 is not in BOX-1. See: fsc kit show BOX-1"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"why": " "}, "Say why it is written off: --why TEXT"),
        (
            {"to": "H-A"},
            "H-A is a shelf. What is written off goes to a place of kind lost or"
            " retired. See: fsc location list",
        ),
    ],
)
def test_a_write_off_needs_a_reason_and_a_place_for_it(lent, said, told):
    with pytest.raises(Refused) as refused:
        lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00", **said)

    assert str(refused.value) == told
    assert lent.parts("BOX-1", "2026-03-01 09:00") == [*PARTS]


def test_which_place_is_meant_must_be_plain(lent):
    place = lent.session.query(Location).filter_by(code="LOST").one()
    nobody = lent.session.query(Party).filter_by(code="NOBODY").one()
    other = Location(code="LOST-2", kind="lost", keeper_id=nobody.id)
    lent.session.add(other)
    lent.session.flush()
    with pytest.raises(Refused) as several:
        lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00")
    place.kind = other.kind = "retired"
    lent.session.flush()
    with pytest.raises(Refused) as none:
        lent.write_off("BOX-1", "OXI-2", at="2026-03-01 08:00")

    assert str(several.value) == (
        "This centre has several places for what is lost: LOST, LOST-2. Say which:"
        " --to LOST"
    )
    assert str(none.value) == (
        "This centre has no place for what is lost. Register one:"
        " fsc location add LOST --kind lost --keeper PARTY"
    )


def test_many_missing_parts_are_counted(lent):
    lent.move("SCA-2", "SCA-3", to="H-B", at=LENT)
    lent.build("BOX-1", "SCA-2", "SCA-3", at="2026-02-03 08:00")
    missing = ["OXI-1", "OXI-2", "SCA-1"]

    lent.come_back("BOX-1", at=BACK, missing=missing)

    wants = lent.wants("BOX-1", AFTER)
    assert wants.endswith("; 2 more are missing")
    assert [part.device for part in lent.state("BOX-1", AFTER).missing] == [
        *missing,
        "SCA-2",
        "SCA-3",
    ]


def test_a_recall_is_not_a_part_missing(lent):
    lent.flag("OXI-2", at=LENT, flag=Flag.RECALLED)

    assert lent.state("BOX-1", BACK).is_whole()
