"""Names of people and roles as expressions, who is there on a day, what the page of a person shows."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Trim
from django.utils import timezone
from django.utils.translation import get_language

from stellwerk.people.models import Person, Unit


@lru_cache(maxsize=256)
def person_name(path: str = "") -> Combinable:
    """The full name (title, first, last) behind a lookup path (``manager``), empty where nobody is named."""
    prefix = f"{path}__" if path else ""
    parts = [F(f"{prefix}title"), Value(" "), F(f"{prefix}first_name"), Value(" "), F(f"{prefix}last_name")]
    return Trim(Concat(*parts, output_field=CharField()))


def role_name(path: str = "role") -> Combinable:
    """The name of the project role behind a lookup path as :class:`Role` says it: English where the reader reads it."""
    return _role_name(path, get_language() == "en")


@lru_cache(maxsize=256)
def _role_name(path: str, read_in_english: bool) -> Combinable:
    if not read_in_english:
        return F(f"{path}__name")
    english = When(~Q(**{f"{path}__name_en": ""}), then=F(f"{path}__name_en"))
    return Case(english, default=F(f"{path}__name"), output_field=CharField())


def employed(day: dt.date | None = None) -> Q:
    """People who are there on a day: entered, not left, not archived."""
    today = day or timezone.localdate()
    return (
        Q(archived_at__isnull=True)
        & (Q(entry_date__isnull=True) | Q(entry_date__lte=today))
        & (Q(exit_date__isnull=True) | Q(exit_date__gte=today))
    )


def person_facts(person: Person) -> dict[str, Any]:
    """What the page of a person needs beside the person."""
    reports = (
        Person.objects.filter(manager=person, archived_at__isnull=True)
        .select_related("role")
        .order_by("last_name", "first_name")
    )
    return {
        "reports": reports,
        "manages": Unit.objects.filter(manager=person, archived_at__isnull=True).order_by("name"),
    }
