"""Strategy: objectives, what projects and proposals contribute, how far the portfolio follows them, and what other weights would change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.controlling.forms_cases import ObjectiveForm
from stellwerk.controlling.models import Contribution, StrategicObjective
from stellwerk.controlling.selectors.strategy import Aligned, Alignment, alignment, objectives_of
from stellwerk.controlling.services.strategy import rate, set_weights
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.permissions import can, require, visible, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.models import Portfolio, Project, Proposal

OVER = ("closed", "stopped")
UNDECIDED = ("submitted", "assessment", "scored", "approved", "deferred")
KINDS = ("all", "project", "proposal")


@access("view", "controlling.strategicobjective")
def objective_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.strategicobjective")


@access("create", "controlling.strategicobjective")
def objective_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, ObjectiveForm)


@access("edit", "controlling.strategicobjective")
def objective_edit(request: HttpRequest, key: str) -> HttpResponse:
    rows = StrategicObjective.objects.select_related("organisation", "holder")
    return edit_page(request, ObjectiveForm, fetch(actor(request), rows, "edit", key=key))


@access("view", "controlling.strategicobjective")
def objective_detail(request: HttpRequest, key: str) -> HttpResponse:
    """What it is, and who contributes to it."""
    user = actor(request)
    objective = fetch(user, StrategicObjective.objects.select_related("organisation", "holder"), key=key)
    rows = Contribution.objects.filter(objective=objective, level__gt=0).select_related("project", "proposal")
    projects = set(visible_rows(user, Project.objects.filter(contributions__objective=objective)).values_list("pk", flat=True))  # fmt: skip
    proposals = set(visible_rows(user, Proposal.objects.filter(contributions__objective=objective)).values_list("pk", flat=True))  # fmt: skip
    found = list(rows.order_by("-level", "pk"))
    seen = [row for row in found if row.project_id in projects or row.proposal_id in proposals]
    context = {
        "object": objective, "objective": objective, "rows": [{"row": row, "item": row.project or row.proposal} for row in seen],
        "hidden": len(found) - len(seen), "may_edit": can(user, "edit", objective) and not objective.archived,
        "panels": panels_for(request, objective), "actions": actions_for(request, objective),
    }  # fmt: skip
    return render(request, "controlling/objective_detail.html", context)


# ── alignment ────────────────────────────────────────────────────────────────────────────────────


@access("view", "controlling.strategicobjective")
def strategy(request: HttpRequest) -> HttpResponse:
    """Objectives × projects and proposals. Weights in the address are tried out; posted ones are kept."""
    user = actor(request)
    objectives = objectives_of()
    may_weigh = can(user, "edit", "controlling.strategicobjective")
    if request.method == "POST":
        require(user, "edit", "controlling.strategicobjective")
    given = request.POST if request.method == "POST" else request.GET
    typed = {row.pk: str(given[f"w-{row.pk}"]).strip()[:20] for row in objectives if f"w-{row.pk}" in given}
    problem: Refused | None = None
    tried: dict[int, Decimal] = {}
    try:
        tried = _weights(typed)
        if request.method == "POST":
            set_weights(weights=tried, by=user)
            messages.success(request, _("The weights have been saved; all points are computed anew."))
            return HttpResponseRedirect(reverse("controlling:strategy"))
    except Refused as refusal:
        problem = refusal
    portfolios = list(visible_rows(user, Portfolio.objects.filter(archived_at=None)).order_by("name"))
    portfolio = next((row for row in portfolios if row.key == given.get("portfolio", "")), None)
    kind = given.get("kind", "all") if given.get("kind", "all") in KINDS else "all"
    projects, proposals, hidden = _items(user, portfolio, kind)
    found = alignment(projects=projects, proposals=proposals, objectives=objectives, weights=tried or None)
    changed = {row.pk for row in objectives if found.weights[row.pk] != row.weight}
    total = sum(found.weights.values(), Decimal(0))
    context = {
        "found": found, "portfolio": portfolio, "portfolios": portfolios, "kind": kind, "may_weigh": may_weigh, "problem": problem,
        "kinds": [("all", _("projects and proposals")), ("project", _("projects")), ("proposal", _("proposals"))],
        "heads": [
            {
                "objective": row, "name": f"w-{row.pk}", "value": typed.get(row.pk, _plain(row.weight)), "changed": row.pk in changed,
                "share": found.weights[row.pk] / total if total else None, "covered": found.covered[row.pk], "decisive": found.decisive[row.pk],
            }
            for row in objectives
        ],
        "rows": [_row(row, objectives, given) for row in found.rows], "changed": bool(changed), "moved": sum(row.rank != row.rank_before for row in found.rows),
        "why": _why(found, given), "contributing": sum(row.contributes for row in found.rows), "hidden": hidden,
    }  # fmt: skip
    return render(request, "controlling/strategy.html", context, status=problem.status if problem else 200)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _weights(typed: dict[int, str]) -> dict[int, Decimal]:
    """Errors: ``Invalid`` by ``w-7``."""
    found: dict[int, Decimal] = {}
    errors: dict[str, list[str]] = {}
    for number, text in typed.items():
        try:
            found[number] = parse_number(text)
        except ValueError as error:
            errors[f"w-{number}"] = [str(error)]
    if any(not 0 <= weight <= 1000 for weight in found.values()):
        errors["__all__"] = [_("A weight is 0 to 1000.")]
    if errors:
        raise Invalid(errors)
    return found


def _items(user: User, portfolio: Portfolio | None, kind: str) -> tuple[list[Project], list[Proposal], int]:
    """What the reader may see of the running projects and the undecided proposals, and how many others there are."""
    projects, proposals = Project.objects.filter(archived_at=None).exclude(phase__in=OVER), Proposal.objects.filter(archived_at=None, state__in=UNDECIDED)  # fmt: skip
    if portfolio is not None:
        projects, proposals = projects.filter(portfolio=portfolio), proposals.filter(portfolio=portfolio)
    if kind == "proposal":
        projects = projects.none()
    if kind == "project":
        proposals = proposals.none()
    hidden = projects.exclude(visible(user, Project)).count() + proposals.exclude(visible(user, Proposal)).count()
    return list(visible_rows(user, projects)[:1000]), list(visible_rows(user, proposals)[:1000]), hidden


def _why(found: Alignment, given: QueryDict) -> dict[str, Any] | None:
    """How the points of the asked project or proposal come about."""
    row = next((one for one in found.rows if _name(one) == given.get("why", "")), None)
    if row is None or row.score is None:
        return None
    return {"item": row.obj, "score": row.score, "shares": found.shares(row)}


def _name(row: Aligned) -> str:
    return f"{row.kind}:{getattr(row.obj, 'key', '')}"


def _row(row: Aligned, objectives: list[StrategicObjective], given: QueryDict) -> dict[str, Any]:
    """``why``: the address that opens the points, with the weights and the choice that stand now."""
    asked = {name: given[name] for name in given if name not in ("why", "csrfmiddlewaretoken")} | {"why": _name(row)}
    return {
        "why": f"?{urlencode(asked)}#why",
        "kind": row.kind, "item": row.obj, "score": row.score, "before": row.before, "rank": row.rank, "rank_before": row.rank_before,
        "moved": row.rank_before - row.rank, "contributes": row.contributes,
        "cells": [{"level": row.levels.get(one.pk), "reason": row.reasons.get(one.pk, "")} for one in objectives],
    }  # fmt: skip


# ── contributions ────────────────────────────────────────────────────────────────────────────────


@access("edit", "portfolio.project")
def project_contributions(request: HttpRequest, key: str) -> HttpResponse:
    return _contributions(request, fetch(actor(request), Project.objects.select_related("portfolio", "programme"), "edit", key=key))  # fmt: skip


@access("edit", "portfolio.proposal")
def proposal_contributions(request: HttpRequest, key: str) -> HttpResponse:
    return _contributions(request, fetch(actor(request), Proposal.objects.select_related("portfolio", "programme"), "edit", key=key))  # fmt: skip


def _contributions(request: HttpRequest, subject: Project | Proposal) -> HttpResponse:
    """0 to 4 and a reason for each objective."""
    user = actor(request)
    objectives = objectives_of()
    problem: Refused | None = None
    typed = {row.pk: (request.POST.get(f"level-{row.pk}", ""), request.POST.get(f"reason-{row.pk}", "")) for row in objectives}  # fmt: skip
    if request.method == "POST":
        levels = {
            pk: (int(level) if level.isascii() and level.isdigit() and len(level) < 3 else None if not level else -1, reason)
            for pk, (level, reason) in typed.items()
        }  # fmt: skip
        try:
            rate(subject=subject, levels=levels, by=user)
            messages.success(request, _("“%(name)s” has been saved.") % {"name": subject})
            return HttpResponseRedirect(url_of(subject))
        except Refused as refusal:
            problem = refusal
    stored = {row.objective_id: (str(row.level), row.reason) for row in subject.contributions.all()}
    shown = typed if problem else stored
    errors = getattr(problem, "errors", {})
    context = {
        "object": subject, "subject": subject, "problem": problem, "url": url_of(subject), "project": isinstance(subject, Project),
        "rows": [
            {
                "objective": row, "level": shown.get(row.pk, ("", ""))[0], "reason": shown.get(row.pk, ("", ""))[1],
                "errors": errors.get(f"level-{row.pk}", []),
            }
            for row in objectives
        ],
        "levels": [("", _("not rated")), ("0", _("0 nothing")), ("1", _("1 little")), ("2", _("2 noticeable")), ("3", _("3 much")), ("4", _("4 decisive"))],
    }  # fmt: skip
    return render(request, "controlling/contributions.html", context, status=problem.status if problem else 200)
