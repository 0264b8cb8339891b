"""The plan of a project: the page, its data, edits, undo, rescheduling."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.api.problems import of_refusal, problem
from stellwerk.core.errors import Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import can
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.answer import answer_of
from stellwerk.planning.selectors.chart import chart_data, plan_of_project, sees_costs
from stellwerk.planning.services.editing import (
    Edited,
    EditRefused,
    PlanStale,
    edit_plan,
    require_any_change,
    reschedule,
    undo_edit,
)
from stellwerk.planning.services.plans import create_plan
from stellwerk.planning.views.plan_texts import plan_texts
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.views.common import page

LARGEST_BODY = 5_000_000
RELATED = ("portfolio__unit", "programme__sponsor", "programme__manager", "manager", "sponsor", "unit")


def project_of(user: User, key: str, verb: str = "view") -> Project:
    """The project that the user may see (404) and ``verb`` (403)."""
    return fetch(user, Project.objects.select_related(*RELATED), verb, key=key)


def plan_or_404(user: User, key: str, verb: str = "view") -> Plan:
    plan = plan_of_project(project_of(user, key, verb))
    if plan is None:
        raise Http404
    return plan


@access("view", "portfolio.project")
def plan_page(request: HttpRequest, key: str) -> HttpResponse:
    """The grid and chart; a project without a plan gets a page that offers to begin one."""
    user = actor(request)
    project = project_of(user, key)
    plan = plan_of_project(project)
    if plan is None:
        may_edit = can(user, "edit", project) and not project.archived
        context = {"project": project, "may_edit": may_edit, "import_url": _import_url(project)}
        return page(request, "planning/plan_start.html", context)
    person = getattr(user, "person", None)
    shown = {
        "project": project, "plan": plan, "answer": answer_of(plan), "may_edit": can(user, "edit", plan) and not project.archived,
        "me": person.pk if person is not None else 0, "texts": plan_texts(), "links": _buttons(project), "more": _more(project),
        "costs": project.currency if sees_costs(user, plan) else "",
    }  # fmt: skip
    return page(request, "planning/plan.html", shown)


def _routes(project: Project, rows: tuple[tuple[str, Any, str, str], ...]) -> list[dict[str, Any]]:
    """Pages about this plan that exist: name of the route, label, icon, query."""
    found = []
    for name, label, icon, query in rows:
        try:
            found.append({"url": reverse(f"planning:{name}", args=[project.key]) + query, "label": label, "icon": icon})
        except NoReverseMatch:
            continue
    return found


def _buttons(project: Project) -> list[dict[str, Any]]:
    return _routes(
        project,
        (
            ("baselines", _("Baselines"), "lock", ""),
            ("milestone-trend", _("Milestone trend"), "trend-up", ""),
            ("plan-quality", _("Checks"), "checklist", ""),
            ("plan-export", "PDF", "printer", "?format=pdf"),
        ),
    )


def _more(project: Project) -> list[dict[str, Any]]:
    return _routes(
        project,
        (
            ("plan-export", _("Chart as SVG"), "", "?format=svg"),
            ("plan-exchange", _("Import and export …"), "", ""),
        ),
    )


def _import_url(project: Project) -> str:
    try:
        return reverse("planning:import", args=[project.key])
    except NoReverseMatch:
        return ""


@require_POST
@access("edit", "portfolio.project")
def plan_create(request: HttpRequest, key: str) -> HttpResponse:
    """Begin an empty plan."""
    project = project_of(actor(request), key, "edit")
    create_plan(project=project, by=actor(request))
    return redirect("planning:plan", key=project.key)


@require_GET
@access("view", "portfolio.project")
def plan_data(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    plan = plan_or_404(user, key)
    since, baseline = (_number(request.GET.get(name)) for name in ("since", "baseline"))
    data = chart_data(plan, user, since=since, baseline=baseline)
    return HttpResponse(status=204) if data is None else answer(data)


@require_POST
@access("view", "portfolio.project")
def plan_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    plan = plan_or_404(user, key)
    require_any_change(user, plan)
    seen = _number(request.GET.get("since"))
    try:
        body = _body(request)
        edited = edit_plan(
            plan=plan,
            operations=_operations(body),
            by=user,
            preview=body.get("preview") is True,
            reason=str(body.get("reason") or ""),
        )
    except Refused as error:
        return refusal(error, plan, user, seen)
    return _edited(edited, user, body.get("preview") is True, seen if seen is not None else plan.revision)


@require_POST
@access("edit", "portfolio.project")
def plan_undo(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    plan = plan_or_404(user, key, "edit")
    seen = _seen(request, plan)
    try:
        change = _change(_body(request).get("change"))
        edited = undo_edit(change_set=change, plan=plan, by=user)
    except Refused as error:
        return refusal(error, plan, user, seen)
    return _edited(edited, user, False, seen)


@require_POST
@access("edit", "portfolio.project")
def plan_reschedule(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    plan = plan_or_404(user, key, "edit")
    seen = _seen(request, plan)
    try:
        preview = _body(request).get("preview") is True
        edited = reschedule(plan=plan, by=user, preview=preview)
    except Refused as error:
        return refusal(error, plan, user, seen)
    return _edited(edited, user, preview, seen)


def _seen(request: HttpRequest, plan: Plan) -> int:
    """The revision that the page has: what others changed since comes along."""
    seen = _number(request.GET.get("since"))
    return plan.revision if seen is None else seen


def answer(data: dict[str, Any]) -> HttpResponse:
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json")


def _edited(edited: Edited, user: User, preview: bool, since: int) -> HttpResponse:
    told: dict[str, Any] = {"effect": edited.effect.as_json(), "warnings": list(edited.effect.warnings)}
    if preview:
        return answer(told)
    data = chart_data(edited.plan, user, since=since, columns=edited.columns, moved=edited.moved) or {
        "revision": edited.plan.revision
    }
    if edited.removed_rows or edited.removed_links:
        # The page that removed them knows it: it needs what changed, not everything.
        data = _without_reset(edited, user, since)
    data |= told | {
        "removed": {"rows": list(edited.removed_rows), "links": list(edited.removed_links)},
        "refs": dict(edited.refs),
        "change": str(edited.change_set.uid) if edited.change_set else None,
        "title": edited.change_set.title if edited.change_set else "",
        "at": timezone.localtime().isoformat(timespec="seconds"),
    }
    return answer(data)


def _without_reset(edited: Edited, user: User, since: int) -> dict[str, Any]:
    plan = edited.plan
    if since == plan.revision - 1:
        kept, plan.reload_from = plan.reload_from, 0
        data = chart_data(plan, user, since=since, columns=edited.columns, moved=edited.moved) or {}
        plan.reload_from = kept
        return data
    return chart_data(plan, user, since=since) or {}


def refusal(error: Refused, plan: Plan, user: User, seen: int | None) -> HttpResponse:
    """Problem details with the place of each fault; a stale edit brings what is newer."""
    if isinstance(error, PlanStale):
        fresh = Plan.objects.select_related("project", "calendar").get(pk=plan.pk)
        conflicts = [
            {"row": one.row, "field": one.conflict.field, "label": one.conflict.label, "yours": one.conflict.yours, "theirs": one.conflict.theirs}
            for one in error.rows
        ]  # fmt: skip
        data = chart_data(fresh, user, since=seen) if seen is not None else chart_data(fresh, user)
        return problem(
            409,
            error.code,
            str(error.message),
            str(error.what_to_do),
            conflicts=conflicts,
            data=data,
            changed_by=error.changed_by,
        )
    if isinstance(error, EditRefused):
        faults = [{"op": one.op, "row": one.row, "field": one.field, "message": one.message} for one in error.faults]
        return problem(422, error.code, str(error.message), errors=faults, cycle=list(error.cycle))
    return of_refusal(error)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > LARGEST_BODY:
        raise Refused(_("These are too many changes at once."), _("Make them in smaller parts."), code="too_large")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Refused(_("This is not JSON."), code="invalid") from error
    if not isinstance(found, dict):
        raise Refused(_("This is not JSON."), code="invalid")
    return found


def _operations(body: dict[str, Any]) -> list[Any]:
    found = body.get("ops")
    return found if isinstance(found, list) else []


def _change(value: Any) -> ChangeSet:
    try:
        return ChangeSet.objects.get(uid=uuid.UUID(str(value)))
    except (ValueError, ChangeSet.DoesNotExist) as error:
        raise Http404 from error
