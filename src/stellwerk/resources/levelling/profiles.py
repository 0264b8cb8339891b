"""What is asked for (a role and skills of demands) and which of it people have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from stellwerk.engine.levelling.people import model as engine
from stellwerk.engine.network import NONE
from stellwerk.people.models import Person, PersonSkill
from stellwerk.resources.levelling.assigned import Wish
from stellwerk.resources.levelling.clockwork import Integers
from stellwerk.resources.models import DemandSkill

Profile = tuple[tuple[str, int, int], ...]


def profiles_of(wishes: Sequence[Wish], activities: Sequence[int]) -> tuple[tuple[Profile, ...], list[int]]:
    """Distinct profiles (role and skills of demands), and that of each wish (NONE: a person is named)."""
    skills: dict[int, list[tuple[str, int, int]]] = {}
    rows = DemandSkill.objects.filter(demand__activity__in=activities, must=True).exclude(demand__state="cancelled")
    for activity, skill, level in rows.values_list("demand__activity_id", "skill_id", "level"):
        skills.setdefault(activity, []).append(("skill", skill, level))
    known: dict[Profile, int] = {}
    asked = []
    for wish in wishes:
        if wish.person is not None:
            asked.append(NONE)
            continue
        head = [("role", wish.role, 1)] if wish.role is not None else []
        key = tuple(sorted({*head, *skills.get(wish.activity, [])}))
        asked.append(known.setdefault(key, len(known)) if key else NONE)
    return tuple(known), asked


def _skill_columns(profiles: Sequence[Profile]) -> dict[tuple[str, int], int]:
    wanted = sorted({(kind, number) for one in profiles for kind, number, _level in one})
    return {key: column for column, key in enumerate(wanted)}


def levels_of(people: Sequence[int], roles: Sequence[int], profiles: Sequence[Profile], today: dt.date) -> Integers:
    columns = _skill_columns(profiles)
    found = np.zeros((len(people), len(columns)), np.int64)
    row = {person: number for number, person in enumerate(people)}
    for person, role in Person.objects.filter(pk__in=people, role__in=roles).values_list("pk", "role_id"):
        if ("role", role) in columns:
            found[row[person], columns["role", role]] = 1
    skills = [number for kind, number in columns if kind == "skill"]
    for one in PersonSkill.objects.filter(person__in=people, skill__in=skills):
        found[row[one.person_id], columns["skill", one.skill_id]] = one.level_on(today) or 0
    return found


def profile_table(profiles: Sequence[Profile]) -> engine.Profiles:
    columns = _skill_columns(profiles)
    rows = [(number, columns[kind, what], level) for number, one in enumerate(profiles) for kind, what, level in one]  # fmt: skip
    made = np.array(rows, np.int64).reshape(-1, 3)
    return engine.Profiles(profile=made[:, 0], skill=made[:, 1], level=made[:, 2])
