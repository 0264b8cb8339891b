"""How the core finds, permits and links the entities of this app."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_history_field, register_verb
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.portfolio.choices import DIMENSION_LABELS
from stellwerk.reporting.models import Cycle, DeckTemplate, StatusReport

register_entity(
    EntityType(
        StatusReport,
        icon="report",
        url_name="reporting:report-detail",
        scopes={
            "organisation": "project__portfolio__unit__organisation_id",
            "unit": "project__unit_id",
            "portfolio": "project__portfolio_id",
            "programme": "project__programme_id",
            "project": "project_id",
        },
        own={
            "project_manager": ("project__manager__user_id",),
            "sponsor": ("project__sponsor__user_id",),
            "programme_manager": ("project__programme__manager__user_id",),
            "team_member": ("*project__members__person__user_id",),
        },
        search=("key", "project__key", "project__name"),
        related=("project", "cycle", "author"),
    )
)
register_entity(
    EntityType(
        Cycle,
        icon="calendar-event",
        url_name="reporting:cycle-detail",
        scopes={"organisation": "portfolio__unit__organisation_id", "portfolio": "portfolio_id"},
        own={
            "programme_manager": ("*portfolio__programmes__manager__user_id",),
            "project_manager": ("*portfolio__projects__manager__user_id",),
            "sponsor": ("*portfolio__projects__sponsor__user_id",),
        },
        search=("key",),
        related=("portfolio",),
    )
)
register_entity(
    EntityType(
        DeckTemplate,
        icon="presentation",
        url_by="pk",
        scopes={"organisation": "organisation_id"},
        search=("name",),
        related=("organisation", "attachment"),
        comments=False,
    )
)
register_verb("remind", _("reminded"))
register_verb("confirm_override", _("override of a light confirmed"))
register_verb("reject_override", _("override of a light rejected"))
for _code, _label in DIMENSION_LABELS.items():
    register_history_field(f"light.{_code}", format_lazy("{} {}", _("Light"), _label))
register_verb("correct", _("corrected in a new edition"))
