"""Minutes over days and periods, and the worked month of domain.md section 3.5 in arrays."""

import numpy as np
import pytest

from stellwerk.engine.load import by_period, overloads, ratios, shortage, spread_over_days

FULL = np.array([[True] * 5 + [False] * 2])


def one(minutes: int, start: int = 0, end: int = 6, working: object = FULL) -> list[int]:
    found = spread_over_days(np.array([minutes]), np.array([start]), np.array([end]), np.asarray(working))
    return [int(value) for value in found[0]]


def test_a_week_falls_on_its_working_days_and_adds_up() -> None:
    assert one(2400) == [480] * 5 + [0, 0]
    assert one(100) == [20] * 5 + [0, 0]
    assert sum(one(101)) == 101
    assert one(600, 2, 6) == [0, 0, 200, 200, 200, 0, 0]


def test_holidays_and_days_off_get_nothing_unless_nothing_else_is_there() -> None:
    assert one(600, working=[[False, True, True, False, False, False, False]]) == [0, 300, 300, 0, 0, 0, 0]
    assert one(600, working=[[False] * 7]) == [120] * 5 + [0, 0]
    assert one(600, 5, 6) == [0, 0, 0, 0, 0, 300, 300]


def test_days_are_summed_to_periods() -> None:
    daily = np.arange(10).reshape(1, 10)
    assert by_period(daily, [0, 3, 7]).tolist() == [[3, 18, 24]]


def test_the_worked_month() -> None:
    net = np.array([round(102.4 * 60)])
    load = np.array([[60 * 60], [110 * 60], [130 * 60]])
    assert ratios(load, net)[:, 0] == pytest.approx([0.5859, 1.0742, 1.2695], abs=5e-5)
    assert overloads(load, net)[:, 0].tolist() == [0, 456, 1656]


def test_no_capacity_has_no_ratio_and_all_load_is_too_much() -> None:
    assert np.isnan(ratios(np.array([60]), np.array([0]))[0])
    assert overloads(np.array([60]), np.array([0])).tolist() == [60]


def test_what_one_group_has_too_much_fills_no_other() -> None:
    assert shortage(np.array([[-60, 0], [600, -5], [-1, 7]])).tolist() == [-61, -5]
