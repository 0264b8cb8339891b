"""Hours by project and month over a million time entries, on SQLite and PostgreSQL.

``python -m benchmarks.hours [--entries 1000000] [--only sqlite|postgres] [--json]`` fills an empty database with the weeks of 500 people on 200
projects, builds the sums as approvals do, and reads the table as the report page does: by the selector, the whole page, and the workbook. Beside them, in the
same run, the plain query over all entries (joined with their sheets, people counted) that the sums spare the reader. Seconds, medians of 5.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

REPEAT = 5
PEOPLE, PROJECTS = 500, 200
PER_DAY = 2
"""Entries of a person on a day: two projects."""


def fill(entries: int) -> Any:
    """People, projects and approved sheets; each person works on ten projects, two a day. Deterministic."""
    import datetime as dt
    import random

    from django.core.management import call_command
    from django.db import connection

    from stellwerk.core.models import Grant, Scope, User
    from stellwerk.people.models import Organisation, Person, Unit
    from stellwerk.portfolio.models import Portfolio, Project
    from stellwerk.resources.models import TimeEntry, TimeSheet
    from stellwerk.resources.services.timesheets_sums import rebuild_all

    call_command("migrate", verbosity=0)
    user = User.objects.create_user(email="bench@stellwerk.example", name="Bench")
    Grant.objects.create(user=user, role="pmo_lead", scope=Scope.ORGANISATION)
    organisation = Organisation.objects.create(key="ORG-1", name="Bench")
    unit = Unit.objects.create(key="UNT-1", name="Bench", organisation=organisation)
    portfolio = Portfolio.objects.create(key="PF-1", name="Bench", unit=unit, state="active")
    projects = Project.objects.bulk_create(
        [
            Project(key=f"PRJ-{n:04d}", name=f"Project {n}", portfolio=portfolio, phase="executing")
            for n in range(1, PROJECTS + 1)
        ]
    )
    people = Person.objects.bulk_create(
        [Person(key=f"PER-{n:04d}", first_name="Kim", last_name=f"Nr {n}", unit=unit) for n in range(1, PEOPLE + 1)]
    )
    rng = random.Random(7)
    of_person = {person.pk: rng.sample(projects, 10) for person in people}
    weeks = -(-entries // (PEOPLE * 5 * PER_DAY))
    monday, made = dt.date(2026, 11, 23), 0
    for back in range(weeks):
        week = monday - dt.timedelta(days=7 * back)
        sheets = TimeSheet.objects.bulk_create(
            [TimeSheet(person=person, monday=week, state="locked") for person in people], batch_size=2000
        )
        rows = []
        for sheet in sheets:
            for at in range(5):
                day = week + dt.timedelta(days=at)
                for project in rng.sample(of_person[sheet.person_id], PER_DAY):
                    rows.append(
                        TimeEntry(
                            sheet=sheet, project=project, day=day, month=day.year * 100 + day.month,
                            minutes=rng.choice((120, 180, 240, 300)), capitalisable=rng.random() < 0.3,
                        )
                    )  # fmt: skip
        rows = rows[: max(entries - made, 0)]
        TimeEntry.objects.bulk_create(rows, batch_size=5000)
        made += len(rows)
    begin = time.perf_counter()
    sums = rebuild_all()
    build = time.perf_counter() - begin
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return user, made, sums, build


def measure(entries: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection
    from django.db.models import Count, Sum
    from django.test import Client

    from stellwerk.resources.models import TimeEntry
    from stellwerk.resources.selectors.timesheets_hours import hours_by_project_month

    user, made, sums, build = fill(entries)
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def get(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    def plain() -> None:
        rows = (
            TimeEntry.objects.filter(sheet__state__in=("approved", "locked")).order_by().values("project_id", "month")
        )
        list(rows.annotate(total=Sum("minutes"), people=Count("sheet__person", distinct=True)))

    lines = hours_by_project_month(user)
    shown = sum(line.total for line in lines)
    return {
        "database": connection.vendor, "entries": made, "sums": sums, "cells": sum(len(line.months) for line in lines), "hours_shown": shown // 60,
        "selector": timed(lambda: hours_by_project_month(user)), "page": timed(lambda: get("/resources/time/hours/")),
        "workbook": timed(lambda: get("/resources/time/hours/?export=xlsx")), "plain query over all entries": timed(plain),
        "rebuild of all sums": round(build, 3),
    }  # fmt: skip


def timed(call: Callable[[], Any]) -> float:
    call()
    times = []
    for _ in range(REPEAT):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return round(statistics.median(times), 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.entries)))
        return 0
    found = [run(kind, options.entries) for kind in ("sqlite", "postgres") if options.only in (None, kind)]
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for row in found:
        print(
            f"{row['database']}: {row['entries']:,} entries, {row['sums']:,} sums, {row['cells']:,} cells of project and month"
        )
        for name in ("selector", "page", "workbook", "plain query over all entries", "rebuild of all sums"):
            print(f"  {name:<30} {row[name]:8.3f} s")
    return 0


def run(kind: str, entries: int) -> dict[str, Any]:
    """Each database in a process of its own, with an empty data folder."""
    from tests.postgres import postgres_url

    with (
        tempfile.TemporaryDirectory(prefix="stellwerk-hours-") as home,
        postgres_url() if kind == "postgres" else nullcontext("") as url,
    ):
        env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        env |= {"STELLWERK_HOME": home, "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings"}
        if url:
            env["DATABASE_URL"] = url
        command = [sys.executable, "-m", "benchmarks.hours", "--here", "--entries", str(entries)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


if __name__ == "__main__":
    raise SystemExit(main())
