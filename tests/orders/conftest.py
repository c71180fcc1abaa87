"""A small centre: a depot, two technicians, citizens, models and devices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from fsc_logistics.cli.desk import Desk
from fsc_logistics.cli.main import fsc
from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.catalogue.parties import add_party
from fsc_logistics.core.catalogue.places import add_location
from fsc_logistics.core.catalogue.technicians import Terms, add_technician
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.orders.placing import (
    Answer,
    OrderContact,
    OrderTerms,
    Wish,
    place_order,
)
from fsc_logistics.core.tables import (
    Citizen,
    Device,
    DeviceModel,
    Location,
    Party,
    Postcode,
)
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import BizStep, Disposition, Signature, Transfer
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.orders import Service
from fsc_logistics.domain.parties import LocationKind, PartyKind
from fsc_logistics.domain.uids import new_uid

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOURS = OpeningHours(zone=COPENHAGEN)
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Eight o'clock in Horsens; the day after is a common Tuesday."""
TUESDAY = date(2026, 11, 24)

# MedCom's fictive persons (CC0), in made-up homes near Horsens.
PEOPLE = {
    "CIT-1": ("Einer Test Lauridsen", Point(55.8700, 9.8400)),
    "CIT-2": ("Lonni Test Lauridsen", Point(55.8450, 9.8800)),
    "CIT-3": ("Magnus Test Lauridsen", Point(55.9100, 9.7700)),
    "CIT-4": ("Rasmus Test Lauridsen", None),
}
MODELS = {
    "OXI": {"setup_s": 600, "training_s": 900, "volume_ml": 1_000},
    "SCALE": {"setup_s": 300, "training_s": 0, "volume_ml": 8_000, "skill": "BLE"},
    "CASE": {"setup_s": 900, "training_s": 1800, "volume_ml": 30_000},
}


def at(text: str) -> datetime:
    """Return a moment from local time, as in `2026-11-24 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


@dataclass
class Centre:
    """The centre, and short words for what is done there again and again."""

    sessions: Sessions
    url: str
    now: datetime = MONDAY
    uids: list[str] = field(default_factory=list)

    def sign(self) -> Signature:
        return Signature(station="OFFICE", actor="DESK", record_time=self.now)

    def waits_for_a_lock(self) -> bool:
        """Return whether somebody waits for somebody else; on PostgreSQL only."""
        with self.sessions.read() as session:
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(session.scalar(waiting))

    def move(self, *tags: str, to: str, **said: Any) -> None:
        said.setdefault("event_time", self.now)
        uid = new_uid(self.now)
        with self.sessions.begin() as session:
            transfer = Transfer(uid=uid, devices=tags, location=to, **said)
            record_transfer(session, transfer, self.sign(), as_fact=True)

    def stock(self, model: str, *tags: str, shelf: str = "A-1") -> None:
        """Register new devices on a shelf."""
        with self.sessions.begin() as session:
            owner = session.query(Party).filter_by(code="DEPOT").one().id
            model_id = session.query(DeviceModel).filter_by(code=model).one().id
            for tag in tags:
                session.add(Device(tag=tag, model_id=model_id, owner_id=owner))
                session.flush()
            transfer = Transfer(
                uid=new_uid(self.now),
                devices=tags,
                location=shelf,
                event_time=at("2026-11-02 08:00"),
                biz_step=BizStep.COMMISSIONING,
                disposition=Disposition.ACTIVE,
                condition=Condition.READY,
            )
            record_transfer(session, transfer, self.sign())

    def say(self, tag: str, condition: str) -> None:
        """Say what condition a device is in."""
        with self.sessions.begin() as session:
            record_condition(
                session,
                [tag],
                Condition(condition),
                uid=new_uid(self.now),
                at=self.now,
                by=self.sign(),
                reason="seen at the shelf",
            )

    def flag(self, tag: str, flag: str) -> None:
        """Raise a flag on a device."""
        with self.sessions.begin() as session:
            record_flag(
                session,
                [tag],
                Flag(flag),
                raised=True,
                uid=new_uid(self.now),
                at=self.now,
                by=self.sign(),
                reason="letter of the maker",
            )

    def kit(self, case: str, *parts: str) -> None:
        """Put parts into a case."""
        with self.sessions.begin() as session:
            uid = new_uid(self.now)
            record_kit(session, parts, kit=case, uid=uid, at=self.now, by=self.sign())

    def order(
        self,
        citizen: str,
        service: Service | str,
        *,
        model: str | None = None,
        devices: tuple[str, ...] = (),
        consent: bool | None = True,
        again: bool = False,
        **terms: Any,
    ) -> Answer:
        wish = Wish(
            citizen=citizen,
            service=Service(service),
            model=model,
            devices=devices,
            terms=OrderTerms(consent=consent, **terms),
            again=again,
        )
        with self.sessions.begin() as session:
            return place_order(session, wish, hours=HOURS, by=self.sign())

    def fsc(self, *arguments: str, config: Path | None = None) -> Result:
        """Type a command at a desk whose clock stands still."""
        return CliRunner().invoke(
            fsc,
            ["--database", self.url, *arguments],
            env={"FSC_STATION": "OFFICE", "FSC_ACTOR": "DESK", "NO_COLOR": "1"},
        )


@contextmanager
def _still(monkeypatch: pytest.MonkeyPatch, centre: Centre) -> Iterator[None]:
    monkeypatch.setattr(Desk, "now", lambda self: centre.now)
    yield


@pytest.fixture
def beginning() -> Callable[[Sessions], None]:
    """Every database of these tests has the centre in it."""
    return _build


@pytest.fixture
def centre(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    """A centre on each engine."""
    made = Centre(sessions, database_url)
    with _still(monkeypatch, made):
        yield made


@pytest.fixture
def sqlite_centre(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """A centre on SQLite alone, for rules no engine has a part in."""
    engine = make_engine(sqlite_url)
    made = Centre(Sessions(engine), sqlite_url)
    with _still(monkeypatch, made):
        yield made
    engine.dispose()


@pytest.fixture
def postgresql_centre(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    """A centre on PostgreSQL alone, where several write at once."""
    engine = make_engine(postgresql_url)
    made = Centre(Sessions(engine), postgresql_url)
    with _still(monkeypatch, made):
        yield made
    engine.dispose()


def _build(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(
            Postcode(
                code="8700",
                name="Horsens",
                lat=55.8617,
                lon=9.8530,
                municipality_code="0615",
            )
        )
        session.add_all(
            DeviceModel(code=code, maker="Maker", name=code, category="x", **fields)
            for code, fields in MODELS.items()
        )
        add_party(session, "DEPOT", PartyKind.PARTNER, name="The depot")
        add_party(session, "KOM-0615", PartyKind.MUNICIPALITY, name="Horsens")
        add_location(
            session,
            "HORSENS",
            LocationKind.WAREHOUSE,
            name="Depot Horsens",
            keeper="DEPOT",
            point=Point(55.8617, 9.8530),
        )
        add_location(session, "A-1", LocationKind.SHELF, inside="HORSENS")
        add_location(session, "B-2", LocationKind.SHELF, inside="HORSENS")
        add_location(session, "AWAY", LocationKind.WAREHOUSE, keeper="DEPOT")
        for code, skills in (("ANNA", ("BLE",)), ("BO", ())):
            terms = Terms(
                name=code.title(),
                start="HORSENS",
                end="HORSENS",
                vehicle=f"VAN-{code}",
                skills=skills,
            )
            add_technician(session, code, terms, make_vehicle=True)
        for code, (name, point) in PEOPLE.items():
            party = Party(code=code, kind=PartyKind.CITIZEN)
            session.add(party)
            session.flush()
            home = Location(
                code=f"HOME-{code}", kind=LocationKind.HOME, keeper_id=party.id
            )
            session.add(home)
            session.flush()
            citizen = Citizen(
                party_id=party.id,
                home_id=home.id,
                name=name,
                address="Testgrusgraven 3",
                postcode="8700",
                city="Horsens",
                phone="+4570203048",
                lat=point.lat if point else None,
                lon=point.lon if point else None,
            )
            session.add(citizen)
            session.flush()


@pytest.fixture
def contact() -> Callable[..., OrderContact]:
    """A contact to be called first."""

    def make(**changes: str) -> OrderContact:
        return OrderContact(**{"name": "Nanna Test", "phone": "70203048", **changes})

    return make
