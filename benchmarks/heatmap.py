"""The heat map of 500 people and 104 weeks: the server's answer, and until it is painted in Chromium.

``python -m benchmarks.heatmap [--people 500] [--weeks 104] [--json]`` fills an empty data folder, serves it, opens the page as the PMO lead and tells seconds from
the click to the painted map, beside a trivial page of the same server in the same run (the bound: what the machine needs for any page).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.plan_page import CHROMIUM, FLAGS, _wait_for

MAKE = "import sys; from benchmarks.heatmap import make_company; make_company(int(sys.argv[1]), int(sys.argv[2]))"
ROUNDS = 5
MOST_SECONDS = 1.0


def make_company(people: int, weeks: int) -> None:
    """People with two bookings in each week, written straight into the tables."""
    import datetime as dt

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.core.management import call_command
    from django.utils import timezone

    from stellwerk.people.models import Person
    from stellwerk.resources.models import Allocation, AllocationWeek, Demand, DemandWeek
    from stellwerk.resources.weeks import monday
    from stellwerk.testing import build_cast

    call_command("migrate", verbosity=0)
    cast = build_cast()
    first = monday(timezone.localdate())
    days = [first + dt.timedelta(days=7 * at) for at in range(weeks)]
    last = days[-1] + dt.timedelta(days=6)
    rows = Person.objects.bulk_create(
        [Person(key=f"PER-7{n:04d}", first_name=f"Kim {n}", last_name=f"Muster {n % 97}", unit=cast.unit, role=cast.role) for n in range(people)]
    )  # fmt: skip
    for state, minutes in (("hard", 1500), ("soft", 720)):
        demand = Demand.objects.create(
            key=f"DEM-7{minutes}",
            project=cast.project,
            title=state,
            role=cast.role,
            first=first,
            last=last,
            state="open",
        )
        DemandWeek.objects.bulk_create(
            [DemandWeek(demand=demand, monday=day, minutes=minutes * people) for day in days]
        )
        made = Allocation.objects.bulk_create(
            [Allocation(key=f"ALC-{minutes}-{one.pk}", demand=demand, person=one, first=first, last=last, state=state) for one in rows]
        )  # fmt: skip
        AllocationWeek.objects.bulk_create(
            [AllocationWeek(allocation=one, monday=day, minutes=minutes + (one.pk * 37 + at * 11) % 600) for one in made for at, day in enumerate(days)],
            batch_size=5000,
        )  # fmt: skip
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(cast.petra.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = cast.petra.get_session_auth_hash()
    session.save()
    print(json.dumps({"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}))


def compute(weeks: int) -> dict[str, Any]:
    """Seconds of the selector and of the JSON alone, in this process (``STELLWERK_HOME`` is set)."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    django.setup()
    from django.utils import timezone

    from stellwerk.core.models import User
    from stellwerk.resources.selectors.heatmap import Choice, heat_of, packed

    petra = User.objects.get(grants__role="pmo_lead")
    found = []
    size = rows = 0
    for _round in range(ROUNDS):
        begin = time.perf_counter()
        heat = heat_of(petra, Choice(timezone.localdate(), count=weeks))
        middle = time.perf_counter()
        size = len(json.dumps(packed(heat), separators=(",", ":")))
        rows = len(heat.rows)
        found.append((middle - begin, time.perf_counter() - middle))
    return {
        "rows": rows, "columns": weeks, "bytes": size, "compute": statistics.median(one for one, _two in found),
        "pack": statistics.median(two for _one, two in found),
    }  # fmt: skip


def browse(base: str, cookie: dict[str, str], weeks: int, server: int) -> dict[str, Any]:
    """From the click to the painted map in Chromium: medians of some rounds, after one that warms up; beside it the server's CPU."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{**cookie, "url": base}])
        page = context.new_page()
        shown, painted, bound, spent, size = [], [], [], [], 0
        for turn in range(ROUNDS + 1):
            before, begin = _cpu(server), time.perf_counter()
            answer = page.goto(f"{base}/resources/capacity/?count={weeks}", wait_until="commit")
            page.locator("[data-capacity][data-ready]").wait_for()
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            seconds = time.perf_counter() - begin
            cpu = _cpu(server) - before
            assert answer is not None and answer.status == 200
            size = len(answer.body())
            drawn = float(page.locator("[data-capacity]").get_attribute("data-paint") or 0) / 1000
            begin = time.perf_counter()
            page.goto(f"{base}/resources/capacity/?count=1&role=0", wait_until="load")
            if turn:
                bound.append(time.perf_counter() - begin)
                shown.append(seconds)
                spent.append(cpu)
                painted.append(drawn)
        browser.close()
    return {
        "click_to_painted": statistics.median(shown), "slowest": max(shown), "read_and_paint_in_the_page": statistics.median(painted),
        "server_cpu": statistics.median(spent), "page_bytes": size, "empty_page": statistics.median(bound),
    }  # fmt: skip


def _cpu(process: int) -> float:
    """CPU seconds that a process and its children have used, all their threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu(int(child)) for child in children)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"STELLWERK_HOME": folder, "STELLWERK_LANGUAGE": "de"}
        made = subprocess.run(
            [sys.executable, "-c", MAKE, str(given.people), str(given.weeks)],
            check=True,
            capture_output=True,
            text=True,
        )
        told = compute(given.weeks)
        told |= served(Path(folder), json.loads(made.stdout.splitlines()[-1]), given.weeks)
    told["load"] = os.getloadavg()[0]
    told["ratio_to_empty_page"] = told["click_to_painted"] / told["empty_page"]
    print(json.dumps(told) if given.json else "\n".join(f"{name}: {value}" for name, value in told.items()))
    return 0 if told["click_to_painted"] <= MOST_SECONDS else 1


def served(home: Path, cookie: dict[str, str], weeks: int) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (home / "server.log").open("w") as log:
        command = [sys.executable, "-m", "stellwerk", "serve", "--port", str(port), "--no-worker"]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/accounts/login/")
        return browse(f"http://127.0.0.1:{port}", cookie, weeks, server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
