"""Reminders by the clock: who has not submitted last week, and what waits for line managers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import formats
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import can
from stellwerk.resources.models import TimeSheet
from stellwerk.resources.selectors.timesheets import missing, previous_week, to_approve
from stellwerk.resources.weeks import monday


@job("resources.remind_time_sheets", title=gettext_lazy("Reminders of time sheets"), daily_at=dt.time(7, 30))
def remind_time_sheets(progress: Progress) -> dict[str, Any]:
    """From Monday to Friday: everybody whose last week is missing, and line managers for whom weeks wait; each once a week."""
    today = timezone.localdate()
    if today.weekday() > 4:
        return {"missing": 0, "waiting": 0}
    return {"missing": remind_missing(today), "waiting": remind_waiting(today)}


def remind_missing(today: dt.date) -> int:
    """How many people were told that their last week is missing."""
    week = previous_week(today)
    url = reverse("resources:timesheet-week", args=[week.isoformat()])
    told = 0
    for person in missing(week):
        if person.user is None or not can(person.user, "create", TimeSheet(person=person, monday=week)):
            continue
        told += len(
            notify(
                [person.user],
                kind="resources.sheet_missing",
                title=lambda: _("Your time sheet of %(week)s is not submitted yet") % {"week": formats.iso_week(week)},
                text=gettext_lazy("Fill it from your bookings or copy last week, check it, and submit it."),
                url=url,
                dedupe=f"resources.sheet_missing:{week}",
            )
        )
    return told


def remind_waiting(today: dt.date) -> int:
    """How many line managers were told that weeks wait for their approval."""
    waiting = TimeSheet.objects.filter(state="submitted", monday__lt=monday(today)).select_related("person__unit")
    if not waiting.exists():
        return 0
    told = 0
    for user in User.objects.filter(grants__role="resource_manager", is_active=True).distinct():
        count = to_approve(user).count()
        if not count:
            continue
        told += len(
            notify(
                [user],
                kind="resources.sheets_waiting",
                title=lambda count=count: (  # type: ignore[misc]
                    ngettext(
                        "%(count)s time sheet waits for your approval",
                        "%(count)s time sheets wait for your approval",
                        count,
                    )
                    % {"count": count}
                ),
                url=reverse("resources:timesheet-inbox"),
                dedupe=f"resources.sheets_waiting:{monday(today)}",
            )
        )
    return told
