"""Working calendars as the exchange and the engine take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from functools import lru_cache
from typing import Final

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from stellwerk.engine.calendars import Calendar as EngineCalendar
from stellwerk.engine.calendars import CalendarError, CalendarSet
from stellwerk.people.holidays import public_holidays
from stellwerk.planning.exchange.calendars import STANDARD_WEEK
from stellwerk.planning.exchange.document import INHERITED, Calendar, Day, Interval, Week
from stellwerk.planning.exchange.document import CalendarException as Exceptional
from stellwerk.planning.models import CalendarException, Plan, WorkingCalendar
from stellwerk.planning.network import engine_calendar
from stellwerk.planning.telling import told_into

HOLIDAYS_FROM, HOLIDAYS_UNTIL = 2000, 2075
"""Years in which public holidays are free: a law that changes after that is not known."""
DAY_MINUTES: Final = 480
ABOVE_FILES: Final = 1_000_000
"""Raises the number of a calendar of the house where the file of the plan has one of the same number."""


def calendars_of(plan: Plan) -> dict[int, WorkingCalendar]:
    """All calendars that a plan can use, by number: its own, those of the house with their bases, and those of persons that it uses."""
    rows = WorkingCalendar.objects.filter(Q(plan=plan) | Q(plan=None, person=None) | _used([plan.pk]))
    return {row.pk: row for row in _stamped(rows)}


def as_exchange(rows: Iterable[WorkingCalendar], *, by_uid: bool = False) -> dict[int, Calendar]:
    """Calendars in the words of the exchange, by row number; ``by_uid``: under the numbers of the file where there are some.

    Public holidays stand before the exceptions of the calendar's own: those count on the same day.
    """
    known = {row.pk: row for row in rows}
    exceptions: dict[int, list[Exceptional]] = {}
    found = CalendarException.objects.filter(calendar__in=known).order_by("pk") if known else ()
    for other in found:
        one = Exceptional(other.start, other.finish, _day(other.times), other.name)
        exceptions.setdefault(other.calendar_id, []).append(told_into(one, other.told))

    taken = {row.uid for row in known.values() if row.uid is not None}

    def number(row: WorkingCalendar) -> int:
        if by_uid and row.uid is not None:
            return row.uid
        return row.pk + ABOVE_FILES if by_uid and row.pk in taken else row.pk

    made = {}
    for row in known.values():
        base = known.get(row.base_id) if row.base_id is not None else None
        calendar = Calendar(
            uid=number(row),
            name=row.name,
            week=_week(row.week),
            exceptions=(*_free_days(row.country, row.subdivision), *exceptions.get(row.pk, ())),
            base=number(base) if base is not None else None,
            kind=row.kind,  # type: ignore[arg-type]
            minutes_per_day=row.minutes_per_day,
        )
        made[row.pk] = told_into(calendar, row.told)
    return made


def _day(times: object) -> Day:
    return tuple(Interval(int(a), int(b)) for a, b in times) if isinstance(times, list) else ()


def _week(week: object) -> Week:
    if not isinstance(week, list) or len(week) != 7:
        return INHERITED
    return tuple(None if day is None else _day(day) for day in week)  # type: ignore[return-value]


@lru_cache(maxsize=64)
def _free_days(country: str, subdivision: str) -> tuple[Exceptional, ...]:
    if not country:
        return ()
    days = (
        (day, name)
        for year in range(HOLIDAYS_FROM, HOLIDAYS_UNTIL + 1)
        for day, name in public_holidays(country, subdivision, year).items()
    )
    return tuple(Exceptional(day, day, (), name) for day, name in sorted(days))


class Clock:
    """The calendars of a plan as rows of the engine; row 0 is elapsed time, ``standard`` Monday to Friday, eight hours."""

    def __init__(self, calendars: Mapping[int, Calendar], default: int | None) -> None:
        self.minutes: dict[int, int] = {}
        self.row: dict[int, int] = {}
        engine: list[EngineCalendar] = [engine_calendar(None, {})]
        for number, calendar in calendars.items():
            made = engine_calendar(calendar, calendars)
            try:
                CalendarSet([made])
            except CalendarError:  # no working time at all: rows fall back to the plan's calendar
                continue
            engine.append(made)
            self.row[number] = len(engine)
            self.minutes[len(engine)] = calendar.minutes_per_day or usual_minutes(calendar, calendars)
        self.standard = 1
        self.minutes[1] = DAY_MINUTES
        self.default = self.row.get(default, 1) if default is not None else 1
        self.set = CalendarSet(engine)

    def of(self, calendar: int | None, *, elapsed: bool = False) -> int:
        """The engine's row for the calendar of an activity."""
        if elapsed:
            return 0
        return self.row.get(calendar, self.default) if calendar is not None else self.default

    def with_default(self, calendar: int | None) -> Clock:
        """The same calendars for a plan whose rows work by ``calendar`` unless they have one of their own."""
        made = copy(self)
        made.default = self.row.get(calendar, self.standard) if calendar is not None else self.standard
        return made

    def day(self, row: int) -> int:
        """Minutes of a working day of an engine row: what “1 day” means."""
        return 1440 if row == 0 else self.minutes[row]


def usual_minutes(calendar: Calendar, calendars: Mapping[int, Calendar]) -> int:
    """The longest usual working day of a calendar; 480 where it has none."""
    longest = 0
    for number in range(7):
        one: Calendar | None = calendar
        seen: set[int] = set()
        while one is not None and one.week[number] is None and one.uid not in seen:
            seen.add(one.uid)
            one = calendars.get(one.base) if one.base is not None else None
        day = (one.week[number] if one is not None else None) or (STANDARD_WEEK[number] if one is None else ()) or ()
        longest = max(longest, sum(part.finish - part.start for part in day))
    return longest or DAY_MINUTES


_CLOCKS: dict[tuple[object, ...], Clock] = {}
MOST_CLOCKS = 64


def clock_of(plan: Plan) -> Clock:
    """The clock of a plan. Kept in the process as long as no calendar changes: building one takes longer than computing a plan."""
    return _clock(calendars_of(plan), plan.calendar_id)


def clock_of_all(plans: Iterable[Plan]) -> Clock:
    """One clock with the calendars of several plans; rows without a calendar need :meth:`Clock.with_default`."""
    numbers = [plan.pk for plan in plans]
    rows = WorkingCalendar.objects.filter(Q(plan=None, person=None) | Q(plan__in=numbers) | _used(numbers))
    return _clock({row.pk: row for row in _stamped(rows)}, None)


def _stamped(rows: QuerySet[WorkingCalendar]) -> QuerySet[WorkingCalendar]:
    """With what tells whether an exception of the calendar changed since a clock was built."""
    marks = CalendarException.objects.filter(calendar=OuterRef("pk")).order_by().values("calendar")
    named = {"count": Count("pk"), "last": Max("updated_at"), "number": Max("pk")}
    return rows.order_by("pk").annotate(
        **{f"exceptions_{name}": Subquery(marks.annotate(one=value).values("one")) for name, value in named.items()}
    )


def _used(plans: list[int]) -> Q:
    """Calendars of persons that rows of these plans work by."""
    from stellwerk.planning.models import Activity

    return Q(pk__in=Activity.objects.filter(plan__in=plans).exclude(calendar=None).values("calendar"))


def _clock(rows: Mapping[int, WorkingCalendar], default: int | None) -> Clock:
    marks = ("pk", "version", "updated_at", "exceptions_count", "exceptions_last", "exceptions_number")
    signature = (default, tuple(tuple(getattr(row, name) for name in marks) for row in rows.values()))
    found = _CLOCKS.get(signature)
    if found is None:
        if len(_CLOCKS) >= MOST_CLOCKS:
            _CLOCKS.clear()
        found = _CLOCKS[signature] = Clock(as_exchange(rows.values()), default)
    return found


def free_spans(calendar: Calendar, first: date, last: date) -> list[tuple[date, date, str]]:
    """Exceptions without work between two days, for the picture of the chart."""
    return [
        (one.start, one.finish, one.name)
        for one in calendar.exceptions
        if not one.times and one.recurrence is None and one.finish >= first and one.start <= last
    ]
