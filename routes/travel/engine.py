"""Where OSRM's programs are on this machine, and a road network made with them.

The package osrm-bindings brings them along (Python 3.12 and later); an OSRM that was
installed otherwise is found on the PATH.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

from routes.travel.source import NoTravel

NETWORK = "roads.osrm"
"""What the files of a network begin with, inside its folder."""
MANIFEST = "roads.json"
NO_ENGINE = (
    "There is no road engine on this machine. Install it: pip install"
    " 'fsc-logistics[roads]' (Python 3.12 or later), or put the programs of OSRM on the"
    " PATH."
)
ENDINGS = (".osm.pbf", ".osm.bz2", ".osm")
"""What osrm-extract reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What a folder of roads was made of."""

    source: str
    """The name of the file."""
    sha256: str
    profile: str


def network_in(folder: Path) -> Network:
    """Return what the network in `folder` was made of.

    Raises:
        NoTravel: there is none.
    """
    how = f"Make one: fsc route roads build FILE.osm.pbf -o {folder}"
    if not folder.is_dir():
        raise NoTravel(f"There is no folder {folder} with a road network. {how}")
    try:
        return Network(**json.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, TypeError):
        raise NoTravel(f"{folder} holds no road network. {how}") from None


def build_network(
    file: Path, folder: Path, *, say: Callable[[str], None] = lambda text: None
) -> Network:
    """Make a road network for cars out of an extract of OpenStreetMap.

    It is made beside `folder` and put there once it is whole, in place of what was
    there.  `say` is told each step before it begins.

    Raises:
        NoTravel: there is no engine, or it cannot make a network of `file`.
    """
    if not file.name.endswith(ENDINGS):
        raise NoTravel(
            f"{file} is no extract of OpenStreetMap; its name ends in .osm.pbf,"
            " .osm.bz2 or .osm."
        )
    profile = _profile()
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        with file.open("rb") as opened:
            digest = file_digest(opened, "sha256").hexdigest()
        if (
            folder.exists()
            and not (folder / MANIFEST).exists()
            and any(folder.iterdir())
        ):
            # What stands there is somebody's and no network: it is not thrown away.
            raise NoTravel(f"{folder} is not empty and holds no road network.")
        draft.mkdir(parents=True)
        base = draft / NETWORK
        say("Reading the roads")
        _run("extract", "-p", profile, "-o", base, file)
        say("Finding shortcuts")
        _run("contract", base)
        network = Network(source=file.name, sha256=digest, profile=profile.name)
        (draft / MANIFEST).write_text(json.dumps(asdict(network)), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        draft.replace(folder)
    except OSError as error:
        named = error.filename or folder
        raise NoTravel(f"{named}: {error.strerror}.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return network


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [*_command(program), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    wrong = [
        line.partition("[error]")[2].strip() for line in lines if "[error]" in line
    ]
    if done.returncode < 0:
        # Without a word of its own: nearly always the system, for want of memory.
        wrong = [f"signal {-done.returncode} ended it, often for want of memory"]
    lines = [line.removeprefix("what():").strip() for line in lines]
    said = (wrong or lines[-1:] or [f"exit code {done.returncode}"])[0].rstrip(".")
    raise NoTravel(f"osrm-{program} could not make the network: {said}.")


def _command(program: str) -> list[str]:
    if _package() is not None:
        # The package's own starter knows where its libraries are on every system.
        return [sys.executable, "-m", "osrm", program]
    found = shutil.which(f"osrm-{program}")
    if found is None:
        raise NoTravel(NO_ENGINE)
    return [found]


def _profile() -> Path:
    """Return the rules OSRM drives a car by, that came with its programs."""
    package = _package()
    if package is not None:
        roots = [package]
    else:
        roots = [Path(_command("extract")[0]).resolve().parents[1]]
    places = ("share/profiles", "share/osrm/profiles")
    for found in (root / place / "car.lua" for root in roots for place in places):
        if found.is_file():
            return found
    raise NoTravel(f"OSRM's car.lua is not where its programs are ({roots[0]}/share).")


def _package() -> Path | None:
    """Return the folder of the package osrm, or None where it is not installed."""
    spec = find_spec("osrm")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None
