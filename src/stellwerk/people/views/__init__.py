"""Pages of persons; organisations and units in ``structure``, accounts in ``accounts``."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, fetch, signed_in
from stellwerk.core.errors import Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages.forms import create_page, edit_page
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import actions_for, panels_for
from stellwerk.people import services
from stellwerk.people.forms import EraseForm, PersonForm
from stellwerk.people.models import Person
from stellwerk.people.selectors import grants_of_user, person_facts
from stellwerk.people.selectors.profile import profile
from stellwerk.people.services.persons import is_erased


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "people.person")
def person_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.person")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "people.person")
def person_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(request, PersonForm, save=lambda values: services.create_person(values, by=by))


def _person(request: HttpRequest, key: str, verb: str = "view") -> Person:
    rows = Person.objects.select_related("unit__organisation", "manager", "role", "location", "user")
    return fetch(actor(request), rows, verb, key=key)


@require_safe
@access("view", "people.person")
def person_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A person with place, manager, team, account and what other rooms know (projects, bookings)."""
    person, user = _person(request, key), actor(request)
    account = person.user
    context: dict[str, Any] = {
        "object": person,
        "person": person,
        "panels": panels_for(request, person),
        "actions": actions_for(request, person),
        "erased": is_erased(person),
        "may_erase": can(user, "erase", person) and not is_erased(person),
        "sees_account": account is not None and can(user, "view", account),
        "grants": grants_of_user(account) if account is not None and can(user, "view", "core.grant") else [],
        **person_facts(person),
        **profile(user, person),
    }
    return render(request, "people/person_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "people.person")
def person_edit(request: HttpRequest, key: str) -> HttpResponse:
    person, by = _person(request, key, "edit"), actor(request)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Person:
        return services.edit_person(person, values, by=by, version=version, reason=reason)

    return edit_page(request, PersonForm, person, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@access("erase", "people.person")
def person_erase(request: HttpRequest, key: str) -> HttpResponse:
    """Erase the identity for good, after the key has been typed again."""
    person = _person(request, key)
    require(actor(request), "erase", person)
    return erase_page(
        request,
        str(person),
        person.key,
        lambda by, reason: services.erase_person(person, by=by, reason=reason),
        reverse("people:person-detail", args=[person.key]),
    )


@require_safe
@signed_in
def person_data(request: HttpRequest, key: str) -> HttpResponse:
    """Everything stored about a person as a file: for the person, and for who answers such requests."""
    user = actor(request)
    person = fetch(user, Person.objects.select_related("user"), key=key)
    data = services.personal_data(person, by=user)
    answer = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{person.key}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def erase_page(request: HttpRequest, name: str, key: str, erase: Any, back: str) -> HttpResponse:
    """The page that asks before personal data are erased."""
    form = EraseForm(request.POST if request.method == "POST" else None, key=key)
    refusal: Refused | None = None
    by: User = actor(request)
    if request.method == "POST" and form.is_valid():
        try:
            erase(by, form.cleaned_data["reason"])
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _("The personal data of %(key)s have been erased.") % {"key": key})
            return HttpResponseRedirect(back)
    context = {"form": form, "name": name, "key": key, "back": back, "refusal": refusal}
    return render(request, "people/erase.html", context, status=refusal.status if refusal else 200)
