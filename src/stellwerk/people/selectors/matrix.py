"""The skill matrix of a unit: people × skills with the level that counts today, against what open demand asks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q

from stellwerk.core.db import fold
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.entities import units_below
from stellwerk.people.models import Person, PersonSkill, Skill, Unit
from stellwerk.people.selectors.persons import employed
from stellwerk.people.selectors.profile import skill_state
from stellwerk.people.skill_needs import Need, needs_of

MOST_PEOPLE: Final = 300
MOST_SKILLS: Final = 40


@dataclass(frozen=True)
class Cell:
    """``level`` counts today (None: nothing is confirmed or it has run out); ``claimed`` is what the person says."""

    skill: Skill
    row: PersonSkill | None
    level: int | None
    claimed: int
    state: str


@dataclass(frozen=True)
class Line:
    person: Person
    cells: list[Cell]


@dataclass(frozen=True)
class Head:
    """A skill with how many have it, and what open demand asks: the highest level, and how many reach it."""

    skill: Skill
    have: int
    needs: tuple[Need, ...]
    reach: int

    @property
    def level(self) -> int:
        """The highest level that is asked for; 0: nobody asks."""
        return max((need.level for need in self.needs), default=0)

    @property
    def demands(self) -> int:
        return sum(need.demands for need in self.needs)

    @property
    def hours(self) -> float:
        return sum(need.minutes for need in self.needs) / 60

    @property
    def gap(self) -> bool:
        """Somebody asks and nobody of the unit reaches the level."""
        return self.demands > 0 and self.reach == 0

    @property
    def url(self) -> str:
        return next((need.url for need in self.needs if need.url), "")


@dataclass
class Matrix:
    unit: Unit
    heads: list[Head] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    people: int = 0  # of the unit, also those beyond the most that are shown
    skills: int = 0

    @property
    def gaps(self) -> list[Head]:
        return [head for head in self.heads if head.gap]


def skill_matrix(
    user: User, unit: Unit, *, day: dt.date, category: str = "", query: str = "", only_gaps: bool = False, below: bool = True
) -> Matrix:  # fmt: skip
    """People who are there today, of the unit and (``below``) the units under it; skills that somebody has or asks for."""
    units = [unit.pk, *(units_below(unit.pk) if below else [])]
    found = Matrix(unit)
    people = Person.objects.filter(visible(user, Person), employed(day), unit_id__in=units)
    everybody = list(people.select_related("role", "unit").order_by("last_name", "first_name", "pk"))
    rows = PersonSkill.objects.filter(visible(user, PersonSkill), person__in=[one.pk for one in everybody])
    rows = rows.filter(Q(claimed__gt=0) | Q(confirmed__gt=0), skill__archived_at=None)
    by_cell: dict[tuple[int, int], PersonSkill] = {}
    skills: dict[int, Skill] = {}
    for row in rows.annotate(state=skill_state()).select_related("skill"):
        by_cell[(row.person_id, row.skill_id)] = row
        skills[row.skill_id] = row.skill
    needs: dict[int, list[Need]] = defaultdict(list)
    for need in needs_of(user, units):
        needs[need.skill].append(need)
    missing = needs.keys() - skills.keys()
    if missing:
        skills |= {one.pk: one for one in Skill.objects.filter(pk__in=missing)}
    found.categories = sorted(
        {one.category for one in skills.values() if one.category}, key=lambda text: fold(text) or ""
    )
    chosen = [one for one in skills.values() if _fits(one, category, query)]
    chosen.sort(key=lambda one: (fold(one.category) or "", fold(str(one)) or "", one.pk))
    heads = [_head(one, everybody, by_cell, needs.get(one.pk, ()), day) for one in chosen]
    heads = [head for head in heads if head.gap or not only_gaps]
    found.people, found.skills = len(everybody), len(heads)
    found.heads = heads[:MOST_SKILLS]
    found.lines = [_line(person, found.heads, by_cell, day) for person in everybody[:MOST_PEOPLE]]
    return found


def _fits(skill: Skill, category: str, query: str) -> bool:
    wanted = fold(query.strip()) or ""
    names = f"{fold(skill.name)} {fold(skill.name_en)}"
    return (not category or skill.category == category) and wanted in names


def _head(
    skill: Skill,
    people: Sequence[Person],
    cells: dict[tuple[int, int], PersonSkill],
    needs: Sequence[Need],
    day: dt.date,
) -> Head:
    levels = [row.level_on(day) or 0 for one in people if (row := cells.get((one.pk, skill.pk))) is not None]
    level = max((need.level for need in needs), default=0)
    return Head(
        skill, sum(1 for one in levels if one > 0), tuple(needs), sum(1 for one in levels if one >= max(level, 1))
    )


def _line(person: Person, heads: Sequence[Head], cells: dict[tuple[int, int], PersonSkill], day: dt.date) -> Line:
    shown = []
    for head in heads:
        row = cells.get((person.pk, head.skill.pk))
        state = str(getattr(row, "state", "")) if row is not None else ""
        shown.append(Cell(head.skill, row, row.level_on(day) if row else None, row.claimed if row else 0, state))
    return Line(person, shown)
