"""What the staffing journey needs beside the demo: a demand of Paul's that nobody answers, and a candidate of each partner.

Run as a program: prints their keys as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import Any


def build() -> dict[str, Any]:
    from stellwerk.core.models import Grant, Scope
    from stellwerk.people.models import Person, Role
    from stellwerk.portfolio.models import Project
    from stellwerk.resources.services.demands import create_demand
    from stellwerk.resources.weeks import mondays
    from stellwerk.staffing.models import Profile

    paul = Person.objects.get(user__email__startswith="paul@")
    Grant.objects.get_or_create(user=paul.user, role="project_manager", scope=Scope.SELF)
    project = Project.objects.filter(archived_at=None, manager=paul).order_by("key").first()
    if project is None:
        project = Project.objects.filter(archived_at=None).order_by("key")[:1].get()
        Project.objects.filter(pk=project.pk).update(manager=paul)
    first = dt.datetime.now().astimezone().date() + dt.timedelta(days=45)
    first += dt.timedelta(days=-first.weekday() % 7)
    last = first + dt.timedelta(days=7 * 12 - 3)
    values = {"project": project, "title": "Terminplanung Umbau", "role": Role.objects.order_by("pk").first(), "first": first, "last": last}  # fmt: skip
    demand = create_demand(values=values, by=None, weeks=dict.fromkeys(mondays(first, last), 30 * 60))
    if demand.state == "draft":
        from stellwerk.core.states import advance

        demand = advance(demand, "open", by=None)
    rows = Profile.objects.filter(state="active", kind="freelancer", archived_at=None)
    ours = rows.filter(partner__contacts__user__email__startswith="pia@").order_by("-pk")[:1].get()
    theirs = rows.exclude(partner=None).exclude(partner=ours.partner_id).order_by("pk")[:1].get()
    return {
        "demand": demand.key, "number": demand.pk, "first": str(first), "last": str(last), "project": project.name,
        "role": demand.role.name if demand.role else "", "candidate": ours.key, "name": ours.full_name, "surname": ours.last_name,
        "other": theirs.key, "partner": ours.partner_id,
    }  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    import django

    django.setup()
    print(json.dumps(build()))


if __name__ == "__main__":
    main()
