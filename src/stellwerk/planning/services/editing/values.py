"""What a planner typed into a row, as columns: days become minutes, a dragged bar a constraint, progress actual dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.calendars import CalendarError, instant, moment
from stellwerk.engine.calendars.model import LAST_DAY
from stellwerk.people.models import Person
from stellwerk.planning.choices import MILESTONES, Constraint, Kind
from stellwerk.planning.effort import Changed, Effort, balanced
from stellwerk.planning.models import Activity, WorkingCalendar
from stellwerk.planning.selectors.calendars import Clock

TEXTS: Final = ("name", "code", "wbs", "notes", "kind", "constraint", "constraint2", "type", "ev_method")
FLAGS: Final = ("elapsed", "manual", "active", "effort_driven", "estimated")
NUMBERS: Final = ("percent", "work", "units", "remaining_work", "actual_work")
WHOLE: Final = ("duration", "remaining", "weight", "priority")
TIMES: Final = ("actual_start", "actual_finish", "constraint_date", "constraint2_date", "deadline", "start", "finish")
AT_END: Final = ("actual_finish", "deadline", "finish")
"""A date without a time means the end of that day's work here, its beginning elsewhere."""
DAYS: Final = {"days": "duration", "remaining_days": "remaining"}
REFERENCES: Final = ("calendar", "responsible")
MONEY: Final = ("cost",)
"""In units of the project's currency; the columns hold minor units."""
WRITABLE: Final = frozenset((*TEXTS, *FLAGS, *NUMBERS, *WHOLE, *TIMES, *DAYS, *REFERENCES, *MONEY))
PROGRESS: Final = frozenset(
    (
        "percent",
        "remaining",
        "remaining_days",
        "actual_start",
        "actual_finish",
        "remaining_work",
        "actual_work",
        "notes",
    )
)
"""What the person who does the work may report without planning."""
OF_SUMMARIES: Final = frozenset(("name", "code", "wbs", "notes", "responsible", "weight", "priority"))
FULL = Decimal(100)
LARGEST_DAYS = 40_000
LARGEST_COST = Decimal(10) ** 14


@dataclass
class Typed:
    """One row with what was typed into it, on the way to its columns."""

    activity: Activity
    clock: Clock
    by: User | None
    given: Mapping[str, Any]
    reason: str = ""
    currency: str = "EUR"
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def now(self, name: str) -> Any:
        """The value that the row will have."""
        return self.values[name] if name in self.values else getattr(self.activity, name)

    def wrong(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(message)

    @property
    def calendar_row(self) -> int:
        calendar = self.now("calendar")
        return self.clock.of(calendar.pk if calendar is not None else None, elapsed=bool(self.now("elapsed")))

    @property
    def day(self) -> int:
        return self.clock.day(self.calendar_row)


def columns_of(
    activity: Activity,
    given: Mapping[str, Any],
    *,
    clock: Clock,
    by: User | None,
    reason: str = "",
    currency: str = "EUR",
) -> dict[str, Any]:
    """The columns that ``given`` changes in ``activity``; raises :class:`Invalid` with a message per field."""
    typed = Typed(activity, clock, by, given, reason, currency)
    for name in given:
        if name not in WRITABLE:
            typed.wrong(name, _("“%(field)s” cannot be set.") % {"field": name})
        elif activity.summary and name not in OF_SUMMARIES:
            typed.wrong(name, _("A summary takes this from the rows below it: change those."))
    for step in () if typed.errors else (_read, _shape, _when, _progress, _effort):
        step(typed)
        if typed.errors:
            break
    if typed.errors:
        raise Invalid(typed.errors)
    return typed.values


def _read(typed: Typed) -> None:
    """The plain values: types and references."""
    readers: list[tuple[tuple[str, ...], Callable[[Any], Any], str]] = [
        (TEXTS, _text, ""),
        (FLAGS, _flag, ""),
        (NUMBERS, _decimal, _("This is not a number.")),
        (WHOLE, _whole, _("This is not a whole number.")),
        (MONEY, lambda value: _minor(value, typed.currency), _("This is not an amount.")),
    ]
    for names, read, message in readers:
        for name in names:
            if name in typed.given:
                try:
                    typed.values[name] = read(typed.given[name])
                except (ValueError, TypeError, InvalidOperation):
                    typed.wrong(name, message or _("This value cannot be read."))
    _references(typed)
    for name, column in DAYS.items():
        if name in typed.given:
            _days(typed, name, column)
    if not typed.errors and typed.now("percent") is None:
        typed.values["percent"] = Decimal(0)
    for name in ("duration", "remaining"):
        if name in typed.values and typed.values[name] is not None and typed.values[name] < 0:
            typed.wrong(name, _("A duration cannot be negative."))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise TypeError
    found = Decimal(str(value))
    if not found.is_finite():
        raise ValueError
    return found


def _minor(value: Any, currency: str) -> int | None:
    found = _decimal(value)
    if found is not None and abs(found) >= LARGEST_COST:
        raise ValueError
    return None if found is None else formats.minor(found, currency)


def _whole(value: Any) -> int | None:
    found = _decimal(value)
    if found is None:
        return None
    if found != found.to_integral_value() or abs(found) > 2**53:
        raise ValueError
    return int(found)


def _references(typed: Typed) -> None:
    plan = typed.activity.plan_id
    if "calendar" in typed.given:
        number = typed.given["calendar"]
        rows = WorkingCalendar.objects.filter(plan=plan) | WorkingCalendar.objects.filter(plan=None)
        typed.values["calendar"] = _one(typed, "calendar", rows, number)
    if "responsible" in typed.given:
        rows_of_people = Person.objects.filter(visible(typed.by, Person)) if typed.by else Person.objects.all()
        typed.values["responsible"] = _one(typed, "responsible", rows_of_people, typed.given["responsible"])


def _one(typed: Typed, name: str, rows: Any, number: Any) -> Any:
    if number is None or number == "":
        return None
    found = rows.filter(pk=number).first() if isinstance(number, int) and not isinstance(number, bool) else None
    if found is None:
        typed.wrong(name, _("This does not exist, or you may not see it."))
    return found


def _days(typed: Typed, name: str, column: str) -> None:
    try:
        days = _decimal(typed.given[name])
    except (ValueError, TypeError, InvalidOperation):
        typed.wrong(name, _("This is not a number of days."))
        return
    if days is None:
        typed.values[column] = None
    elif days < 0:
        typed.wrong(name, _("A duration cannot be negative."))
    elif days > LARGEST_DAYS:
        typed.wrong(
            name, _("More than %(count)s days: plans reach to 2150 only.") % {"count": formats.number(LARGEST_DAYS)}
        )
    else:
        typed.values[column] = int((days * typed.day).to_integral_value())


def _shape(typed: Typed) -> None:
    """A milestone has no duration, and what has a duration is no milestone."""
    if "name" in typed.values and not typed.values["name"]:
        typed.wrong("name", _("A row needs a name."))
    kind, duration = typed.now("kind"), typed.now("duration")
    if "kind" in typed.values:
        if kind in MILESTONES and duration:
            typed.values["duration"] = 0
    elif "duration" in typed.values:
        if duration == 0 and kind == Kind.TASK:
            typed.values["kind"] = Kind.MILESTONE
        elif duration and kind in MILESTONES:
            typed.values["kind"] = Kind.TASK


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


def _when(typed: Typed) -> None:
    times: dict[str, dt.datetime | None] = {}
    for name in TIMES:
        if name in typed.given:
            try:
                times[name] = read_time(typed.given[name], typed.clock, typed.calendar_row, end=_ends(typed, name))
            except (ValueError, TypeError, CalendarError):
                typed.wrong(name, _("This is not a date between 1950 and 2150."))
    if typed.errors:
        return
    start, finish = times.pop("start", None), times.pop("finish", None)
    typed.values.update(times)
    if start is not None:
        _start_at(typed, start)
    if finish is not None:
        _finish_at(typed, start, finish)
    if "constraint" in typed.values and typed.values["constraint"] in (Constraint.ASAP, Constraint.ALAP):
        typed.values["constraint_date"] = None
    if "actual_finish" in typed.values and typed.values["actual_finish"] and typed.now("actual_start") is None:
        typed.values["actual_start"] = typed.activity.start or typed.values["actual_finish"]


def _ends(typed: Typed, name: str) -> bool:
    if name in ("constraint_date", "constraint2_date"):
        return "finish" in str(typed.given.get(name[:-5], typed.now(name[:-5])))
    return name in AT_END or (typed.now("kind") == Kind.MILESTONE and name == "start")


def read_time(value: Any, clock: Clock, calendar: int, *, end: bool) -> dt.datetime | None:
    """An ISO text as local time; a date alone is the beginning or the end of that day's work in the calendar."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError
    if len(value) > 10:
        return moment(instant(dt.datetime.fromisoformat(value)))
    day = dt.date.fromisoformat(value)
    if day > LAST_DAY:
        raise ValueError
    midnight = instant(dt.datetime.combine(day, dt.time()))
    rows = np.array([calendar], np.int64)
    if end:
        found = int(clock.set.previous_finish(rows, np.array([midnight + 1440], np.int64))[0])
        return moment(found) if moment(found).date() == day or found == midnight + 1440 else moment(midnight + 1020)
    found = int(clock.set.next_start(rows, np.array([midnight], np.int64))[0])
    return moment(found) if moment(found).date() == day else moment(midnight + 480)


def _start_at(typed: Typed, start: dt.datetime) -> None:
    """A dragged bar: progress that began moves its actual start; what is scheduled by hand its start; all else is not earlier."""
    if typed.activity.actual_start is not None:
        typed.values["actual_start"] = start
    elif typed.now("manual"):
        typed.values["start"] = start
    elif "constraint" not in typed.values:
        name = Constraint.FINISH_NO_EARLIER if typed.now("kind") == Kind.MILESTONE else Constraint.START_NO_EARLIER
        typed.values["constraint"] = name
        typed.values["constraint_date"] = start


def _finish_at(typed: Typed, start: dt.datetime | None, finish: dt.datetime) -> None:
    """A resized bar: the duration from the start to there."""
    begin = start or typed.activity.start
    if begin is None:
        begin = finish
    if finish < begin:
        typed.wrong("finish", _("The finish lies before the start."))
        return
    row = np.array([typed.calendar_row], np.int64)
    span = typed.clock.set.between(row, np.array([instant(begin)], np.int64), np.array([instant(finish)], np.int64))
    if "duration" not in typed.values:
        typed.values["duration"] = int(span[0])
        _shape(typed)


# ── progress ─────────────────────────────────────────────────────────────────────────────────────


def _progress(typed: Typed) -> None:
    """Percent, remaining duration, actual dates and the state say the same."""
    touched = PROGRESS & set(typed.values) - {"notes", "remaining_work", "actual_work"}
    if not touched and "duration" not in typed.values:
        return
    if not touched:
        _new_duration(typed)
        return
    duration = typed.now("duration") or 0
    percent = typed.now("percent") or Decimal(0)
    if typed.values.get("actual_finish") is not None:
        percent = FULL
    elif "actual_finish" in typed.values and "percent" not in typed.values and percent >= FULL:
        percent = Decimal(99)
    elif "percent" not in typed.values and typed.values.get("remaining") is not None and duration:
        left = Decimal(min(typed.values["remaining"], duration))
        percent = (FULL * (1 - left / Decimal(duration))).quantize(Decimal("0.01"))
        percent = FULL if typed.values["remaining"] == 0 else min(percent, Decimal(99))
    if not 0 <= percent <= FULL:
        typed.wrong("percent", _("Progress lies between 0 and 100 per cent."))
        return
    _settle(typed, percent, duration)


def _settle(typed: Typed, percent: Decimal, duration: int) -> None:
    was, activity = typed.activity.state, typed.activity
    typed.values["percent"] = percent
    if percent >= FULL:
        start = typed.now("actual_start") or activity.start or typed.now("actual_finish")
        finish = typed.now("actual_finish") or activity.finish or start
        if start is None or finish is None:
            typed.wrong("percent", _("The row has no dates yet: give the actual start and finish."))
            return
        state = "completed"
        typed.values |= {"actual_start": min(start, finish), "actual_finish": finish, "remaining": 0}
        if typed.given.get("actual_start"):
            typed.values["actual_start"] = start
    else:
        typed.values["actual_finish"] = None
        begun = percent > 0 or (
            typed.values.get("actual_start") or ("percent" not in typed.given and activity.actual_start)
        )
        if begun:
            typed.values["actual_start"] = typed.now("actual_start") or activity.start
            if "remaining" not in typed.given and "remaining_days" not in typed.given:
                typed.values["remaining"] = int((duration * (1 - percent / FULL)).to_integral_value())
        else:
            typed.values |= {"actual_start": None, "remaining": None}
        state = "in_progress" if begun else "not_started"
    if was == "completed" and state != "completed" and not typed.reason.strip():
        typed.wrong("percent", _("This is completed. To reopen it, give a reason."))
    if was != "cancelled" and not (was == "suspended" and state == "in_progress"):
        typed.values["state"] = state


def _new_duration(typed: Typed) -> None:
    """A longer or shorter activity keeps its percent; the remaining time follows."""
    activity = typed.activity
    duration = typed.values["duration"]
    if activity.actual_start is None or activity.actual_finish is not None or duration is None:
        return
    typed.values["remaining"] = int((duration * (1 - activity.percent / FULL)).to_integral_value())


# ── effort ───────────────────────────────────────────────────────────────────────────────────────


def _effort(typed: Typed) -> None:
    """Duration, effort and units stay together as the duration type says."""
    order: tuple[Changed, ...] = ("duration", "work", "units")
    touched = [name for name in order if name in typed.values]
    if len(touched) != 1:
        return
    before = Effort(typed.now("duration"), typed.now("work"), typed.now("units"))
    after = balanced(str(typed.now("type")), touched[0], before)
    for name in order:
        if getattr(after, name) != getattr(before, name):
            typed.values[name] = getattr(after, name)
            if name == "duration":
                _new_duration(typed)
