"""What the demo company is made of, told from one step of its making to the next."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils import timezone

from stellwerk.core.models import KeySequence, Setting, User
from stellwerk.demo.story import Course
from stellwerk.people.models import Organisation, Person, Role, Unit
from stellwerk.planning.models import WorkingCalendar
from stellwerk.planning.selectors.calendars import Clock
from stellwerk.portfolio.models import Portfolio, Programme, Project
from stellwerk.reporting.clock import cycle_dates
from stellwerk.reporting.working_days import WorkCalendar

COMPANY = "Nordlicht Anlagenbau AG"
MARK = "demo"
CYCLES = 12
CYCLE_DAYS = 14
HAMBURG = WorkCalendar("DE", "HH")


@dataclass(frozen=True)
class Size:
    projects: int = 60
    people: int = 200
    seed: int = 7
    activities: int = 0  # of each project; 0: 25 to 60, by the size of the project


@dataclass
class Company:
    """What later steps need of the company made so far."""

    size: Size
    today: dt.date
    rng: random.Random
    dates: list[dt.date]
    organisation: Organisation
    users: dict[str, User]
    people: list[Person]
    cast: dict[str, Person]
    roles: dict[str, Role]
    units: dict[str, Unit]
    portfolio: Portfolio
    programmes: dict[str, Programme]
    projects: list[Project]
    courses: list[Course]
    calendars: dict[str, WorkingCalendar] = field(default_factory=dict)
    clock: Clock | None = None

    @property
    def night(self) -> dt.datetime:
        """The midnight with which today begins: nothing in the story was done later, at whatever hour it is told."""
        return timezone.make_aware(dt.datetime.combine(self.today, dt.time()))

    @property
    def planned_year(self) -> int:
        """The year whose projects are being chosen; until the middle of February it has begun already."""
        return (self.today - dt.timedelta(days=45)).year + 1


def data_dates(today: dt.date, count: int = CYCLES) -> list[dt.date]:
    """The last ``count`` fortnightly Fridays before today, ascending: what is due today is not published yet.

    A Friday that is a holiday moves to the working day before, as the cycles of the house do.
    """
    return [day for _number, day in islice(cycle_dates(anchor(today, count), CYCLE_DAYS, HAMBURG), count)]


def anchor(today: dt.date, count: int = CYCLES) -> dt.date:
    """The Friday from which the cycles count."""
    last = today - dt.timedelta(days=(today.weekday() - 5) % 7 + 1)
    return last - dt.timedelta(days=CYCLE_DAYS * (count - 1))


def add_sequences(used: dict[str, int]) -> None:
    """So many keys of each prefix are given away."""
    for prefix, number in used.items():
        KeySequence.objects.update_or_create(prefix=prefix, defaults={"next_number": number + 1})


def exists() -> dict[str, Any] | None:
    """What was generated before, or None."""
    found = Setting.objects.filter(pk=MARK).first()
    return found.value if found else None


def is_empty() -> bool:
    """No organisation yet: nothing that the demo could be mixed with."""
    return not Organisation.objects.exists()
