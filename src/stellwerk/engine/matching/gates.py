"""Hard reasons against a match, each with its name, what is needed and what was found. Who fails one is listed under "why not"."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from stellwerk.engine.matching.model import Job, Kind, Person, Place, Weights
from stellwerk.engine.matching.skills import effective

EARTH: Final = 6371.0088
"""Mean radius in kilometres (IUGG)."""


class Code(StrEnum):
    CONTRACT = "contract"
    PAY = "pay"
    START = "start"
    WORKLOAD = "workload"
    PLACE = "place"
    LANGUAGE = "language"
    PERMIT = "permit"
    CLOCK = "clock"
    SKILL = "skill"


@dataclass(frozen=True)
class Gate:
    """One reason: ``subject`` (skill number, language, region), what is ``needed``, what was ``found``."""

    code: Code
    subject: int | str | None
    needed: int | str | dt.date
    found: int | str | dt.date


def kilometres(one: Place, other: Place) -> float:
    """Along the great circle (haversine)."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    dlat, dlon = lat2 - lat1, math.radians(other.longitude - one.longitude)
    part = math.sin(dlat / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(1.0, part)))


def distance(job: Job, person: Person) -> float | None:
    """Kilometres from the person to the nearest place of the job; None where one of them is not told."""
    if job.place is None or person.place is None:
        return None
    return min(kilometres(place, person.place) for place in (job.place, *job.further))


def reach(radius: int, remote: int) -> Fraction:
    """How far a place may be: the radius is for the daily way; who need not come every day travels so much farther (never at 100 %)."""
    return Fraction(radius * 100, 100 - remote)


def gates(job: Job, person: Person, weights: Weights, today: dt.date) -> list[Gate]:
    """All hard reasons against this match, in the order of :class:`Code`; empty: none. What is not known is no reason."""
    return [
        *_terms(job, person),
        *_where(job, person),
        *_languages(job, person),
        *_law(job, person, today),
        *_skills(job, person, weights, today),
    ]


def _terms(job: Job, person: Person) -> Iterator[Gate]:
    if job.contract and person.contracts is not None and job.contract not in person.contracts:
        yield Gate(Code.CONTRACT, None, job.contract, ", ".join(sorted(person.contracts)))
    if job.pays is not None and person.asks is not None and person.asks > job.pays:
        yield Gate(Code.PAY, None, job.pays, person.asks)
    latest = job.latest_start or job.start
    if latest is not None and person.available is not None and person.available > latest:
        yield Gate(Code.START, None, latest, person.available)
    least, most = person.workload if person.workload is not None else (0, 100)
    if most < job.workload[0]:
        yield Gate(Code.WORKLOAD, None, job.workload[0], most)
    elif least > job.workload[1]:
        yield Gate(Code.WORKLOAD, None, job.workload[1], least)


def _where(job: Job, person: Person) -> Iterator[Gate]:
    """Is the place beyond the reach? ``needed``: the radius from which on it would not be."""
    far = distance(job, person)
    if far is None or person.radius is None or job.remote >= 100:
        return
    if far * (100 - job.remote) > person.radius * 100:
        yield Gate(Code.PLACE, None, math.ceil(far * (100 - job.remote) / 100), person.radius)


def _languages(job: Job, person: Person) -> Iterator[Gate]:
    if person.languages is None:
        return
    for language, level in sorted(job.languages.items()):
        held = person.languages.get(language, 0)
        if held < level:
            yield Gate(Code.LANGUAGE, language, level, held)


def _law(job: Job, person: Person, today: dt.date) -> Iterator[Gate]:
    if job.region and person.permits is not None and job.region not in person.permits:
        yield Gate(Code.PERMIT, job.region, job.region, ", ".join(sorted(person.permits)))
    until = person.lent_until.get(job.client) if job.client is not None else None
    if until is not None:
        begins = max((day for day in (job.start, person.available) if day is not None), default=today)
        if (job.last_day or begins) > until:
            yield Gate(Code.CLOCK, job.client, job.last_day or begins, until)


def _skills(job: Job, person: Person, weights: Weights, today: dt.date) -> Iterator[Gate]:
    for need in job.skills:
        own = person.skills.get(need.skill)
        if need.kind is Kind.MUST and need.minimum and (own is None or own.sure):
            held = effective(person, need.skill, weights, today)
            if held < need.minimum:
                yield Gate(Code.SKILL, need.skill, need.minimum, math.floor(held))
