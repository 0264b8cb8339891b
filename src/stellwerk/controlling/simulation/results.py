"""What a simulation told, as it is kept with the run: percentiles, curves, probabilities, the activities and risks that matter.

Dates are days (ISO), the finish of an iteration being the day on which its last working minute ends; amounts are minor units of the run's currency.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stellwerk.controlling.simulation.case import Asked, Case, ProjectBasis
from stellwerk.engine.calendars import instant_of_day, moment
from stellwerk.engine.simulation import Options, Outcome, Sample, Watcher, simulate
from stellwerk.engine.simulation.sample import frontier, joint

Integers = NDArray[np.int64]
SHARES: Final = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
TABLE: Final = (10, 50, 80, 90)
"""Percentiles of the table; the others make the curve and answer questions."""
BARS: Final = 40
DOTS: Final = 400
MOST_ACTIVITIES: Final = 60
JOINT_SHARE: Final = 0.8
VERSION: Final = 1
SMALL: Final = 5_000_000
"""Up to so many rows × iterations NumPy is faster than loading compiled loops."""


@dataclass(frozen=True)
class Whole:
    """Finish and cost of the scope in each iteration, in their order."""

    finish: Integers
    cost: Integers


def compute(case: Case, asked: Asked, watch: Watcher | None = None) -> Outcome:
    """Run it. Raises ``HorizonError`` and ``SimulationError`` (memory) as the engine does."""
    # Loading the compiled loops takes about a second: more than a small run takes without them.
    compiled = False if case.joint.count * asked.iterations <= SMALL else None
    options = Options(
        asked.iterations, asked.seed, progress_override=case.override, one_end=case.one_end, compiled=compiled
    )
    return simulate(case.simulation, options, watch=watch)


def whole_of(case: Case, outcome: Outcome) -> Whole:
    """Without the givers outside."""
    rows = slice(0, case.count)
    return Whole(outcome.finishes[rows].max(axis=0).astype(np.int64), outcome.costs[rows].sum(axis=0))


def day_of(at: int) -> dt.date:
    """The day of a finish: one at midnight belongs to the day before."""
    return moment(max(0, at - 1)).date()


def end_of(day: dt.date) -> int:
    """The last instant of a day: finishes until then keep it."""
    return instant_of_day(day) + 1440


def told_of(case: Case, asked: Asked, outcome: Outcome) -> dict[str, Any]:
    whole = whole_of(case, outcome)
    approved = max((one.approved for one in case.projects if one.approved is not None), default=None)
    if any(one.approved is None for one in case.projects):
        approved = None
    budget = _sum([one.budget for one in case.projects])
    reserve = sum(one.contingency for one in case.projects)
    return {
        "version": VERSION, "iterations": outcome.iterations, "seed": asked.seed, "currency": case.currency, "one_end": case.one_end,
        "finish": _finish(case, whole, approved), "cost": _cost(case, whole, budget, reserve),
        "joint": _joint(whole, approved, budget, reserve),
        "projects": [_project(case, outcome, at) for at in range(case.count)],
        "activities": _activities(case, outcome), "risks": _risks(case, outcome), "counts": case.counts,
    }  # fmt: skip


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) and known else None


def _finish(case: Case, whole: Whole, approved: dt.date | None) -> dict[str, Any]:
    sample = Sample(whole.finish)
    days = np.array([(day_of(at) - dt.date(1970, 1, 1)).days for at in sample.values.tolist()], np.int64)
    dates = case.joint.dates
    ends = [int(dates.project_end[at]) for at in range(case.count)]
    return {
        "shares": {str(share): day_of(sample.at(share / 100)).isoformat() for share in SHARES},
        "mean": day_of(round(sample.mean)).isoformat(), "std": round(sample.std / 1440, 2), "plan": day_of(max(ends)).isoformat(),
        "plan_share": sample.share_until(end_of(day_of(max(ends)))), "approved": approved.isoformat() if approved else None,
        "share": sample.share_until(end_of(approved)) if approved else None, "bars": _day_bars(days), "curve": _day_curve(sample),
    }  # fmt: skip


def _day_bars(days: Integers) -> dict[str, Any]:
    """First day, days in a bar, iterations in each bar."""
    first, last = int(days[0]), int(days[-1])
    span = last - first + 1
    # Whole weeks, or weekends would make every bar another height.
    width = 1 if span <= 21 else -(-span // (7 * BARS)) * 7
    counts = np.bincount((days - first) // width)
    return {"first": _iso(first), "width": width, "counts": counts.tolist()}


def _iso(day: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def _day_curve(sample: Sample) -> list[str]:
    """The day at each percent from 0 to 100."""
    _shares, values = sample.curve(101)
    return [day_of(at).isoformat() for at in values.tolist()]


def _cost(case: Case, whole: Whole, budget: int | None, reserve: int) -> dict[str, Any]:
    if not any(one.basis for one in case.projects) and not whole.cost.any():
        return {}
    sample = Sample(whole.cost)
    edges, counts = sample.histogram(BARS)
    _shares, values = sample.curve(101)
    within = None if budget is None else sample.share_until(budget)
    return {
        "shares": {str(share): sample.at(share / 100) for share in SHARES}, "mean": round(sample.mean), "std": round(sample.std),
        "budget": budget, "reserve": reserve, "share": within,
        "share_reserve": None if budget is None else sample.share_until(budget + reserve),
        "spent": sum(one.spent for one in case.projects),
        "bars": {"first": int(edges[0]), "width": int(edges[1] - edges[0]), "counts": counts.tolist()}, "curve": values.tolist(),
    }  # fmt: skip


def _joint(whole: Whole, approved: dt.date | None, budget: int | None, reserve: int) -> dict[str, Any]:
    """Both together, the pairs that are kept together with 80 %, and some iterations as dots."""
    both = None
    if approved is not None and budget is not None:
        both = joint(whole.finish, whole.cost, end_of(approved), budget + reserve)
    step = max(1, len(whole.cost) // DOTS)
    dots = [[day_of(at).isoformat(), amount] for at, amount in zip(whole.finish[::step].tolist(), whole.cost[::step].tolist(), strict=True)]  # fmt: skip
    pairs = frontier(whole.finish, whole.cost, JOINT_SHARE, 25)
    line = [[day_of(at).isoformat(), amount] for at, amount in zip(pairs.finish.tolist(), pairs.cost.tolist(), strict=True)]  # fmt: skip
    return {"both": both, "share": JOINT_SHARE, "dots": dots[:DOTS], "frontier": line}


def _project(case: Case, outcome: Outcome, at: int) -> dict[str, Any]:
    one: ProjectBasis = case.projects[at]
    finish, cost = Sample(outcome.finishes[at].astype(np.int64)), Sample(outcome.costs[at])
    total = None if one.budget is None else one.budget + one.contingency
    both = None
    if one.approved is not None and total is not None:
        both = joint(outcome.finishes[at].astype(np.int64), outcome.costs[at], end_of(one.approved), total)
    known = bool(one.basis or cost.values.any())
    return {
        "pk": one.project.pk, "basis": one.basis, "open": one.open, "estimated": one.estimated,
        "plan": day_of(int(case.joint.dates.project_end[at])).isoformat(),
        "approved": one.approved.isoformat() if one.approved else None,
        "finish": {str(share): day_of(finish.at(share / 100)).isoformat() for share in TABLE},
        "share": finish.share_until(end_of(one.approved)) if one.approved else None,
        "budget": one.budget, "reserve": one.contingency, "spent": one.spent,
        "cost": {str(share): cost.at(share / 100) for share in TABLE} if known else None,
        "cost_share": cost.share_until(total) if known and total is not None else None, "both": both if known else None,
    }  # fmt: skip


def _activities(case: Case, outcome: Outcome) -> list[dict[str, Any]]:
    """Those that matter most: by the schedule sensitivity index, then by criticality."""
    found = outcome.activities
    rows = [row for row in range(case.joint.count) if not math.isnan(found.criticality[row])]
    order = sorted(rows, key=lambda row: (-_zero(float(found.index[row])), -found.criticality[row], row))
    drawn = set(case.simulation.estimates.activity.tolist())
    return [
        {
            "pk": int(case.joint.pk[row]), "criticality": _four(found.criticality[row]), "cruciality": _four(found.cruciality[row]),
            "index": _four(found.index[row]), "mean": _four(found.mean[row]), "std": _four(found.std[row]), "drawn": row in drawn,
            "project": int(case.projects[int(case.joint.plan[row])].project.pk),
        }
        for row in order[:MOST_ACTIVITIES]
    ]  # fmt: skip


def _risks(case: Case, outcome: Outcome) -> list[dict[str, Any]]:
    """How often each risk happened, and how much later (days) and dearer all ended when it did."""
    if not case.risks:
        return []
    whole = whole_of(case, outcome)
    happened = outcome.happened()
    found = []
    for risk, yes in zip(case.risks, happened, strict=True):
        row: dict[str, Any] = {"name": risk.name, "frequency": float(yes.mean()), "delay": None, "cost": None}
        if yes.any() and not yes.all():
            row["delay"] = _four((whole.finish[yes].mean() - whole.finish[~yes].mean()) / 1440)
            row["cost"] = round(float(whole.cost[yes].mean() - whole.cost[~yes].mean()))
        found.append(row)
    return found


def _zero(value: float) -> float:
    return 0.0 if math.isnan(value) else float(value)


def _four(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)
