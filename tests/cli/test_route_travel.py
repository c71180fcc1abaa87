"""How long it takes to drive, asked for on the command line; plans drawn on a map."""

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from answering import answering
from click.testing import CliRunner

from fsc_logistics.cli.main import fsc
from fsc_logistics.domain.errors import BadInput, TryLater

DEPOT, NORTH, EAST = [9.85, 55.86], [9.85, 55.90], [9.95, 55.86]
PROBLEM = {
    "vehicles": [{"id": "anna", "start": DEPOT, "end": DEPOT}],
    "jobs": [
        {"id": 1, "location": NORTH, "service": 60, "description": "Nancy Berggren"},
        {"id": 2, "location": EAST},
        {"id": 3, "location": EAST, "skills": [9]},
    ],
}
INDEXED = {
    "vehicles": [{"id": 1, "start_index": 0}],
    "jobs": [{"id": 1, "location_index": 1}],
    "matrices": {"car": {"durations": [[0, 10], [10, 0]]}},
}
INSTEAD = "To plan without it, use the built-in estimate: --travel estimate"


def run(*arguments):
    """Run a command; what it raises is raised here."""
    return CliRunner().invoke(
        fsc, ["route", *map(str, arguments)], catch_exceptions=False
    )


@pytest.fixture
def service():
    with answering() as server:
        yield server


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "problem.json").write_text(json.dumps(PROBLEM), encoding="utf-8")
    (tmp_path / "indexed.json").write_text(json.dumps(INDEXED), encoding="utf-8")
    return tmp_path


@pytest.fixture
def plan(folder):
    run("solve", "problem.json", "-o", "plan.json", "--time-limit", "1")
    return folder / "plan.json"


def solved(*arguments):
    done = run("solve", "problem.json", "--time-limit", "1", *arguments)
    return json.loads(done.stdout)["summary"]


def test_a_plan_is_driven_as_the_service_says(folder, service):
    by_roads = solved("--travel", f"osrm:{service.url}")
    also = solved("--travel", f"valhalla:{service.url}")

    assert by_roads["distance"] == also["distance"]
    assert by_roads["duration"] == pytest.approx(by_roads["distance"] / 10, abs=3)
    assert solved()["distance"] == pytest.approx(by_roads["distance"] * 1.3, abs=3)


def test_a_plan_is_checked_by_the_times_it_was_made_with(folder, service):
    by_roads = ("--travel", f"osrm:{service.url}")
    run("solve", "problem.json", "-o", "plan.json", "--time-limit", "1", *by_roads)

    right = run("check", "problem.json", "plan.json", *by_roads)

    assert right.exit_code == 0
    with pytest.raises(Exception, match=r"plan\.json breaks the rules"):
        run("check", "problem.json", "plan.json")


def test_the_settings_say_it_where_the_option_does_not(folder, service):
    (folder / "fsc.toml").write_text(
        f'[planning]\ntravel = "osrm:{service.url}"\ntravel_cache = "matrices"\n'
    )

    first = solved()
    again = solved()

    assert len(service.questions) == 1
    assert first == again
    assert len(list((folder / "matrices").iterdir())) == 1
    assert solved("--travel", "estimate")["distance"] > first["distance"]


def test_a_service_that_is_away_is_told_with_the_way_round_it(folder, service):
    service.misbehave = lambda handler: handler.answer(503, {})

    with pytest.raises(TryLater) as refused:
        solved("--travel", f"osrm:{service.url}")

    assert str(refused.value) == (
        f"OSRM at {service.url} answered 503 Service Unavailable. {INSTEAD}"
    )


def test_a_place_no_road_leads_to_is_named_as_in_the_file(folder, service):
    jobs = [*PROBLEM["jobs"], {"id": 17, "location": [1, 1]}]
    (folder / "problem.json").write_text(json.dumps({**PROBLEM, "jobs": jobs}))

    with pytest.raises(BadInput) as refused:
        solved("--travel", f"osrm:{service.url}")

    assert str(refused.value) == (
        f"OSRM at {service.url} knows no road to or from jobs[3] (id 17). {INSTEAD}"
    )


def test_it_is_one_line_and_an_exit_code(folder):
    command = [sys.executable, "-m", "fsc_logistics", "route", "solve", "problem.json"]
    done = subprocess.run(
        [*command, "--travel", "osrm:http://127.0.0.1:1"],
        cwd=folder,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr == (
        "Error: OSRM at http://127.0.0.1:1 cannot be reached (Connection refused)."
        f" {INSTEAD}\n"
    )


@pytest.mark.parametrize(
    ("travel", "sentence"),
    [
        (
            "nowhere.json",
            "There is no file 'nowhere.json'."
            " Use estimate, FILE, osrm:URL, valhalla:URL or roads:FOLDER.",
        ),
        (
            "roads:nowhere",
            "There is no folder nowhere with a road network. Make one: fsc route roads"
            f" build FILE.osm.pbf -o nowhere {INSTEAD}",
        ),
    ],
)
def test_what_cannot_be_opened_is_told(folder, travel, sentence):
    with pytest.raises(BadInput) as refused:
        solved("--travel", travel)

    assert str(refused.value) == sentence


def test_a_file_with_times_of_its_own_takes_no_others(folder, service):
    with pytest.raises(BadInput) as refused:
        run("solve", "indexed.json", "--travel", f"osrm:{service.url}")

    assert str(refused.value) == (
        "indexed.json brings its own matrices: leave --travel out, or take `matrices`"
        " out of the file."
    )


def test_a_matrix_is_asked_once_and_planned_with_from_then_on(folder, service):
    by_roads = solved("--travel", f"osrm:{service.url}")
    run("matrix", "problem.json", "-o", "m.json", "--travel", f"osrm:{service.url}")
    asked = len(service.questions)

    from_file = solved("--travel", "m.json")

    assert from_file == by_roads
    assert len(service.questions) == asked
    assert json.loads(run("matrix", "problem.json", "--travel", "m.json").stdout) == (
        json.loads((folder / "m.json").read_text())
    )


def test_there_is_no_matrix_to_ask_for_where_the_file_brings_one(folder):
    with pytest.raises(BadInput) as refused:
        run("matrix", "indexed.json")

    assert str(refused.value) == "indexed.json brings its own matrices."


def test_there_is_no_matrix_where_nobody_drives(folder):
    home = {"id": 1, "location": [9.9, 55.9]}
    empty = json.dumps({"vehicles": [], "jobs": [home]})
    (folder / "nobody.json").write_text(empty)

    with pytest.raises(BadInput) as refused:
        run("matrix", "nobody.json")

    assert str(refused.value) == "nobody.json has no vehicles: nobody drives anywhere."


def features(content):
    return [
        (one["geometry"]["type"], one["geometry"]["coordinates"], one["properties"])
        for one in json.loads(content)["features"]
    ]


def test_a_plan_is_drawn_with_straight_lines_where_no_road_is_known(plan):
    drawn = features(run("export", "problem.json", plan).stdout)

    (kind, line, said), *stops, left = drawn
    assert (kind, line[0], line[-1]) == ("LineString", DEPOT, DEPOT)
    assert sorted(line[1:-1]) == [NORTH, EAST]
    assert said["vehicle"] == "anna"
    assert [one[2]["type"] for one in stops] == ["start", "job", "job", "end"]
    assert {tuple(one[1]) for one in stops} == {*map(tuple, (DEPOT, NORTH, EAST))}
    assert left == ("Point", EAST, {"type": "unassigned", "id": 3})


def test_a_map_names_nobody(plan):
    assert "Nancy" not in run("export", "problem.json", plan).stdout


def test_a_plan_is_drawn_with_roads_where_a_service_knows_them(folder, service):
    by_roads = ("--travel", f"valhalla:{service.url}")
    run("solve", "problem.json", "-o", "plan.json", "--time-limit", "1", *by_roads)

    run("export", "problem.json", "plan.json", "-o", "plan.geojson", *by_roads)

    text = (folder / "plan.geojson").read_text(encoding="utf-8")
    [(_, line, _)] = [one for one in features(text) if one[0] == "LineString"]
    # Whichever way round it is driven, roads turn where straight lines do not.
    corners = ([EAST[0], NORTH[1]], [NORTH[0], EAST[1]], [EAST[0], DEPOT[1]])
    assert any(corner in line for corner in corners)


def test_a_plan_with_times_of_its_own_is_drawn_with_roads_too(folder, service):
    located = json.loads(json.dumps(INDEXED))
    located["vehicles"][0]["start"] = DEPOT
    located["jobs"][0]["location"] = NORTH
    (folder / "indexed.json").write_text(json.dumps(located))
    run("solve", "indexed.json", "-o", "plan.json", "--time-limit", "1")

    done = run("export", "indexed.json", "plan.json", "--travel", f"osrm:{service.url}")

    assert features(done.stdout)[0][1] == [DEPOT, DEPOT, NORTH]


def test_a_stop_without_coordinates_cannot_be_drawn(folder):
    run("solve", "indexed.json", "-o", "plan.json", "--time-limit", "1")

    with pytest.raises(BadInput) as refused:
        run("export", "indexed.json", "plan.json")

    assert str(refused.value) == (
        "indexed.json: the start of vehicle 1 has no location."
    )


def test_a_service_that_fails_at_drawing_is_told(folder, service):
    located = json.loads(json.dumps(INDEXED))
    located["vehicles"][0]["start"] = DEPOT
    located["jobs"][0]["location"] = NORTH
    (folder / "indexed.json").write_text(json.dumps(located))
    run("solve", "indexed.json", "-o", "plan.json", "--time-limit", "1")
    told = {"code": "NoRoute", "message": "Impossible route."}
    service.misbehave = lambda handler: handler.answer(400, told)

    with pytest.raises(BadInput) as refused:
        run("export", "indexed.json", "plan.json", "--travel", f"osrm:{service.url}")

    assert str(refused.value) == (
        f"OSRM at {service.url} found no road: Impossible route. {INSTEAD}"
    )


def test_a_navigator_gets_waypoints_first_and_then_tracks(plan, folder):
    run("export", "problem.json", plan, "-o", "plan.gpx")

    root = ElementTree.parse(folder / "plan.gpx").getroot()  # noqa: S314 - our own
    space = "{http://www.topografix.com/GPX/1/1}"
    assert [one.tag for one in root] == [f"{space}wpt"] * 4 + [f"{space}trk"]
    assert root[0].attrib == {"lat": "55.860000", "lon": "9.850000"}
    assert [one.findtext(f"{space}name") for one in root][0::4] == [
        "anna 0: start",
        "anna",
    ]
    assert len(list(root.iter(f"{space}trkpt"))) == 4


def test_signs_that_xml_cannot_hold_do_not_spoil_the_file(folder):
    vehicle = {"id": "anna\x00&<ø>", "start": DEPOT}
    (folder / "problem.json").write_text(json.dumps({**PROBLEM, "vehicles": [vehicle]}))
    run("solve", "problem.json", "-o", "plan.json", "--time-limit", "1")

    run("export", "problem.json", "plan.json", "-o", "plan.gpx")

    root = ElementTree.parse(folder / "plan.gpx").getroot()  # noqa: S314 - our own
    assert root[-1][0].text == "anna\ufffd&<ø>"


def test_a_map_of_another_kind_is_refused(plan, folder):
    with pytest.raises(BadInput) as refused:
        run("export", "problem.json", plan, "-o", "plan.kml")

    assert str(refused.value) == (
        "plan.kml is not a map that can be written; let its name end in .geojson or"
        " .gpx."
    )


def test_roads_that_cannot_be_built_are_told(folder, monkeypatch):
    (folder / "town.osm.pbf").write_bytes(b"")
    monkeypatch.setattr("routes.travel.engine.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(folder))

    with pytest.raises(BadInput) as refused:
        run("roads", "build", "town.osm.pbf")

    assert str(refused.value) == (
        "There is no road engine on this machine. Install it: pip install"
        " 'fsc-logistics[roads]' (Python 3.12 or later), or put the programs of OSRM on"
        " the PATH."
    )


def test_roads_are_built_beside_the_file_and_named(folder, monkeypatch):
    (folder / "share" / "profiles").mkdir(parents=True)
    (folder / "share" / "profiles" / "car.lua").write_text("")
    (folder / "bin").mkdir()
    for name in ("extract", "contract"):
        (folder / "bin" / f"osrm-{name}").write_text("#!/bin/sh\n")
        (folder / "bin" / f"osrm-{name}").chmod(0o755)
    monkeypatch.setattr("routes.travel.engine.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/bin:/usr/bin")
    (folder / "town.osm.pbf").write_bytes(b"")

    done = run("roads", "build", "town.osm.pbf")
    again = run("roads", "build", "town.osm.pbf", "-o", "town.roads", "--json")

    assert done.stdout == (
        "The roads of town.osm.pbf are in town.roads.\n"
        "Plan with them: --travel roads:town.roads\n"
    )
    assert json.loads(again.stdout) == {
        "folder": "town.roads",
        "source": "town.osm.pbf",
    }
    assert (folder / "town.roads" / "roads.json").is_file()


def test_the_estimate_is_held_against_the_roads(folder, service):
    done = run(
        "roads", "compare", "problem.json", "--travel", f"osrm:{service.url}", "--json"
    )

    rows = json.loads(done.stdout)
    assert [(row["from_m"], row["to_m"], row["pairs"]) for row in rows] == [
        (3000, 10000, 6),
        (300, 100000, 6),
    ]
    assert rows[-1]["road_factor"] == pytest.approx(1.0, abs=0.001)
    # 10 m a second there; the estimate drives 1.3 as far, and slower at first.
    assert 0.5 < rows[-1]["time_factor"] < 1


def test_the_estimate_is_not_held_against_itself(folder):
    with pytest.raises(BadInput) as refused:
        run("roads", "compare", "problem.json")

    assert str(refused.value) == (
        "The estimate cannot be held against itself. Name somebody who knows the roads:"
        " --travel roads:FOLDER"
    )


def test_places_at_one_spot_say_nothing_of_roads(folder, service):
    here = {"vehicles": [{"id": 1, "start": DEPOT}], "jobs": []}
    (folder / "here.json").write_text(json.dumps(here))

    with pytest.raises(BadInput) as refused:
        run("roads", "compare", "here.json", "--travel", f"osrm:{service.url}")

    assert str(refused.value) == (
        "here.json: No two places are 300 m from each other: there is no drive."
    )
