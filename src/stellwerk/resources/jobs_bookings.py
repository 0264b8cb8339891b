"""Bookings by the clock: reservations end, firm bookings begin and are completed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.jobs import Progress, job
from stellwerk.resources.notices import remind_reserved
from stellwerk.resources.services.allocations import begin_due, complete_due, expire_due
from stellwerk.resources.services.cover_figures import write_cover


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


@job(
    "resources.cover_daily", title=gettext_lazy("Staffing cover of all projects"), daily_at=dt.time(1, 25), atomic=True
)
def cover_daily(progress: Progress) -> dict[str, Any]:
    """After reservations have ended and bookings have begun: the window of eight weeks moves with the day."""
    return {"figures": write_cover()}
