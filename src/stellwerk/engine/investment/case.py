"""A business case as lines of costs and benefits: sensitivities, options, follow-up (``docs/algorithms/investment.md``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from stellwerk.engine.investment.figures import Appraisal, Flows, npv
from stellwerk.engine.investment.rates import Reason
from stellwerk.engine.money import Exact, fraction, minor, whole

RATE: Final = "rate"
"""The name of the calculation rate as a driver."""


class Kind(StrEnum):
    COST = "cost"
    BENEFIT = "benefit"


@dataclass(frozen=True)
class Line:
    """One cost or benefit by year (0, 1, 2, …), minor units.

    ``cash`` flows are paid, others (saved hours that are not cut) are valued only; ``budget_effective`` ones change the budget of a public body. ``drivers``
    are what the amounts are proportional to (price, volume): by default the line itself. Raises ``ValueError`` for negative costs (naming the year)
    and a driver named twice or like the rate.
    """

    key: str
    kind: Kind
    amounts: tuple[int, ...]
    cash: bool = True
    budget_effective: bool = True
    drivers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        object.__setattr__(self, "amounts", tuple(whole(self.key, amount) for amount in self.amounts))
        object.__setattr__(self, "drivers", tuple(self.drivers) or (self.key,))
        for year, amount in enumerate(self.amounts):
            if amount < 0 and self.kind is Kind.COST:
                raise ValueError(f"{self.key}, year {year}: a cost must not be negative; a refund is a benefit")
        if len(set(self.drivers)) != len(self.drivers) or RATE in self.drivers:
            raise ValueError(f"{self.key}: drivers must differ, and none is called {RATE!r}")

    @property
    def sign(self) -> int:
        return -1 if self.kind is Kind.COST else 1


@dataclass(frozen=True)
class Case:
    """Lines at a calculation ``rate`` (ratio, 0.08 = 8 %); short lines count 0 in the years that they do not name.

    Raises ``ValueError`` for a key that stands twice and a rate of −100 % or below.
    """

    lines: tuple[Line, ...]
    rate: Exact

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.lines))
        keys = [line.key for line in self.lines]
        if len(set(keys)) != len(keys):
            raise ValueError("lines: a key stands twice")
        if fraction("rate", self.rate) <= -1:
            raise ValueError("rate: must be above −100 %")

    @property
    def length(self) -> int:
        """Number of years, year 0 included."""
        return max((len(line.amounts) for line in self.lines), default=0)

    def sums(self, kind: Kind) -> tuple[int, ...]:
        """Costs or benefits by year."""
        years = [0] * self.length
        for line in self.lines:
            if line.kind is kind:
                for year, amount in enumerate(line.amounts):
                    years[year] += amount
        return tuple(years)

    @cached_property
    def appraisal(self) -> Appraisal:
        return Appraisal(Flows(self.sums(Kind.COST), self.sums(Kind.BENEFIT)), self.rate)

    def only(self, keep: Callable[[Line], bool]) -> Case:
        """The case with some of its lines, such as ``lambda line: line.cash``."""
        return replace(self, lines=tuple(line for line in self.lines if keep(line)))

    def value(self, line: Line) -> Fraction:
        """What ``line`` contributes to the net present value."""
        return line.sign * npv(line.amounts, self.rate)

    @property
    def drivers(self) -> tuple[str, ...]:
        """What can be varied, in the order of the lines; the rate apart."""
        return tuple(dict.fromkeys(driver for line in self.lines for driver in line.drivers))

    def npv_with(self, factors: Mapping[str, Exact]) -> Fraction:
        """The net present value if drivers are multiplied by ``factors`` (1.1 = 10 % more). Raises ``KeyError`` for no driver of the case."""
        unknown = set(factors) - {RATE, *self.drivers}
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        rate = fraction("rate", self.rate) * fraction(RATE, factors.get(RATE, 1))
        total = Fraction(0)
        for line in self.lines:
            value = line.sign * npv(line.amounts, rate)
            for driver in line.drivers:
                value *= fraction(driver, factors.get(driver, 1))
            total += value
        return total


@dataclass(frozen=True)
class Bar:
    """How the net present value moves with one driver, minor units.

    ``less`` and ``more`` are the values at −x % and +x %. ``break_even`` is the relative change of the driver at which the net present value is 0 (−0.2 = 20 %
    less); None with a ``reason``: no influence, a change by more than −100 %, several rates. ``base`` and ``break_even_value`` are the
    driver's sum over all years (None where it drives costs and benefits alike), for the rate the ratio itself.
    """

    driver: str
    less: Fraction
    more: Fraction
    base: Fraction | None
    break_even: Fraction | None
    break_even_value: Fraction | None
    reason: Reason | None

    @property
    def swing(self) -> Fraction:
        return abs(self.more - self.less)


def tornado(case: Case, change: Exact = Decimal("0.1")) -> tuple[Bar, ...]:
    """Each driver and the rate varied alone by ± ``change`` (ratio above 0 and below 1), the widest bar first."""
    step = fraction("change", change)
    if not 0 < step < 1:
        raise ValueError("change: must lie between 0 and 1")
    bars = [_bar(case, driver, step) for driver in case.drivers]
    bars.append(_rate_bar(case, step))
    return tuple(sorted(bars, key=lambda bar: -bar.swing))


def _bar(case: Case, driver: str, step: Fraction) -> Bar:
    lines = [line for line in case.lines if driver in line.drivers]
    share, base_value = sum((case.value(line) for line in lines), Fraction(0)), case.appraisal.npv
    base = Fraction(sum(sum(line.amounts) for line in lines)) if len({line.kind for line in lines}) == 1 else None
    less, more = base_value - step * share, base_value + step * share
    if not share:
        return Bar(driver, less, more, base, None, None, Reason.NO_INFLUENCE)
    even = -base_value / share
    if even < -1:
        return Bar(driver, less, more, base, None, None, Reason.OUT_OF_REACH)
    return Bar(driver, less, more, base, even, None if base is None else base * (1 + even), None)


def _rate_bar(case: Case, step: Fraction) -> Bar:
    rate = fraction("rate", case.rate)
    less, more = (case.npv_with({RATE: factor}) for factor in (1 - step, 1 + step))
    found = case.appraisal.irr
    if found.rate is None:
        return Bar(RATE, less, more, rate, None, None, found.reason)
    even = Fraction(found.rate)
    return Bar(RATE, less, more, rate, even / rate - 1 if rate else None, even, None if rate else Reason.NO_INFLUENCE)


def delayed(case: Case, years: int, *, keep_horizon: bool = True) -> Case:
    """The case with all benefits ``years`` later (at least 0).

    With ``keep_horizon`` what falls behind the last year is lost, as with a system that is replaced on a fixed date.
    """
    if years < 0:
        raise ValueError("years: must not be negative")
    length = case.length

    def shifted(line: Line) -> Line:
        if line.kind is Kind.COST:
            return line
        amounts = (0,) * years + line.amounts
        return replace(line, amounts=amounts[:length] if keep_horizon else amounts)

    return replace(case, lines=tuple(shifted(line) for line in case.lines))


@dataclass(frozen=True)
class Option:
    """One option: ``appraisal`` on its own, ``against`` the base option by differential flows (None for the base itself); ``rank`` 1 is the best."""

    key: str
    appraisal: Appraisal
    against: Appraisal | None
    rank: int


@dataclass(frozen=True)
class Comparison:
    """Options in order of rank. ``lives_differ``: compare the annuities too, the years are not the same."""

    options: tuple[Option, ...]
    lives_differ: bool

    @property
    def best(self) -> Option:
        return self.options[0]


def compare(options: Mapping[str, Case], base: str) -> Comparison:
    """Options ranked by net present value, each also against ``base``, usually doing nothing; of equals the earlier is better.

    Doing nothing has flows too: the running costs of the old system, say, which then become savings of the others. Raises
    ``ValueError`` if the base is missing or the options have different rates.
    """
    if base not in options:
        raise ValueError(f"options: {base!r} is missing")
    if len({fraction("rate", case.rate) for case in options.values()}) != 1:
        raise ValueError("options: one rate for all")
    length = max(case.length for case in options.values())
    padded = {key: _padded(case.appraisal.flows, length) for key, case in options.items()}
    ranked = sorted(options, key=lambda key: -options[key].appraisal.npv)
    rows = tuple(
        Option(key, options[key].appraisal, None if key == base else _difference(padded[key], padded[base], options[base].rate), rank)
        for rank, key in enumerate(ranked, 1)
    )  # fmt: skip
    return Comparison(rows, len({case.length for case in options.values()}) > 1)


def _padded(flows: Flows, length: int) -> Flows:
    rest = (0,) * (length - len(flows.costs))
    return Flows(flows.costs + rest, flows.benefits + rest)


def _difference(option: Flows, base: Flows, rate: Exact) -> Appraisal:
    costs = tuple(one - other for one, other in zip(option.costs, base.costs, strict=True))
    benefits = tuple(one - other for one, other in zip(option.benefits, base.benefits, strict=True))
    return Appraisal(Flows(costs, benefits, differential=True), rate)


@dataclass(frozen=True)
class Effect:
    """What a line (or the rate, as :data:`RATE`) changed in the net present value, whole minor units."""

    key: str
    amount: int


@dataclass(frozen=True)
class FollowUp:
    """A case as ``approved`` and as it stands ``now``; the ``effects`` add up to the difference of the two rounded net present values to the cent."""

    approved: Appraisal
    now: Appraisal
    effects: tuple[Effect, ...]

    @property
    def npv_difference(self) -> int:
        return minor(self.now.npv) - minor(self.approved.npv)


def follow_up(approved: Case, now: Case) -> FollowUp:
    """The follow-up calculation: the effect of another rate first, then line by line at the rate of now; effects of 0 are left out."""
    before = replace(approved, rate=now.rate)
    old, new = {line.key: line for line in before.lines}, {line.key: line for line in now.lines}
    moves = [(RATE, before.appraisal.npv - approved.appraisal.npv)]
    for key in dict.fromkeys((*old, *new)):
        was = before.value(old[key]) if key in old else Fraction(0)
        moves.append((key, (now.value(new[key]) if key in new else Fraction(0)) - was))
    # Rounded sums, not rounded moves: so the effects add up to what is shown.
    effects, at = [], approved.appraisal.npv
    for key, move in moves:
        amount = minor(at + move) - minor(at)
        at += move
        if amount:
            effects.append(Effect(key, amount))
    return FollowUp(approved.appraisal, now.appraisal, tuple(effects))


def with_actuals(case: Case, actuals: Mapping[str, Sequence[int]], closed: int) -> Case:
    """The case with the actual amounts of the first ``closed`` years and its own for the rest.

    A line without actuals had none in these years. Raises ``ValueError`` for a line that the case does not have and for missing years.
    """
    unknown = set(actuals) - {line.key for line in case.lines}
    if unknown:
        raise ValueError(f"no line {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    for line in case.lines:
        actual = tuple(actuals.get(line.key, (0,) * closed))
        if len(actual) < closed:
            raise ValueError(f"{line.key}: {closed} closed years, but amounts for {len(actual)} only")
        lines.append(replace(line, amounts=actual[:closed] + line.amounts[closed:]))
    return replace(case, lines=tuple(lines))


def total(lines: Iterable[Line]) -> int:
    """The sum of all years, costs negative, not discounted."""
    return sum(line.sign * sum(line.amounts) for line in lines)
