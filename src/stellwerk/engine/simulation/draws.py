"""How each value is drawn, as columns that the inner loops read: one closed form, one table, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.network import NONE
from stellwerk.engine.simulation import shapes
from stellwerk.engine.simulation.model import Distribution, Integers, Numbers

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CONSTANT, SPLIT, TABLE = 0, 1, 2


class Draws(NamedTuple):
    """One row per value that is drawn from a number u.

    ``SPLIT``: left + left_scale √u up to ``cut``, beyond it right + right_scale √(1 − u) (triangular). ``TABLE``: left + left_scale × table(u).
    ``CONSTANT``: left. With a factor, u comes from loading × factor + rest × own normal number.
    """

    kind: NDArray[np.int8]
    cut: Floats
    left: Floats
    left_scale: Floats
    right: Floats
    right_scale: Floats
    table: Ints
    factor: Ints
    loading: Floats
    rest: Floats
    stream: Integers


class Tables:
    """The inverse tables in use, each once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[bool, int], int] = {}

    def rows_of(self, beta: bool, shape: Numbers) -> Integers:
        """The row of the table of each shape."""
        values, inverse = np.unique(shape.astype(np.int64), return_inverse=True)
        rows = [self.rows.setdefault((beta, value), len(self.rows)) for value in values.tolist()]
        return np.array(rows, np.int64)[inverse]

    def stacked(self) -> Floats:
        """All tables below each other; at least one, so that the loops have something to point to."""
        tables = [shapes.pert(shape) if beta else shapes.lognormal(shape) for beta, shape in self.rows]
        return np.stack(tables or [shapes.normal()])


def uniform_streams(stream: Integers, default: Integers) -> Integers:
    return np.where(stream == NONE, default, stream)


def draws(
    tables: Tables, kind: Integers, points: Sequence[Integers | Numbers], *, unit: bool
) -> tuple[Draws, Numbers, Numbers]:
    """The draws of three-point rows, with the base and the scale that turn them into values in double precision.

    ``unit``: what is drawn lies between 0 and 1 (log-normal: is a multiple of the median), for amounts that need more digits than a draw has.
    """
    count = len(kind)
    low, mode, high = (column.astype(np.float64) for column in points)
    span = high - low
    fixed = (kind == Distribution.FIXED) | (span <= 0)
    peak = np.divide(mode - low, span, out=np.zeros(count), where=~fixed)
    base, scale = np.where(fixed, mode, low), np.where(fixed, 0.0, span)
    code = np.where(fixed, CONSTANT, np.where(kind == Distribution.TRIANGULAR, SPLIT, TABLE))
    table = np.zeros(count, np.int32)
    rows = np.flatnonzero(~fixed & (kind == Distribution.PERT))
    table[rows] = tables.rows_of(True, np.rint(peak[rows] * shapes.SHAPES))
    rows = np.flatnonzero(~fixed & (kind == Distribution.LOGNORMAL))
    table[rows] = tables.rows_of(False, np.rint(lognormal_spread(low[rows], high[rows]) * shapes.SHAPES))
    base[rows], scale[rows] = 0.0, np.sqrt(low[rows] * high[rows])
    shift = np.zeros(count) if unit else base
    factor = np.ones(count) if unit else scale
    split = code == SPLIT
    result = Draws(
        kind=code.astype(np.int8), cut=peak.astype(np.float32), left=shift.astype(np.float32),
        left_scale=np.where(split, factor * np.sqrt(peak), factor).astype(np.float32),
        right=(shift + factor).astype(np.float32),
        right_scale=np.where(split, -factor * np.sqrt(1 - peak), 0).astype(np.float32),
        table=table, factor=np.full(count, NONE, np.int32), loading=np.zeros(count, np.float32),
        rest=np.ones(count, np.float32), stream=np.zeros(count, np.int64),
    )  # fmt: skip
    return result, base, scale


def lognormal_spread(low: Numbers, high: Numbers) -> Numbers:
    """σ of the log-normal distributions with P10 = low and P90 = high."""
    result: Numbers = np.log(high / low) / (2 * shapes.P90)
    return result


def with_factors(columns: Draws, group: Integers, loading: Numbers, factors: Integers) -> Draws:
    """``factors`` are the groups in order; a loading of 0 is no factor."""
    shared = (group != NONE) & (loading != 0) & (columns.kind != CONSTANT)
    row = np.where(shared, np.searchsorted(factors, group), NONE).astype(np.int32)
    weight = np.where(shared, loading, 0.0)
    rest = np.sqrt(1 - weight**2)
    return columns._replace(factor=row, loading=weight.astype(np.float32), rest=rest.astype(np.float32))


# The same steps as in ``compiled.py``, for arrays ----------------------------------------------------------------------


def looked_up(table: Floats, u: Floats) -> Floats:
    """The value of a table at u, linear between its nodes."""
    near = np.minimum(u, np.float32(1) - u)
    bits = near.view(np.int32)
    cell = (bits >> shapes.FRACTION_BITS) - shapes.FIRST_CELL + np.where(u > np.float32(0.5), shapes.SIDE, 0)
    part = (bits & shapes.FRACTION_MASK).astype(np.float32) * np.float32(shapes.FRACTION_STEP)
    value = table[cell]
    result: Floats = value + part * (table[cell + 1] - value)
    return result


def with_factor(own: Floats, factor: Floats, loading: np.float32, rest: np.float32) -> Floats:
    """A uniform number that follows a shared factor (a normal number)."""
    z = loading * factor + rest * looked_up(shapes.normal(), own)
    z = np.minimum(np.maximum(z, np.float32(-5.3)), np.float32(5.3))
    place = (z + np.float32(shapes.PHI_LIMIT)) * np.float32(shapes.PHI_CELLS)
    cell = place.astype(np.int32)
    part = place - cell.astype(np.float32)
    table = shapes.phi()
    value = table[cell]
    u = value + part * (table[cell + 1] - value)
    least = np.float32(2.0**shapes.SMALLEST)
    return np.asarray(np.minimum(np.maximum(u, least), np.float32(1) - least), np.float32)


def drawn(columns: Draws, row: int, tables: Floats, u: Floats) -> Floats:
    """The value of one row at u."""
    if columns.kind[row] == TABLE:
        return np.asarray(columns.left[row] + columns.left_scale[row] * looked_up(tables[columns.table[row]], u))
    if columns.kind[row] == CONSTANT:
        return np.full(len(u), columns.left[row], np.float32)
    left: NDArray[np.bool_] = u < columns.cut[row]
    root = np.sqrt(np.where(left, u, np.float32(1) - u))
    result: Floats = np.where(
        left, columns.left[row] + columns.left_scale[row] * root, columns.right[row] + columns.right_scale[row] * root
    )
    return result
