"""Random numbers that are computed, not kept: Philox 4×32 with ten rounds (Salmon et al., 2011), by seed, stream and iteration.

The number of an iteration depends on nothing else: not on how many there are, on blocks, threads or the order of computing.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Words = NDArray[np.uint64]

GROUP = 128
"""Iterations whose numbers come together; blocks are whole groups."""
WORDS = 4
ROUNDS = 10
MULTIPLIER = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
MASK = 0xFFFFFFFF
STEP = 2.0**-23


class Purpose(IntEnum):
    """Separates the streams of different kinds of rows."""

    DURATION = 0
    COST = 1
    FACTOR = 2
    RISK = 3
    EXCLUSIVE = 4
    SEVERITY = 5


def round_keys(seed: int) -> Words:
    """The key of each round, two words each."""
    keys = [((seed & MASK) + i * WEYL[0] & MASK, (seed >> 32) + i * WEYL[1] & MASK) for i in range(ROUNDS)]
    return np.array(keys, np.uint64)


def philox(counter: Words, stream: int, purpose: int, keys: Words) -> tuple[Words, Words, Words, Words]:
    """Four words of 32 bits for each counter."""
    mask, half = np.uint64(MASK), np.uint64(32)
    first, second = np.uint64(MULTIPLIER[0]), np.uint64(MULTIPLIER[1])
    a, b = counter, np.full_like(counter, stream)
    c, d = np.full_like(counter, purpose), np.zeros_like(counter)
    for key in keys:
        one, two = first * a, second * c
        a, b, c, d = (two >> half) ^ b ^ key[0], two & mask, (one >> half) ^ d ^ key[1], one & mask
    return a, b, c, d


def uniforms(keys: Words, stream: int, purpose: int, first: int, count: int, *, antithetic: bool) -> Floats:
    """Numbers strictly between 0 and 1 for ``count`` iterations from ``first`` on (both multiples of 128).

    Antithetic: the second half of each 128 is 1 minus the first.
    """
    groups = count // GROUP
    each = GROUP // WORDS // (2 if antithetic else 1)
    counter = np.arange(first // GROUP * each, (first // GROUP + groups) * each, dtype=np.uint64)
    words = philox(counter, stream, purpose, keys)
    table = np.stack([word.reshape(groups, each) for word in words], axis=1).reshape(groups, -1)
    result: Floats = ((table >> np.uint64(9)).astype(np.float32) + np.float32(0.5)) * np.float32(STEP)
    if antithetic:
        result = np.concatenate([result, np.float32(1) - result], axis=1)
    return result.ravel()
