"""Every reason is proven: what it names is really taken out of the problem, and the earlier place passes the independent check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stellwerk.engine.levelling.people import (
    Activities,
    Calendars,
    Links,
    People,
    Plan,
    Problem,
    Profiles,
    Reason,
    ReasonKind,
    Requirements,
    check,
    could_start_earlier,
    place_without,
    solve,
)
from stellwerk.engine.levelling.people.tests.problems import random_problem
from stellwerk.trials import tries

DAY = 480
WEEK = np.where(np.arange(28) % 7 < 5, DAY, 0)
OBJECTIVES = ("tardiness", "makespan", "delay", "smooth")


# ── taking away, the slow and obvious way ────────────────────────────────────────────────────────


def named(reason: Reason, kind: ReasonKind) -> list[int]:
    return [one.person for one in (reason, *reason.also) if one.kind == kind and not one.blockers]


def without(plan: Plan, reason: Reason) -> tuple[Problem, Plan]:
    """Problem and plan without what the reason names, with the activity at the earlier place."""
    problem, row = plan.problem, reason.activity
    place = place_without(problem, plan, row, reason)
    moved = {name: getattr(plan, name).copy() for name in ("start", "finish", "person", "first_day", "first_minutes")}
    moved["start"][row], moved["finish"][row] = place.start, place.finish
    for one, (person, day, minutes) in place.people.items():
        moved["person"][one], moved["first_day"][one], moved["first_minutes"][one] = person, day, minutes
    gone = [row for one in (reason, *reason.also) for row in one.blockers]
    kept = ~np.isin(np.arange(len(problem.activities)), gone)
    asked = kept[problem.requirements.activity]
    linked = kept[problem.links.predecessor] & kept[problem.links.successor]
    number = np.cumsum(kept) - 1
    activities, requirements, links = (
        type(table)(**{one.name: getattr(table, one.name)[mask] for one in fields(table)})
        for table, mask in ((problem.activities, kept), (problem.requirements, asked), (problem.links, linked))
    )
    requirements = replace(requirements, activity=number[requirements.activity])
    links = replace(links, predecessor=number[links.predecessor], successor=number[links.successor])
    if named(reason, ReasonKind.CONSTRAINT):
        activities = replace(activities, earliest=np.where(np.arange(len(activities)) == number[row], -1, activities.earliest))  # fmt: skip
    people, calendars = lifted(plan, reason)
    own = np.where(np.arange(len(activities)) == number[row], len(calendars.minutes) - 1, activities.calendar)
    activities = replace(activities, calendar=own)
    smaller = replace(problem, people=people, activities=activities, requirements=requirements, links=links, calendars=calendars)  # fmt: skip
    back = np.cumsum(asked) - 1
    conflicts = tuple(
        replace(one, requirement=int(back[one.requirement]))
        for one in plan.conflicts
        if one.requirement >= 0 and asked[one.requirement]
    )
    columns = {name: values[kept if name in ("start", "finish") else asked] for name, values in moved.items()}
    return smaller, replace(plan, problem=smaller, conflicts=conflicts, **columns)


def lifted(plan: Plan, reason: Reason) -> tuple[People, Calendars]:
    """Days and people without what the reason names. The last calendar is the activity's own: others keep theirs, by which
    their lags are counted."""
    problem = plan.problem
    own = [*range(len(problem.calendar_minutes)), int(problem.activities.calendar[reason.activity])]
    days = -(-int(plan.start[reason.activity]) // DAY)
    capacity, booked, minutes = problem.capacity.copy(), problem.booked.copy(), problem.calendar_minutes[own]
    usual = problem.usual[:, (np.arange(problem.days) + problem.weekday) % 7]
    for person in named(reason, ReasonKind.PERSON):
        booked[person, :days] = 0
    for person in named(reason, ReasonKind.ABSENCE):
        capacity[person, :days] = np.maximum(capacity, usual)[person, :days]
    for person in named(reason, ReasonKind.CALENDAR):
        one = capacity[person, :days] if person >= 0 else minutes[-1, :days]
        one[(one == 0) & (usual[person, :days] == 0 if person >= 0 else True)] = DAY
    people = replace(problem.people, capacity=capacity, booked=booked, after=problem.after, usual=problem.usual)
    return people, Calendars(minutes, problem.calendar_after[own])


# ── any problem ──────────────────────────────────────────────────────────────────────────────────


@given(seed=st.integers(0, 1 << 30), objective=st.sampled_from(OBJECTIVES))
@example(seed=780000, objective="tardiness")  # others count their lags in the calendar that is lifted
@settings(max_examples=tries(80, 20))
def test_without_what_a_reason_names_the_activity_starts_earlier(seed: int, objective: Any) -> None:
    problem = random_problem(seed)
    plan = solve(problem, objective=objective, iterations=4, seed=seed)
    for row, reason in plan.reasons.items():
        if plan.start[row] == 0:
            continue  # nothing is earlier
        assert could_start_earlier(problem, plan, row, reason)
        smaller, earlier = without(plan, reason)
        assert check(smaller, earlier) == []
        assert reason.cause == (reason.blockers[0] if reason.blockers else -1)
        if reason.kind != ReasonKind.KEPT:
            assert not could_start_earlier(problem, plan, row, ())


@given(seed=st.integers(0, 1 << 30))
@settings(max_examples=tries(40, 15))
def test_each_part_of_a_reason_is_needed(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem, iterations=4, seed=seed)
    for row, reason in plan.reasons.items():
        for one in reason.also:
            fewer = replace(reason, also=tuple(other for other in reason.also if other is not one))
            assert not could_start_earlier(problem, plan, row, fewer)


# ── one of each kind ─────────────────────────────────────────────────────────────────────────────


def one_activity(capacity: Sequence[Any], booked: Any = None, **columns: Any) -> Problem:
    """Two days of work by Anna, planned from Monday."""
    table = np.stack(capacity)
    return Problem(
        People(table, booked=np.zeros_like(table) if booked is None else booked),
        Activities([0], present_start=[0], present_finish=[2 * DAY], **columns),
        Requirements([0], work=[2 * DAY], person=[0]),
    )


def reason_of(problem: Problem, row: int = 0) -> Reason:
    plan = solve(problem)
    reason = plan.reasons[row]
    assert could_start_earlier(problem, plan, row, reason)
    assert check(*without(plan, reason)) == []
    return reason


def test_absence() -> None:
    away = WEEK.copy()
    away[:3] = 0
    reason = reason_of(one_activity([away]))
    assert (reason.kind, reason.person, reason.until) == (ReasonKind.ABSENCE, 0, 3 * DAY)


def test_bookings_outside_are_named_by_person_without_an_activity() -> None:
    booked = np.zeros((1, 28), np.int64)
    booked[0, :2] = DAY
    reason = reason_of(one_activity([WEEK], booked))
    assert (reason.kind, reason.person, reason.cause, reason.until) == (ReasonKind.PERSON, 0, -1, 2 * DAY)


def test_earliest_start() -> None:
    reason = reason_of(one_activity([WEEK], earliest=[3 * DAY]))
    assert (reason.kind, reason.until) == (ReasonKind.CONSTRAINT, 3 * DAY)


def test_days_off() -> None:
    reason = reason_of(replace(one_activity([WEEK]), weekday=5, people=People(np.roll(WEEK, 2)[None, :])))
    assert (reason.kind, reason.person, reason.until) == (ReasonKind.CALENDAR, 0, 2 * DAY)


def test_days_off_of_a_calendar() -> None:
    weekend = np.where(np.arange(28) % 7 < 2, 0, DAY)[None, :]
    problem = Problem(
        People(weekend),
        Activities([0], duration=[DAY], present_start=[0], present_finish=[DAY]),
        calendars=Calendars(weekend),
    )
    reason = reason_of(problem)
    assert (reason.kind, reason.person, reason.until) == (ReasonKind.CALENDAR, -1, 2 * DAY)


def pair(**requirements: Any) -> Problem:
    return Problem(
        People(np.stack([WEEK, WEEK]), levels=[[3], [1]]),
        Activities([0, 0], present_start=[0, 0], present_finish=[2 * DAY] * 2),
        Requirements([0, 1], work=[2 * DAY] * 2, **requirements),
        profiles=Profiles([0], [0], [2]),
    )


def test_the_only_one_with_the_skill_is_busy() -> None:
    reason = reason_of(pair(profile=[0, 0]), 1)
    assert (reason.kind, reason.cause, reason.person, reason.profile) == (ReasonKind.SKILL, 0, 0, 0)
    assert reason.until == 2 * DAY


@pytest.mark.parametrize(("kind", "lag", "start"), [(0, 0, 2), (0, DAY, 3), (1, DAY, 1), (2, DAY, 1)], ids=["FS", "FS+1", "SS+1", "FF+1"])  # fmt: skip
def test_links(kind: int, lag: int, start: int) -> None:
    problem = replace(pair(person=[0, 1]), links=Links([0], [1], [kind], [lag]))
    assert solve(problem).start.tolist() == [0, start * DAY]
    reason = reason_of(problem, 1)
    assert (reason.kind, reason.cause, reason.link) == (ReasonKind.LINK, 0, 0)


def test_who_is_away_does_not_hold_the_others() -> None:
    """Two people are asked for: one waits for other work, the other is away just as long; the first could begin alone."""
    away = WEEK.copy()
    away[:2] = 0
    problem = Problem(
        People(np.stack([WEEK, away])),
        Activities([0, 0], fixed=[1, 0], present_start=[0, 0], present_finish=[2 * DAY] * 2),
        Requirements([0, 1, 1], work=[2 * DAY] * 3, person=[0, 0, 1]),
    )
    assert reason_of(problem, 1).blockers == (0,)
    assert solve(problem).start.tolist() == [0, 2 * DAY]


def test_two_things_at_once_are_both_named() -> None:
    """It may not start before Wednesday, and until then Anna is busy: neither alone holds it."""
    problem = Problem(
        People(WEEK[None, :]),
        Activities([0, 0], fixed=[1, 0], earliest=[-1, 2 * DAY], present_start=[0, 0], present_finish=[2 * DAY] * 2),
        Requirements([0, 1], work=[2 * DAY] * 2, person=[0, 0]),
    )
    plan = solve(problem)
    reason = reason_of(problem, 1)
    assert (reason.kind, reason.blockers) == (ReasonKind.PERSON, (0,))
    assert [one.kind for one in reason.also] == [ReasonKind.CONSTRAINT]
    assert not could_start_earlier(problem, plan, 1, [0])
