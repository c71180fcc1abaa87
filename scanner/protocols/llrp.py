"""LLRP over TCP: fixed UHF readers of Impinj, Zebra and others, at socket://host:5084.

A message is version and type, length and number, then parameters, each with its length
or of a type that has one.  The reader is told what to do in a few messages, each once
the one before is answered, and then tells of every tag by itself.

What it is asked stands in `llrp_requests`.

Source: EPCglobal, Low Level Reader Protocol 1.1, chapters 16 and 17.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from struct import Struct

from scanner.protocols.frames import Frames
from scanner.protocols.llrp_requests import llrp_requests
from scanner.protocols.read import Noise, Read, Reply

MESSAGE_BYTES_MAX = 60_000
"""Each tag is told of at once, in a tenth of a kilobyte; only a fault is so long."""

_HEADER, _PARAMETER = Struct(">HII"), Struct(">HH")
_TYPE_BITS = 0x3FF
_VERSION = 1 << 10
_VERSIONS = (1, 2)
_SUCCESS = b"\x00\x00"


class _Message(IntEnum):
    """All that a reader says by itself or in answer to what it is asked here."""

    CLOSED = 4
    CONFIG_SET = 13
    ADDED = 30
    DELETED = 31
    STARTED = 32
    ENABLED = 34
    REPORT = 61
    KEEPALIVE = 62
    EVENT = 63
    KEEPALIVE_ACK = 72
    ERROR = 100


class _Parameter(IntEnum):
    ANTENNA = 1
    PEAK_RSSI = 6
    EPC_96 = 13
    TAG = 240
    EPC_DATA = 241
    EVENT_DATA = 246
    CONNECTION = 256
    STATUS = 287


_MESSAGES = frozenset(_Message)
_ANSWERS = (
    _Message.DELETED,
    _Message.CONFIG_SET,
    _Message.ADDED,
    _Message.ENABLED,
    _Message.STARTED,
)
"""To each request, in their order."""
_MUST_SUCCEED = (_Message.ADDED, _Message.ENABLED, _Message.STARTED)
"""Without the rest it reads too."""
_FIXED_BYTES = {
    **{1: 2, 2: 8, 3: 8, 4: 8, 5: 8, 6: 1, 7: 2, 8: 2, 9: 4, 10: 2, 11: 2, 12: 2},
    **{13: 12, 14: 2, 16: 4, 17: 2, 18: 4, 19: 2, 20: 2},
}
"""How long a parameter is that does not say, by its type."""


class LlrpDecoder:
    """Turn what an LLRP reader says into reads, and have it read.

    Raises:
        ValueError: pyllrp is not installed.
    """

    def __init__(self) -> None:
        self._frames = Frames(_lengths, _is_whole)
        self._steps = list(llrp_requests())
        self._done_count = 0
        self._silences_count = 0
        self._is_started = False
        self._is_faulty = False

    def opened(self) -> Iterator[Reply]:
        """Begin with the first step."""
        self._frames.join()
        self._is_started, self._is_faulty = True, False
        self._done_count, self._silences_count = 0, 0
        yield self._step()

    def feed(self, chunk: bytes) -> Iterator[Read | Reply | Noise]:
        """Take the next bytes; yield the tags told of in them, and what is sent now."""
        yield from self._meanings(self._frames.feed(chunk))

    def silence(self) -> Iterator[Read | Reply | Noise]:
        """Ask again, ever more seldom, where the reader has not answered a step."""
        yield from self._meanings(self._frames.silence())
        if self._is_started and self._done_count < len(self._steps):
            self._silences_count += 1
            if self._silences_count.bit_count() == 1:  # 1, 2, 4, 8, …
                yield self._step()

    def _step(self) -> Reply:
        return Reply(self._steps[self._done_count])

    def _meanings(
        self, frames: Iterator[bytes | Noise]
    ) -> Iterator[Read | Reply | Noise]:
        for frame in frames:
            if isinstance(frame, Noise):
                yield frame
                continue
            kind, _, number = _HEADER.unpack_from(frame)
            parameters = frame[_HEADER.size :]
            match kind & _TYPE_BITS:
                case _Message.REPORT:
                    yield from _tags(parameters)
                case _Message.KEEPALIVE:
                    kind = _VERSION | _Message.KEEPALIVE_ACK
                    yield Reply(_HEADER.pack(kind, _HEADER.size, number))
                case _Message.EVENT if _is_refused(parameters):
                    yield from self._fault()
                case _Message.ERROR:
                    yield from self._fault()
                case answer:
                    yield from self._answered(answer, parameters)

    def _answered(self, answer: int, parameters: bytes) -> Iterator[Reply | Noise]:
        """Go on to the next step, if this is what is waited for."""
        if self._done_count == len(self._steps):
            return
        awaited = _ANSWERS[self._done_count]
        if not self._is_started or answer != awaited:
            return
        self._silences_count = 0
        if awaited in _MUST_SUCCEED and not _is_success(parameters):
            yield from self._fault()
            self._done_count = 0  # From the start, after the pause.
            return
        self._is_faulty = False
        self._done_count += 1
        if self._done_count < len(self._steps):
            yield self._step()

    def _fault(self) -> Iterator[Noise]:
        if not self._is_faulty:
            yield Noise.FAULT
        self._is_faulty = True


def _lengths(came: bytearray) -> Sequence[int] | None:
    if len(came) >= 2:
        kind = int.from_bytes(came[:2])
        if kind >> 10 not in _VERSIONS or kind & _TYPE_BITS not in _MESSAGES:
            return ()
    if len(came) < _HEADER.size:
        return None
    _, length, _ = _HEADER.unpack_from(came)
    return (length,) if _HEADER.size <= length <= MESSAGE_BYTES_MAX else ()


def _is_whole(frame: bytes) -> bool:
    """Tell whether the lengths inside add up: there is no other check."""
    try:
        for kind, value in _parameters(frame[_HEADER.size :]):
            if kind == _Parameter.TAG:
                for _ in _parameters(value):
                    pass
    except _Damaged:
        return False
    return True


class _Damaged(ValueError):
    pass


def _parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each parameter.

    Raises:
        _Damaged: a length leads outside, or a type is not known and has none.
    """
    start = 0
    while start < len(data):
        if data[start] & 0x80:
            kind, head = data[start] & 0x7F, 1
            length = head + _FIXED_BYTES.get(kind, len(data))
        elif len(data) - start >= _PARAMETER.size:
            kind, length = _PARAMETER.unpack_from(data, start)
            kind, head = kind & _TYPE_BITS, _PARAMETER.size
        else:
            raise _Damaged
        if not head <= length <= len(data) - start:
            raise _Damaged
        yield kind, data[start + head : start + length]
        start += length


def _tags(parameters: bytes) -> Iterator[Read]:
    for kind, value in _parameters(parameters):
        if kind == _Parameter.TAG:
            tag = dict(_parameters(value))
            epc = tag.get(_Parameter.EPC_96) or _epc(tag.get(_Parameter.EPC_DATA, b""))
            if epc:  # A tag may have no EPC at all, and then no name.
                yield Read(
                    raw=epc,
                    text=epc.hex().upper(),
                    symbology="",
                    antenna=int.from_bytes(tag.get(_Parameter.ANTENNA, b"")),
                    rssi_dbm=_rssi_dbm(tag.get(_Parameter.PEAK_RSSI)),
                )


def _epc(data: bytes) -> bytes:
    """Return the EPC of any length: its count of bits comes first."""
    return data[2 : 2 + (int.from_bytes(data[:2]) + 7) // 8]


def _rssi_dbm(value: bytes | None) -> float | None:
    return None if value is None else float(int.from_bytes(value, signed=True))


def _is_success(parameters: bytes) -> bool:
    status = dict(_parameters(parameters)).get(_Parameter.STATUS, b"")
    return status[:2] == _SUCCESS


def _is_refused(parameters: bytes) -> bool:
    """Tell whether the reader says that somebody else is connected to it."""
    told = dict(_parameters(parameters)).get(_Parameter.EVENT_DATA, b"")
    try:
        connection = dict(_parameters(told)).get(_Parameter.CONNECTION)
    except _Damaged:
        return False
    return connection is not None and connection != _SUCCESS
