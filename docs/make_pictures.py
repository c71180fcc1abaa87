"""Make the pictures of the documents from a demonstration: `make pictures`."""

import sys
from pathlib import Path

import pypdfium2
from make_screens import screens
from PIL import Image, ImageOps

HERE = Path(__file__).parent / "pictures"
GREY = (236, 236, 236)


def page(pdf: Path, number: int, scale: float = 1.25) -> Image.Image:
    """Return a page as a picture with a thin frame."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[number].render(scale=scale).to_pil().convert("RGB")
    document.close()
    return ImageOps.expand(picture, 1, (190, 190, 190))


def beside(pictures: list[Image.Image], gap: int = 24) -> Image.Image:
    """Return pictures side by side on grey."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * gap), GREY)
    left = gap
    for picture in pictures:
        sheet.paste(picture, (left, gap))
        left += picture.width + gap
    return sheet


def main(folder: Path) -> None:
    """Write the pictures of a run, of labels and cards from a demonstration."""
    run = sorted(folder.glob("run-*-ANNA.pdf"))[0]
    with_kit = next(
        number
        for number in range(1, 20)
        if "Opsætning" in text_of(run, number)
        and "KIT-" in text_of(run, number)
        and "Udstyr, der bliver" in text_of(run, number)
    )
    pictures = {
        "run-sheet.png": beside([page(run, 0), page(run, with_kit)]),
        "labels.png": page(folder / "labels.pdf", 0, 1.0),
        "cards.png": page(folder / "cards.pdf", 0, 1.0),
        **screens(folder),
    }
    for name, picture in pictures.items():
        picture.quantize(32).save(HERE / name, optimize=True)


def text_of(pdf: Path, number: int) -> str:
    """Return the text of a page."""
    document = pypdfium2.PdfDocument(pdf)
    if number >= len(document):
        return ""
    text = document[number].get_textpage().get_text_range()
    document.close()
    return str(text)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "fsc-demo"))
