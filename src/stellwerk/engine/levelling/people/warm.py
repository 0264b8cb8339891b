"""Making the compiled steps ready before they are needed: loading takes a second, compiling them for the first time some twenty of one core."""

from __future__ import annotations

import numpy as np

from stellwerk.engine.levelling.people import state
from stellwerk.engine.levelling.people.model import Activities, Links, People, Problem, Profiles, Projects, Requirements
from stellwerk.engine.levelling.people.solve import solve

ROUNDS = 24
"""Enough for each kind of round."""


def warm_up() -> bool:
    """Load or compile (kept on disk) what a levelling runs: for workers and background threads. False without the extra ``solver``.

    Until it is done, small problems are planned without; afterwards every one by the compiled steps, which give the same plans.
    """
    if not state.compiler_installed():
        return False
    for objective in ("tardiness", "smooth"):
        solve(_small(), objective=objective, iterations=ROUNDS, compiled=True)
    state.ready = True
    return True


def _small() -> Problem:
    """Three projects, one activity fixed, one for whoever can do it."""
    week = np.where(np.arange(28) % 7 < 5, 480, 0)
    return Problem(
        People(np.stack([week] * 2), levels=np.array([[2], [2]])),
        Activities([0, 0, 1, 1, 2, 2], fixed=[1, 0, 0, 0, 0, 0], present_start=[0] * 6, present_finish=[480] * 6),
        Requirements(range(6), work=[960] * 6, person=[0, 0, 0, 1, 1, -1], profile=[-1, -1, -1, -1, -1, 0]),
        Links([1, 2], [3, 4], lag=[60, 0]),
        Projects([10, 5, 1], due=[960] * 3),
        Profiles([0], [0], [1]),
    )
