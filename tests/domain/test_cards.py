import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsc_logistics.domain.cards import (
    BadCard,
    EndCard,
    Mode,
    ModeCard,
    OkCard,
    Target,
    TargetCard,
    UndoCard,
    read_card,
)


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
        ("%L:", BadCard("%L:")),
        ("OXI-000007", None),
        ("", None),
        ("100%", None),
    ],
)
def test_a_card_is_read(text, card):
    assert read_card(text) == card


@given(st.text())
def test_any_text_is_a_card_or_not_and_never_an_error(text):
    card = read_card(text)

    assert card is None or text.strip().startswith("%")
