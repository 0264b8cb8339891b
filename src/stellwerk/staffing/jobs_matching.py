"""Questions that nobody answered: reminders, and the end after a week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.staffing.services.contacting import expire_due, remind_due


@job("staffing.answers", title=gettext_lazy("Reminders of unanswered questions"), every=dt.timedelta(hours=1))
def answers_due(progress: Progress) -> dict[str, Any]:
    """Repeatable: each question is reminded of once and expires once."""
    now = timezone.now()
    return {"expired": expire_due(now), "reminded": remind_due(now)}
