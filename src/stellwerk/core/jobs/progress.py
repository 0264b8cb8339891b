"""What a running job tells, and how it learns that it should stop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.utils import timezone

from stellwerk.core.errors import Text
from stellwerk.core.jobs import life
from stellwerk.core.models import Job, JobState, User

PULSE = 1.0
QUIET = 0.25


class JobCancelled(Exception):
    """Raised inside a job by :meth:`Progress.check_cancelled`; let it pass."""


class WorkerStopping(Exception):
    """The worker is shutting down: the job goes back to the queue and loses no attempt."""


class Progress:
    """Given to every job. ``user`` is who started it (None: Stellwerk itself), ``uid`` names the job."""

    def __init__(self, job: Job, stopping: Callable[[], bool] | None = None) -> None:
        self.uid = str(job.uid)
        self.user: User | None = job.user
        self.attempt = job.attempts
        self.worker = job.worker
        self.done, self.total, self.message = 0, 0, ""
        self.result_url = ""
        self._stopping = stopping or (lambda: False)
        self._cancelled = threading.Event()
        self._lost = threading.Event()

    def step(self, done: int, total: int | None = None, message: Text = "") -> None:
        """Tell how far the work is; cheap, call it as often as you like."""
        self.done = int(done)
        if total is not None:
            self.total = int(total)
        if message:
            self.message = str(message)[:300]

    def check_cancelled(self) -> None:
        """Stop here if the owner cancelled, the worker shuts down, or another worker has taken over."""
        if self._cancelled.is_set():
            raise JobCancelled
        if self._stopping() or self._lost.is_set():
            raise WorkerStopping

    # ── for the runner ───────────────────────────────────────────────────────────────────────────

    def mine(self) -> dict[str, object]:
        """The condition under which this attempt still owns the job."""
        return {"uid": self.uid, "worker": self.worker, "attempts": self.attempt, "state": JobState.RUNNING}


class InlineProgress(Progress):
    """Runs in the caller's own process and connection (tests, ``run_pending``): writes at once, a few times a second."""

    _written = 0.0

    def step(self, done: int, total: int | None = None, message: Text = "") -> None:
        super().step(done, total, message)
        now = time.monotonic()
        if now - self._written >= QUIET:
            self._written = now
            Job.objects.filter(uid=self.uid).update(done=self.done, total=self.total, message=self.message)

    def check_cancelled(self) -> None:
        if life.asked_to_stop(self.uid) or Job.objects.filter(uid=self.uid, cancel_requested=True).exists():
            raise JobCancelled
        super().check_cancelled()


class Pulse(threading.Thread):
    """Publishes progress and renews the lease once a second while a job runs; learns of cancelling."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(name=f"pulse-{progress.uid[:8]}", daemon=True)
        self._progress = progress
        self._over = threading.Event()
        self._told: tuple[int, int, str] | None = None
        self._renewed = 0.0

    def __enter__(self) -> Pulse:
        if life.by_files():
            self._by_file()
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self.join(timeout=10)

    def run(self) -> None:
        beat = self._by_file if life.by_files() else self._by_row
        try:
            while not self._over.wait(PULSE):
                with contextlib.suppress(DatabaseError, OSError):
                    beat()
        finally:
            connection.close()

    def _by_file(self) -> None:
        progress = self._progress
        life.write_sign(progress.uid, progress.done, progress.total, progress.message)
        if life.asked_to_stop(progress.uid):
            progress._cancelled.set()

    def _by_row(self) -> None:
        progress = self._progress
        now = time.monotonic()
        told = (progress.done, progress.total, progress.message)
        rows = Job.objects.filter(**progress.mine())
        if told != self._told or now - self._renewed > life.lease().total_seconds() / 4:
            done, total, message = told
            hit = rows.update(done=done, total=total, message=message, leased_until=timezone.now() + life.lease())
            if not hit:
                progress._lost.set()
            self._told, self._renewed = told, now
        if rows.filter(cancel_requested=True).exists():
            progress._cancelled.set()
