"""The families whose frames say how long they are, against any bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import pytest
from fuzzing import check_any_bytes, check_resync, cuts, fed, fuzzed, reads, streams
from hypothesis import given
from hypothesis import strategies as st

from scanner.protocols import a0, chafon, llrp, r200, rdm6300
from scanner.protocols.read import Decoder


@dataclass(frozen=True)
class Spoken:
    """A family, and frames of it; the first is a read."""

    decoder: Callable[[], Decoder]
    module: ModuleType
    frames: list[bytes]

    def __str__(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    def is_swallowed(self, stream: bytes) -> bool:
        """Tell whether noise begins a valid frame that ends in the real one behind."""
        edge = len(stream) - len(self.frames[0])
        ends = (
            (start, start + length)
            for start in range(edge)
            for length in self.module._lengths(bytearray(stream[start:])) or ()
        )
        return any(
            edge < end <= len(stream) and self.module._is_whole(stream[start:end])
            for start, end in ends
        )


SPOKEN = [
    Spoken(
        rdm6300.Rdm6300Decoder,
        rdm6300,
        [b"\x0262E3086CED08\x03", b"\x0262E3086CED08\r\n\x03"],
    ),
    Spoken(
        r200.R200Decoder,
        r200,
        [
            bytes.fromhex("BB02220011C83400E20010710000529B0940B402163DD37E"),
            bytes.fromhex("AA02220011C73000E28068900000500E88C6A4A7119B29DD"),
            bytes.fromhex("BB01FF000115167E"),
        ],
    ),
    Spoken(
        a0.A0Decoder,
        a0,
        [
            bytes.fromhex("A0130189743000E2004074850A0103163070E13629"),
            a0.framed(0x89, bytes(7)),
            a0.framed(0x8A, b"\x01\x22"),
        ],
    ),
    Spoken(
        chafon.ChafonDecoder,
        chafon,
        [
            bytes.fromhex("13000103010c0000000000000000000003133f39"),
            bytes.fromhex("1500010301010c0000000000000000000003136bb1a5"),
            bytes.fromhex("1100EE00E20000170014026616706B488337"),
            bytes.fromhex("560000000000"),
        ],
    ),
    Spoken(
        partial(chafon.ChafonDecoder, antennas_count=2),
        chafon,
        [
            bytes.fromhex("1500010301010c0000000000000000000003136bb1a5"),
            bytes.fromhex("0700010101001e4b"),
            bytes.fromhex("13000103010c0000000000000000000003133f39"),
        ],
    ),
    Spoken(
        llrp.LlrpDecoder,
        llrp,
        [
            bytes.fromhex(
                "043d000000290000000700f0001f8d35e0170043babbce0000141d81000186d8"
                "820003dc308b3efa9f"
            ),
            bytes.fromhex("043e0000000a00000005"),
            bytes.fromhex("041f0000001200000001011f000800000000"),
            bytes.fromhex(
                "043f000000200000000100f600160080000c0000000000000001010000060002"
            ),
        ],
    ),
]


@pytest.mark.parametrize("spoken", SPOKEN, ids=str)
@fuzzed
@given(data=st.data(), places=cuts)
def test_any_bytes_cut_anywhere_mean_the_same_and_are_not_kept(spoken, data, places):
    stream = data.draw(streams(*spoken.frames))

    check_any_bytes(spoken.decoder, stream, places)


@pytest.mark.parametrize("spoken", SPOKEN, ids=str)
@fuzzed
@given(data=st.data())
def test_the_next_whole_frame_is_read_after_any_noise(spoken, data):
    noise = data.draw(st.binary(max_size=80) | streams(*spoken.frames))
    frame = spoken.frames[0]
    [read] = reads(fed(spoken.decoder(), frame))

    check_resync(spoken.decoder, noise, frame, read, is_swallowed=spoken.is_swallowed)
