import pytest

from fsc_logistics.core.printing import Card, cards_pdf, command_cards
from fsc_logistics.domain.cards import COMMANDS
from fsc_logistics.domain.errors import BadInput


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_cards_carry_every_command_of_the_scanner(codes, language):
    read = codes(cards_pdf(command_cards(language), language))

    assert set(read) == set(COMMANDS)


def test_a_command_card_says_what_it_does_in_the_language_of_the_paper(page_texts):
    (danish,) = page_texts(cards_pdf([Card(code="%C:UNDO")], "da"))
    (english,) = page_texts(cards_pdf([Card(code="%C:UNDO")], "en"))

    assert "FORTRYD" in danish
    assert "Tag den sidste scanning på denne station tilbage." in danish
    assert "UNDO" in english


def test_places_and_people_bring_their_own_words(page_texts, codes):
    cards = [
        Card(code="%L:A-02-1", title="A-02-1", text="Pulsoximetre"),
        Card(code="%P:ANNA", title="Anna Testesen"),
        Card(code="%K:KIT-1", title="KIT-1", text="Kuffert"),
        Card(code="%C:WHO:ANNA", title="ANNA", text="Anna Testesen"),
    ]

    pdf = cards_pdf(cards)

    (text,) = page_texts(pdf)
    assert "Sted A-02-1 Pulsoximetre" in text
    assert "Person Anna Testesen" in text
    assert "Sæt KIT-1 Kuffert" in text
    assert "Hvem scanner ANNA Anna Testesen" in text
    assert set(codes(pdf)) == {"%L:A-02-1", "%P:ANNA", "%K:KIT-1", "%C:WHO:ANNA"}


def test_nine_cards_need_a_second_sheet_and_long_words_stay_on_their_card(
    page_texts, codes, collisions
):
    card = Card(code="%L:A-02-1", title="W" * 60, text="ord " * 80)

    pdf = cards_pdf([card] * 9)

    assert len(page_texts(pdf)) == 2
    assert codes(pdf) == {"%L:A-02-1": 9}
    assert collisions(pdf) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: cards_pdf([]),
            "There are no cards to print. Name at least one code.",
        ),
        (
            lambda: cards_pdf([Card(code="%C:DANCE")]),
            "%C:DANCE is not a command the scanner knows. Give its card a title.",
        ),
    ],
)
def test_a_mistake_is_explained(make, message):
    with pytest.raises(BadInput) as caught:
        make()

    assert str(caught.value) == message
