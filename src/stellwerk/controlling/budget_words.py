"""The way of a budget through its approval, in words: who did what when, with which comment, and whose turn it is."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.models import Budget
from stellwerk.controlling.services.authority import Ladder, ladder_of, reach_text, role_text
from stellwerk.controlling.services.rates import MissingRate
from stellwerk.core.history import entries_of
from stellwerk.core.registry import MACHINES

STEPS: Final = ("submit", "endorse", "approve", "reject", "rework")
WAITING: Final = ("submitted", "endorsed")


def approval_of(budget: Budget, amount: int | None) -> dict[str, Any]:
    """The steps so far, the oldest first, and for whom it waits; no rows before it was submitted. ``amount``: its total, if known."""
    entries = list(entries_of(budget).filter(verb__in=STEPS).order_by("pk"))
    if not entries:
        return {"rows": []}
    machine = MACHINES["controlling.budget"]
    waits = budget.state in WAITING
    asked = budget.kind == BudgetKind.PLAN and (waits or any(entry.verb == "endorse" for entry in entries))
    ladder = _ladder(budget, amount) if asked else None
    rows = [
        {
            "step": machine.transition(entry.verb).label, "who": str(entry.actor or _("Stellwerk")), "at": entry.at, "comment": entry.reason,
            "role": _as(str(entry.changes.get("endorsed_role", ["", ""])[1] or ""), ladder) if entry.verb == "endorse" else "",
        }
        for entry in entries
    ]  # fmt: skip
    return {"rows": rows, "waits": waits_text(budget, ladder) if waits else ""}


def _ladder(budget: Budget, amount: int | None) -> Ladder | None:
    try:
        return ladder_of(budget, amount)
    except MissingRate:
        return None


def _as(code: str, ladder: Ladder | None) -> str:
    """The role with its limit as it is today."""
    step = ladder.step(code) if ladder is not None and code else None
    if step is None:
        return role_text(code) if code else ""
    return f"{role_text(code)}, {reach_text(step.limit)}"


def waits_text(budget: Budget, ladder: Ladder | None) -> str:
    """For whom a submitted version waits, and to do what."""
    if budget.kind == BudgetKind.FORECAST:
        return _("It waits for the controller.")
    step = ladder.step(budget.awaits) if ladder is not None else None
    if step is None:
        return _("It waits for somebody whose limit of authority is high enough.")
    role = _as(budget.awaits, ladder)
    if step.enough:
        return _("It waits for the approval of: %(role)s.") % {"role": role}
    above = ", ".join(_as(one.role, ladder) for one in ladder.enough) if ladder is not None else ""
    text = _("It waits for the endorsement of: %(role)s.") % {"role": role}
    return f"{text} " + _("The approval is for: %(roles)s.") % {"roles": above} if above else text
