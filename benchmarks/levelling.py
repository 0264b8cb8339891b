"""How good schedules under scarce capacities are, on published instances, each of them checked independently.

``python -m benchmarks.levelling psplib DIR --set J120 [--schedules 5000 | --seconds S] [--limit N] [--seed S] [--peer cpsat] [--json]``
``python -m benchmarks.levelling mplib1|mpsplib DIR [--schedules N | --seconds S] [--limit N] [--json]``
``python -m benchmarks.levelling portfolio ...`` (named people: ``benchmarks/levelling_portfolio.py``)

``--limit N`` takes N instances spread evenly over the set. Seconds are CPU seconds of one core. One schedule is one start time for every
activity. Loading the compiled loops and ortools is not counted.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.instances import Instance, InstanceError, mplib1, mpsplib, psplib
from stellwerk.engine.levelling import Budget, InfeasibleError, Objective, Problem, Result, check, level, tables_of
from stellwerk.engine.levelling.bounds import heads

SETS = ("J30", "J60", "J90", "J120")


@dataclass
class Row:
    """One instance: what came out, and what there is to compare with."""

    instance: Instance
    objective: int
    bound: int
    critical: int
    schedules: int
    feasible: bool
    cpu: float
    wall: float


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["portfolio"]:
        return portfolio(given[1:])
    asked = parser().parse_args(given)
    try:
        instances = chosen(asked)
    except InstanceError as error:
        print(f"benchmarks.levelling: {error}", file=sys.stderr)
        return 2
    seconds, schedules = asked.seconds, asked.schedules
    if seconds is None and schedules is None:
        schedules = 5000
    budget = Budget(schedules, seconds, time.process_time)
    warm(instances[0].problem)
    rows = [measured(instance, budget, asked.seed) for instance in instances]
    report = summary(asked, rows)
    if asked.peer:
        report["peer"] = peer(instances, rows, seconds or 1.0)
    printed(report, rows, asked)
    return 0 if report["feasible"] == len(rows) else 1


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m benchmarks.levelling", description=__doc__.partition("\n")[0])
    kinds = result.add_subparsers(dest="kind", required=True)
    for name in ("psplib", "mplib1", "mpsplib"):
        one = kinds.add_parser(name)
        one.add_argument("folder", type=Path, metavar="DIR")
        one.add_argument(
            "--schedules", type=positive, help="budget of schedules an instance (5000 if no seconds either)"
        )
        one.add_argument("--seconds", type=seconds_of, help="budget of CPU seconds an instance")
        one.add_argument("--limit", type=positive, help="only N instances, spread evenly")
        one.add_argument("--seed", type=int, default=1)
        one.add_argument(
            "--peer", choices=["cpsat"], help="plain CP-SAT with two workers, the same seconds (1 without)"
        )
        one.add_argument("--json", action="store_true")
        one.add_argument("--each", action="store_true", help="a line for each instance on standard error")
        if name == "psplib":
            one.add_argument("--set", dest="chosen", choices=SETS, default="J120")
    kinds.add_parser("portfolio", help="named people; its options: portfolio --help")
    return result


def positive(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1,000,000,000")
    return int(text)


def seconds_of(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds between 0 and 86,400")
    return value


def chosen(asked: argparse.Namespace) -> list[Instance]:
    if asked.kind == "psplib":
        found = psplib(asked.folder, asked.chosen)
    else:
        found = {"mplib1": mplib1, "mpsplib": mpsplib}[asked.kind](asked.folder)
    if asked.limit and asked.limit < len(found):
        found = [found[row * len(found) // asked.limit] for row in range(asked.limit)]
    return found


def warm(problem: Problem) -> None:
    level(problem, budget=Budget(20))


def measured(instance: Instance, budget: Budget, seed: int) -> Row:
    cpu, wall = time.process_time(), time.perf_counter()
    feasible = True
    found: Result | None = None
    try:
        found = level(instance.problem, budget=budget, seed=seed)
        feasible = not check(instance.problem, found.start)
    except InfeasibleError as error:
        print(f"{instance.name}: {error}", file=sys.stderr)
        feasible = False
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    critical = critical_path(instance.problem)
    objective, bound, schedules = (found.objective, found.bound, found.schedules) if found else (0, 0, 0)
    return Row(instance, objective, bound, critical, schedules, feasible, cpu, wall)


def critical_path(problem: Problem) -> int:
    start = heads(tables_of(problem, Objective.MAKESPAN))
    return int((start + problem.activities.duration).max())


def mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def summary(asked: argparse.Namespace, rows: list[Row]) -> dict[str, Any]:
    good = [row for row in rows if row.feasible]
    known = [(row.objective, row.instance.reference) for row in good if row.instance.reference]
    report: dict[str, Any] = {
        "set": asked.chosen if asked.kind == "psplib" else asked.kind,
        "instances": len(rows),
        "schedules": asked.schedules or (None if asked.seconds else 5000),
        "seconds": asked.seconds,
        "seed": asked.seed,
        "mean_dev_critical_path": mean([100 * (row.objective / row.critical - 1) for row in good if row.critical]),
        "mean_gap_best_known": mean([100 * (value / best - 1) for value, best in known]),
        "mean_gap_bound": mean([100 * (1 - row.bound / row.objective) for row in good if row.objective]),
        "better_equal_worse": [
            sum(value < best for value, best in known),
            sum(value == best for value, best in known),
            sum(value > best for value, best in known),
        ],
        "proven": sum(row.objective <= row.bound for row in good),
        "feasible": len(good),
        "mean_schedules": mean([float(row.schedules) for row in rows]),
        "cpu_seconds": round(sum(row.cpu for row in rows), 2),
        "wall_seconds": round(sum(row.wall for row in rows), 2),
    }
    if asked.kind == "mpsplib":
        report["by_size"] = by_size(good)
    return report


def by_size(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Mean total makespan beside the reference, by the size of the single projects (mp_j90_… is 90)."""
    sizes: dict[str, list[Row]] = {}
    for row in rows:
        part = row.instance.name.split("_")
        sizes.setdefault(part[1] if len(part) > 1 else "all", []).append(row)
    result = {}
    for size, of in sorted(sizes.items(), key=lambda pair: (len(pair[0]), pair[0])):
        known = [row for row in of if row.instance.reference is not None]
        result[size] = {
            "instances": len(known),
            "mean_total_makespan": mean([float(row.objective) for row in known]),
            "mean_reference": mean([float(row.instance.reference or 0) for row in known]),
        }
    return result


def peer(instances: list[Instance], rows: list[Row], seconds: float) -> dict[str, Any]:
    """Plain CP-SAT, two workers, ``seconds`` of wall time an instance."""
    if importlib.util.find_spec("ortools") is None:
        return {"name": "cpsat", "error": "ortools is not installed (extra solver)"}
    exact = importlib.import_module("stellwerk.engine.levelling.exact")
    dev, gap, cpu, wall, solved, proven = [], [], time.process_time(), time.perf_counter(), 0, 0
    for instance, row in zip(instances, rows, strict=True):
        found = exact.plain(instance.problem, seconds=seconds, workers=2)
        if found is None or check(instance.problem, found[0]):
            continue
        value = int((found[0] + instance.problem.activities.duration).max())
        solved += 1
        proven += value <= found[1]
        dev.append(100 * (value / row.critical - 1))
        if instance.reference:
            gap.append(100 * (value / instance.reference - 1))
    return {
        "name": "cpsat", "workers": 2, "wall_seconds_an_instance": seconds, "solved": solved, "proven": proven,
        "mean_dev_critical_path": mean(dev), "mean_gap_best_known": mean(gap),
        "cpu_seconds": round(time.process_time() - cpu, 2), "wall_seconds": round(time.perf_counter() - wall, 2),
    }  # fmt: skip


def printed(report: dict[str, Any], rows: list[Row], asked: argparse.Namespace) -> None:
    if asked.each:
        for row in rows:
            reference = row.instance.reference
            print(f"{row.instance.name} {row.objective} {row.bound} {reference} {row.schedules}", file=sys.stderr)
    if asked.json:
        print(json.dumps(report))
        return
    for name, value in report.items():
        print(f"{name:24} {value}")


def portfolio(arguments: list[str]) -> int:
    if importlib.util.find_spec("benchmarks.levelling_portfolio") is None:
        print("benchmarks.levelling: the benchmark of named people is not there", file=sys.stderr)
        return 2
    return int(importlib.import_module("benchmarks.levelling_portfolio").main(arguments) or 0)


if __name__ == "__main__":
    sys.exit(main())
