"""Portfolios, programmes, projects and proposals in the API."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

from decimal import Decimal
from typing import Any, Literal

from ninja import Router
from pydantic import Field

from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import VERSION, Strict
from stellwerk.core.models import User
from stellwerk.core.pages.rows import Rows
from stellwerk.portfolio.forms import (
    BUDGET_ROWS,
    CAPACITY_ROWS,
    CRITERION_ROWS,
    GATE_ROWS,
    MEMBER_ROWS,
    OPTION_ROWS,
    TRANCHE_ROWS,
    YEAR_ROWS,
)
from stellwerk.portfolio.models import (
    Figure,
    Portfolio,
    Programme,
    Project,
    ProjectStatus,
    Proposal,
    ProposalScore,
    ScoringModel,
)
from stellwerk.portfolio.services.portfolios import edit_portfolio, set_thresholds
from stellwerk.portfolio.services.projects import create_project, edit_project, rate_size
from stellwerk.portfolio.services.proposals import score_proposal

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")


# ── portfolios and programmes ────────────────────────────────────────────────────────────────────


class Limits(Strict):
    green: Decimal | None = Field(None, max_digits=9, decimal_places=4)
    amber: Decimal | None = Field(None, max_digits=9, decimal_places=4)


class ThresholdsIn(Strict):
    version: int | None = VERSION
    reason: str = Field("", max_length=5000)
    thresholds: dict[str, Limits] = Field(..., description="Rule → limits; a rule left out has the method's default.")


def _edit_portfolio(obj: Any, values: Any, *, by: Any, version: Any, reason: str) -> Any:
    return edit_portfolio(portfolio=obj, values=values, by=by, version=version, reason=reason)


def _thresholds(obj: Any, data: Any, user: User) -> Any:
    limits = {
        rule: {name: format(value.normalize(), "f") for name, value in given if value is not None}
        for rule, given in data.thresholds.items()
    }
    return set_thresholds(portfolio=obj, thresholds=limits, by=user, version=data.version, reason=data.reason)


_PORTFOLIO = ("name", "objectives", "unit", "manager", "currency", "scoring_model", "cycle_days", "cycle_anchor")
add_resource(
    router,
    Resource(
        Portfolio,
        "portfolios",
        read=(*BASE, "state", "data_date", "thresholds", *_PORTFOLIO),
        write=(*COMMON, *_PORTFOLIO),
        fixed=("key",),
        edit=_edit_portfolio,
        children=(Child(BUDGET_ROWS),),
        actions=(Action("thresholds", _thresholds, ThresholdsIn, summary="Replace the limits of the traffic lights"),),
    ),
)

_PROGRAMME = ("name", "vision", "portfolio", "unit", "sponsor", "manager", "start", "finish")
add_resource(
    router,
    Resource(
        Programme,
        "programmes",
        read=(*BASE, "state", *_PROGRAMME),
        write=(*COMMON, *_PROGRAMME),
        fixed=("key",),
        children=(Child(TRANCHE_ROWS),),
    ),
)


# ── projects ─────────────────────────────────────────────────────────────────────────────────────


class SizeIn(Strict):
    """The five ratings of the method; ``budget`` in minor units of the project's currency."""

    version: int | None = VERSION
    budget: int = Field(..., ge=0, le=2**62)
    months: int = Field(..., ge=0, le=600)
    fte: Decimal = Field(..., ge=0, le=100_000)
    units: int = Field(..., ge=1, le=10_000)
    criticality: Literal[1, 2, 3]


def _create_project(values: Any, *, by: Any) -> Project:
    aliases = values.pop("aliases", None) or ()
    return create_project(values=values, aliases=aliases, by=by)


def _edit_project(obj: Any, values: Any, *, by: Any, version: Any, reason: str) -> Project:
    aliases = values.pop("aliases", None)
    return edit_project(project=obj, values=values, aliases=aliases, by=by, version=version, reason=reason)


def _size(obj: Any, data: Any, user: User) -> Project:
    given = data.model_dump(exclude={"version"})
    return rate_size(project=obj, by=user, version=data.version, **given)


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
    "department",
    "sponsor",
    "manager",
    "sponsor_name",
    "manager_name",
    "start_baseline",
    "start_forecast",
    "start_actual",
    "finish_baseline",
    "finish_forecast",
    "finish_actual",
    "currency",
    "budget",
)
# Written by reports, imports and the rooms that compute them; read here, with their source.
FIGURE_ROWS = Rows("figures", "", Figure, (), "project")
STATUS_ROWS = Rows("statuses", "", ProjectStatus, (), "project")
_FIGURE = (
    "id",
    "code",
    "date",
    "until",
    "light",
    "half_step",
    "reported",
    "amount",
    "currency",
    "value",
    "day",
    "text",
)
_SOURCE = ("source", "source_label", "source_url")
add_resource(
    router,
    Resource(
        Project,
        "projects",
        read=(*BASE, "phase", *_PROJECT, "proposal", "attributes"),
        write=(*COMMON, *_PROJECT),
        fixed=("key",),
        computed={"aliases": (list[str], lambda project: [row.normalised for row in project.aliases.all()])},
        extra={"aliases": list[str]},
        create=_create_project,
        edit=_edit_project,
        queryset=lambda: Project.objects.prefetch_related("aliases"),
        children=(
            Child(GATE_ROWS),
            Child(MEMBER_ROWS),
            Child(FIGURE_ROWS, read=(*_FIGURE, *_SOURCE), write=False, filters=("code", "date")),
            Child(
                STATUS_ROWS,
                read=("id", "date", *_SOURCE, "summary", "narrative", "attributes", "remarks"),
                write=False,
                filters=("date",),
            ),
        ),
        actions=(Action("size", _size, SizeIn, summary="Rate the size (S, M, L) by the method"),),
    ),
)


# ── proposals and scoring models ─────────────────────────────────────────────────────────────────


class ScoreIn(Strict):
    criterion: int = Field(..., ge=1, le=2**62)
    value: int | None = Field(None, ge=-32768, le=32767, description="Empty takes the score away.")
    reason: str = Field("", max_length=300)


class ScoresIn(Strict):
    version: int | None = VERSION
    scores: list[ScoreIn] = Field(..., max_length=200)


def _scores(obj: Any, data: Any, user: User) -> Proposal:
    given = {row.criterion: (row.value, row.reason) for row in data.scores}
    return score_proposal(proposal=obj, scores=given, by=user, version=data.version)


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
    "prerequisites",
    "exclusions",
)
SCORE_ROWS = Rows("scores", "", ProposalScore, (), "proposal")
add_resource(
    router,
    Resource(
        Proposal,
        "proposals",
        read=(*BASE, "state", "score", "decision_note", *_PROPOSAL),
        write=(*COMMON, *_PROPOSAL),
        fixed=("key",),
        children=(
            Child(OPTION_ROWS),
            Child(YEAR_ROWS),
            Child(CAPACITY_ROWS),
            Child(SCORE_ROWS, read=("id", "criterion", "value", "reason"), write=False),
        ),
        actions=(Action("score", _scores, ScoresIn, verb="import", summary="Give scores while it is in assessment"),),
    ),
)
add_resource(
    router,
    Resource(
        ScoringModel,
        "scoring-models",
        read=(*BASE, "state", "name", "description"),
        write=(*COMMON, "name", "description"),
        fixed=("key",),
        children=(Child(CRITERION_ROWS),),
    ),
)
