"""Demands: lists, form, the page with cover and candidates, asking for somebody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.people.models import Person
from stellwerk.planning.selectors.dependencies import plan_on
from stellwerk.portfolio.models import Project
from stellwerk.resources.forms_demand import SKILL_ROWS, DemandForm
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.candidates import candidates
from stellwerk.resources.selectors.demands import WAITING, Cover, asked_by_reader, covers
from stellwerk.resources.services.allocations import assign, request_person
from stellwerk.resources.services.demands import create_demand, edit_demand
from stellwerk.resources.strips import cover_strip
from stellwerk.resources.weeks import hours_text, left

RELATED = ("project__portfolio", "project__programme", "role", "person__unit", "unit", "activity__plan")


@access("view", "resources.demand")
def demand_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "resources.demand")


@access("view", "resources.demand")
def project_demands(request: HttpRequest, key: str) -> HttpResponseBase:
    """The demands of one project, with what to do next."""
    user = actor(request)
    project = fetch(user, Project, key=key)
    asks = can(user, "create", Demand(project=project)) and not project.archived
    context = {"project": project, "asks": asks, "plan": plan_on(project)}
    return list_page(
        request, "resources.demand", Q(project=project), context=context, template="resources/project_demands.html"
    )


@access("create", "resources.demand")
def demand_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)

    def save(values: dict[str, Any]) -> Demand:
        hours = values.pop("hours")
        return create_demand(values=values, by=user, **hours)

    return create_page(request, DemandForm, save=save, rows=[SKILL_ROWS], submit=_("Ask for it"))


@access("edit", "resources.demand")
def demand_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Demand.objects.select_related("project", "role", "person", "unit"), "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Demand:
        hours = values.pop("hours")
        return edit_demand(demand=obj, values=values, by=user, version=version, reason=reason, **hours)

    return edit_page(request, DemandForm, obj, save=save, rows=[SKILL_ROWS])


@access("view", "resources.demand")
def demand_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return _detail(request, user, fetch(user, Demand.objects.select_related(*RELATED), key=key))


def _detail(
    request: HttpRequest, user: User, demand: Demand, problem: Refused | None = None, kept: dict[str, str] | None = None
) -> HttpResponse:
    cover = covers([demand.pk]).get(demand.pk, Cover())
    bookings = visible_rows(user, Allocation.objects.filter(demand=demand, archived_at=None))
    rows = list(
        bookings.select_related("person__unit", "offered_instead_of", "demand__project").order_by("first", "pk")
    )
    edits = can(user, "edit", demand) and not demand.archived
    asks = edits and demand.state in (*WAITING, "draft")
    answers = demand.state in WAITING and can(user, "answer", demand) and not asked_by_reader(demand, user)
    open_weeks = left(cover.wanted, _sum(cover.firm, cover.reserved, cover.asked))
    found = candidates(demand, open_weeks) if (asks or answers) and open_weeks else []
    context = {
        "object": demand, "demand": demand, "cover": cover, "strip": cover_strip(cover), "bookings": rows,
        "skills": list(demand.skills.select_related("skill")), "candidates": found, "open_text": hours_text(sum(open_weeks.values())),
        "open_minutes": sum(open_weeks.values()), "asks": asks, "answers": answers,
        "may_edit": edits and demand.state != "cancelled", "problem": problem, "kept": kept or {},
        "wanted_text": hours_text(cover.minutes), "firm_text": hours_text(cover.firm_minutes),
        "project_seen": can(user, "view", demand.project),
        "panels": panels_for(request, demand), "actions": actions_for(request, demand),
    }  # fmt: skip
    return render(request, "resources/demand_detail.html", context, status=problem.status if problem else 200)


def _sum(*parts: dict[dt.date, int]) -> dict[dt.date, int]:
    total: dict[dt.date, int] = {}
    for part in parts:
        for week, minutes in part.items():
            total[week] = total.get(week, 0) + minutes
    return total


@require_POST
@access("view", "resources.demand")
def demand_ask(request: HttpRequest, key: str) -> HttpResponse:
    """One click on a candidate: the project asks, the line manager reserves or books."""
    user = actor(request)
    demand = fetch(user, Demand.objects.select_related(*RELATED), key=key)
    if not (can(user, "edit", demand) or can(user, "answer", demand)):
        raise NotAllowed()
    step = request.POST.get("step", "ask")
    number = request.POST.get("person", "")
    reason = request.POST.get("overbooking_reason", "").strip()[:500]
    person = Person.objects.filter(pk=int(number), archived_at=None).first() if _is_number(number) else None
    try:
        if person is None:
            raise Invalid({"person": [_("Please choose a person.")]}, _("Please choose a person."))
        if step == "ask":
            request_person(demand=demand, person=person, by=user)
            text = _("%(person)s is asked for.")
        else:
            assign(demand=demand, person=person, by=user, firm=step == "book", reason=reason)
            text = _("%(person)s is booked firmly.") if step == "book" else _("%(person)s is reserved.")
    except Refused as refusal:
        demand.refresh_from_db()
        return _detail(request, user, demand, refusal, {"person": number, "reason": reason, "step": step})
    messages.success(request, text % {"person": person})
    return HttpResponseRedirect(url_of(demand))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def demands_url(project: Project) -> str:
    return reverse("resources:project-demands", args=[project.key])
