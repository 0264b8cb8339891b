"""Schedule and cost risk on other pages: the side bar, and the way in from projects, programmes and portfolios (no query)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from stellwerk.controlling.selectors.simulation import run_on
from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, FigureKind, register_action, register_figure
from stellwerk.portfolio.models import Portfolio, Programme, Project

for _code, _label, _kind, _short, _better, _order in (
    ("risk.finish_p80", gettext_lazy("Finish with 80 % probability"), "date", gettext_lazy("Finish P80"), -1, 60),
    ("risk.finish_share", gettext_lazy("Probability of the approved finish"), "percent", gettext_lazy("P (date)"), 1, 61),
    ("risk.cost_p80", gettext_lazy("Cost with 80 % probability"), "money", gettext_lazy("Cost P80"), -1, 62),
    ("risk.cost_share", gettext_lazy("Probability of the approved budget"), "percent", gettext_lazy("P (budget)"), 1, 63),
    ("risk.joint_share", gettext_lazy("Probability of date and budget together"), "percent", gettext_lazy("P (both)"), 1, 64),
):  # fmt: skip
    register_figure(FigureKind(_code, _label, _kind, short=_short, better=_better, decimals=0, order=_order))


def _sees(user: User) -> bool:
    return can(user, "view", "controlling.simulationrun")


register_nav("money", gettext_lazy("Simulation"), "chart-bubble", "controlling:simulation", order=34, permission=_sees)


def _url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project | Programme | Portfolio)
    if not can(request.user, "view", run_on(obj)):
        return None
    scope = f"{obj._meta.model_name}:{obj.key}"
    return f"{reverse('controlling:simulation')}?{urlencode({'scope': scope})}"


for _entity in ("portfolio.project", "portfolio.programme", "portfolio.portfolio"):
    register_action(Action(_entity, "simulation", gettext_lazy("Simulation"), _url, icon="chart-bubble", order=44))


def _estimates_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project)
    may = can(request.user, "edit", run_on(obj)) and not obj.archived
    return reverse("controlling:estimates", args=[obj.key]) if may else None


register_action(
    Action(
        "portfolio.project", "estimates", gettext_lazy("Three-point estimates"), _estimates_url, icon="adjustments", order=45
    )
)  # fmt: skip
