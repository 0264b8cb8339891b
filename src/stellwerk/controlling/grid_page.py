"""The sheet of a budget as a page: months, rows of inputs, what was typed and what is wrong; cells are written here once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget, CostCentre, CostType
from stellwerk.controlling.selectors.budgets import actuals_by_month, closed_months, organisation_of, sheet_of
from stellwerk.controlling.services.grid import Typed, amount_of, text_of, window
from stellwerk.core.errors import FieldConflict, Invalid, Refused
from stellwerk.engine.earned_value import Profile, by_month, phase_days
from stellwerk.planning.models import Activity

EMPTY: Final = {"id": "", "wbs": "", "text": "", "cost_type": "", "cost_centre": "", "spending": "opex", "reserve": ""}
SHAPES = ("linear", "front", "back", "bell", "plan")


class GridPage:
    """Context of ``budget_lines.html``: the stored lines, or those that were typed and not saved."""

    def __init__(self, budget: Budget, *, editable: bool) -> None:
        self.budget, self.editable = budget, editable
        self.version, self.status, self.more = budget.version, 200, 0
        self.dirty = False
        self.errors: dict[str, list[str]] = {}
        self.problem: Refused | None = None
        self.conflicts: list[FieldConflict] = []
        self.changed_by = ""
        self.organisation = organisation_of(budget.project)
        self.closed = closed_months(self.organisation)
        self.actual = actuals_by_month(budget.project, budget.first_open) if budget.first_open else {}
        self.stored = sheet_of(budget) if not editable else None
        self._rows = self._from_lines()

    def _from_lines(self) -> list[dict[str, Any]]:
        rows = []
        lines = self.budget.lines.select_related("cost_centre", "cost_type").prefetch_related("months")
        for line in lines.order_by("position", "pk"):
            rows.append(
                {
                    "id": str(line.pk), "wbs": line.wbs, "text": line.text, "cost_type": str(line.cost_type_id or ""),
                    "cost_centre": line.cost_centre.number if line.cost_centre is not None else "",
                    "spending": line.spending, "reserve": line.reserve, "currency": line.currency,
                    "months": {m.code(one.month): text_of(one.amount, line.currency) for one in line.months.all()},
                }
            )  # fmt: skip
        return rows

    # ── what was typed ───────────────────────────────────────────────────────────────────────────

    def take(self, typed: Typed, version: int | None) -> None:
        self._rows, self.errors, self.dirty = typed.rows, dict(typed.errors), True
        self.version = version if version is not None else self.version

    def refuse(self, refusal: Refused) -> None:
        self.problem, self.status = refusal, refusal.status
        if isinstance(refusal, Invalid):
            self.errors = {**self.errors, **refusal.errors}

    def add_row(self) -> None:
        self._rows.append({**EMPTY, "currency": self.budget.currency, "months": {}})

    # ── what the template shows ──────────────────────────────────────────────────────────────────

    @property
    def months(self) -> list[dt.date]:
        """Not cached: an added year changes them."""
        known = set()
        for row in self._rows:
            for name in row["months"]:
                try:
                    known.add(m.parse(name))
                except Invalid:
                    continue
        project, forecast = self.budget.project, self.budget.kind == BudgetKind.FORECAST
        start = self.budget.first_open if forecast else project.start_baseline or project.start
        finish = project.finish if forecast else project.finish_baseline or project.finish
        first = m.month_of(start) if start else m.month_of(timezone.localdate())
        last = m.month_of(finish) if finish else None
        shown = window(sorted(known), first, last)
        more = self.more
        while more and shown:
            shown.append(m.step(shown[-1]))
            more -= 1
        return shown

    def years(self) -> list[tuple[int, int]]:
        """``(year, number of months)`` for the head of the table."""
        found: dict[int, int] = {}
        for month in self.months:
            found[month.year] = found.get(month.year, 0) + 1
        return list(found.items())

    def heads(self) -> list[dict[str, Any]]:
        return [{"month": month, "code": m.code(month), "closed": month in self.closed} for month in self.months]

    def rows(self) -> list[dict[str, Any]]:
        months = [m.code(month) for month in self.months]
        shut = {m.code(month) for month in self.closed}
        found = []
        for at, row in enumerate(self._rows, start=1):
            errors = self.errors.get(f"row-{at}", [])
            found.append(
                {
                    **row, "at": at, "errors": errors, "cells": self._cells(at, row, months, shut, bool(errors)),
                    "total": self._total(row),
                }
            )  # fmt: skip
        return found

    def blank(self) -> dict[str, Any]:
        """The pattern that scripts copy for a new row."""
        row = {**EMPTY, "currency": self.budget.currency, "months": {}}
        shut = {m.code(month) for month in self.closed}
        cells = self._cells(0, row, [m.code(month) for month in self.months], shut, False)
        return {**row, "at": 0, "errors": [], "cells": cells, "total": "0"}

    def _cells(self, at: int, row: Mapping[str, Any], months: list[str], shut: set[str], wrong: bool) -> SafeString:
        """The inputs of a row in one go: a template loop over some thousand cells would take seconds."""
        parts = []
        name = escape(row["text"] or row["wbs"] or at or "")
        bad = ' aria-invalid="true"' if wrong else ""
        for column, month in enumerate(months):
            value = escape(row["months"].get(month, ""))
            # Months before a forecast begins are actuals, closed months are closed: both stay as they are.
            if not self.editable:
                parts.append(f'<td class="num">{value}</td>')
            elif month in shut:
                parts.append(f'<td class="num shut"><input class="cell" size="10" name="cell-{at}-{month}" value="{value}" data-at="{column}" readonly tabindex="-1" aria-label="{name}, {month}"></td>')  # fmt: skip
            else:
                mark = bad if wrong and value else ""
                parts.append(f'<td class="num"><input class="cell" size="10" inputmode="decimal" autocomplete="off" maxlength="30" name="cell-{at}-{month}" value="{value}" data-at="{column}" aria-label="{name}, {month}"{mark}></td>')  # fmt: skip
        return mark_safe("".join(parts))  # noqa: S308 - every value is escaped above

    def _total(self, row: Mapping[str, Any]) -> str:
        total = 0
        for text in row["months"].values():
            try:
                total += amount_of(text, row["currency"] or self.budget.currency) if text else 0
            except Invalid:
                continue
        return text_of(total, row["currency"] or self.budget.currency) or "0"

    def sums(self) -> list[str]:
        """Column sums of the rows in the budget's currency (others are counted on the version's page)."""
        totals: dict[str, int] = {}
        for row in self._rows:
            if (row["currency"] or self.budget.currency) != self.budget.currency:
                continue
            for month, text in row["months"].items():
                try:
                    totals[month] = totals.get(month, 0) + (amount_of(text, self.budget.currency) if text else 0)
                except Invalid:
                    continue
        return [text_of(totals.get(m.code(month), 0), self.budget.currency) for month in self.months]

    def total(self) -> str:
        total = 0
        for row in self._rows:
            if (row["currency"] or self.budget.currency) == self.budget.currency:
                for text in row["months"].values():
                    try:
                        total += amount_of(text, self.budget.currency) if text else 0
                    except Invalid:
                        continue
        return text_of(total, self.budget.currency) or "0"

    @property
    def other_currencies(self) -> bool:
        return any((row["currency"] or self.budget.currency) != self.budget.currency for row in self._rows)

    def actual_sum(self) -> int:
        return sum(self.actual.values())

    @cached_property
    def cost_types(self) -> list[tuple[str, str]]:
        rows = CostType.objects.all()
        used = {row["cost_type"] for row in self._rows}
        return [(str(row.pk), str(row)) for row in rows if row.archived_at is None or str(row.pk) in used]

    def centres(self) -> list[CostCentre]:
        rows = CostCentre.objects.filter(archived_at=None)
        return list(rows.filter(organisation=self.organisation) if self.organisation is not None else rows)

    def activities(self) -> list[tuple[str, str]]:
        rows = Activity.objects.filter(plan__project=self.budget.project).exclude(wbs="").order_by("position")
        return list(rows.values_list("wbs", "name")[:2000])


def phase_row(page: GridPage, data: Mapping[str, Any]) -> None:
    """Spread an amount over the months of a row by a curve, or over the dates of its work package. Raises ``Invalid``."""
    rows = page._rows
    number = data.get("phase_row", "")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if not 1 <= at <= len(rows):
        raise Invalid({"__all__": [_("Please choose the row that the amount belongs to.")]})
    row = rows[at - 1]
    currency = (row["currency"] or page.budget.currency).upper()
    amount = amount_of(data.get("phase_amount", "") or "0", currency)
    if amount <= 0:
        raise Invalid({"__all__": [_("Please give the amount to spread: more than zero.")]})
    shape = data.get("phase_shape", "linear")
    if shape not in SHAPES:
        raise Invalid({"__all__": [_("There is no such curve.")]})
    first, last = _plan_dates(page, row) if shape == "plan" else _typed_dates(data)
    if last < first:
        raise Invalid({"__all__": [_("The last month lies before the first.")]})
    if page.budget.first_open is not None:
        first = max(first, page.budget.first_open)
        last = max(first, last)
    profile = Profile.LINEAR if shape == "plan" else Profile(shape)
    months = by_month(phase_days(amount, m.weekdays(first, last), profile))
    kept = {name: text for name, text in row["months"].items() if name in {m.code(one) for one in page.closed}}
    if kept and any(m.code(month) in kept for month in months):
        raise Invalid({"__all__": [_("Some of these months are closed: begin later.")]})
    row["months"] = kept | {m.code(month): text_of(value, currency) for month, value in months.items()}


def _typed_dates(data: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    first = m.parse(data.get("phase_first", ""))
    last = m.parse(data.get("phase_last", ""))
    if (last.year - first.year) > 20:
        raise Invalid({"__all__": [_("At most twenty years, please.")]})
    return first, m.last_day(last)


def _plan_dates(page: GridPage, row: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    found = Activity.objects.filter(plan__project=page.budget.project, wbs=row["wbs"]).order_by("position").first()
    if not row["wbs"] or found is None or found.start is None or found.finish is None:
        raise Invalid({"__all__": [_("The row has no work package with dates: give its WBS code, or choose another curve.")]})  # fmt: skip
    return found.start.date(), max(found.start, found.finish).date()
