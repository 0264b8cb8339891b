"""Milestone trend analysis of a project and of a portfolio, and the lists of milestones and activities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.engine.trends import MilestoneTrend
from stellwerk.planning.selectors.milestones import KINDS, Milestone, chart_data, plan_milestones, portfolio_milestones
from stellwerk.planning.services.figures import plan_url
from stellwerk.planning.views.baselines import project_and_plan
from stellwerk.planning.views.comparing import days_text
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.views.common import page

DRAWN: Final = 10
"""Lines in the chart: more cannot be told apart."""
LABEL: Final = 18
"""Characters of a name beside its line."""
ON_A_PAGE: Final = 100


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "planning.activity")
def activity_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "planning.activity")


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "planning.activity")
def milestone_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "planning.milestone", template="planning/milestone_list.html")


def _kind(request: HttpRequest, default: str) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in KINDS else default


def _tabs(request: HttpRequest, chosen: str) -> list[dict[str, Any]]:
    words = {"gates": _("Gates"), "critical": _("Gates and critical"), "open": _("Ahead"), "all": _("All")}
    return [{"label": words[code], "url": f"?kind={code}", "current": code == chosen} for code in KINDS]


@require_safe
@access("view", "portfolio.project")
def plan_trend(request: HttpRequest, key: str) -> HttpResponse:
    """The forecast of each milestone at each reporting date, against B0, and when it is met if the trend goes on."""
    project, plan = project_and_plan(actor(request), key)
    kind = _kind(request, "all")
    rows = plan_milestones(plan, kind)
    drawn = _drawn(rows)
    dates = sorted({point.report for row in drawn for point in row.points}, reverse=True)
    context = {
        "project": project, "plan": plan, "plan_url": plan_url(project), "tabs": _tabs(request, kind),
        "data": _chart(drawn, _short), "lines": [_line(row) for row in rows], "answer": _answer(rows), "never": sum(_never(row) for row in rows),
        "columns": [row.head.name for row in drawn],
        "table": [{"date": day, "days": [_forecast_at(row, day) for row in drawn]} for day in dates],
    }  # fmt: skip
    return page(request, "planning/trend.html", context)


@require_safe
@access("view", "portfolio.portfolio")
def portfolio_trend(request: HttpRequest, key: str) -> HttpResponse:
    """Milestones of the chosen kind over all projects of a portfolio that the reader may see, worst first."""
    user = actor(request)
    portfolio = fetch(user, Portfolio.objects.select_related("unit"), key=key)
    kind = _kind(request, "gates")
    rows = portfolio_milestones(portfolio, user, kind)
    drawn = _drawn([row for row in rows if not row.reached])
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "portfolio": portfolio, "tabs": _tabs(request, kind), "data": _chart(drawn, lambda row: f"{row.head.project_key} {_short(row)}"),
        "page": shown, "lines": [_line(row) for row in shown.object_list], "answer": _answer(rows), "drawn": len(drawn),
        "projects": len({row.head.project_id for row in rows}), "drawn_names": [(row.head.project_name, row.head.name) for row in drawn],
    }  # fmt: skip
    return page(request, "planning/portfolio_trend.html", context)


def _short(row: Milestone) -> str:
    """What stands at the end of a line: there is little room for words."""
    name = row.head.name
    return row.head.code if row.gate else name if len(name) <= LABEL else name[: LABEL - 1].rstrip() + "…"


def _drawn(rows: Sequence[Milestone]) -> list[Milestone]:
    """The lines of the chart: those that move first, in the order of the rows."""
    lines = [row for row in rows if len(row.points) > 1]
    chosen = {id(row) for row in sorted(lines, key=lambda row: (not row.hot, -(row.days or 0)))[:DRAWN]}
    return [row for row in lines if id(row) in chosen]


def _chart(rows: Sequence[Milestone], name: Any) -> dict[str, Any]:
    data = chart_data(rows, name)
    for line, row in zip(data["milestones"], rows, strict=True):
        if row.days:  # against the approved baseline, as in the table below
            line["delta"] = f"{formats.number(row.days, sign=True)} {_('days')}"
    return data


def _forecast_at(row: Milestone, day: Any) -> Any:
    return next((point.forecast for point in row.points if point.report == day), None)


def _never(row: Milestone) -> bool:
    trend = row.trend
    return not row.reached and trend is not None and trend.never


def _line(row: Milestone) -> dict[str, Any]:
    trend = row.trend
    delay = row.delay
    return {
        "row": row, "head": row.head, "wd": days_text(delay) if delay is not None else "", "late": delay is not None and delay > 5,
        "days": row.days, "trend_days": trend.delay_days if trend is not None else None,
        "slope": formats.number(float(trend.slope), 2, sign=True) if trend is not None and trend.slope is not None else formats.NO_DATA,
        "never": _never(row), "hit": hit_text(trend, row), "points": len(row.points),
    }  # fmt: skip


def hit_text(trend: MilestoneTrend | None, row: Milestone) -> str:
    """When the milestone is met if the trend goes on; nothing once it is reached or with fewer than three forecasts."""
    if row.reached or trend is None or trend.slope is None:
        return formats.NO_DATA
    return _("never, at this trend") if trend.never else formats.day(trend.hit)


def _answer(rows: Sequence[Milestone]) -> str:
    """The page in one sentence."""
    ahead = [row for row in rows if not row.reached]
    if not rows:
        return _("No milestones of this kind")
    late = sum((row.days or 0) > 0 for row in ahead)
    never = sum(_never(row) for row in ahead)
    text = ngettext("%(count)s milestone ahead", "%(count)s milestones ahead", len(ahead)) % {
        "count": formats.number(len(ahead))
    }
    if late:
        text += ", " + _("%(count)s later than planned") % {"count": formats.number(late)}
    if never:
        text += ", " + ngettext("%(count)s never met at this trend", "%(count)s never met at this trend", never) % {
            "count": never
        }
    return text
