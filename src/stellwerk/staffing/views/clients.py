"""Clients and staffing partners: lists, forms, pages; the public entrance of companies."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core import services
from stellwerk.core.access import access, actor, fetch, public
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.views.common import refused
from stellwerk.staffing.choices import Entrance
from stellwerk.staffing.forms_companies import CompanyConfirmForm, CompanyJoinForm
from stellwerk.staffing.forms_vacancies import CLIENT_CONTACTS, PARTNER_CONTACTS, ClientForm, PartnerForm
from stellwerk.staffing.models import Client, Partner, Profile, Vacancy
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services import companies, registrations

BACKEND = "django.contrib.auth.backends.ModelBackend"


# ── clients ──────────────────────────────────────────────────────────────────────────────────────


@access("view", "staffing.client")
def client_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "staffing.client")


@access("create", "staffing.client")
def client_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)

    def save(values: dict[str, Any]) -> Client:
        return companies.create_client(values=values, by=user)

    return create_page(request, ClientForm, save=save, rows=[CLIENT_CONTACTS])


@access("edit", "staffing.client")
def client_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Client.objects.select_related("industry", "organisation"), "edit", key=key)
    outside = not is_inside(user)
    return edit_page(
        request, ClientForm, obj, rows=[] if outside else [CLIENT_CONTACTS], form_options={"outside": outside}
    )


@access("view", "staffing.client")
def client_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    client = fetch(user, Client.objects.select_related("industry", "organisation"), key=key)
    vacancies = visible_rows(user, Vacancy.objects.filter(client=client, archived_at=None)).order_by("-pk")[:50]
    context = {
        "object": client, "client": client, "vacancies": list(vacancies), "contacts": list(client.contacts.select_related("user")),
        "may_edit": can(user, "edit", client) and not client.archived, "inside": is_inside(user),
        "may_accept": client.accepted_at is None and can(user, "create", client),
        "panels": panels_for(request, client), "actions": actions_for(request, client),
    }  # fmt: skip
    return render(request, "staffing/client_detail.html", context)


@require_POST
@access("create", "staffing.client")
def client_accept(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    client = companies.accept_client(client=fetch(user, Client, key=key), by=user)
    messages.success(request, _("The client has been accepted; its vacancies can be approved."))
    return HttpResponseRedirect(url_of(client))


# ── partners ─────────────────────────────────────────────────────────────────────────────────────


@access("view", "staffing.partner")
def partner_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "staffing.partner")


@access("create", "staffing.partner")
def partner_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)

    def save(values: dict[str, Any]) -> Partner:
        return services.create(Partner, values, by=user)

    return create_page(request, PartnerForm, save=save, rows=[PARTNER_CONTACTS])


@access("edit", "staffing.partner")
def partner_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Partner.objects.select_related("organisation"), "edit", key=key)
    return edit_page(request, PartnerForm, obj, rows=[PARTNER_CONTACTS])


@access("view", "staffing.partner")
def partner_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    partner = fetch(user, Partner.objects.select_related("organisation"), key=key)
    candidates = visible_rows(user, Profile.objects.filter(partner=partner, archived_at=None)).exclude(state="erased")
    context = {
        "object": partner, "partner": partner, "inside": is_inside(user), "candidates": list(candidates.order_by("last_name", "pk")[:100]),
        "contacts": list(partner.contacts.select_related("user")),
        "vacancies": list(visible_rows(user, Vacancy.objects.filter(shares__partner=partner)).order_by("-pk")[:50]),
        "may_edit": can(user, "edit", partner) and not partner.archived,
        "panels": panels_for(request, partner), "actions": actions_for(request, partner),
    }  # fmt: skip
    return render(request, "staffing/partner_detail.html", context)


# ── the entrance of companies ────────────────────────────────────────────────────────────────────


def _message(request: HttpRequest, title: str, text: str, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "staffing/public_message.html", {"title": title, "text": text, **more}, status=status)


@require_http_methods(["GET", "POST"])
@public
def company_join(request: HttpRequest) -> HttpResponse:
    """Three minutes: who you are, what you look for; the address is confirmed by mail."""
    form = CompanyJoinForm(request.POST or None)
    problem: Refused | None = None
    if request.method == "POST":
        if not ratelimit.consume(request, action="stellwerk_join"):
            problem = Refused(_("Too many attempts"), _("Wait a minute, then try again."), code="slow")
            problem.status = 429
        elif form.data.get("website"):  # a program filled what people do not see
            return HttpResponseRedirect(reverse("staffing:join-sent"))
        elif form.is_valid():
            data = {
                name: value for name, value in form.cleaned_data.items() if name not in {"email", "website", "process"}
            }
            try:
                registrations.register(
                    entrance=Entrance.COMPANY,
                    email=form.cleaned_data["email"],
                    data=data,
                    language=get_language() or "de",
                )
            except Refused as refusal:
                problem = refusal
            else:
                return HttpResponseRedirect(reverse("staffing:join-sent"))
    status = problem.status if problem else 422 if form.is_bound and form.errors else 200
    return render(request, "staffing/company_join.html", {"form": form, "problem": problem}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def company_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing; choosing a password makes the account, the client and its first vacancy as a draft."""
    try:
        registrations.registration_of(token, companies.COMPANIES)
    except Refused as refusal:
        return _message(
            request, str(refusal.message), str(refusal.what_to_do), 404 if refusal.code == "link_unknown" else 410
        )
    form = CompanyConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="stellwerk_join"):
            return _message(request, _("Too many attempts"), _("Wait a minute, then try again."), 429)
        try:
            client, user = companies.confirm(token=token, password=form.cleaned_data["password"])
        except Invalid as error:
            refused(form, error)
        except Refused as refusal:
            return _message(request, str(refusal.message), str(refusal.what_to_do), 409, login=True)
        else:
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(url_of(client))
    return render(request, "staffing/join_confirm.html", {"form": form}, status=422 if form.errors else 200)
