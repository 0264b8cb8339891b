"""Bookings by the clock: reservations end, firm bookings begin and are completed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.resources.notices import remind_reserved
from stellwerk.resources.services.allocations import begin_due, complete_due, expire_due


@job("resources.bookings_daily", title=gettext_lazy("Reservations and bookings by the day"), daily_at=dt.time(0, 40))
def bookings_daily(progress: Progress) -> dict[str, Any]:
    """Repeatable: each step looks at what is due and leaves what somebody has answered meanwhile."""
    today = timezone.localdate()
    found = {"expired": expire_due(today)}
    progress.step(1, 4)
    found["begun"] = begin_due(today)
    progress.step(2, 4)
    found["completed"] = complete_due(today)
    progress.step(3, 4)
    found["reminded"] = remind_reserved(today)
    progress.step(4, 4)
    return found
