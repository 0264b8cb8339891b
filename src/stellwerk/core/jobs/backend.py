"""The only file that knows the engine behind the task API (django-tasks-db); exchange it here.

The engine carries one kind of message, "run job <uid>", inside the caller's transaction, and hands each message to one
worker. Attempts, leases and states live in :class:`~stellwerk.core.models.Job`; a message delivered twice does no harm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction, is_locked_database_exception

from stellwerk.core.models import Job


@task()
def run_job(uid: str) -> None:
    """The one task of all jobs; a worker of any engine of the same task API can run it."""
    from stellwerk.core.jobs.running import execute

    execute(uid)


def deliver(job: Job, queue: str) -> None:
    """Send the message that starts ``job`` at ``job.run_after``; part of the caller's transaction."""
    later = job.run_after if job.run_after > timezone.now() else None
    run_job.using(queue_name=queue, run_after=later).enqueue(str(job.uid))


def take(queues: Sequence[str], worker: str) -> tuple[str, DBTaskResult[Any, Any]] | None:
    """The next message for this worker: the job's uid and the engine's own row; None when there is nothing to do."""
    ready = DBTaskResult.objects.ready().filter(queue_name__in=queues)
    if not ready.exists():
        return None
    try:
        with exclusive_transaction(ready.db):
            row = ready.get_locked()
            if row is None:
                return None
            row.claim(worker[:64])
    except OperationalError as error:
        if is_locked_database_exception(error):
            return None
        raise
    return str(row.args_kwargs["args"][0]), row


def settle(row: DBTaskResult[Any, Any]) -> None:
    """The message was handled, whatever became of the job."""
    row.set_successful(None)


def waiting(queues: Sequence[str] | None = None) -> int:
    """Messages that could be handled now."""
    ready = DBTaskResult.objects.ready()
    return (ready.filter(queue_name__in=queues) if queues else ready).count()


def prune(age: dt.timedelta) -> int:
    """Drop messages that were handled, or whose worker died with them, before ``age``."""
    old = DBTaskResult.objects.exclude(status=TaskResultStatus.READY).filter(enqueued_at__lt=timezone.now() - age)
    return old.delete()[0]
