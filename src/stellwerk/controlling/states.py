"""State machines of domain.md sections 2 and 5 for budgets, months, benefits, business cases, rounds and exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.controlling import choices
from stellwerk.controlling.services.authority import endorsing_role, next_authority
from stellwerk.core.models import User
from stellwerk.core.states import Machine, State, Transition, register_machine


def _states(rows: list[tuple[str, Any]], *final: str) -> tuple[State, ...]:
    return tuple(State(code, label, code in final) for code, label in rows)


def _approved(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"approved_at": timezone.now(), "approved_by": by}


def _budget_approved(obj: Any, by: User | None) -> Mapping[str, Any]:
    """Amounts in other currencies count at the rates of the approval, for ever."""
    return {**_approved(obj, by), "rate_date": obj.rate_date or timezone.localdate(), "awaits": ""}


def _budget_submitted(obj: Any, by: User | None) -> Mapping[str, Any]:
    """Whose turn it is; what was endorsed before counts no longer."""
    nobody = {"endorsed_at": None, "endorsed_by": None, "endorsed_role": ""}
    return {**nobody, "awaits": next_authority(obj, by, after="")}


def _budget_endorsed(obj: Any, by: User | None) -> Mapping[str, Any]:
    role = endorsing_role(obj, by)
    told = {"endorsed_at": timezone.now(), "endorsed_by": by, "endorsed_role": role}
    return {**told, "awaits": next_authority(obj, by, after=role)}


def _nobodys_turn(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"awaits": ""}


def _signed(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"signed_at": timezone.now(), "signed_by": by}


def _closed(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"closed_at": timezone.now()}


register_machine(
    Machine(
        "controlling.budget",
        _states(choices.BUDGET_STATES, "superseded"),
        (
            Transition(
                "submit", _("Submit"), ("draft",), "submitted", verb="submit", values=_budget_submitted, primary=True
            ),
            # Above one's own limit of authority: on to the next higher one (guards).
            Transition(
                "endorse", _("Endorse"), ("submitted", "endorsed"), "endorsed", verb="approve",
                not_by=("create", "submit"), values=_budget_endorsed, primary=True,
            ),
            Transition(
                "approve", _("Approve"), ("submitted", "endorsed"), "approved", verb="approve",
                not_by=("create", "submit"), values=_budget_approved, primary=True,
            ),
            Transition(
                "reject", _("Reject"), ("submitted", "endorsed"), "rejected", verb="approve", needs_reason=True,
                not_by=("submit",), values=_nobodys_turn,
            ),
            Transition("rework", _("Rework"), ("rejected",), "draft", verb="submit", primary=True),
            # The approval of a newer version does this (guards); nobody does it by hand.
            Transition("supersede", _("Supersede"), ("approved",), "superseded", verb="approve"),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "controlling.period",
        _states(choices.PERIOD_STATES),
        (
            Transition("load", _("Actuals are loaded"), ("open",), "actuals_loaded", verb="close", primary=True),
            Transition("reconcile", _("Reconciled"), ("actuals_loaded",), "reconciled", verb="close", primary=True),
            Transition(
                "confirm", _("Forecast confirmed"), ("reconciled",), "forecast_confirmed", verb="close", primary=True
            ),
            Transition(
                "close", _("Close the month"), ("forecast_confirmed", "reopened"), "closed", verb="close",
                values=_closed, primary=True,
            ),
            Transition("reopen", _("Reopen"), ("closed",), "reopened", verb="reopen", needs_reason=True),
            Transition("back", pgettext_lazy("month", "Back to open"), ("actuals_loaded", "reconciled", "forecast_confirmed"), "open", verb="close", needs_reason=True),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "controlling.benefit",
        _states(choices.BENEFIT_STATES, "dropped"),
        (
            Transition(
                "plan", pgettext_lazy("benefit", "Plan"), ("identified",), "planned", requires=("holder", "target"),
                primary=True,
            ),
            Transition("realise", _("Realisation begins"), ("planned",), "realising", primary=True),
            Transition("reach", _("Realised"), ("realising",), "realised", verb="approve", primary=True),
            Transition(
                "miss", _("Not realised"), ("realising",), "not_realised", verb="approve", needs_reason=True
            ),
            Transition("drop", _("Drop"), ("*",), "dropped", needs_reason=True),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "controlling.forecastexception",
        _states(choices.EXCEPTION_STATES, "closed"),
        (
            Transition("report", _("Report"), ("open",), "reported", requires=("cause", "options"), primary=True),
            Transition(
                "decide", pgettext_lazy("exception", "Decide"), ("reported",), "decided", verb="approve",
                requires=("decision",), not_by=("report",), primary=True,
            ),
            Transition("close", pgettext_lazy("exception", "Close"), ("open", "decided"), "closed", verb="approve", needs_reason=True),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "controlling.businesscase",
        _states(choices.CASE_STATES, "superseded"),
        (
            Transition("submit", _("Submit"), ("draft", "returned"), "submitted", verb="submit", primary=True),
            Transition(
                "sign", _("Sign the figures"), ("submitted",), "signed", verb="sign", not_by=("create", "submit"),
                values=_signed, primary=True,
            ),
            Transition("return", _("Send back"), ("submitted",), "returned", verb="sign", needs_reason=True),
            Transition("supersede", _("Supersede"), ("signed",), "superseded", verb="sign"),
        ),
    )
)  # fmt: skip
register_machine(
    Machine(
        "controlling.investmentround",
        _states(choices.ROUND_STATES, "loaded"),
        (
            Transition("open_call", _("Open the call"), ("draft",), "call_open", primary=True),
            Transition("close_call", _("Close submissions"), ("call_open",), "submissions_closed", primary=True),
            Transition("evaluate", _("Start evaluation"), ("submissions_closed",), "evaluation", primary=True),
            Transition("balance", _("Start balancing"), ("evaluation",), "balancing", primary=True),
            Transition("propose", _("Hand to the board"), ("balancing",), "board_approval", primary=True),
            Transition(
                "approve", _("Approve"), ("board_approval",), "approved", verb="approve", not_by=("propose",),
                primary=True,
            ),
            Transition(
                "reject", _("Send back"), ("board_approval",), "balancing", verb="approve", needs_reason=True
            ),
            Transition("load", _("Load into projects"), ("approved",), "loaded", primary=True),
        ),
    )
)  # fmt: skip
