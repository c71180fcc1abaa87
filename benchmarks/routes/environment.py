"""The environment the peers live in, apart from ours.

    python -m benchmarks.routes.environment [--dir .peers]

OR-Tools is in both: what the peer "plain OR-Tools" runs with is pinned here, and does
not change when ours does.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).with_name("peers.txt")
FOLDER = ROOT / ".peers"
_STAMP = "peers.txt"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the environment, if it is not there as pinned, and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes.environment")
    parser.add_argument("--dir", type=Path, default=FOLDER)
    folder = parser.parse_args(arguments).dir
    make(folder)
    print(*versions(), sep="\n")


def make(folder: Path) -> None:
    """Install what is pinned into `folder`, unless it is there already."""
    if is_made(folder):
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    quietly = ("--quiet", "--disable-pip-version-check")
    subprocess.run(
        [python_in(folder), "-m", "pip", "install", *quietly, "-r", PINNED], check=True
    )
    # Last, so that an environment broken off halfway is made anew.
    (folder / _STAMP).write_text(PINNED.read_text("utf-8"), "utf-8")


def is_made(folder: Path) -> bool:
    """Return whether `folder` holds what is pinned, as it is pinned now."""
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text("utf-8") == PINNED.read_text("utf-8")


def python_in(folder: Path) -> Path:
    """Return the Python of an environment."""
    return folder / "bin" / "python"


def versions() -> list[str]:
    """Return what is pinned, one `name==version` each."""
    lines = PINNED.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    main()
