"""How long a schedule file takes to open and to import, and how much memory: the largest real ones, and made ones of 10,000 activities.

``python -m benchmarks.schedule_import [FILE …] [--activities 10000] [--json]`` without files takes the largest MSPDI, XER and MPP file of the
real data (``STELLWERK_TEST_DATA``, see ``tests/realdata.py``) and makes an MSPDI and an XER file of so many activities. Each step runs in a process of
its own: ``open`` reads the file into the neutral document, ``import`` does that and writes it into an empty database (SQLite, or
``DATABASE_URL``), computing not included; ``mpxj``, the peer of the same run, opens it with MPXJ where that and a JVM are installed. Seconds
are wall time: of the first reading, and the best of five; starting Python, Django or the JVM is not counted, except where our own
reader starts a JVM (MPP). CPU seconds, of the first reading with all threads and children, are what ratios are made of. Megabytes are the peak of the process, or of the JVM that it started, whichever is larger.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

STEPS = ("open", "import", "mpxj")
WARM = 5
KINDS = (".xml", ".xer", ".mpp")


def largest(folder: Path) -> list[Path]:
    """The largest file of each kind below ``folder``."""
    found = [path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file()]
    by_kind = {kind: [path for path in found if path.suffix.lower() == kind] for kind in KINDS}
    return [max(paths, key=lambda path: path.stat().st_size) for paths in by_kind.values() if paths]


def make_file(path: Path, activities: int) -> None:
    """Chains of 50 below a summary row, a tenth of them joined, ten people, an assignment and a cost each; deterministic."""
    import random

    from stellwerk.planning.exchange import write_schedule
    from stellwerk.planning.exchange.document import (
        Assignment,
        Calendar,
        Document,
        Duration,
        Interval,
        Link,
        ProjectInfo,
        Resource,
        Task,
    )

    rng = random.Random(7)
    start = dt.datetime.fromisoformat("2026-11-02T08:00")
    office = (Interval(480, 720), Interval(780, 1020))
    tasks: list[Task] = []
    links: list[Link] = []
    work: list[Assignment] = []
    uid = 0
    for number in range(activities):
        if number % 50 == 0:
            uid += 1
            tasks.append(Task(uid, f"Paket {number // 50}", id=uid, wbs=str(number // 50), summary=True, kind="wbs"))
        uid += 1
        days = rng.randrange(1, 8)
        first = start + dt.timedelta(days=7 * (number % 50))
        tasks.append(
            Task(
                uid, f"Vorgang {number}", id=uid, wbs=f"{number // 50}.{number % 50}", level=2, start=first,
                finish=first + dt.timedelta(days=days - 1, hours=9), duration=Duration(480 * days, unit="d"),
                work=Decimal(8 * days), cost=Decimal(640 * days), calendar=1,
            )
        )  # fmt: skip
        if number % 50:
            links.append(Link(uid - 1, uid))
        elif number and rng.random() < 0.1:
            links.append(Link(uid - 2, uid))
        work.append(
            Assignment(
                len(work) + 1, uid, rng.randrange(1, 11), units=Decimal(1), work=Decimal(8 * days), cost=Decimal(640 * days)
            )
        )  # fmt: skip
    people = tuple(
        Resource(one, f"Person {one}", id=one, max_units=Decimal(1), standard_rate=Decimal(80)) for one in range(1, 11)
    )
    document = Document(
        ProjectInfo(name="Bench", start=start, calendar=1, currency="EUR"),
        (Calendar(1, "Standard", (office,) * 5 + ((), ())),), tuple(tasks), tuple(links), people, tuple(work),
    )  # fmt: skip
    path.write_bytes(write_schedule(document, "xer" if path.suffix == ".xer" else "mspdi"))


def cpu() -> float:
    """CPU seconds of the process, its threads and the children it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak() -> int:
    """Megabytes."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024


def timed(work: Callable[[], Any], again: int = WARM) -> tuple[Any, dict[str, Any]]:
    """The first result; seconds of the first time and the least of all."""
    before, spent = peak(), cpu()
    begin = time.perf_counter()
    result = work()
    times, spent = [time.perf_counter() - begin], cpu() - spent
    megabytes = peak()
    for _turn in range(again):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return result, {
        "seconds": round(times[0], 4), "best_seconds": round(min(times), 4), "cpu_seconds": round(spent, 4),
        "megabytes": megabytes, "megabytes_before": before,
    }  # fmt: skip


def by_open(path: Path) -> dict[str, Any]:
    from stellwerk.planning.exchange import read_schedule

    document, found = timed(lambda: read_schedule(path))
    leaves = [task for task in document.tasks if not task.blank and task.uid not in document.summaries]
    return found | {"tasks": len(leaves)}


def by_import(path: Path) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import reverse

    from stellwerk.people.models import Organisation, Unit
    from stellwerk.planning.exchange import read_schedule
    from stellwerk.planning.services.importing import import_schedule
    from stellwerk.portfolio.models import Portfolio, Project

    call_command("migrate", verbosity=0)
    reverse("core:home")  # a server has its addresses ready
    organisation = Organisation.objects.create(key="ORG-1", name="Bench")
    unit = Unit.objects.create(key="UNT-1", name="Bench", organisation=organisation)
    portfolio = Portfolio.objects.create(key="PF-1", name="Bench", unit=unit, state="active")
    project = Project.objects.create(key="PRJ-1", name="Bench", portfolio=portfolio)
    result, found = timed(
        lambda: import_schedule(project=project, document=read_schedule(path), by=None, name=path.name), again=0
    )
    return found | {"tasks": result.counts.activities + result.counts.milestones}


def by_mpxj(path: Path) -> dict[str, Any]:
    if importlib.util.find_spec("mpxj") is None or importlib.util.find_spec("jpype") is None:
        return {"skipped": "mpxj is not installed"}
    from stellwerk.planning.exchange.mpxj_worker import start_java

    jpype = start_java(4 << 30)
    java = jpype.JPackage("org").mpxj
    project, found = timed(lambda: java.reader.UniversalProjectReader().read(str(path)))
    tasks = [
        task for task in project.getTasks() if not task.hasChildTasks() and not task.getSummary() and not task.getNull()
    ]
    return found | {"tasks": len(tasks)}


RUN: dict[str, Callable[[Path], dict[str, Any]]] = {"open": by_open, "import": by_import, "mpxj": by_mpxj}


def in_a_process(step: str, path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="stellwerk-bench-") as home:
        environment = {**os.environ, "STELLWERK_HOME": home, "DJANGO_SETTINGS_MODULE": "stellwerk.config.settings"}
        command = [sys.executable, "-m", "benchmarks.schedule_import", "--child", step, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compare(path: Path) -> dict[str, Any]:
    rows = {step: in_a_process(step, path) for step in STEPS}
    theirs = rows["mpxj"]
    for step in ("open", "import"):
        mine = rows[step]
        if "seconds" in mine and "seconds" in theirs:
            mine["cpu_to_mpxj"] = round(mine["cpu_seconds"] / theirs["cpu_seconds"], 2)
            mine["best_to_mpxj"] = round(mine["best_seconds"] / theirs["best_seconds"], 2)
            mine["memory_to_mpxj"] = round(mine["megabytes"] / theirs["megabytes"], 2)
    return {"file": path.name, "kilobytes": round(path.stat().st_size / 1000), "steps": rows}


def files(given: list[Path], activities: int, folder: Path) -> Iterator[Path]:
    if given:
        yield from given
        return
    from tests.realdata import DEFAULT

    yield from largest(Path(os.environ.get("STELLWERK_TEST_DATA") or DEFAULT) / "schedules")
    for ending in ("xml", "xer"):
        path = folder / f"made-{activities}.{ending}"
        make_file(path, activities)
        yield path


def show(found: dict[str, Any]) -> None:
    print(f"\n{found['file']}, {found['kilobytes']:,} kB")
    for step, row in found["steps"].items():
        if "seconds" not in row:
            print(f"  {step:8} {row.get('skipped') or row.get('failed')}")
            continue
        ratio = ""
        if "cpu_to_mpxj" in row:
            ratio = f"  {row['cpu_to_mpxj']:.2f} × MPXJ's CPU (best seconds {row['best_to_mpxj']:.2f}), {row['memory_to_mpxj']:.2f} × its memory"
        print(
            f"  {step:8} {row['tasks']:6} rows {row['seconds']:7.3f} s ({row['cpu_seconds']:.3f} CPU), best {row['best_seconds']:.3f} s, peak {row['megabytes']:4} MB "
            f"({row['megabytes_before']} before){ratio}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(RUN[options.child](options.files[0])))
        return 0
    machine = {"cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "python": platform.python_version()}
    results = []
    with tempfile.TemporaryDirectory(prefix="stellwerk-bench-") as folder:
        for path in files(options.files, options.activities, Path(folder)):
            results.append(compare(path.resolve()))
            if not options.json:
                show(results[-1])
    if options.json:
        print(json.dumps({"machine": machine, "results": results}, indent=1))
    else:
        print(f"\n{machine}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
