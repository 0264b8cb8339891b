"""The lists of a manpower plan: who is overloaded, which skills are missing, which vacancies are open, who leaves and when."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.core.models import User
from stellwerk.core.permissions import visible, visible_rows
from stellwerk.people.models import EmploymentType, Person, PersonSkill, Skill, Unit
from stellwerk.resources.agency_clock import Clock
from stellwerk.resources.models import Demand, DemandSkill
from stellwerk.resources.selectors.agency import clocks_of
from stellwerk.resources.selectors.manpower import CERTAIN, HARD, SOFT, Minutes, Plan
from stellwerk.resources.selectors.months import last_of, month_of

MOST: Final = 200


# ── overload ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Overload:
    """A person booked above the net time of a month, in minutes. ``person`` None: this reader sees units, no names."""

    month: dt.date
    unit: int
    role: int | None
    person: int | None
    people: int
    net: int
    hard: int
    soft: int

    @property
    def over(self) -> int:
        return self.hard + self.soft - self.net


def loads(plan: Plan) -> tuple[Minutes, Minutes]:
    """Firm and reserved minutes of each person, by month."""
    hard, soft = np.zeros_like(plan.net), np.zeros_like(plan.net)
    for at, booking in enumerate(plan.bookings):
        row = plan.row[booking.person]
        if booking.measure == HARD:
            hard[row] += plan.booked[at]
        elif booking.measure == SOFT:
            soft[row] += plan.booked[at]
    return hard, soft


def named_units(user: User | None, plan: Plan) -> set[int]:
    """Units whose single people this reader sees with their load."""
    rows = Unit.objects.filter(visible(user, Unit, "manpower_names"), pk__in=list(plan.units))
    return set(rows.values_list("pk", flat=True))


def overloads(plan: Plan, named: set[int]) -> list[Overload]:
    """By month, unit and name, no order by size: nobody is ranked. People of units without names are summed up."""
    hard, soft = loads(plan)
    found: list[Overload] = []
    summed: dict[tuple[int, int, int | None], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row, column in zip(*np.nonzero(hard + soft > plan.net), strict=True):
        one = plan.workers[row]
        numbers = [int(plan.net[row, column]), int(hard[row, column]), int(soft[row, column])]
        if one.unit in named:
            found.append(Overload(plan.months[column], one.unit, one.role, one.pk, 1, *numbers))
            continue
        line = summed[int(column), one.unit, one.role]
        for at, number in enumerate((1, *numbers)):
            line[at] += number
    for (column, unit, role), line in summed.items():
        found.append(Overload(plan.months[column], unit, role, None, *line))
    order = {unit: at for at, unit in enumerate(plan.units)}
    return sorted(found, key=lambda one: (one.month, order[one.unit], plan.row.get(one.person or 0, 0)))


# ── skills ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SkillGap:
    """A skill that demands without a person ask for and that the free time of those who have it does not cover."""

    skill: Skill
    level: int
    people: int
    needed: int
    missing: Minutes
    """Minutes by month, 0 where it is covered."""
    demands: int

    @property
    def worst(self) -> int:
        """The column in which most is missing."""
        return int(self.missing.argmax())


def skill_gaps(plan: Plan, *, pipeline: bool) -> list[SkillGap]:
    """Required skills whose need exceeds the free net time of people with that confirmed level, largest gap first."""
    open_rows = {
        need.pk: at for at, need in enumerate(plan.needs)
        if plan.rest[at].any() and (pipeline or need.probability >= CERTAIN)
    }  # fmt: skip
    asked: dict[tuple[int, int], list[int]] = defaultdict(list)
    for demand, skill, level in DemandSkill.objects.filter(demand__in=list(open_rows), must=True).values_list(
        "demand_id", "skill_id", "level"
    ):
        asked[skill, level].append(open_rows[demand])
    if not asked:
        return []
    numbers = {skill for skill, _level in asked}
    known: dict[int, list[tuple[int, int, dt.date | None]]] = defaultdict(list)
    rows = PersonSkill.objects.filter(skill__in=numbers, person__in=list(plan.row), confirmed__isnull=False)
    for skill, person, confirmed, expires in rows.values_list("skill_id", "person_id", "confirmed", "expires"):
        known[skill].append((plan.row[person], confirmed or 0, expires))
    hard, soft = loads(plan)
    free = np.maximum(plan.net - hard - soft, 0)
    found = []
    skills = {skill.pk: skill for skill in Skill.objects.filter(pk__in=numbers)}
    for (skill, level), needs in asked.items():
        needed = sum((plan.weighted(at) for at in needs), np.zeros(len(plan.months), dtype=np.int64))
        there, able = np.zeros(len(plan.months), dtype=np.int64), 0
        for row, has, expires in known[skill]:
            if has < level:
                continue
            counts = np.array([expires is None or expires >= month for month in plan.months])
            there += np.where(counts, free[row], 0)
            able += bool(counts.any())
        missing = np.maximum(needed - there, 0)
        if missing.any():
            found.append(SkillGap(skills[skill], level, able, int(needed.sum()), missing, len(needs)))
    return sorted(found, key=lambda one: (-int(one.missing.sum()), one.skill.name, one.level))


# ── vacancies ────────────────────────────────────────────────────────────────────────────────────


def vacancies(plan: Plan) -> list[tuple[Demand, Minutes]]:
    """Demands that became a vacancy, with their unfilled minutes by month; what begins first on top."""
    rows = {need.pk: at for at, need in enumerate(plan.needs) if need.state == "vacancy_raised"}
    found = Demand.objects.filter(pk__in=list(rows)).select_related("project", "role", "unit").order_by("first", "pk")
    return [(demand, plan.rest[rows[demand.pk]]) for demand in found]


# ── exits and the limits of temporary work ───────────────────────────────────────────────────────


@dataclass(frozen=True)
class Leaving:
    """Somebody who leaves, or who must: ``limit`` is the last day that the AÜG allows, ``equal_pay`` the first on which pay must be
    equal; both None for others than temporary workers. ``clock``: counted with earlier assignments."""

    person: Person
    day: dt.date | None
    limit: dt.date | None
    equal_pay: dt.date | None
    booked_after: int
    """Firm and reserved minutes in the months after the day."""
    unknown: bool = False
    """A temporary worker without a first day: the limit cannot be told."""
    clock: Clock | None = None

    @property
    def until(self) -> dt.date | None:
        return min((one for one in (self.day, self.limit) if one is not None), default=None)

    @property
    def past_limit(self) -> bool:
        """Does the person stay longer than the limit allows?"""
        return self.limit is not None and (self.day is None or self.day > self.limit)

    def stage(self, today: dt.date) -> str:
        """``reached``, or the highest warning (``17``, ``15``, ``12``) that is reached; empty for none."""
        return self.clock.stage(today) if self.clock is not None else ""


def leavings(plan: Plan, user: User | None) -> list[Leaving]:
    """Exits and limits of temporary workers within the plan, the earliest first; those without a first day at the end."""
    end = last_of(plan.months[-1])
    rows = [
        one for one in plan.workers
        if (one.leaving is not None and one.leaving <= end) or one.employment == EmploymentType.TEMPORARY
    ]  # fmt: skip
    people = list(
        visible_rows(user, Person.objects.filter(pk__in=[one.pk for one in rows])).select_related(
            "role", "unit__organisation"
        )
    )
    clocks = clocks_of(people)
    hard, soft = loads(plan)
    found = []
    for person in people:
        temporary = person.employment_type == EmploymentType.TEMPORARY
        clock = clocks.get(person.pk) if person.entry_date else None
        limit, pay = (clock.limit, clock.equal_pay) if clock is not None else (None, None)
        until = min((day for day in (person.exit_date, limit) if day is not None), default=None)
        if until is not None and until > end:
            continue
        row = plan.row[person.pk]
        after: NDArray[np.bool_] = np.array([until is not None and month > month_of(until) for month in plan.months])
        booked = int((hard[row] + soft[row])[after].sum())
        unknown = temporary and not person.entry_date
        found.append(Leaving(person, person.exit_date, limit, pay, booked, unknown, clock))
    return sorted(found, key=lambda one: (one.until or dt.date.max, one.person.last_name, one.person.pk))
