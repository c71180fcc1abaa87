"""What is told of a device, a place, a person or an order, and changes nothing."""

from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import find_tagged
from fsc_logistics.core.kits.state import KitWords, kit_words
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.recorded import Whereabouts
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.destinations import count_held
from fsc_logistics.domain.cards import Target
from fsc_logistics.domain.care import Condition, unfit_because
from fsc_logistics.domain.custody import Custody
from fsc_logistics.domain.phrases import UNTOLD
from fsc_logistics.domain.sayings import Say, say
from scanner.scan import Outcome, Scan


def look_into(session: Session, scan: Scan, target: Target, code: str) -> Answer:
    """Return how many devices are at a place, with somebody or ordered.

    Of a kit, who has it.

    Raises:
        NotFound: nothing of that code is registered.
    """
    if target is Target.KIT:
        kit = find_tagged(session, code)
        held = custody_as_of(session, kit, at=scan.scanned_at)
        return look_up(session, scan, kit, held)
    count, named = count_held(session, target, code)
    key = Say.DEVICE_THERE if count == 1 else Say.DEVICES_THERE
    told = {"target": named, "count": str(count)}
    return Answer(
        outcome=Outcome.LOOKED,
        message=say(key, **told),
        facts={"say": key.value, **told},
    )


def look_up(
    session: Session, scan: Scan, device: Tagged, held: Custody | None
) -> Answer:
    """Return who has a device, and why it cannot go out if so."""
    unfit = unfit_because(held.condition, held.flags) if held is not None else ()
    told = told_of(device.tag, held)
    looked = f"{told}, {', '.join(unfit)}" if unfit else told
    words = kit_words(session, device, (), at=scan.scanned_at)
    return Answer(
        outcome=Outcome.LOOKED,
        message=with_words(looked, words),
        facts=facts_of(device, held, held, words) | {"unfit": " ".join(_unfit(held))},
    )


def _unfit(held: Custody | None) -> tuple[str, ...]:
    """Return why a device cannot go out, as codes for a screen to say."""
    if held is None:
        return ()
    is_ready = held.condition == Condition.READY
    return (*held.flags, *(() if is_ready else (held.condition or UNTOLD,)))


def told_of(tag: str, held: Custody | Whereabouts | None) -> str:
    """Return who has a device and where, in words."""
    if held is None:
        return say(Say.HELD_BY_NOBODY, device=tag)
    return say(Say.HELD_BY, device=tag, after=place_of(held))


def place_of(held: Custody | Whereabouts | None) -> str:
    """Return who has it and where; nothing where nobody does."""
    return "" if held is None else f"{held.custodian} @ {held.location}"


def facts_of(
    device: Tagged,
    before: Custody | None,
    after: Custody | Whereabouts | None,
    kit: KitWords | None = None,
) -> dict[str, str]:
    """Return for a screen what became of a device, and what its kit is like."""
    known = after if isinstance(after, Custody) else before
    key = Say.HELD_BY_NOBODY if after is None else Say.HELD_BY
    return {
        "say": key.value,
        "device": device.tag,
        "model": known.model if known is not None else "",
        "before": place_of(before),
        "after": place_of(after),
        "kit_words": kit.text if kit is not None else "",
        **(kit.facts if kit is not None else {}),
    }


def with_words(told: str, words: KitWords) -> str:
    """Return what is told of a device, and of its kit."""
    return f"{told} ({words.text})" if words.text else told
