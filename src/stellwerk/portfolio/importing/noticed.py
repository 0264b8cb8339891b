"""What is worth a word about a file: what was left out, what was assumed, what should be decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.text import quoted
from stellwerk.portfolio.importing.source import Source
from stellwerk.portfolio.models import Portfolio, Project

if TYPE_CHECKING:
    from stellwerk.portfolio.importing.plan import Plan

TOLD = frozenset(("skipped_lines", "repeated", "unit_told", "painted", "one_sheet", "oc4ids"))
"""Notes that only tell what was done; nothing has to be decided."""


def noticed(plan: Plan, portfolio: Portfolio | None, today: dt.date) -> Iterator[Note]:
    yield from plan.source.notes
    if any(day > today for day in plan.dates):
        yield note("future", _("The data date lies in the future."))
    if plan.mapped.unknown:
        yield note(
            "unknown_headings",
            _("The mapping names columns that this file does not have: %(names)s."),
            {"names": ", ".join(plan.mapped.unknown[:8])},
        )
    if plan.records.unknown_lights:
        words = quoted(word for word, _count in plan.records.unknown_lights.most_common(6))
        yield note(
            "unknown_lights",
            _("These values are no traffic light: %(words)s. Say which light each means."),
            {"words": words},
        )
    if plan.records.unknown_phases:
        words = quoted(word for word, _count in plan.records.unknown_phases.most_common(6))
        yield note(
            "unknown_phases", _("These words are no phase of ours and were kept as text: %(words)s."), {"words": words}
        )
    yield from _left_out(plan)
    yield from _several_rows(plan)
    yield from _sheets(plan.source)
    yield from _unit_told(plan)
    yield from _unit_doubt(plan, portfolio)


def _left_out(plan: Plan) -> Iterator[Note]:
    """Lines that are no projects, with their first words, and rows that stand twice."""
    lines = plan.source.table.skipped
    words = quoted(line.text for line in lines[:6]) + (" …" if len(lines) > 6 else "")
    if len(lines) == 1:
        yield note("skipped_lines", _("A line that is no project was left out: %(words)s."), {"words": words})
    elif lines:
        yield note(
            "skipped_lines",
            _("%(count)s lines are no projects (totals, groups, notes, repeated headings) and were left out: %(words)s."),
            {"count": formats.number(len(lines)), "words": words},
        )  # fmt: skip
    if plan.repeated == 1:
        yield note("repeated", _("A row repeats another one word by word and counts once."))
    elif plan.repeated:
        yield note(
            "repeated", _("%(count)s rows repeat another row word by word and count once."), {"count": plan.repeated}
        )


def _several_rows(plan: Plan) -> Iterator[Note]:
    """More rows were refused than taken because they name the same projects again."""
    refused = sum(1 for row in plan.records.rows if row.refused is not None and row.refused.reason.code == "duplicate")
    if refused * 2 > len(plan.records.rows):
        yield note(
            "several_rows",
            _("%(count)s rows name a project that other rows name too. If the file has several rows for each project (its years, phases or "
              "parts), import a list with one row for each, or choose the column that tells them apart as the project number."),
            {"count": formats.number(refused)},
        )  # fmt: skip


def _sheets(source: Source) -> Iterator[Note]:
    """The workbook has more than the sheet that was read."""
    others = [name for name in source.sheets if name != source.table.sheet]
    alike = [name for name in source.alike if name != source.table.sheet]
    if alike:
        yield note(
            "more_sheets",
            _(
                "Only sheet “%(sheet)s” was read. These have the same headings and were left out: %(names)s. Import each of them."
            ),
            {"sheet": source.table.sheet, "names": quoted(alike[:8])},
        )
    elif others:
        yield note(
            "one_sheet", _("Sheet “%(sheet)s” was read, these were not: %(names)s."),
            {"sheet": source.table.sheet, "names": quoted(others[:8])},
        )  # fmt: skip


def _unit_told(plan: Plan) -> Iterator[Note]:
    told = [u for u in plan.mapped.uses if u.field and u.field.target == "money" and u.profile.unit_from == "title"]
    if told and not plan.options.factor:
        yield note(
            "unit_told", _("Amounts were multiplied by %(factor)s, as a line above the table says: “%(line)s”."),
            {"factor": formats.number(plan.source.told_unit.factor or 1), "line": shorten(plan.source.told_words, 80)},
        )  # fmt: skip


def _unit_doubt(plan: Plan, portfolio: Portfolio | None) -> Iterator[Note]:
    """Amounts without a unit that are a thousandth or a millionth of what the portfolio holds already."""
    money = [use.profile for use in plan.mapped.uses if use.field and use.field.target == "money"]
    bare = [profile for profile in money if not profile.unit_from and profile.own_factor_share < 0.5]
    mine = _middle([amount for row in plan.records.rows for amount in [row.master.get("budget")] if amount])
    if not bare or plan.options.factor or not mine:
        return
    ours = (
        _middle(
            [
                amount or 0
                for amount in Project.objects.filter(portfolio=portfolio, budget__gt=0).values_list(
                    "budget", flat=True
                )[:2000]
            ]
        )
        if portfolio
        else 0
    )
    for factor, word in ((1_000_000, _("millions")), (1_000, _("thousands"))):
        if ours and factor / 5 <= ours / mine <= factor * 5:
            yield note(
                "unit",
                _(
                    "The amounts name no unit and are far smaller than those of the portfolio. If they are %(word)s, choose this unit."
                ),
                {"word": word},
            )
            return
    if not ours and mine < 100_000_00 and len(plan.records.rows) >= 10:
        yield note(
            "unit",
            _(
                "The amounts name no unit and are small for budgets of projects. If they are thousands or millions, choose the unit."
            ),
        )


def _middle(amounts: list[int]) -> int:
    return sorted(amounts)[len(amounts) // 2] if amounts else 0
