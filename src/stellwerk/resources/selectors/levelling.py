"""Reading levelling runs: the list, one run with its projects, moves in words, load by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.planning.models import Activity, Plan
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.levelling.results import numbers_in
from stellwerk.resources.levelling.words import Names, conflict_text, late_text, move_text, read_names
from stellwerk.resources.models import LevellingMove, LevellingRun

SHOWN_RUNS: Final = 50
SHOWN_MOVES: Final = 400
CHANGED: Final = "applied"


@dataclass(frozen=True)
class MoveLine:
    """One move in words. ``delay``: working days (Monday to Friday) by which the finish moves; negative: earlier."""

    move: LevellingMove
    activity: Activity
    why: str
    by: str
    delay: int | None


@dataclass(frozen=True)
class ProjectLine:
    """A project before and after, with its moves. ``may_accept``: the reader may change its plan and something is open."""

    plan: Plan
    before: dt.date
    after: dt.date
    due: dt.date | None
    delay: int
    late: int
    moves: tuple[MoveLine, ...]
    count: int
    open: int
    may_accept: bool


def runs_of(user: User) -> list[LevellingRun]:
    """The last runs that the reader may see, newest first."""
    rows = visible_rows(user, LevellingRun.objects.exclude(state="discarded"))
    return list(rows.select_related("portfolio", "project", "asked_by").order_by("-created_at", "-pk")[:SHOWN_RUNS])


def scopes_of(user: User) -> tuple[list[Portfolio], list[Project]]:
    """Portfolios and projects with a plan that the reader may level."""
    plans = Plan.objects.filter(visible(user, Plan), project__archived_at=None)
    portfolios = Portfolio.objects.filter(visible(user, Portfolio), pk__in=plans.values("project__portfolio"), archived_at=None)  # fmt: skip
    projects = Project.objects.filter(visible(user, Project), schedule__in=plans).select_related(
        "portfolio__unit", "unit"
    )
    able = [one for one in portfolios.select_related("unit").order_by("name") if can(user, "create", LevellingRun(portfolio=one))]  # fmt: skip
    return able, [one for one in projects.order_by("key") if can(user, "create", LevellingRun(project=one))]


def working_days(first: dt.date, last: dt.date) -> int:
    """Days from Monday to Friday by which ``last`` lies after ``first``."""
    return int(np.busday_count(first, last))


def lines_of(run: LevellingRun, user: User) -> tuple[list[ProjectLine], int]:
    """Projects that the reader may see, most delayed first, and how many are hidden; about ten queries."""
    told = run.told.get("projects", [])
    plans = Plan.objects.filter(visible(user, Plan), pk__in=[one["plan"] for one in told]).select_related("project")
    seen = {plan.pk: plan for plan in plans}
    rows = run.moves.filter(activity__plan__in=seen).select_related("activity__plan__project").order_by("start", "pk")
    counts: dict[int, list[LevellingMove]] = {}
    for move in rows:
        counts.setdefault(move.activity.plan_id, []).append(move)
    shown = _shown(counts)
    names = names_of(run, shown, user)
    found = [
        _line(one, seen[one["plan"]], counts.get(one["plan"], []), set(shown), names, user) for one in told if one["plan"] in seen
    ]  # fmt: skip
    return sorted(found, key=lambda line: (-line.late, -line.delay, line.plan.key)), len(told) - len(found)


def _shown(by_plan: dict[int, list[LevellingMove]]) -> list[LevellingMove]:
    moves = [move for rows in by_plan.values() for move in rows]
    return moves[:SHOWN_MOVES]


def names_of(run: LevellingRun, moves: Sequence[LevellingMove], user: User | None) -> Names:
    reasons = [move.reason for move in moves]
    activities, people = numbers_in(run.told, reasons)
    people |= {one[2] for move in moves for one in move.people if one[2]}
    return read_names(activities, people, [*reasons, *run.told.get("conflicts", [])], user)


def _line(one: dict[str, Any], plan: Plan, moves: Sequence[LevellingMove], shown: set[LevellingMove], names: Names, user: User) -> ProjectLine:  # fmt: skip
    before, after = dt.date.fromisoformat(one["before"]), dt.date.fromisoformat(one["after"])
    due = dt.date.fromisoformat(one["due"]) if one["due"] else None
    waiting = sum(move.accepted is None for move in moves)
    return ProjectLine(
        plan, before, after, due, working_days(before, after), max(0, working_days(due, after)) if due else 0,
        tuple(move_line(move, names) for move in moves if move in shown), len(moves), waiting,
        bool(waiting) and can(user, "edit", plan),
    )  # fmt: skip


def move_line(move: LevellingMove, names: Names) -> MoveLine:
    activity = move.activity
    people = ", ".join(dict.fromkeys(names.person(one[2]) for one in move.people if one[2]))
    delay = working_days(move.finish_before.date(), move.finish.date()) if move.finish_before else None
    return MoveLine(move, activity, move_text(move, names, activity.plan_id), people, delay)


def problems_of(run: LevellingRun, names: Names) -> list[str]:
    """What no plan can keep, in words, the worst first."""
    order = ("nobody", "no_time", "too_few", "overload", "link", "earliest")
    rows = sorted(run.told.get("conflicts", []), key=lambda one: (order.index(one["kind"]), -one["minutes"]))
    return list(dict.fromkeys(conflict_text(one, names) for one in rows))


def missed_of(run: LevellingRun, names: Names, keys: Iterable[str]) -> list[str]:
    """Missed dates of projects that the reader may see."""
    seen = set(keys)
    rows = [one for one in run.told.get("late", []) if one["project"] in seen]
    return [late_text(one, names) for one in sorted(rows, key=lambda one: -one["days"])]
