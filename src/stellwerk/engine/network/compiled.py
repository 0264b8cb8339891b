"""The two passes compiled by numba (extra ``solver``): the same steps as ``passes.py``, one activity after the other.

Import this module only where the extra is installed; compiling takes seconds the first time and is kept on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

from stellwerk.engine.calendars import DAY, HORIZON
from stellwerk.engine.calendars.index import ROWS
from stellwerk.engine.network.frame import LinkColumns as Links
from stellwerk.engine.network.frame import Tables
from stellwerk.engine.network.model import Flags, Integers

Function = TypeVar("Function", bound=Callable[..., object])


def njit(function: Function) -> Function:
    return cast(Function, numba.njit(cache=True, nogil=True, boundscheck=False)(function))


@njit
def work(tables: Tables, calendar: int, at: int) -> int:
    plain, count, shape, worked, _ = tables
    if plain:
        return at
    day = at // DAY
    row = calendar * ROWS + day + 1
    number: int = count[row] + worked[shape[row] + at - day * DAY]
    return number


@njit
def minute_at(tables: Tables, number: int, near: int) -> int:
    """``near`` is a row of the table from which the search sets out: most answers lie a few days away."""
    plain, count, shape, _, begins = tables
    if plain:
        return number
    step = 1
    if count[near] <= number:
        low = near
        while low + step < len(count) and count[low + step] <= number:
            low += step
            step *= 2
        high = min(low + step, len(count))
    else:
        high = near
        while high - step >= 0 and count[high - step] > number:
            high -= step
            step *= 2
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        if count[middle] <= number:
            low = middle
        else:
            high = middle
    minute = min(number - count[low], DAY - 1)
    at: int = (low % ROWS - 1) * DAY + begins[shape[low] + minute]
    return at


@njit
def near_row(calendar: int, at: int) -> int:
    return calendar * ROWS + at // DAY + 1


@njit
def works(tables: Tables, calendar: int, at: int) -> bool:
    plain, _, shape, worked, _ = tables
    if plain:
        return True
    day = at // DAY
    cell = shape[calendar * ROWS + day + 1] + at - day * DAY
    result: bool = worked[cell + 1] > worked[cell]
    return result


@njit
def next_finish(tables: Tables, calendar: int, at: int) -> int:
    if works(tables, calendar, at - 1) or works(tables, calendar, at):
        return at
    return minute_at(tables, work(tables, calendar, at), near_row(calendar, at))


@njit
def previous_finish(tables: Tables, calendar: int, at: int) -> int:
    if works(tables, calendar, at):
        return at
    return minute_at(tables, work(tables, calendar, at) - 1, near_row(calendar, at)) + 1


@njit
def asked(tables: Tables, links: Links, points: Integers, group: int, lagging: int, bound: int) -> tuple[int, int]:
    """The highest bound of one group of links; also the next link with a lag in working time."""
    source, _, first, kept, elapsed, late, lag, calendar = links
    end = first[group + 1] if group + 1 < len(first) else len(source)
    for link in range(first[group], end):
        value = points[source[link]]
        if len(elapsed):
            value = min(max(value + elapsed[link], 0), HORIZON + 1)
        if lagging < len(late) and late[lagging] == link:
            row = near_row(calendar[lagging], value)
            value = minute_at(tables, work(tables, calendar[lagging], value) + lag[lagging] - 1, row) + 1
            lagging += 1
        kept[link] = value
        bound = max(bound, value)
    return bound, lagging


@njit
def left(tables: Tables, links: Links, points: Integers, group: int, lagging: int, limit: int) -> tuple[int, int]:
    """The lowest limit of one group of links, last link first; also the next link with a lag in working time."""
    source, _, first, _, elapsed, late, lag, calendar = links
    end = first[group + 1] if group + 1 < len(first) else len(source)
    for link in range(end - 1, first[group] - 1, -1):
        value = points[source[link]]
        if len(elapsed):
            value = min(max(value - elapsed[link], 0), HORIZON)
        if lagging >= 0 and late[lagging] == link:
            row = near_row(calendar[lagging], value)
            value = minute_at(tables, work(tables, calendar[lagging], value) - lag[lagging], row)
            value = min(max(value, 0), HORIZON)
            lagging -= 1
        limit = min(limit, value)
    return limit, lagging


@njit
def forward(
    tables: Tables, starts: Links, finishes: Links, calendar: Integers, to_do: Integers, actual_start: Integers,
    actual_finish: Integers, start_bound: Integers, finish_bound: Integers, points: Integers, begin: Integers,
    start_pushed: Flags, finish_pushed: Flags,
) -> None:  # fmt: skip
    s = f = s_late = f_late = 0
    for p in range(len(begin)):
        if s < len(starts[1]) and starts[1][s] == p:
            start_bound[p], s_late = asked(tables, starts, points, s, s_late, start_bound[p])
            s += 1
        if f < len(finishes[1]) and finishes[1][f] == p:
            finish_bound[p], f_late = asked(tables, finishes, points, f, f_late, finish_bound[p])
            f += 1
        row = calendar[p]
        if to_do[p] > 0:
            near = near_row(row, start_bound[p])
            number = work(tables, row, start_bound[p])
            start = minute_at(tables, number, near)
            finish = minute_at(tables, number + to_do[p] - 1, near) + 1
            if finish_bound[p] > finish:
                finish = next_finish(tables, row, finish_bound[p])
                begun = minute_at(tables, work(tables, row, finish) - to_do[p], near_row(row, finish))
                start_pushed[p] = begun > start
                finish_pushed[p] = True
                start = begun
        else:
            start_pushed[p] = finish_pushed[p] = finish_bound[p] > start_bound[p] and actual_finish[p] < 0
            start = finish = next_finish(tables, row, max(start_bound[p], finish_bound[p]))
        begin[p] = start
        points[2 * p] = start if actual_start[p] < 0 else actual_start[p]
        if actual_finish[p] >= 0:
            begin[p] = finish = actual_finish[p]
        points[2 * p + 1] = finish


@njit
def backward(
    tables: Tables, starts: Links, finishes: Links, calendar: Integers, to_do: Integers, start_until: Integers,
    finish_until: Integers, late: Integers,
) -> None:  # fmt: skip
    s, f = len(starts[1]) - 1, len(finishes[1]) - 1
    s_late, f_late = len(starts[5]) - 1, len(finishes[5]) - 1
    for p in range(len(calendar) - 1, -1, -1):
        if s >= 0 and starts[1][s] == p:
            start_until[p], s_late = left(tables, starts, late, s, s_late, start_until[p])
            s -= 1
        if f >= 0 and finishes[1][f] == p:
            finish_until[p], f_late = left(tables, finishes, late, f, f_late, finish_until[p])
            f -= 1
        row = calendar[p]
        if to_do[p] > 0:
            finish = previous_finish(tables, row, finish_until[p])
            begin = minute_at(tables, work(tables, row, finish) - to_do[p], near_row(row, finish))
            if start_until[p] < begin:
                # The last minute of work that begins up to the limit.
                number = work(tables, row, start_until[p] + 1) - 1
                near = near_row(row, start_until[p])
                begin = minute_at(tables, number, near)
                finish = minute_at(tables, number + to_do[p], near)
        else:
            begin = finish = previous_finish(tables, row, min(start_until[p], finish_until[p]))
        late[2 * p] = max(begin, 0)
        late[2 * p + 1] = max(finish, 0)
