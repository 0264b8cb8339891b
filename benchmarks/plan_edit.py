"""How long the server takes for one edit of a large plan: the whole network computed anew, stored, and the changed rows as JSON.

``python -m benchmarks.plan_edit [--activities 10000] [--json]`` makes a plan in an empty data folder and edits it through the page's own
address, as a browser does. Beside it, in turns: the computing alone (engine, in memory), and one plain query over all rows, as bounds of the same run.
CPU and wall milliseconds, medians of 15.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

REPEAT = 15


def prepare(activities: int) -> Any:
    """A company of one project with a plan of chains of 50, ten of them joined here and there; deterministic."""
    import datetime as dt
    import random

    from django.core.management import call_command

    from stellwerk.core.models import User
    from stellwerk.people.models import Organisation, Unit
    from stellwerk.planning.models import Activity, Link, Plan
    from stellwerk.planning.services.editing import reschedule
    from stellwerk.portfolio.models import Portfolio, Project

    call_command("migrate", verbosity=0)
    user = User.objects.create_user(email="bench@stellwerk.example", name="Bench")
    from stellwerk.core.models import Grant, Scope

    Grant.objects.create(user=user, role="pmo_lead", scope=Scope.ORGANISATION)
    organisation = Organisation.objects.create(key="ORG-1", name="Bench")
    unit = Unit.objects.create(key="UNT-1", name="Bench", organisation=organisation)
    portfolio = Portfolio.objects.create(key="PF-1", name="Bench", unit=unit, state="active")
    project = Project.objects.create(key="PRJ-1", name="Bench", portfolio=portfolio)
    plan = Plan.objects.create(
        project=project, start=dt.datetime.fromisoformat("2026-11-02T08:00"), next_uid=activities + 1
    )
    rng = random.Random(7)
    rows = [
        Activity(
            plan=plan, uid=number, position=number * 1024, level=1 if number % 50 == 1 else 2, name=f"Vorgang {number}",
            duration=480 * rng.randrange(1, 8), summary=number % 50 == 1,
        )
        for number in range(1, activities + 1)
    ]  # fmt: skip
    made = Activity.objects.bulk_create(rows, batch_size=2000)
    leaves = [row for row in made if not row.summary]
    links = [
        Link(plan=plan, predecessor=one, successor=other)
        for one, other in pairwise(leaves)
        if other.uid % 50 != 2 or rng.random() < 0.1
    ]
    Link.objects.bulk_create(links, batch_size=2000)
    reschedule(plan=plan, by=None)
    return user


def measure(activities: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    import stellwerk.config.wsgi  # noqa: F401 - measured as it serves
    from stellwerk.engine.network import schedule, warm_up
    from stellwerk.planning.compute import compute
    from stellwerk.planning.models import Activity, Plan

    user = prepare(activities)
    compiled = warm_up()
    plan = Plan.objects.select_related("project", "calendar").get()
    network = compute(plan).dates.network
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    leaves = list(Activity.objects.filter(summary=False).order_by("position").values_list("pk", flat=True))
    near_end, first = leaves[-100], leaves[0]
    answers: dict[str, int] = {}

    def edit(name: str, row: int, days: list[int]) -> None:
        days[0] += 1
        revision = Plan.objects.values_list("revision", flat=True).get()
        body = {"ops": [{"op": "set", "row": row, "values": {"days": days[0] % 9 + 1}}]}
        answer = client.post(f"/plans/PRJ-1/edit/?since={revision}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content[:500]
        answers[name] = len(json.loads(answer.content)["rows"])

    def plain() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, start, finish, duration, name FROM planning_activity ORDER BY position")
            cursor.fetchall()

    late, early = [0], [0]
    found = in_turns(
        {
            "edit, 100 rows follow": lambda: edit("edit, 100 rows follow", near_end, late),
            "edit of the first row": lambda: edit("edit of the first row", first, early),
            "all rows as JSON": lambda: client.get("/plans/PRJ-1/data/"),
            "engine alone": lambda: schedule(network),
            "plain query": plain,
        }
    )
    return {"activities": activities, "compiled": compiled, "changed_rows": answers, "milliseconds": found}


def in_turns(functions: dict[str, Callable[[], Any]]) -> dict[str, dict[str, float]]:
    for function in functions.values():
        function()
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in functions}
    for _time in range(REPEAT):
        for name, function in functions.items():
            wall, cpu = time.perf_counter(), time.process_time()
            function()
            spent[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    engine = statistics.median(cpu for cpu, _wall in spent["engine alone"])
    return {
        name: {
            "cpu": round(statistics.median(cpu for cpu, _wall in rows) * 1000, 1),
            "wall": round(statistics.median(wall for _cpu, wall in rows) * 1000, 1),
            "ratio_to_engine": round(statistics.median(cpu for cpu, _wall in rows) / max(engine, 1e-9), 1),
        }
        for name, rows in spent.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["STELLWERK_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
        found = measure(options.activities)
    if options.json:
        print(json.dumps(found))
        return
    print(
        f"{found['activities']} activities, compiled: {found['compiled']}, rows that changed: {found['changed_rows']}"
    )
    for name, row in found["milliseconds"].items():
        print(f"{name:26} {row['cpu']:8.1f} ms CPU {row['wall']:8.1f} ms wall {row['ratio_to_engine']:6.1f} × engine")


if __name__ == "__main__":
    main()
