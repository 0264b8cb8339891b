"""Corrections after the approval: what was wrong is reversed by a negative entry and recorded anew; both stay for good."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.closed_days import closed_cells
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import closed
from stellwerk.resources.selectors.timesheets_access import COUNTED, may_read_hours
from stellwerk.resources.services.timesheets_sums import refresh_sums
from stellwerk.resources.worktime import DAY_MINUTES


def correctable(sheet: TimeSheet) -> list[TimeEntry]:
    """Entries that count now: neither reversed nor a reversal."""
    rows = sheet.entries.filter(reversals__isnull=True, minutes__gt=0).select_related(
        "project", "activity__plan__project"
    )
    return list(rows.order_by("day", "pk"))


@transaction.atomic
def correct_entry(
    *, entry: TimeEntry, minutes: int, reason: str, by: User | None, project: Project | None = None,
    activity: Activity | None = None, version: int | None = None,
) -> TimeSheet:  # fmt: skip
    """Reverse an approved or locked entry and record ``minutes`` instead (0: nothing), on the same or another project.

    ``activity`` counts with ``project``; without ``project`` both stay. Errors: ``Invalid``, ``NotAllowed`` (also for one's own
    hours), ``Refused`` (corrected already, or the sheet can still be changed), ``StaleEdit``.
    """
    sheet = TimeSheet.objects.select_for_update().get(pk=entry.sheet_id)
    require(by, "correct", sheet)
    if by is not None and sheet.person.user_id == by.pk:
        raise NotAllowed(_("Nobody corrects their own hours after the approval: the line manager must do this."))
    if not may_read_hours(by, sheet):
        raise NotAllowed(_("Without an agreement only the line manager reads these hours, and corrects them."))
    if version is not None and version != sheet.version:
        raise stale(sheet, {})
    if sheet.state not in COUNTED:
        raise Refused(_("This week can still be changed: send it back instead."), code="still_open")
    if entry.minutes <= 0 or entry.reversals.exists():
        raise Refused(_("This entry is corrected already."), _("Correct the entry that replaced it."), code="corrected")
    target, row = (project, activity) if project is not None else (entry.project, entry.activity)
    _check(sheet, entry, minutes, reason, target, row)
    text = reason.strip()[:500]
    same = {"sheet": sheet, "day": entry.day, "month": entry.month, "corrects": entry, "comment": text}
    TimeEntry.objects.create(
        **same,
        project=entry.project,
        activity=entry.activity,
        minutes=-entry.minutes,
        capitalisable=entry.capitalisable,
    )
    if minutes:
        TimeEntry.objects.create(
            **same, project=target, activity=row, minutes=minutes, capitalisable=entry.capitalisable
        )
    TimeSheet.objects.filter(pk=sheet.pk).update(version=sheet.version + 1, updated_at=timezone.now())
    sheet.version += 1
    record(sheet, by=by, verb="correct_hours", reason=text)
    refresh_sums(sheet.person_id, {entry.month})
    if sheet.person.user is not None:
        notify(
            [sheet.person.user],
            kind="resources.hours_corrected",
            title=lambda: _("Your hours of %(day)s were corrected") % {"day": formats.day(entry.day)},
            text=text,
            obj=sheet,
            dedupe=f"resources.hours_corrected:{entry.pk}",
        )
    return sheet


def _check(
    sheet: TimeSheet, entry: TimeEntry, minutes: int, reason: str, project: Project, activity: Activity | None
) -> None:
    errors: dict[str, list[str]] = {}
    if not reason.strip():
        errors["reason"] = [_("Please give a reason.")]
    if not 0 <= minutes <= DAY_MINUTES:
        errors["minutes"] = [_("A day has 24 hours.")]
    elif (project, activity) == (entry.project, entry.activity) and minutes == entry.minutes:
        errors["minutes"] = [_("Nothing changes: give other hours or another project.")]
    rest = sheet.entries.filter(day=entry.day).aggregate(total=Sum("minutes"))["total"] or 0
    if "minutes" not in errors and rest - entry.minutes + minutes > DAY_MINUTES:
        errors["minutes"] = [_("A day has 24 hours.")]
    if activity is not None and activity.plan.project_id != project.pk:
        errors["activity"] = [_("This activity belongs to another project.")]
    if project.pk != entry.project_id and closed(project):
        errors["project"] = [_("This project is closed and takes no more hours.")]
    if closed_cells({(entry.project_id, entry.day), (project.pk, entry.day)}, held=True):
        errors["minutes"] = [
            _("%(day)s lies in a closed month: its hours no longer change.") % {"day": formats.day(entry.day)}
        ]
    if errors:
        raise Invalid(errors)
