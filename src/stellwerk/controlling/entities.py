"""How the core finds, permits and links budgets, months, benefits, business cases, rounds and simulations."""

from django.utils.translation import gettext_lazy as _

from stellwerk.controlling import models
from stellwerk.controlling.selectors.rounds import masked_history
from stellwerk.core.history import register_history_mask, register_verb
from stellwerk.core.registry import EntityType, register_entity

_OF_THE_PROJECT = {
    "project_manager": ("project__manager__user_id",),
    "sponsor": ("project__sponsor__user_id", "project__programme__sponsor__user_id"),
    "programme_manager": ("project__programme__manager__user_id",),
}
_SCOPES_OF_THE_PROJECT = {
    "organisation": "project__portfolio__unit__organisation_id",
    "portfolio": "project__portfolio_id",
    "programme": "project__programme_id",
    "project": "project_id",
}
_OF_THE_PROPOSAL = {
    "sponsor": ("proposal__sponsor__user_id",),
    "project_manager": ("proposal__requester__user_id",),
    "programme_manager": ("proposal__requester__user_id",),
    "team_member": ("proposal__requester__user_id",),
    "resource_manager": ("proposal__requester__user_id",),
}

register_entity(
    EntityType(
        models.Budget,
        icon="euro",
        url_name="controlling:budget-detail",
        scopes=_SCOPES_OF_THE_PROJECT,
        own=_OF_THE_PROJECT,
        search=("key", "name"),
        related=("project",),
        confidentiality="project__confidentiality",
    )
)
register_entity(
    EntityType(
        models.ForecastException,
        icon="alert",
        url_name="controlling:exception-detail",
        scopes=_SCOPES_OF_THE_PROJECT,
        own=_OF_THE_PROJECT,
        search=("key",),
        related=("project",),
        confidentiality="project__confidentiality",
    )
)
register_entity(
    EntityType(
        models.Benefit,
        icon="trend-up",
        url_name="controlling:benefit-detail",
        scopes=_SCOPES_OF_THE_PROJECT,
        own=_OF_THE_PROJECT,
        search=("key", "name"),
        related=("project", "holder"),
        confidentiality="project__confidentiality",
    )
)
register_entity(
    EntityType(
        models.SimulationRun,
        icon="chart-bubble",
        url_name="controlling:simulation-run",
        url_by="pk",
        scopes={
            "organisation": "portfolio__unit__organisation_id",
            "portfolio": "portfolio_id",
            "programme": "programme_id",
            "project": "project_id",
        },
        own={
            "project_manager": ("project__manager__user_id",),
            "sponsor": ("project__sponsor__user_id", "programme__sponsor__user_id"),
            "programme_manager": ("programme__manager__user_id",),
        },
        seen_with=("project",),
        comments=False,
        attachments=False,
    )
)
register_entity(
    EntityType(
        models.BusinessCase,
        icon="scale",
        url_name="controlling:case-detail",
        scopes={
            "organisation": "proposal__portfolio__unit__organisation_id",
            "portfolio": "proposal__portfolio_id",
            "programme": "proposal__programme_id",
        },
        own=_OF_THE_PROPOSAL,
        search=("key",),
        related=("proposal",),
        confidentiality="proposal__confidentiality",
    )
)
register_entity(
    EntityType(
        models.InvestmentRound,
        icon="wallet",
        url_name="controlling:round-detail",
        scopes={"organisation": "portfolio__unit__organisation_id", "portfolio": "portfolio_id"},
        search=("key", "name"),
        related=("portfolio",),
    )
)
register_entity(
    EntityType(
        models.StrategicObjective,
        icon="target",
        url_name="controlling:objective-detail",
        catalogue=True,
        search=("key", "name"),
        related=("holder",),
    )
)
register_entity(
    EntityType(models.CostType, icon="tag", url_name="controlling:cost-type-detail", catalogue=True, search=("key", "name", "name_en"))
)  # fmt: skip
register_entity(
    EntityType(
        models.CostCentre,
        icon="building",
        url_name="controlling:cost-centre-detail",
        catalogue=True,
        search=("key", "number", "name"),
        related=("organisation",),
    )
)
register_entity(
    EntityType(
        models.ExchangeRate, icon="world", url_name="controlling:rate-detail", url_by="pk", catalogue=True,
        comments=False, attachments=False,
    )
)  # fmt: skip
register_entity(
    EntityType(
        models.AuthorityLimit, icon="gavel", url_name="controlling:limit-detail", url_by="pk", catalogue=True,
        related=("organisation",), comments=False, attachments=False,
    )
)  # fmt: skip
register_entity(
    EntityType(
        models.Period,
        icon="calendar",
        url_name="controlling:month-detail",
        url_by="pk",
        scopes={"organisation": "organisation_id"},
        related=("organisation",),
    )
)
register_entity(
    EntityType(
        models.ActualsImport,
        icon="file-import",
        url_name="controlling:actuals-import",
        url_by="pk",
        scopes={"organisation": "organisation_id"},
        comments=False,
        attachments=False,
    )
)
register_verb("money_rules", _("money rules changed"))
register_entity(
    EntityType(
        models.Booking,
        icon="euro",
        url_name="controlling:booking-detail",
        url_by="pk",
        scopes=_SCOPES_OF_THE_PROJECT | {"organisation": "organisation_id"},
        own=_OF_THE_PROJECT,
        search=("document", "text", "supplier", "erp_object"),
        related=("project", "organisation", "cost_type"),
        confidentiality="project__confidentiality",
        comments=False,
        attachments=False,
    )
)
register_verb("import_actuals", _("actuals imported"))
register_verb("map_bookings", _("bookings assigned"))
register_verb("freeze_month", _("snapshot frozen"))
register_verb("discard", _("discarded"))
register_verb("accept_check", _("accepted as it is"))
register_verb("withdraw_acceptance", _("acceptance taken back"))
register_verb("book_by_hand", _("booked by hand"))
register_verb("reverse_booking", _("booking reversed"))
register_verb("sign_case", _("figures signed"))
register_verb("estimates", _("three-point estimates changed"))
register_verb("load_round", _("loaded into projects"))
register_verb("rate_strategy", _("contribution to the strategy"))
register_history_mask("controlling.investmentround", masked_history)
