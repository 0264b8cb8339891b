"""Tables of columns as the engines take them in: unchangeable arrays of equal length, and the rows in which something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
F = TypeVar("F")
C = TypeVar("C")
MOST = 100
"""So many faults of a kind are named."""


@dataclass(frozen=True)
class Fault(Generic[C]):
    """One thing that is wrong: in ``table``, ``row`` (−1: the whole table), ``column``, with the value found. ``C`` are the codes of one engine."""

    code: C
    table: str
    row: int
    column: str
    value: float = -1

    def __str__(self) -> str:
        value = f"{self.value:g}" if isinstance(self.value, float) else self.value
        return f"{self.table} {self.row}, {self.column} = {value}: {str(self.code).replace('_', ' ')}"


class FaultyInput(ValueError, Generic[C]):
    """An input that cannot be computed; ``faults`` says where, at most 100 of each kind."""

    def __init__(self, faults: Sequence[Fault[C]]) -> None:
        self.faults = tuple(faults)
        more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
        super().__init__("; ".join(str(fault) for fault in faults[:3]) + more)


class Table:
    """Base of frozen dataclasses. ``_first`` names the column that gives the length, ``_defaults`` the value of a column that was left out;
    :meth:`_column` says what a column may be."""

    _first = ""
    _defaults: dict[str, float] = {}

    def __post_init__(self) -> None:
        length = len(np.asarray(getattr(self, self._first)))
        for one in fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, one.name, self._column(one.name, getattr(self, one.name), length))

    def _column(self, name: str, given: Any, length: int) -> NDArray[Any]:
        """An unchangeable copy. Raises ``TypeError`` for what is no column."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(getattr(self, self._first))

    def columns(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for one in fields(self):  # type: ignore[arg-type]
            yield one.name, getattr(self, one.name)


class Finder(Generic[C, F]):
    """Turns a mask into faults (``fault(code, table, row, column, value)``), at most 100 of a kind."""

    def __init__(self, fault: Callable[[C, str, int, str, Any], F], name: str, table: Table) -> None:
        self.fault, self.name, self.table = fault, name, table

    def __call__(self, wrong: Flags, column: str, code: C) -> Iterator[F]:
        if wrong.any():
            for row in np.flatnonzero(wrong)[:MOST].tolist():
                yield self.fault(code, self.name, row, column, getattr(self.table, column)[row].item())


def outside(values: NDArray[Any], end: int) -> Flags:
    """Not within 0 … end - 1."""
    wrong: Flags = (values < 0) | (values >= end)
    return wrong
