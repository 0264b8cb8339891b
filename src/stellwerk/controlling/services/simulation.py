"""Simulation runs: start, compute in the background, stop. What was told is kept with the run and is never computed again by reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.models import SimulationRun
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.controlling.simulation.case import Asked, Case, read_case
from stellwerk.controlling.simulation.results import compute, told_of
from stellwerk.controlling.simulation.risks import Risk, as_json, check_risks, from_json
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import Job, User
from stellwerk.core.permissions import require, visible
from stellwerk.core.services import create
from stellwerk.engine.network import HorizonError
from stellwerk.engine.simulation import Outcome, SimulationError, Watcher
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.figures import OVER
from stellwerk.portfolio.models import Portfolio, Programme, Project
from stellwerk.portfolio.services.figures import FigureRow, write_figures

JOB: Final = "controlling.simulate"
FEWEST, MOST = 100, 200_000
"""Iterations of a run."""
TOGETHER: Final = ("group", "project")
MOST_SEED: Final = 2**31 - 1


def plans_of(
    *, project: Project | None = None, programme: Programme | None = None, portfolio: Portfolio | None = None, by: User | None
) -> list[Plan]:  # fmt: skip
    """The plan of a project, else the living ones of a programme, else of a portfolio, that ``by`` may see, by key of the project."""
    rows = Plan.objects.filter(visible(by, Plan), project__archived_at=None)
    if project is not None:
        rows = rows.filter(project=project)
    else:
        within = {"project__programme": programme} if programme is not None else {"project__portfolio": portfolio}
        rows = rows.filter(**within).exclude(project__phase__in=(*OVER, "on_hold"))
    return list(rows.select_related("project__portfolio__unit", "calendar").order_by("project__key"))


def simulated(
    plans: Sequence[Plan], *, asked: Asked, risks: Sequence[Risk] = (), one_end: bool = False, today: dt.date | None = None,
    watch: Watcher | None = None,
) -> tuple[Case, Outcome]:  # fmt: skip
    """Simulate these plans; nothing is written. Error: ``Refused`` (no plan, nothing open, a circle, numbers that cannot be)."""
    if not plans:
        raise Refused(_("There is no plan to simulate here."), _("Begin or import the plans of the projects first."), code="no_plan")  # fmt: skip
    try:
        case = read_case(plans, asked=asked, risks=risks, today=today or timezone.localdate(), one_end=one_end)
    except MissingRate as missing:
        raise Refused(str(missing.message), _("Enter the exchange rate; then simulate again."), code="rate_missing") from missing  # fmt: skip
    if not case.counts["open"]:
        raise Refused(_("There is nothing open in these plans: all is done."), code="nothing_open")
    try:
        return case, compute(case, asked, watch)
    except HorizonError as error:
        raise Refused(_("An activity would end after 2150."), _("Look for a duration or a date that cannot be right."), code="unusable") from error  # fmt: skip
    except SimulationError as error:
        raise Refused(_("This run needs more memory than allowed."), _("Take fewer iterations."), code="too_large") from error  # fmt: skip


def check_asked(asked: Asked) -> None:
    """Raises ``Invalid`` by field."""
    errors: dict[str, list[str]] = {}
    if not FEWEST <= asked.iterations <= MOST:
        errors["iterations"] = [_("Between %(least)s and %(most)s iterations, please.") % {"least": FEWEST, "most": MOST}]  # fmt: skip
    if not 0 <= asked.seed <= MOST_SEED:
        errors["seed"] = [_("A whole number from 0 to %(most)s, please.") % {"most": MOST_SEED}]
    if not 0 <= asked.correlation <= 1:
        errors["correlation"] = [_("A correlation lies between 0 and 1.")]
    if asked.together not in TOGETHER:
        errors["together"] = [_("Choose what moves together.")]
    if asked.distribution not in ("", *Distribution.values):
        errors["distribution"] = [_("Choose one of the distributions.")]
    if errors:
        raise Invalid(errors)


@transaction.atomic
def start_run(
    *, project: Project | None = None, programme: Programme | None = None, portfolio: Portfolio | None = None, asked: Asked,
    risks: Sequence[Risk] = (), by: User,
) -> SimulationRun:  # fmt: skip
    """Begin to simulate in the background. Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (no plan)."""
    scope = project or programme or portfolio
    if scope is None:
        raise Invalid({"scope": [_("Choose a project, a programme or a portfolio that has a plan.")]})
    require(by, "view", scope)
    check_asked(asked)
    check_risks(risks)
    plans = plans_of(project=project, programme=programme, portfolio=portfolio, by=by)
    if not plans:
        raise Refused(_("There is no plan to simulate here."), _("Begin or import the plans of the projects first."), code="no_plan")  # fmt: skip
    _hit_known(risks, plans)
    # What the scope is part of is kept too: who manages a portfolio sees the runs of its projects.
    programme = project.programme if project is not None else programme
    portfolio = (
        project.portfolio if project is not None else programme.portfolio if programme is not None else portfolio
    )
    values = {
        "project": project, "programme": programme, "portfolio": portfolio, "iterations": asked.iterations, "seed": asked.seed,
        "correlation": Decimal(str(round(asked.correlation, 3))), "risks": as_json(risks), "asked_by": by,
        "asked": {"together": asked.together, "distribution": asked.distribution},
    }  # fmt: skip
    run = create(SimulationRun, values, by=by)
    title = _("Simulation: %(what)s") % {"what": run}
    job = enqueue(JOB, {"run": run.pk}, user=by, unique_key=f"{JOB}:{run.pk}", title=title)
    SimulationRun.objects.filter(pk=run.pk).update(told={"job": str(job.uid)})
    run.refresh_from_db()
    return run


def _hit_known(risks: Sequence[Risk], plans: Sequence[Plan]) -> None:
    """A risk hits a project of the scope, and an activity of its plan."""
    known = {plan.project_id: plan.pk for plan in plans}
    wanted = {risk.activity for risk in risks if risk.activity is not None}
    plan_of = dict(Activity.objects.filter(pk__in=wanted).values_list("pk", "plan"))
    errors: dict[str, list[str]] = {}
    for at, risk in enumerate(risks, start=1):
        if risk.project not in known:
            errors[f"risk-{at}"] = [_("Risk %(row)s: %(text)s") % {"row": at, "text": _("its project is not part of this simulation.")}]  # fmt: skip
        elif risk.activity is not None and plan_of.get(risk.activity) != known[risk.project]:
            errors[f"risk-{at}"] = [_("Risk %(row)s: %(text)s") % {"row": at, "text": _("its activity is not in the plan of the project.")}]  # fmt: skip
    if errors:
        raise Invalid(errors)


def asked_of(run: SimulationRun) -> Asked:
    return Asked(
        run.iterations, run.seed, float(run.correlation), run.asked.get("together", "group"), run.asked.get("distribution", "")
    )  # fmt: skip


def compute_run(number: int, *, stopped: Callable[[], bool], step: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Compute a run that was started. Stopped early it keeps the iterations that are done."""
    run = SimulationRun.objects.select_related("project", "programme", "portfolio", "asked_by").get(pk=number)
    if run.state != "running":
        return {}
    asked = asked_of(run)
    halted = False

    def watch(done: int, wanted: int) -> bool:
        nonlocal halted
        step(done, wanted, _("Iterations"))
        halted = done < wanted and (stopped() or SimulationRun.objects.filter(pk=run.pk, stop=True).exists())
        return halted

    try:
        plans = plans_of(project=run.project, programme=run.programme, portfolio=run.portfolio, by=run.asked_by)
        one_end = run.project is None and run.programme is not None
        case, outcome = simulated(plans, asked=asked, risks=from_json(run.risks), one_end=one_end, watch=watch)
    except Refused as refusal:
        _tell(run, {"problem": str(refusal)}, "failed")
        return {"problem": str(refusal)}
    told = told_of(case, asked, outcome)
    with transaction.atomic():
        _tell(run, told, "stopped" if halted else "done")
        write_figures(rows=figures_of(told, timezone.localdate()), by=None)
    return {"iterations": outcome.iterations}


def figures_of(told: Mapping[str, Any], day: dt.date) -> list[FigureRow]:
    """What boards, lists and reports show of each project of a run."""
    rows = []
    for one in told["projects"]:
        number, label = one["pk"], _("Simulation")
        rows.append(FigureRow(number, "risk.finish_p80", day, day=dt.date.fromisoformat(one["finish"]["80"]), source_label=label))  # fmt: skip
        if one["cost"]:
            rows.append(FigureRow(number, "risk.cost_p80", day, amount=one["cost"]["80"], currency=told["currency"], source_label=label))  # fmt: skip
        for code, share in (
            ("finish_share", one["share"]),
            ("cost_share", one["cost_share"]),
            ("joint_share", one["both"]),
        ):
            if share is not None:
                rows.append(FigureRow(number, f"risk.{code}", day, value=Decimal(str(round(share, 4))), source_label=label))  # fmt: skip
    return rows


def _tell(run: SimulationRun, told: dict[str, Any], state: str) -> None:
    kept = {"job": run.told.get("job")} if run.told.get("job") else {}
    SimulationRun.objects.filter(pk=run.pk, state="running").update(
        told=kept | told | {"at": timezone.now().isoformat()}, state=state, updated_at=timezone.now()
    )


def fail_run(number: int) -> None:
    """The job broke: the page says so instead of computing for ever."""
    SimulationRun.objects.filter(pk=number, state="running").update(state="failed")


@transaction.atomic
def stop_run(*, run: SimulationRun, by: User) -> SimulationRun:
    """Enough: the iterations that are done become the result. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "edit", run)
    if not SimulationRun.objects.filter(pk=run.pk, state="running").update(stop=True):
        raise WrongState(_("This run is over already."))
    run.refresh_from_db()
    return run


def job_of(run: SimulationRun) -> Job | None:
    uid = run.told.get("job")
    return Job.objects.filter(uid=uid).first() if uid else None
