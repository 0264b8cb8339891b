"""The S-curve of a project, programme or portfolio: planned, earned and actual cost, and the way to the forecast, at the ends of months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from stellwerk.controlling import months as m
from stellwerk.controlling.selectors.evm_levels import LevelEv, LevelSources, Part
from stellwerk.controlling.selectors.trend import Course, ends_of
from stellwerk.core.models import User
from stellwerk.engine.earned_value import Measures, Variant
from stellwerk.engine.money import minor
from stellwerk.portfolio.models import Portfolio

Points = list[tuple[dt.date, int]]
FURTHEST = 600
"""Months after the data date beyond which no forecast is drawn."""


@dataclass(frozen=True)
class Curves:
    """Cumulative amounts in minor units by day; ``forecast`` begins at the actual cost of the data date and ends at the EAC."""

    planned: Points
    earned: Points
    actual: Points
    forecast: Points


@dataclass(frozen=True)
class Reported:
    """What a report froze of one project, in minor units of the portfolio's currency."""

    day: dt.date
    bac: int
    pv: int
    ev: int
    ac: int
    eac: int


def curves_of(course: Course) -> Curves | None:
    """None where there is no plan to draw."""
    now = course.now
    if now.plan is None or now.roll is None:
        return None
    begin, planned = _planned(now)
    earned: Points = [begin, *((one.day, one.ev) for one in course.points if one.day > begin[0])]
    actual: Points = [begin, *((one.day, one.ac) for one in course.points if one.day > begin[0])]
    return Curves(planned, earned, actual, forecast_of(now))


def curves_as_reported(
    portfolio: Portfolio, day: dt.date, user: User | None, reported: Mapping[int, Reported]
) -> tuple[Curves, set[int]] | None:
    """The S-curve that ends at the figures which reports froze, and the projects that it adds up; None without any.

    Bookings and progress that came in after a report leave its figures alone. A project whose budget is another one by now
    is left out: the plan that its report measured is no longer the one to draw.
    """
    ends = ends_of(portfolio, day)
    sources = LevelSources(portfolio, [*ends, day], user)
    now = _as_reported(sources.at(day), reported)
    if now.plan is None or now.roll is None:
        return None
    counted = {part.project.pk: reported[part.project.pk] for part in now.parts}
    begin, planned = _planned(now)
    earned, actual = [begin], [begin]
    for end in ends:
        if end <= begin[0]:
            continue
        parts = [(part, counted[part.project.pk]) for part in sources.at(end).parts if part.project.pk in counted]
        earned.append((end, sum(one.ev if one.day <= end else _earned_before(part, one) for part, one in parts)))
        actual.append((end, sum(one.ac if one.day <= end else minor(part.measures.ac) for part, one in parts)))
    planned = sorted([*(point for point in planned if point[0] != day), (day, sum(one.pv for one in counted.values()))])
    earned.append((day, sum(one.ev for one in counted.values())))
    actual.append((day, sum(one.ac for one in counted.values())))
    total = sum(one.eac for one in counted.values())
    forecast = [] if now.roll.total.complete else [actual[-1], *_stretched(now, actual[-1][1], total)]
    return Curves(planned, earned, actual, forecast), set(counted)


def _earned_before(part: Part, reported: Reported) -> int:
    """Earned at a day before the report. Where progress of that day was never told it is taken from later: not more than reported."""
    earned = minor(part.measures.ev)
    return min(earned, reported.ev) if part.view.estimated else earned


def _as_reported(now: LevelEv, reported: Mapping[int, Reported]) -> LevelEv:
    """The level of these projects alone, measured as they were reported."""
    parts = []
    for part in now.parts:
        one, live = reported.get(part.project.pk), part.measures
        if one is not None and part.plan is not None and minor(live.bac) == one.bac:
            measures = Measures(live.bac, one.pv, one.ev, one.ac, live.bottom_up_etc, live.variant)
            parts.append(replace(part, measures=measures))
    return LevelEv(now.subject, now.day, now.currency, parts)


def _planned(now: LevelEv) -> tuple[tuple[dt.date, int], Points]:
    """The day before the plan begins, and the planned value from there on at the ends of months."""
    assert now.plan is not None
    first, last = now.plan.days[0], now.plan.days[-1]
    ends = [m.last_day(month) for month in m.between(m.month_of(first), m.month_of(last))]
    begin = (m.month_of(first) - dt.timedelta(days=1), 0)
    return begin, [begin, *((day, now.plan.planned(day)) for day in ends)]


def forecast_of(now: LevelEv) -> Points:
    """From actual cost to the EAC: the months of the confirmed forecast where the bottom-up variant counts, else the shape of the rest of the plan.

    The rest of the plan is stretched from the day that is earned by now to the finish that earned schedule expects.
    """
    if now.roll is None or now.roll.total.complete:
        return []
    spent, total = now.roll.total.ac, now.roll.eac
    points: Points = [(now.day, spent)]
    if now.level == "project" and now.parts[0].measures.forecast.variant is Variant.BOTTOM_UP:
        rest = now.parts[0].view.open_months
        for month, amount in sorted(rest.items()):
            spent += amount
            points.append((m.last_day(month), spent))
        return points if rest else []
    return [*points, *_stretched(now, spent, total)]


def _stretched(now: LevelEv, spent: int, total: int) -> Points:
    schedule, plan = now.schedule, now.plan
    if schedule is None or plan is None or now.roll is None:
        return []
    finish = max(schedule.expected_finish or schedule.planned_finish or plan.days[-1], m.last_day(m.month_of(now.day)))
    es, pd = schedule.schedule.es, schedule.schedule.pd
    if es is None or pd is None or pd <= es or finish <= now.day or (finish - now.day).days > FURTHEST * 31:
        return []
    left, ev = now.roll.total.bac - now.roll.total.ev, now.roll.total.ev
    ends = [m.last_day(month) for month in m.between(m.month_of(now.day), m.month_of(finish))]
    points: Points = []
    for day in [*(end for end in ends if now.day < end < finish), finish]:
        at = es + (pd - es) * Fraction((day - now.day).days, (finish - now.day).days)
        value = _between(plan.cumulative, at)
        points.append((day, spent + minor((total - spent) * (value - ev) / left)))
    return points


def _between(cumulative: tuple[int, ...], at: Fraction) -> Fraction:
    """The planned value after ``at`` days of the grid."""
    low = min(int(at), len(cumulative) - 1)
    high = min(low + 1, len(cumulative) - 1)
    return cumulative[low] + (cumulative[high] - cumulative[low]) * (at - low)
