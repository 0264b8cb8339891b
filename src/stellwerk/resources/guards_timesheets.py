"""What forbids a step of a time sheet, and what follows from it: sums, notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.registry import effect, guard
from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.resources.models import TimeSheet
from stellwerk.resources.selectors.timesheets_access import COUNTED
from stellwerk.resources.services.timesheets_sums import refresh_sheet

SHEET = "resources.timesheet"


@guard(SHEET, "submit")
def something_recorded(obj: models.Model, by: User | None) -> Iterable[Text]:
    """A week with working time has hours; one that has not begun is not over."""
    assert isinstance(obj, TimeSheet)
    if obj.monday > timezone.localdate():
        return [_("This week has not begun yet.")]
    if obj.entries.exists():
        return []
    net = working_minutes([obj.person_id], obj.monday, obj.monday + dt.timedelta(days=6)).net.sum()
    return [_("No hours are recorded in this week. Whoever was away needs no sheet: absences say so.")] if net else []


@guard(SHEET, "approve")
@guard(SHEET, "reject")
def not_ones_own(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, TimeSheet)
    if by is not None and obj.person.user_id == by.pk:
        return [_("Nobody approves their own time sheet: another line manager or a deputy must do this.")]
    return []


@effect(SHEET, "*")
def sums_follow(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, TimeSheet)
    if (before in COUNTED) != (obj.state in COUNTED):
        refresh_sheet(obj)


@effect(SHEET, "reject")
def tell_sent_back(obj: models.Model, by: User | None, before: str) -> None:
    """The person: what has to change."""
    assert isinstance(obj, TimeSheet)
    user = obj.person.user
    if user is None:
        return
    last = AuditEntry.objects.filter(entity_type=SHEET, entity_id=obj.pk, verb="reject").order_by("-pk").first()
    reason = last.reason if last is not None else ""
    notify(
        [user],
        kind="resources.sheet_sent_back",
        title=lambda: _("Your time sheet of %(week)s was sent back") % {"week": formats.iso_week(obj.monday)},
        text=reason,
        obj=obj,
        dedupe=f"resources.sheet_sent_back:{obj.pk}:{obj.version}",
    )
