"""Working patterns and absences: entered by line managers, absences also by the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid
from stellwerk.core.formats import day
from stellwerk.core.models import User
from stellwerk.people.models import WEEKDAYS, Absence, Person, WorkingPattern

LONGEST: Final = 5 * 366
"""Days of one absence: longer ones are typing errors in the year."""
EARLIEST: Final = dt.date(1970, 1, 1)
LATEST: Final = dt.date(2199, 12, 31)
WHOLE: Final = 100


@transaction.atomic
def set_pattern(values: Mapping[str, Any], *, by: User | None) -> WorkingPattern:
    """A week from a day on. Errors: ``Invalid`` (two on one day), ``NotAllowed``."""
    _check_pattern(values, None)
    return services.create(WorkingPattern, values, by=by)


@transaction.atomic
def edit_pattern(
    pattern: WorkingPattern, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> WorkingPattern:
    """Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``."""
    _check_pattern({"person": pattern.person, **values}, pattern)
    return services.edit(pattern, values, by=by, version=version, reason=reason)


def _check_pattern(values: Mapping[str, Any], own: WorkingPattern | None) -> None:
    begin = values.get("valid_from", own.valid_from if own else None)
    if begin is not None and not EARLIEST <= begin <= LATEST:
        raise Invalid({"valid_from": [_("Please check the year.")]})
    others = WorkingPattern.objects.filter(person=values.get("person"), valid_from=begin)
    if begin is not None and others.exclude(pk__in=[own.pk] if own else []).exists():
        raise Invalid({"valid_from": [_("Another working pattern begins on this day. Change that one.")]})


def week_minutes(values: Mapping[str, Any]) -> int:
    """Minutes of the whole week in ``values``."""
    return sum(int(values.get(name) or 0) for name in WEEKDAYS)


# ── absences ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_absence(values: Mapping[str, Any], *, by: User | None) -> Absence:
    """Days away (``part`` of each in percent). Errors: ``Invalid`` (overlaps with another one), ``NotAllowed``."""
    person = values.get("person")
    if person is not None:
        _hold(person)
        check_days(values)
        refuse_overlap(person, values, None)
    return services.create(Absence, values, by=by)


@transaction.atomic
def edit_absence(
    absence: Absence, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> Absence:
    """Errors: ``Invalid`` (overlaps with another one), ``NotAllowed``, ``StaleEdit``."""
    _hold(absence.person)
    whole = {"first": absence.first, "last": absence.last, "part": absence.part} | dict(values)
    check_days(whole)
    refuse_overlap(absence.person, whole, absence)
    return services.edit(absence, values, by=by, version=version, reason=reason)


def _hold(person: Person) -> None:
    """One absence of a person at a time: two entered at once could overlap without either seeing the other."""
    list(Person.objects.select_for_update().filter(pk=person.pk).values_list("pk", flat=True))


def check_days(values: Mapping[str, Any]) -> None:
    """Errors: ``Invalid`` for an end before the start, years that nobody means, or more than five years."""
    first, last = values.get("first"), values.get("last")
    if first is None or last is None:
        return
    if last < first:
        raise Invalid({"last": [_("The absence ends before it begins.")]})
    if first < EARLIEST or last > LATEST:
        raise Invalid({"first": [_("Please check the year.")]})
    if (last - first).days >= LONGEST:
        raise Invalid({"last": [_("An absence lasts five years at most. Please check the year.")]})


def refuse_overlap(person: Person, values: Mapping[str, Any], own: Absence | None) -> None:
    """No day is taken for more than a whole day; two half days may share one. Errors: ``Invalid``."""
    first, last = values.get("first"), values.get("last")
    if first is None or last is None:
        return
    others = Absence.objects.filter(person=person, first__lte=last, last__gte=first).exclude(
        pk__in=[own.pk] if own else []
    )
    clashing = overlapping(others, first, last, int(values.get("part") or WHOLE))
    if clashing is None:
        return
    begin, end = clashing
    text = _("Away already on %(day)s.") if begin == end else _("Away already from %(day)s to %(end)s.")
    todo = _("Shorten or remove that absence first; two half days may share a day.")
    raise Invalid({"first": [f"{text % {'day': day(begin), 'end': day(end)}} {todo}"]})


def overlapping(others: Iterable[Absence], first: dt.date, last: dt.date, part: int) -> tuple[dt.date, dt.date] | None:
    """First and last day on which these absences and a new one take more than a whole day together; None: none."""
    rows = [(max(row.first, first), min(row.last, last), row.part) for row in others]
    rows = [row for row in rows if row[0] <= row[1]]
    edges = sorted({first, *(row[0] for row in rows), *(row[1] + dt.timedelta(days=1) for row in rows)})
    taken = [at for at in edges if at <= last and part + sum(p for b, e, p in rows if b <= at <= e) > WHOLE]
    if not taken:
        return None
    later = [at for at in edges if at > taken[-1]]
    return taken[0], min(last, later[0] - dt.timedelta(days=1)) if later else last
