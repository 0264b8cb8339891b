"""Background work of earned value: figures and lights after changes, and by the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy

from stellwerk.controlling.services.evm_figures import ALL_JOB, JOB, write_ev_figures
from stellwerk.core.jobs import Progress, job
from stellwerk.planning.models import Plan
from stellwerk.planning.services.aftermath import FOLLOWERS


def write_of_plan(plan: Plan) -> int:
    """Progress was reported: earned value moves with it."""
    return write_ev_figures([plan.project_id])


# Before the plan's own figures: its light looks at the index.
FOLLOWERS.insert(0, write_of_plan)


@job(JOB, title=gettext_lazy("Earned value of a project"), atomic=True)
def ev_figures(progress: Progress, *, project: int) -> dict[str, Any]:
    """Repeatable: the same again writes nothing."""
    return {"figures": write_ev_figures([project])}


@job(ALL_JOB, title=gettext_lazy("Earned value of all projects"), daily_at=dt.time(1, 10), atomic=True)
def ev_daily(progress: Progress) -> dict[str, Any]:
    """Planned value grows with each day, and a light must not grow old while nothing changes."""
    return {"figures": write_ev_figures()}
