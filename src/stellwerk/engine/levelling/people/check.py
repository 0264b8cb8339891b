"""An independent check of a plan, written the slow and obvious way: day by day, nothing shared with the code that made it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from stellwerk.engine.levelling.people.model import ELAPSED, NONE, SUCCESSOR, Problem
from stellwerk.engine.levelling.people.plan import Plan


@dataclass(frozen=True)
class Violation:
    """A broken rule: which, at which row (activity, requirement, link or person), by how much."""

    rule: str
    row: int
    amount: int = 0

    def __str__(self) -> str:
        return f"{self.rule}: row {self.row}" + (f", by {self.amount}" if self.amount else "")


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Every rule that ``plan`` breaks; what it reports as a conflict of held activities is none. Empty: feasible."""
    return [*_times(problem, plan), *_links(problem, plan), *_people(problem, plan), *_load(problem, plan)]


def _times(problem: Problem, plan: Plan) -> list[Violation]:
    found = []
    activities = problem.activities
    for row in range(len(activities)):
        start, finish = int(plan.start[row]), int(plan.finish[row])
        if finish < start:
            found.append(Violation("ends before it starts", row, start - finish))
        if activities.held[row]:
            if start != max(0, int(activities.present_start[row])):
                found.append(Violation("held activity moved", row))
        elif start < activities.earliest[row]:
            found.append(Violation("before its earliest start", row, int(activities.earliest[row]) - start))
    return found


def _links(problem: Problem, plan: Plan) -> list[Violation]:
    found = []
    links = problem.links
    for row in range(len(links)):
        before, after, kind = int(links.predecessor[row]), int(links.successor[row]), int(links.kind[row])
        if problem.activities.held[after]:
            continue
        point = int(plan.finish[before] if kind in (0, 2) else plan.start[before])
        calendar = int(links.lag_calendar[row])
        if calendar == SUCCESSOR:
            calendar = int(problem.activities.calendar[after])
        wanted = _later(problem, calendar, point, int(links.lag[row]))
        given = int(plan.start[after] if kind < 2 else plan.finish[after])
        if given < wanted:
            found.append(Violation("link", row, wanted - given))
    return found


def _later(problem: Problem, calendar: int, at: int, lag: int) -> int:
    """The instant ``lag`` minutes of a calendar after ``at``; walks from day to day."""
    length = problem.day_minutes
    if lag == 0:
        return at
    if calendar == ELAPSED:
        return max(0, at + -(-lag * length // 1440))
    day, minute = divmod(at, length)
    passed = _calendar(problem, calendar, day) * minute // length
    left = lag + passed
    while left > _calendar(problem, calendar, day):
        left -= _calendar(problem, calendar, day)
        day += 1
    while left <= 0:
        day -= 1
        if day < 0:
            return 0
        left += _calendar(problem, calendar, day)
    return day * length + -(-left * length // _calendar(problem, calendar, day))


def _calendar(problem: Problem, calendar: int, day: int) -> int:
    if day < problem.calendar_minutes.shape[1]:
        return int(problem.calendar_minutes[calendar, day])
    return int(problem.calendar_after[calendar, (problem.weekday + day) % 7])


def _people(problem: Problem, plan: Plan) -> list[Violation]:
    """Who does what was asked for: named people, levels, different people on one activity."""
    found = []
    requirements, profiles = problem.requirements, problem.profiles
    excused = {conflict.requirement for conflict in plan.conflicts if conflict.requirement != NONE}
    seen: set[tuple[int, int]] = set()
    for row in range(len(requirements)):
        person, activity = int(plan.person[row]), int(requirements.activity[row])
        held = bool(problem.activities.held[activity])
        if person == NONE:
            if row not in excused:
                found.append(Violation("nobody, and no conflict says so", row))
            continue
        if (activity, person) in seen and not held:
            found.append(Violation("one person twice on an activity", row))
        seen.add((activity, person))
        if held:
            continue
        if requirements.person[row] != NONE and requirements.person[row] != person:
            found.append(Violation("somebody else than named", row))
        for one in range(len(profiles.profile)):
            asked = requirements.person[row] == NONE and profiles.profile[one] == requirements.profile[row]
            if asked and problem.levels[person, profiles.skill[one]] < profiles.level[one]:
                found.append(Violation("level too low", row))
    return found


def _load(problem: Problem, plan: Plan) -> list[Violation]:
    """Work is done in full, inside the activity, and nobody works more than the day gives, beyond what held activities take."""
    found = []
    requirements = problem.requirements
    done: dict[int, int] = defaultdict(int)
    movable: dict[tuple[int, int], int] = defaultdict(int)
    kept: dict[tuple[int, int], int] = defaultdict(int)
    hours = plan.hours
    for row, person, day, minutes in zip(
        hours.requirement.tolist(), hours.person.tolist(), hours.day.tolist(), hours.minutes.tolist(), strict=True
    ):
        activity = int(requirements.activity[row])
        done[row] += minutes
        if problem.activities.held[activity]:
            kept[person, day] += minutes
            continue
        movable[person, day] += minutes
        if day < plan.start[activity] // problem.day_minutes or day * problem.day_minutes >= plan.finish[activity]:
            found.append(Violation("work outside of the activity", row))
    for row in range(len(requirements)):
        if plan.person[row] != NONE and done[row] != requirements.work[row]:
            found.append(Violation("work not done in full", row, int(requirements.work[row]) - done[row]))
    for (person, day), minutes in movable.items():
        room = max(0, _capacity(problem, person, day) - kept[person, day])
        if minutes > room:
            found.append(Violation("overbooked", person, minutes - room))
    return found


def _capacity(problem: Problem, person: int, day: int) -> int:
    if day < problem.days:
        return max(0, int(problem.capacity[person, day]) - int(problem.booked[person, day]))
    return int(problem.after[person, (problem.weekday + day) % 7])
