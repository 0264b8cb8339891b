"""What other weights would change before they count: who moves up and down, and by how much. Nothing of it is a decision, so nothing is logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.engine.matching import Scores, Weights
from stellwerk.staffing.compute_matching import columns, weights_of, wording_of
from stellwerk.staffing.models import Profile, Vacancy, WeightSet
from stellwerk.staffing.selectors.matching import active_weights, clocks_of, open_vacancies
from stellwerk.staffing.selectors.profiles import for_matching, profile_person, with_parts
from stellwerk.staffing.selectors.rarity import pool_rarity

LAST: Final = 10
MOVERS: Final = 12
"""People shown for one vacancy, those with the largest move first."""
MOST_PEOPLE: Final = 5000


@dataclass(frozen=True)
class Move:
    """One person whom no hard condition shuts out: place and score of 100 before and after."""

    profile: Profile
    place: int
    new_place: int
    score: int
    new_score: int
    proposed: bool
    new_proposed: bool

    @property
    def up(self) -> int:
        """Places gained; below 0: lost."""
        return self.place - self.new_place

    @property
    def down(self) -> int:
        return -self.up


@dataclass(frozen=True)
class Preview:
    """One vacancy: how many are proposed before and after, and who moves."""

    vacancy: Vacancy
    proposed: int
    new_proposed: int
    moves: tuple[Move, ...]
    moved: int

    @property
    def hidden(self) -> int:
        return self.moved - len(self.moves)


def vacancies_for(user: User) -> list[Vacancy]:
    """For whose people a preview may be asked, the latest first."""
    return list(open_vacancies().filter(visible(user, Vacancy))[:100])


def preview(user: User, values: Mapping[str, int], today: dt.date, number: int | None = None) -> list[Preview]:
    """For one vacancy, or the last ten. People and vacancies are those that the reader may see."""
    rows = open_vacancies().filter(visible(user, Vacancy))
    vacancies = list(rows.filter(pk=number) if number is not None else rows[:LAST])
    people = list(with_parts(for_matching(today).filter(visible(user, Profile)))[:MOST_PEOPLE])
    if not vacancies or not people:
        return []
    before, after = weights_of(active_weights()), weights_of(WeightSet(number=0, values=dict(values)))
    persons: list[Any] = [(one, profile_person(one)) for one in people]
    rarity = pool_rarity(today)
    found: list[Preview] = []
    for vacancy in vacancies:
        clocks, words = clocks_of(people, vacancy), wording_of(vacancy, rarity)
        old, new = (columns(vacancy, persons, law, today, clocks, words) for law in (before, after))
        found.append(_moves(vacancy, people, (old, before), (new, after)))
    return found


def _moves(
    vacancy: Vacancy, people: list[Profile], old: tuple[Scores, Weights], new: tuple[Scores, Weights]
) -> Preview:
    places, new_places = _places(old[0], people), _places(new[0], people)
    # A thousandth is what is stored and compared elsewhere; floats beyond it would call a tie a difference.
    least, new_least = (float(weights.threshold) - 1e-9 for _scores, weights in (old, new))
    moves = [
        Move(
            people[row], places[row], new_places[row], round(float(old[0].score[row]) * 100), round(float(new[0].score[row]) * 100),
            bool(old[0].score[row] >= least), bool(new[0].score[row] >= new_least),
        )
        for row in places if row in new_places
    ]  # fmt: skip
    moved = [one for one in moves if one.up or one.score != one.new_score or one.proposed != one.new_proposed]
    moved.sort(
        key=lambda one: (one.proposed == one.new_proposed, -abs(one.up), -abs(one.new_score - one.score), one.new_place)
    )
    return Preview(
        vacancy,
        sum(one.proposed for one in moves),
        sum(one.new_proposed for one in moves),
        tuple(moved[:MOVERS]),
        len(moved),
    )


def _places(scores: Scores, people: list[Profile]) -> dict[int, int]:
    """The place of each row without a shut gate; equal ones by number, as on the page of the vacancy."""
    rows = [int(row) for row in np.flatnonzero(scores.open)]
    rows.sort(key=lambda row: (-round(float(scores.score[row]), 9), people[row].pk))
    return {row: place for place, row in enumerate(rows, start=1)}
