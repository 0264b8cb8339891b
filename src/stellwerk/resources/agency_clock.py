"""The clock of temporary work (Arbeitnehmerüberlassung): how long somebody may stay with the same client, with gaps.

§ 1(1b) AÜG: at most 18 consecutive months; earlier assignments to the same client, through any agency, count in full unless more
than three months lie between. § 8(4): the same for the nine months until equal pay. Time between two assignments is not counted.
Periods are counted as in §§ 187(2), 188(2) and (3) BGB; where they do not hang together, a month has 30 days (§ 191 BGB).
Every number is a default of :class:`Limits`: a collective agreement may differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stellwerk.resources.selectors.months import DAY, add_months, last_of

MONTH_DAYS: Final = 30
LIMIT_MONTHS: Final = 18
EQUAL_PAY_MONTHS: Final = 9
RESET_MONTHS: Final = 3
WARN_MONTHS: Final = (12, 15, 17)
"""Months after which is warned."""

Span = tuple[dt.date, dt.date | None]
"""First and last day of an assignment; None: it goes on."""


@dataclass(frozen=True)
class Limits:
    """Months a temporary worker may stay, until equal pay, and of a break after which counting begins anew."""

    months: int = LIMIT_MONTHS
    equal_pay: int = EQUAL_PAY_MONTHS
    reset: int = RESET_MONTHS


@dataclass(frozen=True)
class Clock:
    """``spans``: the assignments that count together, in order. ``limit``: the last day allowed; ``equal_pay``: the first day on which
    pay must be equal; both None where the assignments end before. ``anew``: from this day on another assignment begins at zero; None
    while one goes on."""

    spans: tuple[Span, ...]
    limit: dt.date | None
    equal_pay: dt.date | None
    anew: dt.date | None

    def used(self, day: dt.date) -> tuple[int, int]:
        """Months and days (of 30 to a month) counted up to a day, this day included."""
        return divmod(sum(_length(first, min(last or day, day)) for first, last in self.spans), MONTH_DAYS)

    def stage(self, today: dt.date) -> str:
        """``reached``, or the highest warning (``17``, ``15``, ``12``) that is over; empty for none, or where the assignments end before."""
        if self.limit is None:
            return ""
        if today > self.limit:
            return "reached"
        ends = {months: self.after(months) for months in WARN_MONTHS}
        return next(
            (str(one) for one, end in sorted(ends.items(), reverse=True) if end is not None and today > end), ""
        )

    def after(self, months: int) -> dt.date | None:
        """The day on which so many months are over; None where the assignments end before."""
        return _exhausted(self.spans, months)


def last_day(first: dt.date, months: int) -> dt.date:
    """The last day of so many months that begin with ``first``: 3 April and nine months end on 2 January.

    Where the month has no such day it ends with the month: 31 August and six months end on 28 February.
    """
    month = add_months(first.replace(day=1), months)
    return min(month + dt.timedelta(days=first.day - 2), last_of(month))


def clock_of(spans: Iterable[Span], limits: Limits | None = None) -> Clock:
    """The clock of one person with one client, from all assignments in any order; those that overlap are one."""
    limits = limits or Limits()
    counted = _counted(_joined(spans), limits.reset)
    pay = _exhausted(counted, limits.equal_pay)
    end = counted[-1][1] if counted else None
    return Clock(
        counted,
        _exhausted(counted, limits.months),
        pay + DAY if pay is not None else None,
        last_day(end + DAY, limits.reset) + 2 * DAY if end is not None else None,
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap or follow without a day between put together."""
    found: list[Span] = []
    for first, last in sorted(spans, key=lambda one: one[0]):
        if found and (found[-1][1] is None or first <= found[-1][1] + DAY):
            begin, end = found[-1]
            found[-1] = (begin, None if end is None or last is None else max(end, last))
        else:
            found.append((first, last))
    return found


def _counted(spans: list[Span], reset: int) -> tuple[Span, ...]:
    """The last ones with no break of more than ``reset`` months between them."""
    start = 0
    for at in range(1, len(spans)):
        end = spans[at - 1][1]
        if end is not None and spans[at][0] - DAY > last_day(end + DAY, reset):
            start = at
    return tuple(spans[start:])


def _length(first: dt.date, last: dt.date) -> int:
    """Days of 30 to a month: whole months, then what is left of the next one. 0 where the period is empty."""
    if last < first:
        return 0
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    while last_day(first, months) > last:
        months -= 1
    return months * MONTH_DAYS + (last - last_day(first, months)).days


def _exhausted(spans: Iterable[Span], months: int) -> dt.date | None:
    """The day on which ``months`` are used up."""
    rest = months * MONTH_DAYS
    for first, last in spans:
        length = _length(first, last) if last is not None else None
        if length is None or length >= rest:
            whole, days = divmod(rest, MONTH_DAYS)
            return last_day(first, whole) + days * DAY
        rest -= length
    return None
