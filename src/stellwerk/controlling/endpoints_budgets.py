"""Budgets, forecasts, exceptions, benefits and catalogues of money in the API: through the services behind the pages."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import (
    AuthorityLimit,
    Benefit,
    Budget,
    CostCentre,
    CostType,
    ExchangeRate,
    ForecastException,
)
from stellwerk.controlling.selectors.budgets import sheet_of
from stellwerk.controlling.services.benefits import MOST_MONTHS as MOST_VALUES
from stellwerk.controlling.services.benefits import save_values
from stellwerk.controlling.services.budgets import MOST_LINES, SOURCES, Line, create_budget, edit_budget, save_lines
from stellwerk.controlling.services.catalogues import create_rate, edit_rate
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core.api.resources import Action, Resource, add_resource
from stellwerk.core.api.schemas import BIGINT, READ_PROBLEMS, VERSION, Day, Strict
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.portfolio.models import Project

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", description="Year and month: 2027-03.")]
Minor = Annotated[int, Field(ge=-BIGINT, le=BIGINT, description="Minor units of the line's currency.")]
Name = Annotated[str, Field(max_length=160)]


class BudgetLineOut(Schema):
    id: int
    wbs: str
    text: str
    cost_type: str | None = Field(..., description="Key of the cost type.")
    cost_centre: str | None = Field(..., description="Number of the cost centre.")
    spending: str
    reserve: str
    currency: str
    months: dict[str, int] = Field(..., description="Amounts by month in minor units of the line's currency.")


class BudgetLinesOut(Schema):
    version: int
    currency: str
    bac: int | None = Field(..., description="The work lines, minor units; null where an exchange rate is missing.")
    total: int | None = Field(..., description="All lines, reserves too.")
    lines: list[BudgetLineOut]


class BudgetLineIn(Strict):
    id: int | None = Field(None, ge=1, le=BIGINT, description="Of a line that stays; without: a new line.")
    wbs: str = Field("", max_length=120)
    text: str = Field("", max_length=300)
    cost_type: str | None = Field(None, max_length=40, description="Key of the cost type.")
    cost_centre: str = Field("", max_length=40, description="Number of the cost centre.")
    spending: str = Field("opex", max_length=5)
    reserve: str = Field("", max_length=12)
    currency: str = Field("", max_length=10, description="Without: that of the budget.")
    months: dict[Month, Minor] = Field({}, max_length=240)


class BudgetLinesIn(Strict):
    """All lines of the draft; lines that are not named are removed."""

    version: int | None = VERSION
    reason: str = Field("", max_length=500)
    lines: list[BudgetLineIn] = Field(..., max_length=MOST_LINES)


class BudgetStart(Strict):
    project: str = Field(..., max_length=40, description="Key of the project.")
    kind: str = Field("plan", max_length=8, description="`plan` (a budget) or `forecast`.")
    source: str = Field("empty", max_length=10, description=f"Where the lines come from: {', '.join(SOURCES)}.")
    first_open: Day | None = Field(None, description="First month of a forecast; months before it are actuals.")
    name: Name = ""
    reason_of_version: str = Field("", max_length=500, description="Why this version is made.")


class ValueOut(Schema):
    month: str
    planned: float | None
    actual: float | None
    evidence: str


Number = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]


class ValueIn(Strict):
    month: Month
    planned: Number | None = Field(None, description="Money in minor units, other measures as they are.")
    actual: Number | None = None
    evidence: str = Field("", max_length=300)


class ValuesIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=500)
    values: list[ValueIn] = Field(..., max_length=MOST_VALUES)


# ── budgets and forecasts ────────────────────────────────────────────────────────────────────────


def _lines(obj: Any) -> list[dict[str, Any]]:
    rows = obj.lines.select_related("cost_type", "cost_centre").prefetch_related("months").order_by("position", "pk")
    return [
        {
            "id": row.pk, "wbs": row.wbs, "text": row.text, "cost_type": row.cost_type.key if row.cost_type else None,
            "cost_centre": row.cost_centre.number if row.cost_centre else None, "spending": row.spending,
            "reserve": row.reserve, "currency": row.currency,
            "months": {m.code(one.month): one.amount for one in row.months.all()},
        }
        for row in rows
    ]  # fmt: skip


def _shown(obj: Any) -> dict[str, Any]:
    """The lines with their sums; sums are null where an exchange rate is missing."""
    try:
        sheet = sheet_of(obj)
        sums: dict[str, int | None] = {"bac": sheet.bac, "total": sheet.total}
    except MissingRate:
        sums = {"bac": None, "total": None}
    return {"version": obj.version, "currency": obj.currency, **sums, "lines": _lines(obj)}


def _create_budget(values: dict[str, Any], *, by: User | None) -> Budget:
    project = values["project"]
    if not isinstance(project, Project):
        found = Project.objects.filter(key=project).first()
        if found is None:
            raise Invalid({"project": [_("There is no such project.")]})
        project = found
    return create_budget(
        project=project, kind=values.get("kind") or BudgetKind.PLAN, source=values.get("source") or "empty",
        first_open=values.get("first_open"), name=values.get("name") or "", reason=values.get("reason_of_version") or "", by=by,
    )  # fmt: skip


def _edit_budget(obj: Any, values: dict[str, Any], *, by: Any, version: Any, reason: str) -> Budget:
    return edit_budget(budget=obj, values=values, by=by, version=version, reason=reason)


def _set_lines(obj: Any, data: Any, user: User) -> dict[str, Any]:
    types = dict(CostType.objects.values_list("key", "pk"))
    lines = []
    errors: dict[str, list[str]] = {}
    for at, row in enumerate(data.lines, start=1):
        refuse_unstorable("lines", row.model_dump(mode="json"))
        if row.cost_type is not None and row.cost_type not in types:
            errors[f"row-{at}"] = [_("Row %(row)s: %(text)s") % {"row": at, "text": _("there is no such cost type.")}]
        lines.append(
            Line(
                at, row.id, row.wbs, row.text, types.get(row.cost_type or ""), row.cost_centre, row.spending, row.reserve,
                (row.currency or obj.currency).upper(), {m.parse(month): amount for month, amount in row.months.items()},
            )
        )  # fmt: skip
    if errors:
        raise Invalid(errors)
    return _shown(save_lines(budget=obj, lines=lines, by=user, version=data.version, reason=data.reason))


BUDGETS = Resource(
    Budget,
    "budgets",
    read=(
        *BASE, "state", "project", "kind", "number", "name", "baseline", "currency", "rate_date", "first_open", "reason",
        "awaits", "endorsed_at", "endorsed_by", "endorsed_role", "approved_at", "approved_by",
    ),
    write=(*COMMON, "name", "baseline", "rate_date", "first_open"),
    create=_create_budget,
    edit=_edit_budget,
    start=BudgetStart,
    actions=(Action("lines", _set_lines, BudgetLinesIn, answer=BudgetLinesOut, summary="Replace the lines of a draft"),),
)  # fmt: skip
add_resource(router, BUDGETS)


@router.get(
    "/budgets/{key}/lines", response={200: BudgetLinesOut, **READ_PROBLEMS}, tags=BUDGETS.tags, operation_id="list_budget_lines",
    summary="The lines of a version with their amounts by month",
)  # fmt: skip
def budget_lines(request: HttpRequest, key: str) -> Any:
    return _shown(BUDGETS.one(request, key))


add_resource(
    router,
    Resource(
        ForecastException,
        "forecast-exceptions",
        read=(*BASE, "state", "project", "opened_on", "due", "told", "cause", "options", "decision"),
        write=("due", "cause", "options", "decision"),
        shapes={"told": dict[str, Any]},
        creatable=False,
    ),
)


# ── benefits ─────────────────────────────────────────────────────────────────────────────────────


def _values(obj: Any) -> list[dict[str, Any]]:
    return [
        {
            "month": m.code(row.month), "planned": row.planned, "actual": row.actual, "evidence": row.evidence,
        }
        for row in sorted(obj.values.all(), key=lambda row: row.month)
    ]  # fmt: skip


def _set_values(obj: Any, data: Any, user: User) -> Benefit:
    refuse_unstorable("values", [row.evidence for row in data.values])
    values: dict[dt.date, tuple[Decimal | None, Decimal | None, str]] = {
        m.parse(row.month): (row.planned, row.actual, row.evidence) for row in data.values
    }
    if len(values) < len(data.values):
        raise Invalid({"values": [_("Name each month once.")]})
    return save_values(benefit=obj, values=values, by=user, version=data.version, reason=data.reason)


_BENEFIT = (
    "name", "holder", "measure", "unit", "cash", "disbenefit", "currency", "baseline", "target", "starts", "ends", "note",
)  # fmt: skip
add_resource(
    router,
    Resource(
        Benefit,
        "benefits",
        read=(*BASE, "state", "project", *_BENEFIT),
        write=(*COMMON, "project", *_BENEFIT),
        fixed=("key", "project"),
        computed={"values": (list[ValueOut], _values)},
        queryset=lambda: Benefit.objects.prefetch_related("values"),
        actions=(Action("values", _set_values, ValuesIn, summary="Set planned and measured values by month"),),
    ),
)


# ── what money is counted by ─────────────────────────────────────────────────────────────────────

_TYPE = ("name", "name_en", "spending", "accounts", "labour", "labour_source", "order")
add_resource(router, Resource(CostType, "cost-types", read=(*BASE, *_TYPE), write=(*COMMON, *_TYPE), fixed=("key",)))
_CENTRE = ("organisation", "number", "name", "unit")
add_resource(
    router, Resource(CostCentre, "cost-centres", read=(*BASE, *_CENTRE), write=(*COMMON, *_CENTRE), fixed=("key",))
)
PLAIN = ("id", "version", "created_at", "updated_at")
_RATE = ("currency", "into", "valid_from", "rate", "source")
add_resource(
    router,
    Resource(
        ExchangeRate, "exchange-rates", read=(*PLAIN, *_RATE), write=_RATE, create=create_rate, edit=edit_rate,
    ),
)  # fmt: skip
_LIMIT = ("organisation", "role", "amount", "currency")
add_resource(router, Resource(AuthorityLimit, "authority-limits", read=(*PLAIN, *_LIMIT), write=_LIMIT))
