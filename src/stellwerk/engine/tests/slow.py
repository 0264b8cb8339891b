"""The same computing the slow and obvious way: minutes are walked one by one, dates are found by trying.

Nothing here uses the code it is compared with, except the tables that hold the input.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from stellwerk.engine.calendars import DAY, Calendar, CalendarSet, instant_of_day
from stellwerk.engine.network import NONE, ConstraintKind, LinkKind, Network

STARTS_ON = (ConstraintKind.START_ON, ConstraintKind.MUST_START, ConstraintKind.BY_HAND)


def shifts_of(calendar: Calendar, day: dt.date) -> list[tuple[int, int]]:
    """The shifts that begin on ``day``, read off the definition."""
    own = exception_of(calendar, day)
    if own is not None:
        return own
    if calendar.week is None:
        assert calendar.parent is not None
        return shifts_of(calendar.parent, day)
    week = list(calendar.week[day.weekday()])
    above = calendar.parent
    while above is not None:
        other = exception_of(above, day)
        if other is not None:
            return [(max(a, c), min(b, d)) for a, b in week for c, d in other if max(a, c) < min(b, d)]
        above = above.parent
    return week


def exception_of(calendar: Calendar, day: dt.date) -> list[tuple[int, int]] | None:
    found = None
    for one in calendar.exceptions:
        if one.first <= day <= one.last:
            found = list(one.shifts)
    return found


class Clock:
    """A calendar as a list of minutes in a window; instants stay minutes since the epoch."""

    def __init__(self, calendar: Calendar | None, first: dt.date, days: int) -> None:
        self.first = instant_of_day(first)
        self.last = self.first + days * DAY
        self.working = [calendar is None] * (days * DAY)
        for number in range(-1, days) if calendar else ():
            for start, end in shifts_of(calendar, first + dt.timedelta(days=number)):
                for minute in range(number * DAY + start, min(number * DAY + end, days * DAY)):
                    if minute >= 0:
                        self.working[minute] = True
        self.sums = [0, *accumulate(self.working)]
        self.minutes = [self.first + index for index, works in enumerate(self.working) if works]

    def works(self, at: int) -> bool:
        return self.working[at - self.first]

    def may_end(self, at: int) -> bool:
        return self.works(at) or self.works(at - 1)

    def between(self, start: int, end: int) -> int:
        return self.sums[end - self.first] - self.sums[start - self.first]

    def spans(self, to_do: int, *, backwards: bool = False) -> Iterator[tuple[int, int]]:
        """All pairs of start and finish with this much work between them, the earliest (or latest) first."""
        count = len(self.minutes)
        if to_do == 0:
            ends = [at for at in range(self.first + 1, self.last) if self.may_end(at)]
            yield from ((at, at) for at in (reversed(ends) if backwards else ends))
            return
        order = range(count - to_do)
        for index in reversed(order) if backwards else order:
            start, finish = self.minutes[index], self.minutes[index + to_do - 1] + 1
            finishes = sorted({finish, self.minutes[index + to_do]})
            yield from ((start, end) for end in (reversed(finishes) if backwards else finishes))


def clocks_of(calendars: CalendarSet, first: dt.date, days: int) -> list[Clock]:
    return [Clock(None, first, days), *(Clock(one, first, days) for one in calendars.calendars)]


@dataclass
class Work:
    start: int = NONE
    resume: int = NONE
    finish: int = NONE


class SlowPlan:
    """Dates by trying; ``clocks`` by calendar row."""

    def __init__(self, network: Network, clocks: list[Clock], *, override: bool = False) -> None:
        self.network, self.override, self.clocks = network, override, clocks
        self.rows = [row for row in range(len(network.activities)) if not network.activities.summary[row]]
        self.order = self._order()

    def _order(self) -> list[int]:
        links = self.network.links
        pairs = list(zip(links.predecessor.tolist(), links.successor.tolist(), strict=True))
        open_rows, order = list(self.rows), []
        while open_rows:
            row = next(row for row in open_rows if not any(b == row and a in open_rows for a, b in pairs))
            open_rows.remove(row)
            order.append(row)
        return order

    def started(self, row: int) -> bool:
        return bool(self.network.activities.actual_start[row] != NONE)

    def finished(self, row: int) -> bool:
        return bool(self.network.activities.actual_finish[row] != NONE)

    def to_do(self, row: int) -> int:
        activities = self.network.activities
        if not self.started(row):
            return int(activities.duration[row])
        if activities.remaining[row] != NONE:
            return int(activities.remaining[row])
        left = int(activities.duration[row]) * (100 - int(activities.percent[row]))
        return left // 100 + (left % 100 > 0)

    def clock(self, row: int) -> Clock:
        return self.clocks[self.network.activities.calendar[row]]

    def binds(self, link: int) -> bool:
        after = int(self.network.links.successor[link])
        return not (self.finished(after) or (self.override and self.started(after)))

    def keeps(self, link: int, before: Work, after: Work) -> bool:
        """Whether the dates keep the link: enough time of the lag's calendar lies between the two points."""
        links, activities = self.network.links, self.network.activities
        kind = int(links.kind[link])
        left = before.finish if kind in (LinkKind.FINISH_START, LinkKind.FINISH_FINISH) else before.start
        right = after.resume if kind in (LinkKind.FINISH_START, LinkKind.START_START) else after.finish
        lag, calendar = int(links.lag[link]), int(links.lag_calendar[link])
        if calendar == -2:
            calendar = int(activities.calendar[links.successor[link]])
        elif calendar == -3:
            calendar = int(activities.calendar[links.predecessor[link]])
        elif calendar == -4:
            calendar = int(self.network.projects.calendar[activities.project[links.successor[link]]])
        if lag == 0:
            return right >= left
        return self.clocks[calendar].between(left, right) >= lag

    def pinned(self, row: int) -> bool:
        """Whether a date of the activity wins over links."""
        wins = (ConstraintKind.MUST_START, ConstraintKind.MUST_FINISH)
        return not self.started(row) and any(kind in wins for kind, _ in self.constraints(row))

    def constraints(self, row: int) -> Iterator[tuple[int, int]]:
        table = self.network.constraints
        for index in range(len(table)):
            if table.activity[index] == row:
                yield int(table.kind[index]), int(table.at[index])

    def early_enough(self, row: int, work: Work, *, late_end: int) -> bool:
        """Whether the dates keep the upper limits."""
        if work.finish > late_end:
            return False
        for kind, at in self.constraints(row):
            if kind in (ConstraintKind.START_NO_LATER, ConstraintKind.START_ON, ConstraintKind.MUST_START):
                if not self.started(row) and work.resume > at:
                    return False
            elif work.finish > at and kind in (
                ConstraintKind.FINISH_NO_LATER, ConstraintKind.FINISH_ON, ConstraintKind.DEADLINE, ConstraintKind.MUST_FINISH
            ):  # fmt: skip
                return False
        return True

    def late_enough(self, row: int, work: Work) -> bool:
        """Whether the dates keep the project's start, the data date and the lower limits."""
        activities, projects = self.network.activities, self.network.projects
        project = activities.project[row]
        if work.resume < projects.data_date[project]:
            return False
        by_hand = any(kind == ConstraintKind.BY_HAND for kind, _ in self.constraints(row))
        if self.started(row):
            if work.resume < activities.actual_start[row]:
                return False
        elif work.resume < projects.start[project] and not by_hand:
            return False
        if self.started(row) and projects.data_date[project] == NONE:
            done = max(int(activities.duration[row]) - self.to_do(row), 0)
            if self.clock(row).between(int(activities.actual_start[row]), work.resume) < done:
                return False
        for kind, at in self.constraints(row):
            if kind in (ConstraintKind.START_NO_EARLIER, *STARTS_ON):
                if not self.started(row) and work.resume < at:
                    return False
            elif work.finish < at and kind in (
                ConstraintKind.FINISH_NO_EARLIER, ConstraintKind.FINISH_ON, ConstraintKind.MUST_FINISH
            ):  # fmt: skip
                return False
        return True

    def _try(self, row: int, fits: Callable[[Work], bool], *, backwards: bool = False) -> Work:
        actual = int(self.network.activities.actual_start[row])
        for start, finish in self.clock(row).spans(self.to_do(row), backwards=backwards):
            work = Work(actual if self.started(row) else start, start, finish)
            if fits(work):
                return work
        raise AssertionError("the window is too small")

    def _actual(self, row: int) -> Work:
        activities = self.network.activities
        start, finish = int(activities.actual_start[row]), int(activities.actual_finish[row])
        return Work(start, finish, finish)

    def earliest(self) -> dict[int, Work]:
        links, done = self.network.links, {}
        for row in self.order:
            into = [link for link in range(len(links)) if links.successor[link] == row and self.binds(link)]
            into = [] if self.pinned(row) else into

            def fits(work: Work, row: int = row, into: list[int] = into) -> bool:
                return self.late_enough(row, work) and all(
                    self.keeps(link, done[int(links.predecessor[link])], work) for link in into
                )

            done[row] = self._actual(row) if self.finished(row) else self._try(row, fits)
        return done

    def _latest_of(self, row: int, others: dict[int, Work], late_end: int, *, limits: bool = True) -> Work:
        links = self.network.links
        out = [link for link in range(len(links)) if links.predecessor[link] == row and self.binds(link)]
        # A beginning that is past is not moved by what comes after it.
        if self.started(row):
            out = [link for link in out if links.kind[link] in (LinkKind.FINISH_START, LinkKind.FINISH_FINISH)]

        def fits(work: Work) -> bool:
            ends = self.early_enough(row, work, late_end=late_end) if limits else work.finish <= late_end
            return ends and all(self.keeps(link, work, others[int(links.successor[link])]) for link in out)

        return self._try(row, fits, backwards=True)

    def ends(self, early: dict[int, Work]) -> list[int]:
        projects = self.network.projects
        ends = projects.start.tolist()
        for row, work in early.items():
            project = self.network.activities.project[row]
            ends[project] = max(ends[project], work.finish)
        return [end if must == NONE else must for end, must in zip(ends, projects.must_finish.tolist(), strict=True)]

    def put_off(self, early: dict[int, Work]) -> dict[int, Work]:
        """Move what is to lie as late as possible towards what follows it."""
        ends, planned = self.ends(early), dict(early)
        for row in reversed(self.order):
            wanted = any(kind == ConstraintKind.AS_LATE_AS_POSSIBLE for kind, _ in self.constraints(row))
            if wanted and not self.started(row):
                late = self._latest_of(row, planned, ends[self.network.activities.project[row]])
                if late.resume > planned[row].resume:
                    planned[row] = late
        return planned

    def latest(self, early: dict[int, Work]) -> dict[int, Work]:
        ends, done = self.ends(early), {}
        for row in reversed(self.order):
            if self.finished(row):
                done[row] = self._actual(row)
            else:
                done[row] = self._latest_of(row, done, ends[self.network.activities.project[row]])
        return done

    def free(self, row: int, planned: dict[int, Work], early: dict[int, Work]) -> int:
        end = self.ends(early)[self.network.activities.project[row]]
        late = self._latest_of(row, planned, end, limits=False)
        return self.clock(row).between(planned[row].resume, late.resume)

    def check(self, planned: dict[int, Work]) -> list[str]:
        """What is wrong with these dates: the independent feasibility check."""
        wrong = []
        for row in self.rows:
            work, clock = planned[row], self.clock(row)
            if self.finished(row):
                continue
            if clock.between(work.resume, work.finish) != self.to_do(row):
                wrong.append(f"{row}: not its duration")
            if not clock.may_end(work.finish) or not (clock.works(work.resume) or self.to_do(row) == 0):
                wrong.append(f"{row}: outside its working time")
            if not self.late_enough(row, work):
                wrong.append(f"{row}: too early")
        links = self.network.links
        for link in range(len(links)):
            before, after = int(links.predecessor[link]), int(links.successor[link])
            if self.pinned(after) or not self.binds(link):
                continue
            if not self.keeps(link, planned[before], planned[after]):
                wrong.append(f"link {link}: not kept")
        return wrong
