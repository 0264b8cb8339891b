"""Portfolio selection: seconds to the proven optimum of 200 proposals × 5 years × 20 roles.

``python -m benchmarks.selection [--proposals 200] [--roles 20] [--years 5] [--seconds 60] [--runs 1] [--without-solver] [--json]`` draws made-up proposals
(a fixed seed) of two kinds: values independent of cost, and values that follow cost, which is harder. Each has costs in one to four years, needs two to five roles, ten
are mandatory, one in eight needs another, one in ten excludes another; limits are about half of what all ask for.

Told: seconds of the clock and of the CPU to the proven optimum (or the gap when the time was over) and with the question which of equally good sets
it is to be, when the value that turned out the best was first known, and how far the ranked list stays behind. Every set is checked in whole numbers.
Then the budgets of all years are cut by 15 percent, and the answer that is known after four and a half seconds is told with its gap.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

import numpy as np

from stellwerk.engine.selection import (
    Exclusions,
    Items,
    Kind,
    Means,
    Needs,
    Problem,
    Progress,
    Resources,
    check,
    has_solver,
    select,
)

KINDS = ("independent", "following cost")
TIGHTNESS = 0.5
CUT, CUT_SECONDS = 15, 4.5


def instance(proposals: int = 200, years: int = 5, roles: int = 20, kind: str = KINDS[0], seed: int = 1) -> Problem:
    """Costs in thousands of euros, capacity in hours, values as points × 100."""
    rng = np.random.default_rng(seed)
    demand = np.zeros((proposals, 1 + roles, years), np.int64)
    for row in range(proposals):
        total = float(rng.lognormal(6.3, 0.9))
        length = int(rng.integers(1, min(4, years) + 1))
        begin = int(rng.integers(0, years - length + 1))
        shape = rng.dirichlet(np.full(length, 3.0))
        demand[row, 0, begin : begin + length] = np.maximum((total * shape).round(), 1)
        for role in rng.choice(roles, size=int(rng.integers(2, min(5, roles) + 1)), replace=False):
            demand[row, 1 + role, begin : begin + length] = (total * shape * rng.uniform(0.5, 3.0)).round()
    cost = demand[:, 0].sum(axis=1)
    value = rng.integers(2000, 9501, proposals)
    if kind == KINDS[1]:
        value = np.maximum((cost * rng.uniform(8.0, 12.0, proposals)).round(), 1).astype(np.int64)
    mandatory = np.zeros(proposals, np.bool_)
    mandatory[rng.choice(proposals, size=min(10, proposals // 10), replace=False)] = True
    free = np.flatnonzero(~mandatory)
    needs = {
        (int(max(one, other)), int(min(one, other)))
        for one, other in rng.choice(free, size=(proposals // 8, 2))
        if one != other
    }
    against = {
        (int(min(one, other)), int(max(one, other))) for one, other in rng.choice(free, size=(proposals // 10, 2)) if one != other
    } - {(other, one) for one, other in needs}  # fmt: skip
    limit = np.maximum((demand.sum(axis=0) * TIGHTNESS).astype(np.int64), demand[mandatory].sum(axis=0))
    return Problem(
        Items(tuple(f"P{row:04d}" for row in range(proposals)), value, mandatory),
        Resources(("budget", *(f"role {role + 1}" for role in range(roles))), (Kind.BUDGET, *[Kind.CAPACITY] * roles), limit),
        demand,
        Needs([one for one, _ in sorted(needs)], [other for _, other in sorted(needs)]),
        Exclusions([one for one, _ in sorted(against)], [other for _, other in sorted(against)]),
    )  # fmt: skip


def measure(problem: Problem, seconds: float, seed: int, solver: bool | None) -> dict[str, Any]:
    found: list[tuple[float, int]] = []
    proof: list[tuple[float, float]] = []

    def watch(progress: Progress) -> bool:
        if progress.phase == "ties" and not proof:
            proof.append((progress.seconds, time.process_time() - cpu))
        if progress.value is not None and (not found or progress.value > found[-1][1]):
            found.append((progress.seconds, progress.value))
        return False

    begin, cpu = time.perf_counter(), time.process_time()
    result = select(problem, Means(nodes=10_000_000, seconds=seconds, seed=seed, solver=solver, watch=watch))
    took, spent = time.perf_counter() - begin, time.process_time() - cpu
    proven = proof[0] if proof else (took, spent)
    if result.best is None or check(problem, result.best.start):
        raise SystemExit("no set, or one that breaks a rule")
    after = cut(problem, CUT, result.best, solver)
    first = next((at for at, value in found if value == result.best.value), took)
    return {
        "seconds": round(proven[0], 2), "cpu_seconds": round(proven[1], 2), "seconds_with_ties": round(took, 2), "cpu_seconds_with_ties": round(spent, 2), "status": result.status.value, "settled": result.settled, "engine": result.engine, "nodes": result.nodes,
        "value": result.best.value, "bound": result.bound, "gap_percent": round(100 * (result.gap or 0.0), 3),
        "seconds_to_best": round(first, 2), "greedy": result.greedy.value,
        "greedy_gap_percent": round(100 * (result.best.value - result.greedy.value) / result.best.value, 2),
    } | after  # fmt: skip


def cut(problem: Problem, percent: int, known: Any, solver: bool | None) -> dict[str, Any]:
    """The budgets of all years lowered by so many percent, answered within five seconds from the set that was the best before."""
    resources = problem.resources
    budget = np.array([kind == Kind.BUDGET for kind in resources.kind])[:, None]
    limit = np.where(budget, resources.limit * (100 - percent) // 100, resources.limit)
    least = problem.demand[problem.items.mandatory].sum(axis=0)
    lower = replace(problem, resources=Resources(resources.key, resources.kind, np.maximum(limit, least)))
    begin, cpu = time.perf_counter(), time.process_time()
    result = select(lower, Means(nodes=10_000_000, seconds=CUT_SECONDS, solver=solver), hint=known.start)
    took, spent = time.perf_counter() - begin, time.process_time() - cpu
    if result.best is None or check(lower, result.best.start):
        raise SystemExit("no set after the cut, or one that breaks a rule")
    return {
        "cut_percent": percent, "cut_seconds": round(took, 2), "cut_cpu_seconds": round(spent, 2), "cut_status": result.status.value,
        "cut_gap_percent": round(100 * (result.gap or 0.0), 2), "cut_value": result.best.value, "cut_greedy": result.greedy.value,
        "cut_leaving": len(set(known.chosen) - set(result.best.chosen)), "cut_entering": len(set(result.best.chosen) - set(known.chosen)),
    }  # fmt: skip


def run(proposals: int, years: int, roles: int, seconds: float, runs: int, solver: bool | None) -> list[dict[str, Any]]:
    rows = []
    for kind in KINDS:
        for seed in range(1, runs + 1):
            problem = instance(proposals, years, roles, kind, seed)
            rows.append(
                {"kind": kind, "seed": seed, "limits": years * (1 + roles)} | measure(problem, seconds, 1, solver)
            )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--proposals", type=int, default=200)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--roles", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--without-solver", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    solver = False if options.without_solver else None
    rows = run(options.proposals, options.years, options.roles, options.seconds, options.runs, solver)
    if options.json:
        print(json.dumps({"solver": solver is None and has_solver(), "rows": rows}, indent=2))
        return 0
    print(
        f"{options.proposals} proposals × {options.years} years × {options.roles} roles, at most {options.seconds:g} s each"
    )
    for row in rows:
        state = "proven" if row["status"] == "optimal" else f"gap {row['gap_percent']:.3f} %"
        print(
            f"  {row['kind']:<15} seed {row['seed']}  {row['seconds']:7.2f} s ({row['cpu_seconds']:.2f} s CPU)  {state:<12} best known after {row['seconds_to_best']:6.2f} s  "
            f"greedy −{row['greedy_gap_percent']:.2f} %  {row['engine']}, {row['nodes']:,} nodes"
        )
        print(
            f"    budgets −{row['cut_percent']} %: {row['cut_seconds']:.2f} s ({row['cut_cpu_seconds']:.2f} s CPU), {row['cut_status']}, gap {row['cut_gap_percent']:.2f} %, "
            f"{row['cut_leaving']} leave, {row['cut_entering']} come in"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
