"""The demonstration, built for real once, and looked at as a visitor would."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner

from fsc_logistics.cli.demo import MARKER, Demo
from fsc_logistics.cli.main import fsc as root
from fsc_logistics.core.demo import Made
from fsc_logistics.domain.errors import FscError

# Built once for all of them: by one worker, where several share the tests.
pytestmark = pytest.mark.xdist_group("demo")

MADE = Demo(
    folder="centre",
    centre=Made(
        municipalities=1,
        depots=1,
        technicians=1,
        citizens=1,
        devices=1,
        kits=1,
        orders=1,
    ),
    scans=1,
    events=1,
    day=date(2026, 11, 24),
    runs=1,
    visits=1,
    unassigned=0,
    mismatches=0,
    papers=("run-2026-11-24-ANNA.pdf",),
)


def fsc(*arguments: str, cwd: Path, expect: int = 0) -> str:
    outside = {k: v for k, v in os.environ.items() if not k.startswith("FSC_")}
    done = subprocess.run(
        [sys.executable, "-m", "fsc_logistics", *arguments],
        cwd=cwd,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, done.stderr
    return done.stdout if expect == 0 else done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a demonstration, and what it said it made."""
    folder = tmp_path_factory.mktemp("demo")
    made = json.loads(fsc("demo", "centre", "--time-limit", "1", "--json", cwd=folder))
    return folder / "centre", made


def test_it_is_as_large_as_a_region(built):
    _, made = built
    centre = made["centre"]

    assert centre["municipalities"] == 19
    assert centre["depots"] == 3
    assert centre["technicians"] == 8
    assert centre["kits"] >= 300
    assert centre["devices"] >= 1500
    assert made["visits"] >= 60
    assert made["mismatches"] == 0


def test_every_run_and_the_labels_are_printed(built):
    folder, made = built

    runs = [name for name in made["papers"] if name.startswith("run-")]
    assert len(runs) == made["runs"] == 8
    for name in made["papers"]:
        document = pypdfium2.PdfDocument(folder / name)
        assert len(document) >= 1
        document.close()


def test_a_label_is_read_back_by_a_decoder(built):
    folder, _ = built
    document = pypdfium2.PdfDocument(folder / "labels.pdf")
    page = document[0].render(scale=300 / 72).to_pil()
    document.close()

    codes = {symbol.text for symbol in zxingcpp.read_barcodes(page)}

    listed = json.loads(
        fsc("device", "list", "--at-location", "HORSENS-A1", "--json", cwd=folder)
    )
    assert codes
    assert codes <= {row["device"] for row in listed}


def test_every_visit_is_on_one_run_within_what_was_agreed(built):
    folder, made = built
    orders = {
        o["order"]: o for o in json.loads(fsc("order", "list", "--json", cwd=folder))
    }
    runs = json.loads(fsc("run", "list", "--json", cwd=folder))

    stops = []
    for run in runs:
        shown = json.loads(fsc("run", "show", run["run"], "--json", cwd=folder))
        stops += [stop for stop in shown["stops"] if stop["order"]]

    assert len({stop["order"] for stop in stops}) == len(stops) == made["visits"]
    for stop in stops:
        order = orders[stop["order"]]
        if order["agreed_from"]:
            assert order["agreed_from"] <= stop["start"] <= order["agreed_to"]


def test_the_morning_went_through_the_scanner_service(built):
    folder, made = built
    script = (folder / "morning.txt").read_text("utf-8").splitlines()
    scans = [line for line in script if line and not line.startswith("#")]

    status = json.loads(fsc("scanner", "status", "--json", cwd=folder))
    waiting = json.loads(fsc("scanner", "exceptions", "--json", cwd=folder))

    assert made["scans"] == len(scans)
    assert status["waiting_count"] == status["failed_count"] == 0
    assert [(row["kind"], row["payload"]) for row in waiting] == [
        ("unknown_code", "5701234567899"),
        ("missing_found", None),
    ]


def test_some_devices_are_set_apart_and_flagged(built):
    folder, _ = built

    listed = json.loads(fsc("condition", "list", "--json", cwd=folder))
    flagged = json.loads(fsc("flag", "list", "--json", cwd=folder))

    assert {row["condition"] for row in listed} == {
        "ready",
        "returned",
        "cleaning",
        "quarantine",
        "repair",
        "scrapped",
    }
    assert [row["flag"] for row in flagged] == ["recalled", "missing"]


def test_no_name_stands_outside_the_papers_of_technicians(built):
    folder, _ = built
    names = ["Lauridsen", "Mosebryggersen", "Berggren", "Testgrusgraven"]

    said = "".join(
        fsc(*command, cwd=folder)
        for command in (
            ["order", "list", "--json"],
            ["citizen", "list", "--json"],
            ["run", "list", "--json"],
            ["device", "list", "--csv"],
            ["scanner", "exceptions", "--resolved", "--json"],
        )
    ) + (folder / "scanner.log").read_text("utf-8")

    assert [name for name in names if name in said] == []


def test_it_spares_what_is_not_its_own(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")

    said = fsc("demo", "other", cwd=tmp_path, expect=4)

    assert said == (
        "Error: other is there and is no demonstration. Name another folder:"
        " fsc demo DIR\n"
    )
    assert (other / "thesis.txt").read_text() == "mine"


def test_run_again_it_starts_anew_in_the_folder_one_stands_in(tmp_path):
    (tmp_path / MARKER).touch()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "old.pdf").touch()
    (tmp_path / "link").symlink_to(tmp_path.parent)
    same = tmp_path.stat().st_ino

    made = json.loads(fsc("demo", ".", "--time-limit", "1", "--json", cwd=tmp_path))

    assert made["folder"] == str(tmp_path)
    assert tmp_path.stat().st_ino == same
    assert (tmp_path / MARKER).read_text() == "finished\n"
    assert {"papers", "link"}.isdisjoint(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(("on_path", "asked_for"), [(False, True), (True, False)])
def test_it_says_how_to_type_fsc_where_the_shell_does_not_find_it(
    tmp_path, monkeypatch, on_path, asked_for
):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "activate").touch()
    if on_path:
        (programs / "fsc").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("fsc_logistics.cli.demo._build", lambda *_: MADE)

    said = CliRunner().invoke(root, ["demo", str(tmp_path / "centre")]).output

    assert "  fsc who KIT-000001\n" in said
    assert (f"  . {programs / 'activate'}\n" in said) == asked_for


@pytest.mark.parametrize("was_there", [True, False])
def test_one_that_cannot_be_built_leaves_nothing(tmp_path, monkeypatch, was_there):
    def fail(*_, **__):
        raise FscError("No centre today.")

    monkeypatch.setattr("fsc_logistics.core.demo.fill", fail)
    folder = tmp_path / "centre"
    if was_there:
        folder.mkdir()

    done = CliRunner().invoke(root, ["demo", str(folder)])

    assert isinstance(done.exception, FscError)
    assert folder.exists() == was_there
    assert not was_there or list(folder.iterdir()) == []
