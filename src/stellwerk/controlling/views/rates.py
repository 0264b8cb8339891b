"""Exchange rates: list and form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from stellwerk.controlling.forms_budgets import RateForm
from stellwerk.controlling.models import ExchangeRate
from stellwerk.controlling.services.catalogues import create_rate, edit_rate
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page


@access("view", "controlling.exchangerate")
def rate_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.exchangerate")


@access("create", "controlling.exchangerate")
def rate_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    return create_page(request, RateForm, save=lambda values: create_rate(values, by=user))


@access("edit", "controlling.exchangerate")
def rate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    rate = fetch(user, ExchangeRate, "edit", pk=pk)

    def save(values: dict[str, Any], version: int | None, reason: str) -> ExchangeRate:
        return edit_rate(rate, values, by=user, version=version, reason=reason)

    return edit_page(request, RateForm, rate, save=save, ask_reason=True)
