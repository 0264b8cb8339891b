"""Background work of plans: figures after changes, figures and forecasts by the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.planning import jobs_exchange, jobs_print  # noqa: F401 - register their jobs
from stellwerk.planning.models import Plan
from stellwerk.planning.services.aftermath import AFTERMATH, FOLLOWERS, after_change
from stellwerk.planning.services.figures import OVER, write_plan_figures
from stellwerk.planning.services.forecasts import capture_forecasts, reports_on
from stellwerk.portfolio.models import Portfolio, Project


@job(AFTERMATH, title=gettext_lazy("What follows from a changed plan"), atomic=True)
def aftermath(progress: Progress, *, plan: int) -> dict[str, Any]:
    """Compute the plans that depend on this one anew, and write its figures; repeatable."""
    return after_change(plan)


FOLLOWERS.append(write_plan_figures)


@job("planning.figures", title=gettext_lazy("Figures of a plan"))
def plan_figures(progress: Progress, *, plan: int) -> dict[str, Any]:
    """Repeatable. Changes that arrive while it runs are counted too: it looks again until nothing is newer."""
    written = 0
    seen = None
    while (row := Plan.objects.filter(pk=plan).first()) is not None and row.revision != seen:
        progress.check_cancelled()
        seen = row.revision
        written += write_plan_figures(row)
    return {"figures": written}


@job("planning.figures_daily", title=gettext_lazy("Figures of all plans"), daily_at=dt.time(1, 20))
def all_figures(progress: Progress) -> dict[str, Any]:
    """What is late or overdue changes with the day, and a light must not grow old while nothing changes."""
    plans = list(Plan.objects.filter(project__archived_at=None).exclude(project__phase__in=OVER).order_by("pk"))
    written = 0
    for number, plan in enumerate(plans, start=1):
        progress.check_cancelled()
        written += write_plan_figures(plan)
        progress.step(number, len(plans))
    return {"plans": len(plans), "figures": written}


@job("planning.forecasts", title=gettext_lazy("Forecasts of milestones"), daily_at=dt.time(12, 5))
def daily_forecasts(progress: Progress) -> dict[str, Any]:
    """Capture for portfolios whose reporting date is today; what a reporting cycle froze at noon stays."""
    today = timezone.localdate()
    captured = 0
    portfolios = (
        Portfolio.objects.filter(archived_at=None).exclude(cycle_anchor=None).select_related("unit__organisation")
    )
    for portfolio in portfolios:
        progress.check_cancelled()
        if reports_on(portfolio, today):
            projects = Project.objects.filter(portfolio=portfolio, archived_at=None).exclude(phase__in=OVER)
            captured += capture_forecasts(projects=projects.values_list("pk", flat=True), date=today, replace=False)
    return {"forecasts": captured}
