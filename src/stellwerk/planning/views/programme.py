"""The plan of a programme: one answer, the chart of its projects, the critical path across them, who gives to whom."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.planning.models import Plan
from stellwerk.planning.programme_chart import chart_of
from stellwerk.planning.selectors.programme import Dependency, ProgrammePlan, Step, matrix, programme_plan
from stellwerk.planning.selectors.words import LINKS, lag_text, reason_text
from stellwerk.planning.views.comparing import days_text
from stellwerk.portfolio.models import Programme
from stellwerk.portfolio.views.common import page

WORST = ("red", "amber", "green", "grey")
MOST_DEPENDENCIES = 200


@require_safe
@access("view", "portfolio.programme")
def programme_page(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    programme = fetch(user, Programme.objects.select_related("portfolio", "unit"), key=key)
    found = programme_plan(programme, user)
    late = [one for one in found.dependencies if one.light == "red"]
    context = {
        "programme": programme, "plan": found, "answer": answer_of(found), "sub": _sub(found),
        "chart": chart_of(found, timezone.localdate()) if found.lines else None,
        "lines": [{"line": line, "delay": days_text(line.delay) if line.delay is not None else "",
                   "late": line.delay is not None and line.delay > 5, "float": days_text(line.float_days)} for line in found.lines],
        "steps": [_step(number, step, found) for number, step in enumerate(found.path)],
        "dependencies": [_dependency(one) for one in found.dependencies[:MOST_DEPENDENCIES]],
        "more": max(0, len(found.dependencies) - MOST_DEPENDENCIES), "late": len(late), "matrix": _matrix(found),
    }  # fmt: skip
    return page(request, "planning/programme.html", context)


def answer_of(found: ProgrammePlan) -> str:
    """The page in one sentence."""
    if found.problem == "circle":
        return _("The links between the projects lead in a circle")
    if found.problem:
        return _("The plan of the programme reaches beyond 2150")
    if found.finish is None:
        return _("No project of the programme has a plan with dates yet")
    count = found.path_projects
    words = {"date": formats.day(found.finish.date()), "count": formats.number(count)}
    return (
        ngettext(
            "The programme ends on %(date)s; the critical path stays in %(count)s project",
            "The programme ends on %(date)s; the critical path runs through %(count)s projects",
            count,
        )
        % words
    )


def _sub(found: ProgrammePlan) -> list[str]:
    parts = [ngettext("%(count)s plan", "%(count)s plans", len(found.plans)) % {"count": len(found.plans)}]
    if found.without_plan:
        count = len(found.without_plan)
        parts.append(ngettext("%(count)s project without a plan", "%(count)s projects without a plan", count) % {"count": count})  # fmt: skip
    if found.hidden:
        parts.append(ngettext("%(count)s hidden project, left out", "%(count)s hidden projects, left out", found.hidden) % {"count": found.hidden})  # fmt: skip
    late = sum(1 for one in found.dependencies if one.light == "red")
    if found.dependencies:
        count = len(found.dependencies)
        told = ngettext("%(count)s link between projects", "%(count)s links between projects", count) % {"count": count}
        parts.append(told + (", " + _("%(count)s red") % {"count": late} if late else ""))
    return parts


def _step(number: int, step: Step, found: ProgrammePlan) -> dict[str, Any]:
    before = found.path[number - 1] if number else None
    plan = step.activity.plan if step.activity is not None else None
    other = before is not None and (before.activity.plan_id if before.activity else 0) != (plan.pk if plan else 0)
    return {
        "step": step, "number": number + 1, "plan": plan, "across": other, "float": days_text(step.float_days),
        "why": _why(step, before, plan),
    }  # fmt: skip


def _why(step: Step, before: Step | None, plan: Plan | None) -> str:
    if step.link is None or before is None:
        return reason_text(step.reason, None, plan, step.day) if step.reason is not None and plan is not None else ""
    name = str(before.activity) if before.activity is not None else _("an activity of another project")
    if before.activity is not None and plan is not None and before.activity.plan_id != plan.pk:
        name = f"{before.activity.plan.key}: {name}"
    text = str(LINKS[step.link.type]) % {"name": name}
    return f"{text}, {lag_text(step.link, step.day)}" if step.link.lag else text


def _dependency(one: Dependency) -> dict[str, Any]:
    words = {"red": _("late"), "amber": _("no float left"), "green": _("in time"), "grey": _("done")}
    return {"row": one, "slack": days_text(one.slack), "word": words[one.light]}


def _matrix(found: ProgrammePlan) -> dict[str, Any] | None:
    """Giver (line) by taker (column): how many links, and the worst light among them."""
    cells = matrix(found.dependencies)
    if not cells:
        return None
    names = {plan.pk: plan for plan in found.plans}
    names |= {one.giver.plan_id: one.giver.plan for one in found.dependencies if one.giver is not None}
    givers = sorted({giver for giver, _taker in cells}, key=lambda pk: names[pk].key if pk else "\uffff")
    takers = sorted({taker for _giver, taker in cells}, key=lambda pk: names[pk].key)
    lines = []
    for giver in givers:
        row = []
        for taker in takers:
            links = cells.get((giver, taker), [])
            light = min((one.light for one in links), key=WORST.index, default="")
            row.append({"count": len(links), "light": light, "taker": names[taker], "same": giver == taker})
        lines.append({"giver": names.get(giver), "cells": row})
    return {"takers": [names[pk] for pk in takers], "lines": lines}
