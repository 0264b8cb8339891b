"""What goes in beside the network: estimates, costs, risks and their impacts as columns, checked once and then unchangeable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine import columns
from stellwerk.engine.calendars import HORIZON
from stellwerk.engine.columns import Finder, Table, outside
from stellwerk.engine.network import NONE, Network
from stellwerk.engine.network.order import levels

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

MONEY = 2**50
"""No amount lies beyond it: sums of costs stay exact."""
STREAMS = 2**31
"""Numbers of random streams lie below it."""


class Distribution(IntEnum):
    """How a value is drawn from three points.

    ``FIXED`` takes ``mode``. ``TRIANGULAR`` and ``PERT`` (beta, λ = 4) lie between ``low`` and ``high`` with their peak at ``mode``.
    ``LOGNORMAL`` has its P10 at ``low`` and its P90 at ``high``; ``mode`` is only checked to lie between them.
    """

    FIXED = 0
    TRIANGULAR = 1
    PERT = 2
    LOGNORMAL = 3


class Measure(IntEnum):
    """What the impact of a risk adds to: minutes of an activity, or minor units of money."""

    DURATION = 0
    COST = 1


class FaultCode(StrEnum):
    LENGTH = "length"
    NOT_FINITE = "not_finite"
    KIND = "kind"
    NO_ACTIVITY = "no_activity"
    SUMMARY = "summary"
    NO_PROJECT = "no_project"
    NO_RISK = "no_risk"
    NO_TARGET = "no_target"
    TWICE = "twice"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    OUT_OF_ORDER = "out_of_order"
    OUT_OF_RANGE = "out_of_range"
    PROBABILITY = "probability"
    EXCLUSIVE_ABOVE_ONE = "exclusive_above_one"
    TOO_LARGE = "too_large"


Fault = columns.Fault[FaultCode]
"""One thing that is wrong."""


class SimulationError(columns.FaultyInput[FaultCode]):
    """An input that cannot be simulated; ``faults`` says where, at most 100 of each kind."""


OMITTED: Integers = np.zeros(0, np.int64)
"""A column that was left out."""
OMITTED.flags.writeable = False


def _omitted() -> Any:
    return OMITTED


def _column(values: Any, length: int, default: float, name: str, *, fractions: bool) -> NDArray[Any]:
    """An unchangeable copy as whole numbers or fractions; a missing column is filled with ``default``."""
    given = np.full(length, default) if values is OMITTED else np.asarray(values)
    allowed = "iubf" if fractions or values is OMITTED else "iub"
    if given.ndim != 1 or (given.size and given.dtype.kind not in allowed):
        raise TypeError(f"{name}: a column is one row of {'numbers' if fractions else 'whole numbers'}")
    result = given.astype(np.float64 if fractions else np.int64)
    result.flags.writeable = False
    return result


class _Table(Table):
    _fractions: tuple[str, ...] = ()

    def _column(self, name: str, given: Any, length: int) -> NDArray[Any]:
        return _column(given, length, self._defaults.get(name, NONE), name, fractions=name in self._fractions)


@dataclass(frozen=True, eq=False)
class Estimates(_Table):
    """Three points of the duration of an ``activity``, at most one row each; activities without a row keep their planned duration.

    Minutes of the activity's calendar, ``low`` ≤ ``mode`` ≤ ``high``. Of what has begun only the remaining work is drawn: the three points are
    scaled by remaining ÷ planned duration. Activities of one ``group`` (any number ≥ 0; NONE: none) share a factor with the weight ``loading``
    (−1 to 1): two of them correlate with the product of their loadings. ``stream`` numbers the random numbers of the row (default: the
    activity's row); keep it stable to compare two plans with the same luck.
    """

    activity: Integers = field(default_factory=_omitted)
    low: Integers = field(default_factory=_omitted)
    mode: Integers = field(default_factory=_omitted)
    high: Integers = field(default_factory=_omitted)
    kind: Integers = field(default_factory=_omitted)
    group: Integers = field(default_factory=_omitted)
    loading: Numbers = field(default_factory=_omitted)
    stream: Integers = field(default_factory=_omitted)

    _first = "activity"
    _defaults = {"low": 0, "mode": 0, "high": 0, "kind": Distribution.TRIANGULAR, "loading": 0}
    _fractions = ("loading",)


@dataclass(frozen=True, eq=False)
class Costs(_Table):
    """Cost items in minor units of one currency, any number per ``activity``; with ``activity`` NONE of a ``project``.

    Each costs ``fixed`` (also what is spent already), plus ``rate`` (may be a fraction) for each minute that is still worked on the activity
    (of a project: for each working minute of its calendar between its start and its finish), plus an amount drawn from
    ``low``, ``mode``, ``high``. ``group``, ``loading`` and ``stream`` as for estimates; the groups are the same.
    """

    activity: Integers = field(default_factory=_omitted)
    project: Integers = field(default_factory=_omitted)
    fixed: Integers = field(default_factory=_omitted)
    rate: Numbers = field(default_factory=_omitted)
    low: Integers = field(default_factory=_omitted)
    mode: Integers = field(default_factory=_omitted)
    high: Integers = field(default_factory=_omitted)
    kind: Integers = field(default_factory=_omitted)
    group: Integers = field(default_factory=_omitted)
    loading: Numbers = field(default_factory=_omitted)
    stream: Integers = field(default_factory=_omitted)

    _first = "activity"
    _defaults = {
        "fixed": 0, "rate": 0, "low": 0, "mode": 0, "high": 0, "kind": Distribution.TRIANGULAR, "loading": 0,
    }  # fmt: skip
    _fractions = ("rate", "loading")


@dataclass(frozen=True, eq=False)
class Risks(_Table):
    """What happens or not, each time anew, with ``probability``. An ``opportunity`` (1) takes its impacts off instead of adding them.

    Of the risks of one ``exclusive`` group (NONE: none) at most one happens at a time; their probabilities add up to at most 1.
    """

    probability: Numbers = field(default_factory=_omitted)
    opportunity: Integers = field(default_factory=_omitted)
    exclusive: Integers = field(default_factory=_omitted)
    stream: Integers = field(default_factory=_omitted)

    _first = "probability"
    _defaults = {"opportunity": 0}
    _fractions = ("probability",)


@dataclass(frozen=True, eq=False)
class Impacts(_Table):
    """What a ``risk`` adds when it happens: minutes to an ``activity``, or money to the project of an activity or to a ``project``.

    All impacts of one risk are drawn with one number: where it hits hard, it hits all of them hard. What is finished is not hit any more.
    """

    risk: Integers = field(default_factory=_omitted)
    activity: Integers = field(default_factory=_omitted)
    project: Integers = field(default_factory=_omitted)
    measure: Integers = field(default_factory=_omitted)
    low: Integers = field(default_factory=_omitted)
    mode: Integers = field(default_factory=_omitted)
    high: Integers = field(default_factory=_omitted)
    kind: Integers = field(default_factory=_omitted)

    _first = "risk"
    _defaults = {
        "measure": Measure.DURATION, "low": 0, "mode": 0, "high": 0, "kind": Distribution.TRIANGULAR,
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Simulation:
    """A checked input. Raises :class:`SimulationError` with every fault and its row, and the network's ``CycleError``."""

    network: Network
    estimates: Estimates = field(default_factory=Estimates)
    costs: Costs = field(default_factory=Costs)
    risks: Risks = field(default_factory=Risks)
    impacts: Impacts = field(default_factory=Impacts)
    level: Integers = field(init=False, repr=False)
    """How many activities lie before each one on its longest path; found by the check for circles."""

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise SimulationError(faults)
        links = self.network.links
        object.__setattr__(self, "level", levels(links.predecessor, links.successor, len(self.network.activities)))

    def _faults(self) -> Iterator[Fault]:
        tables: dict[str, _Table] = {
            "estimate": self.estimates, "cost": self.costs, "risk": self.risks, "impact": self.impacts,
        }  # fmt: skip
        for name, table in tables.items():
            for column, values in table.columns():
                if len(values) != len(table):
                    yield Fault(FaultCode.LENGTH, name, NONE, column, len(values))
                    return
                yield from Finder(Fault, name, table)(~np.isfinite(values), column, FaultCode.NOT_FINITE)
        yield from self._estimate_faults()
        yield from self._cost_faults()
        yield from self._risk_faults()
        yield from self._impact_faults()

    def _estimate_faults(self) -> Iterator[Fault]:
        table = self.estimates
        bad = Finder(Fault, "estimate", table)
        yield from self._activity_faults(bad, table.activity, required=True)
        yield from bad(_repeated(table.activity), "activity", FaultCode.TWICE)
        yield from bad(table.low < 0, "low", FaultCode.NEGATIVE)
        yield from _three_point_faults(bad, table, HORIZON)
        yield from _factor_faults(bad, table)

    def _cost_faults(self) -> Iterator[Fault]:
        table = self.costs
        bad = Finder(Fault, "cost", table)
        yield from self._activity_faults(bad, table.activity, required=False)
        yield from self._target_faults(bad, table)
        yield from bad(np.abs(table.fixed) > MONEY, "fixed", FaultCode.OUT_OF_RANGE)
        yield from bad(np.abs(table.rate) * HORIZON > MONEY, "rate", FaultCode.OUT_OF_RANGE)
        yield from _three_point_faults(bad, table, MONEY)
        yield from _factor_faults(bad, table)

    def _risk_faults(self) -> Iterator[Fault]:
        table = self.risks
        bad = Finder(Fault, "risk", table)
        yield from bad((table.probability < 0) | (table.probability > 1), "probability", FaultCode.PROBABILITY)
        yield from bad(outside(table.opportunity, 2), "opportunity", FaultCode.KIND)
        yield from bad(table.exclusive < NONE, "exclusive", FaultCode.OUT_OF_RANGE)
        yield from bad((table.stream < NONE) | (table.stream >= STREAMS), "stream", FaultCode.OUT_OF_RANGE)
        for group in np.unique(table.exclusive[table.exclusive != NONE]).tolist():
            rows = np.flatnonzero(table.exclusive == group)
            total = float(table.probability[rows].sum())
            if total > 1 + 1e-9:
                yield Fault(FaultCode.EXCLUSIVE_ABOVE_ONE, "risk", int(rows[0]), "probability", total)

    def _impact_faults(self) -> Iterator[Fault]:
        table = self.impacts
        bad = Finder(Fault, "impact", table)
        yield from bad(outside(table.risk, len(self.risks)), "risk", FaultCode.NO_RISK)
        yield from bad(outside(table.measure, len(Measure)), "measure", FaultCode.KIND)
        yield from self._activity_faults(bad, table.activity, required=False)
        yield from self._target_faults(bad, table)
        wants_activity = (table.measure == Measure.DURATION) & (table.activity == NONE)
        yield from bad(wants_activity, "activity", FaultCode.NO_TARGET)
        yield from bad(table.low < 0, "low", FaultCode.NEGATIVE)
        yield from _three_point_faults(bad, table, HORIZON, table.measure == Measure.DURATION)
        yield from _three_point_faults(bad, table, MONEY, table.measure != Measure.DURATION)

    def _activity_faults(self, bad: Finder[FaultCode, Fault], rows: Integers, *, required: bool) -> Iterator[Fault]:
        """The column names activities that are there and are no summaries (or NONE, where none is required)."""
        count = len(self.network.activities)
        missing = outside(rows, count) & (required | (rows != NONE))
        yield from bad(missing, "activity", FaultCode.NO_ACTIVITY)
        named = ~outside(rows, count)
        if count:
            summary = self.network.activities.summary[np.where(named, rows, 0)] != 0
            yield from bad(summary & named, "activity", FaultCode.SUMMARY)

    def _target_faults(self, bad: Finder[FaultCode, Fault], table: Costs | Impacts) -> Iterator[Fault]:
        """Without an activity a row names a project."""
        missing = outside(table.project, len(self.network.projects))
        alone = table.activity == NONE
        yield from bad(alone & (table.project == NONE), "project", FaultCode.NO_TARGET)
        yield from bad(missing & (table.project != NONE), "project", FaultCode.NO_PROJECT)


def _three_point_faults(
    bad: Finder[FaultCode, Fault], table: Estimates | Costs | Impacts, limit: int, among: Flags | bool = True
) -> Iterator[Fault]:
    low, mode, high = table.low, table.mode, table.high
    unknown = outside(table.kind, len(Distribution))
    yield from bad(unknown & among, "kind", FaultCode.KIND)
    drawn = (table.kind != Distribution.FIXED) & among
    yield from bad(drawn & (mode < low), "mode", FaultCode.OUT_OF_ORDER)
    yield from bad(drawn & (mode > high), "high", FaultCode.OUT_OF_ORDER)
    for column in ("low", "mode", "high"):
        yield from bad((np.abs(getattr(table, column)) > limit) & among, column, FaultCode.OUT_OF_RANGE)
    yield from bad((mode < 0) & ~drawn & among & (limit == HORIZON), "mode", FaultCode.NEGATIVE)
    logarithm = (table.kind == Distribution.LOGNORMAL) & among
    yield from bad(logarithm & (low <= 0) & (high != low), "low", FaultCode.NOT_POSITIVE)


def _factor_faults(bad: Finder[FaultCode, Fault], table: Estimates | Costs) -> Iterator[Fault]:
    yield from bad(np.abs(table.loading) > 1, "loading", FaultCode.OUT_OF_RANGE)
    yield from bad((table.group < NONE) | (table.group >= STREAMS), "group", FaultCode.OUT_OF_RANGE)
    yield from bad((table.stream < NONE) | (table.stream >= STREAMS), "stream", FaultCode.OUT_OF_RANGE)


def _repeated(values: Integers) -> Flags:
    """Rows whose value stands in an earlier row already."""
    _, first = np.unique(values, return_index=True)
    result = np.ones(len(values), np.bool_)
    result[first] = False
    return result
