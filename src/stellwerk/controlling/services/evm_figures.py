"""Earned value in the table of figures, and the lights that follow from it (domain.md section 4): what board, cockpit and reports read.

Cost is judged here. The schedule is judged by the plan, with the index that is written here; only where no baseline is approved its light
follows from index and gates here. What a person set by hand stands until its cycle is over, what was missed stays grey as long.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.controlling.selectors.earned_value import ProjectEv, earned_values
from stellwerk.core import formats
from stellwerk.core.jobs import enqueue
from stellwerk.engine import lights
from stellwerk.engine.money import decimal, minor
from stellwerk.planning.models import Baseline, Plan
from stellwerk.planning.services.figures import OVER, note_plan_change, rules_of
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.models import Gate, Project
from stellwerk.portfolio.roadmap import REACHED, working_days
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures

LABEL: Final = "EVM"
"""Marks a figure as computed here, not by a report."""
COST, SCHEDULE = "light.cost", "light.schedule"
AMOUNTS: Final = ("bac", "pv", "ev", "ac", "eac")
INDICES: Final = ("cpi", "spi", "spi_t")
CODES: Final = (*AMOUNTS, *INDICES, COST, SCHEDULE)
CHUNK: Final = 200
PAUSE: Final = dt.timedelta(seconds=5)
JOB: Final = "controlling.evm"
ALL_JOB: Final = "controlling.evm_daily"
MOST_JOBS: Final = 20


@dataclass(frozen=True)
class Slip:
    """The worst delay of a gate that is still to come, in working days."""

    name: str
    days: int


def note_money_change(projects: Iterable[int]) -> None:
    """Have the figures of these projects written soon, once for many changes; call it inside the transaction of the change."""
    numbers = sorted(set(projects))
    if len(numbers) > MOST_JOBS:  # a large import: all at once
        enqueue(ALL_JOB, {}, unique_key=ALL_JOB, run_after=timezone.now() + PAUSE)
        return
    for number in numbers:
        enqueue(JOB, {"project": number}, unique_key=f"{JOB}-{number}", run_after=timezone.now() + PAUSE)


def write_ev_figures(projects: Iterable[int] | None = None, *, on: dt.date | None = None, follow: bool = True) -> int:
    """Write figures and lights of projects that run and have an approved budget; returns how many rows. Asks no permission.

    Idempotent: the same again on the same day writes nothing. A project without a budget keeps what was reported. ``follow``: plans whose
    index moved judge their schedule anew.
    """
    day = on or timezone.localdate()
    rows = Project.objects.filter(archived_at=None).exclude(phase__in=OVER).select_related("portfolio").order_by("pk")
    rows = rows.filter(budgets__kind="plan", budgets__state="approved").distinct()
    if projects is not None:
        rows = rows.filter(pk__in=list(projects))
    running = list(rows)
    written = 0
    for at in range(0, len(running), CHUNK):
        written += _write(running[at : at + CHUNK], day, follow)
    return written


def _write(projects: list[Project], day: dt.date, follow: bool) -> int:
    numbers = [project.pk for project in projects]
    views = earned_values(projects, day)
    now = figures_at(numbers, CODES, day)
    slips = slips_of(numbers)
    planned = set(Baseline.objects.filter(plan__project__in=numbers, state="approved").values_list("plan__project", flat=True))  # fmt: skip
    found: list[FigureRow] = []
    moved: set[int] = set()
    for project in projects:
        stands, view = now.get(project.pk, {}), views[project.pk]
        rows = [row for row in _rows(view) if _differs(row, stands.get(row.code))]
        if any(row.code == "spi_t" for row in rows):
            moved.add(project.pk)
        found += rows
        if project.phase == "on_hold":
            continue
        verdicts = [(COST, assess_cost(view))]
        if project.pk not in planned:
            verdicts.append((SCHEDULE, assess_schedule(view, slips.get(project.pk))))
        for code, (assessment, text) in verdicts:
            row = _light(project, code, assessment, text, stands.get(code), day)
            if row is not None:
                found.append(row)
    if found:
        write_figures(rows=found, by=None)
    for plan in Plan.objects.filter(project__in=moved & planned if follow else ()):
        note_plan_change(plan)
    return len(found)


def _rows(view: ProjectEv) -> Iterable[FigureRow]:
    values = view.measures
    if values is None:
        return
    url = ev_url(view.project)

    def row(code: str, **content: Any) -> FigureRow:
        return FigureRow(view.project.pk, code, view.day, source_label=LABEL, source_url=url, **content)

    amounts = {"bac": values.bac, "pv": values.pv, "ev": values.ev, "ac": values.ac, "eac": minor(values.eac)}
    for code, amount in amounts.items():
        yield row(code, amount=amount, currency=view.project.currency)
    for code, index in (("cpi", values.cpi), ("spi", values.spi), ("spi_t", view.spi_t)):
        yield row(code, value=None if index is None else decimal(index, 6))


def _differs(row: FigureRow, figure: FigureValue | None) -> bool:
    if figure is None:
        return row.amount is not None or row.value is not None
    if figure.source != Source.COMPUTED:
        return True
    return (row.amount, row.value) != (figure.amount, figure.value) or (row.amount is not None and row.currency != figure.currency)  # fmt: skip


# ── lights ───────────────────────────────────────────────────────────────────────────────────────

Verdict = tuple[lights.Assessment, str]


def cost_indicators(view: ProjectEv) -> dict[str, lights.Number | None]:
    """What the rules of cost compare; None where data is missing, empty without an approved budget.

    Where work is earned and nothing is booked, no forecast says anything about cost: that is no data.
    """
    values = view.measures
    if values is None or not values.bac:
        return {}
    if values.overrun is None or values.ac <= 0:
        return {"eac_overrun": None, "over_approved_budget": None}
    approved = view.sheet.total if view.sheet is not None else values.bac
    return {
        "eac_overrun": decimal(values.overrun, 9), "over_approved_budget": Decimal(max(0, minor(values.eac) - approved)),
    }  # fmt: skip


def assess_cost(view: ProjectEv) -> Verdict:
    found = lights.assess("cost", cost_indicators(view) or None, rules_of(view.project.portfolio))
    parts = []
    with override(settings.LANGUAGE_CODE):
        for reading in found.decisive:
            if reading.rule.code == "eac_overrun":
                parts.append(f"EAC{formats.NBSP}{formats.percent(reading.value, 1, sign=True)}")
            elif reading.light == lights.RED:
                parts.append(_("above the approved budget"))
        if found.light == lights.GREY and view.measures is not None:
            parts.append(_("not begun yet") if view.measures.not_started else _("no cost booked yet"))
    return found, " · ".join(parts)[:300]


def assess_schedule(view: ProjectEv, slip: Slip | None) -> Verdict:
    """Index and gates of a project whose plan has no approved baseline (else the plan judges)."""
    indicators: dict[str, lights.Number | None] = {}
    if slip is not None:
        indicators["milestone_delay"] = slip.days
    if view.measures is not None and view.measures.bac:
        indicators["spi_t"] = None if view.spi_t is None else decimal(view.spi_t, 9)
    found = lights.assess("schedule", indicators or None, rules_of(view.project.portfolio))
    parts = []
    with override(settings.LANGUAGE_CODE):
        for reading in found.decisive:
            if reading.rule.code == "spi_t":
                parts.append(f"SPI(t){formats.NBSP}{formats.number(reading.value, 2)}")
            elif slip is not None:
                parts.append(_("%(name)s %(days)s WD") % {"name": slip.name[:120], "days": formats.number(slip.days, sign=True)})  # fmt: skip
    return found, " · ".join(parts)[:300]


def _light(
    project: Project, code: str, found: lights.Assessment, text: str, stands: FigureValue | None, day: dt.date
) -> FigureRow | None:
    """The light to write; None where one stands that this may not, or need not, replace."""
    if found.light is None:
        return None
    if stands is not None:
        cycle = project.portfolio.cycle_days
        age = (day - stands.date).days
        by_others = stands.source_label != LABEL
        kept = stands.source == Source.OVERRIDDEN or lights.GREY in (stands.light, found.light)
        if age <= cycle and by_others and kept:  # what a person told is not replaced by “no data”
            return None
        same = (stands.light, stands.text, stands.source) == (found.light, text, Source.COMPUTED)
        if same and age < max(1, cycle // 2):
            return None
    return FigureRow(
        project.pk, code, day, light=found.light, text=text, source=Source.COMPUTED, source_label=LABEL, source_url=ev_url(project)
    )  # fmt: skip


def slips_of(projects: list[int]) -> Mapping[int, Slip]:
    """By project the gate that is latest against its baseline and not reached yet."""
    found: dict[int, list[Slip]] = defaultdict(list)
    for gate in Gate.objects.filter(project__in=projects).exclude(state__in=REACHED):
        if gate.baseline and gate.date and gate.actual is None:
            found[gate.project_id].append(Slip(gate.code or gate.name, working_days(gate.baseline, gate.date)))
    return {number: max(rows, key=lambda row: row.days) for number, rows in found.items()}


def ev_url(project: Project) -> str:
    return reverse("controlling:ev-project", args=[project.key])
