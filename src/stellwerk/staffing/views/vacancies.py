"""Vacancies: list, form, the page with ad, checks and pay guidance, copies, partners."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.staffing.forms_vacancies import NEEDS, SPOKEN, ShareForm, VacancyForm
from stellwerk.staffing.models import Client, Partner, Vacancy
from stellwerk.staffing.pay_guidance import guidance_for
from stellwerk.staffing.selectors.ads import ad_of, remarks_of
from stellwerk.staffing.selectors.matching import OPEN, own_candidates, with_needs
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services.vacancies import copy_vacancy, create_vacancy, edit_vacancy, share_vacancy
from stellwerk.staffing.term_input import LISTED, names_of_terms

VACANCY = "staffing.vacancy"


def _words() -> dict[str, Any]:
    return {"words": names_of_terms(), "listed": LISTED}


@access("view", VACANCY)
def vacancy_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, VACANCY)


@access("create", VACANCY)
def vacancy_create(request: HttpRequest) -> HttpResponse:
    """By form; a client contact describes the need of its own company."""
    user = actor(request)
    initial: dict[str, Any] = {}
    if not is_inside(user):
        own = Client.objects.filter(visible(user, Client)).first()
        initial["client"] = own.pk if own is not None else None

    def save(values: dict[str, Any]) -> Vacancy:
        return create_vacancy(values=values, by=user)

    options = {"outside": not is_inside(user), "caps": can(user, "rates", VACANCY) and is_inside(user)}
    return create_page(
        request, VacancyForm, save=save, rows=[NEEDS, SPOKEN], initial=initial, form_options=options,
        template="staffing/profile_form.html", context=_words(),
    )  # fmt: skip


@access("edit", VACANCY)
def vacancy_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Vacancy.objects.select_related("client", "role", "industry", "demand__project"), "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Vacancy:
        return edit_vacancy(vacancy=obj, values=values, by=user, version=version, reason=reason)

    options = {"outside": not is_inside(user), "caps": can(user, "rates", obj)}
    return edit_page(
        request, VacancyForm, obj, save=save, rows=[NEEDS, SPOKEN], form_options=options,
        template="staffing/profile_form.html", context=_words(),
    )  # fmt: skip


@access("view", VACANCY)
def vacancy_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    vacancy = fetch(user, with_needs(Vacancy.objects.select_related("role", "organisation")), key=key)
    inside = is_inside(user)
    edits = can(user, "edit", vacancy) and not vacancy.archived and vacancy.state not in {"filled", "cancelled"}
    languages = ["de", "en"] if vacancy.title_en or vacancy.tasks_en else ["de"]
    shown = request.GET.get("ad") if request.GET.get("ad") in languages else request.LANGUAGE_CODE if request.LANGUAGE_CODE in languages else "de"  # fmt: skip
    shares = can(user, "share", vacancy)
    context = {
        "object": vacancy, "vacancy": vacancy, "ad": ad_of(vacancy, str(shown)), "ad_languages": languages, "shown": shown,
        "inside": inside, "edits": edits, "may_copy": can(user, "publish", VACANCY),
        "remarks": remarks_of(vacancy, str(shown)) if inside or can(user, "edit", vacancy) else [],
        "guidance": guidance_for(vacancy) if edits else [], "sees_cap": can(user, "rates", vacancy),
        "client_url": url_of(vacancy.client) if can(user, "view", vacancy.client) else "",
        "client_named": inside or not vacancy.client.covered or can(user, "view", vacancy.client),
        "demand_url": url_of(vacancy.demand) if vacancy.demand is not None and can(user, "view", vacancy.demand) else "",
        "share_form": _share_form(user, vacancy) if shares else None,
        "shared": [row.partner for row in vacancy.shares.select_related("partner")] if inside else [],
        "candidates": own_candidates(user, vacancy),
        "open": vacancy.state in OPEN, "panels": panels_for(request, vacancy), "actions": actions_for(request, vacancy),
    }  # fmt: skip
    return render(request, "staffing/vacancy_detail.html", context)


def _share_form(user: User, vacancy: Vacancy, data: Any = None) -> ShareForm:
    partners = Partner.objects.filter(visible(user, Partner), organisation=vacancy.organisation_id, archived_at=None)
    chosen = list(vacancy.shares.values_list("partner_id", flat=True))
    return ShareForm(data, partners=partners, initial={"partners": chosen})


@require_POST
@access("share", VACANCY)
def vacancy_share(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    vacancy = fetch(user, Vacancy, "share", key=key)
    form = _share_form(user, vacancy, request.POST)
    if form.is_valid():
        share_vacancy(vacancy=vacancy, partners=form.cleaned_data["partners"], by=user)
        messages.success(request, _("The partners have been kept."))
    else:
        messages.error(request, _("There is no such partner."))
    return HttpResponseRedirect(url_of(vacancy))


@require_POST
@access("publish", VACANCY)
def vacancy_copy(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    made = copy_vacancy(vacancy=fetch(user, Vacancy.objects.select_related("client"), key=key), by=user)
    messages.success(request, _("The copy is a draft."))
    return HttpResponseRedirect(url_of(made))
