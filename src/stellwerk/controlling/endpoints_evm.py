"""Earned value in the API: figures of a project, programme or portfolio at a date, and the rows that they are sums of."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from stellwerk.controlling import evm_page as page
from stellwerk.controlling.evm_words import MONEY, MONTHS
from stellwerk.controlling.selectors.evm_levels import Subject, level_ev
from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.schemas import READ_PROBLEMS
from stellwerk.core.api.values import refuse_unstorable
from stellwerk.core.errors import Invalid
from stellwerk.core.permissions import require
from stellwerk.engine.money import decimal, minor
from stellwerk.portfolio.models import Portfolio, Programme, Project

router = Router()
ON = Query(None, description="Data date; today where none is given.")  # type: ignore[type-arg]
TAGS = ["earned-value"]


class EarnedFigureOut(Schema):
    value: float | None = Field(..., description="Money in minor units, indices as numbers, times in months; null where undefined.")  # fmt: skip
    reason: str | None = Field(..., description="Why it is undefined: no_actual_cost, not_started, …")


class EarnedRowOut(Schema):
    key: str = Field(..., description="WBS code of a work package, key of a project.")
    name: str
    amounts: dict[str, int] = Field(..., description="Minor units; they add up to the figures of the same name.")


class EarnedValueOut(Schema):
    key: str
    date: dt.date
    currency: str
    frozen: bool = Field(..., description="As it was frozen when the month was closed.")
    forecast: str = Field(
        ..., description="Which forecast counts: eac1 … eac4, or eac for the sum of several projects."
    )
    hidden: int = Field(..., description="Projects that you may not see and that are not counted.")
    without_budget: list[str]
    without_rate: list[str]
    figures: dict[str, EarnedFigureOut]
    rows: list[EarnedRowOut]


def _answer(request: HttpRequest, subject: Subject, on: dt.date | None) -> dict[str, Any]:
    today = timezone.localdate()
    day = on or today
    if not dt.date(1990, 1, 1) <= day <= today:
        raise Invalid({"on": [_("The data date lies between 1990 and today.")]})
    level = level_ev(subject, day, actor(request))
    figures = {
        code: {"value": _value(code, one.value), "reason": str(one.reason) if one.reason is not None else None}
        for code, one in level.figures.items()
    }
    rows = [{"key": row["key"], "name": row["name"], "amounts": row["values"]} for row in page.rows_of(level)]
    return {
        "key": subject.key, "date": day, "currency": level.currency, "frozen": level.frozen, "forecast": page.chosen_code(level),
        "hidden": level.hidden, "without_budget": [one.key for one in level.without_budget], "without_rate": level.without_rate,
        "figures": figures, "rows": rows,
    }  # fmt: skip


def _value(code: str, value: Any) -> float | int | None:
    if value is None:
        return None
    return minor(value) if code in MONEY else float(decimal(value, 4 if code in MONTHS else 6))


def _asked(request: HttpRequest, key: str) -> None:
    check_scope(request, "read", "portfolio.project")
    refuse_unstorable("key", key)


def _level(request: HttpRequest, rows: Any, key: str) -> Any:
    """What is hidden does not exist (404) before money is refused (403)."""
    subject = fetch(actor(request), rows, key=key)
    require(actor(request), "money", "portfolio.project")
    return subject


@router.get("/projects/{key}/earned-value", response={200: EarnedValueOut, **READ_PROBLEMS}, tags=TAGS, operation_id="earned_value_of_project", summary="Earned value of a project at a date")  # fmt: skip
def of_project(request: HttpRequest, key: str, on: dt.date | None = ON) -> Any:
    _asked(request, key)
    rows = Project.objects.select_related("portfolio__unit__organisation", "unit__organisation")
    return _answer(request, fetch(actor(request), rows, "money", key=key), on)


@router.get("/programmes/{key}/earned-value", response={200: EarnedValueOut, **READ_PROBLEMS}, tags=TAGS, operation_id="earned_value_of_programme", summary="Earned value of a programme at a date")  # fmt: skip
def of_programme(request: HttpRequest, key: str, on: dt.date | None = ON) -> Any:
    _asked(request, key)
    return _answer(request, _level(request, Programme.objects.select_related("portfolio"), key), on)


@router.get("/portfolios/{key}/earned-value", response={200: EarnedValueOut, **READ_PROBLEMS}, tags=TAGS, operation_id="earned_value_of_portfolio", summary="Earned value of a portfolio at a date")  # fmt: skip
def of_portfolio(request: HttpRequest, key: str, on: dt.date | None = ON) -> Any:
    _asked(request, key)
    return _answer(request, _level(request, Portfolio.objects.all(), key), on)
