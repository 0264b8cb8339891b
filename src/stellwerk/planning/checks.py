"""The checks of plans among all checks: their findings stand on the cockpit of the project and on the page of findings.

Results are stored when a plan changes (``services.quality``), so that a page over many projects asks one question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.checks import Check, Hit, register_check
from stellwerk.core.jobs import Progress, job
from stellwerk.core.models import User
from stellwerk.core.registry import FigureKind, Panel, effect, register_figure, register_panel
from stellwerk.planning.models import Baseline, Plan, PlanCheck
from stellwerk.planning.quality import RULES, Rule
from stellwerk.planning.selectors.quality import found_of, stored_checks
from stellwerk.planning.services.aftermath import FOLLOWERS
from stellwerk.planning.services.quality import FAILED, QUALITY, check_plan, note_quality, outdated
from stellwerk.portfolio.models import Project

SHOWN: Final = 4
register_figure(FigureKind(FAILED, _("Failed checks of the plan"), "count", better=-1, order=59))


def _failed(projects: models.QuerySet[Project]) -> dict[str, list[PlanCheck]]:
    """Failed checks by code; all rules of one page get the same queryset, its results are read for the first of them."""
    known: dict[str, list[PlanCheck]] | None = getattr(projects, "_stellwerk_plan_checks", None)
    if known is None:
        known = {}
        rows = PlanCheck.objects.filter(plan__project__in=projects, passed=False).exclude(
            plan__project__phase__in=("closed", "stopped")
        )
        for row in rows.select_related("plan__project").defer("items").order_by("plan__project__key"):
            known.setdefault(row.code, []).append(row)
        projects._stellwerk_plan_checks = known  # type: ignore[attr-defined]
    return known


def _run(rule: Rule, projects: models.QuerySet[Project]) -> Iterator[Hit]:
    for row in _failed(projects).get(rule.code, ()):
        found = found_of(row, items=False)
        if found is not None:
            yield Hit(row.plan.project, found.figures, url=quality_url(row.plan.project, rule.code))


def quality_url(project: Project, code: str = "") -> str:
    try:
        url = reverse("planning:plan-quality", args=[project.key])
    except NoReverseMatch:
        return ""
    return f"{url}#{code}" if code else url


def _register(rule: Rule) -> None:
    def run(projects: Any) -> Iterable[Hit]:
        return _run(rule, projects)

    register_check(
        Check(rule.code, rule.severity, "portfolio.project", rule.title, rule.explanation, run, rule.standard)
    )


for _rule in RULES:
    _register(_rule)

# ── on the cockpit ───────────────────────────────────────────────────────────────────────────────


def _panel(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """How many checks failed, and the worst of them."""
    assert isinstance(obj, Project)
    found = stored_checks(obj)
    if not found:
        return None
    failed = [one for one in found if one.passed is False]
    measured = sum(one.passed is not None for one in found)
    return {"failed": len(failed), "measured": measured, "worst": failed[:SHOWN], "url": quality_url(obj)}


register_panel(
    Panel("portfolio.project", "plan_quality", _("Schedule quality"), "planning/panel_quality.html", _panel, order=25)
)

# ── keeping the results up to date ───────────────────────────────────────────────────────────────

FOLLOWERS.append(note_quality)


@effect("planning.baseline", "approve")
def checks_follow_the_baseline(obj: models.Model, by: User | None, before: str) -> None:
    """What is missed or late is measured against the baseline that counts."""
    assert isinstance(obj, Baseline)
    note_quality(obj.plan_id)


@job(QUALITY, title=_("Checks of a plan"))
def plan_quality(progress: Progress, *, plan: int) -> dict[str, Any]:
    """Repeatable. Changes that arrive while it runs are checked too: it looks again until nothing is newer."""
    seen, failed = None, None
    while (
        row := Plan.objects.select_related("project", "calendar").filter(pk=plan).first()
    ) is not None and row.revision != seen:
        progress.check_cancelled()
        seen = row.revision
        failed = check_plan(row)
    return {"failed": failed}


@job("planning.quality_daily", title=_("Checks of all plans"), daily_at=dt.time(1, 40))
def all_quality(progress: Progress) -> dict[str, Any]:
    """Plans that came in another way than by an edit, or whose checks were never finished."""
    plans = outdated()
    for number, plan in enumerate(plans, start=1):
        progress.check_cancelled()
        check_plan(plan)
        progress.step(number, len(plans))
    return {"plans": len(plans)}
