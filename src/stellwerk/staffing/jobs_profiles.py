"""Profiles by the day: reminders, consents that end, erasures that are due, what was never confirmed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.staffing.services import consents, erasing, readings, registrations


@job("staffing.profiles_daily", title=gettext_lazy("Consents and erasure of profiles"), daily_at=dt.time(1, 10))
def profiles_daily(progress: Progress) -> dict[str, Any]:
    """Repeatable: each step looks at what is due, a reminder is sent once for each consent."""
    now, today = timezone.now(), timezone.localdate()
    found = {"reminded": consents.remind_due(today)}
    progress.step(1, 4)
    found["expired"] = consents.expire_due(today)
    progress.step(2, 4)
    found["erased"] = erasing.erase_due(today)
    progress.step(3, 4)
    found["forgotten"] = registrations.forget_old(now) + readings.forget(now - dt.timedelta(days=30))
    progress.step(4, 4)
    return found
