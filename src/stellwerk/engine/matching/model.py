"""What is compared: a job and a person in the same words, and the weights that say how much each word counts.

Nothing here may hold a protected trait (age, sex, origin, photo, name, gaps in a career): what is not in the model cannot be weighed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

TOP_LEVEL: Final = 4
"""Levels of skills and soft skills: 0 none to 4 expert. Languages: 1 (A1) to 6 (C2), 7 mother tongue."""
TOP_LANGUAGE: Final = 7


class Kind(StrEnum):
    """How much a job needs a skill. What a must lacks no other skill gives back."""

    MUST = "must"
    SHOULD = "should"
    NICE = "nice"


class MatchingError(ValueError):
    """An input that means nothing: which field, and why."""

    def __init__(self, field_name: str, text: str) -> None:
        super().__init__(f"{field_name}: {text}")
        self.field = field_name


@dataclass(frozen=True)
class SkillNeed:
    """A skill that a job needs at ``level``; below ``minimum`` (musts only) nobody is proposed."""

    skill: int
    level: int
    kind: Kind = Kind.MUST
    minimum: int = 0
    weight: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.level <= TOP_LEVEL:
            raise MatchingError("level", f"{self.level} is not between 1 and {TOP_LEVEL}")
        if not 0 <= self.minimum <= self.level:
            raise MatchingError("minimum", f"{self.minimum} is not between 0 and the level {self.level}")
        if self.minimum and self.kind is not Kind.MUST:
            raise MatchingError("minimum", "only what a job must have has a minimum")
        if self.weight < 1:
            raise MatchingError("weight", f"{self.weight} is below 1")


@dataclass(frozen=True)
class Place:
    """Degrees north and east."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not -90 <= self.latitude <= 90 or not -180 <= self.longitude <= 180:
            raise MatchingError("place", f"{self.latitude}, {self.longitude} is no place on earth")


@dataclass(frozen=True)
class Job:
    """What a vacancy asks for and offers.

    ``workload`` in per cent of full time, least and most; ``pays``: the most it pays, in minor units of one currency and of one unit of
    time (hour or year; the caller compares like with like); ``remote``: share of the time in per cent that may be worked from elsewhere;
    ``further``: other places at one's choice, of which the nearest counts; ``region``: whose permit to work is needed; ``client`` and ``last_day`` feed the clock of lending. ``words``: for each language of the
    text the words that no skill covers, each with how rare it is (1 and more; the caller counts over its profiles).
    """

    number: int
    skills: tuple[SkillNeed, ...] = ()
    soft: Mapping[int, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    certificates: frozenset[int] = frozenset()
    years: int | None = None
    industry: int | None = None
    contract: str = ""
    start: dt.date | None = None
    latest_start: dt.date | None = None
    last_day: dt.date | None = None
    workload: tuple[int, int] = (100, 100)
    pays: int | None = None
    place: Place | None = None
    remote: int = 0
    region: str = ""
    client: int | None = None
    team: int | None = None
    words: tuple[Mapping[str, int], ...] = ()
    further: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        if any(rarity < 1 for text in self.words for rarity in text.values()):
            raise MatchingError("words", "a word has no rarity")
        numbers = [need.skill for need in self.skills]
        if len(numbers) != len(set(numbers)):
            raise MatchingError("skills", "a skill is named twice")
        if self.further and self.place is None:
            raise MatchingError("further", "there is no first place")
        _shares("workload", self.workload)
        _shares("remote", (self.remote, self.remote))
        _levels("soft", self.soft, TOP_LEVEL)
        _levels("languages", self.languages, TOP_LANGUAGE)
        if self.start and self.latest_start and self.latest_start < self.start:
            raise MatchingError("latest_start", "lies before the start")
        if self.start and self.last_day and self.last_day < self.start:
            raise MatchingError("last_day", "lies before the start")


@dataclass(frozen=True)
class Held:
    """A skill as it is known of a person; ``used``: when it was last used, None: not told; ``sure``: somebody has said so.

    What nobody has said (a program read it somewhere) counts for the score, but its level is not known: it shuts no gate.
    """

    level: int
    used: dt.date | None = None
    sure: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.level <= TOP_LEVEL:
            raise MatchingError("level", f"{self.level} is not between 0 and {TOP_LEVEL}")


@dataclass(frozen=True)
class Wishes:
    """What a person wants of a job; None and empty: no wish. ``pay`` is what they hope for, what they need stands in ``Person.asks``."""

    skills: frozenset[int] = frozenset()
    no_skills: frozenset[int] = frozenset()
    industries: frozenset[int] = frozenset()
    no_industries: frozenset[int] = frozenset()
    workload: int | None = None
    remote: int | None = None
    pay: int | None = None
    team: tuple[int, int] | None = None


@dataclass(frozen=True)
class Person:
    """What a profile says. What is None is not known: it shuts no gate, is named as missing and counts nothing.

    ``asks``: the least pay, in the unit of ``Job.pays``; ``radius``: kilometres that are travelled to work; ``permits``: regions in which
    the person may work; ``lent_until``: by client the last day on which lending them there would be lawful (the caller's clock);
    ``words``: what the texts of the profile say, each word once, written as in ``Job.words``.
    """

    number: int
    skills: Mapping[int, Held] = field(default_factory=dict)
    soft: Mapping[int, int] = field(default_factory=dict)
    languages: Mapping[str, int] | None = None
    certificates: frozenset[int] = frozenset()
    years: int | None = None
    industries: frozenset[int] = frozenset()
    contracts: frozenset[str] | None = None
    available: dt.date | None = None
    workload: tuple[int, int] | None = None
    asks: int | None = None
    place: Place | None = None
    radius: int | None = None
    permits: frozenset[str] | None = None
    lent_until: Mapping[int, dt.date] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.workload is not None:
            _shares("workload", self.workload)
        _levels("soft", self.soft, TOP_LEVEL)
        _levels("languages", self.languages or {}, TOP_LANGUAGE)
        both = self.wishes.skills & self.wishes.no_skills
        if both or self.wishes.industries & self.wishes.no_industries:
            raise MatchingError("wishes", "the same is wanted and not wanted")


@dataclass(frozen=True)
class Weights:
    """How much what counts; data with a version, edited by the organisation.

    ``others``: the share of all that is not a must in the company's score. ``fresh`` and ``stale``: a skill unused for more years than
    ``fresh`` loses value evenly, down to ``stale_value`` at ``stale`` years. ``threshold``: from which score on a match is proposed.
    ``neighbours``: credit for a skill next to the one that is needed, by pair. ``words``: the share of what skills and facts leave open
    that words in common may fill.
    """

    version: int = 1
    others: Fraction = Fraction(3, 10)
    should: int = 3
    nice: int = 1
    soft: int = 2
    years: int = 2
    certificate: int = 3
    industry: int = 2
    content: int = 3
    place: int = 2
    workload: int = 2
    pay: int = 3
    industry_wish: int = 1
    team: int = 1
    fresh: int = 3
    stale: int = 10
    stale_value: Fraction = Fraction(1, 2)
    threshold: Fraction = Fraction(6, 10)
    neighbours: Mapping[tuple[int, int], Fraction] = field(default_factory=dict)
    words: Fraction = Fraction(3, 10)

    def __post_init__(self) -> None:
        if any(not 0 <= share <= 1 for share in (self.others, self.threshold, self.stale_value, self.words)):
            raise MatchingError("weights", "a share is not between 0 and 1")
        if self.stale <= self.fresh:
            raise MatchingError("stale", "is not later than fresh")
        if any(not 0 < credit < 1 for credit in self.neighbours.values()):
            raise MatchingError("neighbours", "a credit is not between 0 and 1")
        counts = (self.should, self.nice, self.soft, self.years, self.certificate, self.industry, self.content, self.place, self.workload, self.pay, self.industry_wish, self.team)  # fmt: skip
        if min(counts) < 0:
            raise MatchingError("weights", "a weight is negative")

    def near(self, skill: int) -> list[tuple[int, Fraction]]:
        """Skills that count a part of this one, with their credit."""
        return [(second if first == skill else first, credit) for (first, second), credit in self.neighbours.items() if skill in (first, second)]  # fmt: skip


def _shares(name: str, bounds: tuple[int, int]) -> None:
    if not 0 <= bounds[0] <= bounds[1] <= 100:
        raise MatchingError(name, f"{bounds[0]} to {bounds[1]} per cent")


def _levels(name: str, levels: Mapping[int, int] | Mapping[str, int], top: int) -> None:
    wrong = next((level for level in levels.values() if not 0 <= level <= top), None)
    if wrong is not None:
        raise MatchingError(name, f"{wrong} is not between 0 and {top}")
