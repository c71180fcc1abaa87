"""The doors between the rooms, as ARCHITECTURE.md has them."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "fsc_logistics.domain": ROOT / "fsc_logistics" / "domain",
    "fsc_logistics.core": ROOT / "fsc_logistics" / "core",
    "fsc_logistics.cli": ROOT / "fsc_logistics" / "cli",
    "fsc_logistics.data": ROOT / "fsc_logistics" / "data",
    "fsc_logistics.templates": ROOT / "fsc_logistics" / "templates",
    "routes": ROOT / "routes",
    "scanner": ROOT / "scanner",
    "migrations": ROOT / "migrations",
}
DOORS: dict[str, set[str]] = {
    "fsc_logistics.domain": {
        "fsc_logistics.domain",
        "biip",
        "epcpy",
        "holidays",
        "phonenumbers",
    },
    "fsc_logistics.core": {
        "fsc_logistics.domain",
        "fsc_logistics.core",
        "fsc_logistics.data",
        "fsc_logistics.templates",
        "routes",
        "scanner.scan",
        "sqlalchemy",
        "alembic",
        "barcode",
        "biip",
        "cryptography",
        "epcpy",
        "holidays",
        "phonenumbers",
        "platformdirs",
        "psycopg",
        "typst",
        "zxingcpp",
    },
    "fsc_logistics.cli": {
        "fsc_logistics.domain",
        "fsc_logistics.core",
        "fsc_logistics.cli",
        "routes",
        "scanner",
        "click",
        "rich",
        "textual",
    },
    "fsc_logistics.data": set(),
    "fsc_logistics.templates": set(),
    "routes": {"routes", "ortools", "numpy", "osrm"},
    "scanner": {
        "scanner",
        "evdev",
        "miniaudio",
        "prometheus_client",
        "pyllrp",
        "serial",
    },
    "migrations": {"alembic", "sqlalchemy"},
}
FRONT_DOORS = {
    "ortools": ("routes/",),
    "osrm": ("routes/travel/embedded.py",),
    "serial": ("scanner/port.py", "scanner/fitting/plugged.py"),
    "evdev": ("scanner/wedge.py",),
    "pyllrp": ("scanner/protocols/llrp_requests.py",),
    "miniaudio": ("scanner/sound/speaker.py",),
    "prometheus_client": ("scanner/telling/metrics.py",),
    "alembic": ("fsc_logistics/core/database.py", "migrations/"),
    "click": ("fsc_logistics/cli/",),
    "typst": ("fsc_logistics/core/printing/",),
}
# Of the solver, from the bottom.  What stands in one line may import each other.
LAYERS = [
    {"amounts", "ground", "plan", "problem", "rules", "technician", "visit", "windows"},
    {"check", "checking"},
    {"timetable"},
    {"formats", "kernel", "search", "travel"},
    {"drafting"},
    {"reasons"},
    {"solve"},
    {"relaxing"},
    {"changes"},
]
FILES = [
    (room, path) for room, folder in ROOMS.items() for path in folder.rglob("*.py")
]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files_of(layer: str) -> list[Path]:
    room = ROOT / "routes" / layer
    return sorted(room.rglob("*.py")) if room.is_dir() else [room.with_suffix(".py")]


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(
    ("room", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES]
)
def test_a_room_imports_only_through_its_doors(room, path):
    outside = {
        name
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(inside(name, door) for door in DOORS[room])
    }

    assert outside == set()


@pytest.mark.parametrize("library", FRONT_DOORS)
def test_a_library_has_one_front_door(library):
    users = {
        path.relative_to(ROOT).as_posix()
        for _, path in FILES
        if any(inside(name, library) for name in imported(path))
    }

    assert users, f"nothing imports {library}"
    assert {u for u in users if not u.startswith(FRONT_DOORS[library])} == set()


def test_the_checker_of_plans_shares_no_code_with_the_search():
    checkers = set((ROOT / "routes" / "checking").glob("*.py"))
    checkers.add(ROOT / "routes" / "check.py")
    doors = {"routes.problem", "routes.plan", "routes.checking"}

    outside = {
        f"{path.stem}: {name}"
        for path in checkers
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(inside(name, door) for door in doors)
    }

    assert len(checkers) > 1
    assert outside == set()


@pytest.mark.parametrize("index", range(len(LAYERS)))
def test_a_layer_of_the_solver_only_looks_down(index):
    above = {name for layer in LAYERS[index + 1 :] for name in layer}
    below = {
        (path.relative_to(ROOT).as_posix(), name)
        for layer in sorted(LAYERS[index])
        for path in files_of(layer)
        for name in imported(path)
        if any(inside(name, f"routes.{upper}") for upper in above)
    }

    assert below == set()


def test_every_module_of_the_solver_is_in_a_layer():
    rooms = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "routes").iterdir()
        if path.name not in {"__init__.py", "__pycache__", "py.typed"}
    }

    assert rooms == {name for layer in LAYERS for name in layer}


def test_no_module_is_a_pile():
    forbidden = {"utils", "helpers", "common", "services", "managers", "models"}

    assert {path for _, path in FILES if path.stem in forbidden} == set()


def test_domain_asks_no_clock():
    calls = {
        f"{path.name}: {node.attr}"
        for room, path in FILES
        if room == "fsc_logistics.domain"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"date", "datetime"}
    }

    assert calls == set()
