"""The sheet of a business case: drivers × years as inputs, read and shown again with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import FlowKind, Spending
from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.selectors.cases import CaseModel, live_model
from stellwerk.controlling.services.cases import FIRST_YEAR, LAST_YEAR, MOST_DRIVERS, FlowLine
from stellwerk.controlling.services.grid import amount_of, text_of
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.text import without_control

WORDS: Final = ("option", "name", "kind", "spending", "effective", "remove")
USUAL_YEARS: Final = 6
Row = dict[str, Any]


class CaseSheet:
    """What the page of the sheet shows; ``take`` puts typed rows in place of the stored ones."""

    def __init__(self, case: BusinessCase) -> None:
        self.case = case
        self.currency = case.proposal.currency
        self.version = case.version
        self.problem: Refused | None = None
        self.errors: dict[str, list[str]] = {}
        self.model: CaseModel = live_model(case)
        self.options = [(one.key, one.name) for one in self.model.options]
        self.years = self._usual_years(set(self.model.years))
        self.rows: list[Row] = [
            {
                "option": option.key, "name": one.name, "kind": one.kind, "spending": one.spending,
                "effective": "on" if one.budget_effective else "",
                "years": {year: text_of(amount, self.currency) for year, amount in one.amounts.items()},
            }
            for option in self.model.options
            for one in option.drivers
        ]  # fmt: skip

    @property
    def status(self) -> int:
        return self.problem.status if self.problem is not None else 200

    def _usual_years(self, known: set[int]) -> list[int]:
        start = self.case.proposal.wanted_start
        first = min(known) if known else start.year if start is not None else timezone.localdate().year + 1
        last = max(known) if known else first + USUAL_YEARS - 1
        return list(range(first, max(last, first + 2) + 1))

    # ── what was typed ───────────────────────────────────────────────────────────────────────────

    def take(self, data: Mapping[str, Any]) -> None:
        """Rows ``f-3-name`` and cells ``f-3-2027`` of a post."""
        found: dict[int, Row] = {}
        for name in data:
            kind, _dash, rest = str(name).partition("-")
            number, _dash, what = rest.partition("-")
            if kind != "f" or not number.isascii() or not number.isdigit() or len(number) > 4:
                continue
            row = found.setdefault(int(number), {**dict.fromkeys(WORDS, ""), "years": {}})
            value = without_control(str(data.get(name, ""))).strip()[:200]
            if what in WORDS:
                row[what] = value
            elif what.isascii() and what.isdigit() and len(what) == 4:
                row["years"][int(what)] = value
        self.rows = [row for _number, row in sorted(found.items()) if not row["remove"]][: MOST_DRIVERS + 1]
        typed = {year for row in self.rows for year in row["years"]}
        self.years = sorted(year for year in {*self.years, *typed} if FIRST_YEAR <= year <= LAST_YEAR)
        seen = str(data.get("version", ""))
        self.version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else self.version

    def lines(self) -> list[FlowLine]:
        """The typed rows as the service takes them; empty ones are left out. Raises ``Invalid`` by row."""
        lines: list[FlowLine] = []
        errors: dict[str, list[str]] = {}
        self.rows = [row for row in self.rows if row["name"] or any(row["years"].values())]
        for at, row in enumerate(self.rows, start=1):
            option = row["option"]
            line = FlowLine(
                at, int(option) if option.isascii() and option.isdigit() and len(option) < 18 else None, row["name"],
                row["kind"], row["spending"] or Spending.OPEX, bool(row["effective"]),
            )  # fmt: skip
            for year, text in row["years"].items():
                try:
                    amount = amount_of(text, self.currency) if text else 0
                except Invalid as refusal:
                    said = next(iter(refusal.errors.values()))[0]
                    errors.setdefault(line.place, []).append(_("Row %(row)s, %(month)s: %(text)s") % {"row": at, "month": year, "text": said})  # fmt: skip
                    continue
                if amount:
                    line.years[year] = amount
            lines.append(line)
        if errors:
            raise Invalid(errors)
        return lines

    def refuse(self, refusal: Refused) -> None:
        self.problem = refusal
        self.errors = dict(getattr(refusal, "errors", {}))

    def add_row(self) -> None:
        option = next((one.key for one in self.model.options if not one.do_nothing), "")
        self.rows.append(
            {
                "option": option,
                "name": "",
                "kind": FlowKind.COST,
                "spending": Spending.OPEX,
                "effective": "on",
                "years": {},
            }
        )

    def add_years(self, before: int = 0, after: int = 0) -> None:
        first, last = self.years[0] - before, self.years[-1] + after
        self.years = list(range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1))

    # ── what is shown ────────────────────────────────────────────────────────────────────────────

    def shown(self) -> list[Row]:
        return [
            {
                **row,
                "at": at,
                "errors": self.errors.get(f"row-{at}", []),
                "cells": self._cells(at, row),
                "total": self._total(row),
            }
            for at, row in enumerate(self.rows, start=1)
        ]

    def _cells(self, at: int, row: Row) -> SafeString:
        wrong = ' aria-invalid="true"' if f"row-{at}" in self.errors else ""
        name = escape(row["name"] or at)
        parts = []
        for year in self.years:
            value = escape(row["years"].get(year, ""))
            mark = wrong if value else ""
            parts.append(
                f'<td class="num"><input class="cell" inputmode="decimal" autocomplete="off" maxlength="30" name="f-{at}-{year}" '
                f'value="{value}" aria-label="{name}, {year}"{mark}></td>'
            )
        return mark_safe("".join(parts))  # noqa: S308 - every value is escaped above

    def _total(self, row: Row) -> str:
        total = 0
        for text in row["years"].values():
            try:
                total += amount_of(text, self.currency) if text else 0
            except Invalid:
                continue
        return text_of(total, self.currency) or "0"
