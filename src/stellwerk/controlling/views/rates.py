"""Exchange rates: list and form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from stellwerk.controlling.forms_budgets import RateForm
from stellwerk.controlling.models import ExchangeRate
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page


@access("view", "controlling.exchangerate")
def rate_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.exchangerate")


@access("create", "controlling.exchangerate")
def rate_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, RateForm)


@access("edit", "controlling.exchangerate")
def rate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edit_page(request, RateForm, fetch(actor(request), ExchangeRate, "edit", pk=pk), ask_reason=True)
