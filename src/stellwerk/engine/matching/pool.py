"""Many vacancies and many people at once: the best assignment, a stable one, and how far both are from each other.

The best assignment maximises the sum of reciprocal scores; a stable one leaves no vacancy and person who would both rather have each other
(Gale and Shapley 1962, College Admissions and the Stability of Marriage: the people propose, which is best for them).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True)
class Assignment:
    """``taken[v]``: row of the person of vacancy v, or NOBODY."""

    taken: tuple[int, ...]
    total: float
    blocking: int  # pairs who would both rather have each other

    @property
    def filled(self) -> int:
        return sum(person != NOBODY for person in self.taken)


def best(score: Floats, company: Floats, wishes: Floats, open_: Flags, least: float = 0.0) -> Assignment:
    """The assignment with the highest sum of scores; pairs that are shut or score below ``least`` are never made.

    Arrays of vacancies × people. Shortest augmenting paths with potentials (Jonker and Volgenant 1987), one vacancy at a time.
    """
    allowed = open_ & (score >= least) & (score > 0)
    taken = _augment(np.where(allowed, score, 0.0))
    taken = [
        person if person != NOBODY and allowed[vacancy, person] else NOBODY for vacancy, person in enumerate(taken)
    ]
    return _told(taken, score, company, wishes, allowed)


def _augment(value: Floats) -> list[int]:
    """Rows to columns with the highest sum; a row that no column is worth anything for goes to a dummy one of value 0."""
    rows, people = value.shape
    top = value.max(initial=0.0)
    cost = np.hstack([top - value, np.full((rows, rows), top)])
    columns = people + rows
    # Column 0 is where each new row starts; rows and columns count from 1.
    u, v = np.zeros(rows + 1), np.zeros(columns + 1)
    owner, way = np.zeros(columns + 1, dtype=np.int64), np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        owner[0], at = row, 0
        nearest = np.full(columns + 1, np.inf)
        done = np.zeros(columns + 1, dtype=np.bool_)
        while True:
            done[at] = True
            here = owner[at]
            step = cost[here - 1] - u[here] - v[1:]
            nearer = ~done[1:] & (step < nearest[1:])
            nearest[1:][nearer] = step[nearer]
            way[1:][nearer] = at
            then = int(np.argmin(np.where(done, np.inf, nearest)))
            low = nearest[then]
            u[owner[done]] += low
            v[done] -= low
            nearest[~done] -= low
            at = then
            if owner[at] == 0:
                break
        while at:
            owner[at] = owner[way[at]]
            at = int(way[at])
    found = [NOBODY] * rows
    for column in np.flatnonzero(owner[1 : people + 1]):
        found[int(owner[column + 1]) - 1] = int(column)
    return found


def stable(score: Floats, company: Floats, wishes: Floats, open_: Flags, least: float = 0.0) -> Assignment:
    """Deferred acceptance, people propose: of all stable assignments the one that every person likes best."""
    allowed = open_ & (score >= least) & (score > 0)
    vacancies, people = score.shape
    # By the person's own liking, equal ones by row.
    order = [np.lexsort((np.arange(vacancies), -wishes[:, person])) for person in range(people)]
    order = [likes[allowed[likes, person]] for person, likes in enumerate(order)]
    place = [0] * people
    taken = [NOBODY] * vacancies
    free = list(range(people))
    heapq.heapify(free)
    while free:
        person = heapq.heappop(free)
        while place[person] < len(order[person]):
            vacancy = int(order[person][place[person]])
            place[person] += 1
            held = taken[vacancy]
            if held == NOBODY:
                taken[vacancy] = person
                break
            if _likes(company[vacancy], person, held):
                taken[vacancy] = person
                heapq.heappush(free, held)
                break
    return _told(taken, score, company, wishes, allowed)


def _likes(values: Floats, one: int, other: int) -> bool:
    """Does a vacancy rather have one than the other? Equal ones by row."""
    return (float(values[one]), -one) > (float(values[other]), -other)


def _told(taken: Sequence[int], score: Floats, company: Floats, wishes: Floats, allowed: Flags) -> Assignment:
    total = sum(float(score[vacancy, person]) for vacancy, person in enumerate(taken) if person != NOBODY)
    return Assignment(tuple(taken), total, blocking(taken, company, wishes, allowed))


def blocking(taken: Sequence[int], company: Floats, wishes: Floats, allowed: Flags) -> int:
    _vacancies, people = company.shape
    place = {person: vacancy for vacancy, person in enumerate(taken) if person != NOBODY}
    has_person = np.array(
        [company[vacancy, person] if person != NOBODY else -1.0 for vacancy, person in enumerate(taken)]
    )
    has_job = np.array([wishes[place[person], person] if person in place else -1.0 for person in range(people)])
    rather = allowed & (company > has_person[:, None]) & (wishes > has_job[None, :])
    return int(rather.sum())


def exposure(found: Sequence[Sequence[int]], people: Sequence[int]) -> float:
    """How unevenly lists show people (Gini, 0: all alike, near 1: always the same few); 0 where nothing is shown."""
    counts = dict.fromkeys(people, 0)
    for names in found:
        for number in names:
            counts[number] += 1
    values = np.sort(np.fromiter(counts.values(), dtype=np.float64))
    if not len(values) or not values.sum():
        return 0.0
    ranks = np.arange(1, len(values) + 1)
    return float((2 * (ranks * values).sum()) / (len(values) * values.sum()) - (len(values) + 1) / len(values))
