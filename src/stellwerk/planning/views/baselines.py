"""Baselines of a plan: list, proposal, one baseline, comparison of any two or today."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Max, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.registry import url_of
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Baseline, BaselineRow, Plan
from stellwerk.planning.selectors.baselines import baselines, baselines_of
from stellwerk.planning.services.baselines import intact, propose_baseline
from stellwerk.planning.services.figures import plan_url
from stellwerk.planning.views.comparing import comparison
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.views.common import page, refused, saved

RELATED = ("portfolio__unit", "programme__sponsor", "programme__manager", "manager", "sponsor", "unit")
TODAY = "today"


class ProposalForm(forms.Form):
    """What is asked for besides the rows: a short name, and why."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("For example “Release of execution”."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "data-autosize": ""}),
        help_text=gettext_lazy("What changed, and why the plan is approved anew."),
    )


def project_and_plan(user: User, key: str, verb: str = "view") -> tuple[Project, Plan]:
    """The project that the user may see (404) and ``verb`` (403), with its plan (404 where it has none)."""
    project = fetch(user, Project.objects.select_related(*RELATED), verb, key=key)
    plan = Plan.objects.filter(project=project).select_related("calendar").first()
    if plan is None:
        raise Http404(_("This project has no plan yet."))
    plan.project = project
    return project, plan


@require_safe
@access("view", "portfolio.project")
def baseline_list(request: HttpRequest, key: str) -> HttpResponse:
    """All baselines with their states, and the comparison of two of them or today (``?from=0&to=today``)."""
    user = actor(request)
    project, plan = project_and_plan(user, key)
    rows = baselines_of(plan)
    sums = _sums(rows)
    before, after = _sides(request, rows)
    context: dict[str, Any] = {
        "project": project, "plan": plan, "plan_url": plan_url(project), "rows": [{"baseline": row, **sums.get(row.pk, {})} for row in rows],
        "waiting": next((row for row in rows if row.state == "proposed"), None),
        "approved": next((row for row in rows if row.state == "approved"), None),
        "may_propose": can(user, "edit", plan) and not project.archived,
        "choices": [(str(row.number), f"{row} {row.name}".strip()) for row in rows] + [(TODAY, _("Today"))],
        "chosen": (str(before.number) if before else TODAY, str(after.number) if after else TODAY),
    }  # fmt: skip
    if rows:
        context["comparison"] = comparison(request, plan, before, after)
    return page(request, "planning/baselines.html", context)


def _sums(rows: list[Baseline]) -> dict[int, dict[str, Any]]:
    """Number of activities, finish and effort of each baseline; one query."""
    frozen = BaselineRow.objects.filter(baseline__in=rows, summary=False).order_by().values("baseline_id")
    found = frozen.annotate(
        activities=Count("pk", filter=~Q(kind__in=MILESTONES)), finish=Max("finish"), work=Sum("work")
    )
    return {row["baseline_id"]: row for row in found}


def _sides(request: HttpRequest, rows: list[Baseline]) -> tuple[Baseline | None, Baseline | None]:
    """What is compared: as asked, else the approved baseline (or the newest) with today."""
    standard = next((row for row in rows if row.state == "approved"), rows[0] if rows else None)
    by_number = {str(row.number): row for row in rows}

    def asked(name: str, default: Baseline | None) -> Baseline | None:
        text = request.GET.get(name, "")
        if not text:
            return default
        if text == TODAY:
            return None
        if text not in by_number:
            raise Http404(_("This plan has no such baseline."))
        return by_number[text]

    return asked("from", standard), asked("to", None)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "portfolio.project")
def baseline_propose(request: HttpRequest, key: str) -> HttpResponse:
    """Freeze the plan as it is and ask for approval."""
    user = actor(request)
    project, plan = project_and_plan(user, key, "edit")
    form = ProposalForm(request.POST if request.method == "POST" else None)
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = propose_baseline(plan=plan, **form.cleaned_data, by=user)
            return saved(request, url_of(made), _("Baseline %(name)s is proposed.") % {"name": made})
        except Invalid as refusal:
            refused(form, refusal)
        except Refused as refusal:
            error = str(refusal)
    rows = baselines_of(plan)
    approved = next((row for row in rows if row.state == "approved"), None)
    context = {
        "project": project, "plan": plan, "form": form, "error": error, "plan_url": plan_url(project),
        "number": rows[0].number + 1 if rows else 0, "approved": approved,
        "comparison": comparison(request, plan, approved, None) if approved is not None else None,
    }  # fmt: skip
    answer = page(request, "planning/baseline_propose.html", context, invalid=form.is_bound and not error)
    if error:
        answer.status_code = Refused.status
    return answer


@require_safe
@access("view", "portfolio.project")
def baseline_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One baseline: who asked and decided, its seal, and what it changes against the one before."""
    user = actor(request)
    baseline = fetch(user, baselines(), pk=pk)
    project, plan = project_and_plan(user, baseline.plan.project.key)
    earlier = [
        row for row in baselines_of(plan) if row.number < baseline.number and row.state in {"approved", "superseded"}
    ]
    before = earlier[0] if earlier else None
    context = {
        "object": baseline, "baseline": baseline, "project": project, "plan": plan, "plan_url": plan_url(project), "before": before,
        "sums": _sums([baseline]).get(baseline.pk, {}), "intact": intact(baseline),
        "comparison": comparison(request, plan, before or baseline, baseline if before else None),
    }  # fmt: skip
    return page(request, "planning/baseline_detail.html", context)
