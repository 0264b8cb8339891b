"""Proposals with their business case: list, form, scores, page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, StaleEdit
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.forms import CAPACITY_ROWS, OPTION_ROWS, YEAR_ROWS, ProposalForm, ScoresForm
from stellwerk.portfolio.models import Project, Proposal, ProposalYear
from stellwerk.portfolio.services.proposals import recommended_option, score_of, score_proposal
from stellwerk.portfolio.views.common import page, refused, saved, version_of

MILLION = 1_000_000


@access("view", "portfolio.proposal")
def proposal_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "portfolio.proposal")


@access("create", "portfolio.proposal")
def proposal_create(request: HttpRequest) -> HttpResponse:
    """Whoever has an account with a person is the requester unless another is named."""
    person = getattr(actor(request), "person", None)
    initial: dict[str, Any] = {"requester": person, "unit": getattr(person, "unit", None)}
    return create_page(request, ProposalForm, initial=initial, rows=[OPTION_ROWS, CAPACITY_ROWS])


@access("edit", "portfolio.proposal")
def proposal_edit(request: HttpRequest, key: str) -> HttpResponse:
    obj = fetch(actor(request), Proposal, "edit", key=key)
    return edit_page(request, ProposalForm, obj, rows=[OPTION_ROWS, YEAR_ROWS, CAPACITY_ROWS])


@access("view", "portfolio.proposal")
def proposal_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    related = Proposal.objects.select_related(
        "portfolio", "programme", "requester", "sponsor", "unit", "scoring_model", "owner"
    )
    obj = fetch(user, related, key=key)
    options = list(obj.options.all())
    context = {
        "object": obj, "proposal": obj, "options": options, "grid": _grid(obj, options), "recommended": recommended_option(obj),
        "capacities": list(obj.capacities.select_related("role")), "score": score_of(obj), "scores": _scores(obj),
        "prerequisites": list(visible_rows(user, obj.prerequisites.all())), "exclusions": list(visible_rows(user, obj.exclusions.all())),
        "facts": _facts(user, obj), "project": _project(user, obj), "may_edit": can(user, "edit", obj) and not obj.archived,
        "may_score": obj.state == "assessment" and can(user, "import", obj),
        "panels": panels_for(request, obj), "actions": actions_for(request, obj),
    }  # fmt: skip
    return page(request, "portfolio/proposal_detail.html", context)


def _facts(user: User, proposal: Proposal) -> list[tuple[str, Any, bool]]:
    """What the proposal belongs to: label, entry, and whether the reader may open it."""
    named = (
        (_("Portfolio"), proposal.portfolio), (_("Programme"), proposal.programme), (_("Unit"), proposal.unit),
        (_("Requester"), proposal.requester), (_("Sponsor"), proposal.sponsor),
    )  # fmt: skip
    return [(label, item, item is not None and can(user, "view", item)) for label, item in named]


def _project(user: User, proposal: Proposal) -> Project | None:
    return visible_rows(user, Project.objects.filter(proposal=proposal)).first()


def _grid(proposal: Proposal, options: list[Any]) -> dict[str, Any] | None:
    """Cost and benefit: one line per option and kind, one column per year; all amounts in one unit."""
    rows = list(ProposalYear.objects.filter(option__proposal=proposal))
    if not rows:
        return None
    biggest = max(max(abs(row.cost), abs(row.benefit)) for row in rows)
    unit = "k" if formats.major(biggest, proposal.currency) >= MILLION else ""
    years = sorted({row.year for row in rows})
    values = {(row.option_id, row.year): row for row in rows}
    lines = []
    for option in options:
        if not any((option.pk, year) in values for year in years):
            continue
        for kind, label, span in (("cost", _("Cost"), 2), ("benefit", _("Benefit"), 0)):
            cells = [getattr(values[option.pk, year], kind) if (option.pk, year) in values else None for year in years]
            shown = [_amount(cell, proposal.currency, unit) for cell in (*cells, sum(cell or 0 for cell in cells))]
            lines.append({"option": option, "label": label, "span": span, "cells": shown[:-1], "total": shown[-1]})
    return {"years": years, "lines": lines, "unit": formats.money_unit(proposal.currency, unit)}


def _amount(value: int | None, currency: str, unit: str) -> str:
    """Whole units or thousands: a business case is no invoice."""
    if value is None:
        return formats.NO_DATA
    return formats.number(formats.major(value, currency) / (1000 if unit == "k" else 1))


def _scores(proposal: Proposal) -> list[dict[str, Any]]:
    if proposal.scoring_model is None:
        return []
    given = {row.criterion_id: row for row in proposal.scores.all()}
    result = score_of(proposal)
    below = result.below_hurdle if result is not None else ()
    points = result.contributions if result is not None else {}
    return [
        {"criterion": c, "score": given.get(c.pk), "points": points.get(str(c.pk)), "below": str(c.pk) in below}
        for c in proposal.scoring_model.criteria.all()
    ]


@access("import", "portfolio.proposal")
def proposal_scores(request: HttpRequest, key: str) -> HttpResponse:
    """One score and one reason per criterion, while the proposal is in assessment."""
    user = actor(request)
    obj = fetch(user, Proposal.objects.select_related("scoring_model"), "import", key=key)
    criteria = list(obj.scoring_model.criteria.all()) if obj.scoring_model else []
    given = {row.criterion_id: (row.value, row.reason) for row in obj.scores.all()}
    form = ScoresForm(request.POST if request.method == "POST" else None, criteria=criteria, scores=given)
    if request.method == "POST" and form.is_valid():
        try:
            score_proposal(proposal=obj, scores=form.scores(), by=user, version=version_of(request))
            return saved(request, url_of(obj), _("The scores have been saved."))
        except (Invalid, StaleEdit) as error:
            refused(form, error)
    return page(
        request, "portfolio/proposal_scores.html", {"object": obj, "proposal": obj, "form": form}, invalid=form.is_bound
    )
