"""Pages of the resources room in the side bar, and its buttons on pages of other rooms."""

from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, register_action
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.resources.models import LevellingRun


def _sees_runs(user: User) -> bool:
    return can(user, "view", "resources.levellingrun")


def _sees_bookings(user: User) -> bool:
    return can(user, "view", "resources.allocation")


def _sees_manpower(user: User) -> bool:
    return can(user, "manpower", "people.unit")


register_nav("people", _("Capacity"), "layout-grid", "resources:capacity", order=30, permission=_sees_bookings)
register_nav("people", _("Manpower plan"), "chart-bar", "resources:manpower", order=40, permission=_sees_manpower)
register_nav("people", _("Levelling"), "adjustments", "resources:levelling", order=60, permission=_sees_runs)


def _level_url(request: HttpRequest, obj: models.Model) -> str | None:
    """The form with this portfolio or project chosen."""
    assert isinstance(obj, Portfolio | Project)
    kind = "portfolio" if isinstance(obj, Portfolio) else "project"
    if obj.archived or not can(request.user, "create", LevellingRun(**{kind: obj})):
        return None
    return f"{reverse('resources:levelling')}?{urlencode({kind: obj.key})}"


for entity in ("portfolio.project", "portfolio.portfolio"):
    register_action(Action(entity, "level", _("Level"), _level_url, icon="adjustments", order=60))
