"""Contracts: list, form, the page with checklist, clock and figures, its steps, documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.views.common import version_of
from stellwerk.staffing.checklist_contracts import checklist_of, used_text
from stellwerk.staffing.choices import ContractForm as Form
from stellwerk.staffing.documents.contract import DOCX, READERS, Paper, as_docx, as_pdf, paper_of
from stellwerk.staffing.forms_contracts import EARLIER, ContractForm, ExtensionForm, SignatureForm
from stellwerk.staffing.law import Limits, freelance, lending
from stellwerk.staffing.law_words import LIGHTS, SIDES, SIGNS
from stellwerk.staffing.models import Contract, Match, Profile, Vacancy
from stellwerk.staffing.selectors.contracts import (
    RELATED,
    answers_of,
    figures_for,
    gates_of,
    limits,
    picture_of,
    sides_of,
)
from stellwerk.staffing.selectors.contracts_prefill import prefilled
from stellwerk.staffing.services import contracts as writes


@access("view", "staffing.contract")
def contract_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "staffing.contract")


@access("create", "staffing.contract")
def contract_create(request: HttpRequest) -> HttpResponse:
    """``?match=MAT-0001``: everything stands in the form already; ``?vacancy=VAC-0001&profile=PRF-0001`` likewise."""
    user = actor(request)
    match = None
    initial: dict[str, Any] = {}
    if key := request.GET.get("match"):
        match = fetch(user, Match.objects.select_related("vacancy__demand__project", "profile__partner"), key=key)
        initial = prefilled(match.vacancy, match.profile, request.GET.get("form", ""))
    elif request.GET.get("vacancy") and request.GET.get("profile"):
        vacancy = fetch(user, Vacancy.objects.select_related("demand__project"), key=request.GET["vacancy"])
        profile = fetch(user, Profile.objects.select_related("partner"), key=request.GET["profile"])
        initial = prefilled(vacancy, profile, request.GET.get("form", ""))

    def save(values: dict[str, Any]) -> Contract:
        return writes.create_contract(values=values, by=user, match=match)

    sub = _("Taken from the match: check it and create the draft.") if match else ""
    return create_page(
        request,
        ContractForm,
        save=save,
        rows=[EARLIER],
        initial=initial,
        form_options={"matched": match is not None},
        sub=sub,
    )


@access("edit", "staffing.contract")
def contract_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Contract.objects.select_related("vacancy", "profile", "partner"), "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Contract:
        return writes.edit_contract(contract=obj, values=values, by=user, version=version, reason=reason)

    return edit_page(request, ContractForm, obj, save=save, rows=[EARLIER])


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@access("view", "staffing.contract")
def contract_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return _detail(
        request, user, fetch(user, Contract.objects.select_related(*RELATED).prefetch_related("signatures"), key=key)
    )


def _detail(
    request: HttpRequest,
    user: User,
    contract: Contract,
    problem: Refused | None = None,
    bound: dict[str, Any] | None = None,
) -> HttpResponse:
    rules, today = limits(), timezone.localdate()
    inside = can(user, "edit", contract) or can(user, "approve", contract)
    edits = can(user, "edit", contract) and not contract.archived
    gates = gates_of(contract, today, rules) if inside else None
    lines = checklist_of(contract, gates) if gates else []
    forms_here = {"sign_form": SignatureForm(contract), "extend_form": ExtensionForm()} | (bound or {})
    context = {
        "object": contract, "contract": contract, "lines": lines, "open": sum(1 for one in lines if one.state == "block"),
        "inside": inside, "edits": edits, "may_edit": edits and contract.state == "draft", "money": figures_for(user, contract, rules),
        "clock": _clock(contract, gates.case, rules) if gates and gates.case else None, "picture": _picture(contract, rules) if inside else None,
        "signatures": _signatures(contract), "signs_open": edits and contract.state == "sent",
        "may_tell": edits and contract.form == Form.LENDING and contract.state in {"sent", "signed"},
        "may_extend": edits and contract.state == "active" and contract.last is not None, "papers": _papers(user, contract),
        "equal": _equal(user, contract, rules),
        "vacancy_url": _link(user, contract.vacancy), "profile_url": _link(user, contract.profile),
        "client_url": _link(user, contract.client), "person_url": _link(user, contract.person),
        "booking_url": _link(user, contract.allocation),
        "problem": problem, "panels": panels_for(request, contract), "actions": actions_for(request, contract), **forms_here,
    }  # fmt: skip
    return render(request, "staffing/contract_detail.html", context, status=problem.status if problem else 200)


def _link(user: User, obj: models.Model | None) -> str:
    """The page of what the reader may see; empty where they may not, or where it has none."""
    if obj is None or not can(user, "view", obj):
        return ""
    try:
        return url_of(obj)
    except NoReverseMatch:
        return ""


def _clock(contract: Contract, case: lending.Lending, rules: Limits) -> dict[str, Any] | None:
    """Used time, last day allowed, equal pay; None where nobody has asked for earlier assignments."""
    if case.earlier is None:
        return None
    clock, today = lending.clock_for(case, rules), timezone.localdate()
    most = case.client_months or rules.longest_months
    months, days = clock.used(today)
    end = clock.used(contract.last) if contract.last else (months, days)
    return {
        "used": used_text(months, days, most), "at_end": used_text(*end, most), "limit": lending.longest_day(case, rules),
        "equal_pay": lending.equal_pay_day(case, rules), "deviation": lending.deviation_ends(case, rules),
        "parts": [("d2", min(months * 30 + days, most * 30))], "total": most * 30, "anew": clock.anew,
    }  # fmt: skip


def _picture(contract: Contract, rules: Limits) -> dict[str, Any] | None:
    found = picture_of(contract, rules)
    if found is None:
        return None
    answers = answers_of(contract)
    return {
        "light": {"few": "note", "some": "warn", "strong": "bad"}[found.light], "word": LIGHTS[found.light], "share": found.share,
        "float": float(found.share) if found.share is not None else None, "unknown": len(found.unknown), "offer": found.offer_lending,
        "rows": [{"code": one.code, "text": SIGNS[one.code], "answer": answers[one.code], "employed": answers[one.code] is one.employed}
                 for one in freelance.SIGNS],
        "until": freelance.status_until(contract.first, rules),
    }  # fmt: skip


def _signatures(contract: Contract) -> list[dict[str, Any]]:
    rows = {row.side: row for row in contract.signatures.all()}
    return [{"side": SIDES[side], "row": rows.get(side)} for side in sides_of(contract)]


def _equal(user: User, contract: Contract, rules: Limits) -> dict[str, Any] | None:
    """The margin at equal pay, and the rate that would keep the present one."""
    from stellwerk.staffing.law.price import margin, rate_that_keeps

    money = figures_for(user, contract, rules)
    if contract.form != Form.LENDING or money.margin is None or money.comparable is None or money.rate is None:
        return None
    if money.pay is not None and money.pay >= money.comparable:
        return None
    partner = contract.partner_id is not None
    new = margin("lending", money.rate, money.comparable, by_partner=partner, limits=rules)
    share = money.margin.share
    keeps = (
        rate_that_keeps("lending", share, money.comparable, by_partner=partner, limits=rules)
        if share is not None and share < 1
        else None
    )
    return {"margin": new, "keeps": keeps}


# ── documents ────────────────────────────────────────────────────────────────────────────────────


def _may_read(user: User, contract: Contract, reader: str) -> bool:
    """The client's paper names the rate, the person's the pay; one's own paper is read in any case."""
    if reader == "client":
        return can(user, "rates", contract)
    mine = contract.profile is not None and contract.profile.user_id == user.pk
    return mine or can(user, "pay", contract)


def _papers(user: User, contract: Contract) -> list[dict[str, Any]]:
    words = {"client": _("For the client"), "person": _("For the person")}
    kinds = [{"code": code, "name": code.upper()} for code in WRITERS]
    files = [
        {"code": code, "language": name, "kinds": kinds} for code, name in (("de", _("German")), ("en", _("English")))
    ]
    readers = [reader for reader in READERS if _may_read(user, contract, reader)]
    return [{"reader": reader, "word": words[reader], "files": files} for reader in readers]


WRITERS: dict[str, tuple[Callable[[Paper], bytes], str]] = {"pdf": (as_pdf, "application/pdf"), "docx": (as_docx, DOCX)}


@require_safe
@access("view", "staffing.contract")
def contract_paper(request: HttpRequest, reader: str, language: str, kind: str, key: str) -> HttpResponse:
    user = actor(request)
    contract = fetch(user, Contract.objects.select_related(*RELATED).prefetch_related("signatures"), key=key)
    if reader not in READERS or language not in {"de", "en"} or kind not in WRITERS:
        raise Http404
    if not _may_read(user, contract, reader):
        raise NotAllowed()
    write, mime = WRITERS[kind]
    paper = paper_of(contract, "client" if reader == "client" else "person", "de" if language == "de" else "en")
    response = HttpResponse(write(paper), content_type=mime)
    name = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in contract.key)
    response["Content-Disposition"] = f'attachment; filename="{name}-{reader}-{language}.{kind}"'
    return response


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@access("edit", "staffing.contract")
def contract_act(request: HttpRequest, key: str) -> HttpResponse:
    """Signatures, confirmations, the checklist and the extension; the button says which."""
    user = actor(request)
    contract = fetch(user, Contract.objects.select_related(*RELATED), "edit", key=key)
    bound: dict[str, Any] = {}
    try:
        text = _act(request, user, contract, bound)
    except Refused as refusal:
        _put_errors(refusal, bound)
        return _detail(
            request,
            user,
            fetch(user, Contract.objects.select_related(*RELATED).prefetch_related("signatures"), key=key),
            refusal,
            bound,
        )
    messages.success(request, text)
    return HttpResponseRedirect(url_of(contract))


def _act(request: HttpRequest, user: User, contract: Contract, bound: dict[str, Any]) -> str:
    step = request.POST.get("step", "")
    if step == "sign":
        form = _valid(SignatureForm(contract, request.POST), "sign_form", bound)
        writes.record_signature(contract=contract, by=user, **form.cleaned_data)
        return _("The signature has been recorded.")
    if step == "extend":
        form = _valid(ExtensionForm(request.POST), "extend_form", bound)
        writes.propose_extension(contract=contract, by=user, version=version_of(request), **form.cleaned_data)
        return _("The extension waits for another person's confirmation.")
    if step == "signs":
        answers = {
            one.code: {"yes": True, "no": False}.get(request.POST.get(f"sign-{one.code}", ""))
            for one in freelance.SIGNS
        }
        writes.answer_signs(contract=contract, answers=answers, by=user, version=version_of(request))
        return _("The checklist has been saved.")
    if step == "status":
        writes.status_asked(contract=contract, by=user)
        return _("Noted: the status has been asked for.")
    writes.confirm_step(contract=contract, step=step, by=user)
    return _("Noted with date and time.")


def _valid(form: forms.Form, name: str, bound: dict[str, Any]) -> forms.Form:
    bound[name] = form
    if not form.is_valid():
        raise Invalid({})
    return form


def _put_errors(refusal: Refused, bound: dict[str, Any]) -> None:
    """Errors of the service stand at the fields of the form that was sent."""
    if not isinstance(refusal, Invalid):
        return
    for form in bound.values():
        for name in [name for name in refusal.errors if name in form.fields]:
            for text in refusal.errors.pop(name):
                form.add_error(name, text)
