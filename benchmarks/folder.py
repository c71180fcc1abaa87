"""Where a benchmark makes its files."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder(wanted: Path | None) -> Iterator[Path]:
    """Give a folder that is gone afterwards, or the one that is wanted, which stays."""
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted
        return
    made = Path(tempfile.mkdtemp(prefix="fsc-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
