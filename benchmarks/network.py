"""How fast a whole plan is computed anew: dates, floats, reasons and findings; against networkx and MPXJ on the same network.

``python -m benchmarks.network [--activities N] [--steps 50] [--json]`` measures 10,000, 100,000 and 1,000,000 activities (or N) with 2.13 links
each, of all four kinds, a tenth of them with lag or lead. Every measurement has a process of its own; seconds are CPU seconds, the best
of three; ``megabytes`` is the peak of the computing beyond what the input takes, beside the peak of the process. ``--steps`` says how deep the network is: about so many
activities lie one after the other four times over. MPXJ takes part where ``mpxj`` and a JVM are installed, up to 100,000 activities.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from stellwerk.engine.calendars import Calendar, CalendarSet, holidays, instant
from stellwerk.engine.network import Activities, Links, Network, Options, Projects, Schedule, schedule, warm_up
from stellwerk.engine.network.frame import Frame
from stellwerk.engine.network.passes import Passes

SIZES = (10_000, 100_000, 1_000_000)
LINKS_PER_ACTIVITY = 2.13
MPXJ_LIMIT = 100_000
START = dt.datetime.fromisoformat("2026-11-02T08:00")
OFFICE_WEEK = (((480, 720), (780, 1020)),) * 5 + ((), ())
CHRISTMAS = holidays([dt.date(year, 12, 25) for year in range(2026, 2060)])


@dataclass
class Shape:
    """A random plan: activities in order of time, links from a window of earlier ones."""

    before: Any
    after: Any
    kind: Any
    lag: Any
    duration: Any

    @classmethod
    def of(cls, count: int, steps: int, seed: int = 7) -> Shape:
        rng = np.random.default_rng(seed)
        links = int(count * LINKS_PER_ACTIVITY)
        after = rng.integers(1, count, links)
        before = np.maximum(0, after - rng.integers(1, max(2, count // steps) + 1, links))
        kind = rng.choice(4, links, p=[0.88, 0.06, 0.05, 0.01])
        lag = np.where(rng.random(links) < 0.1, rng.integers(-960, 1920, links), 0)
        return cls(before, after, kind, lag, rng.integers(60, 4800, count))

    def network(self, calendars: int) -> Network:
        """In elapsed time (0), in the office calendar (1), or with a night shift and a half-day calendar as well (3)."""
        office = Calendar("office", OFFICE_WEEK, CHRISTMAS)
        half = Calendar("half days", (((480, 720),),) * 5 + ((), ()), (), office)
        night = Calendar("night", (((1320, 1800),),) * 6 + ((),))
        rng = np.random.default_rng(1)
        count = len(self.duration)
        rows = {0: np.zeros(count, np.int64), 1: np.ones(count, np.int64)}.get(calendars)
        if rows is None:
            rows = rng.choice([1, 2, 3], count, p=[0.8, 0.1, 0.1])
        return Network(
            Activities(self.duration, rows), Links(self.before, self.after, self.kind, self.lag),
            Projects(np.array([instant(START)])), calendars=CalendarSet([office, half, night]),
        )  # fmt: skip


def measure(work: Callable[[], Any], repeat: int = 3) -> tuple[Any, dict[str, float]]:
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times, result = [], None
    for _ in range(repeat):
        result = None
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return result, {
        "cpu_seconds": round(min(times), 4), "megabytes": round((peak - base) / 1024, 1), "process_megabytes": peak // 1024,
    }  # fmt: skip


def ours(shape: Shape, calendars: int, *, compiled: bool) -> dict[str, Any]:
    network = shape.network(calendars)
    if compiled and not warm_up():
        return {"skipped": "the extra solver is not installed"}
    result, found = measure(lambda: schedule(network, Options(compiled=compiled)))
    return found | parts(network, compiled=compiled) | checks(result)


def parts(network: Network, *, compiled: bool) -> dict[str, float]:
    """Of the whole: sorting into levels and links, and the two passes."""
    best = {"prepare_seconds": 1e9, "passes_seconds": 1e9}
    for _ in range(3):
        start = time.process_time()
        frame = Frame(network, override=False)
        middle = time.process_time()
        passes = Passes(frame, compiled=compiled)
        passes.forward()
        passes.backward(frame.ends(frame.last_finish(passes.points[1::2]), together=False))
        end = time.process_time()
        best["prepare_seconds"] = round(min(best["prepare_seconds"], middle - start), 4)
        best["passes_seconds"] = round(min(best["passes_seconds"], end - middle), 4)
    return best


def checks(result: Schedule) -> dict[str, Any]:
    """What other tools are compared by."""
    return {"critical": int(result.critical().sum()), "end": int(result.project_end[0] - result.start.min())}


def by_networkx(shape: Shape) -> dict[str, Any]:
    """networkx has no critical path method; the passes over its graph are written as its users write them."""
    if importlib.util.find_spec("networkx") is None:
        return {"skipped": "networkx is not installed"}
    import networkx

    graph: Any = networkx.MultiDiGraph()
    graph.add_nodes_from((row, {"duration": duration}) for row, duration in enumerate(shape.duration.tolist()))
    columns = (shape.before.tolist(), shape.after.tolist(), shape.kind.tolist(), shape.lag.tolist())
    graph.add_edges_from((a, b, {"kind": kind, "lag": lag}) for a, b, kind, lag in zip(*columns, strict=True))

    def passes() -> dict[str, Any]:
        order = list(networkx.topological_sort(graph))
        length, early, late = graph.nodes(data="duration"), {}, {}
        for row in order:
            start = 0
            for before, _, link in graph.in_edges(row, data=True):
                point = early[before] + (length[before] if link["kind"] in (0, 2) else 0) + link["lag"]
                start = max(start, point - (length[row] if link["kind"] > 1 else 0))
            early[row] = start
        end = max(start + length[row] for row, start in early.items())
        for row in reversed(order):
            limit = end - length[row]
            for _, after, link in graph.out_edges(row, data=True):
                point = late[after] + (length[after] if link["kind"] > 1 else 0) - link["lag"]
                limit = min(limit, point - (length[row] if link["kind"] in (0, 2) else 0))
            late[row] = limit
        return {"critical": sum(late[row] <= early[row] for row in order), "end": end}

    result, found = measure(passes, repeat=1 if len(shape.duration) > 100_000 else 3)
    return found | result


def by_mpxj(shape: Shape) -> dict[str, Any]:
    """MPXJ's scheduler that follows Microsoft Project, with the same office calendar."""
    if len(shape.duration) > MPXJ_LIMIT:
        return {"skipped": f"measured up to {MPXJ_LIMIT} activities"}
    if importlib.util.find_spec("mpxj") is None:
        return {"skipped": "mpxj is not installed"}
    import jpype  # type: ignore[import-not-found,unused-ignore]
    import mpxj  # type: ignore[import-not-found,unused-ignore]  # noqa: F401

    jpype.startJVM("-Xmx8g", "-Xss512m")
    java = jpype.JPackage("org").mpxj
    file, minutes = java.ProjectFile(), java.TimeUnit.MINUTES
    calendar = file.addDefaultBaseCalendar()
    for exception in CHRISTMAS:
        day = jpype.java.time.LocalDate.of(exception.first.year, exception.first.month, exception.first.day)
        calendar.addCalendarException(day)
    file.setDefaultCalendar(calendar)
    tasks = []
    for duration in shape.duration.tolist():
        task = file.addTask()
        task.setDuration(java.Duration.getInstance(duration, minutes))
        task.setRemainingDuration(java.Duration.getInstance(duration, minutes))
        task.setActualDuration(java.Duration.getInstance(0, minutes))
        tasks.append(task)
    kinds = [java.RelationType.FINISH_START, java.RelationType.START_START, java.RelationType.FINISH_FINISH, java.RelationType.START_FINISH]  # fmt: skip
    columns = (shape.before.tolist(), shape.after.tolist(), shape.kind.tolist(), shape.lag.tolist())
    for before, after, kind, lag in zip(*columns, strict=True):
        relation = java.Relation.Builder().predecessorTask(tasks[before]).type(kinds[kind])
        tasks[after].addPredecessor(relation.lag(java.Duration.getInstance(lag, minutes)))
    start = jpype.java.time.LocalDateTime.of(START.year, START.month, START.day, START.hour, START.minute)
    _, found = measure(lambda: java.cpm.MicrosoftScheduler().schedule(file, start))
    found["critical"] = sum(bool(task.getCritical()) for task in tasks)
    end = max(str(task.getFinish().toString()) for task in tasks)
    return found | {"end": instant(dt.datetime.fromisoformat(end)) - instant(START)}


def run(name: str, shape: Shape) -> dict[str, Any]:
    if name == "networkx":
        return by_networkx(shape)
    if name == "mpxj":
        return by_mpxj(shape)
    way, calendars = name.split()
    return ours(shape, int(calendars), compiled=way == "compiled")


# What is measured, and the measurement it is set against (same network, same calendars).
AGAINST = {
    "numpy 0": "networkx", "compiled 0": "networkx", "networkx": "", "numpy 1": "mpxj", "compiled 1": "mpxj", "mpxj": "",
    "numpy 3": "", "compiled 3": "",
}  # fmt: skip
WORDS = {"0": "elapsed time", "1": "office calendar", "3": "three calendars"}


def in_a_process(name: str, count: int, steps: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.network",
        "--child",
        name,
        "--activities",
        str(count),
        "--steps",
        str(steps),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compare(count: int, steps: int) -> dict[str, Any]:
    rows = {name: in_a_process(name, count, steps) for name in AGAINST}
    for name, other in AGAINST.items():
        mine, theirs = rows[name].get("cpu_seconds"), rows.get(other, {}).get("cpu_seconds")
        if mine and theirs:
            rows[name]["times_faster"] = {other: round(theirs / mine, 1)}
            rows[name]["same_end"] = rows[name]["end"] == rows[other]["end"]
    return {"activities": count, "links": int(count * LINKS_PER_ACTIVITY), "steps": steps, "measured": rows}


def show(result: dict[str, Any]) -> None:
    print(f"\n{result['activities']:,} activities, {result['links']:,} links")
    for name, row in result["measured"].items():
        way, _, calendars = name.partition(" ")
        label = f"{way}, {WORDS[calendars]}" if calendars else way
        if "cpu_seconds" not in row:
            print(f"  {label:28} {row.get('skipped') or row.get('failed')}")
            continue
        times = ", ".join(f"{times} times faster than {other}" for other, times in row.get("times_faster", {}).items())
        agree = {True: ", same end", False: ", other end", None: ""}[row.get("same_end")]
        print(
            f"  {label:28} {row['cpu_seconds']:9.3f} s {row['megabytes']:6.0f} of {row['process_megabytes']:5} MB  {times}{agree}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run(options.child, Shape.of(options.activities, options.steps))))
        return 0
    results = []
    for count in [options.activities] if options.activities else SIZES:
        results.append(compare(count, options.steps))
        if not options.json:
            show(results[-1])
    if options.json:
        machine = {
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
            "numpy": np.__version__,
        }
        print(json.dumps({"machine": machine, "results": results}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
