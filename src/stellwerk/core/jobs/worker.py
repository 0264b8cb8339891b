"""The worker process: takes jobs, keeps the schedule, brings back what killed workers left."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stellwerk.core.jobs import backend, life
from stellwerk.core.jobs.progress import Progress
from stellwerk.core.jobs.registry import QUEUES, WARM_UPS, job
from stellwerk.core.jobs.running import reap, run_one, worker_name
from stellwerk.core.jobs.schedule import sync_schedules, tick
from stellwerk.core.models import Job, JobState, WorkerBeat

log = structlog.get_logger("stellwerk.worker")
POLL = 0.5
BEAT = 15.0
WARM_AFTER = 20.0
"""Seconds after its start in which a worker makes nothing ready yet."""
KEEP_FINISHED = dt.timedelta(days=30)


class Worker:
    """One process, one job at a time; start as many as you like, on as many machines."""

    def __init__(self, queues: tuple[str, ...] = QUEUES, *, once: bool = False, keep: bool = True) -> None:
        self.queues = queues
        self.once = once
        self.keep = keep
        self._stop = threading.Event()
        self._parent = os.getppid() if os.environ.get("STELLWERK_SUPERVISED") else 0

    def run(self) -> int:
        """Work until told to stop (``once``: until nothing is due); returns how many messages were handled."""
        self._listen()
        sync_schedules()
        if self.once:
            reap()
            tick()
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        if not self.once and WARM_UPS:
            threading.Thread(target=self._warm, name="warm-up", daemon=True).start()
        handled = 0
        failures = 0
        while not self._stop.is_set():
            try:
                worked = run_one(self.queues, self._stop.is_set)
                failures = 0
            except DatabaseError:
                failures += 1
                log.exception("database trouble, trying again", failures=failures)
                connection.close()
                self._stop.wait(min(30, failures))
                continue
            handled += worked
            if not worked and self.once:
                break
            if not worked:
                self._stop.wait(POLL)
        self._stop.set()
        keeper.join(timeout=5)
        self._quietly(lambda: WorkerBeat.objects.filter(worker=worker_name()).delete())
        return handled

    def stop(self) -> None:
        self._stop.set()

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            os._exit(128 + number)  # asked twice: leave at once, the lease brings the job back
        self._stop.set()

    def _warm(self) -> None:
        """Once it has been quiet for a moment; what fails here fails again, and is told, when it is needed."""
        if self._stop.wait(WARM_AFTER):
            return
        for function in WARM_UPS:
            try:
                function()
            except Exception:
                log.exception("not made ready", what=getattr(function, "__qualname__", str(function)))

    # ── the second thread ────────────────────────────────────────────────────────────────────────

    def _keep(self) -> None:
        """Beat, schedule, recovery, and a look whether the supervisor still lives."""
        beaten = reaped = 0.0
        pause = min(5.0, settings.JOB_LEASE_SECONDS / 3)
        try:
            while not self._stop.wait(0.5 if not beaten else min(1.0, pause)):
                now = time.monotonic()
                if self._parent and os.getppid() != self._parent:
                    self._stop.set()
                if now - beaten >= BEAT or not beaten:
                    beaten = now
                    self._quietly(beat)
                if self.keep and now - reaped >= pause:
                    reaped = now
                    self._quietly(reap)
                    self._quietly(tick)
        finally:
            connection.close()

    @staticmethod
    def _quietly(action: Callable[[], object]) -> None:
        """The database may be busy for longer than a pulse; the next round does it."""
        try:
            action()
        except DatabaseError as error:
            log.info("housekeeping waits", reason=str(error))
            connection.close()


def beat() -> None:
    """Write this process's sign of life."""
    now = timezone.now()
    hit = WorkerBeat.objects.filter(worker=worker_name()).update(seen_at=now)
    if not hit:
        WorkerBeat.objects.bulk_create(
            [WorkerBeat(worker=worker_name(), seen_at=now, started_at=now)], ignore_conflicts=True
        )


@job("core.housekeeping", title=_("Housekeeping"), daily_at=dt.time(3, 30))
def housekeeping(progress: Progress) -> dict[str, int]:
    """Finished jobs older than 30 days, handled messages, dead workers' beats and old files go."""
    before = timezone.now() - KEEP_FINISHED
    over = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
    jobs = Job.objects.filter(state__in=over, finished_at__lt=before).delete()[0]
    messages = backend.prune(dt.timedelta(days=1))
    WorkerBeat.objects.filter(seen_at__lt=timezone.now() - dt.timedelta(days=1)).delete()
    life.sweep(dt.timedelta(days=7))
    return {"jobs": jobs, "messages": messages}
