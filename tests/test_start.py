"""`fsc --help` and `fsc who` feel instant: they load what they need and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOADED = "print(*sys.modules, file=sys.stderr)"
NOTHING = f"import sys; {LOADED}"
FSC = f"""
import sys
from fsc_logistics.cli.main import main
try:
    main()
finally:
    {LOADED}
"""
OURS_OR_SMALL = {"fsc_logistics", "colorama", "cython_runtime"}
"""Ourselves; Windows' colours for click; what compiled modules leave behind."""


def loaded(*arguments, cwd):
    """Return what a process that ran `fsc` with these arguments had imported."""
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        check=False,
    )
    *said, modules = done.stderr.splitlines()
    return " ".join(said), set(modules.split())


def others(modules, cwd):
    """Return the libraries among `modules` that are not Python's and not ours."""
    # What the environment itself brings at every start is not the command's doing.
    _, always = loaded(NOTHING, cwd=cwd)
    found = {name.partition(".")[0] for name in modules - always}
    libraries = {name for name in found if not name.startswith("_")}
    return libraries - sys.stdlib_module_names - OURS_OR_SMALL


def test_help_loads_the_command_line_and_nothing_else(tmp_path):
    said, modules = loaded(FSC, "--help", cwd=tmp_path)

    assert said == ""
    assert others(modules, tmp_path) == {"click"}


def test_who_loads_the_database_library_and_nothing_else(sqlite_url, tmp_path):
    said, modules = loaded(FSC, "--database", sqlite_url, "who", "X", cwd=tmp_path)

    assert said == "Error: X is not a device of this centre. See: fsc device list"
    assert others(modules, tmp_path) - {"greenlet", "typing_extensions"} == {
        "click",
        "platformdirs",
        "sqlalchemy",
    }


@pytest.mark.parametrize("arguments", [["--help"], ["who", "X"]])
def test_neither_loads_the_commands_of_other_nouns(sqlite_url, tmp_path, arguments):
    _, modules = loaded(FSC, "--database", sqlite_url, *arguments, cwd=tmp_path)

    ours = {name for name in modules if name.startswith("fsc_logistics.cli.")}
    assert ours <= {
        f"fsc_logistics.cli.{name}"
        for name in ("main", "desk", "custody", "output", "params")
    }


def test_the_benchmark_of_the_start_measures_every_case():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "start.py", "--quick"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    machine, heads, *rows = done.stdout.splitlines()
    assert machine.endswith(" cores, 3 rounds")
    assert heads.split() == ["case", "median", "quartiles", "over", "python"]
    assert [row.split("  ")[0] for row in rows] == [
        "python -c pass",
        'python -c "import sqlalchemy"',
        'python -c "import sqlalchemy.orm"',
        "fsc --help",
        "fsc who OXI-001",
    ]
    assert rows[0].endswith(" 1.0 x")
