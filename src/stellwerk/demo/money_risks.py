"""Schedule and cost risk of the demo company: three points for what is open, risks of two projects, finished runs: computed, not made up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.models import Estimate, SimulationRun
from stellwerk.controlling.services.estimates import suggested
from stellwerk.controlling.services.simulation import figures_of, plans_of, simulated
from stellwerk.controlling.simulation.case import Asked
from stellwerk.controlling.simulation.results import told_of
from stellwerk.controlling.simulation.risks import Risk, as_json
from stellwerk.core.models import User
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.figures import OVER
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.services.figures import write_figures

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

MOST_PROJECTS: Final = 60
"""So many projects get three points; larger demo companies have more that have none."""
MOST_ACTIVITIES: Final = 20_000
"""Beyond so many the portfolio is not simulated: loading the demo stays fast."""
ITERATIONS: Final = 2_000
DAY: Final = 480
UNCERTAIN: Final = (
    "genehm",
    "gutacht",
    "behörd",
    "liefer",
    "beschaff",
    "inbetrieb",
    "integration",
    "migration",
    "test",
)
SPREADS: Final = ((8, 15), (10, 25), (10, 35), (15, 40))
BAD: Final = (20, 80)
RISKS: Final = (
    ("Lieferant liefert verspätet", 0.35, (10, 20, 40), (15_000, 30_000, 80_000)),
    ("Genehmigung kommt mit Auflagen", 0.25, (15, 25, 60), (10_000, 40_000, 120_000)),
    ("Schlüsselperson fällt aus", 0.15, (5, 15, 30), None),
    ("Nachforderung aus geänderter Norm", 0.20, None, (20_000, 60_000, 150_000)),
)


def add_money_risks(company: Company) -> None:
    """After budgets and bookings: what is left of them is what a simulation spends."""
    living = [project for project in company.projects if project.phase not in (*OVER, "on_hold")]
    _estimates(company, living[:MOST_PROJECTS])
    running = [project for project in living if project.phase == "executing"]
    petra, paul = (User.objects.filter(email__startswith=f"{name}@").first() for name in ("petra", "paul"))
    mine = [project for project in running if project.manager_id is not None and paul is not None and project.manager is not None and project.manager.user_id == paul.pk]  # fmt: skip
    chosen = [*mine, *(project for project in running if project not in mine)][:2]
    for at, project in enumerate(chosen):
        _run(company, project, by=paul if project in mine else petra, risks=_risks(project, at))
    if Activity.objects.filter(plan__project__in=living).count() <= MOST_ACTIVITIES:
        _run(company, company.portfolio, by=petra, risks=[])


def _estimates(company: Company, projects: list[Project]) -> None:
    rng = random.Random(f"{company.size.seed}-estimates")  # noqa: S311 - invented data, the same every time
    rows = Activity.objects.filter(
        plan__project__in=projects, summary=False, actual_finish=None, percent__lt=100, duration__gt=0, active=True
    ).order_by("plan__project_id", "position")
    found = []
    for number, name, duration in rows.values_list("pk", "name", "duration"):
        word = next((word for word in UNCERTAIN if word in name.casefold()), "")
        below, above = BAD if word and rng.random() < 0.6 else rng.choice(SPREADS)
        points = suggested(duration or 0, below, above)
        kind = Distribution.LOGNORMAL if rng.random() < 0.05 else Distribution.TRIANGULAR if rng.random() < 0.15 else Distribution.PERT  # fmt: skip
        if rng.random() < 0.85:
            group = "Lieferung" if word in ("liefer", "beschaff") else ""
            found.append(Estimate(activity_id=number, distribution=kind, low=points[0], likely=points[1], high=points[2], group=group))  # fmt: skip
    Estimate.objects.bulk_create(found, batch_size=2000)


def _risks(project: Project, at: int) -> list[Risk]:
    """Three of the risks, on the longest open activities that are critical."""
    rows = Activity.objects.filter(plan__project=project, summary=False, actual_finish=None, duration__gt=0)
    targets = list(rows.order_by("-critical", "-duration", "pk").values_list("pk", flat=True)[:3])
    if not targets:
        return []
    found = []
    for number, (name, probability, delay, cost) in enumerate(RISKS[at : at + 3]):
        found.append(
            Risk(
                name, probability, project.pk, activity=targets[number % len(targets)] if delay is not None else None,
                delay=(delay[0] * DAY, delay[1] * DAY, delay[2] * DAY) if delay is not None else None,
                cost=(cost[0] * 100, cost[1] * 100, cost[2] * 100) if cost is not None else None,
            )
        )  # fmt: skip
    return found


def _run(company: Company, scope: Project | Portfolio, *, by: User | None, risks: list[Risk]) -> None:
    asked = Asked(ITERATIONS, 1, 0.3, "project")
    project = scope if isinstance(scope, Project) else None
    portfolio = scope.portfolio if isinstance(scope, Project) else scope
    plans: list[Plan] = plans_of(project=project, portfolio=portfolio, by=None)
    if not plans:
        return
    case, outcome = simulated(plans, asked=asked, risks=risks, today=company.today)
    told = told_of(case, asked, outcome) | {"at": timezone.now().isoformat()}
    SimulationRun.objects.create(
        project=project, programme=project.programme if project is not None else None, portfolio=portfolio, iterations=ITERATIONS,
        seed=asked.seed, correlation="0.3", risks=as_json(risks), asked={"together": asked.together, "distribution": ""}, told=told,
        state="done", asked_by=by,
    )  # fmt: skip
    write_figures(rows=figures_of(told, company.today), by=None, note_dates=False)
