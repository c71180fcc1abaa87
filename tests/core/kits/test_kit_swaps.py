"""A part is swapped for another device of its model, in one step."""

import pytest

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import WrongBecause
from fsc_logistics.domain.errors import Refused

LENT, SWAPPED, AFTER = "2026-02-02 08:00", "2026-02-09 08:00", "2026-02-09 09:00"
HOME = "CIT-1@HOME-CIT-1"


@pytest.fixture
def lent(kits):
    """A kit of an oximeter and a scale with a citizen; a technician's spare."""
    kits.build("BOX-1", "OXI-1", "SCA-1")
    kits.move("BOX-1", to="HOME-CIT-1", at=LENT)
    kits.move("OXI-2", to="VAN-ANNA", at=LENT)
    return kits


def test_the_new_part_is_where_the_old_was_and_the_old_where_the_new_was(lent):
    done = lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, uid="swap")

    assert done.events == ("swap", "swap.2", "swap.3")
    assert done.devices == ("OXI-1", "OXI-2")
    assert lent.lines("swap") == [("OXI-1", None), ("OXI-2", "BOX-1")]
    assert lent.parts("BOX-1", AFTER) == ["OXI-2", "SCA-1"]
    assert lent.parts("BOX-1", "2026-02-09 07:59") == ["OXI-1", "SCA-1"]
    assert lent.where("OXI-2", AFTER) == HOME
    assert lent.where("OXI-1", AFTER) == "ANNA@VAN-ANNA"
    lent.check()


def test_what_a_citizen_had_is_returned_and_the_new_stays_ready(lent):
    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED)

    assert lent.held("OXI-1", AFTER).condition == Condition.RETURNED
    assert lent.held("OXI-2", AFTER).condition == Condition.READY


def test_an_old_part_that_was_set_apart_while_it_was_out_stays_so(lent):
    lent.set(Condition.QUARANTINE, "OXI-1", at="2026-02-05 08:00")

    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED)

    assert lent.held("OXI-1", AFTER).condition == Condition.QUARANTINE


def test_the_old_part_goes_where_it_is_told_to_go(lent):
    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, old_to="h-b")

    assert lent.where("OXI-1", AFTER) == "DEPOT@H-B"
    assert lent.held("OXI-1", AFTER).condition == Condition.RETURNED


def test_an_old_part_that_is_retired_is_scrapped(lent):
    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, old_to="RETIRED")

    assert lent.held("OXI-1", AFTER).condition == Condition.SCRAPPED


def test_a_swap_on_one_shelf_moves_nothing(kits):
    kits.build("BOX-1", "OXI-1")

    done = kits.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED)

    assert len(done.events) == 1
    assert kits.held("OXI-1", AFTER).condition == Condition.READY
    assert kits.parts("BOX-1", AFTER) == ["OXI-2"]


def test_a_scrapped_part_can_be_swapped_out(lent):
    lent.set(Condition.SCRAPPED, "OXI-1", at="2026-02-08 08:00")

    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, old_to="RETIRED")

    assert lent.where("OXI-1", AFTER) == "NOBODY@RETIRED"


def test_the_same_swap_told_again_adds_nothing(lent):
    first = lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, uid="swap")

    again = lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, uid="swap")

    assert (again.added, again.events) == (False, first.events)
    assert again.devices == first.devices


def test_a_swap_told_late_leaves_what_came_after(lent):
    lent.move("BOX-1", to="H-B", at="2026-02-20 08:00")

    lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED)

    assert lent.parts("BOX-1", AFTER) == ["OXI-2", "SCA-1"]
    assert lent.where("OXI-2", AFTER) == HOME
    # The case took OXI-1 along by what was known then; that is not made undone.
    assert lent.where("OXI-1", "2026-02-21 08:00") == "DEPOT@H-B"
    assert lent.wants("BOX-1", "2026-02-21 08:00") == (
        "OXI-2 is not with it: CIT-1 @ HOME-CIT-1"
    )
    lent.check()


def test_a_swap_that_is_undone_leaves_all_as_it_was(lent):
    done = lent.swap("BOX-1", "OXI-1", "OXI-2", at=SWAPPED, uid="swap")

    for number, uid in enumerate(done.events):
        declare_wrong(
            lent.session,
            uid,
            lent.signed(),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=f"undo-{number}",
        )

    assert lent.parts("BOX-1", AFTER) == ["OXI-1", "SCA-1"]
    assert lent.where("OXI-1", AFTER) == HOME
    assert lent.held("OXI-1", AFTER).condition == Condition.READY
    assert lent.where("OXI-2", AFTER) == "ANNA@VAN-ANNA"
    lent.check()


@pytest.mark.parametrize(
    ("case", "old", "new", "told"),
    [
        ("BOX-1", "OXI-1", "OXI-1", "OXI-1 cannot be swapped for itself."),
        (
            "BOX-1",
            "OXI-1",
            "SCA-2",
            "SCA-2 is a 352 and OXI-1 a 3230: a part is swapped for one of the same"
            " model.",
        ),
        ("BOX-1", "OXI-3", "OXI-2", "OXI-3 is not in BOX-1. See: fsc kit show BOX-1"),
        (
            "BOX-2",
            "SCA-2",
            "SCA-1",
            "SCA-1 is a part of BOX-1. Take it out first: fsc kit take-apart BOX-1"
            " SCA-1",
        ),
        (
            "BOX-1",
            "OXI-1",
            "OXI-3",
            "OXI-3 is not ready to go out: it is recalled and being cleaned. See:"
            " fsc history OXI-3",
        ),
        (
            "BOX-1",
            "SCA-1",
            "SCA-3",
            "SCA-1 is missing from BOX-1 and cannot be swapped. Write it off:"
            " fsc kit write-off BOX-1 SCA-1; then: fsc kit build BOX-1 SCA-3",
        ),
    ],
)
def test_a_swap_that_cannot_be_is_refused(lent, case, old, new, told):
    lent.build("BOX-2", "SCA-2")
    lent.flag("OXI-3", at=LENT, flag=Flag.RECALLED)
    lent.set(Condition.CLEANING, "OXI-3", at=LENT)
    lent.move("SCA-1", to="VAN-BO", at="2026-02-05 08:00")

    with pytest.raises(Refused) as refused:
        lent.swap(case, old, new, at=SWAPPED)

    assert str(refused.value) == told
