"""The ledger beside a naive model of it: lists, read from end to end for every answer.

Whatever a made-up centre tells both, in any order and by any clock, they must answer
alike; and the spans kept up to date must be those that a rebuild would make.
"""

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from fsc_logistics.core.care.answers import (
    condition_history,
    list_conditions,
    list_flags,
)
from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.corrections.periods import correct_period
from fsc_logistics.core.corrections.replacements import Right
from fsc_logistics.core.corrections.told import Period
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.kits.listing import list_kits
from fsc_logistics.core.kits.membership import kit_parts, record_kit, take_apart
from fsc_logistics.core.kits.returning import find_parts, return_kit
from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.kits.swap import swap_part
from fsc_logistics.core.kits.write_off import write_off
from fsc_logistics.core.ledger.answers import custody_as_of, history, holdings
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.stock.answers import list_stock
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_stock_move
from fsc_logistics.core.tables import (
    Article,
    ConditionSpan,
    CustodySpan,
    FlagSpan,
    KitSpan,
    Lot,
    StockSpan,
)
from fsc_logistics.domain.anomalies import is_lent_at
from fsc_logistics.domain.care import NEEDS_REASON, Condition, Flag
from fsc_logistics.domain.custody import (
    CLOCK_SKEW_MAX,
    Custody,
    Entry,
    Signature,
    Transfer,
    WrongBecause,
    shown_disposition,
    usual_condition,
    usual_step,
)
from fsc_logistics.domain.errors import NotFound, Refused
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.parties import LENT_TO, LocationKind
from fsc_logistics.domain.quantities import Occasion

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
    "LOST": ("lost", "NOBODY"),
}
INSIDE = {"HORSENS": {"HORSENS", "H-A", "H-B"}}
HOLDERS = ["DEPOT", "ANNA", "CIT-1", *PLACES, "HORSENS"]
OFF = ["LOST", "RETIRED"]
"""Where what is written off goes."""
OUTSIDE = ["MAKER-DK", "LOST"]
"""Where consumables come from and go to without limit."""
LOT = "CUFF/L1"
HOURS = range(-3, 9)
"""When things happen: few moments, so that many events share one."""
ASKED = range(-4, 11)
"""A period may have been moved by an hour, twice."""


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
    step: str = ""
    lines: dict = field(default_factory=dict)
    place: str | None = None
    custodian: str | None = None
    disposition: str | None = None
    condition: str | None = None
    flag: str | None = None
    raised: bool | None = None
    why: str | None = None
    moved: tuple | None = None
    """From where, to where, how many."""
    counted: tuple | None = None
    """Where, how many."""
    wrong: str | None = None
    parts: tuple = ()
    """The devices of which `wrong` is wrong; none: all of it."""
    reason: str | None = None
    instead: str | None = None
    """Instead of which event it was told."""


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
                condition="ready",
            )
        ]
        self.moves_by = {}
        self.stations = {"DOCK"}
        self.answers = {}
        """What became of a correction, by its uid."""

    def find(self, uid):
        return next((t for t in self.told if t.uid == uid), None)

    def append(self, by, **said):
        same = [t.recorded for t in self.told if t.station == by.station]
        recorded = max([by.record_time, *same])
        told = Told(station=by.station, recorded=recorded, **said)
        self.told.append(told)
        return told

    # What counts.

    def declared(self, told, device=None, known=None):
        """Return the declaration that an event is wrong, if it was known by then."""
        return next(
            (
                t
                for t in self.told
                if t.wrong == told.uid
                and (not t.parts or device in t.parts)
                and (known is None or t.recorded <= known)
            ),
            None,
        )

    def left(self, told):
        """Return the devices an event still speaks for."""
        return {d: k for d, k in told.lines.items() if not self.declared(told, d)}

    def still_stands(self, told):
        if told.kind == "declaration" or self.declared(told):
            return False
        return bool(told.moved or told.counted or self.left(told))

    def believed(self, device, says, known=None):
        """Return the events of a device that count and say such a thing, in order."""
        counted = [
            t
            for t in self.told
            if device in t.lines
            and says(t)
            and (known is None or t.recorded <= known)
            and not self.declared(t, device, known)
        ]
        return sorted(counted, key=lambda t: t.at)

    def last(self, device, at, says=None, known=None):
        found = self.believed(device, says or is_custody, known)
        before = [t for t in found if t.at <= at]
        return before[-1] if before else None

    def where(self, device, at, known=None):
        told = self.last(device, at, known=known)
        return None if told is None else (told.custodian, told.place)

    def kit_of(self, device, at, known=None):
        told = self.last(device, at, lambda t: t.kind == "kit", known)
        return None if told is None else told.lines[device]

    def parts_of(self, kit, at, known=None):
        return [d for d in DEVICES if self.kit_of(d, at, known) == kit]

    def condition_told(self, device, at, known=None):
        return self.last(device, at, lambda t: t.condition is not None, known)

    def condition(self, device, at, known=None):
        told = self.condition_told(device, at, known)
        return None if told is None else told.condition

    def flag_told(self, device, flag, at, known=None):
        return self.last(device, at, lambda t: t.flag == flag, known)

    def flags(self, device, at, known=None):
        told = [self.flag_told(device, flag, at, known) for flag in Flag]
        return tuple(t.flag for t in told if t is not None and t.raised)

    # What is answered.

    def who(self, device, at, known=None):
        here = self.last(device, at, known=known)
        if here is None:
            return None
        events = self.believed(device, is_custody, known)
        moments = sorted({t.at for t in events})
        states = [self.last(device, m, known=known) for m in moments]
        same = [(s.custodian, s.place) == (here.custodian, here.place) for s in states]
        first = last = moments.index(here.at)
        while first > 0 and same[first - 1]:
            first -= 1
        while last + 1 < len(same) and same[last + 1]:
            last += 1
        condition = self.condition(device, at, known)
        return Custody(
            device=device,
            model="3230",
            custodian=here.custodian,
            custodian_kind=KINDS[here.custodian],
            location=here.place,
            since=moments[first],
            until=moments[last + 1] if last + 1 < len(moments) else None,
            biz_step=here.step,
            disposition=shown_disposition(here.disposition, condition),
            event=here.uid,
            condition=condition,
            flags=self.flags(device, at, known),
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
                declared_wrong=d.reason if (d := self.declared(t, device)) else None,
                declared_by="TESTER" if d else None,
                declared_at=d.recorded if d else None,
                actor="TESTER",
                condition=t.condition,
                flag=t.flag,
                raised=t.raised,
                reason=t.why,
            )
            for t in sorted(of_device, key=lambda t: t.at)
        ]

    def holdings(self, code, at, known=None, *, within):
        places = INSIDE.get(code, {code}) if within else {code}
        held = [self.who(device, at, known) for device in sorted(DEVICES)]
        return [h for h in held if h and (h.custodian == code or h.location in places)]

    def kits(self, at, known=None):
        """Return the parts of each kit, and those that are not with it."""
        found = {}
        for kit in sorted(DEVICES):
            parts = sorted(self.parts_of(kit, at, known))
            case = self.where(kit, at, known)
            absent = [
                part
                for part in parts
                if case is None
                or self.where(part, at, known) != case
                or Flag.MISSING in self.flags(part, at, known)
            ]
            if parts:
                found[kit] = (parts, absent)
        return found

    def conditions(self, at, known=None):
        told = ((d, self.condition_told(d, at, known)) for d in sorted(DEVICES))
        return self.said_of_held(
            ((d, t, t and t.condition) for d, t in told), at, known
        )

    def hung(self, at, known=None):
        told = (
            (device, told, told.flag)
            for device in sorted(DEVICES)
            for flag in sorted(Flag)
            if (told := self.flag_told(device, flag, at, known)) and told.raised
        )
        return self.said_of_held(told, at, known)

    def said_of_held(self, said, at, known):
        return [
            (device, what, told.at, told.why, *here, told.uid)
            for device, told, what in said
            if told is not None and (here := self.where(device, at, known)) is not None
        ]

    def condition_history(self, device, known=None):
        events = self.believed(device, lambda t: t.condition is not None, known)
        last = {t.at: t for t in events}
        return [(t.condition, t.at, t.uid) for t in last.values()]

    def stock(self, at, known=None):
        """Return how many there are at each place of ours, where there are any."""
        there = dict.fromkeys(PLACES.keys() - set(OFF), 0)
        for told in sorted(self.told, key=lambda t: t.at):
            if told.at > at or self.declared(told, known=known):
                continue
            if known is not None and told.recorded > known:
                continue
            if told.counted:
                place, quantity = told.counted
                there[place] = quantity
            if told.moved:
                origin, target, quantity = told.moved
                for place, change in ((origin, -quantity), (target, quantity)):
                    if place in there:
                        there[place] += change
        return {place: quantity for place, quantity in there.items() if quantity}

    # What is refused, whatever led to it.

    def kit_moments(self):
        return sorted({t.at for t in self.told if t.kind == "kit"})

    def breaks_a_rule(self):
        nested = any(
            self.kit_of(device, m) is not None and self.parts_of(device, m)
            for m in self.kit_moments()
            for device in DEVICES
        )
        nowhere = not all(self.believed(d, is_custody) for d in DEVICES)
        moments = {t.at for t in self.told if t.moved or t.counted}
        short = any(q < 0 for m in moments for q in self.stock(m).values())
        return nested or nowhere or short

    # Custody.

    def along(self, devices, at):
        """Return the lines of a move: each device, its kit, and what goes along."""
        kin = {}
        for part in DEVICES:
            kit = self.kit_of(part, at)
            by_case = kit in devices and self.moves_by.get(kit) != MovesBy.EACH
            by_part = self.moves_by.get(kit) == MovesBy.ANY and any(
                self.kit_of(device, at) == kit for device in devices
            )
            if kit is not None and (by_case or by_part):
                kin[part] = kit
        together = {
            part: kit
            for part, kit in kin.items()
            if self.where(part, at) is not None
            and self.where(part, at) == self.where(kit, at)
            and Flag.MISSING not in self.flags(part, at)
        }
        moving = {kit for kit in kin.values() if kit in devices}
        moving |= {kit for part, kit in together.items() if part in devices}
        lines = dict.fromkeys([*in_order(devices), *in_order(moving)])
        for part, kit in together.items():
            if kit in moving:
                lines.setdefault(part, kit)
        return lines

    def move(
        self,
        uid,
        devices,
        place,
        custodian,
        condition,
        at,
        by,
        *,
        as_fact,
        step=None,
        second=None,
    ):
        """Return uid, whether it was added, and who moved; or None if refused."""
        if (known := self.find(uid)) is not None:
            return known.uid, False, tuple(sorted(known.lines))
        kind = LocationKind(PLACES[place][0])
        target = (custodian or PLACES[place][1], place)
        stated = condition or usual_condition(kind)
        lines = self.along(devices, at)
        held = {d: here for d in lines if (here := self.where(d, at)) is not None}
        if not as_fact and self.is_refused(lines, held, target, stated, at):
            return None
        left = {d: self.left_as(d, held.get(d), target, stated, at) for d in lines}
        there = {
            device
            for device, here in held.items()
            if here == target
            and left[device] in (None, self.condition(device, at))
            and not (as_fact and self.is_missing_unseen(device, at))
            # A command that says which step it is, is told in these words.
            and (as_fact or step in (None, self.last(device, at).step))
        }
        moving = {d: kit for d, kit in lines.items() if d not in there}
        if not moving:
            said = self.last(in_order(devices)[0], at)
            return said.uid, False, tuple(sorted(lines))
        stating = [d for d in moving if left[d] is not None]
        said = left[stating[0]] if stating else None
        apart = [d for d in moving if d not in stating]
        if all(self.condition(device, at) == said for device in apart):
            self.arrive(uid, moving, target, at, by, condition=said, step=step)
            return uid, True, tuple(sorted(moving))
        self.arrive(uid, moving, target, at, by, step=step)
        if stating:
            self.append(
                by,
                uid=second or f"{uid}.2",
                kind="condition",
                at=at,
                step="receiving",
                lines=dict.fromkeys(stating),
                condition=said,
            )
        return uid, True, tuple(sorted(moving))

    def left_as(self, device, here, target, stated, at):
        """Return the condition that a device is left in, where one is said."""
        before = self.condition(device, at)
        if stated is not None:
            apart = stated == "returned" and before not in (None, "ready", "returned")
            return None if apart else str(stated)
        came = here is not None and is_lent_at(KINDS[here[0]], PLACES[here[1]][0])
        back = came and not is_lent_at(KINDS[target[0]], PLACES[target[1]][0])
        return "returned" if back and before in (None, "ready") else None

    def is_missing_unseen(self, device, at):
        flag = self.flag_told(device, Flag.MISSING, at)
        return flag is not None and flag.raised and self.last(device, at).at <= flag.at

    def is_refused(self, lines, held, target, stated, at):
        """Return whether a command may not bring `lines`, some `held`, to `target`."""
        if set(lines) != set(held):
            return True
        is_away = PLACES[target[1]][0] == "retired"
        scrapped = any(self.condition(device, at) == "scrapped" for device in held)
        if scrapped and not is_away:
            return True
        if not is_lent_at(KINDS[target[0]], PLACES[target[1]][0]):
            return False
        given = [device for device, here in held.items() if here[0] != target[0]]
        return any(
            self.flags(device, at) or (stated or self.condition(device, at)) != "ready"
            for device in given
        )

    def put(self, uid, lines, target, at, by, *, condition=None, why=None):
        usual = usual_condition(LocationKind(PLACES[target[1]][0]))
        stated = condition or usual
        self.arrive(uid, lines, target, at, by, condition=stated, why=why)

    def arrive(
        self, uid, lines, target, at, by, *, condition=None, step=None, why=None
    ):
        usual, disposition = usual_step(LocationKind(PLACES[target[1]][0]))
        self.append(
            by,
            uid=uid,
            kind="object",
            at=at,
            step=step or usual.value,
            disposition=disposition.value,
            lines=lines,
            custodian=target[0],
            place=target[1],
            condition=condition,
            why=why,
        )

    # Kits.

    def cannot_be_parts(self, parts, kit, at):
        later = [at, *(m for m in self.kit_moments() if m > at)]
        return (
            kit in parts
            or any(self.parts_of(part, m) for part in parts for m in later)
            or any(self.kit_of(part, at) is not None for part in parts)
            or any(self.kit_of(kit, m) is not None for m in later)
        )

    def build(self, uid, parts, kit, moves_by, at, by):
        if (known := self.find(uid)) is not None:
            return uid, False, tuple(sorted(known.lines))
        added = [part for part in parts if self.kit_of(part, at) != kit]
        if added and self.cannot_be_parts(added, kit, at):
            return None
        if moves_by is not None:
            self.moves_by[kit] = moves_by
        if not added:
            said = self.last(in_order(parts)[0], at, lambda t: t.kind == "kit")
            return said.uid, False, tuple(sorted(parts))
        self.regroup(uid, dict.fromkeys(added, kit), "assembling", at, by)
        return uid, True, tuple(sorted(added))

    def take_apart(self, uid, parts, kit, at, by, why=None):
        if (known := self.find(uid)) is not None:
            return uid, False, tuple(sorted(known.lines))
        inside = self.parts_of(kit, at)
        leaving = parts or inside
        if not leaving or not set(leaving) <= set(inside):
            return None
        self.regroup(uid, dict.fromkeys(leaving), "disassembling", at, by, why)
        return uid, True, tuple(sorted(leaving))

    def regroup(self, uid, lines, step, at, by, why=None):
        self.append(by, uid=uid, kind="kit", at=at, step=step, lines=lines, why=why)

    def swap(self, uid, kit, old, new, old_to, at, by):
        """Return whether it was added, the events and the devices, or None."""
        if self.find(uid) is not None:
            return self.act(uid, added=False)
        if self.kit_of(old, at) != kit or old == new:
            return None
        was, came_from = self.where(old, at), self.where(new, at)
        if (
            self.cannot_be_parts([new], kit, at)
            or came_from is None
            or self.condition(new, at) != "ready"
            or self.flags(new, at)
            or was is None
            or was != self.where(kit, at)
            or Flag.MISSING in self.flags(old, at)
        ):
            return None
        self.regroup(uid, {old: None, new: kit}, "assembling", at, by)
        if came_from != was:
            self.put(self.next_uid(uid), {new: None}, was, at, by)
        goes_to, condition = came_from, None
        if old_to is not None:
            goes_to = (PLACES[old_to][1], old_to)
            condition = usual_condition(LocationKind(PLACES[old_to][0]))
        fit = self.condition(old, at) in (None, "ready")
        if KINDS[was[0]] in LENT_TO and goes_to[0] != was[0] and fit:
            condition = condition or "returned"
        if goes_to != was:
            old_line, name = {old: None}, self.next_uid(uid)
            self.put(name, old_line, goes_to, at, by, condition=condition)
        return self.act(uid)

    def act(self, uid, *, added=True):
        """Return whether it was added, the events and the devices of an act."""
        names = (uid, f"{uid}.2", f"{uid}.3")
        done = [t for t in map(self.find, names) if t is not None]
        devices = {d for t in done for d in t.lines}
        return added, tuple(t.uid for t in done), tuple(sorted(devices))

    def next_uid(self, uid):
        names = (uid, f"{uid}.2", f"{uid}.3")
        return next(name for name in names if self.find(name) is None)

    def with_case(self, kit, at):
        here = self.where(kit, at)
        return [p for p in self.parts_of(kit, at) if here and self.where(p, at) == here]

    def missing(self, devices, at):
        return [d for d in devices if Flag.MISSING in self.flags(d, at)]

    def give_back(self, uid, kit, to, missing, at, by):
        """Return what `act` does, or None if a kit cannot come back so."""
        if self.find(uid) is not None:
            return self.act(uid, added=False)
        inside, before = self.parts_of(kit, at), list(self.told)
        if not inside or not set(missing) <= set(inside):
            return None
        flagged = self.missing(inside, at)
        gone = {*flagged, *missing}
        came = [p for p in self.with_case(kit, at) if p not in gone]
        if unseen := [d for d in missing if d not in flagged]:
            why = f"not in {kit} when it came back"
            if self.set_flag(uid, unseen, Flag.MISSING, True, why, at, by) is None:
                return None
        moved = self.move(
            self.next_uid(uid),
            [kit, *came],
            to,
            None,
            usual_condition(LocationKind(PLACES[to][0])) or Condition.RETURNED,
            at,
            by,
            as_fact=False,
            step="receiving",
            second=f"{uid}.{3 if unseen else 2}",
        )
        if moved is None:
            self.told = before
            return None
        if self.find(uid) is None:
            return False, (moved[0],), moved[2]
        return self.act(uid)

    def find_parts(self, uid, kit, found, at, by):
        """Return what `act` does, or None if they are not missing."""
        if self.find(uid) is not None:
            return self.act(uid, added=False)
        inside, here = self.parts_of(kit, at), self.where(kit, at)
        together, flagged = self.with_case(kit, at), self.missing(inside, at)
        if not set(found) <= set(inside) or here is None:
            return None
        if any(part in together and part not in flagged for part in found):
            return None
        if lowered := [part for part in found if part in flagged]:
            why = f"found, back in {kit}"
            if self.set_flag(uid, lowered, Flag.MISSING, False, why, at, by) is None:
                return None
        away = [part for part in found if part not in together]
        back = [part for part in away if self.comes_back(part, here, at)]
        other = [part for part in away if part not in back]
        for parts, condition in ((back, "returned"), (other, None)):
            if parts:
                lines, name = dict.fromkeys(parts), self.next_uid(uid)
                self.put(name, lines, here, at, by, condition=condition)
        return self.act(uid)

    def comes_back(self, part, here, at):
        was = self.where(part, at)
        lent = was is not None and KINDS[was[0]] in LENT_TO and was[0] != here[0]
        return lent and self.condition(part, at) in (None, "ready")

    def write_off(self, uid, kit, parts, why, to, at, by):
        """Return what `act` does, or None if they cannot be written off."""
        if self.find(uid) is not None:
            return self.act(uid, added=False)
        if why is None or self.take_apart(uid, parts, kit, at, by, why) is None:
            return None
        place = to or "LOST"
        target, lines = (PLACES[place][1], place), dict.fromkeys(parts)
        self.put(f"{uid}.2", lines, target, at, by, why=why)
        flagged = self.missing(parts, at)
        if flagged and place == "RETIRED":
            name = self.next_uid(uid)
            self.set_flag(name, flagged, Flag.MISSING, False, why, at, by)
        return self.act(uid)

    # Conditions and flags.

    def set_condition(self, uid, devices, condition, why, at, by):
        said = {d: self.condition_told(d, at) for d in devices}

        def is_refused(device, before):
            if why is not None:
                return False
            from_scrap = before is not None and before.condition == "scrapped"
            return from_scrap or condition in NEEDS_REASON

        return self.state(
            uid,
            devices,
            said,
            {d for d, t in said.items() if t is not None and t.condition == condition},
            is_refused,
            at,
            by,
            why=why,
            kind="condition",
            step=CONDITION_STEPS[condition],
            condition=condition.value,
        )

    def set_flag(self, uid, devices, flag, raised, why, at, by):
        said = {d: self.flag_told(d, flag, at) for d in devices}
        return self.state(
            uid,
            devices,
            said,
            {d for d, t in said.items() if t is not None and t.raised == raised},
            lambda _, before: why is None or (before is None and not raised),
            at,
            by,
            why=why,
            kind="flag",
            step="holding" if flag is Flag.RECALLED else "other",
            flag=flag.value,
            raised=raised,
        )

    def state(self, uid, devices, said, same, is_refused, at, by, *, why, **event):
        """Tell of devices what is not said of them yet, by the same reason."""
        if (known := self.find(uid)) is not None:
            return uid, False, tuple(sorted(known.lines))
        if any(self.where(device, at) is None for device in devices):
            return None
        there = {d for d in same if why is None or said[d].why == why}
        if event.get("raised") is False and any(said.values()):
            there |= {d for d in devices if said[d] is None}
        changing = [d for d in devices if d not in there]
        if any(is_refused(device, said[device]) for device in changing):
            return None
        if not changing:
            first = next(said[d] for d in in_order(devices) if said[d] is not None)
            return first.uid, False, tuple(sorted(devices))
        lines = dict.fromkeys(changing)
        self.append(by, uid=uid, at=at, lines=lines, why=why, **event)
        return uid, True, tuple(sorted(changing))

    # Consumables.

    def move_stock(self, uid, origin, target, quantity, at, by):
        if origin == target or {origin, target} <= set(OUTSIDE):
            return None if self.find(uid) is None else (uid, False)
        moved = (origin, target, quantity)
        return self.tell_stock(by, uid=uid, kind="stock", at=at, moved=moved)

    def count_stock(self, uid, place, quantity, at, by):
        counted = (place, quantity)
        return self.tell_stock(by, uid=uid, kind="count", at=at, counted=counted)

    def tell_stock(self, by, *, uid, **said):
        if self.find(uid) is not None:
            return uid, False
        before = list(self.told)
        self.append(by, uid=uid, **said)
        if self.breaks_a_rule():
            self.told = before
            return None
        return uid, True

    # Corrections.

    def declare(self, uid, wrong, devices, right, by):
        """Return declaration, wrong event, replacement and devices, or None."""
        if self.find(uid) is not None:
            return self.answers[uid]
        told = self.find(wrong)
        left = self.left(told)
        if not self.still_stands(told) or not set(devices) <= set(left):
            return None
        about = {d: kit for d, kit in left.items() if not devices or d in devices}
        about_custody = right is not None and right != Right(
            event_time=right.event_time
        )
        if about_custody and told.kind != "object":
            return None
        before, replacement = list(self.told), None
        if right is not None:
            replacement = f"{uid}-right"
            self.say_again(told, self.instead(told, right), replacement, about, by)
        self.append(
            by,
            uid=uid,
            kind="declaration",
            at=by.record_time,
            wrong=wrong,
            parts=tuple(devices),
            reason="did_not_occur" if right is None else "incorrect_data",
        )
        if self.breaks_a_rule():
            self.told = before
            return None
        self.answers[uid] = (uid, wrong, replacement, tuple(sorted(about)))
        return self.answers[uid]

    def instead(self, told, right):
        """Return what should have been told."""
        at = right.event_time or told.at
        if right.location not in (None, told.place):
            kind = LocationKind(PLACES[right.location][0])
            old_kind = LocationKind(PLACES[told.place][0])
            stated = told.condition
            if stated == usual_condition(old_kind):
                stated = None
            if stated == "returned" and kind is LocationKind.HOME:
                stated = None
            step, disposition = usual_step(kind)
            told = replace(
                told,
                place=right.location,
                custodian=PLACES[right.location][1],
                step=step.value,
                disposition=disposition.value,
                condition=usual_condition(kind) or stated,
            )
        return replace(told, at=at, custodian=right.custodian or told.custodian)

    def say_again(self, wrong, right, uid, lines, by):
        said = {
            name: getattr(right, name)
            for name in Told.__dataclass_fields__
            if name not in ("uid", "lines", "station", "recorded", "instead")
        }
        self.append(by, uid=uid, lines=lines, instead=wrong.uid, **said)

    def first(self, told):
        """Return what was told first, before anybody put it right."""
        while told.instead is not None:
            told = self.find(told.instead)
        return told

    def of_period(self, station, since, until, shift):
        """Return what a station told of a period; shifted, by its clock, and since."""
        found = [t for t in self.told if t.station == station and since <= t.at < until]
        if shift is None:
            return found
        firsts = [t.uid for t in found if t.instead is None]
        return [t for t in self.told if self.first(t).uid in firsts]

    def correct_period(self, uid, station, since, until, shift, again, by):
        """Return what became of each event, and how many were left alone, or None."""
        if station not in self.stations | {by.station}:
            return None
        found = self.of_period(station, since, until, shift)
        if self.find(f"{uid}.1") is not None:
            rows = self.answers[uid]
            ours = {row[0] for row in rows}
            others = [
                t
                for t in found
                if t.uid not in ours and not t.uid.startswith(f"{uid}.")
            ]
            return rows, len(others)
        standing = [t for t in found if self.still_stands(t)]
        moved = [t for t in standing if t.at != self.first(t).at]
        moving = again or shift is None
        wrong = standing if moving else [t for t in standing if t not in moved]
        if moved and not wrong:
            return None
        latest = by.record_time + CLOCK_SKEW_MAX
        if shift is not None and any(t.at + shift > latest for t in wrong):
            return None
        before = list(self.told)
        left = [self.left(told) for told in wrong]
        rows = []
        for number, (told, lines) in enumerate(zip(wrong, left, strict=True), start=1):
            name = f"{uid}.{number}"
            right = None if shift is None else f"{name}.right"
            if right is not None:
                later = replace(told, at=told.at + shift)
                self.say_again(told, later, right, lines, by)
            rows.append((told.uid, name, right, tuple(sorted(lines))))
        for told, row in zip(wrong, rows, strict=True):
            self.append(
                by,
                uid=row[1],
                kind="declaration",
                at=by.record_time,
                wrong=told.uid,
                reason="did_not_occur" if shift is None else "incorrect_data",
            )
        if self.breaks_a_rule():
            self.told = before
            return None
        self.answers[uid] = tuple(rows)
        return tuple(rows), len(found) - len(rows)


CONDITION_STEPS = {
    Condition.READY: "inspecting",
    Condition.RETURNED: "receiving",
    Condition.CLEANING: "other",
    Condition.QUARANTINE: "holding",
    Condition.REPAIR: "repairing",
    Condition.SCRAPPED: "decommissioning",
}


def is_custody(told):
    return told.kind == "object"


def in_order(devices):
    return sorted(devices, key=DEVICES.index)


SOME_DEVICES = st.lists(st.sampled_from(DEVICES), min_size=1, max_size=3, unique=True)
# Mostly to and fro between two places, so that neighbours often say the same.
A_PLACE = st.sampled_from(["H-A", "VAN-ANNA"]) | st.sampled_from(list(PLACES))
A_PARTY = st.none() | st.sampled_from([None, *KINDS])
A_KIT = st.just("KIT-1") | st.sampled_from(DEVICES)
AN_HOUR = st.sampled_from(HOURS).map(hour)
A_STATION = st.sampled_from(["DOCK", "VAN"])
WHY = st.sampled_from(["torn", "wet", None])
OF_STOCK = ["H-A", "H-B", "VAN-ANNA"]
A_SOURCE = st.sampled_from(["MAKER-DK", "LOST", "MAKER-DK", *OF_STOCK])
A_TARGET = st.sampled_from([*OF_STOCK, *OF_STOCK, *OUTSIDE])


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

    @initialize(
        parts=st.lists(st.sampled_from(DEVICES[:3]), max_size=2, unique=True),
        moves_by=st.sampled_from(MovesBy),
    )
    def begin_with_a_kit(self, parts, moves_by):
        # Or most acts of kits would find none.
        if parts:
            self.build(parts, "KIT-1", moves_by, hour(0), "DOCK")

    def teardown(self):
        try:
            self.everything_is_answered_alike()
            self.everything_is_believed_alike()
            self.rebuilding_changes_nothing()
        finally:
            self.sessions.engine.dispose()

    def uid(self, word):
        return f"{word}-{next(self.numbers)}"

    def by(self, station, lag=0):
        return Signature(
            station=station, actor="TESTER", record_time=hour(self.clock - lag)
        )

    def tell(self, ledger, model, by):
        """Tell both, by the same signature; remember how, to tell it again."""
        with self.sessions.begin() as session:
            try:
                answered = ledger(session, by)
            except (NotFound, Refused):
                session.rollback()
                answered = None
        expected = model(by)
        assert answered == expected
        if answered is not None:
            self.model.stations.add(by.station)
            self.done.append((ledger, model))

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours):
        self.clock += hours

    @rule(
        devices=SOME_DEVICES,
        place=A_PLACE,
        custodian=A_PARTY,
        condition=st.sampled_from([None, None, None, Condition.RETURNED]),
        at=AN_HOUR,
        station=A_STATION,
        lag=st.integers(0, 1),
        as_fact=st.booleans(),
    )
    def move(self, devices, place, custodian, condition, at, station, lag, as_fact):
        uid = self.uid("move")
        transfer = Transfer(
            uid=uid,
            devices=tuple(devices),
            location=place,
            custodian=custodian,
            condition=condition,
            event_time=at,
        )

        def ledger(session, by):
            done = record_transfer(session, transfer, by, as_fact=as_fact)
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.move(
                uid, devices, place, custodian, condition, at, by, as_fact=as_fact
            )

        self.tell(ledger, model, self.by(station, lag))

    @rule(
        parts=SOME_DEVICES,
        kit=A_KIT,
        moves_by=st.none() | st.sampled_from(MovesBy),
        at=AN_HOUR,
        station=A_STATION,
    )
    def build(self, parts, kit, moves_by, at, station):
        uid = self.uid("kit")

        def ledger(session, by):
            done = record_kit(
                session, parts, kit=kit, uid=uid, at=at, by=by, moves_by=moves_by
            )
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.build(uid, parts, kit, moves_by, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        parts=st.just([]) | SOME_DEVICES | st.integers(1, 2),
        kit=A_KIT,
        at=AN_HOUR,
        station=A_STATION,
    )
    def take_apart(self, parts, kit, at, station):
        uid = self.uid("apart")
        if isinstance(parts, int):
            # Mostly what is in a kit, or hardly any would ever be taken apart.
            kit, at = self.a_kit(kit, at)
            parts = self.model.parts_of(kit, at)[:parts]

        def ledger(session, by):
            done = take_apart(session, kit, parts, uid=uid, at=at, by=by)
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.take_apart(uid, parts, kit, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        pick=st.integers(0, 3),
        kit=A_KIT,
        new=st.sampled_from(DEVICES),
        old_to=st.none() | A_PLACE,
        at=AN_HOUR,
        station=A_STATION,
    )
    def swap(self, pick, kit, new, old_to, at, station):
        uid = self.uid("swap")
        kit, at = self.a_kit(kit, at)
        parts = self.model.parts_of(kit, at) or DEVICES
        old = parts[pick % len(parts)]

        def ledger(session, by):
            done = swap_part(
                session, kit, old, new, uid=uid, at=at, by=by, old_to=old_to
            )
            return done.added, done.events, done.devices

        def model(by):
            return self.model.swap(uid, kit, old, new, old_to, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        pick=st.integers(0, 2),
        kit=A_KIT,
        to=A_PLACE,
        at=AN_HOUR,
        station=A_STATION,
    )
    def give_back(self, pick, kit, to, at, station):
        uid = self.uid("back")
        kit, at = self.a_kit(kit, at)
        missing = self.model.parts_of(kit, at)[:pick]

        def ledger(session, by):
            done = return_kit(
                session, kit, to=to, uid=uid, at=at, by=by, missing=missing
            )
            return done.added, done.events, done.devices

        def model(by):
            return self.model.give_back(uid, kit, to, missing, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        kit=A_KIT,
        parts=SOME_DEVICES,
        all_missing=st.booleans(),
        at=AN_HOUR,
        station=A_STATION,
    )
    def find_parts(self, kit, parts, all_missing, at, station):
        uid = self.uid("found")
        kit, at = self.a_kit(kit, at)
        if all_missing:
            together = self.model.with_case(kit, at)
            inside = self.model.parts_of(kit, at)
            flagged = self.model.missing(inside, at)
            lost = [p for p in inside if p in flagged or p not in together]
            parts = lost or parts

        def ledger(session, by):
            done = find_parts(session, kit, parts, uid=uid, at=at, by=by)
            return done.added, done.events, done.devices

        def model(by):
            return self.model.find_parts(uid, kit, parts, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        pick=st.integers(1, 2),
        kit=A_KIT,
        why=WHY,
        to=st.sampled_from([None, *OFF]),
        at=AN_HOUR,
        station=A_STATION,
    )
    def write_off(self, pick, kit, why, to, at, station):
        uid = self.uid("off")
        kit, at = self.a_kit(kit, at)
        parts = self.model.parts_of(kit, at)[:pick] or DEVICES[:pick]

        def ledger(session, by):
            done = write_off(
                session, kit, parts, why=why or "", uid=uid, at=at, by=by, to=to
            )
            return done.added, done.events, done.devices

        def model(by):
            return self.model.write_off(uid, kit, parts, why, to, at, by)

        self.tell(ledger, model, self.by(station))

    def a_kit(self, kit, at):
        """Return a kit with something in it, and when: `kit` and `at` if they do."""
        found = (
            (case, moment)
            for moment in (at, *map(hour, HOURS))
            for case in (kit, *DEVICES)
            if self.model.parts_of(case, moment)
        )
        return next(found, (kit, at))

    @rule(
        devices=SOME_DEVICES,
        condition=st.sampled_from(Condition),
        why=WHY,
        at=AN_HOUR,
        station=A_STATION,
    )
    def set_condition(self, devices, condition, why, at, station):
        uid = self.uid("condition")

        def ledger(session, by):
            done = record_condition(
                session, devices, condition, uid=uid, at=at, by=by, reason=why
            )
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.set_condition(uid, devices, condition, why, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        devices=SOME_DEVICES,
        flag=st.sampled_from(Flag),
        raised=st.booleans(),
        why=WHY,
        at=AN_HOUR,
        station=A_STATION,
    )
    def set_flag(self, devices, flag, raised, why, at, station):
        uid = self.uid("flag")

        def ledger(session, by):
            done = record_flag(
                session, devices, flag, raised=raised, uid=uid, at=at, by=by, reason=why
            )
            return done.uid, done.added, done.devices

        def model(by):
            return self.model.set_flag(uid, devices, flag, raised, why, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        origin=A_SOURCE,
        goes_to=A_TARGET,
        quantity=st.integers(1, 4),
        at=AN_HOUR,
        station=A_STATION,
    )
    def move_stock(self, origin, goes_to, quantity, at, station):
        uid = self.uid("stock")

        def ledger(session, by):
            done = record_stock_move(
                session,
                "CUFF",
                quantity,
                lot="L1",
                origin=origin,
                target=goes_to,
                occasion=Occasion(uid=uid, at=at, day=date(2026, 1, 1)),
                by=by,
            )
            return done.uid, done.added

        def model(by):
            return self.model.move_stock(uid, origin, goes_to, quantity, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        place=st.sampled_from(OF_STOCK),
        quantity=st.integers(0, 4),
        at=AN_HOUR,
        station=A_STATION,
    )
    def count_stock(self, place, quantity, at, station):
        uid = self.uid("count")

        def ledger(session, by):
            occasion = Occasion(uid=uid, at=at, day=date(2026, 1, 1))
            counts = [(LOT, quantity)]
            done = record_count(session, place, counts, occasion=occasion, by=by)
            return done.uid, done.added

        def model(by):
            return self.model.count_stock(uid, place, quantity, at, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        back=st.integers(0, 9),
        pick=st.none() | SOME_DEVICES | st.integers(1, 2),
        right=st.none()
        | st.builds(
            Right,
            location=st.none() | A_PLACE,
            custodian=A_PARTY,
            event_time=st.none() | AN_HOUR,
        )
        | st.builds(Right, event_time=AN_HOUR),
        station=A_STATION,
    )
    def declare_wrong(self, back, pick, right, station):
        uid = self.uid("wrong")
        told = self.model.told[-1 - back % len(self.model.told)]
        # Often some of its own, or hardly any device would be declared wrong.
        devices = list(told.lines)[:pick] if isinstance(pick, int) else pick or []
        reason = (
            WrongBecause.DID_NOT_OCCUR if right is None else WrongBecause.INCORRECT_DATA
        )

        def ledger(session, by):
            done = declare_wrong(
                session,
                told.uid,
                by,
                reason=reason,
                declaration_uid=uid,
                right=right,
                replacement_uid=f"{uid}-right",
                devices=devices,
            )
            return done.uid, done.wrong, done.replacement, done.devices

        def model(by):
            return self.model.declare(uid, told.uid, devices, right, by)

        self.tell(ledger, model, self.by(station))

    @rule(
        since=st.sampled_from(HOURS),
        hours=st.integers(1, 12),
        shift=st.sampled_from([None, timedelta(hours=-1), timedelta(hours=1)]),
        again=st.booleans(),
        wrote=A_STATION,
        station=A_STATION,
    )
    def correct_period(self, since, hours, shift, again, wrote, station):
        uid = self.uid("period")
        start, end = hour(since), hour(since + hours)
        period = Period(station=wrote, since=start, until=end)

        def ledger(session, by):
            done = correct_period(
                session, period, by, uid=uid, shift=shift, again=again
            )
            rows = [(e.event, e.uid, e.replacement, e.devices) for e in done.events]
            return tuple(rows), done.left_alone

        def model(by):
            return self.model.correct_period(uid, wrote, start, end, shift, again, by)

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
            uid=self.uid("soon"),
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

    @rule(code=st.sampled_from(HOLDERS), at=AN_HOUR, known=st.integers(0, 40))
    def what_was_held(self, code, at, known):
        for within in (False, True):
            with self.sessions.read() as session:
                held = holdings(
                    session, code, at=at, within=within, known_at=hour(known)
                )

            assert held == self.model.holdings(code, at, hour(known), within=within)

    @rule(at=AN_HOUR)
    def how_many_there_are(self, at):
        with self.sessions.read() as session:
            assert stock(session, at) == self.model.stock(at)

    @invariant()
    def the_ledger_is_whole(self):
        with self.sessions.read() as session:
            assert verify(session).mismatches == ()

    def everything_is_believed_alike(self):
        for known in (None, hour(11), hour(self.clock - 1)):
            with self.sessions.read() as session:
                for device in DEVICES:
                    found = find_device(session, device)
                    said = condition_history(session, found, known_at=known)
                    told = [(x.condition, x.since, x.event) for x in said]
                    assert told == self.model.condition_history(device, known)
                for at in (hour(2), hour(8)):
                    self.lists_are_alike(session, at, known)

    def lists_are_alike(self, session, at, known):
        asked = {"at": at, "known_at": known}
        kits = {
            kit.kit: (list(parts), list(kit.missing))
            for kit in list_kits(session, **asked)
            if (parts := kit_state(session, kit.kit, **asked).parts)
        }
        conditions = list_conditions(session, **asked)
        flags = list_flags(session, **asked)

        assert kits == self.model.kits(at, known)
        assert [
            (x.device, x.condition, x.since, x.why, x.custodian, x.location, x.event)
            for x in conditions
        ] == self.model.conditions(at, known)
        assert [
            (x.device, x.flag, x.since, x.why, x.custodian, x.location, x.event)
            for x in flags
        ] == self.model.hung(at, known)
        assert stock(session, at, known) == self.model.stock(at, known)

    def everything_is_answered_alike(self):
        with self.sessions.read() as session:
            for device in DEVICES:
                found = find_device(session, device)
                assert history(session, found) == self.model.history(device)
                for at in map(hour, ASKED):
                    now = custody_as_of(session, found, at=at)
                    assert now == self.model.who(device, at)
                    in_it = [h.device for h in kit_parts(session, device, at=at)]
                    parts = self.model.parts_of(device, at)
                    assert in_it == [p for p in parts if self.model.where(p, at)]
            for at in map(hour, ASKED):
                assert stock(session, at) == self.model.stock(at)
                for code in HOLDERS:
                    for within in (False, True):
                        held = holdings(session, code, at=at, within=within)
                        assert held == self.model.holdings(code, at, within=within)

    def rebuilding_changes_nothing(self):
        with self.sessions.begin() as session:
            kept = spans(session)
            rebuild(session)
            made = spans(session)

        assert kept == made


def stock(session, at, known=None):
    """Return how many there are at each place, where there are any."""
    found = list_stock(session, at=at, known_at=known, article=LOT)
    return {balance.location: balance.quantity for balance in found}


def spans(session):
    """Return every span there is, as plain rows."""
    return [
        list(session.execute(select(table.__table__).order_by(*table.__table__.c)))
        for table in (CustodySpan, KitSpan, ConditionSpan, FlagSpan, StockSpan)
    ]


EXAMPLES = {"sqlite": 6, "postgresql": 2}


@pytest.fixture
def fresh(centre, tmp_path, request):
    """Makes copies of the small centre with a lot, one for each made-up ledger."""
    with centre.begin() as session:
        article = Article(code="CUFF", name="Cuff", unit="piece")
        session.add(article)
        session.flush()
        session.add(Lot(article_id=article.id, code="L1"))
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


def compare(fresh, *, examples, steps, phases=tuple(Phase)):
    """Tell `examples` made-up ledgers of up to `steps` steps to both."""
    run_state_machine_as_test(
        type("Both", (Both,), {"fresh": staticmethod(fresh)}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=phases,
            # The same examples every time: a failure is the code's, not the day's.
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_ledger_answers_like_the_model(fresh, centre):
    compare(fresh, examples=EXAMPLES[centre.engine.dialect.name], steps=30)
