"""Saved searches of the job board by the day: what is new, and what has ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.staffing.models import SavedSearch
from stellwerk.staffing.services import saved_searches


@job("staffing.saved_searches", title=gettext_lazy("Mail about new vacancies"), daily_at=dt.time(6, 30))
def saved_searches_daily(progress: Progress) -> dict[str, Any]:
    """Repeatable: each search remembers until when it has been told."""
    now = timezone.now()
    found = {"ended": saved_searches.forget(now), "mails": 0, "ads": 0}
    rows = list(SavedSearch.objects.exclude(confirmed_at=None).order_by("pk"))
    for number, row in enumerate(rows, start=1):
        count = saved_searches.tell(search=row, now=now)
        found["ads"] += count
        found["mails"] += bool(count)
        progress.step(number, len(rows))
    return found
