"""A stored plan as a document of the exchange, and the values of a document as columns: the two directions of one mapping.

What has no column stands in ``told``. Where a column cannot hold exactly what the file said (more decimals, a row that calls itself a
summary), ``told["exact"]`` keeps ``[what the column gives back, what the file said]``: the export says the latter as long as nobody changed the column.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from stellwerk.core import formats
from stellwerk.planning.choices import Kind
from stellwerk.planning.exchange.document import (
    Assignment,
    Baseline,
    Document,
    Duration,
    Lag,
    Link,
    ProjectInfo,
    Resource,
    Task,
)
from stellwerk.planning.exchange.kept import CodeType, FieldDefinition, RawTable
from stellwerk.planning.models import (
    Activity,
    BaselineRow,
    Plan,
    PlanResource,
    WorkingCalendar,
)
from stellwerk.planning.models import Assignment as StoredAssignment
from stellwerk.planning.models import Link as StoredLink
from stellwerk.planning.selectors.calendars import as_exchange
from stellwerk.planning.telling import decoded, encoded, hints_of, told_into, told_of

TASK_FIELDS: Final = frozenset(
    ("uid", "name", "wbs", "code", "level", "summary", "milestone", "kind", "active", "manual", "type", "effort_driven", "start", "finish",
     "duration", "calendar", "constraint", "constraint_date", "constraint2", "constraint2_date", "deadline", "percent_complete",
     "actual_start", "actual_finish", "remaining_duration", "priority", "notes", "work", "actual_work", "remaining_work")
)  # fmt: skip
"""Fields of a task that have columns."""
COMPUTED_BY_OTHERS: Final = (
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "critical",
    "actual_duration",
    "stop",
    "resume",
)
"""What a file says of its own computing: true only as long as the plan is as it was imported."""
LINK_FIELDS: Final = ("predecessor", "successor", "type", "lag")
RESOURCE_FIELDS: Final = ("uid", "name", "type", "generic", "max_units", "calendar")
ASSIGNMENT_FIELDS: Final = ("uid", "task", "resource", "units", "work", "actual_work", "remaining_work")
PROJECT_FIELDS: Final = ("start", "data_date", "must_finish", "calendar", "dates_win")

DAY_ONE: Final = dt.datetime(2000, 1, 3, 8)  # noqa: DTZ001 - a plan without any date
HUNDRED: Final = Decimal(100)
LARGEST_WORK: Final = Decimal(10) ** 10
LARGEST_COST: Final = Decimal(10) ** 14
LARGEST_UNITS: Final = Decimal(10) ** 7


# ── a task as columns ────────────────────────────────────────────────────────────────────────────


def columns_of_task(task: Task, calendars: Mapping[int, int], currency: str = "") -> dict[str, Any]:
    """Column → value of a row, without its place; ``calendars``: number in the file → number here.

    ``currency`` of the planned cost; without one it has no column (summary rows, files in another currency than the project's).
    """
    percent = min(HUNDRED, max(Decimal(0), task.percent_complete or Decimal(0)))
    kind = Kind.MILESTONE if task.milestone and task.kind not in ("start_milestone", "finish_milestone") else task.kind
    finish = task.actual_finish
    start = task.actual_start or (finish and min(finish, task.start or finish))
    return {
        "uid": task.uid, "name": task.name[:500], "wbs": task.wbs[:120], "code": task.code[:120], "level": min(task.level, 50), "kind": kind,
        "state": "completed" if percent >= HUNDRED or finish else "in_progress" if percent > 0 or start else "not_started",
        "active": task.active, "manual": task.manual, "type": task.type or "", "effort_driven": bool(task.effort_driven), "notes": task.notes,
        "start": minute_of(task.start), "finish": minute_of(task.finish), "duration": None if task.duration is None else max(0, task.duration.minutes),
        "elapsed": bool(task.duration and task.duration.elapsed), "estimated": bool(task.duration and task.duration.estimated),
        "calendar_id": calendars.get(task.calendar) if task.calendar is not None else None,
        "constraint": task.constraint, "constraint_date": minute_of(task.constraint_date), "constraint2": task.constraint2 or "",
        "constraint2_date": minute_of(task.constraint2_date), "deadline": minute_of(task.deadline), "percent": percent.quantize(Decimal("0.01")),
        "actual_start": minute_of(start), "actual_finish": minute_of(finish),
        "remaining": None if task.remaining_duration is None else max(0, task.remaining_duration.minutes),
        "priority": task.priority if task.priority is not None and 0 <= task.priority < 32768 else None,
        "work": hours_of(task.work), "actual_work": hours_of(task.actual_work), "remaining_work": hours_of(task.remaining_work),
        "cost": cents_of(task.cost, currency),
        "told": told_of(task, without=TASK_FIELDS | {"cost"} if currency else TASK_FIELDS),
    }  # fmt: skip


def cents_of(value: Decimal | None, currency: str) -> int | None:
    """Minor units of the currency as a column holds them; None where it cannot."""
    known = (
        currency and value is not None and 0 < value < LARGEST_COST
    )  # 0 is what tools write where nobody planned any
    return formats.minor(value, currency) if known and value is not None else None


def minute_of(value: dt.datetime | None) -> dt.datetime | None:
    """Columns hold whole minutes; what the file said exactly stands in ``told``."""
    return None if value is None else value.replace(second=0, microsecond=0)


def hours_of(value: Decimal | None) -> Decimal | None:
    """Effort as a column holds it; None where it cannot."""
    # below the limit before and after rounding
    return None if value is None or abs(value) >= LARGEST_WORK - 1 else _rounded(value, "0.0001")


def _rounded(value: Decimal, step: str) -> Decimal:
    """Never a negative zero, which databases do not give back."""
    return value.quantize(Decimal(step)) + 0


def _units(value: Decimal | None) -> Decimal | None:
    """100 is one full person here; 1 in a file."""
    return None if value is None or abs(value) >= LARGEST_UNITS / 100 else _rounded(value * 100, "0.01")


def with_exact(values: dict[str, Any], given: Any, back: Any) -> dict[str, Any]:
    """``values`` with what the file said where the columns would give ``back`` something else.

    What stands in ``told`` comes back from there as it was said: it is not compared, and ``back`` need not carry it.
    """
    exact, told = {}, values["told"]
    kind: Any = type(given)
    for name in _compared(kind):
        if name in told:
            continue
        said, got = getattr(given, name), getattr(back, name)
        if said is not got and said != got:
            exact[name] = [encoded(got), encoded(said)]
    return values | {"told": values["told"] | {"exact": exact}} if exact else values


@lru_cache(maxsize=16)
def _compared(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.compare and one.name != "line")


def _exactly(made: Any, told: Mapping[str, Any]) -> Any:
    """What the file said, where the columns still give what they gave then."""
    kind: Any = type(made)
    hints = hints_of(kind)
    back = {
        name: decoded(hints[name], said)
        for name, (got, said) in told.get("exact", {}).items()
        if name in hints and encoded(getattr(made, name)) == got
    }
    return replace(made, **back) if back else made


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "exact"}


def task_of(
    row: Mapping[str, Any], calendars: Mapping[int, int], *, summary: bool, as_imported: bool, currency: str = "EUR"
) -> Task:
    """The task of a row given as columns. ``calendars``: number here → number in the file; ``currency`` of its cost."""
    told = _plain(row["told"])
    kept = told if as_imported else {name: value for name, value in told.items() if name not in COMPUTED_BY_OTHERS}
    made = task_of_columns(row, calendars, summary=summary, currency=currency)
    if not as_imported:
        made = replace(
            made, late_start=row.get("late_start"), late_finish=row.get("late_finish"), critical=row.get("critical")
        )
    made = told_into(made, kept)
    return _exactly(made, row["told"])  # type: ignore[no-any-return]


def task_of_columns(
    row: Mapping[str, Any], calendars: Mapping[int, int], *, summary: bool, currency: str = "EUR"
) -> Task:
    """What the columns alone say of a row, without what stands beside them in ``told``."""
    elapsed = row["elapsed"]
    duration = None if row["duration"] is None else Duration(row["duration"], elapsed, estimated=row["estimated"])
    remaining = None if row["remaining"] is None else Duration(row["remaining"], elapsed)
    made = Task(
        uid=row["uid"], name=row["name"], wbs=row["wbs"], code=row["code"], level=row["level"], summary=summary,
        milestone=row["kind"] in ("start_milestone", "finish_milestone"), kind=row["kind"], active=row["active"], manual=row["manual"],
        type=row["type"] or None, effort_driven=row["effort_driven"], start=row["start"], finish=row["finish"], duration=duration,
        calendar=calendars.get(row["calendar_id"]) if row["calendar_id"] is not None else None, constraint=row["constraint"],
        constraint_date=row["constraint_date"], constraint2=row["constraint2"] or None, constraint2_date=row["constraint2_date"],
        deadline=row["deadline"], percent_complete=_short(row["percent"]), actual_start=row["actual_start"], actual_finish=row["actual_finish"],
        remaining_duration=remaining, priority=row["priority"], notes=row["notes"], work=_short(row["work"]),
        actual_work=_short(row["actual_work"]), remaining_work=_short(row["remaining_work"]),
        cost=None if row["cost"] is None else _short(formats.major(row["cost"], currency)),
    )  # fmt: skip
    if made.cost is not None and not _plain(row["told"]):
        # a row made here: other tools add up what they know of, and would lose it
        made = replace(made, fixed_cost=made.cost)
    return made


def _short(value: Decimal | None) -> Decimal | None:
    """Without the zeros that a column adds."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


# ── links, resources, assignments ────────────────────────────────────────────────────────────────


def columns_of_link(link: Link) -> dict[str, Any]:
    percent = link.lag.percent
    values = {
        "type": link.type, "lag": link.lag.minutes, "lag_elapsed": link.lag.elapsed,
        "lag_percent": None if percent is None or abs(percent) >= LARGEST_UNITS else _rounded(percent, "0.01"), "told": told_of(link, without=LINK_FIELDS),
    }  # fmt: skip
    return with_exact(values, link, _link(values | {"before": link.predecessor, "after": link.successor}))


def _link(row: Mapping[str, Any]) -> Link:
    lag = Lag(row["lag"], row["lag_elapsed"], _short(row["lag_percent"]))
    return Link(row["before"], row["after"], row["type"], lag)


def link_of(row: Mapping[str, Any]) -> Link:
    made = told_into(_link(row), _plain(row["told"]))
    return _exactly(made, row["told"])  # type: ignore[no-any-return]


def columns_of_resource(resource: Resource, calendars: Mapping[int, int]) -> dict[str, Any]:
    values = {
        "uid": resource.uid, "name": resource.name[:250], "kind": resource.type, "generic": resource.generic,
        "max_units": _units(resource.max_units),
        "calendar_id": calendars.get(resource.calendar) if resource.calendar is not None else None,
        "told": told_of(resource, without=RESOURCE_FIELDS),
    }  # fmt: skip
    return with_exact(values, resource, resource_of(values, {here: there for there, here in calendars.items()}))


def resource_of(row: Mapping[str, Any], calendars: Mapping[int, int]) -> Resource:
    made = Resource(
        uid=row["uid"], name=row["name"], type=row["kind"], generic=row["generic"],
        max_units=None if row["max_units"] is None else _short(row["max_units"] / 100),
        calendar=calendars.get(row["calendar_id"]) if row["calendar_id"] is not None else None,
    )  # fmt: skip
    return _exactly(told_into(made, _plain(row["told"])), row["told"])  # type: ignore[no-any-return]


def columns_of_assignment(one: Assignment) -> dict[str, Any]:
    values = {
        "uid": one.uid, "units": _units(one.units), "work": hours_of(one.work), "actual_work": hours_of(one.actual_work),
        "remaining_work": hours_of(one.remaining_work), "told": told_of(one, without=ASSIGNMENT_FIELDS),
    }  # fmt: skip
    return with_exact(values, one, _assignment(values | {"task": one.task, "resource": one.resource}))


def _assignment(row: Mapping[str, Any]) -> Assignment:
    return Assignment(
        uid=row["uid"], task=row["task"], resource=row["resource"],
        units=None if row["units"] is None else _short(row["units"] / 100), work=_short(row["work"]),
        actual_work=_short(row["actual_work"]), remaining_work=_short(row["remaining_work"]),
    )  # fmt: skip


def assignment_of(row: Mapping[str, Any]) -> Assignment:
    return _exactly(told_into(_assignment(row), _plain(row["told"])), row["told"])  # type: ignore[no-any-return]


# ── the whole plan ───────────────────────────────────────────────────────────────────────────────


def document_of(plan: Plan) -> Document:
    """The plan as every writer and check of the exchange takes it.

    A plan that was imported and not touched since is the file again; else its dates and floats are those computed here.
    """
    calendar_rows = plan_calendars(plan)
    exchange = as_exchange(calendar_rows, by_uid=True)
    numbers = {pk: calendar.uid for pk, calendar in exchange.items()}
    rows = list(Activity.objects.filter(plan=plan).order_by("position", "pk").values())
    uids = {row["id"]: row["uid"] for row in rows}
    baselines = _baselines(plan)
    tasks = [
        _with_baselines(
            task_of(row, numbers, summary=row["summary"], as_imported=plan.stale, currency=plan.project.currency),
            baselines,
        )
        for row in rows
    ]
    resources = list(PlanResource.objects.filter(plan=plan).order_by("pk").values())
    resource_uids = {row["id"]: row["uid"] for row in resources}
    told = plan.told
    links = StoredLink.objects.filter(plan=plan, predecessor__plan=plan).order_by("pk").values()
    assignments = StoredAssignment.objects.filter(plan=plan).order_by("pk").values()
    return Document(
        project=_project(plan, numbers),
        calendars=tuple(exchange.values()),
        tasks=_with_blanks(tasks, told),
        links=(
            *(
                link_of(row | {"before": uids[row["predecessor_id"]], "after": uids[row["successor_id"]]})
                for row in links
            ),
            *(decoded(Link, one) for one in told.get("links", ())),
        ),
        resources=tuple(resource_of(row, numbers) for row in resources),
        assignments=(
            *(
                assignment_of(
                    row | {"task": uids[row["activity_id"]], "resource": resource_uids.get(row["resource_id"])}
                )
                for row in assignments
            ),
            *(decoded(Assignment, one) for one in told.get("assignments", ())),
        ),
        code_types=tuple(decoded(CodeType, one) for one in told.get("code_types", ())),
        fields=tuple(decoded(FieldDefinition, one) for one in told.get("fields", ())),
        tables=tuple(decoded(RawTable, one) for one in told.get("tables", ())),
        format=plan.source or "",  # type: ignore[arg-type]
    )


def plan_calendars(plan: Plan) -> list[WorkingCalendar]:
    """The calendars that came with the plan, and those of the house that it uses, with their bases."""
    own = list(WorkingCalendar.objects.filter(plan=plan).order_by("pk"))
    used = set(Activity.objects.filter(plan=plan, calendar__isnull=False).values_list("calendar_id", flat=True))
    used |= {plan.calendar_id} if plan.calendar_id is not None else set()
    shared = {row.pk: row for row in WorkingCalendar.objects.filter(plan=None).order_by("pk")}
    wanted = [row for pk, row in shared.items() if pk in used]
    for row in wanted:
        base = shared.get(row.base_id) if row.base_id is not None else None
        if base is not None and base not in wanted:
            wanted.append(base)
    return [*own, *wanted]


def _project(plan: Plan, calendars: Mapping[int, int]) -> ProjectInfo:
    made = ProjectInfo(
        name=plan.project.name, code=plan.key, start=plan.start, finish=plan.finish, data_date=plan.data_date, must_finish=plan.must_finish,
        calendar=calendars.get(plan.calendar_id) if plan.calendar_id is not None else None, currency=plan.project.currency,
        dates_win=plan.dates_win,
    )  # fmt: skip
    told = plan.told.get("project", {})
    kept = {
        name: value
        for name, value in _plain(told).items()
        if name not in PROJECT_FIELDS and (name != "finish" or plan.stale)
    }
    return _exactly(told_into(made, kept), told)  # type: ignore[no-any-return]


def told_of_project(plan: Plan, given: ProjectInfo, calendars: Mapping[int, int]) -> dict[str, Any]:
    """What the file says of the project and the plan has no column for; ``calendars``: number here → number in the file."""
    told = told_of(given, without=PROJECT_FIELDS)
    # Fields that the project itself answers must say what the file said, also where that is nothing.
    told |= {name: encoded(getattr(given, name)) for name in ("name", "code", "finish", "currency")}
    before, plan.told = plan.told, {"project": told}
    back = _project(plan, calendars)
    plan.told = before
    return with_exact({"told": told}, given, back)["told"]  # type: ignore[no-any-return]


def _with_blanks(tasks: list[Task], told: Mapping[str, Any]) -> tuple[Task, ...]:
    """Empty rows of the file at their places."""
    for place, one in told.get("blanks", ()):
        tasks.insert(min(place, len(tasks)), decoded(Task, one))
    return tuple(tasks)


def _baselines(plan: Plan) -> dict[int, dict[int, Baseline]]:
    """uid → number → what was frozen, of baselines that were approved here."""
    frozen = BaselineRow.objects.filter(
        baseline__plan=plan,
        baseline__state__in=("approved", "superseded"),
        baseline__number__lte=10,
        baseline__imported=False,
    )
    columns = ("uid", "baseline__number", "start", "finish", "duration", "work")
    found: dict[int, dict[int, Baseline]] = defaultdict(dict)
    for uid, number, start, finish, duration, work in frozen.values_list(*columns):
        minutes = None if duration is None else Duration(duration)
        found[uid][number] = Baseline(number, start, finish, minutes, _short(work))
    return found


def _with_baselines(task: Task, frozen: Mapping[int, Mapping[int, Baseline]]) -> Task:
    here = frozen.get(task.uid)
    if not here:
        return task
    known = {one.number: one for one in task.baselines}
    return replace(task, baselines=tuple(one for _number, one in sorted((known | dict(here)).items())))
