"""What was seen against what should have been: a place counted, what END says."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from fsc_logistics.core.care.conditions import record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.codes import link_code
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import Which, list_matters
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.answers import custody_as_of, history
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.resolutions import exception_mismatches
from fsc_logistics.core.scanning.counts import list_counts
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.tables import Event, Order, OrderDevice, Party, Stocktake
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.counting import CONTINUED_WITHIN, CountState
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.station import advance
from scanner.scan import Outcome, Scan, Verdict

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
IDLE = timedelta(minutes=10)
COUNT = "%C:MODE:COUNT"
END = "%C:END"


class Dock:
    """A read point where one code after the other is scanned, a second apart."""

    def __init__(self, sessions, *, port="GUN-1", read_point="DOCK-1", at=NOON):
        self.sessions = sessions
        self.port = port
        self.read_point = read_point
        self.clock = at
        self.context = ""
        self.seq = 0
        self.held_back = []

    def made(self, text, symbology=""):
        self.clock += SECOND
        self.seq += 1
        scan = Scan(
            scan_id=f"{self.port}-{self.seq}",
            station=self.port,
            station_seq=self.seq,
            port=self.port,
            read_point=self.read_point,
            scanned_at=self.clock,
            raw=text.encode(),
            text=text,
            symbology=symbology,
            context=self.context,
        )
        self.context = advance(self.context, text, self.clock, idle=IDLE)
        return scan

    def apply(self, scans, now=None):
        return record_scans(
            self.sessions,
            scans,
            now=now or self.clock,
            idle=IDLE,
            bulk=["RFID"],
            followed={"RFID": self.port},
        )

    def scan(self, *texts):
        """Scan one after the other; return the last verdict."""
        return [self.apply([self.made(text)])[0] for text in texts][-1]

    def open(self):
        """Return the kind, the device and the words of what waits for somebody."""
        with self.sessions.read() as session:
            return [(x.kind, x.device, x.what) for x in list_matters(session)]

    def where(self, tag):
        with self.sessions.read() as session:
            held = custody_as_of(session, find_device(session, tag), at=self.clock)
        return held.location

    def counts(self):
        with self.sessions.read() as session:
            return [
                (x.found_count, x.expected_count, x.missing_count, x.stray_count)
                for x in session.scalars(select(Stocktake).order_by(Stocktake.id))
            ]


@pytest.fixture
def dock(centre):
    return Dock(centre)


def moved(dock, tag, place, at, uid=None):
    """Record that a device was brought somewhere, at another station."""
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="BIRTE", record_time=max(at, dock.clock))
        transfer = Transfer(
            uid=uid or f"{tag}-{place}-{at}",
            devices=(tag,),
            location=place,
            event_time=at,
        )
        record_transfer(session, transfer, by, as_fact=True)


def test_a_count_says_how_many_of_those_that_should_be_there_were_seen(dock):
    first = dock.scan(COUNT, "%L:H-A", "OXI-1")
    second = dock.scan("OXI-2")
    again = dock.scan("OXI-2")

    assert (first.outcome, first.message) == (Outcome.OK, "OXI-1: 1 of 4 at H-A.")
    assert (second.outcome, second.message) == (Outcome.OK, "OXI-2: 2 of 4 at H-A.")
    assert (again.outcome, again.message) == (
        Outcome.ALREADY,
        "OXI-2 is counted already: 2 of 4 at H-A.",
    )
    assert {name: again.facts[name] for name in ("found", "expected", "strays")} == {
        "found": "2",
        "expected": "4",
        "strays": "0",
    }


def test_what_was_not_seen_when_the_count_ends_waits_for_somebody(dock):
    end = dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", END)

    assert end.outcome is Outcome.SET
    assert end.message == "H-A: 2 of 4 found, missing: KIT-1, OXI-3."
    assert (end.facts["missing"], end.facts["expected"]) == ("2", "4")
    assert dock.open() == [
        (
            "not_seen",
            "OXI-3",
            "OXI-3 should be at H-A, and a count of H-A has not seen it.",
        ),
        (
            "not_seen",
            "KIT-1",
            "KIT-1 should be at H-A, and a count of H-A has not seen it.",
        ),
    ]
    assert dock.counts() == [(2, 4, 2, 0)]


def test_what_to_do_about_it_is_said(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "KIT-1", END)

    with dock.sessions.read() as session:
        (matter,) = list_matters(session)

    assert matter.todo == (
        "Look for it, and scan it where it is: that ends this. If it cannot be found:"
        " fsc flag raise missing OXI-3 --why TEXT; if the count was wrong: fsc undo"
        f" {matter.event}"
    )


def test_a_count_that_misses_nothing_says_so(dock):
    end = dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "OXI-3", "KIT-1", END)

    assert end.message == "H-A: all 4 found."
    assert dock.open() == []
    assert dock.counts() == [(4, 4, 0, 0)]


def test_what_the_ledger_had_elsewhere_is_here_now(dock):
    moved(dock, "OXI-1", "VAN-ANNA", NOON - timedelta(days=1))

    stray = dock.scan(COUNT, "%L:H-A", "OXI-1")
    end = dock.scan("OXI-2", "OXI-3", "KIT-1", END)

    assert stray.message == (
        "OXI-1 was not expected, and is here now: DEPOT @ H-A. 0 of 3 at H-A."
    )
    assert dock.where("OXI-1") == "H-A"
    assert end.message == "H-A: all 3 found. Not expected here: 1."
    with dock.sessions.read() as session:
        last = history(session, find_device(session, "OXI-1"))[-1]
    assert last.biz_step == "cycle_counting"


def test_what_a_count_contradicts_is_told_as_elsewhere(dock):
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="BIRTE", record_time=NOON)
        record_flag(
            session,
            ["OXI-1"],
            Flag.MISSING,
            raised=True,
            uid="f",
            at=NOON,
            by=by,
            reason="gone",
        )

    seen = dock.scan(COUNT, "%L:H-A", "OXI-1")

    assert seen.message == (
        "OXI-1 is flagged as missing, and is at H-A. Recorded; somebody will look into"
        " it."
    )
    # It was not expected, as it was missing; and it is found now.
    assert dock.scan("OXI-2", "OXI-3", "KIT-1", END).facts["missing"] == "0"


def test_a_place_is_counted_with_all_places_inside_it(dock):
    moved(dock, "OXI-1", "H-B", NOON - timedelta(days=1))

    seen = dock.scan(COUNT, "%L:HORSENS", "OXI-1")
    end = dock.scan("OXI-2", END)

    assert seen.message == "OXI-1: 1 of 4 at HORSENS."
    assert dock.where("OXI-1") == "H-B"
    assert end.facts["missing"] == "2"
    assert {what for _, _, what in dock.open()} == {
        f"{tag} should be at H-A, and a count of HORSENS has not seen it."
        for tag in ("OXI-3", "KIT-1")
    }


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("%C:MODE:IN", "H-A: 3 of 4 found, missing: KIT-1. IN: scan what comes in."),
        ("%L:H-B", "H-A: 3 of 4 found, missing: KIT-1. COUNT: H-B"),
        (
            "%C:CARE:CLEANING",
            "H-A: 3 of 4 found, missing: KIT-1. CARE: each device scanned now is being"
            " cleaned.",
        ),
    ],
)
def test_another_mode_or_place_ends_the_count_too(dock, card, told):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "OXI-3")

    assert dock.scan(card).message == told
    assert len(dock.open()) == 1


def test_the_card_of_the_same_place_goes_on_with_its_count(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2")
    dock.scan("%L:H-A")

    assert dock.scan("OXI-3").message == "OXI-3: 3 of 4 at H-A."
    assert dock.scan("KIT-1", END).message == "H-A: all 4 found."
    assert dock.counts() == [(4, 4, 0, 0)]


def test_a_count_that_fell_asleep_goes_on_when_its_place_is_chosen_soon(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2")
    dock.clock += IDLE + SECOND
    looked = dock.scan("OXI-3")
    dock.scan(COUNT, "%L:H-A")

    assert looked.outcome is Outcome.LOOKED
    assert dock.scan("OXI-3", "KIT-1", END).message == "H-A: all 4 found."


def test_a_count_nobody_ended_says_nothing_of_what_it_has_not_seen(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2")
    dock.clock += CONTINUED_WITHIN + IDLE

    dock.scan(END)
    dock.scan(COUNT, "%L:H-A", "OXI-3")

    assert dock.open() == []
    assert dock.counts() == [(2, 4, None, 0), (1, 4, None, 0)]


def test_a_place_is_not_empty_because_nothing_was_scanned(dock):
    assert dock.scan(COUNT, "%L:H-A", END) == Verdict(
        Outcome.SET, "No device was scanned, so nothing is counted. Back to LOOK."
    )
    assert dock.open() == []
    assert dock.counts() == []


def test_the_read_point_is_counted_where_no_place_is_chosen(centre):
    dock = Dock(centre, read_point="H-A")

    assert dock.scan(COUNT, "OXI-1").message == "OXI-1: 1 of 4 at H-A."
    assert dock.scan(END).facts["missing"] == "3"


@pytest.mark.parametrize(
    "codes",
    [
        ("%C:MODE:IN", "%L:H-A", "OXI-3"),
        (COUNT, "%L:H-A", "OXI-3"),
        ("%C:CARE:CLEANING", "OXI-3"),
    ],
)
def test_what_was_not_seen_ends_to_wait_when_it_is_scanned(dock, codes):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "KIT-1", END)
    assert [device for _, device, _ in dock.open()] == ["OXI-3"]

    dock.scan(*codes)

    assert dock.open() == []
    with dock.sessions.read() as session:
        (matter,) = list_matters(session, Which.RESOLVED)
        assert matter.kind == "not_seen"
        assert list(exception_mismatches(session)) == []
    # Once is enough: the next scan confirms what is known.
    dock.scan(END, "%C:MODE:IN", "%L:H-A")
    assert dock.scan("OXI-3").outcome is Outcome.ALREADY


def test_what_was_brought_elsewhere_before_the_count_was_not_missing(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "KIT-1", END)

    # An old scan that only says it was there answers nothing.
    moved(dock, "OXI-3", "H-A", NOON - timedelta(days=1), uid="old")
    assert len(dock.open()) == 1
    # One that was held up says it had left.
    moved(dock, "OXI-3", "VAN-ANNA", NOON - timedelta(hours=1), uid="late")

    assert dock.open() == []


def test_the_flag_that_it_is_missing_ends_the_wait(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "KIT-1", END)

    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="BIRTE", record_time=dock.clock)
        record_flag(
            session,
            ["OXI-3"],
            Flag.MISSING,
            raised=True,
            uid="f",
            at=dock.clock,
            by=by,
            reason="looked everywhere",
        )

    assert dock.open() == []
    with dock.sessions.read() as session:
        assert list(exception_mismatches(session)) == []


def test_a_count_that_was_wrong_is_undone(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1", END)
    with dock.sessions.begin() as session:
        (event,) = session.scalars(select(Event.uid).where(Event.kind == "stocktake"))
        by = Signature(station="OFFICE", actor="BIRTE", record_time=dock.clock)
        declare_wrong(
            session,
            event,
            by,
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid="wrong",
        )

    assert dock.open() == []
    # And does not make every scan from now on a new event.
    dock.scan("%C:MODE:IN", "%L:H-A", "OXI-2")
    assert dock.scan("OXI-2").outcome is Outcome.ALREADY


def test_a_stray_that_was_undone_is_none(dock):
    moved(dock, "OXI-1", "VAN-ANNA", NOON - timedelta(days=1))
    dock.scan(COUNT, "%L:H-A", "OXI-2", "OXI-3", "KIT-1", "OXI-1", "%C:UNDO")

    assert dock.scan(END).message == "H-A: all 3 found."
    assert dock.where("OXI-1") == "VAN-ANNA"
    assert dock.counts() == [(3, 3, 0, 0)]


def test_what_comes_and_goes_meanwhile_is_not_missing(dock):
    moved(dock, "OXI-3", "VAN-ANNA", NOON - timedelta(days=1))
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2")
    moved(dock, "OXI-3", "H-A", dock.clock + SECOND)
    moved(dock, "KIT-1", "VAN-BO", dock.clock + SECOND)
    dock.clock += 10 * SECOND

    assert dock.scan(END).message == "H-A: all 2 found."


def test_what_is_in_a_case_is_found_with_it(dock):
    with dock.sessions.begin() as session:
        by = Signature(station="OFFICE", actor="BIRTE", record_time=NOON)
        record_kit(
            session,
            ["OXI-2", "OXI-3"],
            kit="KIT-1",
            uid="kit",
            at=NOON - timedelta(days=1),
            by=by,
        )

    end = dock.scan(COUNT, "%L:H-A", "OXI-1", "KIT-1", END)

    assert end.message == "H-A: all 4 found."


def test_a_count_made_while_the_database_was_away_is_of_its_own_time(dock):
    scans = [
        dock.made(text) for text in (COUNT, "%L:H-A", "OXI-1", "OXI-2", "KIT-1", END)
    ]
    later = dock.clock + timedelta(hours=2)
    # Seen elsewhere since, by a station that could reach the ledger.
    moved(dock, "OXI-3", "VAN-ANNA", dock.clock + timedelta(hours=1))

    verdicts = dock.apply(scans, now=later)

    assert verdicts[-1].message == "H-A: 3 of 4 found, missing: OXI-3."
    assert dock.counts() == [(3, 4, 1, 0)]
    assert dock.open() == []


def test_a_count_asked_for_again_is_ended_once(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1")
    end = dock.made(END)

    first, second = dock.apply([end]), dock.apply([end])

    assert first[0].message == second[0].message
    assert len(dock.open()) == 3


def test_unknown_tags_are_listed_with_the_count_and_wait_for_nobody(dock):
    strangers = [f"E280116060000205{number:08X}" for number in range(300)]
    dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "OXI-3", "KIT-1")

    verdicts = dock.apply([dock.made(code) for code in strangers])
    end = dock.scan(END)

    assert {(verdict.outcome, verdict.message) for verdict in verdicts} == {
        (
            Outcome.UNKNOWN,
            "This tag is not known here; it is listed with the count.",
        )
    }
    assert end.message == "H-A: all 4 found. Unknown codes: 300."
    assert dock.open() == []


def test_unknown_tags_that_were_read_first_belong_to_the_count(dock):
    dock.scan("%C:MODE:IN", "E28011606000020500000001")  # not of the count
    end = dock.scan(COUNT, "%L:H-A", "E28011606000020500000002", "OXI-1", END)

    assert end.facts["unknown"] == "1"


def test_the_card_of_the_place_that_is_counted_already_ends_nothing(centre):
    dock = Dock(centre, read_point="H-A")

    dock.scan(COUNT, "OXI-1", "OXI-2", "%L:H-A")
    end = dock.scan("%L:H-A", END)

    assert end.facts["found"] == "2"
    assert dock.counts() == [(2, 4, 2, 0)]


def test_the_reader_of_tags_beside_a_scanner_counts_with_it(dock):
    dock.scan(COUNT, "%L:H-A", "OXI-1")
    seen = [dock.made(x) for x in ("OXI-2", "E28011606000020500000002", "OXI-3")]

    dock.apply([replace(x, port="RFID", read_point="SHELVES") for x in seen])
    end = dock.scan(END)

    assert (end.facts["found"], end.facts["unknown"]) == ("3", "1")
    assert [device for _, device, _ in dock.open()] == ["KIT-1"]


def test_what_somebody_else_counts_meanwhile_is_seen(dock):
    other = Dock(dock.sessions, port="GUN-2")

    dock.scan(COUNT, "%L:H-A", "OXI-1")
    other.scan(COUNT, "%L:HORSENS", "OXI-2", "OXI-3")

    assert dock.scan(END).message == "H-A: 3 of 4 found, missing: KIT-1."
    assert other.scan("KIT-1", END).message == "HORSENS: all 4 found."
    assert dock.open() == []


def test_an_unknown_barcode_waits_as_elsewhere(dock):
    end = dock.scan(COUNT, "%L:H-A", "OXI-1", "OXI-2", "OXI-3", "KIT-1", "4711-X", END)

    assert end.message == "H-A: all 4 found. Unknown codes: 1."
    assert [kind for kind, _, _ in dock.open()] == ["unknown_code"]


def test_tags_are_counted_in_bulk(centre):
    dock = Dock(centre, port="RFID")
    tags = {}
    with centre.begin() as session:
        for number, device in enumerate(("OXI-1", "OXI-2", "OXI-3"), start=1):
            tags[device] = f"E28011606000020500000{number:03X}"
            link_code(session, device, tags[device])
    dock.scan(COUNT, "%L:H-A")

    verdicts = dock.apply([dock.made(tags[x]) for x in ("OXI-3", "OXI-1", "OXI-3")])

    assert [verdict.outcome for verdict in verdicts] == [
        Outcome.OK,
        Outcome.OK,
        Outcome.ALREADY,
    ]
    assert dock.scan(END).facts["devices"] == "KIT-1, OXI-2"


def test_the_counts_there_were_say_what_they_found(dock):
    moved(dock, "OXI-1", "VAN-ANNA", NOON - timedelta(days=1))
    dock.scan(COUNT, "%L:H-A", "OXI-2", "OXI-1", "E2801160600002054D5E1234", END)
    dock.scan(COUNT, "%L:H-B", "OXI-1")

    with dock.sessions.read() as session:
        second, first = list_counts(session, now=dock.clock, limit=10)
        assert list_counts(session, now=dock.clock, place="h-b", limit=10) == [second]
        assert list_counts(session, now=dock.clock, limit=1) == [second]

    assert (first.place, first.by, first.state) == ("H-A", "GUN-1", CountState.ENDED)
    assert (first.found, first.expected, first.missing, first.strays) == (1, 3, 2, 1)
    assert first.missing_devices == ("KIT-1", "OXI-3")
    assert first.stray_devices == ("OXI-1",)
    assert first.unknown_codes == ("E2801160600002054D5E1234",)
    assert first.event is not None
    assert (first.begun_at, first.ended_at) == (NOON + 2 * SECOND, NOON + 6 * SECOND)
    assert (second.state, second.ended_at, second.missing, second.unknown) == (
        CountState.OPEN,
        None,
        None,
        0,
    )


def test_who_showed_a_badge_has_counted(dock):
    dock.scan("%C:WHO:ANNA", COUNT, "%L:H-A", "OXI-2", END)

    with dock.sessions.read() as session:
        (count,) = list_counts(session, now=dock.clock, limit=10)

    assert count.by == "ANNA"


@pytest.fixture
def order(centre):
    """An order for CIT-1, with OXI-1 and OXI-2 to be brought."""
    with centre.begin() as session:
        citizen = session.scalars(select(Party.id).where(Party.code == "CIT-1")).one()
        row = Order(
            code="ORD-1",
            service="DELIVER",
            citizen_id=citizen,
            earliest=date(2026, 11, 24),
            latest=date(2026, 11, 27),
            service_s=900,
            priority=0,
            consent=True,
            placed_at=NOON - timedelta(days=1),
            placed_by="EVA",
        )
        session.add(row)
        session.flush()
        session.add_all(
            OrderDevice(
                order_id=row.id,
                device_id=find_device(session, tag).id,
                direction="bring",
            )
            for tag in ("OXI-1", "OXI-2")
        )


def test_end_says_what_is_promised_to_an_order_and_was_not_scanned(dock, order):
    end = dock.scan("%C:MODE:OUT", "%O:ORD-1", "OXI-1", END)

    assert end.message == "Done. ORD-1: 1 of 2 not scanned: OXI-2."
    assert (end.outcome, end.facts["expected"], end.facts["missing"]) == (
        Outcome.SET,
        "2",
        "1",
    )
    assert dock.scan("%C:MODE:OUT", "%O:ORD-1", "OXI-2", END).message == (
        "Done. ORD-1: all 2 devices are where they should be."
    )


def test_end_is_done_where_nobody_knows_what_to_expect(dock, order):
    assert dock.scan("%C:MODE:OUT", "%O:ORD-9", END).message == "Done. Back to LOOK."
    assert dock.scan("%C:MODE:OUT", "%P:CIT-2", END).message == "Done. Back to LOOK."
    assert dock.scan("%C:MODE:IN", "%L:H-A", "OXI-1", END).message == (
        "Done. Back to LOOK."
    )


def test_end_says_what_was_fetched_and_is_still_in_the_vehicle(dock):
    for tag in ("OXI-1", "OXI-2", "OXI-3"):
        moved(dock, tag, "HOME-CIT-1", NOON - timedelta(days=9))
        moved(dock, tag, "VAN-ANNA", NOON - timedelta(hours=2))
    moved(dock, "KIT-1", "VAN-ANNA", NOON - timedelta(hours=2))  # ready, to be brought

    end = dock.scan("%C:MODE:IN", "%L:H-A", "OXI-1", "OXI-3", END)

    assert end.message == "Done. 1 of 3 fetched with VAN-ANNA not scanned: OXI-2."
    assert dock.scan("%C:MODE:IN", "%L:H-A", "OXI-2", END).message == (
        "Done. All 1 fetched with VAN-ANNA are in."
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_count_says_what_one_would_find_by_asking_for_each_device(dock, seed):
    drawn = random.Random(seed)  # noqa: S311 - the same made-up day every time
    tags = ["OXI-1", "OXI-2", "OXI-3", "KIT-1"]
    places = ["H-A", "H-B", "VAN-ANNA", "HOME-CIT-1"]
    inside = {"HORSENS", "H-A", "H-B"}
    for tag in tags:
        moved(dock, tag, drawn.choice(places), NOON - timedelta(hours=5))
    dock.scan(COUNT, "%L:HORSENS")
    seen, touched, here = set(), set(), {tag: dock.where(tag) for tag in tags}
    for _ in range(drawn.randrange(1, 9)):
        tag = drawn.choice(tags)
        if drawn.random() < 0.5:
            dock.scan(tag)
            seen.add(tag)
        else:
            dock.clock += SECOND
            before = dock.where(tag)
            moved(dock, tag, drawn.choice(places), dock.clock)
            touched |= {tag} if dock.where(tag) != before else set()
    dock.scan(tags[0])
    seen.add(tags[0])
    end = dock.scan(END)

    missing = {tag for tag in tags if tag not in seen | touched and here[tag] in inside}
    assert end.facts["missing"] == str(len(missing))
    assert {device for _, device, _ in dock.open()} == missing
