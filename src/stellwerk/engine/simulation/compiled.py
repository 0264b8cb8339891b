"""The inner loops compiled by numba (extra ``solver``): the same steps as ``arrays.py``, each a loop over the iterations of a block.

What comes out is equal to the last bit: whole numbers, and no reordering of fractions. Import this module only where the extra is installed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.simulation.draws import CONSTANT, Ints
from stellwerk.engine.simulation.kernels.base import Input, Room, copy, njit, raise_to, room_of, within
from stellwerk.engine.simulation.kernels.counted import add, distances, earliest, latest, settle
from stellwerk.engine.simulation.kernels.dated import earliest_dated, latest_dated
from stellwerk.engine.simulation.kernels.draws import COST, ZERO, draw, durations, follow, prepare, uniforms
from stellwerk.engine.simulation.layout import WIDTH
from stellwerk.engine.simulation.model import Integers
from stellwerk.engine.simulation.plan import COUNTED, DONE

__all__ = ["Input", "Room", "room_of", "run"]


@within
def amount(given: Input, room: Room, first: int, row: int, cost: Integers) -> None:
    """Adds one cost item to its project; the work of its position is in ``room.length``."""
    amounts, columns = given.amounts, given.amount_draws
    into = cost[amounts.project[row]][first : first + WIDTH]
    risk, position = amounts.risk[row], amounts.position[row]
    base, rate, scale = amounts.base[row], amounts.rate[row], amounts.scale[row]
    u, value = room.u, room.value
    value[:] = ZERO
    if columns.kind[row] != CONSTANT:
        if risk >= 0:
            copy(room.severity[risk], u)
        else:
            uniforms(given.keys, columns.stream[row], COST, first, given.antithetic, u)
        if columns.factor[row] >= 0:
            follow(given, room, columns, row, u)
        draw(columns, row, given.tables, u, value, room.spare)
    else:
        scale = 0.0
    if position >= 0:
        length = room.length
        for j in range(WIDTH):
            into[j] += np.int64(np.floor(base + rate * length[j] + scale * value[j] + 0.5))
    elif risk >= 0:
        happens = room.happens[risk]
        for j in range(WIDTH):
            into[j] += happens[j] * np.int64(np.floor(base + scale * value[j] + 0.5))
    else:
        for j in range(WIDTH):
            into[j] += np.int64(np.floor(base + scale * value[j] + 0.5))


@njit
def forward(given: Input, room: Room, first: int, cost: Integers) -> None:
    steps = given.steps
    for row in range(len(given.ends)):
        room.end[row, :] = given.ends[row]
    for p in range(len(steps.mode)):
        if steps.mode[p] == DONE:
            continue
        durations(given, room, first, p, room.length)
        if steps.measured[p] != 0:
            distances(room.length, steps.centre[p], int(steps.near[p]), room.near[p])
        for index in range(given.layout.cost_first[p], given.layout.cost_first[p + 1]):
            amount(given, room, first, given.layout.cost[index], cost)
        if steps.mode[p] == COUNTED:
            room.critical_words[p, :] = np.uint64(0)
            earliest(given, room, p)
            settle(given, room, p)
        else:
            copy(room.length, room.duration[p])
            earliest_dated(steps, room, given.time, p)
            if steps.last[p] != 0:
                raise_to(room.end[steps.project[p]], room.finish[p])


@njit
def backward(given: Input, room: Room, valid: int, critical: Integers, sums: Integers) -> None:
    steps = given.steps
    if given.together:
        for row in range(1, len(given.ends)):
            raise_to(room.end[0], room.end[row])
    for row in range(len(given.ends)):
        end = room.end[0] if given.together else room.end[row]
        for j in range(WIDTH):
            room.far[row, j] = np.int32(end[j] - given.end_centre[row]) >> given.shift
    # In the order of writing, so that the memory is read ahead.
    for p in range(len(steps.mode)):
        if steps.measured[p] != 0:
            add(room.near[p], room.far[steps.project[p]], valid, sums[p])
    for p in range(len(steps.mode) - 1, -1, -1):
        if steps.mode[p] == DONE:
            continue
        end = room.end[0] if given.together else room.end[steps.project[p]]
        if steps.mode[p] == COUNTED:
            critical[p] += latest(given, room, p, end, valid)
        else:
            critical[p] += latest_dated(steps, room, given.time, p, end, valid)


@njit
def run(
    given: Input, room: Room, first: int, last: int, wanted: int, finish: Ints, cost: Integers, critical: Integers,
    sums: NDArray[np.int64],
) -> None:  # fmt: skip
    """The iterations from ``first`` to ``last``, block after block, of which the first ``wanted`` count."""
    others = given.layout.cost_first[len(given.steps.mode)]
    for at in range(first, last, WIDTH):
        prepare(given, room, at)
        for row in range(len(given.ends)):
            cost[row][at : at + WIDTH] = given.fixed_cost[row]
        forward(given, room, at, cost)
        for index in range(others, len(given.layout.cost)):
            amount(given, room, at, given.layout.cost[index], cost)
        for row in range(len(given.ends)):
            copy(room.end[row], finish[row][at : at + WIDTH])
        backward(given, room, min(WIDTH, wanted - at), critical, sums)
