"""Exceptions are part of the proof: who may write what of them, and what verify finds.

The second half is told what somebody did who owns the database: there the guards are
switched off first.
"""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from fsc_logistics.core.conditions import record_condition
from fsc_logistics.core.custody import record_transfer
from fsc_logistics.core.exceptions import list_matters
from fsc_logistics.core.resolutions import resolve
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import Signature, Transfer

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COPY = (
    "INTO anomaly (id, kind, event_id, device_id, detail, raised_at) SELECT {id},"
    " kind, event_id, device_id, 'nothing', raised_at FROM anomaly WHERE id = 1"
)


def signed(minutes):
    moment = NOON + timedelta(minutes=minutes)
    return Signature(station="DOCK", actor="EVA", record_time=moment)


@pytest.fixture
def told(centre):
    """Two scrapped devices turned up: A-1 waits, A-2 was dealt with by `how`."""
    with centre.begin() as session:
        record_condition(
            session,
            ["OXI-1", "OXI-2"],
            Condition.SCRAPPED,
            uid="scrapped",
            at=NOON,
            by=signed(0),
            reason="burnt",
        )
        for number, tag in enumerate(("OXI-1", "OXI-2"), start=1):
            transfer = Transfer(
                uid=f"found-{number}",
                devices=(tag,),
                location="H-B",
                event_time=NOON + timedelta(minutes=number),
            )
            record_transfer(session, transfer, signed(number), as_fact=True)
        resolve(session, "A-2", "put aside", uid="how", by=signed(5))
    assert names(centre) == ["A-1"]
    return centre


def names(sessions):
    with sessions.read() as session:
        return [matter.id for matter in list_matters(session)]


ATTACKS = {
    "deleted": "DELETE FROM anomaly WHERE id = 1",
    "all deleted": "DELETE FROM anomaly",
    "told differently": "UPDATE anomaly SET detail = 'nothing' WHERE id = 1",
    "told differently while dealt with": (
        "UPDATE anomaly SET detail = 'nothing', resolution_id = 1 WHERE id = 1"
    ),
    "of another device": "UPDATE anomaly SET device_id = 3 WHERE id = 1",
    "another number": "UPDATE anomaly SET id = 9, resolution_id = 1 WHERE id = 1",
    "dealt with twice": "UPDATE anomaly SET resolution_id = 1 WHERE id = 2",
    "waiting again": "UPDATE anomaly SET resolution_id = NULL WHERE id = 2",
    "told twice": "INSERT " + COPY.format(id=9),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_anomaly_stays_as_it_was_raised(told, name):
    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text(ATTACKS[name]))

    assert names(told) == ["A-1"]


@pytest.mark.parametrize("number", [1, 9])
def test_an_anomaly_is_not_replaced(told, number):
    if told.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE")

    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text("REPLACE " + COPY.format(id=number)))


def test_the_table_of_anomalies_is_not_emptied(told):
    if told.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    with pytest.raises(exc.IntegrityError), told.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE anomaly"))
