"""Stored plans, estimates, money and risks into one simulation of the engine: the only file of the room that builds it.

Links between the plans are part of the network; givers outside stand at the dates that they have. What is spent is spent; of each open
activity the share that is left counts: of its budget (labour by the minute, the rest as a fixed amount), or of its own three points of cost.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from stellwerk.controlling import months as m
from stellwerk.controlling.choices import BudgetKind, Reserve
from stellwerk.controlling.choices import Distribution as Chosen
from stellwerk.controlling.models import Budget, Estimate
from stellwerk.controlling.selectors.budgets import Sheet, actuals_of, sheets_of
from stellwerk.controlling.services.rates import Rates
from stellwerk.controlling.simulation.risks import Risk
from stellwerk.core.errors import Refused
from stellwerk.engine.network import NONE, CycleError, HorizonError
from stellwerk.engine.simulation import (
    Costs,
    Distribution,
    Estimates,
    Fault,
    Impacts,
    Measure,
    Risks,
    Simulation,
    SimulationError,
)
from stellwerk.planning.choices import ProgressMode
from stellwerk.planning.columns import Integers
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.programme_network import Joint, joint
from stellwerk.portfolio.models import Project

KINDS: Final = {
    Chosen.TRIANGULAR.value: Distribution.TRIANGULAR,
    Chosen.PERT.value: Distribution.PERT,
    Chosen.LOGNORMAL.value: Distribution.LOGNORMAL,
}
BUDGET, PLAN, NOTHING = "budget", "plan", ""
"""Where the cost of a project comes from: its approved budget, the planned cost of its activities, nowhere."""


@dataclass(frozen=True)
class ProjectBasis:
    """What a project brings. Amounts in minor units of the case's currency; None: there is none."""

    project: Project
    basis: str
    approved: dt.date | None
    budget: int | None
    contingency: int
    spent: int
    open: int
    estimated: int


@dataclass
class Case:
    """A simulation ready to run; ``projects`` in the order of the network's projects."""

    joint: Joint
    simulation: Simulation
    currency: str
    projects: list[ProjectBasis]
    risks: list[Risk]
    override: np.ndarray[tuple[int], np.dtype[np.bool_]]
    one_end: bool
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.projects)


@dataclass(frozen=True)
class Asked:
    """How to simulate. ``correlation``: of the activities of one group, or (``together`` “project”) of all of one project."""

    iterations: int = 10_000
    seed: int = 1
    correlation: float = 0.0
    together: str = "group"
    distribution: str = ""


def read_case(
    plans: Sequence[Plan], *, asked: Asked, risks: Sequence[Risk] = (), today: dt.date, one_end: bool = False
) -> Case:
    """About a dozen queries, whatever the number of plans.

    Raises ``Refused``: links in a circle, an estimate that cannot be, a date after 2150, an exchange rate missing.
    """
    try:
        net = joint(plans)
        return _Reader(net, plans, asked, risks, today).case(one_end=one_end)
    except CycleError as error:
        raise Refused(_("The links lead in a circle: nothing can be simulated."), _("The plan of the programme and the check of the plans name the activities."), code="circle") from error  # fmt: skip
    except HorizonError as error:
        raise Refused(_("An activity would end after 2150."), _("Look for a duration or a date that cannot be right."), code="unusable") from error  # fmt: skip


class _Reader:
    """One case on its way into the engine."""

    def __init__(self, net: Joint, plans: Sequence[Plan], asked: Asked, risks: Sequence[Risk], today: dt.date) -> None:
        self.net, self.plans, self.asked, self.today = net, plans, asked, today
        self.network = net.dates.network
        self.activities = self.network.activities
        self.row_of = net.row_of
        self.left = _left(net)
        self.part = self.activities.summary[: net.count] == 0
        self.projects = [plan.project for plan in plans]
        self.place = {project.pk: at for at, project in enumerate(self.projects)}
        self.currency = _currency([project.currency for project in self.projects])
        self.estimates = {
            one.activity_id: one for one in Estimate.objects.filter(activity__plan__in=[plan.pk for plan in plans])
        }
        self.groups: dict[tuple[int, str], int] = {}
        known = {project.pk for project in self.projects}
        self.risks = [risk for risk in risks if risk.project in known]
        self.rates: Rates | None = None
        self.skipped = 0

    def case(self, *, one_end: bool) -> Case:
        estimates = self._estimates()
        costs, projects = self._costs()
        risks, impacts, kept = self._risks()
        try:
            simulation = Simulation(self.network, estimates, costs, risks, impacts)
        except SimulationError as error:
            raise self._refusal(error.faults[0], estimates, kept) from error
        override = np.array([*(plan.progress_mode == ProgressMode.OVERRIDE for plan in self.plans), False], np.bool_)
        counts = {"open": int((self.left > 0).sum()), "estimates": len(estimates), "skipped": self.skipped}
        return Case(self.net, simulation, self.currency, projects, kept, override, one_end, counts)

    # ── durations ────────────────────────────────────────────────────────────────────────────────

    def _estimates(self) -> Estimates:
        rows: list[tuple[int, int, int, int, int, int]] = []
        for number, one in sorted(self.estimates.items()):
            row = self.row_of.get(number)
            if one.low is None or one.likely is None or one.high is None:
                continue
            if row is None or not self.part[row]:
                self.skipped += 1
                continue
            rows.append((row, one.low, one.likely, one.high, self._kind(one), self._group(row, one)))
        if not rows:
            return Estimates()
        columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
        places, low, likely, high, kind, group = columns
        return Estimates(places, low, likely, high, kind, group, self._loading(group))

    def _kind(self, one: Estimate) -> int:
        kind = KINDS[self.asked.distribution or one.distribution]
        # A log-normal number is never 0: an estimate from 0 on is drawn by PERT.
        return Distribution.PERT if kind == Distribution.LOGNORMAL and not one.low else kind

    def _group(self, row: int, one: Estimate | None) -> int:
        """The number of the group whose members move together, NONE for none."""
        place = int(self.net.plan[row])
        name = "" if self.asked.together == "project" else one.group.strip().casefold() if one is not None else ""
        if self.asked.correlation <= 0 or (not name and self.asked.together != "project"):
            return NONE
        return self.groups.setdefault((place, name), len(self.groups))

    def _loading(self, group: Integers) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.where(group == NONE, 0.0, math.sqrt(self.asked.correlation))

    # ── costs ────────────────────────────────────────────────────────────────────────────────────

    def _costs(self) -> tuple[Costs, list[ProjectBasis]]:
        numbers = [project.pk for project in self.projects]
        sheets = _sheets(numbers)
        spent = actuals_of(numbers)
        planned = self._planned([number for number in numbers if number not in sheets])
        table: list[tuple[int, int, int, float, int, int, int, int, int]] = []
        found: list[ProjectBasis] = []
        for at, project in enumerate(self.projects):
            sheet = sheets.get(project.pk)
            gone = self._own(sum(spent.get(project.pk, {}).values()), project.currency)
            rows = self._project_rows(at, project, sheet, planned.get(project.pk, {}))
            table.append((NONE, at, gone, 0.0, 0, 0, 0, 0, NONE))
            table += rows
            budget = sheet.bac if sheet is not None else project.budget
            mine = self.net.plan[: self.net.count] == at
            basis = BUDGET if sheet is not None else PLAN if planned.get(project.pk) else NOTHING
            found.append(
                ProjectBasis(
                    project, basis, project.finish_baseline,
                    None if budget is None else self._own(budget, self._of(sheet, project)),
                    self._own(sheet.contingency, sheet.budget.currency) if sheet is not None else 0, gone,
                    int((mine & (self.left > 0)).sum()), sum(self._is_open(number, at) for number in self.estimates),
                )
            )  # fmt: skip
        columns = [np.array(column) for column in zip(*table, strict=True)]
        activity, at_project, fixed, rate, low, likely, high, kind, group = columns
        return Costs(activity, at_project, fixed, rate, low, likely, high, kind, group, self._loading(group)), found

    def _is_open(self, number: int, at: int) -> bool:
        row = self.row_of.get(number)
        return row is not None and bool(self.net.plan[row] == at and self.left[row] > 0)

    @staticmethod
    def _of(sheet: Sheet | None, project: Project) -> str:
        return sheet.budget.currency if sheet is not None else project.currency

    def _own(self, amount: int, currency: str) -> int:
        """An amount in the currency of the case, at today's rate."""
        if currency == self.currency or not amount:
            return amount
        if self.rates is None:
            self.rates = Rates()
        return self.rates.convert(amount, currency, self.currency, self.today)

    def _planned(self, projects: Collection[int]) -> dict[int, dict[int, int]]:
        """Planned cost of the activities of projects without an approved budget, by project and activity."""
        found: dict[int, dict[int, int]] = {}
        rows = Activity.objects.filter(plan__project__in=projects, summary=False, cost__gt=0)
        for project, number, cost in rows.values_list("plan__project", "pk", "cost"):
            found.setdefault(project, {})[number] = cost or 0
        return found

    def _project_rows(
        self, at: int, project: Project, sheet: Sheet | None, planned: Mapping[int, int]
    ) -> list[tuple[int, int, int, float, int, int, int, int, int]]:
        """What is still to be spent: by activity where it is known, for the project else."""
        labour, other, rest = self._budgeted(sheet) if sheet is not None else ({}, dict(planned), 0)
        currency = self._of(sheet, project)
        mine = [number for number in self.estimates if self._is_open(number, at)]
        table: list[tuple[int, int, int, float, int, int, int, int, int]] = []
        for number in sorted({*labour, *other, *mine}):
            row = self.row_of.get(number)
            if row is None or self.left[row] <= 0:
                continue
            share, one = float(self.left[row]), self.estimates.get(number)
            if one is not None and one.cost_low is not None and one.cost_likely is not None and one.cost_high is not None:  # fmt: skip
                points = [round(self._own(value, project.currency) * share) for value in (one.cost_low, one.cost_likely, one.cost_high)]  # fmt: skip
                kind = KINDS[self.asked.distribution or one.distribution]
                kind = Distribution.PERT if kind == Distribution.LOGNORMAL and points[0] <= 0 else kind
                table.append((row, at, 0, 0.0, points[0], points[1], points[2], int(kind), self._group(row, one)))
                continue
            work = self._own(labour.get(number, 0), currency)
            minutes = int(self.activities.duration[row])
            fixed = self._own(other.get(number, 0), currency) + (0 if minutes else work)
            table.append((row, at, round(fixed * share), work / minutes if minutes else 0.0, 0, 0, 0, 0, NONE))
        if rest:
            table.append((NONE, at, self._own(rest, currency), 0.0, 0, 0, 0, 0, NONE))
        return table

    def _budgeted(self, sheet: Sheet) -> tuple[dict[int, int], dict[int, int], int]:
        """Labour and other cost by activity, and what belongs to none (or to one that is not computed): its months from now on."""
        labour: dict[int, int] = {}
        other: dict[int, int] = {}
        rest, now = 0, m.month_of(self.today)
        for row in sheet.lines:
            if row.line.reserve != Reserve.NONE:
                continue
            number = row.line.activity_id
            place = self.row_of.get(number) if number is not None else None
            if number is None or place is None or not self.part[place]:
                rest += sum(amount for month, amount in row.months.items() if month >= now)
                continue
            into = labour if row.line.cost_type is not None and row.line.cost_type.labour else other
            into[number] = into.get(number, 0) + row.total
        return labour, other, rest

    # ── risks ────────────────────────────────────────────────────────────────────────────────────

    def _risks(self) -> tuple[Risks, Impacts, list[Risk]]:
        kept = self.risks
        rows: list[tuple[int, int, int, int, int, int, int]] = []
        for at, risk in enumerate(kept):
            place = self.place[risk.project]
            row = self.row_of.get(risk.activity, NONE) if risk.activity is not None else NONE
            if risk.delay is not None and row != NONE and self.part[row]:
                rows.append((at, row, place, Measure.DURATION, *risk.delay))
            if risk.cost is not None:
                points = [self._own(value, self.projects[place].currency) for value in risk.cost]
                rows.append((at, NONE, place, Measure.COST, points[0], points[1], points[2]))
        if not kept:
            return Risks(), Impacts(), []
        chance = np.array([risk.probability for risk in kept])
        table = Risks(chance, np.array([int(risk.opportunity) for risk in kept], np.int64))
        if not rows:
            return table, Impacts(), list(kept)
        return table, Impacts(*(np.array(column, np.int64) for column in zip(*rows, strict=True))), list(kept)

    def _refusal(self, fault: Fault, estimates: Estimates, risks: Sequence[Risk]) -> Refused:
        """What cannot be simulated, in words: stored rows are checked when they are typed, so this is rare."""
        what: Any = fault.table
        if fault.table == "estimate" and fault.row != NONE:
            number = int(self.net.pk[estimates.activity[fault.row]])
            what = Activity.objects.filter(pk=number).first() or number
        elif fault.table == "risk" and fault.row != NONE:
            what = risks[fault.row].name
        return Refused(
            _("This cannot be simulated: %(what)s (%(reason)s).") % {"what": what, "reason": fault.code.value.replace("_", " ")},
            _("Please correct its three points."), code="unusable",
        )  # fmt: skip


def _left(net: Joint) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The share of each row that is still open: 1 not begun, 0 done; summaries have none."""
    table = net.dates.network.activities
    rows = slice(0, net.count)
    duration = table.duration[rows].astype(np.float64)
    left = np.where(table.remaining[rows] != NONE, table.remaining[rows], duration * (100 - table.percent[rows]) / 100)
    begun = table.actual_start[rows] != NONE
    share = np.where(begun, np.divide(left, duration, out=np.zeros(net.count), where=duration > 0), 1.0)
    done = (table.actual_finish[rows] != NONE) | (table.summary[rows] != 0)
    return np.where(done, 0.0, np.clip(share, 0, None))


def _currency(currencies: Sequence[str]) -> str:
    """The one that most projects count in; of several the first by name."""
    counts = {one: currencies.count(one) for one in sorted(set(currencies))}
    return max(counts, key=lambda one: counts[one]) if counts else "EUR"


def _sheets(projects: Collection[int]) -> dict[int, Sheet]:
    """The approved budget of each project that has one, in four queries."""
    newest: dict[int, Budget] = {}
    rows = Budget.objects.filter(
        Q(project__in=projects), kind=BudgetKind.PLAN, state="approved", archived_at=None
    ).order_by("number", "pk")
    for budget in rows:
        newest[budget.project_id] = budget
    sheets = sheets_of(list(newest.values()))
    return {number: sheets[budget.pk] for number, budget in newest.items()}
