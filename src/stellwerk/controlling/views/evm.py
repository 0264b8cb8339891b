"""Earned value of a project, a programme, a portfolio; the page behind each figure; a work package with budget lines and bookings."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stellwerk.controlling import evm_page as page
from stellwerk.controlling import evm_words as words
from stellwerk.controlling import months as m
from stellwerk.controlling.choices import Reserve
from stellwerk.controlling.models import Booking
from stellwerk.controlling.selectors.curves import curves_of
from stellwerk.controlling.selectors.earned_value import ProjectEv, counting_bookings, planned_until
from stellwerk.controlling.selectors.evm_levels import AMOUNTS, Figure, LevelEv, Subject, level_ev
from stellwerk.controlling.selectors.trend import Course, course_of
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.parsing import read_day
from stellwerk.core.permissions import can, require
from stellwerk.core.registry import url_of
from stellwerk.engine.earned_value import Reason, Variant
from stellwerk.engine.money import decimal
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Portfolio, Programme, Project

ROLLED = ("bac", "pv", "ev", "ac", "eac", "vac")
"""The columns of the projects of a roll-up: CV and SV stand behind their figures, project by project."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOOKINGS_SHOWN: Final = 1000


def _day(request: HttpRequest) -> tuple[dt.date, str]:
    """The data date of the address, and what is wrong with it; today where none is given."""
    text, today = request.GET.get("on", "").strip(), timezone.localdate()
    if not text:
        return today, ""
    try:
        day = read_day(text)
    except ValueError as error:
        return today, _("Data date “%(text)s”: %(error)s") % {"text": text[:40], "error": error}
    if day > today:
        return today, _("The data date lies in the future: today's figures are shown.")
    if day.year < 1990:
        return today, _("Data date “%(text)s” lies too long ago: today's figures are shown.") % {"text": text[:40]}
    return day, ""


def _project(request: HttpRequest, key: str) -> Project:
    rows = Project.objects.select_related("portfolio__unit__organisation", "programme", "unit__organisation")
    return fetch(actor(request), rows, "money", key=key)


def _programme(request: HttpRequest, key: str) -> Programme:
    return fetch(actor(request), Programme.objects.select_related("portfolio"), key=key)


def _portfolio(request: HttpRequest, key: str) -> Portfolio:
    return fetch(actor(request), Portfolio.objects.all(), key=key)


# ── the page of a level ──────────────────────────────────────────────────────────────────────────


@access("money", "portfolio.project")
def project(request: HttpRequest, key: str) -> HttpResponse:
    return _level(request, _project(request, key))


@access("money", "portfolio.project")
def programme(request: HttpRequest, key: str) -> HttpResponse:
    return _level(request, _programme(request, key))


@access("money", "portfolio.project")
def portfolio(request: HttpRequest, key: str) -> HttpResponse:
    return _level(request, _portfolio(request, key))


def _level(request: HttpRequest, subject: Subject) -> HttpResponse:
    day, problem = _day(request)
    try:
        course = course_of(subject, day, actor(request))
    except MissingRate as missing:
        empty = LevelEv(subject, day, "EUR")
        return render(request, "controlling/ev_level.html", _context(request, Course(empty, ()), problem or str(missing.message)))  # fmt: skip
    if request.GET.get("export") == "xlsx":
        require(actor(request), "export", "portfolio.project")
        response = HttpResponse(page.workbook_of(course), content_type=XLSX)
        name = f"{slugify(subject.key) or 'ev'}-ev-{day.isoformat()}.xlsx"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    return render(request, "controlling/ev_level.html", _context(request, course, problem))


def _context(request: HttpRequest, course: Course, problem: str) -> dict[str, Any]:
    level, user = course.now, actor(request)
    rows = page.rows_of(level)
    curves = curves_of(course)
    today = timezone.localdate()
    ends = [m.last_day(m.step(m.month_of(today), -back)) for back in range(1, 7)]
    codes = AMOUNTS if level.level == "project" else ROLLED
    return {
        "level": level, "subject": level.subject, "url": url_of(level.subject), "day": level.day, "problem": problem, "course": course,
        "groups": page.groups_of(level), "tiles": _tiles(level), "forecast_note": page.forecast_note(level),
        "rows": page.shown_rows(rows, codes, level.currency, bare=True), "heads": [(words.short(code), words.label(code)) for code in codes],
        "totals": page.totals_of(rows, codes, level.currency, bare=True), "currency": level.currency,
        "curve": page.s_curve(curves, level) if curves is not None and level.roll is not None else None,
        "curve_rows": page.s_curve_table(curves, level.currency) if curves is not None else [],
        "index": page.index_chart(course.points), "cost": page.cost_chart(course), "course_rows": page.course_rows(course),
        "cost_total": formats.percent(course.cost.total, 1, sign=True) if course.cost is not None else "",
        "estimated": level.estimated or any(one.estimated for one in course.points), "today": today,
        "dates": [(formats.day(end, short=True), f"?on={end.isoformat()}", end == level.day) for end in ends],
        "unplanned": _unplanned(level), "too_much_effort": _too_much_effort(level), "answer": _answer(level),
        "may_rule": isinstance(level.subject, Project) and can(user, "money_rules", level.subject),
        "may_export": can(user, "export", "portfolio.project"), "indices": [words.short(code) for code in ("cpi", "spi", "spi_t")],
        "cost_heads": ["BAC", "EAC", "ΔEAC / BAC"],
    }  # fmt: skip


def _answer(level: LevelEv) -> str:
    if level.roll is None:
        return _("No budget is approved yet")
    figures, currency = level.figures, level.currency
    words_ = {
        "eac": words.brief(figures["eac"], currency), "bac": words.brief(figures["bac"], currency),
        "share": words.text(figures["overrun"], currency),
    }  # fmt: skip
    return _("%(eac)s expected of %(bac)s (%(share)s)") % words_


def _tiles(level: LevelEv) -> list[dict[str, Any]]:
    """The headline: amounts in short, each with what it means."""
    if level.roll is None:
        return []
    figures, currency = level.figures, level.currency
    notes = {
        "bac": _("%(percent)s earned") % {"percent": words.text(figures["percent_complete"], currency)},
        "ev": _("planned %(pv)s") % {"pv": words.brief(figures["pv"], currency)},
        "ac": f"CV {words.brief(figures['cv'], currency)}",
        "cpi": words.why(figures["cpi"].reason),
        "spi_t": words.why(figures["spi_t"].reason),
        "eac": _variant(level),
    }
    return [
        {
            "label": words.short(code), "title": words.label(code), "value": words.brief(figures[code], currency), "note": notes[code],
            "url": page.figure_url(level.subject, code, level.day),
        }
        for code in ("bac", "ev", "ac", "cpi", "spi_t", "eac")
    ]  # fmt: skip


def _variant(level: LevelEv) -> str:
    code = page.chosen_code(level)
    return words.short(code) if code != "eac" else _("sum of the projects")


def _unplanned(level: LevelEv) -> str:
    total = sum(part.view.unplanned for part in level.parts)
    return formats.money(total, level.currency) if total and level.level == "project" else ""


def _too_much_effort(level: LevelEv) -> str:
    if level.level != "project" or not level.parts:
        return ""
    found = level.parts[0].view.earned
    if found is None or not found.too_much_effort or found.effort_share is None:
        return ""
    return formats.percent(decimal(found.effort_share, 4), 0)


# ── behind a figure ──────────────────────────────────────────────────────────────────────────────


@access("money", "portfolio.project")
def project_figure(request: HttpRequest, code: str, key: str) -> HttpResponse:
    return _figure(request, code, _project(request, key))


@access("money", "portfolio.project")
def programme_figure(request: HttpRequest, code: str, key: str) -> HttpResponse:
    return _figure(request, code, _programme(request, key))


@access("money", "portfolio.project")
def portfolio_figure(request: HttpRequest, code: str, key: str) -> HttpResponse:
    return _figure(request, code, _portfolio(request, key))


def _figure(request: HttpRequest, code: str, subject: Subject) -> HttpResponse:
    """One figure: its formula with numbers, each of which opens too, and the rows that add up to it."""
    day, problem = _day(request)
    level = level_ev(subject, day, actor(request))
    if words.label(code) == code:
        raise Http404(_("There is no such figure."))
    figure = level.figures.get(code) or Figure(code, None, Reason.NO_BUDGET)
    formula = words.FORMULAS.get(code)
    sums = level.level != "project" and code in page.PARTS_ONLY
    columns = page.columns_of(level, code)
    rows = page.rows_of(level)
    if columns == (code,):
        rows = [row for row in rows if row["values"][code]]
    context = {
        "level": level, "subject": subject, "url": page.page_url(subject, day), "day": day, "problem": problem, "figure": figure, "code": code,
        "short": words.short(code), "label": words.label(code), "text": words.text(figure, level.currency, places=4),
        "reason": words.why(figure.reason), "formula": formula if formula is not None and not sums else None,
        "parts": [page.figure_row(level, part) for part in formula.parts] if formula is not None and not sums else [],
        "rows": _opened(page.shown_rows(rows, columns, level.currency), level, code), "heads": [words.short(one) for one in columns],
        "totals": page.totals_of(rows, columns, level.currency), "chosen": _which(level) if code in ("eac", "etc", "vac") else "",
        "months": _forecast_months(level) if code == "bottom_up_etc" else None,
    }  # fmt: skip
    return render(request, "controlling/ev_figure.html", context)


def _which(level: LevelEv) -> str:
    if level.level != "project" or level.roll is None:
        return ""
    variant: Variant = level.parts[0].measures.forecast.variant
    code = words.variant_code(variant)
    return f"{words.short(code)}: {words.label(code)}"


def _opened(rows: list[dict[str, Any]], level: LevelEv, code: str) -> list[dict[str, Any]]:
    """From a programme a figure opens to the same figure of each project."""
    if level.level != "project":
        for row in rows:
            row["url"] = page.figure_url(row["project"], code, level.day)
    return rows


def _forecast_months(level: LevelEv) -> dict[str, Any] | None:
    """The open months of the confirmed forecast that add up to the remaining cost."""
    view = level.parts[0].view if level.level == "project" and level.parts else None
    if view is None or view.forecast is None:
        return None
    amounts = view.open_months
    return {
        "forecast": view.forecast.budget, "total": formats.money(sum(amounts.values()), level.currency),
        "rows": [(month, formats.money(amount, level.currency)) for month, amount in sorted(amounts.items())],
    }  # fmt: skip


# ── a work package ───────────────────────────────────────────────────────────────────────────────


@access("money", "portfolio.project")
def package(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Budget lines and bookings of one work package (0: of what belongs to none); they add up to its figures."""
    project_ = _project(request, key)
    day, problem = _day(request)
    activity = None
    if pk:
        activity = Activity.objects.filter(plan__project=project_, pk=pk).first()
        if activity is None:
            raise Http404(_("This project has no such work package."))
    level = level_ev(project_, day, None)
    view = level.parts[0].view if level.parts else None
    row = next((one for one in view.packages if (one.activity.pk if one.activity else 0) == pk), None) if view else None
    bookings = (
        counting_bookings([project_.pk], day).filter(activity=activity).select_related("cost_type", "cost_centre")
    )
    total = bookings.aggregate(total=Sum("project_amount"))["total"] or 0
    shown = list(bookings.order_by("posted", "pk")[:BOOKINGS_SHOWN])
    lines = _lines(view, pk, day)
    context = {
        "project": project_, "activity": activity, "url": page.page_url(project_, day), "day": day, "problem": problem, "row": row,
        "name": activity.name if activity is not None else _("Without a work package"), "currency": project_.currency,
        "amounts": _amounts(row, project_.currency), "method": words.method_text(row.progress.method) if row else "",
        "percent": formats.percent(decimal(row.percent, 4), 1) if row is not None and row.percent is not None else formats.NO_DATA,
        "lines": lines, "line_totals": _line_totals(lines, project_.currency),
        "bookings": [_booking(one, project_.currency) for one in shown], "booked": formats.money(total, project_.currency),
        "more": bookings.count() - len(shown) if len(shown) == BOOKINGS_SHOWN else 0, "budget": view.budget if view else None,
        "see_bookings": can(actor(request), "view", "controlling.booking"),
    }  # fmt: skip
    return render(request, "controlling/ev_package.html", context)


def _amounts(row: Any, currency: str) -> list[dict[str, str]]:
    if row is None:
        return []
    values = {"bac": row.budget, "pv": row.pv, "ev": row.ev, "ac": row.ac, "cv": row.cv, "sv": row.sv}
    return [
        {"code": code, "label": words.short(code), "title": words.label(code), "text": formats.money(values[code], currency, sign=code in words.SIGNED)}
        for code in AMOUNTS
    ]  # fmt: skip


def _lines(view: ProjectEv | None, pk: int, day: dt.date) -> list[dict[str, Any]]:
    if view is None or view.sheet is None:
        return []
    found = []
    for one in view.sheet.lines:
        if (one.line.activity_id or 0) == pk and one.line.reserve == Reserve.NONE:
            until = planned_until(one, day)
            months = sorted(one.months)
            found.append(
                {
                    "line": one.line, "amount": one.total, "planned": until, "first": months[0] if months else None,
                    "last": months[-1] if months else None, "text": formats.money(one.total, view.project.currency),
                    "planned_text": formats.money(until, view.project.currency),
                }
            )  # fmt: skip
    return found


def _line_totals(lines: list[dict[str, Any]], currency: str) -> tuple[str, str]:
    return (
        formats.money(sum(line["amount"] for line in lines), currency),
        formats.money(sum(line["planned"] for line in lines), currency),
    )


def _booking(one: Booking, currency: str) -> dict[str, Any]:
    own = formats.money(one.amount, one.currency) if one.currency != currency else ""
    return {"booking": one, "amount": formats.money(one.project_amount or 0, currency), "own": own}
