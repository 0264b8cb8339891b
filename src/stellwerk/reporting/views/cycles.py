"""Reporting cycles: who has delivered, who has not, since when; plan, remind, and the steps to publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages.forms import edit_page
from stellwerk.core.permissions import can, visible_rows
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting import pack, selectors, services
from stellwerk.reporting.checks import plausibility
from stellwerk.reporting.forms import CycleForm
from stellwerk.reporting.models import Cycle
from stellwerk.reporting.selectors import Delivery
from stellwerk.reporting.services.cycles import next_dates
from stellwerk.reporting.timeline import steps_of

DEFAULT_COUNT = 6


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "reporting.cycle")
def cycle_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "reporting.cycle")


def _cycle(request: HttpRequest, key: str, verb: str = "view") -> Cycle:
    return fetch(actor(request), selectors.cycles(), verb, key=key)


@require_safe
@access("view", "reporting.cycle")
def cycle_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    cycle = _cycle(request, key)
    rows = selectors.deliveries(cycle, user)
    missing = [row for row in rows if not row.delivered]
    may_edit = can(user, "edit", cycle)
    context = {
        "cycle": cycle,
        "portfolio": cycle.portfolio,
        "rows": [_row(row, user, may_edit) for row in rows],
        "missing": missing,
        "delivered": len(rows) - len(missing),
        "total": len(rows),
        "steps": steps_of(cycle),
        "due_at": selectors.clock_of(cycle).due_at,
        "may_edit": may_edit,
        "may_remind": may_edit and bool(missing) and cycle.state in {"open", "collecting", "cut_off", "pmo_review"},
        "has_pack": cycle.snapshot_id is not None,
        "full_pack": cycle.snapshot is not None and pack.may_see_all(user, cycle.snapshot),
        "may_deck": can(user, "export", cycle.portfolio),
    }
    return render(request, "reporting/cycle_detail.html", context)


def _row(row: Delivery, user: User, may_edit: bool) -> dict[str, Any]:
    report = row.report
    findings = plausibility(report) if report is not None and report.state == "submitted" and may_edit else []
    lights = {light.dimension: light.effective for light in report.lights.all()} if report is not None else {}
    return {
        "project": row.project,
        "report": report,
        "state": row.state,
        "delivered": row.delivered,
        "since": row.since,
        "findings": len(findings),
        "overall": "grey" if row.state == "missed" else lights.get("overall", ""),
        "overdue": report is not None and report.return_due is not None and report.return_due < timezone.now(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "reporting.cycle")
def cycle_plan(request: HttpRequest) -> HttpResponse:
    """Preview the next dates of a portfolio, then create them."""
    user = actor(request)
    portfolios = list(
        visible_rows(user, Portfolio.objects.filter(archived_at=None).select_related("unit__organisation"))
    )
    portfolios = [row for row in portfolios if can(user, "create", Cycle(portfolio=row))]
    wanted = request.POST.get("portfolio") or request.GET.get("portfolio", "")
    chosen = next((row for row in portfolios if row.key == wanted), None)
    if wanted and chosen is None:
        raise Http404(_("This portfolio does not exist, or you may not plan its cycles."))
    chosen = chosen or next((row for row in portfolios if row.cycle_anchor), portfolios[0] if portfolios else None)
    text = request.POST.get("count") or request.GET.get("count", "")
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else DEFAULT_COUNT
    context: dict[str, Any] = {"portfolios": portfolios, "chosen": chosen, "count": count, "error": "", "rows": []}
    if chosen is not None:
        today = selectors.local_today(chosen)
        known = set(Cycle.objects.filter(portfolio=chosen).values_list("data_date", flat=True))
        context["rows"] = [
            {"number": number, "day": day, "week": formats.iso_week(day), "known": day in known}
            for number, day in next_dates(chosen, min(max(count, 1), 60), today)
        ]
    if request.method == "POST" and chosen is not None:
        try:
            made = services.plan_cycles(portfolio=chosen, by=user, count=count)
        except Invalid as refusal:
            context["error"] = " ".join(text for texts in refusal.errors.values() for text in texts)
            return render(request, "reporting/cycle_plan.html", context, status=refusal.status)
        messages.success(
            request,
            ngettext("%(count)s cycle has been planned.", "%(count)s cycles have been planned.", len(made))
            % {"count": len(made)},
        )
        return redirect("reporting:cycle-list")
    return render(request, "reporting/cycle_plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "reporting.cycle")
def cycle_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, CycleForm, _cycle(request, key, "edit"))


@require_POST
@access("edit", "reporting.cycle")
def cycle_remind(request: HttpRequest, key: str) -> HttpResponse:
    """Remind the managers of all missing reports now."""
    user = actor(request)
    cycle = _cycle(request, key, "edit")
    try:
        told = services.remind_missing(cycle=cycle, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        text = ngettext("%(count)s person has been reminded.", "%(count)s people have been reminded.", len(told))
        messages.success(request, text % {"count": len(told)})
    return redirect("reporting:cycle-detail", key=cycle.key)
