"""Put work into the queue, inside the caller's transaction; cancel it; start it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core.errors import NotAllowed, Refused
from stellwerk.core.jobs import backend, life
from stellwerk.core.jobs.registry import job_type
from stellwerk.core.models import Job, JobState, User
from stellwerk.core.permissions import roles_of

UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def enqueue(
    name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    user: User | None = None,
    unique_key: str = "",
    title: str = "",
    run_after: dt.datetime | None = None,
) -> Job:
    """Queue a registered job; it starts only if the caller's transaction commits.

    ``unique_key``: while an unfinished job with this key exists, that one is returned and nothing is queued.
    """
    kind = job_type(name)
    with transaction.atomic():
        if unique_key and (existing := _unfinished(unique_key)):
            return existing
        language = user.language if user else translation.get_language()
        with translation.override(language):
            shown = title or str(kind.title)
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    name=name,
                    title=shown[:200],
                    arguments=dict(arguments or {}),
                    user=user,
                    unique_key=unique_key,
                    max_attempts=kind.max_attempts,
                    run_after=run_after or timezone.now(),
                )
        except IntegrityError:
            existing = _unfinished(unique_key)
            if existing is None:
                raise
            return existing
        backend.deliver(job, kind.queue)
    return job


def _unfinished(unique_key: str) -> Job | None:
    return Job.objects.filter(unique_key=unique_key, state__in=UNFINISHED).first()


def may_control(job: Job, user: User) -> bool:
    """Whose job it is, or an administrator."""
    return job.user_id == user.pk or "administrator" in roles_of(user)


def cancel(job: Job, *, by: User | None) -> Job:
    """Cancel a job: at once while it waits, at its next checkpoint while it runs. Errors: ``NotAllowed``, ``Refused``."""
    if by is not None and not may_control(job, by):
        raise NotAllowed
    job.refresh_from_db()
    if job.state == JobState.QUEUED:
        Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
            state=JobState.CANCELLED, finished_at=timezone.now()
        )
        job.refresh_from_db()
    elif job.finished:
        raise Refused(_("This job is over already."), _("There is nothing left to cancel."), code="finished")
    if job.state == JobState.RUNNING and life.by_files():
        life.ask_to_stop(str(job.uid))  # no write to the database: the job's own transaction may hold it
    elif job.state == JobState.RUNNING:
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True)
    return job


def retry(job: Job, *, by: User | None) -> Job:
    """Start a failed or cancelled job again as a new one. Errors: ``NotAllowed``, ``Refused``."""
    if by is not None and not may_control(job, by):
        raise NotAllowed
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise Refused(_("Only a failed or cancelled job can be started again."), code="not_failed")
    return enqueue(job.name, job.arguments, user=job.user, unique_key=job.unique_key, title=job.title)
