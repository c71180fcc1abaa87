"""How many of something, in words."""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return how many there are; `plural` where it is not the noun and an s.

    >>> counted(1, "visit"), counted(0, "visit")
    ('1 visit', '0 visits')
    >>> counted(2, "mismatch", "mismatches")
    '2 mismatches'
    """
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"
