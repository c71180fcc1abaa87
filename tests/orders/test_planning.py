import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from answering import answering
from sqlalchemy import delete, select, update

from fsc_logistics.core.catalogue.technicians import change_technician
from fsc_logistics.core.config import Planning, Settings
from fsc_logistics.core.orders.facts import show_order
from fsc_logistics.core.orders.placing import Window
from fsc_logistics.core.runs.issuing import issue_runs
from fsc_logistics.core.runs.paper import run_sheet
from fsc_logistics.core.runs.planning import plan_day
from fsc_logistics.core.tables import (
    Absence,
    LeftOut,
    OrderDevice,
    Party,
    Postcode,
    Run,
    RunStop,
)
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import FscError, Refused, TryLater
from routes.solve import solve

ZONE = ZoneInfo("Europe/Copenhagen")
HOURS = OpeningHours(zone=ZONE)
TUESDAY = date(2026, 11, 24)
PLANS = 30
"""How many plans a search goes through here: enough for a handful of visits."""


def quick(problem, **said):
    return solve(problem, **said, iterations=2000)


def plan(centre, day=TUESDAY, **said):
    said.setdefault("solve", quick)
    return plan_day(
        centre.sessions,
        day,
        hours=HOURS,
        planning=said.pop("planning", Planning()),
        now=centre.now,
        time_limit_s=5,
        **said,
    )


@pytest.fixture
def service():
    with answering() as server:
        yield server


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def window(opens, closes):
    return Window(opens=local(opens), closes=local(closes))


def stops_of(planned):
    return {stop.order: stop for run in planned.plan.runs for stop in run.stops}


def left_out(planned):
    return {left.order: left.reason for left in planned.plan.unassigned}


def saved(centre):
    with centre.sessions.read() as session:
        return len(session.scalars(select(Run)).all())


def absent(centre, code, day):
    with centre.sessions.begin() as session:
        party = session.scalar(select(Party.id).where(Party.code == code))
        session.add(Absence(technician_id=party, day=day))


def issue(centre):
    with centre.sessions.begin() as session:
        for run in session.scalars(select(Run)):
            run.issued_at = centre.now


def test_what_is_due_is_planned_saved_and_given_devices(centre):
    centre.stock("OXI", "OXI-1", "OXI-2")
    centre.order("CIT-1", "INSTALL", model="OXI")
    centre.order("CIT-2", "DELIVER", devices=("OXI-1",))
    centre.order("CIT-4", "TRAINING")

    planned = plan(centre)

    assert set(stops_of(planned)) == {"ORD-000001", "ORD-000002", "ORD-000003"}
    assert planned.plan.unassigned == planned.shortages == planned.notes == ()
    with centre.sessions.read() as session:
        first = show_order(session, "ORD-000001", today=TUESDAY)
        chosen = session.scalars(select(OrderDevice.chosen_for_id)).all()
    assert (first.state, first.bring) == ("planned", ("OXI-2",))
    assert first.run in {"2026-11-24/ANNA", "2026-11-24/BO"}
    assert sorted(run is not None for run in chosen) == [False, True]


def test_a_day_is_driven_as_a_service_says(centre, service):
    centre.order("CIT-1", "TRAINING")
    centre.order("CIT-2", "TRAINING")

    estimated = plan(centre, dry_run=True)
    by_roads = plan(centre, planning=Planning(travel=f"osrm:{service.url}"))

    far = sum(run.distance_m for run in by_roads.plan.runs)
    assert sum(run.distance_m for run in estimated.plan.runs) == pytest.approx(
        far * 1.3, rel=0.01
    )
    assert sum(run.travel_s for run in by_roads.plan.runs) == pytest.approx(
        far / 10, rel=0.01
    )


def test_a_sheet_tells_the_drives_that_were_planned(centre, service):
    centre.order("CIT-1", "TRAINING", skills=("BLE",))
    centre.order("CIT-3", "TRAINING", skills=("BLE",))
    plan(centre, planning=Planning(travel=f"osrm:{service.url}"))

    with centre.sessions.begin() as session:
        sheet = run_sheet(session, "2026-11-24/ANNA", Settings(), by=centre.sign())
        session.execute(update(RunStop).values(travel_s=None, distance_m=None))
        unkept = run_sheet(session, "2026-11-24/ANNA", Settings(), by=centre.sign())

    assert len(sheet.stops) == 2
    # As far as the service says, which is a straight line; an estimate adds to it.
    for stop, estimated in zip(sheet.stops, unkept.stops, strict=True):
        assert stop.travel_s == estimated.travel_s
        assert estimated.distance_m == pytest.approx(stop.distance_m * 1.3, rel=0.01)


def test_a_service_that_is_away_is_told_and_nothing_saved(centre, service):
    centre.order("CIT-1", "TRAINING")
    service.misbehave = lambda handler: handler.answer(503, {})

    with pytest.raises(TryLater) as refused:
        plan(centre, planning=Planning(travel=f"valhalla:{service.url}"))

    assert str(refused.value) == (
        f"Valhalla at {service.url} answered 503 Service Unavailable. To plan without"
        " it, use the built-in estimate: --travel estimate"
    )
    assert saved(centre) == 0


def test_a_place_far_from_every_road_is_named_by_its_code(centre, service):
    centre.order("CIT-1", "TRAINING")
    service.off_m = 9_000

    with pytest.raises(FscError) as refused:
        plan(centre, planning=Planning(travel=f"osrm:{service.url}"))

    assert str(refused.value) == (
        f"HORSENS is 9 km from every road that OSRM at {service.url} knows. To plan"
        " without it, use the built-in estimate: --travel estimate"
    )


def test_an_agreed_time_is_kept_and_an_agreement_of_another_day_waits(centre):
    agreed = window("2026-11-24 13:00", "2026-11-24 13:30")
    later = window("2026-11-25 09:00", "2026-11-25 10:00")
    centre.order("CIT-1", "TRAINING", agreed=agreed)
    centre.order("CIT-2", "TRAINING", agreed=later)
    centre.order("CIT-3", "TRAINING", earliest=date(2026, 11, 26))

    stops = stops_of(plan(centre))

    assert set(stops) == {"ORD-000001"}
    assert agreed.opens <= stops["ORD-000001"].start <= agreed.closes


def test_visits_begin_in_opening_hours_and_lunch_is_kept(centre):
    for citizen in ("CIT-1", "CIT-2", "CIT-3"):
        centre.order(citizen, "TRAINING", minutes=115)

    planned = plan(centre)

    for stop in stops_of(planned).values():
        assert local("2026-11-24 08:00") <= stop.start <= local("2026-11-24 16:00")
    with centre.sessions.read() as session:
        lunches = session.scalars(
            select(RunStop).where(RunStop.order_id.is_(None))
        ).all()
        assert len(lunches) == len(planned.plan.runs)
        for lunch in lunches:
            assert local("2026-11-24 11:00") <= lunch.start
            assert lunch.start <= local("2026-11-24 13:00")
            assert lunch.departure - lunch.start == timedelta(minutes=30)


def test_arriving_counts_once_for_the_orders_of_one_home(centre):
    centre.order("CIT-1", "TRAINING", minutes=30)
    centre.order("CIT-1", "CALIBRATION", minutes=30)

    (run,) = plan(centre).plan.runs

    assert run.service_s == (30 + 30 - 5) * 60


def test_what_cannot_be_done_is_left_out_with_its_reason(centre):
    centre.order("CIT-1", "TRAINING", consent=False)
    centre.order("CIT-2", "TRAINING", skills=("CRANE",))

    planned = plan(centre)

    assert set(left_out(planned)) == {"ORD-000001", "ORD-000002"}
    assert left_out(planned)["ORD-000001"] == (
        "The citizen has not agreed that address and contact go to the technician."
        " Record it: fsc order change ORD-000001 --consent"
    )
    assert "CRANE" in left_out(planned)["ORD-000002"]
    with centre.sessions.read() as session:
        assert len(session.scalars(select(LeftOut)).all()) == 2
        shown = show_order(session, "ORD-000002", today=TUESDAY)
    assert shown.left_out_because == left_out(planned)["ORD-000002"]
    assert shown.state == "placed"


def test_with_nobody_at_work_every_order_is_left_out(centre):
    centre.order("CIT-1", "TRAINING")
    absent(centre, "ANNA", TUESDAY)
    absent(centre, "BO", TUESDAY)

    planned = plan(centre)

    assert planned.plan.runs == ()
    assert left_out(planned) == {
        "ORD-000001": "Nobody is at work that day without an issued run."
    }


def test_a_day_without_orders_is_an_empty_plan(centre):
    assert plan(centre).plan.runs == ()
    assert saved(centre) == 0


def test_the_skilled_technician_goes(centre):
    centre.order("CIT-1", "TRAINING", model="SCALE")

    (run,) = plan(centre).plan.runs

    assert run.technician == "ANNA"


def test_a_vehicle_holds_no_more_than_it_can(centre):
    absent(centre, "BO", TUESDAY)
    with centre.sessions.begin() as session:
        change_technician(session, "ANNA", capacity_ml=40_000)
    for citizen in ("CIT-1", "CIT-2"):
        centre.order(citizen, "INSTALL", model="CASE")

    planned = plan(centre)

    assert len(stops_of(planned)) == len(left_out(planned)) == 1


def test_what_is_overdue_comes_before_what_can_wait(centre):
    absent(centre, "BO", date(2026, 12, 7))
    centre.order("CIT-1", "TRAINING", minutes=240, latest=date(2026, 12, 11))
    centre.order("CIT-2", "TRAINING", minutes=240, latest=date(2026, 11, 27))

    planned = plan(centre, date(2026, 12, 7))

    assert set(stops_of(planned)) == {"ORD-000002"}
    assert planned.notes == ("1 order is overdue and came first.",)


def test_too_few_devices_are_told_and_the_visit_is_planned_all_the_same(centre):
    centre.stock("OXI", "OXI-1", shelf="B-2")
    centre.stock("OXI", "OXI-9", shelf="AWAY")
    centre.order("CIT-1", "DELIVER", model="OXI")
    centre.order("CIT-2", "DELIVER", model="OXI")

    planned = plan(centre)

    assert len(stops_of(planned)) == 2
    (short,) = planned.shortages
    assert (short.model, short.depot) == ("OXI", "HORSENS")


def test_a_named_device_that_is_elsewhere_is_told(centre):
    centre.stock("OXI", "OXI-1", "OXI-2", "OXI-3")
    centre.order("CIT-1", "DELIVER", devices=("OXI-1",), skills=("BLE",))
    centre.order("CIT-2", "DELIVER", devices=("OXI-2",), skills=("BLE",))
    centre.order("CIT-3", "DELIVER", devices=("OXI-3",), skills=("BLE",))
    centre.move("OXI-1", to="AWAY")
    centre.move("OXI-2", to="VAN-ANNA")

    done = centre.fsc("plan", "2026-11-24", "--time-limit", "1")

    assert done.exit_code == 0, done.output
    assert done.stderr == (
        "ORD-000001: OXI-1 is at AWAY, not at HORSENS. Have it there before the run is"
        " loaded.\n"
    )


def test_planning_again_replaces_what_is_not_issued_and_frees_its_devices(centre):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", model="OXI")
    plan(centre)

    again = plan(centre)

    assert set(stops_of(again)) == {"ORD-000001"}
    assert again.shortages == ()
    assert saved(centre) == 1


def test_an_issued_run_is_a_promise(centre):
    centre.order("CIT-1", "TRAINING", skills=("BLE",))
    plan(centre)
    issue(centre)
    centre.order("CIT-2", "TRAINING")

    again = plan(centre)

    assert [run.technician for run in again.plan.runs] == ["BO"]
    assert set(stops_of(again)) == {"ORD-000002"}
    assert again.notes == (
        "ANNA drives the issued run 2026-11-24/ANNA and was not planned again.",
    )


def test_a_run_that_is_issued_while_a_plan_is_saved_stays(postgresql_centre):
    centre = postgresql_centre
    centre.order("CIT-1", "TRAINING", skills=("BLE",))
    plan(centre)
    told = []

    def plan_again():
        try:
            plan(centre)
        except FscError as error:
            told.append(error)

    with centre.sessions.begin() as session:
        issue_runs(session, ["2026-11-24/ANNA"], hours=HOURS, by=centre.sign())
        other = threading.Thread(target=plan_again)
        other.start()
        while other.is_alive() and not centre.waits_for_a_lock():
            other.join(timeout=0.01)
    other.join()

    (error,) = told
    assert isinstance(error, TryLater)
    assert str(error) == (
        "The runs of 2026-11-24 were changed by someone else meanwhile, so nothing was"
        " saved. See: fsc run list --day 2026-11-24"
    )
    with centre.sessions.read() as session:
        assert session.scalars(select(Run.issued_at)).all() == [centre.now]


def test_what_is_planned_for_one_day_is_not_planned_for_another(centre):
    centre.order("CIT-1", "TRAINING")
    plan(centre)

    assert stops_of(plan(centre, date(2026, 11, 25))) == {}


def test_an_order_of_a_plan_nobody_issued_is_due_again_when_its_day_has_gone_by(
    centre,
):
    centre.stock("OXI", "OXI-1")
    centre.order("CIT-1", "DELIVER", model="OXI")
    plan(centre)
    centre.now = local("2026-11-25 07:00")
    with centre.sessions.read() as session:
        waiting = show_order(session, "ORD-000001", today=date(2026, 11, 25))

    again = plan(centre, date(2026, 11, 25))

    assert (waiting.state, waiting.run) == ("placed", None)
    assert set(stops_of(again)) == {"ORD-000001"}
    assert again.shortages == ()
    with centre.sessions.read() as session:
        assert session.scalars(select(Run.day)).all() == [date(2026, 11, 25)]


def test_an_order_on_a_void_plan_is_changed_like_any_other(centre):
    centre.order("CIT-1", "TRAINING")
    plan(centre)
    centre.now = local("2026-11-25 07:00")

    done = centre.fsc("order", "change", "ORD-000001", "--minutes", "30")

    assert (done.stdout, done.stderr) == (
        "order       state\nORD-000001  placed\n",
        "",
    )


def test_an_issued_run_of_a_day_gone_by_holds_its_orders_until_it_is_closed(centre):
    centre.order("CIT-1", "TRAINING")
    plan(centre)
    issue(centre)
    centre.now = local("2026-11-25 07:00")

    again = plan(centre, date(2026, 11, 25))

    assert stops_of(again) == {}
    assert saved(centre) == 1


def test_a_device_the_citizen_had_before_is_still_to_be_brought(centre):
    centre.stock("OXI", "OXI-1")
    centre.move("OXI-1", to="HOME-CIT-1")
    centre.now += timedelta(minutes=1)
    centre.order("CIT-1", "DELIVER", model="OXI")
    centre.now += timedelta(minutes=1)
    centre.move("OXI-1", to="A-1", disposition="available")
    centre.say("OXI-1", "ready")
    centre.now += timedelta(minutes=1)
    plan(centre)

    with centre.sessions.read() as session:
        chosen = show_order(session, "ORD-000001", today=TUESDAY)
    again = plan(centre)

    assert (chosen.state, chosen.bring) == ("planned", ("OXI-1",))
    assert set(stops_of(again)) == {"ORD-000001"}


def test_a_dry_run_saves_nothing(centre):
    centre.order("CIT-1", "TRAINING")

    planned = plan(centre, dry_run=True)

    assert set(stops_of(planned)) == {"ORD-000001"}
    assert saved(centre) == 0


def test_days_nobody_works_are_refused_unless_one_insists(centre):
    centre.order("CIT-1", "TRAINING", latest=date(2026, 12, 31))

    with pytest.raises(Refused) as holiday:
        plan(centre, date(2026, 12, 25))
    with pytest.raises(Refused) as past:
        plan(centre, date(2026, 11, 20))

    assert str(holiday.value) == (
        "2026-12-25 is Christmas Day, and nobody works then. To plan all the same:"
        " fsc plan 2026-12-25 --anyway"
    )
    assert str(past.value) == "2026-11-20 has gone by; today is 2026-11-23."
    insisted = plan(centre, date(2026, 12, 25), anyway=True)
    assert set(stops_of(insisted)) == {"ORD-000001"}


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_shifts_are_by_the_clock_on_days_of_23_and_25_hours(sqlite_centre, day):
    centre = sqlite_centre
    centre.now = datetime.combine(day, datetime.min.time(), tzinfo=ZONE) - timedelta(
        days=2
    )
    with centre.sessions.begin() as session:
        change_technician(session, "ANNA", weekdays="1234567")
    opens, closes = (local(f"{day} {clock}") for clock in ("08:00", "16:00"))
    centre.order(
        "CIT-1", "TRAINING", earliest=day, latest=day + timedelta(days=4), minutes=60
    )

    planned = plan(centre, day, anyway=True)

    (stop,) = stops_of(planned).values()
    assert opens <= stop.start <= closes
    with centre.sessions.read() as session:
        run = session.scalars(select(Run)).one()
        leaves, returns = run.leaves, run.returns
    assert opens <= leaves < returns <= closes


def test_an_order_that_changes_while_the_solver_thinks_is_found(centre):
    centre.order("CIT-1", "TRAINING")
    centre.order("CIT-2", "TRAINING")

    def meanwhile(problem, **said):
        assert centre.fsc("order", "cancel", "ORD-000001").exit_code == 0
        return quick(problem, **said)

    with pytest.raises(Refused) as caught:
        plan(centre, solve=meanwhile)

    assert str(caught.value) == (
        "ORD-000001 changed while the plan was made, so nothing was saved. Plan again:"
        " fsc plan 2026-11-24"
    )
    assert saved(centre) == 0


def test_of_two_who_plan_at_once_one_wins_and_the_other_is_told(centre):
    centre.order("CIT-1", "TRAINING")
    both_have_read = threading.Barrier(2)
    results = []

    def together(problem, **said):
        both_have_read.wait(timeout=30)
        return quick(problem, **said)

    def one_plans():
        try:
            results.append(plan(centre, solve=together))
        except FscError as error:
            results.append(error)

    threads = [threading.Thread(target=one_plans) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (told,) = [result for result in results if isinstance(result, FscError)]
    assert isinstance(told, TryLater)
    assert str(told) == (
        "The runs of 2026-11-24 were changed by someone else meanwhile, so nothing was"
        " saved. See: fsc run list --day 2026-11-24"
    )
    assert saved(centre) == 1


def test_what_is_left_of_today_is_planned_from_now_on(centre):
    centre.order("CIT-1", "TRAINING", earliest=date(2026, 11, 23), minutes=20)
    centre.now = local("2026-11-23 14:30")

    (stop,) = stops_of(plan(centre, date(2026, 11, 23))).values()
    centre.now = local("2026-11-23 18:00")
    too_late = plan(centre, date(2026, 11, 23))

    assert stop.arrival > local("2026-11-23 14:30")
    assert left_out(too_late) == {
        "ORD-000001": "Nobody is at work that day without an issued run."
    }


def test_a_home_that_is_nowhere_known_is_left_out(centre):
    centre.order("CIT-4", "TRAINING")
    with centre.sessions.begin() as session:
        session.execute(delete(Postcode))

    assert left_out(plan(centre)) == {
        "ORD-000001": "It is not known where the citizen lives. Give a point:"
        " fsc citizen change CIT-4 --point LAT,LON"
    }


def test_two_orders_at_once_do_not_promise_one_device_twice(centre):
    centre.stock("OXI", "OXI-1")
    ready = threading.Barrier(2)
    results = []

    def one_orders(citizen):
        ready.wait(timeout=30)
        try:
            results.append(centre.order(citizen, "DELIVER", devices=("OXI-1",)))
        except FscError as error:
            results.append(error)

    threads = [
        threading.Thread(target=one_orders, args=(citizen,))
        for citizen in ("CIT-1", "CIT-2")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (told,) = [result for result in results if isinstance(result, FscError)]
    assert str(told).startswith("OXI-1 is promised to ORD-00000")


def test_a_plan_that_breaks_a_rule_is_a_bug_and_not_saved(centre):
    centre.order("CIT-1", "TRAINING")

    def careless(problem, **said):
        return replace(quick(problem, **said), cost=7)

    with pytest.raises(AssertionError, match="costs 7"):
        plan(centre, solve=careless)
    assert saved(centre) == 0


def test_the_command_prints_the_promised_json(centre):
    centre.order(
        "CIT-1", "TRAINING", agreed=window("2026-11-24 10:00", "2026-11-24 11:00")
    )
    centre.order("CIT-2", "TRAINING", consent=False)

    done = centre.fsc("plan", "2026-11-24", "--time-limit", "1", "--json")

    assert done.exit_code == 0, done.output
    read = json.loads(done.stdout)
    assert list(read) == ["day", "runs", "unassigned", "cost"]
    (run,) = read["runs"]
    assert list(run) == [
        "technician",
        "distance_m",
        "travel_s",
        "service_s",
        "waiting_s",
        "stops",
    ]
    assert list(run["stops"][0]) == ["order", "arrival", "start", "departure"]
    assert run["stops"][0]["start"].endswith("+00:00")
    assert read["unassigned"][0]["order"] == "ORD-000002"
    assert done.stderr == ""


@pytest.mark.parametrize("limit", ["inf", "nan", "1e300", "0", "86401"])
def test_a_search_has_an_end(sqlite_centre, limit):
    done = sqlite_centre.fsc("plan", "2026-11-24", "--time-limit", limit)

    assert done.exit_code == 2
    assert "Invalid value for '--time-limit'" in done.stderr


def test_the_command_lists_stops_and_what_is_left_out(sqlite_centre):
    centre = sqlite_centre
    centre.order("CIT-1", "DELIVER", model="OXI")
    centre.order("CIT-2", "TRAINING", consent=False)

    done = centre.fsc("plan", "tomorrow", "--time-limit", "1")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("2026-11-24: 1 visit planned on 1 run, 1 left out.\n")
    assert "\nLeft out:\nORD-000002: The citizen has not agreed" in done.stdout
    assert done.stderr == (
        "ORD-000001: no OXI is ready at HORSENS; the stop is planned without one.\n"
    )


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_who_stops_the_search_with_ctrl_c_gets_no_plan(sqlite_centre):
    centre = sqlite_centre
    centre.now = datetime.now(UTC)
    tomorrow = HOURS.calendar.next_working_day(HOURS.day_of(centre.now))
    for citizen in ("CIT-1", "CIT-2", "CIT-3", "CIT-4"):
        for service in ("TRAINING", "RE-TRAINING", "CALIBRATION", "MAINTENANCE"):
            centre.order(citizen, service)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "fsc_logistics", "--database", centre.url]
    quiet = {name: said for name, said in os.environ.items() if name[:4] != "FSC_"}

    with subprocess.Popen(
        [*command, "plan", str(tomorrow), "--time-limit", "60"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**quiet, "TERM": "xterm", "COLUMNS": "120"},
    ) as process:
        os.close(theirs)
        told = b""
        # It tells how many are left out when the search has a plan.
        while b"left out" not in told:
            told += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        told += _rest_of(ours)
        printed = process.communicate()[0]
    os.close(ours)

    assert (process.returncode, printed) == (130, b"")
    assert told.endswith(b"Stopped.\r\n")
    assert saved(centre) == 0


def _rest_of(terminal):
    told = b""
    try:
        while read := os.read(terminal, 4096):
            told += read
    except OSError:  # Linux says so when the other side has gone.
        pass
    return told
