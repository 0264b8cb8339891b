"""Levelling runs: start, compute, stop, accept all or some, take back, discard."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import ChangeSet, Job, User
from stellwerk.core.permissions import can, require, visible
from stellwerk.core.services import create, record
from stellwerk.engine.levelling.people import Plan as Proposal
from stellwerk.engine.levelling.people import ProblemError, compiler_installed, solve
from stellwerk.engine.network import CycleError, HorizonError
from stellwerk.planning.choices import UNDATED, Constraint
from stellwerk.planning.models import Activity, Plan
from stellwerk.planning.services.editing import edit_plan, undo_edit
from stellwerk.planning.services.figures import OVER
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.choices import Objective
from stellwerk.resources.levelling.case import Case, read_case
from stellwerk.resources.levelling.results import Move, moves_of, told_of
from stellwerk.resources.models import LevellingMove, LevellingRun

JOB: Final = "resources.level"
LONGEST: Final = 600
"""Seconds that a run may compute."""
TOLD_EVERY: Final = 1.0
"""Seconds between two better plans that are written down."""
MOST_OPERATIONS: Final = 1000
FEW: Final = 100
"""Up to so many activities loading the compiled steps takes longer than they save."""
Listener = Callable[[Case, Proposal, list[tuple[float, int]]], bool]
"""Hears of a better plan; True: that is enough."""


def plans_of(*, portfolio: Portfolio | None, project: Project | None, by: User | None) -> list[Plan]:
    """The living plans of a portfolio or a project that ``by`` may see, by key of the project."""
    rows = Plan.objects.filter(visible(by, Plan), project__archived_at=None).exclude(
        project__phase__in=(*OVER, "on_hold")
    )
    scope = rows.filter(project=project) if project is not None else rows.filter(project__portfolio=portfolio)
    return list(scope.select_related("project", "calendar").order_by("project__key"))


def level(
    plans: Sequence[Plan],
    *,
    objective: str,
    seconds: float,
    seed: int = 1,
    by: User | None,
    today: dt.date | None = None,
    listen: Listener | None = None,
) -> tuple[Case, Proposal, list[tuple[float, int]]]:
    """Compute a proposal; nothing is written. Plans that ``by`` may not edit stay as they are.

    Returns the case, the best plan and the curve (seconds, value). Error: ``Refused`` (links in a circle, no plan, nothing to move).
    """
    if not plans:
        raise Refused(_("There is no plan to level here."), _("Begin or import the plans of the projects first."), code="no_plan")  # fmt: skip
    movable = [plan.pk for plan in plans if can(by, "edit", plan)]
    try:
        case = read_case(plans, movable=movable, today=today or timezone.localdate())
    except CycleError as error:
        raise Refused(_("The links lead in a circle: nothing can be levelled."), _("The plan of the programme and the check of the plans name the activities."), code="circle") from error  # fmt: skip
    except (HorizonError, ProblemError) as error:
        raise Refused(_("These plans cannot be levelled: %(reason)s.") % {"reason": error}, _("Look for a duration or a date that cannot be right."), code="unusable") from error  # fmt: skip
    if not case.own.any():
        raise Refused(_("There is nothing open to level in these plans."), code="nothing_open")
    begun = monotonic()
    curve: list[tuple[float, int]] = []

    def better(plan: Proposal) -> bool:
        curve.append((monotonic() - begun, plan.value))
        return listen is not None and listen(case, plan, curve)

    compiled = len(case.pk) > FEW and compiler_installed()
    plan = solve(case.problem, objective=objective, seconds=seconds, seed=seed, on_better=better, compiled=compiled)  # type: ignore[arg-type]
    return case, plan, curve


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def start_run(
    *,
    portfolio: Portfolio | None = None,
    project: Project | None = None,
    objective: str = Objective.TARDINESS,
    seconds: int = 20,
    by: User,
) -> LevellingRun:
    """Begin to level in the background. Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (no plan)."""
    if objective not in Objective.values:
        raise Invalid({"objective": [_("Choose one of the aims.")]})
    if not 1 <= seconds <= LONGEST:
        raise Invalid({"seconds": [_("Between 1 and %(most)s seconds.") % {"most": LONGEST}]})
    scope = project or portfolio
    if scope is None:
        raise Invalid({"scope": [_("Choose a portfolio or a project that has a plan.")]})
    require(by, "view", scope)
    if not plans_of(portfolio=portfolio, project=project, by=by):
        raise Refused(_("There is no plan to level here."), _("Begin or import the plans of the projects first."), code="no_plan")  # fmt: skip
    values = {"portfolio": portfolio, "project": project, "objective": objective, "seconds": seconds, "asked_by": by}
    run = create(LevellingRun, values, by=by)
    title = _("Levelling: %(what)s") % {"what": run}
    job = enqueue(JOB, {"run": run.pk}, user=by, unique_key=f"{JOB}:{run.pk}", title=title)
    LevellingRun.objects.filter(pk=run.pk).update(told={"job": str(job.uid)})
    run.refresh_from_db()
    return run


def compute_run(number: int, *, stopped: Callable[[], bool], step: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Compute a run that was started; better plans are written while it goes on, so that the page shows them."""
    run = LevellingRun.objects.select_related("portfolio", "project", "asked_by").get(pk=number)
    if run.state != "running":
        return {}
    by = run.asked_by
    last = 0.0

    def listen(case: Case, plan: Proposal, curve: list[tuple[float, int]]) -> bool:
        nonlocal last
        step(
            min(int(curve[-1][0]), run.seconds), run.seconds, _("Better plans found: %(count)s") % {"count": len(curve)}
        )
        if monotonic() - last >= TOLD_EVERY:
            last = monotonic()
            _tell(run, told_of(case, plan, curve=curve))
        return stopped() or LevellingRun.objects.filter(pk=run.pk, stop=True).exists()

    try:
        plans = plans_of(portfolio=run.portfolio, project=run.project, by=by)
        case, plan, curve = level(plans, objective=run.objective, seconds=run.seconds, seed=run.seed, by=by, listen=listen)  # fmt: skip
    except Refused as refusal:
        _tell(run, {"problem": str(refusal)}, state="failed")
        return {"problem": str(refusal)}
    return {"moves": store_proposal(run, case, plan, curve), "value": int(plan.value)}


@transaction.atomic
def store_proposal(run: LevellingRun, case: Case, plan: Proposal, curve: Sequence[tuple[float, int]]) -> int:
    """What a run found becomes its proposal; how many activities move."""
    moves = moves_of(case, plan)
    run.moves.all().delete()
    LevellingMove.objects.bulk_create([_stored(run, move) for move in moves])
    _tell(run, told_of(case, plan, curve=curve) | {"moves": len(moves)}, state="proposed")
    return len(moves)


def _stored(run: LevellingRun, move: Move) -> LevellingMove:
    values = {name: value for name, value in asdict(move).items() if name not in ("activity", "plan")}
    return LevellingMove(run=run, activity_id=move.activity, **values)


def _tell(run: LevellingRun, told: Mapping[str, Any], *, state: str = "running") -> None:
    """A run that was discarded meanwhile stays discarded."""
    kept = {"job": run.told.get("job")} if run.told.get("job") else {}
    rows = LevellingRun.objects.filter(pk=run.pk, state="running")
    rows.update(told=kept | dict(told), state=state, updated_at=timezone.now())


def fail_run(number: int) -> None:
    """The job broke: the page says so instead of computing for ever."""
    LevellingRun.objects.filter(pk=number, state="running").update(state="failed")


@transaction.atomic
def stop_run(*, run: LevellingRun, by: User) -> LevellingRun:
    """Enough: the best plan so far becomes the proposal. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "edit", run)
    hit = LevellingRun.objects.filter(pk=run.pk, state="running").update(stop=True)
    if not hit:
        raise WrongState(_("This run is over already."))
    run.refresh_from_db()
    return run


@transaction.atomic
def discard_run(*, run: LevellingRun, by: User) -> LevellingRun:
    """Throw the proposal away. Errors: ``NotAllowed``, ``WrongState`` (something of it is accepted)."""
    require(by, "edit", run)
    current = LevellingRun.objects.select_for_update().get(pk=run.pk)
    if current.state not in ("running", "proposed", "failed"):
        raise WrongState(_("Only a proposal of which nothing is accepted can be discarded."))
    LevellingRun.objects.filter(pk=run.pk).update(state="discarded", stop=True)
    record(current, by=by, verb="edit", changes={"state": [current.state, "discarded"]})
    run.refresh_from_db()
    return run


# ── accepting ────────────────────────────────────────────────────────────────────────────────────


def accept(*, run: LevellingRun, moves: Iterable[int] | None, by: User) -> LevellingRun:
    """Write moves (None: all that are open) into the plans: one change set per plan, all of them or none.

    Errors: ``NotAllowed`` (a plan that ``by`` may not edit), ``WrongState``, ``Refused`` (a plan changed since; named), ``Invalid`` (none chosen).
    """
    require(by, "edit", run)
    with transaction.atomic():
        current = LevellingRun.objects.select_for_update().get(pk=run.pk)
        if current.state not in ("proposed", "applied"):
            raise WrongState(_("There is no open proposal here."))
        rows = current.moves.filter(accepted=None).select_related("activity__plan__project", "activity__plan__calendar")
        chosen = list(rows if moves is None else rows.filter(pk__in=set(moves)))
        if not chosen:
            raise Invalid({"moves": [_("Choose at least one activity that is not accepted yet.")]})
        by_plan: dict[int, list[LevellingMove]] = defaultdict(list)
        for move in chosen:
            by_plan[move.activity.plan_id].append(move)
        plans = {pk: moved[0].activity.plan for pk, moved in sorted(by_plan.items())}
        _unchanged(current, plans)
        sets = [number for pk, plan in plans.items() for number in _write(plan, by_plan[pk], by)]
        LevellingMove.objects.filter(pk__in=[move.pk for move in chosen]).update(accepted=True)
        told = current.told
        revisions = dict(Plan.objects.filter(pk__in=plans).values_list("pk", "revision"))
        for one in told.get("projects", []):
            one["revision"] = revisions.get(one["plan"], one["revision"])
        current.applied = [*current.applied, *sets]
        LevellingRun.objects.filter(pk=run.pk).update(
            state="applied", told=told, applied=current.applied, updated_at=timezone.now()
        )
        record(current, by=by, verb="level", changes={"moves": [None, len(chosen)]})
    run.refresh_from_db()
    return run


def _unchanged(run: LevellingRun, plans: Mapping[int, Plan]) -> None:
    seen = {one["plan"]: one["revision"] for one in run.told.get("projects", [])}
    changed = [plan.key for pk, plan in plans.items() if seen.get(pk) != plan.revision]
    if changed:
        raise Refused(
            _("These plans have changed since the proposal: %(plans)s.") % {"plans": ", ".join(changed)},
            _("Level again, so that the proposal fits what the plans say now."),
            code="plan_changed",
        )


def _write(plan: Plan, moves: Sequence[LevellingMove], by: User) -> list[int]:
    """The change sets of a plan, in order."""
    operations = [one for move in moves if (one := operation_of(move)) is not None]
    sets = []
    for begin in range(0, len(operations), MOST_OPERATIONS):
        edited = edit_plan(plan=plan, operations=operations[begin : begin + MOST_OPERATIONS], by=by, reason=_("Levelling"))  # fmt: skip
        if edited.change_set is not None:
            sets.append(edited.change_set.pk)
    return sets


def operation_of(move: LevellingMove) -> dict[str, Any] | None:
    """What the planner would have typed: the start as “no earlier than”, and the time that it takes people.

    An activity that its predecessor moves needs no date of its own: it follows. None: there is nothing to write.
    """
    activity = move.activity
    values: dict[str, Any] = {}
    own = activity.constraint == Constraint.START_NO_EARLIER and activity.constraint_date is not None
    if move.reason.get("kind") != "link":
        values |= _dated(activity, move.start.isoformat())
    elif own and activity.constraint_date != move.start and _by_levelling(move):
        values |= {"constraint": Constraint.ASAP, "constraint_date": None}
    if move.duration is not None and move.duration != activity.duration:
        values["duration"] = move.duration
        # Effort stays: given with the duration, neither is computed from the other.
        values["work"] = None if activity.work is None else str(activity.work)
    return {"op": "set", "row": activity.pk, "values": values} if values else None


def _dated(activity: Activity, start: str) -> dict[str, Any]:
    """The first constraint that is free, or the second; what the planner set stays."""
    if activity.milestone or activity.constraint == Constraint.START_NO_EARLIER or activity.constraint in UNDATED:
        first = Constraint.FINISH_NO_EARLIER if activity.milestone else Constraint.START_NO_EARLIER
        if not activity.milestone or activity.constraint in (*UNDATED, first):
            return {"constraint": first, "constraint_date": start}
    if activity.constraint2 in ("", *UNDATED, Constraint.START_NO_EARLIER):
        return {"constraint2": Constraint.START_NO_EARLIER, "constraint2_date": start}
    return {}


def _by_levelling(move: LevellingMove) -> bool:
    """Whether the date of the activity was written by a run."""
    rows = LevellingMove.objects.filter(activity=move.activity_id, accepted=True, run__state="applied")
    return rows.filter(start=move.activity.constraint_date).exists()


def undo_run(*, run: LevellingRun, by: User) -> LevellingRun:
    """Take all that was accepted back, the last change first. Errors: ``NotAllowed``, ``WrongState``, ``Overlap`` (later edits, named)."""
    require(by, "edit", run)
    with transaction.atomic():
        current = LevellingRun.objects.select_for_update().get(pk=run.pk)
        if current.state != "applied":
            raise WrongState(_("Nothing of this proposal is accepted."))
        sets = ChangeSet.objects.in_bulk(current.applied)
        for number in reversed(current.applied):
            if number in sets:
                plan = Plan.objects.select_related("project").get(pk=sets[number].plan["plan"])
                undo_edit(change_set=sets[number], plan=plan, by=by)
        LevellingRun.objects.filter(pk=run.pk).update(state="undone", updated_at=timezone.now())
        record(current, by=by, verb="level", changes={"state": ["applied", "undone"]})
    run.refresh_from_db()
    return run


def job_of(run: LevellingRun) -> Job | None:
    """The background job of a run, as long as it is kept."""
    uid = run.told.get("job")
    return Job.objects.filter(uid=uid).first() if uid else None
