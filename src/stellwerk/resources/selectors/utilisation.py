"""Utilisation: what of the time for projects was booked and what was recorded, by unit and month, and for one person.

What is booked is planned by name anyway; what is recorded obeys the smallest group (:mod:`.timesheets_access`). There is no
list of people with their figures: nobody is ranked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import require, visible, visible_rows
from stellwerk.people.models import Person, Unit
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import HoursAgreement, HoursMonth
from stellwerk.resources.selectors.load import HARD, Periods, load_of_people, read_days
from stellwerk.resources.selectors.manpower import plannable_units
from stellwerk.resources.selectors.months import add_months, month_of
from stellwerk.resources.selectors.timesheets_access import (
    SMALLEST_GROUP,
    covered_organisations,
    individual_in_force,
)

MONTHS: Final = 6
VERB: Final = "utilisation"


@dataclass(frozen=True)
class Use:
    """Minutes of a month. ``recorded``: approved ones; None where they are withheld."""

    month: dt.date
    net: int
    booked: int
    recorded: int | None

    @property
    def booked_ratio(self) -> float | None:
        """None without capacity."""
        return self.booked / self.net if self.net > 0 else None

    @property
    def recorded_ratio(self) -> float | None:
        """None without capacity, and where it is withheld."""
        return self.recorded / self.net if self.net > 0 and self.recorded is not None else None


@dataclass
class UnitUse:
    """One unit without the units below it. ``people``: who belong to it today."""

    unit: Unit
    people: int
    months: list[Use] = field(default_factory=list)


@dataclass
class PersonUse:
    """``agreement``: what lets it be read; None for one's own."""

    person: Person
    agreement: HoursAgreement | None
    months: list[Use]
    projects: list[tuple[Project | None, int]]
    """Recorded minutes by project, the largest first; None: projects that the reader may not see, together."""


def last_months(today: dt.date | None = None) -> Periods:
    """The last whole months: of the present one sheets are missing."""
    return Periods.of("month", add_months(month_of(today or timezone.localdate()), -MONTHS), MONTHS)


def use_of_units(user: User | None, periods: Periods) -> tuple[list[UnitUse], list[Use]]:
    """The units whose sums the reader may see, in order of their names, and all of them together by month. The queries do not grow."""
    units = plannable_units(user)
    people = list(Person.objects.filter(unit__in=units, archived_at=None).order_by("pk").values_list("pk", "unit_id"))
    if not people:
        return [], []
    days = read_days([pk for pk, _of in people], periods)
    net, booked = periods.sums(days.net), load_of_people(days, periods)[HARD]
    recorded = _recorded(days.people, periods)
    covered = set(covered_organisations())
    found: list[UnitUse] = []
    total = [_Sum() for _month in periods.starts]
    for number, unit in units.items():
        members = [pk for pk, of in people if of == number]
        rows = [days.row[pk] for pk in members]
        if not rows:
            continue
        free = user is None or unit.organisation_id in covered
        line = UnitUse(unit, len(members))
        for at, month in enumerate(periods.starts):
            hours = [minutes for pk in members if (minutes := recorded.get((pk, month), 0))]
            enough = len(members) >= SMALLEST_GROUP and (not hours or len(hours) >= SMALLEST_GROUP)
            use = Use(
                month, int(net[rows, at].sum()), int(booked[rows, at].sum()), sum(hours) if free or enough else None
            )
            line.months.append(use)
            total[at].add(use, hours)
        found.append(line)
    return found, [one.use(month) for one, month in zip(total, periods.starts, strict=True)]


@dataclass
class _Sum:
    """All units of a month. ``withheld``: people who recorded in units that are not shown."""

    net: int = 0
    booked: int = 0
    minutes: int = 0
    withheld: int = 0

    def add(self, use: Use, hours: Sequence[int]) -> None:
        self.net += use.net
        self.booked += use.booked
        self.minutes += sum(hours)
        self.withheld += len(hours) if use.recorded is None else 0

    def use(self, month: dt.date) -> Use:
        """Withheld itself where the few that are withheld could be reckoned back from it."""
        enough = self.withheld == 0 or self.withheld >= SMALLEST_GROUP
        return Use(month, self.net, self.booked, self.minutes if enough else None)


def _recorded(people: Iterable[int], periods: Periods) -> dict[tuple[int, dt.date], int]:
    """Approved minutes by person and month."""
    numbers = {month.year * 100 + month.month: month for month in periods.starts}
    rows = (
        HoursMonth.objects.filter(person__in=list(people), month__in=list(numbers))
        .order_by()
        .values_list("person_id", "month")
        .annotate(total=Sum("minutes"))
    )
    return {(person, numbers[month]): total for person, month, total in rows}


def evaluable_people(user: User) -> Sequence[Person]:
    """Others whose figures the reader may open: the permission table says who, an agreement whose."""
    covered = covered_organisations()
    if not covered:
        return []
    rows = Person.objects.filter(
        visible(user, Person, VERB), visible(user, Person), unit__organisation__in=covered, archived_at=None
    )
    return list(rows.exclude(user=user).select_related("unit").order_by("last_name", "first_name", "pk"))


def use_of_person(user: User, person: Person, periods: Periods) -> PersonUse:
    """Figures of one person: one's own, or by agreement. Whoever shows them records the reading. Error: ``NotAllowed``."""
    require(user, VERB, person)
    agreement = None
    if person.user_id != user.pk:
        agreement = individual_in_force().filter(organisation=person.unit.organisation_id).first()
        if agreement is None:
            raise NotAllowed(
                _(
                    "Recorded hours of single people are not analysed unless an agreement with the works council allows it."
                ),
                _("Sums of units stand on the page of utilisation."),
            )
    days = read_days([person.pk], periods)
    net, booked = periods.sums(days.net)[0], load_of_people(days, periods)[HARD][0]
    recorded = _recorded([person.pk], periods)
    months = [
        Use(month, int(net[at]), int(booked[at]), recorded.get((person.pk, month), 0))
        for at, month in enumerate(periods.starts)
    ]
    return PersonUse(person, agreement, months, _by_project(user, person, periods))


def _by_project(user: User, person: Person, periods: Periods) -> list[tuple[Project | None, int]]:
    rows = (
        HoursMonth.objects.filter(person=person, month__in=[month.year * 100 + month.month for month in periods.starts])
        .order_by()
        .values_list("project")
        .annotate(total=Sum("minutes"))
    )
    totals = dict(rows)
    seen = {project.pk: project for project in visible_rows(user, Project.objects.filter(pk__in=totals))}
    own = person.user_id == user.pk
    if own:  # whoever worked there knows it
        seen = {project.pk: project for project in Project.objects.filter(pk__in=totals)}
    found: list[tuple[Project | None, int]] = [(seen[pk], minutes) for pk, minutes in totals.items() if pk in seen]
    found.sort(key=lambda pair: -pair[1])
    hidden = sum(minutes for pk, minutes in totals.items() if pk not in seen)
    return [*found, (None, hidden)] if hidden else found
