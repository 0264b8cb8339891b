"""Exceptions: list, page with its steps, form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from stellwerk.controlling.forms_budgets import ExceptionForm
from stellwerk.controlling.models import ForecastException
from stellwerk.controlling.services.exceptions import said
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import edit_page
from stellwerk.core.permissions import can

RELATED = ("project__portfolio", "project__programme", "project__manager", "project__sponsor")


@access("view", "controlling.forecastexception")
def exception_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.forecastexception")


@access("view", "controlling.forecastexception")
def exception_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, ForecastException.objects.select_related(*RELATED), key=key)
    running = obj.state in ("open", "reported")
    context: dict[str, Any] = {
        "object": obj, "lines": said(obj.told), "may_edit": can(user, "edit", obj) and obj.state != "closed" and not obj.archived,
        "overdue": running and obj.due < timezone.localdate(), "project_seen": can(user, "money", obj.project),
    }  # fmt: skip
    return render(request, "controlling/exception_detail.html", context)


@access("edit", "controlling.forecastexception")
def exception_edit(request: HttpRequest, key: str) -> HttpResponse:
    obj = fetch(actor(request), ForecastException.objects.select_related(*RELATED), "edit", key=key)
    return edit_page(request, ExceptionForm, obj)
