"""Rolling forecasts (3+9, 6+6, 9+3) and the bridge from budget to forecast (``docs/algorithms/earned-value.md``)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from stellwerk.engine.money import spread, whole

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class RollingForecast:
    """``months`` is actual for the first ``closed`` and plan or forecast for the rest, minor units."""

    months: tuple[int, ...]
    closed: int

    @property
    def name(self) -> str:
        """ "3+9" for three actual months of twelve."""
        return f"{self.closed}+{len(self.months) - self.closed}"

    @property
    def actual(self) -> int:
        return sum(self.months[: self.closed])

    @property
    def rest(self) -> int:
        return sum(self.months[self.closed :])

    @property
    def total(self) -> int:
        return sum(self.months)

    def by_year(self, first_month: int = 0) -> tuple[int, ...]:
        """Sums by year of twelve months; ``first_month`` (0–11) is where in its year the first month lies."""
        if not 0 <= first_month < 12:
            raise ValueError("first_month: must lie between 0 and 11")
        years = [0] * -(-(first_month + len(self.months)) // 12)
        for at, amount in enumerate(self.months):
            years[(first_month + at) // 12] += amount
        return tuple(years)


def rolling_forecast(actual: Sequence[int], rest: Sequence[int], closed: int) -> RollingForecast:
    """Actual for the first ``closed`` months, then what ``rest`` (plan or forecast of all months) says.

    What was not spent so far is not carried over: it shows as a deviation. Raises ``ValueError`` if an actual month is missing.
    """
    if not 0 <= closed <= len(rest):
        raise ValueError("closed: must lie between 0 and the number of months")
    if len(actual) < closed:
        raise ValueError(f"actual: {closed} closed months, but amounts for {len(actual)} only")
    months = [whole("actual", amount) for amount in actual[:closed]]
    months += [whole("rest", amount) for amount in rest[closed:]]
    return RollingForecast(tuple(months), closed)


def forecast_to_total(actual: Sequence[int], plan: Sequence[int], closed: int, total: int) -> RollingForecast:
    """Like :func:`rolling_forecast`, the rest scaled so that all months add up to ``total`` (such as the EAC) to the cent.

    The rest keeps the shape of the plan, evenly where the plan has nothing left. Raises ``ValueError`` if something is left but no month is open, and for
    a plan that is negative in an open month.
    """
    shape = rolling_forecast(actual, plan, closed)
    left = whole("total", total) - shape.actual
    weights = shape.months[closed:]
    if not weights:
        if left:
            raise ValueError("total: no open month is left for the rest")
        return shape
    shares = spread(left, weights if any(weights) else (1,) * len(weights))
    return RollingForecast((*shape.months[:closed], *shares), closed)


@dataclass(frozen=True)
class BridgeStep(Generic[Key]):
    """One cause: ``amount`` leads from ``begin`` to ``end``. ``key`` None is what no cause explains."""

    key: Key | None
    amount: int
    begin: int
    end: int


@dataclass(frozen=True)
class Bridge(Generic[Key]):
    """From ``budget`` to ``forecast``: the amounts of ``steps`` add up to the difference to the cent."""

    budget: int
    forecast: int
    steps: tuple[BridgeStep[Key], ...]

    @property
    def difference(self) -> int:
        return self.forecast - self.budget

    @property
    def unexplained(self) -> int:
        return sum(step.amount for step in self.steps if step.key is None)


def bridge(budget: int, forecast: int, causes: Sequence[tuple[Key, int]]) -> Bridge[Key]:
    """Steps in the order of ``causes`` (those of 0 are left out); what they do not explain is a last step of its own, never hidden in another."""
    at, end = whole("budget", budget), whole("forecast", forecast)
    steps: list[BridgeStep[Key]] = []
    for key, amount in causes:
        if whole("amount", amount):
            steps.append(BridgeStep(key, amount, at, at + amount))
            at += amount
    if at != end:
        steps.append(BridgeStep(None, end - at, at, end))
    return Bridge(budget, forecast, tuple(steps))


def bridge_of_parts(budget: Mapping[Key, int], forecast: Mapping[Key, int]) -> Bridge[Key]:
    """The bridge by part (project, cost type, …): the largest move first; a part of one side only counts as 0 on the other."""
    keys = list(dict.fromkeys((*budget, *forecast)))
    moves = [(key, forecast.get(key, 0) - budget.get(key, 0)) for key in keys]
    moves.sort(key=lambda move: -abs(move[1]))  # stable: equal moves in the order given
    return bridge(sum(budget.values()), sum(forecast.values()), moves)
