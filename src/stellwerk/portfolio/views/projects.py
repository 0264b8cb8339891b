"""Projects: list, form, cockpit, size, and the page behind each figure."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, StaleEdit
from stellwerk.core.lists.parsing import read_day
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can
from stellwerk.core.registry import FIGURES, actions_for, panels_for, url_of
from stellwerk.core.render import word_of
from stellwerk.engine.trends import MilestoneTrend
from stellwerk.portfolio.checks import Facts, findings
from stellwerk.portfolio.choices import DIMENSION_LABELS, PHASES, Source
from stellwerk.portfolio.forms import GATE_ROWS, MEMBER_ROWS, ProjectForm, SizeForm
from stellwerk.portfolio.models import Gate, Project
from stellwerk.portfolio.roadmap import REACHED, working_days
from stellwerk.portfolio.selectors.cockpit import PHASE_ORDER, Cockpit, LightRow, read_cockpit
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at, history
from stellwerk.portfolio.services.projects import create_project, edit_project, rate_size
from stellwerk.portfolio.views.common import page, refused, saved, version_of
from stellwerk.portfolio.why import expires, override_of, rule_rows

RELATED = (
    "portfolio",
    "portfolio__unit",
    "programme",
    "programme__sponsor",
    "programme__manager",
    "manager",
    "sponsor",
    "unit",
    "owner",
    "proposal",
)
MONEY_CODES = ("budget", "bac", "ac", "commitment", "eac", "year.budget", "year.forecast", "benefit")
INDEX_CODES = ("cpi", "spi_t", "progress", "value", "risk")


@access("view", "portfolio.project")
def project_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "portfolio.project", count_hidden=False)


@access("create", "portfolio.project")
def project_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)

    def save(values: dict[str, Any]) -> Project:
        return create_project(values=values, aliases=request.POST.get("aliases", "").splitlines(), by=user)

    return create_page(request, ProjectForm, save=save, rows=[GATE_ROWS, MEMBER_ROWS])


@access("edit", "portfolio.project")
def project_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Project, "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Project:
        aliases = request.POST.get("aliases", "").splitlines() if "aliases" in request.POST else None
        return edit_project(project=obj, values=values, aliases=aliases, by=user, version=version, reason=reason)

    return edit_page(request, ProjectForm, obj, save=save, rows=[GATE_ROWS, MEMBER_ROWS])


@access("edit", "portfolio.project")
def project_size(request: HttpRequest, key: str) -> HttpResponse:
    """Rate budget, duration, team, units and criticality: the size decides which artefacts the gates ask for."""
    user = actor(request)
    obj = fetch(user, Project, "edit", key=key)
    months = None
    if obj.start and obj.finish:
        months = max(0, (obj.finish.year - obj.start.year) * 12 + obj.finish.month - obj.start.month)
    initial = {"budget": obj.budget, "months": months, "fte": None, "units": 1}
    form = SizeForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["budget"].currency = obj.currency  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            project = rate_size(project=obj, **form.cleaned_data, by=user, version=version_of(request))
            return saved(request, url_of(obj), _("Size %(size)s") % {"size": project.size})
        except (Invalid, StaleEdit) as error:
            refused(form, error)
    return page(
        request, "portfolio/project_size.html", {"object": obj, "project": obj, "form": form}, invalid=form.is_bound
    )


# ── the cockpit ──────────────────────────────────────────────────────────────────────────────────


@access("view", "portfolio.project")
def project_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    project = fetch(user, Project.objects.select_related(*RELATED), key=key)
    today = timezone.localdate()
    on = _day(request) or project.portfolio.data_date or today
    cockpit = read_cockpit(project, on)
    left, middle = _columns(panels_for(request, project))
    context = {
        "object": project, "project": project, "cockpit": cockpit, "on": on,
        "phases": _phases(cockpit), "gates": _gates(cockpit), "lights": [_light(cockpit, row) for row in cockpit.lights],
        "status": cockpit.status, "narrative": _narrative(cockpit), "money": _money(cockpit), "indices": _indices(cockpit),
        "trend": _trend(cockpit), "days": _days(cockpit), "history": _history(cockpit), "people": _people(cockpit),
        "findings": findings(
            Facts(project, tuple(cockpit.gates), today, cockpit.dates[0] if cockpit.dates else None, project.portfolio.cycle_days, "budget" in cockpit.figures or "bac" in cockpit.figures)
        ),
        "panels_left": left, "panels_middle": middle, "actions": actions_for(request, project),
        "may_edit": can(user, "edit", project) and not project.archived,
        "programme_visible": project.programme is not None and can(user, "view", project.programme),
        "portfolio_visible": can(user, "view", project.portfolio),
        "sized": project.size,
        "other_dates": [{"label": formats.day(day), "url": f"?on={day.isoformat()}", "current": day == on} for day in cockpit.dates[:24]],
    }  # fmt: skip
    return page(request, "portfolio/project_detail.html", context)


def _columns(panels: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Panels of higher rooms in both columns, so that neither ends far above the other; wide ones in the wide column."""
    left: list[dict[str, Any]] = []
    middle: list[dict[str, Any]] = []
    for row in panels:
        (left if row["panel"].width > 1 or len(left) < len(middle) else middle).append(row)
    return left, middle


def _day(request: HttpRequest) -> dt.date | None:
    try:
        return read_day(request.GET["on"]) if request.GET.get("on", "").strip() else None
    except ValueError:
        return None


_GATE_OF = {"initiating": "G1", "planning": "G2", "executing": "G3", "transition": "G4", "closing": "G5"}


def _phases(cockpit: Cockpit) -> list[dict[str, Any]]:
    """The stepper: each phase ends at its gate."""
    project = cockpit.project
    gates = {gate.code.upper().replace(" ", ""): gate for gate in cockpit.gates}
    phase = project.phase_before_hold if project.phase == "on_hold" else project.phase
    position = len(PHASE_ORDER) if phase == "closed" else PHASE_ORDER.index(phase) if phase in PHASE_ORDER else 0
    labels = dict(PHASES)
    steps = [{"name": _("Idea"), "state": "done", **_gate(gates["G0"])}] if "G0" in gates else []
    for number, code in enumerate(PHASE_ORDER):
        gate = gates.get(_GATE_OF[code])
        state = "done" if number < position else "now" if number == position else "next"
        step = {"name": labels[code], "state": state, **(_gate(gate) if gate is not None else {})}
        if state == "now":
            step["percent"] = _elapsed(cockpit, gate, gates.get(_GATE_OF[PHASE_ORDER[number - 1]]) if number else None)
        steps.append(step)
    return steps


def _gate(gate: Gate) -> dict[str, Any]:
    late = working_days(gate.baseline, gate.date) if gate.baseline and gate.date else 0
    delta = _("%(days)s wd") % {"days": formats.number(late, sign=True)} if late and gate.state not in REACHED else ""
    return {"gate": gate.code, "date": formats.day(gate.date, short=True), "delta": delta}


def _elapsed(cockpit: Cockpit, gate: Gate | None, before: Gate | None) -> float:
    start = before.date if before is not None and before.date else cockpit.project.start
    end = gate.date if gate is not None and gate.date else cockpit.project.finish
    if start is None or end is None or end <= start:
        return 0
    share: float = (cockpit.on - start).days / (end - start).days * 100
    return min(100.0, max(4.0, share))


def _gates(cockpit: Cockpit) -> list[dict[str, Any]]:
    rows = []
    for gate in cockpit.gates:
        late = working_days(gate.baseline, gate.date) if gate.baseline and gate.date else None
        rows.append(
            {"gate": gate, "late": late, "bold": late is not None and late > 5, "passed": gate.state in REACHED}
        )
    return rows


def _light(cockpit: Cockpit, row: LightRow) -> dict[str, Any]:
    note = ""
    if row.value is None or not row.shown:
        note = _("not assessed")
    elif row.shown == "grey" and row.value.light and row.value.light != "grey":
        note = _("of %(day)s: too old") % {"day": formats.day(row.value.date)}
    else:
        note = _why(cockpit, row)
    source = source_text(row.value) if row.value is not None else note
    return {
        "label": DIMENSION_LABELS[row.name], "state": row.shown or "grey", "trend": row.arrow, "note": note, "source": source, "assessed": bool(row.shown),
        "calculated": row.calculated, "first": row.name == "overall", "half": row.value.reported if row.value and row.value.half_step else "",
        "url": f"{reverse('portfolio:figure', args=[cockpit.project.key, f'light.{row.name}'])}?on={cockpit.on.isoformat()}" if row.value else "",
    }  # fmt: skip


def _why(cockpit: Cockpit, row: LightRow) -> str:
    """What stands behind a light in a few words: the report before, figures that it is computed from, else its source."""
    if row.name == "overall" and row.before is not None and row.before_shown:
        return f"{formats.day(row.before.date, short=True)}: {word_of(row.before_shown)}"
    if row.value is not None and not row.value.computed:
        return source_text(row.value)
    known = _measured(cockpit).get(row.name, [])
    return " · ".join(known) or (source_text(row.value) if row.value is not None else "")


def _measured(cockpit: Cockpit) -> dict[str, list[str]]:
    """Figures in a few words for the lights that are computed from them."""
    figures, money = cockpit.figures, _money(cockpit)
    upcoming = next((gate for gate in cockpit.gates if gate.state not in REACHED and gate.date), None)
    late = _gate(upcoming) if upcoming is not None else {"gate": "", "delta": ""}
    spi, cpi, risk = (figures[code].value if code in figures else None for code in ("spi_t", "cpi", "risk"))
    return {
        "schedule": [
            *([f"SPI(t) {formats.number(spi, 2)}"] if spi is not None else []),
            *([f"{late['gate']} {late['delta']}"] if late["delta"] else []),
        ],
        "cost": [
            *([f"EAC {money['deviation']}"] if money is not None and money["deviation"] else []),
            *([f"CPI {formats.number(cpi, 2)}"] if cpi is not None else []),
        ],
        "risk": [_("%(percent)s of the contingency") % {"percent": formats.percent(risk / 100, 0)}]
        if risk is not None
        else [],
    }


def source_text(value: FigureValue) -> str:
    """Where a figure comes from, in a few words."""
    label = str(dict(Source.choices).get(value.source, value.source))
    if value.source == Source.COMPUTED:
        return f"{label}: {value.text}" if value.text else label
    told = f"„{value.reported}“ " if value.reported else ""
    return f"{told}{label}" + (f" ({value.source_label})" if value.source_label else "")


def _narrative(cockpit: Cockpit) -> list[tuple[str, str]]:
    status = cockpit.status
    if status is None or not isinstance(status.narrative, dict):
        return []
    return [(str(head), str(text)) for head, text in status.narrative.items() if str(text).strip()]


def _figure_row(cockpit: Cockpit, code: str) -> dict[str, Any] | None:
    value = cockpit.figures.get(code)
    if value is None:
        return None
    kind = FIGURES.get(code)
    return {
        "code": code, "label": (kind.label if kind else code), "text": figure_text(value), "value": value, "source": source_text(value),
        "url": reverse("portfolio:figure", args=[cockpit.project.key, code]),
    }  # fmt: skip


def figure_text(value: FigureValue) -> str:
    """A figure as people read it, by the kind that its code is registered with."""
    kind = FIGURES.get(value.code)
    name = kind.kind if kind is not None else "text"
    if name == "light":
        return value.reported if value.half_step else word_of(value.light) if value.light else formats.NO_DATA
    if name == "money":
        return formats.money(value.amount, value.currency or "EUR")
    if name == "date":
        return formats.day(value.day)
    if name == "percent":
        return formats.percent(value.value, kind.decimals if kind is not None else 1)
    if name in {"number", "days", "count"}:
        return formats.number(value.value, kind.decimals if kind is not None and name == "number" else 0)
    return value.text or formats.NO_DATA


def _money(cockpit: Cockpit) -> dict[str, Any] | None:
    rows = [row for code in MONEY_CODES if (row := _figure_row(cockpit, code)) is not None]
    project = cockpit.project
    if project.budget is not None and not any(row["code"] == "budget" for row in rows):
        label = FIGURES["budget"].label
        rows.insert(
            0,
            {
                "code": "budget",
                "label": label,
                "text": formats.money(project.budget, project.currency),
                "value": None,
                "source": _("master data"),
                "url": "",
            },
        )
    if not rows:
        return None
    known = [(row, row["value"]) for row in rows if row["value"] is not None and row["value"].amount is not None]
    exact = any(formats.major(value.amount, value.currency or "EUR") % 1 for _row, value in known)
    for row, value in known:  # the same decimals below each other
        row["text"] = formats.money(value.amount, value.currency or "EUR", exact=exact)
    figures = cockpit.figures
    budget = figures.get("bac") or figures.get("budget")
    base = budget.amount if budget is not None and budget.amount is not None else project.budget
    eac = figures["eac"].amount if "eac" in figures else None
    actual = figures["ac"].amount if "ac" in figures else None
    commitment = figures["commitment"].amount if "commitment" in figures else None
    vac = base - eac if base is not None and eac is not None else None
    currency = budget.currency if budget is not None and budget.currency else project.currency
    return {
        "rows": rows, "base": base, "actual": actual or 0, "commitment": commitment or 0,
        "rest": max(0, (eac or 0) - (actual or 0) - (commitment or 0)), "bar": actual is not None or eac is not None,
        "vac": formats.money(vac, currency, exact=exact) if vac is not None else "", "vac_bad": vac is not None and base and -vac * 20 > base,
        "deviation": formats.percent((eac - base) / base, sign=True) if eac is not None and base else "",
        "history": [float(value.amount or 0) for value in cockpit.eac_history], "growth": cockpit.eac_growth,
    }  # fmt: skip


def _indices(cockpit: Cockpit) -> list[dict[str, Any]]:
    known = [row for code in INDEX_CODES if (row := _figure_row(cockpit, code)) is not None]
    shown = {*MONEY_CODES, *INDEX_CODES}
    others = [
        code
        for code in cockpit.figures
        if code not in shown and not code.startswith(("light.", "start.", "finish.", "gate.")) and code != "phase"
    ]
    others.sort(key=lambda code: FIGURES[code].order if code in FIGURES else 999)
    return known + [row for code in others if (row := _figure_row(cockpit, code)) is not None]


def _trend(cockpit: Cockpit) -> dict[str, Any] | None:
    """Chart and table of the milestone trend: a line, in the table a column, for each date that was foreseen twice."""
    lines = _trend_lines(cockpit)
    if not lines:
        return None
    reached = {f"gate.{gate.code}" for gate in cockpit.gates if gate.state in REACHED}
    promised = {f"gate.{gate.code}": gate.baseline for gate in cockpit.gates} | {
        "start.forecast": cockpit.project.start_baseline, "finish.forecast": cockpit.project.finish_baseline,
    }  # fmt: skip
    milestones: list[dict[str, Any]] = []
    columns: list[dict[str, Any]] = []
    for code, points, trend in lines:
        name = _trend_name(code)
        delay = _behind(points[-1].day, promised.get(code), trend)
        milestones.append(
            {
                "name": name, "points": [[p.date.isoformat(), p.day.isoformat()] for p in points if p.day], "hot": delay > 28,
                "delta": formats.number(delay, sign=True) + " " + _("days") if delay else "", "reached": code in reached,
            }
        )  # fmt: skip
        columns.append({"name": name, "days": {p.date: p.day for p in points}, "delay": delay, "hit": _hit(trend)})
    dates = sorted({day for column in columns for day in column["days"]}, reverse=True)
    rows = [{"date": day, "days": [column["days"].get(day) for column in columns]} for day in dates]
    return {"data": {"milestones": milestones}, "columns": columns, "rows": rows}


def _behind(forecast: dt.date | None, promised: dt.date | None, trend: MilestoneTrend | None) -> int:
    """Calendar days behind the approved baseline, as in the plan's milestone trend; behind the first forecast where none is approved."""
    if promised is not None and forecast is not None:
        return (forecast - promised).days
    return trend.delay_days if trend is not None else 0


def _hit(trend: MilestoneTrend | None) -> str:
    """When the milestone is met if the trend goes on."""
    if trend is not None and trend.never:
        return _("never, at this trend")
    return formats.day(trend.hit, short=True) if trend is not None and trend.hit else formats.NO_DATA


def _trend_name(code: str) -> str:
    known = {"finish.forecast": _("Finish"), "start.forecast": _("Start")}
    return known.get(code) or str(FIGURES[code].label)


def _trend_lines(cockpit: Cockpit) -> list[Any]:
    """Gates and the finish; a line that repeats another one (the finish is the last gate) is drawn once."""
    found: dict[tuple[Any, ...], Any] = {}
    for line in cockpit.milestones:
        first = line[1][0]
        if first.day is not None and first.day <= first.date:
            continue  # reached before the first report: nothing to foresee
        found.setdefault(tuple((point.date, point.day) for point in line[1]), line)
    return list(found.values())


def _people(cockpit: Cockpit) -> list[tuple[str, list[Any]]]:
    """The team by role, in the order of the roles."""
    found: dict[str, list[Any]] = {}
    for member in cockpit.members:
        found.setdefault(str(member.role or ""), []).append(member.person)
    return list(found.items())


def _days(cockpit: Cockpit) -> list[dict[str, Any]]:
    project = cockpit.project
    late = working_days(project.finish_baseline, project.finish) if project.finish_baseline and project.finish else None
    rows: list[dict[str, Any]] = [
        {
            "label": _("Start"),
            "baseline": project.start_baseline,
            "forecast": project.start_forecast,
            "actual": project.start_actual,
            "late": None,
        },
        {
            "label": _("Finish"),
            "baseline": project.finish_baseline,
            "forecast": project.finish_forecast,
            "actual": project.finish_actual,
            "late": late,
        },
    ]
    return [row for row in rows if row["baseline"] or row["forecast"] or row["actual"]]


def _history(cockpit: Cockpit) -> dict[str, Any] | None:
    if not cockpit.light_history:
        return None
    names = [name for name in DIMENSION_LABELS if any(name in row for _day_, row in cockpit.light_history)]
    return {
        "days": [day for day, _row in cockpit.light_history],
        "rows": [
            {"label": DIMENSION_LABELS[name], "cells": [row.get(name, "") for _day_, row in cockpit.light_history]}
            for name in names
        ],
    }


@access("view", "portfolio.project")
def figure(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """One figure of a project: value, data date, source, earlier values."""
    user = actor(request)
    project = fetch(user, Project.objects.select_related(*RELATED), key=key)
    values = history(project, code)
    if not values or code not in FIGURES:
        raise Http404(_("This project has no such figure."))
    on = _day(request)
    rows: list[dict[str, Any]] = [
        {"value": value, "text": figure_text(value), "source": source_text(value), "state": value.light, "until": later}
        for value, later in zip(reversed(values), [None, *(v.date for v in reversed(values[1:]))], strict=True)
        if on is None or value.date <= on
    ]
    if not rows:
        raise Http404(_("This figure is not that old."))
    kind = FIGURES[code]
    known = [v.amount if v.amount is not None else v.value for v in values]
    numbers = [float(number) for number in known if number is not None]
    context = {
        "object": project, "project": project, "kind": kind, "rows": rows, "now": rows[0], "numbers": numbers if len(numbers) > 1 else [],
        "is_light": kind.kind == "light", "reported": any(value.reported for value in values),
        "why": _behind_light(project, rows[0]["value"], on, user) if kind.kind == "light" else None,
    }  # fmt: skip
    return page(request, "portfolio/figure.html", context)


def _behind_light(project: Project, value: FigureValue, on: dt.date | None, user: User) -> dict[str, Any]:
    """Why a light has its colour: rules with their numbers and limits, for the overall one the six dimensions; an override with its end."""
    name, day = value.code.removeprefix("light."), on or timezone.localdate()
    cycle = project.portfolio.cycle_days
    shown = value.shown(day, cycle, on_hold=project.phase == "on_hold") or ""
    found: dict[str, Any] = {
        "shown": shown, "old": shown == "grey" and value.light not in ("", "grey"), "until": expires(value, cycle),
        "limits": reverse("portfolio:portfolio-detail", args=[project.portfolio.key]) if can(user, "view", project.portfolio) else "",
    }  # fmt: skip
    if value.source == Source.OVERRIDDEN:
        found |= {"override": override_of(value), "overridden": True, "calculated": value.text}
    if name != "overall":
        return found | {"rules": rule_rows(project, name, day, user)}
    codes = [f"light.{dimension}" for dimension in DIMENSION_LABELS if dimension != "overall"]
    now = figures_at([project.pk], codes, day).get(project.pk, {})
    parts = [(code, now.get(code)) for code in codes]
    return found | {
        "dimensions": [
            {
                "label": DIMENSION_LABELS[code.removeprefix("light.")], "shown": (one.shown(day, cycle) or "") if one is not None else "",
                "text": source_text(one) if one is not None else _("not assessed"),
                "url": reverse("portfolio:figure", args=[project.key, code]) if one is not None else "",
            }
            for code, one in parts
        ]
    }  # fmt: skip
