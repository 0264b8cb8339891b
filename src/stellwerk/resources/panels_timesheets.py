"""Recorded hours on the page of a project, and what waits on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import formats
from stellwerk.core.access import actor
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.registry import Duty, Panel, register_duties, register_panel
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import TimeSheet
from stellwerk.resources.selectors.timesheets import missing, previous_week, recorders, to_approve
from stellwerk.resources.selectors.timesheets_access import SMALLEST_GROUP
from stellwerk.resources.selectors.timesheets_hours import hours_by_activity

SHOWN = 6


def _hours_of(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """Approved hours by activity beside the planned effort; what few people worked is withheld."""
    assert isinstance(obj, Project)
    user = actor(request)
    if not can(user, "hours", obj):
        return None
    lines = hours_by_activity(user, obj)
    if not lines:
        return None
    shown = [line for line in lines if line.minutes is not None]
    return {
        "lines": [
            {
                "activity": line.activity, "hours": _hours(line.minutes or 0),
                "planned": line.activity.work if line.activity is not None else None,
            }
            for line in shown[:SHOWN]
        ],
        "more": len(shown) - SHOWN, "withheld": len(lines) - len(shown),
        "smallest": SMALLEST_GROUP, "project": obj,
    }  # fmt: skip


def _hours(minutes: int) -> str:
    return formats.number(Decimal(minutes) / 60, 1)


register_panel(
    Panel(
        "portfolio.project", "hours", gettext_lazy("Recorded hours"), "resources/panel_hours.html", _hours_of, order=75
    )
)


@register_duties("approval", boards=False)
def sheets_to_approve(user: User) -> Iterable[Duty]:
    """One line for all submitted weeks: they are approved together."""
    if not can(user, "approve", "resources.timesheet"):
        return
    count = to_approve(user).count()
    if count:
        text = ngettext("Approve %(count)s time sheet", "Approve %(count)s time sheets", count) % {"count": count}
        yield Duty(
            text, _("Submitted weeks of your people"), reverse("resources:timesheet-inbox"), icon="clock", kind="approval",
            button=_("Approve"),
        )  # fmt: skip


@register_duties("task")
def own_week(user: User) -> Iterable[Duty]:
    """Last week, where it is not submitted; a week that was sent back."""
    if not can(user, "create", "resources.timesheet"):
        return
    week = previous_week()
    weeks = list(
        TimeSheet.objects.filter(person__user=user, state="rejected")
        .order_by("monday")
        .values_list("monday", flat=True)
    )
    for one in weeks:
        yield _duty(one, _("Time sheet of %(week)s was sent back"))
    if week not in weeks and missing(week, recorders(week).filter(user=user)):
        yield _duty(week, _("Submit the time sheet of %(week)s"))


def _duty(week: Any, title: str) -> Duty:
    url = reverse("resources:timesheet-week", args=[week.isoformat()])
    return Duty(
        title % {"week": formats.iso_week(week)}, _("Your hours of the week"), url, icon="clock", due=timezone.localdate(),
        kind="task", button=_("Open"),
    )  # fmt: skip
