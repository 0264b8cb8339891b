"""How the core finds, permits and links demands, allocations, time sheets and levelling runs."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_verb
from stellwerk.core.permissions import ROLES
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.resources.models import AgencyAssignment, Allocation, Demand, HoursAgreement, LevellingRun, TimeSheet

_OF_THE_PROJECT = {
    "project_manager": ("{0}manager__user_id",),
    "sponsor": ("{0}sponsor__user_id", "{0}programme__sponsor__user_id"),
    "programme_manager": ("{0}programme__manager__user_id",),
}


def _own(prefix: str) -> dict[str, tuple[str, ...]]:
    return {role: tuple(path.format(prefix) for path in paths) for role, paths in _OF_THE_PROJECT.items()}


register_entity(
    EntityType(
        Demand,
        icon="user-question",
        url_name="resources:demand-detail",
        scopes={
            "organisation": "project__portfolio__unit__organisation_id",
            "unit": "unit_id",
            "portfolio": "project__portfolio_id",
            "programme": "project__programme_id",
            "project": "project_id",
        },
        own=_own("project__"),
        search=("key", "title"),
        related=("project", "role", "person", "unit"),
        confidentiality="project__confidentiality",
    )
)
register_entity(
    EntityType(
        Allocation,
        icon="user-check",
        url_name="resources:allocation-detail",
        scopes={
            "organisation": "person__unit__organisation_id",
            "unit": "person__unit_id",
            "portfolio": "demand__project__portfolio_id",
            "programme": "demand__project__programme_id",
            "project": "demand__project_id",
        },
        own=_own("demand__project__") | {"team_member": ("person__user_id",)},
        related=("demand__project", "person"),
        confidentiality="demand__project__confidentiality",
    )
)
register_entity(
    EntityType(
        TimeSheet,
        icon="clock",
        url_name="resources:timesheet-detail",
        url_by="pk",
        scopes={"organisation": "person__unit__organisation_id", "unit": "person__unit_id"},
        own=dict.fromkeys(ROLES, ("person__user_id",)),
        related=("person",),
        comments=False,
        attachments=False,
    )
)
register_entity(
    EntityType(
        LevellingRun,
        icon="adjustments",
        url_name="resources:levelling-run",
        url_by="pk",
        scopes={
            "organisation": "portfolio__unit__organisation_id",
            "portfolio": "portfolio_id",
            "project": "project_id",
        },
        own={"project_manager": ("project__manager__user_id",)},
        comments=False,
        attachments=False,
    )
)
register_entity(
    EntityType(
        HoursAgreement,
        icon="gavel",
        url_name="resources:agreement",
        url_by="pk",
        scopes={"organisation": "organisation_id"},
        comments=False,
    )
)
register_entity(
    EntityType(
        AgencyAssignment,
        icon="history",
        scopes={"organisation": "person__unit__organisation_id", "unit": "person__unit_id"},
        related=("person", "organisation"),
        confidentiality="person__confidentiality",
        comments=False,
        attachments=False,
    )
)
register_verb("submit", _("submitted"))
register_verb("correct_hours", _("hours corrected"))
register_verb("read_hours", _("recorded hours read"))
register_verb("request", _("asked for"))
register_verb("keep_past", _("past of a released booking"))
register_verb("assign", _("assigned"))
register_verb("offer", _("somebody else offered"))
register_verb("follow_plan", _("follows the plan"))
register_verb("move_hours", _("hours moved"))
register_verb("level", _("levelled"))
