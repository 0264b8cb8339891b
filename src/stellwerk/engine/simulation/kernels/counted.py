"""Positions that are counted in working minutes: every step an addition.

Forward, each link that holds a position leaves a bit. Backward, these bits alone say what lies on a longest path: what is critical and held by a link makes the source
of that link critical. So late dates are not computed, and no date has to be kept for them.
"""

from __future__ import annotations

import numpy as np

from stellwerk.engine.simulation.draws import Ints
from stellwerk.engine.simulation.kernels.base import WORDS, Input, Room, copy, njit, within
from stellwerk.engine.simulation.layout import BITS, WIDTH
from stellwerk.engine.simulation.model import Integers
from stellwerk.engine.simulation.numbers import Words
from stellwerk.engine.simulation.plan import Bytes

NO, FIRST, SECOND = np.int32(0), np.int32(1), np.int32(2)
EVERY_OTHER = np.uint64(0x00FF00FF00FF00FF)
GATHER, TOP, BYTE, BIT = np.uint64(0x0001000100010001), np.uint64(48), np.uint64(8), np.uint64(1)


@njit
def begun(start: np.int32, a: Ints, lag_a: np.int32, b: Ints, lag_b: np.int32, into: Ints, tight: Bytes) -> None:
    """The first two links into a start."""
    for j in range(WIDTH):
        one, two = np.int32(a[j] + lag_a), np.int32(b[j] + lag_b)
        most = max(start, max(one, two))
        tight[j] = np.int8((FIRST if one == most else NO) | (SECOND if two == most else NO))
        into[j] = most


@njit
def gone_on(bit: np.int32, a: Ints, lag_a: np.int32, b: Ints, lag_b: np.int32, into: Ints, tight: Bytes) -> None:
    """Two more."""
    next_bit = np.int32(bit << 1)
    for j in range(WIDTH):
        one, two, before = np.int32(a[j] + lag_a), np.int32(b[j] + lag_b), into[j]
        most = max(before, max(one, two))
        held = np.int32(tight[j]) if before == most else NO
        tight[j] = np.int8(held | (bit if one == most else NO) | (next_bit if two == most else NO))
        into[j] = most


@njit
def latest_of(a: Ints, lag_a: np.int32, b: Ints, lag_b: np.int32, into: Ints) -> None:
    for j in range(WIDTH):
        into[j] = max(into[j], max(np.int32(a[j] + lag_a), np.int32(b[j] + lag_b)))


@njit
def mark(bit: np.int32, a: Ints, lag_a: np.int32, b: Ints, lag_b: np.int32, found: Ints, tight: Bytes) -> None:
    """Which of two links ask for what was found."""
    next_bit = np.int32(bit << 1)
    for j in range(WIDTH):
        one, two = np.int32(a[j] + lag_a), np.int32(b[j] + lag_b)
        tight[j] = np.int8(
            np.int32(tight[j]) | (bit if one == found[j] else NO) | (next_bit if two == found[j] else NO)
        )


@within
def earliest_of_many(given: Input, room: Room, p: int) -> None:
    """More than eight links, or some that bound the finish: first the dates, then what holds them. ``room.start`` becomes finish − work."""
    layout, points, start, until, length = given.layout, room.points, room.start, room.until, room.length
    first, middle, last = layout.first[p], layout.middle[p], layout.first[p + 1]
    start[:] = given.steps.start_from[p]
    for link in range(first, middle, 2):
        latest_of(points[layout.from_row[link]], layout.lag[link], points[layout.from_row[link + 1]], layout.lag[link + 1], start)  # fmt: skip
    finish_from = max(given.steps.finish_from[p], np.int32(0))
    for j in range(WIDTH):
        until[j] = max(np.int32(start[j] + length[j]), finish_from)
    for link in range(middle, last, 2):
        latest_of(points[layout.from_row[link]], layout.lag[link], points[layout.from_row[link + 1]], layout.lag[link + 1], until)  # fmt: skip
    for j in range(WIDTH):
        start[j] = np.int32(until[j] - length[j])
    for row in range(layout.tight_first[p], layout.tight_first[p + 1]):
        room.tight_words[row, :] = np.uint64(0)
    for link in range(first, last, 2):
        row, bit = layout.tight_first[p] + (link - first) // BITS, np.int32(FIRST << ((link - first) % BITS))
        found = start if link < middle else until
        mark(bit, points[layout.from_row[link]], layout.lag[link], points[layout.from_row[link + 1]], layout.lag[link + 1], found, room.tight[row])  # fmt: skip


@within
def earliest(given: Input, room: Room, p: int) -> None:
    """Finish and start of one position in ``room.until`` and ``room.start``; its work is in ``room.length``."""
    layout, points = given.layout, room.points
    first, middle, last = layout.first[p], layout.middle[p], layout.first[p + 1]
    start_from = given.steps.start_from[p]
    start = room.start
    if layout.simple[p] == 0:
        earliest_of_many(given, room, p)
    elif first == last:
        start[:] = start_from
    else:
        tight = room.tight[layout.tight_first[p]]
        begun(start_from, points[layout.from_row[first]], layout.lag[first], points[layout.from_row[first + 1]], layout.lag[first + 1], start, tight)  # fmt: skip
        for link in range(first + 2, middle, 2):
            bit = np.int32(FIRST << (link - first))
            gone_on(bit, points[layout.from_row[link]], layout.lag[link], points[layout.from_row[link + 1]], layout.lag[link + 1], start, tight)  # fmt: skip


@within
def settle(given: Input, room: Room, p: int) -> None:
    """Writes the dates of one position where links find them."""
    layout, steps, start, length = given.layout, given.steps, room.start, room.length
    own = room.points[layout.finish_row[p]]
    for j in range(WIDTH):
        own[j] = np.int32(start[j] + length[j])
    if layout.start_row[p] != 0:
        copy(start, room.points[layout.start_row[p]])
    if steps.last[p] != 0:
        end = room.end[steps.project[p]]
        for j in range(WIDTH):
            end[j] = max(end[j], own[j])


@njit
def push(own: Words, tight: Words, bit: np.uint64, into: Words) -> None:
    """Eight iterations to a word: the flags of a critical position have only the lowest bit of each byte, so nothing strays."""
    for j in range(WORDS):
        into[j] |= own[j] & (tight[j] >> bit)


@njit
def ones(flags: Bytes, words: Words, valid: int) -> int:
    """How many of the first ``valid`` flags are set."""
    if valid < WIDTH:
        count = 0
        for j in range(valid):
            count += flags[j]
        return count
    total = np.uint64(0)
    for j in range(WORDS):
        total += words[j]
    # The bytes of the sum are at most 32 each: two to a half word, then all into the highest.
    total = (total & EVERY_OTHER) + ((total >> BYTE) & EVERY_OTHER)
    return int((total * GATHER) >> TOP)


@within
def latest(given: Input, room: Room, p: int, end: Ints, valid: int) -> int:
    """Tells the sources of the links that hold ``p`` where it is critical; returns how often it is."""
    layout, steps = given.layout, given.steps
    if steps.last[p] != 0:
        compare(room.points[layout.finish_row[p]], end, room.critical[p])
    own = room.critical_words[p]
    count = ones(room.critical[p], own, valid)
    if count > 0:
        first = layout.first[p]
        for link in range(first, layout.first[p + 1]):
            source = layout.source[link]
            if source >= 0:
                tight = room.tight_words[layout.tight_first[p] + (link - first) // BITS]
                push(own, tight, np.uint64((link - first) % BITS), room.critical_words[source])
    return count


@njit
def compare(finish: Ints, end: Ints, flags: Bytes) -> None:
    for j in range(WIDTH):
        flags[j] = np.int8(np.int32(flags[j]) | (FIRST if finish[j] == end[j] else NO))


@njit
def distances(length: Ints, centre: np.int32, shift: int, near: Integers) -> None:
    """How far the work of each iteration is from its centre, in 16 bits; rounded where more digits would be needed."""
    if shift == 0:
        for j in range(WIDTH):
            near[j] = np.int16(length[j] - centre)
        return
    half = np.int32(1 << (shift - 1))
    for j in range(WIDTH):
        near[j] = np.int16(np.int32(np.int32(length[j] - centre) + half) >> shift)


@njit
def add(near: Integers, far: Ints, valid: int, sums: Integers) -> None:
    one = two = three = np.int64(0)
    for j in range(valid):
        value = np.int32(near[j])
        one += np.int64(value)
        two += np.int64(np.int32(value * value))
        three += np.int64(value) * np.int64(far[j])
    sums[0] += one
    sums[1] += two
    sums[2] += three
