"""Schedule generation: serial and parallel, forward and backward.

Capacities lie packed: up to four resources share one 64-bit word, each with a guard bit above its digits. A demand fits where
subtracting it leaves every guard bit standing, so that one subtraction answers for four resources.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import jit

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


class Tables(NamedTuple):
    """A problem as the inner loops read it (made by ``frame.py``). Times are whole numbers, times ≥ horizon mean “no room found”."""

    duration: Ints
    ready: Ints
    """Nothing starts before it: release of the project, earliest start of the activity."""
    pinned: Ints
    """Start of what is started or fixed (its demand is already out of ``room``), else −1."""
    project: Ints
    rank: Ints
    """The activities in a stable topological order."""
    pred_first: Ints
    pred: Ints
    pred_distance: Ints
    """From start to start, of the links into each activity (CSR); links into pinned ones are left out."""
    succ_first: Ints
    succ: Ints
    succ_distance: Ints
    part_first: Ints
    """Each activity takes ``part_need`` from word ``part_word`` (CSR)."""
    part_word: Ints
    part_need: Longs
    guard: Longs
    room: Longs
    """Words × time: packed free capacities with all guard bits set."""
    release: Ints
    due: Ints
    weight: Longs
    plan: Longs
    """Kind of objective, horizon, 1 if some successor may start before its predecessor ends, 1 if capacities vary or
    something is pinned."""


@jit
def copy(source: Ints, into: Ints) -> None:
    """One by one: numba's copying of whole arrays brings its messages along, a second of compiling."""
    for at in range(len(source)):
        into[at] = source[at]


@jit
def earliest_fit(tables: Tables, free: Longs, job: int, at: int) -> int:
    """The first start ≥ ``at`` at which all demands fit for the whole duration; the horizon if there is none."""
    horizon = free.shape[1]
    duration = tables.duration[job]
    first, last = tables.part_first[job], tables.part_first[job + 1]
    if duration == 0 or first == last:
        return int(min(at, horizon))
    if last - first == 1:
        word = tables.part_word[first]
        row = free[word]
        need, guard = tables.part_need[first], tables.guard[word]
        run = 0
        for time in range(at, horizon):
            if (row[time] - need) & guard == guard:
                run += 1
                if run == duration:
                    return int(time - duration + 1)
            else:
                run = 0
        return int(horizon)
    time = at
    part = first
    while part < last:
        if time + duration > horizon:
            return int(horizon)
        word = tables.part_word[part]
        row = free[word]
        need, guard = tables.part_need[part], tables.guard[word]
        begin = time
        for cell in range(begin + duration - 1, begin - 1, -1):
            if (row[cell] - need) & guard != guard:
                time = cell + 1
                break
        part = part + 1 if time == begin else first
    return int(time)


@jit
def latest_fit(tables: Tables, free: Longs, job: int, at: int) -> int:
    """The last start ≤ ``at`` at which all demands fit for the whole duration; −1 if there is none."""
    horizon = free.shape[1]
    duration = tables.duration[job]
    first, last = tables.part_first[job], tables.part_first[job + 1]
    if duration == 0 or first == last:
        return at
    time = int(min(at, horizon - duration))
    if last - first == 1:
        word = tables.part_word[first]
        row = free[word]
        need, guard = tables.part_need[first], tables.guard[word]
        run = 0
        for cell in range(time + duration - 1, -1, -1):
            if (row[cell] - need) & guard == guard:
                run += 1
                if run == duration:
                    return int(cell)
            else:
                run = 0
        return -1
    part = first
    while part < last:
        if time < 0:
            return -1
        word = tables.part_word[part]
        row = free[word]
        need, guard = tables.part_need[part], tables.guard[word]
        begin = time
        for cell in range(begin, begin + duration):
            if (row[cell] - need) & guard != guard:
                time = cell - duration
                break
        part = part + 1 if time == begin else first
    return int(time)


@jit
def take(tables: Tables, free: Longs, job: int, start: int) -> None:
    finish = min(start + tables.duration[job], free.shape[1])
    for part in range(tables.part_first[job], tables.part_first[job + 1]):
        row = free[tables.part_word[part]]
        need = tables.part_need[part]
        for time in range(start, finish):
            row[time] -= need


@jit
def give(tables: Tables, free: Longs, job: int, start: int) -> None:
    finish = min(start + tables.duration[job], free.shape[1])
    for part in range(tables.part_first[job], tables.part_first[job + 1]):
        row = free[tables.part_word[part]]
        need = tables.part_need[part]
        for time in range(start, finish):
            row[time] += need


@jit
def pin(tables: Tables, free: Longs, start: Ints) -> None:
    """An empty plan: all capacity free, only the pinned activities have their start."""
    for word in range(free.shape[0]):
        source, target = tables.room[word], free[word]
        for time in range(free.shape[1]):
            target[time] = source[time]
    for job in range(len(start)):
        start[job] = tables.pinned[job]


@jit
def bound_from_before(tables: Tables, start: Ints, job: int) -> int:
    at = tables.ready[job]
    for link in range(tables.pred_first[job], tables.pred_first[job + 1]):
        at = max(at, start[tables.pred[link]] + tables.pred_distance[link])
    return int(at)


@jit
def serial(tables: Tables, order: Ints, free: Longs, start: Ints) -> None:
    """Each activity of the list in turn as early as links and capacities allow. The list keeps the links."""
    pin(tables, free, start)
    for place in range(len(order)):
        job = order[place]
        if tables.pinned[job] < 0:
            start[job] = earliest_fit(tables, free, job, bound_from_before(tables, start, job))
            take(tables, free, job, start[job])


@jit
def backward(tables: Tables, order: Ints, limit: Ints, free: Longs, start: Ints) -> bool:
    """Each activity of the list in turn as late as links, capacities and the ``limit`` of its project's finish allow.

    The list holds successors before predecessors. False if something does not fit above its earliest start; what finds no room at
    all stands where only its links let it, maybe before time 0.
    """
    pin(tables, free, start)
    fits = True
    for place in range(len(order)):
        job = order[place]
        if tables.pinned[job] >= 0:
            continue
        at = limit[tables.project[job]] - tables.duration[job]
        for link in range(tables.succ_first[job], tables.succ_first[job + 1]):
            at = min(at, start[tables.succ[link]] - tables.succ_distance[link])
        found = latest_fit(tables, free, job, at)
        if found < tables.ready[job]:
            fits = False
        start[job] = found if found >= 0 else at
        if found >= 0:
            take(tables, free, job, found)
    return fits


@jit
def parallel(tables: Tables, order: Ints, free: Longs, start: Ints, work: Ints) -> None:
    """From one decision time to the next start whatever is ready and fits, in the order of the list.

    ``work`` has four rows: place in the list, open predecessors, time from which links and release allow it, queue.
    """
    pin(tables, free, start)
    left, queued = opened(tables, order, start, work)
    horizon = free.shape[1]
    from_time, queue = work[2], work[3]
    time = 0
    while left:
        upcoming = horizon
        kept = fresh = 0
        for index in range(queued):
            job = queue[index]
            if from_time[job] <= time and (time == horizon or fits_at(tables, free, job, time)):
                start[job] = time
                take(tables, free, job, time)
                left -= 1
                fresh = released(tables, job, time, work, queued, fresh)
                continue
            if from_time[job] > time:
                upcoming = min(upcoming, from_time[job])
            queue[kept] = job
            kept += 1
        for index in range(queued, queued + fresh):
            job = queue[index]
            upcoming = min(upcoming, from_time[job])
            lined_up(work, kept, job)
            kept += 1
        queued = kept
        if upcoming > time:
            time = next_event(free, time, upcoming)


@jit
def opened(tables: Tables, order: Ints, start: Ints, work: Ints) -> tuple[int, int]:
    """Fills ``work`` for :func:`parallel`; the number of activities to be placed, and of those ready at once."""
    place, waiting, from_time, queue = work[0], work[1], work[2], work[3]
    queued = left = 0
    for at in range(len(order)):
        job = order[at]
        place[job] = at
        from_time[job] = tables.ready[job]
        waiting[job] = 0
        if tables.pinned[job] >= 0:
            continue
        left += 1
        for link in range(tables.pred_first[job], tables.pred_first[job + 1]):
            before = tables.pred[link]
            if tables.pinned[before] < 0:
                waiting[job] += 1
            else:
                from_time[job] = max(from_time[job], start[before] + tables.pred_distance[link])
        if waiting[job] == 0:
            queue[queued] = job
            queued += 1
    return left, queued


@jit
def released(tables: Tables, job: int, time: int, work: Ints, queued: int, fresh: int) -> int:
    """What only waited for ``job`` goes behind the queue; how many stand there."""
    waiting, from_time, queue = work[1], work[2], work[3]
    for link in range(tables.succ_first[job], tables.succ_first[job + 1]):
        after = tables.succ[link]
        waiting[after] -= 1
        from_time[after] = max(from_time[after], time + tables.succ_distance[link])
        if waiting[after] == 0:
            queue[queued + fresh] = after
            fresh += 1
    return fresh


@jit
def lined_up(work: Ints, kept: int, job: int) -> None:
    """Inserts ``job`` into the first ``kept`` of the queue, which stand in the order of the list."""
    place, queue = work[0], work[3]
    slot = kept
    while slot > 0 and place[queue[slot - 1]] > place[job]:
        queue[slot] = queue[slot - 1]
        slot -= 1
    queue[slot] = job


@jit
def next_event(free: Longs, time: int, upcoming: int) -> int:
    """The next time at which something may become possible: capacity grows, or a link lets go (``upcoming``)."""
    for later in range(time + 1, min(upcoming, free.shape[1])):
        for word in range(free.shape[0]):
            if free[word, later] != free[word, later - 1]:
                return later
    return upcoming


@jit
def fits_at(tables: Tables, free: Longs, job: int, at: int) -> bool:
    duration = tables.duration[job]
    if at + duration > free.shape[1]:
        return False
    for part in range(tables.part_first[job], tables.part_first[job + 1]):
        word = tables.part_word[part]
        row = free[word]
        need, guard = tables.part_need[part], tables.guard[word]
        for time in range(at, at + duration):
            if (row[time] - need) & guard != guard:
                return False
    return True


@jit
def sorted_by(base: Ints, key: Ints, falling: bool, count_of: Ints, order: Ints) -> None:
    """The activities by ``key``, equal ones as they stand in ``base``; ``falling`` turns both round. A counting sort."""
    low, high = key[0], key[0]
    for job in range(len(key)):
        low = min(low, key[job])
        high = max(high, key[job])
    for value in range(high - low + 2):
        count_of[value] = 0
    for job in range(len(key)):
        count_of[key[job] - low + 1] += 1
    for value in range(1, high - low + 2):
        count_of[value] += count_of[value - 1]
    last = len(key) - 1
    for place in range(len(key)):
        job = base[place]
        slot = count_of[key[job] - low]
        count_of[key[job] - low] += 1
        order[last - slot if falling else slot] = job


@jit
def repaired(tables: Tables, order: Ints, falling: bool, work: Ints) -> None:
    """Makes a list keep the links again: what must lie before an activity is pulled in front of it. Needed with leads only."""
    first = tables.succ_first if falling else tables.pred_first
    other = tables.succ if falling else tables.pred
    done, stack, result = work[0], work[1], work[2]
    count = len(order)
    for job in range(count):
        done[job] = 0
    filled = 0
    for place in range(count):
        stack[0] = order[place]
        depth = 1
        while depth:
            job = stack[depth - 1]
            missing = -1
            if done[job] == 0:
                for link in range(first[job], first[job + 1]):
                    if done[other[link]] == 0:
                        missing = other[link]
                        break
                if missing < 0:
                    done[job] = 1
                    result[filled] = job
                    filled += 1
            if missing < 0:
                depth -= 1
            else:
                stack[depth] = missing
                depth += 1
    for place in range(count):
        order[place] = result[place]
