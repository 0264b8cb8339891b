"""State machines of cycles and status reports (domain.md section 2 and 5).

What a step triggers (frozen snapshot, figures, messages) stands in ``guards.py``, so that pages, the API and jobs get it
alike.
"""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.states import Machine, State, Transition, register_machine
from stellwerk.reporting import choices

register_machine(
    Machine(
        "reporting.statusreport",
        tuple(State(code, label, code == "superseded") for code, label in choices.REPORT_STATES),
        (
            Transition(
                "submit", _("Submit"), ("draft",), "submitted", verb="submit", requires=("summary",), primary=True
            ),
            Transition(
                "submit_late",
                _("Submit late"),
                ("missed",),
                "submitted",
                verb="submit",
                requires=("summary",),
                values=lambda report, by: {"late": True},
                primary=True,
            ),
            Transition(
                "accept",
                _("Accept"),
                ("submitted",),
                "accepted",
                verb="accept",
                not_by=("submit", "submit_late"),
                primary=True,
            ),
            Transition("return", _("Return"), ("submitted",), "returned", verb="accept", needs_reason=True),
            Transition("rework", _("Rework"), ("returned",), "draft", primary=True),
            Transition(
                "publish",
                _("Publish"),
                ("accepted",),
                "published",
                verb="publish",
                not_by=("submit", "submit_late"),
                primary=True,
            ),
            Transition("supersede", _("Replace by a correction"), ("published",), "superseded", verb="publish"),
            Transition("miss", _("Mark as missed"), ("draft", "returned"), "missed", verb="accept"),
        ),
    )
)

register_machine(
    Machine(
        "reporting.cycle",
        tuple(State(code, label, code == "archived") for code, label in choices.CYCLE_STATES),
        (
            Transition("open", _("Open"), ("planned",), "open", primary=True),
            Transition("collect", _("Collect reports"), ("open",), "collecting", primary=True),
            Transition("cut_off", _("Cut off"), ("collecting",), "cut_off", primary=True),
            Transition("review", _("Start PMO review"), ("cut_off",), "pmo_review", primary=True),
            Transition("consolidate", _("Consolidate"), ("pmo_review",), "consolidated", primary=True),
            Transition("publish", _("Publish"), ("consolidated",), "published", verb="publish", primary=True),
            Transition("correct", _("Correct"), ("published",), "corrected", verb="publish", needs_reason=True),
            Transition("republish", _("Publish correction"), ("corrected",), "published", verb="publish", primary=True),
            Transition("archive_cycle", _("Archive"), ("published",), "archived"),
        ),
    )
)
