"""Earned schedule (Lipke): delay in time, not in money, so that it does not vanish at the end.

Worked numbers: ``docs/algorithms/earned-value.md``. Times are counted in the periods of the plan's grid (days, months, …).
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from stellwerk.engine.earned_value.measures import Found, Reason, value_of
from stellwerk.engine.money import Exact, fraction, whole


@dataclass(frozen=True)
class EarnedSchedule:
    """``plan`` is the cumulative planned value at the ends of the periods 0, 1, 2, … (``plan[0]`` = 0: before the start), minor units.

    ``ev`` earned value, ``elapsed`` periods up to the data date (``at``), ``finished`` the period in which everything was earned (None: unknown or open).
    Undefined figures are None, :meth:`why` tells the reason. Raises ``ValueError`` for a plan that starts above 0 or falls, for negative
    times and for more earned than planned in total; ``TypeError`` for floats.
    """

    plan: Sequence[int]
    ev: int
    elapsed: Exact
    finished: Exact | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "plan", tuple(whole("plan", value) for value in self.plan))
        object.__setattr__(self, "ev", whole("ev", self.ev))
        if not self.plan or self.plan[0]:
            raise ValueError("plan: must begin with 0, the time before any work")
        if any(after < before for before, after in zip(self.plan, self.plan[1:], strict=False)):
            raise ValueError("plan: a cumulative planned value never falls")
        if not 0 <= self.ev <= self.plan[-1]:
            raise ValueError("ev: must lie between 0 and the budget at completion")
        for name in ("elapsed", "finished"):
            if getattr(self, name) is not None and fraction(name, getattr(self, name)) < 0:
                raise ValueError(f"{name}: must not be negative")

    @property
    def bac(self) -> int:
        return self.plan[-1]

    @property
    def complete(self) -> bool:
        return self.bac > 0 and self.ev == self.bac

    @property
    def at(self) -> Fraction:
        """Actual time: periods elapsed, frozen at the finish once everything is earned."""
        elapsed = Fraction(self.elapsed)
        return min(elapsed, Fraction(self.finished)) if self.complete and self.finished is not None else elapsed

    @property
    def pd(self) -> Fraction | None:
        """Planned duration: the first period in which the plan reaches the budget."""
        return value_of(self._pd)

    @property
    def es(self) -> Fraction | None:
        """Earned schedule: the time at which the plan had what is earned now."""
        return value_of(self._es)

    @property
    def sv_t(self) -> Fraction | None:
        """SV(t) = ES − AT in periods; negative: behind plan."""
        return None if self.es is None else self.es - self.at

    @property
    def spi_t(self) -> Fraction | None:
        """SPI(t) = ES / AT."""
        return value_of(self._spi_t)

    @property
    def ieac_t(self) -> Fraction | None:
        """IEAC(t) = PD / SPI(t): the duration if it goes on like that, in periods."""
        return value_of(self._ieac_t)

    @property
    def tspi(self) -> Fraction | None:
        """(PD − ES) / (PD − AT): the SPI(t) that the rest needs to end on time."""
        return value_of(self._tspi)

    def why(self, name: str) -> Reason | None:
        """Why ``es``, ``pd``, ``sv_t``, ``spi_t``, ``ieac_t`` or ``tspi`` is undefined; None if it is defined. Raises ``KeyError`` for others."""
        one = {
            "es": self._es, "pd": self._pd, "sv_t": self._es, "spi_t": self._spi_t, "ieac_t": self._ieac_t, "tspi": self._tspi,
        }[name]  # fmt: skip
        return one if isinstance(one, Reason) else None

    @cached_property
    def _pd(self) -> Found:
        return Fraction(bisect.bisect_left(self.plan, self.bac)) if self.bac else Reason.NO_BUDGET

    @cached_property
    def _es(self) -> Found:
        if not self.bac:
            return Reason.NO_BUDGET
        if self.complete:
            return self._pd
        if not self.ev:
            return Fraction(0)
        at = bisect.bisect_right(self.plan, self.ev) - 1
        return at + Fraction(self.ev - self.plan[at], self.plan[at + 1] - self.plan[at])

    @cached_property
    def _spi_t(self) -> Found:
        if isinstance(self._es, Reason):
            return self._es
        return self._es / self.at if self.at else Reason.NO_TIME_ELAPSED

    @cached_property
    def _ieac_t(self) -> Found:
        if isinstance(self._pd, Reason) or isinstance(self._spi_t, Reason):
            return self._pd if isinstance(self._pd, Reason) else self._spi_t
        return self._pd / self._spi_t if self._spi_t else Reason.NO_EARNED_VALUE

    @cached_property
    def _tspi(self) -> Found:
        if isinstance(self._pd, Reason) or isinstance(self._es, Reason):
            return Reason.NO_BUDGET
        if self.complete:
            return Reason.COMPLETE
        return (self._pd - self._es) / (self._pd - self.at) if self.at < self._pd else Reason.PAST_PLANNED_DURATION


@dataclass(frozen=True)
class DatedPlan:
    """Planned value day by day: ``amounts[k]`` is planned on ``days[k]`` (not cumulative), minor units; days ascend.

    The days are the grid on which time is counted. Give the working days of the project: on a grid with weekends a project exactly on plan on a Friday
    counts as two days ahead, because the plan of Sunday is the plan of Friday. Raises ``ValueError`` for days out of order and negative amounts.
    """

    days: tuple[dt.date, ...]
    amounts: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(self.days))
        object.__setattr__(self, "amounts", tuple(whole("amount", amount) for amount in self.amounts))
        if not self.days or len(self.days) != len(self.amounts):
            raise ValueError("days: one amount for each of at least one day")
        if any(after <= before for before, after in zip(self.days, self.days[1:], strict=False)):
            raise ValueError("days: must ascend")
        if any(amount < 0 for amount in self.amounts):
            raise ValueError("amount: must not be negative")

    @cached_property
    def cumulative(self) -> tuple[int, ...]:
        return (0, *accumulate(self.amounts))

    @property
    def day_length(self) -> Fraction:
        """Calendar days per day of the grid, for times beyond its end."""
        return Fraction((self.days[-1] - self.days[0]).days + 1, len(self.days))

    def planned(self, date: dt.date) -> int:
        """PV at the end of ``date``."""
        return self.cumulative[bisect.bisect_right(self.days, date)]

    def elapsed(self, date: dt.date) -> Fraction:
        """Days of the grid up to the end of ``date``; beyond the grid by its mean day length."""
        if date <= self.days[-1]:
            return Fraction(bisect.bisect_right(self.days, date))
        return len(self.days) + (date - self.days[-1]).days / self.day_length

    def date_at(self, elapsed: Fraction) -> dt.date | None:
        """The day on which ``elapsed`` days of the grid are over (the first day for 0); None beyond the calendar."""
        try:
            if elapsed <= len(self.days):
                return self.days[max(math.ceil(elapsed), 1) - 1]
            return self.days[-1] + dt.timedelta(math.ceil((elapsed - len(self.days)) * self.day_length))
        except OverflowError:
            return None

    def months(self, elapsed: Fraction) -> Fraction:
        """``elapsed`` days of the grid as calendar months since the first day: a whole month from the 15th to the 15th, a part by the length of its month."""
        at = math.floor(elapsed)
        if elapsed > len(self.days):
            after = (elapsed - len(self.days)) * self.day_length
            return _months_after(self.days[-1], 1 + after) - _months_after(self.days[0], Fraction(0))
        end = _months_after(self.days[at - 1], Fraction(1)) if at else _months_after(self.days[0], Fraction(0))
        if at < len(self.days) and elapsed > at:
            end += (elapsed - at) * (_months_after(self.days[at], Fraction(1)) - end)
        return end - _months_after(self.days[0], Fraction(0))


def _months_after(day: dt.date, days: Fraction) -> Fraction:
    """The instant ``days`` after the begin of ``day`` on a scale of calendar months (12 a year, each as long as any other)."""
    whole_days = math.floor(days)
    try:
        day, rest = day + dt.timedelta(whole_days), days - whole_days
    except OverflowError:
        day, rest = dt.date.max, Fraction(0)
    first = day.replace(day=1)
    length = 31 if first.month == 12 else (first.replace(month=first.month + 1) - first).days
    return day.year * 12 + day.month - 1 + (day.day - 1 + rest) / length


@dataclass(frozen=True)
class DatedSchedule:
    """Earned schedule on a dated plan: ``schedule`` counts days of its grid (indices have no unit); the rest shows it by date and in months."""

    plan: DatedPlan
    schedule: EarnedSchedule

    @property
    def es_date(self) -> dt.date | None:
        """The day on which the plan had what is earned now."""
        return None if self.schedule.es is None else self.plan.date_at(self.schedule.es)

    @property
    def planned_finish(self) -> dt.date | None:
        return None if self.schedule.pd is None else self.plan.date_at(self.schedule.pd)

    @property
    def expected_finish(self) -> dt.date | None:
        """The day at IEAC(t)."""
        return None if self.schedule.ieac_t is None else self.plan.date_at(self.schedule.ieac_t)

    def months(self, name: str) -> Fraction | None:
        """``es``, ``at``, ``pd``, ``ieac_t`` or ``sv_t`` in months, each the difference of two instants of the calendar."""
        if name == "sv_t":
            es = self.months("es")
            return None if es is None else es - self.plan.months(self.schedule.at)
        value: Fraction | None = getattr(self.schedule, name)
        return None if value is None else self.plan.months(value)


def dated_schedule(plan: DatedPlan, ev: int, data_date: dt.date, finished: dt.date | None = None) -> DatedSchedule:
    """The earned schedule of ``ev`` at the end of ``data_date``; ``finished`` is the day on which everything was earned."""
    over = None if finished is None else plan.elapsed(finished)
    return DatedSchedule(plan, EarnedSchedule(plan.cumulative, ev, plan.elapsed(data_date), over))


def sum_plans(plans: Iterable[DatedPlan]) -> DatedPlan:
    """The plan of a programme: the amounts of all days together, on the days that any part has. Raises ``ValueError`` without a plan."""
    total: dict[dt.date, int] = {}
    for plan in plans:
        for day, amount in zip(plan.days, plan.amounts, strict=True):
            total[day] = total.get(day, 0) + amount
    days = tuple(sorted(total))
    return DatedPlan(days, tuple(total[day] for day in days))


def sum_curves(curves: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Cumulative curves on one grid added up; one that ends early keeps its last value."""
    rows = [tuple(curve) for curve in curves if len(curve)]
    length = max((len(row) for row in rows), default=0)
    return tuple(sum(row[min(at, len(row) - 1)] for row in rows) for at in range(length))
