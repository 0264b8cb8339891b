"""What a manpower plan says: gaps in FTE and heads by line, the worst of them in a sentence, and what could be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.engine import capacity
from stellwerk.people.models import Role
from stellwerk.resources.selectors.manpower import NET, Key, Minutes, Plan, demand_of
from stellwerk.resources.selectors.manpower_lists import Leaving

TELLING: Final = Decimal("0.05")
"""Shortages below this number of heads are noise of rounding, no finding."""
SHORT_SPELL: Final = 3
"""Months up to which a shortage is bridged rather than hired for."""
MEASURES_TOLD: Final = 8
Sums = tuple[Decimal | None, ...]


def hours_of(minutes: int) -> Decimal:
    return Decimal(int(minutes)) / 60


def month_name(month: dt.date) -> str:
    """``March 2027``. Not from Django's names: a room may have another German word for “May”."""
    return format_date(month, "LLLL y", locale=(get_language() or "de")[:2])


@dataclass(frozen=True)
class Line:
    """One row of the plan: a role, a unit, a company, or all. Sums are per month."""

    plan: Plan
    code: str
    name: str
    keys: tuple[Key, ...]
    pipeline: bool

    @cached_property
    def cell(self) -> Minutes:
        return self.plan.total(self.keys)

    @cached_property
    def demand(self) -> Minutes:
        return demand_of(self.cell, pipeline=self.pipeline)

    def fte(self, minutes: Minutes | Sequence[int]) -> Sums:
        days = self.plan.working_days
        return tuple(capacity.fte(hours_of(value), int(days[at])) for at, value in enumerate(minutes))

    @cached_property
    def gap(self) -> Sums:
        """Net capacity - demand in FTE."""
        return self.fte(self.cell[NET] - self.demand)

    @cached_property
    def heads(self) -> Sums:
        """Missing people: of each role by itself, because nobody fills two; 0 where nothing is missing."""
        total = [Decimal(0)] * len(self.plan.months)
        by_role: dict[int | None, list[Key]] = {}
        for key in self.keys:
            by_role.setdefault(key[1], []).append(key)
        for keys in by_role.values():
            for at, value in enumerate(_heads(self.plan, keys, pipeline=self.pipeline)):
                total[at] += value or 0
        return tuple(total)


def _heads(plan: Plan, keys: Iterable[Key], *, pipeline: bool) -> Sums:
    chosen = list(keys)
    cell, share = plan.total(chosen), plan.share(chosen)
    demand = demand_of(cell, pipeline=pipeline)
    found = []
    for at, days in enumerate(plan.working_days):
        full = int(days) * capacity.DAY_HOURS * Decimal(str(round(share[at], 6)))
        found.append(capacity.heads(hours_of(cell[NET, at]), hours_of(demand[at]), full))
    return tuple(found)


def role_text(role: Role | None) -> str:
    return str(role) if role is not None else _("No role named")


def lines_by_role(plan: Plan, *, pipeline: bool) -> list[Line]:
    """By name; need without a role at the end."""
    found = []
    for number, keys in plan.by_role().items():
        role = plan.roles.get(number) if number is not None else None
        found.append(Line(plan, role.key if role else "", role_text(role), tuple(keys), pipeline))
    return sorted(found, key=lambda line: (not line.code, line.name.casefold()))


def lines_by_unit(plan: Plan, *, pipeline: bool) -> list[Line]:
    groups = plan.by_unit()
    found = [
        Line(plan, unit.key, unit.name, tuple(groups[unit.pk]), pipeline)
        for unit in plan.units.values() if unit.pk in groups
    ]  # fmt: skip
    return found + _nowhere(plan, groups.get(None), pipeline)


def lines_by_organisation(plan: Plan, *, pipeline: bool) -> list[Line]:
    groups = plan.by_organisation()
    companies = {unit.organisation_id: unit.organisation for unit in plan.units.values()}
    found = [
        Line(plan, one.key, one.name, tuple(groups[pk]), pipeline) for pk, one in companies.items() if pk in groups
    ]
    return found + _nowhere(plan, groups.get(None), pipeline)


def _nowhere(plan: Plan, keys: list[Key] | None, pipeline: bool) -> list[Line]:
    return [Line(plan, "", _("No unit named"), tuple(keys), pipeline)] if keys else []


def whole(plan: Plan, *, pipeline: bool) -> Line:
    return Line(plan, "", _("Total"), tuple(plan.cells), pipeline)


# ── the sentence ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Shortage:
    """A role whose demand exceeds its capacity: missing heads by month."""

    line: Line
    heads: Sums

    @property
    def columns(self) -> list[int]:
        return [at for at, value in enumerate(self.heads) if value is not None and value >= TELLING]

    @property
    def worst(self) -> int:
        return max(self.columns, key=lambda at: (self.heads[at] or Decimal(0), -at))

    @property
    def most(self) -> Decimal:
        return self.heads[self.worst] or Decimal(0)


def shortages(lines: Iterable[Line]) -> list[Shortage]:
    """Roles with missing heads, the largest first."""
    found = [Shortage(line, line.heads) for line in lines]
    return sorted((one for one in found if one.columns), key=lambda one: (-one.most, one.line.name))


def heads_text(value: Decimal) -> str:
    """``2.4 heads``: with its decimal place always the plural."""
    return _("%(count)s heads") % {"count": formats.number(value, 1)}


def answer_of(plan: Plan, short: Sequence[Shortage]) -> str:
    """The first sentence of the page."""
    if not plan.workers and not plan.cells:
        return _("Nobody to plan with yet")
    if not short:
        return _("Capacity covers the demand of every role until %(month)s") % {"month": month_name(plan.months[-1])}
    one = short[0]
    return _("In %(month)s %(heads)s are missing: %(role)s") % {
        "month": month_name(plan.months[one.worst]), "heads": heads_text(one.most), "role": one.line.name,
    }  # fmt: skip


def detail_of(plan: Plan, short: Sequence[Shortage], other: Sequence[Shortage], *, pipeline: bool) -> str:
    """What follows the sentence: how many roles, and the other scenario."""
    parts = []
    if len(short) > 1:
        parts.append(
            ngettext("%(count)s more role is short", "%(count)s more roles are short", len(short) - 1)
            % {"count": len(short) - 1}
        )
    most = max((one.most for one in other), default=Decimal(0))
    if pipeline:
        parts.append(
            _("without the pipeline at most %(heads)s") % {"heads": heads_text(most)} if most else _("without the pipeline nobody is missing")
        )  # fmt: skip
    else:
        parts.append(_("with the pipeline at most %(heads)s") % {"heads": heads_text(most)} if most else _("nor with the pipeline"))  # fmt: skip
    if plan.reference is not None:
        parts.append(_("FTE by the working days of %(company)s") % {"company": plan.reference.name})
    return " · ".join(parts)


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Measure:
    """Something to do about a shortage, with the role and month it comes from."""

    kind: str
    text: str
    why: str
    role: str
    month: dt.date
    numbers: dict[str, str] = field(default_factory=dict)


def measures(
    plan: Plan, short: Sequence[Shortage], certain: Sequence[Shortage], leaving: Sequence[Leaving]
) -> list[Measure]:
    """Balance between units first, then replace who leaves, then bridge or hire; what only the pipeline needs waits for its decision."""
    found = balances(plan, pipeline=bool(short and short[0].line.pipeline))
    sure = {one.line.code: one for one in certain}
    for one in short:
        months, role = one.columns, one.line.name
        first, last = plan.months[months[0]], plan.months[months[-1]]
        span = {"first": month_name(first), "last": month_name(last), "role": role, "heads": heads_text(one.most)}
        if one.line.code not in sure:
            text, kind = (
                _("%(role)s: decide on the pipeline before %(first)s, it needs up to %(heads)s more"),
                "pipeline",
            )
            why = _("Without the pipeline capacity covers the demand.")
        elif len(months) <= SHORT_SPELL:
            text, kind = (
                _("%(role)s: bridge up to %(heads)s in %(first)s by external staff or by moving work"),
                "bridge",
            )
            why = ngettext("Short for %(count)s month.", "Short for %(count)s months.", len(months)) % {
                "count": len(months)
            }
        else:
            text, kind = _("%(role)s: hire up to %(heads)s from %(first)s"), "hire"
            why = _("Short in %(count)s months until %(last)s.") % {"count": len(months), "last": span["last"]}
        gone = [
            row for row in leaving
            if row.until is not None and row.until < _after(last) and row.person.role and row.person.role.key == one.line.code
        ]  # fmt: skip
        if gone:
            why += " " + ngettext("%(count)s person of this role leaves by then.", "%(count)s people of this role leave by then.", len(gone)) % {"count": len(gone)}  # fmt: skip
        found.append(Measure(kind, text % span, why, one.line.code, plan.months[one.worst]))
    return found[:MEASURES_TOLD]


def _after(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=32)).replace(day=1)


def balances(plan: Plan, *, pipeline: bool) -> list[Measure]:
    """Where one unit is short of a role in a month in which another has some of it free: the largest of each role."""
    found: list[tuple[Decimal, Measure]] = []
    for number, keys in plan.by_role().items():
        if number is None or number not in plan.roles:
            continue
        lines = [Line(plan, "", "", (key,), pipeline) for key in keys if key[0] is not None]
        best: tuple[Decimal, int, Line, Line] | None = None
        for at in range(len(plan.months)):
            ranked = sorted(((line.gap[at] or Decimal(0), place) for place, line in enumerate(lines)))
            if len(ranked) < 2:
                continue
            moved = min(-ranked[0][0], ranked[-1][0])
            if moved >= TELLING and (best is None or moved > best[0]):
                best = (moved, at, lines[ranked[0][1]], lines[ranked[-1][1]])
        if best is None:
            continue
        moved, at, short, free = best
        names = [plan.units[line.keys[0][0]].name for line in (free, short) if line.keys[0][0] is not None]
        role = plan.roles[number]
        text = _("%(role)s: %(from)s can lend %(fte)s FTE to %(to)s in %(month)s") % {
            "role": role_text(role), "from": names[0], "to": names[1], "fte": formats.number(moved, 1),
            "month": month_name(plan.months[at]),
        }  # fmt: skip
        found.append(
            (moved, Measure("balance", text, _("One unit is short while another has time."), role.key, plan.months[at]))
        )
    return [measure for _size, measure in sorted(found, key=lambda pair: -pair[0])][:3]
