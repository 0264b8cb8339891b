"""Three-point estimates of a project: a table to type and paste into, suggestions from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.selectors.simulation import Row, estimate_rows, last_run, run_on
from stellwerk.controlling.services.estimates import (
    COSTS,
    POINTS,
    SUGGESTIONS,
    Points,
    check_percent,
    clean_group,
    save_estimates,
    suggested,
)
from stellwerk.controlling.services.grid import amount_of, text_of
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.permissions import can, require
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.chart import plan_of_project
from stellwerk.portfolio.models import Project

SHOWN: Final = 300
"""Rows of a page."""
PASTED: Final = ("low", "likely", "high", "cost_low", "cost_likely", "cost_high", "group")


class _Sheet:
    """The rows of one page as texts, what is wrong with them, and what they mean."""

    def __init__(self, plan: Plan, rows: list[Row], currency: str) -> None:
        self.plan, self.rows, self.currency = plan, rows, currency
        self.cells: dict[int, dict[str, str]] = {row.pk: self._stored(row) for row in rows}
        self.errors: dict[str, list[str]] = {}
        self.dirty = False

    def _stored(self, row: Row) -> dict[str, str]:
        one = row.estimate
        if one is None:
            return {
                "distribution": Distribution.PERT,
                **dict.fromkeys((*POINTS, *COSTS), ""),
                "group": "",
                "version": "",
            }
        cells = {"distribution": one.distribution, "group": one.group, "version": str(one.version)}
        cells |= {name: self._days(row, getattr(one, name)) for name in POINTS}
        return cells | {name: self._amount(getattr(one, name)) for name in COSTS}

    @staticmethod
    def _days(row: Row, minutes: int | None) -> str:
        value = row.days(minutes)
        if value is None:
            return ""
        places = 0 if value == value.to_integral_value() else 1 if value * 10 == (value * 10).to_integral_value() else 2
        return formats.number(value, places)

    def _amount(self, amount: int | None) -> str:
        return "" if amount is None else text_of(amount, self.currency) or "0"

    def take(self, data: Mapping[str, Any]) -> None:
        """What was typed: ``e-12-low`` and so on; rows that are not on the page stay."""
        self.dirty = True
        for row in self.rows:
            cells = self.cells[row.pk]
            for name in (*cells,):
                typed = data.get(f"e-{row.pk}-{name}")
                if typed is not None:
                    cells[name] = str(typed).strip()[:80]

    def points(self) -> list[Points]:
        """Every row as numbers; what cannot be read is in ``errors`` by ``row-<activity>``."""
        found = []
        for row in self.rows:
            cells = self.cells[row.pk]
            values: dict[str, int | None] = {}
            for name in (*POINTS, *COSTS):
                try:
                    values[name] = self._number(row, name, cells[name])
                except Invalid as refusal:
                    text = next(iter(refusal.errors.values()))[0]
                    self.errors.setdefault(f"row-{row.pk}", []).append(_("%(name)s: %(text)s") % {"name": row.name, "text": text})  # fmt: skip
            version = int(cells["version"]) if cells["version"].isascii() and cells["version"].isdigit() and len(cells["version"]) < 10 else None  # fmt: skip
            found.append(Points(row.pk, cells["distribution"], **values, group=clean_group(cells["group"]), version=version))  # fmt: skip
        return found

    def _number(self, row: Row, name: str, text: str) -> int | None:
        if not text:
            return None
        if name in COSTS:
            return amount_of(text, self.currency)
        try:
            return round(parse_number(text) * row.day)
        except ValueError as error:
            raise Invalid({name: [str(error)]}) from None

    def suggest(self, below: int, above: int, *, group: str, overwrite: bool) -> int:
        """Fill duration points around the plan; returns how many rows."""
        count = 0
        for row in self.rows:
            cells = self.cells[row.pk]
            if not row.duration or (not overwrite and any(cells[name] for name in POINTS)):
                continue
            if group and not (row.wbs == group or row.wbs.startswith(f"{group}.")):
                continue
            for name, minutes in zip(POINTS, suggested(row.duration, below, above), strict=True):
                cells[name] = self._days(row, minutes)
            count += 1
        self.dirty = self.dirty or bool(count)
        return count

    def paste(self, text: str) -> int:
        """Rows of a spreadsheet: WBS code, three points in days, three of cost, group. Raises ``Invalid`` with each line that fits no row."""
        by_code = {row.wbs: row for row in self.rows if row.wbs} | {row.name.casefold(): row for row in self.rows}
        unknown, count = [], 0
        for number, line in enumerate(text.splitlines()[:5000], start=1):
            parts = [part.strip() for part in line.split("\t" if "\t" in line else ";")]
            if not any(parts):
                continue
            row = by_code.get(parts[0]) or by_code.get(parts[0].casefold())
            if row is None:
                unknown.append(_("Line %(number)s: there is no open activity “%(text)s”.") % {"number": number, "text": parts[0][:60]})  # fmt: skip
                continue
            for name, value in zip(PASTED, parts[1:], strict=False):
                if value:
                    self.cells[row.pk][name] = value[:80]
            count += 1
        self.dirty = True
        if unknown:
            raise Invalid({"paste": unknown[:20]})
        return count

    def shown(self) -> Iterable[dict[str, Any]]:
        for row in self.rows:
            yield {
                "row": row, "plan": self._days(row, row.duration), "cells": self.cells[row.pk],
                "planned_cost": self._amount(row.cost), "errors": self.errors.get(f"row-{row.pk}", []),
            }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "controlling.simulationrun")
def estimates(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    rows = Project.objects.select_related("portfolio__unit", "programme__manager", "manager", "sponsor", "unit")
    project = fetch(user, rows, "money", key=key)
    editable = can(user, "edit", run_on(project)) and not project.archived
    plan = plan_of_project(project)
    found = estimate_rows(plan) if plan is not None else []
    number = _page(request, len(found))
    status = 200
    sheet = _Sheet(plan, found[(number - 1) * SHOWN : number * SHOWN], project.currency) if plan is not None else None
    if request.method == "POST":
        require(user, "edit", run_on(project))
    if request.method == "POST" and sheet is not None and editable:
        answer = _changed(request, sheet, project)
        if answer is not None:
            return answer
        status = 422 if sheet.errors else 200
    last = last_run(user, project)
    done = sum(row.estimate is not None for row in found)
    context = {
        "project": project, "plan": plan, "sheet": sheet, "rows": sheet.shown() if sheet else (), "editable": editable,
        "distributions": Distribution.choices, "count": len(found), "done": done, "page": number,
        "pages": range(1, -(-len(found) // SHOWN) + 1), "suggestions": _suggestions(), "currency": project.currency,
        "answer": _answer(len(found), done), "run": last, "may_run": can(user, "create", run_on(project)),
        "top_errors": [text for name, texts in sheet.errors.items() for text in texts] if sheet else [],
        "data": request.POST if request.method == "POST" else {},
    }  # fmt: skip
    return render(request, "controlling/estimates.html", context, status=status)


def _page(request: HttpRequest, count: int) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), max(1, -(-count // SHOWN)))


def _changed(request: HttpRequest, sheet: _Sheet, project: Project) -> HttpResponse | None:
    """Save, or (``then``) fill in suggestions or what was pasted and show it; None: show the page again."""
    data, then = request.POST, request.POST.get("then", "save")
    sheet.take(data)
    try:
        if then == "suggest":
            below, above = check_percent(data)
            count = sheet.suggest(below, above, group=data.get("within", "").strip(), overwrite=bool(data.get("overwrite")))  # fmt: skip
            messages.info(request, ngettext("%(count)s row filled in, not saved yet.", "%(count)s rows filled in, not saved yet.", count) % {"count": formats.number(count)})  # fmt: skip
            return None
        if then == "paste":
            count = sheet.paste(data.get("paste", ""))
            messages.info(request, ngettext("%(count)s row filled in, not saved yet.", "%(count)s rows filled in, not saved yet.", count) % {"count": formats.number(count)})  # fmt: skip
            return None
        points = sheet.points()
        if sheet.errors:
            return None
        changed = save_estimates(plan=sheet.plan, rows=points, by=actor(request))
    except Invalid as refusal:
        sheet.errors |= refusal.errors
        _seen(sheet)
        return None
    except Refused as refusal:
        sheet.errors |= {"__all__": [str(refusal)]}
        return None
    messages.success(request, ngettext("%(count)s estimate saved.", "%(count)s estimates saved.", changed) % {"count": formats.number(changed)})  # fmt: skip
    page = request.GET.get("page", "")
    return redirect(reverse("controlling:estimates", args=[project.key]) + (f"?page={page}" if page.isdigit() else ""))


def _seen(sheet: _Sheet) -> None:
    """After a refusal the reader has seen what others saved: saving again is meant."""
    for row in sheet.rows:
        if f"row-{row.pk}" in sheet.errors:
            sheet.cells[row.pk]["version"] = str(row.estimate.version) if row.estimate is not None else ""


def _suggestions() -> list[tuple[str, str]]:
    names = {
        "routine": pgettext("estimate", "routine"), "usual": pgettext("estimate", "usual"),
        "uncertain": pgettext("estimate", "uncertain"), "new": pgettext("estimate", "new ground"),
    }  # fmt: skip
    return [(code, f"{names[code]} (−{below} / +{above} %)") for code, (below, above) in SUGGESTIONS.items()]


def _answer(count: int, done: int) -> str:
    if not count:
        return _("There is nothing to estimate: the plan has no open activities")
    share = formats.percent(Decimal(done) / count, 0)
    return ngettext("%(done)s of %(count)s open activity has three points (%(share)s)", "%(done)s of %(count)s open activities have three points (%(share)s)", count) % {"done": formats.number(done), "count": formats.number(count), "share": share}  # fmt: skip
