"""The rows of plans as a problem of the levelling engine: who is needed, who is free, what stays where it is.

What the plans say is taken as it is: effort of assignments at the rate that was planned, links, calendars, constraints. What has begun, is
scheduled by hand, has to be on a day, or is booked firmly stays. Activities of other projects take the time of their people and stay too.
Prose: ``docs/algorithms/levelling-product.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from stellwerk.engine.calendars import instant
from stellwerk.engine.levelling.people import model as engine
from stellwerk.engine.network import NONE, ConstraintKind, LagCalendar
from stellwerk.people.models import Person
from stellwerk.people.selectors import employed
from stellwerk.people.selectors.working_time import working_minutes
from stellwerk.planning.columns import NULL
from stellwerk.planning.models import Activity, Assignment, Plan
from stellwerk.planning.programme_network import Joint, joint
from stellwerk.planning.services.figures import OVER
from stellwerk.resources.choices import HARD
from stellwerk.resources.levelling.assigned import FULL, Assigned, Wish, assignments, column_of, levelled_before
from stellwerk.resources.levelling.clockwork import DAY, SHARES, Clockwork, Integers
from stellwerk.resources.levelling.profiles import levels_of, profile_table, profiles_of
from stellwerk.resources.models import Allocation, AllocationWeek

BEYOND: Final = 400
"""Days after the last present finish for which absences and bookings are read; later days are like usual ones."""
MOST_DAYS: Final = 2000
_STAYS: Final = (
    ConstraintKind.START_ON,
    ConstraintKind.FINISH_ON,
    ConstraintKind.MUST_START,
    ConstraintKind.MUST_FINISH,
    ConstraintKind.BY_HAND,
)


@dataclass(frozen=True)
class Case:
    """A problem and what its rows are: ``pk`` numbers of activities, ``plan`` the place in ``plans`` (-1: another project)."""

    problem: engine.Problem
    clockwork: Clockwork
    plans: tuple[Plan, ...]
    pk: Integers
    plan: Integers
    calendar: Integers
    present_start: Integers
    present_finish: Integers
    """Minutes of the clock as stored; NONE where there are none."""
    duration: Integers
    people: tuple[int, ...]
    roles: tuple[int, ...]
    wishes: tuple[Wish, ...]
    profiles: tuple[tuple[tuple[str, int, int], ...], ...]
    """What a profile asks for: ("role" or "skill", number, level)."""
    due: tuple[dt.date | None, ...]
    link_pk: Integers
    begun: NDArray[np.bool_]
    """Rows that are under way: what they started too early is past, and no finding of levelling."""
    levelled: dict[int, int]
    """Activities with a constraint of an earlier run, with its instant."""

    @property
    def own(self) -> NDArray[np.bool_]:
        """Rows of the plans that are levelled."""
        result: NDArray[np.bool_] = self.plan >= 0
        return result


def weight_of(priority: int | None) -> int:
    """What a day's delay weighs: 100 for priority 1, ten less for each step, 10 at least and where none is given."""
    return max(10, 110 - 10 * priority) if priority else 10


def read_case(plans: Sequence[Plan], *, movable: Iterable[int], today: dt.date) -> Case:
    """The problem of these plans from their data date (else today) on. ``movable``: numbers of plans whose activities may move.

    Raises:
        CycleError: links lead in a circle over the plans.
        HorizonError: an activity would end after 2150.
    """
    return _Reading(plans, frozenset(movable), today).case()


@dataclass
class _Rows:
    """Columns of the problem in the making."""

    pk: list[int] = field(default_factory=list)
    plan: list[int] = field(default_factory=list)
    calendar: list[int] = field(default_factory=list)
    duration: list[int] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    finish: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)


class _Reading:
    """One reading of the database; about a dozen queries, whatever the number of plans."""

    def __init__(self, plans: Sequence[Plan], movable: frozenset[int], today: dt.date) -> None:
        self.plans = tuple(plans)
        self.movable = movable
        self.net: Joint = joint(self.plans)
        self.network = self.net.dates.network
        begin = max([plan.data_date.date() for plan in self.plans if plan.data_date is not None] or [today])
        self.clockwork = Clockwork(begin, self.net.clock.set)
        self.levelled = levelled_before(self.plans)
        self.rows = _Rows()
        self.row_of_joint = np.full(len(self.net.pk), NONE, np.int64)

    def case(self) -> Case:
        self._own_rows()
        self._givers()
        firm = self._firm_people()
        wishes = self._wishes(firm)
        people = self._people(wishes)
        wishes += self._elsewhere(people)
        return self._built(wishes, people, firm)

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def _own_rows(self) -> None:
        """Open activities; milestones and what nobody is needed for too, because links lead through them."""
        table, rows = self.network.activities, self.rows
        stored = {name: np.concatenate([one.number[name] for one in self.net.columns]) for name in ("start", "finish", "manual")} if self.plans else {}  # fmt: skip
        stays = np.zeros(len(table), np.bool_)
        constraints = self.network.constraints
        stays[constraints.activity[np.isin(constraints.kind, _STAYS)]] = True
        open_rows = np.flatnonzero(self.net.dates.network.activities.summary[: self.net.count] == 0)
        for row in open_rows.tolist():
            if table.actual_finish[row] != NONE:
                continue
            begun = table.actual_start[row] != NONE
            place = int(self.net.plan[row])
            held = begun or bool(stays[row]) or bool(stored["manual"][row]) or self.plans[place].pk not in self.movable
            start, finish = int(stored["start"][row]), int(stored["finish"][row])
            if start == NULL or finish == NULL:
                start, finish = int(self.net.dates.start[row]), int(self.net.dates.finish[row])
            self.row_of_joint[row] = len(rows.pk)
            left = self._left(row) if begun else int(table.duration[row])
            self._add(int(self.net.pk[row]), place, int(table.calendar[row]), left, held, start, finish, begun)

    def _left(self, row: int) -> int:
        table = self.network.activities
        if table.remaining[row] != NONE:
            return int(table.remaining[row])
        return int(table.duration[row] * (FULL - table.percent[row]) // FULL)

    def _add(
        self, pk: int, plan: int, calendar: int, duration: int, held: bool, start: int, finish: int, begun: bool = False
    ) -> None:
        made = _Rows([pk], [plan], [calendar], [duration], [int(held)], [start], [finish], [int(begun)])
        for name, value in vars(made).items():
            getattr(self.rows, name).extend(value)

    def _givers(self) -> None:
        """Givers outside of these plans whose date lies ahead: points that stay."""
        for row in range(self.net.count, len(self.net.pk)):
            at = int(self.network.activities.actual_finish[row])
            if at >= self.clockwork.base:
                self.row_of_joint[row] = len(self.rows.pk)
                self._add(int(self.net.pk[row]), -1, 0, 0, True, at, at)

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    def _firm_people(self) -> dict[int, int]:
        """Activities that are booked firmly, with the person: they stay, and that person does them."""
        rows = Allocation.objects.filter(state__in=HARD, demand__activity__in=self.rows.pk).order_by("pk")
        return dict(rows.values_list("demand__activity_id", "person_id"))

    def _wishes(self, firm: dict[int, int]) -> list[Wish]:
        where = {pk: row for row, pk in enumerate(self.rows.pk) if self.rows.plan[row] >= 0}
        found: list[Wish] = []
        served: set[int] = set()
        assigned = list(assignments(Q(plan__in=self.plans, activity__in=where)))
        there = {
            (one.activity, one.person) for one in assigned
        }  # who is booked fills one open place, and none beside their own
        for one in assigned:
            row, booked = where[one.activity], firm.get(one.activity)
            if one.person is None and booked is not None and (one.activity, booked) in there:
                booked = None
            made = self._rated(one, row, booked)
            if booked is not None and made:
                there.add((one.activity, booked))
            found += made
            served |= {one.activity} if made else set()
        alone = Activity.objects.filter(pk__in=set(where) - served, responsible__isnull=False).exclude(work=None)
        for pk, person, work, done, left, percent in alone.order_by("pk").values_list(
            "pk", "responsible_id", "work", "actual_work", "remaining_work", "percent"
        ):
            one = Assigned(0, pk, person, None, None, work, done, left, percent)
            found += self._rated(one, where[pk], firm.get(pk))
        return found

    def _rated(self, one: Assigned, row: int, booked: int | None) -> list[Wish]:
        """Requirements at the rate that was planned: effort over the duration, a part of a day; more than one full person are several."""
        duration = self.rows.duration[row]
        minutes = one.minutes_left(duration)
        if minutes <= 0:
            return []
        person = one.person or booked
        if person is None and self.rows.fixed[row]:
            return []  # under way with people whom the plan does not name: nobody is asked for it any more
        rate = round(FULL * minutes / duration) if duration else FULL
        count = 1 if person is not None else max(1, -(-rate // FULL))
        units = max(1, min(FULL, round(rate / count)))
        each = max(1, minutes // count)
        return [Wish(one.pk, one.activity, person, one.role, each, units) for _number in range(count)]

    def _people(self, wishes: Sequence[Wish]) -> list[int]:
        """Who is named, and who has a role that is asked for."""
        named = {wish.person for wish in wishes if wish.person is not None}
        roles = {wish.role for wish in wishes if wish.person is None and wish.role is not None}
        rows = Person.objects.filter(Q(pk__in=named) | (Q(role__in=roles) & employed()))
        return sorted(set(rows.values_list("pk", flat=True)))

    def _elsewhere(self, people: Sequence[int]) -> list[Wish]:
        """What the same people do in other projects: rows that stay."""
        own = {plan.pk for plan in self.plans}
        base = self.clockwork.day0
        active = Q(activity__summary=False, activity__active=True, activity__finish__gte=dt.datetime.combine(base, dt.time())) & ~Q(activity__state__in=("completed", "cancelled"))  # fmt: skip
        live = Q(plan__project__archived_at=None) & ~Q(plan__project__phase__in=(*OVER, "on_hold")) & ~Q(plan__in=own)
        rows: dict[int, int] = {}
        found: list[Wish] = []
        for one in assignments(active & live & Q(resource__person__in=people), times=True):
            if one.start is None or one.finish is None:
                continue
            if one.activity not in rows:
                rows[one.activity] = len(self.rows.pk)
                span = self.net.clock.set.between(*(np.array([x], np.int64) for x in (1, max(one.start, self.clockwork.base), one.finish)))  # fmt: skip
                self._add(one.activity, -1, 1, max(1, int(span[0])), True, one.start, one.finish)
            found += self._rated(one, rows[one.activity], None)
        return found

    # ── the problem ──────────────────────────────────────────────────────────────────────────────

    def _built(self, wishes: list[Wish], people: list[int], firm: dict[int, int]) -> Case:
        rows = self.rows
        calendar = column_of(rows.calendar)
        days = self._days()
        used = sorted({1, *rows.calendar})
        place = {row: number for number, row in enumerate(used)}
        start = self._instants(calendar, column_of(rows.start))
        finish = self._instants(calendar, column_of(rows.finish))
        fixed = column_of(rows.fixed)
        number = {pk: row for row, pk in enumerate(rows.pk)}
        fixed[[number[pk] for pk in firm if pk in number]] = 1
        links, link_pk = self._links(place)
        earliest, deadline = self._limits(calendar)
        roles = sorted({wish.role for wish in wishes if wish.person is None and wish.role is not None})
        usual, team = self._capacity(people, days, self._closed(wishes, people, number, days))
        profiles, asked = profiles_of(wishes, rows.pk)
        problem = engine.Problem(
            people=engine.People(
                capacity=team,
                booked=usual,
                levels=levels_of(people, roles, profiles, self.clockwork.day0),
                after=self._after(people, team),
            ),
            activities=engine.Activities(
                project=np.where(column_of(rows.plan) >= 0, column_of(rows.plan), len(self.plans)),
                duration=column_of(rows.duration),
                calendar=column_of(place[row] for row in rows.calendar),
                earliest=np.maximum(earliest, 0),
                deadline=deadline,
                fixed=fixed,
                present_start=np.maximum(start, 0),
                present_finish=np.maximum(finish, 0),
            ),
            requirements=self._requirements(wishes, number, people, asked, team),
            links=links,
            projects=engine.Projects(
                weight=column_of([*(weight_of(plan.project.priority) for plan in self.plans), 0]),
                due=column_of([*(self._due(row) for row in range(len(self.plans))), NONE]),
            ),
            profiles=profile_table(profiles),
            calendars=engine.Calendars(minutes=self.clockwork.minutes_by_day(used, days), after=self._usual_week(used)),
            day_minutes=SHARES,
            weekday=self.clockwork.day0.weekday(),
        )
        return Case(
            problem, self.clockwork, self.plans, column_of(rows.pk), column_of(rows.plan), calendar, column_of(rows.start),
            column_of(rows.finish), column_of(rows.duration), tuple(people), tuple(roles), tuple(wishes), profiles,
            tuple(self._due_day(row) for row in range(len(self.plans))), link_pk, column_of(rows.begun) > 0, self.levelled,
        )  # fmt: skip

    def _days(self) -> int:
        last = max([*self.rows.finish, self.clockwork.base])
        return min(MOST_DAYS, (last - self.clockwork.base) // DAY + 1 + BEYOND)

    def _instants(self, calendar: Integers, at: Integers) -> Integers:
        return self.clockwork.share(calendar, at) if at.size else at

    def _due_day(self, place: int) -> dt.date | None:
        """By when a project should be finished: its must-finish, the baseline, else what the plan promises now."""
        plan = self.plans[place]
        if plan.must_finish is not None:
            fixed: dt.date = plan.must_finish.date()
            return fixed
        promised: dt.date | None = plan.project.finish_baseline
        if promised is not None:
            return promised
        return plan.finish.date() if plan.finish is not None else None

    def _due(self, place: int) -> int:
        day = self._due_day(place)
        return NONE if day is None else max(0, (day - self.clockwork.day0).days + 1) * SHARES

    def _usual_week(self, used: Sequence[int]) -> Integers:
        """Minutes per weekday of calendars behind the days that are read: the most of that weekday in the year before."""
        minutes = self.clockwork.minutes_by_day(list(used), 371)
        weekday = (np.arange(371) + self.clockwork.day0.weekday()) % 7
        return np.stack([minutes[:, weekday == day].max(axis=1) for day in range(7)], axis=1)

    def _closed(
        self, wishes: Sequence[Wish], people: Sequence[int], number: dict[int, int], days: int
    ) -> NDArray[np.bool_]:
        """Days by person on which no calendar of their activities works: the company is closed, whatever people could do."""
        used = sorted({calendar for calendar in self.rows.calendar if calendar} or {1})
        place = {calendar: at for at, calendar in enumerate(used)}
        shut = self.clockwork.minutes_by_day(used, days) == 0
        by_person: dict[int, set[int]] = {}
        for wish in wishes:
            calendar = self.rows.calendar[number[wish.activity]]
            if wish.person is not None:
                by_person.setdefault(wish.person, set()).add(calendar)
        found = np.zeros((len(people), days), np.bool_)
        for row, person in enumerate(people):
            calendars = by_person.get(person, set(used))
            if 0 not in calendars:
                found[row] = shut[[place[one] for one in sorted(calendars)]].all(axis=0)
        return found

    def _capacity(self, people: Sequence[int], days: int, closed: NDArray[np.bool_]) -> tuple[Integers, Integers]:
        """Minutes (booked outside of the plans, net) by person and day."""
        if not people:
            return np.zeros((0, days), np.int64), np.zeros((0, days), np.int64)
        first = self.clockwork.day0
        net = working_minutes(list(people), first, first + dt.timedelta(days=days - 1)).net.astype(np.int64)
        net[closed] = 0
        return self._booked(people, net), net

    def _booked(self, people: Sequence[int], net: Integers) -> Integers:
        """Firm bookings that no activity stands for: spread over the person's working days of their week."""
        row = {person: number for number, person in enumerate(people)}
        first = self.clockwork.day0
        planned = set(
            Assignment.objects.filter(resource__person__in=people, activity__active=True)
            .exclude(activity__state__in=("completed", "cancelled"))
            .values_list("resource__person_id", "plan__project_id")
        )
        found = np.zeros_like(net)
        weeks = AllocationWeek.objects.filter(
            allocation__person__in=people, allocation__state__in=HARD, allocation__demand__activity=None,
            monday__gt=first - dt.timedelta(days=7), monday__lt=first + dt.timedelta(days=net.shape[1]),
        )  # fmt: skip
        for person, project, monday, minutes in weeks.values_list(
            "allocation__person_id", "allocation__demand__project_id", "monday", "minutes"
        ):
            if (person, project) in planned:
                continue  # the activities of that project stand for these hours
            begin = max(0, (monday - first).days)
            span = slice(begin, (monday - first).days + 7)
            free = net[row[person], span]
            total = int(free.sum())
            if total:
                found[row[person], span] += -(-free * min(minutes, total) // total)
        return found

    def _after(self, people: Sequence[int], net: Integers) -> Integers:
        """Minutes per weekday behind the days that are read; whoever has left by then has none."""
        if not people:
            return np.zeros((0, 7), np.int64)
        weekday = (np.arange(net.shape[1]) + self.clockwork.day0.weekday()) % 7
        usual = np.stack([net[:, weekday == day].max(axis=1, initial=0) for day in range(7)], axis=1)
        last = self.clockwork.day0 + dt.timedelta(days=net.shape[1])
        gone = set(Person.objects.filter(pk__in=people, exit_date__lt=last).values_list("pk", flat=True))
        usual[[number for number, person in enumerate(people) if person in gone]] = 0
        return usual

    def _requirements(
        self, wishes: Sequence[Wish], number: dict[int, int], people: Sequence[int], asked: Sequence[int], net: Integers
    ) -> engine.Requirements:
        row = {person: place for place, person in enumerate(people)}
        day = np.array([int(one[one > 0].mean()) if (one > 0).any() else SHARES for one in net], np.int64)
        made = []
        for wish, profile in zip(wishes, asked, strict=True):
            person = NONE if wish.person is None else row.get(wish.person, NONE)
            # Units are a part of the calendar's day in the plan, a part of the person's day in the engine.
            units = (
                wish.units if person == NONE else max(1, min(FULL, round(wish.units * SHARES / max(1, day[person]))))
            )
            made.append((number[wish.activity], wish.minutes, units, person, profile, person))
        table = np.array(made, np.int64).reshape(-1, 6)
        return engine.Requirements(
            activity=table[:, 0], work=table[:, 1], units=table[:, 2], person=table[:, 3], profile=table[:, 4],
            present_person=table[:, 5],
        )  # fmt: skip

    def _links(self, place: dict[int, int]) -> tuple[engine.Links, Integers]:
        """Links between rows that take part; lags from what is done or was given before day 0 are limits (:meth:`_limits`)."""
        table = self.network.links
        before, after = self.row_of_joint[table.predecessor], self.row_of_joint[table.successor]
        taken = np.flatnonzero((before != NONE) & (after != NONE))
        lag = table.lag_calendar[taken]
        calendar = np.array(self.rows.calendar, np.int64)
        plan_calendar = self.network.projects.calendar[self.network.activities.project[table.successor[taken]]]
        row = np.where(lag == LagCalendar.PREDECESSOR, calendar[before[taken]], lag)
        row = np.where(lag == LagCalendar.PROJECT, plan_calendar, row)
        found = [
            engine.SUCCESSOR
            if one == LagCalendar.SUCCESSOR
            else engine.ELAPSED
            if one == 0
            else place.get(one, place[1])
            for one in row.tolist()
        ]
        links = engine.Links(
            predecessor=before[taken], successor=after[taken], kind=table.kind[taken], lag=table.lag[taken],
            lag_calendar=column_of(found),
        )  # fmt: skip
        return links, self.net.link_pk[taken]

    def _limits(self, calendar: Integers) -> tuple[Integers, Integers]:
        """Earliest start and deadline of each row, as instants of the engine."""
        count = len(self.rows.pk)
        earliest = np.zeros(count, np.int64)
        deadline = np.full(count, NONE, np.int64)
        for place, plan in enumerate(self.plans):
            rows = np.flatnonzero(column_of(self.rows.plan) == place)
            for day in (plan.start, plan.data_date):
                if day is not None and rows.size:
                    earliest[rows] = np.maximum(
                        earliest[rows], self._instants(calendar[rows], np.full(rows.size, instant(day)))
                    )
        constraints = self.network.constraints
        for joint_row, kind, at in zip(constraints.activity.tolist(), constraints.kind.tolist(), constraints.at.tolist(), strict=True):  # fmt: skip
            row = int(self.row_of_joint[joint_row])
            if row != NONE and at != NONE:
                self._limit(row, kind, at, calendar, earliest, deadline)
        self._limits_by_done(calendar, earliest)
        return earliest, deadline

    def _limit(self, row: int, kind: int, at: int, calendar: Integers, earliest: Integers, deadline: Integers) -> None:
        if kind == ConstraintKind.START_NO_EARLIER and self.levelled.get(self.rows.pk[row]) == at:
            return  # levelling put it there, so levelling may take it away
        one, duration = calendar[row : row + 1], np.array([self.rows.duration[row]], np.int64)
        when = np.array([at], np.int64)
        if kind == ConstraintKind.FINISH_NO_EARLIER:
            when = self.clockwork.calendars.subtract(one, when, duration)
        if kind == ConstraintKind.START_NO_LATER:
            when = self.clockwork.calendars.add(one, when, duration)
        share = int(self._instants(one, when)[0])
        if kind in (ConstraintKind.START_NO_EARLIER, ConstraintKind.FINISH_NO_EARLIER):
            earliest[row] = max(earliest[row], share)
        elif kind in (ConstraintKind.DEADLINE, ConstraintKind.FINISH_NO_LATER, ConstraintKind.START_NO_LATER):
            deadline[row] = max(0, share) if deadline[row] == NONE else min(deadline[row], max(0, share))

    def _limits_by_done(self, calendar: Integers, earliest: Integers) -> None:
        """A lag that still runs after its predecessor is done keeps the successor from starting."""
        table, activities = self.network.links, self.network.activities
        for link in np.flatnonzero((table.lag > 0) & (self.row_of_joint[table.predecessor] == NONE)).tolist():
            row = int(self.row_of_joint[table.successor[link]])
            at = int(activities.actual_finish[table.predecessor[link]])
            if row == NONE or at == NONE or table.kind[link] not in (0, 1):
                continue
            clock_row = 0 if table.lag_calendar[link] == 0 else int(calendar[row])
            end = self.clockwork.calendars.add(
                *(np.array([x], np.int64) for x in (clock_row, at, int(table.lag[link])))
            )
            earliest[row] = max(earliest[row], int(self._instants(calendar[row : row + 1], end)[0]))
