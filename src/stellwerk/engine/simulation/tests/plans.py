"""Small random plans with everything that plans have, and their simulation the slow and obvious way: one schedule per iteration."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from stellwerk.engine.calendars import Calendar, CalendarSet, instant
from stellwerk.engine.network import (
    NONE,
    Activities,
    Constraints,
    Links,
    Network,
    Options,
    Projects,
    Schedule,
    schedule,
)
from stellwerk.engine.simulation import Costs, Estimates, Impacts, Measure, Outcome, Risks, Simulation

OFFICE = Calendar("office", (((480, 720), (780, 1020)),) * 5 + ((), ()))
NIGHT = Calendar("night", (((1320, 1800),),) * 4 + ((), (), ()))
CALENDARS = CalendarSet([OFFICE, NIGHT])
MONDAY = instant(dt.datetime.fromisoformat("2027-03-22T08:00"))
DAY = 1440


def random_plan(seed: int, *, calendars: list[int], projects: int = 2, count: int = 14) -> Simulation:
    """Links of all kinds with lags and leads, lower constraints, progress with a data date, three points for most activities."""
    rng = np.random.default_rng(seed)
    links = 18
    after = rng.integers(1, count, links)
    before = (after * rng.random(links)).astype(np.int64)
    kind = rng.choice(4, links, p=[0.4, 0.2, 0.2, 0.2])
    lag = np.where(rng.random(links) < 0.4, rng.integers(-600, 900, links), 0)
    lag_calendar = rng.choice([-2, -3] if len(calendars) == 1 else [-2, -3, -4, 0, 1], links)
    duration = rng.integers(0, 1500, count) * (rng.random(count) > 0.15)
    project = np.arange(count) * projects // count
    if rng.random() < 0.5:  # projects that do not hang together
        same = project[before] == project[after]
        before, after, kind, lag, lag_calendar = (c[same] for c in (before, after, kind, lag, lag_calendar))
    start, finish, remaining = (np.full(count, NONE) for _ in range(3))
    begun = (np.arange(count) < 4) & (rng.random(count) < 0.6)
    start[begun] = MONDAY + rng.integers(0, DAY, int(begun.sum()))
    done = begun & (rng.random(count) < 0.5)
    finish[done] = start[done] + rng.integers(0, DAY, int(done.sum()))
    left = begun & ~done
    remaining[left] = (duration[left] * rng.random(int(left.sum()))).astype(np.int64)
    data_date = [MONDAY + 2 * DAY if rng.random() < 0.7 else NONE] * projects
    held = rng.choice(count, 3, replace=False)
    constraints = Constraints(held, rng.choice([0, 2], 3), MONDAY + rng.integers(0, 8 * DAY, 3))
    network = Network(
        Activities(
            duration, rng.choice(calendars, count), project, actual_start=start, actual_finish=finish, remaining=remaining
        ),
        Links(before, after, kind, lag, lag_calendar),
        Projects([MONDAY] * projects, data_date, calendar=[calendars[0]] * projects), constraints, CALENDARS,
    )  # fmt: skip
    estimated = np.flatnonzero((rng.random(count) < 0.8) & (duration > 0))
    mode = duration[estimated]
    low, high = np.maximum((mode * 0.6).astype(np.int64), 1), mode * 2
    return Simulation(network, Estimates(estimated, low, mode, high, rng.integers(0, 4, len(estimated))))


def one_schedule(outcome: Outcome, iteration: int, **options: Any) -> Schedule:
    """The plan with the durations of one iteration, as the network computes it."""
    network = outcome.plan.simulation.network
    given = network.activities
    drawn = np.array([outcome.durations(row)[iteration] for row in range(len(given))], np.int64)
    begun = given.actual_start != NONE
    # What is done of an activity that has begun stays as it is.
    planned = np.zeros(len(given), np.int64)
    planned[outcome.plan.frame.row] = outcome.plan.frame.to_do
    done = np.maximum(given.duration - planned, 0)
    activities = Activities(
        np.where(begun, done + drawn, drawn), given.calendar, given.project, given.summary, given.actual_start,
        given.actual_finish, np.where(begun, drawn, NONE),
    )  # fmt: skip
    plan = Network(activities, network.links, network.projects, network.constraints, network.calendars)
    return schedule(plan, Options(compiled=False, **options))


def risky_plan(seed: int, *, calendars: list[int], projects: int = 2) -> Simulation:
    """The same with correlated estimates, costs of activities and projects, threats, opportunities and risks that exclude each other."""
    plan = random_plan(seed, calendars=calendars, projects=projects)
    rng = np.random.default_rng(seed + 1000)
    rows, count = len(plan.estimates), len(plan.network.activities)
    old = plan.estimates
    group = rng.integers(NONE, 3, rows)
    estimates = Estimates(old.activity, old.low, old.mode, old.high, old.kind, group, rng.uniform(-1, 1, rows))
    items, risks, impacts = 12, 6, 14
    low = rng.integers(1, 100_000, items)
    of_project = rng.random(items) < 0.3
    costs = Costs(
        np.where(of_project, NONE, rng.integers(0, count, items)), np.where(of_project, rng.integers(0, projects, items), NONE),
        rng.integers(0, 10_000_00, items), rng.random(items) * 90, low, low * 2, low * 5, rng.integers(0, 4, items),
        rng.integers(NONE, 3, items), rng.uniform(-1, 1, items),
    )  # fmt: skip
    hit = rng.integers(1, 900, impacts)
    money = rng.random(impacts) < 0.4
    table = Impacts(
        rng.integers(0, risks, impacts), rng.integers(0, count, impacts), np.full(impacts, NONE),
        np.where(money, Measure.COST, Measure.DURATION), hit, hit * 2, hit * 3, rng.integers(0, 4, impacts),
    )  # fmt: skip
    exclusive = [NONE, NONE, 0, 0, NONE, NONE]
    chances = Risks([0.3, 0.9, 0.4, 0.5, 0.0, 1.0], [0, 1, 0, 0, 0, 1], exclusive)
    return Simulation(plan.network, estimates, costs, chances, table)
