"""Checks of people: skills that have run out, times without a rate, people who work no hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import groupby
from operator import add
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.checks import Hit, check
from stellwerk.core.formats import day
from stellwerk.people.models import Person, PersonRate, PersonSkill, RoleRate, WorkingPattern
from stellwerk.people.models.working_time import WEEKDAYS
from stellwerk.people.rate_gaps import gaps
from stellwerk.people.selectors.persons import employed


@check(
    "PPL001", "minor", "people.personskill", title=gettext_lazy("Confirmed skill has run out"),
    explanation=gettext_lazy("Matching no longer counts it. The line manager confirms it again, or the person renews the certificate."),
)  # fmt: skip
def skill_has_run_out(rows: QuerySet[PersonSkill]) -> Iterable[Hit]:
    gone = rows.filter(expires__lt=timezone.localdate(), person__archived_at=None, skill__archived_at=None)
    for row in gone.select_related("skill"):
        text = _("%(name)s: %(skill)s until %(day)s") % {
            "name": row.person, "skill": row.skill, "day": day(row.expires),
        }  # fmt: skip
        yield Hit(row, text, reverse("people:person-detail", args=[row.person.key]) + "#skills")


def _gaps(rows: Iterable[Any], owner: str) -> Iterator[tuple[Any, dt.date, dt.date]]:
    """(rate before the gap, first day, last day); rows come ordered by owner and kind."""
    for _same, group in groupby(rows, key=lambda row: (*(getattr(row, name) for name in owner.split()), row.kind)):
        rates = list(group)
        for first, last in gaps(rates):
            yield max((row for row in rates if row.valid_from < first), key=lambda row: row.valid_from), first, last


def _gap_text(name: object, first: dt.date, last: dt.date) -> str:
    return _("%(name)s has no rate from %(first)s to %(last)s") % {"name": name, "first": day(first), "last": day(last)}


@check(
    "PPL002", "major", "people.personrate", title=gettext_lazy("Time without a rate of a person"),
    explanation=gettext_lazy("Hours of these days cannot be valued. Close the gap with a rate, or extend the one before."),
)  # fmt: skip
def person_rate_gap(rows: QuerySet[PersonRate]) -> Iterable[Hit]:
    ordered = list(rows.filter(person__archived_at=None).order_by("person", "kind", "valid_from"))
    for rate, first, last in _gaps(ordered, "person_id"):
        url = reverse("people:person-detail", args=[rate.person.key]) + "#rates"
        yield Hit(rate, _gap_text(rate.person, first, last), url)


@check(
    "PPL003", "major", "people.personrate", title=gettext_lazy("Rate of a person has ended"),
    explanation=gettext_lazy("The person still works here. Hours after that day cannot be valued."),
)  # fmt: skip
def person_rate_ended(rows: QuerySet[PersonRate]) -> Iterable[Hit]:
    today = timezone.localdate()
    ordered = rows.filter(person__in=Person.objects.filter(employed(today))).order_by("person", "kind", "valid_from")
    for _same, group in groupby(ordered, key=lambda row: (row.person_id, row.kind)):
        last = list(group)[-1]
        if last.valid_to is not None and last.valid_to < today:
            text = _("%(name)s has no rate since %(day)s") % {
                "name": last.person, "day": day(last.valid_to + dt.timedelta(days=1)),
            }  # fmt: skip
            yield Hit(last, text, reverse("people:person-detail", args=[last.person.key]) + "#rates")


@check(
    "PPL004", "major", "people.rolerate", title=gettext_lazy("Time without a rate of a project role"),
    explanation=gettext_lazy("Planned hours of these days cannot be valued. Close the gap with a rate, or extend the one before."),
)  # fmt: skip
def role_rate_gap(rows: QuerySet[RoleRate]) -> Iterable[Hit]:
    ordered = rows.filter(role__archived_at=None).select_related("role")
    for rate, first, last in _gaps(
        ordered.order_by("role", "organisation", "kind", "valid_from"), "role_id organisation_id"
    ):
        yield Hit(rate, _gap_text(rate.role, first, last), reverse("people:role-detail", args=[rate.role.key]))


@check(
    "PPL005", "minor", "people.person", title=gettext_lazy("Person works no hours"),
    explanation=gettext_lazy("The working pattern in force has no hours, or no share for projects: nothing can be booked."),
)  # fmt: skip
def works_no_hours(people: QuerySet[Person]) -> Iterable[Hit]:
    today = timezone.localdate()
    latest = WorkingPattern.objects.filter(person=OuterRef("pk"), valid_from__lte=today).order_by("-valid_from")
    minutes = latest.annotate(minutes=reduce(add, map(F, WEEKDAYS))).values("minutes")[:1]
    told = people.filter(employed(today)).annotate(
        own_minutes=Subquery(minutes), own_share=Subquery(latest.values("project_share")[:1])
    )
    for person in told:
        own = person.own_minutes
        idle = not person.weekly_hours if own is None else not own or not person.own_share
        if idle:
            yield Hit(person, str(person))
