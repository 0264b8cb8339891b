"""The S-curve of the steering committee's deck, from earned value: what was planned, earned and spent, and the way to the forecast."""

from __future__ import annotations

import datetime as dt

from stellwerk.controlling.selectors.curves import curves_of
from stellwerk.controlling.selectors.trend import course_of
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting.payload import CurvePoint, Money


def portfolio_curve(portfolio: Portfolio, on: dt.date, by: User | None) -> tuple[CurvePoint, ...]:
    """Cumulative amounts at ends of months and at the data date; empty without budgets, or for who may see no money."""
    if by is not None and not can(by, "money", "portfolio.project"):
        return ()
    try:
        course = course_of(portfolio, on, by)
    except MissingRate:
        return ()
    curves = curves_of(course)
    if curves is None:
        return ()
    currency = course.now.currency
    lines = [dict(points) for points in (curves.planned, curves.earned, curves.actual, curves.forecast)]
    days = sorted({day for line in lines for day in line})

    def at(line: dict[dt.date, int], day: dt.date) -> Money | None:
        return Money(line[day], currency) if day in line else None

    return tuple(CurvePoint(day, *(at(line, day) for line in lines)) for day in days)
