"""The months of a legal entity and the close of each as a guided list; labour from hours; the proof of what was frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import PERIOD_STATES
from stellwerk.controlling.models import ActualsImport, Period
from stellwerk.controlling.month_page import booked_lines, exact, frozen_table, labour_url, reconciliation_lines
from stellwerk.controlling.period_words import FIGURES, TITLES, money_text, month_text, state_text
from stellwerk.controlling.selectors.labour import Labour, labour_type
from stellwerk.controlling.selectors.periods import PLAN, Check, Closing, as_closed, closing_of
from stellwerk.controlling.services.close import prove
from stellwerk.controlling.services.labour import book_labour
from stellwerk.controlling.services.periods import accept_check, open_period
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Refused
from stellwerk.core.permissions import can, visible, visible_rows
from stellwerk.core.registry import panels_for, url_of
from stellwerk.people.models import Organisation
from stellwerk.portfolio.models import Project

PERIOD = "controlling.period"
SHOWN_MONTHS, FRESH = 36, 2
ORDER = ("open", "actuals_loaded", "reconciled", "forecast_confirmed", "closed")
MOST_MISSING = 12


@require_safe
@access("view", PERIOD)
def month_list(request: HttpRequest) -> HttpResponse:
    """The months of each legal entity, the newest first, also those that nobody has begun."""
    user = actor(request)
    rows = Period.objects.filter(visible(user, Period)).select_related("organisation").order_by("-month")
    known: dict[int, dict[dt.date, Period]] = {}
    for period in rows:
        known.setdefault(period.organisation_id, {})[period.month] = period
    today = timezone.localdate()
    companies = []
    for organisation in Organisation.objects.filter(archived_at=None).order_by("name"):
        periods = known.get(organisation.pk, {})
        may_begin = can(user, "create", Period(organisation=organisation))
        if not periods and not may_begin:
            continue
        # Months before the first one are history: nobody closes them here any more.
        first = min(periods, default=m.step(today.replace(day=1), -FRESH))
        months = sorted({*m.between(first, today), *periods} if may_begin else periods, reverse=True)[:SHOWN_MONTHS]
        rows_ = [{"month": month, "name": month_text(month), "period": periods.get(month)} for month in months]
        companies.append({"organisation": organisation, "lines": rows_, "may_begin": may_begin})
    waiting = [one for one in rows if one.state not in ("closed", "open")]
    context = {"companies": companies, "waiting": waiting, "today": today}
    return render(request, "controlling/months.html", context)


@require_POST
@access("create", PERIOD)
def month_begin(request: HttpRequest) -> HttpResponse:
    """Make the record of a month, so that its close can begin."""
    user = actor(request)
    month = m.parse(request.POST.get("month", ""))
    period = open_period(fetch(user, Organisation, key=request.POST.get("organisation", "")), month, by=user)
    return HttpResponseRedirect(url_of(period))


@require_safe
@access("view", PERIOD)
def month_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The close of a month: its checks with their live state, what to do for each, the reconciliation, what was frozen."""
    user = actor(request)
    return _page(request, fetch(user, Period.objects.select_related("organisation"), pk=pk))


def _page(request: HttpRequest, period: Period, problem: Refused | None = None, at: str = "", typed: str = "") -> HttpResponse:  # fmt: skip
    user = actor(request)
    closing = closing_of(period)
    closer = can(user, "close", period)
    shown = as_closed(closing) if closing.snapshot is not None else closing.checks
    rows = [_row(check, period, closer, at, typed) for check in shown]
    open_rows = [row for row in rows if not row["check"].fine and row["check"].code != "snapshot"]
    lacking = closing.unconfirmed if period.state != "closed" else []
    seen = [one for one in lacking if can(user, "view", one)]
    unseen, lacking = len(lacking) - len(seen), seen
    context: dict[str, Any] = {
        "object": period, "period": period, "month": month_text(period.month), "closing": closing, "rows": rows, "open": open_rows,
        "closer": closer, "problem": problem, "phases": _phases(period), "reconciliation": closing.reconciliation,
        "panels": panels_for(request, period), "frozen": frozen_table(closing, user), "booked": booked_lines(closing, user),
        "parts": reconciliation_lines(closing, user),
        "may_import": can(user, "import", ActualsImport(organisation=period.organisation)),
        "missing_forecasts": lacking[:MOST_MISSING], "more_forecasts": max(0, len(lacking) - MOST_MISSING) + unseen,
    }  # fmt: skip
    return render(request, "controlling/month_detail.html", context, status=problem.status if problem else 200)


def _row(check: Check, period: Period, closer: bool, at: str, typed: str) -> dict[str, Any]:
    """A check with its words, where it is settled, and whether it may be accepted."""
    late = not check.fine and check.due < timezone.localdate()
    return {
        "check": check, "title": TITLES[check.code], "text": check.numbers.get("said") or state_text(check), "late": late, "links": _links(check, period) if closer and period.state != "closed" else [],
        "accept": closer and not check.done and check.acceptable and period.state != "closed", "typed": typed if check.code == at else "",
    }  # fmt: skip


def _links(check: Check, period: Period) -> list[dict[str, str]]:
    """Where a check is settled, as buttons."""
    month, organisation = m.code(period.month), period.organisation.key
    new_import = f"{reverse('controlling:actuals-new')}?organisation={organisation}&month={month}"
    found: dict[str, list[tuple[str, str]]] = {
        "time_sheets": [(_("Lock time sheets"), f"{reverse('resources:timesheet-close')}?month={period.month:%Y%m}")],
        "actuals": [(_("Import a file"), new_import), (_("Imports"), reverse("controlling:actuals-list"))],
        "labour": [(_("Labour cost"), reverse("controlling:month-labour", args=[period.pk]))],
        "unmatched": [(_("Work list"), f"{reverse('controlling:unmatched')}?organisation={organisation}&month={month}")],
        "differences": [(_("Import a file"), new_import)] if not check.done else [],
        "forecasts": [(_("Forecasts"), reverse("controlling:forecasts"))],
        "snapshot": [],
    }  # fmt: skip
    return [{"label": label, "url": url} for label, url in found[check.code]]


def _phases(period: Period) -> list[dict[str, Any]]:
    """The states of the close from left to right for the stepper."""
    labels = {code: str(label) for code, label in PERIOD_STATES}
    state = "forecast_confirmed" if period.state == "reopened" else period.state
    at = ORDER.index(state)
    shown = []
    for number, code in enumerate(ORDER):
        name = labels["reopened"] if period.state == "reopened" and number == at else labels[code]
        here = "done" if number < at or state == "closed" else "now" if number == at else ""
        shown.append({"name": name, "state": here})
    return shown


@require_POST
@access("close", PERIOD)
def month_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign that something stays as it is, with a reason; or take the signature back."""
    user = actor(request)
    period = fetch(user, Period.objects.select_related("organisation"), "close", pk=pk)
    code, reason = request.POST.get("check", ""), request.POST.get("reason", "")
    take_back = request.POST.get("then") == "take_back"
    check = Closing(period).check(code) if code in PLAN else None
    try:
        if check is not None and not take_back and request.POST.get("facts") != check.facts:
            raise Refused(_("This has changed since you looked at it: please look again before you sign."))
        accept_check(
            period=period, check=code, facts=check.facts if check else "", reason="" if take_back else reason or " ", by=user,
            version=_number(request.POST.get("version")),
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, period, refusal, code, reason)
    messages.success(request, _("The signature has been taken back.") if take_back else _("Accepted with its reason."))
    return HttpResponseRedirect(url_of(period))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


# ── labour ───────────────────────────────────────────────────────────────────────────────────────


@access("close", PERIOD)
def month_labour(request: HttpRequest, pk: int) -> HttpResponse:
    """Approved hours × rate of the month: what would be booked, whose rate is missing, and the button that books it."""
    user = actor(request)
    period = fetch(user, Period.objects.select_related("organisation"), "close", pk=pk)
    problem: Refused | None = None
    if request.method == "POST":
        try:
            done = book_labour(organisation=period.organisation, month=period.month, by=user)
        except Refused as refusal:
            problem = refusal
        else:
            text = ngettext("%(count)s booking: %(sum)s", "%(count)s bookings: %(sum)s", done.rows) % {
                "count": formats.number(done.rows), "sum": money_text(done.sums),
            }  # fmt: skip
            messages.success(request, text if done.rows else _("Nothing has changed since the last time."))
            return HttpResponseRedirect(request.path)
    closing = closing_of(period)
    labour = closing.labour or Labour((), (), ())
    seen = visible_rows(user, Project.objects.filter(pk__in={row.key.project for row in labour.rows})).in_bulk()
    booked = not closing.check("labour").numbers.get("differs")
    sums: dict[tuple[int, str], list[int]] = {}
    for row in labour.rows:
        line = sums.setdefault((row.key.project, row.currency), [0, 0, 0])
        line[0] += row.minutes
        line[1] += row.amount
        line[2] += row.amount if row.key.spending == "capex" else 0
    context = {
        "object": period, "period": period, "month": month_text(period.month), "kind": labour_type() if closing.labour is not None else None, "labour": labour, "problem": problem,
        "check": closing.check("labour"),
        "rows": [
            {
                "project": seen.get(project), "currency": currency, "hours": minutes / 60, "amount": exact(amount, currency), "capex": exact(capex, currency),
                "url": labour_url(period, seen[project]) if booked and project in seen else "",
            }
            for (project, currency), (minutes, amount, capex) in sorted(sums.items(), key=lambda item: -item[1][1])
        ],
        "gaps": [{"gap": gap, "hours": gap.minutes / 60} for gap in labour.gaps],
        "sums": _labour_sums(sums.items()), "total": money_text(_totals(labour)), "hours": sum(row.minutes for row in labour.rows) / 60,
    }  # fmt: skip
    return render(request, "controlling/month_labour.html", context, status=problem.status if problem else 200)


def _labour_sums(rows: Iterable[tuple[tuple[int, str], list[int]]]) -> list[dict[str, Any]]:
    """Hours, cost and capital expenditure of all projects, by currency."""
    found: dict[str, list[int]] = {}
    for (_project, currency), values in rows:
        found[currency] = [a + b for a, b in zip(found.get(currency, (0, 0, 0)), values, strict=True)]
    return [
        {"hours": minutes / 60, "amount": exact(amount, currency), "capex": exact(capex, currency)}
        for currency, (minutes, amount, capex) in sorted(found.items())
    ]


def _totals(labour: Labour) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in labour.rows:
        found[row.currency] = found.get(row.currency, 0) + row.amount
    return found


# ── proof ────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("view", PERIOD)
def month_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute the frozen month anew from bookings and lines, and say where it differs."""
    user = actor(request)
    period = fetch(user, Period.objects.select_related("organisation"), pk=pk)
    proof = prove(period)
    keys = [*proof.broken, *(row.project for row in proof.differs)] if proof is not None else []
    seen = set(visible_rows(user, Project.objects.filter(key__in=keys)).values_list("key", flat=True))
    rows = [
        {"row": row, "project": row.project if not row.project or row.project in seen else formats.NO_DATA, "figure": FIGURES.get(row.figure, row.figure), "delta": None if row.now is None or row.frozen is None else row.now - row.frozen}
        for row in (proof.differs if proof is not None else ())
    ]  # fmt: skip
    context = {
        "object": period, "period": period, "month": month_text(period.month), "proof": proof, "rows": rows,
        "broken": [key if not key or key in seen else "…" for key in proof.broken] if proof is not None else [],
    }  # fmt: skip
    return render(request, "controlling/month_proof.html", context)
