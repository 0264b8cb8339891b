"""What the days of people and calendars give to one requirement: plain steps over arrays, the same compiled (``compiled.py``) and not.

Instants are minutes of days (``model.py``). A requirement begins on one day with what the person has left of it and then runs at the full rate, each
day ``units`` per cent of the person's day, less only where bookings outside take more; it is not interrupted but by days off.
"""

from __future__ import annotations

from stellwerk.engine.levelling.people.model import Minutes
from stellwerk.engine.levelling.people.tables import State, Tables

NOTHING = -1
NEVER = 1 << 60
Choice = tuple[int, int, int, int, int]
"""Person, start, first day, minutes on it, finish."""


def up(a: int, b: int) -> int:
    """a / b, rounded up."""
    return -(-a // b)


def rate(table: Tables, person: int, day: int, units: int) -> int:
    """Minutes of work of a requirement on a full day."""
    left = int(table.net[person, day])
    if left <= 0:
        return 0
    return min(max(int(table.cap[person, day]) * units // 100, 1), left)


def held_rate(table: Tables, person: int, day: int, units: int) -> int:
    """The same for held activities, which take the time whether there is enough or not."""
    most = int(table.cap[person, day])
    return max(most * units // 100, 1) if most > 0 else 0


def shifted(table: Tables, calendar: int, at: int, lag: int) -> int:
    """The first instant by which the calendar has worked ``lag`` minutes more (less, if negative); NEVER beyond the days."""
    a_day = table.minutes_a_day
    if lag == 0:
        return at
    if calendar < 0:
        return max(at + up(lag * a_day, 1440), 0)
    count = table.count[calendar]
    days = len(count) - 1
    day = min(at // a_day, days)
    done = count[day]
    if day < days:
        done += table.calendar_minutes[calendar, day] * (at - day * a_day) // a_day
    aim = done + lag
    if aim <= 0:
        return 0
    if aim > count[days]:
        return NEVER
    step = 1
    low, high = 0, days
    if lag > 0:
        low = day
        while low + step < days and count[low + step] < aim:
            step *= 2
        high = min(low + step, days)
    while high - low > 1:
        middle = (low + high) // 2
        if count[middle] < aim:
            low = middle
        else:
            high = middle
    return int(low * a_day + up((aim - count[low]) * a_day, int(table.calendar_minutes[calendar, low])))


def begin_in(table: Tables, calendar: int, at: int) -> int:
    """The first instant from ``at`` on at which the calendar works."""
    a_day = table.minutes_a_day
    day = at // a_day
    minute = at - day * a_day
    days = table.calendar_minutes.shape[1]
    while day < days and table.calendar_minutes[calendar, day] * (a_day - minute) // a_day < 1:
        day += 1
        minute = 0
    return day * a_day + minute if day < days else NEVER


def alone(table: Tables, person: int, units: int, at: int) -> int:
    """The first instant from ``at`` on at which the person works, were there nothing else to do."""
    a_day = table.minutes_a_day
    day = at // a_day
    minute = at - day * a_day
    days = table.net.shape[1]
    while day < days and rate(table, person, day, units) * (a_day - minute) // a_day < 1:
        day += 1
        minute = 0
    return day * a_day + minute if day < days else NEVER


def next_free(skip: Minutes, person: int, day: int) -> int:
    """The first day from ``day`` on with minutes left; shortens the way for the next search."""
    while skip[person, day] != day:
        skip[person, day] = skip[person, skip[person, day]]
        day = int(skip[person, day])
    return day


def fit(table: Tables, state: State, person: int, units: int, work: int, at: int, stop: int) -> Choice:
    """The earliest place for the work from ``at`` on; person NOTHING if there is none or it would end after ``stop``."""
    a_day = table.minutes_a_day
    free = state.free
    days = free.shape[1]
    day = at // a_day
    minute = at - day * a_day
    # Nobody is faster than at the full rate of the longest day: what cannot end before ``stop`` is not tried.
    shortest = work * a_day // max(table.most * units // 100, 1)
    while day < days:
        found = next_free(state.skip, person, day)
        if found > day:
            day = found
            minute = 0
        if day >= days or day * a_day + minute + shortest > stop:
            break
        full = rate(table, person, day, units)
        room = full * (a_day - minute) // a_day
        now = min(room, int(free[person, day]))
        if now < 1:
            day += 1
            minute = 0
            continue
        begin = minute if now == room else a_day - up(now * a_day, full)
        if work <= now:
            return person, day * a_day + begin, day, work, day * a_day + begin + up(work * a_day, full)
        left = work - now
        on = day + 1
        while on < days and on * a_day < stop:
            full = rate(table, person, on, units)
            if full > 0:
                need = min(full, left)
                if free[person, on] < need:
                    break
                left -= need
                if left == 0:
                    return person, day * a_day + begin, day, now, on * a_day + up(need * a_day, full)
            on += 1
        if on >= days or on * a_day >= stop:
            break
        day = on
        minute = 0
    return NOTHING, NEVER, 0, 0, NEVER


def take(table: Tables, state: State, requirement: int, sign: int) -> None:
    """Take the requirement's minutes from its person's days (``sign`` 1) or give them back (-1; the caller renews ``skip``)."""
    person = state.person[requirement]
    if person < 0:
        return
    day = state.day[requirement]
    left = table.work[requirement]
    now = state.first[requirement]
    units = table.units[requirement]
    held = table.held[table.activity[requirement]]
    while left > 0:
        state.free[person, day] -= sign * now
        if state.free[person, day] <= 0:
            state.skip[person, day] = day + 1
        left -= now
        day += 1
        if left > 0:
            full = held_rate(table, person, day, units) if held else rate(table, person, day, units)
            now = min(full, left)


def renew_skip(state: State, person: int) -> None:
    """Which days of the person have minutes left."""
    days = state.free.shape[1]
    for day in range(days):
        state.skip[person, day] = day if state.free[person, day] > 0 else day + 1
    state.skip[person, days] = days


def soonest(table: Tables, units: int, work: int, at: int) -> int:
    """An instant before which nobody at all can be done with the work from ``at`` on."""
    a_day = table.minutes_a_day
    day = at // a_day
    most = max(table.most * units // 100, 1)
    left = work
    room = a_day - (at - day * a_day)
    while day < len(table.top):
        full = min(most, int(table.top[day]))
        now = full * room // a_day
        if left <= now:
            return day * a_day + a_day - room + up(left * a_day, full)
        left -= now
        day += 1
        room = a_day
    return NEVER


def choose(table: Tables, state: State, activity: int, place: int, at: int) -> Choice:
    """Who can be done first with the requirement at ``place`` among those of the activity, from ``at`` on.

    Of equals who does it now, then who begins first, then the least versatile. Nobody is asked any more once somebody is as fast as anybody can be.
    """
    row = table.requirement[place]
    group = table.group[row]
    work, units, present = table.work[row], table.units[row], table.present_person[row]
    best = (NOTHING, NEVER, 0, 0, NEVER)
    first, last = table.group_first[group], table.group_first[group + 1]
    goal = soonest(table, units, work, at) if last - first > 1 else 0
    for index in range(first - 1, last):
        person = present if index < first else table.group_people[index]
        if index < first and not belongs(table, group, present):
            continue
        busy_here = False
        for other in range(table.requirement_first[activity], place):
            if state.person[table.requirement[other]] == person:
                busy_here = True
        if busy_here or (index >= first and person == present):
            continue
        found = fit(table, state, person, units, work, at, best[4])
        if found[0] < 0:
            continue
        if found[4] < best[4] or (found[4] == best[4] and found[1] < best[1] and best[0] != present):
            best = found
            if best[4] <= goal:
                break
    return best


def belongs(table: Tables, group: int, person: int) -> bool:
    """Whether the person is one of those who can do it."""
    if person < 0:
        return False
    for index in range(table.group_first[group], table.group_first[group + 1]):
        if table.group_people[index] == person:
            return True
    return False
