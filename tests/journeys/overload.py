"""Acceptance scenario 1 in a loaded data folder (``python -m tests.journeys.overload``): Anna is booked above her net hours.

A month of 21 working days: Anna 8 h a day, five days away, 80 % for projects: 102.4 h net. 60 h firm on one project, 50 h reserved on another:
7.6 h too much. Ben is free. Prints the keys as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os

from stellwerk.people.holidays import public_holidays

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def month_ahead(today: dt.date) -> tuple[dt.date, list[dt.date]]:
    """The first month at least six weeks ahead with 21 working days in Hamburg, and the Mondays of its four whole weeks; no holiday in the third."""
    first = (today + 6 * WEEK + 31 * DAY).replace(day=1)
    while True:
        following = (first + 31 * DAY).replace(day=1)
        free = {day for year in (first.year, following.year) for day in public_holidays("DE", "HH", year)}
        days = [first + DAY * number for number in range((following - first).days)]
        working = {day for day in days if day.weekday() < 5 and day not in free}
        mondays = [day for day in days if day.weekday() == 0 and day + WEEK <= following][:4]
        if len(working) == 21 and len(mondays) == 4 and {mondays[2] + DAY * number for number in range(5)} <= working:
            return first, mondays
        first = following


MONTH, MONDAYS = month_ahead(dt.datetime.now().astimezone().date())
LAST = MONDAYS[-1] + 6 * DAY


def build() -> dict[str, object]:
    from stellwerk.core.models import Grant, Scope
    from stellwerk.people.models import Absence, Person, Role, WorkingPattern
    from stellwerk.portfolio.models import Project
    from stellwerk.resources.models import Allocation
    from stellwerk.resources.services.allocations import assign
    from stellwerk.resources.services.demands import create_demand

    rita = Person.objects.get(user__grants__role="resource_manager", last_name="Lorenz")
    role = Role.objects.create(key="ROL-9001", name="Prüfstand")
    people = []
    for first in ("Anna", "Ben"):
        one = Person.objects.create(
            key=f"PER-9{len(people)}01", first_name=first, last_name="Überlast", unit=rita.unit, role=role
        )
        WorkingPattern.objects.create(
            person=one, valid_from=MONTH - 60 * DAY, project_share=80,
            **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), 480),
        )  # fmt: skip
        people.append(one)
    anna, _ben = people
    Absence.objects.create(person=anna, first=MONDAYS[2], last=MONDAYS[2] + 4 * DAY)
    managed = Project.objects.filter(archived_at=None).exclude(phase__in=("closed", "stopped")).order_by("key")
    projects = list(managed[:2])
    # Two projects, two managers with accounts: both must hear of it.
    for project, who in zip(projects, ("paul", "gerda"), strict=True):
        Project.objects.filter(pk=project.pk).update(manager=Person.objects.get(user__email__startswith=f"{who}@"))
        project.refresh_from_db()
        assert project.manager is not None and project.manager.user is not None
        Grant.objects.get_or_create(user=project.manager.user, role="project_manager", scope=Scope.SELF)
    rows: list[Allocation] = []
    for project, hours in zip(projects[:2], (15, 12.5), strict=True):
        values = {"project": project, "title": "Prüfstand", "role": role, "first": MONDAYS[0], "last": LAST, "unit": rita.unit}  # fmt: skip
        demand = create_demand(values=values, by=None, weeks=dict.fromkeys(MONDAYS, int(hours * 60)))
        firm = hours == 15
        rows.append(assign(demand=demand, person=anna, by=None, firm=firm, reason="Vereinbart"))
    return {
        "bookings": [row.key for row in rows], "numbers": [row.pk for row in rows], "projects": [one.name for one in projects[:2]],
        "managers": [one.manager.user_id for one in projects[:2] if one.manager],
    }  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    import django

    django.setup()
    print(json.dumps(build()))


if __name__ == "__main__":
    main()
