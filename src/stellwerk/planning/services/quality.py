"""Keeping the results of the checks up to date: computed outside any transaction, stored in one short one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from stellwerk.core.errors import Text
from stellwerk.core.jobs import enqueue
from stellwerk.planning.models import Plan, PlanCheck
from stellwerk.planning.quality import Result
from stellwerk.planning.selectors.quality import NotComputable, quality_of
from stellwerk.planning.services.figures import LABEL, OVER, PAUSE
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.figures import figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures

FAILED: Final = "plan.checks_failed"
QUALITY: Final = "planning.quality"
MOST_ITEMS: Final = 300
"""Rows that are stored per check; how many there are stands beside them."""


def note_quality(plan: Plan | int) -> None:
    """Have the checks run soon, once for many changes; call it inside the transaction that changed the plan."""
    number = plan.pk if isinstance(plan, Plan) else plan
    enqueue(QUALITY, {"plan": number}, unique_key=f"plan-quality-{number}", run_after=timezone.now() + PAUSE)


def check_plan(plan: Plan) -> int | None:
    """Run all checks and store what they found; how many failed, None where the plan has nothing that can be checked.

    Repeatable; what a newer revision found is never replaced by an older one. Asks no permission.
    """
    revision = Plan.objects.values_list("revision", flat=True).get(pk=plan.pk)
    try:
        results = quality_of(plan)
    except NotComputable:
        results = []
    rows = [_row(plan, revision, one) for one in results]
    failed = sum(row.passed is False for row in rows) if rows else None
    with transaction.atomic():
        now = Plan.objects.select_for_update().get(pk=plan.pk)
        stored = PlanCheck.objects.filter(plan=plan).order_by("-revision").first()
        if stored is None or stored.revision <= revision <= now.revision:
            PlanCheck.objects.filter(plan=plan).delete()
            PlanCheck.objects.bulk_create(rows)
            _write_figure(plan, failed)
    return failed


def _row(plan: Plan, revision: int, one: Result) -> PlanCheck:
    return PlanCheck(
        plan=plan, code=one.rule.code, revision=revision, passed=one.passed, count=len(one.items), total=one.total,
        share=None if one.share is None else float(one.share), reason=texts(one.reason),
        items=[[item.uid, texts(item.detail)] for item in one.items[:MOST_ITEMS]],
    )  # fmt: skip


def texts(text: Text) -> Any:
    """A text that is translated when it is read: one per language, or the text itself where all say the same."""
    spoken = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            spoken[code] = str(text)
    return spoken if len(set(spoken.values())) > 1 else next(iter(spoken.values()))


def _write_figure(plan: Plan, failed: int | None) -> None:
    """The number of failed checks, where it differs from the one that stands."""
    project = Project.objects.get(pk=plan.project_id)
    if project.archived or project.phase in OVER:
        return
    day = timezone.localdate()
    now = figures_at([project.pk], (FAILED,), day).get(project.pk, {}).get(FAILED)
    value = None if failed is None else Decimal(failed)
    if (now.value if now is not None else None) != value:
        write_figures(rows=[FigureRow(project.pk, FAILED, day, value=value, source_label=LABEL)], by=None)


def outdated(plans: Iterable[Plan] | None = None) -> list[Plan]:
    """Plans whose checks were never run, or on an older revision."""
    known = dict(PlanCheck.objects.order_by().values_list("plan_id", "revision").distinct())
    rows = (
        Plan.objects.filter(project__archived_at=None).select_related("project", "calendar") if plans is None else plans
    )
    return [plan for plan in rows if known.get(plan.pk) != plan.revision]
