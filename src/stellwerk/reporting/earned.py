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
    return counted_curve(portfolio, on, by)[0]


def counted_curve(portfolio: Portfolio, on: dt.date, by: User | None) -> tuple[tuple[CurvePoint, ...], int]:
    """The curve, and how many projects it adds up: those with a budget that their plan spreads over time."""
    if by is not None and not can(by, "money", "portfolio.project"):
        return (), 0
    try:
        course = course_of(portfolio, on, by)
    except MissingRate:
        return (), 0
    curves = curves_of(course)
    if curves is None:
        return (), 0
    currency = course.now.currency
    lines = [dict(points) for points in (curves.planned, curves.earned, curves.actual, curves.forecast)]
    days = sorted({day for line in lines for day in line})

    def at(line: dict[dt.date, int], day: dt.date) -> Money | None:
        return Money(line[day], currency) if day in line else None

    points = tuple(CurvePoint(day, *(at(line, day) for line in lines)) for day in days)
    return points, len(course.now.parts)
