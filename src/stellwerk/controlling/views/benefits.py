"""Benefits: list, form, the page with plan and measurement by month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.forms_budgets import BenefitForm
from stellwerk.controlling.models import Benefit, BenefitValue
from stellwerk.controlling.services.benefits import Value, save_values
from stellwerk.controlling.services.grid import amount_of, text_of
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.pages.inputs import parse_number
from stellwerk.core.permissions import can
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.core.text import without_control

RELATED = ("project__portfolio", "project__programme", "holder")
PARTS = ("planned", "actual", "evidence")
MOST = 120


@access("view", "controlling.benefit")
def benefit_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "controlling.benefit")


@access("create", "controlling.benefit")
def benefit_create(request: HttpRequest) -> HttpResponse:
    return create_page(request, BenefitForm)


@access("edit", "controlling.benefit")
def benefit_edit(request: HttpRequest, key: str) -> HttpResponse:
    return edit_page(request, BenefitForm, fetch(actor(request), Benefit.objects.select_related(*RELATED), "edit", key=key))  # fmt: skip


@access("view", "controlling.benefit")
def benefit_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return _detail(request, user, fetch(user, Benefit.objects.select_related(*RELATED), key=key))


@access("edit", "controlling.benefit")
def benefit_values(request: HttpRequest, key: str) -> HttpResponse:
    """The months of the profile as a small sheet."""
    user = actor(request)
    benefit = fetch(user, Benefit.objects.select_related(*RELATED), "edit", key=key)
    if request.method != "POST":
        return _detail(request, user, benefit, edits=True)
    typed = {
        name: without_control(str(value)).strip() for name, value in request.POST.items() if name.partition("-")[0] in PARTS
    }  # fmt: skip
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        save_values(benefit=benefit, values=_read(benefit, typed), by=user, version=version)
    except Refused as refusal:
        benefit.refresh_from_db()
        return _detail(request, user, benefit, edits=True, problem=refusal, typed=typed)
    messages.success(request, _("“%(name)s” has been saved.") % {"name": benefit})
    return HttpResponseRedirect(url_of(benefit))


def _read(benefit: Benefit, typed: dict[str, str]) -> dict[dt.date, Value]:
    """The inputs as values by month. Errors: ``Invalid`` by month."""
    errors: dict[str, list[str]] = {}
    found: dict[dt.date, Value] = {}
    names = dict.fromkeys(name.partition("-")[2] for name in typed)
    for name in list(names)[: MOST * 2]:
        try:
            month = m.parse(name)
            planned, actual = (_value(benefit, typed.get(f"{part}-{name}", "")) for part in ("planned", "actual"))
        except Invalid as refusal:
            errors[name[:7]] = [f"{name[:7]}: {next(iter(refusal.errors.values()))[0]}"]
            continue
        found[month] = (planned, actual, typed.get(f"evidence-{name}", ""))
    if errors:
        raise Invalid(errors)
    return found


def _value(benefit: Benefit, text: str) -> Decimal | None:
    if not text:
        return None
    if benefit.cash:
        return Decimal(amount_of(text, benefit.currency))
    try:
        value = parse_number(text)
    except ValueError as error:
        raise Invalid({"value": [str(error)]}) from None
    if value != round(value, 4):
        raise Invalid({"value": [_("at most %(digits)s decimal places, please. Is the decimal sign right?") % {"digits": 4}]})  # fmt: skip
    return value


def _shown(benefit: Benefit, value: Decimal | None) -> str:
    if value is None:
        return ""
    if benefit.cash:
        return text_of(int(value), benefit.currency) or "0"
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    return formats.number(plain, max(0, -exponent) if isinstance(exponent, int) else 0).replace(formats.MINUS, "-")


def _detail(
    request: HttpRequest, user: User, benefit: Benefit, *, edits: bool = False, problem: Refused | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    values = {row.month: row for row in BenefitValue.objects.filter(benefit=benefit).order_by("month")}
    rows = [_line(benefit, month, values.get(month), typed or {}) for month in _months(benefit, values, edits)]
    context = {
        "object": benefit, "benefit": benefit, "rows": rows, "edits": edits, "problem": problem, "today": timezone.localdate(),
        "sums": _sums(benefit, values), "chart": _chart(benefit, values), "unit": benefit.currency if benefit.cash else benefit.unit,
        "may_edit": can(user, "edit", benefit) and not benefit.archived, "project_seen": can(user, "view", benefit.project),
        "baseline": _shown_plain(benefit, benefit.baseline), "target": _shown_plain(benefit, benefit.target),
        "panels": panels_for(request, benefit), "actions": actions_for(request, benefit),
    }  # fmt: skip
    return render(request, "controlling/benefit_detail.html", context, status=problem.status if problem else 200)


def _shown_plain(benefit: Benefit, value: Decimal | None) -> str:
    """Value before and target stand in whole units, also for money."""
    if value is None:
        return formats.NO_DATA
    unit = benefit.currency if benefit.cash else benefit.unit
    whole = value == value.to_integral_value()
    return f"{formats.number(value, 0 if whole else 2)} {unit}".strip()


def _months(benefit: Benefit, values: dict[dt.date, BenefitValue], edits: bool) -> list[dt.date]:
    if not edits:
        return sorted(values)
    first = benefit.starts or benefit.project.finish or timezone.localdate()
    last = benefit.ends or m.step(m.month_of(first), 11)
    months = {*m.between(m.month_of(first), m.month_of(last))[:MOST], *values}
    return sorted(months)


def _line(benefit: Benefit, month: dt.date, row: BenefitValue | None, typed: dict[str, str]) -> dict[str, Any]:
    code = m.code(month)
    stored = {
        "planned": _shown(benefit, row.planned if row else None), "actual": _shown(benefit, row.actual if row else None),
        "evidence": row.evidence if row else "",
    }  # fmt: skip
    return {"month": month, "code": code} | {part: typed.get(f"{part}-{code}", stored[part]) for part in PARTS}


def _sums(benefit: Benefit, values: dict[dt.date, BenefitValue]) -> dict[str, Any]:
    """What was planned and measured so far; ``ratio`` compares the months that were measured."""
    measured = [row for row in values.values() if row.actual is not None]
    actual = sum((row.actual for row in measured if row.actual is not None), Decimal(0))
    due = sum((row.planned or Decimal(0) for row in measured), Decimal(0))
    planned = sum((row.planned or Decimal(0) for row in values.values()), Decimal(0))
    return {
        "planned": _shown(benefit, planned), "actual": _shown(benefit, actual) if measured else formats.NO_DATA,
        "due": _shown(benefit, due), "ratio": actual / due if measured and due else None,
    }  # fmt: skip


def _chart(benefit: Benefit, values: dict[dt.date, BenefitValue]) -> dict[str, Any] | None:
    """Plan and measurement, money added up over the months, other measures as they are."""
    if not values:
        return None

    def points(part: str) -> list[list[Any]]:
        total, found = Decimal(0), []
        for month, row in sorted(values.items()):
            value = getattr(row, part)
            if value is None:
                continue
            total = total + value if benefit.cash else value
            shown = float(formats.major(int(total), benefit.currency)) / 1000 if benefit.cash else float(total)
            found.append([str(m.last_day(month)), shown])
        return found

    series = [
        {"name": _("Planned"), "role": "plan", "points": points("planned")},
        {"name": _("Measured"), "role": "actual", "points": points("actual")},
    ]
    unit = formats.money_unit(benefit.currency, "k") if benefit.cash else benefit.unit
    return {"unit": unit, "series": [row for row in series if row["points"]]}
