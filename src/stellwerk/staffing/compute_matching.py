"""Vacancies and profiles as the engine compares them, and what it answers: the only file that calls ``engine.matching``.

Pay is compared like with like: who is paid by the hour is not compared with who is paid by the year, it is named as not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from stellwerk.engine.matching import (
    Change,
    Gate,
    Job,
    Kind,
    Match,
    Part,
    Person,
    Place,
    Scores,
    SkillNeed,
    Table,
    Weights,
    counterfactual,
    match,
    scores,
)
from stellwerk.staffing.choices import TermKind
from stellwerk.staffing.further_places import parts_of, spots_of
from stellwerk.staffing.models import Profile, Term, Vacancy, WeightSet
from stellwerk.staffing.own_words import Rarity, Wording, wording
from stellwerk.staffing.selectors.profiles import SKILL_KINDS, profile_person
from stellwerk.staffing.vocabulary import neighbours

ENGINE: Final = "5"
"""Raised whenever the engine would give another score for the same input; written into the log."""
LENDING: Final = "lending"
NO_WORDS: Final = Wording()
Clocks = Mapping[int, dict[int, dt.date]]
"""By profile the last lawful day of lending them, by client."""
EXACT: Final = 2000
"""Up to so many profiles each pair is compared exactly; beyond, the table finds whom to compare exactly."""
SHARES: Final = ("others", "stale_value", "threshold", "words")
"""Weights that are shares, kept as per cent in ``WeightSet.values``."""
COUNTS: Final = (
    "should", "nice", "soft", "years", "certificate", "industry", "content", "place", "workload", "pay", "industry_wish",
    "team", "fresh", "stale",
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """One profile for a vacancy: the engine's match, the contract form it was compared for, what would have to change, what was compared."""

    profile: Profile
    match: Match
    form: str
    change: tuple[Change, ...] | None
    proposed: bool
    job: Job
    person: Person

    @property
    def permille(self) -> tuple[int, int, int]:
        """Company, person, both: in thousandths."""
        return tuple(round(value * 1000) for value in (self.match.company, self.match.wishes, self.match.score))  # type: ignore[return-value]


@dataclass(frozen=True)
class Comparison:
    """All profiles for one vacancy: ``ranked`` may be proposed or fell below the threshold, ``shut`` fail a hard condition."""

    vacancy: Vacancy
    weights: WeightSet | None
    ranked: tuple[Compared, ...]
    shut: tuple[Compared, ...]
    looked_at: int

    @property
    def proposed(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.ranked if one.proposed)


def weights_of(row: WeightSet | None) -> Weights:
    """A stored version as the engine's weights, with the neighbours of our vocabulary; None: the ones that Stellwerk comes with.

    A version from before words in common counted leaves them out, as it did then.
    """
    values = {"words": 0} | row.values if row is not None else {}
    named: dict[str, Any] = {name: Fraction(values[name], 100) for name in SHARES if name in values}
    named |= {name: int(values[name]) for name in COUNTS if name in values}
    return Weights(version=row.number if row is not None else 0, neighbours=_near(), **named)


def values_of(weights: Weights) -> dict[str, int]:
    """The engine's weights as they are stored."""
    return {name: round(getattr(weights, name) * 100) for name in SHARES} | {n: getattr(weights, n) for n in COUNTS}


def _near() -> dict[tuple[int, int], Fraction]:
    """Credit by pair of term numbers: only terms that are in use have one."""
    numbers = dict(Term.objects.filter(kind__in=SKILL_KINDS).values_list("code", "pk"))
    return {
        (numbers[one], numbers[two]): credit
        for (one, two), credit in neighbours().items()
        if one in numbers and two in numbers and 0 < credit < 1
    }


def wording_of(vacancy: Vacancy, rarity: Rarity) -> Wording:
    """What the title, the tasks and the profile of a vacancy say beyond its terms, in each language."""
    codes = [row.term.code for row in vacancy.terms.all()]
    if vacancy.industry is not None:
        codes.append(vacancy.industry.code)
    own = [f"{row.term.name}\n{row.term.name_en}" for row in vacancy.terms.all() if row.term.kind == TermKind.OWN]
    texts = (
        (vacancy.title, vacancy.tasks, vacancy.wanted, *own),
        (vacancy.title_en, vacancy.tasks_en, vacancy.wanted_en, *own),
    )
    names = f"{vacancy.city} {vacancy.client.name}"
    return wording(["\n".join(text) for text in texts if any(text[:3])], codes, rarity, names)


def vacancy_job(vacancy: Vacancy, form: str = "", words: Wording = NO_WORDS) -> Job:
    """A vacancy in the engine's words, for one contract form; numbers are those of the terms."""
    skills: list[SkillNeed] = []
    soft: dict[int, int] = {}
    certificates: set[int] = set()
    for row in vacancy.terms.all():
        if row.term.kind in SKILL_KINDS:
            kind = Kind(row.kind)
            least = min(row.minimum or 0, row.level) if kind is Kind.MUST else 0
            skills.append(SkillNeed(row.term_id, row.level, kind, least, row.weight))
        elif row.term.kind == TermKind.SOFT:
            soft[row.term_id] = row.level
        elif row.term.kind == TermKind.CERTIFICATE:
            certificates.add(row.term_id)
    places = places_of(vacancy)
    place, further = (places[0] if places else None), places[1:]
    return Job(
        vacancy.pk,
        skills=tuple(skills),
        soft=soft,
        languages={row.code: row.level for row in vacancy.languages.all()},
        certificates=frozenset(certificates),
        years=vacancy.years,
        industry=vacancy.industry_id,
        contract=form,
        start=vacancy.start,
        latest_start=vacancy.latest_start,
        last_day=vacancy.last_day,
        workload=(vacancy.workload_least, vacancy.workload_most),
        pays=vacancy.pay_most,
        place=place,
        further=tuple(further),
        remote=vacancy.remote,
        region=vacancy.country,
        client=vacancy.client_id,
        team=vacancy.team,
        words=words.job,
    )


def comparable(profile: Profile, person: Person, vacancy: Vacancy, words: Wording = NO_WORDS) -> Person:
    """The person as this vacancy may read them: pay in another unit or currency is not known, of their words those in common."""
    person = replace(person, words=words.shared(person.words))
    if (profile.pay_unit, profile.currency) == (vacancy.pay_unit, vacancy.currency):
        return person
    return replace(person, asks=None, wishes=replace(person.wishes, pay=None))


def form_for(vacancy: Vacancy, person: Person) -> str:
    """The first contract form of the vacancy that the person takes; where there is none, its first one (and the gate shuts)."""
    forms: Sequence[str] = vacancy.contract_forms
    if person.contracts is None:
        return ""
    return next((form for form in forms if form in person.contracts), forms[0] if forms else "")


def compare_one(
    vacancy: Vacancy,
    profile: Profile,
    weights: Weights,
    today: dt.date,
    *,
    clocks: dict[int, dt.date] | None = None,
    words: Wording = NO_WORDS,
) -> Compared:
    """One pair, exactly, with its counterfactual. ``words``: :func:`wording_of` the vacancy."""
    person = comparable(profile, profile_person(profile, clocks), vacancy, words)
    form = form_for(vacancy, person)
    job = vacancy_job(vacancy, form, words)
    if form != LENDING:
        job = replace(job, client=None)  # the clock counts lending alone
    found = match(job, person, weights, today)
    proposed = found.proposed(weights)
    change = () if proposed else counterfactual(job, person, weights, today)
    return Compared(profile, found, form, change, proposed, job, person)


def compare(
    vacancy: Vacancy,
    profiles: Iterable[Profile],
    row: WeightSet | None,
    today: dt.date,
    *,
    rarity: Rarity,
    clocks: Clocks | None = None,
) -> Comparison:
    """Everybody for one vacancy, best first; equal scores by number. ``clocks``: by profile the last lawful day of lending by client."""
    weights, known, words = weights_of(row), clocks or {}, wording_of(vacancy, rarity)
    everybody = list(profiles)
    chosen = everybody if len(everybody) <= EXACT else _best(vacancy, everybody, weights, today, known, words)
    compared = [compare_one(vacancy, one, weights, today, clocks=known.get(one.pk), words=words) for one in chosen]
    compared.sort(key=lambda one: (-one.match.score, one.profile.pk))
    return Comparison(
        vacancy, row, tuple(one for one in compared if not one.match.gates),
        tuple(sorted((one for one in compared if one.match.gates), key=lambda one: (-one.match.nearness, one.profile.pk))), len(everybody),
    )  # fmt: skip


def _best(
    vacancy: Vacancy, everybody: list[Profile], weights: Weights, today: dt.date, clocks: Clocks, words: Wording
) -> list[Profile]:
    """The hundred best without a shut gate and the hundred best with one, by the table."""
    found = columns(vacancy, [(one, profile_person(one)) for one in everybody], weights, today, clocks, words)
    order = (-found.score).argsort(kind="stable")
    open_ = [int(n) for n in order if found.open[n]][:100]
    shut = [int(n) for n in order if not found.open[n]][:100]
    return [everybody[number] for number in (*open_, *shut)]


def columns(
    vacancy: Vacancy,
    people: Sequence[tuple[Profile, Person]],
    weights: Weights,
    today: dt.date,
    clocks: Clocks,
    words: Wording = NO_WORDS,
) -> Scores:
    """Many people against one vacancy at once: the same gates and scores as :func:`compare_one`, by the table.

    Each is compared for the form that fits them; who takes none of the vacancy's forms is shut out, and the clock counts lending alone.
    """
    persons: list[Person] = []
    fits: list[bool] = []
    for profile, known in people:
        person = comparable(profile, known, vacancy, words)
        form = form_for(vacancy, person)
        lent = clocks.get(profile.pk, {}) if form == LENDING else {}
        persons.append(replace(person, lent_until=lent))
        fits.append(not form or person.contracts is None or form in person.contracts)
    found = scores(vacancy_job(vacancy, words=words), Table(persons), weights, today)
    return replace(found, open=found.open & np.array(fits, dtype=np.bool_))


# ── frozen, as it is kept with a match and in the log ────────────────────────────────────────────


def frozen(one: Compared) -> dict[str, Any]:
    """The explanation as plain data: parts with points in thousandths, gates, what is missing, what would have to change."""
    return {
        "version": one.match.version,
        "form": one.form,
        "parts": [_part(part) for part in one.match.parts],
        "gates": [_gate(gate) for gate in one.match.gates],
        "missing": [list(pair) for pair in one.match.missing],
        "change": None if one.change is None else [_change(change) for change in one.change],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "side": part.side.value, "topic": part.topic.value, "subject": part.subject, "met": round(float(part.met), 4),
        "points": round(float(part.points) * 1000, 1), "possible": round(float(part.possible) * 1000, 1),
    }  # fmt: skip


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "code": gate.code.value,
        "subject": gate.subject,
        "needed": _plain(gate.needed),
        "found": _plain(gate.found),
    }


def _change(change: Change) -> dict[str, Any]:
    return {"topic": str(change.topic), "subject": change.subject, "to": _plain(change.to)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def input_of(one: Compared) -> dict[str, Any]:
    """What was compared, without a name: for the log of scores."""
    return {"job": _data(one.job), "person": _data(one.person)}


def places_of(vacancy: Vacancy) -> list[Place]:
    """Where the work may be done; none where a region or a country will do: there is no distance to it."""
    spots = [] if vacancy.latitude is None or vacancy.longitude is None else [(vacancy.latitude, vacancy.longitude)]
    parts = parts_of(vacancy.places)
    further = spots_of(vacancy.places, vacancy.country)
    return [] if len(further) < len(parts) else [Place(*spot) for spot in [*spots, *further]]


def _data(thing: Job | Person) -> dict[str, Any]:
    return {field.name: _jsonable(getattr(thing, field.name)) for field in fields(thing) if field.name != "number"}


def _jsonable(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _jsonable(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
        return [_jsonable(item) for item in items]
    return _plain(value)
