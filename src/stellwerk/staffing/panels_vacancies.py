"""Vacancies on the pages of demands, and the side bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stellwerk.core.access import actor
from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Panel, register_panel
from stellwerk.resources.models import Demand
from stellwerk.staffing.models import Vacancy


def _sees(entity: str) -> Any:
    def may(user: User) -> bool:
        return can(user, "view", entity)

    return may


def _makes(user: User) -> bool:
    return can(user, "create", "staffing.vacancy")


register_nav(
    "staffing", _("Vacancies"), "user-search", "staffing:vacancy-list", order=10, permission=_sees("staffing.vacancy")
)
register_nav(
    "staffing", _("Clients"), "building", "staffing:client-list", order=60, permission=_sees("staffing.client")
)
register_nav(
    "staffing", _("Partners"), "affiliate", "staffing:partner-list", order=65, permission=_sees("staffing.partner")
)
register_create(_("Vacancy"), "user-search", "staffing:vacancy-create", order=80, permission=_makes)


def _of_demand(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Demand)
    rows = list(visible_rows(actor(request), Vacancy.objects.filter(demand=obj, archived_at=None)).order_by("-pk")[:5])
    return {"rows": rows} if rows else None


register_panel(
    Panel("resources.demand", "vacancies", _("Vacancies"), "staffing/panel_vacancies.html", _of_demand, order=20)
)
