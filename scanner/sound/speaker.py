"""The loudspeaker of the PC, for scanners that cannot sound: the one user of miniaudio.

A thread of its own plays, so that whoever answers a scan never waits for a sound card.
"""

import logging
import os
import sys
import threading
import time
from array import array
from collections.abc import Callable, Generator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from scanner.scan import WORST_FIRST, Outcome
from scanner.sound.tones import SAMPLES_PER_S, samples

log = logging.getLogger(__name__)

Frames: TypeAlias = "Generator[array[int], int, None]"
"""Is sent how many samples are wanted, and yields so many or fewer."""

BUFFER_MS = 30
TAIL_S = 0.15
"""Silence behind a sound, until the last of it has left the buffers."""
PATIENCE_S = 5.0
"""A sound card that has not played a sound so long after its end never will."""
RETRY_S = 60.0
"""How long a missing loudspeaker is not asked for again."""


class NoSound(Exception):
    """There is no loudspeaker, or it is gone."""


class Device(Protocol):
    """What plays samples."""

    def start(self, callback_generator: Frames, /) -> None:
        """Begin to play what the primed generator yields."""

    def stop(self) -> None:
        """Play no more."""

    def close(self) -> None:
        """Let go of the sound card."""


class Speaker:
    """Plays the sound of outcomes, one after the other; any thread may call it.

    While one sounds, of those that wait only the worst is kept: somebody who scans in
    a row hears what went wrong, and hears it soon.
    """

    def __init__(self, open_device: "Callable[[], Device] | None" = None) -> None:
        self._open_device = open_device or open_loudspeaker
        self._device: Device | None = None
        self._changed = threading.Condition()
        self._next: Outcome | None = None
        self._is_closed = False
        self._is_missing = False
        self._retry_at_s = 0.0
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Return the speaker; its sound card is not opened before it is needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def play(self, outcome: Outcome) -> None:
        """Have `outcome` sounded as soon as what sounds now has ended; do not wait."""
        with self._changed:
            if self._next is None or _is_worse(outcome, self._next):
                self._next = outcome
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._play_on, name="speaker", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Finish what sounds, drop what waits, and let go of the sound card."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(PATIENCE_S + TAIL_S)

    def _play_on(self) -> None:
        while (outcome := self._awaited()) is not None:
            self._play_now(outcome)
        self._let_go()

    def _awaited(self) -> Outcome | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._next is not None)
            outcome, self._next = self._next, None
            return None if self._is_closed else outcome

    def _play_now(self, outcome: Outcome) -> None:
        if self._device is None and time.monotonic() < self._retry_at_s:
            return
        try:
            self._device = self._device or self._open_device()
            play_whole(self._device, outcome)
        # Whatever a driver says; without a sound the scanner works as it did.
        except Exception as error:
            self._let_go()
            self._retry_at_s = time.monotonic() + RETRY_S
            level = logging.DEBUG if self._is_missing else logging.WARNING
            self._is_missing = True
            log.log(level, "no sound through the loudspeaker: %s", error)
        else:
            if self._is_missing:
                log.info("the loudspeaker sounds again")
            self._is_missing = False

    def _let_go(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()


def play_whole(device: Device, outcome: Outcome) -> None:
    """Play the sound of `outcome`, and return when it has ended.

    Raises:
        NoSound: the sound card takes it and does not play.
    """
    played = threading.Event()
    device.start(_frames(samples(outcome), played))
    length_s = len(samples(outcome)) / SAMPLES_PER_S
    if not played.wait(length_s + PATIENCE_S):
        raise NoSound("The sound card does not play.")
    device.stop()


def open_loudspeaker() -> Device:
    """Open the loudspeaker that the system is set to.

    Raises:
        NoSound: there is none.
    """
    # It takes a tenth of a second, which most who read a scanner need not spend.
    import miniaudio

    if sys.platform == "linux" and not _linux_has_sound():
        raise NoSound("This machine has no sound card.")
    # Without the one that plays into nothing: silence must be told.
    backends = [it for it in miniaudio.Backend if it is not miniaudio.Backend.NULL]
    try:
        device: Device = miniaudio.PlaybackDevice(
            nchannels=1,
            sample_rate=SAMPLES_PER_S,
            buffersize_msec=BUFFER_MS,
            backends=backends,
            app_name="fsc",
        )
    except miniaudio.MiniaudioError as error:
        raise NoSound(f"The sound card cannot be opened ({error}).") from error
    return device


def _linux_has_sound() -> bool:
    """Tell whether asking is worth it: ALSA complains on stderr, past every log."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return (
        any(Path("/dev/snd").glob("pcm*p"))
        or "PULSE_SERVER" in os.environ
        or (bool(runtime) and (Path(runtime) / "pulse" / "native").exists())
    )


def _frames(sound: "array[int]", played: threading.Event) -> Frames:
    """Return a generator of `sound` and a little silence, ready to be asked."""

    def slices() -> Frames:
        wanted = yield array("h")
        whole = sound + array("h", bytes(2 * round(TAIL_S * SAMPLES_PER_S)))
        start = 0
        while start < len(whole):
            part = whole[start : start + wanted]
            start += wanted
            wanted = yield part
        played.set()

    primed = slices()
    next(primed)
    return primed


def _is_worse(one: Outcome, other: Outcome) -> bool:
    return WORST_FIRST.index(one) < WORST_FIRST.index(other)
