"""Versions of budgets and forecasts before they are stored, and the story that they tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stellwerk.core.models import User
from stellwerk.demo.story import Course, Moment
from stellwerk.portfolio.models import Project

if TYPE_CHECKING:
    from stellwerk.demo.company import Company


if TYPE_CHECKING:
    from stellwerk.demo.company import Company


@dataclass
class Row:
    """A line; ``months`` in minor units of ``currency``."""

    activity: int | None
    wbs: str
    text: str
    kind: int | None
    months: dict[dt.date, int]
    reserve: str = ""
    currency: str = "EUR"

    @property
    def total(self) -> int:
        return sum(self.months.values())


@dataclass
class Sheet:
    """A version before it is stored."""

    project: Project
    kind: str
    number: int
    state: str
    made: dt.date
    rows: list[Row]
    approver: User | None = None
    baseline: int | None = None
    first_open: dt.date | None = None
    reason: str = ""
    awaits: str = ""
    endorser: User | None = None
    pk: int = 0
    key: str = ""

    def work(self) -> int:
        return sum(row.total for row in self.rows if not row.reserve)


def last_report(course: Course) -> Moment:
    return next((moment for moment in reversed(course.moments) if moment.reported), course.moments[-1])


def courses_of(company: Company) -> dict[int, Course]:
    return {project.pk: course for project, course in zip(company.projects, company.courses, strict=True)}
