"""A read point, worked as the service works it: context, verdict, hold."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import DeviceModel, Event
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Custody, Signature
from fsc_logistics.domain.sayings import LANGUAGES, Say, say
from fsc_logistics.domain.station import advance, hold
from scanner.scan import Direction, Scan, Verdict

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
IDLE = timedelta(minutes=10)


class Dock:
    """A read point where one code after the other is scanned, a second apart.

    It is held where the house says so, as by the service.
    """

    def __init__(self, sessions: Sessions, port: str, read_point: str) -> None:
        self.sessions = sessions
        self.port = port
        self.read_point = read_point
        self.clock = NOON
        self.context = ""
        self.seq = 0
        self.portals: dict[str, tuple[str, str]] = {}
        self.bulk: set[str] = set()
        self.followed: dict[str, str] = {}
        self.made: list[Scan] = []

    def share_serial(self, serial: str) -> None:
        """Have OXI-1, and OXI-2 as of another model, bear one serial number."""
        with self.sessions.begin() as session:
            other = DeviceModel(code="3231", maker="Nonin", name="Onyx 2", category="x")
            session.add(other)
            session.flush()
            for tag in ("OXI-1", "OXI-2"):
                find_device(session, tag).serial = serial
            find_device(session, "OXI-2").model_id = other.id

    def make(
        self,
        text: str,
        gap: timedelta = SECOND,
        direction: Direction | None = None,
    ) -> Scan:
        """Make a scan, as it stands in the spool."""
        self.clock += gap
        self.seq += 1
        scan = Scan(
            scan_id=f"{self.port}-{self.seq}",
            station="DOCK",
            station_seq=self.seq,
            port=self.port,
            read_point=self.read_point,
            scanned_at=self.clock,
            raw=text.encode(),
            text=text,
            symbology="",
            context=self.context,
            direction=direction,
        )
        self.context = advance(self.context, text, self.clock, idle=IDLE)
        self.made.append(scan)
        return scan

    def apply(self, *scans: Scan, now: datetime | None = None) -> list[Verdict]:
        """Have the house record scans, all at once."""
        verdicts = record_scans(
            self.sessions,
            scans,
            now=now or self.clock,
            idle=IDLE,
            portals=self.portals,
            bulk=self.bulk,
            followed=self.followed,
        )
        for verdict in verdicts:
            check_sayable(verdict)
        return verdicts

    def scan(
        self,
        *texts: str,
        gap: timedelta = SECOND,
        direction: Direction | None = None,
    ) -> Verdict:
        """Scan one after the other; return the last verdict."""
        for text in texts:
            (verdict,) = self.apply(self.make(text, gap, direction))
            if verdict.holds:
                self.context = hold(self.context)
        return verdict

    def fire(self, *texts: str) -> list[Verdict]:
        """Scan codes 50 ms apart, as one box fires them; return all verdicts."""
        gaps = [SECOND, *[SECOND / 20] * len(texts)]
        return [
            self.scan(text, gap=gap) for text, gap in zip(texts, gaps, strict=False)
        ]

    def held(self, tag: str) -> Custody:
        """Return what the ledger says of a device now."""
        with self.sessions.read() as session:
            held = custody_as_of(session, find_device(session, tag), at=self.clock)
        assert held is not None
        return held

    def where(self, tag: str) -> str:
        """Return who has a device, and where."""
        held = self.held(tag)
        return f"{held.custodian}@{held.location}"

    def event(self, uid: str) -> Event:
        """Return an event of the ledger."""
        with self.sessions.read() as session:
            event = session.scalars(select(Event).where(Event.uid == uid)).one()
            session.expunge(event)
        return event

    def uids(self) -> list[str]:
        """Return the uids of all events but those that say what waits, in order."""
        with self.sessions.read() as session:
            said = Event.kind.not_in(["held", "raised"])
            return list(
                session.scalars(select(Event.uid).where(said).order_by(Event.id))
            )

    def waiting(self) -> list[tuple[str | None, str]]:
        """Return what waits for somebody: code or device, and why."""
        with self.sessions.read() as session:
            return [
                (one.payload or one.device, one.kind) for one in list_matters(session)
            ]

    def say(self, tag: str, said: Condition | Flag) -> None:
        """Say at a desk how a device is."""
        self.clock += SECOND
        by = Signature(station="OFFICE", actor="EVA", record_time=self.clock)
        uid, why = f"desk-{tag}-{self.clock}", "seen at the desk"
        with self.sessions.begin() as session:
            if isinstance(said, Condition):
                record_condition(
                    session, [tag], said, uid=uid, at=self.clock, by=by, reason=why
                )
                return
            record_flag(
                session,
                [tag],
                said,
                raised=True,
                uid=uid,
                at=self.clock,
                by=by,
                reason=why,
            )


def check_sayable(verdict: Verdict) -> None:
    """Check that a screen can say it in any language, from the facts alone."""
    if verdict.facts:
        key = Say(verdict.facts["say"])
        assert all(say(key, language, **verdict.facts) for language in LANGUAGES)


@pytest.fixture
def docks(centre: Sessions) -> Iterator[Callable[..., Dock]]:
    """Make a read point; whatever was scanned there, the ledger is sound after it."""

    def make(port: str = "GUN-1", read_point: str = "HORSENS") -> Dock:
        return Dock(centre, port, read_point)

    yield make
    with centre.read() as session:
        assert verify(session).mismatches == ()


@pytest.fixture
def dock(docks: Callable[..., Dock]) -> Dock:
    """A read point at HORSENS."""
    return docks()
