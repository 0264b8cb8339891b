"""Very many profiles for one job: the same gates and scores as :func:`score.match`, column by column in floats.

A skill keeps who holds it, so that a job touches its own skills only: 100,000 profiles with 14,000 possible skills take no dense table.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.matching.gates import EARTH, Code
from stellwerk.engine.matching.model import Job, Kind, Person, Place, Weights
from stellwerk.engine.matching.skills import YEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
UNKNOWN: Final = -1
FAR_DAY: Final = 10**9


@dataclass(frozen=True)
class Held:
    """Who holds one thing, at which level, and when it was last used (ordinal day; UNKNOWN: not told)."""

    rows: Ints
    levels: Ints
    used: Ints


class Table:
    """Profiles in columns; made once, then asked for any number of jobs."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self.size = len(people)
        self.numbers = np.array([person.number for person in people], dtype=np.int64)
        self.skills = _columns((row, number, held.level, held.used) for row, person in enumerate(people) for number, held in person.skills.items())  # fmt: skip
        self.unsure = _holders((row, number) for row, person in enumerate(people) for number, held in person.skills.items() if not held.sure)  # fmt: skip
        self.soft = _columns((row, trait, level, None) for row, person in enumerate(people) for trait, level in person.soft.items())  # fmt: skip
        self.languages = _columns((row, name, level, None) for row, person in enumerate(people) for name, level in (person.languages or {}).items())  # fmt: skip
        self.certificates = _holders(
            (row, number) for row, person in enumerate(people) for number in person.certificates
        )
        self.industries = _holders((row, number) for row, person in enumerate(people) for number in person.industries)
        self.contracts = _holders((row, name) for row, person in enumerate(people) for name in person.contracts or ())
        self.permits = _holders((row, name) for row, person in enumerate(people) for name in person.permits or ())
        self.wanted = _holders((row, number) for row, person in enumerate(people) for number in person.wishes.skills)
        self.unwanted = _holders(
            (row, number) for row, person in enumerate(people) for number in person.wishes.no_skills
        )
        self.wanted_industries = _holders(
            (row, number) for row, person in enumerate(people) for number in person.wishes.industries
        )
        self.unwanted_industries = _holders(
            (row, number) for row, person in enumerate(people) for number in person.wishes.no_industries
        )
        self.words = _holders(((row, word) for row, person in enumerate(people) for word in person.words), np.int32)
        self.lent = _columns((row, client, day.toordinal(), None) for row, person in enumerate(people) for client, day in person.lent_until.items())  # fmt: skip
        self.knows_languages = np.array([person.languages is not None for person in people])
        self.knows_contracts = np.array([person.contracts is not None for person in people])
        self.knows_permits = np.array([person.permits is not None for person in people])
        self.years = _ints(person.years or 0 for person in people)
        self.available = _ints(
            UNKNOWN if person.available is None else person.available.toordinal() for person in people
        )
        self.least = _ints(0 if person.workload is None else person.workload[0] for person in people)
        self.most = _ints(100 if person.workload is None else person.workload[1] for person in people)
        self.asks = _ints(UNKNOWN if person.asks is None else person.asks for person in people)
        self.radius = _ints(UNKNOWN if person.radius is None else person.radius for person in people)
        places = [
            (person.place.latitude, person.place.longitude) if person.place else (np.nan, np.nan) for person in people
        ]
        self.places = np.radians(np.array(places, dtype=np.float64).reshape(-1, 2))
        self.wish_workload = _ints(
            UNKNOWN if person.wishes.workload is None else person.wishes.workload for person in people
        )
        self.wish_remote = _ints(UNKNOWN if person.wishes.remote is None else person.wishes.remote for person in people)
        self.wish_pay = _ints(person.wishes.pay or 0 for person in people)
        self.wish_team = np.array(
            [person.wishes.team or (UNKNOWN, UNKNOWN) for person in people], dtype=np.int64
        ).reshape(-1, 2)
        self.any_wanted = np.array([bool(person.wishes.skills) for person in people], dtype=np.bool_)
        self.any_skill_wish = np.array(
            [bool(person.wishes.skills or person.wishes.no_skills) for person in people], dtype=np.bool_
        )
        self.any_wanted_industry = np.array([bool(person.wishes.industries) for person in people], dtype=np.bool_)
        self.any_industry_wish = np.array(
            [bool(person.wishes.industries or person.wishes.no_industries) for person in people], dtype=np.bool_
        )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _columns(cells: Iterable[tuple[int, int | str, int, dt.date | None]]) -> Mapping[int | str, Held]:
    found: dict[int | str, tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
    for row, key, level, used in cells:
        rows, levels, days = found[key]
        rows.append(row)
        levels.append(level)
        days.append(UNKNOWN if used is None else used.toordinal())
    return {key: Held(*(np.array(part, dtype=np.int64) for part in parts)) for key, parts in found.items()}


def _holders(
    cells: Iterable[tuple[int, int | str]], kind: type[np.signedinteger[Any]] = np.int64
) -> Mapping[int | str, Any]:
    found: dict[int | str, list[int]] = defaultdict(list)
    for row, key in cells:
        found[key].append(row)
    return {key: np.array(rows, dtype=kind) for key, rows in found.items()}


# ── scores ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scores:
    """Of each row of the table: both sides, the reciprocal score, and the gates that are shut."""

    company: Floats
    wishes: Floats
    score: Floats
    shut: Mapping[Code, Flags]
    open: Flags


def scores(job: Job, table: Table, weights: Weights, today: dt.date) -> Scores:
    """All profiles against one job."""
    reader = _Reader(job, table, weights, today)
    company, wishes = reader.company(), reader.person()
    both = company + wishes
    score = np.divide(2 * company * wishes, both, out=np.zeros_like(both), where=both > 0)
    shut = reader.gates()
    closed = np.zeros(table.size, dtype=np.bool_)
    for flags in shut.values():
        closed |= flags
    return Scores(company, wishes, score, shut, ~closed)


def rank(job: Job, table: Table, weights: Weights, today: dt.date, most: int = 50) -> list[tuple[int, float]]:
    """The best open profiles: (number, reciprocal score), best first, equal ones by number."""
    found = scores(job, table, weights, today)
    rows = np.flatnonzero(found.open)
    if len(rows) > most:
        # All that tie with the last one stay in, so that the order of equal scores never depends on the selection.
        edge = np.partition(found.score[rows], len(rows) - most)[len(rows) - most]
        rows = rows[found.score[rows] >= edge]
    order = np.lexsort((table.numbers[rows], -found.score[rows]))[:most]
    return [(int(table.numbers[row]), float(found.score[row])) for row in rows[order]]


class _Reader:
    """One job against the table."""

    def __init__(self, job: Job, table: Table, weights: Weights, today: dt.date) -> None:
        self.job, self.table, self.weights, self.today = job, table, weights, today
        self.levels: dict[int, Floats] = {}
        self.distance: Floats | None = self._distance()

    def _distance(self) -> Floats | None:
        if self.job.place is None or self.job.remote >= 100:
            return None
        found = self._distance_to(self.job.place)
        for place in self.job.further:
            found = np.minimum(found, self._distance_to(place))
        return found

    def _distance_to(self, place: Place) -> Floats:
        lat, lon = np.radians([place.latitude, place.longitude])
        others = self.table.places
        part = (
            np.sin((others[:, 0] - lat) / 2) ** 2
            + np.cos(lat) * np.cos(others[:, 0]) * np.sin((others[:, 1] - lon) / 2) ** 2
        )
        found: Floats = 2 * EARTH * np.arcsin(np.sqrt(np.minimum(1.0, part)))
        return found

    def level(self, skill: int) -> Floats:
        """The level that counts of each row (``skills.effective``)."""
        if skill not in self.levels:
            best = np.zeros(self.table.size)
            for other, credit in [
                (skill, 1.0),
                *((other, float(credit)) for other, credit in self.weights.near(skill)),
            ]:
                held = self.table.skills.get(other)
                if held is not None:
                    best[held.rows] = np.maximum(best[held.rows], credit * held.levels * self._recency(held.used))
            self.levels[skill] = best
        return self.levels[skill]

    def _recency(self, used: Ints) -> Floats:
        weights = self.weights
        years = np.maximum(0, self.today.toordinal() - used) / YEAR
        low = float(weights.stale_value)
        fading = 1 - (1 - low) * (years - weights.fresh) / (weights.stale - weights.fresh)
        found: Floats = np.where(used == UNKNOWN, 1.0, np.clip(fading, low, 1.0))
        return found

    def _flag(self, rows: Ints | None) -> Flags:
        flags = np.zeros(self.table.size, dtype=np.bool_)
        if rows is not None:
            flags[rows] = True
        return flags

    def _held(self, held: Held | None) -> Ints:
        levels = np.zeros(self.table.size, dtype=np.int64)
        if held is not None:
            levels[held.rows] = held.levels
        return levels

    # ── both sides ───────────────────────────────────────────────────────────────────────────────

    def company(self) -> Floats:
        job, weights, table = self.job, self.weights, self.table
        musts: list[tuple[int, Floats]] = []
        others: list[tuple[int, Floats]] = []
        for need in job.skills:
            met = np.minimum(1.0, self.level(need.skill) / need.level)
            if need.kind is Kind.MUST:
                musts.append((need.weight, met))
            else:
                others.append((need.weight * (weights.should if need.kind is Kind.SHOULD else weights.nice), met))
        others += [
            (weights.soft, np.minimum(1.0, self._held(table.soft.get(trait)) / level))
            for trait, level in job.soft.items()
            if level
        ]
        if job.years:
            others.append((weights.years, np.minimum(1.0, table.years / job.years)))
        others += [
            (weights.certificate, self._flag(table.certificates.get(number)).astype(float))
            for number in job.certificates
        ]
        if job.industry is not None:
            others.append((weights.industry, self._flag(table.industries.get(job.industry)).astype(float)))
        others = [(weight, met) for weight, met in others if weight]
        share = float(weights.others) if musts else 1.0
        share = share if others else 0.0
        words = self._in_words() if weights.words else None
        if not musts and not others:
            return np.ones(table.size) if words is None else words
        met_musts = _mean(musts) if musts else np.ones(table.size)
        found = (1 - share) * met_musts + (share * met_musts * _mean(others) if others else 0.0)
        return found if words is None else found + float(weights.words) * (1 - found) * words

    def _in_words(self) -> Floats | None:
        """The share of the job's words, by rarity, that each row uses too; None: the job has none."""
        best: Floats | None = None
        for text in self.job.words:
            if text:
                met = np.zeros(self.table.size)
                for word, rare in text.items():
                    rows = self.table.words.get(word)
                    if rows is not None:
                        met[rows] += rare
                met /= sum(text.values())
                best = met if best is None else np.maximum(best, met)
        return best

    def person(self) -> Floats:
        job, weights, table = self.job, self.weights, self.table
        total, whole = np.zeros(table.size), np.zeros(table.size)

        def add(weight: int, applies: Flags, met: Floats) -> None:
            total[applies] += weight * met[applies]
            whole[applies] += weight

        if job.skills:
            wanted, unwanted = np.zeros(table.size), np.zeros(table.size)
            for need in job.skills:
                wanted[self._flag(table.wanted.get(need.skill))] += need.weight
                unwanted[self._flag(table.unwanted.get(need.skill))] += need.weight
            all_of = sum(need.weight for need in job.skills)
            neutral = (all_of - wanted - unwanted) / np.where(table.any_wanted, 2, 1)
            add(weights.content, table.any_skill_wish, (wanted + neutral) / all_of)
        add(weights.place, table.wish_remote != UNKNOWN, 1 - np.maximum(0, table.wish_remote - job.remote) / 100)
        if self.distance is not None:
            known = ~np.isnan(self.distance) & (table.radius > 0)
            far = (
                np.round(np.where(known, self.distance, 0)) * (1 - job.remote / 100) / np.where(known, table.radius, 1)
            )
            add(weights.place, known, np.maximum(0.0, 1 - far / 2))
        near = np.clip(table.wish_workload, *job.workload)
        add(weights.workload, table.wish_workload != UNKNOWN, 1 - np.abs(near - table.wish_workload) / 100)
        if job.pays is not None:
            floor = np.where(table.asks == UNKNOWN, table.wish_pay / 2, table.asks)
            slope = (job.pays - floor) / np.where(table.wish_pay > floor, table.wish_pay - floor, 1)
            met = np.where(job.pays >= table.wish_pay, 1.0, np.clip(slope, 0.0, 1.0))
            add(weights.pay, table.wish_pay > 0, np.where((job.pays < table.wish_pay) & (job.pays <= floor), 0.0, met))
        if job.industry is not None:
            good = np.where(
                table.any_wanted_industry,
                self._flag(table.wanted_industries.get(job.industry)),
                ~self._flag(table.unwanted_industries.get(job.industry)),
            )
            add(weights.industry_wish, table.any_industry_wish, good.astype(float))
        if job.team is not None:
            least, most = table.wish_team[:, 0], table.wish_team[:, 1]
            add(weights.team, least != UNKNOWN, ((least <= job.team) & (job.team <= most)).astype(float))
        return np.divide(total, whole, out=np.ones(table.size), where=whole > 0)

    # ── gates ────────────────────────────────────────────────────────────────────────────────────

    def gates(self) -> dict[Code, Flags]:
        job, table = self.job, self.table
        none = np.zeros(table.size, dtype=np.bool_)
        shut = dict.fromkeys(Code, none)
        if job.contract:
            shut[Code.CONTRACT] = table.knows_contracts & ~self._flag(table.contracts.get(job.contract))
        if job.pays is not None:
            shut[Code.PAY] = table.asks > job.pays
        latest = job.latest_start or job.start
        if latest is not None:
            shut[Code.START] = table.available > latest.toordinal()
        shut[Code.WORKLOAD] = (table.most < job.workload[0]) | (table.least > job.workload[1])
        if self.distance is not None:
            far = np.nan_to_num(self.distance, nan=-1.0) * (100 - job.remote)
            shut[Code.PLACE] = (table.radius != UNKNOWN) & (far > table.radius * 100)
        for name, level in job.languages.items():
            shut[Code.LANGUAGE] = shut[Code.LANGUAGE] | (
                table.knows_languages & (self._held(table.languages.get(name)) < level)
            )
        if job.region:
            shut[Code.PERMIT] = table.knows_permits & ~self._flag(table.permits.get(job.region))
        if job.client is not None and job.client in table.lent:
            shut[Code.CLOCK] = self._clock(table.lent[job.client])
        for need in job.skills:
            if need.kind is Kind.MUST and need.minimum:
                # A level that is reached exactly may be a hair less in floats.
                below = self.level(need.skill) < need.minimum - 1e-9
                shut[Code.SKILL] = shut[Code.SKILL] | (below & ~self._flag(table.unsure.get(need.skill)))
        return shut

    def _clock(self, held: Held) -> Flags:
        until = np.full(self.table.size, FAR_DAY)
        until[held.rows] = held.levels
        if self.job.last_day is not None:
            return np.asarray(self.job.last_day.toordinal() > until)
        start = self.job.start.toordinal() if self.job.start is not None else UNKNOWN
        begins = np.maximum(self.table.available, start)
        begins = np.where(begins == UNKNOWN, self.today.toordinal(), begins)
        return np.asarray(begins > until)


def _mean(parts: list[tuple[int, Floats]]) -> Floats:
    whole = sum(weight for weight, _met in parts)
    total: Floats = sum((weight * met for weight, met in parts[1:]), parts[0][0] * parts[0][1])
    return total / whole
