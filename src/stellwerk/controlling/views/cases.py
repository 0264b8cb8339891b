"""Business cases: list, new version, the page with its figures, the sheet of drivers, the follow-up calculation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import case_words as words
from stellwerk.controlling import follow_page
from stellwerk.controlling.case_sheet import CaseSheet
from stellwerk.controlling.choices import FlowKind, Spending
from stellwerk.controlling.drawing import span_bar
from stellwerk.controlling.forms_cases import CaseForm, NewCaseForm
from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.selectors.cases import CaseModel, model_of
from stellwerk.controlling.selectors.follow_up import due_on, follow_of, frozen
from stellwerk.controlling.services.cases import create_case, save_flows
from stellwerk.controlling.services.follow_up import freeze_follow_up
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can, require, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.engine.investment import RATE, Bar, Kind, discounted
from stellwerk.engine.money import decimal, minor
from stellwerk.portfolio.models import Project, Proposal

RELATED = ("proposal__portfolio", "proposal__programme", "proposal__requester", "proposal__sponsor", "signed_by")


@access("view", "controlling.businesscase")
def case_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.businesscase", count_hidden=True)


@access("create", "controlling.businesscase")
def case_create(request: HttpRequest, key: str) -> HttpResponse:
    """The next version of a proposal's case."""
    user = actor(request)
    proposal = fetch(user, Proposal.objects.select_related("portfolio", "requester"), key=key)
    require(user, "create", BusinessCase(proposal=proposal))

    def save(values: dict[str, Any]) -> BusinessCase:
        empty = values.pop("empty", False)
        return create_case(proposal=proposal, values=values, empty=empty, by=user)

    return create_page(
        request, NewCaseForm, save=save, title=_("New business case of “%(name)s”") % {"name": proposal}, cancel=url_of(proposal),
        then=lambda obj: reverse("controlling:case-drivers", args=[obj.key]),
    )  # fmt: skip


@access("edit", "controlling.businesscase")
def case_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, CaseForm, fetch(actor(request), BusinessCase.objects.select_related(*RELATED), "edit", key=key))  # fmt: skip


@access("view", "controlling.businesscase")
def case_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    case = fetch(user, BusinessCase.objects.select_related(*RELATED), key=key)
    model = model_of(case)
    chosen, project = (
        model.chosen,
        Project.objects.filter(proposal=case.proposal_id).select_related("portfolio").first(),
    )
    versions = visible_rows(user, BusinessCase.objects.filter(proposal=case.proposal_id, archived_at=None)).order_by("-number")  # fmt: skip
    context = {
        "object": case, "case": case, "model": model, "currency": model.currency, "thousands": formats.money_unit(model.currency, "k"), "chosen": chosen, "years": model.years,
        "figures": words.figures(model.case.appraisal, model.currency) if model.case is not None else [],
        "npv": words.money(model.case.appraisal.npv, model.currency) if model.case is not None else "–",
        "rows": _by_year(model), "drivers": _drivers(model), "bars": _tornado(model), "options": _options(model), "wibe": _wibe(model),
        "swing": decimal(model.swing * 100, 2), "may_edit": can(user, "edit", case) and not case.archived,
        "versions": list(versions), "may_renew": _may_renew(user, case), "follow": _follow_note(user, case, project),
        "proposal_seen": can(user, "view", case.proposal),
        "panels": panels_for(request, case), "actions": actions_for(request, case),
    }  # fmt: skip
    return render(request, "controlling/case_detail.html", context)


def _may_renew(user: User, case: BusinessCase) -> bool:
    """A new version of what is signed."""
    return case.state == "signed" and can(user, "create", BusinessCase(proposal=case.proposal)) and not case.archived


def _by_year(model: CaseModel) -> list[dict[str, Any]]:
    """Cost, benefit, net, discounted and cumulative of the chosen option, with a bar for the cumulative discounted flow."""
    case = model.case
    if case is None:
        return []
    costs, benefits = case.sums(Kind.COST), case.sums(Kind.BENEFIT)
    flows = case.appraisal.flows
    present = discounted(flows.net, case.rate)
    sums: list[Fraction] = []
    for value in present:
        sums.append((sums[-1] if sums else Fraction(0)) + value)
    least, most = min([*sums, Fraction(0)]), max([*sums, Fraction(0)])
    return [
        {
            "year": year, "cost": costs[at], "benefit": benefits[at], "net": flows.net[at], "present": minor(present[at]),
            "sum": minor(sums[at]), "bar": span_bar(0, sums[at], 0, least, most, kinds=("press", "d1")),
        }
        for at, year in enumerate(model.years)
    ]  # fmt: skip


def _drivers(model: CaseModel) -> list[dict[str, Any]]:
    return [
        {
            "option": option.name, "first": not at, "count": len(option.drivers), "name": one.name,
            "kind": FlowKind(one.kind).label, "spending": Spending(one.spending).label if one.kind == FlowKind.COST else "",
            "effective": one.budget_effective, "cells": [one.amounts.get(year) for year in model.years], "total": one.total,
        }
        for option in model.options
        for at, one in enumerate(option.drivers)
    ]  # fmt: skip


def _tornado(model: CaseModel) -> list[dict[str, Any]]:
    bars = model.bars
    if not bars or model.case is None or model.chosen is None:
        return []
    base = model.case.appraisal.npv
    least = min([base, *(min(bar.less, bar.more) for bar in bars)])
    most = max([base, *(max(bar.less, bar.more) for bar in bars)])
    names = {one.key: one.name for one in model.chosen.drivers} | {RATE: _("Discount rate")}
    return [
        {
            "name": names[bar.driver], "less": minor(bar.less), "more": minor(bar.more), "even": _break_even(bar, model.currency),
            "why": words.reason_text(bar.reason), "bar": span_bar(min(bar.less, bar.more), max(bar.less, bar.more), base, least, most),
        }
        for bar in bars
    ]  # fmt: skip


def _break_even(bar: Bar, currency: str) -> str:
    """The change of the driver at which nothing is gained, with the value that it then has."""
    if bar.break_even is None:
        return "–"
    change = words.rate(bar.break_even)
    sign = "+" if bar.break_even > 0 else ""
    if bar.break_even_value is None:
        return f"{sign}{change}"
    value = words.rate(bar.break_even_value) if bar.driver == RATE else words.money(bar.break_even_value, currency)
    return f"{sign}{change} ({value})"


def _options(model: CaseModel) -> list[dict[str, Any]]:
    comparison = model.comparison
    if comparison is None:
        return []
    names = {one.key: one for one in model.options}
    rows = []
    for option in comparison.options:
        found, one = option.appraisal, names[option.key]
        rows.append(
            {
                "rank": option.rank, "name": one.name, "do_nothing": one.do_nothing, "recommended": one.recommended,
                "npv": minor(found.npv), "irr": " · ".join(words.rate(value) for value in found.irr.rates) or "–",
                "payback": words.years(found.payback), "annuity": None if found.annuity is None else minor(found.annuity),
                "against": None if option.against is None else minor(option.against.npv),
            }
        )  # fmt: skip
    return rows


def _wibe(model: CaseModel) -> dict[str, Any] | None:
    split = model.wibe
    if split is None:
        return None
    return {
        "effective": minor(split.budget_effective), "other": minor(split.other), "npv": minor(split.npv),
        "quality": model.quality, "external": model.external, "verdict": words.verdict_text(split.verdict), "fine": split.acceptable,
    }  # fmt: skip


def _follow_note(user: User, case: BusinessCase, project: Project | None) -> dict[str, Any] | None:
    if project is None or case.state != "signed":
        return None
    due = due_on(project)
    return {
        "project": project if can(user, "view", project) else None, "due": due, "kept": frozen(case),
        "late": due is not None and due <= timezone.localdate(), "seen": can(user, "money", project),
    }  # fmt: skip


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────


@access("edit", "controlling.businesscase")
def case_drivers(request: HttpRequest, key: str) -> HttpResponse:
    """Drivers × years like a spreadsheet."""
    user = actor(request)
    case = fetch(user, BusinessCase.objects.select_related(*RELATED), "edit", key=key)
    sheet = CaseSheet(case)
    if request.method == "POST":
        answer = _save(request, sheet, user)
        if answer is not None:
            return answer
    elif not sheet.rows:
        sheet.add_row()
    context = {
        "object": case, "case": case, "sheet": sheet, "rows": sheet.shown(), "currency": sheet.currency, "kinds": FlowKind.choices,
        "spendings": Spending.choices,
    }  # fmt: skip
    return render(request, "controlling/case_drivers.html", context, status=sheet.status)


def _save(request: HttpRequest, sheet: CaseSheet, user: User) -> HttpResponse | None:
    """Save, or (``then``) give the sheet back with a row or a year more; None: show the page again."""
    then = request.POST.get("then", "save")
    sheet.take(request.POST)
    if then == "row":
        sheet.add_row()
        return None
    if then in ("year", "earlier"):
        sheet.add_years(before=int(then == "earlier"), after=int(then == "year"))
        return None
    try:
        save_flows(case=sheet.case, lines=sheet.lines(), by=user, version=sheet.version)
    except Refused as refusal:
        sheet.refuse(refusal)
        return None
    messages.success(request, _("“%(name)s” has been saved.") % {"name": sheet.case})
    return HttpResponseRedirect(url_of(sheet.case))


# ── follow-up calculation ────────────────────────────────────────────────────────────────────────


@access("view", "controlling.businesscase")
def case_follow_up(request: HttpRequest, key: str) -> HttpResponse:
    """The signed case against bookings and measured benefits; a controller keeps it as a snapshot."""
    user = actor(request)
    case = fetch(user, BusinessCase.objects.select_related(*RELATED), key=key)
    project = Project.objects.filter(proposal=case.proposal_id).select_related("portfolio").first()
    seen = project is not None and can(user, "money", project)
    problem: Refused | None = None
    if request.method == "POST":
        try:
            freeze_follow_up(case=case, by=user)
            messages.success(request, _("The follow-up calculation has been kept."))
            return HttpResponseRedirect(request.path)
        except Refused as refusal:
            problem = refusal
    found = follow_of(case) if seen and case.state in ("signed", "superseded") else None
    context = {
        "object": case, "case": case, "project": project if seen else None, "found": found, "problem": problem, "kept": frozen(case),
        "rows": follow_page.signed_and_come(found, user), "effects": follow_page.effects(found), "currency": case.proposal.currency, "seen": seen,
        "due": due_on(project) if project is not None else None, "may_keep": can(user, "sign", case),
        "npv_then": minor(found.result.approved.npv) if found else None, "npv_now": minor(found.result.now.npv) if found else None,
        "difference": found.result.npv_difference if found else None,
    }  # fmt: skip
    return render(request, "controlling/case_follow_up.html", context, status=problem.status if problem else 200)
