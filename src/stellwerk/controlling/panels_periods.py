"""What waits for the controller on My day: the month whose close is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.models import Period
from stellwerk.controlling.period_words import month_text
from stellwerk.controlling.selectors.periods import PLAN, working_day
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Duty, register_duties, url_of


@register_duties("task")
def months_to_close(user: User) -> Iterable[Duty]:
    """Months that are over and not closed, each with the working day on which the close is due."""
    if not can(user, "close", "controlling.period"):
        return
    over: dt.date = timezone.localdate().replace(day=1)
    rows = visible_rows(user, Period.objects.filter(month__lt=over), "close").exclude(state="closed")
    for period in rows.select_related("organisation").order_by("month")[:10]:
        yield Duty(
            _("Close %(month)s") % {"month": month_text(period.month)}, str(period.organisation), url_of(period), icon="calendar-event",
            due=working_day(period.organisation, period.month, PLAN["snapshot"][0]), button=_("Continue"),
        )  # fmt: skip
