"""What a plan needs against what is asked for: looked at, then asked for in one step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Refused
from stellwerk.core.permissions import require
from stellwerk.planning.selectors.dependencies import plan_on
from stellwerk.portfolio.models import Project
from stellwerk.resources.models import Demand
from stellwerk.resources.selectors.plan_needs import Change, Who, asked_by_hand, plan_needs
from stellwerk.resources.services.plan_demands import Outcome, ask_for_plan, code_of, name_of
from stellwerk.resources.weeks import hours_text, week_spans


@dataclass(frozen=True)
class Line:
    """A difference in words."""

    code: str
    kind: str
    label: str
    name: str
    demand: Demand | None
    activities: int
    before: str
    after: str
    by_hand: str


def _line(change: Change, by_hand: dict[Who, int]) -> Line:
    labels = {"new": _("new"), "changed": _("changed"), "gone": _("no longer needed")}
    asked = by_hand.get(change.need.who, 0) if change.kind == "new" and change.need is not None else 0
    return Line(
        code_of(change), change.kind, labels[change.kind], name_of(change), change.demand,
        len(change.need.activities) if change.need is not None else 0, _told(change.before), _told(change.after), hours_text(asked) if asked else "",
    )  # fmt: skip


def _told(weeks: dict[dt.date, int]) -> str:
    used = [week for week, minutes in weeks.items() if minutes]
    return f"{hours_text(sum(weeks.values()))} · {week_spans(used)}" if used else ""


@access("create", "resources.demand")
def plan_demands(request: HttpRequest, key: str) -> HttpResponse:
    """GET shows the differences, POST asks for the chosen ones."""
    user = actor(request)
    project = fetch(user, Project.objects.select_related("portfolio", "programme"), key=key)
    require(user, "create", Demand(project=project))
    plan = plan_on(project)
    if plan is None:
        raise Http404
    problem: Refused | None = None
    told: list[str] = []
    if request.method == "POST":
        seen = request.POST.get("revision", "")
        try:
            outcome = ask_for_plan(
                plan=plan, by=user, chosen=request.POST.getlist("lines"),
                revision=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
            )  # fmt: skip
            if not outcome.refused:
                messages.success(request, _said(outcome))
                return HttpResponseRedirect(reverse("resources:project-demands", args=[project.key]))
            told = outcome.refused
        except Refused as refusal:
            problem = refusal
        plan.refresh_from_db()
    needs = plan_needs(plan)
    by_hand = asked_by_hand(plan)
    lines = [_line(change, by_hand) for change in needs.open]
    context = {
        "project": project, "plan": plan, "lines": lines, "nameless": needs.nameless, "problem": problem, "told": told,
        "same": len(needs.changes) - len(lines),
    }  # fmt: skip
    status = problem.status if problem else 422 if told else 200
    return render(request, "resources/plan_demands.html", context, status=status)


def _said(outcome: Outcome) -> str:
    words = {"made": outcome.made, "changed": outcome.changed, "ended": outcome.ended}
    return _("%(made)s asked for, %(changed)s changed, %(ended)s called off.") % words
