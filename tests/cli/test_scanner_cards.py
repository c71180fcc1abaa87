"""The cards of the scanner, printed and read back."""

import pypdfium2
import pytest
import zxingcpp

from fsc_logistics.domain.cards import COMMANDS, BadCard, read_card


def symbols(path):
    """Return what a scanner reads on the pages, page by page."""
    with pypdfium2.PdfDocument(path) as pdf:
        images = [page.render(scale=203 / 72, grayscale=True).to_pil() for page in pdf]
    return [code.text for image in images for code in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_cards_read_as_what_the_station_knows(centre, folder, fsc, language):
    told = fsc(
        *("--database", centre, "scanner", "cards", "-o", "x.pdf"),
        *("--place", "horsens", "--party", "ANNA", "--language", language),
        *("--kit", "oxi-000001", "--operator", "anna"),
    )

    read = symbols(folder / "x.pdf")
    assert (told.code, told.out) == (0, "x.pdf\n")
    named = ["%L:HORSENS", "%P:ANNA", "%K:OXI-000001", "%C:WHO:ANNA"]
    assert sorted(read) == sorted([*COMMANDS, *named])
    assert not any(isinstance(read_card(code), BadCard | None) for code in read)


def test_cards_for_places_that_are_not_there_are_not_printed(centre, folder, fsc):
    told = fsc("--database", centre, "scanner", "cards", "--place", "MOON")

    assert (told.code, told.out) == (3, "")
    assert told.err == (
        "Error: MOON is no place this centre knows. See: fsc location list\n"
    )
    assert not (folder / "cards.pdf").exists()


def test_who_does_not_work_here_gets_no_badge(centre, folder, fsc):
    told = fsc("--database", centre, "scanner", "cards", "--operator", "CIT-1")

    assert (told.code, told.out) == (4, "")
    assert told.err == "Error: CIT-1 does not work here, and gets no badge.\n"
    assert not (folder / "cards.pdf").exists()
