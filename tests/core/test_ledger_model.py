"""The ledger beside a naive model of it: lists, read from end to end for every answer.

Whatever a made-up centre tells both, in any order and by any clock, they must answer
alike; and the spans kept up to date must be those that a rebuild would make.
"""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from fsc_logistics.core.answers import custody_as_of, history, holdings
from fsc_logistics.core.corrections import Right, declare_wrong
from fsc_logistics.core.custody import record_transfer
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.devices import find_device
from fsc_logistics.core.kits import kit_parts, record_kit, take_apart
from fsc_logistics.core.tables import CustodySpan, KitSpan
from fsc_logistics.core.verification import rebuild, verify
from fsc_logistics.domain.custody import (
    Custody,
    Entry,
    Signature,
    Transfer,
    WrongBecause,
    usual_step,
)
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.parties import LocationKind

FIRST_DAY = datetime(2026, 1, 1, 8, tzinfo=UTC)
DEVICES = ["OXI-1", "OXI-2", "OXI-3", "KIT-1"]
KINDS = {
    "DEPOT": "partner",
    "ANNA": "technician",
    "CIT-1": "citizen",
    "NOBODY": "nobody",
}
PLACES = {
    "H-A": ("shelf", "DEPOT"),
    "H-B": ("shelf", "DEPOT"),
    "VAN-ANNA": ("vehicle", "ANNA"),
    "HOME-CIT-1": ("home", "CIT-1"),
    "RETIRED": ("retired", "NOBODY"),
}
INSIDE = {"HORSENS": {"HORSENS", "H-A", "H-B"}}
HOURS = range(-3, 9)
"""When things happen: few moments, so that many events share one."""


def hour(number):
    return FIRST_DAY + timedelta(hours=number)


@dataclass
class Told:
    """An event as the model keeps it."""

    uid: str
    kind: str
    at: datetime
    station: str
    recorded: datetime
    step: str
    lines: dict = field(default_factory=dict)
    place: str | None = None
    custodian: str | None = None
    disposition: str | None = None
    wrong: str | None = None
    reason: str | None = None
    replacement: str | None = None


class Model:
    """The ledger as a list, and every answer by reading all of it."""

    def __init__(self):
        self.told = [
            Told(
                uid="first",
                kind="object",
                at=FIRST_DAY,
                station="DOCK",
                recorded=FIRST_DAY,
                step="commissioning",
                lines=dict.fromkeys(DEVICES),
                place="H-A",
                custodian="DEPOT",
                disposition="available",
            )
        ]

    def find(self, uid):
        return next((t for t in self.told if t.uid == uid), None)

    def append(self, **said):
        told = Told(**said)
        same = [t.recorded for t in self.told if t.station == told.station]
        told.recorded = max([told.recorded, *same])
        self.told.append(told)
        return told

    def declared(self, uid, known=None):
        """Return the declaration that `uid` is wrong, if it was known by then."""
        return next(
            (
                t
                for t in self.told
                if t.wrong == uid and (known is None or t.recorded <= known)
            ),
            None,
        )

    def believed(self, device, kind="object", known=None):
        """Return the events of a device that count, in their order."""
        counted = [
            (t.at, number, t)
            for number, t in enumerate(self.told)
            if t.kind == kind
            and device in t.lines
            and (known is None or t.recorded <= known)
            and self.declared(t.uid, known) is None
        ]
        return [t for _, _, t in sorted(counted, key=lambda c: c[:2])]

    def last(self, device, at, kind="object", known=None):
        before = [t for t in self.believed(device, kind, known) if t.at <= at]
        return before[-1] if before else None

    def where(self, device, at):
        told = self.last(device, at)
        return None if told is None else (told.custodian, told.place)

    def kit_of(self, device, at):
        told = self.last(device, at, "kit")
        return None if told is None else told.lines[device]

    def parts_of(self, kit, at):
        return [d for d in DEVICES if self.kit_of(d, at) == kit]

    def who(self, device, at, known=None):
        here = self.last(device, at, known=known)
        if here is None:
            return None
        moments = sorted({t.at for t in self.believed(device, known=known)})
        states = [self.last(device, m, known=known) for m in moments]
        same = [(s.custodian, s.place) == (here.custodian, here.place) for s in states]
        first = last = moments.index(here.at)
        while first > 0 and same[first - 1]:
            first -= 1
        while last + 1 < len(same) and same[last + 1]:
            last += 1
        return Custody(
            device=device,
            model="3230",
            custodian=here.custodian,
            custodian_kind=KINDS[here.custodian],
            location=here.place,
            since=moments[first],
            until=moments[last + 1] if last + 1 < len(moments) else None,
            biz_step=here.step,
            disposition=here.disposition,
            event=here.uid,
        )

    def history(self, device):
        of_device = [t for t in self.told if device in t.lines]
        return [
            Entry(
                event=t.uid,
                event_time=t.at,
                record_time=t.recorded,
                biz_step=t.step,
                disposition=t.disposition,
                custodian=t.custodian,
                location=t.place,
                station=t.station,
                declared_wrong=d.reason if (d := self.declared(t.uid)) else None,
            )
            for t in sorted(of_device, key=lambda t: t.at)
        ]

    def holdings(self, code, at, *, within):
        places = INSIDE.get(code, {code}) if within else {code}
        held = [self.who(device, at) for device in sorted(DEVICES)]
        return [h for h in held if h and (h.custodian == code or h.location in places)]

    def move(self, uid, devices, place, custodian, at, by, *, as_fact):
        """Return uid, whether it was added, and who moved; or None if refused."""
        if (known := self.find(uid)) is not None:
            return known.uid, False, tuple(sorted(known.lines))
        target = (custodian or PLACES[place][1], place)
        lines = dict.fromkeys(devices)
        for part in DEVICES:
            kit, here = self.kit_of(part, at), self.where(part, at)
            along = kit in devices and here is not None and part not in lines
            if along and here == self.where(kit, at):
                lines[part] = kit
        held = [self.last(device, at) for device in lines]
        if not as_fact and any(h and h.disposition == "retired" for h in held):
            return None
        moving = {d: kit for d, kit in lines.items() if self.where(d, at) != target}
        if not moving:
            said = self.last(min(devices, key=DEVICES.index), at)
            return said.uid, False, tuple(sorted(lines))
        self._object(uid, moving, target, at, by)
        return uid, True, tuple(sorted(moving))

    def _object(self, uid, lines, target, at, by, step=None, disposition=None):
        usual = usual_step(LocationKind(PLACES[target[1]][0]))
        return self.append(
            uid=uid,
            kind="object",
            at=at,
            station=by.station,
            recorded=by.record_time,
            step=step or usual[0].value,
            disposition=disposition or usual[1].value,
            lines=lines,
            custodian=target[0],
            place=target[1],
        )

    def build(self, uid, parts, kit, at, by):
        if (known := self.find(uid)) is not None:
            return uid, False, tuple(sorted(known.lines))
        added = [part for part in parts if self.kit_of(part, at) != kit]
        if not added:
            said = self.last(min(parts, key=DEVICES.index), at, "kit")
            return said.uid, False, tuple(sorted(parts))
        later = [at, *(m for m in self.kit_moments() if m > at)]
        if (
            kit in added
            or any(self.parts_of(part, m) for part in added for m in later)
            or any(self.kit_of(part, at) is not None for part in added)
            or any(self.kit_of(kit, m) is not None for m in later)
        ):
            return None
        self._kit_event(uid, dict.fromkeys(added, kit), "assembling", at, by)
        return uid, True, tuple(sorted(added))

    def take_apart(self, uid, parts, kit, at, by):
        if (known := self.find(uid)) is not None:
            return uid, False, tuple(sorted(known.lines))
        inside = self.parts_of(kit, at)
        leaving = parts or inside
        if not leaving or not set(leaving) <= set(inside):
            return None
        self._kit_event(uid, dict.fromkeys(leaving), "disassembling", at, by)
        return uid, True, tuple(sorted(leaving))

    def _kit_event(self, uid, lines, step, at, by):
        self.append(
            uid=uid,
            kind="kit",
            at=at,
            station=by.station,
            recorded=by.record_time,
            step=step,
            lines=lines,
        )

    def kit_moments(self):
        return sorted({t.at for t in self.told if t.kind == "kit"})

    def is_nested(self):
        return any(
            self.kit_of(device, m) is not None and self.parts_of(device, m)
            for m in self.kit_moments()
            for device in DEVICES
        )

    def declare(self, uid, wrong, right, by):
        """Return declaration, wrong event, replacement and devices, or None."""
        if (known := self.find(uid)) is not None:
            told = self.find(known.wrong)
            return uid, told.uid, known.replacement, tuple(sorted(told.lines))
        told = self.find(wrong)
        if told.kind == "declaration" or self.declared(wrong) is not None:
            return None
        if right is not None and told.kind != "object":
            return None
        before, replacement = list(self.told), None
        if right is not None:
            replacement = f"{uid}-right"
            moved = (right.location or told.place) != told.place
            place = right.location or told.place
            keeper = PLACES[place][1] if moved else told.custodian
            self._object(
                replacement,
                told.lines,
                (right.custodian or keeper, place),
                right.event_time or told.at,
                by,
                step=None if moved else told.step,
                disposition=None if moved else told.disposition,
            )
        self.append(
            uid=uid,
            kind="declaration",
            at=by.record_time,
            station=by.station,
            recorded=by.record_time,
            step=told.step,
            wrong=wrong,
            reason="did_not_occur" if right is None else "incorrect_data",
            replacement=replacement,
        )
        if self.is_nested() or not all(self.believed(d) for d in told.lines):
            self.told = before
            return None
        return uid, wrong, replacement, tuple(sorted(told.lines))


SOME_DEVICES = st.lists(st.sampled_from(DEVICES), min_size=1, max_size=3, unique=True)
# Mostly to and fro between two places, so that neighbours often say the same.
A_PLACE = st.sampled_from(["H-A", "VAN-ANNA"]) | st.sampled_from(list(PLACES))
A_PARTY = st.none() | st.sampled_from([None, *KINDS])
AN_HOUR = st.sampled_from(HOURS).map(hour)


class Both(RuleBasedStateMachine):
    """Tells the ledger and the model the same, and compares what they answer."""

    fresh: ClassVar = None
    """Makes an empty centre; returns its sessions."""

    def __init__(self):
        super().__init__()
        self.sessions = self.fresh()
        self.model = Model()
        self.clock = 10
        self.numbers = count(1)
        self.done = []

    def teardown(self):
        self.everything_is_answered_alike()
        self.rebuilding_changes_nothing()
        self.sessions.engine.dispose()

    def by(self, station, lag=0):
        return Signature(
            station=station, actor="TESTER", record_time=hour(self.clock - lag)
        )

    def tell(self, ledger, model, by):
        """Tell both, by the same signature; remember how, to tell it again."""
        with self.sessions.begin() as session:
            try:
                answered = ledger(session, by)
            except Refused:
                session.rollback()
                answered = None
        expected = model(by)
        assert answered == expected
        if answered is not None:
            self.done.append((ledger, model))

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours):
        self.clock += hours

    @rule(
        devices=SOME_DEVICES,
        place=A_PLACE,
        custodian=A_PARTY,
        at=AN_HOUR,
        station=st.sampled_from(["DOCK", "VAN"]),
        lag=st.integers(0, 1),
        as_fact=st.booleans(),
    )
    def move(self, devices, place, custodian, at, station, lag, as_fact):
        uid = f"move-{next(self.numbers)}"
        transfer = Transfer(
            uid=uid,
            devices=tuple(devices),
            location=place,
            custodian=custodian,
            event_time=at,
        )

        def ledger(session, by):
            done = record_transfer(session, transfer, by, as_fact=as_fact)
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.move(
                uid, devices, place, custodian, at, by, as_fact=as_fact
            )

        self.tell(ledger, model, self.by(station, lag))

    @rule(
        parts=st.just([]) | SOME_DEVICES,
        kit=st.sampled_from(DEVICES) | st.just("KIT-1"),
        at=AN_HOUR,
        station=st.sampled_from(["DOCK", "VAN"]),
    )
    def take_apart(self, parts, kit, at, station):
        uid = f"apart-{next(self.numbers)}"

        def ledger(session, by):
            done = take_apart(session, kit, parts, uid=uid, at=at, by=by)
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.take_apart(uid, parts, kit, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        parts=SOME_DEVICES,
        kit=st.sampled_from(DEVICES) | st.just("KIT-1"),
        at=AN_HOUR,
        station=st.sampled_from(["DOCK", "VAN"]),
    )
    def build(self, parts, kit, at, station):
        uid = f"kit-{next(self.numbers)}"

        def ledger(session, by):
            done = record_kit(session, parts, kit=kit, uid=uid, at=at, by=by)
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.build(uid, parts, kit, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        back=st.integers(0, 9),
        right=st.none()
        | st.builds(
            Right,
            location=st.none() | A_PLACE,
            custodian=A_PARTY,
            event_time=st.none() | AN_HOUR,
        ),
        station=st.sampled_from(["DOCK", "VAN"]),
    )
    def declare_wrong(self, back, right, station):
        uid = f"wrong-{next(self.numbers)}"
        wrong = self.model.told[-1 - back % len(self.model.told)].uid
        reason = (
            WrongBecause.DID_NOT_OCCUR if right is None else WrongBecause.INCORRECT_DATA
        )

        def ledger(session, by):
            done = declare_wrong(
                session,
                wrong,
                by,
                reason=reason,
                declaration_uid=uid,
                right=right,
                replacement_uid=f"{uid}-right",
            )
            return done.uid, done.wrong, done.replacement, done.devices

        def model(by):
            return self.model.declare(uid, wrong, right, by)

        self.tell(ledger, model, self.by(station))

    @rule(back=st.integers(0, 9), station=st.sampled_from(["DOCK", "VAN", "ELSEWHERE"]))
    def tell_again(self, back, station):
        if self.done:
            ledger, model = self.done[-1 - back % len(self.done)]
            self.tell(ledger, model, self.by(station))

    @rule(device=st.sampled_from(DEVICES), minutes=st.integers(6, 600))
    def the_future_is_refused(self, device, minutes):
        by = self.by("DOCK")
        transfer = Transfer(
            uid=f"soon-{next(self.numbers)}",
            devices=(device,),
            location="H-B",
            event_time=by.record_time + timedelta(minutes=minutes),
        )

        with self.sessions.begin() as session, pytest.raises(Refused):
            record_transfer(session, transfer, by)

    @rule(device=st.sampled_from(DEVICES), at=AN_HOUR, known=st.integers(0, 40))
    def who_had_it(self, device, at, known):
        with self.sessions.read() as session:
            found = find_device(session, device)
            held = custody_as_of(session, found, at=at, known_at=hour(known))

        assert held == self.model.who(device, at, hour(known))

    @invariant()
    def the_ledger_is_whole(self):
        with self.sessions.read() as session:
            assert verify(session).mismatches == ()

    def everything_is_answered_alike(self):
        with self.sessions.read() as session:
            for device in DEVICES:
                found = find_device(session, device)
                assert history(session, found) == self.model.history(device)
                for at in map(hour, HOURS):
                    now = custody_as_of(session, found, at=at)
                    assert now == self.model.who(device, at)
                    in_it = [h.device for h in kit_parts(session, device, at=at)]
                    parts = self.model.parts_of(device, at)
                    assert in_it == [p for p in parts if self.model.where(p, at)]
            for at in map(hour, HOURS):
                for code in ["DEPOT", "ANNA", "CIT-1", *PLACES, "HORSENS"]:
                    for within in (False, True):
                        held = holdings(session, code, at=at, within=within)
                        assert held == self.model.holdings(code, at, within=within)

    def rebuilding_changes_nothing(self):
        with self.sessions.begin() as session:
            kept = spans(session)
            rebuild(session)
            made = spans(session)

        assert kept == made


def spans(session):
    """Return every span there is, as plain rows."""
    return [
        list(session.execute(select(table.__table__).order_by(*table.__table__.c)))
        for table in (CustodySpan, KitSpan)
    ]


EXAMPLES = {"sqlite": 24, "postgresql": 3}


@pytest.fixture
def fresh(centre, tmp_path, request):
    """Makes copies of the small centre, one for each made-up ledger."""
    url = centre.engine.url
    centre.engine.dispose()

    def copy():
        name = f"copy_{uuid4().hex}"
        if url.get_backend_name() == "sqlite":
            shutil.copy(url.database, tmp_path / name)
            return Sessions(make_engine(str(tmp_path / name)))
        server = request.getfixturevalue("postgresql_server")
        server.psql(f"CREATE DATABASE {name} TEMPLATE {url.database}")
        return Sessions(make_engine(server.get_uri(database=name)))

    return copy


def compare(fresh, *, examples, steps):
    """Tell `examples` made-up ledgers of up to `steps` steps to both."""
    run_state_machine_as_test(
        type("Both", (Both,), {"fresh": staticmethod(fresh)}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # The same examples every time: a failure is the code's, not the day's.
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_ledger_answers_like_the_model(fresh, centre):
    compare(fresh, examples=EXAMPLES[centre.engine.dialect.name], steps=30)
