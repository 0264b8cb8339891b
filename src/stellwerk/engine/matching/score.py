"""Two one-sided scores, their harmonic mean, and what each is made of, exactly.

Company → person: ``M·(1 − ν) + M·ν·N``, where M is how well the musts are met, N all else, ν its share (``Weights.others``). So no nice-to-have
lifts anybody above M: what a must lacks is not bought back. Of what this leaves open, words in common of the two texts fill ``ω·W``, ω their
share (``Weights.words``) and W the rarity of the job's words that the person uses too, of all its words: ``T + ω·(1 − T)·W``. They lower nobody.
Person → job: the weighted mean of the wishes that can be judged; who wishes nothing has nothing against it (1). Both lie between 0 and 1 and
are sums of the points of their parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from stellwerk.engine.matching.gates import Gate, distance, gates, reach
from stellwerk.engine.matching.model import Job, Kind, Person, Weights
from stellwerk.engine.matching.skills import effective


class Side(StrEnum):
    COMPANY = "company"
    PERSON = "person"


class Topic(StrEnum):
    """What a part is about."""

    MUST = "must"
    SHOULD = "should"
    NICE = "nice"
    SOFT = "soft"
    YEARS = "years"
    CERTIFICATE = "certificate"
    INDUSTRY = "industry"
    WORDS = "words"
    CONTENT = "content"
    PLACE = "place"
    WORKLOAD = "workload"
    PAY = "pay"
    TEAM = "team"


@dataclass(frozen=True)
class Part:
    """One contribution: ``met`` of 0 to 1, worth ``points`` of at most ``possible``; the points of a side add up to its score."""

    side: Side
    topic: Topic
    subject: int | str | None
    met: Fraction
    weight: Fraction
    points: Fraction = Fraction(0)
    possible: Fraction = Fraction(0)


@dataclass(frozen=True)
class Match:
    """The comparison of one job with one person. ``missing``: what the profile does not tell and this job asks for."""

    job: int
    person: int
    company: Fraction
    wishes: Fraction
    score: Fraction
    parts: tuple[Part, ...]
    gates: tuple[Gate, ...]
    missing: tuple[tuple[str, int | str | None], ...]
    version: int

    def proposed(self, weights: Weights) -> bool:
        return not self.gates and self.score >= weights.threshold

    @property
    def nearness(self) -> Fraction:
        """For one list of all: the score, halved for each shut gate, so that a near miss stands before somebody who knows nothing of it."""
        return self.score / Fraction(2 ** len(self.gates))


def match(job: Job, person: Person, weights: Weights, today: dt.date) -> Match:
    """Compare one job with one person; exact, with all reasons. ``today`` decides how recent a skill is."""
    company, parts = _company(job, person, weights, today)
    wishes, more = _person(job, person, weights)
    return Match(
        job.number, person.number, company, wishes, harmonic(company, wishes), (*parts, *more),
        tuple(gates(job, person, weights, today)), tuple(_missing(job, person)), weights.version,
    )  # fmt: skip


def harmonic(one: Fraction, other: Fraction) -> Fraction:
    """2ab ÷ (a + b): high only where both sides are content; 0 where one is 0."""
    return 2 * one * other / (one + other) if one and other else Fraction(0)


# ── company → person ─────────────────────────────────────────────────────────────────────────────


def _company(job: Job, person: Person, weights: Weights, today: dt.date) -> tuple[Fraction, list[Part]]:
    musts: list[Part] = []
    others: list[Part] = []
    for need in job.skills:
        met = min(Fraction(1), effective(person, need.skill, weights, today) / need.level)
        if need.kind is Kind.MUST:
            musts.append(_part(Topic.MUST, need.skill, met, need.weight))
        else:
            unit = weights.should if need.kind is Kind.SHOULD else weights.nice
            others.append(_part(Topic(need.kind.value), need.skill, met, need.weight * unit))
    others += _beyond_skills(job, person, weights)
    share = weights.others if musts else Fraction(1)
    share = share if others else Fraction(0)
    if not musts and not others:
        return _words_alone(job, person, weights)
    met_musts = _mean(musts) if musts else Fraction(1)
    told = [*_pointed(musts, 1 - share, Fraction(1)), *_pointed(others, share, met_musts)]
    total = sum((part.points for part in told), Fraction(0))
    told += _in_words(job, person, weights.words * (1 - total))
    return sum((part.points for part in told), Fraction(0)), told


def _words_alone(job: Job, person: Person, weights: Weights) -> tuple[Fraction, list[Part]]:
    """A job that asks for nothing but in words is compared by words; one that says nothing fits everybody."""
    told = _in_words(job, person, Fraction(1)) if weights.words else []
    return (told[0].points, told) if told else (Fraction(1), [])


def _in_words(job: Job, person: Person, possible: Fraction) -> list[Part]:
    """The one contribution of words in common, worth at most ``possible``; of several languages the one that has more of them."""
    texts = [text for text in job.words if text]
    if not texts or not possible:
        return []
    known = set(person.words)
    found = [
        (Fraction(sum(rare for word, rare in text.items() if word in known), sum(text.values())), text)
        for text in texts
    ]
    met, text = max(found, key=lambda pair: pair[0])
    common = sorted((word for word in text if word in known), key=lambda word: (-text[word], word))
    return [Part(Side.COMPANY, Topic.WORDS, ", ".join(common), met, possible, possible * met, possible)]


def _beyond_skills(job: Job, person: Person, weights: Weights) -> list[Part]:
    parts = [
        _part(Topic.SOFT, trait, min(Fraction(1), Fraction(person.soft.get(trait, 0), level)), weights.soft)
        for trait, level in job.soft.items()
        if level
    ]
    if job.years:
        parts.append(_part(Topic.YEARS, None, min(Fraction(1), Fraction(person.years or 0, job.years)), weights.years))
    parts += [
        _part(Topic.CERTIFICATE, number, Fraction(number in person.certificates), weights.certificate)
        for number in sorted(job.certificates)
    ]
    if job.industry is not None:
        parts.append(_part(Topic.INDUSTRY, job.industry, Fraction(job.industry in person.industries), weights.industry))
    return [part for part in parts if part.weight]


def _part(topic: Topic, subject: int | str | None, met: Fraction, weight: int, side: Side = Side.COMPANY) -> Part:
    return Part(side, topic, subject, met, Fraction(weight))


def _mean(parts: Sequence[Part]) -> Fraction:
    return sum((part.met * part.weight for part in parts), Fraction(0)) / sum(
        (part.weight for part in parts), Fraction(0)
    )


def _pointed(parts: Sequence[Part], share: Fraction, factor: Fraction) -> list[Part]:
    """Points of parts that together are worth ``share``, of which ``factor`` can be reached."""
    whole = sum((part.weight for part in parts), Fraction(0))
    return [
        replace(part, points=share * factor * part.met * part.weight / whole, possible=share * part.weight / whole)
        for part in parts
    ]


# ── person → job ─────────────────────────────────────────────────────────────────────────────────


def _person(job: Job, person: Person, weights: Weights) -> tuple[Fraction, list[Part]]:
    parts = [part for part in _wishes(job, person, weights) if part.weight]
    if not parts:
        return Fraction(1), []
    told = _pointed(parts, Fraction(1), Fraction(1))
    return sum((part.points for part in told), Fraction(0)), told


def _wishes(job: Job, person: Person, weights: Weights) -> list[Part]:
    wish, side = person.wishes, Side.PERSON
    parts: list[Part] = []
    if (wish.skills or wish.no_skills) and job.skills:
        wanted = sum(need.weight for need in job.skills if need.skill in wish.skills)
        unwanted = sum(need.weight for need in job.skills if need.skill in wish.no_skills)
        whole = sum(need.weight for need in job.skills)
        # What is neither wanted nor unwanted counts half where there are wishes, all where there are only refusals.
        neutral = Fraction(whole - wanted - unwanted, 2 if wish.skills else 1)
        parts.append(_part(Topic.CONTENT, None, (wanted + neutral) / whole, weights.content, side))
    if wish.remote is not None:
        short = max(0, wish.remote - job.remote)
        parts.append(_part(Topic.PLACE, "remote", 1 - Fraction(short, 100), weights.place, side))
    kilometres = distance(job, person)
    if kilometres is not None and person.radius and job.remote < 100:
        # A kilometre is a whole number here, so that the same pair has the same exact score everywhere.
        far = round(kilometres) / reach(person.radius, job.remote)
        parts.append(_part(Topic.PLACE, "distance", max(Fraction(0), 1 - far / 2), weights.place, side))
    if wish.workload is not None:
        near = min(max(wish.workload, job.workload[0]), job.workload[1])
        parts.append(_part(Topic.WORKLOAD, None, 1 - Fraction(abs(near - wish.workload), 100), weights.workload, side))
    if wish.pay and job.pays is not None:
        parts.append(_part(Topic.PAY, None, _content_with(job.pays, wish.pay, person.asks), weights.pay, side))
    if (wish.industries or wish.no_industries) and job.industry is not None:
        good = job.industry not in wish.no_industries if not wish.industries else job.industry in wish.industries
        parts.append(_part(Topic.INDUSTRY, job.industry, Fraction(good), weights.industry_wish, side))
    if wish.team is not None and job.team is not None:
        least, most = wish.team
        parts.append(_part(Topic.TEAM, None, Fraction(least <= job.team <= most), weights.team, side))
    return parts


def _content_with(pays: int, hoped: int, least: int | None) -> Fraction:
    """1 from what is hoped for on, falling evenly to 0 at the least that is accepted (not told: half of the hope)."""
    floor = Fraction(least) if least is not None else Fraction(hoped, 2)
    if pays >= hoped:
        return Fraction(1)
    if pays <= floor:
        return Fraction(0)
    return (pays - floor) / (hoped - floor)


def _missing(job: Job, person: Person) -> list[tuple[str, int | str | None]]:
    """What the job asks for and the profile does not tell."""
    asked: list[tuple[str, bool, bool]] = [
        ("contract", bool(job.contract), person.contracts is None),
        ("pay", job.pays is not None, person.asks is None),
        ("start", job.start is not None, person.available is None),
        ("workload", job.workload != (100, 100), person.workload is None),
        ("place", job.place is not None and job.remote < 100, person.place is None or person.radius is None),
        ("language", bool(job.languages), person.languages is None),
        ("permit", bool(job.region), person.permits is None),
        ("years", bool(job.years), person.years is None),
    ]
    found: list[tuple[str, int | str | None]] = [(name, None) for name, needed, unknown in asked if needed and unknown]
    found += [
        ("skill", need.skill)
        for need in job.skills
        if need.minimum and need.skill in person.skills and not person.skills[need.skill].sure
    ]
    found += [("soft", trait) for trait in sorted(job.soft) if job.soft[trait] and trait not in person.soft]
    return found
