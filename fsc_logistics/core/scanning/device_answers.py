"""What a scanned device is answered, and what is recorded of it."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import resolve_tagged
from fsc_logistics.core.kits.state import KitWords, kit_words
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.recorded import Recorded, Whereabouts
from fsc_logistics.core.ledger.seek import Tagged
from fsc_logistics.core.scanning.acts import record_act, with_kit
from fsc_logistics.core.scanning.answer import Answer
from fsc_logistics.core.scanning.counting import answer_sighting
from fsc_logistics.core.scanning.looking import (
    facts_of,
    look_up,
    told_of,
    with_words,
)
from fsc_logistics.core.scanning.missed import close_missed
from fsc_logistics.core.scanning.portals import Portals, check_direction
from fsc_logistics.core.scanning.volley import Fired, close_unknown, same_box
from fsc_logistics.core.tables import Anomaly, Device
from fsc_logistics.domain.anomalies import BAD_TONE, Contradiction, ExceptionKind
from fsc_logistics.domain.cards import Mode
from fsc_logistics.domain.custody import Custody, Signature
from fsc_logistics.domain.errors import BadIdentifier
from fsc_logistics.domain.identifiers import without_aim
from fsc_logistics.domain.sayings import Say, say
from fsc_logistics.domain.scenarios import UnknownCode, check_device
from fsc_logistics.domain.station import Station, names_kit
from scanner.scan import Outcome, Scan


class Shop(NamedTuple):
    """What is the same for all scans: whose devices are ours, where portals lead."""

    owners: Collection[str]
    portals: Portals
    followed: Mapping[str, str]

    def port_of(self, scan: Scan) -> str:
        """Return the port whose cards count for a scan: its own or one it follows."""
        return self.followed.get(scan.port, scan.port)


def answer_device(
    session: Session,
    scan: Scan,
    station: Station,
    by: Signature,
    shop: Shop,
    fired: Collection[Fired],
) -> Answer:
    """Answer a scan that is no card, and record what it means.

    `fired` are the codes that were read just before, on the same box maybe.

    Raises:
        NotFound, BadIdentifier, Refused: nothing answers to it, or it cannot be
            recorded so.
    """
    device = _resolve(session, scan, station, fired)
    if isinstance(device, Answer):
        return device
    if fired:
        if (answer := same_box(session, scan, device, fired)) is not None:
            return answer
        close_unknown(session, device.tag, fired, by)
    check_direction(session, scan, device.tag, shop.portals)
    held = custody_as_of(session, device, at=scan.scanned_at)
    if station.mode is Mode.LOOK:
        return look_up(session, scan, device, held)
    goes_on = with_kit(session, station)
    if goes_on.kit is None and names_kit(station, scan.text) and not station.held:
        return _begun(session, scan, device, held)
    station = goes_on
    check_device(station)
    done = record_act(session, scan, station, device, held, by, shop.owners)
    # A count sees again and again what was told where it came in.
    if not done.added and station.mode is not Mode.COUNT:
        done = done._replace(contradictions=_still_wrong(session, done))
    after = _after(session, scan, station, device, held, done)
    words = KitWords()
    if not done.is_single:
        words = kit_words(session, device, done.devices, at=scan.scanned_at)
    if station.missed:
        close_missed(session, scan, station, device, by, shop.port_of(scan))
    answer = _answer(station, device, done, held, after, words)
    if station.mode is Mode.COUNT:
        return answer_sighting(session, scan, station, device, held, by, answer)
    return answer


def _after(
    session: Session,
    scan: Scan,
    station: Station,
    device: Tagged,
    held: Custody | None,
    done: Recorded,
) -> Custody | Whereabouts | None:
    """Return who has a device and where once `done` is recorded; `held` had it before.

    All that is asked of where it went is told by what was recorded, but of one that
    nobody had before, or that is cared for.
    """
    if held is None or done.target is None or station.mode is Mode.CARE:
        return custody_as_of(session, device, at=scan.scanned_at)
    return done.target


def _resolve(
    session: Session, scan: Scan, station: Station, fired: Collection[Fired]
) -> Tagged | Answer:
    """Return the device a code names, or the answer to another code on its box."""
    unclear: BadIdentifier | UnknownCode
    try:
        device = resolve_tagged(session, scan.text, scan.symbology)
        if device is not None:
            return device
        unclear = UnknownCode(_why_unknown(session, station))
    except BadIdentifier as error:
        unclear = error
    answer = same_box(session, scan, None, fired)
    if answer is None:
        raise unclear
    return answer


def _why_unknown(session: Session, station: Station) -> Say:
    """Return what is said of a code that names nothing: the kit may be meant."""
    if station.mode is not Mode.BUILD or station.held:
        return Say.UNKNOWN_CODE
    built = with_kit(session, station).kit
    return Say.KIT_AGAIN if built is None else Say.UNKNOWN_CODE


def _begun(session: Session, scan: Scan, kit: Tagged, held: Custody | None) -> Answer:
    """Return what is said of the device that is the kit from now on.

    Raises:
        UnknownCode: what is kept of its code does not name it.
    """
    kept = resolve_tagged(session, without_aim(scan.text.strip()))
    if kept is None or kept.id != kit.id:
        raise UnknownCode(Say.KIT_AGAIN)
    told = {"mode": Mode.BUILD.value, "target": kit.tag}
    return Answer(
        outcome=Outcome.SET,
        message=say(Say.CHOSEN, **told),
        facts=facts_of(kit, held, held)
        | {"say": Say.CHOSEN.value, "kit": kit.tag}
        | told,
    )


def _answer(
    station: Station,
    device: Tagged,
    done: Recorded,
    before: Custody | None,
    after: Custody | Whereabouts | None,
    words: KitWords,
) -> Answer:
    facts = facts_of(device, before, after, words)
    if done.contradictions:
        return _contradicted(done, facts)
    told = told_of(device.tag, after)
    if station.mode is Mode.CARE and isinstance(after, Custody):
        assert station.condition is not None
        facts |= {"say": Say.CARED_FOR.value, "condition": station.condition.value}
        told = say(Say.CARED_FOR, **_chosen(facts, "device", "condition", "after"))
        if after.flags:
            told = f"{told}, {', '.join(after.flags)}"
    return Answer(
        outcome=Outcome.OK if done.added else Outcome.ALREADY,
        message=with_words(told, words),
        event=done.event,
        facts=facts,
    )


def _still_wrong(session: Session, done: Recorded) -> tuple[Contradiction, ...]:
    """Return what is wrong with where a device is already, and waits for somebody."""
    open_ones = session.execute(
        select(Anomaly.kind, Anomaly.detail, Device.tag)
        .join(Device, Device.id == Anomaly.device_id)
        .where(Anomaly.event_id == done.event, Anomaly.resolution_id.is_(None))
        .order_by(Anomaly.id)
    )
    return tuple(
        Contradiction(ExceptionKind(kind), detail)
        for kind, detail, tag in open_ones
        if kind in BAD_TONE and tag in done.devices
    )


def _chosen(facts: dict[str, str], *names: str) -> dict[str, str]:
    return {name: facts[name] for name in names}


def _contradicted(done: Recorded, facts: dict[str, str]) -> Answer:
    """Return what is said of a scan that is recorded and cannot be all there is."""
    worst = min(done.contradictions, key=lambda said: said.kind not in BAD_TONE)
    if worst.kind in BAD_TONE:
        alive = worst.kind is ExceptionKind.SCRAPPED_ALIVE
        what = "put it aside: scan OK" if alive else "take it back: scan OK"
        then = "UNDO if it was a slip" if alive else "UNDO or IN"
        key = Say.PUT_ASIDE if alive else Say.TAKE_BACK
        return Answer(
            outcome=Outcome.REFUSED,
            message=f"{worst.detail} Recorded all the same; {what}, then {then}.",
            event=done.event,
            holds=True,
            facts=facts
            | {
                "say": key.value,
                "rule": worst.kind.value,
                # It sounds so to stop the hand, and is recorded all the same.
                "counts_as": (Outcome.OK if done.added else Outcome.ALREADY).value,
            },
        )
    return Answer(
        outcome=Outcome.OK,
        message=f"{worst.detail} Recorded; somebody will look into it.",
        event=done.event,
        facts=facts | {"say": Say.CONTRADICTED.value, "rule": worst.kind.value},
    )
