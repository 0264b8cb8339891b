"""What goes in: proposals, what they cost and need in each period, limits, and what belongs together. Checked once, then unchangeable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellwerk.engine import columns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NONE = -1
"""Not chosen; no lag; no upper limit of a group."""
UNLIMITED = -1
"""A period of a resource without a limit."""
LARGEST = 2**40
"""No value, demand or limit lies beyond it, so that sums over all items stay exact."""
MOST_ITEMS = 10_000


class Kind(StrEnum):
    """What a resource is; the demand on budgets is what an item costs."""

    BUDGET = "budget"
    CAPACITY = "capacity"


class FaultCode(StrEnum):
    LENGTH = "length"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    DOUBLE = "double"
    NO_ITEM = "no_item"
    SELF = "self"
    CYCLE = "cycle"
    LEAST_ABOVE_MOST = "least_above_most"
    MANDATORY_BARRED = "mandatory_barred"


Fault = columns.Fault[FaultCode]
"""One thing that is wrong."""


class ProblemError(columns.FaultyInput[FaultCode]):
    """A problem that cannot be computed; ``faults`` says where, at most 100 of each kind."""


OMITTED: Any = np.zeros(0, np.int64)
"""A column that was left out."""
OMITTED.flags.writeable = False


def _omitted() -> Any:
    return OMITTED


def _numbers(values: ArrayLike, name: str) -> Ints:
    """An unchangeable copy; numbers beyond the limit are kept just outside of it, where the check finds them."""
    given = np.asarray(values)
    if given.size and given.dtype.kind not in "iub":
        raise TypeError(f"{name}: whole numbers are needed (see scaled())")
    result: Ints = np.clip(given, -LARGEST - 1, LARGEST + 1).astype(np.int64)
    result.flags.writeable = False
    return result


def _flags(values: ArrayLike, count: int) -> Flags:
    result = np.zeros(count, np.bool_) if values is OMITTED else np.array(values, np.bool_)
    result.flags.writeable = False
    return result


@dataclass(frozen=True, eq=False)
class Items:
    """``key`` names an item and, among equally good sets, says who comes first. ``value``: whole numbers, one an item, or a
    column for each start (0 = as proposed, 1 = one period later …). ``earliest`` and ``latest`` start narrow the choice.
    ``mandatory``: must be in. ``barred``: must be out. ``cost``: for ties; left out, the demand on all budgets."""

    key: Sequence[str]
    value: Ints
    mandatory: Flags = field(default_factory=_omitted)
    barred: Flags = field(default_factory=_omitted)
    cost: Ints = field(default_factory=_omitted)
    earliest: Ints = field(default_factory=_omitted)
    latest: Ints = field(default_factory=_omitted)

    def __post_init__(self) -> None:
        value = _numbers(self.value, "value")
        if value.ndim == 1:
            value = value.reshape(len(value), 1)
        _set(self, "key", tuple(self.key))
        _set(self, "value", value)
        count = len(self.key)
        for name in ("mandatory", "barred"):
            _set(self, name, _flags(getattr(self, name), count))
        last = max(value.shape[1] - 1, 0) if value.ndim == 2 else 0
        for name, default in (("earliest", 0), ("latest", last)):
            given = getattr(self, name)
            _set(self, name, _numbers(np.full(count, default) if given is OMITTED else given, name))
        if self.cost is not OMITTED:
            _set(self, "cost", _numbers(self.cost, "cost"))

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, eq=False)
class Resources:
    """Budgets and roles with their ``limit`` in each period (rows: resources, columns: periods; UNLIMITED where there is none)."""

    key: Sequence[str]
    kind: Sequence[Kind]
    limit: Ints

    def __post_init__(self) -> None:
        limit = _numbers(self.limit, "limit")
        _set(self, "key", tuple(self.key))
        _set(self, "kind", tuple(Kind(kind) for kind in self.kind))
        _set(self, "limit", limit.reshape(len(limit), 1) if limit.ndim == 1 else limit)

    def __len__(self) -> int:
        return len(self.key)


class _Pairs:
    def __post_init__(self) -> None:
        for one in fields(self):  # type: ignore[arg-type]
            given = getattr(self, one.name)
            if given is OMITTED and one.name == "lag":
                given = np.full(len(np.asarray(self.item)), NONE)  # type: ignore[attr-defined]
            _set(self, one.name, _numbers(given, one.name))

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Needs(_Pairs):
    """``item`` may be in only if ``needed`` is in. With a ``lag`` it starts at least so many periods later than that (both as shifts
    against what was proposed; NONE: no matter when)."""

    item: Ints = field(default_factory=_omitted)
    needed: Ints = field(default_factory=_omitted)
    lag: Ints = field(default_factory=_omitted)


@dataclass(frozen=True, eq=False)
class Exclusions(_Pairs):
    """Not both."""

    first: Ints = field(default_factory=_omitted)
    second: Ints = field(default_factory=_omitted)


@dataclass(frozen=True)
class Group:
    """At least and at most so many of these items (``most`` NONE: no matter how many)."""

    key: str
    members: tuple[int, ...]
    least: int = 0
    most: int = NONE


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked problem. ``demand``: items × resources × periods, for a start as proposed; a later start moves it as it is.

    A start that would move demand beyond the last period is no choice. Raises :class:`ProblemError` with every fault and its row.
    """

    items: Items
    resources: Resources
    demand: Ints
    needs: Needs = field(default_factory=Needs)
    exclusions: Exclusions = field(default_factory=Exclusions)
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        demand = _numbers(self.demand, "demand")
        _set(self, "demand", demand.reshape(*demand.shape, 1) if demand.ndim == 2 else demand)
        _set(self, "groups", tuple(self.groups))
        faults = list(self._faults())
        if faults:
            raise ProblemError(faults)

    @property
    def periods(self) -> int:
        return int(self.resources.limit.shape[1])

    def costs(self) -> Ints:
        """What each item costs in all periods together: as given, or its demand on all budgets."""
        if self.items.cost is not OMITTED:
            return self.items.cost
        budgets = np.array([kind is Kind.BUDGET for kind in self.resources.kind], np.bool_)
        total: Ints = self.demand[:, budgets].sum(axis=(1, 2))
        return total

    def _faults(self) -> Iterator[Fault]:
        shapes = list(self._shape_faults())
        if shapes:
            yield from shapes
            return
        items = self.items
        yield from _doubles("item", items.key)
        yield from _doubles("resource", self.resources.key)
        yield from _doubles("group", [group.key for group in self.groups])
        yield from _bad("item", "value", np.abs(items.value) > LARGEST, items.value, FaultCode.TOO_LARGE)
        yield from _range("item", "cost", self.items.cost)
        yield from _range("item", "earliest", items.earliest)
        yield from _range("item", "latest", items.latest)
        yield from _bad("item", "barred", items.mandatory & items.barred, items.barred, FaultCode.MANDATORY_BARRED)
        yield from _range("item", "demand", self.demand)
        limit = self.resources.limit
        yield from _bad("resource", "limit", limit < UNLIMITED, limit, FaultCode.NEGATIVE)
        yield from _bad("resource", "limit", limit > LARGEST, limit, FaultCode.TOO_LARGE)
        yield from self._pair_faults()
        yield from self._group_faults()

    def _shape_faults(self) -> Iterator[Fault]:
        items, resources = self.items, self.resources
        count = len(items)
        if count > MOST_ITEMS:
            yield Fault(FaultCode.TOO_MANY, "item", NONE, "key", count)
        for name in ("mandatory", "barred", "earliest", "latest", "cost"):
            column = getattr(items, name)
            if column is not OMITTED and column.shape != (count,):
                yield Fault(FaultCode.LENGTH, "item", NONE, name, column.size)
        if items.value.ndim != 2 or len(items.value) != count or (count and items.value.shape[1] < 1):
            yield Fault(FaultCode.LENGTH, "item", NONE, "value", items.value.size)
        if resources.limit.ndim != 2 or len(resources.limit) != len(resources):
            yield Fault(FaultCode.LENGTH, "resource", NONE, "limit", resources.limit.size)
        elif self.demand.shape != (count, *resources.limit.shape):
            yield Fault(FaultCode.LENGTH, "item", NONE, "demand", self.demand.size)
        if len(resources.kind) != len(resources):
            yield Fault(FaultCode.LENGTH, "resource", NONE, "kind", len(resources.kind))
        for table, pairs in (("need", self.needs), ("exclusion", self.exclusions)):
            for one in fields(pairs):
                column = getattr(pairs, one.name)
                if column.shape != (len(pairs),):
                    yield Fault(FaultCode.LENGTH, table, NONE, one.name, column.size)

    def _pair_faults(self) -> Iterator[Fault]:
        count, needs = len(self.items), self.needs
        for table, pair in (
            ("need", (("item", needs.item), ("needed", needs.needed))),
            ("exclusion", (("first", self.exclusions.first), ("second", self.exclusions.second))),
        ):
            for name, column in pair:
                yield from _bad(table, name, (column < 0) | (column >= count), column, FaultCode.NO_ITEM)
            (_, one), (name, other) = pair
            yield from _bad(table, name, one == other, other, FaultCode.SELF)
        yield from _bad("need", "lag", needs.lag < NONE, needs.lag, FaultCode.NEGATIVE)
        if not ((needs.item < 0) | (needs.item >= count) | (needs.needed < 0) | (needs.needed >= count)).any():
            circle = _in_circle(count, needs)
            if circle != NONE:
                yield Fault(FaultCode.CYCLE, "need", circle, "needed", int(needs.needed[circle]))

    def _group_faults(self) -> Iterator[Fault]:
        for row, group in enumerate(self.groups):
            for member in group.members:
                if not 0 <= member < len(self.items):
                    yield Fault(FaultCode.NO_ITEM, "group", row, "members", member)
            if len(set(group.members)) < len(group.members):
                yield Fault(FaultCode.DOUBLE, "group", row, "members", len(group.members))
            if group.least < 0 or group.most < NONE:
                yield Fault(FaultCode.NEGATIVE, "group", row, "least", min(group.least, group.most))
            if group.most != NONE and group.least > group.most:
                yield Fault(FaultCode.LEAST_ABOVE_MOST, "group", row, "least", group.least)


def scaled(values: Sequence[Decimal | int]) -> tuple[Ints, int]:
    """Exact whole numbers, and by how much they were multiplied: 61.25 and 80 give 6125 and 8000, times 100.

    Raises ``ValueError`` for what is no finite number and for numbers that need more than 40 bits.
    """
    decimals = [Decimal(value) for value in values]
    if not all(value.is_finite() for value in decimals):
        raise ValueError("a value is no finite number")
    places = max((-int(value.normalize().as_tuple().exponent) for value in decimals if value), default=0)
    factor = 10 ** max(places, 0)
    whole = [int(value * factor) for value in decimals]
    if any(abs(value) > LARGEST for value in whole):
        raise ValueError(f"with {places} decimal places a value needs more than 40 bits")
    return np.array(whole, np.int64), factor


def decayed(value: ArrayLike, percent: Decimal | int, starts: int) -> Ints:
    """A column of values for each start: ``percent`` of the value at the first start is lost with each period of waiting, at most all of it.

    Rounded to whole numbers (half up), so scale first where that is too coarse.
    """
    given = _numbers(value, "value")
    lost = [min(Decimal(percent) * start, Decimal(100)) for start in range(starts)]
    rows = [[_rounded(int(one) * (100 - part) / 100) for part in lost] for one in given]
    return np.array(rows, np.int64).reshape(len(given), starts)


def shifted(demand: Ints, shift: int) -> Ints:
    """The demand of one item (resources × periods), begun ``shift`` periods later."""
    result = np.zeros_like(demand)
    result[:, shift:] = demand[:, : demand.shape[1] - shift]
    return result


def _rounded(value: Decimal) -> int:
    return int((value + Decimal("0.5")) // 1) if value >= 0 else -_rounded(-value)


def _set(target: object, name: str, value: object) -> None:
    object.__setattr__(target, name, value)


def _bad(table: str, column: str, wrong: Flags, values: Ints | Flags, code: FaultCode) -> Iterator[Fault]:
    for where in np.argwhere(wrong)[:100]:
        yield Fault(code, table, int(where[0]), column, int(values[tuple(where)]))


def _range(table: str, column: str, values: Ints) -> Iterator[Fault]:
    yield from _bad(table, column, values < 0, values, FaultCode.NEGATIVE)
    yield from _bad(table, column, values > LARGEST, values, FaultCode.TOO_LARGE)


def _doubles(table: str, keys: Sequence[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for row, key in enumerate(keys):
        if key in seen:
            yield Fault(FaultCode.DOUBLE, table, row, "key")
        seen.add(key)


def _in_circle(count: int, needs: Needs) -> int:
    """The row of a need that lies on a circle of lags above 0, which no set of items can satisfy with all of them in. Circles
    without lags only mean all or none."""
    level = [0] * count
    edges = [row for row in range(len(needs)) if needs.lag[row] != NONE]
    if not any(needs.lag[row] > 0 for row in edges):
        return NONE
    total = sum(int(needs.lag[row]) for row in edges)
    changed = True
    while changed:
        changed = False
        for row in edges:
            after = level[int(needs.needed[row])] + int(needs.lag[row])
            if after > level[int(needs.item[row])]:
                if after > total:
                    return row
                level[int(needs.item[row])] = after
                changed = True
    return NONE
