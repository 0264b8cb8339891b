"""Pages of the planning room in the side bar, and its buttons on pages of other rooms."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, Panel, register_action, register_panel
from stellwerk.planning import lists_plans  # noqa: F401 - registers its lists
from stellwerk.planning.selectors.dependencies import plan_on, supplies_of
from stellwerk.portfolio.models import Programme, Project


def _sees_activities(user: User) -> bool:
    return can(user, "view", "planning.activity")


def _sees_projects(user: User) -> bool:
    return can(user, "view", "portfolio.project")


def _sees_calendars(user: User) -> bool:
    return can(user, "view", "planning.workingcalendar")


def _creates_calendars(user: User) -> bool:
    return can(user, "create", "planning.workingcalendar")


register_nav("plan", _("Plans"), "timeline", "planning:plan-list", order=10, permission=_sees_projects)
register_nav("plan", _("Milestones"), "flag", "planning:milestone-list", order=20, permission=_sees_activities)
register_nav("plan", _("Activities"), "list-details", "planning:activity-list", order=30, permission=_sees_activities)
register_nav("plan", _("Working calendars"), "calendar", "planning:calendar-list", order=40, permission=_sees_calendars)
register_create(_("Working calendar"), "calendar", "planning:calendar-create", order=70, permission=_creates_calendars)

register_nav("quality", _("Schedule quality"), "quality", "planning:quality", order=30, permission=_sees_projects)


def _plan_url(request: HttpRequest, obj: models.Model) -> str | None:
    """The plan, or the page that offers to begin one to whom may do so."""
    assert isinstance(obj, Project)
    offered = plan_on(obj) is not None or (can(request.user, "edit", obj) and not obj.archived)
    return reverse("planning:plan", args=[obj.key]) if offered else None


def _programme_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Programme)
    return reverse("planning:programme", args=[obj.key])


register_action(Action("portfolio.project", "plan", _("Plan"), _plan_url, icon="timeline", order=10))
register_action(Action("portfolio.programme", "plan", _("Plan"), _programme_url, icon="timeline", order=10))


SUPPLIES_SHOWN = 6


def _supplies(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """What the project takes from others and gives to them; nothing where it has no such link."""
    assert isinstance(obj, Project)
    plan = plan_on(obj)
    if plan is None or not isinstance(request.user, User):
        return None
    found = supplies_of(plan, request.user)
    if not found:
        return None
    programme = obj.programme if obj.programme is not None and can(request.user, "view", obj.programme) else None
    return {
        "rows": [
            {"one": one, "slack": formats.number(one.slack, 0 if one.slack == one.slack.to_integral_value() else 1, sign=True) if one.slack is not None else formats.NO_DATA}
            for one in found[:SUPPLIES_SHOWN]
        ],
        "more": max(0, len(found) - SUPPLIES_SHOWN),
        "programme_url": reverse("planning:programme", args=[programme.key]) if programme is not None else "",
    }  # fmt: skip


register_panel(
    Panel("portfolio.project", "supplies", _("Links with other projects"), "planning/panel_supplies.html", _supplies, order=25, width=2)
)  # fmt: skip
