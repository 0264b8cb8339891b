"""Limits of authority (Wertgrenzen): up to which amount a role approves a budget, and to whom a higher one goes on.

An amount above the limit of one authority is endorsed by it and goes on to the next higher one; only an authority whose limit covers
the amount approves. A higher authority may decide without waiting for the lower ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import AuthorityLimit, Budget, BudgetMonth
from stellwerk.controlling.selectors.budgets import organisation_of, sheet_of
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core import formats
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.permissions import ROLES, can, roles_that_may, users_who_can

CONTROLLER = "controller"
"""Who confirms forecasts."""


@dataclass(frozen=True)
class Step:
    """One authority: its role, up to which amount it approves in the budget's currency (None: any), and whether that covers the budget."""

    limit: AuthorityLimit
    reach: int | None
    enough: bool

    @property
    def role(self) -> str:
        return self.limit.role

    @property
    def height(self) -> tuple[bool, int]:
        return self.reach is None, self.reach or 0


@dataclass(frozen=True)
class Ladder:
    """The authorities of the legal entity, the lowest first, as they stand to one budget."""

    budget: Budget
    amount: int
    steps: tuple[Step, ...]

    def step(self, role: str) -> Step | None:
        return next((step for step in self.steps if step.role == role), None)

    def best(self, roles: Collection[str]) -> Step | None:
        """The highest authority of these roles."""
        return next((step for step in reversed(self.steps) if step.role in roles), None)

    def above(self, role: str) -> list[Step]:
        """Higher than this role's; all where it has none."""
        below = self.step(role)
        return [step for step in self.steps if below is None or step.height > below.height]

    @property
    def enough(self) -> list[Step]:
        """Who may approve, the highest first."""
        return [step for step in reversed(self.steps) if step.enough]


def ladder_of(budget: Budget, amount: int | None = None) -> Ladder:
    """Raises ``MissingRate``. The amount is all that is approved, reserves too; it is read where it is not given."""
    limits = list(AuthorityLimit.objects.filter(organisation=organisation_of(budget.project)))
    rates = Rates({budget.currency, *(limit.currency for limit in limits)})
    return _ladder(budget, sheet_of(budget).total if amount is None else amount, limits, rates)


def _ladder(budget: Budget, amount: int, limits: Collection[AuthorityLimit], rates: Rates | None) -> Ladder:
    day = budget.rate_date or timezone.localdate()
    steps = []
    for limit in limits:
        reach = limit.amount
        if reach is not None and rates is not None:
            reach = rates.convert(reach, limit.currency, budget.currency, day)
        steps.append(Step(limit, reach, covers(limit, amount, budget.currency, rates, day)))
    return Ladder(budget, amount, tuple(sorted(steps, key=lambda step: (step.height, step.role))))


def covers(limit: AuthorityLimit, amount: int, currency: str, rates: Rates | None, day: dt.date) -> bool:
    """``rates`` None: there is one currency only."""
    if limit.amount is None:
        return True
    return (amount if rates is None else rates.convert(amount, currency, limit.currency, day)) <= limit.amount


# ── whose turn it is ─────────────────────────────────────────────────────────────────────────────


def next_authority(budget: Budget, by: User | None, *, after: str) -> str:
    """The role whose turn it is after the authority ``after`` (empty: from the lowest on): the first one that somebody holds who may
    decide; where nobody does, the first whose limit is high enough. Empty where no limit is set or an exchange rate is missing."""
    if budget.kind == BudgetKind.FORECAST:
        return CONTROLLER
    try:
        ladder = ladder_of(budget)
    except MissingRate:
        return ""
    asked = AuditEntry.objects.filter(
        entity_type="controlling.budget", entity_id=budget.pk, verb__in=("create", "submit")
    )
    not_these = {*asked.values_list("actor", flat=True), by.pk if by is not None else None}
    able = [user for user in users_who_can("approve", budget) if user.pk not in not_these]
    held = {role for user in able for role in roles_that_may(user, "approve", budget)}
    higher = ladder.above(after)
    turn = next((step for step in higher if step.role in held), None) or next((s for s in higher if s.enough), None)
    return turn.role if turn is not None else ""


def endorsing_role(budget: Budget, by: User | None) -> str:
    """As what somebody endorses: the highest authority of their roles."""
    if by is None:
        return ""
    step = ladder_of(budget).best(roles_that_may(by, "approve", budget))
    return step.role if step is not None else ""


def turns_of(budgets: Collection[Budget], by: User) -> Iterator[tuple[Budget, str]]:
    """Budgets whose turn is this user's, each with the step to do (``approve`` or ``endorse``), in two or three queries.

    One whose rates are missing waits for them. Where nobody's turn is known, those decide whose limit is high enough.
    """
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
    for budget in budgets:
        organisation = organisation_of(budget.project)
        own = limits.get(organisation.pk if organisation is not None else 0, [])
        step = _turn(budget, sums.get(budget.pk, []), own, rates, by)
        if step:
            yield budget, step


def _turn(
    budget: Budget, parts: list[tuple[str, int]], limits: list[AuthorityLimit], rates: Rates | None, by: User
) -> str:
    day = budget.rate_date or timezone.localdate()
    try:
        amount = sum(part if rates is None else rates.convert(part, currency, budget.currency, day) for currency, part in parts)  # fmt: skip
        ladder = _ladder(budget, amount, limits, rates)
    except MissingRate:
        return ""
    roles = roles_that_may(by, "approve", budget)
    step = ladder.best(roles)
    if step is None or by.pk == budget.endorsed_by_id:
        return ""
    if ladder.step(budget.awaits) is None:
        return "approve" if step.enough else ""
    if budget.awaits not in roles:
        return ""
    if step.enough:
        return "approve"
    return "endorse" if step in ladder.above(budget.endorsed_role) else ""


# ── why not ──────────────────────────────────────────────────────────────────────────────────────


def above_authority(budget: Budget, by: User) -> str:
    """Why this user may not approve an amount this high, and who may; empty: they may."""
    ladder = ladder_of(budget)
    own = roles_that_may(by, "approve", budget)
    if any(step.role in own for step in ladder.enough):
        return ""
    shown = formats.money(ladder.amount, budget.currency)
    mine = ladder.best(own)
    if mine is None:
        text = _("No limit of authority is set for your role: you cannot approve %(amount)s.") % {"amount": shown}
        return f"{text} {who_may(ladder)}"
    text = _("%(amount)s is above your limit of authority of %(limit)s.") % {
        "amount": shown, "limit": formats.money(mine.limit.amount or 0, mine.limit.currency),
    }  # fmt: skip
    return f"{text} {who_may(ladder)}"


def no_endorsement(budget: Budget, by: User) -> str:
    """Why this user may not endorse a budget, and who decides; empty: they may."""
    if budget.kind == BudgetKind.FORECAST:
        return _("A forecast is not endorsed: the controller confirms it.")
    ladder = ladder_of(budget)
    shown = formats.money(ladder.amount, budget.currency)
    mine = ladder.best(roles_that_may(by, "approve", budget))
    if mine is None:
        text = _("No limit of authority is set for your role: you cannot endorse %(amount)s.") % {"amount": shown}
        return f"{text} {who_may(ladder)}"
    if mine.enough:
        return _("Your limit of authority (%(limit)s) covers %(amount)s: approve it, or reject it.") % {
            "limit": reach_text(mine.limit), "amount": shown,
        }  # fmt: skip
    if budget.endorsed_role and mine not in ladder.above(budget.endorsed_role):
        text = _("It is endorsed already as %(role)s.") % {"role": role_text(budget.endorsed_role)}
        return f"{text} {who_may(ladder)}"
    return "" if ladder.enough else who_may(ladder)


def endorsed_it(budget: Budget, by: User) -> bool:
    """Has this user endorsed it, or may they decide only in the place of who did?"""
    other = budget.endorsed_by_id
    return other is not None and (by.pk == other or not can(by, "approve", budget, without={other}))


def who_may(ladder: Ladder) -> str:
    may = ", ".join(with_amount(step.limit) for step in ladder.enough)
    if may:
        return _("Who may: %(roles)s.") % {"roles": may}
    return _("No role has a limit this high: the controller sets the limits.")


def role_text(code: str) -> str:
    role = ROLES.get(code)
    return str(role.label) if role is not None else code


def reach_text(limit: AuthorityLimit) -> str:
    if limit.amount is None:
        return _("without a limit")
    return _("up to %(amount)s") % {"amount": formats.money(limit.amount, limit.currency)}


def with_amount(limit: AuthorityLimit) -> str:
    if limit.amount is None:
        return _("%(role)s (without a limit)") % {"role": role_text(limit.role)}
    return _("%(role)s (up to %(amount)s)") % {
        "role": role_text(limit.role), "amount": formats.money(limit.amount, limit.currency),
    }  # fmt: skip
