"""Why an activity does not start earlier: asked of the finished plan, everything else staying where it is.

The activity is taken out, and put at the earliest place that links, its earliest start and its people leave. If that is where it was, something
there holds it: what, is found by taking it away (:func:`could_start_earlier` does the same for a proof).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from stellwerk.engine.levelling.people.model import NONE, Problem
from stellwerk.engine.levelling.people.plan import Plan, Reason, ReasonKind
from stellwerk.engine.levelling.people.state import Work, restored
from stellwerk.engine.levelling.people.tables import State

NEVER = 1 << 60
MOST_BLOCKERS = 40
"""Activities of a person that are taken away one after the other before the search for blockers is given up."""


def reasons(plan: Plan) -> Mapping[int, Reason]:
    """By activity: every movable one that starts later than at present, or than links and its earliest start allow."""
    problem = plan.problem
    look = _Look(plan)
    found: dict[int, Reason] = {}
    activities = problem.activities
    for row in np.flatnonzero(~activities.held).tolist():
        start = int(plan.start[row])
        present = int(activities.present_start[row])
        if (present != NONE and start > present) or start > look.ready(row)[0] or int(plan.finish[row]) > int(activities.present_finish[row]):  # fmt: skip
            found[row] = look.reason(row)
    return found


def could_start_earlier(problem: Problem, plan: Plan, activity: int, without: Iterable[int]) -> bool:
    """Whether the activity could start earlier were the activities ``without`` not there, the rest staying as planned.

    What starts later than at present: earlier than planned now, but not before its present start.
    """
    assert plan.problem is problem
    return _Look(plan).earliest(activity, frozenset(without)) < int(plan.start[activity])


class _Look:
    """A finished plan with everybody's time taken; one activity at a time is taken out and put back."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.problem = plan.problem
        self.work: Work
        self.state: State
        self.work, self.state = restored(plan)
        self.table = self.work.table
        self.steps = self.work.steps
        self.by_person: dict[int, list[int]] = {}
        for row, person in enumerate(plan.person.tolist()):
            if person != NONE:
                self.by_person.setdefault(person, []).append(int(self.problem.requirements.activity[row]))

    # ── what holds an activity ───────────────────────────────────────────────────────────────────

    def ready(self, row: int, without: frozenset[int] = frozenset()) -> tuple[int, int, int, int]:
        """(Start, finish) before which links and the earliest start do not let it, and the link rows that say so (NONE)."""
        table, plan = self.table, self.plan
        start, finish = max(int(table.earliest[row]), self.floor(row)), 0
        start_link = finish_link = NONE
        for place in range(table.into_first[row], table.into_first[row + 1]):
            link = int(table.into_link[place])
            before, kind = int(table.before[link]), int(table.kind[link])
            if before in without:
                continue
            point = int(plan.finish[before] if kind in (0, 2) else plan.start[before])
            point = int(self.steps.shifted(table, int(table.lag_calendar[link]), point, int(table.lag[link])))
            if kind < 2 and point > start:
                start, start_link = point, link
            elif kind >= 2 and point > finish:
                finish, finish_link = point, link
        return start, finish, start_link, finish_link

    def floor(self, row: int) -> int:
        """What starts later than at present is asked why it does not start in between, not why it is not planned before that."""
        present = int(self.problem.activities.present_start[row])
        return present if NONE != present < int(self.plan.start[row]) else 0

    def earliest(self, row: int, without: frozenset[int]) -> int:
        """The earliest start with these activities away."""
        gone = {row, *without}
        self._take(gone, -1)
        try:
            start, finish, _link, _other = self.ready(row, without)
            found, _end = self._place(row, start, finish)
            return found
        finally:
            self._restore(row)
            self._take(gone, 1)

    def _place(self, row: int, ready: int, finish_from: int) -> tuple[int, int]:
        start, finish = (int(one) for one in self.steps.try_at(self.table, self.state, row, ready))
        if finish < finish_from:
            low, high = ready, max(finish_from, ready + 1)
            while high - low > 1:
                middle = (low + high) // 2
                if self.steps.try_at(self.table, self.state, row, middle)[1] < finish_from:
                    low = middle
                else:
                    high = middle
            start, finish = (int(one) for one in self.steps.try_at(self.table, self.state, row, high))
        return start, finish

    def _take(self, rows: Iterable[int], sign: int) -> None:
        """Give the time of these activities back (-1) or take it again."""
        people = set()
        for row in rows:
            for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1]):
                requirement = int(self.table.requirement[place])
                if self.state.person[requirement] != NONE:
                    people.add(int(self.state.person[requirement]))
                self.steps.take(self.table, self.state, requirement, sign)
        for person in people:
            self.steps.renew_skip(self.state, person)

    def _restore(self, row: int) -> None:
        for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1]):
            requirement = int(self.table.requirement[place])
            self.state.person[requirement] = self.plan.person[requirement]
            self.state.day[requirement] = self.plan.first_day[requirement]
            self.state.first[requirement] = self.plan.first_minutes[requirement]

    # ── the reason ───────────────────────────────────────────────────────────────────────────────

    def reason(self, row: int) -> Reason:
        start = int(self.plan.start[row])
        ready, _finish, start_link, finish_link = self.ready(row)
        if self.earliest(row, frozenset()) < start:
            return Reason(row, ReasonKind.KEPT, until=start)
        alone = self._alone(row, ready)
        if start > alone:
            return (
                self._busy(row, alone) or self._by_finish(row, finish_link) or Reason(row, ReasonKind.KEPT, until=start)
            )
        if start_link != NONE and start - self._wait(row, ready) <= ready:
            return self._by_link(row, start_link, ready)
        if start > ready:
            return self._off(row, ready, start)
        if self.floor(row) > self.table.earliest[row]:
            return Reason(row, ReasonKind.KEPT, until=start)
        return Reason(row, ReasonKind.CONSTRAINT, until=int(self.table.earliest[row]))

    def _wait(self, row: int, ready: int) -> int:
        """How long after ``ready`` nobody works anyway."""
        return self._alone(row, ready) - ready

    def _by_link(self, row: int, link: int, until: int) -> Reason:
        """The predecessors whose links say ``until``, and where those alone do not hold it, what its people do besides."""
        start = int(self.plan.start[row])
        holding = self._holding(row, until)
        gone = list(dict.fromkeys([int(self.table.before[link]), *(int(self.table.before[one]) for one in holding)]))
        if self.earliest(row, frozenset(gone)) >= start:
            people = {int(self.plan.person[self.table.requirement[place]]) for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1])} - {NONE}  # fmt: skip
            free_from = self._alone(row, self.ready(row, frozenset(gone))[0])
            gone += [
                one for person in sorted(people) for one in self._around(row, person, free_from) if one not in gone
            ]
            if self.earliest(row, frozenset(gone[:MOST_BLOCKERS])) >= start:
                return Reason(row, ReasonKind.LINK, cause=gone[0], link=link, until=until)
            gone = [gone[0], *(one for one in self._needed(row, gone[:MOST_BLOCKERS]) if one != gone[0])]
        return Reason(row, ReasonKind.LINK, cause=gone[0], link=link, until=until, blockers=tuple(gone))

    def _holding(self, row: int, until: int) -> list[int]:
        """Links that do not let it start before ``until``."""
        found = []
        for place in range(self.table.into_first[row], self.table.into_first[row + 1]):
            link = int(self.table.into_link[place])
            before, kind = int(self.table.before[link]), int(self.table.kind[link])
            point = int(self.plan.finish[before] if kind == 0 else self.plan.start[before])
            if (
                kind < 2
                and self.steps.shifted(self.table, int(self.table.lag_calendar[link]), point, int(self.table.lag[link]))
                >= until
            ):
                found.append(link)
        return found

    def _by_finish(self, row: int, link: int) -> Reason | None:
        """It could begin, but would end before a predecessor lets it."""
        if link == NONE:
            return None
        before = int(self.table.before[link])
        if self.earliest(row, frozenset({before})) < int(self.plan.start[row]):
            return self._by_link(row, link, int(self.plan.start[row]))
        return None

    def _alone(self, row: int, ready: int) -> int:
        """The earliest start from ``ready`` on if nobody had anything else to do than bookings outside."""
        begin, _end = self.steps.try_alone(self.table, self.state, row, ready)
        return int(begin)

    def _busy(self, row: int, alone: int) -> Reason | None:
        """People are busy: with which activities, ending last before this one begins."""
        best: Reason | None = None
        for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1]):
            requirement = int(self.table.requirement[place])
            person = int(self.plan.person[requirement])
            if person == NONE:
                continue
            found = self._blockers(row, person, alone)
            if found and (best is None or len(found) < len(best.blockers)):
                named = self.problem.requirements.person[requirement] != NONE
                best = Reason(
                    row, ReasonKind.PERSON if named else ReasonKind.SKILL, cause=found[0], person=person,
                    profile=int(self.problem.requirements.profile[requirement]), until=int(self.plan.finish[found[0]]),
                    blockers=found,
                )  # fmt: skip
        return best or self._several(row, alone)

    def _blockers(self, row: int, person: int, alone: int) -> tuple[int, ...]:
        """The fewest activities of the person, those that end last first, without which this one could start earlier."""
        start = int(self.plan.start[row])
        around = self._around(row, person, alone)
        gone: list[int] = []
        for other in around[:MOST_BLOCKERS]:
            if self.earliest(row, frozenset({other})) < start:
                return (other,)
            gone.append(other)
        for count in range(2, len(gone) + 1):
            if self.earliest(row, frozenset(gone[:count])) < start:
                return self._needed(row, gone[:count])
        return ()

    def _needed(self, row: int, gone: list[int]) -> tuple[int, ...]:
        """Of these, only those without which it would not work."""
        start = int(self.plan.start[row])
        for one in list(gone):
            rest = [other for other in gone if other != one]
            if rest and self.earliest(row, frozenset(rest)) < start:
                gone = rest
        return tuple(gone)

    def _around(self, row: int, person: int, alone: int) -> list[int]:
        """What the person does from ``alone`` to the end of the activity; what ends before its start first, the last first."""
        start, finish = int(self.plan.start[row]), int(self.plan.finish[row])
        rows = {one for one in self.by_person.get(person, ()) if one != row and self.plan.finish[one] > alone and self.plan.start[one] < finish}  # fmt: skip
        return sorted(rows, key=lambda one: (int(self.plan.finish[one]) > start + self.problem.day_minutes, -int(self.plan.finish[one]), one))  # fmt: skip

    def _several(self, row: int, alone: int) -> Reason | None:
        """Several people have to be free together: all that keeps any of them, or time booked outside."""
        people = [
            int(self.plan.person[self.table.requirement[place]])
            for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1])
        ]
        people = [person for person in people if person != NONE]
        gone = list(dict.fromkeys(one for person in people for one in self._around(row, person, alone)))[:MOST_BLOCKERS]
        start = int(self.plan.start[row])
        if gone and self.earliest(row, frozenset(gone)) < start:
            blockers = self._needed(row, gone)
            person = next((who for who in people if blockers[0] in self.by_person[who]), people[0])
            return Reason(
                row, ReasonKind.PERSON, cause=blockers[0], person=person, until=int(self.plan.finish[blockers[0]]), blockers=blockers
            )  # fmt: skip
        if people:
            return Reason(row, ReasonKind.PERSON, person=people[0], until=start)
        return None

    def _off(self, row: int, ready: int, start: int) -> Reason:
        """Nobody works between ``ready`` and ``start``: somebody is away, or it is no working time."""
        for place in range(self.table.requirement_first[row], self.table.requirement_first[row + 1]):
            person = int(self.plan.person[self.table.requirement[place]])
            if person == NONE:
                continue
            if self._away(person, ready, start):
                return Reason(row, ReasonKind.ABSENCE, person=person, until=start)
            return Reason(row, ReasonKind.CALENDAR, person=person, until=start)
        return Reason(row, ReasonKind.CALENDAR, until=start)

    def _away(self, person: int, ready: int, start: int) -> bool:
        """Whether the person has a day without time on which they usually work."""
        length, problem = self.problem.day_minutes, self.problem
        days = range(ready // length, min(start // length, problem.days))
        return any(
            problem.capacity[person, day] == 0 and problem.usual[person, (problem.weekday + day) % 7] > 0
            for day in days
        )
