"""One selection of a round: start, watch, stop, take over; what it found and why."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stellwerk.controlling import round_words as words
from stellwerk.controlling.models import InvestmentRound, SelectionRun
from stellwerk.controlling.selectors.rounds import Entry, RoundModel, masked, model_of, totals_of
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.controlling.services.selection_runs import start_run, stop_run, take_over
from stellwerk.controlling.views.rounds import RELATED, _detail, run_name, seen_of, value_of
from stellwerk.core import formats
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import Job, User
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import url_of
from stellwerk.portfolio.models import Proposal

SECONDS = (10, 30, 60, 300)


def _run(user: User, pk: int, verb: str = "view") -> SelectionRun:
    """A selection of a round that the user may see."""
    run = SelectionRun.objects.filter(pk=pk).select_related("asked_by").first()
    if run is None:
        raise Http404
    run.round = fetch(user, InvestmentRound.objects.select_related(*RELATED), verb, pk=run.round_id)
    return run


@require_POST
@access("select", "controlling.investmentround")
def round_select(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a selection."""
    user = actor(request)
    round_ = fetch(user, InvestmentRound.objects.select_related(*RELATED), "select", key=key)

    def whole(name: str) -> int:
        text = request.POST.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

    try:
        run = start_run(
            round_=round_, seconds=whole("seconds"), measure=request.POST.get("measure", ""), percent=whole("percent"),
            keep=bool(request.POST.get("keep")), name=request.POST.get("name", ""), by=user,
        )  # fmt: skip
    except Refused as refusal:
        return _detail(request, user, round_, refusal)
    return HttpResponseRedirect(reverse("controlling:selection", args=[run.pk]))


@require_POST
@access("select", "controlling.investmentround")
def run_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = _run(user, pk, "select")
    try:
        stop_run(run=run, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("controlling:selection", args=[pk]))


@require_POST
@access("select", "controlling.investmentround")
def run_take(request: HttpRequest, pk: int) -> HttpResponse:
    """The set becomes the prepared decisions."""
    user = actor(request)
    run = _run(user, pk, "select")
    try:
        take_over(run=run, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("controlling:selection", args=[pk]))
    messages.success(request, _("The set is taken over as decisions; each can still be changed."))
    return HttpResponseRedirect(url_of(run.round))


@require_safe
@access("view", "controlling.investmentround")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    run = _run(user, pk)
    problem = ""
    try:
        model = model_of(run.round)
    except MissingRate as refusal:
        model, problem = RoundModel(run.round, [], [], [], {}), str(refusal.message)
    told, running = run.told, run.state == "running"
    measure = run.asked.get("measure", "score")
    page = _Page(user, run, model, measure)
    uid = told.get("job")
    context = {
        "round": run.round, "run": run, "told": told, "running": running, "problem": told.get("problem") or problem, "name": run_name(run),
        "job": Job.objects.filter(uid=uid).first() if running and uid else None, "currency": run.round.currency,
        "value": value_of(model, run, page.chosen, page.seen), "bound": formats.NO_DATA if page.hidden else page.value(told.get("bound")),
        "measure": words.measure_name(measure),
        "greedy": page.greedy(), "rows": page.rows(), "uses": page.uses(), "binding": page.binding(), "next": page.next(),
        "frontier": page.frontier(), "chart": page.chart(), "conflict": [words.rule_text(rule, model) for rule in masked(told.get("conflict", []), page.unseen)],
        "may_select": can(user, "select", run.round), "takes": run.round.state == "balancing" and "chosen" in told and not running,
        "hidden": page.hidden, "totals": totals_of(model, page.chosen), "gap": told.get("gap"), "total": len(page.seen),
    }  # fmt: skip
    response = render(request, "controlling/round_run.html", context)
    if request.headers.get("HX-Request") and not running:
        response["HX-Refresh"] = "true"  # the answer, the buttons and the tables are new
    return response


class _Page:
    """What is told of a run, in words; proposals that the reader may not see are counted and not named."""

    def __init__(self, user: User, run: SelectionRun, model: RoundModel, measure: str) -> None:
        self.run, self.model, self.measure, self.told = run, model, measure, run.told
        self.currency = run.round.currency
        self.entries: dict[str, Entry] = model.by_key
        numbers = [entry.proposal.pk for entry in model.entries]
        seen = set(visible_rows(user, Proposal.objects.filter(pk__in=numbers)).values_list("key", flat=True))
        self.seen = seen
        self.unseen = {entry.key for entry in model.entries} - seen
        self.hidden = sum(entry.key not in seen for entry in model.entries)
        self.chosen = seen_of(run.told.get("chosen", []), seen)
        self.roles = {role.pk: str(role) for role in model.roles}

    def value(self, amount: int | None, *, sign: bool = False) -> str:
        return words.value_text(amount, self.told, self.measure, self.currency, sign=sign)

    def names(self, keys: list[str]) -> list[str]:
        known = [f"{key} {self.entries[key].proposal}" for key in keys if key in self.seen and key in self.entries]
        hidden = len(keys) - len(known)
        return [*known, _("%(count)s that you do not see") % {"count": hidden}] if hidden else known

    def greedy(self) -> dict[str, Any] | None:
        greedy = self.told.get("greedy")
        if greedy is None:
            return None
        chosen, best = set(greedy["chosen"]), set(self.told.get("chosen", []))
        value = None if self.hidden else self.told.get("value")
        return {
            "value": formats.NO_DATA if self.hidden else self.value(greedy["value"]),
            "less": self.value(greedy["value"] - value, sign=True) if value is not None else "",
            "more": self.names(sorted(chosen - best)), "fewer": self.names(sorted(best - chosen)),
            "broken": [words.rule_text(rule, self.model) for rule in masked(greedy.get("broken", []), self.unseen)], "same": chosen == best,
            "ratio": (value - greedy["value"]) / value if value else None,
        }  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        chosen = set(self.told.get("chosen", []))
        items = self.told.get("items", {})
        rows = []
        for key, entry in self.entries.items():
            if key not in self.seen or "chosen" not in self.told:
                continue
            why = items.get(key)
            rows.append(
                {
                    "key": key, "proposal": entry.proposal, "inside": key in chosen, "cost": entry.total(self.model.years),
                    "value": self._own_value(entry), "why": self._why(key, key in chosen, why), "decision": entry.item.get_decision_display(),
                    "decided": entry.item.decision, "reason": entry.item.reason,
                    "differs": bool(entry.item.decision) and (entry.item.decision == "in") != (key in chosen),
                }
            )  # fmt: skip
        return sorted(rows, key=lambda row: (not row["inside"], row["key"]))

    def _own_value(self, entry: Entry) -> str:
        value = entry.value(self.measure)
        if value is None:
            return formats.NO_DATA
        return (
            formats.money(int(value), self.currency, unit="auto") if self.measure == "npv" else formats.number(value, 1)
        )

    def _why(self, key: str, inside: bool, why: dict[str, Any] | None) -> list[str]:
        """Why in or out, in sentences."""
        if inside and self.entries[key].proposal.mandatory:
            return [_("It is mandatory.")]
        if why is None:
            return [_("Not computed: the time was over.")]
        sentences = [] if inside else words.obstacles_text(masked(why["obstacles"], self.unseen), self.model)
        if why["loss"] is None:
            other = [words.rule_text(rule, self.model) for rule in masked(why["conflict"], self.unseen)]
            lead = _("Without it no set is possible.") if inside else _("With it no set is possible.")
            return [*sentences, lead, *other]
        # What it is about changes sides anyway; only what else moves is told.
        enters, leaves = (
            ", ".join(self.names([one for one in why[side] if one != key])) for side in ("entering", "leaving")
        )
        loss = self.value(why["loss"])
        if self.unseen.intersection((*why["entering"], *why["leaving"])):
            pass  # the difference would tell what a hidden proposal is worth
        elif not why["loss"]:
            sentences.append(_("Equally good the other way round."))
        elif why["proven"]:
            sentences.append(
                (_("Without it %(loss)s less.") if inside else _("With it %(loss)s less.")) % {"loss": loss}
            )
        else:
            sentences.append((_("Without it at most %(loss)s less.") if inside else _("With it at most %(loss)s less.")) % {"loss": loss})  # fmt: skip
        if enters and leaves:
            sentences.append(_("Then in: %(enters)s; out: %(leaves)s.") % {"enters": enters, "leaves": leaves})
        elif enters:
            sentences.append(_("Then in: %(enters)s.") % {"enters": enters})
        elif leaves:
            sentences.append(_("Then out: %(leaves)s.") % {"leaves": leaves})
        return sentences

    def _resource(self, resource: int | None) -> str:
        return words.resource_name(resource, self.roles)

    def uses(self) -> list[dict[str, Any]]:
        """Limits by resource and year: the tight ones are marked."""
        if self.hidden:
            return []
        rows: dict[Any, dict[str, Any]] = {}
        years = self.told.get("years", [])
        for use in self.told.get("uses", []):
            row = rows.setdefault(
                use["resource"], {"name": self._resource(use["resource"]), "cells": dict.fromkeys(years)}
            )
            share = use["used"] / use["limit"] if use["limit"] else None
            row["cells"][use["year"]] = {
                "used": words.amount_text(use["resource"], use["used"], self.currency), "tight": bool(use["blocked"]),
                "limit": words.amount_text(use["resource"], use["limit"], self.currency), "share": share,
                "parts": [("d1", use["used"])], "top": max(use["limit"], use["used"], 1),
                "blocked": ", ".join(self.names(use["blocked"])),
            }  # fmt: skip
        return [{"name": row["name"], "cells": list(row["cells"].values())} for row in rows.values()]

    def binding(self) -> list[dict[str, Any]] | None:
        found = self.told.get("binding")
        if found is None or self.hidden:
            return None
        return [
            {"name": self._resource(one["resource"]), "year": one["year"], "gain": self.value(one["gain"], sign=True), "proven": one["proven"]}
            for one in found
        ]  # fmt: skip

    def next(self) -> list[dict[str, Any]]:
        return [
            {
                "year": one["year"], "extra": words.amount_text(None, one["extra"], self.currency) if one["extra"] is not None else None,
                "gain": self.value(one.get("gain"), sign=True), "entering": self.names(one.get("entering", [])),
                "leaving": self.names(one.get("leaving", [])), "proven": one.get("proven"),
            }
            for one in (() if self.hidden else self.told.get("next", []))
        ]  # fmt: skip

    def frontier(self) -> list[dict[str, Any]]:
        return [
            {
                "percent": one["percent"], "limit": words.amount_text(None, one["limit"], self.currency), "value": self.value(one["value"]),
                "count": one["count"], "proven": one["proven"], "entering": self.names(one["entering"]), "leaving": self.names(one["leaving"]),
            }
            for one in (() if self.hidden else self.told.get("frontier", []))
        ]  # fmt: skip

    def chart(self) -> dict[str, Any] | None:
        """Money on the x axis, value on the y axis; the round's own limit is marked."""
        if self.hidden:
            return None
        points = [one for one in self.told.get("frontier", []) if one["value"] is not None]
        if len(points) < 2:
            return None
        factor = self.told.get("factor") or 1
        unit = 1_000_000 if self.measure == "npv" else factor
        return {
            "x": {"name": _("Money in million %(currency)s") % {"currency": self.currency}, "max": _round_up(max(one["limit"] for one in points) / 1_000_000)},
            "y": {"name": words.measure_name(self.measure), "max": _round_up(max(one["value"] for one in points) / unit)},
            "points": [
                {
                    "x": one["limit"] / 1_000_000, "y": one["value"] / unit, "size": 3 if one["percent"] == 100 else 1, "name": f"{one['percent']} %",
                    "label": one["percent"] == 100 or bool(one["entering"]) or at == 0,
                    "note": _("%(count)s proposals") % {"count": one["count"]},
                }
                for at, one in enumerate(points)
            ],
        }  # fmt: skip


def _round_up(value: float) -> float:
    """The end of an axis: a little above the largest value."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12) if step * power >= value * 1.02)


__all__ = ["Invalid", "round_select", "run_page", "run_stop", "run_take"]
