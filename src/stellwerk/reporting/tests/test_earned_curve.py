"""The S-curve of the deck is that of the earned value page."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.controlling.tests.test_earned_value import MAY, K, alpha  # noqa: F401 - a fixture
from stellwerk.reporting.earned import portfolio_curve

pytestmark = pytest.mark.django_db


def test_the_curve_of_a_deck_ends_at_actual_cost_and_forecast(alpha):  # noqa: F811
    points = portfolio_curve(alpha.portfolio, MAY, alpha.petra)
    at = {point.on: point for point in points}
    now = at[MAY]
    assert [one.minor for one in (now.pv, now.ev, now.ac, now.forecast)] == [300 * K, 230 * K, 260 * K, 260 * K]
    assert points[-1].forecast.minor == 565_217_39
    assert at[dt.date(2026, 8, 31)].pv.minor == 500 * K
    assert [point.pv.minor // K for point in points if point.pv and point.on <= MAY] == [0, 20, 60, 120, 200, 300]


def test_who_may_see_no_money_gets_no_curve(alpha):  # noqa: F811
    assert portfolio_curve(alpha.portfolio, MAY, alpha.walter) == ()


def test_without_a_budget_there_is_no_curve(cast):
    assert portfolio_curve(cast.portfolio, MAY, cast.petra) == ()
