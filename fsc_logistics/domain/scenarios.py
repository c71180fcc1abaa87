"""Which scans make sense next at a station, and what to say of one that does not.

A table: for what is set at a read point, its scene; for each scene, what it wants next.
Whatever is scanned in whatever scene has an answer: it is taken, or refused with what
to scan instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fsc_logistics.domain.cards import (
    BadCard,
    BadgeCard,
    Card,
    CareCard,
    EndCard,
    Mode,
    ModeCard,
    OkCard,
    ReasonCard,
    Target,
    TargetCard,
    UndoCard,
)
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.station import REASONED, TAKES, Station


class Kind(StrEnum):
    """What a scan can be."""

    MODE = "mode"
    CONDITION = "condition"
    REASON = "reason"
    BADGE = "badge"
    PLACE = "place"
    PARTY = "party"
    ORDER = "order"
    KIT = "kit"
    DEVICE = "device"
    UNDO = "undo"
    OK = "ok"
    END = "end"
    BAD_CARD = "bad_card"
    """It looks like a card of ours and is none: told so, wherever it is scanned."""


ALWAYS = frozenset({Kind.MODE, Kind.CONDITION, Kind.BADGE})
"""What begins something new, and is welcome at any time."""
UNDER_WAY = ALWAYS | {Kind.UNDO, Kind.END, Kind.OK}


class Scene(StrEnum):
    """Where the work at a read point stands."""

    LOOKING = "looking"
    IN = "in"
    OUT_WHERE = "out_where"
    OUT = "out"
    MOVE_WHERE = "move_where"
    MOVE = "move"
    COUNT = "count"
    CARE_WHAT = "care_what"
    CARE = "care"
    BUILD_WHAT = "build_what"
    BUILD = "build"
    STOPPED = "stopped"
    """Somebody was told to stop, and has not said OK."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a scene wants next."""

    hint: Say
    """For the screen: what to scan now."""
    expects: frozenset[Kind]
    """What makes sense; all else is answered, and sets or records nothing."""
    no_device: Say | None = None
    """Why a device cannot be scanned yet, where it cannot."""


def scene_of(station: Station) -> Scene:
    """Return where the work stands.

    >>> scene_of(Station(mode=Mode.OUT)), scene_of(Station(mode=Mode.OUT, place="H"))
    (<Scene.OUT_WHERE: 'out_where'>, <Scene.OUT: 'out'>)
    """
    if station.held and station.mode is not Mode.LOOK:
        return Scene.STOPPED
    match station.mode:
        case Mode.LOOK:
            return Scene.LOOKING
        case Mode.IN:
            return Scene.IN
        case Mode.OUT:
            return Scene.OUT if station.is_set else Scene.OUT_WHERE
        case Mode.MOVE:
            return Scene.MOVE if station.is_set else Scene.MOVE_WHERE
        case Mode.COUNT:
            return Scene.COUNT
        case Mode.CARE:
            return Scene.CARE if station.is_set else Scene.CARE_WHAT
        case Mode.BUILD:
            return Scene.BUILD if station.is_set else Scene.BUILD_WHAT


def kind_of(card: Card | None) -> Kind:
    """Return what kind of scan a card is; no card is a device, known or not."""
    match card:
        case None:
            return Kind.DEVICE
        case TargetCard(target):
            return Kind(target.value)
        case _:
            return _KINDS[type(card)]


def expects(station: Station) -> frozenset[Kind]:
    """Return which scans make sense next."""
    return SCENES[scene_of(station)].expects


def hint(station: Station, language: str = "en") -> str:
    """Return what to scan next, for the screen."""
    return say(SCENES[scene_of(station)].hint, language)


class Spoken(Refused):
    """A refusal that a screen can say in its own language."""

    def __init__(self, why: Say, *, stops: bool = False, **facts: str) -> None:
        """`why` is the key of its text, and `facts` are what it names.

        `stops` where whoever holds the device must stop and look.
        """
        super().__init__(say(why, **facts))
        self.facts = {"say": why.value, **facts}
        self.stops = stops


class OutOfTurn(Spoken):
    """A scan that makes no sense now; its text says what to scan instead."""

    def __init__(self, why: Say, **facts: str) -> None:
        """`why` is the key of its text, and `facts` are what it names."""
        super().__init__(why, stops=why is Say.OK_FIRST, **facts)


class UnknownCode(NotFound):
    """What was scanned names nothing here; whatever is set may well be known."""

    def __init__(self, why: Say = Say.UNKNOWN_CODE) -> None:
        """`why` is the key of its text."""
        super().__init__(say(why))
        self.why = why


def why_not_known(station: Station, card: Card | None) -> Say:
    """Return what is said where not the device is unknown, but what a card has named.

    >>> why_not_known(Station(mode=Mode.MOVE, place="H-9"), None)
    <Say.NO_PLACE: 'no_place'>
    """
    if isinstance(card, BadgeCard):
        return Say.NO_PARTY
    if isinstance(card, TargetCard):
        return _NOT_KNOWN[card.target]
    chosen = {
        Target.PLACE: station.place,
        Target.PARTY: station.party,
        Target.ORDER: station.order,
        Target.KIT: station.kit,
    }
    named = [target for target, code in chosen.items() if code is not None]
    if card is not None or len(named) != 1:
        return Say.NOT_KNOWN
    return _NOT_KNOWN[named[0]]


class WrongState(Refused):
    """A device that must not go on as it is: whoever holds it must stop and look."""


def check_card(station: Station, card: Card) -> None:
    """Refuse a card that the mode has no use for.

    Raises:
        OutOfTurn: with what to scan instead.
    """
    match card:
        case ReasonCard() if station.mode not in REASONED:
            raise OutOfTurn(Say.REASON_WHERE)
        # While looking, a target is a question.
        case TargetCard(target) if (
            station.mode is not Mode.LOOK and target not in TAKES[station.mode]
        ):
            raise OutOfTurn(_TAKES_ONLY[station.mode])


def check_device(station: Station) -> None:
    """Refuse a device scanned before it is known what becomes of it.

    Raises:
        OutOfTurn: with what to scan first.
    """
    why = SCENES[scene_of(station)].no_device
    if why is not None:
        raise OutOfTurn(why)


_KINDS: Mapping[type, Kind] = {
    ModeCard: Kind.MODE,
    CareCard: Kind.CONDITION,
    ReasonCard: Kind.REASON,
    BadgeCard: Kind.BADGE,
    UndoCard: Kind.UNDO,
    OkCard: Kind.OK,
    EndCard: Kind.END,
    BadCard: Kind.BAD_CARD,
}
_NOT_KNOWN = {
    Target.PLACE: Say.NO_PLACE,
    Target.PARTY: Say.NO_PARTY,
    Target.ORDER: Say.NO_ORDER,
    Target.KIT: Say.NO_KIT,
}
_TAKES_ONLY = {
    Mode.IN: Say.IN_TAKES,
    Mode.MOVE: Say.MOVE_TAKES,
    Mode.COUNT: Say.COUNT_TAKES,
    Mode.CARE: Say.CARE_TAKES,
    Mode.BUILD: Say.BUILD_TAKES,
}


def _targets(mode: Mode) -> frozenset[Kind]:
    return frozenset(Kind(target.value) for target in TAKES[mode])


_DEVICE = frozenset({Kind.DEVICE})
_REASON = frozenset({Kind.REASON})
_ANY_TARGET = frozenset(Kind(target.value) for target in Target)
_IN, _OUT = UNDER_WAY | _targets(Mode.IN), UNDER_WAY | _targets(Mode.OUT)
_MOVE, _COUNT = UNDER_WAY | _targets(Mode.MOVE), UNDER_WAY | _targets(Mode.COUNT)
_BUILD = UNDER_WAY | _targets(Mode.BUILD)
SCENES: Mapping[Scene, Wants] = MappingProxyType(
    {
        Scene.LOOKING: Wants(
            Say.HINT_LOOKING, ALWAYS | {Kind.UNDO, Kind.OK} | _ANY_TARGET | _DEVICE
        ),
        Scene.IN: Wants(Say.HINT_IN, _IN | _REASON | _DEVICE),
        Scene.OUT_WHERE: Wants(Say.HINT_OUT_WHERE, _OUT, Say.OUT_WHERE),
        Scene.OUT: Wants(Say.HINT_OUT, _OUT | _DEVICE),
        Scene.MOVE_WHERE: Wants(Say.HINT_MOVE_WHERE, _MOVE, Say.MOVE_WHERE),
        Scene.MOVE: Wants(Say.HINT_MOVE, _MOVE | _DEVICE),
        Scene.COUNT: Wants(Say.HINT_COUNT, _COUNT | _DEVICE),
        Scene.CARE_WHAT: Wants(Say.HINT_CARE_WHAT, UNDER_WAY | _REASON, Say.CARE_WHAT),
        Scene.CARE: Wants(Say.HINT_CARE, UNDER_WAY | _REASON | _DEVICE),
        Scene.BUILD_WHAT: Wants(Say.HINT_BUILD_WHAT, _BUILD | _DEVICE, Say.BUILD_WHAT),
        Scene.BUILD: Wants(Say.HINT_BUILD, _BUILD | _DEVICE),
        Scene.STOPPED: Wants(Say.HINT_STOPPED, frozenset({Kind.OK}), Say.OK_FIRST),
    }
)
"""Every scene there is."""
