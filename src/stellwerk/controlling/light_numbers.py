"""The numbers behind the lights of cost, schedule and resources: what is told when somebody asks why one is red (``portfolio/why.py``).

They are the figures that stood on the day, so that the answer fits the light, also of a former day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.urls import reverse

from stellwerk.controlling.evm_page import figure_url
from stellwerk.controlling.services.evm_figures import slips_of
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.planning.services.figures import plan_url
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.portfolio.why import Indicator, tells
from stellwerk.resources.selectors.cover import staffing_of


def _stood(project: Project, day: dt.date, *codes: str) -> dict[str, FigureValue]:
    """Figures of the day that are not older than two cycles."""
    found = figures_at([project.pk], codes, day).get(project.pk, {})
    return {code: one for code, one in found.items() if (day - one.date).days <= 2 * project.portfolio.cycle_days or one.amount is not None}  # fmt: skip


@tells("cost")
def cost_numbers(project: Project, day: dt.date, user: User) -> Iterable[Indicator]:
    known = _stood(project, day, "eac", "bac", "budget", "ac")
    eac, bac = known.get("eac"), known.get("bac") or known.get("budget")
    if eac is None or bac is None or eac.amount is None or not bac.amount or eac.currency != bac.currency:
        return
    spent = known.get("ac")
    blind = eac.computed and (spent is None or not spent.amount)
    note = f"EAC {formats.money(eac.amount, eac.currency, unit='auto')} / BAC {formats.money(bac.amount, bac.currency, unit='auto')}"
    url = figure_url(project, "overrun", day) if eac.computed and can(user, "money", project) else ""
    overrun = Decimal(eac.amount - bac.amount) / Decimal(bac.amount)
    yield Indicator("eac_overrun", None if blind else overrun, note, url)
    approved = known["budget"].amount if "budget" in known else project.budget
    if approved:
        above = Decimal(max(0, eac.amount - approved))
        yield Indicator(
            "over_approved_budget", None if blind else above,
            f"EAC {formats.money(eac.amount, eac.currency, unit='auto')} / {formats.money(approved, bac.currency, unit='auto')}", url,
        )  # fmt: skip


@tells("schedule")
def schedule_numbers(project: Project, day: dt.date, user: User) -> Iterable[Indicator]:
    known = _stood(project, day, "spi_t", "plan.milestone_delay", "light.schedule")
    spi = known.get("spi_t")
    if spi is not None:
        url = figure_url(project, "spi_t", day) if spi.computed and can(user, "money", project) else ""
        yield Indicator("spi_t", spi.value, f"SPI(t) {formats.number(spi.value, 2)}", url)
    delay = known.get("plan.milestone_delay")
    if delay is None or delay.value is None:
        slip = slips_of([project.pk]).get(project.pk)
        if slip is not None:
            yield Indicator("milestone_delay", slip.days, slip.name)
    else:
        light = known.get("light.schedule")
        note = light.text if light is not None and light.computed else ""
        yield Indicator("milestone_delay", delay.value, note, plan_url(project))


@tells("resources")
def resource_numbers(project: Project, day: dt.date, user: User) -> Iterable[Indicator]:
    one = staffing_of([project.pk], day).get(project.pk)
    if one is None:
        return
    url = reverse("resources:project-demands", args=[project.key])
    yield Indicator("unfilled_need", one.unfilled, url=url)
    role = str(one.vacant_role) if one.vacant_role is not None else ""
    yield Indicator("key_role_vacant_weeks", one.vacant_weeks, role, url)
