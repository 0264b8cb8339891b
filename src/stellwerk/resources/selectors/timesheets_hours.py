"""Recorded hours of projects: sums over people, withheld where fewer than five stand behind them and no agreement allows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import HoursMonth
from stellwerk.resources.selectors.timesheets_access import SMALLEST_GROUP, group_counts, individual_in_force, is_shown

MOST_MONTHS = 36


def month_of(day: dt.date) -> int:
    """Year × 100 + month."""
    return day.year * 100 + day.month


def months_between(first: int, last: int) -> list[int]:
    """Each month from ``first`` to ``last`` (year × 100 + month), both included."""
    start, end = first // 100 * 12 + first % 100 - 1, last // 100 * 12 + last % 100 - 1
    return [at // 12 * 100 + at % 12 + 1 for at in range(start, end + 1)]


def default_months(today: dt.date | None = None, count: int = 12) -> tuple[int, int]:
    """The last ``count`` months up to now."""
    last = month_of(today or timezone.localdate())
    at = last // 100 * 12 + last % 100 - count
    return at // 12 * 100 + at % 12 + 1, last


@dataclass
class ProjectHours:
    """Approved minutes of one project by month; ``None``: withheld, because fewer than five people stand behind it.

    ``total`` and ``capitalisable`` add up what is shown, so that nobody reckons back to what is withheld.
    """

    project: int
    key: str
    name: str
    months: dict[int, int | None] = field(default_factory=dict)
    capitalisable: int = 0

    @property
    def total(self) -> int:
        return sum(minutes for minutes in self.months.values() if minutes is not None)

    @property
    def withheld(self) -> int:
        return sum(minutes is None for minutes in self.months.values())


def hours_by_project_month(
    user: User | None, first: int | None = None, last: int | None = None, *, project: Project | None = None
) -> list[ProjectHours]:
    """Approved minutes by project and month of the projects whose hours the user may read, in order of their keys.

    ``first`` and ``last``: months as year × 100 + month; without, all. ``user=None`` is Stellwerk itself: nothing is withheld.
    What is withheld is judged over all months, so that nobody finds it out by choosing another period.
    """
    rows = HoursMonth.objects.all()
    seen = Project.objects.filter(visible(user, Project, "hours")).order_by("key")
    if project is not None:
        rows, seen = rows.filter(project=project), seen.filter(pk=project.pk)
    names = {pk: (key, name) for pk, key, name in seen.values_list("pk", "key", "name")}
    counts = group_counts() if user is not None else {}
    grouped = rows.order_by().values("project_id", "month").annotate(
        total=Sum("minutes"), capital=Sum("capitalisable"), **counts
    )  # fmt: skip
    found: dict[int, dict[int, Any]] = {}
    for row in grouped:
        if row["project_id"] in names:
            found.setdefault(row["project_id"], {})[row["month"]] = row
    hidden = _hidden(found, "month") if user is not None else {}
    lines = []
    for pk, (key, name) in names.items():
        line = ProjectHours(pk, key, name)
        for month, figures in found.get(pk, {}).items():
            if (first is not None and month < first) or (last is not None and month > last):
                continue
            shown = month not in hidden.get(pk, ())
            line.months[month] = figures["total"] if shown else None
            line.capitalisable += figures["capital"] if shown else 0
        if line.months:
            lines.append(line)
    return lines


def _hidden(found: Mapping[int, Mapping[Any, Any]], part: str) -> dict[int, set[Any]]:
    """The parts (months, activities) of each project that are withheld.

    Those with too few people; and, where the few of them could be reckoned back from a total and the rest, the smallest others
    until the withheld ones together stand for five people.
    """
    small = {pk: {key for key, row in parts.items() if not is_shown(row)} for pk, parts in found.items()}
    doubtful = [pk for pk, keys in small.items() if keys]
    if not doubtful:
        return {}
    people: dict[tuple[int, Any], set[int]] = {}
    pairs = (
        HoursMonth.objects.filter(project__in=doubtful)
        .order_by()
        .values_list("project_id", f"{part}_id" if part == "activity" else part, "person_id")
        .distinct()
    )
    for pk, key, person in pairs.iterator(chunk_size=10_000):
        people.setdefault((pk, key), set()).add(person)
    for pk in doubtful:
        behind = set().union(*(people.get((pk, key), set()) for key in small[pk]))
        others = sorted((row["people"], str(key), key) for key, row in found[pk].items() if key not in small[pk])
        for _count, _text, key in others:
            if len(behind) >= SMALLEST_GROUP:
                break
            small[pk].add(key)
            behind |= people.get((pk, key), set())
    return small


@dataclass(frozen=True)
class ActivityHours:
    """Approved minutes on one activity of a project (``None``: on the project as such), or withheld (``minutes=None``)."""

    activity: Activity | None
    minutes: int | None
    capitalisable: int


def hours_by_activity(user: User | None, project: Project) -> list[ActivityHours]:
    """Approved minutes by activity, largest first; withheld ones last. One query: it stands on the page of every project."""
    agreed = individual_in_force().filter(organisation=OuterRef("person__unit__organisation"))
    rows = (
        HoursMonth.objects.filter(project=project)
        .order_by()
        .values("activity_id", "activity__name", "activity__work", "person_id")
        .annotate(total=Sum("minutes"), capital=Sum("capitalisable"), agreed=Exists(agreed))
    )
    sums: dict[int | None, list[int]] = {}
    names: dict[int, Activity] = {}
    people: dict[int | None, set[int]] = {}
    open_ones: set[int | None] = set()
    for row in rows:
        key = row["activity_id"]
        total = sums.setdefault(key, [0, 0])
        total[0] += row["total"]
        total[1] += row["capital"]
        people.setdefault(key, set()).add(row["person_id"])
        if not row["agreed"]:
            open_ones.add(key)
        if key is not None:
            names[key] = Activity(pk=key, name=row["activity__name"], work=row["activity__work"])
    hidden = {key for key in sums if user is not None and len(people[key]) < SMALLEST_GROUP and key in open_ones}
    behind = set().union(*(people[key] for key in hidden))
    for other in sorted(set(sums) - hidden, key=lambda one: (len(people[one]), str(one))):
        # As in _hidden: nobody reckons the few back from a total and the rest.
        if not hidden or len(behind) >= SMALLEST_GROUP:
            break
        hidden.add(other)
        behind |= people[other]
    found = [
        ActivityHours(
            names.get(number) if number is not None else None,
            None if number in hidden else total[0],
            0 if number in hidden else total[1],
        )
        for number, total in sums.items()
    ]
    return sorted(found, key=lambda line: (line.minutes is None, -(line.minutes or 0)))


def actual_minutes_of(project: Project, user: User | None = None) -> int | None:
    """Approved minutes of a project. ``user=None``: for Stellwerk's own figures (labour cost); for a reader ``None`` means withheld."""
    rows = HoursMonth.objects.filter(project=project)
    if user is None:
        return int(rows.aggregate(total=Sum("minutes"))["total"] or 0)
    row = rows.aggregate(total=Sum("minutes"), **group_counts())
    if not row["people"]:
        return 0
    return int(row["total"]) if is_shown(row) else None


def actual_minutes_by_activity(project: Project) -> dict[int, int]:
    """Approved minutes by number of the activity, for Stellwerk's own figures alone (never shown to a reader as it is)."""
    rows = HoursMonth.objects.filter(project=project, activity__isnull=False).order_by()
    return dict(rows.values_list("activity_id").annotate(total=Sum("minutes")))


def column_sums(lines: Sequence[ProjectHours], months: Sequence[int]) -> dict[int, int]:
    """Shown minutes of each month over all lines."""
    return {month: sum(line.months.get(month) or 0 for line in lines) for month in months}
