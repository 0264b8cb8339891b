"""The heat map: people, roles, units or skills against periods, what is over and what is missing, worst first.

Line managers and the PMO see the people they plan; projects see those who are booked or asked for them, with all their load in hours but
not whose it is, and never why somebody is not there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.load import overloads, shortage
from stellwerk.people.holidays import public_holidays
from stellwerk.people.models import Person, PersonSkill, Role, Skill, Unit
from stellwerk.people.selectors.working_time import WORKING_DAYS, WorkingDays
from stellwerk.resources.models import Allocation
from stellwerk.resources.selectors.demands import roles_of_nobody
from stellwerk.resources.selectors.load import (
    COUNTED,
    HARD,
    KINDS,
    SOFT,
    Minutes,
    Need,
    Periods,
    load_of_people,
    open_needs,
    read_days,
)

ROWS: Final = ("person", "role", "unit", "skill")
LOADS: Final = {"firm": (HARD,), "reserved": (HARD, SOFT), "all": tuple(range(KINDS))}
"""What of the load a reader looks at."""
MOST: Final = {"day": 92, "week": 156, "month": 36}
SKILLED: Final = 2
"""From this level on somebody counts as having a skill: works with guidance."""
FULL_DAY: Final = 8 * 60


@dataclass(frozen=True)
class Choice:
    """What is looked at. ``unit``, ``role``, ``skill``: only people and demands of it."""

    first: dt.date
    rows: str = "person"
    by: str = "week"
    count: int = 26
    load: str = "reserved"
    unit: int | None = None
    role: int | None = None
    skill: int | None = None

    @property
    def periods(self) -> Periods:
        return Periods.of(self.by, self.first, self.count)


@dataclass
class Row:
    """A line: ``load`` by [kind, period]. ``code``: ``p12`` person, ``r3`` role, ``u4`` unit, ``s5`` skill; number 0: none."""

    code: str
    label: str
    net: Minutes
    load: Minutes
    sub: str = ""
    key: str = ""
    group: int = -1
    people: int = 0
    plain: bool = False
    """A person whose working time the reader plans: days off are told in hours."""


@dataclass
class Heat:
    """Lines in the order of their trouble; for people with the groups (roles) that they stand in."""

    choice: Choice
    periods: Periods
    rows: list[Row]
    groups: list[Row]
    working_days: tuple[int, ...]
    share: float
    days: WorkingDays
    people: dict[int, Person] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)
    counted: dict[str, Minutes] = field(default_factory=dict)
    unfilled: list[Row] = field(default_factory=list)
    """Roles that projects ask for and nobody here has; what is asked counts, whatever the view counts."""

    def load(self, row: Row) -> Minutes:
        """The minutes of a line that count in this view; asked for often, so kept."""
        found = self.counted.get(row.code)
        if found is None:
            found = self.counted[row.code] = row.load[: len(LOADS[self.choice.load])].sum(axis=0, dtype=np.int64)
        return found

    def gap(self, row: Row) -> Minutes:
        return row.net - self.load(row)

    def over(self, row: Row) -> Minutes:
        return overloads(self.load(row), row.net)

    @cached_property
    def overloaded(self) -> list[Row]:
        """People above their net hours in some period, worst first."""
        found = [row for row in self.rows if row.code[0] == "p" and self.over(row).any()]
        return sorted(found, key=lambda row: -int(self.over(row).sum()))

    @cached_property
    def short(self) -> list[Row]:
        """Roles, units or skills with missing hours, worst first."""
        rows = self.groups if self.choice.rows == "person" else self.rows
        found = [row for row in rows if (self.gap(row) < 0).any()]
        return sorted(found, key=lambda row: int(np.minimum(self.gap(row), 0).sum()))

    @cached_property
    def shortage(self) -> Minutes:
        """Missing minutes by period: the surplus of one group fills no other."""
        rows = self.groups if self.choice.rows == "person" else self.rows
        if not rows:
            return np.zeros(len(self.periods), dtype=np.int64)
        return shortage(np.array([self.gap(row) for row in rows]))

    def full_time(self, at: int) -> float:
        """Net minutes of one full-time person without absence in a period."""
        return self.working_days[at] * FULL_DAY * self.share


# ── who is seen ──────────────────────────────────────────────────────────────────────────────────


def planned_people(user: User | None) -> Q:
    """People whose capacity the reader plans."""
    return visible(user, Person, "capacity")


def seen_people(user: User | None, first: dt.date, last: dt.date) -> Q:
    """People whose load the reader may see in the period: the planned ones, and those of visible bookings."""
    booked = Allocation.objects.filter(
        visible(user, Allocation), state__in=(*COUNTED, "countered"), archived_at=None, last__gte=first, first__lte=last
    )
    return planned_people(user) | Q(pk__in=booked.order_by().values("person"))


def people_of(user: User | None, choice: Choice, periods: Periods) -> list[Person]:
    there = (Q(entry_date=None) | Q(entry_date__lte=periods.last)) & (
        Q(exit_date=None) | Q(exit_date__gte=periods.first)
    )
    rows = Person.objects.filter(seen_people(user, periods.first, periods.last), there, archived_at=None)
    if choice.unit is not None:
        rows = rows.filter(unit__in=units_below(choice.unit))
    if choice.role is not None:
        rows = rows.filter(role=choice.role or None)
    if choice.skill is not None:
        rows = rows.filter(pk__in=_skilled(choice.skill))
    return list(rows.select_related("unit__organisation", "role").order_by("last_name", "first_name", "pk"))


def _skilled(skill: int) -> Any:
    return PersonSkill.objects.filter(
        Q(confirmed__gte=SKILLED) | Q(confirmed=None, claimed__gte=SKILLED), skill=skill
    ).values("person")


def units_below(unit: int) -> set[int]:
    """A unit and all below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in Unit.objects.order_by().values_list("pk", "parent_id"):
        children[parent].append(pk)
    found: set[int] = set()
    waiting = [unit]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children[one]
    return found


def needs_of(user: User | None, choice: Choice, periods: Periods) -> list[Need]:
    where = Q()
    if choice.unit is not None:
        below = units_below(choice.unit)
        where &= Q(unit__in=below) | Q(person__unit__in=below)
    if choice.role is not None:
        where &= Q(role=choice.role or None) | Q(person__role=choice.role or None)
    if choice.skill is not None:
        where &= Q(skills__skill=choice.skill)
    return open_needs(user, periods, where)


# ── the map ──────────────────────────────────────────────────────────────────────────────────────


def heat_of(user: User | None, choice: Choice) -> Heat:
    """The map that this user may see, in a number of queries that does not grow with people or periods."""
    periods = choice.periods
    people = people_of(user, choice, periods)
    days = read_days([one.pk for one in people], periods)
    net = periods.sums(days.net)
    load = load_of_people(days, periods)
    needs = needs_of(user, choice, periods)
    worked = int((days.gross - days.holidays - days.absence).sum(dtype=np.int64))
    share = float(days.net.sum(dtype=np.int64)) / worked if worked else 1.0
    heat = Heat(
        choice, periods, [], [], working_days(people, periods), share or 1.0, days, {one.pk: one for one in people}, needs
    )  # fmt: skip
    at = {one.pk: row for row, one in enumerate(people)}
    named = [one for one in needs if one.person in at]
    for one in named:
        load[one.kind, at[one.person or 0]] += one.counted
    if choice.rows == "person":
        planned = set(
            Person.objects.filter(planned_people(user), pk__in=days.people).order_by().values_list("pk", flat=True)
        )
        heat.groups = _grouped(heat, people, net, load, _by_role(people, needs))
        place = {row.code: number for number, row in enumerate(heat.groups)}
        heat.rows = [
            Row(f"p{one.pk}", str(one), net[row], load[:, row], one.unit.name, one.key, place[f"r{one.role_id or 0}"], 1, one.pk in planned)
            for row, one in enumerate(people)
        ]  # fmt: skip
    else:
        kinds = {"role": _by_role, "unit": _by_unit, "skill": _by_skill}
        heat.rows = _grouped(heat, people, net, load, kinds[choice.rows](people, needs))
    _worst_first(heat)
    heat.unfilled = _unfilled(heat)
    return heat


def _unfilled(heat: Heat) -> list[Row]:
    rows = heat.groups if heat.choice.rows == "person" else heat.rows if heat.choice.rows == "role" else []
    empty = [row for row in rows if not row.people and row.code != "r0" and row.load.any()]
    nobody = roles_of_nobody(int(row.code[1:]) for row in empty)
    return sorted((row for row in empty if int(row.code[1:]) in nobody), key=lambda row: -int(row.load.sum()))


Members = dict[tuple[str, str], tuple[list[int], list[Need]]]
"""By (code, label): rows of people and needs that belong to it."""


def _by_role(people: Sequence[Person], needs: Sequence[Need]) -> Members:
    names = {role.pk: str(role) for role in Role.objects.all()} | {0: _("without a project role")}
    found: Members = {}
    for row, one in enumerate(people):
        found.setdefault((f"r{one.role_id or 0}", names[one.role_id or 0]), ([], []))[0].append(row)
    here = {one.pk for one in people}
    for need in needs:
        if need.person not in here:
            found.setdefault((f"r{need.role or 0}", names[need.role or 0]), ([], []))[1].append(need)
    return found


def _by_unit(people: Sequence[Person], needs: Sequence[Need]) -> Members:
    names = dict(Unit.objects.order_by().values_list("pk", "name")) | {0: _("without a unit")}
    found: Members = {}
    for row, one in enumerate(people):
        found.setdefault((f"u{one.unit_id}", names[one.unit_id]), ([], []))[0].append(row)
    here = {one.pk for one in people}
    for need in needs:
        if need.person not in here:
            found.setdefault((f"u{need.unit or 0}", names[need.unit or 0]), ([], []))[1].append(need)
    return found


def _by_skill(people: Sequence[Person], needs: Sequence[Need]) -> Members:
    """People count in each of their skills: lines of skills do not add up to a whole."""
    names = {skill.pk: str(skill) for skill in Skill.objects.filter(archived_at=None)}
    at = {one.pk: row for row, one in enumerate(people)}
    found: Members = {}
    rows = PersonSkill.objects.filter(
        Q(confirmed__gte=SKILLED) | Q(confirmed=None, claimed__gte=SKILLED), person__in=list(at), skill__in=list(names)
    ).order_by("person")
    for person, skill in rows.values_list("person_id", "skill_id"):
        found.setdefault((f"s{skill}", names[skill]), ([], []))[0].append(at[person])
    for need in needs:
        for skill, _level in need.skills:
            if need.person not in at and skill in names:
                found.setdefault((f"s{skill}", names[skill]), ([], []))[1].append(need)
    return found


def _grouped(heat: Heat, people: Sequence[Person], net: Minutes, load: Minutes, members: Members) -> list[Row]:
    rows = []
    for (code, label), (inside, needs) in members.items():
        own = load[:, inside].sum(axis=1, dtype=np.int64)
        for need in needs:
            own[need.kind] += need.counted
        rows.append(Row(code, label, net[inside].sum(axis=0, dtype=np.int64), own, people=len(inside)))
    return rows


def _worst_first(heat: Heat) -> None:
    """Groups by what is missing, people in them by what is too much, then by name."""
    missing = {row.code: int(np.minimum(heat.gap(row), 0).sum()) for row in (*heat.groups, *heat.rows)}
    if heat.choice.rows != "person":
        heat.rows.sort(key=lambda row: (missing[row.code], row.label))
        return
    over = [int(heat.over(row).sum()) for row in heat.rows]
    worst: dict[int, int] = defaultdict(int)
    for row, minutes in zip(heat.rows, over, strict=True):
        worst[row.group] = max(worst[row.group], minutes)
    order = sorted(
        range(len(heat.groups)), key=lambda at: (missing[heat.groups[at].code], -worst[at], heat.groups[at].label)
    )
    place = {old: new for new, old in enumerate(order)}
    heat.groups = [heat.groups[at] for at in order]
    rows = sorted(zip(heat.rows, over, strict=True), key=lambda pair: (place[pair[0].group], -pair[1]))
    for row, _minutes in rows:
        row.group = place[row.group]
    heat.rows = [row for row, _minutes in rows]


def working_days(people: Iterable[Person], periods: Periods) -> tuple[int, ...]:
    """Days from Monday to Friday of each column that are no public holiday where most of the people work."""
    places = Counter(
        (one.unit.organisation.country, one.unit.organisation.subdivision) for one in people
    )  # fmt: skip
    place = places.most_common(1)[0][0] if places else None
    found = []
    for at, day in enumerate(periods.starts):
        count, end = 0, periods.end(at)
        while day <= end:
            free = place is not None and day in public_holidays(*place, day.year)
            count += day.weekday() < WORKING_DAYS and not free
            day += dt.timedelta(days=1)
        found.append(count)
    return tuple(found)


# ── for the page ─────────────────────────────────────────────────────────────────────────────────


def packed(heat: Heat) -> dict[str, Any]:
    """The map in numbers for the canvas: minutes by period, a line of nothing but zeros as 0."""
    return {
        "by": heat.choice.by,
        "load": heat.choice.load,
        "starts": [day.isoformat() for day in heat.periods.starts],
        "last": heat.periods.last.isoformat(),
        "days": list(heat.working_days),
        "full": [round(heat.full_time(at)) for at in range(len(heat.periods))],
        "groups": [_line(row) for row in heat.groups],
        "rows": [_line(row) for row in heat.rows],
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "id": row.code, "name": row.label, "sub": row.sub, "key": row.key, "group": row.group, "people": row.people,
        "plain": row.plain, "net": _numbers(row.net), "load": [_numbers(kind) for kind in row.load],
    }  # fmt: skip


def _numbers(values: Minutes) -> list[int] | int:
    return values.tolist() if values.any() else 0
