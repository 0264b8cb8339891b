"""Programmes: list, form, page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.core.registry import actions_for, panels_for
from stellwerk.portfolio.forms import TRANCHE_ROWS, ProgrammeForm
from stellwerk.portfolio.models import Programme, Project
from stellwerk.portfolio.selectors.figures import OVERALL, figures_at
from stellwerk.portfolio.views.common import page


@access("view", "portfolio.programme")
def programme_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "portfolio.programme")


@access("create", "portfolio.programme")
def programme_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, ProgrammeForm, rows=[TRANCHE_ROWS])


@access("edit", "portfolio.programme")
def programme_edit(request: HttpRequest, key: str) -> HttpResponse:
    obj = fetch(actor(request), Programme, "edit", key=key)
    return edit_page(request, ProgrammeForm, obj, rows=[TRANCHE_ROWS])


@access("view", "portfolio.programme")
def programme_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Vision, tranches, and its projects with their lights; what may not be seen is counted."""
    user = actor(request)
    obj = fetch(user, Programme.objects.select_related("portfolio", "unit", "sponsor", "manager"), key=key)
    mine = Project.objects.filter(programme=obj, archived_at__isnull=True)
    projects = list(visible_rows(user, mine).select_related("manager")[:200])
    on = obj.portfolio.data_date
    figures = (
        figures_at([project.pk for project in projects], [OVERALL, "eac", "bac", "budget"], on) if projects else {}
    )
    rows = []
    for project in projects:
        known = figures.get(project.pk, {})
        light = known.get(OVERALL)
        shown = light.shown(on, obj.portfolio.cycle_days, on_hold=project.phase == "on_hold") if light and on else None
        budget = known.get("bac") or known.get("budget")
        rows.append(
            {
                "project": project, "light": shown, "eac": known.get("eac"),
                "budget": budget.amount if budget else project.budget, "currency": budget.currency if budget else project.currency,
            }
        )  # fmt: skip
    context = {
        "object": obj, "programme": obj, "rows": rows, "hidden": mine.exclude(visible(user, Project)).count(), "on": on,
        "tranches": list(obj.tranches.all()), "may_edit": can(user, "edit", obj) and not obj.archived,
        "panels": panels_for(request, obj), "actions": actions_for(request, obj),
        "red": sum(1 for row in rows if row["light"] == "red"), "may_create": can(user, "create", "portfolio.project"),
    }  # fmt: skip
    return page(request, "portfolio/programme_detail.html", context)
