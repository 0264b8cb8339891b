"""Scoring models: list, form, page."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.portfolio.forms import CRITERION_ROWS, ScoringModelForm
from stellwerk.portfolio.models import Proposal, ScoringModel
from stellwerk.portfolio.views.common import page


@access("view", "portfolio.scoringmodel")
def scoringmodel_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "portfolio.scoringmodel")


@access("create", "portfolio.scoringmodel")
def scoringmodel_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, ScoringModelForm, rows=[CRITERION_ROWS])


@access("edit", "portfolio.scoringmodel")
def scoringmodel_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Only a draft: an active model is immutable (the permission table says so)."""
    obj = fetch(actor(request), ScoringModel, "edit", key=key)
    return edit_page(request, ScoringModelForm, obj, rows=[CRITERION_ROWS])


@access("view", "portfolio.scoringmodel")
def scoringmodel_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, ScoringModel.objects.select_related("owner"), key=key)
    criteria = list(obj.criteria.all())
    ranked = visible_rows(user, Proposal.objects.filter(scoring_model=obj, archived_at__isnull=True)).order_by(
        "-score", "name"
    )
    context = {
        "object": obj, "model": obj, "criteria": criteria, "total": sum((c.weight for c in criteria), Decimal(0)),
        "proposals": list(ranked[:50]), "may_edit": can(user, "edit", obj) and not obj.archived,
    }  # fmt: skip
    return page(request, "portfolio/scoringmodel_detail.html", context)
