"""All open vacancies and all people at once: best and stable assignment beside going vacancy by vacancy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.matching import best, exposure, stable
from stellwerk.engine.matching.pool import NOBODY, Assignment, Flags, Floats, blocking
from stellwerk.staffing.compute_matching import columns, weights_of, wording_of
from stellwerk.staffing.models import Profile, Vacancy
from stellwerk.staffing.selectors.matching import active_weights, clocks_of, open_vacancies
from stellwerk.staffing.selectors.profiles import for_matching, profile_person, with_parts
from stellwerk.staffing.selectors.rarity import pool_rarity

MOST_VACANCIES: Final = 500
MOST_PEOPLE: Final = 5000
LISTED: Final = 5
"""How many names a vacancy's own ranking shows, for the figure of exposure."""


@dataclass(frozen=True)
class Way:
    """One way of filling: how many are filled, the sum of scores, pairs who would both rather have each other."""

    name: str
    filled: int
    total: float
    blocking: int


@dataclass(frozen=True)
class Row:
    """One position of a vacancy and whom each way would take, with the score of 100."""

    vacancy: Vacancy
    alone: tuple[Profile, int] | None
    best: tuple[Profile, int] | None
    stable: tuple[Profile, int] | None
    candidates: int

    @property
    def differs(self) -> bool:
        names = {one[0].pk if one else None for one in (self.alone, self.best, self.stable)}
        return len(names) > 1


@dataclass(frozen=True)
class Pool:
    rows: list[Row]
    ways: list[Way]
    positions: int
    people: int
    exposure: float
    cut: bool

    @property
    def answer(self) -> str:
        values = {"filled": self.ways[1].filled if self.ways else 0, "all": self.positions, "alone": self.ways[0].filled if self.ways else 0}  # fmt: skip
        return _("Together %(filled)s of %(all)s positions can be filled; one by one it would be %(alone)s") % values


def pool(user: User, today: dt.date) -> Pool:
    """Every vacancy counts as often as it has positions. Beyond the limits the latest vacancies count, and ``cut`` is told."""
    vacancies = list(open_vacancies().filter(visible(user, Vacancy))[: MOST_VACANCIES + 1])
    people = list(with_parts(for_matching(today).filter(visible(user, Profile)))[: MOST_PEOPLE + 1])
    cut = len(vacancies) > MOST_VACANCIES or len(people) > MOST_PEOPLE
    vacancies, people = vacancies[:MOST_VACANCIES], people[:MOST_PEOPLE]
    seats = [vacancy for vacancy in vacancies for _seat in range(min(vacancy.positions, 20))][:MOST_VACANCIES]
    if not seats or not people:
        return Pool([], [], len(seats), len(people), 0.0, cut)
    weights = weights_of(active_weights())
    persons = [(one, profile_person(one)) for one in people]
    rarity = pool_rarity(today)
    lines = {
        one.pk: columns(one, persons, weights, today, clocks_of(people, one), wording_of(one, rarity))
        for one in vacancies
    }
    score: Floats = np.vstack([lines[seat.pk].score for seat in seats])
    company: Floats = np.vstack([lines[seat.pk].company for seat in seats])
    wishes: Floats = np.vstack([lines[seat.pk].wishes for seat in seats])
    open_: Flags = np.vstack([lines[seat.pk].open for seat in seats])
    least = float(weights.threshold)
    together, settled = best(score, company, wishes, open_, least), stable(score, company, wishes, open_, least)
    alone = _one_by_one(score, company, wishes, open_, least)
    able = (open_ & (score >= least)).sum(axis=1)

    def taken(way: Assignment, number: int) -> tuple[Profile, int] | None:
        return _taken(way, number, people, score)

    rows = [
        Row(seat, taken(alone, number), taken(together, number), taken(settled, number), int(able[number]))
        for number, seat in enumerate(seats)
    ]
    shown = [_listed(score[number], open_[number], least, people) for number in range(len(seats))]
    ways = [
        Way(_("one by one"), alone.filled, alone.total, alone.blocking),
        Way(_("best for all"), together.filled, together.total, together.blocking),
        Way(_("stable"), settled.filled, settled.total, settled.blocking),
    ]
    return Pool(rows, ways, len(seats), len(people), exposure(shown, [one.pk for one in people]), cut)


def _one_by_one(score: Floats, company: Floats, wishes: Floats, open_: Flags, least: float) -> Assignment:
    """What happens without a look at the whole: each vacancy in turn takes the best who is left."""
    left = np.ones(score.shape[1], dtype=np.bool_)
    taken: list[int] = []
    for number in range(score.shape[0]):
        values = np.where(open_[number] & left & (score[number] >= least), score[number], -1.0)
        person = int(np.argmax(values))
        taken.append(person if values[person] > 0 else NOBODY)
        if taken[-1] != NOBODY:
            left[person] = False
    rather = blocking(taken, company, wishes, open_ & (score >= least))
    return Assignment(tuple(taken), float(sum(score[v, p] for v, p in enumerate(taken) if p != NOBODY)), rather)


def _taken(way: Assignment, number: int, people: list[Profile], score: Floats) -> tuple[Profile, int] | None:
    person = way.taken[number]
    return None if person == NOBODY else (people[person], round(float(score[number, person]) * 100))


def _listed(score: Floats, open_: Flags, least: float, people: list[Profile]) -> list[int]:
    order = [int(n) for n in np.argsort(-score, kind="stable") if open_[n] and score[n] >= least][:LISTED]
    return [people[number].pk for number in order]
