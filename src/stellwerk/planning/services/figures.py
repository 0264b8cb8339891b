"""What a plan writes into the table of figures, and the schedule light that follows from it (domain.md section 4).

A light is computed only once a baseline is approved: before that there is nothing to be late against. What a person
set by hand stands until its cycle is over, what was missed stays grey as long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core import formats
from stellwerk.core.jobs import enqueue
from stellwerk.engine import lights
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.standing import Standing, standing_of
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.portfolio.services.projects import follow_plan

LABEL: Final = "PLAN"
"""Marks a light as computed here, not by a report."""
LIGHT: Final = "light.schedule"
CODES: Final = (
    "plan.finish", "plan.finish_delay", "plan.milestone_delay", "plan.critical", "plan.late", "plan.overdue",
    "start.forecast", "finish.forecast", "finish.baseline", "spi_t", LIGHT,
)  # fmt: skip
OVER: Final = ("closed", "stopped")
PAUSE: Final = dt.timedelta(seconds=5)


def note_plan_change(plan: Plan | int) -> None:
    """Have the figures written soon, once for many changes; call it inside the transaction that changed the plan."""
    number = plan.pk if isinstance(plan, Plan) else plan
    enqueue("planning.figures", {"plan": number}, unique_key=f"plan-figures-{number}", run_after=timezone.now() + PAUSE)


def write_plan_figures(plan: Plan, *, on: dt.date | None = None) -> int:
    """Write the figures of a plan that have changed; returns how many rows. Asks no permission.

    Idempotent: the same plan on the same day writes nothing. Closed, stopped and archived projects stay as they were.
    """
    day = on or timezone.localdate()
    project = Project.objects.select_related("portfolio").get(pk=plan.project_id)
    if project.archived or project.phase in OVER:
        return 0
    known = standing_of(plan, day)
    now = figures_at([project.pk], CODES, day).get(project.pk, {})
    wanted = list(_rows(project, known, day))
    rows = [row for row in wanted if _differs(row, now.get(row.code))]
    light = _light(project, known, now, day)
    if light is not None:
        rows.append(light)
    with transaction.atomic():
        if rows:
            write_figures(rows=rows, by=None)
        if known.baseline is not None:
            follow_plan(project=project, start=known.start, finish=known.finish)
    return len(rows)


def _rows(project: Project, known: Standing, day: dt.date) -> Iterable[FigureRow]:
    def row(code: str, **content: Any) -> FigureRow:
        return FigureRow(project.pk, code, day, source_label=LABEL, source_url=plan_url(project), **content)

    yield row("plan.finish", day=known.finish)
    yield row("plan.finish_delay", value=known.finish_delay)
    yield row("plan.milestone_delay", value=known.worst.days if known.worst is not None else None)
    yield row("plan.critical", value=Decimal(known.critical))
    yield row("plan.late", value=None if known.late is None else Decimal(known.late))
    yield row("plan.overdue", value=Decimal(known.overdue))
    if known.baseline is not None:
        # The plan counts from the approval on; a draft must not move the dates of a project.
        yield row("start.forecast", day=project.start_actual or known.start)
        yield row("finish.forecast", day=project.finish_actual or known.finish)
        yield row("finish.baseline", day=known.finish_baseline)


def _differs(row: FigureRow, figure: FigureValue | None) -> bool:
    if figure is None:
        return row.day is not None or row.value is not None
    return (row.day, row.value) != (figure.day, figure.value) or figure.source != Source.COMPUTED


def _light(project: Project, known: Standing, now: dict[str, FigureValue], day: dt.date) -> FigureRow | None:
    """The schedule light to write, None where one stands that this may not, or need not, replace."""
    if known.baseline is None or project.phase == "on_hold":
        return None
    cycle = project.portfolio.cycle_days
    spi = now.get("spi_t")
    indicators: dict[str, lights.Number | None] = {}
    if known.worst is not None:
        indicators["milestone_delay"] = known.worst.days
    if spi is not None and spi.value is not None and (day - spi.date).days <= cycle:
        indicators["spi_t"] = spi.value
    found = lights.assess("schedule", indicators or None, rules_of(project.portfolio))
    if found.light is None:
        return None
    stands = now.get(LIGHT)
    text = why(found, known)
    if stands is not None:
        age = (day - stands.date).days
        by_others = stands.source_label != LABEL
        if age <= cycle and by_others and (stands.source == Source.OVERRIDDEN or stands.light == lights.GREY):
            return None
        if age == 0 and by_others and stands.source == Source.COMPUTED:
            return None
        same = (stands.light, stands.text, stands.source) == (found.light, text, Source.COMPUTED)
        if same and age < max(1, cycle // 2):
            return None
    return FigureRow(
        project.pk, LIGHT, day, light=found.light, text=text, source=Source.COMPUTED, source_label=LABEL, source_url=plan_url(project)
    )  # fmt: skip


def why(found: lights.Assessment, known: Standing) -> str:
    """The deciding readings in a few words of the installation's language: ``Go-live +19 WD``."""
    parts = []
    with override(settings.LANGUAGE_CODE):
        for reading in found.decisive:
            if reading.rule.code == "milestone_delay" and known.worst is not None:
                name = known.worst.name or str(_("Finish"))
                days = formats.number(
                    known.worst.days, 0 if known.worst.days == known.worst.days.to_integral() else 1, sign=True
                )
                parts.append(_("%(name)s %(days)s WD") % {"name": name[:120], "days": days})
            elif reading.rule.code == "spi_t":
                parts.append(f"SPI(t){formats.NBSP}{formats.number(reading.value, 2)}")
    return " · ".join(parts)[:300]


def rules_of(portfolio: Portfolio) -> tuple[lights.Rule, ...]:
    """The portfolio's own thresholds; unreadable ones count as the method's defaults."""
    try:
        return lights.rules_with(portfolio.thresholds or {})
    except (ValueError, AttributeError):
        return lights.DEFAULT_RULES


def plan_url(project: Project) -> str:
    try:
        return reverse("planning:plan", args=[project.key])
    except NoReverseMatch:
        return ""
