"""``make bench``: the figures of docs/performance.md, measured in one run on this machine.

Pages are asked in process through the test client (no network), each several times after a warm-up; CPU is the process
time of the request. The bound in the same run is a plain table, drawn in turns with each page: one query for all
projects, one template, no figures. On a machine that does other work too the ratio says more than the milliseconds.

``--size 200x50x1000``: only this size (projects, activities of each, people). ``--pages``: only the pages, not deck and backup. ``--home FOLDER``: a data folder that
holds a demo company already, so that it need not be loaded again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = ((60, 0, 200), (200, 50, 1000), (1000, 100, 5000))  # projects, activities of each (0: 25 to 60), people
PAGES = {
    "board": "/portfolio/",
    "board by unit": "/portfolio/?group=unit",
    "board, an earlier date": "/portfolio/?on={earlier}",
    "projects": "/portfolio/projects/",
    "projects, sorted and searched": "/portfolio/projects/?sort=-budget&q=e",
    "cockpit": "/portfolio/projects/PRJ-0001",
    "people": "/people/",
    "my day": "/",
    "reports": "/reports/",
}
REPEAT = 15


def machine() -> dict[str, str]:
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next(
            (line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line), ""
        )
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def measure_size(projects: int, activities: int, people: int, *, load: bool, only_pages: bool) -> dict[str, Any]:
    """Run in a process of its own with an empty data folder, or (``load`` off) with one that holds the company."""
    import django

    django.setup()
    from django.core.management import call_command

    began = time.perf_counter()
    if load:
        call_command("demo", projects=projects, people=people, activities=activities, serve=False, verbosity=0)
    rows: dict[str, Any] = {
        "projects": projects,
        "activities": activities,
        "people": people,
        "load_seconds": round(time.perf_counter() - began, 1),
        "pages": measure_pages(),
    }
    if not only_pages:
        rows["deck"] = deck()
        rows["backup"] = backup()
    return rows


def measure_pages() -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    import stellwerk.config.wsgi  # noqa: F401 - pages are measured in the process as it serves
    from stellwerk.core.models import User
    from stellwerk.portfolio.selectors.figures import reporting_dates

    client = Client(headers={"host": "localhost"})
    client.force_login(
        User.objects.get(email="petra@nordlicht.example"), backend="django.contrib.auth.backends.ModelBackend"
    )
    dates = reporting_dates(None)
    pages: dict[str, Any] = {}
    for name, pattern in PAGES.items():
        path = pattern.format(earlier=dates[len(dates) // 2])
        answer = client.get(path)
        if answer.status_code != 200:
            pages[name] = {"status": answer.status_code}
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        count = len(queries)
        page, plain = in_turns(lambda path=path: client.get(path), plain_table)
        cpu, wall = [one[0] for one in page], sorted(one[1] for one in page)
        reference = statistics.median(one[0] for one in plain)
        pages[name] = {
            "cpu_ms": round(statistics.median(cpu) * 1000, 1),
            "cpu_least_ms": round(min(cpu) * 1000, 1),
            "median_ms": round(statistics.median(wall) * 1000, 1),
            "p95_ms": round(wall[max(0, int(len(wall) * 0.95) - 1)] * 1000, 1),
            "queries": count,
            "kilobytes": round(len(answer.content) / 1024, 1),
            "plain_table_cpu_ms": round(reference * 1000, 2),
            "ratio_to_plain_table": round(statistics.median(cpu) / max(1e-9, reference), 2),
            "load": round(os.getloadavg()[0], 1),
        }
    return pages


Spent = tuple[float, float]  # CPU and wall seconds


def in_turns(*functions: Callable[[], Any]) -> list[list[Spent]]:
    """Each function warmed up, then all of them in turns, so that a busy moment of the machine hits all alike."""
    for function in functions * 2:
        function()
    found: list[list[Spent]] = [[] for _function in functions]
    for _ in range(REPEAT):
        for number, function in enumerate(functions):
            start, cpu = time.perf_counter(), time.process_time()
            function()
            found[number].append((time.process_time() - cpu, time.perf_counter() - start))
    return found


def plain_table() -> int:
    from django.template import Context, Engine

    from stellwerk.portfolio.models import Project

    template = Engine().from_string(
        "<table>{% for r in rows %}<tr>{% for c in r %}<td>{{ c }}</td>{% endfor %}</tr>{% endfor %}</table>"
    )
    rows = Project.objects.values_list("key", "name", "phase", "budget", "finish_forecast", "manager__last_name")
    return len(template.render(Context({"rows": list(rows)})))


def deck() -> dict[str, Any]:
    from django.core.management import call_command

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("pptx", "pdf", "xlsx"):
            start = time.perf_counter()
            try:
                call_command(
                    "report_deck", portfolio="NORDLICHT", lang="de", output=f"{folder}/deck.{kind}", verbosity=0
                )
                found[f"{kind}_seconds"] = round(time.perf_counter() - start, 2)
            except Exception as error:
                found[f"{kind}_error"] = str(error)
    return found


def backup() -> dict[str, Any]:
    from django.core.management import call_command

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "backup.zip"
        start = time.perf_counter()
        call_command("backup", str(file), verbosity=0)
        seconds = time.perf_counter() - start
        restored = time.perf_counter()
        home = Path(folder) / "home"
        home.mkdir()
        environment = os.environ | {"STELLWERK_HOME": str(home)}
        subprocess.run([sys.executable, "-m", "stellwerk", "migrate", "--verbosity", "0"], env=environment, check=True)
        middle = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "stellwerk", "restore", str(file)],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return {
            "backup_seconds": round(seconds, 2),
            "restore_seconds": round(time.perf_counter() - middle, 2),
            "migrate_seconds": round(middle - restored, 2),
            "kilobytes": file.stat().st_size // 1024,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", help="only this size, as 200x50x1000: projects, activities of each, people")
    parser.add_argument("--pages", action="store_true", help="only the pages")
    parser.add_argument("--home", help="a data folder that holds a demo company of this size")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [tuple(int(part) for part in options.size.split("x"))] if options.size else list(SIZES)
    if options.child:
        print(json.dumps(measure_size(*sizes[0], load=not options.home, only_pages=options.pages)))
        return 0
    print(json.dumps({"machine": machine()}, indent=1))
    for size in sizes:
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {
                "STELLWERK_HOME": options.home or home,
                "STELLWERK_SECRET_KEY": "benchmark",
                "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings",
            }
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.run", "--child", "--size", "x".join(map(str, size)),
                 *(["--pages"] if options.pages else []), *(["--home", options.home] if options.home else [])],
                env=environment, check=False, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        if done.returncode:
            return done.returncode
        print(json.dumps(json.loads(done.stdout.strip().splitlines()[-1]), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
