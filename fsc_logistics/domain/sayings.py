"""What a station says to whoever scans: each saying by a key, in each language.

The English one goes into the ledger's own list of scans; a screen may say the same in
another language, from the key and the facts of the verdict.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from fsc_logistics.domain.phrases import PHRASES, WORDS
from fsc_logistics.domain.phrases_refused import REFUSALS

LANGUAGES = ("da", "en")


class Say(StrEnum):
    """The key of a saying."""

    # What to scan next.
    HINT_LOOKING = "hint_looking"
    HINT_IN = "hint_in"
    HINT_OUT_WHERE = "hint_out_where"
    HINT_OUT = "hint_out"
    HINT_MOVE_WHERE = "hint_move_where"
    HINT_MOVE = "hint_move"
    HINT_COUNT = "hint_count"
    HINT_CARE_WHAT = "hint_care_what"
    HINT_CARE = "hint_care"
    HINT_BUILD_WHAT = "hint_build_what"
    HINT_BUILD = "hint_build"
    HINT_STOPPED = "hint_stopped"
    # Why a scan makes no sense now.
    IN_TAKES = "in_takes"
    MOVE_TAKES = "move_takes"
    COUNT_TAKES = "count_takes"
    CARE_TAKES = "care_takes"
    BUILD_TAKES = "build_takes"
    REASON_WHERE = "reason_where"
    OUT_WHERE = "out_where"
    MOVE_WHERE = "move_where"
    PLACE_FIRST = "place_first"
    CARE_WHAT = "care_what"
    BUILD_WHAT = "build_what"
    OK_FIRST = "ok_first"
    # What a card has set or done.
    MODE_LOOK = "mode_look"
    MODE_IN = "mode_in"
    MODE_OUT = "mode_out"
    MODE_MOVE = "mode_move"
    MODE_COUNT = "mode_count"
    MODE_CARE = "mode_care"
    MODE_BUILD = "mode_build"
    CHOSEN = "chosen"
    CARE_SET = "care_set"
    REASON_SET = "reason_set"
    BADGE_SET = "badge_set"
    BADGE_OF_NOBODY = "badge_of_nobody"
    BADGE_UNKNOWN = "badge_unknown"
    DONE = "done"
    NOT_COUNTED = "not_counted"
    KIT_WHOLE = "kit_whole"
    KIT_WANTS = "kit_wants"
    ORDER_WHOLE = "order_whole"
    ORDER_WANTS = "order_wants"
    CAME_WHOLE = "came_whole"
    CAME_WANTS = "came_wants"
    COUNT_WHOLE = "count_whole"
    COUNT_MISSES = "count_misses"
    COUNT_STRAYS = "count_strays"
    COUNT_UNKNOWN = "count_unknown"
    UNDERSTOOD = "understood"
    UNDONE = "undone"
    BAD_CARD = "bad_card"
    NO_CARD = "no_card"
    # What is said of a device, or of a code that is none.
    DEVICE_THERE = "device_there"
    DEVICES_THERE = "devices_there"
    HELD_BY = "held_by"
    HELD_BY_NOBODY = "held_by_nobody"
    CARED_FOR = "cared_for"
    COUNTED = "counted"
    COUNTED_STRAY = "counted_stray"
    COUNTED_ALREADY = "counted_already"
    UNCOUNTED = "uncounted"
    UNKNOWN_CODE = "unknown_code"
    KIT_AGAIN = "kit_again"
    UNKNOWN_LISTED = "unknown_listed"
    PERSONAL = "personal"
    SAME_BOX = "same_box"
    CONTRADICTED = "contradicted"
    PUT_ASIDE = "put_aside"
    TAKE_BACK = "take_back"
    WHICH_WAY = "which_way"
    NO_PORTAL = "no_portal"
    PORTAL_PLACE = "portal_place"
    CLOCK_AHEAD = "clock_ahead"
    REFUSED = "refused"
    """It cannot be recorded; why stands in the message alone."""
    NO_PLACE = "no_place"
    NO_PARTY = "no_party"
    NO_ORDER = "no_order"
    NO_KIT = "no_kit"
    # Why it cannot be recorded so.
    STAYS_SCRAPPED = "stays_scrapped"
    CASE_NOWHERE = "case_nowhere"
    ON_NO_RUN = "on_no_run"
    LIVES_NOWHERE = "lives_nowhere"
    LIVES_ANYWHERE = "lives_anywhere"
    ORDER_CANCELLED = "order_cancelled"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOTHING_RECORDED = "nothing_recorded"
    COUNT_ENDED = "count_ended"
    NO_ROOM = "no_room"
    NO_PART = "no_part"
    OF_ANOTHER_KIT = "of_another_kit"
    A_KIT_ITSELF = "a_kit_itself"
    PART_OF_ITSELF = "part_of_itself"
    A_PART_ITSELF = "a_part_itself"
    BOTH_AT_ONCE = "both_at_once"
    NOBODY_BEFORE = "nobody_before"
    SEVERAL = "several"
    # What keeps a kit from being whole.
    PART_AWAY = "part_away"
    PART_MISSING = "part_missing"
    NOBODY_YET = "nobody_yet"
    PARTS_MORE = "parts_more"
    KIT_LACKS = "kit_lacks"
    KIT_SURPLUS = "kit_surplus"
    SO_MANY = "so_many"
    NOT_KNOWN = "not_known"
    """What was named is not registered; what it is stands in the message alone."""


def say(key: Say, language: str = "en", /, **facts: str) -> str:
    """Return a saying in a language, with `facts` in it; English where it has none.

    >>> say(Say.MOVE_WHERE, "da")
    'Scan først stedet, det flyttes til.'
    >>> say(Say.REASON_SET, "da", mode="IN", reason="swap")
    'IND, fordi: byttet.'
    """
    spoken = language if language in LANGUAGES else "en"
    worded = {name: word(name, text, spoken) for name, text in facts.items()}
    return SAYINGS[key][spoken].format(**worded)


def word(name: str, code: str, language: str = "en") -> str:
    """Return in words what the fact called `name` says; its code where it has none.

    >>> word("mode", "OUT", "da"), word("place", "H-A", "da")
    ('UD', 'H-A')
    """
    return WORDS[language].get(name, {}).get(code, code)


SAYINGS: Mapping[Say, Mapping[str, str]] = MappingProxyType(
    {key: {**PHRASES, **REFUSALS}[key.value] for key in Say}
)
"""Every saying there is, in every language there is."""
