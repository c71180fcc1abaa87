"""A small centre to write ledgers in, told as a table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.spare import spare_of
from fsc_logistics.core.tables import Device, DeviceModel, Location, Party
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import BizStep, Signature, Transfer


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PARTIES = [
    ("DEPOT", "partner"),
    ("ANNA", "technician"),
    ("BO", "technician"),
    ("CIT-1", "citizen"),
    ("CIT-2", "citizen"),
    ("MAKER", "supplier"),
    ("NOBODY", "nobody"),
]
PLACES = [
    ("HORSENS", "warehouse", None, "DEPOT"),
    ("H-A", "shelf", "HORSENS", None),
    ("H-B", "shelf", "HORSENS", None),
    ("VAN-ANNA", "vehicle", None, "ANNA"),
    ("VAN-BO", "vehicle", None, "BO"),
    ("HOME-CIT-1", "home", None, "CIT-1"),
    ("HOME-CIT-2", "home", None, "CIT-2"),
    ("MAKER-DK", "supplier", None, "MAKER"),
    ("LOST", "lost", None, "NOBODY"),
    ("RETIRED", "retired", None, "NOBODY"),
    ("ORPHAN", "shelf", None, None),
]
DEVICES = ["OXI-1", "OXI-2", "OXI-3", "KIT-1"]
FIRST_DAY = utc("2026-01-01 08:00")


def fill_small_centre(sessions: Sessions) -> None:
    with sessions.begin() as session:
        parties = {c: Party(code=c, kind=k) for c, k in PARTIES}
        session.add_all(parties.values())
        session.flush()
        places: dict[str, Location] = {}
        for code, kind, parent, keeper in PLACES:
            places[code] = Location(
                code=code,
                kind=kind,
                parent_id=places[parent].id if parent else None,
                keeper_id=parties[keeper].id if keeper else None,
            )
            session.add(places[code])
            session.flush()
        model = DeviceModel(
            code="3230", maker="Nonin", name="Onyx", category="oximeter"
        )
        session.add(model)
        session.flush()
        session.add_all(
            Device(tag=tag, model_id=model.id, owner_id=parties["DEPOT"].id)
            for tag in DEVICES
        )
        session.flush()
        record_transfer(
            session,
            Transfer(
                uid="first",
                devices=tuple(DEVICES),
                location="H-A",
                event_time=FIRST_DAY,
                biz_step=BizStep.COMMISSIONING,
                condition=Condition.READY,
            ),
            signed(FIRST_DAY),
        )


@pytest.fixture
def small_centre() -> None:
    """Ask for a database that begins with the small centre in it."""


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Callable[[Sessions], None] | None:
    return fill_small_centre if "small_centre" in request.fixturenames else None


@pytest.fixture
def centre(sessions: Sessions, small_centre: None) -> Sessions:
    """A database with parties and places, four devices on shelf H-A since January."""
    return sessions


def signed(moment: datetime, station: str = "DOCK") -> Signature:
    return Signature(station=station, actor="TESTER", record_time=moment)


@pytest.fixture
def session(centre: Sessions) -> Iterator[Session]:
    """A unit of work on the small centre."""
    with centre.begin() as session:
        yield session


@dataclass
class Ledger:
    """Writes a ledger told as a table into the database."""

    session: Session

    def __call__(self, table: str) -> list[str]:
        """Record each row: happened, recorded, device, custodian@location, step."""
        uids = []
        rows = [line.split() for line in table.strip().splitlines()[1:]]
        for number, row in enumerate(rows):
            happened, recorded = utc(f"{row[0]} {row[1]}"), utc(f"{row[2]} {row[3]}")
            custodian, _, location = row[5].rpartition("@")
            transfer = Transfer(
                uid=f"row-{number}",
                devices=tuple(row[4].split(",")),
                location=location,
                custodian=custodian or None,
                event_time=happened,
                biz_step=BizStep(row[6]) if len(row) > 6 else None,
            )
            recorded_as = record_transfer(self.session, transfer, signed(recorded))
            uids.append(recorded_as.uid)
        self.session.flush()
        return uids


@pytest.fixture
def ledger(session: Session) -> Callable[[str], list[str]]:
    """Write a ledger told as a table."""
    return Ledger(session)


@pytest.fixture
def in_use() -> Callable[[Sessions], int]:
    """Count the connections that nobody has given back."""

    def counted(sessions: Sessions) -> int:
        spare = spare_of(sessions.engine).take()
        if spare is not None:
            spare.close()
        return sessions.engine.pool.checkedout()

    return counted
