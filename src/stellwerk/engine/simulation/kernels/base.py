"""What the compiled loops share: how they are compiled, what goes in, the room a thread works in.

Loops are short, without branches and of one known length, so that the compiler makes each step work on many iterations at once. Whole numbers are cut
to 32 bits where they are computed: else numba widens them to 64 and half as many fit one instruction. Fractions are never reordered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from stellwerk.engine.network.frame import Tables
from stellwerk.engine.simulation.draws import Draws, Floats, Ints
from stellwerk.engine.simulation.layout import WIDTH, Layout
from stellwerk.engine.simulation.model import Integers
from stellwerk.engine.simulation.numbers import Words
from stellwerk.engine.simulation.plan import Amounts, Bytes, Chances, Steps

Function = TypeVar("Function", bound=Callable[..., object])

WORDS = WIDTH // 8
"""Words of 64 bits that hold a byte for each iteration of a block."""


class Input(NamedTuple):
    """A plan as the loops take it."""

    steps: Steps
    layout: Layout
    durations: Draws
    amounts: Amounts
    amount_draws: Draws
    hit_draws: Draws
    hit_risk: Ints
    hit_sign: Ints
    chances: Chances
    factor_streams: Integers
    tables: Floats
    normal: Floats
    phi: Floats
    ends: Ints
    end_centre: Ints
    fixed_cost: Integers
    shift: int
    together: bool
    dated: bool
    time: Tables
    keys: Words
    antithetic: bool


class Room(NamedTuple):
    """What one thread works in, a column per iteration of the block.

    ``points``: dates that links still read. ``near``: by position the distance of its duration to its centre. ``tight``: a byte per iteration whose bits say which
    links hold the position; ``critical``: 1 where it lies on a longest path (both also as words of eight iterations). ``finish``, ``begin``, ``duration``
    by position only where plans are computed in instants.
    """

    points: Ints
    near: NDArray[np.int16]
    tight: Bytes
    tight_words: Words
    critical: Bytes
    critical_words: Words
    finish: Ints
    begin: Ints
    duration: Ints
    end: Ints
    far: Ints
    factors: Floats
    happens: Ints
    severity: Floats
    u: Floats
    value: Floats
    spare: Floats
    length: Ints
    start: Ints
    until: Ints


def room_of(given: Input) -> Room:
    steps, layout = given.steps, given.layout
    count, risks = len(steps.mode), len(given.chances.low)
    of_dates = count if given.dated else 0
    whole, part = np.int32, np.float32
    tight = np.zeros((layout.tight_rows, WIDTH), np.int8)
    critical = np.zeros((count, WIDTH), np.int8)
    return Room(
        np.zeros((layout.point_rows, WIDTH), whole), np.empty((count, WIDTH), np.int16), tight, tight.view(np.uint64),
        critical, critical.view(np.uint64), np.zeros((of_dates, WIDTH), whole), np.zeros((of_dates, WIDTH), whole),
        np.zeros((of_dates, WIDTH), whole), np.zeros((len(given.ends), WIDTH), whole), np.zeros((len(given.ends), WIDTH), whole),
        np.zeros((len(given.factor_streams), WIDTH), part), np.zeros((risks, WIDTH), whole), np.zeros((risks, WIDTH), part),
        np.zeros(WIDTH, part), np.zeros(WIDTH, part), np.zeros(WIDTH, part), np.zeros(WIDTH, whole), np.zeros(WIDTH, whole), np.zeros(WIDTH, whole),
    )  # fmt: skip


def njit(function: Function) -> Function:
    """Nothing in here makes arrays, so none is counted (``_nrt``): counting would take longer than the short loops."""
    return cast(
        Function,
        cast(Any, numba.njit)(cache=True, nogil=True, boundscheck=False, error_model="numpy", _nrt=False)(function),
    )


def within(function: Function) -> Function:
    """Compiled into what calls it, so that the loop around it stays one loop."""
    return cast(Function, cast(Any, numba.njit)(inline="always", boundscheck=False, error_model="numpy")(function))


@njit
def copy(source: NDArray[Any], into: NDArray[Any]) -> None:
    for j in range(WIDTH):
        into[j] = source[j]


@njit
def raise_to(low: Ints, high: Ints) -> None:
    for j in range(WIDTH):
        low[j] = max(low[j], high[j])
