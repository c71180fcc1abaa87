"""Letters that are read from three metres: drawn in blocks, at any size.

A letter is seven points high.  A point is half as high as a character of the terminal
and as wide, so two of them, one above the other, are one character, and square.
"""

from collections.abc import Mapping

POINTS_HIGH = 7
GAP_POINTS = 1
"""Between two letters."""
_SPACE_POINTS = 3
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄"}

_DRAWN = """
A     B     C     D     E     F     G     H     I   J     K     L     M     N
.###. ####. .###. ####. ##### ##### .###. #...# ### ..### #...# #.... #...# #...#
#...# #...# #...# #...# #.... #.... #...# #...# .#. ...#. #..#. #.... ##.## ##..#
#...# #...# #.... #...# #.... #.... #.... #...# .#. ...#. #.#.. #.... #.#.# ##..#
##### ####. #.... #...# ####. ####. #.### ##### .#. ...#. ##... #.... #.#.# #.#.#
#...# #...# #.... #...# #.... #.... #...# #...# .#. ...#. #.#.. #.... #...# #..##
#...# #...# #...# #...# #.... #.... #...# #...# .#. #..#. #..#. #.... #...# #..##
#...# ####. .###. ####. ##### #.... .###. #...# ### .##.. #...# ##### #...# #...#

O     P     Q     R     S     T     U     V     W     X     Y     Z     Æ     Ø
.###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# ##### .#### .###.
#...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....# #.#.. #...#
#...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#. #.#.. #..##
#...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#.. ##### #.#.#
#...# #.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#. ..#.. .#... #.#.. ##..#
#...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #.... #.#.. #...#
.###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. ##### #.### .###.

Å     Ä     Ö     Ü     É     0     1   2     3     4     5     6     7     8     9
..#.. .#.#. .#.#. .#.#. ...#. .###. .#. .###. ##### ...#. ##### ..##. ##### .###. .###.
.#.#. ..... ..... ..... ..#.. #...# ##. #...# ...#. ..##. #.... .#... ....# #...# #...#
.###. .###. .###. #...# ##### #...# .#. ....# ..#.. .#.#. ####. #.... ...#. #...# #...#
#...# #...# #...# #...# #.... #.#.# .#. ...#. ...#. #..#. ....# ####. ..#.. .###. .####
##### ##### #...# #...# ####. #...# .#. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# #...# #...# #...# #.... #...# .#. .#... #...# ...#. #...# #...# ..#.. #...# ...#.
#...# #...# .###. .###. ##### .###. ### ##### .###. ...#. .###. .###. ..#.. .###. .##..

-    . : / % + ( ) , ; ' ! ? & _ # @ * =
.... . . ....# ##..# ..... ..# #.. .. .. # # .###. .##.. ..... .#.#. .###. ..... ....
.... . # ....# ##..# ..#.. .#. .#. .. .# # # #...# #..#. ..... .#.#. #...# #.#.# ....
.... . . ...#. ...#. ..#.. #.. ..# .. .. . # ....# #.#.. ..... ##### #.### .###. ####
#### . . ..#.. ..#.. ##### #.. ..# .. .. . # ...#. .#... ..... .#.#. #.#.# ##### ....
.... . . .#... .#... ..#.. #.. ..# .. .. . # ..#.. #.#.# ..... ##### #.### .###. ####
.... . # #.... #..## ..#.. .#. .#. .# .# . . ..... #..#. ..... .#.#. #.... #.#.# ....
.... # . #.... #..## ..... ..# #.. #. #. . # ..#.. .##.# ##### .#.#. .###. ..... ....

→       ✓       ✗       …     "
....#.. ......# ##...## ..... #.#
.....#. ......# .##.##. ..... #.#
......# .....#. ..###.. ..... ...
####### .....#. ...#... ..... ...
......# #...#.. ..###.. ..... ...
.....#. .#.#... .##.##. ..... ...
....#.. ..#.... ##...## #.#.# ...
"""


def _read() -> Mapping[str, tuple[str, ...]]:
    letters: dict[str, tuple[str, ...]] = {}
    for band in _DRAWN.strip().split("\n\n"):
        head, *rows = band.splitlines()
        points = zip(*(row.split() for row in rows), strict=True)
        letters |= dict(zip(head.split(), points, strict=True))
    return letters


LETTERS = _read()
"""Each letter there is, as its rows of points; small ones are drawn as capitals."""


def is_drawable(text: str) -> bool:
    """Tell whether every letter of `text` can be drawn."""
    return all(letter == " " or letter in LETTERS for letter in text.upper())


def width_of(text: str, scale: int = 1) -> int:
    """Return how many columns `text` takes, drawn with points `scale` wide.

    >>> width_of("IN"), width_of("IN", 2)
    (9, 18)
    """
    points = [_points_of(letter) for letter in text.upper()]
    return scale * (sum(points) + GAP_POINTS * max(0, len(points) - 1))


def height_of(scale: int = 1) -> int:
    """Return how many lines a drawn text takes.

    >>> height_of(), height_of(2)
    (4, 7)
    """
    return (scale * POINTS_HIGH + 1) // 2


def drawn(text: str, scale: int = 1) -> list[str]:
    """Return `text` in large letters, line by line.

    Raises:
        KeyError: it has a letter that cannot be drawn.

    >>> print("\\n".join(drawn("IN")))
    ▀█▀ █▄  █
     █  █▀▄ █
     █  █  ██
    ▀▀▀ ▀   ▀
    """
    rows = [
        "".join(point * scale for point in row)
        for row in _rows(text.upper())
        for _ in range(scale)
    ]
    if len(rows) % 2:
        rows.append("." * len(rows[0]))
    return [
        "".join(
            _BLOCKS.get((above == "#", below == "#"), "█")
            for above, below in zip(upper, lower, strict=True)
        )
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def _rows(text: str) -> list[str]:
    blank = ("." * _SPACE_POINTS,) * POINTS_HIGH
    letters = [blank if letter == " " else LETTERS[letter] for letter in text]
    return [
        ("." * GAP_POINTS).join(letter[number] for letter in letters)
        for number in range(POINTS_HIGH)
    ]


def _points_of(letter: str) -> int:
    return _SPACE_POINTS if letter == " " else len(LETTERS[letter][0])
