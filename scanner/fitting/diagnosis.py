"""From the bytes that came to what is set up wrong.  No port, no clock."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner.fitting import findings
from scanner.fitting.findings import Finding
from scanner.fitting.self_test import Compared, compare
from scanner.fitting.self_test_findings import of_self_test
from scanner.protocols import FAMILIES, Family
from scanner.protocols.read import Noise, Read

LINE = "line"
_SERIAL = frozenset(FAMILIES) - {"llrp"}
"""LLRP is never on a serial line, and slow to load: tried only where it was named."""
PLAIN_FRAMING = "8N1"
_FLOW_CONTROL = b"\x11\x13"
_ENVELOPE = b"\x02\x03"
_TEXT_CONTROLS = b"\r\n\t\x1d\x1e\x04"
_ENDS = b"\r\n\t"
_LOW_7_BITS = bytes(byte & 0x7F for byte in range(256))
_PARITY_BYTES_MIN = 8
"""Fewer may have the same parity by chance."""
_ENDLESS_BYTES_MIN = 5
_ENDLESS = re.compile(rb"[A-Za-z0-9 %:./+$_|\]\x1d-]*")
"""What codes are made of.

Text that has no end is only believed where it is made of that: at another speed,
a few bytes may be text by chance, but hardly these alone.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What came while the doctor listened with 8 bits and no parity."""

    bursts: tuple[bytes, ...] = ()
    """The bytes, parted where the line paused."""
    baud: int = 9600
    port_framing: str = PLAIN_FRAMING
    """As the settings have it."""
    port_protocol: str = ""
    """As the settings or whoever asks have it; empty where nobody said."""
    has_echo: bool = False
    away: str = ""
    """Why the port went away while it was listened to; empty while it was there."""
    keyboard: str = ""
    """What a scanner is called that is plugged in and types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a sample tells."""

    protocol: str = ""
    """What the scanner speaks; empty where that cannot be told."""
    framing: str = PLAIN_FRAMING
    codes_count: int = 0
    compared: Compared | None = None
    """How the self-test symbol came back, if it did."""
    is_garbage: bool = False
    """Bytes came and mean nothing: perhaps they would at another speed."""
    found: tuple[Finding, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether anything must be mended."""
        return any(one.is_wrong for one in self.found)


def diagnose(sample: Sample) -> Diagnosis:
    """Return what `sample` tells about the scanner."""
    first = [findings.echo()] if sample.has_echo else []
    if sample.away:
        first.append(findings.away(sample.away))
    asked_as = sample.port_protocol
    is_asked = asked_as != "" and FAMILIES[asked_as].is_rfid
    if not any(sample.bursts):
        silent = findings.nothing()
        if is_asked:
            silent = findings.no_answer(asked_as)
        elif sample.keyboard:
            silent = findings.keyboard(sample.keyboard)
        return Diagnosis(found=(*first, silent))
    protocol, reads = _spoken(sample.bursts, sample.port_protocol)
    if protocol:
        return _of_frames(sample, first, protocol, reads)
    told = _of_text(sample, first)
    if is_asked and told.is_garbage:
        # Readers tell in frames of their own that there is no tag.
        return Diagnosis(found=(*first, findings.no_tag(asked_as)))
    return told


def _of_frames(
    sample: Sample, found: list[Finding], protocol: str, reads: list[Read]
) -> Diagnosis:
    """Return what the reads of a family with frames and checksums tell."""
    if sample.port_protocol not in ("", protocol):
        found.append(findings.protocol(protocol, sample.port_protocol))
    if sample.port_framing != PLAIN_FRAMING:
        found.append(findings.parity(PLAIN_FRAMING, sample.port_framing))
    compared = None
    if FAMILIES[protocol].is_rfid:
        found.append(findings.tags(len({read.text for read in reads}), len(reads)))
    else:
        found.append(findings.codes(len(reads), protocol))
        sent = [_as_sent(read) for read in reads]
        compared = compare(sent)
        found.append(of_self_test(compared))
    return Diagnosis(
        protocol=protocol,
        codes_count=len(reads),
        compared=compared,
        found=tuple(found),
    )


def _of_text(sample: Sample, first: list[Finding]) -> Diagnosis:
    """Return what a scanner of text that may be framed wrongly tells."""
    found = [*first]
    framing = _framing(b"".join(sample.bursts))
    bursts = sample.bursts
    if framing != PLAIN_FRAMING:
        bursts = tuple(burst.translate(_LOW_7_BITS) for burst in bursts)
    data = b"".join(bursts)
    bursts = tuple(_bare(burst) for burst in bursts)
    if not all(_is_text(burst) for burst in bursts):
        found.append(findings.speed(sample.baud, None))
        return Diagnosis(is_garbage=True, found=tuple(found))
    if framing != sample.port_framing:
        found.append(findings.parity(framing, sample.port_framing))
    if _has_any(data, _FLOW_CONTROL):
        found.append(findings.flow_control())
    if _has_any(data, _ENVELOPE):
        found.append(findings.envelope())
    if sample.port_protocol == "ssi":
        found.append(findings.unpacketed())
    elif sample.port_protocol not in ("", LINE):
        found.append(findings.protocol(LINE, sample.port_protocol))
    reads, noises = _decoded(FAMILIES[LINE], bursts)
    if noises[Noise.BROKEN_OFF]:
        found.append(findings.no_end())
    if reads:
        found.append(findings.codes(len(reads), LINE))
    compared = compare(list(_frames(bursts)))
    if reads or noises[Noise.BROKEN_OFF]:
        found.append(of_self_test(compared))
    else:
        found.append(findings.empty())
    return Diagnosis(
        protocol=LINE,
        framing=framing,
        codes_count=len(reads),
        compared=compared,
        found=tuple(found),
    )


def _spoken(bursts: Sequence[bytes], named: str) -> tuple[str, list[Read]]:
    """Return which family with frames of its own speaks, and what it said.

    The one that was `named` where it fits: some differ only in what is asked of them.
    """
    best, best_reads = "", list[Read]()
    for name in sorted(FAMILIES, key=lambda name: name != named):
        if name != LINE and name in (named, *_SERIAL):
            reads, _ = _decoded(FAMILIES[name], bursts)
            if len(reads) > len(best_reads):
                best, best_reads = name, reads
    return best, best_reads


def _decoded(
    family: Family, bursts: Sequence[bytes]
) -> tuple[list[Read], Counter[Noise]]:
    reads, noises = list[Read](), Counter[Noise]()
    try:
        decoder = family.decoder()
    except ValueError:  # It needs a library that is not installed.
        return reads, noises
    list(decoder.opened())
    for burst in bursts:
        for item in (*decoder.feed(burst), *decoder.silence()):
            if isinstance(item, Read):
                reads.append(item)
            elif isinstance(item, Noise):
                noises[item] += 1
    return reads, noises


def _as_sent(read: Read) -> bytes:
    return f"{read.symbology}{read.text}".encode("latin-1", "replace")


def _frames(bursts: Sequence[bytes]) -> Iterator[bytes]:
    for burst in bursts:
        for end in _ENDS[1:]:
            burst = burst.replace(bytes([end]), _ENDS[:1])
        yield from (frame for frame in burst.split(_ENDS[:1]) if frame)


def _framing(data: bytes) -> str:
    """Return with which parity these bytes were sent, as read with 8 bits and none.

    The parity bit then is the top one: set so that each byte has an even (7E1) or an
    odd (7O1) number of ones, or always (7M1, and 7 bits with two stop bits).
    """
    tops_count = sum(byte > 0x7F for byte in data)
    if tops_count == 0 or len(data) < _PARITY_BYTES_MIN:
        return PLAIN_FRAMING
    if not _is_text(_bare(data.translate(_LOW_7_BITS))):
        return PLAIN_FRAMING
    if tops_count == len(data):
        return "7M1"
    parities = {byte.bit_count() % 2 for byte in data}
    if tops_count * 4 < len(data):  # Half of all characters have it set.
        return PLAIN_FRAMING
    if len(parities) > 1:
        return PLAIN_FRAMING
    return "7O1" if 1 in parities else "7E1"


def _bare(data: bytes) -> bytes:
    """Return `data` without flow control and envelopes: at the edges of its codes."""
    lines = re.split(rb"([\r\n\t]+)", data)
    return b"".join(line.strip(_FLOW_CONTROL + _ENVELOPE) for line in lines)


def _is_text(data: bytes) -> bool:
    """Tell whether these are codes, and not what another speed makes of them."""
    controls = bytes(byte for byte in data if byte < 0x20 or byte == 0x7F)
    if controls.translate(None, _TEXT_CONTROLS):
        return False
    endless = re.split(rb"[\r\n\t]", data)[-1]
    if endless and not (
        len(endless) >= _ENDLESS_BYTES_MIN and _ENDLESS.fullmatch(endless)
    ):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # One odd letter of another code page is text; bytes all over are not.
        tops_count = sum(byte > 0x7F for byte in data)
        has_c1 = any(0x80 <= byte <= 0x9F for byte in data)
        return tops_count * 4 < len(data) and not has_c1 and data[-1:] in b"\r\n"
    return True


def _has_any(data: bytes, some: bytes) -> bool:
    return data != data.translate(None, some)
