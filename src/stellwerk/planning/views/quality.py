"""Schedule quality: of one plan with the rows that break a rule, and of all plans that the reader may see."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.checks import SEVERITIES
from stellwerk.core.permissions import visible_rows
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.quality import RULES
from stellwerk.planning.selectors.quality import RULE_OF, Found, NotComputable, PlanLine, checks_of, quality_lines
from stellwerk.planning.services.figures import plan_url
from stellwerk.planning.views.baselines import project_and_plan
from stellwerk.portfolio.models import Portfolio
from stellwerk.portfolio.views.common import page

SHOWN: Final = 50
"""Rows listed below one check; the share says how many there are."""
ON_A_PAGE: Final = 50


@require_safe
@access("view", "portfolio.project")
def plan_quality(request: HttpRequest, key: str) -> HttpResponse:
    """All checks of one plan, failed ones first, each with the rows that break it."""
    project, plan = project_and_plan(actor(request), key)
    context: dict[str, Any] = {"project": project, "plan": plan, "plan_url": plan_url(project)}
    try:
        found = checks_of(plan)
    except NotComputable as refusal:
        return page(request, "planning/quality.html", context | {"refusal": refusal, "answer": refusal.message})
    names = _rows(plan, found)
    context |= {
        "checks": [_check(one, names, context["plan_url"]) for one in found], "answer": _answer(found),
        "failed": sum(one.passed is False for one in found), "passed": sum(one.passed is True for one in found),
        "other": sum(one.passed is None for one in found),
    }  # fmt: skip
    return page(request, "planning/quality.html", context)


def _rows(plan: Plan, found: list[Found]) -> dict[int, tuple[int, str, str]]:
    """uid → (number, WBS, name) of the rows that are listed; one query."""
    wanted = {uid for one in found for uid, _detail in one.items[:SHOWN]}
    rows = Activity.objects.filter(plan=plan, uid__in=wanted).values_list("uid", "pk", "wbs", "name")
    return {uid: (pk, wbs, name) for uid, pk, wbs, name in rows}


def _check(one: Found, names: dict[int, tuple[int, str, str]], url: str) -> dict[str, Any]:
    items = [
        {"url": f"{url}#row-{names[uid][0]}", "wbs": names[uid][1], "name": names[uid][2], "detail": detail}
        for uid, detail in one.items[:SHOWN]
        if uid in names
    ]
    return {
        "found": one, "rule": one.rule, "severity": SEVERITIES[one.rule.severity], "items": items, "more": one.count - len(items),
        **look(one),
    }  # fmt: skip


def look(one: Found | None) -> dict[str, str]:
    """A result as word and shape."""
    if one is None:
        return {"word": pgettext("schedule check", "not measured"), "icon": "minus", "kind": "open"}
    if one.passed is None:
        reported = one.measured and one.rule.threshold is None
        word = pgettext("schedule check", "reported") if reported else pgettext("schedule check", "not measured")
        return {"word": word, "icon": "info" if reported else "minus", "kind": "open"}
    if one.passed:
        return {"word": pgettext("schedule check", "passed"), "icon": "check", "kind": "passed"}
    return {"word": pgettext("schedule check", "failed"), "icon": "x", "kind": "failed"}


def _answer(found: list[Found]) -> str:
    failed = [one for one in found if one.passed is False]
    measured = sum(one.passed is not None for one in found)
    if not failed:
        return _("No check of this plan fails")
    text = ngettext(
        "%(count)s of %(measured)s checks fails: %(worst)s", "%(count)s of %(measured)s checks fail, first of all: %(worst)s", len(failed)
    )  # fmt: skip
    return text % {
        "count": formats.number(len(failed)), "measured": formats.number(measured), "worst": failed[0].rule.title,
    }  # fmt: skip


@require_safe
@access("view", "portfolio.project")
def quality_overview(request: HttpRequest) -> HttpResponse:
    """Plans × checks, worst first: ``?portfolio=KEY`` and ``?check=PLN007`` narrow it."""
    user = actor(request)
    key, code = request.GET.get("portfolio", ""), request.GET.get("check", "")
    portfolio = fetch(user, Portfolio.objects.all(), key=key) if key else None
    code = code if code in RULE_OF else ""
    lines = quality_lines(user, portfolio=portfolio, code=code)
    shown = Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page"))
    failing = {
        rule.code: sum((one := line.checks.get(rule.code)) is not None and one.passed is False for line in lines)
        for rule in RULES
    }
    context = {
        "portfolio": portfolio, "check": RULE_OF.get(code), "page": shown, "lines": [_line(line) for line in shown.object_list],
        "heads": [{"rule": rule, "severity": SEVERITIES[rule.severity], "count": failing[rule.code], "short": rule.code[-2:]} for rule in RULES],
        "portfolios": visible_rows(user, Portfolio.objects.filter(archived_at=None)).order_by("name"),
        "answer": _overview(lines, code), "total": len(lines),
    }  # fmt: skip
    return page(request, "planning/quality_overview.html", context)


def _line(line: PlanLine) -> dict[str, Any]:
    url = reverse("planning:plan-quality", args=[line.plan.key])
    cells = [
        {"found": one, "rule": rule, "url": f"{url}#{rule.code}", **look(one)}
        for rule, one in zip(RULES, line.cells, strict=True)
    ]
    return {"line": line, "project": line.plan.project, "url": url, "cells": cells, "checked": bool(line.checks)}


def _overview(lines: list[PlanLine], code: str) -> str:
    if code:
        text = ngettext("%(count)s plan fails “%(check)s”", "%(count)s plans fail “%(check)s”", len(lines))
        return text % {"count": formats.number(len(lines)), "check": RULE_OF[code].title}
    checked = sum(bool(line.checks) for line in lines)
    if not checked:
        return _("No plan has been checked yet") if lines else _("No plans to check")
    failing = sum(line.failed > 0 for line in lines)
    if failing:
        text = ngettext(
            "%(failing)s of %(count)s plans fails checks", "%(failing)s of %(count)s plans fail checks", failing
        )
    else:
        text = ngettext("The plan passes all checks", "All %(count)s plans pass all checks", checked)
    text = text % {"failing": formats.number(failing), "count": formats.number(checked)}
    waiting = len(lines) - checked
    if not waiting:
        return text
    rest = ngettext("%(count)s is not checked yet", "%(count)s are not checked yet", waiting)
    return text + "; " + rest % {"count": formats.number(waiting)}
