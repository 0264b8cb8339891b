"""Selections of investment rounds in the background."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from stellwerk.controlling.services.selection_runs import JOB, compute_run, fail_run
from stellwerk.core.jobs import JobCancelled, Progress, job


@job(JOB, title=gettext_lazy("Selection of proposals"), max_attempts=1)
def select_proposals(progress: Progress, *, run: int) -> dict[str, Any]:
    """Repeatable: an answer replaces the one before. Cancelled, the best set so far is the answer."""
    progress.result_url = reverse("controlling:selection", args=[run])

    def stopped() -> bool:
        try:
            progress.check_cancelled()
        except JobCancelled:
            return True
        return False

    try:
        return compute_run(run, stopped=stopped, step_=progress.step)
    except BaseException:
        fail_run(run)
        raise
