"""The S-curve of the deck ends at the figures that the reports froze, whatever is booked or reported later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from stellwerk.controlling.tests.test_earned_value import MAY, K, alpha  # noqa: F401 - a fixture
from stellwerk.reporting.earned import frozen_curve
from stellwerk.reporting.payload import Amounts, Figure, Money, MoneyFacts, StatusPayload

pytestmark = pytest.mark.django_db
AMOUNTS = {"bac": 500 * K, "pv": 300 * K, "ev": 230 * K, "ac": 260 * K, "eac": 565_217_39}


def payload(project, **changed: int) -> StatusPayload:
    """A report of the end of May with these figures."""
    values = AMOUNTS | changed
    money = {code: Money(values[code], "EUR") for code in ("bac", "ac", "eac")}
    figures = {code: Figure(str(value), "computed", "EUR", MAY) for code, value in values.items()}
    return StatusPayload(project.key, project.name, MAY, money=MoneyFacts(Amounts(**money)), figures=figures)


def test_the_curve_of_a_deck_ends_at_actual_cost_and_forecast(alpha):  # noqa: F811
    points, counted = frozen_curve(alpha.portfolio, MAY, alpha.petra, {alpha.project.pk: payload(alpha.project)})
    assert counted == {alpha.project.pk}
    at = {point.on: point for point in points}
    now = at[MAY]
    assert [one.minor for one in (now.pv, now.ev, now.ac, now.forecast)] == [300 * K, 230 * K, 260 * K, 260 * K]
    assert points[-1].forecast.minor == 565_217_39
    assert at[dt.date(2026, 8, 31)].pv.minor == 500 * K
    assert [point.pv.minor // K for point in points if point.pv and point.on <= MAY] == [0, 20, 60, 120, 200, 300]


def test_what_is_booked_after_the_report_leaves_the_curve_alone(alpha):  # noqa: F811
    """The report knew 250 of 260 thousand, earned 225, and foresaw 560."""
    reported = payload(alpha.project, ac=250 * K, ev=225 * K, eac=560 * K)
    points, _counted = frozen_curve(alpha.portfolio, MAY, alpha.petra, {alpha.project.pk: reported})
    now = next(point for point in points if point.on == MAY)
    assert [one.minor for one in (now.pv, now.ev, now.ac, now.forecast)] == [300 * K, 225 * K, 250 * K, 250 * K]
    assert points[-1].forecast.minor == 560 * K
    for name in ("ev", "forecast", "pv"):
        line = [getattr(point, name).minor for point in points if getattr(point, name) is not None]
        assert line == sorted(line), name


def test_a_project_whose_report_knows_no_earned_value_or_another_budget_is_not_in_the_curve(alpha):  # noqa: F811
    whole = payload(alpha.project)
    without = replace(whole, figures={code: one for code, one in whole.figures.items() if code != "ev"})
    for odd in (without, payload(alpha.project, bac=400 * K), replace(whole, money=None)):
        assert frozen_curve(alpha.portfolio, MAY, alpha.petra, {alpha.project.pk: odd}) == ((), set())


def test_who_may_see_no_money_gets_no_curve(alpha):  # noqa: F811
    shown = {alpha.project.pk: payload(alpha.project)}
    assert frozen_curve(alpha.portfolio, MAY, alpha.walter, shown) == ((), set())


def test_without_a_report_there_is_no_curve(cast):
    assert frozen_curve(cast.portfolio, MAY, cast.petra, {}) == ((), set())
