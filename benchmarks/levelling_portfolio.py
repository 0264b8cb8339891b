"""Named people over a whole portfolio: the first plan, how it gets better, and TaskJuggler on the same portfolio.

``python -m benchmarks.levelling portfolio --projects 100 --activities 100 --people 200 [--seconds S] [--seed S] [--no-peer] [--json]``

The portfolio is drawn from the seed: projects that begin within 400 days, chains and side links in them, one person for most activities, two for
some; seven of ten name somebody, the others ask for one of 8 skills on a level. People have three skills, about 25 days' leave a year, every fifth works
part time. Present plan: as if everybody had nothing else to do. CPU seconds of one core; compiling is not counted. TaskJuggler gets people, leave, effort and links in its own words; where ``tj3`` is missing it is said and left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stellwerk.engine.levelling.people import (
    Activities,
    Links,
    People,
    Plan,
    Problem,
    Profiles,
    Projects,
    Requirements,
    check,
    compiler_installed,
    solve,
)
from stellwerk.engine.levelling.people.state import Work

DAY = 480
SKILLS = 8
BEGIN = dt.date(2027, 1, 4)
"""A Monday."""
CURVE = (1, 5, 20, 60)
PEER_LIMIT = 900


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    problem = portfolio(asked.projects, asked.activities, asked.people, asked.seed)
    compiled = compiler_installed()
    solve(portfolio(2, 5, 4, 1), iterations=2, compiled=compiled)  # compiles
    first = _first(problem, compiled)
    report: dict[str, Any] = {
        "projects": asked.projects, "activities": len(problem.activities), "people": asked.people, "skills": SKILLS, "seed": asked.seed,
        "compiled": compiled, "present": _present(problem), **first, "curve": [],
    }  # fmt: skip
    plan, report["curve"] = _curve(problem, asked.seconds, asked.seed, compiled)
    report |= _facts(plan) | {"feasible": not check(problem, plan)} | _explained(plan)
    if asked.peer:
        report["taskjuggler"] = taskjuggler(problem, asked)
    if asked.json:
        print(json.dumps(report))
    else:
        for name, value in report.items():
            print(f"{name:24} {value}")
    return 0 if report["feasible"] else 1


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m benchmarks.levelling portfolio", description=__doc__.partition("\n")[0]
    )  # type: ignore[union-attr]
    result.add_argument("--projects", type=_at_least(1), default=100)
    result.add_argument("--activities", type=_at_least(1), default=100, help="of each project")
    result.add_argument("--people", type=_at_least(SKILLS), default=200, help=f"at least {SKILLS}, one for each skill")
    result.add_argument("--seconds", type=float, default=20.0, help="of search")
    result.add_argument("--seed", type=int, default=1)
    result.add_argument("--no-peer", dest="peer", action="store_false", help="without TaskJuggler")
    result.add_argument("--json", action="store_true")
    return result


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= 100_000:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to 100,000")
        return int(text)

    return number


# ── the portfolio ────────────────────────────────────────────────────────────────────────────────


def portfolio(projects: int, activities: int, people: int, seed: int) -> Problem:
    """The same for the same numbers."""
    draw = np.random.default_rng(seed)
    count = projects * activities
    project = np.repeat(np.arange(projects), activities)
    begin = draw.integers(0, 400, projects) * DAY
    links = _links(draw, projects, activities)
    work = draw.integers(1, 11, count) * (DAY // 2)
    present = _present_starts(project, begin, links, work)
    finish = present + work
    ends = np.zeros(projects, np.int64)
    np.maximum.at(ends, project, finish)
    skill = draw.integers(0, SKILLS, count)
    level = draw.integers(1, 4, count)
    second = draw.random(count) < 0.1
    rows = np.concatenate([np.arange(count), np.flatnonzero(second)])
    capacity = _capacity(draw, people, int(ends.max()) // DAY + 400)
    levels = _levels(draw, people)
    profile = (skill * 3 + level - 1)[rows]
    person = _named(
        draw,
        levels,
        skill[rows],
        level[rows],
        np.concatenate([np.zeros(count, np.bool_), np.ones(second.sum(), np.bool_)]),
    )
    return Problem(
        People(capacity, levels=levels),
        Activities(project, earliest=begin[project], present_start=present, present_finish=finish),
        Requirements(
            rows, work=work[rows], profile=np.where(person < 0, profile, -1), person=person, present_person=person
        ),
        Links(links[:, 0], links[:, 1]),
        Projects(draw.integers(1, 11, projects) * 10, due=begin + ((ends - begin) * 1.3).astype(np.int64)),
        Profiles(np.arange(SKILLS * 3), np.arange(SKILLS * 3) // 3, np.arange(SKILLS * 3) % 3 + 1),
    )


def _levels(draw: Any, people: int) -> Any:
    """A skill of one's own, and two more on some level."""
    levels = np.zeros((people, SKILLS), np.int64)
    for person in range(people):
        others = draw.choice(SKILLS, 2, replace=False)
        levels[person, others] = draw.integers(1, 4, 2)
        levels[person, person % SKILLS] = draw.integers(3, 5)
    return levels


def _named(draw: Any, levels: Any, skill: Any, level: Any, second: Any) -> Any:
    """Seven of ten requirements name somebody who can do it; the second person of an activity is never named (-1)."""
    found = np.full(len(skill), -1, np.int64)
    for row in np.flatnonzero((draw.random(len(skill)) < 0.7) & ~second).tolist():
        able = np.flatnonzero(levels[:, skill[row]] >= level[row])
        found[row] = able[draw.integers(len(able))]
    return found


def _links(draw: Any, projects: int, activities: int) -> Any:
    """Each activity follows one or two of the twelve before it in its project."""
    found = []
    for start in range(0, projects * activities, activities):
        for place in range(1, activities):
            count = min(place, int(draw.integers(1, 3)))
            for back in draw.choice(min(place, 12), count, replace=False):
                found.append((start + place - 1 - int(back), start + place))
    return np.array(found, np.int64).reshape(-1, 2)


def _present_starts(project: Any, begin: Any, links: Any, work: Any) -> Any:
    """Everybody free, weekends worked: where a plan without people would put them."""
    start = begin[project].copy()
    for before, after in links.tolist():  # by successor
        start[after] = max(start[after], start[before] + work[before])
    return start


def _capacity(draw: Any, people: int, days: int) -> Any:
    """Monday to Friday; every fifth person four hours; three leaves of a good week a year."""
    week = np.where(np.arange(days) % 7 < 5, DAY, 0)
    capacity = np.tile(week, (people, 1))
    capacity[::5] //= 2
    for person in range(people):
        for year in range(0, days, 365):
            for _leave in range(3):
                first = year + int(draw.integers(0, 350))
                capacity[person, first : first + int(draw.integers(7, 15))] = 0
    return capacity


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


def _first(problem: Problem, compiled: bool) -> dict[str, Any]:
    """One plan in the order of the present one, then the first answer of the solver with all rules, bound and check."""
    work = Work(problem, compiled)
    key = problem.activities.present_start.copy()
    release = np.zeros_like(key)
    work.build(key, release)
    times = []
    for _run in range(5):
        begun = time.process_time()
        work.build(key, release)
        times.append(time.process_time() - begun)
    heard: list[float] = []
    begun = time.process_time()

    def answered(_plan: Plan) -> bool:
        heard.append(time.process_time() - begun)
        return True

    solve(problem, on_better=answered, compiled=compiled)
    return {
        "one_plan_ms": round(min(times) * 1000, 1), "first_answer_ms": round(heard[0] * 1000), "first_checked_ms": round((time.process_time() - begun) * 1000),
    }  # fmt: skip


def _curve(problem: Problem, seconds: float, seed: int, compiled: bool) -> tuple[Plan, list[dict[str, Any]]]:
    """The value after some seconds of one run."""
    heard: list[tuple[float, Plan]] = []
    begun, cpu = time.monotonic(), time.process_time()
    spent: list[float] = []

    def better(plan: Plan) -> bool:
        heard.append((time.monotonic() - begun, plan))
        spent.append(time.process_time() - cpu)
        return False

    plan = solve(problem, seconds=seconds, seed=seed, on_better=better, compiled=compiled)
    marks = [0.0, *(one for one in CURVE if one < seconds), seconds]
    found = []
    for mark in marks:
        known = sum(at <= max(mark, heard[0][0]) for at, _plan in heard)
        found.append(
            {"seconds": mark, "found_after_cpu_seconds": round(spent[known - 1], 2), **_facts(heard[known - 1][1])}
        )
    return plan, found


def _facts(plan: Plan) -> dict[str, Any]:
    return {
        "weighted_days_late": round(plan.value / DAY), "bound_days": None if plan.bound is None else round(plan.bound / DAY),
        "gap": None if plan.gap is None else round(plan.gap, 4), "days_from_present": round(plan.closeness / DAY),
        "last_day": int(plan.finish.max()) // DAY, "rounds": plan.iterations,
    }  # fmt: skip


def _explained(plan: Plan) -> dict[str, Any]:
    """How long the reasons of all starts take."""
    begun = time.process_time()
    count = len(plan.reasons)
    return {"reasons": count, "reasons_ms": round((time.process_time() - begun) * 1000)}


def _present(problem: Problem) -> dict[str, int]:
    return {"last_day": int(problem.activities.present_finish.max()) // DAY}


# ── TaskJuggler ──────────────────────────────────────────────────────────────────────────────────


def taskjuggler(problem: Problem, asked: argparse.Namespace) -> dict[str, Any]:
    """Finish and CPU of ``tj3`` on the same portfolio; what it does not answer in time is said."""
    if shutil.which("tj3") is None:
        print("tj3 is not installed: TaskJuggler is left out.", file=sys.stderr)
        return {"skipped": "tj3 is not installed"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "portfolio.tjp"
        path.write_text(_project(problem), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            run = subprocess.run(
                ["tj3", "--silent", "--no-color", "-o", folder, str(path)], capture_output=True, text=True, timeout=PEER_LIMIT, check=False
            )  # noqa: S603, S607 - a fixed program on a file of our own  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"skipped": f"no answer within {PEER_LIMIT} s"}
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        written = Path(folder) / "finish.csv"
        if not written.exists():
            return {"skipped": (run.stderr or run.stdout).strip()[-300:], "cpu_seconds": round(cpu, 1)}
        return {"cpu_seconds": round(cpu, 1), **_finishes(problem, written)}


def _finishes(problem: Problem, path: Path) -> dict[str, Any]:
    """The last day, and the weighted days late by its finish dates."""
    late = last = 0
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        name, day = (part.strip('"') for part in line.split(";")[:2])
        if not name.startswith("p"):
            continue
        number = int(name[1:])
        end = (dt.date.fromisoformat(day[:10]) - BEGIN).days + 1
        last = max(last, end - 1)
        late += int(problem.projects.weight[number]) * max(0, end - int(problem.projects.due[number]) // DAY)
    return {"last_day": last, "weighted_days_late": late}


def _project(problem: Problem) -> str:
    """The portfolio in TaskJuggler's language: the people of a profile are alternatives of each other."""
    end = BEGIN + dt.timedelta(days=problem.days + 365)
    lines = [f'project portfolio "Portfolio" {BEGIN} - {end} {{', '  timezone "UTC"', "  timingresolution 60 min", "}"]
    for person in range(len(problem.capacity)):
        lines.append(f'resource r{person} "r{person}" {{')
        if int(problem.capacity[person].max()) < DAY:
            lines.append("  workinghours mon - fri 9:00 - 13:00")
        for first, last in _leaves(problem, person):
            lines.append(f"  leaves annual {BEGIN + dt.timedelta(days=first)} - {BEGIN + dt.timedelta(days=last)}")
        lines.append("}")
    able = [
        [person for person in range(len(problem.capacity)) if problem.levels[person, skill] >= level]
        for skill, level in zip(problem.profiles.skill.tolist(), problem.profiles.level.tolist(), strict=True)
    ]
    wanted: dict[int, list[int]] = {}
    for row, activity in enumerate(problem.requirements.activity.tolist()):
        wanted.setdefault(activity, []).append(row)
    before: dict[int, list[int]] = {}
    for one, other in zip(problem.links.predecessor.tolist(), problem.links.successor.tolist(), strict=True):
        before.setdefault(other, []).append(one)
    project = problem.activities.project.tolist()
    for number in range(len(problem.projects)):
        start = BEGIN + dt.timedelta(days=int(problem.activities.earliest[project.index(number)]) // DAY)
        weight = int(problem.projects.weight[number]) * 10
        lines.append(f'task p{number} "p{number}" {{\n  priority {weight}\n  start {start}')
        for activity in [row for row, one in enumerate(project) if one == number]:
            lines += _task(problem, activity, wanted[activity], able, before.get(activity, []))
        lines.append("}")
    lines.append(
        'taskreport "finish" {\n  formats csv\n  columns id, end\n  timeformat "%Y-%m-%d"\n  hidetask ~(treelevel() = 1)\n}'
    )
    return "\n".join(lines) + "\n"


def _task(problem: Problem, activity: int, rows: list[int], able: list[list[int]], before: list[int]) -> list[str]:
    """Two people are two tasks in one: TaskJuggler would share the sum of their efforts, so that whoever is free longer takes more."""
    lines = [f'  task a{activity} "a{activity}" {{']
    if before:
        lines.append("    depends " + ", ".join(f"!a{one}" for one in before))
    for row in rows:
        named = int(problem.requirements.person[row])
        people = [named] if named >= 0 else able[int(problem.requirements.profile[row])]
        more = ", ".join(f"r{person}" for person in people[1:])
        others = f" {{ alternative {more} select minloaded persistent }}" if more else ""
        wanted = [f"    effort {int(problem.requirements.work[row]) / 60:g}h", f"    allocate r{people[0]}{others}"]
        lines += wanted if len(rows) == 1 else [f'    task w{row} "w{row}" {{', *wanted, "    }"]
    lines.append("  }")
    return lines


def _leaves(problem: Problem, person: int) -> list[tuple[int, int]]:
    """Spans of working days without capacity: (first day, day after the last one)."""
    free = [day for day in range(problem.days) if day % 7 < 5 and problem.capacity[person, day] == 0]
    found: list[tuple[int, int]] = []
    for day in free:
        if found and day - found[-1][1] <= 2:
            found[-1] = (found[-1][0], day + 1)
        else:
            found.append((day, day + 1))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
