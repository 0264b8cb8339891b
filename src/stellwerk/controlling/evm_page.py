"""What the pages of earned value show: rows, figures with their addresses, charts, the sheet for Excel."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.controlling import evm_words as words
from stellwerk.controlling.selectors.curves import Curves, Points
from stellwerk.controlling.selectors.earned_value import PackageRow
from stellwerk.controlling.selectors.evm_levels import AMOUNTS, FORECASTS, LevelEv, Part, Subject, level_of
from stellwerk.controlling.selectors.trend import Course, TrendPoint
from stellwerk.core import formats
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell, Value
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.engine.money import decimal, minor

GROUPS: Final = (
    ("amounts", ("bac", "pv", "ev", "ac", "commitment")),
    ("deviations", ("cv", "sv", "sv_t", "vac", "overrun")),
    ("indices", ("cpi", "spi", "spi_t", "tcpi_bac", "tcpi_eac", "tspi")),
    ("forecast", (*FORECASTS, "eac", "etc")),
    ("time", ("es", "at", "pd", "ieac_t")),
)
PARTS_ONLY: Final = ("eac", "etc", "vac", "bottom_up_etc", "commitment")
"""Figures of a programme or portfolio that are sums of those of its projects; of a project they are computed."""


def page_url(subject: Subject, day: dt.date | None = None) -> str:
    return reverse(f"controlling:ev-{level_of(subject)}", args=[subject.key]) + _on(day)


def figure_url(subject: Subject, code: str, day: dt.date) -> str:
    return reverse(f"controlling:ev-{level_of(subject)}-figure", args=[code, subject.key]) + _on(day)


def package_url(row: PackageRow, key: str, day: dt.date) -> str:
    return reverse("controlling:ev-package", args=[row.activity.pk if row.activity is not None else 0, key]) + _on(day)


def _on(day: dt.date | None) -> str:
    return f"?on={day.isoformat()}" if day is not None else ""


def group_label(code: str) -> str:
    return {
        "amounts": _("Amounts"), "deviations": _("Deviations"), "indices": _("Indices"), "forecast": _("Forecast"), "time": _("Time"),
    }[code]  # fmt: skip


def figure_row(level: LevelEv, code: str) -> dict[str, Any]:
    """One line of the table of figures: what it is, its value or why there is none, where it opens."""
    figure = level.figures.get(code)
    known = figure is not None and figure.value is not None
    note = ""
    if not known:
        note = words.why(figure.reason if figure is not None else None)
    elif code == "ieac_t" and level.schedule is not None and level.schedule.expected_finish is not None:
        note = formats.day(level.schedule.expected_finish)
    elif code == "pd" and level.schedule is not None:
        note = formats.day(level.schedule.planned_finish)
    return {
        "code": code, "short": words.short(code), "label": words.label(code), "text": words.text(figure, level.currency), "note": note,
        "known": known, "url": figure_url(level.subject, code, level.day), "chosen": code == chosen_code(level),
    }  # fmt: skip


def chosen_code(level: LevelEv) -> str:
    """Which of the four forecasts counts; of several projects each has its own, so that the sum is marked."""
    if level.roll is None:
        return ""
    return words.variant_code(level.parts[0].measures.forecast.variant) if level.level == "project" else "eac"


def groups_of(level: LevelEv) -> list[dict[str, Any]]:
    found = []
    for code, codes in GROUPS:
        rows = [figure_row(level, one) for one in codes if one in level.figures]
        rows = [row for row in rows if row["code"] != "commitment" or row["known"]]
        if rows:
            found.append({"label": group_label(code), "rows": rows})
    return found


def forecast_note(level: LevelEv) -> str:
    """Why another forecast than the wanted one counts, or how the sum comes about."""
    if level.roll is None:
        return ""
    if level.level != "project":
        return _("The forecast is the sum of the projects' own forecasts; the four variants are those of the sums.")
    forecast = level.parts[0].measures.forecast
    if forecast.reason is None:
        return ""
    wanted, used = (words.short(words.variant_code(one)) for one in (forecast.wanted, forecast.variant))
    return _("%(wanted)s would count, but is undefined; %(used)s stands in.") % {"wanted": wanted, "used": used} + " " + words.why(forecast.reason)  # fmt: skip


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def package_rows(level: LevelEv) -> list[dict[str, Any]]:
    """Work packages of a project; each opens to its budget lines and bookings."""
    part = level.parts[0]
    rows = []
    for row in part.view.packages:
        values = {"bac": row.budget, "pv": row.pv, "ev": row.ev, "ac": row.ac, "cv": row.cv, "sv": row.sv}
        rows.append(
            {
                "key": row.wbs, "name": row.name or _("Without a work package"), "url": package_url(row, part.project.key, level.day),
                "values": values, "cpi": Fraction(row.ev, row.ac) if row.ac > 0 and row.budget else None,
                "spi": Fraction(row.ev, row.pv) if row.pv else None, "percent": row.percent, "capped": row.capped,
                "unplanned": not row.budget,
            }
        )  # fmt: skip
    return rows


def project_rows(level: LevelEv) -> list[dict[str, Any]]:
    """Projects of a programme or portfolio; each opens to its own page."""
    rows = []
    for part in level.parts:
        values = part_values(part)
        rows.append(
            {
                "key": part.project.key, "name": part.project.name, "url": page_url(part.project, level.day), "values": values,
                "cpi": part.measures.cpi, "spi": part.measures.spi, "percent": part.measures.percent_complete, "capped": False,
                "unplanned": False, "overrun": Fraction(-values["vac"], part.measures.bac) if part.measures.bac else None,
                "foreign": part.project.currency if part.project.currency != level.currency else "", "project": part.project,
            }
        )  # fmt: skip
    return rows


def part_values(part: Part) -> dict[str, int]:
    found = {code: getattr(part.measures, code) for code in AMOUNTS}
    return found | {
        "eac": part.eac, "etc": part.eac - part.measures.ac, "vac": part.measures.bac - part.eac,
        "bottom_up_etc": 0 if part.measures.complete else part.measures.bottom_up_etc or 0, "commitment": part.view.commitment,
    }  # fmt: skip


def rows_of(level: LevelEv) -> list[dict[str, Any]]:
    if not level.parts:
        return []
    return package_rows(level) if level.level == "project" else project_rows(level)


def _amount(amount: int, code: str, currency: str, bare: bool) -> str:
    """In full, to the cent; ``bare``: the unit stands in the head, and all amounts of a column have the same places."""
    sign = code in words.SIGNED
    if bare:
        return formats.number(formats.major(amount, currency), formats.minor_digits(currency), sign=sign)
    return formats.money(amount, currency, sign=sign)


def shown_rows(
    rows: Iterable[dict[str, Any]], codes: Sequence[str], currency: str, bare: bool = False
) -> list[dict[str, Any]]:
    """Rows with their amounts as texts, in full."""
    return [
        row | {
            "cells": [(words.short(code), _amount(row["values"][code], code, currency, bare)) for code in codes],
            "cpi_text": formats.number(decimal(row["cpi"], 2), 2) if row["cpi"] is not None else formats.NO_DATA,
            "spi_text": formats.number(decimal(row["spi"], 2), 2) if row["spi"] is not None else formats.NO_DATA,
            "percent_text": formats.percent(decimal(row["percent"], 4), 0) if row["percent"] is not None else formats.NO_DATA,
        }
        for row in rows
    ]  # fmt: skip


def totals_of(rows: Iterable[dict[str, Any]], codes: Sequence[str], currency: str, bare: bool = False) -> list[str]:
    known = list(rows)
    return [_amount(sum(row["values"][code] for row in known), code, currency, bare) for code in codes]


def columns_of(level: LevelEv, code: str) -> tuple[str, ...]:
    """The sums that a figure is made of, as columns over the rows that it opens to."""
    own = AMOUNTS if level.level == "project" else (*AMOUNTS, *PARTS_ONLY)
    if code in own:
        return (code,)
    if code == "eac":
        return columns_of(level, chosen_code(level))
    found: list[str] = []
    for part in words.FORMULAS[code].parts if code in words.FORMULAS else ():
        found += [one for one in columns_of(level, part) if one not in found]
    return tuple(found)


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


def _scale(amounts: Iterable[int], currency: str) -> tuple[str, int]:
    top = max((abs(formats.major(one, currency)) for one in amounts), default=0)
    return ("m", 1_000_000) if top >= 2_000_000 else ("k", 1000)


def s_curve(curves: Curves, level: LevelEv) -> dict[str, Any]:
    currency, roll = level.currency, level.roll
    assert roll is not None
    unit, by = _scale([roll.eac, roll.total.bac], currency)

    def line(name: str, role: str, points: Points, end: int) -> dict[str, Any]:
        shown = [[day.isoformat(), round(float(formats.major(amount, currency)) / by, 4)] for day, amount in points]
        return {"name": name, "role": role, "points": shown, "end": formats.scaled(formats.major(end, currency), unit)}

    series = [
        line(_("Planned value (PV)"), "plan", curves.planned, roll.total.bac),
        line(_("Actual cost (AC)"), "actual", curves.actual, roll.total.ac),
        line(_("Earned value (EV)"), "earned", curves.earned, roll.total.ev),
    ]
    if len(curves.forecast) > 1:
        series.insert(1, line(_("Forecast (EAC)"), "forecast", curves.forecast, roll.eac))
    return {"unit": formats.money_unit(currency, unit), "data_date": level.day.isoformat(), "series": series}


def s_curve_table(curves: Curves, currency: str) -> list[dict[str, Any]]:
    names = ("planned", "earned", "actual", "forecast")
    per: dict[str, dict[dt.date, int]] = {name: dict(getattr(curves, name)) for name in names}
    days = sorted({day for part in per.values() for day in part})
    return [
        {"day": day, "cells": [formats.money(per[name][day], currency, unit="k") if day in per[name] else "" for name in names]}
        for day in days
    ]  # fmt: skip


def index_chart(points: Sequence[TrendPoint]) -> dict[str, Any] | None:
    """CPI, SPI and SPI(t) by data date, with the line at 1."""
    names = (("cpi", "CPI", "actual"), ("spi", "SPI", "plan"), ("spi_t", "SPI(t)", "earned"))
    series: list[dict[str, Any]] = []
    for code, name, role in names:
        known = [(one.day, getattr(one, code)) for one in points if getattr(one, code) is not None]
        if known:
            shown = [[day.isoformat(), round(float(value), 4)] for day, value in known]
            series.append(
                {"name": name, "role": role, "points": shown, "end": formats.number(decimal(known[-1][1], 2), 2)}
            )
    if not series or max(len(row["points"]) for row in series) < 2:
        return None
    first, last = points[0].day.isoformat(), points[-1].day.isoformat()
    series.append({"name": "1", "role": "budget", "points": [[first, 1], [last, 1]], "end": ""})
    values = [value for row in series for _day, value in row["points"]]
    low, high = min(*values, 0.8), max(*values, 1.2)
    return {"unit": "", "min": math.floor(low * 10) / 10, "max": math.ceil(high * 10) / 10, "series": series}


def cost_chart(course: Course) -> dict[str, Any] | None:
    """The cost trend analysis: the forecast of each data date beside the budget of that date."""
    points, currency = course.points, course.now.currency
    if len(points) < 2:
        return None
    unit, by = _scale([one.eac for one in points], currency)

    def line(name: str, role: str, code: str) -> dict[str, Any]:
        shown = [
            [one.day.isoformat(), round(float(formats.major(getattr(one, code), currency)) / by, 4)] for one in points
        ]
        return {"name": name, "role": role, "points": shown, "end": formats.scaled(formats.major(getattr(points[-1], code), currency), unit)}  # fmt: skip

    return {"unit": formats.money_unit(currency, unit), "series": [line("EAC", "actual", "eac"), line("BAC", "plan", "bac")]}  # fmt: skip


def course_rows(course: Course) -> list[dict[str, Any]]:
    """The trend as a table, the newest date first."""
    steps = [None, *(course.cost.steps if course.cost is not None else [])]
    currency, rows = course.now.currency, []
    for one, step in zip(course.points, [*steps, *[None] * len(course.points)], strict=False):
        rows.append(
            {
                "day": one.day, "bac": formats.money(one.bac, currency, unit="k"), "eac": formats.money(one.eac, currency, unit="k"),
                "step": formats.percent(step, 1, sign=True) if step is not None else "", "estimated": one.estimated,
                "rebaselined": one.rebaselined,
                **{code: formats.number(decimal(value, 2), 2) if (value := getattr(one, code)) is not None else formats.NO_DATA for code in ("cpi", "spi", "spi_t")},
            }
        )  # fmt: skip
    return rows[::-1]


# ── Excel ────────────────────────────────────────────────────────────────────────────────────────


def _cell(value: Value, places: int = 0) -> Cell:
    return Cell(value="" if value is None else value, places=places)


def workbook_of(course: Course) -> bytes:
    """The figures, the rows behind them, and the course: numbers as numbers, what is undefined as its reason."""
    level = course.now
    lang = "de" if (get_language() or "de").startswith("de") else "en"
    book = Workbook(Numbers(lang), title=f"{level.subject} {formats.day(level.day)}", author="Stellwerk")  # type: ignore[arg-type]
    currency = level.currency
    book.sheet(
        _("Earned value"), [_("Figure"), _("Name"), _("Value"), _("Unit"), _("Formula"), _("Note")],
        [_figure_cells(level, row) for group in groups_of(level) for row in group["rows"]],
    )  # fmt: skip
    codes = AMOUNTS if level.level == "project" else (*AMOUNTS, "eac", "etc", "vac")
    names = _("Work packages") if level.level == "project" else _("Projects")
    book.sheet(names, [_("Code"), _("Name"), _("Currency"), *(words.short(code) for code in codes), "CPI", "SPI"], (
        [
            _cell(row["key"]), _cell(row["name"]), _cell(currency), *(_cell(formats.major(row["values"][code], currency), 2) for code in codes),
            *(_cell(decimal(row[code], 4) if row[code] is not None else None, 4) for code in ("cpi", "spi")),
        ]
        for row in rows_of(level)
    ))  # fmt: skip
    book.sheet(_("Course"), [_("Data date"), _("Currency"), "BAC", "PV", "EV", "AC", "EAC", "CPI", "SPI", "SPI(t)"], (
        [
            _cell(one.day), _cell(currency), *(_cell(formats.major(getattr(one, code), currency), 2) for code in ("bac", "pv", "ev", "ac", "eac")),
            *(_cell(decimal(value, 4) if (value := getattr(one, code)) is not None else None, 4) for code in ("cpi", "spi", "spi_t")),
        ]
        for one in course.points
    ))  # fmt: skip
    return book.finish()


def _figure_cells(level: LevelEv, row: dict[str, Any]) -> list[Cell]:
    code, figure = row["code"], level.figures[row["code"]]
    money = code in words.MONEY
    value: Value = None
    if figure.value is not None:
        value = formats.major(minor(figure.value), level.currency) if money else decimal(figure.value, 4)
    unit = level.currency if money else _("months") if code in words.MONTHS else ""
    formula = words.FORMULAS[code].text if code in words.FORMULAS else ""
    note = _("counts") if row["chosen"] else ""
    return [_cell(row["short"]), _cell(row["label"]), _cell(value, 2 if money else 4), _cell(unit), _cell(formula), _cell(" ".join(part for part in (row["note"], note) if part))]  # fmt: skip
