"""Schedule and cost risk: start a run, watch it, read it, compare two, take it along as a workbook."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.models import SimulationRun
from stellwerk.controlling.selectors.simulation import RELATED, Scope, last_run, runs_of, scope_of, scopes_of
from stellwerk.controlling.services.simulation import TOGETHER, check_asked, job_of, plans_of, start_run, stop_run
from stellwerk.controlling.simulation import page
from stellwerk.controlling.simulation.risks import from_json
from stellwerk.controlling.simulation.typed import BLANK, TypedRisks, blank_row, read_asked, read_risks, rows_of
from stellwerk.controlling.simulation.workbook import workbook_of
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.portfolio.models import Portfolio, Programme, Project

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ITERATIONS = (1_000, 10_000, 50_000, 200_000)
DEFAULTS = {"iterations": "10000", "seed": "1", "correlation": "0,3", "together": "project", "distribution": ""}


class _Form:
    """The form that starts a run: what is chosen, what was typed, what is wrong."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.user = user
        self.portfolios, self.programmes, self.projects = scopes_of(user)
        given = request.POST if request.method == "POST" else request.GET
        self.data: dict[str, str] = {name: str(value) for name, value in given.items()}
        self.errors: dict[str, list[str]] = {}
        self.problem = ""
        self.scope = self._scope(self.data.get("scope", ""))
        self.chosen = {name: self.data.get(name, default) for name, default in DEFAULTS.items()}
        self.plans = plans_of(**self._named(), by=user) if self.scope is not None else []
        self.risks = TypedRisks()

    def _scope(self, text: str) -> Scope | None:
        kind, _sep, key = text.partition(":")
        rows: dict[str, list[Any]] = {"portfolio": list(self.portfolios), "programme": list(self.programmes), "project": list(self.projects)}  # fmt: skip
        return next((one for one in rows.get(kind, []) if one.key == key), None)

    def _named(self) -> dict[str, Any]:
        name = {Project: "project", Programme: "programme", Portfolio: "portfolio"}[type(self.scope)]  # type: ignore[index]
        return {name: self.scope}

    def prefill(self) -> None:
        """Risks and settings of the last run of this scope."""
        last = last_run(self.user, self.scope) if self.scope is not None else None
        if last is not None:
            self.risks.rows = rows_of(from_json(last.risks), self.plans)

    def start(self) -> SimulationRun | None:
        """The run, or None where something is wrong."""
        self.risks = read_risks(self.data, self.plans)
        self.errors |= self.risks.errors
        try:
            if self.scope is None:
                raise Invalid({"scope": [_("Choose a project, a programme or a portfolio that has a plan.")]})
            asked = read_asked(self.data)
            check_asked(asked)
            if self.errors:
                return None
            return start_run(**self._named(), asked=asked, risks=self.risks.risks, by=self.user)
        except Invalid as refusal:
            self.errors |= refusal.errors
        except Refused as refusal:
            self.problem = str(refusal)
        return None

    def _wrong(self, at: int) -> set[str]:
        """Cells of a row to mark; none where nothing was refused (a row was added)."""
        return self.risks.wrong.get(at, set()) if f"risk-{at}" in self.errors else set()

    def context(self) -> dict[str, Any]:
        blank = BLANK if self.data.get("then") != "row" else BLANK + 3
        rows: list[dict[str, Any]] = [
            row | {"errors": self.errors.get(f"risk-{at}", []), "wrong": self._wrong(at)}
            for at, row in enumerate(self.risks.rows, start=1)
        ]
        rows += [blank_row(self.plans) | {"errors": [], "wrong": set()} for _number in range(blank)]
        known = set(DEFAULTS) | {"scope"}
        return {
            "form": self, "portfolios": self.portfolios, "programmes": self.programmes, "projects": self.projects,
            "may_start": bool(self.portfolios or self.programmes or self.projects), "rows": rows, "several": len(self.plans) > 1,
            "iterations": ITERATIONS, "distributions": Distribution.choices, "together": TOGETHER,
            "chosen": self.chosen | {"scope": self.data.get("scope", "")}, "plans": self.plans,
            "top_errors": [text for name, texts in self.errors.items() if name not in known for text in texts],
            "estimates_of": self.plans[0].project if len(self.plans) == 1 else None,
        }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "controlling.simulationrun")
def simulation(request: HttpRequest) -> HttpResponse:
    """The runs, and the form that starts one."""
    user = actor(request)
    form = _Form(request, user)
    status = 200
    if request.method == "POST":
        if request.POST.get("then") == "row":
            form.risks = read_risks(form.data, form.plans)
        else:
            run = form.start()
            if run is not None:
                return redirect("controlling:simulation-run", pk=run.pk)
            status = 422
    else:
        form.prefill()
    found = runs_of(user, form.scope)
    hidden = page.hidden_in(found, user)
    runs = [{"run": run, "answer": page.short_answer(run, hidden[run.pk])} for run in found]
    return render(request, "controlling/simulation.html", form.context() | {"runs": runs}, status=status)


@require_safe
@access("view", "controlling.simulationrun")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, SimulationRun.objects.select_related(*RELATED), pk=pk)
    hidden = page.hidden_in([run], user)[run.pk]
    context: dict[str, Any] = {
        "run": run, "running": run.state == "running", "answer": page.answer_of(run, hidden), "sub": page.sub_of(run), "job": job_of(run),
        "may_edit": can(user, "edit", run), "may_export": can(user, "export", run), "result": page.has_result(run),
        "scope": page.scope_text(scope_of(run)), "scope_url": page.scope_url(run), "again": _again(run),
    }  # fmt: skip
    if context["result"]:
        context |= _parts(run, user) if hidden else _parts(run, user) | _whole(run, user)
    response = render(request, "controlling/simulation_run.html", context)
    if request.headers.get("HX-Request") and run.state != "running":
        response["HX-Refresh"] = "true"  # the answer, the buttons and the charts are new
    return response


def _again(run: SimulationRun) -> str:
    scope = scope_of(run)
    return f"{scope._meta.model_name}:{scope.key}"


def _parts(run: SimulationRun, user: User) -> dict[str, Any]:
    """What the reader may see of a run, project by project."""
    rows, hidden_rows = page.activity_rows(run, user)
    projects, hidden = page.project_rows(run, user)
    return {
        "told": run.told, "currency": run.told["currency"], "activities": rows, "hidden_rows": hidden_rows, "projects": projects,
        "hidden": hidden, "risks": page.risk_rows(run, user),
    }  # fmt: skip


def _whole(run: SimulationRun, user: User) -> dict[str, Any]:
    """The sums, for who may see all of it."""
    found = [one for one in runs_of(user, scope_of(run)) if one.pk != run.pk and page.has_result(one)]
    hidden = page.hidden_in(found, user)
    return {
        "tiles": page.tiles_of(run), "table": page.table_of(run), "finish_chart": page.finish_chart(run),
        "cost_chart": page.cost_chart(run), "cloud": page.cloud_chart(run), "assumptions": page.assumptions_of(run),
        "others": [one for one in found if not hidden[one.pk]],
    }  # fmt: skip


@require_safe
@access("view", "controlling.simulationrun")
def run_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two runs of anything that the reader may see, the older one on the left."""
    user = actor(request)
    run = fetch(user, SimulationRun.objects.select_related(*RELATED), pk=pk)
    text = request.GET.get("with", "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return redirect("controlling:simulation-run", pk=run.pk)
    other = fetch(user, SimulationRun.objects.select_related(*RELATED), pk=int(text))
    if not (page.has_result(run) and page.has_result(other)):
        messages.error(request, _("Both runs need a result to be compared."))
        return redirect("controlling:simulation-run", pk=run.pk)
    hidden = max(page.hidden_in([run, other], user).values())
    if hidden:
        messages.error(request, page.hidden_text(hidden))
        return redirect("controlling:simulation-run", pk=run.pk)
    newer, older = (run, other) if run.created_at >= other.created_at else (other, run)
    context = {
        "newer": newer, "older": older, "rows": page.comparison(newer, older), "scope": page.scope_text(scope_of(run)),
        "newer_sub": page.sub_of(newer), "older_sub": page.sub_of(older), "run": run,
    }  # fmt: skip
    return render(request, "controlling/simulation_compare.html", context)


@require_safe
@access("export", "controlling.simulationrun")
def run_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook of a run."""
    user = actor(request)
    run = fetch(user, SimulationRun.objects.select_related(*RELATED), pk=pk, verb="export")
    if not page.has_result(run):
        messages.error(request, _("This run has no result yet."))
        return redirect("controlling:simulation-run", pk=run.pk)
    response = HttpResponse(workbook_of(run, user), content_type=XLSX)
    name = slugify(scope_of(run).key) or "simulation"
    response["Content-Disposition"] = f'attachment; filename="{name}-simulation-{run.pk}.xlsx"'
    return response


@require_POST
@access("edit", "controlling.simulationrun")
def run_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, SimulationRun, pk=pk, verb="edit")
    try:
        stop_run(run=run, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("controlling:simulation-run", pk=run.pk)
