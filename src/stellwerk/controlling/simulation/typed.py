"""What a browser sends to start a run: the scope, numbers, and the rows of risks as people write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.controlling.services.grid import amount_of, text_of
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.simulation.risks import COST, DELAY, MOST_RISKS, Points, Risk, faults_of
from stellwerk.core import formats
from stellwerk.core.errors import Invalid
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.text import without_control
from stellwerk.planning.models import Activity, Plan

DAY: Final = 480
CELLS: Final = ("name", "probability", "kind", "project", "wbs", "d1", "d2", "d3", "c1", "c2", "c3")
BLANK: Final = 2
"""Empty rows below the last risk."""


@dataclass
class TypedRisks:
    """Risks as typed: what could be read, every row as texts to show again, what could not be read by ``risk-N``."""

    risks: list[Risk] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    wrong: dict[int, set[str]] = field(default_factory=dict)
    """Cells of the rows (from 1) that are wrong: they are marked on the page."""


def read_asked(data: Mapping[str, Any]) -> Asked:
    """Raises ``Invalid`` by field for what is no number; limits are the service's."""
    errors: dict[str, list[str]] = {}
    whole: dict[str, int] = {}
    for name in ("iterations", "seed"):
        text = str(data.get(name, "")).strip()
        if text.isascii() and text.isdigit() and len(text) < 12:
            whole[name] = int(text)
        else:
            errors[name] = [_("A whole number, please.")]
    correlation = 0.0
    try:
        correlation = float(parse_number(str(data.get("correlation", "")).strip() or "0"))
    except ValueError as error:
        errors["correlation"] = [str(error)]
    if errors:
        raise Invalid(errors)
    return Asked(whole["iterations"], whole["seed"], correlation, str(data.get("together", "group")), str(data.get("distribution", "")))  # fmt: skip


def read_risks(data: Mapping[str, Any], plans: Sequence[Plan]) -> TypedRisks:
    """Rows ``risk-3-name`` …; empty ones are left out."""
    typed = TypedRisks()
    numbers = sorted({int(part) for name in data if name.startswith("risk-") and (part := name.split("-")[1]).isascii() and part.isdigit() and len(part) < 5})  # fmt: skip
    for number in numbers[: MOST_RISKS + 1]:
        row = {cell: without_control(str(data.get(f"risk-{number}-{cell}", ""))).strip()[:200] for cell in CELLS}
        if data.get(f"risk-{number}-remove") or not any(row[cell] for cell in CELLS if cell not in ("kind", "project")):
            continue
        typed.rows.append(row)
        at = len(typed.rows)
        try:
            risk = _risk(row, plans)
            typed.risks.append(risk)
            faults = list(faults_of(risk))
            typed.wrong[at] = {cell for cells, _text in faults for cell in cells}
            texts = [text for _cells, text in faults]
        except Invalid as refusal:
            texts = [text for found in refusal.errors.values() for text in found]
            typed.wrong[at] = set(refusal.errors)
        if texts:
            typed.errors[f"risk-{at}"] = [_("Risk %(row)s: %(text)s") % {"row": at, "text": text} for text in texts]
    return typed


def _risk(row: Mapping[str, str], plans: Sequence[Plan]) -> Risk:
    plan = plans[0] if len(plans) == 1 else next((one for one in plans if one.project.key == row["project"].upper()), None)  # fmt: skip
    if plan is None:
        raise Invalid({"project": [_("its project is not part of this simulation.")]})
    try:
        probability = float(parse_number(row["probability"].rstrip("% ") or "-")) / 100
    except ValueError:
        raise Invalid({"probability": [_("give its probability in percent.")]}) from None
    delay = _points(row, DELAY, _minutes)
    cost = _points(row, COST, lambda text: amount_of(text, plan.project.currency))
    activity = _activity(plan, row["wbs"]) if row["wbs"] else None
    return Risk(row["name"], probability, plan.project_id, row["kind"] == "opportunity", activity, delay, cost)


def _points(row: Mapping[str, str], cells: Sequence[str], read: Callable[[str], int]) -> Points | None:
    """Three points; one alone (the middle or the first) is certain; none: no effect. ``Invalid`` by cell."""
    given = [cell for cell in cells if row[cell]]
    if not given:
        return None
    if len(given) not in (1, 3):
        raise Invalid({next(cell for cell in cells if not row[cell]): [_("give one value, or all three points.")]})
    values = [_read(row[cell], cell, read) for cell in given]
    low, likely, high = values * 3 if len(values) == 1 else values
    return low, likely, high


def _read(text: str, cell: str, read: Callable[[str], int]) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise Invalid({cell: [str(error)]}) from None
    except Invalid as refusal:
        raise Invalid({cell: [one for found in refusal.errors.values() for one in found]}) from None


def _minutes(text: str) -> int:
    """Working days to minutes."""
    return round(parse_number(text) * DAY)


def _activity(plan: Plan, text: str) -> int:
    """By WBS code, “#number” or name."""
    rows = Activity.objects.filter(plan=plan, summary=False)
    if text.startswith("#") and text[1:].isascii() and text[1:].isdigit() and len(text) < 11:
        found = rows.filter(uid=int(text[1:])).first()
    else:
        found = rows.filter(wbs=text).first() or rows.filter(name__iexact=text).order_by("position").first()
    if found is None:
        raise Invalid({"wbs": [_("there is no activity “%(text)s” in the plan of %(project)s.") % {"text": text, "project": plan.project.key}]})  # fmt: skip
    return found.pk


def rows_of(risks: Sequence[Risk], plans: Sequence[Plan]) -> list[dict[str, str]]:
    """Stored risks as the form shows them."""
    by_project = {plan.project_id: plan.project for plan in plans}
    activities = Activity.objects.in_bulk([risk.activity for risk in risks if risk.activity is not None])
    rows = []
    for risk in risks:
        project = by_project.get(risk.project)
        if project is None:
            continue
        activity = activities.get(risk.activity) if risk.activity is not None else None
        row = {
            "name": risk.name, "probability": formats.number(Decimal(str(risk.probability)) * 100, 0 if round(risk.probability * 1000) % 10 == 0 else 1),
            "kind": "opportunity" if risk.opportunity else "threat", "project": project.key,
            "wbs": "" if activity is None else activity.wbs or f"#{activity.uid}",
        }  # fmt: skip
        for at, minutes in enumerate(risk.delay or (), start=1):
            row[f"d{at}"] = f"{Decimal(minutes) / DAY:.2f}".rstrip("0").rstrip(".")
        for at, amount in enumerate(risk.cost or (), start=1):
            row[f"c{at}"] = text_of(amount, project.currency) or "0"
        rows.append({cell: row.get(cell, "") for cell in CELLS})
    return rows


def blank_row(plans: Sequence[Plan]) -> dict[str, str]:
    return dict.fromkeys(CELLS, "") | {"project": plans[0].project.key if plans else ""}
