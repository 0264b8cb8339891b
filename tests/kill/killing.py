"""Kills real processes in the middle of their work (``python -m tests.kill.killing COUNT SEED``).

Runs in a data folder of its own (``STELLWERK_HOME``, embedded database, migrated and empty). The work runs in a forked process that is ended
with SIGKILL: half the times just before a random one of its database statements, half the times at a random moment.
Prints one JSON object: for each work how many died before, in and after it, and everything that was not right afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk.core.memory import load

PROJECTS = 12
DAY = dt.date(2026, 11, 20)


@dataclass(frozen=True)
class Work:
    """``do`` is killed; ``faults`` says what is wrong afterwards; ``finish`` does it again and says what is missing."""

    prepare: Callable[[], None]
    do: Callable[[], None]
    done: Callable[[], bool]
    faults: Callable[[], list[str]]
    finish: Callable[[], list[str]]


# ── import of a portfolio file ───────────────────────────────────────────────────────────────────


def portfolio_file() -> Path:
    from django.conf import settings

    path = Path(settings.HOME) / "projekte.csv"
    if not path.exists():
        rows = ["Schlüssel;Projekt;Leitung;Budget;EAC;Ende;Ampel"]
        colours = ("grün", "gelb", "rot")
        rows += [
            f"P-{n:03};Umbau Halle {n};Erika Muster {n};{n}00.000,00 €;{n}10.000,00 €;31.0{1 + n % 9}.2027;{colours[n % 3]}"
            for n in range(1, PROJECTS + 1)
        ]
        path.write_text("\n".join(rows), encoding="utf-8")
    return path


def do_import() -> None:
    from stellwerk.portfolio.importing import apply_import, plan_import
    from stellwerk.portfolio.importing.options import Options

    plan = plan_import(file=portfolio_file(), portfolio_key="BAU", by=None, options=Options(as_of=DAY))
    apply_import(plan=plan, by=None)


def import_counts() -> dict[str, int]:
    from stellwerk.core.models import AuditEntry, ChangeItem, ChangeSet
    from stellwerk.portfolio.models import Figure, Portfolio, Project, ProjectStatus

    return {
        "portfolios": Portfolio.objects.count(),
        "projects": Project.objects.count(),
        "statuses": ProjectStatus.objects.count(),
        "figures": Figure.objects.count(),
        "applied": ChangeSet.objects.filter(state="applied").count(),
        "items": ChangeItem.objects.count(),
        "audit": AuditEntry.objects.filter(entity_type="portfolio.project").count(),
    }


WHOLE: dict[str, int] = {}


def import_done() -> bool:
    return import_counts()["projects"] > 0


def import_faults() -> list[str]:
    counts = import_counts()
    if counts == WHOLE or not any(counts.values()):
        return []
    return [f"half an import: {counts} instead of {WHOLE} or nothing"]


def import_finish() -> list[str]:
    from django.db.models import Count

    from stellwerk.portfolio.models import Project

    do_import()
    counts = import_counts()
    wrong = [] if counts == WHOLE else [f"repeated import: {counts} instead of {WHOLE}"]
    double = Project.objects.values("name").annotate(times=Count("pk")).filter(times__gt=1)
    return wrong + [f"doubled: {row['name']}" for row in double]


def import_prepare() -> None:
    """What a whole import leaves, measured once on the empty database."""
    from django.db import transaction

    with transaction.atomic():
        do_import()
        WHOLE.update(import_counts())
        transaction.set_rollback(True)
    assert WHOLE["projects"] == PROJECTS and WHOLE["applied"] == 1, WHOLE


# ── publishing of a report ───────────────────────────────────────────────────────────────────────


def publish_prepare() -> None:
    from django.utils import translation

    from stellwerk.core.models import User
    from stellwerk.reporting.services import accept_report, start_report, submit_report
    from stellwerk.reporting.tests.conftest import alpha_figures, complete
    from stellwerk.testing import build_cast

    if not User.objects.exists():
        with translation.override("en"):
            cast = build_cast()
            alpha_figures(cast.project, DAY)
            report = complete(start_report(project=cast.project, by=cast.paul, data_date=DAY), cast.paul)
            accept_report(report=submit_report(report=report, by=cast.paul), by=cast.anton)


def _report() -> Any:
    from stellwerk.reporting.models import StatusReport

    return StatusReport.objects.get()


def do_publish() -> None:
    from stellwerk.core.models import User
    from stellwerk.reporting.services import publish_report

    publish_report(report=_report(), by=User.objects.get(email="petra@example.com"))


def publish_done() -> bool:
    return bool(_report().state == "published")


def publish_faults() -> list[str]:
    from stellwerk.core.models import AuditEntry, Notification, Snapshot
    from stellwerk.core.snapshots import intact
    from stellwerk.portfolio.models import ProjectStatus

    report = _report()
    published = int(report.state == "published")
    snapshots = list(Snapshot.objects.all())
    told = Notification.objects.filter(entity_type="reporting.statusreport", kind__contains="publish")
    seen = {
        "snapshots": len(snapshots),
        "audit": AuditEntry.objects.filter(entity_type="reporting.statusreport", verb="publish").count(),
        "linked": int(report.snapshot_id is not None),
    }
    wrong = [f"{name}: {count}, the report is {report.state}" for name, count in seen.items() if count != published]
    wrong += [f"snapshot {row.pk} is not what was frozen" for row in snapshots if not intact(row)]
    if not published and (told.exists() or ProjectStatus.objects.exists()):
        wrong.append("messages or statuses of a report that is not published")
    return wrong


def publish_finish() -> list[str]:
    if not publish_done():
        do_publish()
    return publish_faults() + ([] if publish_done() else ["publishing again did not work"])


WORKS = {
    "import": Work(import_prepare, do_import, import_done, import_faults, import_finish),
    "publish": Work(publish_prepare, do_publish, publish_done, publish_faults, publish_finish),
}


# ── killing ──────────────────────────────────────────────────────────────────────────────────────


class Statements:
    """Counts database statements; the process dies before number ``last``."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.count = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def _child(work: Work, last: int | None, ready: int) -> None:
    from django.db import connection

    os.write(ready, b"go")
    with connection.execute_wrapper(Statements(last)):
        work.do()


def kill_once(work: Work, last: int | None, after: float | None) -> int:
    """Run the work in a process and kill it; the exit status of the process (negative: the signal)."""
    from django.db import connections

    connections.close_all()
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _child(work, last, say)
            connections.close_all()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    os.read(hear, 2)
    if after is not None:
        time.sleep(after)  # the random moment itself, not a wait for something
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    os.close(hear)
    os.close(say)
    return os.waitstatus_to_exitcode(status)


def _restore(template: Path, database: Path) -> None:
    from django.db import connections

    connections.close_all()
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    shutil.copy(template, database)


def measure(work: Work) -> tuple[int, float]:
    """How many statements and seconds the whole work takes."""
    from django.db import connection

    counter = Statements()
    began = time.monotonic()
    with connection.execute_wrapper(counter):
        work.do()
    return counter.count, time.monotonic() - began


def killings(work: Work, database: Path, count: int, seed: int) -> dict[str, Any]:
    from django.db import connections

    rng, template = random.Random(seed), database.with_name("template.sqlite3")
    work.prepare()
    connections.close_all()
    shutil.copy(database, template)
    measure(work)  # the first time also loads modules
    _restore(template, database)
    statements, seconds = measure(work)
    ends: Counter[str] = Counter()
    faults: list[str] = []
    for number in range(count):
        _restore(template, database)
        by_statement = number % 2 == 0
        last = rng.randint(1, statements) if by_statement else None
        after = None if by_statement else rng.uniform(0, seconds * 1.3)
        status = kill_once(work, last, after)
        where = f"#{number} at {f'statement {last} of {statements}' if last else f'{after:.3f} s of {seconds:.3f} s'}"
        if status not in (0, -signal.SIGKILL):
            faults.append(f"{where}: ended with {status}")
        ends["killed" if status else "finished first"] += 1
        ends["written" if work.done() else "nothing written"] += 1
        faults += [f"{where}: {text}" for text in work.faults()]
        faults += [f"{where}, afterwards: {text}" for text in work.finish()]
    return {"statements": statements, "seconds": round(seconds, 3), "ends": dict(ends), "faults": faults}


def main(count: int, seed: int) -> dict[str, Any]:
    load("stellwerk.config.urls")
    from django.conf import settings

    database, empty = Path(settings.HOME) / "stellwerk.sqlite3", Path(settings.HOME) / "empty.sqlite3"
    shutil.copy(database, empty)
    result = {}
    for name, work in WORKS.items():
        _restore(empty, database)
        result[name] = killings(work, database, count, seed)
    return result


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
