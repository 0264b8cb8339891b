"""What the plan page reads: rows, links, calendars, baseline (``docs/planning-protocol.md``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from stellwerk.core.formats import day as day_text
from stellwerk.core.formats import major
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible
from stellwerk.engine.calendars import instant
from stellwerk.engine.network import NONE, Reason
from stellwerk.people.models import Person
from stellwerk.planning.columns import NULL, Columns, Integers
from stellwerk.planning.compute import Moved, calendar_rows
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Link, Plan
from stellwerk.planning.selectors.calendars import Clock, as_exchange, calendars_of, clock_of, free_spans
from stellwerk.planning.selectors.links import over_the_border_of
from stellwerk.portfolio.models import Project

REASON_CODES = {reason: reason.name.lower() for reason in Reason}
PLAIN = (
    "pk", "uid", "version", "level", "summary", "wbs", "code", "name", "kind", "state", "elapsed", "manual", "active", "type", "effort_driven",
    "constraint", "ev_method", "weight", "priority", "notes", "total_float", "free_float", "critical", "reason", "driver", "finding",
    "duration", "remaining",
)  # fmt: skip
TIMES = ("start", "finish", "actual_start", "actual_finish", "constraint_date", "deadline", "late_finish")
DECIMALS = ("percent", "work", "units", "remaining_work", "actual_work")
JOINED = ("calendar_id", "responsible_id", "responsible__first_name", "responsible__last_name")
EPOCH = np.datetime64("1950-01-01T00:00", "m")
NEAR_CRITICAL = 5
"""Working days of float below which a row is called nearly critical."""


def plan_of_project(project: Project) -> Plan | None:
    found = Plan.objects.filter(project=project).select_related("project", "calendar").first()
    if found is not None:
        found.project = project
    return found


def chart_data(
    plan: Plan,
    user: User | None,
    *,
    since: int | None = None,
    baseline: int | None = None,
    columns: Columns | None = None,
    moved: Moved | None = None,
) -> dict[str, Any] | None:
    """Everything, or what is newer than revision ``since``; None: nothing is.

    ``columns`` are the rows as an edit of this request read them, so that the outline is not read again. ``moved`` is what it computed:
    to a page that had the revision before, rows that only moved tell their computed columns and nothing else.
    """
    if since is not None and since >= plan.revision:
        return None
    reset = since is None or since < plan.reload_from
    clock = moved.computed.clock if moved is not None else clock_of(plan)
    rows = Activity.objects.filter(plan=plan)
    links = Link.objects.filter(plan=plan, predecessor__plan=plan)
    if not reset:
        rows, links = rows.filter(changed_in__gt=since), links.filter(changed_in__gt=since)
    outline: _Outline | None = None
    if not reset:
        outline = _Outline.of_columns(columns) if columns is not None else _Outline.of_plan(plan)
    short: list[dict[str, Any]] = []
    answered = moved is not None and not reset and since == plan.revision - 1
    if moved is not None and answered:
        short = moved_rows(moved, plan)
        rows = rows.filter(pk__in=moved.touched)
    data: dict[str, Any] = {
        "revision": plan.revision,
        "reset": reset,
        "plan": _plan(plan, clock, user),
        "rows": _rows(rows, clock, outline, plan.project.currency if sees_costs(user, plan) else "") + short,
        "links": _links(links, clock),
    }
    if moved is None or moved.linked or not answered:  # else the page has them, and no link was changed
        data["outer"] = _outer(plan, user)
    if reset:
        data |= _settings(plan, user, baseline)
    return data


def sees_costs(user: User | None, plan: Plan) -> bool:
    """Whether the reader knows what the activities of this plan cost."""
    return Activity.objects.filter(visible(user, Activity, "costs"), plan=plan).exists()


def iso(value: dt.datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="minutes")


def _plan(plan: Plan, clock: Clock, user: User | None) -> dict[str, Any]:
    may_edit = can(user, "edit", plan) and not plan.project.archived
    own: list[int] = []
    if not may_edit and user is not None and not plan.project.archived:
        own = list(Activity.objects.filter(visible(user, Activity, "progress"), plan=plan).values_list("pk", flat=True))
    day = clock.day(clock.default)
    return {
        "key": plan.key, "name": plan.project.name, "version": plan.version, "start": iso(plan.start), "finish": iso(plan.finish),
        "data_date": iso(plan.data_date), "must_finish": iso(plan.must_finish), "calendar": plan.calendar_id,
        "auto_wbs": plan.auto_wbs, "progress_mode": plan.progress_mode, "dates_win": plan.dates_win, "stale": plan.stale, "may_edit": may_edit,
        "may_progress": own, "day": day, "near": NEAR_CRITICAL * day,
    }  # fmt: skip


@dataclass(frozen=True)
class _Outline:
    """Where rows stand: ``parent`` and ``place`` of a row by its number."""

    parent: Callable[[int], int | None]
    place: Callable[[int], int]

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, int]]) -> _Outline:
        """Of all rows of a plan in their order, as number and level."""
        above: dict[int, int] = {}
        places: dict[int, int] = {}
        path: list[tuple[int, int]] = []
        for place, (pk, level) in enumerate(rows):
            places[pk] = place
            while path and path[-1][0] >= level:
                path.pop()
            if path:
                above[pk] = path[-1][1]
            path.append((level, pk))
        return cls(above.get, places.__getitem__)

    @classmethod
    def of_plan(cls, plan: Plan) -> _Outline:
        return cls.of_rows(Activity.objects.filter(plan=plan).order_by("position", "pk").values_list("pk", "level"))

    @classmethod
    def of_columns(cls, columns: Columns) -> _Outline:
        """Of rows that were read already, without going through all of them again."""
        numbers = columns.number["pk"]

        def parent(pk: int) -> int | None:
            above = int(columns.parent[columns.row_of[pk]])
            return None if above == NONE else int(numbers[above])

        return cls(parent, columns.row_of.__getitem__)


def _rows(
    rows: QuerySet[Activity], clock: Clock, outline: _Outline | None = None, currency: str = ""
) -> list[dict[str, Any]]:
    """``outline``: all rows of the plan, where ``rows`` are only some; these tell their place then.

    ``currency`` of the planned costs, for who may see them.
    """
    found = list(
        rows.order_by("position", "pk").values(*PLAIN, *TIMES, *DECIMALS, *JOINED, *(["cost"] if currency else []))
    )
    partial = outline is not None
    told = outline or _Outline.of_rows((row["pk"], row["level"]) for row in found)
    spans = _spans(found, clock)
    made = []
    for row, span in zip(found, spans, strict=True):
        made.append(_row(row, clock, told.parent(row["pk"]), span))
        if currency:
            made[-1]["cost"] = None if row["cost"] is None else _plain(major(row["cost"], currency))
        if partial:
            made[-1]["place"] = told.place(row["pk"])
    return made


def moved_rows(moved: Moved, plan: Plan) -> list[dict[str, Any]]:
    """The computed columns of rows that nobody touched, from memory: what an edit moves may be thousands of rows."""
    computed = moved.computed
    numbers = computed.columns.number["pk"]
    rows = moved.rows[~np.isin(numbers[moved.rows], list(moved.touched))] if moved.touched else moved.rows
    if not rows.size:
        return []
    clock = computed.clock
    calendars = calendar_rows(computed.columns, clock)[rows]
    results = {name: values[rows] for name, values in computed.results.items()}
    summary = computed.columns.summary[rows]
    dated = summary & (results["start"] != NULL) & (results["finish"] != NULL)
    spans = computed.columns.number["duration"][rows].copy()
    worked = calendars.copy()
    for at in np.flatnonzero(dated & (computed.columns.number["elapsed"][rows] != 0)).tolist():
        number = int(computed.columns.number["calendar_id"][rows[at]])  # a summary counts working time, as in _spans
        worked[at] = clock.of(None if number == NULL else number)
    spans[dated] = clock.set.between(worked[dated], results["start"][dated], results["finish"][dated])
    was = (computed.columns.number["summary"][rows] != 0).tolist()
    parent = _Outline.of_columns(computed.columns).parent
    codes = computed.columns.outline_numbers if plan.auto_wbs else computed.columns.text["wbs"]
    dates = {name: _texts(results[name]) for name in ("start", "finish", "late_finish")}
    lists = {name: values.tolist() for name, values in results.items()}
    days = {row: clock.day(row) for row in np.unique(calendars).tolist()}
    found = []
    for at, (row, calendar, pk) in enumerate(
        zip(rows.tolist(), calendars.tolist(), numbers[rows].tolist(), strict=True)
    ):
        day = days[calendar]
        total, free = (_filled(lists[name][at]) for name in ("total_float", "free_float"))
        reason = _filled(lists["reason"][at])
        made = {
            "id": pk, "place": row, "parent": parent(pk), "wbs": codes[row], "summary": bool(summary[at]),
            "start": dates["start"][at], "finish": dates["finish"][at], "late_finish": dates["late_finish"][at],
            "total_float": total, "float_days": _days(total, day), "free_float": free, "free_days": _days(free, day),
            "critical": bool(lists["critical"][at]), "reason": None if reason is None else REASON_CODES[Reason(reason)],
            "driver": _filled(lists["driver"][at]),
            "findings": computed.findings[row].split(",") if computed.findings[row] else [],
        }  # fmt: skip
        if made["summary"] or was[at]:
            span = _filled(int(spans[at]))
            made |= {"duration": span, "days": _days(span, day)}
        found.append(made)
    return found


def _filled(value: int) -> int | None:
    return None if value == NULL else value


def _texts(minutes: Integers) -> list[str | None]:
    """Minutes since 1950 as ISO texts."""
    known = minutes != NULL
    texts = np.datetime_as_string(EPOCH + np.where(known, minutes, 0).astype("timedelta64[m]"), unit="m").tolist()
    return [text if there else None for text, there in zip(texts, known.tolist(), strict=True)]


def _spans(rows: list[dict[str, Any]], clock: Clock) -> list[int | None]:
    """Working minutes of summaries between their dates; other rows have durations of their own."""
    wanted = [number for number, row in enumerate(rows) if row["summary"] and row["start"] and row["finish"]]
    spans: list[int | None] = [row["duration"] for row in rows]
    if wanted:
        calendars = np.array([clock.of(rows[number]["calendar_id"]) for number in wanted], np.int64)
        starts = np.array([instant(rows[number]["start"]) for number in wanted], np.int64)
        ends = np.array([instant(rows[number]["finish"]) for number in wanted], np.int64)
        for number, minutes in zip(wanted, clock.set.between(calendars, starts, ends).tolist(), strict=True):
            spans[number] = minutes
    return spans


def _days(minutes: int | None, day: int) -> float | None:
    if minutes is None:
        return None
    days = minutes / day
    return int(days) if days.is_integer() else round(days, 2)


def _row(row: dict[str, Any], clock: Clock, parent: int | None, span: int | None) -> dict[str, Any]:
    day = clock.day(clock.of(row["calendar_id"], elapsed=row["elapsed"]))
    reason = row["reason"]
    made: dict[str, Any] = {name: row[name] for name in PLAIN if name not in ("pk", "finding")}
    made |= {name: iso(row[name]) for name in TIMES}
    made |= {name: None if row[name] is None else _plain(row[name]) for name in DECIMALS}
    return made | {
        "id": row["pk"], "parent": parent, "duration": span, "days": _days(span, day),
        "remaining_days": _days(row["remaining"], day), "float_days": _days(row["total_float"], day),
        "free_days": _days(row["free_float"], day), "calendar": row["calendar_id"], "responsible": row["responsible_id"],
        "who": f"{row['responsible__first_name'] or ''} {row['responsible__last_name'] or ''}".strip(),
        "reason": None if reason is None else REASON_CODES[Reason(reason)],
        "findings": row["finding"].split(",") if row["finding"] else [],
    }  # fmt: skip


def _plain(value: Any) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _links(links: QuerySet[Link], clock: Clock) -> list[dict[str, Any]]:
    columns = (
        "pk",
        "version",
        "predecessor_id",
        "successor_id",
        "type",
        "lag",
        "lag_elapsed",
        "successor__calendar_id",
        "successor__elapsed",
    )
    return [
        {
            "id": pk, "version": version, "from": before, "to": after, "type": kind, "lag": lag, "lag_elapsed": by_clock,
            "lag_days": _days(lag, clock.day(clock.of(calendar, elapsed=by_clock or elapsed))),
        }
        for pk, version, before, after, kind, lag, by_clock, calendar, elapsed in links.order_by("pk").values_list(*columns)
    ]  # fmt: skip


def _outer(plan: Plan, user: User | None) -> list[dict[str, Any]]:
    """Links to and from other projects; of a project that the reader may not see only that there is one."""
    rows = Link.objects.filter(over_the_border_of(plan.pk))
    rows = rows.select_related("predecessor__plan__project", "successor__plan__project").order_by("pk")
    found = []
    seen: dict[int, bool] = {}
    for link in rows:
        incoming = link.plan_id == plan.pk
        other = link.predecessor if incoming else link.successor
        allowed = seen.setdefault(other.plan_id, can(user, "view", other.plan))
        found.append(
            {
                "id": link.pk, "version": link.version, "from": link.predecessor_id, "to": link.successor_id, "type": link.type, "lag": link.lag,
                "direction": "in" if incoming else "out", "project": other.plan.key if allowed else "",
                "name": str(other) if allowed else "", "start": iso(other.start) if allowed else None,
                "finish": iso(other.finish) if allowed else None,
            }
        )  # fmt: skip
    return found


def _settings(plan: Plan, user: User | None, wanted: int | None) -> dict[str, Any]:
    rows = calendars_of(plan)
    exchange = as_exchange(rows.values())
    first = (plan.start - dt.timedelta(days=366)).date()
    last = ((plan.finish or plan.start) + dt.timedelta(days=366)).date()
    clock = clock_of(plan)
    calendars = [
        {
            "id": number, "name": row.name, "day": clock.day(clock.of(number)),
            "week": [clock_day_works(clock, number, weekday) for weekday in range(7)],
            "free": [[one.isoformat(), other.isoformat(), name] for one, other, name in free_spans(exchange[number], first, last)],
        }
        for number, row in rows.items()
    ]  # fmt: skip
    shown, baselines = _baselines(plan, wanted)
    return {"calendars": calendars, "people": _people(plan, user), "baseline": shown, "baselines": baselines}


def clock_day_works(clock: Clock, calendar: int, weekday: int) -> bool:
    """Whether the usual week of a calendar works on a weekday (0 Monday)."""
    row = clock.of(calendar)
    return bool(clock.set.calendars[row - 1].week[weekday]) if row else True  # type: ignore[index]


def _people(plan: Plan, user: User | None) -> list[dict[str, Any]]:
    """Whom a row can be given to: the project's people, and who is responsible already."""
    rows = Person.objects.filter(
        Q(memberships__project=plan.project) | Q(activities__plan=plan) | Q(pk=plan.project.manager_id)
    )
    if user is not None:
        rows = rows.filter(visible(user, Person))
    found = rows.distinct().order_by("last_name", "first_name", "pk")
    return [{"id": person.pk, "name": str(person)} for person in found]


def _baselines(plan: Plan, wanted: int | None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    rows = list(Baseline.objects.filter(plan=plan, state__in=("approved", "superseded")).order_by("number"))
    listed = [{"number": one.number, "label": f"{one} · {day_text(one.data_date)}", "state": one.state} for one in rows]
    chosen = next((one for one in rows if one.number == wanted), rows[-1] if rows and wanted is None else None)
    if chosen is None:
        return None, listed
    frozen = BaselineRow.objects.filter(baseline=chosen, activity__isnull=False)
    dates = {
        str(pk): [iso(start), iso(finish)] for pk, start, finish in frozen.values_list("activity_id", "start", "finish")
    }
    return {"number": chosen.number, "rows": dates}, listed
