"""Writes of portfolios beyond their plain fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.engine import lights
from stellwerk.portfolio.models import Portfolio


def edit_portfolio(
    *, portfolio: Portfolio, values: Mapping[str, Any], by: User | None, version: int | None, reason: str = ""
) -> Portfolio:
    """Edit a portfolio; a changed cycle moves the day before which lights are grey.

    Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``, ``Refused`` (archived).
    """
    saved = services.edit(portfolio, values, by=by, version=version, reason=reason)
    fresh = saved.data_date - dt.timedelta(days=saved.cycle_days) if saved.data_date else None
    if saved.fresh_from != fresh:
        Portfolio.objects.filter(pk=saved.pk).update(fresh_from=fresh)
        saved.fresh_from = fresh
    return saved


def set_thresholds(
    *,
    portfolio: Portfolio,
    thresholds: Mapping[str, Mapping[str, str]],
    by: User | None,
    version: int | None,
    reason: str,
) -> Portfolio:
    """Replace the limits of the traffic lights; rules that equal the method's defaults are left out.

    Errors: ``Invalid`` (names the rule), ``NotAllowed``, ``StaleEdit``.
    """
    try:
        rules = lights.rules_with(thresholds)
    except ValueError as error:
        raise Invalid({"__all__": [_("These limits do not fit together: %(error)s") % {"error": error}]}) from error
    standard = {rule.code: rule for rule in lights.DEFAULT_RULES}
    kept: dict[str, dict[str, str]] = {}
    for rule in rules:
        if rule.green != standard[rule.code].green:
            kept.setdefault(rule.code, {})["green"] = str(rule.green)
        if rule.amber is not None and rule.amber != standard[rule.code].amber:
            kept.setdefault(rule.code, {})["amber"] = str(rule.amber)
    return services.edit(portfolio, {"thresholds": kept}, by=by, version=version, reason=reason)
