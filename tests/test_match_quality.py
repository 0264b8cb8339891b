"""The golden set is whole, and its measures are those of the books."""

from __future__ import annotations

import pytest
from benchmarks.golden import read_golden
from benchmarks.match_quality import bm25, ndcg


def test_the_golden_set_names_only_what_it_holds_and_is_parted_in_two_halves() -> None:
    golden = read_golden()
    vacancies, profiles = {row["id"] for row in golden.vacancies}, {row["id"] for row in golden.profiles}
    assert (len(vacancies), len(profiles)) == (40, 60)
    assert all(of in vacancies and one in profiles and 0 <= grade <= 3 for (of, one), grade in golden.grades.items())
    assert {len(golden.half(held_out)) for held_out in (True, False)} == {20}


def test_ndcg_by_hand() -> None:
    """Gains 7 and 1: (1 + 7 ÷ 1.58496) ÷ (7 + 1 ÷ 1.58496) = 0.70981."""
    assert ndcg([1, 3], [3, 1]) == pytest.approx(0.70981, abs=1e-4)
    assert ndcg([3, 1, 0], [0, 1, 3]) == 1


def test_keywords_prefer_the_rare_word() -> None:
    scores = bm25("claim manager", ["claim", "manager", "manager"])
    assert scores[0] > scores[1] == scores[2]
