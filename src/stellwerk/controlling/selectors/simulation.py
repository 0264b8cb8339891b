"""Reading simulations: what can be simulated, the runs so far, the rows of an estimates page, names for what a run told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q, QuerySet

from stellwerk.controlling.models import Estimate, SimulationRun
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.planning.columns import read_columns
from stellwerk.planning.compute import calendar_rows, taking_part
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.selectors.calendars import Clock, clock_of
from stellwerk.planning.services.figures import OVER
from stellwerk.portfolio.models import Portfolio, Programme, Project

SHOWN_RUNS: Final = 50
RELATED: Final = ("project__portfolio__unit", "programme", "portfolio__unit", "asked_by")
Scope = Project | Programme | Portfolio


@dataclass(frozen=True)
class Row:
    """An open activity of a plan with its estimate, if it has one. ``day``: working minutes of its calendar."""

    pk: int
    wbs: str
    name: str
    duration: int
    cost: int | None
    day: int
    category: str
    estimate: Estimate | None

    def days(self, minutes: int | None) -> Decimal | None:
        return None if minutes is None else (Decimal(minutes) / self.day).quantize(Decimal("0.01"))


def estimate_rows(plan: Plan) -> list[Row]:
    """The activities that a simulation draws, in the order of the outline: no summaries, nothing that is done."""
    columns = read_columns(plan)
    clock: Clock = clock_of(plan)
    part = taking_part(columns).tolist()
    calendars = calendar_rows(columns, clock).tolist()
    numbers = columns.number["pk"].tolist()
    days = {number: clock.day(calendar) for number, calendar in zip(numbers, calendars, strict=True)}
    drawn = {number for number, takes_part in zip(numbers, part, strict=True) if takes_part}
    rows = Activity.objects.filter(plan=plan, summary=False, actual_finish=None, percent__lt=100)
    known = {one.activity_id: one for one in Estimate.objects.filter(activity__plan=plan)}
    return [
        Row(row.pk, row.wbs, row.name, row.duration or 0, row.cost, days[row.pk] or 480, row.kind, known.get(row.pk))
        for row in rows.only("wbs", "name", "duration", "cost", "kind", "position").order_by("position")
        if row.pk in drawn
    ]


def scope_of(run: SimulationRun) -> Scope:
    """What was simulated: the narrowest that is set."""
    found = run.project or run.programme or run.portfolio
    assert found is not None  # a constraint of the table
    return found


def runs_of(user: User, scope: Scope | None = None) -> list[SimulationRun]:
    """The last runs that the reader may see, newest first; of one scope, or of all."""
    rows = visible_rows(user, SimulationRun.objects.all())
    if scope is not None:
        rows = rows.filter(within(scope))
    return list(rows.select_related(*RELATED).order_by("-created_at", "-pk")[:SHOWN_RUNS])


def within(scope: Scope) -> Q:
    """Runs of exactly this scope."""
    if isinstance(scope, Project):
        return Q(project=scope)
    if isinstance(scope, Programme):
        return Q(project=None, programme=scope)
    return Q(project=None, programme=None, portfolio=scope)


def last_run(user: User, scope: Scope) -> SimulationRun | None:
    """The newest run of a scope that has a result."""
    rows = visible_rows(user, SimulationRun.objects.filter(within(scope), state__in=("done", "stopped")))
    return rows.order_by("-created_at", "-pk").first()


def living(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    return plans.filter(project__archived_at=None).exclude(project__phase__in=(*OVER, "on_hold"))


def scopes_of(user: User) -> tuple[list[Portfolio], list[Programme], list[Project]]:
    """Portfolios, programmes and projects with a plan that the reader may simulate."""
    plans = living(Plan.objects.filter(visible(user, Plan)))
    portfolios = Portfolio.objects.filter(visible(user, Portfolio), pk__in=plans.values("project__portfolio"), archived_at=None)  # fmt: skip
    programmes = Programme.objects.filter(visible(user, Programme), pk__in=plans.values("project__programme"), archived_at=None)  # fmt: skip
    projects = Project.objects.filter(visible(user, Project), schedule__in=plans)
    return (
        [one for one in portfolios.select_related("unit").order_by("name") if can(user, "create", run_on(one))],
        [one for one in programmes.select_related("portfolio__unit", "manager", "sponsor").order_by("name") if can(user, "create", run_on(one))],
        [one for one in projects.select_related("portfolio__unit", "programme__manager", "programme__sponsor", "manager", "sponsor").order_by("key") if can(user, "create", run_on(one))],
    )  # fmt: skip


def run_on(scope: Scope) -> SimulationRun:
    """An unsaved run: what the permission table is asked about."""
    if isinstance(scope, Project):
        return SimulationRun(project=scope, programme=scope.programme, portfolio=scope.portfolio)
    if isinstance(scope, Programme):
        return SimulationRun(programme=scope, portfolio=scope.portfolio)
    return SimulationRun(portfolio=scope)


def names_of(told: Mapping[str, Any], user: User | None) -> dict[int, str]:
    """Names of the activities that a run told of, as far as the reader may see their projects."""
    numbers = [row["pk"] for row in told.get("activities", [])]
    rows = Activity.objects.filter(pk__in=numbers, plan__project__in=Project.objects.filter(visible(user, Project)))
    return dict(rows.values_list("pk", "name"))
