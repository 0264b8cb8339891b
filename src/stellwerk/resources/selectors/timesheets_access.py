"""Who may read recorded hours: the person, the line manager who approves them, and whoever an agreement lets.

Sums of fewer than five people are withheld from everybody else (works council; § 87(1) no. 6 BetrVG). Every selector that
sums hours of several people goes through here.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from stellwerk.core.models import Attachment, User
from stellwerk.core.permissions import can, visible
from stellwerk.people.models import Person
from stellwerk.resources.models import HoursAgreement, TimeSheet

SMALLEST_GROUP = 5
"""So many people at least stand behind a sum that is shown without an agreement."""
COUNTED = ("approved", "locked")
"""States in which hours count as actual effort."""


def in_force(day: dt.date | None = None) -> QuerySet[HoursAgreement]:
    """Agreements that count on a day: valid, and with the signed document attached."""
    today = day or timezone.localdate()
    signed = Attachment.objects.filter(entity_type="resources.hoursagreement", removed_at=None).values("entity_id")
    return HoursAgreement.objects.filter(valid_from__lte=today, signed_on__lte=today, pk__in=signed).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    )


def individual_in_force(day: dt.date | None = None) -> QuerySet[HoursAgreement]:
    """Of these, the ones that let single people be evaluated."""
    return in_force(day).filter(individual=True)


def covered_organisations() -> list[int]:
    """Organisations whose people's hours may be analysed one by one and in groups of any size."""
    return sorted(set(individual_in_force().values_list("organisation_id", flat=True)))


def own_person(user: User) -> Person | None:
    """The person behind an account."""
    return Person.objects.filter(user=user).select_related("unit__organisation", "location").first()


def hours_readable(user: User) -> Q:
    """Sheets whose hours this user may read: their own, those they approve, others only by agreement."""
    own = Q(person__user_id=user.pk)
    duty = visible(user, TimeSheet, "approve") & ~Q(state="open")
    agreed = Q(person__unit__organisation_id__in=covered_organisations()) & visible(user, TimeSheet)
    return own | duty | agreed | visible(user, TimeSheet, "submit")


def may_read_hours(user: User | None, sheet: TimeSheet) -> bool:
    """The same for one sheet; nobody (jobs, commands) reads all."""
    return user is None or _reads_by_right(user, sheet) or _agreement_opening(user, sheet) is not None


def agreement_behind(user: User, sheet: TimeSheet) -> HoursAgreement | None:
    """The agreement by which alone this user reads the hours of a sheet: such readings are recorded."""
    return None if _reads_by_right(user, sheet) else _agreement_opening(user, sheet)


def _reads_by_right(user: User, sheet: TimeSheet) -> bool:
    """One's own sheet, or one to approve."""
    if sheet.person.user_id == user.pk or can(user, "submit", sheet):
        return True
    return sheet.state != "open" and can(user, "approve", sheet)


def _agreement_opening(user: User, sheet: TimeSheet) -> HoursAgreement | None:
    if not can(user, "view", sheet):
        return None
    return individual_in_force().filter(organisation=sheet.person.unit.organisation_id).first()


def group_counts(person: str = "person") -> dict[str, Count]:
    """Annotations of a grouped queryset: the people behind each group, and of them those whom no agreement covers.

    ``person``: the lookup path to the person.
    """
    counts = {"people": Count(person, distinct=True)}
    covered = covered_organisations()
    if covered:
        open_ones = ~Q(**{f"{person}__unit__organisation__in": covered})
        counts["uncovered"] = Count(person, filter=open_ones, distinct=True)
    return counts


def is_shown(row: dict[str, int]) -> bool:
    """May a group annotated with :func:`group_counts` be shown?"""
    return row["people"] >= SMALLEST_GROUP or row.get("uncovered", row["people"]) == 0
