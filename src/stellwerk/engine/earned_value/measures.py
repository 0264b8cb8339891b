"""Earned value measures of one data date: variances, indices, forecasts, and why one of them is undefined.

Worked numbers: ``docs/algorithms/earned-value.md``. Sources: PMI, Practice Standard for Earned Value Management; ISO 21508.
Contingency and management reserve are not part of the budget until a change request releases them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from stellwerk.engine.money import minor, whole


class Reason(StrEnum):
    """Why a figure is undefined, or why another forecast than the wanted one is used."""

    NO_BUDGET = "no_budget"
    NOT_STARTED = "not_started"
    NO_ACTUAL_COST = "no_actual_cost"
    NEGATIVE_ACTUAL_COST = "negative_actual_cost"
    NO_PLANNED_VALUE = "no_planned_value"
    NO_EARNED_VALUE = "no_earned_value"
    NO_BOTTOM_UP_ETC = "no_bottom_up_etc"
    BUDGET_UNATTAINABLE = "budget_unattainable"
    NO_COST_LEFT = "no_cost_left"
    COMPLETE = "complete"
    NO_TIME_ELAPSED = "no_time_elapsed"
    PAST_PLANNED_DURATION = "past_planned_duration"


class Variant(StrEnum):
    """How the estimate at completion is made."""

    ONE_OFF = "eac1"
    """AC + (BAC − EV): what went wrong does not go on."""
    CPI = "eac2"
    """BAC / CPI: the rest costs as the work did so far."""
    CPI_SPI = "eac3"
    """AC + (BAC − EV) / (CPI · SPI): delay costs too."""
    BOTTOM_UP = "eac4"
    """AC + the estimate of the remaining work by those who do it."""


Found = Fraction | Reason
"""A value, or why there is none."""


def value_of(found: Found) -> Fraction | None:
    return None if isinstance(found, Reason) else found


@dataclass(frozen=True)
class Forecast:
    """The estimate at completion that counts: ``value`` by ``variant``; ``reason`` says why ``wanted`` was not used (None: it was)."""

    value: Fraction
    variant: Variant
    wanted: Variant
    reason: Reason | None = None


@dataclass(frozen=True)
class Measures:
    """What was budgeted, planned, earned and spent up to one data date, in minor units of one currency.

    ``bac`` budget at completion, ``pv`` planned value, ``ev`` earned value, ``ac`` actual cost (accrued, without commitments; credit notes can make it
    negative), ``bottom_up_etc`` the estimate of the remaining cost. Ratios and forecasts are exact fractions; an undefined one is
    None and :meth:`why` tells the reason. Raises ``TypeError`` for amounts that are not whole numbers, ``ValueError`` (naming the figure) for
    negative ones and for a planned or earned value above the budget.
    """

    bac: int
    pv: int
    ev: int
    ac: int
    bottom_up_etc: int | None = None
    variant: Variant = Variant.CPI

    def __post_init__(self) -> None:
        for name in ("bac", "pv", "ev", "ac"):
            object.__setattr__(self, name, whole(name, getattr(self, name)))
        if self.bottom_up_etc is not None:
            object.__setattr__(self, "bottom_up_etc", whole("bottom_up_etc", self.bottom_up_etc))
        object.__setattr__(self, "variant", Variant(self.variant))
        for name in ("bac", "pv", "ev", "bottom_up_etc"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name}: must not be negative")
        for name in ("pv", "ev"):
            if getattr(self, name) > self.bac:
                raise ValueError(f"{name}: must not exceed the budget at completion")

    @property
    def complete(self) -> bool:
        """All of the budget is earned."""
        return self.bac > 0 and self.ev == self.bac

    @property
    def not_started(self) -> bool:
        """Nothing was planned, earned or spent up to the data date: no light can be given."""
        return self.pv == self.ev == self.ac == 0

    @property
    def cv(self) -> int:
        """Cost variance EV − AC, minor units; negative: over budget."""
        return self.ev - self.ac

    @property
    def sv(self) -> int:
        """Schedule variance EV − PV, minor units; negative: behind plan."""
        return self.ev - self.pv

    @property
    def cpi(self) -> Fraction | None:
        """Cost performance index EV / AC."""
        return value_of(self._cpi)

    @property
    def spi(self) -> Fraction | None:
        """Schedule performance index EV / PV; 1 at the end however late (see earned schedule)."""
        return value_of(self._spi)

    @property
    def percent_complete(self) -> Fraction | None:
        """EV / BAC as a ratio."""
        return value_of(self._of_budget(self.ev))

    @property
    def percent_spent(self) -> Fraction | None:
        """AC / BAC as a ratio."""
        return value_of(self._of_budget(self.ac))

    @property
    def eac1(self) -> Fraction:
        return Fraction(self.ac + self.bac - self.ev)

    @property
    def eac2(self) -> Fraction | None:
        return value_of(self._eac2)

    @property
    def eac3(self) -> Fraction | None:
        return value_of(self._eac3)

    @property
    def eac4(self) -> Fraction | None:
        return value_of(self._eac4)

    @property
    def eac(self) -> Fraction:
        """The estimate at completion that counts; always defined (see :attr:`forecast`)."""
        return self.forecast.value

    @cached_property
    def forecast(self) -> Forecast:
        """The wanted variant; where it is undefined the bottom-up one, else the one-off one.

        Not started: the budget, unless the bottom-up estimate is the wanted variant.
        """
        found = self.eac_by(self.variant)
        if self.not_started and (self.variant is not Variant.BOTTOM_UP or isinstance(found, Reason)):
            return Forecast(Fraction(self.bac), Variant.ONE_OFF, self.variant, Reason.NOT_STARTED)
        if not isinstance(found, Reason):
            return Forecast(found, self.variant, self.variant)
        if not isinstance(self._eac4, Reason):
            return Forecast(self._eac4, Variant.BOTTOM_UP, self.variant, found)
        return Forecast(self.eac1, Variant.ONE_OFF, self.variant, found)

    @property
    def etc(self) -> Fraction:
        """Estimate to complete EAC − AC."""
        return self.eac - self.ac

    @property
    def vac(self) -> Fraction:
        """Variance at completion BAC − EAC; negative: overrun."""
        return self.bac - self.eac

    @property
    def overrun(self) -> Fraction | None:
        """(EAC − BAC) / BAC as a ratio, what the light of cost compares (0.05 = 5 % above budget)."""
        return value_of(self._of_budget(-self.vac))

    @property
    def tcpi_bac(self) -> Fraction | None:
        """The CPI that the rest needs to end on budget: (BAC − EV) / (BAC − AC)."""
        return value_of(self._tcpi_bac)

    @property
    def tcpi_eac(self) -> Fraction | None:
        """The CPI that the rest needs to end on the forecast: (BAC − EV) / (EAC − AC)."""
        return value_of(self._tcpi_eac)

    def eac_by(self, variant: Variant) -> Found:
        """One of the four forecasts, or why it is undefined."""
        return {
            Variant.ONE_OFF: self.eac1, Variant.CPI: self._eac2, Variant.CPI_SPI: self._eac3, Variant.BOTTOM_UP: self._eac4,
        }[Variant(variant)]  # fmt: skip

    def why(self, name: str) -> Reason | None:
        """Why the figure ``name`` ("cpi", "tcpi_bac", …) is undefined; None if it is defined. Raises ``KeyError`` for no figure of these."""
        found: dict[str, Found] = {
            "cpi": self._cpi, "spi": self._spi, "eac2": self._eac2, "eac3": self._eac3, "eac4": self._eac4, "tcpi_bac": self._tcpi_bac,
            "tcpi_eac": self._tcpi_eac, "percent_complete": self._of_budget(self.ev), "percent_spent": self._of_budget(self.ac),
            "overrun": self._of_budget(-self.vac),
        }  # fmt: skip
        if name in ALWAYS:
            return None
        one = found[name]
        return one if isinstance(one, Reason) else None

    def _of_budget(self, amount: int | Fraction) -> Found:
        return Fraction(amount) / self.bac if self.bac else Reason.NO_BUDGET

    @property
    def _cannot(self) -> Reason | None:
        """Why no index at all makes sense."""
        if not self.bac:
            return Reason.NO_BUDGET
        return Reason.NOT_STARTED if self.not_started else None

    @cached_property
    def _cpi(self) -> Found:
        if self._cannot:
            return self._cannot
        if self.ac <= 0:
            return Reason.NEGATIVE_ACTUAL_COST if self.ac else Reason.NO_ACTUAL_COST
        return Fraction(self.ev, self.ac)

    @cached_property
    def _spi(self) -> Found:
        if self._cannot:
            return self._cannot
        return Fraction(self.ev, self.pv) if self.pv else Reason.NO_PLANNED_VALUE

    @cached_property
    def _eac2(self) -> Found:
        if self.complete:
            return Fraction(self.ac)
        if isinstance(self._cpi, Reason):
            return self._cpi
        return self.bac / self._cpi if self._cpi else Reason.NO_EARNED_VALUE

    @cached_property
    def _eac3(self) -> Found:
        if self.complete:
            return Fraction(self.ac)
        for index in (self._cpi, self._spi):
            if isinstance(index, Reason):
                return index
            if not index:
                return Reason.NO_EARNED_VALUE
        assert isinstance(self._cpi, Fraction) and isinstance(self._spi, Fraction)  # noqa: PT018
        return self.ac + (self.bac - self.ev) / (self._cpi * self._spi)

    @cached_property
    def _eac4(self) -> Found:
        if self.complete:
            return Fraction(self.ac)
        return Reason.NO_BOTTOM_UP_ETC if self.bottom_up_etc is None else Fraction(self.ac + self.bottom_up_etc)

    @cached_property
    def _tcpi_bac(self) -> Found:
        if self.complete or self._cannot:
            return self._cannot or Reason.COMPLETE
        return Fraction(self.bac - self.ev, self.bac - self.ac) if self.bac > self.ac else Reason.BUDGET_UNATTAINABLE

    @cached_property
    def _tcpi_eac(self) -> Found:
        if self.complete or self._cannot:
            return self._cannot or Reason.COMPLETE
        return (self.bac - self.ev) / self.etc if self.etc > 0 else Reason.NO_COST_LEFT


ALWAYS = frozenset({"bac", "pv", "ev", "ac", "cv", "sv", "eac1", "eac", "etc", "vac"})
"""Figures that are always defined."""


@dataclass(frozen=True)
class RollUp:
    """Many parts together.

    ``total`` has the summed amounts: its indices are ratios of sums, never averages of ratios. ``eac`` is the sum of what each part forecasts by its own
    variant, each rounded to the minor unit as it is shown, so that the rows of a table add up; ``flagged`` counts parts whose
    wanted variant was undefined. ``without_bottom_up`` counts unfinished parts without an estimate of the rest (then the total has none).
    """

    total: Measures
    eac: int
    parts: int
    flagged: int
    without_bottom_up: int

    @property
    def etc(self) -> int:
        return self.eac - self.total.ac

    @property
    def vac(self) -> int:
        return self.total.bac - self.eac


def roll_up(parts: Iterable[Measures], variant: Variant = Variant.CPI) -> RollUp:
    """The sums of ``parts``, all in one currency: the caller converts (PV, EV and BAC at the baseline's rate, AC at the booking's)."""
    rows = list(parts)
    missing = sum(row.bottom_up_etc is None and not row.complete for row in rows)
    etc = None if missing or not rows else sum(row.bottom_up_etc or 0 for row in rows if not row.complete)
    total = Measures(
        sum(row.bac for row in rows), sum(row.pv for row in rows), sum(row.ev for row in rows), sum(row.ac for row in rows), etc, variant
    )  # fmt: skip
    flagged = sum(row.forecast.reason is not None for row in rows)
    return RollUp(total, sum(minor(row.eac) for row in rows), len(rows), flagged, missing)
