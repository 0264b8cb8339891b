"""State machines of domain.md section 2 for baselines and activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.planning.choices import ACTIVITY_STATES, BASELINE_STATES


def _approval(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"approved_at": timezone.now(), "approved_by": by}


register_machine(
    Machine(
        "planning.baseline",
        tuple(State(code, label, code in {"rejected", "superseded"}) for code, label in BASELINE_STATES),
        (
            Transition("propose", _("Propose"), ("draft",), "proposed", requires=("reason",), primary=True),
            Transition(
                "approve",
                _("Approve"),
                ("proposed",),
                "approved",
                verb="approve",
                not_by=("propose", "create"),
                values=_approval,
                primary=True,
            ),
            Transition(
                "reject",
                _("Reject"),
                ("proposed",),
                "rejected",
                verb="approve",
                needs_reason=True,
                not_by=("propose", "create"),
            ),
        ),
    )
)
register_machine(
    Machine(
        "planning.activity",
        tuple(State(code, label, code == "cancelled") for code, label in ACTIVITY_STATES),
        (
            Transition("start", _("Start"), ("not_started",), "in_progress", verb="progress", primary=True),
            Transition("suspend", _("Suspend"), ("in_progress",), "suspended", verb="progress", needs_reason=True),
            Transition("resume", _("Resume"), ("suspended",), "in_progress", verb="progress", primary=True),
            Transition("complete", _("Complete"), ("in_progress",), "completed", verb="progress", primary=True),
            Transition("reopen", _("Reopen"), ("completed",), "in_progress", verb="progress", needs_reason=True),
            Transition(
                "cancel", _("Cancel"), ("not_started", "in_progress", "suspended"), "cancelled", needs_reason=True
            ),
        ),
    )
)
