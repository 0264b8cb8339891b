"""Utilisation of units, and of one person where it is one's own or an agreement allows it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.permissions import can, visible_rows
from stellwerk.people.models import Person, Unit
from stellwerk.resources.selectors.load import Periods
from stellwerk.resources.selectors.manpower_answers import month_name
from stellwerk.resources.selectors.timesheets_access import SMALLEST_GROUP
from stellwerk.resources.selectors.utilisation import (
    PersonUse,
    Use,
    evaluable_people,
    last_months,
    use_of_person,
    use_of_units,
)
from stellwerk.resources.services.timesheets_agreements import record_reading
from stellwerk.resources.weeks import hours_text
from stellwerk.resources.worktime import sum_text


@require_safe
@access("manpower", "people.unit")
def utilisation(request: HttpRequest) -> HttpResponse:
    """Booked and recorded utilisation of units by month; who may be opened one by one, by name."""
    user = actor(request)
    periods = last_months()
    units, total = use_of_units(user, periods)
    linked = set(
        visible_rows(user, Unit.objects.filter(pk__in=[one.unit.pk for one in units])).values_list("pk", flat=True)
    )
    context = {
        "answer": _answer(total, periods), "total": [_cell(month) for month in total],
        "months": [_column(periods, at) for at in range(len(periods))],
        "rows": [{"use": one, "linked": one.unit.pk in linked, "cells": [_cell(month) for month in one.months]} for one in units],
        "people": evaluable_people(user), "smallest": SMALLEST_GROUP,
        "withheld": sum(month.recorded is None for one in units for month in one.months),
        "sees_agreements": can(user, "view", "resources.hoursagreement"), "span": _span(periods),
    }  # fmt: skip
    return render(request, "resources/utilisation.html", context)


@require_safe
@access("utilisation", "people.person")
def utilisation_person(request: HttpRequest, key: str) -> HttpResponse:
    """Six months of one person. Whoever reads somebody else's is recorded."""
    user = actor(request)
    person = fetch(user, Person.objects.select_related("unit__organisation", "role"), key=key)
    periods = last_months()
    found = use_of_person(user, person, periods)
    if found.agreement is not None:
        record_reading(person=person, agreement=found.agreement, by=user, what=_span(periods))
    context = {
        "person": person, "found": found, "answer": _answer_of(found), "span": _span(periods),
        "rows": [{"name": month_name(one.month), **_cell(one), "net": hours_text(one.net), "booked_h": hours_text(one.booked), "recorded_h": sum_text(one.recorded or 0)} for one in found.months],
        "projects": [{"project": project, "hours": sum_text(minutes)} for project, minutes in found.projects],
        "sees_units": can(user, "manpower", "people.unit"),
    }  # fmt: skip
    return render(request, "resources/utilisation_person.html", context)


def _column(periods: Periods, at: int) -> dict[str, str]:
    month = periods.starts[at]
    return {"text": f"{month.month:02d}/{month.year % 100:02d}", "name": month_name(month)}


def _span(periods: Periods) -> str:
    return f"{month_name(periods.starts[0])} – {month_name(periods.starts[-1])}"


def _cell(use: Use) -> dict[str, Any]:
    return {
        "withheld": use.recorded is None, "recorded": formats.percent(use.recorded_ratio, 0) if use.recorded else formats.NO_DATA,
        "booked": formats.percent(use.booked_ratio, 0),
    }  # fmt: skip


def _answer(total: list[Use], periods: Periods) -> str:
    month = month_name(periods.starts[-1])
    last = total[-1] if total else None
    if last is None or last.recorded_ratio is None:
        return _("No utilisation can be shown for %(month)s") % {"month": month}
    return _("%(recorded)s recorded and %(booked)s booked in %(month)s") % {
        "recorded": formats.percent(last.recorded_ratio, 0), "booked": formats.percent(last.booked_ratio, 0), "month": month,
    }  # fmt: skip


def _answer_of(found: PersonUse) -> str:
    last = found.months[-1]
    return _("%(person)s: %(recorded)s recorded and %(booked)s booked in %(month)s") % {
        "person": found.person, "recorded": formats.percent(last.recorded_ratio, 0),
        "booked": formats.percent(last.booked_ratio, 0), "month": month_name(last.month),
    }  # fmt: skip
