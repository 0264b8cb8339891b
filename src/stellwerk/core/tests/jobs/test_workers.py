"""Real worker processes: killed, doubled, cancelled, stopped."""

import json
import signal
import time

import pytest

from stellwerk.core.tests.installation import until

pytestmark = pytest.mark.slow

QUEUE = """
from stellwerk.core.jobs import enqueue
tell([str(enqueue(name, arguments).uid) for _ in range(times)])
"""


def queue(place, job, times=1, **arguments):
    return place.script(QUEUE, name=job, arguments=arguments, times=times)


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
    queue(installation, "tests.write", name="test", pause=30, only_first=True)
    first = installation.worker()
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
    queue(installation, "tests.write", times=30, name="test")
    for _number in range(2):
        installation.worker("Worker().run()")
    until(lambda: sum(line.startswith("end") for line in runs(installation)) >= 30)
    found = until(lambda: (now := look(installation))["states"].count("done") == 30 and now)
    assert found["written"] == 30
    starts = [line for line in runs(installation) if line.startswith("start")]
    assert len(starts) == 30
    assert {line.split()[1] for line in starts} == {"1"}


def test_progress_is_seen_and_cancelling_works_while_the_jobs_transaction_is_open(installation):
    uid = queue(installation, "tests.write", name="test", pause=60)[0]
    installation.worker()
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


def test_a_worker_that_is_asked_to_stop_gives_its_job_back_without_losing_an_attempt(installation):
    queue(installation, "tests.count", to=400, pause=0.1)
    worker = installation.worker()
    until(lambda: runs(installation))
    time.sleep(0.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    found = look(installation)
    assert (found["state"], found["attempts"]) == ("queued", 0)


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


def test_a_worker_shows_a_beat_and_takes_it_back_when_it_stops(installation):
    worker = installation.worker()
    count = "SELECT count(*) FROM core_workerbeat"
    until(lambda: installation.rows(count) == [(1,)])
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=20)
    assert installation.rows(count) == [(0,)]
