"""A schedule file as plain, immutable values that belong to no tool.

Units: durations, lags and times of day are whole minutes; effort is ``Decimal`` hours; money is ``Decimal`` in the
project's currency; units and percentages are ``Decimal`` (1 unit is one full person, 100 per cent is 100). Dates are
naive local ``datetime``. What a format knows and this model does not is kept as told (:class:`Kept`, :class:`RawTable`)
and written back by the writer of the same format.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

from stellwerk.planning.exchange.kept import Code, CodeType, FieldDefinition, Kept, RawTable, Value
from stellwerk.planning.exchange.problems import Problem

DAY = 24 * 60

Format = Literal["mspdi", "xer", "table", "mpxj", ""]
LinkType = Literal["FS", "SS", "FF", "SF"]
Unit = Literal["m", "h", "d", "w", "mo", "y"]
TaskKind = Literal["task", "start_milestone", "finish_milestone", "level_of_effort", "wbs_summary", "resource", "wbs"]
TaskType = Literal["fixed_units", "fixed_duration", "fixed_work", "fixed_duration_and_units"]
Constraint = Literal[
    "asap",
    "alap",
    "must_start_on",
    "must_finish_on",
    "start_no_earlier",
    "start_no_later",
    "finish_no_earlier",
    "finish_no_later",
    "start_on",
    "finish_on",
]
PercentType = Literal["duration", "units", "physical"]
ResourceType = Literal["work", "material", "cost"]


class Interval(NamedTuple):
    """Working time of one day in minutes from midnight; ``finish`` is at most 1440, the next midnight."""

    start: int
    finish: int


Day = tuple[Interval, ...]
"""Working times of a day in order; empty: not a working day."""
Week = tuple[Day | None, Day | None, Day | None, Day | None, Day | None, Day | None, Day | None]
"""Monday to Sunday; None: as the base calendar says."""
INHERITED: Week = (None,) * 7


@dataclass(frozen=True, slots=True)
class Duration:
    """Working minutes; ``elapsed``: minutes by the clock. ``unit`` and ``estimated`` are how the file shows it."""

    minutes: int
    elapsed: bool = False
    unit: Unit = field(default="h", compare=False)
    estimated: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Lag:
    """Time between two activities, negative for a lead. With ``percent`` it is that share of the predecessor's duration."""

    minutes: int = 0
    elapsed: bool = False
    percent: Decimal | None = None
    unit: Unit = field(default="d", compare=False)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How an exception repeats.

    ``pattern`` daily, weekly, monthly_day, monthly_position, yearly_day, yearly_position; every ``period`` days, weeks
    or months; ``days`` bit 0 is Sunday; ``position`` 0 first … 4 last of ``item`` (0 day, 1 weekday, 2 weekend day,
    3 Sunday … 9 Saturday); ``month`` 1–12.
    """

    pattern: str
    occurrences: int = 0
    period: int = 1
    days: int = 0
    month: int = 0
    month_day: int = 0
    position: int = 0
    item: int = 0


@dataclass(frozen=True, slots=True)
class CalendarException:
    """From ``start`` to ``finish`` (both included) the day is ``times``; empty times: nobody works."""

    start: dt.date
    finish: dt.date
    times: Day = ()
    name: str = ""
    recurrence: Recurrence | None = None


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """Another week between two dates, both included."""

    start: dt.date
    finish: dt.date
    week: Week
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working calendar. ``base``: the calendar it derives from; ``kind`` "resource" belongs to one resource."""

    uid: int
    name: str
    week: Week = INHERITED
    exceptions: tuple[CalendarException, ...] = ()
    work_weeks: tuple[WorkWeek, ...] = ()
    base: int | None = None
    kind: Literal["base", "project", "resource"] = "base"
    minutes_per_day: int | None = None
    kept: tuple[Kept, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was frozen under ``number`` (0–10)."""

    number: int
    start: dt.datetime | None = None
    finish: dt.datetime | None = None
    duration: Duration | None = None
    work: Decimal | None = None
    cost: Decimal | None = None
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Timephased:
    """One piece of a curve as told: kind and unit are the numbers of the format."""

    kind: int
    start: dt.datetime
    finish: dt.datetime
    unit: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the schedule, in the order of the file. ``blank`` rows are empty lines that only have a number.

    ``level`` is the outline level; 0 is the row of the project itself. Fields that a file does not give are None.
    """

    uid: int
    name: str = ""
    id: int | None = None
    wbs: str = ""
    code: str = ""
    level: int = 1
    summary: bool = False
    milestone: bool = False
    kind: TaskKind = "task"
    blank: bool = False
    active: bool = True
    manual: bool = False
    external: bool = False
    type: TaskType | None = None
    effort_driven: bool | None = None
    start: dt.datetime | None = None
    finish: dt.datetime | None = None
    duration: Duration | None = None
    planned_start: dt.datetime | None = None
    planned_finish: dt.datetime | None = None
    planned_duration: Duration | None = None
    early_start: dt.datetime | None = None
    early_finish: dt.datetime | None = None
    late_start: dt.datetime | None = None
    late_finish: dt.datetime | None = None
    critical: bool | None = None
    constraint: Constraint = "asap"
    constraint_date: dt.datetime | None = None
    constraint2: Constraint | None = None
    constraint2_date: dt.datetime | None = None
    deadline: dt.datetime | None = None
    percent_complete: Decimal | None = None
    percent_work: Decimal | None = None
    percent_physical: Decimal | None = None
    percent_type: PercentType | None = None
    actual_start: dt.datetime | None = None
    actual_finish: dt.datetime | None = None
    actual_duration: Duration | None = None
    remaining_duration: Duration | None = None
    stop: dt.datetime | None = None
    resume: dt.datetime | None = None
    priority: int | None = None
    calendar: int | None = None
    notes: str = ""
    work: Decimal | None = None
    actual_work: Decimal | None = None
    remaining_work: Decimal | None = None
    cost: Decimal | None = None
    actual_cost: Decimal | None = None
    remaining_cost: Decimal | None = None
    fixed_cost: Decimal | None = None
    baselines: tuple[Baseline, ...] = ()
    codes: tuple[Code, ...] = ()
    values: tuple[Value, ...] = ()
    timephased: tuple[Timephased, ...] = ()
    kept: tuple[Kept, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """``successor`` depends on ``predecessor`` (uids). ``project`` names the other file of an external link."""

    predecessor: int
    successor: int
    type: LinkType = "FS"
    lag: Lag = Lag()
    project: str = ""
    kept: tuple[Kept, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """Cost of a resource from a date on; ``table`` 0–4 (A–E). Money per hour (material: per unit), and per use.

    ``standard_unit`` and ``overtime_unit`` are how the file shows it.
    """

    table: int
    start: dt.datetime | None = None
    finish: dt.datetime | None = None
    standard: Decimal | None = None
    standard_unit: Unit = field(default="h", compare=False)
    overtime: Decimal | None = None
    overtime_unit: Unit = field(default="h", compare=False)
    per_use: Decimal | None = None
    units: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """From ``start`` to ``finish`` the resource offers ``units``."""

    start: dt.datetime | None
    finish: dt.datetime | None
    units: Decimal | None


@dataclass(frozen=True, slots=True)
class Resource:
    """Who or what works. ``role``: a role without a person (P6). Rates are money per hour (material: per unit)."""

    uid: int
    name: str = ""
    id: int | None = None
    code: str = ""
    initials: str = ""
    type: ResourceType = "work"
    role: bool = False
    blank: bool = False
    generic: bool = False
    active: bool = True
    group: str = ""
    email: str = ""
    parent: int | None = None
    max_units: Decimal | None = None
    calendar: int | None = None
    standard_rate: Decimal | None = None
    standard_unit: Unit = field(default="h", compare=False)
    overtime_rate: Decimal | None = None
    overtime_unit: Unit = field(default="h", compare=False)
    per_use: Decimal | None = None
    notes: str = ""
    work: Decimal | None = None
    actual_work: Decimal | None = None
    remaining_work: Decimal | None = None
    cost: Decimal | None = None
    actual_cost: Decimal | None = None
    remaining_cost: Decimal | None = None
    rates: tuple[Rate, ...] = ()
    availability: tuple[Availability, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    values: tuple[Value, ...] = ()
    kept: tuple[Kept, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A resource on a task. ``resource`` None: work that nobody has yet."""

    uid: int
    task: int
    resource: int | None = None
    role: int | None = None
    units: Decimal | None = None
    start: dt.datetime | None = None
    finish: dt.datetime | None = None
    actual_start: dt.datetime | None = None
    actual_finish: dt.datetime | None = None
    percent_work: Decimal | None = None
    work: Decimal | None = None
    actual_work: Decimal | None = None
    remaining_work: Decimal | None = None
    cost: Decimal | None = None
    actual_cost: Decimal | None = None
    remaining_cost: Decimal | None = None
    rate_table: int | None = None
    contour: int | None = None
    delay: Duration | None = None
    notes: str = ""
    baselines: tuple[Baseline, ...] = ()
    values: tuple[Value, ...] = ()
    timephased: tuple[Timephased, ...] = ()
    kept: tuple[Kept, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """What the file says of the project as a whole."""

    name: str = ""
    title: str = ""
    code: str = ""
    subject: str = ""
    category: str = ""
    company: str = ""
    manager: str = ""
    author: str = ""
    created: dt.datetime | None = None
    saved: dt.datetime | None = None
    start: dt.datetime | None = None
    finish: dt.datetime | None = None
    data_date: dt.datetime | None = None
    must_finish: dt.datetime | None = None
    from_start: bool = True
    dates_win: bool | None = None
    """Whether dates that an activity must keep win over links; None: the format does not say."""
    calendar: int | None = None
    currency: str = ""
    currency_symbol: str = ""
    minutes_per_day: int = 480
    minutes_per_week: int = 2400
    days_per_month: int = 20
    default_start: int = 480
    default_finish: int = 1020
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in a file. ``activities`` are leaves that are not milestones; blank rows are not counted."""

    activities: int
    milestones: int
    summaries: int
    links: int
    calendars: int
    resources: int
    assignments: int


@dataclass(frozen=True)
class Document:
    """One schedule: the result of every reader, the input of every writer."""

    project: ProjectInfo = ProjectInfo()
    calendars: tuple[Calendar, ...] = ()
    tasks: tuple[Task, ...] = ()
    links: tuple[Link, ...] = ()
    resources: tuple[Resource, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    code_types: tuple[CodeType, ...] = ()
    fields: tuple[FieldDefinition, ...] = ()
    tables: tuple[RawTable, ...] = ()
    format: Format = field(default="", compare=False)
    version: str = field(default="", compare=False)
    encoding: str = field(default="", compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @cached_property
    def parents(self) -> dict[int, int]:
        """The uid of the row above each row in the outline; top rows are missing. Blank rows have no parent."""
        found: dict[int, int] = {}
        path: list[Task] = []
        for task in self.tasks:
            if task.blank:
                continue
            while path and path[-1].level >= task.level:
                path.pop()
            if path:
                found[task.uid] = path[-1].uid
            path.append(task)
        return found

    @cached_property
    def summaries(self) -> frozenset[int]:
        """The uids of rows that stand for others: they have rows below them, or the file says so; the row of the project
        (level and number 0) does even in an empty plan."""
        told = (one.uid for one in self.tasks if not one.blank and (one.summary or one.level == one.uid == 0))
        return frozenset(self.parents.values()).union(told)

    @cached_property
    def calendar_by_uid(self) -> dict[int, Calendar]:
        return {calendar.uid: calendar for calendar in self.calendars}

    @cached_property
    def task_by_uid(self) -> dict[int, Task]:
        return {task.uid: task for task in self.tasks}

    def counts(self) -> Counts:
        """The numbers an import reports."""
        kinds: Counter[str] = Counter()
        for task in self.tasks:
            if not task.blank:
                leaf = "milestones" if task.milestone else "activities"
                kinds["summaries" if task.uid in self.summaries else leaf] += 1
        return Counts(
            activities=kinds["activities"],
            milestones=kinds["milestones"],
            summaries=kinds["summaries"],
            links=len(self.links),
            calendars=len(self.calendars),
            resources=sum(1 for resource in self.resources if not resource.blank),
            assignments=len(self.assignments),
        )

    def span(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The first start and the last finish of all leaves."""
        leaves = [task for task in self.tasks if not task.blank and task.uid not in self.summaries]
        starts = [task.start for task in leaves if task.start is not None]
        finishes = [task.finish for task in leaves if task.finish is not None]
        return min(starts, default=None), max(finishes, default=None)
