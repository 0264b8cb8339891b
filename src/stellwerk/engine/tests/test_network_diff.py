"""What moves, by how much and why, between two schedules."""

from __future__ import annotations

import numpy as np
import pytest

from stellwerk.engine.network import NONE, Activities, Change, Links, Network, Reason, diff, schedule
from stellwerk.engine.tests.test_network import DAY, FF, FS, plan


def test_only_what_changed_is_listed_with_its_shift_and_the_link_that_moved_it() -> None:
    links = ((0, 1), (1, 2), (3, 4))
    before = schedule(plan([DAY, DAY, DAY, DAY, 6 * DAY], *links))
    after = schedule(plan([3 * DAY, DAY, DAY, DAY, 6 * DAY], *links))
    found = diff(before, after)
    moved = (found.change & (Change.START | Change.FINISH)) > 0
    assert found.row[moved].tolist() == [0, 1, 2]
    assert found.moved[moved].tolist() == [2 * DAY] * 3
    assert found.reason[moved].tolist() == [Reason.DURATION, Reason.LINK, Reason.LINK]
    assert found.cause[moved].tolist() == [NONE, 0, 1]
    assert found.origin[moved].tolist() == [0, 0, 0]
    assert found.row.tolist() == [0, 1, 2]


def test_a_schedule_equals_itself() -> None:
    result = schedule(plan([DAY, DAY], (0, 1)))
    assert len(diff(result, result)) == 0


def test_a_longer_path_changes_float_and_criticality_elsewhere() -> None:
    before = schedule(plan([DAY, DAY]))
    after = schedule(plan([2 * DAY, DAY]))
    found = diff(before, after)
    assert found.row.tolist() == [0, 1]
    assert found.change[1] == Change.FLOAT | Change.CRITICAL
    assert found.moved[1] == 0


def test_a_finish_link_moves_both_ends_and_is_named() -> None:
    before = schedule(plan([DAY, DAY], (0, 1, FF)))
    after = schedule(plan([4 * DAY, DAY], (0, 1, FF)))
    found = diff(before, after)
    assert (found.reason[1], found.cause[1], found.origin[1], found.moved[1]) == (Reason.LINK, 0, 0, 3 * DAY)


def test_rows_are_found_again_by_their_ident_and_new_and_removed_ones_are_named() -> None:
    before = schedule(Network(Activities([3, 4, 5], ident=[10, 20, 30])))
    after = schedule(Network(Activities([9, 5, 4], ident=[40, 30, 20]), Links([0], [2], [FS])))
    found = diff(before, after)
    assert found.row.tolist() == [0, 1, 2, NONE]
    assert found.row_before.tolist() == [NONE, 2, 1, 0]
    assert found.change[0] == Change.ADDED
    assert found.change[3] == Change.REMOVED
    assert found.change[2] & Change.START
    assert (found.moved[2], found.origin[2]) == (9, 0)


def test_two_activities_with_one_ident_are_refused() -> None:
    result = schedule(Network(Activities([3, 4], ident=[10, 10])))
    with pytest.raises(ValueError, match="one ident"):
        diff(result, result)


def test_the_origin_of_a_long_chain_is_its_first_activity() -> None:
    rows = np.arange(999)
    chain = Links(rows, rows + 1)
    before = schedule(Network(Activities(np.full(1000, 5)), chain))
    after = schedule(Network(Activities(np.r_[7, np.full(999, 5)]), chain))
    found = diff(before, after)
    assert len(found) == 1000
    assert set(found.origin.tolist()) == {0}
