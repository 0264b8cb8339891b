"""Capacity and demand by role and month for the steering committee's pack."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.people.models import Organisation
from stellwerk.resources.selectors.manpower import HARD, NET, Filters, plan_of
from stellwerk.resources.selectors.manpower_answers import lines_by_role

MONTHS: Final = 8
"""So many stand side by side on a slide."""
MOST_ROLES: Final = 12


@dataclass(frozen=True)
class RoleFigures:
    """A role in a month, in FTE: net capacity, demand with the weighted pipeline, and what of it is booked firmly."""

    role: str
    month: dt.date
    capacity: Decimal
    demand: Decimal
    covered: Decimal


def role_figures(user: User | None, company: Organisation | None, on: dt.date) -> list[RoleFigures]:
    """Roles that somebody asks for, those with the largest gap first, at most :data:`MOST_ROLES`.

    Nothing for whoever may not read the manpower plan, or while nobody has asked for anybody.
    """
    if company is None or not can(user, "manpower", "people.unit"):
        return []
    plan = plan_of(user, Filters(on, organisation=company, months=MONTHS))
    lines = [line for line in lines_by_role(plan, pipeline=True) if line.code and line.demand.any()]
    lines.sort(key=lambda line: (min(gap or Decimal(0) for gap in line.gap), line.name))
    found = []
    for line in lines[:MOST_ROLES]:
        rows = zip(plan.months, line.fte(line.cell[NET]), line.fte(line.demand), line.fte(line.cell[HARD]), strict=True)
        for month, net, demand, firm in rows:
            if net is not None and demand is not None and firm is not None:
                found.append(RoleFigures(line.name, month, *(round(value, 4) for value in (net, demand, firm))))
    return found
