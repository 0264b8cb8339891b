"""The S-curve of a project, programme or portfolio: planned, earned and actual cost, and the way to the forecast, at the ends of months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.controlling import months as m
from stellwerk.controlling.selectors.evm_levels import LevelEv
from stellwerk.controlling.selectors.trend import Course
from stellwerk.engine.earned_value import Variant
from stellwerk.engine.money import minor

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


def curves_of(course: Course) -> Curves | None:
    """None where there is no plan to draw."""
    now = course.now
    if now.plan is None or now.roll is None:
        return None
    first, last = now.plan.days[0], now.plan.days[-1]
    ends = [m.last_day(month) for month in m.between(m.month_of(first), m.month_of(last))]
    begin = (m.month_of(first) - dt.timedelta(days=1), 0)
    planned: Points = [begin, *((day, now.plan.planned(day)) for day in ends)]
    earned: Points = [begin, *((one.day, one.ev) for one in course.points if one.day > begin[0])]
    actual: Points = [begin, *((one.day, one.ac) for one in course.points if one.day > begin[0])]
    return Curves(planned, earned, actual, forecast_of(now))


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
