"""Scores against the worked numbers of the method."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.engine.scoring import ScoredCriterion, score, weights_complete

MODEL = [ScoredCriterion(str(i), Decimal(w)) for i, w in enumerate((30, 25, 15, 15, 15))]


def test_the_worked_example_scores_sixty_one_and_a_quarter() -> None:
    found = score(MODEL, dict(zip("01234", (4, 3, 2, 5, 3), strict=True)))
    assert found.score == Decimal("61.25")
    assert found.rankable


def test_a_missing_score_makes_a_proposal_not_rankable() -> None:
    found = score(MODEL, {"0": 4, "1": 3, "2": None, "3": 5})
    assert found.score is None
    assert found.missing == ("2", "4")
    assert not found.rankable


def test_lower_can_be_better_and_a_hurdle_excludes() -> None:
    criteria = [ScoredCriterion("risk", Decimal(100), 1, 5, higher_is_better=False, hurdle=4)]
    assert score(criteria, {"risk": 1}).score == 100
    assert score(criteria, {"risk": 5}).score == 0
    assert score(criteria, {"risk": 5}).below_hurdle == ("risk",)
    assert not score(criteria, {"risk": 5}).rankable
    assert score(criteria, {"risk": 4}).rankable


def test_scores_outside_the_scale_and_impossible_scales_are_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        score(MODEL, {"0": 6})
    with pytest.raises(ValueError, match="scale"):
        ScoredCriterion("x", Decimal(1), 5, 5)
    with pytest.raises(ValueError, match="negative"):
        ScoredCriterion("x", Decimal(-1))


@given(st.lists(st.integers(1, 5), min_size=5, max_size=5))
def test_scores_stay_between_nothing_and_a_hundred(values: list[int]) -> None:
    found = score(MODEL, dict(zip("01234", values, strict=True))).score
    assert found is not None
    assert 0 <= found <= 100


def test_weights_are_complete_only_at_exactly_one_hundred() -> None:
    assert weights_complete([Decimal("33.33"), Decimal("33.33"), Decimal("33.34")])
    assert not weights_complete([Decimal("33.33")] * 3)
    assert not weights_complete([])
