"""What a card is answered: what it sets, what it asks, what it takes back."""

from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.parties import find_party
from fsc_logistics.core.devices.finding import find_tagged
from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.scanning.acts import with_kit
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.count_ends import end_count, with_ended
from fsc_logistics.core.scanning.destinations import check_target_exists
from fsc_logistics.core.scanning.looking import look_into
from fsc_logistics.core.scanning.summaries import sum_up
from fsc_logistics.core.scanning.undoing import undo
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
    TargetCard,
    UndoCard,
)
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.counting import ends_count
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.parties import SIGNS_NOT
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.scenarios import OutOfTurn, check_card
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan


def answer_card(
    session: Session,
    scan: Scan,
    station: Station,
    card: Card,
    by: Signature,
    port: str,
) -> Answer:
    """Answer a card scanned where `station` was set, at `port`.

    One that ends a count says what the count has found, too.

    Raises:
        NotFound, Refused: it names nothing, or makes no sense now.
    """
    answer = _answer(session, scan, station, card, by, port)
    if not ends_count(station, card):
        return answer
    ended = end_count(session, scan, station, card, by)
    if ended is None and isinstance(card, EndCard):
        return told(Say.NOT_COUNTED)
    return with_ended(answer, ended)


def _answer(
    session: Session,
    scan: Scan,
    station: Station,
    card: Card,
    by: Signature,
    port: str,
) -> Answer:
    check_card(station, card)
    match card:
        case ModeCard(mode):
            return told(Say[f"MODE_{mode}"])
        case CareCard(condition):
            return told(Say.CARE_SET, condition=condition.value)
        case ReasonCard(reason):
            return told(Say.REASON_SET, mode=station.mode.value, reason=reason.value)
        case BadgeCard(code):
            return _answer_badge(session, scan, code)
        case EndCard():
            return _answer_end(session, scan, station, port)
        case OkCard():
            return told(Say.UNDERSTOOD)
        case UndoCard():
            return undo(session, scan, by, port)
        case TargetCard(target, code):
            if station.mode is Mode.LOOK:
                return look_into(session, scan, target, code)
            named = check_target_exists(session, target, code)
            return told(Say.CHOSEN, mode=station.mode.value, target=named)
        case BadCard(text):
            raise NotFound(say(Say.BAD_CARD, card=text))


def told(key: Say, **facts: str) -> Answer:
    """Return the answer to a card that has set something, with what is set."""
    return Answer(
        outcome=Outcome.SET,
        message=say(key, **facts),
        facts={"say": key.value, **facts},
    )


def _answer_badge(session: Session, scan: Scan, code: str) -> Answer:
    """Answer a badge; where it is none, say that nobody's name stands there now."""
    try:
        party = find_party(session, code)
    except NotFound:
        facts = {"badge": shown_code(code), "port": scan.port}
        return Answer(
            outcome=Outcome.UNKNOWN,
            message=say(Say.BADGE_UNKNOWN, **facts),
            facts={"say": Say.BADGE_UNKNOWN.value, **facts},
        )
    if party.kind in SIGNS_NOT:
        raise OutOfTurn(Say.BADGE_OF_NOBODY, badge=party.code, port=scan.port)
    return told(Say.BADGE_SET, operator=party.code)


def _answer_end(session: Session, scan: Scan, station: Station, port: str) -> Answer:
    """Answer END: with what a kit still lacks, or what was expected and not scanned."""
    kit = None
    if station.mode is Mode.BUILD:
        tag = with_kit(session, station).kit
        kit = None if tag is None else find_tagged(session, tag)
    if kit is None:
        summary = sum_up(session, scan, station, port)
        if summary is None:
            return told(Say.DONE)
        return told(summary.key(), **summary.facts())
    built = kit_state(session, kit.tag, at=scan.scanned_at)
    if built.is_whole():
        return told(Say.KIT_WHOLE, device=kit.tag, count=str(len(built.parts)))
    return told(
        Say.KIT_WANTS,
        device=kit.tag,
        wants=built.wants(),
        wanting=built.wants_written(),
    )
