import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.cards import (
    COMMANDS,
    BadCard,
    BadgeCard,
    CareCard,
    EndCard,
    Mode,
    ModeCard,
    OkCard,
    ReasonCard,
    Target,
    TargetCard,
    UndoCard,
    read_card,
)
from fsc_logistics.domain.care import Condition, ReturnReason


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("%C:MODE:IN", ModeCard(Mode.IN)),
        ("%c:mode:out\r", ModeCard(Mode.OUT)),
        ("%C:UNDO", UndoCard()),
        ("%C:OK", OkCard()),
        ("%C:END", EndCard()),
        ("%C:MODE:FLY", BadCard("%C:MODE:FLY")),
        ("%C:", BadCard("%C:")),
        ("%L:HORSENS", TargetCard(Target.PLACE, "HORSENS")),
        ("%P:anna", TargetCard(Target.PARTY, "ANNA")),
        ("%O:ORD-000001", TargetCard(Target.ORDER, "ORD-000001")),
        ("%O:2026-11-24/ANNA/3", TargetCard(Target.ORDER, "2026-11-24/ANNA/3")),
        ("%K:kit-1", TargetCard(Target.KIT, "KIT-1")),
        ("%C:CARE:CLEANING", CareCard(Condition.CLEANING)),
        ("%C:CARE:READY", CareCard(Condition.READY)),
        ("%C:CARE:SCRAPPED", BadCard("%C:CARE:SCRAPPED")),
        ("%C:REASON:WRONG_DELIVERY", ReasonCard(ReturnReason.WRONG_DELIVERY)),
        ("%C:REASON:DIED", BadCard("%C:REASON:DIED")),
        ("%C:WHO:anna", BadgeCard("ANNA")),
        ("%C:WHO:", BadCard("%C:WHO:")),
        ("%L:", BadCard("%L:")),
        ("OXI-000007", None),
        ("", None),
        ("100%", None),
    ],
)
def test_a_card_is_read(text, card):
    assert read_card(text) == card


def test_every_command_is_read_as_a_card_of_its_own():
    cards = [read_card(text) for text in COMMANDS]

    assert not any(isinstance(card, BadCard | None) for card in cards)
    assert len(set(cards)) == len(cards)


@given(st.text())
def test_any_text_is_a_card_or_not_and_never_an_error(text):
    card = read_card(text)

    assert card is None or text.strip().startswith("%")
