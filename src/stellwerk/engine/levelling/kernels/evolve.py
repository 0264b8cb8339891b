"""The search: two populations of schedules, one pushed to the left, one to the right, that breed each other.

A child of two right-pushed schedules is generated forward, a child of two left-pushed ones backward, so that each generation justifies the
one before (Debels and Vanhoucke 2005) and every schedule generated is a new one. State lies in arrays: the search stops after any child
and goes on from there as if it had not stopped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .generate import Ints, Longs, Tables, backward, copy, parallel, repaired, serial, sorted_by
from .jit import jit

LEFT, RIGHT = 0, 1
RANDOM, USED, BEST, SIDE, SLOT, SEEDED, ALIVE, PLANNED = 0, 1, 2, 3, 4, 5, 6, 7
"""Places in ``Search.state``: random number, schedules generated, value of the best, the population whose turn it is, its slot, slots filled,
slots still alive, schedules that the search is meant to last."""
STATES = 8
FEWEST = 6
"""So many slots stay alive at the end."""
MAKESPAN, TOTAL_DELAY = 0, 1
TALL = 1 << 60
RIVALS = 3
"""So many are drawn for a mate, of whom the best is taken; one alone in a search longer than ``SHORT`` schedules, which has the time."""
SHORT = 10_000


class Search(NamedTuple):
    start: NDArray[np.int32]
    """Populations (left, right) × slots × activities."""
    order: NDArray[np.int32]
    """The list that each of them gives to its children."""
    value: NDArray[np.int64]
    best: Ints
    state: Longs
    late: Ints
    """Latest finish of each activity: the priority of the first lists."""
    free: Longs
    key: Ints
    count_of: Ints
    child: Ints
    born: Ints
    """Starts of the schedule just made."""
    list_of: Ints
    limit: Ints
    work: NDArray[np.int32]


@jit
def drawn(state: Longs, below: int) -> int:
    """A whole number from 0 to ``below`` − 1 (xorshift; 32 bits in 64, so that plain Python gives the same)."""
    number = state[RANDOM]
    number ^= (number << 13) & 0xFFFFFFFF
    number ^= number >> 17
    number ^= (number << 5) & 0xFFFFFFFF
    state[RANDOM] = number
    return int((number * below) >> 32)


@jit
def project_ends(tables: Tables, start: Ints, ends: Ints) -> int:
    """Fills the finish of each project; the last of them."""
    last = 0
    for project in range(len(ends)):
        ends[project] = tables.release[project]
    for job in range(len(start)):
        finish = start[job] + tables.duration[job]
        project = tables.project[job]
        ends[project] = max(ends[project], finish)
        last = max(last, finish)
    return int(last)


@jit
def valued(tables: Tables, start: Ints, ends: Ints) -> int:
    """The objective of a schedule. The last finish breaks ties of delays and tardiness."""
    last = project_ends(tables, start, ends)
    if tables.plan[0] == MAKESPAN:
        return last
    total = 0
    for project in range(len(ends)):
        if tables.due[project] >= 0 and ends[project] > tables.due[project]:
            weight = 1 if tables.plan[0] == TOTAL_DELAY else tables.weight[project]
            total += weight * (ends[project] - tables.due[project])
    return int(total * tables.plan[1] * 2 + last)


@jit
def limited(tables: Tables, search: Search, slot: int) -> None:
    """How far to the right each project may be pushed without losing: as far as the parent went, or to its due date."""
    top = project_ends(tables, search.start[LEFT, slot], search.limit)
    for project in range(len(search.limit)):
        if tables.plan[0] == MAKESPAN or tables.due[project] < 0:
            search.limit[project] = top
        else:
            search.limit[project] = max(search.limit[project], tables.due[project])
            top = max(top, search.limit[project])
    if tables.plan[3] == 0:
        # With capacities that never change the whole plan can be slid: there is always room to the left.
        for project in range(len(search.limit)):
            search.limit[project] += tables.plan[1] - 1 - top


@jit
def born_left(tables: Tables, search: Search, in_turns: bool) -> int:
    """The schedule of ``search.child`` forward, and its value; ``in_turns``: from one decision time to the next."""
    if in_turns:
        parallel(tables, search.child, search.free, search.born, search.work)
    else:
        serial(tables, search.child, search.free, search.born)
    value = valued(tables, search.born, search.limit)
    if value < search.state[BEST]:
        search.state[BEST] = value
        copy(search.born, search.best)
    listed(tables, search, True)
    search.state[USED] += 1
    return value


@jit
def born_right(tables: Tables, search: Search, parent: int) -> int:
    """The schedule of ``search.child`` backward, slid to where it can begin, and its value there."""
    limited(tables, search, parent)
    backward(tables, search.child, search.limit, search.free, search.born)
    slide = -TALL
    for job in range(len(search.born)):
        if tables.pinned[job] < 0:
            slide = max(slide, tables.ready[job] - search.born[job])
    for job in range(len(search.born)):
        if tables.pinned[job] < 0:
            search.born[job] += slide
    value = valued(tables, search.born, search.limit)
    # Where capacities change, a slid plan is only a guess of what its children will be.
    if tables.plan[3] == 0 and value < search.state[BEST]:
        search.state[BEST] = value
        copy(search.born, search.best)
    listed(tables, search, False)
    search.state[USED] += 1
    return value


@jit
def listed(tables: Tables, search: Search, falling: bool) -> None:
    """The list of the schedule just made: by rising start, or for the way back by falling finish; equal ones as the list that made
    it has them."""
    for job in range(len(search.born)):
        search.key[job] = search.born[job] + (tables.duration[job] if falling else 0)
    base = search.child
    if not falling:
        base = search.work[0]
        for at in range(len(base)):
            base[at] = search.child[len(base) - 1 - at]
    sorted_by(base, search.key, falling, search.count_of, search.list_of)
    if tables.plan[2]:
        repaired(tables, search.list_of, falling, search.work)


@jit
def sampled(tables: Tables, search: Search, draws: int) -> None:
    """A list for a start: again and again, of ``draws`` activities whose turn it could be, the one that has to finish first."""
    waiting, ready = search.work[0], search.work[1]
    count = len(search.late)
    many = 0
    for job in range(count):
        waiting[job] = tables.pred_first[job + 1] - tables.pred_first[job]
        if waiting[job] == 0:
            ready[many] = job
            many += 1
    for place in range(count):
        at = drawn(search.state, many)
        for _ in range(1, draws):
            other = drawn(search.state, many)
            if search.late[ready[other]] < search.late[ready[at]]:
                at = other
        job = ready[at]
        many -= 1
        ready[at] = ready[many]
        search.child[place] = job
        for link in range(tables.succ_first[job], tables.succ_first[job + 1]):
            after = tables.succ[link]
            waiting[after] -= 1
            if waiting[after] == 0:
                ready[many] = after
                many += 1


@jit
def settled(search: Search, side: int, slot: int, value: int) -> None:
    search.value[side, slot] = value
    copy(search.born, search.start[side, slot])
    copy(search.list_of, search.order[side, slot])


@jit
def seeded(tables: Tables, search: Search, draws: int, schedules: int) -> None:
    """Fills both populations: the two first by latest finish alone, the others drawn; every second from one decision time to the next."""
    state = search.state
    while state[SEEDED] < search.value.shape[1] and state[USED] < schedules:
        slot = state[SEEDED]
        if slot < 2:
            sorted_by(tables.rank, search.late, False, search.count_of, search.child)
            repaired(tables, search.child, False, search.work)
        else:
            sampled(tables, search, draws)
        settled(search, LEFT, slot, born_left(tables, search, slot % 2 == 0))
        copy(search.list_of, search.child)
        settled(search, RIGHT, slot, born_right(tables, search, slot))
        state[SEEDED] += 1


@jit
def crossed(mother: Ints, father: Ints, low: int, high: int, place: Ints, child: Ints) -> None:
    """The mother's list; what stands in it from ``low`` to ``high`` comes in the father's order."""
    for at in range(len(mother)):
        place[mother[at]] = at
        child[at] = mother[at]
    slot = low
    for at in range(len(father)):
        if low <= place[father[at]] < high:
            child[slot] = father[at]
            slot += 1


@jit
def linked(first: Ints, other: Ints, job: int, against: int) -> bool:
    for link in range(first[job], first[job + 1]):  # noqa: SIM110 (numba compiles no generators)
        if other[link] == against:
            return True
    return False


@jit
def shaken(tables: Tables, search: Search, side: int, moves: int) -> None:
    """Moves activities of the child's list to other places, as far as links let them."""
    child, count = search.child, len(search.child)
    # Lists of left-pushed schedules run backward: there the successors come first.
    before, earlier = (tables.pred_first, tables.pred) if side == RIGHT else (tables.succ_first, tables.succ)
    behind, later = (tables.succ_first, tables.succ) if side == RIGHT else (tables.pred_first, tables.pred)
    for _ in range(moves):
        at, aim = drawn(search.state, count), drawn(search.state, count)
        job = child[at]
        while at > aim and not linked(before, earlier, job, child[at - 1]):
            child[at] = child[at - 1]
            at -= 1
        while at < aim and not linked(behind, later, job, child[at + 1]):
            child[at] = child[at + 1]
            at += 1
        child[at] = job


@jit
def same(one: Ints, other: Ints) -> bool:
    for at in range(len(one)):  # noqa: SIM110 (numba compiles no generators)
        if one[at] != other[at]:
            return False
    return True


@jit
def twin(search: Search, side: int, slot: int, value: int) -> bool:
    """Is the schedule just made already there, in another slot?"""
    for other in range(search.state[ALIVE]):
        if other != slot and search.value[side, other] == value and same(search.start[side, other], search.born):
            return True
    return False


@jit
def apart(one: Ints, other: Ints) -> int:
    """How far two schedules are from each other: the sum over all activities."""
    total = 0
    for job in range(len(one)):
        total += abs(one[job] - other[job])
    return int(total)


@jit
def mate(search: Search, side: int, slot: int) -> int:
    """Of some slots drawn the best; of equally good ones that whose schedule is farthest from the one of ``slot``."""
    state, own = search.state, search.start[side, slot]
    chosen = drawn(state, state[ALIVE])
    for _ in range(1, RIVALS if state[PLANNED] <= SHORT else 1):
        rival = drawn(state, state[ALIVE])
        value, best = search.value[side, rival], search.value[side, chosen]
        if value < best or (
            value == best and apart(own, search.start[side, rival]) > apart(own, search.start[side, chosen])
        ):
            chosen = rival
    return int(chosen)


@jit
def thinned(search: Search) -> None:
    """Lets the worst slots die, evenly over the search: wide at first, narrow at the end."""
    state, slots = search.state, search.value.shape[1]
    aim = max(slots - (slots - FEWEST) * state[USED] // max(state[PLANNED], 1), min(FEWEST, slots))
    while state[ALIVE] > aim:
        worst = 0
        for slot in range(1, state[ALIVE]):
            if (
                search.value[LEFT, slot] + search.value[RIGHT, slot]
                > search.value[LEFT, worst] + search.value[RIGHT, worst]
            ):
                worst = slot
        state[ALIVE] -= 1
        last = state[ALIVE]
        for side in range(2):
            search.value[side, worst] = search.value[side, last]
            copy(search.start[side, last], search.start[side, worst])
            copy(search.order[side, last], search.order[side, worst])


@jit
def evolved(tables: Tables, search: Search, schedules: int, floor: int) -> None:
    """Breeds until so many schedules are generated in all, or the best reaches ``floor``."""
    state, count = search.state, len(search.best)
    while state[USED] < schedules and state[BEST] > floor:
        side, slot = state[SIDE], state[SLOT]
        mother, father = search.order[side, slot], search.order[side, mate(search, side, slot)]
        if drawn(state, 2):
            mother, father = father, mother
        width = max(1, count * (25 + drawn(state, 51)) // 100)
        low = drawn(state, count - width + 1)
        crossed(mother, father, low, low + width, search.key, search.child)
        if same(search.child, mother):
            shaken(tables, search, side, max(1, count // 6))
        if tables.plan[2]:
            repaired(tables, search.child, side == LEFT, search.work)
        value = born_left(tables, search, False) if side == RIGHT else born_right(tables, search, slot)
        if value <= search.value[1 - side, slot] and not twin(search, 1 - side, slot, value):
            settled(search, 1 - side, slot, value)
        state[SLOT] += 1
        if state[SLOT] == state[ALIVE]:
            state[SLOT] = 0
            state[SIDE] = 1 - side
            thinned(search)
