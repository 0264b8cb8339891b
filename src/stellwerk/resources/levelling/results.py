"""What a plan of the engine means for the stored rows: moves with their reasons, dates and load before and after, what cannot be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stellwerk.engine.calendars import moment
from stellwerk.engine.levelling.people import ConflictKind, Plan, Reason
from stellwerk.engine.network import NONE
from stellwerk.resources.levelling.case import Case
from stellwerk.resources.levelling.clockwork import SHARES, Integers

MOST_TOLD: Final = 200
MOST_BLOCKERS: Final = 5
"""So many activities that hold another one are told beside the first."""
"""Conflicts and missed dates that are kept by name; the counts are whole."""
_HALF: Final = SHARES // 2
_PAST: Final = (ConflictKind.LINK, ConflictKind.EARLIEST)


@dataclass(frozen=True)
class Move:
    """An activity that starts or ends on another day. Times of the plan; ``duration`` only where it changes."""

    activity: int
    plan: int
    start_before: dt.datetime | None
    finish_before: dt.datetime | None
    start: dt.datetime
    finish: dt.datetime
    duration: int | None
    people: list[list[int | None]]
    """[assignment, None, person]: who would do what a role was asked for."""
    reason: dict[str, Any]


def moves_of(case: Case, plan: Plan) -> list[Move]:
    """All moves, in the order of the rows. Less than half a day is none: it comes from rounding to the person's day."""
    problem = case.problem
    held = problem.activities.held
    starts = case.clockwork.start(case.calendar, plan.start)
    finishes = np.maximum(starts, case.clockwork.finish(case.calendar, plan.finish))
    later = np.abs(plan.start - problem.activities.present_start) >= _HALF
    longer = np.abs(plan.finish - problem.activities.present_finish) >= _HALF
    chosen = _chosen(case, plan)
    found = []
    for row in np.flatnonzero(case.own & ~held & (later | longer)).tolist():
        point = int(problem.activities.duration[row]) == 0 and plan.start[row] == plan.finish[row]
        start = int(finishes[row]) if point else int(starts[row])
        found.append(
            Move(
                int(case.pk[row]),
                int(case.plan[row]),
                _moment(case.present_start[row]),
                _moment(case.present_finish[row]),
                moment(start),
                moment(int(finishes[row])),
                None if point else _duration(case, row, start, int(finishes[row])),
                chosen.get(row, []),
                reason_of(case, plan.reasons.get(row)),
            )
        )
    return found


def _moment(at: Any) -> dt.datetime | None:
    return None if at < 0 else moment(int(at))


def _duration(case: Case, row: int, start: int, finish: int) -> int | None:
    """Working minutes of the calendar from start to finish, where they differ by half a day or more from what stands in the plan."""
    calendar = case.calendar[row : row + 1]
    span = int(case.clockwork.calendars.between(calendar, np.array([start]), np.array([finish]))[0])
    before = int(case.duration[row])
    return span if span > 0 and abs(span - before) >= _HALF else None


def _chosen(case: Case, plan: Plan) -> dict[int, list[list[int | None]]]:
    """By row: people whom the engine chose where the plan asks for a role."""
    found: dict[int, list[list[int | None]]] = {}
    for number, wish in enumerate(case.wishes):
        person = int(plan.person[number])
        if wish.person is None and person != NONE:
            row = int(case.problem.requirements.activity[number])
            found.setdefault(row, []).append([wish.assignment, None, case.people[person]])
    return found


def reason_of(case: Case, reason: Reason | None) -> dict[str, Any]:
    """A reason by the numbers of the stored rows, as JSON."""
    if reason is None:
        return {}
    found: dict[str, Any] = {"kind": str(reason.kind)}
    if reason.cause != NONE:
        found["activity"] = int(case.pk[reason.cause])
    if reason.link != NONE:
        found["link"] = int(case.link_pk[reason.link])
    if reason.person != NONE:
        found["person"] = case.people[reason.person]
    if reason.profile != NONE:
        found["profile"] = [list(one) for one in case.profiles[reason.profile]]
    if reason.until != NONE:
        found["until"] = _day(case, reason.until, reason).isoformat()
    if len(reason.blockers) > 1 and reason.kind in ("person", "link"):
        found["blockers"] = [int(case.pk[row]) for row in reason.blockers[1 : 1 + MOST_BLOCKERS]]
    if reason.also:
        found["also"] = [reason_of(case, one) for one in reason.also]
    return found


def _day(case: Case, at: int, reason: Reason) -> dt.date:
    """The day of an instant; of a person who is busy or a link it is the last day, of all else the first."""
    ends = reason.kind in ("person", "skill", "link") and at % SHARES == 0 and at > 0
    return case.clockwork.day0 + dt.timedelta(days=int(at) // SHARES - int(ends))


# ── the whole ────────────────────────────────────────────────────────────────────────────────────


def told_of(case: Case, plan: Plan, *, curve: Iterable[tuple[float, int]] = ()) -> dict[str, Any]:
    """What the page of a run shows: value and bound, projects before and after, load by week, conflicts, missed dates."""
    before, after = _load(case, plan)
    conflicts = [one for one in plan.conflicts if one.kind not in _PAST or not case.begun[one.activity]]
    return {
        "value": int(plan.value), "bound": None if plan.bound is None else int(plan.bound), "gap": plan.gap, "seed": plan.seed,
        "iterations": plan.iterations, "version": plan.version, "curve": [[round(at, 2), int(value)] for at, value in curve],
        "activities": int(case.own.sum()), "people": len(case.people), "projects": _projects(case, plan),
        "weeks": _weeks(case, before, after), "over": {"before": _over(case, before), "after": _over(case, after)},
        "conflicts": [_conflict(case, one) for one in conflicts[:MOST_TOLD]], "conflict_count": len(conflicts),
        "late": [_late(case, one) for one in plan.late[:MOST_TOLD] if one.project < len(case.plans)],
    }  # fmt: skip


def _projects(case: Case, plan: Plan) -> list[dict[str, Any]]:
    """Finish of each project before and after."""
    finishes = case.clockwork.finish(case.calendar, plan.finish)
    found = []
    for place, one in enumerate(case.plans):
        rows = np.flatnonzero(case.plan == place)
        if not rows.size:
            continue
        held = case.problem.activities.held[rows]
        after = int(np.where(held, case.present_finish[rows], finishes[rows]).max())
        before = int(case.present_finish[rows].max())
        due = case.due[place]
        found.append(
            {
                "plan": one.pk, "key": one.project.key, "name": one.project.name, "before": moment(before).date().isoformat(),
                "after": moment(after).date().isoformat(), "due": due.isoformat() if due else None, "revision": one.revision,
            }
        )  # fmt: skip
    return found


def _load(case: Case, plan: Plan) -> tuple[Integers, Integers]:
    """Minutes by [person, day] of the plan as it is and of the proposal, bookings without an activity included."""
    problem = case.problem
    _people, days = problem.capacity.shape
    after = problem.booked.astype(np.int64)
    before = after.copy()
    hours = plan.hours
    inside = hours.day < days
    np.add.at(after, (hours.person[inside], hours.day[inside]), hours.minutes[inside])
    for number, wish in enumerate(case.wishes):
        person = int(problem.requirements.person[number])
        if wish.person is None or person == NONE:
            continue
        row = int(problem.requirements.activity[number])
        first, last = (
            max(0, int(at)) for at in (problem.activities.present_start[row], problem.activities.present_finish[row])
        )
        span = slice(min(first // SHARES, days - 1), min(max(first // SHARES + 1, -(-last // SHARES)), days))
        works = case.problem.usual[person][(np.arange(span.start, span.stop) + problem.weekday) % 7] > 0
        if works.any():
            before[person, span] += np.where(works, -(-wish.minutes // int(works.sum())), 0)
    return before, after


def _over(case: Case, load: Integers) -> int:
    """Hours above what people can give, week by week."""
    weeks = -(-load.shape[1] // 7) if load.size else 0
    total = 0
    for week in range(weeks):
        span = slice(week * 7, week * 7 + 7)
        total += int(np.maximum(0, load[:, span].sum(axis=1) - case.problem.capacity[:, span].sum(axis=1)).sum())
    return total // 60


def _weeks(case: Case, before: Integers, after: Integers) -> list[list[Any]]:
    """[Monday, capacity, before, after] in hours, up to the last week with load."""
    if not before.size:
        return []
    shift = case.problem.weekday
    loaded = np.flatnonzero((before + after).sum(axis=0))
    last = int(loaded.max()) if loaded.size else 0
    found = []
    for begin in range(-shift, last + 1, 7):
        span = slice(max(0, begin), begin + 7)
        monday = case.clockwork.day0 + dt.timedelta(days=begin)
        sums = [int(one[:, span].sum()) // 60 for one in (case.problem.capacity, before, after)]
        found.append([monday.isoformat(), *sums])
    return found


def _conflict(case: Case, one: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": str(one.kind), "minutes": int(one.minutes)}
    if one.activity != NONE:
        found["activity"] = int(case.pk[one.activity])
    if one.person != NONE:
        found["person"] = case.people[one.person]
    if one.profile != NONE:
        found["profile"] = [list(part) for part in case.profiles[one.profile]]
    if one.link != NONE:
        found["link"] = int(case.link_pk[one.link])
    if one.activities:
        found["activities"] = [int(case.pk[row]) for row in one.activities[:10]]
    for name in ("day", "last_day"):
        if getattr(one, name) != NONE:
            found[name] = (case.clockwork.day0 + dt.timedelta(days=int(getattr(one, name)))).isoformat()
    return found


def _late(case: Case, one: Any) -> dict[str, Any]:
    """``days``: from Monday to Friday."""
    limit, finish = (case.clockwork.day0 + dt.timedelta(days=int(at) // SHARES) for at in (one.limit, one.finish))
    return {
        "project": case.plans[one.project].project.key, "activity": int(case.pk[one.activity]) if one.activity != NONE else None,
        "days": max(1, int(np.busday_count(limit, finish))), "reachable": bool(one.reachable),
    }  # fmt: skip


def parts_of(reason: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A stored reason with what holds the activity besides."""
    return [reason, *reason.get("also", ())]


def numbers_in(told: Mapping[str, Any], reasons: Iterable[Mapping[str, Any]]) -> tuple[set[int], set[int]]:
    """Activities and people that reasons and conflicts name, so that a page can read them at once."""
    parts = [part for reason in reasons for part in parts_of(reason)]
    rows = [*parts, *told.get("conflicts", []), *told.get("late", [])]
    activities = {row["activity"] for row in rows if row.get("activity")}
    activities |= {number for row in rows for number in (*row.get("activities", ()), *row.get("blockers", ()))}
    return activities, {row["person"] for row in rows if row.get("person")}
