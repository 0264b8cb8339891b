"""Acceptance scenario 1 in a loaded data folder (``python -m tests.journeys.overload``): Anna is booked above her net hours.

March 2027: Anna 8 h a day, five days away, 80 % for projects: 102.4 h net. 60 h firm on one project, 50 h reserved on another: 7.6 h too
much. Ben is free. Prints the keys as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os

MONDAYS = [dt.date(2027, 3, day) for day in (1, 8, 15, 22)]
LAST = dt.date(2027, 3, 28)


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
            person=one, valid_from=dt.date(2027, 1, 1), project_share=80,
            **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), 480),
        )  # fmt: skip
        people.append(one)
    anna, _ben = people
    Absence.objects.create(person=anna, first=dt.date(2027, 3, 15), last=dt.date(2027, 3, 19))
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
