"""Net present value, payback, benefit–cost ratio and annuity of yearly cash flows (``docs/algorithms/investment.md``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Final

from stellwerk.engine.investment.rates import Irr, Reason, irr
from stellwerk.engine.money import Exact, fraction, whole

Found = Fraction | Reason
DAYS_OF_YEAR: Final = 365
"""As the XNPV of spreadsheets counts."""


def _value(found: Found) -> Fraction | None:
    return None if isinstance(found, Reason) else found


def _rate(rate: Exact) -> Fraction:
    """Raises ``ValueError`` for a rate of −100 % or below."""
    exact = fraction("rate", rate)
    if exact <= -1:
        raise ValueError("rate: must be above −100 %")
    return exact


def npv(flows: Sequence[Exact], rate: Exact) -> Fraction:
    """Σ flowₜ / (1 + rate)ᵗ, exactly; the flow of year 0 is not discounted (the NPV of spreadsheets discounts it).

    Minor units; ``rate`` as a ratio (0.08 = 8 %). Raises ``ValueError`` for a rate of −100 % or below.
    """
    factor = 1 / (1 + _rate(rate))
    total = Fraction(0)
    for flow in reversed(flows):
        total = total * factor + fraction("flow", flow)
    return total


def discounted(flows: Sequence[Exact], rate: Exact) -> tuple[Fraction, ...]:
    """Each flow at its value in year 0."""
    base = 1 + _rate(rate)
    return tuple(fraction("flow", flow) / base**year for year, flow in enumerate(flows))


def dated_npv(flows: Sequence[tuple[dt.date, int]], rate: Exact) -> Decimal:
    """Σ flow / (1 + rate)^(days since the first date / 365), as XNPV of spreadsheets; minor units with ten digits. 0 without flows.

    The first in time is not discounted, in whichever order they come. Raises ``ValueError`` for a rate of −100 % or below.
    """
    exact = _rate(rate)
    begin = min((day for day, _amount in flows), default=None)
    with localcontext() as context:
        context.prec = 50
        base = 1 + Decimal(exact.numerator) / Decimal(exact.denominator)
        total = Decimal(0)
        for day, amount in flows:
            assert begin is not None
            total += whole("flow", amount) / base ** (Decimal((day - begin).days) / DAYS_OF_YEAR)
        return total.quantize(Decimal(1).scaleb(-10))


def payback(flows: Sequence[int], rate: Exact = 0) -> Fraction | None:
    """Years until the flows (discounted, if a rate is given) have paid back for good; None if they never do.

    The last year with a negative sum, plus |sum| / next flow. 0 if the sum is never negative.
    """
    return _value(_payback(flows, rate))


def _payback(flows: Sequence[int], rate: Exact = 0) -> Found:
    total, last, missing, needed = Fraction(0), None, Fraction(0), Fraction(0)
    if not any(flows):
        return Reason.NO_FLOWS
    for year, flow in enumerate(discounted(flows, rate)):
        if last == year - 1 and last is not None:
            needed = flow
        total += flow
        if total < 0:
            last, missing = year, -total
    if last is None:
        return Fraction(0)
    return Reason.NEVER_RECOVERED if last == len(flows) - 1 else last + missing / needed


def annuity(value: Exact, rate: Exact, years: int) -> Fraction | None:
    """The equal amount at the end of each of ``years`` years that is worth ``value`` in year 0; None without years."""
    exact = _rate(rate)
    if years < 1:
        return None
    whole_value = fraction("value", value)
    return whole_value * exact / (1 - (1 + exact) ** -years) if exact else whole_value / years


@dataclass(frozen=True)
class Flows:
    """Costs and benefits of the years 0, 1, 2, …, minor units, both positive; a dis-benefit is a negative benefit, a refund a benefit.

    ``differential`` flows are those of one option less those of another: their costs may be negative. Raises ``ValueError`` for lengths that
    differ and (naming the year) for negative costs.
    """

    costs: tuple[int, ...]
    benefits: tuple[int, ...]
    differential: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "costs", tuple(whole("cost", amount) for amount in self.costs))
        object.__setattr__(self, "benefits", tuple(whole("benefit", amount) for amount in self.benefits))
        if len(self.costs) != len(self.benefits):
            raise ValueError("costs and benefits must have the same years")
        for year, amount in enumerate(self.costs):
            if amount < 0 and not self.differential:
                raise ValueError(f"cost of year {year}: must not be negative; a refund is a benefit")

    @property
    def net(self) -> tuple[int, ...]:
        return tuple(benefit - cost for cost, benefit in zip(self.costs, self.benefits, strict=True))

    @property
    def cumulative(self) -> tuple[int, ...]:
        """The sum of the net flows up to each year."""
        return tuple(sum(self.net[: year + 1]) for year in range(len(self.net)))


@dataclass(frozen=True)
class Appraisal:
    """All figures of flows at a calculation ``rate`` (ratio). Undefined figures are None; :meth:`why` tells the reason."""

    flows: Flows
    rate: Exact

    def __post_init__(self) -> None:
        _rate(self.rate)

    @cached_property
    def npv(self) -> Fraction:
        """Net present value, minor units."""
        return npv(self.flows.net, self.rate)

    @cached_property
    def pv_costs(self) -> Fraction:
        return npv(self.flows.costs, self.rate)

    @cached_property
    def pv_benefits(self) -> Fraction:
        return npv(self.flows.benefits, self.rate)

    @cached_property
    def irr(self) -> Irr:
        return irr(self.flows.net)

    @property
    def payback(self) -> Fraction | None:
        """Years, not discounted."""
        return _value(self._payback)

    @property
    def discounted_payback(self) -> Fraction | None:
        return _value(self._discounted_payback)

    @property
    def bcr(self) -> Fraction | None:
        """Benefit–cost ratio PV(benefits) / PV(costs)."""
        return _value(self._bcr)

    @property
    def annuity(self) -> Fraction | None:
        """The net present value as an equal yearly amount over the years after year 0, to compare options of different lives."""
        return annuity(self.npv, self.rate, len(self.flows.net) - 1)

    def why(self, name: str) -> Reason | None:
        """Why ``irr`` (is not one rate), ``payback``, ``discounted_payback``, ``bcr`` or ``annuity`` is undefined; None if it is defined."""
        if name == "irr":
            return self.irr.reason
        if name == "annuity":
            return Reason.NO_YEARS if self.annuity is None else None
        found = {"payback": self._payback, "discounted_payback": self._discounted_payback, "bcr": self._bcr}[name]
        return found if isinstance(found, Reason) else None

    @cached_property
    def _payback(self) -> Found:
        return _payback(self.flows.net)

    @cached_property
    def _discounted_payback(self) -> Found:
        return _payback(self.flows.net, self.rate)

    @cached_property
    def _bcr(self) -> Found:
        return self.pv_benefits / self.pv_costs if self.pv_costs > 0 else Reason.NO_COSTS
