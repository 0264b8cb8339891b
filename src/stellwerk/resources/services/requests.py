"""One door for whoever needs somebody: a request by hand, an activity of the plan, staffing. What follows is the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from stellwerk.core.models import User
from stellwerk.core.states import advance
from stellwerk.people.models import Person, Role
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project
from stellwerk.resources.choices import DemandSource
from stellwerk.resources.models import Allocation, Demand
from stellwerk.resources.services.allocations import request_person
from stellwerk.resources.services.demands import SkillWish, create_demand
from stellwerk.resources.weeks import Weeks


class Requested(NamedTuple):
    """A demand, and the request to the line manager where a person is named."""

    demand: Demand
    allocation: Allocation | None


@transaction.atomic
def request_for(
    *,
    project: Project,
    first: dt.date,
    last: dt.date,
    by: User | None,
    role: Role | None = None,
    person: Person | None = None,
    weeks: Weeks | None = None,
    hours_per_week: Decimal | float | int | None = None,
    skills: Iterable[SkillWish] = (),
    title: str = "",
    note: str = "",
    activity: Activity | None = None,
    source: DemandSource = DemandSource.REQUEST,
    priority: int = 3,
    probability: int = 100,
) -> Requested:
    """Ask for a role, or for a person (whose line manager then has a request to answer).

    ``weeks``: minutes by Monday; or the same hours in every week. Errors: as ``create_demand`` and ``request_person``.
    """
    values = {
        "project": project, "first": first, "last": last, "role": role, "person": person, "title": title, "note": note,
        "activity": activity, "priority": priority, "probability": probability,
    }  # fmt: skip
    demand = create_demand(
        values=values, by=by, skills=skills, weeks=weeks, hours_per_week=hours_per_week, source=source
    )
    booked = request_person(demand=demand, person=person, by=by) if person is not None else None
    return Requested(demand, booked)


def raise_vacancy(*, demand: Demand, by: User | None, reason: str = "", version: int | None = None) -> Demand:
    """Nobody inside can do it: staffing looks for somebody outside (it registers an effect on this step).

    Errors: as ``advance``.
    """
    return advance(demand, "raise_vacancy", by=by, reason=reason, version=version)
