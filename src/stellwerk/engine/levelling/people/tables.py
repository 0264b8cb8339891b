"""The problem as plain arrays for the kernel, its days drawn out as far as a plan needs them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from stellwerk.engine.levelling.people.model import ELAPSED, NONE, SUCCESSOR, Integers, Minutes, Problem


class Tables(NamedTuple):
    """``most``: the longest day of anybody; ``top``: the most that anybody can give on a day. ``cap``: minutes of the person's day; ``net``: less the bookings outside. ``count``: minutes of a calendar before each day.

    ``group`` of a requirement: the people who can do it, rarest abilities first (``group_people`` from ``group_first``); NONE: nobody can. ``requirement``:
    rows by activity (from ``requirement_first``), smallest groups first. ``into_``: links by successor; ``out_``: by predecessor.
    """

    minutes_a_day: int
    most: int
    top: Minutes
    cap: Minutes
    net: Minutes
    calendar_minutes: Minutes
    count: Integers  # type: ignore[assignment]  # hides the method of tuples, which nobody calls
    duration: Integers
    calendar: Integers
    earliest: Integers
    held: Any
    present_start: Integers
    requirement_first: Integers
    requirement: Integers
    activity: Integers
    work: Integers
    units: Integers
    group: Integers
    present_person: Integers
    group_first: Integers
    group_people: Integers
    into_first: Integers
    into_link: Integers
    before: Integers
    after: Integers
    kind: Integers
    lag: Integers
    lag_calendar: Integers
    out_first: Integers
    out_link: Integers


class State(NamedTuple):
    """A plan under way. ``free``: minutes left per person and day; ``skip``: per day the next one that can have some left."""

    start: Integers
    finish: Integers
    person: Integers
    day: Integers
    first: Integers
    free: Minutes
    skip: Minutes
    waiting: Integers
    heap: Integers


def drawn_out(minutes: Minutes, after: Minutes, weekday: int, days: int) -> Minutes:
    """The given days, then the usual weekday until ``days``."""
    given = minutes.shape[1]
    more = np.arange(given, max(days, given))
    result = np.concatenate([minutes, after[:, (weekday + more) % 7]], axis=1)
    return np.ascontiguousarray(result[:, :days], np.int32)


def groups(problem: Problem) -> tuple[Integers, Integers, Integers]:
    """Per requirement its group, and the people of each group, those with the rarest abilities first.

    Only people with any time at all count; the least versatile one is who fits the fewest groups.
    """
    requirements, people = problem.requirements, len(problem.capacity)
    able = np.ones((len(problem.profiles) + 1, people), np.bool_)
    for profile, skill, level in zip(
        problem.profiles.profile, problem.profiles.skill, problem.profiles.level, strict=True
    ):
        able[profile] &= problem.levels[:, skill] >= level
    able &= has_time(problem)[None, :]
    versatility = able[:-1].sum(axis=0)
    order = np.lexsort((np.arange(people), versatility))
    named = requirements.person
    code = np.where(
        named >= 0, len(able) + named, np.where(requirements.profile >= 0, requirements.profile, len(able) - 1)
    )
    used, group = np.unique(code, return_inverse=True)
    members: list[list[int]] = []
    timely = has_time(problem)
    for one in used.tolist():
        if one >= len(able):
            members.append([one - len(able)] if timely[one - len(able)] else [])
        else:
            members.append([int(row) for row in order if able[one, row]])
    lengths = np.array([len(rows) for rows in members], np.int64)
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    everyone = np.array([row for rows in members for row in rows], np.int64)
    group = np.where(lengths[group] > 0, group, NONE).astype(np.int64) if len(used) else np.zeros(0, np.int64)
    return group, first, everyone


def has_time(problem: Problem) -> Any:
    """Whose days are not all empty."""
    net = problem.capacity.astype(np.int64) - problem.booked
    return (net > 0).any(axis=1) | (problem.after > 0).any(axis=1)


def tables(problem: Problem, group: Integers, group_first: Integers, group_people: Integers, days: int) -> Tables:
    """All arrays for a plan of at most ``days`` days."""
    activities, requirements, links = problem.activities, problem.requirements, problem.links
    weekday = problem.weekday
    cap = drawn_out(problem.capacity, problem.after, weekday, days)
    booked = drawn_out(problem.booked, np.zeros_like(problem.after), weekday, days)
    calendar_minutes = drawn_out(problem.calendar_minutes, problem.calendar_after, weekday, days)
    count = np.zeros((len(calendar_minutes), days + 1), np.int64)
    np.cumsum(calendar_minutes, axis=1, out=count[:, 1:])
    sizes = np.diff(group_first)[group] if len(group_first) > 1 else np.zeros(len(group), np.int64)
    order = np.lexsort((np.arange(len(requirements)), np.where(group >= 0, sizes, 0), requirements.activity))
    lag_calendar = np.where(
        links.lag_calendar == SUCCESSOR, activities.calendar[links.successor], links.lag_calendar
    )  # ELAPSED stays
    assert ELAPSED < 0
    total = len(activities)
    net = np.maximum(cap - booked, 0).astype(np.int32)
    return Tables(
        problem.day_minutes, int(cap.max(initial=1)), net.max(axis=0, initial=0), cap, net, calendar_minutes, count,
        activities.duration, activities.calendar, np.maximum(activities.earliest, 0), activities.held,
        np.maximum(activities.present_start, 0),
        _first(requirements.activity, total), order.astype(np.int64), requirements.activity, requirements.work, requirements.units, group,
        requirements.present_person, group_first, group_people,
        _first(links.successor, total), np.argsort(links.successor, kind="stable"), links.predecessor, links.successor,
        links.kind, links.lag, lag_calendar.astype(np.int64),
        _first(links.predecessor, total), np.argsort(links.predecessor, kind="stable"),
    )  # fmt: skip


def empty_state(table: Tables) -> State:
    """Nothing planned, everybody free."""
    count, requirements = len(table.duration), len(table.work)
    people, days = table.net.shape
    return State(
        np.full(count, NONE, np.int64), np.full(count, NONE, np.int64), np.full(requirements, NONE, np.int64),
        np.zeros(requirements, np.int64), np.zeros(requirements, np.int64), np.zeros((people, days), np.int32),
        np.zeros((people, days + 1), np.int32), np.zeros(count, np.int64), np.zeros(count + 1, np.int64),
    )  # fmt: skip


def everybody_free(table: Tables, state: State) -> None:
    """Nobody's time is taken. Not in the kernel: numba's copying of whole arrays brings its messages along, two seconds of compiling."""
    days = table.net.shape[1]
    state.free[:, :] = table.net
    state.skip[:, :days] = np.arange(days) + (table.net <= 0)
    state.skip[:, days] = days


def _first(rows: Integers, count: int) -> Integers:
    result = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=count), out=result[1:])
    return result
