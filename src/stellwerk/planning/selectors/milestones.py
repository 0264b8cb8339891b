"""Milestones with their baselines, their forecasts at each reporting date, and the trend that follows (domain.md 3.6)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast

from stellwerk.core.models import User
from stellwerk.core.permissions import visible, visible_rows
from stellwerk.engine.calendars import moment
from stellwerk.engine.trends import MilestoneTrend, TrendPoint, milestone_trend
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, BaselineRow, MilestoneForecast, Plan
from stellwerk.planning.selectors.baselines import counted_baselines, working_moves
from stellwerk.planning.selectors.calendars import clock_of
from stellwerk.portfolio.models import Gate, Portfolio, Project

KINDS: Final = ("gates", "critical", "open", "all")


class Head(NamedTuple):
    """The columns of a milestone that every page needs; dates in minutes since 1950."""

    pk: int
    plan_id: int
    uid: int
    wbs: str
    code: str
    name: str
    state: str
    critical: bool
    start: int | None
    finish: int | None
    actual: int | None
    percent: Decimal
    calendar_id: int | None
    elapsed: bool
    project_id: int
    project_key: str
    project_name: str


_HEAD = (
    "pk", "plan_id", "uid", "wbs", "code", "name", "state", "critical", "from_", "until", "reached", "percent", "calendar_id", "elapsed",
    "plan__project_id", "plan__project__key", "plan__project__name",
)  # fmt: skip


@dataclass
class Milestone:
    """One milestone: dates, baselines, trend. ``delay`` is against the approved baseline: working days, later is positive."""

    head: Head
    gate: bool = False
    first: dt.date | None = None
    baseline: dt.date | None = None
    delay: Decimal | None = None
    points: list[TrendPoint] = field(default_factory=list)

    @property
    def forecast(self) -> dt.date | None:
        return _date(self.head.finish)

    @property
    def actual(self) -> dt.date | None:
        """The day on which it was reached; done without a date counts at its planned one."""
        if self.head.actual is not None:
            return _date(self.head.actual)
        return _date(self.head.finish) if self.head.percent >= 100 else None

    @property
    def reached(self) -> bool:
        return self.actual is not None

    @property
    def date(self) -> dt.date | None:
        return self.actual or self.forecast

    @property
    def trend(self) -> MilestoneTrend | None:
        return milestone_trend(self.points)

    @property
    def days(self) -> int | None:
        """Calendar days behind the approved baseline, as ``delay`` and the cockpit; behind the first forecast where none is approved."""
        since = self.baseline or (self.points[0].forecast if self.points else None)
        return (self.date - since).days if since is not None and self.date is not None else None

    @property
    def hot(self) -> bool:
        """Never met at this trend, or more than four weeks late."""
        trend = self.trend
        return not self.reached and ((trend is not None and trend.never) or (self.days or 0) > 28)


def _date(minutes: int | None) -> dt.date | None:
    return None if minutes is None else moment(minutes).date()


def milestone_rows(where: Q) -> QuerySet[Activity]:
    """Milestones that count: neither inactive nor cancelled."""
    rows = Activity.objects.filter(where, kind__in=MILESTONES, active=True, summary=False)
    return rows.exclude(state="cancelled").filter(plan__project__archived_at=None)


def _heads(rows: QuerySet[Activity]) -> list[Head]:
    number = BigIntegerField()
    dated = rows.annotate(
        from_=Cast("start", number), until=Cast("finish", number), reached=Cast("actual_finish", number)
    )
    return [Head(*row) for row in dated.values_list(*_HEAD)]


def read_milestones(rows: QuerySet[Activity], kind: str = "all") -> list[Milestone]:
    """Milestones with baselines and forecasts, in the order of ``rows``; five queries for any number of projects."""
    heads = _heads(rows)
    projects = {head.project_id for head in heads}
    gates = {
        (project, plain(code))
        for project, code in Gate.objects.filter(project__in=projects).values_list("project_id", "code")
    }
    found = [Milestone(head, gate=(head.project_id, plain(head.code)) in gates) for head in heads]
    if kind == "gates":
        found = [row for row in found if row.gate]
    elif kind == "critical":
        found = [row for row in found if row.gate or (row.head.critical and not row.reached)]
    elif kind == "open":
        found = [row for row in found if not row.reached]
    _baselines(found)
    points: dict[int, list[TrendPoint]] = defaultdict(list)
    forecasts = MilestoneForecast.objects.filter(activity__in=[row.head.pk for row in found]).order_by("date")
    for number, date, forecast in forecasts.values_list("activity_id", "date", "forecast"):
        points[number].append(TrendPoint(date, forecast))
    for row in found:
        row.points = points.get(row.head.pk, [])
    return found


def _baselines(rows: Sequence[Milestone]) -> None:
    counted = counted_baselines({row.head.plan_id for row in rows})
    wanted = {one.pk for pair in counted.values() for one in pair if one is not None}
    frozen = BaselineRow.objects.filter(
        baseline__in=wanted, uid__in={row.head.uid for row in rows}, kind__in=MILESTONES
    )
    ends = {(number, uid): end.date() for number, uid, end in frozen.values_list("baseline_id", "uid", "finish") if end}
    for row in rows:
        first, now = counted.get(row.head.plan_id, (None, None))
        row.first = ends.get((first.pk, row.head.uid)) if first is not None else None
        row.baseline = ends.get((now.pk, row.head.uid)) if now is not None else None


def with_delays(plan: Plan, rows: Sequence[Milestone]) -> None:
    """Add the delay in working days of each row's calendar: only for one plan, as each plan has its own calendars."""
    _first, now = counted_baselines([plan.pk]).get(plan.pk, (None, None))
    if now is None:
        return
    frozen = BaselineRow.objects.filter(baseline=now, uid__in=[row.head.uid for row in rows])
    ends = dict(frozen.annotate(until=Cast("finish", BigIntegerField())).values_list("uid", "until"))
    clock = clock_of(plan)
    calendars = [clock.of(row.head.calendar_id, elapsed=row.head.elapsed) for row in rows]
    pairs = [
        (ends.get(row.head.uid), row.head.actual if row.head.actual is not None else row.head.finish) for row in rows
    ]
    for row, delay in zip(rows, working_moves(clock, calendars, pairs), strict=True):
        row.delay = delay


def plan_milestones(plan: Plan, kind: str = "all") -> list[Milestone]:
    """The milestones of one plan in the order of the outline, with delays in working days."""
    rows = read_milestones(milestone_rows(Q(plan=plan)).order_by("position"), kind)
    with_delays(plan, rows)
    return rows


def portfolio_milestones(portfolio: Portfolio, user: User | None, kind: str = "gates") -> list[Milestone]:
    """Milestones of the projects of a portfolio that the reader may see, worst first."""
    projects = Project.objects.filter(visible(user, Project), portfolio=portfolio, archived_at=None)
    inside = Q(plan__project__in=projects.order_by().values("pk"))
    rows = read_milestones(milestone_rows(inside).order_by("plan__project__key", "position"), kind)
    return sorted(rows, key=lambda row: (row.reached, -(row.days or 0), row.head.project_key))


def next_milestones(plan: Plan, count: int) -> list[Milestone]:
    """The milestones ahead by date."""
    ahead = milestone_rows(Q(plan=plan, actual_finish=None, percent__lt=100)).exclude(finish=None)
    return [Milestone(head) for head in _heads(ahead.order_by("finish", "position")[:count])]


def reported_milestones(
    projects: Iterable[int], on: dt.date, cycle_days: int, most: int = 6
) -> dict[int, list[Milestone]]:
    """By project, what a status report shows of its plan: gates, what was reached in the last cycle, critical ones, the next by date.

    In the order of their dates; projects without a plan, or without milestones in it, are left out. Five queries.
    """
    inside = Q(plan__project__in=list(projects))
    found: dict[int, list[Milestone]] = defaultdict(list)
    for row in read_milestones(milestone_rows(inside).order_by("plan_id", "position")):
        if row.date is not None:
            found[row.head.project_id].append(row)
    since = on - dt.timedelta(days=cycle_days)
    return {project: _chosen(rows, since, most) for project, rows in found.items()}


def _chosen(rows: list[Milestone], since: dt.date, most: int) -> list[Milestone]:
    def rank(row: Milestone) -> tuple[int, int]:
        day = row.date.toordinal() if row.date is not None else 0
        if row.gate:
            return 0, day
        if row.reached:
            return (1, -day) if row.actual is not None and row.actual > since else (4, -day)
        return (2 if row.head.critical else 3), day

    ranked = sorted(rows, key=rank)
    kept = ranked[: max(most, sum(row.gate for row in rows))]
    return sorted(kept, key=lambda row: (row.date or dt.date.max, row.head.uid))


def my_milestones(user: User) -> QuerySet[Activity]:
    """Milestones that concern a user: responsible for them, or leading or working in their project; only what they may see."""
    mine = (
        Q(responsible__user=user) | Q(plan__project__manager__user=user) | Q(plan__project__members__person__user=user)
    )
    numbers = Activity.objects.filter(mine, kind__in=MILESTONES).order_by().values("pk")
    inside = visible_rows(user, Project.objects.filter(archived_at=None)).order_by().values("pk")
    return milestone_rows(Q(pk__in=numbers, plan__project__in=inside))


def plain(code: str) -> str:
    return code.upper().replace(" ", "")


def chart_data(rows: Sequence[Milestone], name: Any) -> dict[str, Any]:
    """What the trend chart draws: a line for every milestone with at least two forecasts."""
    return {
        "milestones": [
            {
                "name": name(row),
                "points": [[point.report.isoformat(), point.forecast.isoformat()] for point in row.points],
                "hot": row.hot,
                "reached": row.reached,
                **({"plan": row.first.isoformat()} if row.first is not None else {}),
            }
            for row in rows
            if len(row.points) > 1
        ]
    }
