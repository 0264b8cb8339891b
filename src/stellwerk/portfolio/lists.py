"""The lists of the portfolio room; the board reads its filters from the list of projects."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core.kept import KeptQuery
from stellwerk.core.lists import Column, ListSpec, figure_column, register_figure_source, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.core.models import User
from stellwerk.core.registry import FIGURES
from stellwerk.people.lists import person_column
from stellwerk.portfolio.choices import (
    DIMENSIONS,
    PHASES,
    PORTFOLIO_STATES,
    PROGRAMME_STATES,
    PROPOSAL_STATES,
    SCORING_STATES,
    Category,
    Size,
)
from stellwerk.portfolio.models import Figure, Portfolio, Programme, Project, Proposal, ScoringModel

_FIELD_OF_KIND = {
    "light": "light",
    "money": "amount",
    "number": "value",
    "percent": "value",
    "days": "value",
    "count": "value",
    "date": "day",
    "text": "text",
}
_RANK = {"green": 0, "amber": 2, "red": 4}


def _current(code: str) -> Any:
    return Figure.objects.filter(project_id=OuterRef("pk"), code=code, until__isnull=True).order_by()


@lru_cache(maxsize=256)
def current_figure(code: str, part: str) -> Combinable | None:
    """A figure in force now; a light older than one cycle of its portfolio, or of a project on hold, is grey."""
    kind = FIGURES[code].kind
    rows = _current(code)
    if part == "trend":
        return _light_trend(code) if kind == "light" else None
    if kind != "light":
        return Subquery(rows.values(_FIELD_OF_KIND.get(kind, "text"))[:1])
    shown = Case(
        When(light="", then=Value("")),
        When(Q(date__lt=OuterRef("portfolio__fresh_from")) | Q(project__phase="on_hold"), then=Value("grey")),
        default=F("light"),
        output_field=CharField(),
    )
    return Subquery(rows.annotate(shown=shown).values("shown")[:1])


def _light_trend(code: str) -> Combinable:
    """Against the light that stood before the present one."""
    rank = Case(*(When(light=light, then=Value(value)) for light, value in _RANK.items()), default=None)
    before = Figure.objects.filter(project_id=OuterRef("project_id"), code=code, until=OuterRef("date")).order_by()
    rows = _current(code).annotate(rank_now=rank, rank_then=Subquery(before.annotate(r=rank).values("r")[:1]))
    trend = Case(
        When(Q(rank_now=None) | Q(rank_then=None), then=Value("")),
        When(rank_now=F("rank_then"), then=Value("same")),
        When(rank_now__gt=F("rank_then"), then=Value("down")),
        default=Value("up"),
        output_field=CharField(),
    )
    return Subquery(rows.annotate(trend=trend).values("trend")[:1])


register_figure_source("portfolio.project", current_figure)


def _answer_projects(request: HttpRequest, result: ListResult) -> str:
    count = result.count
    return ngettext("%(count)s project", "%(count)s projects", count) % {"count": count}


@lru_cache(maxsize=2)
def _first_date(what: str) -> Combinable:
    return Coalesce(f"{what}_actual", f"{what}_forecast", f"{what}_baseline")


def _link(code: str, label: Any, to: str, **options: Any) -> Column:
    options.setdefault("groupable", True)
    return Column(code, label, "link", path=f"{code}__name", key=f"{code}__key", to=to, **options)


_DATES: KeptQuery[Any] = KeptQuery(
    lambda which: Portfolio.objects.filter(which).order_by("-data_date").values_list("data_date", flat=True)[:1]
)


def _data_date(user: User) -> Any:
    return _DATES.first(~Q(data_date=None))


PROJECTS = register_list(
    ListSpec(
        "portfolio.project",
        Project,
        (
            Column("name", _("Project"), "link", edit="name"),
            Column("key", _("Key")),
            Column("external_key", _("Key elsewhere"), default=False, edit="external_key"),
            figure_column("light.overall", code="overall", quick=True, groupable=True),
            *(figure_column(f"light.{name}", code=name, groupable=True) for name in DIMENSIONS),
            Column("phase", _("Phase"), "choice", choices=PHASES, groupable=True, quick=True),
            _link("portfolio", _("Portfolio"), "portfolio.portfolio", default=False),
            _link("programme", _("Programme"), "portfolio.programme", quick=True),
            _link("unit", _("Unit"), "people.unit", default=False),
            Column("department", _("Department (as reported)"), groupable=True, default=False),
            person_column("manager", _("Project manager"), groupable=True),
            person_column("sponsor", _("Sponsor"), groupable=True, default=False),
            Column("manager_name", _("Project manager (as reported)"), default=False),
            Column("sponsor_name", _("Sponsor (as reported)"), default=False),
            Column(
                "category",
                _("Category"),
                "choice",
                choices=Category.choices,
                groupable=True,
                default=False,
                edit="category",
            ),
            Column(
                "project_size",
                _("Size"),
                "choice",
                path="size",
                choices=Size.choices,
                groupable=True,
                default=False,
                edit="size",
            ),
            Column("kind", _("Type"), groupable=True, default=False, edit="kind"),
            Column("priority", _("Priority"), "number", default=False, edit="priority"),
            Column(
                "start",
                _("Start"),
                "date",
                expression=partial(_first_date, "start"),
                default=False,
            ),
            Column(
                "finish",
                _("Finish"),
                "date",
                expression=partial(_first_date, "finish"),
            ),
            Column("finish_baseline", _("Finish (baseline)"), "date", default=False, edit="finish_baseline"),
            Column("finish_forecast", _("Finish (forecast)"), "date", default=False, edit="finish_forecast"),
            Column("budget", _("Approved budget"), "money", short=_("Budget"), scale="k", total="sum"),
            figure_column("bac", default=False, scale="k", total="sum"),
            figure_column("eac", scale="k", total="sum"),
            figure_column("ac", default=False, scale="k", total="sum"),
            figure_column("commitment", default=False, scale="k", total="sum"),
            figure_column("cpi", default=False),
            figure_column("spi_t", default=False),
            figure_column("value", default=False),
            figure_column("risk", code="exposure", default=False),
        ),
        default_sort=("key",),
        currency="currency",
        create_url="portfolio:project-create",
        create_label=_("New project"),
        answer=_answer_projects,
        data_date=_data_date,
        icon="folders",
        first_steps=("import", "demo"),
        empty_title=_("No projects yet"),
        empty_text=_("Projects appear here when a proposal is approved, a portfolio is imported, or you create one."),
    )
)

PORTFOLIOS = register_list(
    ListSpec(
        "portfolio.portfolio",
        Portfolio,
        (
            Column("name", _("Portfolio"), "link", edit="name"),
            Column("key", _("Key")),
            Column("state", _("State"), "choice", choices=PORTFOLIO_STATES, groupable=True, quick=True),
            _link("unit", _("Unit"), "people.unit"),
            person_column("manager", _("Portfolio manager"), groupable=True),
            Column("cycle_days", _("Reporting cycle in days"), "number", edit="cycle_days"),
            Column("data_date", _("Data date"), "date"),
            _link("scoring_model", _("Scoring model"), "portfolio.scoringmodel", default=False),
        ),
        default_sort=("name",),
        create_url="portfolio:portfolio-create",
        create_label=_("New portfolio"),
        icon="layout-grid",
        first_steps=("import",),
        empty_title=_("No portfolios yet"),
        empty_text=_("A portfolio is all projects that are steered together. Create one, or import your project list."),
    )
)

PROGRAMMES = register_list(
    ListSpec(
        "portfolio.programme",
        Programme,
        (
            Column("name", _("Programme"), "link", edit="name"),
            Column("key", _("Key")),
            Column("state", _("State"), "choice", choices=PROGRAMME_STATES, groupable=True, quick=True),
            _link("portfolio", _("Portfolio"), "portfolio.portfolio"),
            person_column("manager", _("Programme manager"), groupable=True),
            person_column("sponsor", _("Sponsor"), groupable=True),
            Column("start", _("Start"), "date", edit="start"),
            Column("finish", _("Finish"), "date", edit="finish"),
        ),
        default_sort=("name",),
        create_url="portfolio:programme-create",
        create_label=_("New programme"),
        icon="stack-2",
        empty_title=_("No programmes yet"),
        empty_text=_("A programme joins projects with a common vision."),
    )
)

PROPOSALS = register_list(
    ListSpec(
        "portfolio.proposal",
        Proposal,
        (
            Column("name", _("Proposal"), "link", edit="name"),
            Column("key", _("Key")),
            Column("state", _("State"), "choice", choices=PROPOSAL_STATES, groupable=True, quick=True),
            _link("portfolio", _("Portfolio"), "portfolio.portfolio"),
            _link("programme", _("Programme"), "portfolio.programme", default=False),
            Column("category", _("Category"), "choice", choices=Category.choices, groupable=True, edit="category"),
            Column("mandatory", _("Mandatory"), "bool"),
            person_column("requester", _("Requester"), groupable=True),
            person_column("sponsor", _("Sponsor"), groupable=True, default=False),
            Column("score", _("Score"), "number", decimals=2),
            Column("wanted_start", _("Wanted start"), "date", edit="wanted_start"),
            Column("duration_months", _("Duration in months"), "number", default=False, edit="duration_months"),
        ),
        default_sort=("-score", "name"),
        create_url="portfolio:proposal-create",
        create_label=_("New proposal"),
        icon="bulb",
        empty_title=_("No proposals yet"),
        empty_text=_("A proposal says which problem a project would solve, what it costs and what it brings."),
    )
)

SCORING_MODELS = register_list(
    ListSpec(
        "portfolio.scoringmodel",
        ScoringModel,
        (
            Column("name", _("Scoring model"), "link", edit="name"),
            Column("key", _("Key")),
            Column("state", _("State"), "choice", choices=SCORING_STATES, groupable=True, quick=True),
            Column("description", _("Description"), default=False),
        ),
        default_sort=("name",),
        create_url="portfolio:scoringmodel-create",
        create_label=_("New scoring model"),
        icon="adjustments",
        empty_title=_("No scoring models yet"),
        empty_text=_("A scoring model weighs criteria (sum 100) and makes proposals comparable."),
    )
)
