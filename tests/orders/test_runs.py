import json
import stat
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from fsc_logistics.core.catalogue.places import add_location, change_location
from fsc_logistics.core.catalogue.technicians import change_technician
from fsc_logistics.core.config import Centre, Planning, Settings
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.waiting import list_matters
from fsc_logistics.core.ledger.answers import history, holdings
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.orders.facts import show_order
from fsc_logistics.core.runs.closing import close_run
from fsc_logistics.core.runs.issuing import issue_runs, show_run
from fsc_logistics.core.runs.loading import load_run
from fsc_logistics.core.runs.paper import run_sheet
from fsc_logistics.core.runs.planning import plan_day
from fsc_logistics.core.tables import AccessLog, Citizen
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import FscError
from fsc_logistics.domain.ground import Point
from fsc_logistics.domain.orders import FailedBecause
from fsc_logistics.domain.parties import LocationKind
from routes.solve import solve

ZONE = ZoneInfo("Europe/Copenhagen")
HOURS = OpeningHours(zone=ZONE)
TUESDAY = date(2026, 11, 24)
EVENING = datetime(2026, 11, 24, 17, tzinfo=ZONE).astimezone(UTC)
RUN = "2026-11-24/ANNA"


def plan(centre):
    plan_day(
        centre.sessions,
        TUESDAY,
        hours=HOURS,
        planning=Planning(),
        now=centre.now,
        time_limit_s=5,
        solve=lambda problem, **said: solve(problem, **said, iterations=2000),
    )


def issue(centre, name=RUN):
    with centre.sessions.begin() as session:
        return issue_runs(session, [name], hours=HOURS, by=centre.sign())[0]


def load(centre, name=RUN, **said):
    with centre.sessions.begin() as session:
        return load_run(session, name, by=centre.sign(), **said)


def close(centre, name=RUN, **failed):
    reasons = {
        code.replace("_", "-"): FailedBecause(why) for code, why in failed.items()
    }
    with centre.sessions.begin() as session:
        return close_run(session, name, failed=reasons, hours=HOURS, by=centre.sign())


def order(centre, code):
    with centre.sessions.read() as session:
        return show_order(session, code, today=HOURS.day_of(centre.now))


def shown(centre, name=RUN):
    with centre.sessions.read() as session:
        return show_run(session, name)


def held(centre, code):
    with centre.sessions.read() as session:
        return {one.device: one for one in holdings(session, code, at=centre.now)}


def refusal(act, *arguments, **said):
    with pytest.raises(FscError) as caught:
        act(*arguments, **said)
    return f"{type(caught.value).__name__}: {caught.value}"


@pytest.fixture
def planned(centre):
    """A run of ANNA that brings OXI-1 to one citizen and fetches OXI-9 of another."""
    centre.stock("OXI", "OXI-1", "OXI-2", "OXI-9")
    centre.move("OXI-9", to="HOME-CIT-2")
    centre.now += timedelta(minutes=1)
    centre.order("CIT-1", "DELIVER", model="OXI", skills=("BLE",))
    centre.order("CIT-2", "PICKUP", skills=("BLE",))
    plan(centre)
    return centre


def test_a_run_from_issue_to_close_changes_hands_in_the_ledger(planned):
    centre = planned
    issue(centre)
    states = [order(centre, "ORD-000001").state]
    centre.now = datetime(2026, 11, 24, 7, tzinfo=UTC)
    loaded = load(centre)
    states.append(order(centre, "ORD-000001").state)
    in_van = held(centre, "VAN-ANNA")
    centre.now = EVENING

    closed = close(centre)

    states.append(order(centre, "ORD-000001").state)
    assert states == ["issued", "underway", "done"]
    assert [(e.order, e.devices) for e in loaded.events] == [("ORD-000001", ("OXI-1",))]
    assert (in_van["OXI-1"].biz_step, in_van["OXI-1"].disposition) == (
        "loading",
        "in_transit",
    )
    assert set(closed.done) == {"ORD-000001", "ORD-000002"}
    assert closed.in_vehicle == ("OXI-9",)
    (brought,) = held(centre, "CIT-1").values()
    assert (brought.device, brought.location) == ("OXI-1", "HOME-CIT-1")
    assert (brought.biz_step, brought.disposition) == ("installing", "on_loan")
    departures = {stop.order: stop.departure for stop in shown(centre).stops}
    assert brought.since == departures["ORD-000001"]
    fetched = held(centre, "VAN-ANNA")["OXI-9"]
    assert (fetched.biz_step, fetched.disposition) == ("collecting", "returned")


def test_what_was_scanned_at_the_door_stands(planned):
    centre = planned
    issue(centre)
    centre.now = datetime(2026, 11, 24, 7, tzinfo=UTC)
    load(centre)
    centre.now += timedelta(hours=2)
    centre.move("OXI-1", to="HOME-CIT-1")
    scanned = centre.now
    centre.now = EVENING

    closed = close(centre)

    assert [event.order for event in closed.events] == ["ORD-000002"]
    assert held(centre, "CIT-1")["OXI-1"].since == scanned


def test_a_device_that_went_elsewhere_is_left_where_the_ledger_has_it(planned):
    centre = planned
    issue(centre)
    load(centre)
    centre.now += timedelta(hours=1)
    centre.move("OXI-1", to="HOME-CIT-3")
    centre.now = EVENING

    closed = close(centre)

    assert closed.notes == (
        "ORD-000001: OXI-1 is at HOME-CIT-3 by the ledger, which was left as it is. If"
        " it was handed over: fsc move",
    )
    assert set(held(centre, "CIT-3")) == {"OXI-1"}


def test_a_run_loaded_after_its_planned_times_still_ends_with_the_citizen(planned):
    centre = planned
    issue(centre)
    centre.now = EVENING
    load(centre)

    close(centre)

    assert set(held(centre, "CIT-1")) == {"OXI-1"}
    with centre.sessions.read() as session:
        steps = [
            entry.biz_step for entry in history(session, find_device(session, "OXI-1"))
        ]
    assert steps[-2:] == ["loading", "installing"]


def test_a_failed_order_is_open_again_and_its_device_back_to_choice(planned):
    centre = planned
    issue(centre)
    load(centre)
    centre.now = EVENING

    closed = close(centre, ORD_000001="nobody_home")

    again = order(centre, "ORD-000001")
    assert (again.state, again.failed_because, again.bring) == (
        "failed",
        "nobody_home",
        (),
    )
    assert closed.failed == ("ORD-000001",)
    assert closed.in_vehicle == ("OXI-1", "OXI-9")
    with centre.sessions.read() as session:
        assert show_run(session, RUN).state == "closed"


def test_closing_twice_says_so_and_changes_nothing(planned):
    centre = planned
    issue(centre)
    centre.now = EVENING
    first = close(centre)

    again = close(centre)

    assert (first.added, again.added, again.events) == (True, False, ())
    assert again.closed_at == first.closed_at
    assert refusal(close, centre, ORD_000001="nobody_home") == (
        f"Refused: Run {RUN} is closed; what is said of it stays."
    )
    assert refusal(load, centre) == (
        f"Refused: Run {RUN} is closed and cannot be loaded."
    )


def test_a_close_that_breaks_off_leaves_nothing_behind(planned, monkeypatch):
    centre = planned
    issue(centre)
    load(centre)
    centre.now = EVENING
    recorded = []

    def breaks_off(session, transfer, by, **said):
        if recorded:
            raise RuntimeError("the power is gone")
        recorded.append(record_transfer(session, transfer, by, **said))
        return recorded[0]

    with monkeypatch.context() as patched:
        patched.setattr("fsc_logistics.core.runs.closing.record_transfer", breaks_off)
        with pytest.raises(RuntimeError):
            close(centre)

    assert set(held(centre, "VAN-ANNA")) == {"OXI-1"}
    assert shown(centre).state == "loaded"
    assert len(close(centre).events) == 2


def test_what_is_not_ready_any_more_is_not_loaded(planned):
    centre = planned
    issue(centre)
    centre.say("OXI-1", "quarantine")

    text = refusal(load, centre)

    assert text == (
        f"Refused: OXI-1 is in quarantine, so nothing was loaded for run {RUN}. Take"
        f" another: fsc run load {RUN} --instead OXI-1=TAG"
    )
    assert held(centre, "VAN-ANNA") == {}


def test_another_is_loaded_instead_of_what_was_recalled(planned):
    centre = planned
    issue(centre)
    centre.flag("OXI-1", "recalled")

    load(centre, instead={"OXI-1": "OXI-2"})

    assert set(held(centre, "VAN-ANNA")) == {"OXI-2"}


def test_what_was_handed_over_though_recalled_is_recorded_and_told(planned):
    centre = planned
    issue(centre)
    centre.now = EVENING - timedelta(hours=9)
    load(centre)
    centre.flag("OXI-1", "recalled")
    centre.now = EVENING

    closed = close(centre)

    assert "OXI-1" in held(centre, "HOME-CIT-1")
    assert closed.notes == (
        "ORD-000001: OXI-1 is recalled, and was handed to CIT-1. See: fsc exceptions",
    )
    with centre.sessions.read() as session:
        (waiting,) = list_matters(session)
    assert (waiting.kind, waiting.device) == ("recalled_handed_out", "OXI-1")


def test_what_was_set_apart_at_the_citizens_is_fetched_as_it_is(planned):
    centre = planned
    centre.say("OXI-9", "quarantine")
    issue(centre)
    centre.now = EVENING - timedelta(hours=9)
    load(centre)
    centre.now = EVENING

    close(centre)

    assert held(centre, "VAN-ANNA")["OXI-9"].condition == "quarantine"


def test_loading_and_issuing_twice_say_so(planned):
    centre = planned

    assert (issue(centre).added, issue(centre).added) == (True, False)
    assert (load(centre).added, load(centre).added) == (True, False)


def test_a_run_goes_its_way_in_order(planned):
    centre = planned

    assert refusal(load, centre) == (
        f"Refused: Run {RUN} is only planned. Issue it first: fsc run issue {RUN}"
    )
    assert refusal(close, centre) == (
        f"Refused: Run {RUN} is only planned. Issue it first: fsc run issue {RUN}"
    )
    issue(centre)
    assert refusal(close, centre) == (
        f"Refused: Run {RUN} has not been driven yet. "
        f"Close it on {RUN.partition('/')[0]} or later."
    )
    centre.now = EVENING
    assert refusal(close, centre, ORD_7="ill") == (
        f"BadInput: ORD-7 is not an open stop of run {RUN}. See: fsc run show {RUN}"
    )
    assert refusal(close, centre, Nancy="ill") == (
        f"BadInput: That is not an open stop of run {RUN}. See: fsc run show {RUN}"
    )
    assert shown(centre).state == "issued"


def test_runs_that_are_not_there_are_not_found(centre):
    assert refusal(shown, centre, "2026-11-24/BO") == (
        "NotFound: There is no run 2026-11-24/BO. See: fsc run list --day 2026-11-24"
    )
    assert refusal(shown, centre, "2026-11-24/Nancy Berggren") == (
        "NotFound: There is no such run. See: fsc run list --day 2026-11-24"
    )
    assert refusal(shown, centre, "Nancy Berggren") == (
        "NotFound: That names no run. Runs are named as 2026-11-24/ANNA."
        " See: fsc run list"
    )
    assert refusal(shown, centre, "ANNA") == (
        "NotFound: ANNA names no run. Runs are named as 2026-11-24/ANNA."
        " See: fsc run list"
    )


def test_an_issued_run_keeps_its_vehicle_and_places_when_its_driver_gets_others(
    planned,
):
    centre = planned
    with centre.sessions.begin() as session:
        add_location(session, "VAN-9", LocationKind.VEHICLE, keeper="ANNA")
        change_location(session, "AWAY", point=Point(56.15, 10.21))
    issue(centre)

    with centre.sessions.begin() as session:
        change_technician(session, "ANNA", vehicle="VAN-9", start="AWAY", end="AWAY")

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())
    assert (shown(centre).vehicle, sheet.vehicle) == ("VAN-ANNA", "VAN-ANNA")
    assert (sheet.start_place, sheet.end_place) == ("Depot Horsens", "Depot Horsens")
    load(centre)
    assert set(held(centre, "VAN-ANNA")) == {"OXI-1"}


def test_a_run_of_a_day_gone_by_is_not_issued(planned):
    planned.now += timedelta(days=2)

    assert refusal(issue, planned) == (
        f"Refused: The day of run {RUN} has gone by; it cannot be issued."
    )


def test_a_device_that_is_not_there_stops_the_loading_until_another_is_taken(planned):
    centre = planned
    issue(centre)
    centre.move("OXI-1", to="AWAY")

    assert refusal(load, centre) == (
        f"Refused: Not all is there for run {RUN}, so nothing was loaded: OXI-1 is at"
        f" AWAY. Bring it back, or take another: fsc run load {RUN} --instead OXI-1=TAG"
    )
    centre.stock("SCALE", "SCALE-1")
    assert refusal(load, centre, instead={"OXI-1": "SCALE-1"}) == (
        "Refused: SCALE-1 is of another model than OXI-1."
    )
    assert refusal(load, centre, instead={"OXI-2": "OXI-1"}) == (
        f"Refused: Run {RUN} does not bring OXI-2."
    )
    assert set(held(centre, "VAN-ANNA")) == set()
    loaded = load(centre, instead={"oxi-1": "oxi-2"})
    assert loaded.events[0].devices == ("OXI-2",)
    assert order(centre, "ORD-000001").bring == ("OXI-2",)


def test_what_takes_the_place_of_a_named_device_is_named_too(centre):
    centre.stock("OXI", "OXI-1", "OXI-2")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",), skills=("BLE",))
    plan(centre)
    issue(centre)
    load(centre, instead={"OXI-1": "OXI-2"})
    centre.now = EVENING

    close(centre, ORD_000001="nobody_home")

    again = order(centre, "ORD-000001")
    assert (again.state, again.bring) == ("failed", ("OXI-2",))


def test_choosing_a_kit_takes_all_its_parts(centre):
    centre.stock("CASE", "CASE-1")
    centre.stock("OXI", "OXI-1")
    centre.stock("SCALE", "SCALE-1")
    centre.kit("CASE-1", "OXI-1", "SCALE-1")
    centre.now += timedelta(minutes=1)
    centre.order("CIT-1", "INSTALL", model="CASE", skills=("BLE",))
    centre.order("CIT-2", "DELIVER", model="OXI", skills=("BLE",))
    plan(centre)
    issue(centre)

    loaded = load(centre)

    assert [event.order for event in loaded.events] == ["ORD-000001"]
    assert set(held(centre, "VAN-ANNA")) == {"CASE-1", "OXI-1", "SCALE-1"}
    assert order(centre, "ORD-000002").bring == ()


def test_an_order_on_an_issued_run_is_cancelled_only_when_taken_off(planned):
    centre = planned
    issue(centre)

    refused = centre.fsc("order", "cancel", "ORD-000001")
    done = centre.fsc("order", "cancel", "ORD-000001", "--take-off")

    assert str(refused.exception) == (
        f"ORD-000001 is promised on run {RUN} and cannot be cancelled. To cancel it"
        " all the same: fsc order cancel ORD-000001 --take-off"
    )
    assert done.stderr == (
        f"ORD-000001: It was on the issued run {RUN}: tell the technician, or print"
        f" the run again: fsc run print {RUN}\n"
    )
    stops = {stop.order: stop for stop in shown(centre).stops}
    assert stops["ORD-000001"].outcome == "failed"
    assert stops["ORD-000001"].failed_because == "The order was cancelled."
    assert load(centre).events == ()


def test_an_order_under_way_is_neither_cancelled_nor_changed(planned):
    centre = planned
    issue(centre)
    load(centre)

    refused = centre.fsc("order", "cancel", "ORD-000001", "--take-off")

    assert str(refused.exception) == (
        f"ORD-000001 is under way on run {RUN} and cannot be cancelled. When the run is"
        f" closed, say: fsc run close {RUN} --failed ORD-000001=REASON"
    )


def test_a_changed_order_leaves_a_plan_nobody_was_promised(planned):
    centre = planned

    done = centre.fsc("order", "change", "ORD-000001", "--minutes", "30")

    assert done.stderr == (
        "ORD-000001: It was taken off the plan of 2026-11-24. Plan again:"
        " fsc plan 2026-11-24\n"
    )
    assert order(centre, "ORD-000001").state == "placed"
    assert order(centre, "ORD-000001").bring == ()


SETTINGS = Settings(timezone=ZONE, centre=Centre(name="Centre", phone="70203048"))


def test_a_sheet_says_where_to_go_what_to_bring_and_every_look_is_logged(
    planned, contact
):
    centre = planned
    with centre.sessions.begin() as session:
        for person in session.scalars(select(Citizen)):
            person.protected = True
    centre.fsc("order", "change", "ORD-000001", "--contact-name", "Nanna Test")

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    by_order = {stop.order: stop for stop in sheet.stops}
    assert sheet.draft
    assert (sheet.technician, sheet.vehicle) == ("Anna", "VAN-ANNA")
    assert [(line.shelf, line.device.tag) for line in sheet.load] == [("A-1", "OXI-1")]
    assert by_order["ORD-000001"].name == "Einer Test Lauridsen"
    assert by_order["ORD-000001"].address == "Testgrusgraven 3"
    assert by_order["ORD-000001"].protected
    assert [one.name for one in by_order["ORD-000001"].contacts] == ["Nanna Test"]
    assert [d.tag for d in by_order["ORD-000001"].bring] == ["OXI-1"]
    assert [d.tag for d in by_order["ORD-000002"].take_back] == ["OXI-9"]
    assert sheet.stops[0].arrival.utcoffset() == timedelta(hours=1)
    travel_s = sum(stop.travel_s for stop in sheet.stops)
    assert 0 < travel_s < sheet.travel_s
    assert 0 < sum(stop.distance_m for stop in sheet.stops) < sheet.distance_m
    with centre.sessions.read() as session:
        looks = session.execute(select(AccessLog.action, AccessLog.purpose)).all()
    assert [tuple(look) for look in looks] == [("print", RUN)] * 2


def test_a_sheet_has_a_line_for_a_device_that_was_not_to_be_had(centre):
    centre.order("CIT-1", "DELIVER", model="OXI", skills=("BLE",))
    plan(centre)
    issue(centre)

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    assert not sheet.draft
    assert [(d.model, d.tag) for d in sheet.stops[0].bring] == [("OXI", "")]
    centre.now = EVENING
    assert close(centre).notes == (
        "ORD-000001: no device was chosen for it. If one was handed over:"
        " fsc move TAG --to HOME-CIT-1",
    )


def test_a_sheet_lists_a_kit_before_its_parts_and_those_before_what_is_loose(centre):
    centre.stock("CASE", "PACK-1")
    centre.stock("OXI", "OXI-1", "OXI-2")
    centre.stock("SCALE", "SCALE-1")
    centre.kit("PACK-1", "OXI-2", "SCALE-1")
    centre.now += timedelta(minutes=1)
    centre.move("PACK-1", "OXI-1", to="HOME-CIT-1")
    centre.now += timedelta(minutes=1)
    centre.order("CIT-1", "PICKUP", skills=("BLE",))
    plan(centre)

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    tags = [device.tag for device in sheet.stops[0].take_back]
    assert tags == ["PACK-1", "OXI-2", "SCALE-1", "OXI-1"]


def test_the_lunch_on_the_way_is_not_driving(centre):
    for citizen in ("CIT-1", "CIT-3"):
        centre.order(citizen, "TRAINING", minutes=180, skills=("BLE",))
    plan(centre)

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    assert sheet.lunch_from is not None
    back_s = sheet.travel_s - sum(stop.travel_s for stop in sheet.stops)
    last = sheet.stops[-1].departure
    assert back_s == round((sheet.end - last).total_seconds())


def test_only_visits_are_numbered_and_alike_on_screen_and_paper(centre):
    for citizen in ("CIT-1", "CIT-2", "CIT-3"):
        centre.order(citizen, "TRAINING", minutes=110, skills=("BLE",))
    plan(centre)
    stops = shown(centre).stops
    first = next(stop.order for stop in stops if stop.order)

    whole = centre.fsc("run", "show", RUN).stdout
    centre.fsc("order", "cancel", first, "--take-off")
    issue(centre)
    second = next(stop.order for stop in stops if stop.order not in (None, first))
    centre.fsc("order", "cancel", second, "--take-off")
    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    numbers = [stop.number for stop in stops if stop.order]
    assert numbers == [1, 2, 3]
    assert [stop.number for stop in stops if stop.order is None] == [None]
    (lunch,) = [line for line in whole.splitlines() if "lunch" in line]
    assert lunch.startswith("        ")
    on_screen = {stop.order: stop.number for stop in shown(centre).stops}
    assert sheet.stops
    assert all(stop.number == on_screen[stop.order] for stop in sheet.stops)


@pytest.mark.parametrize(
    ("service", "about"), [("CALIBRATION", "Maker SCALE"), ("DELIVER", "")]
)
def test_a_sheet_says_what_to_work_on_where_nothing_is_brought(centre, service, about):
    centre.order("CIT-1", service, model="SCALE")
    plan(centre)

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, RUN, SETTINGS, by=centre.sign())

    assert [task.about for task in sheet.stops[0].tasks] == [about]


def test_runs_are_listed_in_kilometres_and_hours_for_people(planned):
    centre = planned
    row = json.loads(centre.fsc("run", "list", "--json").stdout)[0]

    heads, line = centre.fsc("run", "list").stdout.splitlines()

    assert " ".join(heads.split()) == (
        "run state visits leaves returns km driving in homes waiting"
    )
    km, driving, in_homes, waiting = line.split()[-4:]
    assert km == f"{row['distance_m'] / 1000:.1f}"
    for told, seconds in (
        (driving, row["travel_s"]),
        (in_homes, row["service_s"]),
        (waiting, row["waiting_s"]),
    ):
        hours, minutes = told.split(":")
        assert abs(int(hours) * 3600 + int(minutes) * 60 - seconds) <= 30


def test_a_run_is_driven_from_the_command_line(planned, tmp_path, monkeypatch):
    centre = planned
    monkeypatch.chdir(tmp_path)

    listed = json.loads(centre.fsc("run", "list", "--json").stdout)
    told = centre.fsc("run", "show", RUN)
    draft = centre.fsc("run", "print", RUN)
    issued = centre.fsc("run", "issue", "--all", "2026-11-24")
    printed = centre.fsc(
        "run", "print", "--all", "2026-11-24", "-o", "out", "--receipts"
    )
    loaded = json.loads(centre.fsc("run", "load", RUN, "--json").stdout)
    centre.now = EVENING
    closed = centre.fsc("run", "close", RUN, "--failed", "ord-000002=Nobody-Home")
    again = centre.fsc("run", "close", RUN)

    assert [(row["run"], row["state"], row["visits"]) for row in listed] == [
        (RUN, "planned", 2)
    ]
    assert told.stdout.startswith(f"{RUN}, planned: 2026-11-24 ")
    assert "Lauridsen" not in told.stdout
    assert draft.exit_code == issued.exit_code == printed.exit_code == 0
    sheet = tmp_path / "out" / "2026-11-24-ANNA.pdf"
    assert sheet.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    assert (tmp_path / "2026-11-24-ANNA.pdf").exists()
    assert (tmp_path / "out" / "2026-11-24-ANNA-receipts.pdf").exists()
    assert [event["order"] for event in loaded["events"]] == ["ORD-000001"]
    assert closed.stdout.startswith(f"{RUN}: 1 done, 1 failed.\norder ")
    assert closed.stderr == ""
    assert again.stdout == f"{RUN} was closed already, 2026-11-24 17:00.\n"
    assert order(centre, "ORD-000002").failed_because == "nobody_home"


@pytest.mark.parametrize("reason", ["nobody hme", "Nancy Berggren", "", " "])
def test_why_a_visit_failed_is_one_of_a_list_and_never_free_words(planned, reason):
    centre = planned
    issue(centre)
    centre.now = EVENING

    told = centre.fsc("run", "close", RUN, "--failed", f"ORD-000001={reason}")
    help_ = centre.fsc("run", "close", "--help")

    reasons = ", ".join(FailedBecause)
    said = " ".join(told.stderr.replace("│", " ").split())
    assert told.exit_code == 2
    assert said.endswith(f"That is no reason. Use one of {reasons}.")
    assert "Nancy" not in said
    assert all(why in help_.stdout for why in FailedBecause)
    assert shown(centre).state == "issued"


def test_the_stops_of_a_run_can_be_csv(planned):
    told = planned.fsc("run", "show", RUN, "--csv")

    header, *lines = told.stdout.splitlines()
    assert header.startswith("number,order,service,citizen,arrival,")
    orders = [line.split(",")[1] for line in lines]
    assert sorted(orders) == ["", "ORD-000001", "ORD-000002"]


def test_a_dry_run_of_a_run_shows_what_would_be_and_records_nothing(planned):
    centre = planned

    would_issue = centre.fsc("run", "issue", "--all", "2026-11-24", "--dry-run")
    states = [shown(centre).state]
    issue(centre)
    would_load = centre.fsc("run", "load", RUN, "--dry-run")
    as_json = json.loads(centre.fsc("run", "load", RUN, "--dry-run", "--json").stdout)
    states.append(shown(centre).state)
    centre.now = EVENING
    would_close = centre.fsc(
        "run", "close", RUN, "--failed", "ORD-000001=no_access", "--dry-run"
    )
    states.append(shown(centre).state)

    assert states == ["planned", "issued", "issued"]
    assert would_issue.stdout.startswith(f"run              issued at\n{RUN}  ")
    assert would_issue.stderr == "None was issued now, as this was a dry run.\n"
    assert would_load.stdout == (
        f"{RUN} would be loaded, devices: 1.\norder       devices\nORD-000001  OXI-1\n"
    )
    assert (as_json["added"], as_json["dry_run"]) == (True, True)
    assert would_close.stdout == (
        f"{RUN}: 1 would be done, 1 failed.\norder       devices\nORD-000002  OXI-9\n"
    )
    assert would_close.stderr == "Still in the vehicle: OXI-9\n"
    assert set(held(centre, "CIT-2")) == {"OXI-9"}


def test_the_run_commands_say_what_is_wrong_with_what_was_typed(sqlite_centre):
    centre = sqlite_centre

    both = centre.fsc("run", "issue", RUN, "--all", "2026-11-24")
    none = centre.fsc("run", "issue", "--all", "2026-11-24")
    pair = centre.fsc("run", "close", RUN, "--failed", "Nancy was ill")

    assert both.exit_code == pair.exit_code == 2
    assert "Name the runs, or give --all DAY for all of a day." in both.stderr
    assert str(none.exception) == (
        "There is no run on 2026-11-24. Plan it: fsc plan 2026-11-24"
    )
    assert "That is not of the form ORD-000001=nobody_home." in pair.stderr
    assert "Nancy" not in pair.stderr
