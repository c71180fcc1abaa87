"""How the search is compiled, and where the machine code is kept."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _folder() -> str:
    """Return where machine code of exactly these sources is kept.

    Numba looks at the file a function stands in and not at those of the functions it
    calls, so that a change in one of those would not be seen.  A folder for each state
    of all the sources settles it.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in sources))
    digest.update(f"{sys.version_info}{numba.__version__}".encode())
    name = f"fsc-routes-{digest.hexdigest()[:16]}"
    for base in (os.environ.get("NUMBA_CACHE_DIR"), _users_cache()):
        if base is None:
            continue
        folder = Path(base) / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return str(Path(tempfile.mkdtemp(prefix=f"{name}-")))


def _users_cache() -> str:
    home = Path.home()
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA") or str(home / "AppData" / "Local")
    if sys.platform == "darwin":
        return str(home / "Library" / "Caches")
    return os.environ.get("XDG_CACHE_HOME") or str(home / ".cache")


numba.config.CACHE_DIR = FOLDER = _folder()


def compiled(function: F) -> F:
    """Return `function` compiled as a part of what calls it; Python cannot call it.

    Arrays are not counted as they are passed: counting was more than half of the time.
    So nothing compiled may make an array; all are given.
    """
    return numba.njit(
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        _nrt=False,
    )(function)


def inlined(function: F) -> F:
    """Return `function` compiled into what calls it, in one place or very often.

    A solution is a hundred words to hand over; so much is copied at every call.
    """
    return numba.njit(
        nogil=True,
        error_model="numpy",
        forceinline=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        _nrt=False,
    )(function)


def entry(function: F) -> F:
    """Return `function` compiled for Python to call, once and then from the cache.

    It runs without Python's lock, so that threads search side by side.
    """
    return numba.njit(
        cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True, _nrt=False
    )(function)


def bound(template: Callable[..., Any], name: str, **rules: object) -> Any:
    """Return a copy of `template` with `rules` in place of the globals of those names.

    Not a closure: what a closure holds is part of its key in Numba's cache, and a
    compiled function has another key in every process, so it would never be found.
    """
    function = FunctionType(
        template.__code__,  # type: ignore[attr-defined]
        {**template.__globals__, **rules},  # type: ignore[attr-defined]
        name,
    )
    function.__qualname__ = name
    function.__module__ = template.__module__
    return function
