"""State machines of domain.md section 2 for baselines and activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.models import User
from stellwerk.core.registry import effect
from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.planning.choices import ACTIVITY_STATES, BASELINE_STATES
from stellwerk.planning.models import Activity


def _approval(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"approved_at": timezone.now(), "approved_by": by}


def _begun(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"actual_start": obj.actual_start or obj.start, "remaining": obj.duration}


def _done(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {
        "percent": 100,
        "remaining": 0,
        "actual_start": obj.actual_start or obj.start,
        "actual_finish": obj.actual_finish or obj.finish,
    }


def _reopened(obj: Any, by: User | None) -> Mapping[str, Any]:
    """What is open again is nearly done until somebody says how much is left."""
    return {"percent": 99, "actual_finish": None, "remaining": (obj.duration or 0) // 100}


def _cancelled(obj: Any, by: User | None) -> Mapping[str, Any]:
    """A cancelled activity drives nothing any more."""
    return {"active": False}


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
            # Nobody does this by hand: the approval of the next one does (guards.py).
            Transition("supersede", _("Supersede"), ("approved",), "superseded", verb="approve"),
        ),
    )
)
register_machine(
    Machine(
        "planning.activity",
        tuple(State(code, label, code == "cancelled") for code, label in ACTIVITY_STATES),
        (
            Transition(
                "start",
                pgettext_lazy("transition", "Start"),
                ("not_started",),
                "in_progress",
                verb="progress",
                values=_begun,
                primary=True,
            ),
            Transition("suspend", _("Suspend"), ("in_progress",), "suspended", verb="progress", needs_reason=True),
            Transition("resume", _("Resume"), ("suspended",), "in_progress", verb="progress", primary=True),
            Transition(
                "complete", _("Complete"), ("in_progress",), "completed", verb="progress", values=_done, primary=True
            ),
            Transition(
                "reopen",
                _("Reopen"),
                ("completed",),
                "in_progress",
                verb="progress",
                needs_reason=True,
                values=_reopened,
            ),
            Transition(
                "cancel",
                _("Cancel"),
                ("not_started", "in_progress", "suspended"),
                "cancelled",
                needs_reason=True,
                values=_cancelled,
            ),
        ),
    )
)


@effect("planning.activity", "*")
def dates_follow(obj: models.Model, by: User | None, before: str) -> None:
    """A step of an activity changes dates like an edit of the plan does."""
    from stellwerk.planning.services.aftermath import recompute

    assert isinstance(obj, Activity)
    recompute(obj.plan_id, touched=[obj.pk])
