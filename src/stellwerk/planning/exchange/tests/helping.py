"""Small schedules to test with, and MPXJ where it is installed."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest

from stellwerk.planning.exchange import Document, ScheduleFileError, mpxj, read_schedule
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Calendar,
    CalendarException,
    Duration,
    Interval,
    Lag,
    Link,
    ProjectInfo,
    Recurrence,
    Resource,
    Task,
    WorkWeek,
)
from stellwerk.planning.exchange.kept import Code, CodeType, CodeValue

NASTY = "Ümlaut & <b>\"quotes\"</b> 'n' =1+1 \\ ; , € – 100 %"
OFFICE = (Interval(480, 720), Interval(780, 1020))
NIGHT = (Interval(0, 180), Interval(1320, 1440))
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, (Interval(480, 780),), (), ())


def at(day: int, hour: int = 8, minute: int = 0, month: int = 3, year: int = 2027) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute)  # noqa: DTZ001


def plan() -> Document:
    """Two phases, links of all kinds, every calendar feature, progress, two people and a code."""
    project = ProjectInfo(
        name="Bridge", title="Bridge", company=NASTY, start=at(1), finish=at(31, 17), data_date=at(4), calendar=1,
        currency="EUR", currency_symbol="€", created=at(1), author="Petra",
    )  # fmt: skip
    calendars = (
        Calendar(1, "Standard", WEEK, exceptions=(
            CalendarException(dt.date(2027, 3, 26), dt.date(2027, 3, 29), (), "Easter"),
            CalendarException(dt.date(2027, 3, 6), dt.date(2027, 3, 6), (Interval(480, 720),), "Working Saturday"),
        )),
        Calendar(2, "Three shifts", (NIGHT,) * 7),
        Calendar(3, "Ann", (None, None, (), None, None, None, None), base=1, kind="resource"),
    )  # fmt: skip
    eight = Duration(480, unit="d")
    tasks = (
        Task(1, "Bridge", id=0, wbs="0", level=0, summary=True, kind="wbs", start=at(1), finish=at(31, 17)),
        Task(2, "Design", id=1, wbs="1", summary=True, kind="wbs", start=at(1), finish=at(4, 17)),
        Task(
            3, NASTY, id=2, wbs="1.1", level=2, start=at(1), finish=at(2, 17), duration=Duration(960, unit="d"),
            actual_start=at(1), actual_finish=at(2, 17), percent_complete=Decimal(100), work=Decimal(16), priority=500,
            actual_work=Decimal(16), remaining_work=Decimal(0), actual_duration=Duration(960), calendar=1,
            remaining_duration=Duration(0), type="fixed_work", notes="First line\nsecond <line> & more", deadline=at(9, 17),
            baselines=(Baseline(0, at(1), at(1, 17), eight, Decimal(8), Decimal("1234.5")), Baseline(3, at(2), at(3, 17))),
        ),
        Task(
            4, "Calculate", id=3, wbs="1.2", level=2, start=at(3), finish=at(4, 17), duration=Duration(960, unit="d"),
            actual_start=at(3), percent_complete=Decimal(50), remaining_duration=Duration(480), priority=900,
            constraint="start_no_earlier", constraint_date=at(3), actual_duration=Duration(480), work=Decimal("12.5"), remaining_work=Decimal("12.5"),
            codes=(Code(70, 71),),
        ),
        Task(5, "Build", id=4, wbs="2", summary=True, kind="wbs", start=at(5), finish=at(31, 17)),
        Task(
            6, "Pour", id=5, wbs="2.1", level=2, start=at(5), finish=at(31, 17), duration=Duration(615, unit="h"),
            calendar=2, constraint="alap",
        ),
        Task(
            7, "Opened", id=6, wbs="2.2", level=2, milestone=True, kind="finish_milestone", start=at(31, 17),
            finish=at(31, 17), duration=Duration(0, unit="d"), constraint="must_finish_on", constraint_date=at(31, 17),
        ),
    )  # fmt: skip
    links = (
        Link(3, 4, "FS", Lag(0)),
        Link(3, 6, "SS", Lag(480)),
        Link(4, 6, "FF", Lag(-90, unit="h")),
        Link(6, 7, "SF", Lag(0)),
    )
    resources = (
        Resource(1, "Ann", id=1, code="ANN", initials="A", calendar=3, max_units=Decimal(1), standard_rate=Decimal(80)),
        Resource(2, "Concrete", id=2, code="CON", initials="C", type="material"),
    )
    assignments = (
        Assignment(
            1, 3, 1, units=Decimal("0.5"), work=Decimal(16), actual_work=Decimal(16), remaining_work=Decimal(0),
            start=at(1), finish=at(2, 17), actual_start=at(1), actual_finish=at(2, 17), cost=Decimal(1280),
            actual_cost=Decimal(1280), remaining_cost=Decimal(0), percent_work=Decimal(100), rate_table=0,
        ),
        Assignment(2, 4, 1, units=Decimal(1), work=Decimal("12.5"), actual_work=Decimal(0), remaining_work=Decimal("12.5"),
                   start=at(3), finish=at(4, 17), percent_work=Decimal(0), rate_table=0),
    )  # fmt: skip
    codes = (CodeType(70, "Phase", (CodeValue(71, "D", "Design"),), "AS_Project"),)
    return Document(project, calendars, tasks, links, resources, assignments, codes)


def with_repeats() -> Document:
    """A calendar with everything that repeats."""
    free = dt.date(2027, 1, 1), dt.date(2031, 12, 31)
    rules = (
        Recurrence("daily", period=3, occurrences=4),
        Recurrence("weekly", period=2, days=0b0100010),
        Recurrence("monthly_day", period=1, month_day=31),
        Recurrence("monthly_position", period=1, position=4, item=8),
        Recurrence("yearly_day", month=12, month_day=24, occurrences=5),
        Recurrence("yearly_position", month=11, position=3, item=7),
    )
    exceptions = tuple(CalendarException(*free, (), f"rule {rule.pattern}", rule) for rule in rules)
    weeks = (WorkWeek(dt.date(2027, 7, 1), dt.date(2027, 7, 31), ((),) * 5 + (OFFICE, OFFICE), "July"),)
    calendar = Calendar(1, "Repeats", WEEK, exceptions=exceptions, work_weeks=weeks)
    return Document(
        ProjectInfo(name="Repeats", calendar=1, currency_symbol="$"),
        (calendar,),
        (Task(1, "One", id=1, wbs="1", type="fixed_units"),),
    )


def problems_of(content: bytes, **options: object) -> list[str]:
    """The codes of what a file is refused for, errors first."""
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(content), **options)  # type: ignore[arg-type]
    assert caught.value.problems[0].severity == "error"
    for problem in caught.value.problems:
        assert problem.message and problem.advice  # noqa: PT018
    return [problem.code for problem in caught.value.problems]


def first_problem(content: bytes) -> tuple[str, int, str]:
    """Code, line and text of the first error."""
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(content))
    problem = caught.value.problems[0]
    return problem.code, problem.line, str(problem)


def needs_mpxj() -> None:
    if not mpxj.available():
        pytest.skip(f"MPXJ MISSING: install stellwerk[mpp], or set {mpxj.PYTHON_VARIABLE} to a Python that has mpxj")
