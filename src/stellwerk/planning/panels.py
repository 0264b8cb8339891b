"""What this room shows on the cockpit of a project, and which baselines wait for a decision on My day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, Duty, Panel, register_action, register_duties, register_panel, url_of
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.activities import tasks_of
from stellwerk.planning.selectors.baselines import approved_baseline, baselines_to_decide
from stellwerk.planning.selectors.dependencies import plan_on
from stellwerk.planning.selectors.milestones import next_milestones
from stellwerk.planning.services.figures import plan_url
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import figures_now

SHOWN = 4
LATE_DAYS = 5  # bold from here on, as on the board


@register_duties("approval")
def _baselines_to_decide(user: User) -> Iterable[Duty]:
    """Proposed baselines that this user may approve now: not the ones that they proposed themselves."""
    for baseline in baselines_to_decide(user):
        project = baseline.plan.project
        parts = [project.key, baseline.name, baseline.reason]
        yield Duty(
            title=_("Decide about baseline %(name)s") % {"name": baseline}, about=project.name,
            text=" · ".join(part for part in parts if part), url=url_of(baseline), icon="lock", kind="approval",
            button=_("Decide"), portfolio=project.portfolio_id,
        )  # fmt: skip


@register_duties("task")
def _own_work(user: User) -> Iterable[Duty]:
    """Activities of one's own that should have begun, or end within a week: progress is missing."""
    today = timezone.localdate()
    for activity in tasks_of(user, today):
        late = activity.finish is not None and activity.finish.date() < today
        text = (
            _("Should be finished.") if late else _("Should have begun.") if activity.percent == 0 else _("Ends soon.")
        )
        yield Duty(
            title=activity.name,
            about=activity.plan.project.name,
            text=text,
            url=reverse("planning:activity-detail", args=[activity.pk]),
            icon="subtask",
            due=activity.finish.date() if activity.finish else None,
            kind="task",
            button=_("Report progress"),
            portfolio=None,
        )


def _plan(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Project)
    plan = plan_on(obj)
    if plan is None or not can(request.user, "view", obj):
        return None
    known = {code: figure.value for code, figure in figures_now(obj).items()}
    late = known.get("plan.finish_delay")
    return {
        "project": obj, "plan": plan, "url": plan_url(obj), "baseline": approved_baseline(plan),
        "finish": plan.finish, "late": late, "bold": late is not None and late > LATE_DAYS,
        "late_text": formats.number(late, 0, sign=True) if late is not None else "",
        "critical": known.get("plan.critical"), "behind": known.get("plan.late"), "overdue": known.get("plan.overdue"),
        "milestones": next_milestones(plan, SHOWN), "trend_url": reverse("planning:milestone-trend", args=[obj.key]),
        "baselines_url": reverse("planning:baselines", args=[obj.key]),
    }  # fmt: skip


register_panel(Panel("portfolio.project", "plan", gettext_lazy("Plan"), "planning/panel_plan.html", _plan, order=20))


def _trend_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Portfolio)
    known = can(request.user, "view", obj) and Plan.objects.filter(project__portfolio=obj).exists()
    return reverse("planning:portfolio-trend", args=[obj.key]) if known else None


register_action(
    Action("portfolio.portfolio", "trend", gettext_lazy("Milestone trend"), _trend_url, icon="trend-up", order=30)
)
