"""Searches that mail what is new: saved, confirmed and ended without an account."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stellwerk.core.access import public
from stellwerk.core.errors import Refused
from stellwerk.staffing.forms_board import SavedSearchForm
from stellwerk.staffing.selectors.board import Search
from stellwerk.staffing.services import saved_searches
from stellwerk.staffing.term_input import language


def _message(request: HttpRequest, title: str, text: str, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "staffing/board_message.html", {"title": title, "text": text, **more}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def save(request: HttpRequest) -> HttpResponse:
    """The form stands on the list; after a mistake it comes back here with what was typed."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("board:list"))
    form = SavedSearchForm(request.POST)
    if not form.is_valid():
        return _message(request, _("Mail me what is new"), "", 422, form=form)
    if not ratelimit.consume(request, action="stellwerk_join"):
        return _message(request, _("Too many attempts"), _("Wait a minute, then try again."), 429)
    search = Search.parse(form.cleaned_data["query"])
    try:
        saved_searches.save(email=form.cleaned_data["email"], query=search.query(), language=language())
    except Refused as refusal:
        return _message(request, str(refusal.message), str(refusal.what_to_do), 409)
    return _sent(request)


def _sent(request: HttpRequest) -> HttpResponse:
    text = _("We have sent you a mail with a link. It works for 48 hours. Nothing arrived? Look into the folder for unwanted mail.")  # fmt: skip
    return _message(request, _("Please look into your inbox"), text)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def search(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing (mail programs open links too), the buttons do."""
    row = saved_searches.search_of(token)
    if row is None:
        return _message(request, _("This link does not work."), _("The search has ended, or the link is incomplete."), 404)  # fmt: skip
    step = request.POST.get("step", "")
    if request.method == "POST" and step == "confirm":
        try:
            saved_searches.confirm(search=row)
        except Refused as refusal:
            return _message(request, str(refusal.message), str(refusal.what_to_do), 409)
        return _message(request, _("Thank you"), _("You get a mail when something new fits, at most once a day, for 180 days."))  # fmt: skip
    if request.method == "POST" and step == "end":
        saved_searches.end(search=row)
        return _message(request, _("The search has ended"), _("Your address has been erased."))
    return _message(request, _("Mail about new vacancies"), "", row=row, url=saved_searches.address_of(row))
