"""What reads paper back: its texts, its codes, and what lies on what."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pypdfium2
import pytest
import zxingcpp
from PIL.Image import Image


def read_texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            re.sub(r"\s+", " ", page.get_textpage().get_text_range())
            for page in document
        ]


def page_images(pdf: bytes, dpi: int) -> list[Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document
        ]


def read_codes(pdf: bytes, dpi: int = 203) -> Counter[str]:
    """Count what a scanner reads on all pages."""
    return Counter(
        code.text
        for image in page_images(pdf, dpi)
        for code in zxingcpp.read_barcodes(image)
    )


Box = tuple[float, float, float, float]


def letter_boxes(page: pypdfium2.PdfPage) -> Iterator[Box]:
    """Yield (left, bottom, right, top) of the ink of each letter, in points."""
    text = page.get_textpage()
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        if not text.get_text_range(index, 1).isspace():
            yield left, bottom, right, top


def symbol_boxes(page: pypdfium2.PdfPage, dpi: int = 203) -> Iterator[Box]:
    """Yield the box of each symbol, in points, with the white that belongs to it."""
    image = page.render(scale=dpi / 72, grayscale=True).to_pil()
    for code in zxingcpp.read_barcodes(image):
        corners = code.position
        points = (
            corners.top_left,
            corners.top_right,
            corners.bottom_left,
            corners.bottom_right,
        )
        across = [point.x * 72 / dpi for point in points]
        up = [page.get_height() - point.y * 72 / dpi for point in points]
        white = 10 * 0.25 / 25.4 * 72 if "128" in str(code.format) else 0
        yield min(across) - white, min(up), max(across) + white, max(up)


def shared(one: Box, other: Box) -> float:
    """Return how much of the smaller box lies in the other, from 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    area = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / area


def find_collisions(pdf: bytes) -> list[str]:
    """Say where letters lie on symbols, on other letters or outside the page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            letters = list(letter_boxes(page))
            symbols = list(symbol_boxes(page))
            width, height = page.get_size()
            for index, box in enumerate(letters):
                if min(box[:2]) < 0 or box[2] > width or box[3] > height:
                    found.append(f"page {number}: outside at {box}")
                if any(shared(box, symbol) > 0 for symbol in symbols):
                    found.append(f"page {number}: on a symbol at {box}")
                if any(shared(box, other) > 0.3 for other in letters[index + 1 :]):
                    found.append(f"page {number}: on another letter at {box}")
    return found


@pytest.fixture
def page_texts() -> Callable[[bytes], list[str]]:
    return read_texts


@pytest.fixture
def codes() -> Callable[..., Counter[str]]:
    return read_codes


@pytest.fixture
def collisions() -> Callable[[bytes], list[str]]:
    return find_collisions


@pytest.fixture
def boxes() -> Callable[[bytes], tuple[list[Box], list[Box]]]:
    """Return letters and symbols of page 1 as (left, top, right, bottom) in mm."""

    def first_page(pdf: bytes) -> tuple[list[Box], list[Box]]:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            height = page.get_height()
            letters, symbols = (
                [
                    tuple(side / 72 * 25.4 for side in (a, height - d, c, height - b))
                    for a, b, c, d in found
                ]
                for found in (letter_boxes(page), symbol_boxes(page))
            )
        return letters, symbols

    return first_page
