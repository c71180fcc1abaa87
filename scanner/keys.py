"""What a scanner that types has scanned: key presses back to the bytes of the code.

The scanner must be set to the US English keyboard, whatever the computer is set to: a
key has a place and no letter, and what is written on it is the scanner's assumption.

Source: Linux, include/uapi/linux/input-event-codes.h.
"""

UP, DOWN = 0, 1
"""A key that is held repeats itself as 2: no scanner holds one."""

UNREADABLE = b"\x00"
"""For a key that stands for nothing: the code is then refused, and not shortened."""

_ENTER, _KEYPAD_ENTER, _TAB = 28, 96, 15
_CAPS_LOCK, _NUMBER_LOCK, _SCROLL_LOCK = 58, 69, 70
_SHIFTS, _CONTROLS, _ALTS = {42, 54}, {29, 97}, {56, 100}
_MODIFIERS = _SHIFTS | _CONTROLS | _ALTS
_LOCKS = {_CAPS_LOCK, _NUMBER_LOCK, _SCROLL_LOCK}
_ENDS = {_ENTER: b"\r", _KEYPAD_ENTER: b"\r", _TAB: b"\t"}

_ROWS = [
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (55, "*", "*"),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
]
"""The first key of each row of neighbours, and what they are without and with shift."""
_PLAIN = {first + n: c for first, row, _ in _ROWS for n, c in enumerate(row)}
_SHIFTED = {first + n: c for first, _, row in _ROWS for n, c in enumerate(row)}
_NUMBER_DIGITS_MAX = 4


class Keys:
    r"""The bytes that presses stand for, one key after the other.

    >>> keys = Keys()
    >>> shift, a, enter = 42, 30, 28
    >>> keys.pressed(shift, DOWN), keys.pressed(a, DOWN), keys.pressed(shift, UP)
    (b'', b'A', b'')
    >>> keys.pressed(enter, DOWN)
    b'\r'
    """

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._is_caps_locked = False
        self._number = ""

    def pressed(self, key: int, change: int) -> bytes:
        """Take a key that went up or down; return what it stands for, often nothing.

        Control makes the control characters (GS is Control and ]), and Alt with digits
        on the keypad any character by its number, when Alt is let go.
        """
        if key in _MODIFIERS:
            return self._modified(key, change)
        if change != DOWN:
            return b""
        if key in _LOCKS:
            self._is_caps_locked ^= key == _CAPS_LOCK
            return b""
        if self._held & _ALTS:
            return self._numbered(key)
        if self._held & _CONTROLS:
            return _control(_PLAIN.get(key, ""), _SHIFTED.get(key, ""))
        return _ENDS.get(key) or self._character(key)

    def _modified(self, key: int, change: int) -> bytes:
        if change == DOWN:
            self._held.add(key)
        elif change == UP:
            self._held.discard(key)
            if key in _ALTS:
                number, self._number = self._number, ""
                return _by_number(number) if number else b""
        return b""

    def _numbered(self, key: int) -> bytes:
        digit = _PLAIN.get(key, "")
        is_on_keypad = key >= _ROWS[-2][0]
        if not (is_on_keypad and digit.isdigit()):
            return UNREADABLE
        self._number = (self._number + digit)[: _NUMBER_DIGITS_MAX + 1]
        return b""

    def _character(self, key: int) -> bytes:
        character = (_SHIFTED if self._held & _SHIFTS else _PLAIN).get(key, "")
        if self._is_caps_locked:
            character = character.swapcase()
        return character.encode("ascii") or UNREADABLE


def _control(plain: str, shifted: str) -> bytes:
    """Return the control character of a key: ^ and _ are above a digit and a dash."""
    for character in (plain.upper(), shifted):
        if character and "@" <= character <= "_":
            return bytes([ord(character) & 0x1F])
    return UNREADABLE


def _by_number(number: str) -> bytes:
    """Return the character that Windows makes of `number` typed with Alt.

    >>> _by_number("0216").decode(), _by_number("157").decode(), _by_number("029")
    ('Ø', '¥', b'\\x1d')
    """
    code = int(number)
    if len(number) > _NUMBER_DIGITS_MAX or code > 255:
        return UNREADABLE
    page = "cp1252" if number.startswith("0") else "cp437"
    try:
        return bytes([code]).decode(page).encode()
    except UnicodeDecodeError:
        return UNREADABLE
