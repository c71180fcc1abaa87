"""A scan, from what the service hands over to the ledger and the verdict."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_condition
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.scanning.recording import PAYLOAD_MAX, record_scans
from fsc_logistics.core.tables import (
    DeviceCode,
    DeviceModel,
    Event,
    Location,
    Order,
    Party,
    Run,
    RunStop,
    ScanRecord,
    Technician,
)
from fsc_logistics.domain.care import Condition
from fsc_logistics.domain.custody import (
    CLOCK_SKEW_MAX,
    Signature,
    Transfer,
    WrongBecause,
)
from fsc_logistics.domain.station import UNDO_WITHIN, advance
from scanner.scan import Outcome, Scan, Verdict

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
IDLE = timedelta(minutes=10)
CPR_LIKE = "0201609995"  # A fictive person of MedCom's.


class Dock:
    """A read point where one code after the other is scanned, a second apart."""

    def __init__(self, sessions, read_point="HORSENS", *, port="GUN-1", at=NOON):
        self.sessions = sessions
        self.read_point = read_point
        self.port = port
        self.clock = at
        self.context = ""
        self.seq = 0
        self.last = None

    def made(self, text):
        """Make a scan, as it stands in the spool."""
        self.clock += SECOND
        self.seq += 1
        self.last = Scan(
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
        )
        self.context = advance(self.context, text, self.clock, idle=IDLE)
        return self.last

    def apply(self, scan, *, now=None):
        (verdict,) = record_scans(
            self.sessions, [scan], now=now or self.clock, idle=IDLE
        )
        return verdict

    def scan(self, *texts):
        """Scan one after the other; return the last verdict."""
        verdict = None
        for text in texts:
            verdict = self.apply(self.made(text))
        return verdict


@pytest.fixture
def dock(centre):
    return Dock(centre)


def now_of(dock, tag):
    with dock.sessions.read() as session:
        return custody_as_of(session, find_device(session, tag), at=dock.clock)


def whereabouts(dock, tag):
    held = now_of(dock, tag)
    return f"{held.custodian}@{held.location}"


def said_of(dock, tag):
    held = now_of(dock, tag)
    return held.biz_step, held.disposition


def waiting(dock):
    with dock.sessions.read() as session:
        return [(row.payload or row.device, row.kind) for row in list_matters(session)]


def events(dock):
    """Return the uids of all events but those that say what waits, in order."""
    with dock.sessions.read() as session:
        said = Event.kind.not_in(["held", "raised"])
        return list(session.scalars(select(Event.uid).where(said).order_by(Event.id)))


# Looking


def test_a_device_scanned_at_first_is_only_looked_up(dock):
    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(Outcome.LOOKED, "OXI-1: DEPOT @ H-A")
    assert events(dock) == ["first"]


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("%L:H-A", "H-A: 4 devices."),
        ("%P:DEPOT", "DEPOT: 4 devices."),
        ("%P:ANNA", "ANNA: 0 devices."),
    ],
)
def test_a_place_or_person_scanned_while_looking_tells_what_is_there(dock, card, told):
    assert dock.scan(card) == Verdict(Outcome.LOOKED, told)


def test_one_device_is_not_told_as_many(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "%C:END")

    assert dock.scan("%P:ANNA") == Verdict(Outcome.LOOKED, "ANNA: 1 device.")


def test_what_has_left_a_place_is_not_counted_there(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "%C:END")

    assert dock.scan("%L:H-A") == Verdict(Outcome.LOOKED, "H-A: 3 devices.")


# Cards


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("%C:MODE:LOOK", "LOOK: scan a device to see who has it."),
        ("%C:MODE:IN", "IN: scan what comes in."),
        ("%C:MODE:OUT", "OUT: scan where it goes, then each device."),
        ("%C:MODE:MOVE", "MOVE: scan the place, then each device."),
        ("%C:END", "Done. Back to LOOK."),
        ("%C:OK", "Understood."),
    ],
)
def test_a_command_card_is_answered_and_records_nothing(dock, card, told):
    assert dock.scan(card) == Verdict(Outcome.SET, told)
    assert events(dock) == ["first"]


def test_end_leaves_nothing_to_record_to(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "%C:END")

    assert dock.scan("OXI-1") == Verdict(Outcome.LOOKED, "OXI-1: DEPOT @ H-A")


def test_a_mode_we_do_not_know_ends_the_one_before_it(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "%C:MODE:FLY")

    assert dock.scan("OXI-1") == Verdict(Outcome.LOOKED, "OXI-1: DEPOT @ H-A")


def test_ok_leaves_the_mode_as_it_is(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "%C:OK")

    assert dock.scan("OXI-1") == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("%C:MODE:FLY", "%C:MODE:FLY is not a card of this centre."),
        (
            "%L:MOON",
            "MOON is no place this centre knows. See: fsc location list",
        ),
        ("%P:EVE", "EVE is nobody this centre knows. See: fsc party list"),
        ("%O:ORD-9", "ORD-9 is no order of this centre. See: fsc order list"),
    ],
)
def test_a_card_of_nothing_we_know_waits_for_somebody(dock, card, told):
    dock.scan("%C:MODE:OUT")

    assert dock.scan(card) == Verdict(Outcome.UNKNOWN, told)
    assert waiting(dock) == [(card, "unknown_code")]


def test_a_card_the_mode_has_no_use_for_is_refused_and_changes_nothing(dock):
    dock.scan("%C:MODE:IN", "%L:H-B")

    refused = dock.scan("%P:ANNA")
    dock.scan("OXI-1")

    assert refused == Verdict(
        Outcome.REFUSED,
        "IN takes a place card only; for a person, an order or a kit, scan OUT first.",
    )
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-B"


def test_an_order_card_is_refused_where_something_moves(dock):
    dock.scan("%C:MODE:MOVE", "%L:H-B")

    refused = dock.scan("%O:ORD-1")
    dock.scan("OXI-1")

    assert refused == Verdict(
        Outcome.REFUSED,
        "MOVE takes a place card; for an order or a kit, scan OUT first.",
    )
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-B"


# Devices in a mode


def test_what_comes_in_is_at_the_read_point(dock):
    verdict = dock.scan("%C:MODE:IN", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: DEPOT @ HORSENS")
    assert said_of(dock, "OXI-1") == ("receiving", "available")


def test_what_comes_in_is_at_the_place_scanned_before(dock):
    dock.scan("%C:MODE:IN", "%L:H-B", "OXI-1")

    assert whereabouts(dock, "OXI-1") == "DEPOT@H-B"


def test_what_comes_in_from_a_citizen_is_returned_and_not_available(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    on_loan = said_of(dock, "OXI-1")

    dock.scan("%C:MODE:IN", "OXI-1")

    assert on_loan == ("installing", "on_loan")
    assert said_of(dock, "OXI-1") == ("receiving", "returned")


def test_a_read_point_that_is_no_place_asks_for_one(centre):
    dock = Dock(centre, "DOCK-1")

    refused = dock.scan("%C:MODE:IN", "OXI-1")
    dock.scan("%L:H-B", "OXI-1")

    assert refused == Verdict(
        Outcome.REFUSED, "DOCK-1 is no place of this centre: scan the place first."
    )
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-B"


@pytest.mark.parametrize(
    ("card", "where"),
    [
        ("%P:ANNA", "ANNA@VAN-ANNA"),
        ("%P:CIT-1", "CIT-1@HOME-CIT-1"),
        ("%P:MAKER", "MAKER@MAKER-DK"),
        ("%L:VAN-BO", "BO@VAN-BO"),
        ("%L:H-B", "DEPOT@H-B"),
    ],
)
def test_what_goes_out_goes_to_the_person_or_place_scanned_before(dock, card, where):
    verdict = dock.scan("%C:MODE:OUT", card, "OXI-1")

    assert verdict.outcome is Outcome.OK
    assert whereabouts(dock, "OXI-1") == where


def test_somebody_with_more_than_one_place_needs_a_place_card(dock):
    with dock.sessions.begin() as session:
        depot = session.scalars(select(Party).where(Party.code == "DEPOT")).one()
        session.add(Location(code="AARHUS", kind="warehouse", keeper_id=depot.id))

    verdict = dock.scan("%C:MODE:OUT", "%P:DEPOT", "OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED, "DEPOT has more than one place: scan the place card instead."
    )


def test_of_places_inside_each_other_the_outermost_is_somebodys(dock):
    with dock.sessions.begin() as session:
        shelf = session.scalars(select(Location).where(Location.code == "H-B")).one()
        warehouse = session.get_one(Location, shelf.parent_id)
        shelf.keeper_id = warehouse.keeper_id

    verdict = dock.scan("%C:MODE:OUT", "%P:DEPOT", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: DEPOT @ HORSENS")


def test_what_moves_has_the_keeper_of_the_place_or_the_party_scanned(dock):
    dock.scan("%C:MODE:MOVE", "%L:VAN-ANNA", "OXI-1", "%P:BO", "OXI-2")

    assert whereabouts(dock, "OXI-1") == "ANNA@VAN-ANNA"
    assert whereabouts(dock, "OXI-2") == "BO@VAN-ANNA"


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("OUT", "Scan where it goes first: a person, a place, an order or a kit."),
        ("MOVE", "Scan the place it moves to first."),
    ],
)
def test_a_device_scanned_before_its_destination_is_refused(dock, mode, told):
    verdict = dock.scan(f"%C:MODE:{mode}", "OXI-1")

    assert verdict == Verdict(Outcome.REFUSED, told)
    assert events(dock) == ["first"]


def test_a_device_that_is_there_already_adds_nothing(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "OXI-2")
    before = events(dock)

    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(Outcome.ALREADY, "OXI-1: ANNA @ VAN-ANNA")
    assert events(dock) == before


def test_a_station_left_alone_looks_again(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    dock.clock += IDLE

    verdict = dock.scan("OXI-2")

    assert verdict == Verdict(Outcome.LOOKED, "OXI-2: DEPOT @ H-A")


def test_each_port_has_a_mode_of_its_own(centre):
    first, second = Dock(centre, port="GUN-1"), Dock(centre, port="GUN-2")

    first.scan("%C:MODE:OUT", "%P:ANNA")

    assert second.scan("OXI-1").outcome is Outcome.LOOKED


def test_an_event_tells_where_it_was_read_and_by_which_scan(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")

    with dock.sessions.read() as session:
        event = session.scalars(
            select(Event).where(Event.uid == dock.last.scan_id)
        ).one()
        assert (event.read_point, event.actor) == ("HORSENS", "GUN-1")
        assert event.event_time == dock.last.scanned_at


def test_a_kit_takes_its_parts_along(dock):
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=NOON)
        parts = ["OXI-1", "OXI-2"]
        record_kit(session, parts, kit="KIT-1", uid="kit", at=NOON, by=by)

    verdict = dock.scan("%C:MODE:OUT", "%P:ANNA", "KIT-1")

    assert verdict == Verdict(Outcome.OK, "KIT-1: ANNA @ VAN-ANNA (with 2 parts)")
    assert whereabouts(dock, "OXI-1") == "ANNA@VAN-ANNA"
    assert whereabouts(dock, "OXI-2") == "ANNA@VAN-ANNA"
    assert whereabouts(dock, "OXI-3") == "DEPOT@H-A"


# What is not good


def test_an_unknown_code_waits_for_somebody(dock):
    verdict = dock.scan("%C:MODE:IN", "5701234567890")

    assert verdict == Verdict(
        Outcome.UNKNOWN, "This code is not known here; the scan waits for somebody."
    )
    assert waiting(dock) == [("5701234567890", "unknown_code")]


def test_a_refusal_does_not_keep_the_next_scan_from_being_recorded(dock):
    dock.scan("%C:MODE:OUT", "OXI-1")
    assert waiting(dock) == [("OXI-1", "refused_scan")]

    dock.scan("%P:ANNA")
    assert dock.scan("OXI-1").outcome is Outcome.OK


def test_of_a_long_unknown_code_the_beginning_is_kept(dock):
    dock.scan("9" * (PAYLOAD_MAX + 1))

    assert waiting(dock) == [("9" * PAYLOAD_MAX, "unknown_code")]


def test_a_serial_of_several_devices_is_refused_with_their_names(dock):
    with dock.sessions.begin() as session:
        other = DeviceModel(code="3240", maker="A&D", name="UA", category="scale")
        session.add(other)
        session.flush()
        find_device(session, "OXI-1").serial = "12345"
        same = find_device(session, "OXI-2")
        same.model_id, same.serial = other.id, "12345"

    verdict = dock.scan("12345")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "12345 is the serial of several devices. Say 3230/12345 (OXI-1) or"
        " 3240/12345 (OXI-2).",
    )


def said_ready(dock, tag):
    with dock.sessions.begin() as session:
        record_condition(
            session,
            [tag],
            Condition.READY,
            uid=f"ready-{tag}",
            at=dock.clock,
            by=Signature(station="OFFICE", actor="EVA", record_time=dock.clock),
        )


def retired(dock):
    with dock.sessions.begin() as session:
        transfer = Transfer(
            uid="end", devices=("OXI-1",), location="RETIRED", event_time=NOON
        )
        by = Signature(station="OFFICE", actor="EVA", record_time=NOON)
        record_transfer(session, transfer, by)


def test_a_retired_device_that_turns_up_is_recorded_refused_and_waits(dock):
    retired(dock)

    verdict = dock.scan("%C:MODE:IN", "OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "OXI-1 is scrapped, and is at HORSENS. Recorded all the same; put it aside:"
        " scan OK, then UNDO if it was a slip.",
        holds=True,
    )
    assert whereabouts(dock, "OXI-1") == "DEPOT@HORSENS"
    assert waiting(dock) == [("OXI-1", "scrapped_alive")]


def test_a_retired_device_that_turns_up_stays_out_of_use(dock):
    retired(dock)

    dock.scan("%C:MODE:IN", "OXI-1")
    again = dock.scan("%L:H-B", "OXI-1")

    assert said_of(dock, "OXI-1") == ("receiving", "retired")
    assert again.outcome is Outcome.REFUSED


def test_a_scan_from_the_future_is_not_recorded_and_waits(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA")
    scan = dock.made("OXI-1")

    verdict = dock.apply(scan, now=dock.clock - CLOCK_SKEW_MAX - SECOND)

    assert verdict == Verdict(
        Outcome.REFUSED,
        "The clock of this station is ahead of the ledger's; set it right.",
    )
    assert events(dock) == ["first"]
    assert waiting(dock) == [("OXI-1", "from_the_future")]


def test_a_clock_a_little_ahead_is_believed(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA")
    scan = dock.made("OXI-1")

    assert dock.apply(scan, now=dock.clock - CLOCK_SKEW_MAX).outcome is Outcome.OK


# Personal numbers


PERSONAL = Verdict(
    Outcome.UNKNOWN,
    "That is a personal number, not a device. It was not kept.",
    forget=True,
)


@pytest.mark.parametrize("mode", ["LOOK", "IN", "OUT", "MOVE"])
def test_a_personal_number_is_not_kept(dock, mode):
    verdict = dock.scan(f"%C:MODE:{mode}", CPR_LIKE)

    assert verdict == PERSONAL
    assert waiting(dock) == [("020160-****", "unknown_code")]


def test_a_personal_number_is_not_kept_where_the_clock_is_wrong(dock):
    scan = dock.made(CPR_LIKE)

    verdict = dock.apply(scan, now=dock.clock - timedelta(hours=1))

    assert verdict == PERSONAL
    assert waiting(dock) == [("020160-****", "unknown_code")]


def test_a_personal_number_is_forgotten_again_when_the_answer_was_lost(dock):
    dock.scan(CPR_LIKE)

    assert dock.apply(dock.last) == PERSONAL


@pytest.mark.parametrize("by", ["serial", "linked code"])
def test_a_device_whose_number_looks_personal_is_found(dock, by):
    with dock.sessions.begin() as session:
        device = find_device(session, "OXI-1")
        if by == "serial":
            device.serial = CPR_LIKE
        else:
            session.add(DeviceCode(code=CPR_LIKE, device_id=device.id))

    verdict = dock.scan("%C:MODE:OUT", "%P:ANNA", CPR_LIKE)

    assert verdict == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")


def test_a_device_whose_number_looks_personal_is_not_called_a_person(dock):
    with dock.sessions.begin() as session:
        find_device(session, "OXI-1").serial = CPR_LIKE

    verdict = dock.scan("%C:MODE:MOVE", "%L:MOON", CPR_LIKE)

    assert verdict == Verdict(
        Outcome.UNKNOWN, "MOON is no place this centre knows. See: fsc location list"
    )


# Once, and in order


def test_a_scan_that_is_asked_again_is_answered_as_before_and_recorded_once(dock):
    first = dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    asked = dock.last
    dock.scan("%P:BO", "OXI-1")
    before = events(dock)

    again = dock.apply(asked, now=dock.clock + timedelta(days=1))

    assert again == first == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")
    assert events(dock) == before
    assert whereabouts(dock, "OXI-1") == "BO@VAN-BO"


def test_an_unknown_code_is_answered_as_before_though_it_is_known_now(dock):
    first = dock.scan("NEW-1")
    asked = dock.last
    with dock.sessions.begin() as session:
        device = find_device(session, "OXI-1")
        session.add(DeviceCode(code="NEW-1", device_id=device.id))

    assert dock.apply(asked) == first
    assert dock.scan("NEW-1").outcome is Outcome.LOOKED


def test_an_undo_that_is_asked_again_undoes_once(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "OXI-2")
    undone = dock.scan("%C:UNDO")
    before = events(dock)

    assert dock.apply(dock.last) == undone
    assert events(dock) == before


def test_scans_that_waited_mean_what_they_meant_when_they_were_made(dock):
    late = [
        dock.made(text)
        for text in ("%C:MODE:OUT", "%P:ANNA", "OXI-1", "%P:BO", "OXI-2", "%C:END")
    ]
    dock.clock += timedelta(hours=8)
    meanwhile = Dock(dock.sessions, port="GUN-2", at=NOON + timedelta(hours=1))
    meanwhile.scan("%C:MODE:MOVE", "%L:H-B", "OXI-1")

    verdicts = [dock.apply(scan, now=dock.clock).outcome.value for scan in late]

    assert verdicts == ["set", "set", "ok", "set", "ok", "set"]
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-B"
    assert whereabouts(dock, "OXI-2") == "BO@VAN-BO"
    with dock.sessions.read() as session:
        told = [e.location for e in history(session, find_device(session, "OXI-1"))]
    assert told == ["H-A", "VAN-ANNA", "H-B"]


def test_a_scan_that_waited_is_judged_by_who_had_the_device_then(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%C:MODE:IN")
    late = dock.made("OXI-1")
    dock.clock += timedelta(hours=1)
    Dock(dock.sessions, port="GUN-2", at=dock.clock).scan(
        "%C:MODE:MOVE", "%L:VAN-BO", "OXI-1"
    )

    dock.apply(late, now=dock.clock + timedelta(minutes=1))

    with dock.sessions.read() as session:
        device = find_device(session, "OXI-1")
        then = custody_as_of(session, device, at=late.scanned_at)
    assert (then.biz_step, then.disposition) == ("receiving", "returned")


def test_what_was_scanned_is_kept_with_its_mode_and_number(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")

    with dock.sessions.read() as session:
        rows = session.scalars(select(ScanRecord).order_by(ScanRecord.station_seq))
        kept = [(row.station_seq, row.mode, row.payload, row.outcome) for row in rows]
    assert kept == [
        (1, "LOOK", "%C:MODE:OUT", "set"),
        (2, "OUT", "%P:ANNA", "set"),
        (3, "OUT", "OXI-1", "ok"),
    ]


# Undoing


NOTHING = Verdict(Outcome.REFUSED, "Nothing was recorded here in the last two minutes.")


def test_the_last_scan_is_undone(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "OXI-2")

    verdict = dock.scan("%C:UNDO")

    assert verdict == Verdict(Outcome.OK, "Undone. OXI-2: DEPOT @ H-A")
    assert whereabouts(dock, "OXI-1") == "ANNA@VAN-ANNA"
    assert whereabouts(dock, "OXI-2") == "DEPOT@H-A"


def test_undone_twice_the_last_two_scans_are_undone_and_then_no_more(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "OXI-2", "%C:UNDO")

    second, third = dock.scan("%C:UNDO"), dock.scan("%C:UNDO")

    assert second == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")
    assert third == NOTHING


@pytest.mark.parametrize(
    ("pause", "undone"), [(UNDO_WITHIN - SECOND, True), (UNDO_WITHIN, False)]
)
def test_a_scan_is_undone_within_two_minutes_only(dock, pause, undone):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    dock.clock += pause

    verdict = dock.scan("%C:UNDO")

    assert (verdict.outcome is Outcome.OK) is undone
    assert (whereabouts(dock, "OXI-1") == "DEPOT@H-A") is undone


def test_the_two_minutes_are_those_of_the_scans_and_not_of_the_database(dock):
    scans = [dock.made(text) for text in ("%C:MODE:OUT", "%P:ANNA", "OXI-1", "%C:UNDO")]

    verdicts = [dock.apply(s, now=NOON + timedelta(days=1)) for s in scans]

    assert verdicts[-1] == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")


def test_what_was_scanned_at_another_read_point_is_not_undone(centre):
    dock = Dock(centre)
    other = Dock(centre, "H-B", port="GUN-2")
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    other.clock = dock.clock

    assert other.scan("%C:UNDO") == NOTHING
    assert whereabouts(dock, "OXI-1") == "ANNA@VAN-ANNA"


@pytest.mark.parametrize("last", ["OXI-2", "5701234567890"])
def test_a_last_scan_that_recorded_nothing_does_not_undo_the_one_before(dock, last):
    dock.scan("%C:MODE:MOVE", "%L:VAN-ANNA", "OXI-1", "%L:H-A", last)

    verdict = dock.scan("%C:UNDO")

    assert verdict == Verdict(
        Outcome.REFUSED, "The last scan recorded nothing, so there is nothing to undo."
    )
    assert whereabouts(dock, "OXI-1") == "ANNA@VAN-ANNA"


def declared_at_the_desk(dock, uid, *tags):
    with dock.sessions.begin() as session:
        declare_wrong(
            session,
            uid,
            Signature(station="OFFICE", actor="EVA", record_time=dock.clock),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid=f"desk-{uid}",
            devices=tags,
        )


def test_a_scan_undone_at_the_desk_for_its_device_is_passed_over(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1", "OXI-2")
    declared_at_the_desk(dock, dock.last.scan_id, "OXI-2")

    verdict = dock.scan("%C:UNDO")

    assert verdict == Verdict(Outcome.OK, "Undone. OXI-1: DEPOT @ H-A")


def test_a_kit_undone_at_the_desk_for_a_part_of_it_is_still_undone(dock):
    with dock.sessions.begin() as session:
        made = Signature(station="DOCK", actor="EVA", record_time=NOON)
        record_kit(session, ["OXI-1"], kit="KIT-1", uid="kit", at=NOON, by=made)
    dock.scan("%C:MODE:OUT", "%P:ANNA", "KIT-1")
    declared_at_the_desk(dock, dock.last.scan_id, "OXI-1")

    dock.scan("%C:UNDO")

    assert whereabouts(dock, "KIT-1") == "DEPOT@H-A"


def test_a_scan_is_undone_with_all_that_it_recorded(dock):
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    with dock.sessions.begin() as session:
        record_condition(
            session,
            ["OXI-1"],
            Condition.CLEANING,
            uid=f"{dock.last.scan_id}.2",
            at=dock.clock,
            by=Signature(station="DOCK", actor="GUN-1", record_time=dock.clock),
        )

    dock.scan("%C:UNDO")

    held = now_of(dock, "OXI-1")
    assert (held.location, held.condition) == ("H-A", Condition.READY)


def test_what_came_back_from_a_citizen_stays_returned_until_it_is_ready(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%C:MODE:IN", "%L:H-B", "OXI-1")
    returned = now_of(dock, "OXI-1").disposition
    dock.scan("%C:MODE:OUT", "%P:ANNA", "OXI-1")
    driven = now_of(dock, "OXI-1").disposition
    dock.scan("%C:MODE:MOVE", "%L:H-A", "OXI-1")
    shelved = now_of(dock, "OXI-1").disposition

    said_ready(dock, "OXI-1")

    assert (returned, driven, shelved) == ("returned", "returned", "returned")
    assert now_of(dock, "OXI-1").disposition == "available"


def test_what_was_set_apart_while_it_was_out_comes_back_set_apart(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    with dock.sessions.begin() as session:
        record_condition(
            session,
            ["OXI-1"],
            Condition.QUARANTINE,
            uid="smokes",
            at=dock.clock,
            by=Signature(station="OFFICE", actor="EVA", record_time=dock.clock),
            reason="it smokes",
        )

    dock.scan("%C:MODE:IN", "%L:H-B", "OXI-1")

    assert now_of(dock, "OXI-1").condition == "quarantine"


def test_a_device_looked_at_tells_why_it_cannot_go_out(dock):
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%C:MODE:IN", "%L:H-B", "OXI-1")

    verdict = dock.scan("%C:MODE:LOOK", "OXI-1")

    assert verdict == Verdict(Outcome.LOOKED, "OXI-1: DEPOT @ H-B, returned")


def test_the_card_of_a_cancelled_order_moves_nothing(dock, order):
    order("DELIVER")
    with dock.sessions.begin() as session:
        session.scalars(select(Order)).one().cancelled_at = NOON

    told = dock.scan("%C:MODE:OUT", "%O:ORD-1")
    dock.scan("OXI-1")

    assert told == Verdict(
        Outcome.REFUSED, "ORD-1 was cancelled. Nothing goes out or back on it."
    )
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-A"


@pytest.mark.parametrize("card", ["%P:0201609995", "%O:020160-9995", "%L:0201609995"])
def test_a_personal_number_on_a_card_is_kept_nowhere(dock, card):
    verdict = dock.scan("%C:MODE:OUT", card)

    assert verdict.forget
    assert "9995" not in verdict.message
    assert "9995" not in dock.context
    assert waiting(dock) == [(f"{card[:3]}020160-****", "unknown_code")]


@pytest.mark.parametrize(
    ("card", "kept"),
    [
        ("%C:WHO:0201609995 NANCY", "%C:WHO:?"),
        ("%P:Nancy Berggren", "%P:?"),
        ("%O:020160/9995", "%O:?"),
        ("%C:0201609995", "%C:020160-****"),
        ("%C:MODE:NANCY BERGGREN", "%C:?"),
        ("%K:Nancy 020160-9995", "%K:?"),
    ],
)
def test_what_may_be_a_person_on_a_card_is_kept_nowhere(dock, card, kept):
    dock.scan("%C:MODE:OUT", "%P:CIT-1")
    verdict = dock.scan(card)

    said = f"{verdict.message} {verdict.facts} {dock.context}".upper()
    assert verdict.forget
    assert not any(part in said for part in ("NANCY", "BERGGREN", "020160", "9995"))
    assert waiting(dock) == [(kept, "unknown_code")]


def test_what_goes_to_somebody_who_was_not_kept_goes_nowhere(dock):
    verdict = dock.scan("%C:MODE:OUT", "%P:CIT-1", "%P:Nancy Berggren", "OXI-1")

    assert verdict.outcome is Outcome.UNKNOWN
    assert whereabouts(dock, "OXI-1") == "DEPOT@H-A"


def test_a_slip_with_a_card_waits_for_nobody(dock):
    dock.scan("%C:MODE:IN", "%P:ANNA", "%C:UNDO")

    assert waiting(dock) == []


def test_a_kit_is_undone_with_its_parts(dock):
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="EVA", record_time=NOON)
        record_kit(session, ["OXI-1"], kit="KIT-1", uid="kit", at=NOON, by=by)
    dock.scan("%C:MODE:OUT", "%P:ANNA")
    moved = dock.scan("KIT-1")

    dock.scan("%C:UNDO")

    assert moved == Verdict(Outcome.OK, "KIT-1: ANNA @ VAN-ANNA (with 1 part)")
    assert moved.facts["parts_count"] == "1"
    assert whereabouts(dock, "KIT-1") == whereabouts(dock, "OXI-1") == "DEPOT@H-A"


# Orders


@pytest.fixture
def order(dock):
    """Place an order for CIT-1 and, with a run, put it on Anna's."""

    def placed(service, *, on_run=False):
        with dock.sessions.begin() as session:
            party = {p.code: p.id for p in session.scalars(select(Party))}
            place = {p.code: p.id for p in session.scalars(select(Location))}
            row = Order(
                code="ORD-1",
                service=service,
                citizen_id=party["CIT-1"],
                earliest=date(2026, 11, 24),
                latest=date(2026, 11, 27),
                service_s=900,
                priority=0,
                consent=True,
                placed_at=NOON,
                placed_by="EVA",
            )
            session.add(row)
            session.flush()
            if on_run:
                put_on_run(session, row, party["ANNA"], place)

    return placed


def put_on_run(session, order, anna, place):
    session.add(
        Technician(
            party_id=anna,
            vehicle_id=place["VAN-ANNA"],
            start_id=place["HORSENS"],
            end_id=place["HORSENS"],
            weekdays="12345",
            shift_from_s=28_800,
            shift_to_s=57_600,
            lunch_from_s=39_600,
            lunch_to_s=46_800,
            lunch_s=1_800,
            capacity_ml=0,
        )
    )
    session.flush()
    run = Run(
        day=NOON.date(),
        technician_id=anna,
        vehicle_id=place["VAN-ANNA"],
        start_id=place["HORSENS"],
        end_id=place["HORSENS"],
        planned_at=NOON,
        leaves=NOON,
        returns=NOON,
        distance_m=0,
        travel_s=0,
        service_s=0,
        waiting_s=0,
        cost=0,
    )
    session.add(run)
    session.flush()
    session.add(
        RunStop(
            run_id=run.id,
            position=1,
            order_id=order.id,
            arrival=NOON,
            start=NOON,
            departure=NOON,
        )
    )


def document_of(dock, scan):
    with dock.sessions.read() as session:
        return session.scalar(select(Event.document).where(Event.uid == scan.scan_id))


@pytest.mark.parametrize("service", ["DELIVER", "REPLACE", "INSTALL"])
def test_an_order_brings_a_device_to_its_citizen(dock, order, service):
    order(service)

    verdict = dock.scan("%C:MODE:OUT", "%O:ORD-1", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: CIT-1 @ HOME-CIT-1")
    assert said_of(dock, "OXI-1") == ("installing", "on_loan")
    assert document_of(dock, dock.last) == "ORD-1"


@pytest.mark.parametrize("service", ["PICKUP", "REPLACE", "REPAIR"])
def test_an_order_fetches_what_its_citizen_has(dock, order, service):
    order(service, on_run=True)
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1")

    verdict = dock.scan("%O:ORD-1", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")
    assert said_of(dock, "OXI-1") == ("collecting", "returned")
    assert document_of(dock, dock.last) == "ORD-1"


@pytest.mark.parametrize("service", ["PICKUP", "REPLACE", "REPAIR"])
def test_what_was_fetched_and_is_scanned_again_stays_fetched(dock, order, service):
    order(service, on_run=True)
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%O:ORD-1", "OXI-1", "%C:OK")

    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(Outcome.ALREADY, "OXI-1: ANNA @ VAN-ANNA")


def test_what_was_brought_in_exchange_and_is_scanned_again_stays_there(dock, order):
    order("REPLACE", on_run=True)
    dock.scan("%C:MODE:OUT", "%O:ORD-1", "OXI-1", "%C:OK")

    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(Outcome.ALREADY, "OXI-1: CIT-1 @ HOME-CIT-1")


def test_a_pickup_brings_nothing_to_the_citizen(dock, order):
    order("PICKUP", on_run=True)

    verdict = dock.scan("%C:MODE:OUT", "%O:ORD-1", "OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: ANNA @ VAN-ANNA")


def test_a_repaired_device_goes_back_by_the_order_that_fetched_it(dock, order):
    order("REPAIR", on_run=True)
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%O:ORD-1", "OXI-1")
    dock.scan("%C:MODE:IN", "OXI-1", "%C:MODE:OUT", "%O:ORD-1")
    said_ready(dock, "OXI-1")

    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(Outcome.OK, "OXI-1: CIT-1 @ HOME-CIT-1")


def test_a_pickup_that_is_on_no_run_asks_for_the_vehicle(dock, order):
    order("PICKUP")
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%O:ORD-1")

    verdict = dock.scan("OXI-1")

    assert verdict == Verdict(
        Outcome.REFUSED,
        "ORD-1 is on no run: scan the vehicle's place card instead.",
    )


def test_an_order_card_while_looking_tells_what_its_citizen_has(dock, order):
    order("PICKUP")
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "OXI-2", "%C:END")

    assert dock.scan("%O:ORD-1") == Verdict(Outcome.LOOKED, "ORD-1: 2 devices.")


def test_a_stop_of_a_run_is_its_order(dock, order):
    order("DELIVER", on_run=True)

    told = dock.scan("%C:MODE:OUT", "%O:2026-11-24/ANNA/1")
    verdict = dock.scan("OXI-1")

    assert told == Verdict(Outcome.SET, "OUT: ORD-1")
    assert verdict == Verdict(Outcome.OK, "OXI-1: CIT-1 @ HOME-CIT-1")
    assert document_of(dock, dock.last) == "ORD-1"


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (
            "2026-11-24/ANNA/9",
            "2026-11-24/ANNA has no stop 9. See: fsc run show 2026-11-24/ANNA",
        ),
        (
            "2026-11-25/ANNA/1",
            "There is no run 2026-11-25/ANNA. See: fsc run list --day 2026-11-25",
        ),
        (
            "ANNA/1",
            "ANNA names no run. Runs are named as 2026-11-24/ANNA. See: fsc run list",
        ),
    ],
)
def test_a_stop_there_is_not_is_told(dock, order, stop, told):
    order("DELIVER", on_run=True)

    assert dock.scan("%C:MODE:OUT", f"%O:{stop}") == Verdict(Outcome.UNKNOWN, told)
