"""The worked numbers of domain.md section 3.5: March 2027, Hamburg or North Rhine-Westphalia, 21 working days."""

from decimal import Decimal

import pytest

from stellwerk.engine.capacity import fte, gap, heads, net_hours, overload, utilisation

D = Decimal
ANNA = net_hours(D(21), D(8), D(40), D("0.8"))
BEN = net_hours(D(21), D(8), D(0), D("0.8"))
CEM = net_hours(D(21), D(4), D(0), D("0.8"))


def test_net_capacity_of_the_team() -> None:
    assert (D("102.4"), D("134.4"), D("67.2")) == (ANNA, BEN, CEM)
    assert D(304) == ANNA + BEN + CEM


@pytest.mark.parametrize(("load", "per_cent"), [(60, "58.59"), (110, "107.42"), (130, "126.95")])
def test_utilisation_of_anna(load: int, per_cent: str) -> None:
    ratio = utilisation(D(load), ANNA)
    assert ratio is not None
    assert (ratio * 100).quantize(D("0.01")) == D(per_cent)


def test_overload_of_anna_with_what_is_reserved() -> None:
    assert overload(D(110), ANNA) == D("7.6")
    assert overload(D(60), ANNA) == 0


def test_gap_of_the_team_in_fte_and_heads() -> None:
    missing = gap(D(304), D(360))
    assert missing == -56
    in_fte, in_heads = fte(missing, 21), heads(D(304), D(360), BEN)
    assert in_fte is not None and in_fte.quantize(D("0.001")) == D("-0.333")
    assert in_heads is not None and in_heads.quantize(D("0.001")) == D("0.417")


def test_what_has_no_answer_is_none() -> None:
    assert utilisation(D(10), D(0)) is None
    assert fte(D(10), 0) is None
    assert heads(D(0), D(10), D(0)) is None
    assert heads(D(10), D(10), D(0)) == 0
