"""Pages of the portfolio room in the side bar and in the create menu."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User
from stellwerk.core.navigation import May, register_create, register_fact, register_nav
from stellwerk.core.permissions import can
from stellwerk.portfolio.models import Portfolio


def _may(verb: str, entity: str) -> May:
    return lambda user: can(user, verb, entity)


register_nav(
    "portfolio", _("Board"), "dashboard", "portfolio:board-all", order=10, permission=_may("view", "portfolio.project")
)
register_nav(
    "portfolio",
    _("Portfolios"),
    "folders",
    "portfolio:portfolio-list",
    order=20,
    permission=_may("view", "portfolio.portfolio"),
)
register_nav(
    "portfolio",
    _("Programmes"),
    "layers",
    "portfolio:programme-list",
    order=30,
    permission=_may("view", "portfolio.programme"),
)
register_nav(
    "portfolio",
    _("Proposals"),
    "bulb",
    "portfolio:proposal-list",
    order=40,
    permission=_may("view", "portfolio.proposal"),
)
register_nav(
    "portfolio",
    _("Scoring models"),
    "sliders",
    "portfolio:scoringmodel-list",
    order=50,
    permission=_may("view", "portfolio.scoringmodel"),
)
register_nav(
    "portfolio", _("Import"), "upload", "portfolio:import", order=60, permission=_may("import", "portfolio.portfolio")
)
register_nav(
    "projects",
    _("Projects"),
    "folders",
    "portfolio:project-list",
    order=10,
    permission=_may("view", "portfolio.project"),
)

register_create(
    _("Project"), "folders", "portfolio:project-create", order=10, permission=_may("create", "portfolio.project")
)
register_create(
    _("Project proposal"),
    "bulb",
    "portfolio:proposal-create",
    order=20,
    permission=_may("create", "portfolio.proposal"),
)
register_create(
    _("Programme"), "layers", "portfolio:programme-create", order=30, permission=_may("create", "portfolio.programme")
)
register_create(
    _("Portfolio"), "folders", "portfolio:portfolio-create", order=40, permission=_may("create", "portfolio.portfolio")
)

register_create(
    _("Import of a portfolio"), "upload", "portfolio:import", order=50, permission=_may("import", "portfolio.portfolio")
)


_DATES: KeptQuery[Any] = KeptQuery(
    lambda which: Portfolio.objects.filter(which).order_by("-data_date").values_list("data_date", flat=True)[:1]
)


def _data_date(user: User) -> object:
    return _DATES.first(Q(data_date__isnull=False, archived_at__isnull=True))


register_fact("data_date", _data_date)
