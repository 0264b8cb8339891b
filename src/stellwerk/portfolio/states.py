"""State machines of domain.md section 2 for portfolios, programmes, proposals, scoring models, projects and gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.portfolio import choices


def _states(rows: list[tuple[str, Any]], *final: str) -> tuple[State, ...]:
    return tuple(State(code, label, code in final) for code, label in rows)


def _model_of_the_portfolio(proposal: Any, by: User | None) -> Mapping[str, Any]:
    """A proposal that names no scoring model is assessed by its portfolio's."""
    model = proposal.scoring_model or proposal.portfolio.scoring_model
    return {"scoring_model": model} if model is not None and model.state == "active" else {}


register_machine(
    Machine(
        "portfolio.portfolio",
        _states(choices.PORTFOLIO_STATES, "closed"),
        (
            Transition("activate", _("Activate"), ("draft",), "active", primary=True),
            Transition("review", _("Start review"), ("active",), "under_review"),
            Transition("end_review", _("End review"), ("under_review",), "active", primary=True),
            Transition("close", _("Close"), ("active",), "closed", verb="approve", needs_reason=True),
        ),
    )
)


def _hold_phase(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"phase_before_hold": obj.phase}


register_machine(
    Machine(
        "portfolio.programme",
        _states(choices.PROGRAMME_STATES, "closed", "terminated"),
        (
            Transition("define", _("Define"), ("identified",), "defined", requires=("vision",), primary=True),
            Transition(
                "deliver",
                _("Start delivery"),
                ("defined",),
                "delivering",
                verb="approve",
                requires=("manager", "sponsor"),
                primary=True,
            ),
            Transition("hold", _("Put on hold"), ("delivering",), "on_hold", needs_reason=True),
            Transition("resume", _("Resume"), ("on_hold",), "delivering", primary=True),
            Transition("start_closing", _("Start closing"), ("delivering",), "closing", primary=True),
            Transition("close", _("Close"), ("closing",), "closed", verb="approve", primary=True),
            Transition("terminate", _("Terminate"), ("*",), "terminated", verb="approve", needs_reason=True),
        ),
    )
)

register_machine(
    Machine(
        "portfolio.scoringmodel",
        _states(choices.SCORING_STATES, "retired"),
        (
            Transition("activate", _("Activate"), ("draft",), "active", verb="approve", primary=True),
            Transition("retire", _("Retire"), ("active",), "retired", verb="approve"),
        ),
    )
)

register_machine(
    Machine(
        "portfolio.proposal",
        _states(choices.PROPOSAL_STATES, "rejected", "withdrawn", "converted"),
        (
            Transition("submit", _("Submit"), ("draft",), "submitted", requires=("problem", "requester"), primary=True),
            Transition(
                "start_assessment",
                _("Start assessment"),
                ("submitted",),
                "assessment",
                verb="import",
                primary=True,
                values=_model_of_the_portfolio,
            ),
            Transition("return", _("Return"), ("submitted",), "returned", verb="import", needs_reason=True),
            Transition("rework", _("Rework"), ("returned",), "draft", primary=True),
            Transition("score", _("Confirm scores"), ("assessment",), "scored", verb="import", primary=True),
            Transition(
                "approve", _("Approve"), ("scored",), "approved", verb="approve", not_by=("submit",), primary=True
            ),
            Transition("defer", _("Defer"), ("scored",), "deferred", verb="approve", needs_reason=True),
            Transition(
                "reject", _("Reject"), ("scored",), "rejected", verb="approve", needs_reason=True, not_by=("submit",)
            ),
            Transition("reassess", _("Assess again"), ("deferred",), "assessment", verb="import"),
            Transition("convert", _("Turn into a project"), ("approved",), "converted", verb="import", primary=True),
            Transition(
                "withdraw",
                _("Withdraw"),
                ("draft", "submitted", "returned", "assessment", "scored", "deferred"),
                "withdrawn",
            ),
        ),
    )
)

_PHASES = ("initiating", "planning", "executing", "transition", "closing")


def _resume_values(obj: Any, by: User | None) -> Mapping[str, Any]:
    return {"phase_before_hold": ""}


register_machine(
    Machine(
        "portfolio.project",
        _states(choices.PHASES, "closed"),
        (
            Transition("start_planning", _("Start planning"), ("initiating",), "planning", primary=True),
            Transition(
                "start_execution",
                _("Release execution"),
                ("planning",),
                "executing",
                verb="approve",
                requires=("manager", "sponsor"),
                primary=True,
            ),
            Transition("start_transition", _("Start transition"), ("executing",), "transition", primary=True),
            Transition("start_closing", _("Start closing"), ("transition",), "closing", primary=True),
            Transition("close", _("Close project"), ("closing",), "closed", verb="approve", primary=True),
            Transition(
                "hold", _("Put on hold"), _PHASES, "on_hold", verb="approve", needs_reason=True, values=_hold_phase
            ),
            *(
                Transition(
                    f"resume_{phase}",
                    _("Resume"),
                    ("on_hold",),
                    phase,
                    verb="approve",
                    values=_resume_values,
                    primary=True,
                )
                for phase in _PHASES
            ),
            Transition("stop", _("Stop project"), (*_PHASES, "on_hold"), "stopped", verb="approve", needs_reason=True),
            Transition("wind_up", _("Wind up"), ("stopped",), "closing"),
        ),
        field="phase",
    )
)

register_machine(
    Machine(
        "portfolio.gate",
        _states(choices.GATE_STATES, "go", "stop"),
        (
            Transition("open_dossier", _("Open dossier"), ("planned", "recycle"), "dossier_open"),
            Transition("review", _("Submit for review"), ("dossier_open", "hold"), "in_review"),
            Transition("go", _("Go"), ("in_review", "conditional_go"), "go", verb="approve"),
            Transition(
                "conditional_go",
                _("Conditional go"),
                ("in_review",),
                "conditional_go",
                verb="approve",
                needs_reason=True,
            ),
            Transition("recycle", _("Recycle"), ("in_review",), "recycle", verb="approve", needs_reason=True),
            Transition("hold", _("Hold"), ("in_review",), "hold", verb="approve", needs_reason=True),
            Transition("stop", _("Stop"), ("in_review",), "stop", verb="approve", needs_reason=True),
        ),
    )
)
