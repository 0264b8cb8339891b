"""Where the lines of a new budget or forecast come from: the plan's baseline, the proposal, an earlier version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import Reserve, Spending
from stellwerk.controlling.models import Budget, BudgetLine, BudgetMonth, CostType
from stellwerk.controlling.selectors.budgets import organisation_of, sheet_of
from stellwerk.controlling.services.rates import Rates
from stellwerk.engine.earned_value import Profile, by_month, phase, phase_days
from stellwerk.engine.money import minor
from stellwerk.people.models import RoleRate
from stellwerk.planning.choices import Kind
from stellwerk.planning.models import Assignment, Baseline, BaselineRow
from stellwerk.portfolio.models import Project


@dataclass
class Draft:
    """A line that is not stored yet; ``months`` in minor units of ``currency``."""

    months: dict[dt.date, int] = field(default_factory=dict)
    activity: int | None = None
    wbs: str = ""
    text: str = ""
    cost_type: int | None = None
    cost_centre: int | None = None
    spending: str = Spending.OPEX
    reserve: str = Reserve.NONE
    currency: str = "EUR"


def insert(budget: Budget, drafts: Iterable[Draft], *, first: int = 1) -> list[BudgetLine]:
    """Store lines with their months, in order; the caller records what it did."""
    wanted = list(drafts)
    lines = BudgetLine.objects.bulk_create(
        [
            BudgetLine(
                budget=budget, position=first + at, activity_id=draft.activity, wbs=draft.wbs, text=draft.text[:300],
                cost_type_id=draft.cost_type, cost_centre_id=draft.cost_centre, spending=draft.spending,
                reserve=draft.reserve, currency=draft.currency,
            )
            for at, draft in enumerate(wanted)
        ]
    )  # fmt: skip
    BudgetMonth.objects.bulk_create(
        [
            BudgetMonth(line=line, month=month, amount=amount)
            for line, draft in zip(lines, wanted, strict=True)
            for month, amount in sorted(draft.months.items())
            if amount
        ],
        batch_size=2000,
    )
    return lines


def from_version(source: Budget, *, since: dt.date | None = None) -> list[Draft]:
    """Copy forward: the lines of an earlier version, months from ``since`` on; lines without a month left are dropped."""
    drafts = []
    for row in sheet_of(source).lines:
        kept = {month: amount for month, amount in row.own.items() if since is None or month >= since}
        if kept or since is None:
            line = row.line
            drafts.append(
                Draft(
                    kept,
                    line.activity_id,
                    line.wbs,
                    line.text,
                    line.cost_type_id,
                    line.cost_centre_id,
                    line.spending,
                    line.reserve,
                    line.currency,
                )
            )
    return drafts


# ── the plan's baseline ──────────────────────────────────────────────────────────────────────────


def from_baseline(baseline: Baseline, project: Project) -> list[Draft]:
    """One line per row that costs something: its planned cost, else its effort × the rates of the roles on it.

    Phased evenly over the working days of its dates. A row without dates or without a rate for its roles costs nothing here.
    """
    labour = CostType.objects.filter(labour=True, archived_at=None).first()
    costs = _costs(project)
    drafts = []
    rows = BaselineRow.objects.filter(baseline=baseline, summary=False).exclude(kind=Kind.MILESTONE)
    for row in rows.order_by("position"):
        start, finish = row.start, row.finish
        if start is None or finish is None:
            continue
        amount = row.cost or 0
        work = not amount
        if work and row.work:
            amount = costs.of(row.activity_id, row.work, start.date())
        if not amount:
            continue
        days = m.weekdays(start.date(), max(start, finish).date())
        drafts.append(
            Draft(
                by_month(phase_days(amount, days)),
                row.activity_id,
                row.wbs,
                row.name,
                labour.pk if work and labour is not None else None,
                currency=project.currency,
            )
        )
    return drafts


class _Costs:
    """What an hour on an activity costs: the internal rates of the roles assigned to it, weighed by their effort."""

    def __init__(
        self, project: Project, roles: dict[int, list[tuple[int, Decimal]]], rates: dict[int, list[RoleRate]]
    ) -> None:
        self.project, self.roles, self.rates = project, roles, rates
        self.exchange = Rates({project.currency, *(rate.currency for rows in rates.values() for rate in rows)})

    def of(self, activity: int | None, work: Decimal, day: dt.date) -> int:
        """Minor units of the project's currency for ``work`` hours; 0 without a role or a rate."""
        shares = [
            (rate, Fraction(hours or 1))
            for role, hours in self.roles.get(activity or 0, [])
            if (rate := self._rate(role, day)) is not None
        ]
        total = sum(hours for _rate, hours in shares)
        return minor(Fraction(work) * sum(rate * hours for rate, hours in shares) / total) if total else 0

    def _rate(self, role: int, day: dt.date) -> int | None:
        rows = self.rates.get(role, [])
        # The first day of planned work may lie before the first rate of the table: the earliest rate counts then.
        found = next((row for row in reversed(rows) if row.valid_from <= day), rows[0] if rows else None)
        if found is None:
            return None
        return self.exchange.convert(found.amount, found.currency, self.project.currency, max(day, found.valid_from))


def _costs(project: Project) -> _Costs:
    roles: dict[int, list[tuple[int, Decimal]]] = {}
    rows = Assignment.objects.filter(plan__project=project).exclude(resource=None)
    for activity, work, role, own in rows.values_list(
        "activity", "work", "resource__role", "resource__person__role"
    ).order_by("pk"):
        if role or own:
            roles.setdefault(activity, []).append((role or own, work or Decimal(0)))
    organisation = organisation_of(project)
    rates: dict[int, list[RoleRate]] = {}
    wanted = {role for found in roles.values() for role, _work in found}
    found = RoleRate.objects.filter(role__in=wanted, kind="internal").order_by("valid_from")
    for rate in found:
        if rate.organisation_id in (None, organisation.pk if organisation is not None else None):
            rates.setdefault(rate.role_id, []).append(rate)
    for role, table in rates.items():
        own_rates = [rate for rate in table if rate.organisation_id is not None]
        rates[role] = own_rates or table
    return _Costs(project, roles, rates)


# ── the proposal ─────────────────────────────────────────────────────────────────────────────────


def from_proposal(project: Project) -> list[Draft]:
    """One line per year of the recommended option, spread evenly over the months of the project in that year."""
    proposal = project.proposal
    option = (
        proposal.options.filter(do_nothing=False).order_by("-recommended", "order", "pk").first() if proposal else None
    )
    if proposal is None or option is None:
        return []
    first = m.month_of(project.start or proposal.wanted_start or dt.date(option.years.all()[0].year, 1, 1)) if option.years.exists() else None  # fmt: skip
    last = m.month_of(project.finish) if project.finish else None
    drafts = []
    for row in option.years.order_by("year"):
        if not row.cost:
            continue
        whole = m.between(dt.date(row.year, 1, 1), dt.date(row.year, 12, 1))
        inside = [month for month in whole if (first is None or month >= first) and (last is None or month <= last)]
        months = inside or whole
        shares = phase(row.cost, len(months), Profile.LINEAR)
        text = f"{option.name} {row.year}"
        drafts.append(Draft(dict(zip(months, shares, strict=True)), text=text, currency=proposal.currency))
    return drafts
