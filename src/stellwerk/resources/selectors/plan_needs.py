"""Whom a plan needs: the effort of its open activities by person or role and week, beside what is asked for already."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from stellwerk.people.models import Person, Role
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, Assignment, Plan
from stellwerk.resources.choices import DemandSource
from stellwerk.resources.models import Demand, DemandWeek
from stellwerk.resources.weeks import monday, spread_total

Who = tuple[int | None, int | None]
"""Person and role, by number; the role counts where no person is named."""
NAMED = 3
"""Activities named in the note of a demand."""


@dataclass
class Need:
    """What the plan asks of one person or role from this week on."""

    person: Person | None
    role: Role | None
    weeks: dict[dt.date, int] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    first: dt.date = dt.date.max
    last: dt.date = dt.date.min

    @property
    def who(self) -> Who:
        return (self.person.pk, None) if self.person is not None else (None, self.role.pk if self.role else None)


@dataclass(frozen=True)
class Change:
    """A need against its demand: ``kind`` is new, changed, same or gone (the plan no longer needs them)."""

    kind: str
    need: Need | None
    demand: Demand | None
    before: dict[dt.date, int]
    after: dict[dt.date, int]

    @property
    def minutes(self) -> int:
        return sum(self.after.values()) - sum(self.before.values())


@dataclass(frozen=True)
class PlanNeeds:
    """All changes, and how many activities with effort name nobody."""

    changes: tuple[Change, ...]
    nameless: int

    @property
    def open(self) -> list[Change]:
        return [change for change in self.changes if change.kind != "same"]


def needs_of(plan: Plan, today: dt.date | None = None) -> tuple[list[Need], int]:
    """What is left to do, spread evenly from today (or the later start) to the finish of each activity."""
    day = today or timezone.localdate()
    rows = (
        Activity.objects.filter(plan=plan, active=True, summary=False, start__isnull=False, finish__isnull=False)
        .exclude(kind__in=MILESTONES)
        .exclude(state__in=("completed", "cancelled"))
        .select_related("responsible__role")
        .order_by("position")
    )
    activities = {row.pk: row for row in rows}
    given: dict[int, list[Assignment]] = defaultdict(list)
    for one in Assignment.objects.filter(plan=plan, activity__in=activities).select_related(
        "resource__person__role", "resource__person__unit", "resource__role"
    ):
        given[one.activity_id].append(one)
    found: dict[Who, Need] = {}
    nameless = 0
    for number, activity in activities.items():
        if activity.finish.date() < day:
            continue  # overdue: the plan must say anew when it is done
        for person, role, work in _shares(activity, given.get(number, [])):
            if not work:
                continue
            if person is None and role is None:
                nameless += 1
                continue
            who = (person.pk, None) if person is not None else (None, role.pk if role is not None else None)
            need = found.setdefault(who, Need(person, role or (person.role if person is not None else None)))
            _add(need, activity, max(activity.start.date(), day), int(work * 60))
    return list(found.values()), nameless


def _shares(activity: Activity, given: list[Assignment]) -> list[tuple[Person | None, Role | None, Decimal]]:
    """(person, role, hours left): by assignments; without any, the effort is the responsible person's."""
    if given:
        return [
            (
                one.resource.person if one.resource is not None else None,
                one.resource.role if one.resource is not None else None,
                _left(one.remaining_work, one.work, activity.percent),
            )
            for one in given
            if one.resource is None or one.resource.kind == "work"
        ]
    return [(activity.responsible, None, _left(activity.remaining_work, activity.work, activity.percent))]


def _left(remaining: Decimal | None, work: Decimal | None, percent: Decimal) -> Decimal:
    if remaining is not None:
        return remaining
    return (work or Decimal(0)) * (100 - percent) / 100


def _add(need: Need, activity: Activity, start: dt.date, minutes: int) -> None:
    finish = activity.finish.date()
    for week, share in spread_total(start, finish, minutes).items():
        need.weeks[week] = need.weeks.get(week, 0) + share
    need.activities.append(activity)
    need.first, need.last = min(need.first, start), max(need.last, finish)


def plan_needs(plan: Plan, today: dt.date | None = None) -> PlanNeeds:
    """The needs of a plan against the demands that came from it. Weeks that are over stay as they were."""
    day = today or timezone.localdate()
    this_week = monday(day)
    needs, nameless = needs_of(plan, day)
    demands = list(demands_of_plan(plan))
    weeks: dict[int, dict[dt.date, int]] = defaultdict(dict)
    rows = DemandWeek.objects.filter(demand__in=[demand.pk for demand in demands])
    for number, week, minutes in rows.values_list("demand", "monday", "minutes"):
        weeks[number][week] = minutes
    known = {(one.person_id, None if one.person_id else one.role_id): one for one in demands}
    changes = []
    for need in needs:
        demand = known.pop(need.who, None)
        if demand is None:
            changes.append(Change("new", need, None, {}, need.weeks))
            continue
        before = weeks[demand.pk]
        past = {week: minutes for week, minutes in before.items() if week < this_week}
        after = past | need.weeks
        changes.append(Change("same" if after == before else "changed", need, demand, before, after))
    for demand in known.values():
        before = weeks[demand.pk]
        past = {week: minutes for week, minutes in before.items() if week < this_week}
        if past != before:
            changes.append(Change("gone", None, demand, before, past))
    return PlanNeeds(tuple(changes), nameless)


def asked_by_hand(plan: Plan, today: dt.date | None = None) -> dict[Who, int]:
    """Minutes from this week on that the project has asked for by hand, by person or role: asking for the plan too would double them."""
    begin = monday(today or timezone.localdate())
    rows = DemandWeek.objects.filter(
        demand__project=plan.project_id,
        demand__source=DemandSource.REQUEST,
        demand__archived_at=None,
        monday__gte=begin,
    ).exclude(demand__state="cancelled")
    found: dict[Who, int] = defaultdict(int)
    for person, role, minutes in rows.values_list("demand__person", "demand__role", "minutes"):
        found[(person, None) if person is not None else (None, role)] += minutes
    return dict(found)


def demands_of_plan(plan: Plan) -> list[Demand]:
    rows = Demand.objects.filter(project=plan.project_id, source=DemandSource.ACTIVITY, archived_at=None)
    return list(rows.exclude(state="cancelled").select_related("person", "role", "unit", "project").order_by("pk"))
