"""Earned value of a project, a programme or a portfolio: sums of its projects, in one currency, never averaged ratios.

Plan, earned value and budget count at the exchange rate of the budget's approval, actual cost at that of its posting day (domain.md section 1).
A roll-up holds only projects whose money its reader may see, and counts the others.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

from stellwerk.controlling.selectors.budgets import rate_day
from stellwerk.controlling.selectors.earned_value import ProjectEv, Sources, counting_bookings
from stellwerk.controlling.selectors.frozen import as_frozen, frozen_of
from stellwerk.controlling.services.rates import MissingRate, Rates
from stellwerk.core.models import User
from stellwerk.core.permissions import visible_rows
from stellwerk.engine.earned_value import (
    DatedPlan,
    DatedSchedule,
    Measures,
    Reason,
    RollUp,
    Variant,
    dated_schedule,
    roll_up,
    sum_plans,
)
from stellwerk.engine.money import minor
from stellwerk.portfolio.models import Portfolio, Programme, Project

Level = Literal["project", "programme", "portfolio"]
Subject = Project | Programme | Portfolio
Number = int | Fraction

AMOUNTS: Final = ("bac", "pv", "ev", "ac", "cv", "sv")
"""Figures that are sums over the rows, of work packages as of projects."""
FORECASTS: Final = ("eac1", "eac2", "eac3", "eac4")
TIMES: Final = ("es", "at", "pd", "sv_t", "spi_t", "ieac_t", "tspi")


@dataclass
class Part:
    """One project in the currency of the level."""

    view: ProjectEv
    measures: Measures
    plan: DatedPlan | None

    @property
    def project(self) -> Project:
        return self.view.project

    @property
    def eac(self) -> int:
        """Its own forecast, as it is shown and added up."""
        return minor(self.measures.eac)


@dataclass(frozen=True)
class Figure:
    """A figure of a level, or why there is none."""

    code: str
    value: Number | None
    reason: Reason | None = None


@dataclass
class LevelEv:
    """Earned value at the end of ``day``. ``roll`` None: no project with an approved budget is in it."""

    subject: Subject
    day: dt.date
    currency: str
    parts: list[Part] = field(default_factory=list)
    hidden: int = 0
    without_budget: list[Project] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)

    @property
    def level(self) -> Level:
        return level_of(self.subject)

    @cached_property
    def roll(self) -> RollUp | None:
        if not self.parts:
            return None
        own = self.parts[0].measures.variant if self.level == "project" else Variant.CPI
        return roll_up([part.measures for part in self.parts], own)

    @cached_property
    def plan(self) -> DatedPlan | None:
        plans = [part.plan for part in self.parts if part.plan is not None]
        return sum_plans(plans) if plans else None

    @cached_property
    def schedule(self) -> DatedSchedule | None:
        """Earned schedule on the summed plan; time stops once everything is earned."""
        if self.plan is None or self.roll is None or not self.roll.total.bac:
            return None
        finished = [part.project.finish_actual for part in self.parts]
        over = max((day for day in finished if day is not None), default=None) if all(finished) else None
        return dated_schedule(self.plan, self.roll.total.ev, self.day, over)

    @property
    def frozen(self) -> bool:
        """All of it is as it was frozen when the month was closed."""
        return bool(self.parts) and all(part.view.frozen for part in self.parts)

    @property
    def estimated(self) -> bool:
        """Progress of the day is not what was reported then."""
        return any(part.view.estimated for part in self.parts)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """All figures by code; empty without a budget."""
        return {one.code: one for one in self._figures()}

    def _figures(self) -> Iterable[Figure]:
        if self.roll is None:
            return
        total, roll = self.roll.total, self.roll
        for code in AMOUNTS:
            yield Figure(code, getattr(total, code))
        for code in ("percent_complete", "percent_spent", "cpi", "spi", "tcpi_bac", *FORECASTS):
            yield Figure(code, getattr(total, code), total.why(code))
        etc = total.bottom_up_etc
        yield Figure("bottom_up_etc", etc, Reason.NO_BOTTOM_UP_ETC if etc is None else None)
        yield Figure("eac", roll.eac)
        yield Figure("etc", roll.etc)
        yield Figure("vac", roll.vac)
        yield Figure("overrun", Fraction(-roll.vac, total.bac) if total.bac else None, None if total.bac else Reason.NO_BUDGET)  # fmt: skip
        yield self._tcpi_eac(total, roll)
        yield Figure("commitment", sum(part.view.commitment for part in self.parts) if self._one_currency else None)
        schedule = self.schedule
        for code in TIMES:
            if schedule is None:
                yield Figure(code, None, Reason.NO_BUDGET)
            elif code in ("spi_t", "tspi"):
                yield Figure(code, getattr(schedule.schedule, code), schedule.schedule.why(code))
            else:
                yield Figure(code, schedule.months(code), None if code == "at" else schedule.schedule.why(code))

    @property
    def _one_currency(self) -> bool:
        return all(part.project.currency == self.currency for part in self.parts)

    def _tcpi_eac(self, total: Measures, roll: RollUp) -> Figure:
        """(BAC − EV) / (EAC − AC) with the forecast that counts here."""
        if self.level == "project" or total.why("tcpi_eac") in (Reason.COMPLETE, Reason.NO_BUDGET, Reason.NOT_STARTED):
            return Figure("tcpi_eac", total.tcpi_eac, total.why("tcpi_eac"))
        if roll.etc <= 0:
            return Figure("tcpi_eac", None, Reason.NO_COST_LEFT)
        return Figure("tcpi_eac", Fraction(total.bac - total.ev, roll.etc))


def level_of(subject: Subject) -> Level:
    return "project" if isinstance(subject, Project) else "programme" if isinstance(subject, Programme) else "portfolio"


def projects_of(subject: Subject, user: User | None) -> tuple[list[Project], int]:
    """The projects of a subject whose money this user may see (None: all), by key, and how many others there are."""
    if isinstance(subject, Project):
        return [subject], 0
    everything = Project.objects.filter(archived_at=None).select_related("portfolio__unit__organisation", "unit__organisation")  # fmt: skip
    everything = everything.filter(programme=subject) if isinstance(subject, Programme) else everything.filter(portfolio=subject)  # fmt: skip
    rows = everything if user is None else visible_rows(user, everything, "money")
    found = list(rows.order_by("key"))
    return found, (everything.count() - len(found) if user is not None else 0)


def currency_of(subject: Subject) -> str:
    if isinstance(subject, Programme):
        return subject.portfolio.currency
    return subject.currency


class LevelSources:
    """Everything for the figures of one subject on several days, read once."""

    def __init__(self, subject: Subject, days: Collection[dt.date], user: User | None) -> None:
        self.subject, self.currency = subject, currency_of(subject)
        self.projects, self.hidden = projects_of(subject, user)
        self.sources = Sources(self.projects, days)
        self.frozen = frozen_of(self.projects, days)
        foreign = [project for project in self.projects if project.currency != self.currency]
        self.rates = Rates({self.currency, *(project.currency for project in foreign)}) if foreign else None
        self.posted = _posted([project.pk for project in foreign], max(days)) if foreign else {}

    @property
    def first(self) -> dt.date | None:
        """The first month of any plan that counts on the last day."""
        sheets = (self.sources.sheets[budget.pk] for budget in self.sources.budgets[self.sources.last].values())
        return min((sheet.months[0] for sheet in sheets if sheet.months), default=None)

    def at(self, day: dt.date) -> LevelEv:
        found = LevelEv(self.subject, day, self.currency, hidden=self.hidden)
        for live in self.sources.at(day).values():
            payload = self.frozen.get((live.project.pk, day))
            view = as_frozen(live, payload) if payload is not None else live
            if view.measures is None:
                found.without_budget.append(view.project)
                continue
            try:
                found.parts.append(self._part(view))
            except MissingRate as missing:
                found.without_rate.append(f"{view.project.key}: {missing.message}")
        return found

    def _part(self, view: ProjectEv) -> Part:
        values = view.measures
        assert values is not None and view.budget is not None  # noqa: PT018 - both come with a budget
        own = view.project.currency
        if own == self.currency or self.rates is None:
            return Part(view, values, view.plan)
        rates, day = self.rates, rate_day(view.budget)

        def planned(amount: int) -> int:
            return rates.convert(amount, own, self.currency, day)

        etc = values.bottom_up_etc
        spent = sum(
            rates.convert(amount, own, self.currency, posted)
            for month, posted, amount in self.posted.get(view.project.pk, ())
            if view.day == self.sources.last or month <= view.day
        )
        measures = Measures(
            planned(values.bac), planned(values.pv), planned(values.ev), spent, None if etc is None else planned(etc), values.variant
        )  # fmt: skip
        if view.plan is None:
            return Part(view, measures, None)
        reached = [planned(amount) for amount in view.plan.cumulative]
        return Part(view, measures, DatedPlan(view.plan.days, tuple(b - a for a, b in pairwise(reached))))


def _posted(projects: list[int], day: dt.date) -> dict[int, list[tuple[dt.date, dt.date, int]]]:
    """Actual cost by month and posting day: to count each at the rate of its day."""
    found: dict[int, list[tuple[dt.date, dt.date, int]]] = defaultdict(list)
    rows = counting_bookings(projects, day).order_by("posted", "pk").values_list("project_id", "month", "posted", "project_amount")  # fmt: skip
    for project, month, posted, amount in rows:
        found[project].append((month, posted, amount or 0))
    return found


def level_ev(subject: Subject, day: dt.date, user: User | None) -> LevelEv:
    """Earned value of a subject at the end of ``day``, as far as ``user`` may see it (None: all of it)."""
    return LevelSources(subject, [day], user).at(day)
