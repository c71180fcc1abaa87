"""What pip takes along: everything the program needs, and nothing else."""

import configparser
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from fsc_logistics.core.database import REVISION

# Built once for all of them: by one worker, where several share the tests.
pytestmark = pytest.mark.xdist_group("packaging")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and an sdist, built from a clean copy of what git knows."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "-o", str(folder), "."],
        cwd=source,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return {name: archive.getinfo(name).file_size for name in archive.namelist()}


def test_every_module_is_in_the_wheel(wheel):
    for room in ("fsc_logistics", "routes", "scanner"):
        for path in (ROOT / room).rglob("*.py"):
            assert path.relative_to(ROOT).as_posix() in wheel


@pytest.mark.parametrize(
    "module", ["fsc_logistics/core/proof/_quick_look", "routes/kernel/_search"]
)
def test_what_is_compiled_is_in_the_wheel(wheel, module):
    found = [name for name in wheel if name.startswith(f"{module}.")]

    assert [name.rsplit(".", 1)[1] in ("so", "pyd") for name in found] == [True]


def test_migrations_travel_inside_the_package(wheel):
    for path in (ROOT / "migrations").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        assert f"fsc_logistics/{name}" in wheel
    assert "fsc_logistics/migrations/script.py.mako" in wheel


def test_templates_fonts_words_and_facts_are_in_the_wheel(wheel):
    for folder in ("fsc_logistics/templates", "fsc_logistics/data"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in wheel


def test_nothing_else_is_in_the_wheel(wheel):
    tops = {name.split("/")[0] for name in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "fsc_logistics",
        "routes",
        "scanner",
    }


def test_the_types_are_told(wheel):
    for room in ("fsc_logistics", "routes", "scanner"):
        assert f"{room}/py.typed" in wheel


def test_the_sdist_builds_on_its_own(built, tmp_path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(tmp_path.iterdir())

    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", "out", "."],
        cwd=source,
        check=True,
        capture_output=True,
    )

    assert list((source / "out").glob("*.whl"))


def test_the_installed_wheel_makes_a_database(built, tmp_path):
    target = tmp_path / "site"
    wheel_file = str(next(built.glob("*.whl")))
    install = ["install", "--no-deps", "--quiet", "--no-index", "--target"]
    subprocess.run(
        [sys.executable, "-m", "pip", *install, str(target), wheel_file],
        check=True,
        capture_output=True,
    )

    done = subprocess.run(
        [sys.executable, "-m", "fsc_logistics", "--database", "x.db", "db", "upgrade"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(target), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout == f"The database is now at revision {REVISION}.\n"


def test_every_dependency_has_a_tested_version():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    wanted = setup["options"]["install_requires"].split("\n")
    wanted += setup["options.extras_require"]["test"].split("\n")
    names = {
        line.split(">")[0].split("[")[0].strip().lower() for line in wanted if line
    }
    pinned = {
        line.split("==")[0].lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }

    assert names - pinned == set()
