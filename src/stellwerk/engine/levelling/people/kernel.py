"""Placing activities one after the other: plain steps over arrays, the same compiled (``compiled.py``) and not."""

from __future__ import annotations

from stellwerk.engine.levelling.people.kernel_days import (
    NEVER,
    NOTHING,
    alone,
    begin_in,
    choose,
    held_rate,
    rate,
    renew_skip,
    shifted,
    soonest,
    take,
    up,
)
from stellwerk.engine.levelling.people.model import Flags, Integers
from stellwerk.engine.levelling.people.tables import State, Tables


def try_at(table: Tables, state: State, activity: int, at: int) -> tuple[int, int]:
    """Start and finish if the activity begins at ``at`` or as soon after as its people can begin together; NEVER if not at all.

    Writes the choice of people into ``state``, without taking their time.
    """
    first, last = table.requirement_first[activity], table.requirement_first[activity + 1]
    calendar = table.calendar[activity]
    if first == last:
        if table.duration[activity] == 0:
            return at, at
        begin = begin_in(table, calendar, at)
        return begin, (shifted(table, calendar, begin, table.duration[activity]) if begin < NEVER else NEVER)
    while at < NEVER:
        later, start, finish = at, NEVER, 0
        for place in range(first, last):
            state.person[table.requirement[place]] = NOTHING
        for place in range(first, last):
            row = table.requirement[place]
            if table.group[row] < 0:
                begin = begin_in(table, calendar, at)
                if begin == NEVER:
                    return NEVER, NEVER
                start = min(start, begin)
                finish = max(finish, shifted(table, calendar, begin, up(table.work[row] * 100, table.units[row])))
                continue
            found = choose(table, state, activity, place, at)
            if found[0] < 0:
                return NEVER, NEVER
            state.person[row], state.day[row], state.first[row] = found[0], found[2], found[3]
            if last - first > 1 and found[1] > alone(table, found[0], table.units[row], at):
                later = max(later, found[1])
            start = min(start, found[1])
            finish = max(finish, found[4])
        if later == at:
            return start, finish
        at = later
    return NEVER, NEVER


def asked(table: Tables, state: State, activity: int) -> tuple[int, int]:
    """The instants before which the links let the activity not start and not finish."""
    start = finish = 0
    for index in range(table.into_first[activity], table.into_first[activity + 1]):
        link = table.into_link[index]
        before = table.before[link]
        kind = table.kind[link]
        point = state.finish[before] if kind == 0 or kind == 2 else state.start[before]
        point = shifted(table, table.lag_calendar[link], point, table.lag[link])
        if kind < 2:
            start = max(start, point)
        else:
            finish = max(finish, point)
    return start, finish


def place_activity(table: Tables, state: State, activity: int, ready: int, finish_from: int) -> bool:
    """Put the activity at its earliest place from ``ready`` on that ends at ``finish_from`` or later; False if there is none."""
    start, finish = try_at(table, state, activity, ready) if ready < NEVER else (NEVER, NEVER)
    if finish_from == NEVER:
        return False
    if finish < finish_from:
        low, high = ready, max(finish_from, ready + 1)
        while high - low > 1:
            middle = (low + high) // 2
            if try_at(table, state, activity, middle)[1] < finish_from:
                low = middle
            else:
                high = middle
        start, finish = try_at(table, state, activity, high)
    if finish == NEVER:
        return False
    state.start[activity] = start
    state.finish[activity] = finish
    for place in range(table.requirement_first[activity], table.requirement_first[activity + 1]):
        take(table, state, table.requirement[place], 1)
    return True


def place_held(table: Tables, state: State, activity: int) -> bool:
    """Put a held activity where it is, with the people it has (in ``state``), whether they have the time or not."""
    a_day = table.minutes_a_day
    at = table.present_start[activity]
    first, last = table.requirement_first[activity], table.requirement_first[activity + 1]
    calendar = table.calendar[activity]
    finish = at if first < last else shifted(table, calendar, at, table.duration[activity])
    for place in range(first, last):
        row = table.requirement[place]
        person = state.person[row]
        if person < 0:
            finish = max(finish, shifted(table, calendar, at, up(table.work[row] * 100, table.units[row])))
            continue
        units = table.units[row]
        days = table.cap.shape[1]
        day = at // a_day
        minute = at - day * a_day
        while day < days and held_rate(table, person, day, units) * (a_day - minute) // a_day < 1:
            day += 1
            minute = 0
        if day >= days:
            return False
        full = held_rate(table, person, day, units)
        now = min(full * (a_day - minute) // a_day, table.work[row])
        state.day[row], state.first[row] = day, now
        left = table.work[row] - now
        end = day * a_day + minute + up(now * a_day, full)
        while left > 0:
            day += 1
            if day >= days:
                return False
            full = held_rate(table, person, day, units)
            now = min(full, left)
            left -= now
            if now > 0:
                end = day * a_day + up(now * a_day, full)
        take(table, state, row, 1)
        finish = max(finish, end)
    state.start[activity] = at
    state.finish[activity] = finish
    return finish < NEVER


def sift_up(heap: Integers, size: int, key: Integers, activity: int) -> None:
    place = size
    while place > 0:
        above = (place - 1) // 2
        other = heap[above]
        if key[other] < key[activity] or (key[other] == key[activity] and other < activity):
            break
        heap[place] = other
        place = above
    heap[place] = activity


def pop(heap: Integers, size: int, key: Integers) -> int:
    """The activity that comes first (lowest key, then lowest row); ``size`` is that before."""
    result = int(heap[0])
    size -= 1
    moved = heap[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size:
            a, b = heap[child], heap[child + 1]
            if key[b] < key[a] or (key[b] == key[a] and b < a):
                child += 1
        other = heap[child]
        if key[moved] < key[other] or (key[moved] == key[other] and moved < other):
            break
        heap[place] = other
        place = child
    heap[place] = moved
    return result


def place_all(table: Tables, state: State, key: Integers, release: Integers, todo: Flags) -> int:
    """Place the activities ``todo`` in the order of ``key``, none before its predecessors or ``release``.

    Returns NOTHING, or the activity that has no place within the days.
    """
    waiting, heap = state.waiting, state.heap
    size = 0
    for activity in range(len(todo)):
        if not todo[activity]:
            continue
        waiting[activity] = 0
        for index in range(table.into_first[activity], table.into_first[activity + 1]):
            if todo[table.before[table.into_link[index]]]:
                waiting[activity] += 1
        if waiting[activity] == 0:
            sift_up(heap, size, key, activity)
            size += 1
    while size > 0:
        activity = pop(heap, size, key)
        size -= 1
        start, finish = asked(table, state, activity)
        ready = max(start, table.earliest[activity], release[activity])
        if not place_activity(table, state, activity, ready, finish):
            return activity
        for index in range(table.out_first[activity], table.out_first[activity + 1]):
            after = table.after[table.out_link[index]]
            if todo[after]:
                waiting[after] -= 1
                if waiting[after] == 0:
                    sift_up(heap, size, key, after)
                    size += 1
    return NOTHING


def place_all_held(table: Tables, state: State, held_person: Integers) -> int:
    """Before anything else is planned. Returns NOTHING, or a held activity that ends beyond the days."""
    for activity in range(len(table.duration)):
        if table.held[activity]:
            for place in range(table.requirement_first[activity], table.requirement_first[activity + 1]):
                row = table.requirement[place]
                state.person[row] = held_person[row]
            if not place_held(table, state, activity):
                return activity
    return NOTHING


def remove(table: Tables, state: State, out: Flags, touched: Flags) -> None:
    """Take the activities ``out`` from the plan and give their people the time back. ``touched``: room for a flag per person."""
    touched[:] = False
    for activity in range(len(out)):
        if out[activity]:
            for place in range(table.requirement_first[activity], table.requirement_first[activity + 1]):
                row = table.requirement[place]
                if state.person[row] >= 0:
                    touched[state.person[row]] = True
                take(table, state, row, -1)
                state.person[row] = NOTHING
    for person in range(len(touched)):
        if touched[person]:
            renew_skip(state, person)


def pull(table: Tables, state: State, order: Integers, floor: Integers) -> int:
    """Start the activities in ``order`` earlier, one at a time, where they then end no later; none before ``floor``. Returns how many moved.

    Everything else stays where it is, so no link breaks and nothing ends later.
    """
    person, day, minutes = state.person.copy(), state.day.copy(), state.first.copy()
    moved = 0
    for index in range(len(order)):
        activity = order[index]
        start, finish = state.start[activity], state.finish[activity]
        after, finish_from = asked(table, state, activity)
        ready = max(after, table.earliest[activity], floor[activity])
        if ready >= start:
            continue
        give_back(table, state, activity)
        found = place_activity(table, state, activity, ready, finish_from)
        better = found and state.start[activity] < start and state.finish[activity] <= finish
        if found and not better:
            give_back(table, state, activity)
        if not better:
            state.start[activity], state.finish[activity] = start, finish
        for place in range(table.requirement_first[activity], table.requirement_first[activity + 1]):
            row = table.requirement[place]
            if better:
                person[row], day[row], minutes[row] = state.person[row], state.day[row], state.first[row]
            else:
                state.person[row], state.day[row], state.first[row] = person[row], day[row], minutes[row]
                take(table, state, row, 1)
        if better:
            moved += 1
    return moved


def give_back(table: Tables, state: State, activity: int) -> None:
    """The time that the activity has taken of its people."""
    for place in range(table.requirement_first[activity], table.requirement_first[activity + 1]):
        row = table.requirement[place]
        take(table, state, row, -1)
        if state.person[row] >= 0:
            renew_skip(state, state.person[row])


def links_kept(table: Tables, state: State, moved: Flags) -> bool:
    """Whether what stayed still keeps its links from the activities ``moved`` (links into held ones are not asked)."""
    for activity in range(len(moved)):
        if not moved[activity]:
            continue
        for index in range(table.out_first[activity], table.out_first[activity + 1]):
            link = table.out_link[index]
            after = table.after[link]
            if moved[after] or table.held[after]:
                continue
            kind = table.kind[link]
            point = state.finish[activity] if kind == 0 or kind == 2 else state.start[activity]
            point = shifted(table, table.lag_calendar[link], point, table.lag[link])
            if point > (state.start[after] if kind < 2 else state.finish[after]):
                return False
    return True


def project_ends(project: Integers, finish: Integers, ends: Integers) -> None:
    """The last finish of each project, into ``ends``."""
    ends[:] = 0
    for activity in range(len(finish)):
        ends[project[activity]] = max(ends[project[activity]], finish[activity])


def lengthen(table: Tables, order: Integers, tail: Integers) -> None:
    """``tail``, at first the length of each activity, becomes that of the longest path from it on. ``order``: predecessors first."""
    for index in range(len(order) - 1, -1, -1):
        activity = order[index]
        longest = 0
        for place in range(table.out_first[activity], table.out_first[activity + 1]):
            longest = max(longest, tail[table.after[table.out_link[place]]])
        tail[activity] += longest


def best_finishes(table: Tables, state: State, order: Integers) -> int:
    """Starts and finishes if everybody had nothing else to do: no plan can be earlier. Held activities are placed before.

    ``order``: the movable activities, predecessors first. Returns NOTHING, or an activity that has no place within the days.
    """
    for index in range(len(order)):
        activity = order[index]
        start, finish = asked(table, state, activity)
        ready = max(start, table.earliest[activity])
        found_start, found = try_alone(table, state, activity, ready)
        if found == NEVER:
            return int(activity)
        state.start[activity] = found_start
        state.finish[activity] = max(found, finish)
    return NOTHING


def try_alone(table: Tables, state: State, activity: int, at: int) -> tuple[int, int]:
    """Lower bounds of start and finish from ``at`` on: each requirement by whoever would be done first."""
    first, last = table.requirement_first[activity], table.requirement_first[activity + 1]
    if first == last:
        return try_at(table, state, activity, at)
    a_day = table.minutes_a_day
    days = table.net.shape[1]
    calendar = table.calendar[activity]
    begin, end = NEVER, 0
    for place in range(first, last):
        row = table.requirement[place]
        group = table.group[row]
        units = table.units[row]
        if group < 0:
            start = begin_in(table, calendar, at)
            begin = min(begin, start)
            end = max(
                end, shifted(table, calendar, start, up(table.work[row] * 100, units)) if start < NEVER else NEVER
            )
            continue
        best = NEVER
        first_one, after_last = table.group_first[group], table.group_first[group + 1]
        goal = soonest(table, units, table.work[row], at) if after_last - first_one > 1 else 0
        for index in range(first_one, after_last):
            if best <= goal and begin <= at:
                break
            person = table.group_people[index]
            start = alone(table, person, units, at)
            begin = min(begin, start)
            if start >= best:
                continue
            day = start // a_day
            full = rate(table, person, day, units)
            now = full * (a_day - (start - day * a_day)) // a_day
            left = table.work[row]
            if left <= now:
                best = min(best, start + up(left * a_day, full))
                continue
            left -= now
            day += 1
            while day < days and day * a_day < best:
                full = rate(table, person, day, units)
                if left <= full:
                    best = min(best, day * a_day + up(left * a_day, full))
                    break
                left -= full
                day += 1
        end = max(end, best)
    return begin, end
