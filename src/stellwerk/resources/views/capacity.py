"""The capacity heat map: the page, its numbers, a cell with who is booked on what, hours that move, gaps that become vacancies."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.pages import offer_undo
from stellwerk.core.permissions import visible
from stellwerk.people.models import Person, Role, Skill, Unit
from stellwerk.portfolio.views.common import page, version_of
from stellwerk.resources.capacity_cell import cell_of, spans_of
from stellwerk.resources.capacity_words import PEOPLE_TOLD, answer_of, column_text, columns, conflicts_of, sub_of
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.heatmap import LOADS, MOST, ROWS, Choice, Heat, heat_of, packed
from stellwerk.resources.selectors.load import Periods, bookings_of, read_days
from stellwerk.resources.services.moving import Effect, Move, Side, effect_of, move_hours
from stellwerk.resources.services.requests import raise_vacancy
from stellwerk.resources.weeks import hours_text
from stellwerk.resources.worktime import parse_minutes

USUAL = {"day": 31, "week": 16, "month": 12}
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2090, 1, 1)
CARDS = 4
TABLE_ROWS, TABLE_COLUMNS = 120, 31


# ── what is looked at ────────────────────────────────────────────────────────────────────────────


def choice_of(given: QueryDict, problems: list[str]) -> Choice:
    """The choice of the address; what cannot be read is named in ``problems`` and left out."""

    def one_of(name: str, allowed: Any, default: str) -> str:
        value = given.get(name) or default
        if value not in allowed:
            problems.append(_("“%(value)s” is not possible here.") % {"value": value[:40]})
            return default
        return value

    by = one_of("by", MOST, "week")
    first = _day(given.get("from", ""), problems) or timezone.localdate()
    count = _count(given.get("count", ""), USUAL[by], MOST[by], problems)
    filters = {name: _number(given.get(name, ""), problems) for name in ("unit", "role", "skill")}
    return Choice(
        first, one_of("rows", ROWS, "person"), by, count, one_of("load", LOADS, "reserved"), **filters
    )  # fmt: skip


def _day(text: str, problems: list[str]) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        problems.append(_("“%(value)s” is no date that can be shown.") % {"value": text[:40]})
        return None
    return day


def _count(text: str, usual: int, most: int, problems: list[str]) -> int:
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most):
        problems.append(_("Between 1 and %(most)s periods can be shown.") % {"most": most})
        return usual
    return int(text)


def _number(text: str, problems: list[str]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        problems.append(_("“%(value)s” is not possible here.") % {"value": text[:40]})
        return None
    return int(text)


def address(choice: Choice, **changes: Any) -> str:
    """The query of a choice with changes; what is usual is left out."""
    values: dict[str, Any] = {
        "rows": choice.rows, "by": choice.by, "from": choice.first.isoformat(), "count": choice.count, "load": choice.load,
        "unit": choice.unit, "role": choice.role, "skill": choice.skill,
    } | changes  # fmt: skip
    return urlencode({name: value for name, value in values.items() if value is not None})


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("view", "resources.allocation")
def capacity(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    problems: list[str] = []
    choice = choice_of(request.GET, problems)
    heat = heat_of(user, choice)
    conflicts = conflicts_of(heat, _bookings(user, heat))
    untold = max(0, len(heat.overloaded) - PEOPLE_TOLD)
    values = request.GET.get("values", "percent")
    context = {
        "choice": choice, "heat": heat, "answer": answer_of(heat), "sub": sub_of(heat), "problems": problems,
        "cards": conflicts[:CARDS], "conflicts": conflicts, "more": len(conflicts) + untold - CARDS, "untold": untold,
        "data": _script(_data(heat)), "texts": _texts(), "query": address(choice), "values": values if values in {"percent", "hours"} else "percent",
        "segments": _segments(choice), "earlier": _shifted(choice, -1), "later": _shifted(choice, 1),
        "units": Unit.objects.filter(visible(user, Unit), archived_at=None).order_by("name"),
        "roles": Role.objects.filter(archived_at=None).order_by("name"), "skills": Skill.objects.filter(archived_at=None).order_by("name"),
        "table": table_of(heat), "most": MOST[choice.by], "shown_rows": TABLE_ROWS, "shown_columns": TABLE_COLUMNS,
    }  # fmt: skip
    return page(request, "resources/capacity.html", context, invalid=bool(problems))


@require_safe
@access("view", "resources.allocation")
def capacity_data(request: HttpRequest) -> HttpResponse:
    """The numbers of the map, compact, for the canvas after a change."""
    problems: list[str] = []
    choice = choice_of(request.GET, problems)
    if problems:
        return HttpResponse(json.dumps({"detail": " ".join(problems)}), status=422, content_type="application/json")
    return HttpResponse(
        json.dumps(_data(heat_of(actor(request), choice)), separators=(",", ":")), content_type="application/json"
    )


def _bookings(user: User, heat: Heat) -> list[Any]:
    """Bookings of the overloaded people, for the words."""
    numbers = [int(row.code[1:]) for row in heat.overloaded[:PEOPLE_TOLD]]
    return bookings_of(user, read_days(numbers, heat.periods), heat.periods) if numbers else []


def _data(heat: Heat) -> dict[str, Any]:
    return packed(heat) | {"columns": columns(heat.periods), "today": _today(heat.periods)}


def _script(data: dict[str, Any]) -> SafeString:
    """The numbers for the page: what ``json_script`` writes, without its spaces (a quarter of half a million numbers)."""
    text = (
        json.dumps(data, separators=(",", ":")).replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    )
    return mark_safe(f'<script id="capacity-data" type="application/json">{text}</script>')  # noqa: S308 - escaped above


def _today(periods: Periods) -> int:
    """The column of today, or -1."""
    today = timezone.localdate()
    return next((at for at, day in enumerate(periods.starts) if day <= today <= periods.end(at)), -1)


def _shifted(choice: Choice, way: int) -> str:
    periods = choice.periods
    if way > 0:
        first = periods.last + dt.timedelta(days=1)
    else:
        first = periods.first - (periods.last - periods.first) - dt.timedelta(days=1)
    first = min(max(first, EARLIEST), LATEST)
    return address(choice, **{"from": first.isoformat()})


def _segments(choice: Choice) -> dict[str, list[dict[str, Any]]]:
    """Switches as links: the address holds the whole view."""

    def links(name: str, current: str, items: list[tuple[str, str]], **more: Any) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": f"?{address(choice, **({name: code} | more))}", "current": code == current}
            for code, label in items
        ]

    rows = [("person", _("Person")), ("role", _("Role")), ("unit", _("Unit")), ("skill", _("Skill"))]
    by = [("day", _("Day")), ("week", _("Week")), ("month", _("Month"))]
    load = [("firm", _("firm only")), ("reserved", _("with reservations")), ("all", _("with requests"))]
    return {
        "rows": links("rows", choice.rows, rows), "by": links("by", choice.by, by, count=None),
        "load": links("load", choice.load, load),
    }  # fmt: skip


def table_of(heat: Heat) -> dict[str, Any]:
    """The same as a table: load and net hours in words for whoever does not see the picture, and for paper.

    Thousands of cells: their HTML is written here, each text once.
    """
    shown = range(min(len(heat.periods), TABLE_COLUMNS))
    path = reverse("resources:capacity-cell")
    ends = [
        escape(urlencode({"from": heat.periods.starts[at].isoformat(), "to": heat.periods.end(at).isoformat(), "load": heat.choice.load}))
        for at in shown
    ]  # fmt: skip
    text = cache(hours_text)
    mark = format_html(' <span class="sr">{}</span>◥', _("overloaded"))
    rows = []
    for row in heat.rows[:TABLE_ROWS]:
        cells = []
        for load, net, end in zip(heat.load(row).tolist(), row.net.tolist(), ends, strict=False):
            kind, note = (' class="press b"', mark) if load > net else ("", "")
            cells.append(
                f'<td class="num nw"><a href="{path}?row={row.code}&amp;{end}"{kind}>{text(load)} / {text(net)}{note}</a></td>'
            )
        rows.append({"row": row, "cells": mark_safe("".join(cells))})  # noqa: S308 - numbers, dates and a code
    return {"columns": [column_text(heat.periods, at) for at in shown], "rows": rows, "cut": len(heat.rows) > TABLE_ROWS or len(heat.periods) > TABLE_COLUMNS}  # fmt: skip


def _texts() -> dict[str, str]:
    return {
        "person": _("Person"), "role": _("Role"), "unit": _("Unit"), "skill": _("Skill"), "people": _("people"),
        "gap": _("Gap h"), "short_h": _("Shortage, h"), "short_fte": _("Shortage, FTE"), "short_heads": _("People to hire"),
        "cell": _("%(row)s, %(column)s: %(load)s of %(net)s net, %(percent)s"), "none": _("not there"),
        "over": _("%(hours)s too much"), "soft": _("%(hours)s of them reserved"), "gap_cell": _("%(row)s, %(column)s: gap %(gap)s"),
        "drop": _("%(hours)s from %(from)s to %(to)s"), "effect": _("%(name)s: %(before)s → %(after)s"),
        "asks": _("becomes a request"), "nothing": _("There is nothing to move in this cell."), "loading": _("Reading …"),
        "moved": _("Moved."), "asked": _("Asked for."), "not_here": _("Hours go to a person and a period."), "why": _("Reason for overbooking"),
    }  # fmt: skip


# ── a cell ───────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("view", "resources.allocation")
def capacity_cell(request: HttpRequest) -> HttpResponse:
    """Who is booked on what in one cell; with ``Accept: application/json`` what of it can be dragged."""
    user = actor(request)
    code, span = _cell(request.GET)
    load = request.GET.get("load", "reserved")
    cell = cell_of(user, code, span, load if load in LOADS else "reserved")
    if cell is None:
        raise Http404
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(json.dumps(cell.draggable()), content_type="application/json")
    return _show(request, {"cell": cell, "spans": spans_of(span)})


def _cell(given: QueryDict) -> tuple[str, tuple[dt.date, dt.date]]:
    """The row and the period of a cell. Error: 404 where the address makes no sense."""
    code = given.get("row", "")
    first, last = _day(given.get("from", ""), []), _day(given.get("to", ""), [])
    number = code[1:]
    if first is None or last is None or last < first or (last - first).days > 400:
        raise Http404
    if code[:1] not in {"p", "r", "u", "s"} or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    return code, (first, last)


def _show(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "resources/_capacity_cell.html" if request.headers.get("HX-Request") else "resources/capacity_cell.html"
    return render(request, template, context, status=status)


@require_POST
@access("view", "resources.allocation")
def capacity_move(request: HttpRequest) -> HttpResponse:
    """Show what a move does (``preview``), or do it."""
    user = actor(request)
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        move, version = _move(request.POST, user)
        if request.POST.get("preview"):
            return _preview(request, user, move, effect_of(move, user), wants_json)
        reason = request.POST.get("overbooking_reason", "").strip()[:500]
        done = move_hours(move=move, by=user, reason=reason, version=version)
    except Refused as refusal:
        return _refused(request, user, refusal, wants_json)
    applied = done.effect.direct
    text = _("%(hours)s moved to %(person)s.") if applied else _("%(hours)s asked for from %(person)s.")
    text %= {"hours": hours_text(move.minutes), "person": move.person}
    undo = reverse("core:changeset-undo", args=[done.change_set.uid]) if applied else ""
    toast = {"text": text, "detail": done.effect.why or effect_text(done.effect), "undo": undo}
    if wants_json:
        return HttpResponse(json.dumps(told(done.effect) | {"toast": toast}), content_type="application/json")
    span = move.source
    if request.headers.get("HX-Request"):
        cell = cell_of(user, f"p{move.allocation.person_id}", span, "reserved")
        response = _show(request, {"cell": cell, "spans": spans_of(span)})
        response["HX-Trigger"] = json.dumps({"toast": toast, "capacity": True})
        return response
    messages.success(request, text)
    if applied:
        offer_undo(request, done.change_set)
    return redirect(f"{reverse('resources:capacity-cell')}?{urlencode(_cell_query(move))}")


def _cell_query(move: Move) -> dict[str, str]:
    return {"row": f"p{move.allocation.person_id}", "from": move.source[0].isoformat(), "to": move.source[1].isoformat()}  # fmt: skip


def _move(given: QueryDict, user: User) -> tuple[Move, int | None]:
    """The move of a form. Errors: ``Invalid``, 404."""
    booking = fetch(user, Allocation.objects.select_related("demand__project", "person"), key=given.get("booking", ""))
    text = given.get("person", "").removeprefix("p")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid({"person": [_("Please choose a person.")]}, _("Please choose a person."))
    person = Person.objects.filter(pk=int(text), archived_at=None).first()
    if person is None:
        raise Invalid({"person": [_("Please choose a person.")]}, _("Please choose a person."))
    source = (_day(given.get("from", ""), []), _day(given.get("to", ""), []))
    begin, _sep, end = given.get("target", "").partition("/")
    target = (_day(begin, []), _day(end, [])) if begin else source
    if None in (*source, *target):
        raise Invalid({"to": [_("Please choose a period.")]}, _("Please choose a period."))
    spans = [(first, last) for first, last in (source, target) if first and last and first <= last]
    if len(spans) < 2 or any((last - first).days > 400 for first, last in spans):
        raise Invalid({"to": [_("Please choose a period.")]}, _("Please choose a period."))
    minutes = parse_minutes(given.get("hours", ""))
    if minutes is None or minutes > 600_000:
        raise Invalid({"hours": [_("Hours like 7.5 or 7:30.")]}, _("Hours like 7.5 or 7:30."))
    number = given.get("version", "")
    version = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    return Move(booking, person, spans[0], spans[1], minutes), version


def _preview(request: HttpRequest, user: User, move: Move, effect: Effect, wants_json: bool) -> HttpResponse:
    if wants_json:
        return HttpResponse(json.dumps(told(effect)), content_type="application/json")
    cell = cell_of(user, f"p{move.allocation.person_id}", move.source, "reserved")
    context = {
        "cell": cell,
        "spans": spans_of(move.source),
        "effect": effect,
        "sides": sides_of(effect),
        "given": request.POST,
    }
    return _show(request, context)


def _refused(request: HttpRequest, user: User, refusal: Refused, wants_json: bool) -> HttpResponse:
    text = str(refusal)
    fields: list[str] = []
    if isinstance(refusal, Invalid):
        text = " ".join(one for texts in refusal.errors.values() for one in texts)
        fields = list(refusal.errors)
    if wants_json:
        body = {"detail": text, "fields": fields}
        return HttpResponse(json.dumps(body), status=refusal.status, content_type="application/json")
    given = request.POST.copy()
    row = Allocation.objects.filter(visible(user, Allocation), key=given.get("booking", "")).first()
    first, last = _day(given.get("from", ""), []), _day(given.get("to", ""), [])
    cell = cell_of(user, f"p{row.person_id}", (first, last), "reserved") if row and first and last else None
    if cell is None:
        raise refusal
    spans = spans_of((first, last)) if first and last else []
    context = {"cell": cell, "spans": spans, "problem": text, "fields": fields, "given": given}
    # htmx swaps only what succeeds: the words stand in the fragment.
    return _show(request, context, 200 if request.headers.get("HX-Request") else refusal.status)


def told(effect: Effect) -> dict[str, Any]:
    return {"direct": effect.direct, "why": effect.why, "sides": sides_of(effect)}


def sides_of(effect: Effect) -> list[dict[str, Any]]:
    return [_side(effect.source), _side(effect.target)]


def _side(side: Side) -> dict[str, Any]:
    def share(ratio: float | None, minutes: int) -> str:
        return formats.percent(ratio, 0) if ratio is not None else hours_text(minutes)

    return {
        "name": str(side.person), "before": share(side.ratio_before, side.before), "after": share(side.ratio_after, side.after),
        "over": hours_text(side.over) if side.over else "", "span": f"{formats.day(side.span[0])} – {formats.day(side.span[1])}",
    }  # fmt: skip


def effect_text(effect: Effect) -> str:
    return ", ".join(f"{side['name']} {side['before']} → {side['after']}" for side in sides_of(effect))


@require_POST
@access("edit", "resources.demand")
def capacity_vacancy(request: HttpRequest, key: str) -> HttpResponse:
    """One click: nobody inside can do it, staffing looks outside."""
    user = actor(request)
    demand = fetch(user, Demand, "edit", key=key)
    try:
        raise_vacancy(demand=demand, by=user, version=version_of(request))
        messages.success(request, _("A vacancy is raised for “%(demand)s”.") % {"demand": demand})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("resources:demand-detail", key=demand.key)
