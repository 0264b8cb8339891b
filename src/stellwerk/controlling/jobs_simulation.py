"""The background job of schedule and cost risk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from stellwerk.controlling.services.simulation import JOB, compute_run, fail_run
from stellwerk.core.jobs import JobCancelled, Progress, job


@job(JOB, title=gettext_lazy("Simulation"), max_attempts=1)
def simulate(progress: Progress, *, run: int) -> dict[str, Any]:
    """Repeatable. Cancelled, the iterations that are done become the result."""

    def stopped() -> bool:
        try:
            progress.check_cancelled()
        except JobCancelled:
            return True
        return False

    try:
        progress.result_url = reverse("controlling:simulation-run", args=[run])
        return compute_run(run, stopped=stopped, step=progress.step)
    except BaseException:
        fail_run(run)
        raise
