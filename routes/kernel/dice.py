"""Random numbers, from a state that is given."""

import numpy as np

from routes.kernel.compiled import inlined

_SHIFT_A = np.uint64(12)
_SHIFT_B = np.uint64(25)
_SHIFT_C = np.uint64(27)
_FACTOR = np.uint64(2685821657736338717)
_HALF = np.uint64(32)
_FRACTION = np.uint64(11)


def dice_of(seed: int) -> np.ndarray:
    """Return the state of random numbers that only `seed` decides."""
    return np.random.default_rng(seed).integers(1, 2**63, size=1, dtype=np.uint64)


@inlined
def roll(dice):
    """Return 64 random bits and step `dice` on.

    Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators,
    scrambled", ACM Transactions on Mathematical Software 42 (4), 2016: xorshift64*.
    """
    state = dice[0]
    state ^= state >> _SHIFT_A
    state ^= state << _SHIFT_B
    state ^= state >> _SHIFT_C
    dice[0] = state
    return state * _FACTOR


@inlined
def below(dice, count):
    """Return a random whole number, at least 0 and below `count`."""
    return np.int64(((roll(dice) >> _HALF) * np.uint64(count)) >> _HALF)


@inlined
def chance(dice):
    """Return a random fraction, at least 0 and below 1."""
    return np.float64(roll(dice) >> _FRACTION) * (1.0 / 9007199254740992.0)
