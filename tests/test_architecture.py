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
    checkers = set((ROOT / "routes").glob("check*.py"))
    doors = {"routes.problem", "routes.plan", "routes.violation"}
    doors |= {f"routes.{path.stem}" for path in checkers}

    outside = {
        f"{path.stem}: {name}"
        for path in checkers
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(inside(name, door) for door in doors)
    }

    assert len(checkers) > 1
    assert outside == set()


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
