"""Random numbers and values drawn with them: the same steps as in ``numbers.py`` and ``draws.py``, for the iterations of a block."""

from __future__ import annotations

from typing import cast

import numpy as np

from stellwerk.engine.simulation import numbers, shapes
from stellwerk.engine.simulation.draws import CONSTANT, SPLIT, Draws, Floats, Ints
from stellwerk.engine.simulation.kernels.base import Input, Room, njit, within
from stellwerk.engine.simulation.layout import WIDTH
from stellwerk.engine.simulation.numbers import GROUP, Purpose, Words

Four = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

MASK = np.uint64(numbers.MASK)
HALF = np.uint64(32)
CUT = np.uint64(9)
FIRST_MULTIPLIER, SECOND_MULTIPLIER = (np.uint64(one) for one in numbers.MULTIPLIER)
ZERO, ONE = np.float32(0), np.float32(1)
MIDDLE = np.float32(0.5)
STEP = np.float32(numbers.STEP)
LEAST = np.float32(2.0**shapes.SMALLEST)
MOST = ONE - LEAST
FARTHEST = np.float32(5.3)
PHI_LIMIT, PHI_CELLS = np.float32(shapes.PHI_LIMIT), np.float32(shapes.PHI_CELLS)
FRACTION_BITS, FRACTION_MASK = np.uint32(shapes.FRACTION_BITS), np.uint32(shapes.FRACTION_MASK)
FRACTION_STEP = np.float32(shapes.FRACTION_STEP)
FIRST_CELL, SIDE, NO_SIDE = np.uint32(shapes.FIRST_CELL), np.uint32(shapes.SIDE), np.uint32(0)
NEXT = np.uint64(1)
LANES = GROUP // numbers.WORDS
HALF_LANES = LANES // 2
# Numbers of numpy: whole ones of Python are constants for numba, which would compile what draws once for each of them.
DURATION, COST, FACTOR, SEVERITY = (cast(int, np.int64(one)) for one in (Purpose.DURATION, Purpose.COST, Purpose.FACTOR, Purpose.SEVERITY))  # fmt: skip


@within
def mixed(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, keys: Words, r: int) -> Four:
    """One round of Philox."""
    one, two = FIRST_MULTIPLIER * (a & MASK), SECOND_MULTIPLIER * (c & MASK)
    return (two >> HALF) ^ b ^ keys[r, 0], two & MASK, (one >> HALF) ^ d ^ keys[r, 1], one & MASK


@within
def philox(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, keys: Words) -> Four:
    """Ten rounds, written out: in a loop they would not run on many counters at once."""
    a, b, c, d = mixed(a, b, c, d, keys, 0)
    a, b, c, d = mixed(a, b, c, d, keys, 1)
    a, b, c, d = mixed(a, b, c, d, keys, 2)
    a, b, c, d = mixed(a, b, c, d, keys, 3)
    a, b, c, d = mixed(a, b, c, d, keys, 4)
    a, b, c, d = mixed(a, b, c, d, keys, 5)
    a, b, c, d = mixed(a, b, c, d, keys, 6)
    a, b, c, d = mixed(a, b, c, d, keys, 7)
    a, b, c, d = mixed(a, b, c, d, keys, 8)
    a, b, c, d = mixed(a, b, c, d, keys, 9)
    return a, b, c, d


@within
def fraction(word: np.uint64) -> np.float32:
    """The upper 23 bits as a number between 0 and 1."""
    return (np.float32(np.int32((word & MASK) >> CUT)) + MIDDLE) * STEP


@njit
def plain(keys: Words, stream: int, purpose: int, first: int, u: Floats) -> None:
    row, kind = np.uint64(stream), np.uint64(purpose)
    for group in range(WIDTH // GROUP):
        base, at = np.uint64((first // GROUP + group) * LANES), group * GROUP
        for lane in range(LANES):
            a, b, c, d = philox(base + np.uint64(lane), row, kind, np.uint64(0), keys)
            u[at + lane] = fraction(a)
            u[at + lane + LANES] = fraction(b)
            u[at + lane + 2 * LANES] = fraction(c)
            u[at + lane + 3 * LANES] = fraction(d)


@njit
def mirrored(keys: Words, stream: int, purpose: int, first: int, u: Floats) -> None:
    row, kind = np.uint64(stream), np.uint64(purpose)
    for group in range(WIDTH // GROUP):
        base, at = np.uint64((first // GROUP + group) * HALF_LANES), group * GROUP
        for lane in range(HALF_LANES):
            a, b, c, d = philox(base + np.uint64(lane), row, kind, np.uint64(0), keys)
            one, two, three, four = fraction(a), fraction(b), fraction(c), fraction(d)
            u[at + lane] = one
            u[at + lane + HALF_LANES] = two
            u[at + lane + 2 * HALF_LANES] = three
            u[at + lane + 3 * HALF_LANES] = four
            u[at + lane + 4 * HALF_LANES] = ONE - one
            u[at + lane + 5 * HALF_LANES] = ONE - two
            u[at + lane + 6 * HALF_LANES] = ONE - three
            u[at + lane + 7 * HALF_LANES] = ONE - four


@njit
def uniforms(keys: Words, stream: int, purpose: int, first: int, antithetic: bool, u: Floats) -> None:
    """Fills ``u`` with the numbers of the iterations from ``first`` on."""
    if antithetic:
        mirrored(keys, stream, purpose, first, u)
    else:
        plain(keys, stream, purpose, first, u)


@njit
def look_up(table: Floats, u: Floats, left: np.float32, scale: np.float32, value: Floats, spare: Floats) -> None:
    """``value`` = left + scale × the table at u."""
    for j in range(WIDTH):
        value[j] = min(u[j], ONE - u[j])
    bits, cells = value.view(np.uint32), spare.view(np.uint32)
    for j in range(WIDTH):
        bit = bits[j]
        cells[j] = (bit >> FRACTION_BITS) - FIRST_CELL + (SIDE if u[j] > MIDDLE else NO_SIDE)
        value[j] = np.float32(np.int32(bit & FRACTION_MASK)) * FRACTION_STEP
    for j in range(WIDTH):
        cell = np.uint64(cells[j])
        node = table[cell]
        value[j] = left + scale * (node + value[j] * (table[cell + NEXT] - node))


@within
def follow(given: Input, room: Room, columns: Draws, row: int, u: Floats) -> None:
    """Makes the uniform numbers ``u`` follow the shared factor of a row."""
    factor, loading, rest = room.factors[columns.factor[row]], columns.loading[row], columns.rest[row]
    value, cells, phi = room.value, room.spare.view(np.uint32), given.phi
    look_up(given.normal, u, ZERO, ONE, value, room.spare)
    for j in range(WIDTH):
        z = loading * factor[j] + rest * value[j]
        z = min(max(z, -FARTHEST), FARTHEST)
        at = (z + PHI_LIMIT) * PHI_CELLS
        cell = np.int32(at)
        cells[j] = np.uint32(cell)
        value[j] = at - np.float32(cell)
    for j in range(WIDTH):
        place = np.uint64(cells[j])
        node = phi[place]
        u[j] = min(max(node + value[j] * (phi[place + NEXT] - node), LEAST), MOST)


@within
def draw(columns: Draws, row: int, tables: Floats, u: Floats, value: Floats, spare: Floats) -> None:
    """The values of one row at the numbers ``u``."""
    left, left_scale = columns.left[row], columns.left_scale[row]
    if columns.kind[row] == CONSTANT:
        value[:] = left
    elif columns.kind[row] == SPLIT:
        cut, right, right_scale = columns.cut[row], columns.right[row], columns.right_scale[row]
        for j in range(WIDTH):
            below = u[j] < cut
            root = np.sqrt(u[j] if below else ONE - u[j])
            value[j] = (left if below else right) + (left_scale if below else right_scale) * root
    else:
        look_up(tables[columns.table[row]], u, left, left_scale, value, spare)


@njit
def prepare(given: Input, room: Room, first: int) -> None:
    """Factors and risks of a block."""
    for row in range(len(given.factor_streams)):
        uniforms(given.keys, given.factor_streams[row], FACTOR, first, given.antithetic, room.u)
        look_up(given.normal, room.u, ZERO, ONE, room.factors[row], room.spare)
    chances = given.chances
    for row in range(len(chances.low)):
        uniforms(given.keys, chances.stream[row], chances.purpose[row], first, given.antithetic, room.u)
        low, high = chances.low[row], chances.high[row]
        for j in range(WIDTH):
            room.happens[row, j] = np.int32(room.u[j] >= low) & np.int32(room.u[j] < high)
        if chances.severity[row] >= 0:
            uniforms(given.keys, chances.severity[row], SEVERITY, first, given.antithetic, room.severity[row])
        else:
            room.severity[row, :] = MIDDLE


@within
def durations(given: Input, room: Room, first: int, p: int, into: Ints) -> None:
    """Minutes of open work of one position."""
    columns, steps, u, value = given.durations, given.steps, room.u, room.value
    if columns.kind[p] != CONSTANT:
        uniforms(given.keys, columns.stream[p], DURATION, first, given.antithetic, u)
        if columns.factor[p] >= 0:
            follow(given, room, columns, p, u)
    draw(columns, p, given.tables, u, value, room.spare)
    for j in range(WIDTH):
        into[j] = np.int32(value[j] + MIDDLE)
    for index in range(steps.hit_first[p], steps.hit_first[p + 1]):
        hit = steps.hit[index]
        risk, sign = given.hit_risk[hit], given.hit_sign[hit]
        happens = room.happens[risk]
        draw(given.hit_draws, hit, given.tables, room.severity[risk], value, room.spare)
        for j in range(WIDTH):
            into[j] = np.int32(into[j] + happens[j] * sign * np.int32(value[j] + MIDDLE))
    if steps.hit_first[p] < steps.hit_first[p + 1]:
        for j in range(WIDTH):
            into[j] = max(into[j], np.int32(0))
