"""The manpower plan: role by month, where each number comes from, and the workbook."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor
from stellwerk.core.models import User
from stellwerk.people.models import Person, Role, Unit
from stellwerk.resources.documents.manpower import build_workbook
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.selectors.manpower import (
    CERTAIN,
    GROSS,
    HARD,
    MONTHS,
    NET,
    PIPELINE,
    REQUESTED,
    SOFT,
    Filters,
    Key,
    Plan,
    plan_of,
    plannable_units,
)
from stellwerk.resources.selectors.manpower_answers import (
    TELLING,
    Line,
    answer_of,
    detail_of,
    lines_by_organisation,
    lines_by_role,
    lines_by_unit,
    measures,
    month_name,
    role_text,
    shortages,
    whole,
)
from stellwerk.resources.selectors.manpower_lists import (
    MOST,
    Leaving,
    leavings,
    named_units,
    overloads,
    skill_gaps,
    vacancies,
)
from stellwerk.resources.selectors.months import month_of
from stellwerk.resources.weeks import hours_text

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NONE: Final = "none"
"""In an address: need that names no role."""
LINES: Final = {"role": lines_by_role, "unit": lines_by_unit, "organisation": lines_by_organisation}
ROWS: Final = {"gross": GROSS, "net": NET, "hard": HARD, "soft": SOFT, "requested": REQUESTED, "pipeline": PIPELINE}
SHOWN: Final = 20
"""Lines of each list that stand on the page; the workbook has all."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for; ``problem`` says what of it could not be read."""

    filters: Filters
    units: dict[int, Unit]
    roles: list[Role]
    pipeline: bool
    by: str
    show: str
    problem: str

    def query(self, **changes: str) -> str:
        """The address of the same plan with these changes; empty values are left out."""
        f = self.filters
        values = {
            "organisation": f.organisation.key if f.organisation else "", "unit": f.unit.key if f.unit else "",
            "role": f.role.key if f.role else "", "first": f"{f.first:%Y-%m}" if f.first != this_month() else "",
            "pipeline": "" if self.pipeline else "0", "by": self.by if self.by != "role" else "",
            "show": self.show if self.show != "gap" else "",
        }  # fmt: skip
        return urlencode({name: value for name, value in (values | changes).items() if value})


def this_month() -> dt.date:
    return month_of(timezone.localdate())


def parse_month(text: str) -> dt.date | None:
    """``2027-03`` as the first day of the month; None where it is none (years 2000 to 2150)."""
    year, _dash, number = text.strip().partition("-")
    if len(text) > 7 or not (year.isascii() and year.isdigit() and number.isascii() and number.isdigit()):
        return None
    if not 2000 <= int(year) <= 2150 or not 1 <= int(number) <= 12:
        return None
    return dt.date(int(year), int(number), 1)


def asked_of(request: HttpRequest, user: User) -> Asked:
    """Read the address: unknown keys and months are named, never an error page."""
    given = request.GET
    units = plannable_units(user)
    roles = sorted(Role.objects.filter(archived_at=None), key=lambda role: str(role).casefold())
    companies = {unit.organisation.key: unit.organisation for unit in units.values()}
    problem = ""
    organisation = companies.get(given.get("organisation", ""))
    unit = next((one for one in units.values() if one.key == given.get("unit")), None)
    role = next((one for one in roles if one.key == given.get("role")), None)
    first = parse_month(given.get("first", ""))
    if given.get("first") and first is None:
        problem = _("Please give months as 2026-11.")
    unknown = (
        (given.get("organisation") and organisation is None)
        or (given.get("unit") and unit is None)
        or (given.get("role") not in (None, "", NONE) and role is None)
    )
    if unknown:
        problem = _("This company, unit or role is not known here; it is left out.")
    by = given.get("by", "role")
    show = given.get("show", "gap")
    return Asked(
        Filters(first or this_month(), organisation, unit, role), units, roles, given.get("pipeline") != "0",
        by if by in LINES else "role", show if show in {"gap", "heads", "demand", *ROWS} else "gap", problem,
    )  # fmt: skip


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("manpower", "people.unit")
def manpower(request: HttpRequest) -> HttpResponse:
    """Capacity against need by role, unit or company for 18 months, with what follows from it."""
    user = actor(request)
    asked = asked_of(request, user)
    plan = plan_of(user, asked.filters, asked.units)
    by_role = lines_by_role(plan, pipeline=asked.pipeline)
    short = shortages(by_role)
    other = shortages(lines_by_role(plan, pipeline=not asked.pipeline))
    certain = other if asked.pipeline else short
    lines = by_role if asked.by == "role" else LINES[asked.by](plan, pipeline=asked.pipeline)
    total = whole(plan, pipeline=asked.pipeline)
    leaving = leavings(plan, user)
    named = named_units(user, plan)
    context = {
        "asked": asked, "answer": answer_of(plan, short),
        "detail": detail_of(plan, short, other, pipeline=asked.pipeline), "problem": asked.problem,
        "companies": list({one.organisation_id: one.organisation for one in asked.units.values()}.values()),
        "units": [one for one in asked.units.values() if asked.filters.organisation in (None, one.organisation)],
        "first": f"{asked.filters.first:%Y-%m}", "hidden": plan.hidden, "empty": not plan.cells,
        "kpis": _kpis(plan, total, short, other, asked), "chart": _chart(plan, total), "months": _months(plan),
        "grid": [_row(line, asked) for line in lines], "foot": _foot(total, lines, asked),
        "switches": _switches(asked), "measures": [_measure(one, asked) for one in measures(plan, short, certain, leaving)],
        "overload": _overload(plan, user, named), "skills": _skills(plan, asked), "vacancies": _vacancies(plan, user),
        "leaving": [_leaving(one) for one in leaving[:SHOWN]], "more_leaving": max(0, len(leaving) - SHOWN),
        "file": f"{reverse('resources:manpower-file')}?{asked.query()}", "base": reverse("resources:manpower"),
    }  # fmt: skip
    return render(request, "resources/manpower.html", context, status=422 if asked.problem else 200)


def fte_text(value: Decimal | None, *, sign: bool = False) -> str:
    """One decimal; 0 without a sign."""
    if value is not None and abs(value) < TELLING:
        return formats.number(0, 1)
    return formats.number(value, 1, sign=sign)


def _months(plan: Plan) -> list[dict[str, str]]:
    return [{"text": f"{month:%m}/{month:%y}", "name": month_name(month)} for month in plan.months]


def _values(line: Line, show: str) -> tuple[Decimal | None, ...]:
    if show == "gap":
        return line.gap
    if show == "heads":
        return line.heads
    return line.fte(line.demand if show == "demand" else line.cell[ROWS[show]])


def _row(line: Line, asked: Asked) -> dict[str, Any]:
    """Each cell opens where its number comes from; a company or unit opens its own plan, a role the chart of it."""
    source = reverse("resources:manpower-source")
    change = {asked.by: line.code or (NONE if asked.by == "role" else "")}
    if asked.by != "role" and line.code:
        change["by"] = "unit" if asked.by == "organisation" else "role"
    cells = []
    for at, value in enumerate(_values(line, asked.show)):
        missing = asked.show == "gap" and value is not None and value <= -TELLING
        missing = missing or (asked.show == "heads" and value is not None and value >= TELLING)
        month = f"{line.plan.months[at]:%Y-%m}"
        cells.append(
            {
                "text": fte_text(value, sign=asked.show == "gap"), "short": missing, "zero": value is None or abs(value) < TELLING,
                "url": f"{source}?{asked.query(**({asked.by: change[asked.by]} | {'month': month}))}" if line.code or asked.by == "role" else "",
            }
        )  # fmt: skip
    url = f"{reverse('resources:manpower')}?{asked.query(**change)}" if line.code else ""
    return {"name": line.name, "url": url, "cells": cells}


def _foot(total: Line, lines: list[Line], asked: Asked) -> list[str]:
    """Sums of the columns: heads of the rows shown, because nobody fills two roles."""
    if asked.show == "heads":
        sums = [
            sum((line.heads[at] or Decimal(0) for line in lines), Decimal(0)) for at in range(len(total.plan.months))
        ]
        return [fte_text(value) for value in sums]
    return [fte_text(value, sign=asked.show == "gap") for value in _values(total, asked.show)]


def _switches(asked: Asked) -> dict[str, Any]:
    base = reverse("resources:manpower")

    def seg(name: str, now: str, choices: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": f"{base}?{asked.query(**{name: value})}", "current": now == code}
            for code, value, label in choices
        ]

    return {
        "pipeline": seg("pipeline", "1" if asked.pipeline else "0", [("1", "", _("With pipeline")), ("0", "0", _("Without pipeline"))]),
        "by": seg("by", asked.by, [("role", "", _("Roles")), ("unit", "unit", _("Units")), ("organisation", "organisation", _("Companies"))]),
        "show": [
            (code, label)
            for code, label in (
                ("gap", _("Gap (FTE)")), ("heads", _("Missing heads")), ("net", _("Net capacity (FTE)")),
                ("gross", _("Gross capacity (FTE)")), ("demand", _("Demand (FTE)")), ("hard", _("Firm (FTE)")),
                ("soft", _("Reserved (FTE)")), ("requested", _("Requested (FTE)")), ("pipeline", _("Pipeline, weighted (FTE)")),
            )
        ],
    }  # fmt: skip


def _kpis(plan: Plan, total: Line, short: Any, other: Any, asked: Asked) -> list[dict[str, str]]:
    """The month in which most is missing, both scenarios, capacity now, and the part of external people."""
    heads = _most_heads(short, plan)
    others = _most_heads(other, plan)
    with_, without = (heads, others) if asked.pipeline else (others, heads)
    net = int(total.cell[NET].sum())
    external = int(plan.external_net().sum())
    return [
        {"label": _("Most heads missing, with pipeline"), "value": formats.number(with_[0], 1), "note": with_[1]},
        {"label": _("Most heads missing, without pipeline"), "value": formats.number(without[0], 1), "note": without[1]},
        {
            "label": _("Net capacity in %(month)s") % {"month": month_name(plan.months[0])},
            "value": fte_text(total.fte(total.cell[NET])[0]), "unit": _("FTE"),
            "note": _("%(gross)s gross, demand %(demand)s") % {"gross": fte_text(total.fte(total.cell[GROSS])[0]), "demand": fte_text(total.fte(total.demand)[0])},
        },
        {
            "label": _("Share of external people"), "value": formats.percent(Decimal(external) / net, 0) if net else formats.NO_DATA,
            "note": _("of the net capacity in %(count)s months") % {"count": len(plan.months)},
        },
    ]  # fmt: skip


def _most_heads(short: Any, plan: Plan) -> tuple[Decimal, str]:
    """Over all roles: most missing heads in one month, and which."""
    sums = [sum((one.heads[at] or Decimal(0) for one in short), Decimal(0)) for at in range(len(plan.months))]
    most = max(sums, default=Decimal(0))
    return most, month_name(plan.months[sums.index(most)]) if most >= TELLING else ""


def _chart(plan: Plan, total: Line) -> dict[str, Any]:
    series = [
        ("actual", _("Firm"), HARD), ("commitment", _("Reserved"), SOFT), ("remainder", _("Requested"), REQUESTED),
        ("plan", _("Pipeline, weighted"), PIPELINE),
    ]  # fmt: skip
    if not total.pipeline:
        series.pop()

    def values(row: int) -> list[float]:
        return [round(float(value or 0), 2) for value in total.fte(total.cell[row])]

    rows: list[dict[str, Any]] = [{"name": name, "role": role, "values": values(row)} for role, name, row in series]
    net = values(NET)
    return {
        "data": {
            "unit": _("FTE"), "categories": [f"{month:%m}/{month:%y}" for month in plan.months], "series": rows,
            "budget": net, "budget_name": _("Net capacity"),
        },
        "names": [row["name"] for row in rows],
        "rows": [
            {"month": month_name(month), "net": formats.number(net[at], 1), "values": [formats.number(row["values"][at], 1) for row in rows]}
            for at, month in enumerate(plan.months)
        ],
    }  # fmt: skip


def _measure(one: Any, asked: Asked) -> dict[str, str]:
    role = one.role or NONE
    url = f"{reverse('resources:manpower-source')}?{asked.query(role=role, month=f'{one.month:%Y-%m}')}"
    return {"text": one.text, "why": one.why, "kind": one.kind, "url": url}


def _people(user: User, numbers: list[int]) -> dict[int, Person]:
    return {one.pk: one for one in Person.objects.filter(pk__in=numbers)}


def _overload(plan: Plan, user: User, named: set[int]) -> dict[str, Any]:
    rows = overloads(plan, named)
    people = _people(user, [one.person for one in rows[:MOST] if one.person is not None])
    shown = []
    for one in rows[:SHOWN]:
        who = people.get(one.person) if one.person is not None else None
        load = one.hard + one.soft
        shown.append(
            {
                "month": month_name(one.month), "who": who, "url": reverse("people:person-detail", args=[who.key]) if who else "",
                "people": one.people, "role": role_text(plan.roles.get(one.role or 0)), "unit": plan.units[one.unit].name,
                "hard": hours_text(one.hard), "soft": hours_text(one.soft) if one.soft else "", "net": hours_text(one.net),
                "over": hours_text(one.over), "use": formats.percent(Decimal(load) / one.net, 0) if one.net else formats.NO_DATA,
            }
        )  # fmt: skip
    return {"rows": shown, "more": max(0, len(rows) - SHOWN), "count": len(rows)}


def _skills(plan: Plan, asked: Asked) -> list[dict[str, Any]]:
    found = []
    for one in skill_gaps(plan, pipeline=asked.pipeline)[:SHOWN]:
        days = int(plan.working_days[one.worst])
        found.append(
            {
                "name": str(one.skill), "level": one.level, "people": one.people, "demands": one.demands,
                "needed": hours_text(one.needed), "missing": hours_text(int(one.missing.sum())),
                "worst": _("%(fte)s FTE in %(month)s") % {
                    "fte": formats.number(Decimal(int(one.missing[one.worst])) / 60 / (days * 8), 1) if days else formats.NO_DATA,
                    "month": month_name(plan.months[one.worst]),
                },
            }
        )  # fmt: skip
    return found


def _vacancies(plan: Plan, user: User) -> list[dict[str, Any]]:
    return [
        {"demand": demand, "role": role_text(demand.role), "rest": hours_text(int(rest.sum()))}
        for demand, rest in vacancies(plan)[:SHOWN]
    ]


def _leaving(one: Leaving) -> dict[str, Any]:
    today = timezone.localdate()
    stage = one.stage(today)
    if one.unknown:
        text = _("Temporary worker without a first day: the limit cannot be told.")
    elif one.past_limit and stage == "reached":
        text = _("The longest time allowed for temporary work is over.")
    elif one.past_limit:
        text = _("Temporary work must end on this day.")
    else:
        text = _("Exit")
    if stage and stage != "reached":
        text += " " + ngettext("%(count)s month is over.", "%(count)s months are over.", int(stage)) % {"count": stage}
    return {
        "person": one.person, "role": role_text(one.person.role), "unit": one.person.unit.name, "until": one.until, "limit": one.limit,
        "exit": one.day, "pay": one.equal_pay, "text": text, "bad": stage == "reached" or one.unknown,
        "booked": hours_text(one.booked_after) if one.booked_after else "",
    }  # fmt: skip


# ── where a number comes from ────────────────────────────────────────────────────────────────────


@require_safe
@access("manpower", "people.unit")
def manpower_source(request: HttpRequest) -> HttpResponse:
    """One month: the capacity by unit and, for those who may, person; the bookings; the need that nobody fills."""
    user = actor(request)
    asked = asked_of(request, user)
    problem = asked.problem
    given = request.GET.get("month", "")
    month = parse_month(given)
    if month is None:
        problem = problem or (_("Please give months as 2026-11.") if given else "")
        month = asked.filters.first
    f = asked.filters
    plan = plan_of(user, Filters(month, f.organisation, f.unit, f.role, months=1), asked.units)
    keys = list(plan.cells)
    if request.GET.get("role") == NONE:
        keys = [key for key in keys if key[1] is None]
    line = Line(plan, "", "", tuple(keys), asked.pipeline)
    wanted = set(keys)
    named = named_units(user, plan)
    context = {
        "asked": asked, "problem": problem, "month": month_name(month), "hidden": plan.hidden,
        "role": f.role, "where": f.unit or f.organisation, "sums": _sums(line), "gap": fte_text(line.gap[0], sign=True),
        "heads": formats.number(line.heads[0], 1), "days": int(plan.working_days[0]), "reference": plan.reference,
        "units": _unit_rows(plan, wanted, asked), "people": _person_rows(plan, wanted, named, user),
        "unnamed": any(one.unit not in named and (one.unit, one.role) in wanted for one in plan.workers),
        "bookings": _booking_rows(plan, wanted, named, user), "needs": _need_rows(plan, wanted, user),
        "back": f"{reverse('resources:manpower')}?{asked.query()}",
    }  # fmt: skip
    return render(request, "resources/manpower_source.html", context, status=422 if problem else 200)


def _sums(line: Line) -> list[dict[str, str]]:
    labels = (
        (_("Gross capacity"), GROSS), (_("Net capacity"), NET), (_("Firm"), HARD), (_("Reserved"), SOFT), (_("Requested"), REQUESTED),
        (_("Pipeline, weighted"), PIPELINE),
    )  # fmt: skip
    return [
        {"name": name, "hours": hours_text(int(line.cell[row, 0])), "fte": fte_text(line.fte(line.cell[row])[0])}
        for name, row in labels
    ]


def _unit_rows(plan: Plan, wanted: set[Key], asked: Asked) -> list[dict[str, Any]]:
    found = []
    for line in lines_by_unit(plan, pipeline=asked.pipeline):
        part = Line(plan, line.code, line.name, tuple(key for key in line.keys if key in wanted), asked.pipeline)
        if part.keys:
            people = sum((one.unit, one.role) in part.keys for one in plan.workers)
            found.append(
                {
                    "name": part.name, "people": people, "net": hours_text(int(part.cell[NET, 0])), "demand": hours_text(int(part.demand[0])),
                    "gap": fte_text(part.gap[0], sign=True), "short": (part.gap[0] or Decimal(0)) <= -TELLING,
                }
            )  # fmt: skip
    return found


def _person_rows(plan: Plan, wanted: set[Key], named: set[int], user: User) -> list[dict[str, Any]]:
    chosen = [one for one in plan.workers if one.unit in named and (one.unit, one.role) in wanted]
    people = _people(user, [one.pk for one in chosen])
    load: dict[int, dict[int, int]] = {}
    for at, booking in enumerate(plan.bookings):
        row = load.setdefault(booking.person, {})
        row[booking.measure] = row.get(booking.measure, 0) + int(plan.booked[at, 0])
    found = []
    for one in chosen:
        net, mine = int(plan.net[plan.row[one.pk], 0]), load.get(one.pk, {})
        hard, soft = mine.get(HARD, 0), mine.get(SOFT, 0)
        found.append(
            {
                "person": people[one.pk], "external": one.external, "gross": hours_text(int(plan.gross[plan.row[one.pk], 0])),
                "net": hours_text(net), "hard": hours_text(hard), "soft": hours_text(soft), "over": hard + soft > net,
                "use": formats.percent(Decimal(hard + soft) / net, 0) if net else formats.NO_DATA,
            }
        )  # fmt: skip
    return found


def _booking_rows(plan: Plan, wanted: set[Key], named: set[int], user: User) -> list[dict[str, Any]]:
    minutes = {
        one.pk: int(plan.counted(at)[0]) for at, one in enumerate(plan.bookings)
        if plan.booked[at, 0] and plan.key_of(one) in wanted
    }  # fmt: skip
    rows: QuerySet[Allocation] = Allocation.objects.filter(pk__in=list(minutes)).select_related(
        "demand__project", "person"
    )
    return [
        {
            "booking": row, "hours": hours_text(minutes[row.pk]), "named": row.person.unit_id in named,
        }
        for row in rows.order_by("demand__project__name", "person__last_name", "pk")
    ]  # fmt: skip


def _need_rows(plan: Plan, wanted: set[Key], user: User) -> list[dict[str, Any]]:
    at = {one.pk: row for row, one in enumerate(plan.needs) if plan.rest[row, 0] and one.key in wanted}
    rows = Demand.objects.filter(pk__in=list(at)).select_related("project", "role", "unit")
    return [
        {
            "demand": row, "rest": hours_text(int(plan.rest[at[row.pk], 0])), "uncertain": row.probability < CERTAIN,
            "counted": hours_text(int(plan.weighted(at[row.pk])[0])),
        }
        for row in rows.order_by("priority", "first", "pk")
    ]  # fmt: skip


# ── the workbook ─────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("manpower", "people.unit")
def manpower_file(request: HttpRequest) -> HttpResponse:
    """The plan as a workbook in the reader's language; the sums in it are formulas."""
    user = actor(request)
    asked = asked_of(request, user)
    plan = plan_of(user, asked.filters, asked.units)
    content = build_workbook(plan, user, pipeline=asked.pipeline, named=named_units(user, plan))
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="manpower-{plan.months[0]:%Y-%m}-{MONTHS}.xlsx"'
    return answer
