"""How the core finds, permits and links the entities of this app."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_verb
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.portfolio.models import Gate, Portfolio, Programme, Project, Proposal, ScoringModel

register_entity(
    EntityType(
        Portfolio,
        icon="layout-grid",
        url_name="portfolio:board",
        scopes={
            "organisation": "unit__organisation_id",
            "unit": "unit_id",
            "portfolio": "id",
            "programme": "*programmes",
            "project": "*projects",
        },
        own={
            "portfolio_manager": ("manager__user_id",),
            "programme_manager": ("*programmes__manager__user_id",),
            "project_manager": ("*projects__manager__user_id",),
            "sponsor": ("*projects__sponsor__user_id", "*programmes__sponsor__user_id"),
        },
        search=("key", "name"),
        related=("unit", "manager"),
    )
)
register_entity(
    EntityType(
        Programme,
        icon="stack-2",
        url_name="portfolio:programme-detail",
        scopes={
            "organisation": "portfolio__unit__organisation_id",
            "unit": "unit_id",
            "portfolio": "portfolio_id",
            "programme": "id",
            "project": "*projects",
        },
        own={
            "programme_manager": ("manager__user_id",),
            "sponsor": ("sponsor__user_id",),
            "project_manager": ("*projects__manager__user_id",),
        },
        search=("key", "name"),
        related=("portfolio", "manager", "sponsor"),
    )
)
register_entity(
    EntityType(
        Project,
        icon="folders",
        url_name="portfolio:project-detail",
        scopes={
            "organisation": "portfolio__unit__organisation_id",
            "unit": "unit_id",
            "portfolio": "portfolio_id",
            "programme": "programme_id",
            "project": "id",
        },
        own={
            "project_manager": ("manager__user_id",),
            "sponsor": ("sponsor__user_id", "programme__sponsor__user_id"),
            "programme_manager": ("programme__manager__user_id",),
            "team_member": ("*members__person__user_id",),
        },
        search=("key", "name", "external_key"),
        related=("portfolio", "programme", "manager", "sponsor", "unit"),
    )
)
register_entity(
    EntityType(
        Proposal,
        icon="bulb",
        url_name="portfolio:proposal-detail",
        scopes={
            "organisation": "portfolio__unit__organisation_id",
            "unit": "unit_id",
            "portfolio": "portfolio_id",
            "programme": "programme_id",
        },
        own={
            "project_manager": ("requester__user_id",),
            "team_member": ("requester__user_id",),
            "programme_manager": ("requester__user_id",),
            "resource_manager": ("requester__user_id",),
            "sponsor": ("sponsor__user_id",),
        },
        search=("key", "name"),
        related=("portfolio", "programme", "requester", "sponsor"),
    )
)
register_entity(
    EntityType(ScoringModel, icon="adjustments", url_name="portfolio:scoringmodel-detail", search=("key", "name"))
)
register_entity(EntityType(Gate, icon="flag", part_of="project", comments=False, attachments=False))
register_verb("score_edit", _("score computed"))
