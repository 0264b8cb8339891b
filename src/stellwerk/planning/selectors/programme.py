"""The plans of a programme as one: when it ends, the critical path across its projects, who gives to whom and how that stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Max
from django.db.models.functions import Cast

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.calendars import moment
from stellwerk.engine.network import NONE, CycleError, HorizonError, LagCalendar, LinkKind, Reason
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, BaselineRow, Link, Plan
from stellwerk.planning.programme_network import FROM_FINISH, Joint, joint
from stellwerk.planning.selectors.baselines import working_moves
from stellwerk.portfolio.models import Programme, Project

MOST_MILESTONES = 8
"""Milestones drawn of a project: the last critical ones, then others."""
DONE = ("completed", "cancelled")


@dataclass(frozen=True)
class Step:
    """One activity of the critical path. ``link`` drives it (None: something else does, ``reason``), ``hidden``: of a project
    that the reader may not see."""

    activity: Activity | None
    start: dt.datetime
    finish: dt.datetime
    float_days: Decimal
    link: Link | None
    reason: Reason | None
    hidden: bool = False
    day: int = 480
    """Minutes of a working day of its calendar."""


@dataclass(frozen=True)
class Dependency:
    """A link between two projects. ``promised``: when the giver delivers, lag included; ``needed``: when the taker was to begin (or
    end, for FF and SF) in its approved baseline, else the latest that delays nothing. ``slack``: working days from one to the other.
    ``promised_by``, ``needed_by``: the working days at whose end these moments lie."""

    link: Link
    giver: Activity | None
    taker: Activity
    promised: dt.datetime
    needed: dt.datetime
    slack: Decimal
    by_baseline: bool
    driving: bool
    done: bool
    promised_by: dt.date
    needed_by: dt.date

    @property
    def light(self) -> str:
        """Red: promised later than needed (domain.md, section 2); amber: nothing is left; grey: done."""
        if self.done:
            return "grey"
        return "red" if self.slack < 0 else "amber" if self.driving and self.slack < 1 else "green"


@dataclass(frozen=True)
class ProjectLine:
    """A project in the programme plan; ``delay``: working days of its end against the approved baseline."""

    plan: Plan
    start: dt.datetime | None
    finish: dt.datetime | None
    float_days: Decimal | None
    critical: int
    delay: Decimal | None
    milestones: tuple[tuple[Activity, dt.datetime, bool], ...]
    path: tuple[tuple[dt.datetime, dt.datetime], ...]


@dataclass(frozen=True)
class ProgrammePlan:
    """``problem``: why nothing could be computed (``circle`` or ``horizon``)."""

    programme: Programme
    plans: tuple[Plan, ...]
    without_plan: tuple[Project, ...]
    hidden: int
    joint: Joint | None = None
    problem: str = ""
    lines: tuple[ProjectLine, ...] = ()
    path: tuple[Step, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def finish(self) -> dt.datetime | None:
        ends = [line.finish for line in self.lines if line.finish is not None]
        return max(ends, default=None)

    @cached_property
    def path_projects(self) -> int:
        """How many projects the critical path touches."""
        seen = {step.activity.plan_id for step in self.path if step.activity is not None}
        return len(seen) + any(step.hidden for step in self.path)

    @property
    def stale(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.stale]


def plans_of(programme: Programme, user: User | None) -> tuple[list[Plan], list[Project], int]:
    """Plans that the reader may see, visible projects without one, and how many projects are hidden."""
    projects = Project.objects.filter(programme=programme, archived_at=None)
    allowed = projects if user is None else projects.filter(visible(user, Project))
    seen = list(allowed.order_by("key"))
    found = Plan.objects.filter(project__in=[one.pk for one in seen]).select_related("project", "calendar")
    plans = list(found.order_by("project__key"))
    planned = {plan.project_id for plan in plans}
    return plans, [one for one in seen if one.pk not in planned], projects.count() - len(seen)


def programme_plan(programme: Programme, user: User | None) -> ProgrammePlan:
    """Computed anew from the stored rows of all plans that the reader may see; the number of queries does not grow with them."""
    plans, without, hidden = plans_of(programme, user)
    bare = ProgrammePlan(programme, tuple(plans), tuple(without), hidden)
    try:
        network = joint(plans)
    except CycleError:
        return _with(bare, problem="circle")
    except HorizonError:
        return _with(bare, problem="horizon")
    return _Telling(network, user).told(bare)


def _with(plan: ProgrammePlan, **values: Any) -> ProgrammePlan:
    return ProgrammePlan(**(vars(plan) | values))


@dataclass
class _Telling:
    """From rows and minutes to activities and dates."""

    network: Joint
    user: User | None
    activities: Mapping[int, Activity] = field(default_factory=dict)
    links: Mapping[int, Link] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def told(self, bare: ProgrammePlan) -> ProgrammePlan:
        network = self.network
        self._read()
        return _with(
            bare,
            joint=network,
            lines=tuple(self._line(place) for place in range(len(network.plans))),
            path=tuple(self._path()),
            dependencies=tuple(self._dependencies()),
        )

    def _read(self) -> None:
        network = self.network
        ends = network.dates.network.links
        across = network.plan[ends.predecessor] != network.plan[ends.successor]
        numbers = {int(network.pk[row]) for row in network.path}
        rows = np.concatenate([ends.predecessor[across], ends.successor[across]])
        numbers |= set(network.pk[rows].tolist())
        steps = [network.link_between(one, other) for one, other in zip(network.path, network.path[1:], strict=False)]
        wanted = {int(network.link_pk[row]) for row in (*np.flatnonzero(across).tolist(), *steps) if row != NONE}
        kinds = [np.array([kind in MILESTONES for kind in one.text["kind"]], np.bool_) for one in network.columns]
        for place, one in enumerate(network.columns):
            numbers |= set(one.number["pk"][kinds[place] & (one.number["active"] != 0)].tolist())
        self.activities = Activity.objects.select_related("plan__project").in_bulk(numbers)
        self.links = Link.objects.in_bulk(wanted)
        outside = {row.plan_id for row in self.activities.values()} - {plan.pk for plan in network.plans}
        if outside and self.user is not None:
            shown = Plan.objects.filter(visible(self.user, Plan), pk__in=outside)
            self.seen = set(shown.values_list("pk", flat=True))
        elif outside:
            self.seen = outside
        self.seen |= {plan.pk for plan in network.plans}

    def _activity(self, row: int) -> Activity | None:
        """None where the reader may not see it."""
        found = self.activities.get(int(self.network.pk[row]))
        return found if found is not None and found.plan_id in self.seen else None

    def _day(self, row: int) -> int:
        return self.network.clock.day(int(self.network.dates.network.activities.calendar[row]))

    def _days(self, row: int, minutes: int) -> Decimal:
        return (Decimal(minutes) / self._day(row)).quantize(Decimal("0.1"))

    def _path(self) -> list[Step]:
        network, dates = self.network, self.network.dates
        steps: list[Step] = []
        before = NONE
        for row in network.path:
            link = network.link_between(before, row) if before != NONE else NONE
            activity = self._activity(row)
            outside = row >= network.count
            steps.append(
                Step(
                    activity, moment(int(dates.start[row])), moment(int(dates.finish[row])),
                    self._days(row, int(dates.total_float[row])),
                    self.links.get(int(network.link_pk[link])) if link != NONE else None,
                    None if outside else Reason(int(dates.start_reason[row])), activity is None, self._day(row),
                )
            )  # fmt: skip
            before = row
        return steps

    @cached_property
    def _frozen(self) -> dict[int, tuple[int, int]]:
        """Activity → start and finish in the approved baseline of its plan, of the takers."""
        takers = {link.successor_id for link in self.links.values()}
        rows = BaselineRow.objects.filter(baseline__state="approved", activity__in=takers)
        columns = rows.exclude(start=None).exclude(finish=None).order_by("baseline__number")
        found = columns.annotate(s=Cast("start", BigIntegerField()), f=Cast("finish", BigIntegerField()))
        return {pk: (start, finish) for pk, start, finish in found.values_list("activity_id", "s", "f")}

    @cached_property
    def _planned_ends(self) -> dict[int, int]:
        """Plan → its last finish in the approved baseline."""
        rows = BaselineRow.objects.filter(
            baseline__plan__in=[plan.pk for plan in self.network.plans], baseline__state="approved", summary=False
        )
        ends = rows.order_by().values("baseline__plan").annotate(end=Max(Cast("finish", BigIntegerField())))
        return {row["baseline__plan"]: row["end"] for row in ends if row["end"] is not None}

    def _line(self, place: int) -> ProjectLine:
        network, dates = self.network, self.network.dates
        plan = network.plans[place]
        rows = network.computed[network.plan[network.computed] == place]
        if not rows.size:
            return ProjectLine(plan, None, None, None, 0, None, (), ())
        last = int(rows[np.argmax(dates.finish[rows])])
        default = network.clock.with_default(plan.calendar_id).default
        moves = working_moves(network.clock, [default], [(self._planned_ends.get(plan.pk), int(dates.finish[last]))])
        critical = dates.critical()[rows]
        on_path = [row for row in network.path if int(network.plan[row]) == place]
        return ProjectLine(
            plan,
            moment(int(dates.start[rows].min())),
            moment(int(dates.finish[last])),
            self._days(last, int(dates.total_float[last])),
            int(critical.sum()),
            moves[0],
            tuple(self._milestones(rows, set(on_path))),
            tuple((moment(int(dates.start[row])), moment(int(dates.finish[row]))) for row in on_path),
        )

    def _milestones(self, rows: Any, on_path: set[int]) -> list[tuple[Activity, dt.datetime, bool]]:
        dates = self.network.dates
        found = []
        for row in rows.tolist():
            activity = self.activities.get(int(self.network.pk[row]))
            if activity is not None and activity.kind in MILESTONES:
                found.append((activity, moment(int(dates.finish[row])), row in on_path))
        chosen = sorted(found, key=lambda one: (not one[2], one[0].actual_finish is not None, one[1]))
        return sorted(chosen[:MOST_MILESTONES], key=lambda one: one[1])

    def _dependencies(self) -> list[Dependency]:
        network = self.network
        ends = network.dates.network.links
        across = np.flatnonzero(network.plan[ends.predecessor] != network.plan[ends.successor])
        found = [self._dependency(int(row)) for row in across.tolist()]
        return sorted(found, key=lambda one: (one.done, one.slack, one.link.pk))

    def _dependency(self, row: int) -> Dependency:
        network, dates = self.network, self.network.dates
        table, activities = dates.network.links, dates.network.activities
        before, after = int(table.predecessor[row]), int(table.successor[row])
        kind, lag = LinkKind(int(table.kind[row])), int(table.lag[row])
        at = int(dates.finish[before] if kind in FROM_FINISH else dates.start[before])
        calendar = int(activities.calendar[after])
        promised = _later(network, self._lag_calendar(row, after), at, lag)
        to_finish = kind in (LinkKind.FINISH_FINISH, LinkKind.START_FINISH)
        frozen = self._frozen.get(int(network.pk[after]))
        late = dates.late_finish[after] if to_finish else dates.late_start[after]
        needed = frozen[to_finish] if frozen is not None else int(late)
        minutes = int(network.clock.set.between(_one(calendar), _one(promised), _one(needed))[0])
        # What is needed at the start of a Tuesday has to be there on Monday: the day of the last working minute before.
        promised_by, needed_by = (
            moment(int(network.clock.set.subtract(_one(calendar), _one(at), _one(1))[0])).date()
            for at in (promised, needed)
        )
        link = self.links[int(network.link_pk[row])]
        taker = self.activities[int(network.pk[after])]
        done = taker.actual_finish is not None or (taker.actual_start is not None and not to_finish)
        return Dependency(
            link, self._activity(before), taker, moment(promised), moment(needed), self._days(after, minutes),
            frozen is not None, bool(dates.driving[row]), done or taker.state in DONE,
            promised_by, needed_by,
        )  # fmt: skip

    def _lag_calendar(self, row: int, after: int) -> int:
        network = self.network.dates.network
        chosen = int(network.links.lag_calendar[row])
        if chosen == LagCalendar.PROJECT:
            return int(network.projects.calendar[network.activities.project[after]])
        return chosen if chosen >= 0 else int(network.activities.calendar[after])


def _one(value: int) -> Any:
    return np.array([value], np.int64)


def _later(network: Joint, calendar: int, at: int, lag: int) -> int:
    if not lag:
        return at
    move = network.clock.set.add if lag > 0 else network.clock.set.subtract
    return int(move(_one(calendar), _one(at), _one(abs(lag)))[0])


def matrix(dependencies: Sequence[Dependency]) -> dict[tuple[int, int], list[Dependency]]:
    """(giver's plan, taker's plan) → links; 0 is a plan that the reader may not see."""
    cells: dict[tuple[int, int], list[Dependency]] = {}
    for one in dependencies:
        giver = one.giver.plan_id if one.giver is not None else 0
        cells.setdefault((giver, one.link.plan_id), []).append(one)
    return cells
