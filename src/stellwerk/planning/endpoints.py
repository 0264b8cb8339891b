"""Plans, activities, links, baselines and working calendars in the API.

Everything that changes a plan goes through :func:`edit_plan`, as on the page: all operations or none, one undo step.
"""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.once import once
from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, INT, PROBLEMS, READ_PROBLEMS, VERSION, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.pages.rows import Rows
from stellwerk.core.permissions import can
from stellwerk.planning.choices import Constraint, EvMethod, Kind, ProgressMode, TaskType
from stellwerk.planning.forms import EXCEPTION_ROWS
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Link, Plan, WorkingCalendar
from stellwerk.planning.models.fields import LocalTime
from stellwerk.planning.selectors.chart import chart_data
from stellwerk.planning.services.calendars import create_calendar, edit_calendar
from stellwerk.planning.services.editing import Edited, EditRefused, edit_plan, reschedule, undo_edit
from stellwerk.planning.services.plans import create_plan
from stellwerk.portfolio.models import Project

router = Router()
MOST_OPERATIONS = 2000


# ── plans ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PlanResource(Resource):
    """A plan is called by the key of its project."""

    @property
    def lookup(self) -> str:
        return "project__key"

    @property
    def key_type(self) -> Any:
        return str


@dataclass(frozen=True)
class RowResource(Resource):
    """Rows of plans: their project is read along."""

    def relations(self) -> tuple[list[str], list[str]]:
        one, many = super().relations()
        return [*one, "plan__project"], many


def _as_given(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the operations of an edit take them: numbers of entities, texts of decimals."""
    return {
        name: value.pk if isinstance(value, models.Model) else str(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def _edited(plan: Plan, operation: dict[str, Any], by: User, reason: str) -> None:
    """One operation. Its faults are those of the body's fields."""
    edit_plan(plan=plan, operations=[operation], by=by, reason=reason)


def _edit_settings(obj: Any, values: Any, *, by: Any, version: Any, reason: str) -> Plan:
    if values:
        _edited(obj, {"op": "plan", "version": version, "values": _as_given(values)}, by, reason)
    return Plan.objects.select_related("project", "calendar").get(pk=obj.pk)


class PlanChange(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)
    start: LocalTime | None = None
    data_date: LocalTime | None = None
    must_finish: LocalTime | None = None
    calendar: str | None = Field(None, description="Key of a working calendar; null: Monday to Friday, eight hours.")
    progress_mode: Literal[tuple(ProgressMode.values)] | None = None  # type: ignore[valid-type]
    dates_win: StrictBool | None = Field(None, description="Dates that must be kept win over links.")
    auto_wbs: StrictBool | None = None


class PlanEditIn(Strict):
    """What a planner did in the grid or chart (``docs/planning-protocol.md``): all of it or nothing, one undo step."""

    ops: list[dict[str, Any]] = Field(..., min_length=1, max_length=MOST_OPERATIONS)
    preview: StrictBool = False
    reason: str = Field("", max_length=5000)


class RescheduleIn(Strict):
    preview: StrictBool = False


class UndoIn(Strict):
    change: uuid.UUID = Field(..., description="The `change` of the edit's answer.")


class MoveOut(Schema):
    row: int
    wbs: str
    name: str
    start: list[str]
    finish: list[str]
    days: float = Field(..., description="Working days of the activity's calendar; positive is later.")
    why: str


class EffectOut(Schema):
    text: str
    moved: int
    finish: list[Any] = Field(..., description="End of the plan before and after, and the working days between.")
    changes: list[MoveOut] = Field(..., description="At most 500, the largest moves first.")


class RemovedOut(Schema):
    rows: list[int]
    links: list[int]


class EditedOut(Schema):
    revision: int
    preview: bool
    effect: EffectOut
    warnings: list[str]
    refs: dict[str, int] = Field(
        ..., description="Numbers of the rows that were added, by the `ref` of their operation."
    )
    removed: RemovedOut
    change: str | None = Field(..., description="For undo; null after a preview.")


def _told(edited: Edited, preview: bool) -> dict[str, Any]:
    return {
        "revision": edited.plan.revision, "preview": preview, "effect": edited.effect.as_json(), "warnings": list(edited.effect.warnings),
        "refs": dict(edited.refs), "removed": {"rows": list(edited.removed_rows), "links": list(edited.removed_links)},
        "change": str(edited.change_set.uid) if edited.change_set is not None and not preview else None,
    }  # fmt: skip


def _edit(obj: Any, data: Any, user: User) -> dict[str, Any]:
    try:
        edited = edit_plan(plan=obj, operations=data.ops, by=user, preview=data.preview, reason=data.reason)
    except EditRefused as error:
        places: dict[str, list[Any]] = {}
        for fault in error.faults:
            places.setdefault(".".join(("ops", str(fault.op), *filter(None, (fault.field,)))), []).append(fault.message)
        raise Invalid(places, str(error.message)) from error
    return _told(edited, data.preview)


def _reschedule(obj: Any, data: Any, user: User) -> dict[str, Any]:
    return _told(reschedule(plan=obj, by=user, preview=data.preview), data.preview)


def _undo(obj: Any, data: Any, user: User) -> dict[str, Any]:
    change = ChangeSet.objects.filter(uid=data.change, plan__plan=obj.pk).first()
    if change is None:
        raise Http404
    return _told(undo_edit(change_set=change, plan=obj, by=user), False)


_PLAN = ("start", "data_date", "must_finish", "calendar", "progress_mode", "dates_win", "auto_wbs")
_ACTIVITY = (
    "id", "version", "uid", "position", "level", "summary", "wbs", "code", "name", "kind", "state", "responsible", "notes", "priority",
    "duration", "elapsed", "estimated", "calendar", "type", "effort_driven", "work", "units", "constraint", "constraint_date", "deadline",
    "manual", "active", "percent", "remaining", "remaining_work", "actual_work", "actual_start", "actual_finish", "ev_method", "weight",
    "start", "finish", "late_start", "late_finish", "total_float", "free_float", "critical", "finding",
)  # fmt: skip
_LINK = ("id", "version", "predecessor", "successor", "type", "lag", "lag_elapsed", "lag_percent")
_BASELINE = (
    "version",
    "number",
    "name",
    "reason",
    "state",
    "data_date",
    "approved_at",
    "approved_by",
    "sha256",
    "imported",
)
_FROZEN = ("id", "uid", "activity", "level", "summary", "kind", "wbs", "name", "start", "finish", "duration", "work", "ev_method", "weight")  # fmt: skip
ACTIVITY_ROWS = Rows("activities", "", Activity, (), "plan")
LINK_ROWS = Rows("links", "", Link, (), "plan")
BASELINE_ROWS = Rows("baselines", "", Baseline, (), "plan")
FROZEN_ROWS = Rows("rows", "", BaselineRow, (), "baseline")
PLANS = PlanResource(
    Plan,
    "plans",
    read=("version", "revision", *_PLAN, "finish", "stale", "source", "source_name", "created_at", "updated_at"),
    computed={"key": (str, lambda plan: plan.project.key), "name": (str, lambda plan: plan.project.name)},
    creatable=False,
    change=PlanChange,
    edit=_edit_settings,
    queryset=lambda: Plan.objects.select_related("project"),
    children=(
        Child(ACTIVITY_ROWS, read=_ACTIVITY, write=False, filters=("uid", "kind", "state", "wbs", "code", "critical", "summary", "active")),
        Child(LINK_ROWS, read=_LINK, write=False, filters=("predecessor", "successor", "type")),
    ),
    actions=(
        Action("edit", _edit, PlanEditIn, verb="view", answer=EditedOut, summary="Change rows, links and settings, or preview it"),
        Action("reschedule", _reschedule, RescheduleIn, answer=EditedOut, summary="Compute all dates anew, or preview it"),
        Action("undo", _undo, UndoIn, answer=EditedOut, summary="Take an edit back"),
    ),
)  # fmt: skip
add_resource(router, PLANS)


class PlanIn(Strict):
    project: str = Field(..., min_length=1, max_length=200, description="Key of a project without a plan.")
    start: Day | None = Field(None, description="Default: the start of the project, else today.")


@router.post(
    "/plans", response={201: dict[str, Any], **PROBLEMS}, tags=PLANS.tags, operation_id="create_plans",
    summary="Begin an empty plan",
)  # fmt: skip
@once
def begin_plan(request: HttpRequest, data: PlanIn, response: HttpResponse) -> Any:
    """Errors: the project has a plan already (409)."""
    check_scope(request, "write", PLANS.label)
    refuse_unstorable("project", data.project)
    project = fetch(actor(request), Project.objects.all(), "edit", key=data.project)
    made = create_plan(project=project, by=actor(request), start=data.start)
    response["Location"] = f"{request.path}/{project.key}"
    shown = PLANS.shown(PLANS.rows().get(pk=made.pk), request, response)
    return Status(201, {name: _plain(value) for name, value in shown.items()})


def _plain(value: Any) -> Any:
    local = isinstance(value, dt.datetime) and value.tzinfo is None
    return value.isoformat(timespec="minutes") if local else value


@router.get(
    "/plans/{key}/data", response={200: dict[str, Any], 204: None, **READ_PROBLEMS}, tags=PLANS.tags, operation_id="data_plans",
    summary="Everything that the plan page shows, or what is newer",
)  # fmt: skip
def plan_data(
    request: HttpRequest,
    key: str,
    since: int | None = Query(None, ge=0, le=INT, description="A revision that you have: only newer rows and links."),  # type: ignore[type-arg]
    baseline: int | None = Query(None, ge=0, le=32767),  # type: ignore[type-arg]
) -> Any:
    """The document is described in ``docs/planning-protocol.md``. 204: nothing is newer than ``since``."""
    plan = PLANS.one(request, key)
    found = chart_data(plan, actor(request), since=since, baseline=baseline)
    return Status(204, None) if found is None else Status(200, found)


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


class ActivityChange(Strict):
    """``days`` and ``remaining_days`` are working days of the row's calendar, ``duration`` and ``remaining`` its minutes."""

    version: int | None = VERSION
    reason: str = Field("", max_length=5000)
    name: str | None = Field(None, max_length=500)
    code: str | None = Field(None, max_length=120)
    wbs: str | None = Field(None, max_length=120)
    notes: str | None = Field(None, max_length=100_000)
    kind: Literal[tuple(Kind.values)] | None = None  # type: ignore[valid-type]
    duration: StrictInt | None = Field(None, ge=0, le=BIGINT)
    days: Decimal | None = Field(None, max_digits=12, decimal_places=4)
    elapsed: StrictBool | None = None
    start: LocalTime | None = Field(None, description="Becomes “start no earlier than”, as a dragged bar does.")
    finish: LocalTime | None = Field(None, description="Sets the duration until then.")
    percent: Decimal | None = Field(None, max_digits=5, decimal_places=2)
    remaining: StrictInt | None = Field(None, ge=0, le=BIGINT)
    remaining_days: Decimal | None = Field(None, max_digits=12, decimal_places=4)
    actual_start: LocalTime | None = None
    actual_finish: LocalTime | None = None
    calendar: str | None = None
    responsible: str | None = None
    constraint: Literal[tuple(Constraint.values)] | None = None  # type: ignore[valid-type]
    constraint_date: LocalTime | None = None
    deadline: LocalTime | None = None
    manual: StrictBool | None = None
    active: StrictBool | None = None
    type: Literal[tuple(TaskType.values)] | None = None  # type: ignore[valid-type]
    effort_driven: StrictBool | None = None
    work: Decimal | None = Field(None, max_digits=14, decimal_places=4)
    units: Decimal | None = Field(None, max_digits=9, decimal_places=2)
    ev_method: Literal[tuple(EvMethod.values)] | None = None  # type: ignore[valid-type]
    weight: StrictInt | None = Field(None, ge=0, le=32767)
    priority: StrictInt | None = Field(None, ge=0, le=32767)


def _edit_activity(obj: Any, values: Any, *, by: Any, version: Any, reason: str) -> Activity:
    if values:
        plan = Plan.objects.select_related("project", "calendar").get(pk=obj.plan_id)
        _edited(plan, {"op": "set", "row": obj.pk, "version": version, "values": _as_given(values)}, by, reason)
    return Activity.objects.select_related("plan__project", "calendar", "responsible").get(pk=obj.pk)


_PROJECT = {"project": (str, lambda row: row.plan.project.key)}


@dataclass(frozen=True)
class ActivityResource(RowResource):
    """Whoever only reports progress on an activity may change that: the edit asks what exactly."""

    def one(self, request: HttpRequest, key: Any, verb: str = "view", scope: str = "") -> Any:
        if verb != "edit":
            return super().one(request, key, verb, scope)
        found = super().one(request, key, "view", scope or "write")
        if not can(actor(request), "progress", found):
            return super().one(request, key, "edit", scope)
        return found


add_resource(
    router,
    ActivityResource(
        Activity,
        "activities",
        read=_ACTIVITY,
        computed=_PROJECT,
        creatable=False,
        change=ActivityChange,
        edit=_edit_activity,
    ),
)
add_resource(
    router,
    RowResource(
        Baseline,
        "baselines",
        read=("id", *_BASELINE),
        computed=_PROJECT,
        creatable=False,
        children=(Child(FROZEN_ROWS, read=_FROZEN, write=False, filters=("uid", "kind")),),
    ),
)


@router.get(
    "/plans/{key}/baselines", response={200: list[dict[str, Any]], **READ_PROBLEMS}, tags=PLANS.tags, operation_id="list_plans_baselines",
    summary="The baselines of a plan, the newest first",
)  # fmt: skip
def plan_baselines(request: HttpRequest, key: str) -> Any:
    plan = PLANS.one(request, key)
    rows = Baseline.objects.filter(plan=plan).select_related("approved_by").order_by("-number")
    return [
        {
            "id": row.pk, "number": row.number, "name": row.name, "state": row.state, "data_date": row.data_date.isoformat(),
            "approved_at": row.approved_at.isoformat() if row.approved_at else None, "imported": row.imported,
        }
        for row in rows
    ]  # fmt: skip


# ── working calendars ────────────────────────────────────────────────────────────────────────────


def _edit_calendar(obj: Any, values: Any, *, by: Any, version: Any, reason: str) -> WorkingCalendar:
    return edit_calendar(obj, values, by=by, version=version, reason=reason)


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number of minutes after midnight")
    return value


Minute = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=1440)]
Shift = Annotated[list[Minute], Field(min_length=2, max_length=2)]
DayTimes = Annotated[list[Shift], Field(max_length=12)]
Week = Annotated[
    list[DayTimes | None],
    Field(max_length=7, description="Seven days, Monday first: pairs of minutes after midnight, [] for a free day, null as the base says; or an empty list."),
]  # fmt: skip


@dataclass(frozen=True)
class CalendarResource(Resource):
    """The calendar of a person is seen by who sees the person."""

    def one(self, request: HttpRequest, key: Any, verb: str = "view", scope: str = "") -> Any:
        found = super().one(request, key, verb, scope)
        if found.person is not None and not can(actor(request), "view", found.person):
            raise Http404
        return found


_CALENDAR = ("name", "kind", "organisation", "base", "person", "country", "subdivision", "week", "minutes_per_day")
add_resource(
    router,
    CalendarResource(
        WorkingCalendar,
        "calendars",
        read=("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at", *_CALENDAR),
        write=("key", "confidentiality", "owner", *_CALENDAR),
        fixed=("key",),
        shapes={"week": Week},
        create=create_calendar,
        edit=_edit_calendar,
        queryset=lambda: WorkingCalendar.objects.filter(plan=None),
        children=(Child(EXCEPTION_ROWS),),
    ),
)
