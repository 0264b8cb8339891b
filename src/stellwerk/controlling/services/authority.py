"""Limits of authority (Wertgrenzen): up to which amount a role approves a budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.models import AuthorityLimit, Budget, BudgetMonth
from stellwerk.controlling.selectors.budgets import organisation_of, sheet_of
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import ROLES, roles_that_may


def limits_of(budget: Budget) -> list[AuthorityLimit]:
    """The limits of the project's legal entity, the highest first (None is without a limit)."""
    rows = list(AuthorityLimit.objects.filter(organisation=organisation_of(budget.project)))
    return sorted(rows, key=lambda row: (row.amount is not None, -(row.amount or 0)))


def covers(limit: AuthorityLimit, amount: int, currency: str, rates: Rates, day: dt.date) -> bool:
    return limit.amount is None or rates.convert(amount, currency, limit.currency, day) <= limit.amount


def within_authority_of(budgets: Collection[Budget], by: User) -> list[Budget]:
    """Those of the budgets that this user's limits cover, in two or three queries. One whose rates are missing waits for them."""
    sums: dict[int, list[tuple[str, int]]] = {}
    rows = BudgetMonth.objects.filter(line__budget__in=[budget.pk for budget in budgets]).order_by()
    for number, currency, amount in rows.values_list("line__budget", "line__currency").annotate(t=Sum("amount")):
        sums.setdefault(number, []).append((currency, amount or 0))
    limits: dict[int, list[AuthorityLimit]] = {}
    owners = {owner.pk for budget in budgets if (owner := organisation_of(budget.project)) is not None}
    for limit in AuthorityLimit.objects.filter(organisation__in=owners):
        limits.setdefault(limit.organisation_id, []).append(limit)
    known = {budget.currency for budget in budgets} | {currency for parts in sums.values() for currency, _sum in parts}
    known |= {limit.currency for found in limits.values() for limit in found}
    rates = Rates(known) if len(known) > 1 else None
    return [budget for budget in budgets if _covered(budget, sums.get(budget.pk, []), limits, rates, by)]


def _covered(
    budget: Budget, parts: list[tuple[str, int]], limits: dict[int, list[AuthorityLimit]], rates: Rates | None, by: User
) -> bool:
    organisation = organisation_of(budget.project)
    own = roles_that_may(by, "approve", budget)
    day = budget.rate_date or timezone.localdate()
    try:
        amount = sum(part if rates is None else rates.convert(part, currency, budget.currency, day) for currency, part in parts)  # fmt: skip
        return any(
            limit.role in own
            and (limit.amount is None or (amount if rates is None else rates.convert(amount, budget.currency, limit.currency, day)) <= limit.amount)
            for limit in limits.get(organisation.pk if organisation is not None else 0, [])
        )  # fmt: skip
    except MissingRate:
        return False


def above_authority(budget: Budget, by: User) -> str:
    """Why this user may not approve an amount this high, and who may; empty: they may. The amount is all that is approved, reserves too."""
    amount = sheet_of(budget).total
    limits = limits_of(budget)
    rates = Rates({budget.currency, *(limit.currency for limit in limits)})
    day = budget.rate_date or timezone.localdate()
    enough = [limit for limit in limits if covers(limit, amount, budget.currency, rates, day)]
    own = roles_that_may(by, "approve", budget)
    if any(limit.role in own for limit in enough):
        return ""
    shown = formats.money(amount, budget.currency)
    mine = next((limit for limit in limits if limit.role in own), None)
    if mine is not None and mine.amount is not None:
        text = _("%(amount)s is above your limit of authority of %(limit)s.") % {
            "amount": shown, "limit": formats.money(mine.amount, mine.currency),
        }  # fmt: skip
    else:
        text = _("No limit of authority is set for your role: you cannot approve %(amount)s.") % {"amount": shown}
    may = ", ".join(_with_amount(limit) for limit in enough)
    return f"{text} " + (
        _("Who may: %(roles)s.") % {"roles": may} if may else _("No role has a limit this high: the controller sets the limits.")
    )  # fmt: skip


def _with_amount(limit: AuthorityLimit) -> str:
    role = ROLES.get(limit.role)
    name = str(role.label) if role is not None else limit.role
    if limit.amount is None:
        return _("%(role)s (without a limit)") % {"role": name}
    return _("%(role)s (up to %(amount)s)") % {"role": name, "amount": formats.money(limit.amount, limit.currency)}
