"""Rules and limits of a round as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.controlling.selectors.rounds import RoundModel
from stellwerk.core import formats


def measure_name(measure: str) -> str:
    return {"score": _("Points of the scoring model"), "npv": _("Net present value"), "alignment": _("Strategic alignment")}.get(measure, measure)  # fmt: skip


def value_text(value: int | None, told: Mapping[str, Any], measure: str, currency: str, *, sign: bool = False) -> str:
    """A value as the engine counts it: points with one decimal, money."""
    if value is None:
        return formats.NO_DATA
    if measure == "npv":
        return formats.money(formats.minor(value, currency), currency, unit="auto", sign=sign)
    return formats.number(value / (told.get("factor") or 1), 1, sign=sign)


def resource_name(resource: int | None, roles: Mapping[int, str]) -> str:
    return pgettext("investment round", "Money") if resource is None else roles.get(resource, f"#{resource}")


def amount_text(resource: int | None, amount: int | None, currency: str) -> str:
    """Money in whole units of the currency, or hours."""
    if amount is None:
        return formats.NO_DATA
    if resource is None:
        return formats.money(formats.minor(amount, currency), currency, unit="auto")
    return f"{formats.number(amount)}{formats.NBSP}h"


def rule_text(told: Mapping[str, Any], model: RoundModel) -> str:
    """What is told of a rule (``selectors.rounds.rule_told``) in one sentence."""
    roles = {role.pk: str(role) for role in model.roles}
    kind = told["kind"]
    if kind == "need":
        return _("%(item)s needs %(other)s.") % {"item": told["item"], "other": told["other"]}
    if kind == "exclusion":
        return _("%(item)s excludes %(other)s.") % {"item": told["item"], "other": told["other"]}
    if kind == "mandatory":
        return _("%(item)s is mandatory.") % {"item": told["item"]}
    if kind == "barred":
        return _("%(item)s cannot be in: it has no value, or it is decided to be out.") % {"item": told["item"]}
    if kind == "limit":
        words = {"resource": resource_name(told["resource"], roles), "year": told["year"]}
        if not told.get("missing"):
            return _("The limit of %(resource)s in %(year)s.") % words
        amount = amount_text(told["resource"], told["missing"], model.round.currency)
        return _("%(resource)s in %(year)s: %(amount)s above the limit.") % {**words, "amount": amount}
    return _("A rule of the round.")


def obstacles_text(rules: Sequence[Mapping[str, Any]], model: RoundModel) -> list[str]:
    """Broken rules as sentences; limits of one resource stand together."""
    roles = {role.pk: str(role) for role in model.roles}
    sentences = [rule_text(rule, model) for rule in rules if rule["kind"] != "limit"]
    over: dict[int | None, list[str]] = {}
    for rule in rules:
        if rule["kind"] == "limit":
            missing = rule["missing"]  # None: something is hidden from the reader
            amount = "" if missing is None else f" {amount_text(rule['resource'], missing, model.round.currency)}"
            over.setdefault(rule["resource"], []).append(f"{rule['year']}{amount}")
    if over:
        parts = [f"{resource_name(resource, roles)} {', '.join(years)}" for resource, years in over.items()]
        sentences.append(_("Above the limit: %(parts)s.") % {"parts": "; ".join(parts)})
    return sentences
