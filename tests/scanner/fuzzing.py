"""What every decoder must stand: any bytes, cut anywhere, and noise before a frame.

Short and always the same in the suite; with FSC_FUZZ_EXAMPLES set, so many examples,
other ones each time; FSC_FUZZ_SEED says where the crude ones begin.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from scanner.protocols.read import Decoder, Noise, Read, Reply

_EXAMPLES_COUNT = os.environ.get("FSC_FUZZ_EXAMPLES")
_FIRST_SEED = int(os.environ.get("FSC_FUZZ_SEED", "0"))
POUNDED_SEEDS = range(_FIRST_SEED, _FIRST_SEED + int(_EXAMPLES_COUNT or 300))
"""What `pounded` is tried with; a night may begin where another ended."""

HELD_BYTES_MAX = 64 * 1024
"""No decoder may hold more than that of what came, whatever came."""

fuzzed = settings(
    max_examples=int(_EXAMPLES_COUNT or 80),
    derandomize=_EXAMPLES_COUNT is None,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"""How often a property is tried: put it above `given`."""

cuts = st.lists(st.integers(0, 600), max_size=8)
"""Where a stream is cut into chunks."""

Item = Read | Reply | Noise


def streams(*frames: bytes) -> st.SearchStrategy[bytes]:
    """Return streams of anything: noise, and whole, broken and bent `frames`."""
    pieces = [st.binary(max_size=40)]
    for frame in frames:
        places = st.integers(0, len(frame))
        pieces += [
            st.just(frame),
            places.map(lambda place, frame=frame: frame[:place]),
            places.map(lambda place, frame=frame: frame[place:]),
            st.builds(_bent, st.just(frame), places, st.integers(0, 255)),
        ]
    return st.lists(st.one_of(pieces), max_size=8).map(b"".join)


def check_any_bytes(
    decoder_factory: Callable[[], Decoder], data: bytes, cuts: Iterable[int]
) -> list[Item]:
    """Check that `data` means the same however it is cut, and is not kept.

    Returns what it means, the pause after it included.
    """
    whole, bytewise, pieces = (decoder_factory() for _ in range(3))
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    meant = fed(whole, data)
    meant_bytewise = fed(bytewise, *(data[n : n + 1] for n in range(len(data))))
    meant_in_pieces = fed(pieces, *(data[start:end] for start, end in pairwise(edges)))

    assert meant_bytewise == meant
    assert meant_in_pieces == meant
    for decoder in (whole, bytewise, pieces):
        assert held_bytes_count(decoder) <= HELD_BYTES_MAX
    after = list(whole.silence())
    assert list(bytewise.silence()) == after
    assert list(pieces.silence()) == after
    assert not [item for item in whole.silence() if not isinstance(item, Reply)], (
        "what was half read outlived a pause"
    )
    assert all(isinstance(item, Read | Reply | Noise) for item in meant + after)
    return meant + after


def check_resync(
    decoder_factory: Callable[[], Decoder],
    noise: bytes,
    frame: bytes,
    read: Read,
    *,
    is_swallowed: Callable[[bytes], bool] = lambda stream: False,
) -> None:
    """Check that `frame` is read after `noise`, with a pause between and without.

    Without one, noise may by chance begin a valid frame that ends inside `frame`:
    `is_swallowed`, told both together, says so; nobody could tell then.
    """
    paused, glued = decoder_factory(), decoder_factory()
    fed(paused, noise)
    list(paused.silence())

    assert reads(fed(paused, frame)) == [read]
    assert not [item for item in paused.silence() if isinstance(item, Noise)]
    if not is_swallowed(noise + frame):
        assert read in fed(glued, noise, frame) + list(glued.silence())


def fed(decoder: Decoder, *chunks: bytes) -> list[Item]:
    """Return all that `decoder` makes of `chunks`."""
    return [item for chunk in chunks for item in decoder.feed(chunk)]


def reads(items: Iterable[Item]) -> list[Read]:
    """Return the reads alone."""
    return [item for item in items if isinstance(item, Read)]


def held_bytes_count(value: object) -> int:
    """Return how many bytes and characters hang on `value`, a decoder for example."""
    if isinstance(value, bytes | bytearray | memoryview | str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(held_bytes_count, [*value.keys(), *value.values()]))
    if isinstance(value, list | tuple | set | frozenset):
        return sum(map(held_bytes_count, value))
    slots = [
        getattr(value, name, None)
        for kind in type(value).__mro__
        for name in getattr(kind, "__slots__", ())
    ]
    return sum(
        map(held_bytes_count, [*getattr(value, "__dict__", {}).values(), *slots])
    )


def _bent(frame: bytes, place: int, byte: int) -> bytes:
    """Return `frame` with one byte put in the place of another, or added."""
    return frame[:place] + bytes([byte]) + frame[place + 1 :]


def pounded(seed: int, *frames: bytes) -> tuple[bytes, list[int]]:
    """Return a stream and its cuts, the same for the same seed.

    Cruder than `streams` and ten times as fast, for a night of it.
    """
    chance = Random(seed)  # noqa: S311 - no secret
    stream = bytearray()
    for _ in range(chance.randrange(6)):
        piece = bytearray(chance.choice(frames) if chance.random() < 0.8 else b"")
        match chance.randrange(5):
            case 0:
                piece += chance.randbytes(chance.randrange(40))
            case 1 if piece:
                piece[chance.randrange(len(piece))] = chance.randrange(256)
            case 2:
                del piece[chance.randrange(len(piece) + 1) :]
            case 3:
                del piece[: chance.randrange(len(piece) + 1)]
        stream += piece
    cuts_count = chance.randrange(6)
    return bytes(stream), [chance.randrange(600) for _ in range(cuts_count)]
