"""A road network of one's own; with the real engine where this Python has it."""

import json
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from routes.travel import NoTravel, Point, great_circle_m, matrix_of
from routes.travel import engine as engine_room
from routes.travel.embedded import Roads
from routes.travel.engine import ENDINGS, NO_ENGINE, build_network, network_in
from routes.travel.osrm import Osrm
from routes.travel.service import Service

SIDE = 8
STEP = 0.01
needs_engine = pytest.mark.skipif(
    find_spec("osrm") is None,
    reason="the extra roads (osrm-bindings) has wheels for Python 3.12 and later only",
)


def corner(row, column):
    return Point(round(55.8 + row * STEP, 6), round(9.8 + column * STEP, 6))


ISLAND = (Point(55.75, 9.8), Point(55.751, 9.803))


def osm():
    """Return a town of straight streets, and a road on an island, as OpenStreetMap."""
    corners = [(row, column) for row in range(SIDE) for column in range(SIDE)]
    points = [*(corner(*one) for one in corners), *ISLAND]
    lines = ['<?xml version="1.0"?>', '<osm version="0.6">']
    lines += [
        f'<node id="{n}" lat="{point.lat}" lon="{point.lon}" version="1"/>'
        for n, point in enumerate(points, start=1)
    ]
    rows = [[r * SIDE + c + 1 for c in range(SIDE)] for r in range(SIDE)]
    streets = [*rows, *map(list, zip(*rows, strict=True))]
    streets.append([len(points) - 1, len(points)])
    for number, street in enumerate(streets, start=1):
        refs = "".join(f'<nd ref="{ref}"/>' for ref in street)
        tag = '<tag k="highway" v="residential"/>'
        lines.append(f'<way id="{number}" version="1">{refs}{tag}</way>')
    return "\n".join([*lines, "</osm>"])


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(osm())
    return path


@pytest.fixture
def roads(town, tmp_path):
    build_network(town, tmp_path / "town.roads")
    return Roads(tmp_path / "town.roads")


@needs_engine
def test_a_network_is_made_of_an_extract_and_driven(roads):
    away = corner(3, 4)

    matrix = matrix_of([corner(0, 0), away, corner(0, 0)], roads)

    by_streets = great_circle_m(corner(0, 0), corner(3, 0)) + great_circle_m(
        corner(3, 0), away
    )
    assert matrix.distance_m[0][1] == pytest.approx(by_streets, rel=0.01)
    assert matrix.travel_s[0][1] > by_streets / 30
    assert matrix.travel_s[0][2] == 0


@needs_engine
def test_the_way_is_drawn_by_its_streets(roads):
    way = roads.line([corner(0, 0), corner(3, 4), corner(3, 4)])

    assert way[0] == corner(0, 0)
    assert way[-1] == corner(3, 4)
    corners = {corner(row, column) for row in range(SIDE) for column in range(SIDE)}
    assert set(way) <= corners
    assert len(set(way)) == 8


@needs_engine
def test_a_place_on_an_island_is_named(roads):
    points = [corner(0, 0), corner(5, 5), ISLAND[0]]

    with pytest.raises(NoTravel) as failed:
        matrix_of(points, roads, names=["depot", "jobs[0]", "jobs[1]"])

    assert str(failed.value) == f"{roads.name} knows no road to or from jobs[1]."


@needs_engine
def test_a_way_that_is_none_is_told(roads):
    with pytest.raises(NoTravel) as failed:
        roads.line([corner(0, 0), ISLAND[0]])

    assert str(failed.value) == (
        f"{roads.name} found no road: Impossible route between points."
    )


@needs_engine
def test_a_place_in_another_country_is_named(roads):
    with pytest.raises(NoTravel) as failed:
        matrix_of([corner(0, 0), Point(47.1, 9.5)], roads, names=["depot", "jobs[0]"])

    assert str(failed.value) == (
        f"jobs[0] is 963 km from every road that {roads.name} knows."
    )


@needs_engine
def test_the_server_of_the_same_network_answers_the_same(roads):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not by `python -m osrm`, which would end and leave the server running.
    spec = find_spec("osrm")
    routed = Path(spec.submodule_search_locations[0], "bin", "osrm-routed")
    server = subprocess.Popen(
        [
            *(routed, "-i", "127.0.0.1", "-p", str(port), "--max-table-size", "20"),
            roads.folder / "roads.osrm",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    points = [corner(r, c) for r in range(SIDE) for c in range(SIDE)]
    osrm = Osrm(Service(kind="OSRM", url=f"http://127.0.0.1:{port}", timeout_s=10))
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)

        assert matrix_of(points, osrm) == matrix_of(points, roads)
        assert osrm.line(points[::9]) == roads.line(points[::9])
    finally:
        server.terminate()
        server.wait()


@needs_engine
def test_a_new_network_replaces_the_old_one_once_it_is_whole(roads, town, tmp_path):
    before = roads.network
    town.write_text(osm().replace("residential", "motorway"))

    build_network(town, roads.folder)

    assert network_in(roads.folder).sha256 != before.sha256
    assert sorted(one.name for one in tmp_path.iterdir()) == ["town.osm", "town.roads"]


@needs_engine
def test_what_is_no_extract_leaves_the_old_network(roads, tmp_path):
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"\x00\x00\x00\x0dno protobuf at all")

    with pytest.raises(NoTravel) as failed:
        build_network(bad, roads.folder)

    assert str(failed.value).startswith("osrm-extract could not make the network: ")
    assert network_in(roads.folder) == roads.network


@needs_engine
def test_a_network_with_a_file_missing_is_told(roads):
    (roads.folder / "roads.osrm.hsgr").unlink()

    with pytest.raises(NoTravel) as failed:
        Roads(roads.folder)

    assert str(failed.value).startswith(f"The road network in {roads.folder} cannot be")


def test_without_an_engine_it_is_told_where_to_get_one(town, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_room, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoTravel) as failed:
        build_network(town, tmp_path / "roads")

    assert str(failed.value) == NO_ENGINE
    assert not (tmp_path / "roads").exists()


def test_a_python_without_the_engine_is_told_of_the_server(tmp_path, monkeypatch):
    manifest = {"source": "x.osm.pbf", "sha256": "0", "profile": "car.lua"}
    (tmp_path / "roads.json").write_text(json.dumps(manifest))
    monkeypatch.setitem(sys.modules, "osrm", None)

    with pytest.raises(NoTravel) as failed:
        Roads(tmp_path)

    assert str(failed.value) == (
        "The road engine is not in this Python. Install it: pip install"
        " 'fsc-logistics[roads]' (Python 3.12 or later), or let osrm-routed serve"
        f" {tmp_path}/roads.osrm and ask it by osrm:URL."
    )


def programs(folder, extract, contract="exit 0"):
    """Put programs of OSRM into `folder`/bin that are a line of shell each."""
    (folder / "share" / "osrm" / "profiles").mkdir(parents=True)
    (folder / "share" / "osrm" / "profiles" / "car.lua").write_text("")
    (folder / "bin").mkdir()
    for name, line in (("extract", extract), ("contract", contract)):
        path = folder / "bin" / f"osrm-{name}"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    return folder / "bin"


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")
@pytest.mark.parametrize(
    ("extract", "sentence"),
    [
        (
            "echo '[x] [info] reading'; echo '[x] [error] no space left'; exit 1",
            "osrm-extract could not make the network: no space left.",
        ),
        ("exit 3", "osrm-extract could not make the network: exit code 3."),
        (
            "kill -9 $$",
            "osrm-extract could not make the network: signal 9 ended it, often for"
            " want of memory.",
        ),
    ],
)
def test_programs_on_the_path_are_used_and_their_failure_told(
    town, tmp_path, monkeypatch, extract, sentence
):
    monkeypatch.setattr(engine_room, "find_spec", lambda name: None)
    bin_ = programs(tmp_path / "osrm", extract)
    monkeypatch.setenv("PATH", f"{bin_}:/bin:/usr/bin")

    with pytest.raises(NoTravel) as failed:
        build_network(town, tmp_path / "roads")

    assert str(failed.value) == sentence
    assert sorted(one.name for one in tmp_path.iterdir()) == ["osrm", "town.osm"]


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")
def test_programs_on_the_path_are_told_what_to_read_and_where_to_write(
    town, tmp_path, monkeypatch
):
    monkeypatch.setattr(engine_room, "find_spec", lambda name: None)
    bin_ = programs(tmp_path / "osrm", 'echo "$@" > "$4.told"')
    monkeypatch.setenv("PATH", f"{bin_}:/bin:/usr/bin")
    steps = []

    network = build_network(town, tmp_path / "roads", say=steps.append)

    told = (tmp_path / "roads" / "roads.osrm.told").read_text().split()
    assert (told[0], told[1].rpartition("/")[2]) == ("-p", "car.lua")
    assert told[4] == str(town)
    assert network_in(tmp_path / "roads") == network
    assert steps == ["Reading the roads", "Finding shortcuts"]


def test_a_folder_with_other_things_in_it_is_left_alone(town, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_room, "_profile", lambda: tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")

    with pytest.raises(NoTravel) as failed:
        build_network(town, tmp_path / "mine")

    assert str(failed.value) == (
        f"{tmp_path / 'mine'} is not empty and holds no road network."
    )
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_file_by_another_name_is_no_extract(tmp_path):
    with pytest.raises(NoTravel) as failed:
        build_network(tmp_path / "denmark.zip", tmp_path / "roads")

    assert str(failed.value) == (
        f"{tmp_path / 'denmark.zip'} is no extract of OpenStreetMap; its name ends in"
        f" {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}."
    )


def test_a_folder_without_a_network_is_told(tmp_path):
    for folder, what in (
        (
            tmp_path / "gone",
            f"There is no folder {tmp_path / 'gone'} with a road network",
        ),
        (tmp_path, f"{tmp_path} holds no road network"),
    ):
        with pytest.raises(NoTravel) as failed:
            Roads(folder)

        assert str(failed.value) == (
            f"{what}. Make one: fsc route roads build FILE.osm.pbf -o {folder}"
        )
