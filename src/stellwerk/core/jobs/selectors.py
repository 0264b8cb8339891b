"""What users see of background jobs."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.core.jobs import life
from stellwerk.core.jobs.backend import waiting
from stellwerk.core.jobs.queueing import may_control
from stellwerk.core.models import Job, JobState, User
from stellwerk.core.permissions import roles_of

# The words of the shell's progress component.
_PUBLIC = {JobState.QUEUED: "waiting", JobState.RUNNING: "running", JobState.DONE: "done", JobState.FAILED: "failed", JobState.CANCELLED: "cancelled"}  # fmt: skip


def jobs_for(user: User, everybody: bool = False) -> models.QuerySet[Job]:
    """The user's own jobs, newest first; an administrator may ask for everybody's."""
    rows = Job.objects.select_related("user")
    if everybody and "administrator" in roles_of(user):
        return rows
    return rows.filter(user=user)


def job_for(user: User, uid: uuid.UUID) -> Job:
    """One job that the user may see, with its newest progress."""
    job = Job.objects.select_related("user").filter(uid=uid).first()
    if job is None or not may_control(job, user):
        raise Http404(_("This page does not exist, or you may not see it."))
    return life.with_sign(job)


def as_json(job: Job) -> dict[str, Any]:
    """What the progress component polls."""
    state = _PUBLIC[JobState(job.state)]
    message = job.message
    if job.state == JobState.QUEUED:
        message = _("Waiting for a new attempt") if job.attempts else pgettext("job", "Waiting for a free worker")
    elif job.state == JobState.FAILED:
        message = job.error
    elif job.state == JobState.CANCELLED:
        message = pgettext("job", "Cancelled")
    return {
        "uid": str(job.uid),
        "title": job.title,
        "state": state,
        "done": job.done,
        "total": job.total,
        "message": message,
        "result_url": job.result_url if job.state == JobState.DONE else "",
        "attempts": job.attempts,
        "ahead": waiting() if job.state == JobState.QUEUED else 0,
    }
