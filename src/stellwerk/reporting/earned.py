"""The S-curve of the steering committee's deck: it ends at the figures that the reports of the data date froze, as every other slide does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from stellwerk.controlling.selectors.curves import Reported, curves_as_reported
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting.payload import CurvePoint, Money, StatusPayload

CODES = ("bac", "pv", "ev", "ac", "eac")


def frozen_curve(
    portfolio: Portfolio, on: dt.date, by: User | None, shown: Mapping[int, StatusPayload]
) -> tuple[tuple[CurvePoint, ...], set[int]]:
    """Cumulative amounts at ends of months and at the data date, and the projects that they add up.

    These are the projects of which the deck knows earned value as it was reported. Empty without any, or for who may see no money.
    """
    if by is not None and not can(by, "money", "portfolio.project"):
        return (), set()
    reported = {number: one for number, payload in shown.items() if (one := _reported(payload, portfolio.currency))}
    try:
        found = curves_as_reported(portfolio, on, by, reported) if reported else None
    except MissingRate:
        found = None
    if found is None:
        return (), set()
    curves, counted = found
    lines = [dict(points) for points in (curves.planned, curves.earned, curves.actual, curves.forecast)]
    days = sorted({day for line in lines for day in line})

    def at(line: dict[dt.date, int], day: dt.date) -> Money | None:
        return Money(line[day], portfolio.currency) if day in line else None

    return tuple(CurvePoint(day, *(at(line, day) for line in lines)) for day in days), counted


def _reported(payload: StatusPayload, currency: str) -> Reported | None:
    """What earned value says in this report; None where a figure is missing or is told in another currency."""
    figures = [payload.figures.get(code) for code in CODES]
    values = [int(figure.value) for figure in figures if figure is not None and figure.unit in ("", currency)]
    if len(values) < len(CODES) or payload.money is None or _amounts(payload, currency) != (values[0], *values[3:]):
        return None
    bac, pv, ev, ac, eac = values
    return Reported(payload.data_date, bac, pv, ev, ac, eac)


def _amounts(payload: StatusPayload, currency: str) -> tuple[int, ...]:
    """BAC, AC and EAC as the slides show them."""
    total = payload.money.total if payload.money is not None else None
    amounts = (total.bac, total.ac, total.eac) if total is not None else ()
    return tuple(money.minor for money in amounts if money is not None and money.currency == currency)
