"""Reasons and findings of the engine in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.engine.network import Reason
from stellwerk.planning.models import Link, Plan

ELAPSED_DAY = 1440
REASONS: dict[Reason, Text] = {
    Reason.PROJECT_START: gettext_lazy("start of the plan"),
    Reason.DATA_DATE: gettext_lazy("data date: open work lies after it"),
    Reason.CONSTRAINT: gettext_lazy("its constraint"),
    Reason.DURATION: gettext_lazy("its duration and calendar"),
    Reason.ACTUAL: gettext_lazy("actual date"),
    Reason.AS_LATE_AS_POSSIBLE: gettext_lazy("as late as possible"),
    Reason.SUMMARY: gettext_lazy("the rows below it"),
    Reason.LINK: gettext_lazy("a link"),
}
LINKS: dict[str, Text] = {
    "FS": gettext_lazy("finish–start after %(name)s"),
    "SS": gettext_lazy("start–start with %(name)s"),
    "FF": gettext_lazy("finish–finish with %(name)s"),
    "SF": gettext_lazy("start–finish with %(name)s"),
}
FINDINGS: dict[str, Text] = {
    "start_too_late": gettext_lazy("starts later than its constraint allows"),
    "finish_too_late": gettext_lazy("finishes later than its constraint allows"),
    "deadline_missed": gettext_lazy("misses its deadline"),
    "project_too_late": gettext_lazy("finishes after the date by which the plan must finish"),
    "out_of_sequence": gettext_lazy("began before its predecessor allowed it"),
    "link_broken": gettext_lazy("lies where it must, before a predecessor allows it"),
    "actual_after_data_date": gettext_lazy("has an actual date after the data date"),
}


def reason_text(reason: Reason | None, link: Link | None, plan: Plan, day: int, user: User | None = None) -> str:
    """Why a date is what it is; a link names its predecessor, with the project where that is another one.

    ``day``: minutes of a working day of the row that the reason is for. What ``user`` may not see stays nameless (None: the
    house itself asks).
    """
    if reason is None:
        return ""
    if reason == Reason.LINK and link is not None:
        name = str(link.predecessor)
        if link.predecessor.plan_id != plan.pk:
            seen = can(user, "view", link.predecessor.plan)
            name = f"{link.predecessor.plan.key}: {name}" if seen else _("an activity of another project")
        text = str(LINKS[link.type]) % {"name": name}
        return f"{text}, {lag_text(link, day)}" if link.lag else text
    return str(REASONS[reason])


def lag_text(link: Link, day: int) -> str:
    """``Abstand +2 AT``: a lag in days of the successor's calendar (``day``: its minutes of a working day), in hours where it is not whole days.

    Elapsed lags count days of 24 hours.
    """
    day = ELAPSED_DAY if link.lag_elapsed else day
    if link.lag % day == 0:
        days = formats.number(link.lag // day, sign=True)
        text = _("lag %(days)s d elapsed") if link.lag_elapsed else _("lag %(days)s WD")
        return text % {"days": days}
    hours = formats.number(link.lag / 60, 0 if link.lag % 60 == 0 else 1, sign=True)
    return (_("lag %(hours)s h elapsed") if link.lag_elapsed else _("lag %(hours)s h")) % {"hours": hours}


def finding_text(code: str) -> str:
    return str(FINDINGS.get(code, code))
