"""The clock of temporary work by dates counted by hand: gaps, reset, several agencies, ends of months."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.resources.agency_clock import Clock, Limits, clock_of, last_day

D = dt.date


@pytest.mark.parametrize(("first", "months", "last"), [
    (D(2017, 4, 3), 9, D(2018, 1, 2)), (D(2026, 1, 1), 18, D(2027, 6, 30)), (D(2025, 8, 16), 18, D(2027, 2, 15)),
    (D(2026, 8, 31), 6, D(2027, 2, 28)), (D(2027, 8, 31), 6, D(2028, 2, 29)), (D(2026, 8, 30), 6, D(2027, 2, 28)),
    (D(2026, 12, 31), 18, D(2028, 6, 30)), (D(2026, 3, 1), 3, D(2026, 5, 31)), (D(2026, 3, 5), 0, D(2026, 3, 4)),
])  # fmt: skip
def test_months_end_as_in_the_civil_code(first: D, months: int, last: D) -> None:
    assert last_day(first, months) == last


def test_one_assignment_without_a_break() -> None:
    clock = clock_of([(D(2026, 1, 1), None)])
    assert (clock.limit, clock.equal_pay, clock.anew) == (D(2027, 6, 30), D(2026, 10, 1), None)
    assert clock.used(D(2026, 9, 30)) == (9, 0)
    assert clock.used(D(2026, 10, 14)) == (9, 14)
    assert [clock.after(months) for months in (12, 15, 17)] == [D(2026, 12, 31), D(2027, 3, 31), D(2027, 5, 31)]


def test_a_break_of_exactly_three_months_counts_what_was_before() -> None:
    """Eight months, then free from 1 September to 30 November: ten months are left."""
    clock = clock_of([(D(2025, 1, 1), D(2025, 8, 31)), (D(2025, 12, 1), None)])
    assert (clock.limit, clock.equal_pay) == (D(2026, 9, 30), D(2026, 1, 1))
    assert clock.used(D(2025, 12, 31)) == (9, 0)


def test_a_break_of_three_months_and_a_day_begins_anew() -> None:
    before = (D(2025, 1, 1), D(2025, 8, 31))
    assert clock_of([before]).anew == D(2025, 12, 2)
    clock = clock_of([before, (D(2025, 12, 2), None)])
    assert (clock.spans, clock.limit, clock.equal_pay) == (((D(2025, 12, 2), None),), D(2027, 6, 1), D(2026, 9, 2))


def test_time_between_is_not_counted_and_days_make_months_of_thirty() -> None:
    """10 to 24 March are 15 days, June and July two months: of 18 months 15 and a half are left from 1 October.

    15 months from 1 October 2026 end on 31 December 2027, the half month on 15 January 2028.
    """
    clock = clock_of([(D(2026, 6, 1), D(2026, 7, 31)), (D(2026, 10, 1), None), (D(2026, 3, 10), D(2026, 3, 24))])
    assert clock.limit == D(2028, 1, 15)
    assert clock.used(D(2026, 10, 1)) == (2, 16)


def test_agencies_at_the_same_time_count_once() -> None:
    clock = clock_of([(D(2026, 1, 1), D(2026, 6, 30)), (D(2026, 4, 1), D(2026, 9, 30)), (D(2026, 10, 1), None)])
    assert clock.spans == ((D(2026, 1, 1), None),)
    assert clock.limit == D(2027, 6, 30)


def test_only_the_breaks_since_the_last_reset_matter() -> None:
    """A long break in the middle: what lay before it never comes back."""
    clock = clock_of([(D(2023, 1, 1), D(2024, 5, 31)), (D(2024, 10, 1), D(2024, 12, 31)), (D(2025, 2, 1), None)])
    assert clock.spans[0][0] == D(2024, 10, 1)
    assert clock.limit == D(2026, 4, 30)


def test_an_assignment_that_ends_before_has_no_limit() -> None:
    clock = clock_of([(D(2026, 1, 1), D(2026, 12, 31))])
    assert (clock.limit, clock.equal_pay, clock.anew) == (None, D(2026, 10, 1), D(2027, 4, 2))


def test_one_that_ends_on_the_last_day_or_after_has_one() -> None:
    assert clock_of([(D(2026, 1, 1), D(2027, 6, 30))]).limit == D(2027, 6, 30)
    assert clock_of([(D(2026, 1, 1), D(2028, 6, 30))]).limit == D(2027, 6, 30)


def test_what_was_used_up_before_the_break_stays_over() -> None:
    """18 months, two months away, back: over since the last day of the first assignment."""
    clock = clock_of([(D(2025, 1, 1), D(2026, 6, 30)), (D(2026, 9, 1), None)])
    assert clock.limit == D(2026, 6, 30)


def test_limits_of_a_collective_agreement() -> None:
    clock = clock_of([(D(2026, 1, 31), None)], Limits(months=24, equal_pay=15, reset=6))
    assert (clock.limit, clock.equal_pay) == (D(2028, 1, 30), D(2027, 5, 1))


def test_nothing_has_no_clock() -> None:
    assert clock_of([]) == Clock((), None, None, None)
