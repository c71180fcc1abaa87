"""Every scan in every state has an answer: it is taken, or told what to scan."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fsc_logistics.domain.cards import COMMANDS, Mode, Target, TargetCard, read_card
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.sayings import LANGUAGES, SAYINGS, Say
from fsc_logistics.domain.scenarios import (
    SCENES,
    Kind,
    OutOfTurn,
    Scene,
    check_card,
    check_device,
    expects,
    hint,
    kind_of,
    scene_of,
)
from fsc_logistics.domain.station import Station, after_card

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STATES = {
    Scene.LOOKING: Station(),
    Scene.IN: Station(mode=Mode.IN),
    Scene.OUT_WHERE: Station(mode=Mode.OUT),
    Scene.OUT: Station(mode=Mode.OUT, party="ANNA"),
    Scene.MOVE_WHERE: Station(mode=Mode.MOVE, party="ANNA"),
    Scene.MOVE: Station(mode=Mode.MOVE, place="H-A"),
    Scene.COUNT: Station(mode=Mode.COUNT, place="H-A"),
    Scene.CARE_WHAT: Station(mode=Mode.CARE),
    Scene.CARE: Station(mode=Mode.CARE, condition=Condition.READY),
    Scene.BUILD_WHAT: Station(mode=Mode.BUILD),
    Scene.BUILD: Station(mode=Mode.BUILD, kit="KIT-1"),
    Scene.STOPPED: Station(mode=Mode.OUT, party="ANNA", held=True),
}
CARDS = [
    *map(read_card, COMMANDS),
    *(TargetCard(target, "CODE") for target in Target),
    read_card("%C:WHO:ANNA"),
    read_card("%C:NONE"),
]


def test_every_scene_is_reached_and_wants_something():
    assert set(STATES) == set(Scene) == set(SCENES)
    assert {scene: scene_of(state) for scene, state in STATES.items()} == {
        scene: scene for scene in Scene
    }


def test_the_cards_and_a_device_are_every_kind_of_scan_there_is():
    assert {kind_of(card) for card in [*CARDS, None]} == set(Kind)


def is_refused(state, card):
    try:
        check_card(state, card)
    except OutOfTurn:
        return True
    return False


@pytest.mark.parametrize("card", CARDS, ids=str)
@pytest.mark.parametrize("scene", Scene)
def test_a_card_is_expected_or_refused_and_then_changes_nothing(scene, card):
    state, kind = STATES[scene], kind_of(card)

    if is_refused(state, card):
        assert kind not in expects(state)
        assert after_card(state, card, NOON) == replace(state, used_at=NOON)
    else:
        # END while looking, and cards while stopped, do what they do anywhere.
        harmless = {Scene.LOOKING: {Kind.END}, Scene.STOPPED: set(Kind)}
        unasked = harmless.get(scene, set()) | {Kind.BAD_CARD}
        assert kind in expects(state) | unasked


@pytest.mark.parametrize("scene", Scene)
def test_a_device_is_expected_or_refused_with_what_to_scan_first(scene):
    state = STATES[scene]

    if Kind.DEVICE in expects(state) and scene is not Scene.BUILD_WHAT:
        check_device(state)
    else:
        with pytest.raises(OutOfTurn) as caught:
            check_device(state)
        assert str(caught.value) == SAYINGS[SCENES[scene].no_device]["en"]


@pytest.mark.parametrize("scene", Scene)
def test_every_scene_has_a_hint_in_every_language(scene):
    hints = {hint(STATES[scene], language) for language in LANGUAGES}

    assert len(hints) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("state", "card", "told"),
    [
        (
            Scene.IN,
            TargetCard(Target.KIT, "KIT-1"),
            "IN takes a place card only; for a person, an order or a kit, scan OUT"
            " first.",
        ),
        (
            Scene.MOVE,
            TargetCard(Target.ORDER, "ORD-1"),
            "MOVE takes a place card; for an order or a kit, scan OUT first.",
        ),
        (
            Scene.COUNT,
            TargetCard(Target.PARTY, "ANNA"),
            "COUNT takes a place card only; for all else, scan END first.",
        ),
        (
            Scene.CARE,
            TargetCard(Target.PLACE, "H-A"),
            "CARE moves nothing; scan IN, OUT or MOVE first.",
        ),
        (
            Scene.BUILD,
            TargetCard(Target.PLACE, "H-A"),
            "BUILD takes a kit only; for all else, scan END first.",
        ),
        (
            Scene.OUT,
            read_card("%C:REASON:SWAP"),
            "A reason goes with IN or CARE: scan one of them first.",
        ),
    ],
)
def test_what_is_said_of_a_card_that_makes_no_sense_now(state, card, told):
    with pytest.raises(Refused) as caught:
        check_card(STATES[state], card)

    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            Scene.OUT_WHERE,
            "Scan where it goes first: a person, a place, an order or a kit.",
        ),
        (Scene.MOVE_WHERE, "Scan the place it moves to first."),
        (
            Scene.CARE_WHAT,
            "Scan the condition first: cleaning, quarantine, repair or ready.",
        ),
        (Scene.BUILD_WHAT, "Scan the kit first: its card or its own tag."),
        (
            Scene.STOPPED,
            "Scan OK first: a device before this one was in the wrong state.",
        ),
    ],
)
def test_what_is_said_of_a_device_scanned_too_early(state, told):
    with pytest.raises(Refused) as caught:
        check_device(STATES[state])

    assert str(caught.value) == told


def test_looking_is_free_though_somebody_was_told_to_stop():
    check_device(Station(held=True))


def test_there_is_no_saying_without_a_text():
    assert set(SAYINGS) == set(Say)
