"""Real worker processes: killed, doubled, cancelled, stopped."""

import json
import signal
from uuid import UUID

import pytest

from stellwerk.core.tests.installation import until

pytestmark = pytest.mark.slow

QUEUE = """
from stellwerk.core.jobs import enqueue
for _ in range(times):
    enqueue(name, arguments)
"""
TOGETHER = """
from pathlib import Path
home = Path(os.environ["STELLWERK_HOME"])
(home / f"{os.getpid()}.ready").touch()
while len(list(home.glob("*.ready"))) < 2:
    time.sleep(0.02)
"""


def worker_with(place, job, times=1, before="", **arguments):
    """A worker that queues these jobs, then works."""
    return place.worker(QUEUE + before, name=job, arguments=arguments, times=times)


def look(place):
    """The tests' job (state, attempts), all states, and the setting that the jobs write."""
    rows = place.rows("SELECT state, attempts, done FROM core_job WHERE name LIKE 'tests.%' ORDER BY id")
    written = place.rows("SELECT value FROM core_setting WHERE name = 'test'")
    return {
        "state": rows[0][0], "attempts": rows[0][1], "done": rows[0][2], "states": [row[0] for row in rows],
        "written": int(written[0][0]) if written else 0,
    }  # fmt: skip


def told(place, uid):
    """Progress as the page shows it."""
    if place.url.startswith("sqlite"):
        file = place.home / "run" / f"{uid}.progress"
        return json.loads(file.read_text())[0] if file.exists() else 0
    return look(place)["done"]


def runs(place):
    file = place.home / "runs.log"
    return file.read_text().splitlines() if file.exists() else []


def test_a_job_whose_worker_is_killed_runs_again_and_its_writes_count_once(installation):
    first = worker_with(installation, "tests.write", name="test", pause=30, only_first=True)
    until(lambda: any(line.startswith("start 1") for line in runs(installation)))
    first.send_signal(signal.SIGKILL)
    first.wait()
    installation.worker()
    until(lambda: "end 2" in runs(installation))
    found = until(lambda: (now := look(installation))["state"] == "done" and now)
    assert found["attempts"] == 2
    assert found["written"] == 1
    assert "end 1" not in runs(installation)


def test_two_workers_never_run_one_job_twice(installation):
    for _number in range(2):
        worker_with(installation, "tests.write", times=15, before=TOGETHER, name="test")
    until(lambda: sum(line.startswith("end") for line in runs(installation)) >= 30)
    found = until(lambda: (now := look(installation))["states"].count("done") == 30 and now)
    assert found["written"] == 30
    starts = [line for line in runs(installation) if line.startswith("start")]
    assert len(starts) == 30
    assert {line.split()[1] for line in starts} == {"1"}


def test_progress_is_seen_and_cancelling_works_while_the_jobs_transaction_is_open(installation):
    worker_with(installation, "tests.write", name="test", pause=60)
    uid = str(UUID(str(until(lambda: installation.rows("SELECT uid FROM core_job WHERE name LIKE 'tests.%'"))[0][0])))
    until(lambda: told(installation, uid) > 0)
    found = look(installation)
    assert (found["state"], found["written"]) == ("running", 0), "the transaction is still open"
    installation.script(
        "from stellwerk.core.jobs import cancel\nfrom stellwerk.core.models import Job\ncancel(Job.objects.get(uid=uid), by=None)",
        uid=uid,
    )
    found = until(lambda: (now := look(installation))["state"] == "cancelled" and now)
    assert found["written"] == 0
    assert "end 1" not in runs(installation)


def test_a_worker_that_is_asked_to_stop_gives_job_and_beat_back_without_losing_an_attempt(installation):
    worker = worker_with(installation, "tests.count", to=400, pause=0.1)
    beats = "SELECT count(*) FROM core_workerbeat"
    until(lambda: runs(installation) and installation.rows(beats) == [(1,)])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    found = look(installation)
    assert (found["state"], found["attempts"]) == ("queued", 0)
    assert installation.rows(beats) == [(0,)]


def test_of_several_schedulers_one_starts_the_job(installation):
    """Four schedulers with connections of their own tick at the same instant; each due time starts one job."""
    started = installation.script(
        """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from django.utils import timezone
from stellwerk.core.jobs import schedule
from stellwerk.core.jobs.registry import JOBS, JobType
from stellwerk.core.models import Schedule

JOBS["tests.tock"] = JobType("tests.tock", print, "Tock", every=dt.timedelta(hours=1))
together = Barrier(4)

def scheduler(_number):
    together.wait()
    try:
        return schedule.tick(now)
    finally:
        connection.close()

found = []
with ThreadPoolExecutor(4) as pool:
    for hour in range(5):
        now = timezone.now() + dt.timedelta(hours=2 * hour)
        Schedule.objects.update_or_create(name="tests.tock", defaults={"every_seconds": 3600, "next_run_at": now})
        found.append(sorted(pool.map(scheduler, range(4))))
tell(found)
"""
    )
    assert started == [[[], [], [], ["tests.tock"]]] * 5
