"""Forecasts of all projects added up: by portfolio, unit, company, category or project; a year or the mid-term."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from stellwerk.controlling.selectors.forecasts import (
    CUTS,
    GROUPS,
    HORIZONS,
    Consolidated,
    Part,
    consolidated,
    default_cut,
)
from stellwerk.core import formats
from stellwerk.core.access import access, actor
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.permissions import visible_rows
from stellwerk.portfolio.models import Portfolio

STEPS: Final = 8
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _choice(request: HttpRequest, name: str, among: tuple[str, ...], default: str) -> str:
    value = request.GET.get(name, "")
    return value if value in among else default


@access("money", "portfolio.project")
def forecasts(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    today = timezone.localdate()
    year_text = request.GET.get("year", "")
    year = int(year_text) if year_text.isascii() and year_text.isdigit() and len(year_text) == 4 else today.year
    year = min(max(year, 2000), 2090)
    group = _choice(request, "by", GROUPS, "portfolio")
    horizon = _choice(request, "years", HORIZONS, "1")
    rolling = _choice(request, "rolling", CUTS, "")
    chosen = visible_rows(user, Portfolio.objects.filter(archived_at=None)).order_by("name")
    portfolio = next((row for row in chosen if row.key == request.GET.get("portfolio", "")), None)
    cut = int(rolling) if rolling else default_cut(year)
    found = consolidated(
        user, year=year, years=int(horizon), cut=cut, group=group, portfolio=portfolio.pk if portfolio else None
    )
    periods = _periods(found, int(horizon))
    if request.GET.get("export") == "xlsx":
        return _workbook(found, periods, f"{year}-{horizon}", str(user))
    query = request.GET.copy()
    query["export"] = "xlsx"
    context = {
        "steps": _bridge(found), "export_url": f"?{query.urlencode()}",
        "found": found, "rows": [_row(part, found, periods) for part in found.rows], "total": _row(found.total, found, periods),
        "periods": [name for name, _months in periods], "chart": _chart(found, periods), "year": year, "horizon": horizon,
        "rolling": rolling, "cut": cut, "rest_months": 12 - cut, "group": group, "portfolio": portfolio, "portfolios": chosen,
        "groups": [
            ("portfolio", _("Portfolio")), ("unit", _("Unit")), ("organisation", _("Company")), ("category", _("Category")),
            ("project", _("Project")),
        ],
        "cuts": [("", _("closed months (%(count)s+%(rest)s)") % {"count": default_cut(year), "rest": 12 - default_cut(year)}), ("3", "3+9"), ("6", "6+6"), ("9", "9+3")],
        "horizons": [("1", _("one year")), ("3", _("3 years")), ("4", _("4 years")), ("5", _("5 years"))],
        "years": range(today.year - 3, today.year + 4), "last_year": year + int(horizon) - 1, "currency": found.currency,
        "unit": formats.money_unit(found.currency, "k"),
    }  # fmt: skip
    return render(request, "controlling/forecasts.html", context)


def _periods(found: Consolidated, horizon: int) -> list[tuple[str, list[dt.date]]]:
    """The columns: months of one year, or years."""
    if horizon == 1:
        return [(f"{month:%m}", [month]) for month in found.months]
    years = sorted({month.year for month in found.months})
    return [(str(year), [month for month in found.months if month.year == year]) for year in years]


def _row(part: Part, found: Consolidated, periods: list[tuple[str, list[dt.date]]]) -> dict[str, Any]:
    plan, actual, rest = part.within(found.months)
    cells = []
    for _name, months in periods:
        _plan, spent, open_ = part.within(months)
        cells.append({"amount": spent + open_, "actual": all(month < found.cut for month in months)})
    return {
        "name": part.name, "key": part.key, "projects": part.projects, "plan": plan, "actual": actual, "rest": rest,
        "forecast": actual + rest, "deviation": actual + rest - plan,
        "percent": (actual + rest - plan) / plan if plan else None, "cells": cells,
    }  # fmt: skip


def _bridge(found: Consolidated) -> list[dict[str, Any]]:
    """From the budgets to the forecast by group: a waterfall of bars, the biggest deviations first, the small ones together."""
    plan, actual, rest = found.total.within(found.months)
    moves = [(part.name, _deviation(part, found)) for part in found.rows]
    moves = sorted(((name, amount) for name, amount in moves if amount), key=lambda move: -abs(move[1]))
    if not plan or not moves:
        return []
    if len(moves) > STEPS:
        moves = [*moves[: STEPS - 1], (_("Others"), sum(amount for _name, amount in moves[STEPS - 1 :]))]
    ends = [plan]
    for _name, amount in moves:
        ends.append(ends[-1] + amount)
    top = max(ends)
    rows: list[dict[str, Any]] = [
        {"name": _("Budget"), "amount": plan, "sum": True, "parts": [("plan", plan)], "top": top}
    ]
    for (name, amount), (begin, end) in zip(moves, pairwise(ends), strict=True):
        parts = [("none", max(0, min(begin, end))), ("press" if amount > 0 else "d2", abs(amount))]
        rows.append({"name": name, "amount": amount, "sum": False, "parts": parts, "top": top})
    forecast = actual + rest
    return [*rows, {"name": _("Forecast"), "amount": forecast, "sum": True, "parts": [("d1", forecast)], "top": top}]


def _deviation(part: Part, found: Consolidated) -> int:
    plan, actual, rest = part.within(found.months)
    return actual + rest - plan


def _workbook(found: Consolidated, periods: list[tuple[str, list[dt.date]]], name: str, author: str) -> HttpResponse:
    """The rows of the page as numbers, with their sum."""
    language: Literal["de", "en"] = "de" if (get_language() or "de").startswith("de") else "en"
    book = Workbook(Numbers(language), title=_("Forecast of all projects"), author=author)
    header = [
        _("Key"), _("Name"), _("Projects"), _("Budget"), _("Actual"), pgettext("amount", "Open"), _("Forecast"), _("Deviation"),
        *(period for period, _months in periods),
    ]  # fmt: skip

    def money(amount: int) -> Cell:
        return Cell(value=formats.major(amount, found.currency), places=formats.minor_digits(found.currency))

    def cells(part: Part) -> list[Cell]:
        row = _row(part, found, periods)
        amounts = [row[name] for name in ("plan", "actual", "rest", "forecast", "deviation")]
        return [
            Cell(value=part.key), Cell(value=part.name), Cell(value=part.projects), *map(money, amounts),
            *(money(cell["amount"]) for cell in row["cells"]),
        ]  # fmt: skip

    book.sheet(f"{_('Forecast')} {found.currency}", header, [cells(part) for part in [*found.rows, found.total]])
    answer = HttpResponse(book.finish(), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="forecast-{name}.xlsx"'
    return answer


def _chart(found: Consolidated, periods: list[tuple[str, list[dt.date]]]) -> dict[str, Any]:
    sums = [found.total.within(months) for _name, months in periods]

    def millions(at: int) -> list[float]:
        return [float(formats.major(one[at], found.currency)) / 1_000_000 for one in sums]

    return {
        "unit": formats.money_unit(found.currency, "m"), "categories": [name for name, _months in periods],
        "series": [
            {"name": _("Actual"), "role": "actual", "values": millions(1)},
            {"name": _("Forecast"), "role": "forecast", "values": millions(2)},
        ],
        "budget": millions(0), "budget_name": _("Budget"),
    }  # fmt: skip
