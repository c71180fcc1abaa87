"""A scanned device on the screen: who had it before, and who has it now."""

from collections.abc import Iterable, Mapping

from fsc_logistics.cli.watch.poster import NO_BREAK, Item
from fsc_logistics.cli.watch.state import LastScan
from fsc_logistics.cli.watch.words import OUTCOMES, Word, word
from fsc_logistics.domain.kits import said_wants
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.sayings import word as in_words
from scanner.scan import Outcome

ARROW = "→"
HELD_AT = " @ "
"""Between who has a device and where."""
SYMBOLS = {
    Outcome.OK: "✓",
    Outcome.ALREADY: "=",
    Outcome.REFUSED: "✗",
}
"""Before a device, for those who do not tell the colours apart."""
COUNTED = {
    Say.COUNTED,
    Say.COUNTED_ALREADY,
    Say.COUNTED_STRAY,
    Say.COUNT_WHOLE,
    Say.COUNT_MISSES,
}
"""What says how many were found."""
_DRAWN = {Say.HELD_BY, Say.UNDONE, Say.CARED_FOR, Say.COUNTED}
"""What is drawn as a whole, and need not be told once more."""
_RECORDED = {Say.TAKE_BACK, Say.PUT_ASIDE}
_WHY_IN_MESSAGE = {Say.REFUSED, Say.NOT_KNOWN}


def device_items(scan: LastScan, language: str) -> tuple[Item, ...]:
    """Return a device, and what became of it.

    Large is what changed: who has it or else where it is, its condition, or how many
    were counted.  All of it stands small below.
    """
    facts = scan.facts
    key = facts.get("say")
    what = OUTCOMES[language][scan.outcome]
    if key == Say.UNDONE:
        what = word(Word.UNDONE, language)
    elif key in _RECORDED:  # Refused is how it sounds, to stop whoever holds it.
        what = OUTCOMES[language][Outcome.OK]
    late = word(Word.LATE, language) if scan.is_late else ""
    device = facts.get("device")
    if device is None:
        return Item(what, 1), Item(said(scan, language), 2, 1), Item(late, 8, 0)
    symbol = SYMBOLS.get(scan.outcome)
    after = facts.get("after") or facts.get("before", "")
    before = facts.get("before") or after
    way = _way(before, after)
    large = Item(way, 2, short=after.partition(HELD_AT)[0])
    if key in COUNTED:
        large = Item(counted_of(scan), 2)
    elif key == Say.CARED_FOR:
        large = Item(
            in_words("condition", facts.get("condition", ""), language).upper(), 2
        )
    elif before != after:
        large = Item(_way(*_changed(before, after)), 2)
    told = "" if key in _DRAWN else said(scan, language)
    details = [facts.get("model"), "" if large.text == way else way]
    details += [_of_kit(facts, language), late]
    return (
        Item(what, 5, 1),
        Item(f"{symbol}{NO_BREAK}{device}" if symbol else device, 1),
        large,
        Item(_unfit(facts, language) or told, 3, 1),
        Item(_in_one_line(details), 7, 0),
    )


def _unfit(facts: Mapping[str, str], language: str) -> str:
    """Return why a device cannot go out; nothing where it can."""
    codes = facts.get("unfit", "").split()
    return ", ".join(
        in_words("flag", in_words("condition", code, language), language)
        for code in codes
    )


def _of_kit(facts: Mapping[str, str], language: str) -> str:
    """Return what there is to say of a kit, or of a part of one."""
    if "part_of" in facts:
        return word(Word.PART_OF, language, kit=facts["part_of"])
    if "parts_count" not in facts:
        return facts.get("kit_words", "")
    count = facts["parts_count"]
    key = Word.WITH_PART if count == "1" else Word.WITH_PARTS
    parts = word(key, language, count=count)
    tag = facts.get("kit_tag")
    told = word(Word.WITH_KIT, language, kit=tag, parts=parts) if tag else parts
    wants = said_wants(facts.get("wanting", ""), language)
    return f"{told}; {wants}" if wants else told


def said(scan: LastScan, language: str) -> str:
    """Return what the operator was told, in `language` where that is known.

    >>> from datetime import UTC, datetime
    >>> told = LastScan(
    ...     moment=datetime(2026, 5, 1, tzinfo=UTC),
    ...     outcome=Outcome.REFUSED,
    ...     message="Scan the place it moves to first.",
    ...     facts={"say": "move_where"},
    ... )
    >>> said(told, "da")
    'Scan først stedet, det flyttes til.'
    """
    if language == "en":
        return scan.message
    try:
        key = Say(scan.facts["say"])
        told = say(key, language, **{**scan.facts, **_worded(scan.facts, language)})
    except (KeyError, ValueError):  # Of another version, or of before a restart.
        return scan.message
    return f"{told} {scan.message}" if key in _WHY_IN_MESSAGE else told


def _worded(facts: Mapping[str, str], language: str) -> dict[str, str]:
    """Return the facts that are whole sentences, in `language`."""
    wants = said_wants(facts.get("wanting", ""), language)
    return {"wants": wants} if wants else {}


def counted_of(scan: LastScan) -> str:
    """Return how many were found, of how many."""
    return f"{scan.facts.get('found', '')} / {scan.facts.get('expected', '')}"


def _in_one_line(parts: Iterable[str | None]) -> str:
    return "  ·  ".join(part for part in parts if part)


def _way(before: str, after: str) -> str:
    """Return from where to where; one alone where nothing moved."""
    if before == after:
        return whole(after)
    return f"{whole(before)} {ARROW}{NO_BREAK}{whole(after)}"


def _changed(before: str, after: str) -> tuple[str, str]:
    """Return the custodians of two answers where they differ, else the places.

    >>> _changed("DEPOT @ H-B", "ANNA @ VAN"), _changed("DEPOT @ H-B", "DEPOT @ H-C")
    (('DEPOT', 'ANNA'), ('H-B', 'H-C'))
    """
    whose, _, where = before.partition(HELD_AT)
    whose_now, _, where_now = after.partition(HELD_AT)
    return (whose, whose_now) if whose != whose_now else (where, where_now)


def whole(text: str) -> str:
    """Return `text` so that it stays in one line."""
    return text.replace(" ", NO_BREAK)
