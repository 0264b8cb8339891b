"""Selections of a round: started, computed in the background, stopped, taken over as decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import RoundDecision
from stellwerk.controlling.models import InvestmentRound, RoundItem, SelectionRun
from stellwerk.controlling.selectors.rounds import MEASURES, RoundModel, limits_told, model_of, problem_of, rule_told
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.controlling.services.rounds import decide
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.engine.selection import (
    ALL,
    Change,
    Means,
    Problem,
    ProblemError,
    Progress,
    Result,
    binding,
    explain,
    frontier,
    select,
    step,
    uses,
)

JOB: Final = "controlling.select"
LONGEST: Final = 600
FEWEST, MOST_PERCENT = 10, 300
SHARE: Final = 0.5
"""Of the seconds for the best set; the rest is for the questions about it."""
PERCENTS: Final = (50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150)
TOLD_EVERY: Final = 1.0
Stopped = Callable[[], bool]
Step = Callable[[int, int, str], None]


@transaction.atomic
def start_run(
    *, round_: InvestmentRound, seconds: int = 30, measure: str = "score", percent: int = 100, keep: bool = False,
    name: str = "", by: User,
) -> SelectionRun:  # fmt: skip
    """Begin to compute. ``percent`` of the money limits; ``keep``: what is decided in the round already stands.

    Errors: ``NotAllowed``, ``Invalid``, ``Refused`` (no proposals, a rate is missing).
    """
    require(by, "select", round_)
    errors: dict[str, list[str]] = {}
    if not 1 <= seconds <= LONGEST:
        errors["seconds"] = [_("Between 1 and %(most)s seconds.") % {"most": LONGEST}]
    if measure not in MEASURES:
        errors["measure"] = [_("Choose what is to be made as large as possible.")]
    if not FEWEST <= percent <= MOST_PERCENT:
        errors["percent"] = [_("Between %(least)s and %(most)s per cent of the budget.") % {"least": FEWEST, "most": MOST_PERCENT}]  # fmt: skip
    if errors:
        raise Invalid(errors)
    items = list(RoundItem.objects.filter(round=round_).select_related("proposal"))
    if not items:
        raise Refused(_("There is no proposal in the round yet."), _("Submit proposals first."), code="no_items")
    asked = {
        "seconds": seconds, "measure": measure, "percent": percent, "seed": 1, "name": name.strip()[:80],
        "inside": [item.proposal.key for item in items if keep and item.decision == RoundDecision.IN],
        "outside": [item.proposal.key for item in items if keep and item.decision in (RoundDecision.OUT, RoundDecision.LATER)],
    }  # fmt: skip
    run = SelectionRun.objects.create(round=round_, asked=asked, asked_by=by)
    title = _("Selection: %(what)s") % {"what": round_}
    job = enqueue(JOB, {"run": run.pk}, user=by, unique_key=f"{JOB}:{run.pk}", title=title)
    SelectionRun.objects.filter(pk=run.pk).update(told={"job": str(job.uid)})
    record(round_, by=by, verb="edit", changes={"selection": [None, run.pk]})
    run.refresh_from_db()
    return run


def compute_run(number: int, *, stopped: Stopped, step_: Step) -> dict[str, Any]:
    """Compute a run that was started; what is known is written while it goes on, so that the page shows it."""
    run = SelectionRun.objects.select_related("round").get(pk=number)
    if run.state != "running":
        return {}
    try:
        model = model_of(run.round)
        problem, factor = problem_of(
            model, measure=run.asked["measure"], percent=run.asked["percent"], inside=run.asked["inside"],
            outside=run.asked["outside"],
        )  # fmt: skip
    except (MissingRate, ProblemError) as error:
        _tell(run, {"problem": str(getattr(error, "message", error))}, "failed")
        return {"problem": str(error)}
    return _Computing(run, model, problem, factor, stopped, step_).go()


class _Computing:
    """One run: the best set, then the questions about it, as long as there is time and nobody stops it."""

    def __init__(
        self, run: SelectionRun, model: RoundModel, problem: Problem, factor: int, stopped: Stopped, step_: Step
    ) -> None:
        self.run, self.model, self.problem, self.factor = run, model, problem, factor
        self.stopped, self.step = stopped, step_
        self.seconds = float(run.asked["seconds"])
        self.began, self.asked_at, self.over = monotonic(), 0.0, False
        self.told: dict[str, Any] = {
            "factor": factor,
            "years": model.years,
            "limits": dict(limits_told(model)),
            "items": {},
        }

    def go(self) -> dict[str, Any]:
        means = Means(nodes=10_000_000, seconds=self.seconds * SHARE, seed=self.run.asked["seed"], watch=self._watch)
        result = select(self.problem, means)
        self._result(result)
        if result.best is not None:
            _tell(self.run, self.told)
            self._explained(result)
            self._questions(result)
        self.told["seconds_all"] = round(monotonic() - self.began, 2)
        _tell(self.run, self.told, "stopped" if self.over and result.best is None else "done")
        return {"value": None if result.best is None else result.best.value, "status": result.status.value}

    # ── whether to go on ─────────────────────────────────────────────────────────────────────────

    def _asked_to_stop(self) -> bool:
        if not self.over and monotonic() - self.asked_at >= TOLD_EVERY / 2:
            self.asked_at = monotonic()
            self.over = self.stopped() or SelectionRun.objects.filter(pk=self.run.pk, stop=True).exists()
        return self.over

    def _watch(self, progress: Progress) -> bool:
        self.step(min(int(monotonic() - self.began), int(self.seconds)), int(self.seconds), _phase_text(progress.phase))
        return self._asked_to_stop()

    def _left(self, share: float) -> Means:
        left = max(self.seconds - (monotonic() - self.began), 0.1)
        return Means(nodes=200_000, seconds=left * share, seed=self.run.asked["seed"], watch=self._watch)

    # ── what is told ─────────────────────────────────────────────────────────────────────────────

    def _keys(self, rows: Iterable[int]) -> list[str]:
        return [self.problem.items.key[row] for row in rows]

    def _change(self, change: Change | None) -> dict[str, list[str]]:
        if change is None:
            return {"entering": [], "leaving": []}
        return {"entering": self._keys(change.entering), "leaving": self._keys(change.leaving)}

    def _result(self, result: Result) -> None:
        best, problem = result.best, self.problem
        self.told |= {
            "status": result.status.value, "proven": result.proven, "settled": result.settled, "engine": result.engine,
            "seconds": round(result.seconds, 2), "nodes": result.nodes, "bound": result.bound, "gap": result.gap,
            "greedy": {
                "chosen": self._keys(result.greedy.chosen), "value": result.greedy.value,
                "broken": [rule_told(problem, rule, self.model) for rule in result.greedy.broken],
            },
        }  # fmt: skip
        if result.conflict is not None:
            self.told["conflict"] = [rule_told(problem, rule, self.model) for rule in result.conflict.rules]
        if best is None:
            return
        self.told |= {"chosen": self._keys(best.chosen), "value": best.value}
        self.told["uses"] = [
            {
                "resource": self._resource(use.resource), "year": self.model.years[use.period], "limit": use.limit, "used": use.used,
                "blocked": self._keys(use.blocked),
            }
            for use in uses(problem, best.start)
        ]  # fmt: skip

    def _resource(self, row: int) -> int | None:
        return self.model.resources()[row][0]

    def _explained(self, result: Result) -> None:
        """Why in, why out, one proposal after the other; the time is shared among those that are left."""
        problem = self.problem
        end = monotonic() + max(self.seconds - (monotonic() - self.began), 0.1) * 0.5
        last = monotonic()
        for row, key in enumerate(problem.items.key):
            if self._asked_to_stop() or monotonic() >= end:
                return
            left = (end - monotonic()) / (len(problem.items) - row)
            reason = explain(result, row, Means(nodes=20_000, seconds=max(left, 0.05), watch=self._watch))
            self.told["items"][key] = {
                "inside": reason.inside, "loss": reason.loss, "proven": reason.proven, **self._change(reason.change),
                "obstacles": [rule_told(problem, rule, self.model) for rule in reason.obstacles],
                "conflict": [rule_told(problem, rule, self.model) for rule in reason.conflict.rules] if reason.conflict else [],
            }  # fmt: skip
            self.step(
                int(monotonic() - self.began), int(self.seconds), str(_("Why in, why out: %(key)s") % {"key": key})
            )
            if monotonic() - last >= TOLD_EVERY:
                last = monotonic()
                _tell(self.run, self.told)

    def _questions(self, result: Result) -> None:
        if self._asked_to_stop():
            return
        found = binding(result, self._left(0.4))
        self.told["binding"] = [
            {
                "resource": self._resource(one.resource), "year": None if one.period == ALL else self.model.years[one.period],
                "gain": one.gain, "proven": one.proven,
            }
            for one in found
        ]  # fmt: skip
        _tell(self.run, self.told)
        self._next(result)
        if self._asked_to_stop():
            return
        self.told["frontier"] = [
            {
                "percent": point.percent, "limit": point.limit, "value": point.best.value if point.best is not None else None,
                "bound": point.bound, "proven": point.status.value == "optimal", "count": len(point.best.chosen) if point.best else 0,
                **self._change(point.change),
            }
            for point in frontier(self.problem, self._left(0.95), percents=PERCENTS)
        ]  # fmt: skip

    def _next(self, result: Result) -> None:
        """What the next euro would buy: in each year alone, and the same amount in all of them."""
        rows = []
        periods = [at for at in range(len(self.model.years)) if int(self.problem.resources.limit[0, at]) >= 0]
        wanted = [*periods, ALL] if len(periods) > 1 else periods
        for place, period in enumerate(wanted):
            if self._asked_to_stop():
                break
            found = step(result, 0, period, self._left(0.5 / (len(wanted) - place)))
            rows.append(
                {"year": None if period == ALL else self.model.years[period], "extra": None}
                if found is None
                else {
                    "year": None if period == ALL else self.model.years[period], "extra": found.extra, "gain": found.gain,
                    "proven": found.proven, **self._change(found.change),
                }
            )  # fmt: skip
        self.told["next"] = rows


def _phase_text(phase: str) -> str:
    return str(
        {
            "greedy": _("Ranked list"), "prices": _("Bounds"), "search": _("Search for better sets"), "proof": _("Proof"),
            "ties": _("Which of several equally good sets"), "step": _("What the next euro would buy"),
        }.get(phase, _("Computing"))
    )  # fmt: skip


def _tell(run: SelectionRun, told: Mapping[str, Any], state: str = "running") -> None:
    kept = {"job": run.told.get("job")} if run.told.get("job") else {}
    rows = SelectionRun.objects.filter(pk=run.pk, state="running")
    rows.update(told=kept | dict(told), state=state, updated_at=timezone.now())


def fail_run(number: int) -> None:
    """The job broke: the page says so instead of computing for ever."""
    SelectionRun.objects.filter(pk=number, state="running").update(state="failed")


@transaction.atomic
def stop_run(*, run: SelectionRun, by: User) -> SelectionRun:
    """Enough: the best set so far is the answer. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "select", run.round)
    if not SelectionRun.objects.filter(pk=run.pk, state="running").update(stop=True):
        raise WrongState(_("This selection is over already."))
    run.refresh_from_db()
    return run


def take_over(*, run: SelectionRun, by: User | None) -> InvestmentRound:
    """The computed set becomes the prepared decisions; whatever was decided by hand with a reason stays if the run was told to keep it.

    Errors: ``NotAllowed``, ``WrongState`` (not finished, not balancing).
    """
    chosen = run.told.get("chosen")
    if run.state == "running" or chosen is None:
        raise WrongState(_("This selection has no set yet."))
    kept = {*run.asked.get("inside", []), *run.asked.get("outside", [])}
    decisions: dict[int, tuple[str, str]] = {}
    for item in RoundItem.objects.filter(round=run.round).select_related("proposal"):
        key = item.proposal.key
        if key in kept:
            continue
        if key in chosen:
            decisions[item.pk] = (RoundDecision.IN, _("Selection %(number)s") % {"number": run.pk})
        else:
            decisions[item.pk] = (RoundDecision.OUT, _("Not in selection %(number)s") % {"number": run.pk})
    return decide(round_=run.round, decisions=decisions, by=by)
