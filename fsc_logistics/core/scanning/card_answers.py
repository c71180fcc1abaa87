"""What a card is answered: what it sets, what it asks, what it takes back."""

from sqlalchemy.orm import Session

from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.destinations import check_target_exists
from fsc_logistics.core.scanning.looking import look_into
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
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.errors import NotFound
from fsc_logistics.domain.scenarios import check_card
from fsc_logistics.domain.station import Station
from scanner.scan import Outcome, Scan


def answer_card(
    session: Session, scan: Scan, station: Station, card: Card, by: Signature
) -> Answer:
    """Answer a card scanned where `station` was set.

    Raises:
        NotFound, Refused: it names nothing, or makes no sense now.
    """
    check_card(station, card)
    match card:
        case ModeCard(mode):
            return Answer(outcome=Outcome.SET, message=f"{mode}: {_NEXT[mode]}")
        case CareCard(condition):
            return Answer(outcome=Outcome.SET, message=f"CARE: {condition}")
        case ReasonCard(reason):
            return Answer(outcome=Outcome.SET, message=f"{station.mode}: {reason}")
        case BadgeCard(code):
            return Answer(outcome=Outcome.SET, message=f"{code} scans here now.")
        case EndCard():
            return Answer(outcome=Outcome.SET, message="Done. Back to LOOK.")
        case OkCard():
            return Answer(outcome=Outcome.SET, message="Understood.")
        case UndoCard():
            return undo(session, scan, by)
        case TargetCard(target, code):
            if station.mode is Mode.LOOK:
                return look_into(session, target, code)
            named = check_target_exists(session, target, code)
            return Answer(outcome=Outcome.SET, message=f"{station.mode}: {named}")
        case BadCard(text):
            raise NotFound(f"{text} is not a card of this centre.")


_NEXT = {
    Mode.LOOK: "scan a device to see who has it.",
    Mode.IN: "scan what comes in.",
    Mode.OUT: "scan where it goes, then each device.",
    Mode.MOVE: "scan the place, then each device.",
    Mode.COUNT: "scan the place, then all that is there.",
    Mode.CARE: "scan the condition, then each device.",
    Mode.BUILD: "scan the kit, then each part.",
}
