"""Background jobs: a thin layer over Django's task API. See ``docs/architecture.md`` for how a room adds one.

::

    @job("portfolio.apply_import", title=_("Import a portfolio"), atomic=True)
    def apply_import(progress: Progress, *, change_set: int) -> dict[str, int]:
        for number, row in enumerate(rows, start=1):
            progress.check_cancelled()
            progress.step(number, len(rows), _("Writing projects"))

    enqueue("portfolio.apply_import", {"change_set": 7}, user=user, unique_key="import-7")

**Progress and transactions.** ``step`` only remembers; a second thread publishes about once a second, on PostgreSQL
through a connection of its own, on the embedded database through a small file in the data folder (one writer at a time:
while a job's transaction runs nobody else can write there). So progress and cancelling work inside a long transaction
on both databases. On the embedded database a long transaction keeps everybody else from saving: commit in
chunks, or stay well under the 30 seconds that others wait.

**Once.** A job may start again after its worker was killed. Either it is repeatable, or it is registered with
``atomic=True``: then its writes and its mark "done" are one commit, and a worker that lost its lease commits nothing.
"""

from stellwerk.core.jobs.progress import JobCancelled, Progress
from stellwerk.core.jobs.queueing import cancel, enqueue, retry
from stellwerk.core.jobs.registry import JOBS, JobType, job
from stellwerk.core.jobs.running import run_pending

__all__ = ["JOBS", "JobCancelled", "JobType", "Progress", "cancel", "enqueue", "job", "retry", "run_pending"]
