"""Levelling: start a run, watch it, read what it proposes, accept all, some or none, take it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.portfolio.views.common import page
from stellwerk.resources.choices import Objective
from stellwerk.resources.levelling.chart import HEIGHT, MOST_WEEKS, bars_of
from stellwerk.resources.models import LevellingRun
from stellwerk.resources.selectors.levelling import (
    SHOWN_MOVES,
    ProjectLine,
    lines_of,
    missed_of,
    names_of,
    problems_of,
    runs_of,
    scopes_of,
)
from stellwerk.resources.services.levelling import (
    accept,
    discard_run,
    job_of,
    start_run,
    stop_run,
    undo_run,
)

SECONDS = (5, 20, 60, 300)
TOLD = 8
"""Conflicts and missed dates that stand open on the page."""


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "resources.levellingrun")
def levelling(request: HttpRequest) -> HttpResponse:
    """The runs, and the form that starts one."""
    user = actor(request)
    portfolios, projects = scopes_of(user)
    given = request.POST if request.method == "POST" else request.GET
    chosen = {
        "portfolio": given.get("portfolio", ""), "project": given.get("project", ""), "scope": given.get("scope", ""),
        "objective": given.get("objective", Objective.TARDINESS), "seconds": given.get("seconds", "20"),
    }  # fmt: skip
    error = ""
    if request.method == "POST":
        try:
            run = _started(chosen, portfolios, projects, user)
            return redirect("resources:levelling-run", pk=run.pk)
        except Invalid as refusal:
            error = " ".join(text for texts in refusal.errors.values() for text in texts)
        except Refused as refusal:
            error = str(refusal)
    if not chosen["scope"]:
        chosen["scope"] = f"project:{chosen['project']}" if chosen["project"] else f"portfolio:{chosen['portfolio']}"
    context = {
        "runs": [{"run": run, "answer": short_answer(run)} for run in runs_of(user)], "portfolios": portfolios, "projects": projects, "error": error,
        "objectives": Objective.choices, "seconds": SECONDS, "chosen": chosen, "may_start": bool(portfolios or projects),
    }  # fmt: skip
    return page(request, "resources/levelling.html", context, invalid=bool(error))


def _started(chosen: dict[str, str], portfolios: list[Portfolio], projects: list[Project], user: User) -> LevellingRun:
    kind, _sep, key = chosen["scope"].partition(":")
    rows: list[Any] = list(portfolios) if kind == "portfolio" else list(projects)
    found = next((one for one in rows if one.key == key), None)
    if found is None:
        raise Invalid({"scope": [_("Choose a portfolio or a project that has a plan.")]})
    seconds = int(chosen["seconds"]) if chosen["seconds"].isascii() and chosen["seconds"].isdigit() and len(chosen["seconds"]) < 5 else 0  # fmt: skip
    return start_run(**{kind: found}, objective=chosen["objective"], seconds=seconds, by=user)


@require_safe
@access("view", "resources.levellingrun")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, LevellingRun.objects.select_related("portfolio", "project", "asked_by"), pk=pk)
    lines, hidden = lines_of(run, user)
    names = names_of(run, [line.move for row in lines for line in row.moves], user)
    problems = problems_of(run, names)
    missed = missed_of(run, names, [line.plan.key for line in lines])
    may_edit = can(user, "edit", run)
    shown = sum(len(line.moves) for line in lines)
    context = {
        "run": run, "told": run.told, "answer": answer_of(run, lines), "sub": sub_of(run), "lines": lines, "hidden": hidden,
        "problems": problems[:TOLD], "more_problems": problems[TOLD:], "missed": missed[:TOLD], "more_missed": missed[TOLD:],
        "bars": bars_of(run.told.get("weeks", [])), "height": HEIGHT, "most_weeks": MOST_WEEKS, "weeks": run.told.get("weeks", []),
        "quality": quality_of(run), "curve": _curve(run), "may_edit": may_edit, "running": run.state == "running", "job": job_of(run),
        "open": sum(line.open for line in lines) if may_edit else 0, "shown_all": shown == sum(line.count for line in lines),
        "most": SHOWN_MOVES,
    }  # fmt: skip
    response = page(request, "resources/levelling_run.html", context)
    if request.headers.get("HX-Request") and run.state != "running":
        response["HX-Refresh"] = "true"  # the answer, the buttons and the table are new
    return response


@require_POST
@access("edit", "resources.levellingrun")
def run_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """All open moves, those of one plan, or the chosen ones."""
    user = actor(request)
    run = fetch(user, LevellingRun, pk=pk, verb="edit")
    chosen: list[int] | None = [int(one) for one in request.POST.getlist("move") if one.isascii() and one.isdigit() and len(one) < 18]  # fmt: skip
    if request.POST.get("all"):
        chosen = None
    plan = request.POST.get("plan", "")
    if plan.isascii() and plan.isdigit() and len(plan) < 18:
        chosen = list(run.moves.filter(accepted=None, activity__plan=int(plan)).values_list("pk", flat=True))
    before = run.moves.filter(accepted=True).count()

    def work() -> str:
        after = accept(run=run, moves=chosen, by=user).moves.filter(accepted=True).count()
        text = ngettext("%(count)s activity moved in the plans.", "%(count)s activities moved in the plans.", after - before)  # fmt: skip
        return text % {"count": formats.number(after - before)}

    return _done(request, run, work)


@require_POST
@access("edit", "resources.levellingrun")
def run_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, LevellingRun, pk=pk, verb="edit")
    return _done(request, run, lambda: (stop_run(run=run, by=user), "")[1])


@require_POST
@access("edit", "resources.levellingrun")
def run_discard(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, LevellingRun, pk=pk, verb="edit")

    def work() -> str:
        discard_run(run=run, by=user)
        return _("The proposal is discarded.")

    return _done(request, run, work)


@require_POST
@access("edit", "resources.levellingrun")
def run_undo(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = fetch(user, LevellingRun, pk=pk, verb="edit")

    def work() -> str:
        undo_run(run=run, by=user)
        return _("All plans are as they were before.")

    return _done(request, run, work)


def _done(request: HttpRequest, run: LevellingRun, work: Any) -> HttpResponse:
    """Back to the page, with what was done or why not."""
    try:
        text = work()
        if text:
            messages.success(request, text)
    except Invalid as refusal:
        messages.error(request, " ".join(text for texts in refusal.errors.values() for text in texts))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("resources:levelling-run", args=[run.pk]))


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def short_answer(run: LevellingRun) -> str:
    """A run in one line of the list."""
    if run.state == "failed":
        return str(run.told.get("problem", "")) or _("The computation broke off.")
    moves = run.told.get("moves")
    if moves is None:
        return _("computing")
    return _moved(int(moves))


def _sentence(text: str) -> str:
    """With a capital at its beginning; those inside stay."""
    return text[:1].upper() + text[1:]


def _moved(count: int) -> str:
    if not count:
        return _("nothing has to move")
    return ngettext("%(count)s activity moves", "%(count)s activities move", count) % {"count": formats.number(count)}


def answer_of(run: LevellingRun, lines: list[ProjectLine]) -> str:
    """The page in one sentence: what moves, and what it means for the projects."""
    if run.state == "running":
        return _("Levelling %(what)s …") % {"what": run}
    if run.state == "failed":
        return short_answer(run)
    moves = int(run.told.get("moves", 0))
    later = [line for line in lines if line.delay > 0]
    if not moves:
        return _("Nothing has to move: everybody has time for what is planned")
    if not later:
        return _("%(moved)s, and no project ends later") % {"moved": _sentence(_moved(moves))}
    worst = max(later, key=lambda line: line.delay)
    text = ngettext(
        "%(moved)s; %(count)s project ends later, %(key)s by %(days)s working days",
        "%(moved)s; %(count)s projects end later, most of all %(key)s by %(days)s working days",
        len(later),
    )
    return text % {"moved": _sentence(_moved(moves)), "count": formats.number(len(later)), "key": worst.plan.key, "days": formats.number(worst.delay)}  # fmt: skip


def sub_of(run: LevellingRun) -> list[str]:
    parts = [str(run), run.get_objective_display(), run.get_state_display()]
    if run.asked_by is not None:
        parts.append(str(run.asked_by))
    return parts


def quality_of(run: LevellingRun) -> str:
    """How far the proposal can be from the best possible."""
    told = run.told
    if "value" not in told:
        return ""
    gap = told.get("gap")
    if gap is None:
        return _("How close this is to the best possible is not known for this aim.")
    if gap <= 0:
        return _("This is the best possible.")
    return _("At most %(percent)s from the best possible.") % {"percent": formats.percent(gap, 0 if gap >= 0.1 else 1)}


def _curve(run: LevellingRun) -> dict[str, Any]:
    """The first answer and how much better the last one is."""
    curve = run.told.get("curve", [])
    if not curve:
        return {}
    (first, start), (last, best) = curve[0], curve[-1]
    better = (start - best) / start if start else 0.0
    return {
        "first": formats.number(first, 1), "count": len(curve) - 1, "last": formats.number(last, 1), "better": formats.percent(better, 0),
    }  # fmt: skip
