"""Why an activity does not start earlier: asked of the finished plan, everything else staying where it is.

The activity is taken out, and put at the earliest place that links, its earliest start and its people leave. If that is where it was, something
there holds it: what, is found by taking it away (:func:`could_start_earlier` does the same for a proof).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from stellwerk.engine.levelling.people.model import NONE, Problem
from stellwerk.engine.levelling.people.plan import Plan, Reason, ReasonKind
from stellwerk.engine.levelling.people.relief import Relief, relief_of, relieved, usual_minutes
from stellwerk.engine.levelling.people.state import Work, restored
from stellwerk.engine.levelling.people.tables import State, Tables

NO_RELIEF = Relief()
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


def could_start_earlier(problem: Problem, plan: Plan, activity: int, without: Reason | Iterable[int]) -> bool:
    """Whether the activity could start earlier, and end no later, without what a reason names, or without these activities, the rest
    staying as planned.

    What starts later than at present: earlier than planned now, but not before its present start.
    """
    place = place_without(problem, plan, activity, without)
    return place.start < int(plan.start[activity]) and place.finish <= int(plan.finish[activity])


def place_without(problem: Problem, plan: Plan, activity: int, without: Reason | Iterable[int]) -> Place:
    """Where the activity would lie then; without nothing: the earliest place in the plan as it is."""
    assert plan.problem is problem
    relief = relief_of(without) if isinstance(without, Reason) else Relief(frozenset(without))
    return _Look(plan).place(activity, relief)


@dataclass(frozen=True)
class Place:
    """Start, finish, and by requirement: person, first day, minutes on it."""

    start: int
    finish: int
    people: dict[int, tuple[int, int, int]]


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

    def ready(self, row: int, relief: Relief = NO_RELIEF) -> tuple[int, int, int, int]:
        """(Start, finish) before which links and the earliest start do not let it, and the link rows that say so (NONE)."""
        table, plan = self.table, self.plan
        start, finish = max(0 if relief.constraint else int(table.earliest[row]), self.floor(row)), 0
        start_link = finish_link = NONE
        for place in range(table.into_first[row], table.into_first[row + 1]):
            link = int(table.into_link[place])
            before, kind = int(table.before[link]), int(table.kind[link])
            if before in relief.activities:
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

    def earlier(self, row: int, without: Iterable[int] = ()) -> bool:
        """Whether it starts earlier with these activities away."""
        return self.proven(row, Relief(frozenset(without)))

    def proven(self, row: int, relief: Relief) -> bool:
        """Whether it starts earlier, and ends no later, without all this."""
        place = self.place(row, relief)
        return place.start < int(self.plan.start[row]) and place.finish <= int(self.plan.finish[row])

    def place(self, row: int, relief: Relief) -> Place:
        """The earliest place of the activity without what is thought away."""
        gone = {row, *relief.activities}
        self._take(gone, -1)
        try:
            with relieved(self.work, self.state, relief, row, int(self.plan.start[row])) as table:
                start, finish, _link, _other = self.ready(row, relief)
                found, end = self._place(table, row, start, finish)
            return Place(found, end, {one: self._choice(one) for one in self._requirements(row)})
        finally:
            self._restore(row)
            self._take(gone, 1)

    def _requirements(self, row: int) -> list[int]:
        first, last = self.table.requirement_first[row], self.table.requirement_first[row + 1]
        rows: list[int] = self.table.requirement[first:last].tolist()
        return rows

    def _choice(self, requirement: int) -> tuple[int, int, int]:
        state = self.state
        return int(state.person[requirement]), int(state.day[requirement]), int(state.first[requirement])

    def _people(self, row: int) -> list[int]:
        """Who does it in the plan."""
        people = (int(self.plan.person[one]) for one in self._requirements(row))
        return [person for person in people if person != NONE]

    def _place(self, table: Tables, row: int, ready: int, finish_from: int) -> tuple[int, int]:
        start, finish = (int(one) for one in self.steps.try_at(table, self.state, row, ready))
        if finish < finish_from:
            low, high = ready, max(finish_from, ready + 1)
            while high - low > 1:
                middle = (low + high) // 2
                if self.steps.try_at(table, self.state, row, middle)[1] < finish_from:
                    low = middle
                else:
                    high = middle
            start, finish = (int(one) for one in self.steps.try_at(table, self.state, row, high))
        return start, finish

    def _take(self, rows: Iterable[int], sign: int) -> None:
        """Give the time of these activities back (-1) or take it again."""
        people = set()
        for row in rows:
            for requirement in self._requirements(row):
                if self.state.person[requirement] != NONE:
                    people.add(int(self.state.person[requirement]))
                self.steps.take(self.table, self.state, requirement, sign)
        for person in people:
            self.steps.renew_skip(self.state, person)

    def _restore(self, row: int) -> None:
        for one in self._requirements(row):
            self.state.person[one] = self.plan.person[one]
            self.state.day[one] = self.plan.first_day[one]
            self.state.first[one] = self.plan.first_minutes[one]

    # ── the reason ───────────────────────────────────────────────────────────────────────────────

    def reason(self, row: int) -> Reason:
        """What is plain to say, if it is proven; else the fewest things that hold it together."""
        if self.earlier(row):
            return Reason(row, ReasonKind.KEPT, until=int(self.plan.start[row]))
        plain = self._plain(row)
        if plain is not None and (plain.blockers or self.proven(row, relief_of(plain))):
            return plain
        return self._thorough(row) or plain or self._at_bound(row)

    def _plain(self, row: int) -> Reason | None:
        """One thing that holds it; with blockers it is proven already."""
        start = int(self.plan.start[row])
        ready, _finish, start_link, finish_link = self.ready(row)
        alone = self._alone(row, ready)
        if start > alone:
            return self._busy(row, alone) or self._by_finish(row, finish_link)
        if start_link != NONE:
            found = self._by_link(row, start_link, ready)
            if found is not None or start == ready:
                return found
        return self._off(row, ready, start) if start > ready else self._at_bound(row)

    def _at_bound(self, row: int) -> Reason:
        return Reason(row, ReasonKind.CONSTRAINT, until=int(self.table.earliest[row]))

    def _by_link(self, row: int, link: int, until: int) -> Reason | None:
        """The predecessors whose links say ``until``, and where those alone do not hold it, what its people do besides."""
        holding = self._holding(row, until)
        gone = list(dict.fromkeys([int(self.table.before[link]), *(int(self.table.before[one]) for one in holding)]))
        if not self.earlier(row, gone):
            free_from = self._alone(row, self.ready(row, Relief(frozenset(gone)))[0])
            for person in sorted(set(self._people(row))):
                gone += [one for one in self._around(row, person, free_from) if one not in gone]
            gone = gone[:MOST_BLOCKERS]
            if not self.earlier(row, gone):
                return None
            gone = [gone[0], *(one for one in self._needed(row, gone) if one != gone[0])]
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
        if self.earlier(row, {before}):
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
        around = self._around(row, person, alone)
        gone: list[int] = []
        for other in around[:MOST_BLOCKERS]:
            if self.earlier(row, {other}):
                return (other,)
            gone.append(other)
        for count in range(2, len(gone) + 1):
            if self.earlier(row, gone[:count]):
                return self._needed(row, gone[:count])
        return ()

    def _needed(self, row: int, gone: list[int]) -> tuple[int, ...]:
        """Of these, only those without which it would not work."""
        for one in list(gone):
            rest = [other for other in gone if other != one]
            if rest and self.earlier(row, rest):
                gone = rest
        return tuple(gone)

    def _around(self, row: int, person: int, alone: int) -> list[int]:
        """What the person does from the day of ``alone`` to the last day of the activity; what ends before its start first, the last first.

        Whole days: within a day only minutes are counted, so what lies later on the same day can be in the way too.
        """
        day = self.problem.day_minutes
        start, begin, end = int(self.plan.start[row]), alone // day * day, -(-int(self.plan.finish[row]) // day) * day
        finish = {
            one: int(self.plan.finish[one])
            for one in self.by_person.get(person, ())
            if one != row and self.plan.finish[one] > begin and self.plan.start[one] < end
        }
        return sorted(finish, key=lambda one: (finish[one] > start + day, -finish[one], one))

    def _several(self, row: int, alone: int) -> Reason | None:
        """Several people have to be free together: all that keeps any of them."""
        people = self._people(row)
        gone = list(dict.fromkeys(one for person in people for one in self._around(row, person, alone)))[:MOST_BLOCKERS]
        if not gone or not self.earlier(row, gone):
            return None
        return self._by_person(row, self._needed(row, gone))

    def _by_person(self, row: int, blockers: tuple[int, ...], also: tuple[Reason, ...] = ()) -> Reason:
        people = self._people(row)
        person = next((who for who in people if blockers[0] in self.by_person[who]), NONE)
        until = int(self.plan.finish[blockers[0]])
        return Reason(
            row, ReasonKind.PERSON, cause=blockers[0], person=person, until=until, blockers=blockers, also=also
        )

    def _off(self, row: int, ready: int, start: int) -> Reason:
        """Nobody works between ``ready`` and ``start``: somebody is away, or it is no working time."""
        people = self._people(row)
        for person in people:
            if self._away(person, ready, start):
                return Reason(row, ReasonKind.ABSENCE, person=person, until=start)
        return Reason(row, ReasonKind.CALENDAR, person=people[0] if people else NONE, until=start)

    def _away(self, person: int, ready: int, start: int) -> bool:
        """Whether the person has a day with less time than usual."""
        length, problem = self.problem.day_minutes, self.problem
        span = slice(ready // length, min(start // length, problem.days))
        return bool((problem.capacity[person, span] < usual_minutes(problem, person, problem.days)[span]).any())

    # ── several things together ──────────────────────────────────────────────────────────────────

    def _thorough(self, row: int) -> Reason | None:
        """The fewest things without which it could start earlier: first everything is thought away, then one after the other comes back.

        What says least comes back first: days off, the earliest start, absences, bookings, then activities, the ones that end first.
        """
        start = int(self.plan.start[row])
        people = sorted(set(self._people(row)))
        parts = [
            *(Reason(row, ReasonKind.CALENDAR, person=person, until=start) for person in (NONE, *people)),
            Reason(row, ReasonKind.CONSTRAINT, until=int(self.table.earliest[row])),
            *(Reason(row, ReasonKind.ABSENCE, person=person, until=start) for person in people),
            *(Reason(row, ReasonKind.PERSON, person=person, until=start) for person in people),
        ]
        before = {int(self.table.before[link]): int(link) for link in self._links(row)}
        around = [one for person in people for one in self._around(row, person, self.floor(row))]
        gone = list(dict.fromkeys([*before, *around]))[:MOST_BLOCKERS]
        if not self.proven(row, _together(row, parts, gone)):
            return None
        for part in list(parts):
            rest = [one for one in parts if one is not part]
            if self.proven(row, _together(row, rest, gone)):
                parts = rest
        for one in sorted(gone, key=lambda other: (int(self.plan.finish[other]), other)):
            fewer = [other for other in gone if other != one]
            if self.proven(row, _together(row, parts, fewer)):
                gone = fewer
        return self._said(row, parts, gone, before)

    def _links(self, row: int) -> list[int]:
        first, last = self.table.into_first[row], self.table.into_first[row + 1]
        links: list[int] = self.table.into_link[first:last].tolist()
        return links

    def _said(self, row: int, parts: list[Reason], gone: list[int], before: dict[int, int]) -> Reason:
        """What says most comes first: the activity that ends last, then bookings, absences, the earliest start, days off."""
        gone.sort(key=lambda other: (-int(self.plan.finish[other]), other))
        also = tuple(reversed(parts))
        if not gone:
            return replace(also[0], also=also[1:])
        if gone[0] in before:
            link = before[gone[0]]
            until = max(self.ready(row)[:2])
            return Reason(row, ReasonKind.LINK, cause=gone[0], link=link, until=until, blockers=tuple(gone), also=also)
        return self._by_person(row, tuple(gone), also)


def _together(row: int, parts: Iterable[Reason], gone: Iterable[int]) -> Relief:
    return relief_of(Reason(row, ReasonKind.KEPT, also=tuple(parts))).with_activities(gone)
