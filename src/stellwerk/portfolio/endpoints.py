"""Portfolios, programmes, projects and proposals in the API."""

from ninja import Router

from stellwerk.core.api.resources import Resource, add_resource
from stellwerk.portfolio.models import Portfolio, Programme, Project, Proposal, ScoringModel

router = Router()
BASE = ("key", "version", "confidentiality", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality")

_PORTFOLIO = ("name", "objectives", "unit", "manager", "currency", "scoring_model", "cycle_days", "cycle_anchor")
add_resource(
    router, Resource(Portfolio, "portfolios", read=(*BASE, "state", *_PORTFOLIO), write=(*COMMON, *_PORTFOLIO))
)

_PROGRAMME = ("name", "vision", "portfolio", "unit", "sponsor", "manager", "start", "finish")
add_resource(
    router, Resource(Programme, "programmes", read=(*BASE, "state", *_PROGRAMME), write=(*COMMON, *_PROGRAMME))
)

_PROJECT = (
    "name",
    "external_key",
    "description",
    "kind",
    "category",
    "size",
    "priority",
    "portfolio",
    "programme",
    "unit",
    "sponsor",
    "manager",
    "start_baseline",
    "start_forecast",
    "start_actual",
    "finish_baseline",
    "finish_forecast",
    "finish_actual",
    "currency",
    "budget",
)
add_resource(
    router,
    Resource(
        Project,
        "projects",
        read=(*BASE, "phase", *_PROJECT, "attributes"),
        write=(*COMMON, *_PROJECT),
    ),
)

_PROPOSAL = (
    "name",
    "problem",
    "benefit",
    "portfolio",
    "programme",
    "unit",
    "requester",
    "sponsor",
    "category",
    "mandatory",
    "mandatory_reason",
    "wanted_start",
    "duration_months",
    "currency",
    "scoring_model",
)
add_resource(
    router,
    Resource(
        Proposal,
        "proposals",
        read=(*BASE, "state", "score", *_PROPOSAL, "prerequisites", "exclusions"),
        write=(*COMMON, *_PROPOSAL),
    ),
)
add_resource(
    router,
    Resource(
        ScoringModel,
        "scoring-models",
        read=(*BASE, "state", "name", "description"),
        write=(*COMMON, "name", "description"),
    ),
)
