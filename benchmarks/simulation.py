"""How fast schedule risk is simulated: all iterations of a plan with draws, dates, criticality and sensitivity.

``python -m benchmarks.simulation [--activities 10000] [--iterations 10000] [--distribution triangular|pert|lognormal] [--repeat 5] [--json]``

Three things are measured in turns in one process, the best of each counts (wall time, all cores):

- ours: from the checked input to finishes, criticality and sensitivity of all iterations, working time of an office calendar;
- plain NumPy: one activity after the other, all iterations at once, as its users write it: draws of the generator and the forward pass,
  in elapsed time, no criticality (so it does less);
- the memory bound: writing one number of 4 bytes per activity and iteration to main memory, on all cores: what a program
  needs at least that keeps the drawn durations. Ours keeps them in the cache, so that it is not held by it.

``ratio_to_numpy`` and ``ratio_to_memory_bound`` are our seconds divided by theirs: below 1 is faster. The same with ``cpu_`` are of CPU
seconds of all threads: on a machine that does other work too they say more, because a short measurement finds an idle moment and a long one does not.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.network import Shape
from stellwerk.engine.network import LinkKind
from stellwerk.engine.simulation import Distribution, Estimates, Options, Simulation, simulate

KINDS = {
    "triangular": Distribution.TRIANGULAR,
    "pert": Distribution.PERT,
    "lognormal": Distribution.LOGNORMAL,
}
STEPS = 50
LEAST_MB = 64


def plan_of(shape: Shape, distribution: str) -> Simulation:
    mode = shape.duration
    rows = np.arange(len(mode))
    low, high = (mode * 0.8).astype(np.int64), (mode * 1.6).astype(np.int64)
    return Simulation(shape.network(1), Estimates(rows, low, mode, high, np.full(len(mode), KINDS[distribution])))


def ours(plan: Simulation, iterations: int) -> None:
    simulate(plan, Options(iterations, seed=1))


def plain(shape: Shape, distribution: str, iterations: int) -> None:
    """The forward pass as it is written with NumPy by hand."""
    rng = np.random.default_rng(1)
    count = len(shape.duration)
    draw = _draws(rng, distribution, iterations)
    incoming: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
    for before, after, kind, lag in zip(shape.before.tolist(), shape.after.tolist(), shape.kind.tolist(), shape.lag.tolist(), strict=True):  # fmt: skip
        incoming[after].append((before, kind, lag))
    finish = np.empty((count, iterations), np.float32)
    length = np.empty((count, iterations), np.float32)
    for row, mode in enumerate(shape.duration.tolist()):
        length[row] = draw(mode * 0.8, mode, mode * 1.6)
        start = np.zeros(iterations, np.float32)
        for before, kind, lag in incoming[row]:
            point = finish[before] + np.float32(lag)
            if kind in (LinkKind.START_START, LinkKind.START_FINISH):
                point -= length[before]
            if kind in (LinkKind.FINISH_FINISH, LinkKind.START_FINISH):
                point -= length[row]
            np.maximum(start, point, out=start)
        np.add(start, length[row], out=finish[row])
    finish.max(axis=0)


def _draws(rng: np.random.Generator, distribution: str, count: int) -> Callable[[float, float, float], NDArray[Any]]:
    if distribution == "triangular":
        return lambda low, mode, high: rng.triangular(low, mode, high, count)
    if distribution == "pert":
        return lambda low, mode, high: (
            low
            + (high - low) * rng.beta(1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low), count)
        )
    return lambda low, mode, high: rng.lognormal(np.log(low * high) / 2, np.log(high / low) / 2.5631, count)


class MemoryBound:
    """Writes so many bytes with all cores; the memory is there already, so that only writing counts."""

    def __init__(self, size: int) -> None:
        self.cores = os.cpu_count() or 1
        self.room = np.zeros(max(size, LEAST_MB << 20) // 4, np.float32)
        # What fits the cache would not reach the memory: a small size is measured by a larger one.
        self.share = size / self.room.nbytes
        self.parts = np.array_split(self.room, self.cores)

    def seconds(self) -> tuple[float, float]:
        """Wall and CPU."""
        with ThreadPoolExecutor(self.cores) as pool:
            wall, cpu = timed(lambda: list(pool.map(lambda part: part.fill(1), self.parts)))
        return wall * self.share, cpu * self.share


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def best(measured: list[tuple[float, float]]) -> tuple[float, float]:
    """The least of each; the clock of the CPU has steps, so that it is never 0."""
    return min(wall for wall, _cpu in measured), max(1e-4, min(cpu for _wall, cpu in measured))


def measure(activities: int, iterations: int, distribution: str, repeat: int) -> dict[str, Any]:
    shape = Shape.of(activities, STEPS)
    plan = plan_of(shape, distribution)
    ours(plan, 256)  # compiles
    bound = MemoryBound(activities * iterations * 4)
    own, floor, other = [], [], []
    for turn in range(repeat):
        own.append(timed(lambda: ours(plan, iterations)))
        floor.append(bound.seconds())
        if turn < 2:
            other.append(timed(lambda: plain(shape, distribution, iterations)))
    (seconds, cpu), (numpy_seconds, numpy_cpu), (bound_seconds, bound_cpu) = best(own), best(other), best(floor)
    return {
        "seconds": round(seconds, 4), "ratio_to_numpy": round(seconds / numpy_seconds, 4),
        "ratio_to_memory_bound": round(seconds / bound_seconds, 2), "numpy_seconds": round(numpy_seconds, 4),
        "memory_bound_seconds": round(bound_seconds, 4), "cpu_seconds": round(cpu, 4), "cpu_ratio_to_numpy": round(cpu / numpy_cpu, 4),
        "cpu_ratio_to_memory_bound": round(cpu / bound_cpu, 2), "activities": activities, "links": len(shape.before),
        "iterations": iterations, "distribution": distribution,
        "compiled": importlib.util.find_spec("numba") is not None,
        "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--iterations", type=int, default=10_000)
    parser.add_argument("--distribution", choices=sorted(KINDS), default="triangular")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.activities, options.iterations, options.distribution, max(1, options.repeat))
    if options.json:
        print(json.dumps(result))
    else:
        print(
            f"{options.activities:,} activities × {options.iterations:,} iterations, {options.distribution}: {result['seconds']:.3f} s; "
            f"plain NumPy {result['numpy_seconds']:.3f} s (ratio {result['ratio_to_numpy']}), memory bound "
            f"{result['memory_bound_seconds']:.3f} s (ratio {result['ratio_to_memory_bound']}); CPU {result['cpu_seconds']:.3f} s "
            f"(ratios {result['cpu_ratio_to_numpy']} and {result['cpu_ratio_to_memory_bound']})"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
