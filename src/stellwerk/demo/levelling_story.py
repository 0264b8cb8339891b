"""A levelling proposal that waits for the PMO lead: computed, not made up."""

from __future__ import annotations

from typing import Final

from stellwerk.core.models import User
from stellwerk.demo.company import Company
from stellwerk.engine.levelling.people import solve
from stellwerk.planning.models import Plan
from stellwerk.planning.services.figures import OVER
from stellwerk.resources.levelling.case import read_case
from stellwerk.resources.models import LevellingRun
from stellwerk.resources.services.levelling import store_proposal

ROUNDS: Final = 0


def add_levelling(company: Company) -> None:
    """One project that runs, as of today; what its people do in the others stays."""
    petra = User.objects.filter(email__startswith="petra@").first()
    running = [project for project in company.projects if project.phase not in (*OVER, "on_hold")]
    plans = list(Plan.objects.filter(project__in=running[:1]).select_related("project", "calendar"))
    if not plans:
        return
    run = LevellingRun.objects.create(asked_by=petra, seconds=5, project=running[0])
    case = read_case(plans, movable=[plan.pk for plan in plans], today=company.today)
    curve: list[tuple[float, int]] = []
    plan = solve(case.problem, iterations=ROUNDS, on_better=lambda found: curve.append((0.1 * len(curve), found.value)))
    store_proposal(run, case, plan, curve)
