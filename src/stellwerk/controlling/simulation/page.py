"""A simulation in words, tables and chart data: what the pages, the panel and the workbook show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.models import SimulationRun
from stellwerk.controlling.selectors.simulation import Scope, names_of, scope_of
from stellwerk.controlling.simulation.results import TABLE
from stellwerk.controlling.simulation.risks import from_json
from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.core.registry import url_of
from stellwerk.portfolio.models import Project

SHOWN_ACTIVITIES: Final = 25
MARKED: Final = (50, 80)
PERCENTILES: Final = "#percentiles"
"""Where the page has the table that the tiles of P80 are a row of."""


def day(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None


def has_result(run: SimulationRun) -> bool:
    return bool(run.told.get("finish"))


# ── what the reader may know ─────────────────────────────────────────────────────────────────────


def hidden_in(runs: Iterable[SimulationRun], user: User | None) -> dict[int, int]:
    """How many projects of each run (by its number) the reader may not see, one query for all.

    A run was drawn as a whole: its sums cannot be taken apart again. So whoever may not see a part of it sees no sums of it.
    """
    parts = {run.pk: {row["pk"] for row in run.told.get("projects", [])} for run in runs}
    wanted = set().union(*parts.values())
    seen = set(_seen(user, wanted).values_list("pk", flat=True)) if wanted else set()
    return {number: len(projects - seen) for number, projects in parts.items()}


def _seen(user: User | None, numbers: Collection[int]) -> QuerySet[Project]:
    return Project.objects.filter(visible(user, Project, "money"), pk__in=numbers)


def hidden_text(count: int) -> str:
    return ngettext(
        "No sums: %(count)s project of this run is hidden from you", "No sums: %(count)s projects of this run are hidden from you", count,
    ) % {"count": formats.number(count)}  # fmt: skip


# ── in one sentence ──────────────────────────────────────────────────────────────────────────────


def answer_of(run: SimulationRun, hidden: int = 0) -> str:
    if hidden:
        return hidden_text(hidden)
    if run.state == "running":
        return _("Simulating %(what)s …") % {"what": run}
    if not has_result(run):
        return str(run.told.get("problem", "")) or _("The computation broke off.")
    finish = run.told["finish"]
    text = _("Finished by %(day)s with 80 %% probability") % {"day": formats.day(day(finish["shares"]["80"]))}
    if finish["share"] is not None:
        text = _("%(text)s; the approved %(day)s holds with %(share)s") % {
            "text": text, "day": formats.day(day(finish["approved"])), "share": share_text(finish["share"]),
        }  # fmt: skip
    return text


def short_answer(run: SimulationRun, hidden: int = 0) -> str:
    """One line of the list: P80 of finish and cost."""
    if hidden or not has_result(run):
        return answer_of(run, hidden)
    told = run.told
    parts = [f"P80 {formats.day(day(told['finish']['shares']['80']))}"]
    if told["cost"]:
        parts.append(formats.money(told["cost"]["shares"]["80"], told["currency"], unit="k"))
    if told["joint"]["both"] is not None:
        parts.append(_("date and budget %(share)s") % {"share": share_text(told["joint"]["both"])})
    return " · ".join(parts)


def share_text(share: float | None) -> str:
    """A probability as people read it: whole percent; near the ends “< 1 %” and “> 99 %”."""
    if share is None:
        return "–"
    if 0 < share < 0.01:
        return "< " + formats.percent(0.01, 0)
    if 0.99 < share < 1:
        return "> " + formats.percent(0.99, 0)
    return formats.percent(share, 0)


def sub_of(run: SimulationRun) -> list[str]:
    parts = [str(run), run.get_state_display()]
    if has_result(run):
        count = run.told["iterations"]
        parts.append(ngettext("%(count)s iteration", "%(count)s iterations", count) % {"count": formats.number(count)})
        parts.append(_("seed %(seed)s") % {"seed": run.told["seed"]})
    if run.asked_by is not None:
        parts.append(str(run.asked_by))
    return parts


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


def tiles_of(run: SimulationRun) -> list[dict[str, str]]:
    told = run.told
    finish, cost, currency = told["finish"], told["cost"], told["currency"]
    later = (day(finish["shares"]["80"]) or dt.date.min) - (day(finish["plan"]) or dt.date.min)
    tiles = [
        {
            "label": _("Finish: P80"), "value": formats.day(day(finish["shares"]["80"])), "href": PERCENTILES,
            "note": _("plan %(day)s (%(days)s d)") % {"day": formats.day(day(finish["plan"])), "days": formats.number(later.days, 0, sign=True)},
        },
        {
            "label": _("Approved finish is kept"), "value": share_text(finish["share"]),
            "count": counted(run, finish["share"]),
            "note": formats.day(day(finish["approved"])) if finish["approved"] else _("no date is approved"),
        },
    ]  # fmt: skip
    if cost:
        budget = None if cost["budget"] is None else cost["budget"] + cost["reserve"]
        tiles += [
            {
                "label": _("Cost: P80"), "value": formats.money(cost["shares"]["80"], currency, unit="k"), "href": PERCENTILES,
                "title": formats.money(cost["shares"]["80"], currency),
                "note": _("spent %(amount)s") % {"amount": formats.money(cost["spent"], currency, unit="k")},
            },
            {
                "label": _("Approved budget is kept"), "value": share_text(cost["share_reserve"]), "count": counted(run, cost["share_reserve"]),
                "title": formats.money(budget, currency) if budget is not None else "",
                "note": _("no budget is approved") if budget is None else _("%(amount)s; %(share)s without reserve") % {"amount": formats.money(budget, currency, unit="k"), "share": share_text(cost["share"])} if cost["reserve"] else formats.money(budget, currency, unit="k"),
            },
            {
                "label": _("Date and budget together"), "value": share_text(told["joint"]["both"]),
                "count": counted(run, told["joint"]["both"]), "note": _("joint confidence"),
            },
        ]  # fmt: skip
    return tiles


def counted(run: SimulationRun, share: float | None) -> str:
    """A probability is a count: in how many of all iterations it came so."""
    if share is None:
        return ""
    total = run.told["iterations"]
    return _("%(done)s of %(total)s iterations") % {"done": formats.number(round(share * total)), "total": formats.number(total)}  # fmt: skip


def table_of(run: SimulationRun) -> list[dict[str, Any]]:
    """One row per percentile: the finish, later than the plan by, the cost, dearer than the budget by."""
    told = run.told
    finish, cost = told["finish"], told["cost"]
    plan = day(finish["plan"])
    rows = []
    for name in finish["shares"]:
        at = day(finish["shares"][name])
        amount = cost["shares"][name] if cost else None
        over = None if amount is None or cost["budget"] is None else amount - cost["budget"] - cost["reserve"]
        rows.append(
            {
                "share": f"P{name}", "bold": int(name) in TABLE, "finish": at,
                "days": (at - plan).days if at is not None and plan is not None else None, "cost": amount, "over": over, "cost_text": formats.money(amount, told["currency"], unit="k"), "over_text": formats.money(over, told["currency"], unit="k", sign=True),
            }
        )  # fmt: skip
    return rows


def finish_chart(run: SimulationRun) -> dict[str, Any]:
    finish = run.told["finish"]
    bars = finish["bars"]
    first = day(bars["first"]) or dt.date.min
    edges = [(first + dt.timedelta(days=bars["width"] * at)).isoformat() for at in range(len(bars["counts"]) + 1)]
    marks = [{"at": finish["shares"][str(share)], "name": f"P{share}", "role": "share"} for share in MARKED]
    if finish["approved"]:
        marks.append({"at": finish["approved"], "name": pgettext("simulation", "approved"), "role": "approved"})
    return {
        "axis": "day", "name": _("Iterations"), "curve_name": _("Probability to be finished by then"),
        "bars": [*zip(edges, [*bars["counts"], 0], strict=True)], "curve": [[at, share / 100] for share, at in enumerate(finish["curve"])],
        "marks": marks,
    }  # fmt: skip


def cost_chart(run: SimulationRun) -> dict[str, Any] | None:
    cost, currency = run.told["cost"], run.told["currency"]
    if not cost:
        return None
    bars = cost["bars"]
    edges = [_thousands(bars["first"] + bars["width"] * at, currency) for at in range(len(bars["counts"]) + 1)]
    marks: list[dict[str, Any]] = [
        {"at": _thousands(cost["shares"][str(share)], currency), "name": f"P{share}", "role": "share"}
        for share in MARKED
    ]
    if cost["budget"] is not None:
        marks.append(
            {
                "at": _thousands(cost["budget"] + cost["reserve"], currency),
                "name": pgettext("simulation", "approved"),
                "role": "approved",
            }
        )
    return {
        "axis": "number", "unit": formats.money_unit(currency, "k"), "name": _("Iterations"),
        "curve_name": _("Probability to cost no more"), "bars": [*zip(edges, [*bars["counts"], 0], strict=True)],
        "curve": [[_thousands(amount, currency), share / 100] for share, amount in enumerate(cost["curve"])], "marks": marks,
    }  # fmt: skip


def cloud_chart(run: SimulationRun) -> dict[str, Any] | None:
    """Finish and cost of some iterations; None where one of both does not vary."""
    told = run.told
    finish, cost, joint, currency = told["finish"], told["cost"], told["joint"], told["currency"]
    if not cost or len({dot[1] for dot in joint["dots"]}) < 2 or len({dot[0] for dot in joint["dots"]}) < 2:
        return None
    marks: list[dict[str, Any]] = []
    if finish["approved"]:
        marks.append({"x": finish["approved"], "name": _("approved finish")})
    if cost["budget"] is not None:
        marks.append({"y": _thousands(cost["budget"] + cost["reserve"], currency), "name": _("approved budget")})
    return {
        "unit": formats.money_unit(currency, "k"), "name": _("Iterations"),
        "dots": [[at, _thousands(amount, currency)] for at, amount in joint["dots"]],
        "frontier": [[at, _thousands(amount, currency)] for at, amount in joint["frontier"]],
        "table": [[formats.day(day(at)), _thousands(amount, currency)] for at, amount in joint["frontier"]],
        "frontier_name": _("kept together with %(share)s") % {"share": share_text(joint["share"])}, "marks": marks,
    }  # fmt: skip


def _thousands(amount: int, currency: str) -> float:
    return round(float(formats.major(amount, currency)) / 1000, 3)


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def activity_rows(
    run: SimulationRun, user: User | None, most: int = SHOWN_ACTIVITIES
) -> tuple[list[dict[str, Any]], int]:
    """What matters most, as bars; and how many the reader may not see."""
    told = run.told.get("activities", [])
    names = names_of(run.told, user)
    seen = [row for row in told if row["pk"] in names]
    several = {row["project"] for row in seen} if len(run.told.get("projects", [])) > 1 else set()
    keys = dict(Project.objects.filter(pk__in=several).values_list("pk", "key"))
    rows = [
        {
            **row, "name": names[row["pk"]], "key": keys.get(row["project"], ""), "url": reverse("planning:activity-detail", args=[row["pk"]]),
            "bars": [
                {"label": label, "text": formats.number(row[key], 2) if row[key] is not None else "–", "parts": [(color, row[key] or 0.0)]}
                for label, key, color in ((_("Criticality"), "criticality", "press"), (_("Cruciality"), "cruciality", "d1"), (_("Sensitivity (SSI)"), "index", "d2"))
            ],
        }
        for row in seen if row["index"]
    ]  # fmt: skip
    return rows[:most], len(told) - len(seen)


def project_rows(run: SimulationRun, user: User | None) -> tuple[list[dict[str, Any]], int]:
    """The projects that the reader may see, the least likely first; and how many are hidden."""
    told = run.told.get("projects", [])
    rows = _seen(user, [row["pk"] for row in told]).select_related("portfolio")
    seen = {project.pk: project for project in rows}
    found = [
        row | {
            "project": seen[row["pk"]], "url": url_of(seen[row["pk"]]), "p50": day(row["finish"]["50"]), "p80": day(row["finish"]["80"]),
            "day": day(row["approved"]), "share_text": share_text(row["share"]), "cost_text": share_text(row["cost_share"]),
            "both_text": share_text(row["both"]), "cost80": row["cost"]["80"] if row["cost"] else None, "cost80_text": formats.money(row["cost"]["80"] if row["cost"] else None, run.told["currency"], unit="k"), "budget_text": formats.money(None if row["budget"] is None else row["budget"] + row["reserve"], run.told["currency"], unit="k"),
            "approved_budget": None if row["budget"] is None else row["budget"] + row["reserve"],
        }
        for row in told if row["pk"] in seen
    ]  # fmt: skip
    found.sort(key=lambda row: (row["share"] is None, row["share"], row["project"].key))
    return found, len(told) - len(found)


def risk_rows(run: SimulationRun, user: User | None) -> list[dict[str, Any]]:
    """The discrete risks of the projects that the reader may see."""
    risks = from_json(run.risks)
    seen = set(_seen(user, {risk.project for risk in risks}).values_list("pk", flat=True)) if risks else set()
    told = {row["name"]: row for row in run.told.get("risks", [])}
    return [
        {
            "name": risk.name, "opportunity": risk.opportunity, "probability": share_text(risk.probability),
            "delay": told.get(risk.name, {}).get("delay"), "cost": told.get(risk.name, {}).get("cost"),
            "expected": round(risk.expected_cost) if risk.cost else None, "cost_text": formats.money(told.get(risk.name, {}).get("cost"), run.told["currency"], unit="k"), "expected_text": formats.money(round(risk.expected_cost) if risk.cost else None, run.told["currency"], unit="k"),
        }
        for risk in risks if risk.project in seen
    ]  # fmt: skip


def assumptions_of(run: SimulationRun) -> list[str]:
    """What was assumed, so that nobody reads more into the figures than is in them."""
    told, counts = run.told, run.told.get("counts", {})
    lines = [
        ngettext(
            "%(open)s open activity, %(drawn)s with three points; the others take as long as planned.",
            "%(open)s open activities, %(drawn)s with three points; the others take as long as planned.", counts.get("open", 0),
        ) % {"open": formats.number(counts.get("open", 0)), "drawn": formats.number(counts.get("estimates", 0))},
        _("Links, lags, calendars, constraints and progress of the plans hold in each iteration; of what has begun only the rest is drawn."),
        _moving_together(run),
    ]  # fmt: skip
    chosen = run.asked.get("distribution", "")
    if chosen:
        lines.append(_("All estimates are read as: %(name)s.") % {"name": Distribution(chosen).label})
    basis = [row["basis"] for row in told.get("projects", [])]
    if "budget" in basis:
        lines.append(_("Cost: what is booked, and what the approved budget leaves of the open activities; labour costs more the longer it takes. Reserves are not spent."))  # fmt: skip
    if "plan" in basis:
        lines.append(
            _("Where no budget is approved, the planned cost of the activities counts, and what is booked already.")
        )
    if "" in basis:
        missing = basis.count("")
        lines.append(ngettext("%(count)s project has no cost: neither budget nor planned cost.", "%(count)s projects have no cost: neither budget nor planned cost.", missing) % {"count": formats.number(missing)})  # fmt: skip
    if told.get("one_end"):
        lines.append(_("Criticality counts from the last finish of the programme."))
    elif len(basis) > 1:
        lines.append(_("Criticality counts from the finish of each project."))
    lines.append(_("The same seed, plans and estimates give the same figures again."))
    return lines


def _moving_together(run: SimulationRun) -> str:
    rho = float(run.correlation)
    if not rho:
        return _("Activities vary independently of each other: the spread of long plans is then smaller than experience says.")  # fmt: skip
    values = {"rho": formats.number(rho, 2)}
    if run.asked.get("together") == "project":
        return _("The activities of a project correlate with %(rho)s.") % values
    return _("Activities of one group correlate with %(rho)s; groups are independent of each other.") % values


# ── two runs ─────────────────────────────────────────────────────────────────────────────────────


def comparison(one: SimulationRun, other: SimulationRun) -> list[dict[str, Any]]:
    """Percentiles and probabilities of two runs side by side, ``one`` being the newer."""
    rows = []
    for name in ("10", "50", "80", "90"):
        first, second = (day(run.told["finish"]["shares"][name]) for run in (other, one))
        assert first is not None and second is not None
        rows.append({"name": f"P{name} · {pgettext('simulation', 'finish')}", "before": formats.day(first), "after": formats.day(second), "delta": formats.number((second - first).days, 0, sign=True), "worse": second > first})  # fmt: skip
    same = one.told["currency"] == other.told["currency"]
    if same and one.told["cost"] and other.told["cost"]:
        for name in ("10", "50", "80", "90"):
            before, after = (run.told["cost"]["shares"][name] for run in (other, one))
            rows.append({"name": f"P{name} · {pgettext('simulation', 'cost')}", "before": formats.money(before, one.told["currency"], unit="k"), "after": formats.money(after, one.told["currency"], unit="k"), "delta": formats.money(after - before, one.told["currency"], unit="k", sign=True), "worse": after > before})  # fmt: skip
    for label, path in ((_("Approved finish is kept"), ("finish", "share")), (_("Approved budget is kept"), ("cost", "share_reserve")), (_("Date and budget together"), ("joint", "both"))):  # fmt: skip
        first_share, second_share = (run.told.get(path[0], {}).get(path[1]) for run in (other, one))
        delta = None if first_share is None or second_share is None else second_share - first_share
        rows.append({"name": label, "before": share_text(first_share), "after": share_text(second_share), "delta": "–" if delta is None else _("%(points)s pp") % {"points": formats.number(delta * 100, 0, sign=True)}, "worse": delta is not None and delta < 0})  # fmt: skip
    return rows


def scope_text(scope: Scope) -> str:
    return f"{scope.key} {scope.name}"


def scope_url(run: SimulationRun) -> str:
    return url_of(scope_of(run))
