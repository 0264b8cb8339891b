"""Levelling in the background."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import JobCancelled, Progress, job
from stellwerk.core.jobs.registry import register_warm_up
from stellwerk.engine.levelling.people import warm_up
from stellwerk.resources.services.levelling import JOB, compute_run, fail_run


@job(JOB, title=gettext_lazy("Levelling"), max_attempts=1)
def level(progress: Progress, *, run: int) -> dict[str, Any]:
    """Repeatable: a proposal replaces the one before. Cancelled, the best plan so far becomes the proposal."""
    progress.result_url = reverse("resources:levelling-run", args=[run])

    def stopped() -> bool:
        try:
            progress.check_cancelled()
        except JobCancelled:
            return True
        return False

    try:
        return compute_run(run, stopped=stopped, step=progress.step)
    except BaseException:
        fail_run(run)
        raise


register_warm_up(warm_up)
