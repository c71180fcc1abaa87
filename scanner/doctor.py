"""Listen to one scanner and say what is set up wrong: the port's side of the doctor."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from scanner import findings
from scanner.diagnosis import PLAIN_FRAMING, Diagnosis, Sample, diagnose
from scanner.port import Port, PortAway
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES
from scanner.protocols.read import Noise, Read, Reply
from scanner.scan import Outcome

SPEEDS = (9600, 115200, 57600, 19200, 38400, 4800, 2400, 1200)
"""What scanners are set to, the likeliest first."""
GAP_S = 0.5
"""A pause of that ends a code, as in the settings; whoever scans twice takes longer."""
SAMPLE_BYTES_MAX = 8192
"""More tells no more; a reader that never pauses is cut off there."""
BEL = b"\x07"
"""Sent to see whether it comes back, where nobody said what the scanner obeys."""

Hear = Callable[[bytes], None]
"""Told what came, each time the line pauses; it may be personal."""
Tell = Callable[[str], None]
"""Told what whoever stands there should do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A port, and what the settings or the person at the keyboard say of it."""

    url: str
    baud: int | None = None
    """None is what readers of the protocol come with."""
    framing: str = PLAIN_FRAMING
    protocol: str = ""
    """Empty where nobody said: then nothing is asked of the scanner."""
    feedback: str = ""
    keyboard: str = ""
    """What a scanner is called that is plugged in and types."""

    @property
    def line_baud(self) -> int:
        """The speed to listen at first."""
        return self.baud or FAMILIES[self.protocol or "line"].baud


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What the doctor found, and at which speed."""

    baud: int
    diagnosis: Diagnosis


def examine(
    patient: Patient, *, listen_s: float, hear: Hear, tell: Tell, stop: Event
) -> Examination:
    """Listen until something is clear, or for `listen_s`; return what was found.

    It listens with 8 bits and no parity whatever is set, for that shows the parity; if
    what comes means nothing it asks for another scan at other speeds.  Every code is
    answered with the sound of LOOK, which promises nothing.  `stop` ends it early.

    Raises:
        PortAway: it cannot be opened, or went away meanwhile.
        ValueError: no port can have such a URL or speed.
    """
    listen = partial(_listen, patient, listen_s=listen_s, hear=hear, stop=stop)
    sample = listen(patient.line_baud)
    diagnosis = diagnose(sample)
    if not diagnosis.is_garbage or "://" in patient.url:
        return Examination(baud=sample.baud, diagnosis=diagnosis)
    for baud in SPEEDS:
        if baud == sample.baud:
            continue
        tell(f"That is no text. Scan again, now at {baud} baud.")
        other = listen(baud)
        if not any(other.bursts):
            break  # Whoever scanned has left.
        found = diagnose(other)
        if found.protocol:
            right = findings.speed(sample.baud, baud)
            return Examination(
                baud=baud, diagnosis=replace(found, found=(right, *found.found))
            )
    return Examination(baud=sample.baud, diagnosis=diagnosis)


def _listen(
    patient: Patient, baud: int, *, listen_s: float, hear: Hear, stop: Event
) -> Sample:
    """Return what came at this speed."""
    ear = _Ear(patient, baud)
    end_s = time.monotonic() + listen_s
    try:
        for chunk in ear.port.chunks():
            if chunk is None:
                # The time it took to open is not for whoever is to scan.
                end_s = time.monotonic() + listen_s
            if burst := ear.take(chunk):
                hear(burst)
                if _is_conclusive(diagnose(ear.sample())) or ear.is_full:
                    break
            if stop.is_set() or time.monotonic() >= end_s:
                break
    finally:
        ear.port.close()
    if ear.away:
        raise PortAway(ear.away)
    if burst := ear.end():
        hear(burst)
    return ear.sample()


def _is_conclusive(diagnosis: Diagnosis) -> bool:
    """Return whether listening on would tell nothing new."""
    if diagnosis.is_wrong or diagnosis.compared is not None:
        return True
    return bool(diagnosis.protocol) and FAMILIES[diagnosis.protocol].is_rfid


class _Ear:
    """Takes in what comes, answers as the protocol wants, and leaves out its echo."""

    def __init__(self, patient: Patient, baud: int) -> None:
        self.port = Port(
            patient.url, baud=baud, gap_s=GAP_S, on_change=self._changed_to
        )
        self.away = ""
        """Why the port is not there; empty while it is."""
        self._patient = patient
        self._baud = baud
        family = FAMILIES[patient.protocol or "line"]
        self._decoder = family.decoder()
        profile = PROFILES[patient.feedback or family.feedback]
        self._answer = profile.saved + profile.sounds[Outcome.LOOKED]
        self._sent: list[bytes] = []
        self._has_echo: bool | None = None
        self._burst = bytearray()
        self._bursts: list[bytes] = []

    @property
    def is_full(self) -> bool:
        """Whether there is enough of it."""
        return sum(map(len, self._bursts)) >= SAMPLE_BYTES_MAX

    def take(self, chunk: bytes | None) -> bytes:
        """Take a chunk as `Port.chunks` has it; return what came before a pause."""
        if chunk:
            self._burst += chunk
            self._reply(self._decoder.feed(chunk))
            return self.end() if len(self._burst) >= SAMPLE_BYTES_MAX else b""
        burst = self.end()
        if chunk is None:
            self._ask()
        else:
            self._reply(self._decoder.silence())
        return burst

    def end(self) -> bytes:
        """Return what came since the last pause; it ends here."""
        burst = self._without_echo(bytes(self._burst))
        self._burst.clear()
        if burst:
            self._bursts.append(burst)
        return burst

    def sample(self) -> Sample:
        """Return what came so far."""
        return Sample(
            bursts=tuple(self._bursts),
            baud=self._baud,
            port_framing=self._patient.framing,
            port_protocol=self._patient.protocol,
            has_echo=bool(self._has_echo),
            keyboard=self._patient.keyboard,
        )

    def _changed_to(self, is_open: bool, error: str) -> None:
        if not is_open and error:
            self.away = error
            self.port.end_reading()

    def _ask(self) -> None:
        """Send what the protocol sends first, or else something that is heard."""
        self._reply(self._decoder.opened())
        if not self._sent:
            self._send(self._answer or BEL)

    def _reply(self, items: Iterable[Read | Reply | Noise]) -> None:
        for item in items:
            if isinstance(item, Reply):
                self._send(item.data)
            elif isinstance(item, Read) and self._answer:
                self._send(self._answer)

    def _send(self, data: bytes) -> None:
        self.port.write(data)
        self._sent.append(data)

    def _without_echo(self, burst: bytes) -> bytes:
        """Return a burst without what was sent, if the first one shows an echo."""
        if self._has_echo is None and burst:
            self._has_echo = burst.startswith(self._sent[0])
        if self._has_echo:
            for data in sorted(set(self._sent), key=len, reverse=True):
                burst = burst.replace(data, b"")
        return burst
