"""One counterfactual: the least that would have to be different for this person to be proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from stellwerk.engine.matching.gates import Code, Gate
from stellwerk.engine.matching.model import Held, Job, Kind, Person, Weights
from stellwerk.engine.matching.score import Match, match
from stellwerk.engine.matching.skills import effective

MOST = 3
"""More than three things at once help nobody."""


@dataclass(frozen=True)
class Change:
    """``topic`` (a gate's code, ``skill``, ``certificate``) of ``subject`` would have to become ``to``."""

    topic: str
    subject: int | str | None
    to: Any
    effort: float  # a level is one; a certificate, language step or place one; pay and dates by how far


def counterfactual(job: Job, person: Person, weights: Weights, today: dt.date) -> tuple[Change, ...] | None:
    """The fewest changes, of these the least effort, after which the match is proposed; empty: it is already; None: none of up to three."""
    now = match(job, person, weights, today)
    if now.proposed(weights):
        return ()
    choices = list(_choices(job, person, weights, today, now))
    needed = [
        one
        for one in choices
        if any(one[0].topic == gate.code and one[0].subject == gate.subject for gate in now.gates)
    ]
    rest = [one for one in choices if one not in needed]
    if len({(gate.code, gate.subject) for gate in now.gates}) > MOST or len(needed) > MOST:
        return None
    for count in range(MOST - len(needed) + 1):
        sets = sorted(combinations(rest, count), key=lambda chosen: sum(change.effort for change, _edit in chosen))
        for chosen in sets:
            picked = (*needed, *chosen)
            if not picked:
                continue
            other = person
            for _change, edit in picked:
                other = replace(other, **edit(other))
            if match(job, other, weights, today).proposed(weights):
                return tuple(change for change, _edit in picked)
    return None


def _choices(job: Job, person: Person, weights: Weights, today: dt.date, now: Match) -> Iterator[tuple[Change, Any]]:
    for gate in now.gates:
        if gate.code is not Code.SKILL:
            yield from _opened(job, person, gate)
    shut = {gate.subject: gate.needed for gate in now.gates if gate.code is Code.SKILL}
    for need in job.skills:
        have = effective(person, need.skill, weights, today)
        if have >= need.level:
            continue
        steps = [shut[need.skill]] if need.skill in shut else []
        for to in dict.fromkeys((*steps, need.level)):  # once where the minimum is the level itself
            assert isinstance(to, int)
            topic = Code.SKILL.value if need.skill in shut and to == shut[need.skill] else "level"
            yield (
                Change(topic, need.skill, to, float(to - have) * (1 if need.kind is Kind.MUST else 1.01)),
                _held(need.skill, to),
            )
    for number in sorted(job.certificates - person.certificates):
        yield Change("certificate", number, True, 1.0), _with("certificates", frozenset({number}))


def _held(skill: int, level: int) -> Any:
    return lambda person: {"skills": {**person.skills, skill: Held(level)}}


def _with(name: str, more: frozenset[Any]) -> Any:
    return lambda person: {name: (getattr(person, name) or frozenset()) | more}


def _asks(pay: int) -> Any:
    """Who would come for this much is content with it."""
    return lambda person: {"asks": pay, "wishes": replace(person.wishes, pay=min(pay, person.wishes.pay or pay))}


def _set(**values: Any) -> Any:
    return lambda person: values


def _opened(job: Job, person: Person, gate: Gate) -> Iterator[tuple[Change, Any]]:
    """What would open this gate; nothing opens the clock of lending but time."""
    needed: Any = gate.needed
    found: Any = gate.found
    if gate.code is Code.CONTRACT:
        yield Change(gate.code, None, needed, 1.0), _with("contracts", frozenset({needed}))
    elif gate.code is Code.PAY:
        yield Change(gate.code, None, needed, (found - needed) / max(1, needed)), _asks(needed)
    elif gate.code is Code.START:
        yield Change(gate.code, None, needed, (found - needed).days / 30), _set(available=needed)
    elif gate.code is Code.WORKLOAD:
        assert person.workload is not None
        both = (min(person.workload[0], needed), max(person.workload[1], needed))
        yield Change(gate.code, None, needed, abs(needed - found) / 20), _set(workload=both)
    elif gate.code is Code.PLACE:
        yield Change(gate.code, None, needed, (needed - found) / 50), _set(radius=needed)
    elif gate.code is Code.LANGUAGE:
        held: Mapping[str, int] = person.languages or {}
        level = {str(gate.subject): needed}
        yield (
            Change(gate.code, gate.subject, needed, float(needed - found)),
            lambda other: {"languages": {**(other.languages or held), **level}},
        )
    elif gate.code is Code.PERMIT:
        yield Change(gate.code, gate.subject, needed, 2.0), _with("permits", frozenset({needed}))
