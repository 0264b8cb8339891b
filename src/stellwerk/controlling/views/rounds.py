"""Investment rounds: list, page, limits, submissions, decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stellwerk.controlling import round_words as words
from stellwerk.controlling.choices import ROUND_STATES, RoundDecision
from stellwerk.controlling.forms_cases import RoundForm
from stellwerk.controlling.models import InvestmentRound, RoundItem, SelectionRun
from stellwerk.controlling.selectors.rounds import (
    MEASURES,
    RoundModel,
    hidden_keys,
    model_of,
    remember,
    seen_keys,
    totals_of,
)
from stellwerk.controlling.services.grid import amount_of, text_of
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.controlling.services.rounds import (
    CALLS,
    OPEN_STATES,
    create_round,
    decide,
    may_submit,
    open_round,
    remove_item,
    set_limits,
    submit_proposals,
)
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.core.states import label_of
from stellwerk.people.models import Role
from stellwerk.portfolio.models import Proposal

RELATED = ("portfolio__unit", "scoring_model", "owner")
COMPARED = 3
"""Selections that stand beside the decisions."""
STEPS = ("draft", "call_open", "submissions_closed", "evaluation", "balancing", "board_approval", "approved", "loaded")


@access("view", "controlling.investmentround")
def round_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.investmentround", count_hidden=True)


@access("create", "controlling.investmentround")
def round_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    return create_page(request, RoundForm, save=lambda values: create_round(values=values, by=user))


@access("edit", "controlling.investmentround")
def round_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, RoundForm, fetch(actor(request), InvestmentRound.objects.select_related(*RELATED), "edit", key=key))  # fmt: skip


@access("view", "controlling.investmentround")
def round_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return _detail(request, user, fetch(user, InvestmentRound.objects.select_related(*RELATED), key=key))


def _detail(
    request: HttpRequest, user: User, round_: InvestmentRound, problem: Refused | None = None, typed: dict[int, tuple[str, str]] | None = None
) -> HttpResponse:  # fmt: skip
    missing = ""
    try:
        model = model_of(round_)
        remember(round_, model)
    except MissingRate as refusal:
        model, missing = RoundModel(round_, [], [], [], {}), str(refusal.message)
    runs = list(SelectionRun.objects.filter(round=round_).select_related("asked_by")[:12])
    done = [run for run in runs if "chosen" in run.told][:COMPARED]
    seen = set(visible_rows(user, Proposal.objects.filter(pk__in=[e.proposal.pk for e in model.entries])).values_list("pk", flat=True))  # fmt: skip
    shown = [entry for entry in model.entries if entry.proposal.pk in seen]
    visible_keys = {entry.key for entry in shown}
    decided = {entry.key for entry in shown if entry.item.decision == RoundDecision.IN}
    editable = round_.state in OPEN_STATES and not round_.archived
    decides = round_.state == "balancing" and can(user, "select", round_) and not round_.archived
    context = {
        "object": round_, "round": round_, "model": model, "missing": missing, "problem": problem, "currency": round_.currency,
        "years": model.years, "rows": _rows(user, model, shown, done, typed or {}), "hidden": len(model.entries) - len(shown),
        "totals": totals_of(model, decided), "sets": [_set(model, run, visible_keys) for run in done],
        "runs": [_run_row(model, run, visible_keys) for run in runs],
        "limits": _limit_rows(model, decided), "may_edit": can(user, "edit", round_) and editable, "decides": decides,
        "may_select": can(user, "select", round_) and editable and bool(model.entries), "decisions": RoundDecision.choices,
        "measures": [(code, words.measure_name(code)) for code in MEASURES], "steps": _steps(round_),
        "free": _free(user, round_, model) if editable else [], "panels": panels_for(request, round_), "actions": actions_for(request, round_),
        "counts": {code: sum(entry.item.decision == code for entry in shown) for code in ("in", "out", "later")},
        "undecided": sum(not entry.item.decision for entry in shown),
    }  # fmt: skip
    return render(request, "controlling/round_detail.html", context, status=problem.status if problem else 200)


def _steps(round_: InvestmentRound) -> list[dict[str, Any]]:
    labels = dict(ROUND_STATES)
    now = STEPS.index(round_.state)
    return [
        {"label": labels[code], "done": at < now or round_.state == "loaded", "now": at == now}
        for at, code in enumerate(STEPS)
    ]


def _rows(
    user: User, model: RoundModel, entries: list[Any], runs: list[SelectionRun], typed: dict[int, tuple[str, str]]
) -> list[dict[str, Any]]:
    chosen = [set(run.told["chosen"]) for run in runs]
    return [
        {
            "entry": entry, "item": entry.item, "proposal": entry.proposal, "state": label_of(entry.proposal), "cost": entry.total(model.years),
            "hours": sum(entry.hours.values(), Decimal(0)),
            "npv": entry.npv, "alignment": entry.alignment, "signed": entry.case is not None and entry.case.state == "signed",
            "case": entry.case, "lacking": seen_keys(model.lacking.get(entry.key, []), user), "in_runs": [entry.key in keys for keys in chosen],
            "decision": typed.get(entry.item.pk, (entry.item.decision, ""))[0], "reason": typed.get(entry.item.pk, ("", entry.item.reason))[1],
        }
        for entry in sorted(entries, key=lambda one: (not one.proposal.mandatory, -(one.proposal.score or 0), one.key))
    ]  # fmt: skip


def _set(model: RoundModel, run: SelectionRun, seen: Collection[str]) -> dict[str, Any]:
    totals = totals_of(model, seen_of(run.told["chosen"], seen))
    return {"run": run, "totals": totals, "name": run_name(run)}


def run_name(run: SelectionRun) -> str:
    """What the selection was asked for, in short."""
    parts = [run.asked.get("name") or _("Selection %(number)s") % {"number": run.pk}]
    if run.asked.get("percent", 100) != 100:
        parts.append(_("%(percent)s %% of the money") % {"percent": run.asked["percent"]})
    if run.asked.get("measure", "score") != "score":
        parts.append(words.measure_name(run.asked["measure"]))
    if run.asked.get("inside") or run.asked.get("outside"):
        parts.append(_("decisions kept"))
    return " · ".join(str(part) for part in parts)


def seen_of(keys: Iterable[str], seen: Collection[str]) -> list[str]:
    """Sums are of what their reader may see."""
    return [key for key in keys if key in seen]


def _run_row(model: RoundModel, run: SelectionRun, seen: Collection[str]) -> dict[str, Any]:
    told = run.told
    chosen = seen_of(told.get("chosen", []), seen)
    return {
        "run": run, "name": run_name(run), "count": len(chosen), "proven": told.get("proven"), "gap": told.get("gap"),
        "value": value_of(model, run, chosen, seen),
    }  # fmt: skip


def value_of(model: RoundModel, run: SelectionRun, chosen: Collection[str], seen: Collection[str]) -> str:
    """The value of a set as it was computed; where something is hidden from the reader, of what they see of it."""
    measure, currency = run.asked.get("measure", "score"), model.round.currency
    if all(entry.key in seen for entry in model.entries):
        return words.value_text(run.told.get("value"), run.told, measure, currency)
    if "chosen" not in run.told:
        return formats.NO_DATA
    total = sum((entry.value(measure) or 0 for entry in model.entries if entry.key in chosen), Decimal(0))
    return formats.money(int(total), currency, unit="auto") if measure == "npv" else formats.number(total, 1)


def _limit_rows(model: RoundModel, chosen: set[str]) -> list[dict[str, Any]]:
    """Each limit by year with what is decided to be in."""
    if not model.entries and not model.limits:
        return []
    totals = totals_of(model, chosen)
    currency = model.round.currency
    rows = []
    for resource, name in model.resources():
        cells = []
        for year in model.years:
            limit = model.limits.get((resource, year))
            used: Decimal | int = totals.by_year.get(year, 0) if resource is None else totals.hours.get((resource, year), Decimal(0))  # fmt: skip
            shown = formats.money(int(used), currency, unit="auto") if resource is None else f"{formats.number(used)}{formats.NBSP}h"  # fmt: skip
            most = "" if limit is None else formats.money(limit, currency, unit="auto") if resource is None else f"{formats.number(limit)}{formats.NBSP}h"  # fmt: skip
            cells.append(
                {"used": shown, "limit": most, "over": limit is not None and used > limit, "parts": [("d1", int(min(used, limit or used))), ("press", int(max(used - limit, 0)) if limit is not None else 0)], "top": int(max(used, limit or used, 1))}
            )  # fmt: skip
        rows.append({"name": _("Money") if resource is None else name, "cells": cells})
    return rows


def _free(user: User, round_: InvestmentRound, model: RoundModel) -> list[Proposal]:
    """Proposals of the portfolio that could come in."""
    inside = [entry.proposal.pk for entry in model.entries]
    rows = Proposal.objects.filter(portfolio=round_.portfolio_id, state__in=CALLS, archived_at=None, project=None).exclude(pk__in=inside)  # fmt: skip
    found = visible_rows(user, rows.select_related("requester", "portfolio__unit")).order_by("key")[:300]
    return [proposal for proposal in found if may_submit(user, round_, proposal)]


# ── submissions ──────────────────────────────────────────────────────────────────────────────────


@require_POST
@access("view", "controlling.investmentround")
def round_submit(request: HttpRequest, key: str) -> HttpResponse:
    """Proposals into the round; the service asks who may."""
    user = actor(request)
    round_ = fetch(user, InvestmentRound.objects.select_related(*RELATED), key=key)
    numbers = [
        int(one) for one in request.POST.getlist("proposal") if one.isascii() and one.isdigit() and len(one) < 18
    ]
    chosen = list(visible_rows(user, Proposal.objects.filter(pk__in=numbers)).select_related("requester"))
    try:
        made = submit_proposals(round_=round_, proposals=chosen, by=user)
        messages.success(request, _("Proposals in the round: %(count)s more.") % {"count": len(made)})
    except Refused as refusal:
        return _detail(request, user, round_, refusal)
    return HttpResponseRedirect(url_of(round_))


@require_POST
@access("view", "portfolio.proposal")
def proposal_submit(request: HttpRequest, key: str) -> HttpResponse:
    """From the page of a proposal: whoever asks for the money submits it while the call is open."""
    user = actor(request)
    proposal = fetch(user, Proposal.objects.select_related("requester", "portfolio"), key=key)
    round_ = open_round(user, proposal)
    if round_ is None:
        messages.error(request, _("No call is open for this proposal."))
    else:
        try:
            submit_proposals(round_=round_, proposals=[proposal], by=user)
            messages.success(request, _("Submitted to %(round)s.") % {"round": round_})
        except Refused as refusal:
            messages.error(request, str(refusal))
    return HttpResponseRedirect(url_of(proposal))


@require_POST
@access("edit", "controlling.investmentround")
def round_remove(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    round_ = fetch(user, InvestmentRound.objects.select_related(*RELATED), "edit", key=key)
    number = request.POST.get("item", "")
    item = RoundItem.objects.filter(round=round_, pk=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0).select_related("round", "proposal").first()  # fmt: skip
    if item is not None:
        try:
            remove_item(item=item, by=user)
            messages.success(request, _("%(key)s is out of the round.") % {"key": item.proposal.key})
        except Refused as refusal:
            return _detail(request, user, round_, refusal)
    return HttpResponseRedirect(url_of(round_))


# ── decisions ────────────────────────────────────────────────────────────────────────────────────


@require_POST
@access("select", "controlling.investmentround")
def round_decide(request: HttpRequest, key: str) -> HttpResponse:
    """Decisions of all rows with their reasons; wrong ones come back with what was typed."""
    user = actor(request)
    round_ = fetch(user, InvestmentRound.objects.select_related(*RELATED), "select", key=key)
    typed: dict[int, tuple[str, str]] = {}
    for name, value in request.POST.items():
        kind, _dash, number = name.partition("-")
        if kind == "decision" and number.isascii() and number.isdigit() and len(number) < 18:
            typed[int(number)] = (str(value)[:6], str(request.POST.get(f"reason-{number}", ""))[:300])
    hidden = hidden_keys(round_, user)
    unseen = set(round_.items.filter(proposal__key__in=hidden).values_list("pk", flat=True)) if hidden else set()
    typed = {pk: value for pk, value in typed.items() if pk not in unseen}
    try:
        decide(round_=round_, decisions=typed, by=user)
        messages.success(request, _("The decisions have been saved."))
    except Refused as refusal:
        return _detail(request, user, round_, refusal, typed)
    return HttpResponseRedirect(url_of(round_))


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


@access("edit", "controlling.investmentround")
def round_limits(request: HttpRequest, key: str) -> HttpResponse:
    """Money and hours of each role by year."""
    user = actor(request)
    round_ = fetch(user, InvestmentRound.objects.select_related(*RELATED), "edit", key=key)
    problem: Refused | None = None
    typed = {name: str(value).strip()[:30] for name, value in request.POST.items() if name.startswith("limit-")}
    if request.method == "POST":
        try:
            set_limits(round_=round_, limits=_read_limits(round_, typed), by=user)
            messages.success(request, _("The limits of the round have been saved."))
            return HttpResponseRedirect(url_of(round_))
        except Refused as refusal:
            problem = refusal
    model = model_of(round_)
    roles = list(Role.objects.filter(archived_at=None))
    years = list(range(round_.first_year, round_.first_year + round_.years))
    wanted = {role.pk for role in model.roles}
    demands = totals_of(model, {entry.key for entry in model.entries})
    rows = []
    for role in (None, *sorted(roles, key=lambda one: (one.pk not in wanted, str(one)))):
        number = role.pk if role is not None else None
        cells = []
        for year in years:
            name = f"limit-{number or 'money'}-{year}"
            stored = model.limits.get((number, year))
            text = "" if stored is None else _limit_text(stored, number, round_.currency)
            asked: Decimal | int = demands.by_year.get(year, 0) if number is None else demands.hours.get((number, year), Decimal(0))  # fmt: skip
            cells.append({"name": name, "value": typed.get(name, text), "year": year, "asked": formats.money(int(asked), round_.currency, unit="auto") if number is None else formats.number(asked)})  # fmt: skip
        rows.append({"name": str(role) if role is not None else _("Money"), "unit": "h" if role is not None else round_.currency, "cells": cells, "needed": role is None or number in wanted})  # fmt: skip
    context = {"object": round_, "round": round_, "rows": rows, "years": years, "problem": problem}
    return render(request, "controlling/round_limits.html", context, status=problem.status if problem else 200)


def _limit_text(amount: int, role: int | None, currency: str) -> str:
    if role is not None:
        return formats.number(amount).replace(formats.MINUS, "-")
    return text_of(amount, currency) or "0"


def _read_limits(round_: InvestmentRound, typed: dict[str, str]) -> dict[tuple[int | None, int], int]:
    """``limit-money-2027`` and ``limit-7-2027``. Errors: ``Invalid`` by place."""
    found: dict[tuple[int | None, int], int] = {}
    errors: dict[str, list[str]] = {}
    for name, text in typed.items():
        _limit, role, year = [*name.split("-"), "", ""][:3]
        if not text or not (year.isascii() and year.isdigit() and len(year) == 4):
            continue
        number = None if role == "money" else int(role) if role.isascii() and role.isdigit() and len(role) < 18 else 0
        try:
            found[number, int(year)] = amount_of(text, round_.currency) if number is None else _whole(text)
        except Invalid as refusal:
            errors[name] = [f"{year}: {next(iter(refusal.errors.values()))[0]}"]
    if errors:
        raise Invalid(errors)
    return found


def _whole(text: str) -> int:
    try:
        value = parse_number(text)
    except ValueError as error:
        raise Invalid({"hours": [str(error)]}) from None
    if value != value.to_integral_value() or abs(value) > 10**12:
        raise Invalid({"hours": [_("whole hours, please.")]})
    return int(value)


def back(round_: InvestmentRound) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("controlling:round-detail", args=[round_.key]))
