"""Inverse distribution tables that many activities share: beta shapes of PERT, log-normal shapes, the normal distribution.

A table gives the quantile at u. Towards both ends its cells grow ever finer (sixteen to each halving of the distance), so that
tails are as good as the middle; between two nodes it is linear.
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Floats = NDArray[np.float32]

CELL_BITS = 4
FRACTION_BITS = 23 - CELL_BITS
FRACTION_MASK = (1 << FRACTION_BITS) - 1
FRACTION_STEP = 2.0**-FRACTION_BITS
SMALLEST = -24
"""Two to this power is the smallest distance of u from 0 or 1."""
FIRST_CELL = (127 + SMALLEST) << CELL_BITS
CELLS = (-1 - SMALLEST) << CELL_BITS
SIDE = CELLS + 1
"""Nodes of one side; the upper half of u follows the lower one."""

SHAPES = 1024
"""Peaks of PERT between low and high are told apart by 1/1024 of the range, log-normal spreads by 1/1024."""
LAMBDA = 4.0
P90 = NormalDist().inv_cdf(0.9)

PHI_LIMIT = 6.0
PHI_CELLS = 128
"""Cells of the normal distribution function per unit."""


@functools.cache
def nodes() -> Numbers:
    """The distance of each node of one side from its end: from 2⁻²⁴ to ½."""
    octave = np.arange(CELLS) >> CELL_BITS
    place = np.arange(CELLS) & ((1 << CELL_BITS) - 1)
    return np.append(2.0 ** (SMALLEST + octave) * (1 + place / (1 << CELL_BITS)), 0.5)


@functools.cache
def normal() -> Floats:
    """Quantiles of the standard normal distribution."""
    return _normal().astype(np.float32)


@functools.cache
def phi() -> Floats:
    """The standard normal distribution function from −6 to 6."""
    z = np.arange(int(2 * PHI_LIMIT * PHI_CELLS) + 2) / PHI_CELLS - PHI_LIMIT
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z.tolist()], np.float32)


@functools.lru_cache(maxsize=4096)
def lognormal(spread: int) -> Floats:
    """exp(σ z) with σ = ``spread`` / 1024: the value as a multiple of the median."""
    result: Floats = np.exp(_normal() * (spread / SHAPES)).astype(np.float32)
    return result


@functools.cache
def _normal() -> Numbers:
    inverse = NormalDist().inv_cdf
    lower = np.array([inverse(node) for node in nodes().tolist()])
    return np.concatenate([lower, -lower])


@functools.lru_cache(maxsize=SHAPES + 1)
def pert(peak: int) -> Floats:
    """Quantiles between 0 and 1 of the beta distribution with its peak at ``peak`` / 1024 and λ = 4."""
    if 2 * peak > SHAPES:
        mirrored = pert(SHAPES - peak)
        return np.concatenate([1 - mirrored[SIDE:], 1 - mirrored[:SIDE]]).astype(np.float32)
    alpha, beta = 1 + LAMBDA * peak / SHAPES, 1 + LAMBDA * (1 - peak / SHAPES)
    edges, log_edges, log_points, log_rest, weights = _grid()
    density = np.exp((alpha - 1) * log_points + (beta - 1) * log_rest) * weights
    mass = density.sum(axis=1)
    least = edges[0] ** alpha / alpha
    most = edges[0] ** beta / beta
    below = least + np.append(0.0, np.cumsum(mass))
    above = most + np.append(0.0, np.cumsum(mass[::-1]))
    total = below[-1] + most
    at = np.log(nodes())
    lower = np.exp(np.interp(at, np.log(below / total), log_edges))
    # Grid and edges are the same from both sides, so the distance from 1 is read like the distance from 0.
    upper = 1 - np.exp(np.interp(at, np.log(above / total), log_edges))
    return np.concatenate([lower, upper]).astype(np.float32)


@functools.cache
def _grid() -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """Edges from 0 to 1, fine towards both ends, and three Gauss points in each cell: ln x, ln(1 − x), weight."""
    lower = np.concatenate([2.0 ** np.arange(-30, -6, 1 / 16), 2.0 ** np.arange(-6, -1, 1 / 64)])
    edges = np.concatenate([lower, [0.5], 1 - lower[::-1]])
    distance = np.concatenate([lower, [0.5], 1 - lower[::-1]])
    at, weight = np.polynomial.legendre.leggauss(3)
    width = np.diff(edges)
    # Widths near 1 are taken from the mirrored side, where they are exact.
    half = len(lower)
    width[half:] = width[:half][::-1]
    points = edges[:-1, None] + width[:, None] * (at + 1) / 2
    rest = np.empty_like(points)
    rest[:half] = 1 - points[:half]
    rest[half:] = points[:half][::-1, ::-1]
    points[half:] = 1 - rest[half:]
    return edges, np.log(distance), np.log(points), np.log(rest), width[:, None] * weight / 2
