"""Sums of approved hours per person, project, activity and month: rebuilt from the entries whenever what counts changes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Sum, When

from stellwerk.people.models import Person
from stellwerk.resources.models import HoursMonth, TimeEntry, TimeSheet
from stellwerk.resources.selectors.timesheets_access import COUNTED

BATCH = 5000


def refresh_sheet(sheet: TimeSheet) -> None:
    """The sums of the months that a sheet touches, of its person."""
    months = set(TimeEntry.objects.filter(sheet=sheet).values_list("month", flat=True))
    refresh_sums(sheet.person_id, months)


@transaction.atomic
def refresh_sums(person: int, months: Iterable[int]) -> None:
    """Write the sums of a person's months again. Two approvals of one person at once wait for each other."""
    wanted = sorted(set(months))
    if not wanted:
        return
    Person.objects.select_for_update().only("pk").get(pk=person)
    HoursMonth.objects.filter(person=person, month__in=wanted).delete()
    _write(Q(sheet__person=person, month__in=wanted))


@transaction.atomic
def rebuild_all() -> int:
    """Write all sums again (after bulk loading, or when somebody doubts them); how many rows there are now."""
    HoursMonth.objects.all().delete()
    return _write(Q())


def _write(which: Q) -> int:
    rows = (
        TimeEntry.objects.filter(which, sheet__state__in=COUNTED)
        .order_by()
        .values("project_id", "activity_id", "month", person_id=F("sheet__person_id"))
        .annotate(
            total=Sum("minutes"),
            capital=Sum(Case(When(capitalisable=True, then=F("minutes")), default=0, output_field=IntegerField())),
        )
    )
    found = [
        HoursMonth(
            project_id=row["project_id"], activity_id=row["activity_id"], person_id=row["person_id"],
            month=row["month"], minutes=row["total"], capitalisable=row["capital"],
        )
        for row in rows.iterator(chunk_size=BATCH)
        if row["total"] or row["capital"]
    ]  # fmt: skip
    HoursMonth.objects.bulk_create(found, batch_size=BATCH)
    return len(found)
