"""What the page of a person shows of skills, working time, absences and rates: each as far as the reader may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.permissions import can, grants_of, visible
from stellwerk.people.entities import units_below
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import Absence, Person, PersonRate, PersonSkill, Role, RoleRate, WorkingPattern
from stellwerk.people.rate_gaps import gaps
from stellwerk.people.selectors.working_time import usual_week

HOLIDAYS: Final = 6
SOON: Final = dt.timedelta(days=30)
PAST: Final = dt.timedelta(days=60)
AHEAD: Final = dt.timedelta(days=550)
STATES: Final[tuple[tuple[str, Text], ...]] = (
    ("open", _("to confirm")),
    ("expired", _("expired")),
    ("soon", _("expires soon")),
    ("confirmed", _("confirmed")),
    ("none", _("not claimed")),
)


# ── skills ───────────────────────────────────────────────────────────────────────────────────────


def skill_state() -> Combinable:
    """How far a skill of a person counts today, as one of :data:`STATES`.

    ``open``: claimed and never confirmed, or claimed higher on a day after the confirmation.
    """
    today = timezone.localdate()
    raised = Q(claimed__gt=F("confirmed"), updated_at__date__gt=F("confirmed_on"))
    return Case(
        When(confirmed__isnull=True, claimed=0, then=Value("none")),
        When(Q(confirmed__isnull=True) | raised, then=Value("open")),
        When(expires__lt=today, then=Value("expired")),
        When(expires__lte=today + SOON, then=Value("soon")),
        default=Value("confirmed"),
        output_field=CharField(),
    )


def with_state(rows: QuerySet[PersonSkill]) -> QuerySet[Any]:
    """The rows with ``state`` (see :func:`skill_state`)."""
    return rows.annotate(state=skill_state())


def skills_to_confirm(user: User) -> QuerySet[PersonSkill]:
    """What waits for this line manager: claims, and confirmations that have run out or soon will. Never their own."""
    rows = PersonSkill.objects.filter(visible(user, PersonSkill, "confirm"), person__archived_at=None)
    rows = rows.exclude(person__user=user).filter(skill__archived_at=None)
    return with_state(rows).filter(state__in=("open", "expired", "soon"))


def skills_running_out(user: User) -> QuerySet[PersonSkill]:
    """One's own skills that soon stop counting."""
    return with_state(PersonSkill.objects.filter(person__user=user, skill__archived_at=None)).filter(state="soon")


# ── working time ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Holiday:
    day: dt.date
    name: str


def coming_holidays(person: Person, day: dt.date, most: int = HOLIDAYS) -> list[Holiday]:
    """The next public holidays at the person's place of work (else of the organisation)."""
    place = person.location or person.unit.organisation
    found: list[Holiday] = []
    for year in (day.year, day.year + 1):
        table = public_holidays(place.country, place.subdivision, year, get_language() or "en")
        found += [Holiday(date, name) for date, name in sorted(table.items()) if date >= day]
    return found[:most]


@dataclass(frozen=True)
class Away:
    """Days away without a reason; neighbouring absences stand together, so that none can be told by its length."""

    first: dt.date
    last: dt.date
    part: int


def merged(rows: Iterable[tuple[dt.date, dt.date, int]]) -> list[Away]:
    """Days with the part of each (at most 100), day by day put together where they touch and are equal."""
    found: list[Away] = []
    spans = sorted(rows)
    edges = sorted({at for first, last, _part in spans for at in (first, last + dt.timedelta(days=1))})
    for start, end in pairwise(edges):
        part = min(100, sum(share for first, last, share in spans if first <= start <= last))
        last = end - dt.timedelta(days=1)
        if not part:
            continue
        if found and found[-1].part == part and found[-1].last + dt.timedelta(days=1) == start:
            found[-1] = Away(found[-1].first, last, part)
        else:
            found.append(Away(start, last, part))
    return found


def days_away(person: Person, first: dt.date, last: dt.date) -> list[Away]:
    """When somebody is away in a period, for everybody who may see the person. Why is never told here."""
    rows = Absence.objects.filter(person=person, first__lte=last, last__gte=first).order_by()
    spans = [(max(b, first), min(e, last), p) for b, e, p in rows.values_list("first", "last", "part")]
    return merged(spans)


def people_to_enter_for(user: User) -> QuerySet[Person]:
    """People for whom this user may enter absences: those whose absences they may create, by unit, and themselves."""
    units: set[int] = set()
    for grant in grants_of(user):
        if grant.role == "resource_manager" and grant.scope == "unit" and grant.scope_id is not None:
            units |= {grant.scope_id, *units_below(grant.scope_id)}
    rows = Person.objects.filter(visible(user, Person), archived_at=None)
    own = Q(user=user) if can(user, "create", "people.absence") else Q(pk__in=[])
    return rows.filter(Q(unit_id__in=units) | own).order_by("last_name", "first_name", "pk")


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def profile(user: User, person: Person) -> dict[str, Any]:
    """Skills, working time, absences and rates of a person for this reader."""
    return {
        "today": timezone.localdate(),
        **_skills(user, person),
        **_pattern(user, person),
        **_absences(user, person),
        **_rates(user, person),
    }


def _skills(user: User, person: Person) -> dict[str, Any]:
    sample = PersonSkill(person=person)
    if not can(user, "view", sample):
        return {"sees_skills": False}
    rows = with_state(PersonSkill.objects.filter(person=person)).select_related("skill", "confirmed_by")
    own = person.user_id == user.pk
    return {
        "sees_skills": True,
        "skills": list(rows.order_by("skill__category", "skill__name", "pk")),
        "states": dict(STATES),
        "claims": can(user, "create", sample),
        "confirms": not own
        and can(user, "confirm", sample, without=[person.user_id] if person.user_id is not None else []),
    }


def _pattern(user: User, person: Person) -> dict[str, Any]:
    today = timezone.localdate()
    place = {
        "holidays": coming_holidays(person, today),
        "holiday_place": person.location or person.unit.organisation,
    }
    sample = WorkingPattern(person=person)
    if not can(user, "view", sample):
        return {"sees_pattern": False, **place}
    rows = list(WorkingPattern.objects.filter(person=person).order_by("-valid_from"))
    current = next((row for row in rows if row.valid_from <= today), None)
    week = current.week if current is not None else usual_week(person.weekly_hours)
    return {
        "sees_pattern": True,
        "patterns": rows,
        "pattern": current,
        "week_hours": [minutes / 60 for minutes in week],
        "week_total": sum(week) / 60,
        "edits_pattern": can(user, "create", sample),
        **place,
    }


def _absences(user: User, person: Person) -> dict[str, Any]:
    today = timezone.localdate()
    first, last = today - PAST, today + AHEAD
    sample = Absence(person=person)
    if not can(user, "view", sample):
        return {"away": days_away(person, today, last), "sees_absences": False}
    rows = Absence.objects.filter(person=person, first__lte=last, last__gte=first).order_by("first", "pk")
    return {"sees_absences": True, "absences": list(rows), "enters_absences": can(user, "create", sample)}


def _rates(user: User, person: Person) -> dict[str, Any]:
    sample = PersonRate(person=person)
    if not can(user, "view", sample):
        return {"sees_rates": False}
    rows = list(PersonRate.objects.filter(person=person).order_by("kind", "-valid_from"))
    return {
        "sees_rates": True,
        "rates": rows,
        "rate_gaps": rate_gaps(rows),
        "edits_rates": can(user, "create", sample),
    }


def role_rates(user: User, role: Role) -> dict[str, Any]:
    """The rates of a project role, their gaps (of each organisation alone), and whether the reader may change them."""
    sample = RoleRate(role=role)
    if not can(user, "view", sample):
        return {"sees_rates": False}
    rows = list(
        RoleRate.objects.filter(role=role)
        .select_related("organisation")
        .order_by("organisation", "kind", "-valid_from")
    )
    found = []
    for organisation in {row.organisation_id for row in rows}:
        found += rate_gaps([row for row in rows if row.organisation_id == organisation])
    return {"sees_rates": True, "rates": rows, "rate_gaps": found, "edits_rates": can(user, "create", sample)}


def rate_gaps(rows: Sequence[Any]) -> list[tuple[str, dt.date, dt.date]]:
    """(kind in words, first day, last day) without a rate between two rates of a kind."""
    found = []
    for kind in sorted({row.kind for row in rows}):
        same = [row for row in rows if row.kind == kind]
        found += [(str(same[0].get_kind_display()), first, last) for first, last in gaps(same)]
    return found
