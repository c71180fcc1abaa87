"""Listen to one scanner and say what is set up wrong: the port's side of the doctor."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from scanner.fitting import findings
from scanner.fitting.diagnosis import PLAIN_FRAMING, Diagnosis, Sample, diagnose
from scanner.fitting.findings import FindingKind
from scanner.port import Port, PortAway
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES
from scanner.protocols.read import Noise, Read, Reply
from scanner.scan import Outcome
from scanner.wedge import TYPING

SPEEDS = (9600, 115200, 57600, 19200, 38400, 4800, 2400, 1200)
"""What scanners are set to, the likeliest first."""
GAP_S = 0.5
"""A pause of that ends a code, as in the settings; whoever scans twice takes longer."""
ANSWER_S = 2.0
"""So long a reader that is asked at another speed is waited for."""
LOOK_S = 1.0
BURST_BYTES_MAX = 4096
"""A reader that never pauses is looked at after so long and so much."""
SAMPLE_BYTES_MAX = 16384
"""Of what came the last is kept: more tells no more."""
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

    @property
    def is_asked(self) -> bool:
        """Whether it says nothing by itself, and need not be scanned with."""
        return self.protocol != "" and FAMILIES[self.protocol].is_rfid

    @property
    def can_hear(self) -> bool:
        """Whether anything can be sent to it."""
        return not self.url.startswith(TYPING)

    @property
    def has_speed(self) -> bool:
        """Whether it matters how fast it is listened to."""
        return self.can_hear and "://" not in self.url


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
    listen = partial(_listen, patient, hear=hear, stop=stop)
    sample = listen(patient.line_baud, listen_s=listen_s)
    first = Examination(baud=sample.baud, diagnosis=diagnose(sample))
    if not patient.has_speed:
        return first
    if patient.is_asked and not any(sample.bursts):
        listen_s = min(listen_s, ANSWER_S)
        says = "No answer. Now it is asked at {baud} baud."
    elif first.diagnosis.is_garbage:
        says = "That is no text. Scan again, now at {baud} baud."
    else:
        return first
    for baud in SPEEDS:
        if stop.is_set():
            break
        if baud != first.baud:
            tell(says.format(baud=baud))
            found = diagnose(listen(baud, listen_s=listen_s))
            if found.protocol:
                right = findings.speed(first.baud, baud)
                found = replace(found, found=(right, *found.found))
                return Examination(baud=baud, diagnosis=found)
            if not found.is_garbage and not patient.is_asked:
                break  # Whoever scanned has left.
    return first


def _listen(
    patient: Patient, baud: int, *, listen_s: float, hear: Hear, stop: Event
) -> Sample:
    """Return what came at this speed."""
    ear = _Ear(patient, baud)
    end_s, look_s = time.monotonic() + listen_s, 0.0
    try:
        for chunk in ear.port.chunks():
            now_s = time.monotonic()
            if chunk is None:
                # The time it took to open is not for whoever is to scan.
                end_s = now_s + listen_s
            burst = ear.take(chunk)
            if burst:
                hear(burst)
            if burst and _is_conclusive(diagnose(ear.sample())):
                break
            if now_s >= look_s:
                # Half a code may look wrong; tags that were read are read.
                if _reads_tags(diagnose(ear.sample(is_over=False))):
                    break
                look_s = now_s + LOOK_S
            if stop.is_set() or now_s >= end_s:
                break
    finally:
        ear.port.close()
    if burst := ear.end():
        hear(burst)
    sample = ear.sample()
    if sample.away and not sample.bursts:
        raise PortAway(sample.away)
    return sample


def _is_conclusive(diagnosis: Diagnosis) -> bool:
    """Return whether listening on would tell nothing new."""
    wrong = [one.kind for one in diagnosis.found if one.is_wrong]
    if diagnosis.compared is not None or set(wrong) - {FindingKind.NO_TAG}:
        return True
    return _reads_tags(diagnosis)


def _reads_tags(diagnosis: Diagnosis) -> bool:
    return diagnosis.codes_count > 0 and FAMILIES[diagnosis.protocol].is_rfid


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
        self._sent: set[bytes] = set()
        self._first_sent = b""
        self._has_echo: bool | None = None
        self._burst = bytearray()
        self._bursts: list[bytes] = []

    def take(self, chunk: bytes | None) -> bytes:
        """Take a chunk as `Port.chunks` has it; return what came before a pause."""
        if chunk:
            self._burst += chunk
            self._reply(self._decoder.feed(chunk))
            return self.end() if len(self._burst) >= BURST_BYTES_MAX else b""
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
        while sum(map(len, self._bursts)) > SAMPLE_BYTES_MAX:
            del self._bursts[0]
        return burst

    def sample(self, *, is_over: bool = True) -> Sample:
        """Return what came so far; with what has not paused yet where it goes on."""
        rest = () if is_over else (bytes(self._burst),)
        return Sample(
            bursts=(*self._bursts, *rest),
            baud=self._baud,
            port_framing=self._patient.framing,
            port_protocol=self._patient.protocol,
            has_echo=bool(self._has_echo),
            keyboard=self._patient.keyboard,
            away=self.away,
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
        if self._patient.can_hear:
            self.port.write(data)
            self._sent.add(data)
            self._first_sent = self._first_sent or data

    def _without_echo(self, burst: bytes) -> bytes:
        """Return a burst without what was sent, if the first one shows an echo."""
        if self._has_echo is None and burst:
            sent = self._first_sent
            self._has_echo = sent != b"" and burst.startswith(sent)
        if self._has_echo:
            for data in sorted(self._sent, key=len, reverse=True):
                burst = burst.replace(data, b"")
        return burst
