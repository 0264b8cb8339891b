"""The inner loops compiled by numba (extra ``solver``): the same steps as ``arrays.py``, each a loop over the iterations of a block.

Loops are short and without branches, so that the compiler makes each step work on many iterations at once; whole numbers and no reordering of
fractions, so that both ways agree to the last bit. Import this module only where the extra is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.network.compiled import minute_at, near_row, next_finish, previous_finish, work
from stellwerk.engine.network.frame import Tables
from stellwerk.engine.simulation import numbers, shapes
from stellwerk.engine.simulation.draws import CONSTANT, SPLIT, Draws, Floats, Ints
from stellwerk.engine.simulation.model import Integers
from stellwerk.engine.simulation.numbers import GROUP, Purpose, Words
from stellwerk.engine.simulation.plan import COUNTED, DONE, Amounts, Chances, Steps

Four = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
Function = TypeVar("Function", bound=Callable[..., object])

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
DURATION, COST, FACTOR, SEVERITY = (int(one) for one in (Purpose.DURATION, Purpose.COST, Purpose.FACTOR, Purpose.SEVERITY))  # fmt: skip


class Input(NamedTuple):
    """A plan as the loops take it."""

    steps: Steps
    durations: Draws
    amounts: Amounts
    amount_draws: Draws
    hit_draws: Draws
    hit_risk: Ints
    hit_sign: Ints
    chances: Chances
    factor_streams: Integers
    tables: Floats
    normal: Floats
    phi: Floats
    ends: Ints
    end_centre: Ints
    fixed_cost: Integers
    shift: int
    together: bool
    dated: bool
    time: Tables
    keys: Words
    antithetic: bool


class Room(NamedTuple):
    """What one thread works in: a row per position, risk, factor; a column per iteration of the block."""

    finish: Ints
    duration: Ints
    begin: Ints
    end: Ints
    factors: Floats
    happens: Ints
    severity: Floats
    u: Floats
    value: Floats
    spare: Floats
    start_bound: Ints
    finish_bound: Ints


def njit(function: Function) -> Function:
    """Nothing in here makes arrays, so none is counted (``_nrt``): counting would take longer than the short loops."""
    return cast(
        Function,
        cast(Any, numba.njit)(cache=True, nogil=True, boundscheck=False, error_model="numpy", _nrt=False)(function),
    )


def within(function: Function) -> Function:
    """Compiled into what calls it, so that the loop around it stays one loop."""
    return cast(Function, cast(Any, numba.njit)(inline="always", boundscheck=False, error_model="numpy")(function))


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
    for group in range(len(u) // GROUP):
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
    for group in range(len(u) // GROUP):
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
    for j in range(len(u)):
        value[j] = min(u[j], ONE - u[j])
    bits, cells = value.view(np.uint32), spare.view(np.uint32)
    for j in range(len(u)):
        bit = bits[j]
        cells[j] = (bit >> FRACTION_BITS) - FIRST_CELL + (SIDE if u[j] > MIDDLE else NO_SIDE)
        value[j] = np.float32(np.int32(bit & FRACTION_MASK)) * FRACTION_STEP
    for j in range(len(u)):
        cell = np.uint64(cells[j])
        node = table[cell]
        value[j] = left + scale * (node + value[j] * (table[cell + NEXT] - node))


@njit
def copy(source: NDArray[Any], into: NDArray[Any]) -> None:
    for j in range(len(source)):
        into[j] = source[j]


@within
def follow(given: Input, room: Room, columns: Draws, row: int, u: Floats) -> None:
    """Makes the uniform numbers ``u`` follow the shared factor of a row."""
    factor, loading, rest = room.factors[columns.factor[row]], columns.loading[row], columns.rest[row]
    value, cells, phi = room.value, room.spare.view(np.uint32), given.phi
    look_up(given.normal, u, ZERO, ONE, value, room.spare)
    for j in range(len(u)):
        z = loading * factor[j] + rest * value[j]
        z = min(max(z, -FARTHEST), FARTHEST)
        at = (z + PHI_LIMIT) * PHI_CELLS
        cell = np.int32(at)
        cells[j] = np.uint32(cell)
        value[j] = at - np.float32(cell)
    for j in range(len(u)):
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
        for j in range(len(u)):
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
        for j in range(len(room.u)):
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
    for j in range(len(u)):
        into[j] = np.int32(value[j] + MIDDLE)
    for index in range(steps.hit_first[p], steps.hit_first[p + 1]):
        hit = steps.hit[index]
        risk, sign = given.hit_risk[hit], given.hit_sign[hit]
        happens = room.happens[risk]
        draw(given.hit_draws, hit, given.tables, room.severity[risk], value, room.spare)
        for j in range(len(u)):
            into[j] += happens[j] * sign * np.int32(value[j] + MIDDLE)
    if steps.hit_first[p] < steps.hit_first[p + 1]:
        for j in range(len(u)):
            into[j] = max(into[j], np.int32(0))


@njit
def lagged(time: Tables, at: int, lag: int, calendar: int) -> int:
    if lag == 0:
        return at
    if calendar == 0:
        return min(max(at + lag, 0), HORIZON + 1)
    return minute_at(time, work(time, calendar, at) + lag - 1, near_row(calendar, at)) + 1


@njit
def unlagged(time: Tables, at: int, lag: int, calendar: int) -> int:
    if lag == 0:
        return at
    if calendar == 0:
        return min(max(at - lag, 0), HORIZON)
    return min(max(minute_at(time, work(time, calendar, at) - lag, near_row(calendar, at)), 0), HORIZON)


@njit
def forward(given: Input, room: Room, first: int) -> None:
    steps = given.steps
    for row in range(len(given.ends)):
        room.end[row, :] = given.ends[row]
    for p in range(len(steps.mode)):
        if steps.mode[p] == DONE:
            continue
        own = room.finish[p]
        durations(given, room, first, p, room.duration[p])
        room.start_bound[:] = steps.start_from[p]
        if steps.mode[p] == COUNTED:
            earliest(steps, room, p, own)
        else:
            earliest_dated(steps, room, given.time, p)
        if steps.last[p] != 0:
            end = room.end[steps.project[p]]
            for j in range(len(own)):
                end[j] = max(end[j], own[j])


@within
def earliest(steps: Steps, room: Room, p: int, own: Ints) -> None:
    """The earliest finish where working minutes are counted."""
    start, finish, duration = room.start_bound, room.finish_bound, room.duration[p]
    into_finish = steps.finish_from[p] > 0
    finish[:] = steps.finish_from[p]
    for link in range(steps.in_first[p], steps.in_first[p + 1]):
        source, lag = steps.in_source[link], steps.in_lag[link]
        bound = start
        if steps.in_into_start[link] == 0:
            bound, into_finish = finish, True
        point, length = room.finish[source], room.duration[source]
        if steps.in_from_start[link] != 0:
            for j in range(len(bound)):
                bound[j] = max(bound[j], point[j] - length[j] + lag)
        else:
            for j in range(len(bound)):
                bound[j] = max(bound[j], point[j] + lag)
    if into_finish:
        for j in range(len(own)):
            own[j] = max(start[j] + duration[j], finish[j])
    else:
        for j in range(len(own)):
            own[j] = start[j] + duration[j]


@njit
def earliest_dated(steps: Steps, room: Room, time: Tables, p: int) -> None:
    """In instants: the same as the forward pass of the network."""
    calendar = steps.calendar[p]
    duration, begin, own = room.duration[p], room.begin[p], room.finish[p]
    for j in range(len(own)):
        start, finish = int(steps.start_from[p]), int(steps.finish_from[p])
        for link in range(steps.in_first[p], steps.in_first[p + 1]):
            source = steps.in_source[link]
            point = int(room.begin[source, j] if steps.in_from_start[link] != 0 else room.finish[source, j])
            bound = lagged(time, point, int(steps.in_lag[link]), steps.in_calendar[link])
            if steps.in_into_start[link] != 0:
                start = max(start, bound)
            else:
                finish = max(finish, bound)
        length = int(duration[j])
        if length > 0:
            near = near_row(calendar, start)
            number = work(time, calendar, start)
            from_ = minute_at(time, number, near)
            until = minute_at(time, number + length - 1, near) + 1
            if finish > until:
                until = next_finish(time, calendar, finish)
                from_ = minute_at(time, work(time, calendar, until) - length, near_row(calendar, until))
        else:
            from_ = until = next_finish(time, calendar, max(start, finish))
        begin[j], own[j] = from_, until


@njit
def costs(given: Input, room: Room, first: int, width: int, cost: Integers) -> None:
    amounts, columns = given.amounts, given.amount_draws
    for row in range(len(given.fixed_cost)):
        cost[row][first : first + width] = given.fixed_cost[row]
    for row in range(len(amounts.position)):
        into = cost[amounts.project[row]][first : first + width]
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
            length = room.duration[position]
            for j in range(len(into)):
                into[j] += np.int64(np.floor(base + rate * length[j] + scale * value[j] + 0.5))
        elif risk >= 0:
            happens = room.happens[risk]
            for j in range(len(into)):
                into[j] += happens[j] * np.int64(np.floor(base + scale * value[j] + 0.5))
        else:
            for j in range(len(into)):
                into[j] += np.int64(np.floor(base + scale * value[j] + 0.5))


@njit
def backward(given: Input, room: Room, valid: int, critical: Integers, sums: Integers) -> None:
    steps = given.steps
    if given.together:
        for row in range(1, len(given.ends)):
            raise_to(room.end[0], room.end[row])
    for p in range(len(steps.mode) - 1, -1, -1):
        if steps.mode[p] == DONE:
            continue
        end = room.end[0] if given.together else room.end[steps.project[p]]
        if steps.measured[p] != 0:
            end_centre = given.end_centre[steps.project[p]]
            add(room.duration[p], end, steps.centre[p], end_centre, given.shift, valid, sums[p])
        if steps.mode[p] == COUNTED:
            critical[p] += latest(steps, room, p, end, valid)
        else:
            critical[p] += latest_dated(steps, room, given.time, p, end, valid)


@njit
def raise_to(low: Ints, high: Ints) -> None:
    for j in range(len(low)):
        low[j] = max(low[j], high[j])


@within
def latest(steps: Steps, room: Room, p: int, end: Ints, valid: int) -> int:
    """Moves ``p`` to its latest dates; returns how often these are its earliest ones."""
    late, duration, own = room.start_bound, room.duration[p], room.finish[p]
    copy(end, late)
    for link in range(steps.out_first[p], steps.out_first[p + 1]):
        target, lag = steps.out_target[link], steps.out_lag[link]
        limit = room.duration[target] if steps.out_into_start[link] != 0 else room.finish[target]
        if steps.out_from_start[link] != 0:
            for j in range(len(late)):
                late[j] = min(late[j], limit[j] - lag + duration[j])
        else:
            for j in range(len(late)):
                late[j] = min(late[j], limit[j] - lag)
    count = 0
    for j in range(valid):
        count += late[j] <= own[j]
    for j in range(len(late)):
        own[j] = late[j]
        duration[j] = late[j] - duration[j]
    return count


@njit
def add(duration: Ints, end: Ints, centre: int, end_centre: int, shift: int, valid: int, sums: Integers) -> None:
    one = two = three = np.int64(0)
    if shift == 0:
        # Cut to 32 bits, so that a product is one instruction on several numbers at once.
        for j in range(valid):
            near, far = np.int32(duration[j] - np.int32(centre)), np.int32(end[j] - np.int32(end_centre))
            one += np.int64(near)
            two += np.int64(near) * np.int64(near)
            three += np.int64(near) * np.int64(far)
    else:
        for j in range(valid):
            d = np.int64(duration[j] - np.int32(centre)) >> shift
            f = np.int64(end[j] - np.int32(end_centre)) >> shift
            one += d
            two += d * d
            three += d * f
    sums[0] += one
    sums[1] += two
    sums[2] += three


@njit
def latest_dated(steps: Steps, room: Room, time: Tables, p: int, end: Ints, valid: int) -> int:
    """The same in instants."""
    calendar = steps.calendar[p]
    begin, own, duration = room.begin[p], room.finish[p], room.duration[p]
    count = 0
    for j in range(len(end)):
        start_until, finish_until = HORIZON, int(end[j])
        for link in range(steps.out_first[p], steps.out_first[p + 1]):
            target = steps.out_target[link]
            point = int(room.begin[target, j] if steps.out_into_start[link] != 0 else room.finish[target, j])
            limit = unlagged(time, point, int(steps.out_lag[link]), steps.out_calendar[link])
            if steps.out_from_start[link] != 0:
                start_until = min(start_until, limit)
            else:
                finish_until = min(finish_until, limit)
        length = int(duration[j])
        if length > 0:
            until = previous_finish(time, calendar, finish_until)
            from_ = minute_at(time, work(time, calendar, until) - length, near_row(calendar, until))
            if start_until < from_:
                number = work(time, calendar, start_until + 1) - 1
                near = near_row(calendar, start_until)
                from_ = minute_at(time, number, near)
                until = minute_at(time, number + length, near)
        else:
            from_ = until = previous_finish(time, calendar, min(start_until, finish_until))
        from_, until = max(from_, 0), max(until, 0)
        if j < valid and work(time, calendar, from_) <= work(time, calendar, int(begin[j])):
            count += 1
        begin[j], own[j] = from_, until
    return count


@njit
def run(
    given: Input, room: Room, first: int, last: int, wanted: int, finish: Ints, cost: Integers, critical: Integers,
    sums: NDArray[np.int64],
) -> None:  # fmt: skip
    """The iterations from ``first`` to ``last``, block after block, of which the first ``wanted`` count."""
    width = len(room.u)
    for at in range(first, last, width):
        prepare(given, room, at)
        forward(given, room, at)
        for row in range(len(given.ends)):
            copy(room.end[row], finish[row][at : at + width])
        costs(given, room, at, width, cost)
        backward(given, room, min(width, wanted - at), critical, sums)
