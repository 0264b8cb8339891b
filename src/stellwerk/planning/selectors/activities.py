"""One activity as its page shows it, and what waits for a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.engine.network import Reason
from stellwerk.planning.choices import UNDATED
from stellwerk.planning.models import Activity, Link
from stellwerk.planning.selectors.calendars import Clock, clock_of, clock_of_all
from stellwerk.planning.selectors.words import finding_text, lag_text, reason_text

SOON = dt.timedelta(days=7)
MOST_TASKS = 8
OVER = ("closed", "stopped", "on_hold")


@dataclass(frozen=True)
class Neighbour:
    """A linked activity: ``other`` is None where the reader may not see its project."""

    other: Activity | None
    type: str
    lag: str
    elsewhere: bool


def days_of(minutes: int | None, activity: Activity, clock: Clock) -> str:
    """Working minutes as working days of the activity's calendar."""
    if minutes is None:
        return formats.NO_DATA
    days = Decimal(minutes) / clock.day(clock.of(activity.calendar_id, elapsed=activity.elapsed))
    return formats.number(days, 0 if days == days.to_integral_value() else 1)


def facts_of(activity: Activity, user: User) -> list[tuple[str, str]]:
    """Label and value of what the plan says of an activity."""
    clock = clock_of(activity.plan)
    unit = f"{formats.NBSP}{_('WD')}"

    def date(value: dt.datetime | None) -> str:
        return formats.day(value.date() if value else None)

    rows = [
        (_("Start"), date(activity.start)),
        (_("Finish"), date(activity.finish)),
        (_("Duration"), days_of(activity.duration, activity, clock) + unit),
        (_("Total float"), days_of(activity.total_float, activity, clock) + unit),
        (_("Driven by"), _why(activity, clock, user)),
        (_("% complete"), formats.number(activity.percent) + f"{formats.NBSP}%"),
    ]
    if activity.actual_start:
        rows.append((_("Actual start"), date(activity.actual_start)))
        rows.append((_("Remaining duration"), days_of(activity.remaining, activity, clock) + unit))
    if activity.actual_finish:
        rows.append((_("Actual finish"), date(activity.actual_finish)))
    if activity.constraint not in UNDATED:
        rows.append((_("Constraint"), f"{activity.get_constraint_display()} {date(activity.constraint_date)}"))
    if activity.deadline:
        rows.append((_("Deadline"), date(activity.deadline)))
    if activity.work is not None:
        rows.append((_("Effort"), formats.number(activity.work, 1) + f"{formats.NBSP}h"))
    rows.append((_("EV method"), str(activity.get_ev_method_display())))
    if activity.responsible:
        rows.append((_("Responsible"), str(activity.responsible)))
    return rows


def _why(activity: Activity, clock: Clock, user: User) -> str:
    link = Link.objects.filter(pk=activity.driver or 0).select_related("predecessor__plan__project").first()
    reason = None if activity.reason is None else Reason(activity.reason)
    day = clock.day(clock.of(activity.calendar_id, elapsed=activity.elapsed))
    return reason_text(reason, link, activity.plan, day, user) or formats.NO_DATA


def findings_of(activity: Activity) -> list[str]:
    return [finding_text(code) for code in activity.finding.split(",") if code]


def neighbours_of(activity: Activity, user: User) -> tuple[list[Neighbour], list[Neighbour]]:
    """What comes before and after, with the projects that the reader may not see left nameless."""
    rows = Link.objects.filter(Q(successor=activity) | Q(predecessor=activity)).select_related(
        "predecessor__plan__project", "successor__plan__project"
    )
    before: list[Neighbour] = []
    after: list[Neighbour] = []
    links = list(rows.order_by("pk"))
    plans = {link.successor.plan_id: link.successor.plan for link in links if link.lag}
    clock = clock_of_all(plans.values()) if plans else None
    for link in links:
        incoming = link.successor_id == activity.pk
        other = link.predecessor if incoming else link.successor
        elsewhere = other.plan_id != activity.plan_id
        seen = not elsewhere or can(user, "view", other.plan)
        lag = lag_text(link, _day_of(link.successor, clock)) if clock is not None and link.lag else ""
        row = Neighbour(other if seen else None, str(link.get_type_display()), lag, elsewhere)
        (before if incoming else after).append(row)
    return before, after


def _day_of(activity: Activity, clock: Clock) -> int:
    """Minutes of a working day of an activity of any plan of the clock."""
    own = clock.with_default(activity.plan.calendar_id)
    return own.day(own.of(activity.calendar_id, elapsed=activity.elapsed))


def tasks_of(user: User, today: dt.date) -> list[Activity]:
    """What this user is responsible for and should say something about: begun too late, finished too late, or ending within a week."""
    now, soon = dt.datetime.combine(today, dt.time()), dt.datetime.combine(today + SOON, dt.time())
    rows = Activity.objects.filter(responsible__user=user, summary=False, active=True, plan__project__archived_at=None)
    rows = rows.filter(Q(finish__lte=soon) | Q(start__lte=now, percent=0))
    rows = rows.exclude(state__in=("completed", "cancelled")).exclude(plan__project__phase__in=OVER)
    return list(rows.select_related("plan__project").order_by("finish", "pk")[:MOST_TASKS])
