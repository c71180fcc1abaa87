"""Matrices that were asked before, so that they need not be asked again.

One visit more in a day asks for its own legs only.  Nothing is kept unless somebody
names a folder, because where citizens live can be worked out from enough of it: points
are kept as hashes of themselves, which hides them from a glance and not from somebody
who hashes every address of the country, and distances to known places give a home away
without any point.  So the files are for their owner's eyes (mode 0600) and are thrown
away after a week.
"""

import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from routes.ground import Point
from routes.travel.source import Legs, Numbers, Source

KEPT_S = 7 * 24 * 3600
"""Roads and speeds change, and people have a right to be forgotten."""
ENTRIES_MAX = 16
DECIMALS = 5
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """Legs between points, by their hashes."""

    keys: tuple[bytes, ...]
    travel_s: Numbers
    distance_m: Numbers
    off_m: Numbers

    def between(self, keys: Sequence[bytes]) -> Legs:
        number = {key: n for n, key in enumerate(self.keys)}
        which = [number[key] for key in keys]
        pairs = np.ix_(which, which)
        off_m = self.off_m[which]
        return Legs(
            travel_s=self.travel_s[pairs],
            distance_m=self.distance_m[pairs],
            starts_off_m=off_m,
            ends_off_m=off_m,
        )


@dataclass(frozen=True, slots=True)
class Remembered:
    """`source`, asked only for what is not in `folder`.

    A folder that cannot be written is told in the log, once a matrix, and the matrix is
    made all the same.
    """

    source: Source
    folder: Path

    @property
    def name(self) -> str:
        """Return what the source is called."""
        return self.source.name

    @property
    def identity(self) -> str:
        """Return what the source's answers depend on."""
        return self.source.identity

    def line(self, points: Sequence[Point]) -> list[Point]:
        """Return the way the source knows; ways are not kept."""
        return self.source.line(points)

    def legs(self, starts: Sequence[Point], ends: Sequence[Point]) -> Legs:
        """Return all legs from `starts` to `ends`; kept where both are the same.

        Raises:
            NoTravel: as the source does.
        """
        if list(starts) != list(ends):
            return self.source.legs(starts, ends)
        points = {self._key(point): point for point in starts}
        entry = self._nearest(set(points))
        if entry is None or not set(points) <= set(entry.keys):
            entry = self._completed(entry, points)
            self._keep(entry)
        return entry.between([self._key(point) for point in starts])

    def _completed(self, old: _Entry | None, points: dict[bytes, Point]) -> _Entry:
        """Return an entry of all `points`, of which those in `old` are not asked."""
        known = [key for key in points if old is not None and key in set(old.keys)]
        new = [key for key in points if key not in set(known)]
        keys = (*known, *new)
        if old is None or len(known) < len(new):
            known, new = [], list(keys)
        everyone, added = [points[key] for key in keys], [points[key] for key in new]
        shape, cut = (len(keys), len(keys)), len(known)
        travel, distance, off = np.empty(shape), np.empty(shape), np.zeros(len(keys))
        there = self.source.legs(added, everyone)
        travel[cut:], distance[cut:] = there.travel_s, there.distance_m
        if there.starts_off_m is not None:
            off[cut:] = there.starts_off_m
        if old is not None and known:
            back = self.source.legs([points[key] for key in known], added)
            travel[:cut, cut:], distance[:cut, cut:] = back.travel_s, back.distance_m
            legs = old.between(known)
            travel[:cut, :cut], distance[:cut, :cut] = legs.travel_s, legs.distance_m
            off[:cut] = legs.starts_off_m
        return _Entry(keys=keys, travel_s=travel, distance_m=distance, off_m=off)

    def _key(self, point: Point) -> bytes:
        # With the source in the hash, files of two sources cannot be laid side by side.
        text = f"{self.identity}|{point.lat:.{DECIMALS}f},{point.lon:.{DECIMALS}f}"
        return blake2b(text.encode(), digest_size=16).digest()

    @property
    def _prefix(self) -> str:
        return blake2b(self.identity.encode(), digest_size=8).hexdigest()

    def _nearest(self, keys: set[bytes]) -> _Entry | None:
        """Return the entry that knows most of `keys`, or None if none knows any."""
        best, most = None, 0
        for path in self._fresh():
            if (entry := _read(path)) is None:
                continue
            if (known := len(keys & set(entry.keys))) > most:
                best, most = entry, known
        return best

    def _fresh(self) -> list[Path]:
        """Return the files of this source; remove what is too old or too many."""
        found: list[tuple[float, Path]] = []
        for path in self.folder.glob("*.npz"):
            try:
                found.append((path.stat().st_mtime, path))
            except OSError:
                continue  # another process removed it
        found.sort(reverse=True)
        oldest = time.time() - KEPT_S
        for number, (written, path) in enumerate(found):
            if number >= ENTRIES_MAX or written < oldest:
                path.unlink(missing_ok=True)
        kept = [path for _, path in found[:ENTRIES_MAX] if path.exists()]
        return [path for path in kept if path.name.startswith(self._prefix)]

    def _keep(self, entry: _Entry) -> None:
        digest = blake2b(b"".join(sorted(entry.keys)), digest_size=8).hexdigest()
        path = self.folder / f"{self._prefix}-{digest}.npz"
        draft = self.folder / f".{path.name}.{os.getpid()}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(number, "wb") as file:
                np.savez(
                    file,
                    keys=np.frombuffer(b"".join(entry.keys), np.uint8).reshape(-1, 16),
                    travel_s=entry.travel_s,
                    distance_m=entry.distance_m,
                    off_m=entry.off_m,
                )
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            log.warning(
                "The matrix is not kept in %s: %s.", self.folder, error.strerror
            )


def _read(path: Path) -> _Entry | None:
    """Return what `path` holds, or None where it was damaged; it is asked anew then."""
    try:
        # Opened here: NumPy leaves a file open that it cannot make sense of.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            keys = tuple(bytes(row) for row in file["keys"])
            entry = _Entry(
                keys=keys,
                travel_s=file["travel_s"],
                distance_m=file["distance_m"],
                off_m=file["off_m"],
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    square = (len(keys), len(keys))
    right = entry.travel_s.shape == entry.distance_m.shape == square
    return entry if right and entry.off_m.shape == square[:1] else None
