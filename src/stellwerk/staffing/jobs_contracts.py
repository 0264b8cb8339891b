"""Contracts by the day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.staffing.selectors.contracts import limits
from stellwerk.staffing.services.contracts_clock import begin_due, end_due, warn_due


@job("staffing.contracts_daily", title=gettext_lazy("Contracts by the day"), daily_at=dt.time(0, 50))
def contracts_daily(progress: Progress) -> dict[str, Any]:
    """Repeatable: each step looks at what is due; a warning is told once."""
    today = timezone.localdate()
    found = {"ended": end_due(today)}
    progress.step(1, 3)
    found["begun"] = begin_due(today)
    progress.step(2, 3)
    found["warned"] = warn_due(today, limits())
    progress.step(3, 3)
    return found
