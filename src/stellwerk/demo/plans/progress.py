"""What happened up to the data date: actual dates, what is left, who does it, and effort that agrees with the reported progress."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from stellwerk.demo.plans.network import DAY, MORNING, Days, Draft, Row, below_of
from stellwerk.engine.calendars import instant, moment
from stellwerk.people.models import Person
from stellwerk.planning.choices import Constraint, EvMethod, Kind
from stellwerk.planning.selectors.calendars import Clock

HOURS: Final = 8
MOST_UNITS: Final = 400
"""More than four people at once are more activities."""


@dataclass(slots=True)
class Fact:
    """What is stored of a row besides its name and duration; dates in minutes since 1950, effort in hours."""

    state: str = "not_started"
    percent: int = 0
    remaining: int | None = None
    actual_start: int | None = None
    actual_finish: int | None = None
    work: int | None = None
    actual_work: int | None = None
    person: Person | None = None
    constraint: str = Constraint.ASAP
    constraint_date: int | None = None
    deadline: int | None = None
    ev_method: str = EvMethod.PERCENT
    weight: int | None = None


@dataclass
class Facts:
    """One per row of the draft; ``team`` are those who have work."""

    rows: list[Fact] = field(default_factory=list)
    team: dict[int, Person] = field(default_factory=dict)


def facts_of(draft: Draft, clock: Clock, data_date: int, earned: float, rng: random.Random) -> Facts:
    """Progress of every row at the data date; ``earned`` is the share of the effort that the project reported as done."""
    facts = Facts([Fact() for _row in draft.rows])
    lefts = _left(draft, clock, data_date)
    for row, fact, left in zip(draft.rows, facts.rows, lefts, strict=True):
        if row.summary:
            continue
        _progress(row, fact, left, data_date, rng)
        fact.ev_method = _method(row)
    _effort(draft.rows, facts.rows, earned, rng)
    _roll_up(draft.rows, facts.rows)
    return facts


def _left(draft: Draft, clock: Clock, data_date: int) -> list[int]:
    """Working minutes from the data date to the finish of each row, in its calendar."""
    calendars = [clock.of(row.calendar if row.calendar is not None else draft.calendar) for row in draft.rows]
    ends = np.array([row.finish["now"] for row in draft.rows], np.int64)
    found: list[int] = clock.set.between(
        np.array(calendars, np.int64), np.full(len(ends), data_date, np.int64), np.maximum(ends, data_date)
    ).tolist()
    return found


def _progress(row: Row, fact: Fact, left: int, data_date: int, rng: random.Random) -> None:
    start, finish = row.start["now"], row.finish["now"]
    if finish <= data_date:
        fact.state, fact.percent, fact.actual_start, fact.actual_finish = "completed", 100, start, finish
        fact.remaining = 0 if not row.milestone else None
    elif start < data_date and not row.milestone:
        fact.state, fact.actual_start = "in_progress", start
        if row.kind == Kind.LEVEL_OF_EFFORT:
            return
        took = row.days["now"] * DAY
        fact.remaining = min(left, took)
        if row.percent is not None:
            fact.percent = min(99, row.percent)
        else:
            done = 100 * (1 - fact.remaining / took) if took else 0
            fact.percent = min(98, max(2, round(done + rng.uniform(-9, 5))))


def _method(row: Row) -> str:
    if row.kind == Kind.LEVEL_OF_EFFORT:
        return EvMethod.LOE
    days = row.days["base"]
    return EvMethod.ZERO_HUNDRED if days <= 5 else EvMethod.FIFTY_FIFTY if days <= 12 else EvMethod.PERCENT


def _effort(rows: Sequence[Row], facts: Sequence[Fact], earned: float, rng: random.Random) -> None:
    """Hours, so that the done share of all hours is what was reported: early work has few hands, or many."""
    tasks = [number for number, row in enumerate(rows) if row.kind == Kind.TASK]
    hours = {
        number: max(1, rows[number].days["now"]) * HOURS * rng.choice((0.5, 0.8, 1.0, 1.0, 1.5)) for number in tasks
    }
    done = sum(hours[number] for number in tasks if facts[number].state == "completed")
    running = [number for number in tasks if facts[number].state == "in_progress"]
    gained = done + sum(hours[number] * facts[number].percent / 100 for number in running)
    lost = sum(hours[number] * (1 - facts[number].percent / 100) for number in running)
    ahead = sum(hours[number] for number in tasks if facts[number].state == "not_started")
    more = 1.0
    if 0.001 < earned < 0.999 and gained and ahead:
        # gained·a + lost·a + ahead·b with gained·a / all = earned, split evenly between what is done and what is ahead
        ratio = max(gained * (1 - earned) / earned - lost, 0.02 * ahead) / ahead
        more = min(max(ratio, 1 / 36), 36.0) ** 0.5
    for number in tasks:
        fact = facts[number]
        factor = more if fact.state == "not_started" else 1 / more
        fact.work = max(1, round(hours[number] * factor))
    _settle(rows, facts, tasks, running, earned)
    for number in tasks:
        fact = facts[number]
        if fact.state != "not_started":
            fact.actual_work = round((fact.work or 0) * fact.percent / 100 * rng.uniform(0.94, 1.1))
    for row, fact in zip(rows, facts, strict=True):
        if row.kind == Kind.LEVEL_OF_EFFORT:
            fact.percent = min(99, round(earned * 100)) if fact.state == "in_progress" else fact.percent


def _settle(rows: Sequence[Row], facts: Sequence[Fact], tasks: list[int], running: list[int], earned: float) -> None:
    """What hours cannot settle: the running activities are further, or less far (those whose progress nobody drew)."""
    free = [number for number in running if rows[number].percent is None]
    total = sum(facts[number].work or 0 for number in tasks)
    has = sum((facts[number].work or 0) * facts[number].percent / 100 for number in tasks)
    part = sum(facts[number].work or 0 for number in free)
    if part and 0.001 < earned < 0.999:
        step = (earned * total - has) / part * 100
        for number in free:
            facts[number].percent = min(98, max(1, round(facts[number].percent + step)))


def _roll_up(rows: Sequence[Row], facts: Sequence[Fact]) -> None:
    """Progress of summaries: that of the activities below, by duration."""
    by_row = {id(row): fact for row, fact in zip(rows, facts, strict=True)}
    for number, row in enumerate(rows):
        if not row.summary:
            continue
        below = [
            (other, by_row[id(other)])
            for other in below_of(rows, number)
            if not other.summary and other.kind != Kind.LEVEL_OF_EFFORT
        ]
        took = sum(other.days["now"] for other, _fact in below)
        states = {fact.state for _other, fact in below}
        fact = facts[number]
        if states == {"completed"}:
            fact.percent = 100
        elif took:
            fact.percent = min(99, round(sum(other.days["now"] * one.percent for other, one in below) / took))


# ── who ──────────────────────────────────────────────────────────────────────────────────────────


def staff(draft: Draft, facts: Facts, manager: Person, members: Sequence[tuple[Person, str]]) -> None:
    """A responsible person for every row: somebody of the project with the role, else the next of its members in turn."""
    by_role: dict[str, list[Person]] = {}
    for person, role in members:
        by_role.setdefault(role, []).append(person)
    turn = 0
    for row, fact in zip(draft.rows, facts.rows, strict=True):
        if row.summary:
            continue
        if row.milestone or row.kind == Kind.LEVEL_OF_EFFORT or row.role == "Projektleitung" or not members:
            fact.person = manager
            continue
        able = by_role.get(row.role) or [person for person, _role in members]
        fact.person = able[turn % len(able)]
        facts.team[fact.person.pk] = fact.person
        turn += 1


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def limits(draft: Draft, facts: Facts, days: Days, rng: random.Random) -> None:
    """Earliest dates where there is time for them, and deadlines; some of those are missed."""
    pulling = {tie.before for tie in draft.ties if tie.kind == "SS"}  # their start moves others
    for number, (row, fact) in enumerate(zip(draft.rows, facts.rows, strict=True)):
        if row.summary or fact.state != "not_started":
            continue
        if draft.slack.get(number, 0) >= 5 and number not in pulling and rng.random() < 0.15:
            begin = days.after(moment(row.start["now"]).date(), rng.randint(1, 3))
            fact.constraint, fact.constraint_date = (
                Constraint.START_NO_EARLIER,
                instant(dt.datetime.combine(begin, MORNING)),
            )
        promised = rng.random() < (
            0.5 if row.code == "G3" else 0.35 if row.kind == Kind.MILESTONE and not row.code else 0
        )
        if promised:
            day = days.after(moment(row.finish["base"]).date(), rng.choice((0, 0, 3, 5, 10)))
            fact.deadline = instant(dt.datetime.combine(day, dt.time(17)))
