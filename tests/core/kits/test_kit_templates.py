"""What a kind of kit holds, and kits that are held against it."""

import pytest

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.kits.templates import (
    Template,
    add_template,
    change_template,
    list_templates,
    show_template,
)
from fsc_logistics.domain.custody import WrongBecause
from fsc_logistics.domain.errors import BadIdentifier, BadInput, NotFound, Refused
from fsc_logistics.domain.kits import MovesBy

HOME = {"3230": 2, "352": 1}


@pytest.fixture
def home(kits):
    """Two oximeters and a scale."""
    return add_template(kits.session, "home", name="At home", holds=HOME)


def test_a_template_is_kept_as_it_was_told(kits, home):
    told = Template(template="HOME", name="At home", moves_by=MovesBy.CASE, holds=HOME)

    assert home == told
    assert show_template(kits.session, "Home") == told
    assert list_templates(kits.session) == [told]


def test_a_template_is_changed_model_by_model(kits, home):
    changed = change_template(
        kits.session,
        "HOME",
        name="In  a home ",
        holds={"3230": 0, "BOX-S": 3},
        moves_by=MovesBy.ANY,
    )

    assert changed == Template(
        template="HOME",
        name="In a home",
        moves_by=MovesBy.ANY,
        holds={"352": 1, "BOX-S": 3},
    )


@pytest.mark.parametrize(
    ("code", "name", "holds", "error", "told"),
    [
        (
            "home",
            "Again",
            HOME,
            Refused,
            "There is a kit template HOME already. Change it:"
            " fsc kit template change HOME",
        ),
        ("WARD", " ", HOME, BadInput, "A kit template needs a name."),
        (
            "WARD",
            "On wards",
            {},
            Refused,
            "Kit template WARD would hold nothing. Name a model.",
        ),
        (
            "WARD",
            "On wards",
            {"3230": 1000},
            BadInput,
            "A kit holds 0 to 999 devices of a model, not 1000.",
        ),
        (
            "WARD",
            "On wards",
            {"9999": 1},
            NotFound,
            "9999 is no device model here. See: fsc model list",
        ),
        (
            "ON WARD",
            "On wards",
            HOME,
            BadIdentifier,
            "That cannot be a code: use up to 40 of A-Z, 0-9, '-', '.' and '_', a"
            " letter or digit first.",
        ),
    ],
)
def test_a_template_that_cannot_be_is_refused(
    kits, home, code, name, holds, error, told
):
    with pytest.raises(error) as refused:
        add_template(kits.session, code, name=name, holds=holds)

    assert str(refused.value) == told


def test_a_template_keeps_at_least_one_model(kits, home):
    with pytest.raises(Refused) as refused:
        change_template(kits.session, "HOME", holds={"3230": 0, "352": 0})

    assert str(refused.value) == ("Kit template HOME would hold nothing. Name a model.")


def test_an_unknown_template_is_not_found(kits):
    with pytest.raises(NotFound) as unknown:
        kits.build("BOX-1", "OXI-1", template="HOME")

    assert str(unknown.value) == (
        "HOME is no kit template of this centre. See: fsc kit template list"
    )


def test_a_kit_with_too_few_is_built_and_says_what_it_lacks(kits, home):
    kits.build("BOX-1", "OXI-1", template="HOME")

    state = kits.state("BOX-1", "2026-02-02 08:00")
    assert (state.template, state.lacking) == ("HOME", {"3230": 1, "352": 1})
    assert state.wants() == "it lacks 1 of 3230, 1 of 352"


def test_a_kit_that_is_filled_up_lacks_nothing(kits, home):
    kits.build("BOX-1", "OXI-1", template="HOME")

    kits.build("BOX-1", "OXI-2", "SCA-1", at="2026-02-02 08:00")

    assert kits.state("BOX-1", "2026-02-03 08:00").is_whole()
    assert kits.wants("BOX-1", "2026-02-01 12:00") == "it lacks 1 of 3230, 1 of 352"


def test_too_many_of_a_model_are_refused(kits, home):
    kits.build("BOX-1", "SCA-1", template="HOME")

    with pytest.raises(Refused) as refused:
        kits.build("BOX-1", "SCA-2", at="2026-02-02 08:00")

    assert str(refused.value) == (
        "BOX-1 would hold 2 of 352, and template HOME has room for 1. See:"
        " fsc kit template show HOME"
    )


def test_a_model_the_template_has_no_place_for_is_refused(kits, home):
    with pytest.raises(Refused) as refused:
        kits.build("BOX-1", "OXI-1", "BOX-2", template="HOME")

    assert str(refused.value) == (
        "BOX-S has no place in a kit of template HOME. See: fsc kit template show HOME"
    )


def test_a_kit_built_before_can_be_given_a_template(kits, home):
    kits.build("BOX-1", "OXI-1", "SCA-1")
    at = "2026-02-02 08:00"

    kits.change("BOX-1", at=at, template="HOME")
    lacking = kits.state("BOX-1", at).lacking
    kits.change("BOX-1", at=at, no_template=True)

    assert lacking == {"3230": 1}
    assert kits.state("BOX-1", at).is_whole()


def test_a_part_put_in_late_must_have_room_at_every_later_moment(kits, home):
    kits.build("BOX-1", "OXI-1", template="HOME", at="2026-02-01 08:00")
    kits.build("BOX-1", "SCA-1", at="2026-02-05 08:00")
    kits.take_apart("BOX-1", "SCA-1", at="2026-02-07 08:00")

    with pytest.raises(Refused) as refused, kits.session.begin_nested():
        kits.build("BOX-1", "SCA-2", at="2026-02-03 08:00")
    kits.build("BOX-1", "SCA-2", at="2026-02-07 08:00")

    assert str(refused.value) == (
        "On 2026-02-05 08:00 UTC: BOX-1 would hold 2 of 352, and template HOME has room"
        " for 1. See: fsc kit template show HOME"
    )
    assert kits.parts("BOX-1", "2026-02-04 08:00") == ["OXI-1"]
    assert kits.parts("BOX-1", "2026-02-08 08:00") == ["OXI-1", "SCA-2"]
    kits.check()


def test_a_part_that_left_again_before_there_was_another_has_room(kits, home):
    kits.build("BOX-1", "SCA-1", template="HOME", at="2026-02-05 08:00")
    kits.build("BOX-2", "SCA-2", at="2026-02-04 08:00")

    kits.build("BOX-1", "SCA-2", at="2026-02-03 08:00")

    assert kits.parts("BOX-1", "2026-02-03 12:00") == ["SCA-2"]
    assert kits.parts("BOX-1", "2026-02-06 08:00") == ["SCA-1"]


def test_a_late_swap_is_refused_where_the_old_part_was_swapped_for_another(kits, home):
    kits.build("BOX-1", "SCA-1", template="HOME", at="2026-02-01 08:00")
    kits.swap("BOX-1", "SCA-1", "SCA-2", at="2026-02-05 08:00")

    with pytest.raises(Refused) as refused, kits.session.begin_nested():
        kits.swap("BOX-1", "SCA-1", "SCA-3", at="2026-02-03 08:00")

    assert str(refused.value) == (
        "On 2026-02-05 08:00 UTC: BOX-1 would hold 2 of 352, and template HOME has room"
        " for 1. See: fsc kit template show HOME"
    )


def test_what_is_undone_leaves_too_many_and_the_kit_says_so(kits, home):
    kits.build("BOX-1", "OXI-1", "OXI-2", "SCA-1", template="HOME")
    kits.take_apart("BOX-1", "SCA-1", at="2026-02-03 08:00", uid="out")
    kits.build("BOX-1", "SCA-2", at="2026-02-04 08:00")

    declare_wrong(
        kits.session,
        "out",
        kits.signed(),
        reason=WrongBecause.DID_NOT_OCCUR,
        declaration_uid="undo",
    )

    at = "2026-02-05 08:00"
    state = kits.state("BOX-1", at)
    assert (state.surplus, state.lacking, state.is_whole()) == ({"352": 1}, {}, False)
    assert state.wants() == "it holds 1 of 352 too many"
    assert [(kit.kit, kit.surplus) for kit in kits.listed(at=at, incomplete=True)] == [
        ("BOX-1", {"352": 1})
    ]
    kits.swap("BOX-1", "SCA-1", "SCA-3", at=at)
    kits.check()


def test_a_kit_without_a_template_has_nothing_too_many(kits):
    kits.build("BOX-1", "SCA-1", "SCA-2")

    assert kits.state("BOX-1", "2026-02-05 08:00").is_whole()


def test_a_template_a_kit_does_not_fit_is_refused(kits, home):
    kits.build("BOX-1", "SCA-1", "SCA-2")

    with pytest.raises(Refused) as refused:
        kits.change("BOX-1", at="2026-02-02 08:00", template="HOME")

    assert str(refused.value) == (
        "BOX-1 would hold 2 of 352, and template HOME has room for 1. See:"
        " fsc kit template show HOME"
    )


def test_a_kit_moves_as_its_template_says_unless_it_is_told_otherwise(kits):
    add_template(
        kits.session, "LOOSE", name="Loose", holds={"3230": 1}, moves_by=MovesBy.EACH
    )

    kits.build("BOX-1", "OXI-1", template="LOOSE")
    kits.build("BOX-2", "OXI-2", template="LOOSE", moves_by=MovesBy.ANY)
    kits.build("KIT-1", "OXI-3")

    day = "2026-02-02 08:00"
    assert [kits.state(kit, day).moves_by for kit in ("BOX-1", "BOX-2", "KIT-1")] == [
        MovesBy.EACH,
        MovesBy.ANY,
        MovesBy.CASE,
    ]


def test_the_list_tells_kits_that_are_not_whole(kits, home):
    kits.build("BOX-1", "OXI-1", "OXI-2", "SCA-1", template="HOME")
    kits.build("BOX-2", "SCA-2", template="HOME")
    kits.build("KIT-1", "OXI-3", "SCA-3")
    kits.move("SCA-3", to="HOME-CIT-1", at="2026-02-02 08:00")

    def listed(**asked):
        rows = kits.listed(at="2026-02-03 08:00", **asked)
        return [(row.kit, row.part_count, row.missing, row.lacking) for row in rows]

    whole = ("BOX-1", 3, (), {})
    lacking = ("BOX-2", 1, (), {"3230": 2})
    missing = ("KIT-1", 2, ("SCA-3",), {})
    assert listed() == [whole, lacking, missing]
    assert listed(incomplete=True) == [lacking, missing]
    assert listed(template="home") == [whole, lacking]


def test_a_kit_of_which_all_is_missing_is_listed_until_it_is_written_off(kits, home):
    kits.build("BOX-1", "OXI-1", "SCA-1", template="HOME")
    kits.move("OXI-1", "SCA-1", to="HOME-CIT-1", at="2026-02-02 08:00")
    kits.write_off("BOX-1", "OXI-1", at="2026-02-04 08:00")
    kits.write_off("BOX-1", "SCA-1", at="2026-02-05 08:00")

    def missing(day):
        listed = kits.listed(at=f"2026-02-0{day} 12:00", incomplete=True)
        return [row.missing for row in listed]

    assert missing(3) == [("OXI-1", "SCA-1")]
    assert missing(4) == [("SCA-1",)]
    assert missing(5) == []


def test_a_case_that_was_taken_apart_is_no_kit_that_could_lack_anything(kits, home):
    kits.build("BOX-1", "OXI-1", "SCA-1", template="HOME")
    kits.take_apart("BOX-1", "OXI-1", at="2026-02-02 08:00")
    kits.take_apart("BOX-1", at="2026-02-03 08:00")

    def lacking(day):
        listed = kits.listed(at=f"2026-02-0{day} 12:00", incomplete=True)
        return [row.lacking for row in listed]

    assert lacking(2) == [{"3230": 2}]
    assert lacking(3) == []


def test_the_list_goes_on_past_one_statement(kits, monkeypatch):
    for case, part in (("BOX-1", "OXI-1"), ("BOX-2", "OXI-2"), ("KIT-1", "OXI-3")):
        kits.build(case, part)
    monkeypatch.setattr("fsc_logistics.core.kits.listing.BATCH", 2)

    rows = kits.listed(at="2026-02-03 08:00")

    assert [row.kit for row in rows] == ["BOX-1", "BOX-2", "KIT-1"]
