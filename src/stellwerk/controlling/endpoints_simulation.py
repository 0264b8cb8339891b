"""Schedule and cost risk in the API: estimates of a project, runs started, read and stopped."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from stellwerk.controlling.models import SimulationRun
from stellwerk.controlling.selectors.simulation import RELATED, estimate_rows, names_of
from stellwerk.controlling.services.estimates import Points, clean_group, save_estimates
from stellwerk.controlling.services.simulation import start_run, stop_run
from stellwerk.controlling.simulation import page
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.simulation.risks import Risk
from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.once import once
from stellwerk.core.api.resources import Action, Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, PROBLEMS, READ_PROBLEMS, VERSION, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.chart import plan_of_project
from stellwerk.portfolio.models import Portfolio, Programme, Project

router = Router()
TAGS = ["Simulations"]
LABEL = "controlling.simulationrun"
Key = Annotated[str, Field(min_length=1, max_length=60)]
Days = Annotated[Decimal, Field(ge=0, le=50_000, max_digits=9, decimal_places=4)]
Minor = Annotated[int, Field(ge=0, le=10**15)]
Number = Annotated[int, Field(ge=1, le=BIGINT)]
Share = Annotated[float, Field(ge=0, le=1)]


class RiskIn(Strict):
    """What happens or not. ``delay`` needs the activity that it hits."""

    name: str = Field(..., min_length=1, max_length=200)
    probability: Share
    kind: Literal["threat", "opportunity"] = "threat"
    project: Key | None = Field(None, description="Key; may be left out where one project is simulated.")
    activity: Number | None = Field(None, description="Number of the row of the plan.")
    delay: Annotated[list[Days], Field(min_length=3, max_length=3)] | None = Field(None, description="Working days of eight hours: low, likely, high.")  # fmt: skip
    cost: Annotated[list[Minor], Field(min_length=3, max_length=3)] | None = Field(None, description="Minor units of the project's currency: low, likely, high.")  # fmt: skip


class SimulationIn(Strict):
    """One of ``project``, ``programme``, ``portfolio``, by key."""

    project: Key | None = None
    programme: Key | None = None
    portfolio: Key | None = None
    iterations: int = Field(10_000, ge=100, le=200_000)
    seed: int = Field(1, ge=0, le=2**31 - 1)
    correlation: Share = Field(0.0, description="Of what moves together.")  # type: ignore[assignment,unused-ignore]
    together: Literal["group", "project"] = "group"
    distribution: Literal["", "triangular", "pert", "lognormal"] = Field("", description="Empty: as each estimate says.")  # fmt: skip
    risks: list[RiskIn] = Field([], max_length=200)


class StopIn(Strict):
    version: int | None = VERSION


class EstimateIn(Strict):
    """Days of the activity's calendar and minor units; three points or none. All left out: no estimate."""

    activity: Number
    distribution: Literal["triangular", "pert", "lognormal"] = "pert"
    duration: Annotated[list[Days], Field(min_length=3, max_length=3)] | None = None
    cost: Annotated[list[Minor], Field(min_length=3, max_length=3)] | None = None
    group: str = Field("", max_length=60)
    version: int | None = Field(None, description="Of the estimate that you saw; null where there was none.")


class EstimatesIn(Strict):
    rows: list[EstimateIn] = Field(..., min_length=1, max_length=5000)


class EstimateOut(Schema):
    activity: int
    wbs: str
    name: str
    planned: float = Field(..., description="Days.")
    distribution: str | None
    duration: list[float] | None
    cost: list[int] | None
    group: str
    version: int | None


class SavedOut(Schema):
    changed: int


class SimulatedActivityOut(Schema):
    activity: int
    name: str
    criticality: float | None
    cruciality: float | None
    index: float | None = Field(..., description="Schedule sensitivity index.")
    mean: float | None = Field(..., description="Working minutes.")
    std: float | None


class SimulatedProjectOut(Schema):
    project: str
    finish: dict[str, str] = Field(..., description="Day by percentile.")
    finish_share: float | None = Field(..., description="Probability of the approved finish.")
    cost: dict[str, int] | None = Field(..., description="Minor units by percentile.")
    cost_share: float | None = Field(..., description="Probability of the approved budget with its contingency.")
    joint_share: float | None


class ResultOut(Schema):
    iterations: int
    seed: int
    currency: str
    finish: dict[str, str] | None
    finish_approved: str | None
    finish_share: float | None
    cost: dict[str, int] | None
    cost_approved: int | None
    cost_share: float | None
    joint_share: float | None
    projects: list[SimulatedProjectOut]
    activities: list[SimulatedActivityOut]
    hidden: int = Field(..., description="Projects that you may not see; where there are some, all sums are null.")
    assumptions: list[str]


def _scope(values: dict[str, Any], user: User) -> dict[str, Any]:
    """The scope with what it is part of; a reference may be resolved already."""
    named = [(name, values[name]) for name in ("project", "programme", "portfolio") if values.get(name)]
    if len(named) != 1:
        raise Invalid({"__all__": [_("Name one of project, programme, portfolio.")]})
    name, given = named[0]
    rows = {
        "project": Project.objects.select_related("portfolio__unit", "programme"),
        "programme": Programme.objects.select_related("portfolio__unit"),
        "portfolio": Portfolio.objects.select_related("unit"),
    }[name]  # fmt: skip
    return {name: fetch(user, rows, key=getattr(given, "key", given))}


def _risk(given: Any, scope: dict[str, Any], user: User) -> Risk:
    row = given if isinstance(given, RiskIn) else RiskIn(**given)
    project = scope.get("project")
    if row.project is not None and (project is None or project.key != row.project):
        project = fetch(user, Project, key=row.project)
    if project is None:
        raise Invalid({"risks": [_("Name the project of each risk.")]})
    delay = [round(value * 480) for value in row.delay] if row.delay is not None else None
    return Risk(
        row.name, row.probability, project.pk, row.kind == "opportunity", row.activity,
        (delay[0], delay[1], delay[2]) if delay is not None else None,
        (row.cost[0], row.cost[1], row.cost[2]) if row.cost is not None else None,
    )  # fmt: skip


def _start(values: dict[str, Any], by: Any) -> SimulationRun:
    scope = _scope(values, by)
    names = ("iterations", "seed", "correlation", "together", "distribution", "risks")
    given = SimulationIn(**{name: values[name] for name in names if name in values})
    asked = Asked(given.iterations, given.seed, given.correlation, given.together, given.distribution)
    return start_run(**scope, asked=asked, risks=[_risk(row, scope, by) for row in given.risks], by=by)


def _stop(obj: Any, _data: Any, user: User) -> SimulationRun:
    return stop_run(run=obj, by=user)


RUNS = Resource(
    SimulationRun,
    "simulations",
    read=("id", "version", "created_at", "updated_at", "project", "programme", "portfolio", "iterations", "seed", "correlation", "state"),
    create=_start,
    start=SimulationIn,
    actions=(Action("stop", _stop, StopIn, summary="Stop; the iterations that are done become the result"),),
    tag="Simulations",
)  # fmt: skip
add_resource(router, RUNS)


@router.get("/simulations/{number}/result", response={200: ResultOut, **READ_PROBLEMS}, tags=TAGS, operation_id="simulation_result", summary="What a simulation told")  # fmt: skip
def result(request: HttpRequest, number: int) -> Any:
    check_scope(request, "read", LABEL)
    refuse_unstorable("number", number)
    user = actor(request)
    run = fetch(user, SimulationRun.objects.select_related(*RELATED), pk=number)
    if not page.has_result(run):
        raise Invalid({"__all__": [_("This run has no result yet.")]})
    told = run.told
    projects, hidden = page.project_rows(run, user)
    names = names_of(told, user)
    return {
        "iterations": told["iterations"], "seed": told["seed"], "currency": told["currency"],
        **(dict.fromkeys(SUMS) if hidden else _sums(told)),
        "projects": [
            {
                "project": row["project"].key, "finish": row["finish"], "finish_share": row["share"], "cost": row["cost"],
                "cost_share": row["cost_share"], "joint_share": row["both"],
            }
            for row in projects
        ],
        "activities": [
            {"activity": row["pk"], "name": names[row["pk"]], **{name: row[name] for name in ("criticality", "cruciality", "index", "mean", "std")}}
            for row in told["activities"] if row["pk"] in names
        ],
        "hidden": hidden, "assumptions": [] if hidden else page.assumptions_of(run),
    }  # fmt: skip


SUMS = ("finish", "finish_approved", "finish_share", "cost", "cost_approved", "cost_share", "joint_share")


def _sums(told: dict[str, Any]) -> dict[str, Any]:
    finish, cost = told["finish"], told["cost"]
    return {
        "finish": finish["shares"], "finish_approved": finish["approved"], "finish_share": finish["share"],
        "cost": cost["shares"] if cost else None,
        "cost_approved": cost["budget"] + cost["reserve"] if cost and cost["budget"] is not None else None,
        "cost_share": cost["share_reserve"] if cost else None, "joint_share": told["joint"]["both"],
    }  # fmt: skip


def _plan(request: HttpRequest, key: str) -> tuple[User, Plan]:
    refuse_unstorable("key", key)
    user = actor(request)
    rows = Project.objects.select_related("portfolio__unit", "programme__manager", "manager", "sponsor")
    project = fetch(user, rows, "money", key=key)  # first: what is hidden does not exist (404)
    require(user, "view", LABEL)
    plan = plan_of_project(project)
    if plan is None:
        raise Invalid({"__all__": [_("The project has no plan yet.")]})
    return user, plan


@router.get("/projects/{key}/estimates", response={200: list[EstimateOut], **READ_PROBLEMS}, tags=TAGS, operation_id="list_estimates", summary="Open activities with their three points")  # fmt: skip
def estimates(request: HttpRequest, key: str) -> Any:
    check_scope(request, "read", LABEL)
    _user, plan = _plan(request, key)
    found = []
    for row in estimate_rows(plan):
        one = row.estimate
        points = None if one is None or one.low is None else [float(row.days(value) or 0) for value in (one.low, one.likely, one.high)]  # fmt: skip
        cost = None if one is None or one.cost_low is None else [one.cost_low, one.cost_likely, one.cost_high]
        found.append(
            {
                "activity": row.pk, "wbs": row.wbs, "name": row.name, "planned": float(row.days(row.duration) or 0),
                "distribution": one.distribution if one is not None else None, "duration": points, "cost": cost,
                "group": one.group if one is not None else "", "version": one.version if one is not None else None,
            }
        )  # fmt: skip
    return found


@router.post("/projects/{key}/estimates", response={200: SavedOut, **PROBLEMS}, tags=TAGS, operation_id="save_estimates", summary="Save three points of activities")  # fmt: skip
@once
def save(request: HttpRequest, key: str, payload: EstimatesIn) -> Any:
    check_scope(request, "write", LABEL)
    user, plan = _plan(request, key)
    days = {row.pk: row.day for row in estimate_rows(plan)}
    rows = [_points(row, days.get(row.activity, 480)) for row in payload.rows]
    return {"changed": save_estimates(plan=plan, rows=rows, by=user)}


def _points(row: EstimateIn, day: int) -> Points:
    low, likely, high = (round(value * day) for value in row.duration) if row.duration is not None else (None,) * 3
    cost = row.cost if row.cost is not None else (None,) * 3
    return Points(row.activity, row.distribution, low, likely, high, cost[0], cost[1], cost[2], clean_group(row.group), row.version)  # fmt: skip
