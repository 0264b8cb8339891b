"""Why a light has its colour: the numbers that its rules compare, the limits, and where the numbers come from.

The rooms that know the numbers register who tells them (:func:`tells`); who set a light by hand and why is told by whoever keeps the reports
(:func:`explains_override`). A dimension for which nobody tells anything is not assessed: what was reported stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.core.models import User
from stellwerk.engine import lights
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.selectors.figures import FigureValue
from stellwerk.portfolio.words import rule_label, rule_value, rule_words


@dataclass(frozen=True)
class Indicator:
    """A number that a rule of the lights compares; None: data is missing. ``note`` in words, ``url`` to what it is made of."""

    code: str
    value: lights.Number | None
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Override:
    """Who showed another light than the computed one, why, and who confirmed it."""

    who: str
    reason: str
    confirmed_by: str = ""


Teller = Callable[[Project, dt.date, User], Iterable[Indicator]]
Explainer = Callable[[FigureValue], Override | None]
TELLERS: Final[dict[str, list[Teller]]] = {}
EXPLAINERS: Final[list[Explainer]] = []


def tells(dimension: str) -> Callable[[Teller], Teller]:
    """Register who knows numbers of a dimension at a day."""

    def add(function: Teller) -> Teller:
        TELLERS.setdefault(dimension, []).append(function)
        return function

    return add


def explains_override(function: Explainer) -> Explainer:
    EXPLAINERS.append(function)
    return function


def rules_of(portfolio: Portfolio) -> tuple[lights.Rule, ...]:
    """The portfolio's own thresholds; unreadable ones count as the method's defaults."""
    try:
        return lights.rules_with(portfolio.thresholds or {})
    except (ValueError, AttributeError):
        return lights.DEFAULT_RULES


def rule_rows(project: Project, dimension: str, day: dt.date, user: User) -> list[dict[str, Any]]:
    """Each rule of a dimension with its number, limits and colour at ``day``; the worst first. Rules of which nobody knows anything stand last."""
    found: dict[str, Indicator] = {}
    for teller in TELLERS.get(dimension, []):
        found |= {one.code: one for one in teller(project, day, user)}
    rows = []
    for rule in rules_of(project.portfolio):
        if rule.dimension == dimension:
            one = found.get(rule.code)
            light = lights.light_of(rule, one.value) if one is not None else None
            rows.append(_row(rule, one, light, rule.code in (project.portfolio.thresholds or {})))
    order = {lights.RED: 0, lights.AMBER: 1, lights.GREEN: 2}
    return sorted(rows, key=lambda row: (order.get(row["light"], 3), not row["known"]))


def _row(rule: lights.Rule, one: Indicator | None, light: str | None, own: bool) -> dict[str, Any]:
    words = rule_words(rule)
    missing = _("no data") if one is not None else _("not assessed: no room computes it yet")
    known = one is not None and one.value is not None
    return {
        "label": rule_label(rule.code), "known": known, "light": light or "", "green": words["green_text"], "amber": words["amber_text"],
        "else": rule.worst, "value": rule_value(rule.code, lights.exact(one.value)) if one is not None and one.value is not None else missing,
        "note": one.note if one is not None else "", "url": one.url if one is not None else "", "own": own,
    }  # fmt: skip


def override_of(value: FigureValue) -> Override | None:
    """Who set this light by hand, as far as anybody knows."""
    return next((found for explain in EXPLAINERS if (found := explain(value)) is not None), None)


def expires(value: FigureValue, cycle_days: int) -> dt.date:
    """The last day on which a light stands: one cycle, never longer."""
    return value.date + dt.timedelta(days=cycle_days)
