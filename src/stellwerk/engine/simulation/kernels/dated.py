"""Plans with several calendars, in instants: the same as the forward and the backward pass of the network, one iteration after the other."""

from __future__ import annotations

from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.network.compiled import minute_at, near_row, next_finish, previous_finish, work
from stellwerk.engine.network.frame import Tables
from stellwerk.engine.simulation.draws import Ints
from stellwerk.engine.simulation.kernels.base import Room, njit
from stellwerk.engine.simulation.plan import Steps


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
