"""Time sheets: the week of a person is saved, submitted, approved in bulk, sent back, locked at the end of the month.

The audit trail says who saved, submitted and decided when; hours never stand in it, because others read it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import require, visible
from stellwerk.core.services import record
from stellwerk.core.states import advance, label_of
from stellwerk.people.models import Person
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.closed_days import closed_cells
from stellwerk.resources.models import TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets import EDITABLE, Key, bookable_projects, closed, days_of, sheet_of
from stellwerk.resources.selectors.timesheets_hours import month_of
from stellwerk.resources.weeks import WEEK, monday
from stellwerk.resources.worktime import DAY_MINUTES, minutes_text, sum_text

MOST_LINES = 60
AHEAD = 8 * WEEK
"""So far ahead (holidays, shifts) hours may be recorded."""


@dataclass
class WeekLine:
    """What somebody typed in one row: minutes and comments from Monday to Sunday."""

    project: Project
    activity: Activity | None = None
    minutes: Sequence[int] = (0,) * 7
    comments: Sequence[str] = field(default_factory=lambda: ("",) * 7)
    capitalisable: bool = False

    @property
    def key(self) -> Key:
        return self.project.pk, self.activity.pk if self.activity else None


Cell = tuple[int, str, bool]
"""Minutes, comment, capitalisable."""
Cells = dict[tuple[Key, dt.date], Cell]


@transaction.atomic
def save_week(
    *,
    person: Person,
    week: dt.date,
    lines: Sequence[WeekLine],
    by: User | None,
    version: int | None = None,
    verb: str = "",
) -> TimeSheet:
    """Write the week as it stands in the grid. ``version``: of the sheet that was seen, 0 where there was none.
    ``verb``: what the user must be allowed (``import``) instead of recording.

    Errors: ``Invalid`` (by ``line-0``, ``line-0-day-2`` or ``day-2``), ``NotAllowed``, ``Refused`` (submitted already), ``StaleEdit``.
    """
    week = monday(week)
    sheet = _editable(person, week, by, verb)
    rows = sheet.entries.all() if sheet.pk else ()
    stored = {(entry.project_id, entry.activity_id, entry.day): entry for entry in rows}
    before: Cells = {
        ((row.project_id, row.activity_id), row.day): (row.minutes, row.comment, row.capitalisable)
        for row in stored.values()
    }
    after = _cells(lines, week)
    if sheet.state == "rejected" and version in (None, sheet.version):
        # Whoever changes a week that was sent back takes it up again by doing so.
        sheet = advance(sheet, "rework", by=None if verb else by)
        version = sheet.version if version is not None else None
    if version is not None and version != sheet.version and (version or before) and after != before:
        raise _stale(sheet, before, after, lines)
    _check(sheet, lines, before, by)
    _check_closed(lines, before, after, week)
    if after == before:
        if not sheet.pk:
            raise Invalid({"__all__": [_("There are no hours to save yet.")]})
        return sheet
    if not sheet.pk:
        sheet = _begin(person, week, by)
    gone = [entry.pk for entry in stored.values() if ((entry.project_id, entry.activity_id), entry.day) not in after]
    TimeEntry.objects.filter(pk__in=gone).delete()
    _write(sheet, stored, after)
    TimeSheet.objects.filter(pk=sheet.pk).update(version=sheet.version + 1, updated_at=timezone.now())
    sheet.version += 1
    record(sheet, by=by, verb=verb or "edit", changes={"entries": [len(before), len(after)]})
    return sheet


def _editable(person: Person, week: dt.date, by: User | None, verb: str) -> TimeSheet:
    found = TimeSheet.objects.select_for_update().filter(person=person, monday=week).first()
    sheet = found or sheet_of(person, week)
    require(by, verb or ("edit" if found else "create"), sheet)
    if sheet.state not in EDITABLE:
        raise Refused(
            _("This week is %(state)s: its hours no longer change.") % {"state": label_of(sheet)},
            _("Ask the line manager to send it back, or to correct it after the approval."),
            code="not_open",
        )
    return sheet


def _begin(person: Person, week: dt.date, by: User | None) -> TimeSheet:
    try:
        with transaction.atomic():
            sheet = TimeSheet.objects.create(person=person, monday=week, version=0)
    except IntegrityError:
        # Saved in two windows at once: the second compares itself with what the first has written.
        raise StaleEdit([], 1) from None
    record(sheet, by=by, verb="create", changes={"monday": [None, week.isoformat()]})
    return sheet


def _cells(lines: Sequence[WeekLine], week: dt.date) -> Cells:
    return {
        (line.key, day): (line.minutes[at], line.comments[at].strip()[:500], line.capitalisable)
        for line in lines
        for at, day in enumerate(days_of(week))
        if line.minutes[at]
    }


def _write(sheet: TimeSheet, stored: Mapping[tuple[int, int | None, dt.date], TimeEntry], cells: Cells) -> None:
    fresh = []
    for ((project, activity), day), (minutes, comment, capitalisable) in cells.items():
        entry = stored.get((project, activity, day))
        if entry is None:
            fresh.append(
                TimeEntry(
                    sheet=sheet, project_id=project, activity_id=activity, day=day, month=month_of(day), minutes=minutes,
                    comment=comment, capitalisable=capitalisable,
                )
            )  # fmt: skip
        elif (entry.minutes, entry.comment, entry.capitalisable) != (minutes, comment, capitalisable):
            entry.minutes, entry.comment, entry.capitalisable = minutes, comment, capitalisable
            entry.save(update_fields=["minutes", "comment", "capitalisable"])
    TimeEntry.objects.bulk_create(fresh)


def _stale(sheet: TimeSheet, before: Cells, after: Cells, lines: Sequence[WeekLine]) -> StaleEdit:
    """Both values of every cell that differs from what somebody (or another window) saved meanwhile."""
    names = {line.key: str(line.activity or line.project) for line in lines}
    others = [key for key, _day in before if key not in names]
    for entry in sheet.entries.filter(project__in=[key[0] for key in others]).select_related("project", "activity"):
        names.setdefault((entry.project_id, entry.activity_id), str(entry.activity or entry.project))
    conflicts = []
    for key, day in sorted(before.keys() | after.keys(), key=lambda pair: (pair[1], str(pair[0]))):
        theirs, yours = before.get((key, day), (0, "", False)), after.get((key, day), (0, "", False))
        if theirs[0] != yours[0]:
            label = f"{formats.day(day)}, {names.get(key, '')}"
            conflicts.append(
                FieldConflict(f"{key}-{day}", label, yours=minutes_text(yours[0]) or "0", theirs=minutes_text(theirs[0]) or "0")
            )  # fmt: skip
    last = AuditEntry.objects.filter(entity_type="resources.timesheet", entity_id=sheet.pk).first()
    return StaleEdit(conflicts, sheet.version, str(last.actor) if last and last.actor else "")


# ── what may be recorded ─────────────────────────────────────────────────────────────────────────


def _check(sheet: TimeSheet, lines: Sequence[WeekLine], before: Cells, by: User | None) -> None:
    """Refuse what cannot be: named by row and day, all at once. Cells that are stored already stay as they are."""
    errors: dict[str, list[str]] = defaultdict(list)
    if len(lines) > MOST_LINES:
        errors["__all__"].append(_("At most %(count)s rows in a week, please.") % {"count": MOST_LINES})
    if sheet.monday > monday(timezone.localdate()) + AHEAD:
        errors["__all__"].append(_("This week lies too far ahead: hours are recorded at most eight weeks in advance."))
    known = {key for key, _day in before}
    allowed = set(bookable_projects(by, sheet.person).values_list("pk", flat=True))
    seen: set[Key] = set()
    for number, line in enumerate(lines):
        if not any(line.minutes):
            continue
        if line.key in seen:
            errors[f"line-{number}"].append(_("This row stands here twice: put the hours into one of them."))
        seen.add(line.key)
        if line.activity is not None and line.activity.plan.project_id != line.project.pk:
            errors[f"line-{number}"].append(_("This activity belongs to another project."))
        elif line.activity is not None and line.activity.summary:
            errors[f"line-{number}"].append(_("Hours are recorded on activities, not on their summary."))
        if line.key not in known and (text := _not_bookable(line.project, allowed)):
            errors[f"line-{number}"].append(text)
        _check_cells(sheet, number, line, before, errors)
    for at, day in enumerate(days_of(sheet.monday)):
        total = sum(max(line.minutes[at], 0) for line in lines)
        if total > DAY_MINUTES:
            errors[f"day-{at}"].append(
                _("%(day)s has %(hours)s: a day has 24 hours.") % {"day": formats.day(day), "hours": sum_text(total)}
            )
    if errors:
        raise Invalid(errors, _("These hours cannot be saved yet: please look at the marked cells."))


def _check_closed(lines: Sequence[WeekLine], before: Cells, after: Cells, week: dt.date) -> None:
    """Hours of a closed month stay as they are: each cell that would change is named."""
    changed = {pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair)}
    shut = closed_cells({(key[0], day) for key, day in changed})
    errors: dict[str, list[str]] = {}
    rows = {line.key: number for number, line in enumerate(lines)}
    for key, day in sorted(changed, key=lambda pair: pair[1]):
        if (key[0], day) in shut:
            name = f"line-{rows[key]}-day-{(day - week).days}" if key in rows else "__all__"
            errors[name] = [
                _("%(day)s lies in a closed month: its hours no longer change.") % {"day": formats.day(day)}
            ]
    if errors:
        raise Invalid(errors, _("These hours cannot be saved yet: please look at the marked cells."))


def _not_bookable(project: Project, allowed: set[int]) -> str:
    if closed(project):
        return _(
            "%(project)s is closed and takes no more hours. Ask its project manager whom the work belongs to now."
        ) % {"project": project.key}
    if project.pk not in allowed:
        return _("You are not booked on %(project)s. Ask its project manager for a booking first.") % {
            "project": project.key
        }
    return ""


def _check_cells(sheet: TimeSheet, number: int, line: WeekLine, before: Cells, errors: dict[str, list[str]]) -> None:
    for at, day in enumerate(days_of(sheet.monday)):
        minutes, name = line.minutes[at], f"line-{number}-day-{at}"
        stored = before.get((line.key, day), (0, "", False))[0]
        if not minutes or minutes == stored:
            continue
        if minutes < 0:
            errors[name].append(_("Hours cannot be negative."))
        elif minutes > DAY_MINUTES:
            errors[name].append(_("A day has 24 hours."))
        if line.key and closed(line.project) and minutes > stored:
            errors[name].append(_("This project is closed and takes no more hours."))
        if text := outside_employment(sheet.person, day):
            errors[name].append(text)


def outside_employment(person: Person, day: dt.date) -> str:
    """Why nobody records hours for this person on this day, or an empty text."""
    if person.entry_date is not None and day < person.entry_date:
        return _("%(person)s enters on %(day)s: no hours before that.") % {
            "person": person, "day": formats.day(person.entry_date),
        }  # fmt: skip
    if person.exit_date is not None and day > person.exit_date:
        return _("%(person)s left on %(day)s: no hours after that.") % {
            "person": person, "day": formats.day(person.exit_date),
        }  # fmt: skip
    return ""


# ── submit, decide, lock ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def submit(*, sheet: TimeSheet, by: User | None, version: int | None = None) -> TimeSheet:
    """Hand the week to the line manager; a week that was sent back is handed in again. Errors: as ``advance``."""
    if sheet.state == "rejected":
        sheet = advance(sheet, "rework", by=by, version=version)
        version = None
    return advance(sheet, "submit", by=by, version=version)


@dataclass
class Decided:
    """What a decision on several sheets did; ``refused`` says why for each that stays as it was."""

    done: list[TimeSheet] = field(default_factory=list)
    refused: list[tuple[TimeSheet, str]] = field(default_factory=list)


def decide(
    *, sheets: Iterable[TimeSheet], step: str, by: User | None, reason: str = "", versions: Mapping[int, int] | None = None
) -> Decided:  # fmt: skip
    """Approve or send back (``reject``) several sheets; each one by itself, so that one obstacle does not stop the others.

    ``versions``: what the reader saw, by number of the sheet: a sheet that has changed since is not decided on.
    Errors: ``Invalid`` when a reason is missing for sending back.
    """
    if step not in {"approve", "reject"}:
        raise WrongState(_("There is no step “%(step)s” here.") % {"step": step})
    if step == "reject" and not reason.strip():
        raise Invalid({"reason": [_("Please give a reason.")]}, _("Say what has to change, then send it back."))
    found = Decided()
    for sheet in sheets:
        try:
            seen = (versions or {}).get(sheet.pk)
            found.done.append(advance(sheet, step, by=by, version=seen, reason=reason.strip()[:1000]))
        except StaleEdit:
            found.refused.append((sheet, _("It has changed in the meantime: please look at it again.")))
        except Refused as refusal:
            found.refused.append((sheet, str(refusal.message)))
    return found


@dataclass
class Closing:
    """Sheets of the weeks that a month touches, by state; ``missing`` people have none."""

    month: int
    states: dict[str, int] = field(default_factory=dict)
    locked: int = 0


def month_days(month: int) -> tuple[dt.date, dt.date]:
    """First and last day of a month given as year × 100 + month. Error: ``Invalid``."""
    year, number = divmod(month, 100)
    if not 2000 <= year <= 2199 or not 1 <= number <= 12:
        raise Invalid({"month": [_("Please choose a month.")]})
    first = dt.date(year, number, 1)
    following = dt.date(year + number // 12, number % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def lock_month(*, month: int, by: User | None) -> Closing:
    """Lock the approved sheets of all weeks that the month touches; others stay open and are counted.

    Errors: ``NotAllowed``, ``Invalid`` (no month), ``Refused`` (the month is not over).
    """
    first, last = month_days(month)
    require(by, "lock", "resources.timesheet")
    if last >= timezone.localdate():
        raise Refused(_("This month is not over yet."), _("Lock it after its last day."), code="not_over")
    rows = TimeSheet.objects.filter(
        visible(by, TimeSheet, "lock"), monday__gte=monday(first), monday__lte=last
    ).order_by("pk")  # fmt: skip
    found = Closing(month)
    for sheet in rows.filter(state="approved"):
        try:
            advance(sheet, "lock", by=by)
            found.locked += 1
        except WrongState:
            continue  # somebody else locks at the same time
    for state in rows.values_list("state", flat=True):
        found.states[state] = found.states.get(state, 0) + 1
    return found
