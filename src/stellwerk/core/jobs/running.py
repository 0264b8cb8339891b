"""Claim, run and finish one job; bring back the jobs of killed workers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.jobs import backend, life
from stellwerk.core.jobs.progress import InlineProgress, JobCancelled, Progress, Pulse, WorkerStopping
from stellwerk.core.jobs.registry import QUEUES, JobType, job_type
from stellwerk.core.models import Job, JobState
from stellwerk.core.models.base import jsonable

log = structlog.get_logger("stellwerk.jobs")

LONGEST_WAIT = dt.timedelta(hours=1)
OVERDUE = dt.timedelta(minutes=2)
_process_name = ""


class LeaseLost(Exception):
    """Another worker has taken the job over: what this one wrote is rolled back."""


def worker_name() -> str:
    """The name of this process in leases and beats."""
    global _process_name
    if not _process_name:
        _process_name = life.new_worker_name()
    return _process_name


def claim(uid: str, worker: str) -> Job | None:
    """Take a waiting job by compare-and-swap; None if somebody else has it, or it is not due any more."""
    now = timezone.now()
    hit = Job.objects.filter(uid=uid, state=JobState.QUEUED, run_after__lte=now).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        worker=worker,
        leased_until=now + life.lease(),
        started_at=now,
        done=0,
        total=0,
        message="",
        error="",
    )
    return Job.objects.select_related("user").get(uid=uid) if hit else None


def execute(uid: str, *, inline: bool = False, stopping: Callable[[], bool] | None = None) -> str:
    """Run one job to its end and return its new state; an empty text if it was not ours to run."""
    job = claim(uid, worker_name())
    if job is None:
        return ""
    progress = InlineProgress(job, stopping) if inline else Progress(job, stopping)
    language = job.user.language if job.user else settings.LANGUAGE_CODE
    with translation.override(language), structlog.contextvars.bound_contextvars(job=job.name, job_uid=uid):
        try:
            state = _attempt(job, progress, inline)
        finally:
            life.forget(uid)
    return state


def _attempt(job: Job, progress: Progress, inline: bool) -> str:
    try:
        kind = job_type(job.name)
        if inline:
            _work(kind, job, progress)
        else:
            with Pulse(progress):
                _work(kind, job, progress)
    except JobCancelled:
        return _settle(progress, state=JobState.CANCELLED, finished_at=timezone.now())
    except WorkerStopping:
        return _again(job, progress, wait=dt.timedelta(0), attempts=F("attempts") - 1)
    except LeaseLost:
        log.warning("lease lost")
        return ""
    except Refused as refusal:
        return _fail(job, progress, str(refusal))
    except Exception as error:
        log.exception("job failed", attempt=job.attempts)
        text = f"{type(error).__name__}: {error}"
        if job.attempts >= job.max_attempts:
            return _fail(job, progress, text)
        return _again(job, progress, wait=back_off(job), error=text[:4000])
    return JobState.DONE


def _work(kind: JobType, job: Job, progress: Progress) -> None:
    if kind.atomic:
        with transaction.atomic():
            _finish(progress, kind.function(progress, **job.arguments))
    else:
        _finish(progress, kind.function(progress, **job.arguments))


def _finish(progress: Progress, result: Any) -> None:
    hit = Job.objects.filter(**progress.mine()).update(
        state=JobState.DONE,
        done=progress.total or progress.done,
        total=progress.total,
        message=progress.message,
        result=jsonable(result),
        result_url=progress.result_url[:300],
        leased_until=None,
        finished_at=timezone.now(),
    )
    if not hit:
        raise LeaseLost


def _settle(progress: Progress, **values: Any) -> str:
    hit = Job.objects.filter(**progress.mine()).update(
        done=progress.done, total=progress.total, message=progress.message, leased_until=None, **values
    )
    return str(values["state"]) if hit else ""


def _fail(job: Job, progress: Progress, text: str) -> str:
    with transaction.atomic():
        state = _settle(progress, state=JobState.FAILED, error=text[:4000], finished_at=timezone.now())
        if state:
            _tell_failure(job, text)
    return state


def _again(job: Job, progress: Progress, *, wait: dt.timedelta, **values: Any) -> str:
    with transaction.atomic():
        job.run_after = timezone.now() + wait
        state = _settle(progress, state=JobState.QUEUED, worker="", run_after=job.run_after, **values)
        if state:
            backend.deliver(job, job_type(job.name).queue)
    return state


def _tell_failure(job: Job, text: str) -> None:
    """Whoever started it hears of it, also when the page is closed."""
    from django.urls import reverse

    from stellwerk.core.notify import notify

    if job.user is None or not job.user.is_active:
        return
    notify(
        [job.user],
        kind="job.failed",
        title=lambda: _("Failed: %(title)s") % {"title": job.title},
        text=text[:500],
        url=reverse("jobs:detail", args=[job.uid]),
        dedupe=f"job-{job.uid}",
    )


def back_off(job: Job) -> dt.timedelta:
    """10 s, 20 s, 40 s … (per job type), at most an hour, spread by a fifth so that retries do not meet."""
    seconds = job_type(job.name).back_off * 2 ** (job.attempts - 1) * random.uniform(0.9, 1.1)  # noqa: S311
    return min(dt.timedelta(seconds=seconds), LONGEST_WAIT)


# ── recovery ─────────────────────────────────────────────────────────────────────────────────────


def reap() -> int:
    """Bring back jobs whose worker gives no sign of life, and waiting jobs whose message was lost; returns how many."""
    now = timezone.now()
    found = 0
    for job in Job.objects.filter(state=JobState.RUNNING).select_related("user"):
        overdue = job.leased_until is None or job.leased_until < now
        if (overdue and not life.alive(job)) or life.gone(job):
            found += _recover(job)
    if not backend.waiting():  # while messages wait, the workers are just busy
        for job in Job.objects.filter(state=JobState.QUEUED, run_after__lt=now - OVERDUE)[:200]:
            found += _redeliver(job, now)
    return found


def _recover(job: Job) -> int:
    owner = {"pk": job.pk, "state": JobState.RUNNING, "worker": job.worker, "attempts": job.attempts}
    log.warning("worker of job is gone", job=job.name, job_uid=str(job.uid), worker=job.worker, attempt=job.attempts)
    language = job.user.language if job.user else settings.LANGUAGE_CODE
    with transaction.atomic(), translation.override(language):
        if job.attempts >= job.max_attempts or job.cancel_requested:
            text = _("The worker stopped in the middle of this job %(count)s times.") % {"count": job.attempts}
            state = JobState.CANCELLED if job.cancel_requested else JobState.FAILED
            hit = Job.objects.filter(**owner, leased_until=job.leased_until).update(
                state=state, error=text, leased_until=None, finished_at=timezone.now()
            )
            if hit and state == JobState.FAILED:
                _tell_failure(job, text)
        else:
            job.run_after = timezone.now()
            hit = Job.objects.filter(**owner, leased_until=job.leased_until).update(
                state=JobState.QUEUED, worker="", leased_until=None, run_after=job.run_after
            )
            if hit:
                backend.deliver(job, _queue_of(job))
    if hit:
        life.forget(str(job.uid))
    return hit


def _redeliver(job: Job, now: dt.datetime) -> int:
    """A waiting job long past its time: send its message again (a second delivery does no harm)."""
    with transaction.atomic():
        hit = Job.objects.filter(pk=job.pk, state=JobState.QUEUED, run_after=job.run_after).update(run_after=now)
        if hit:
            job.run_after = now
            backend.deliver(job, _queue_of(job))
    return hit


def _queue_of(job: Job) -> str:
    try:
        return job_type(job.name).queue
    except KeyError:
        return QUEUES[0]


# ── without a worker process ─────────────────────────────────────────────────────────────────────


def run_pending(limit: int = 100) -> int:
    """Run what is due here and now, in this process and connection (tests, commands); returns how many ran."""
    ran = 0
    while ran < limit:
        taken = backend.take(QUEUES, worker_name())
        if taken is None:
            break
        uid, row = taken
        ran += bool(execute(uid, inline=True))
        backend.settle(row)
    return ran


def run_one(queues: tuple[str, ...], stopping: Callable[[], bool]) -> bool:
    """A worker's turn: take one message and run its job; False when there is nothing to do."""
    close_old_connections()
    taken = backend.take(queues, worker_name())
    if taken is None:
        return False
    uid, row = taken
    try:
        execute(uid, stopping=stopping)
    finally:
        close_old_connections()
        backend.settle(row)
    return True
