"""Matching in the side bar, and on the pages of vacancies."""

from __future__ import annotations

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, register_action
from stellwerk.staffing.models import Profile, Vacancy
from stellwerk.staffing.selectors.matching import OPEN


def _sees(user: User) -> bool:
    return can(user, "view", "staffing.match")


def _runs(user: User) -> bool:
    return can(user, "confirm", "staffing.match")


def _weighs(user: User) -> bool:
    return can(user, "view", "staffing.weightset")


register_nav("staffing", _("Matches"), "arrows-join", "staffing:match-list", order=30, permission=_sees)
register_nav("staffing", _("All vacancies together"), "layout-grid", "staffing:pool", order=35, permission=_runs)
register_nav("staffing", _("Weights"), "scale", "staffing:weights-active", order=80, permission=_weighs)


def _judges(user: User) -> bool:
    return can(user, "view", "staffing.disclosure")


register_nav("staffing", _("Accuracy and fairness"), "scale", "staffing:fairness", order=85, permission=_judges)


def _disclosure_url(request: HttpRequest, obj: models.Model) -> str | None:
    """For the person alone."""
    assert isinstance(obj, Profile)
    if obj.user_id is None or obj.user_id != request.user.pk or obj.state == "erased":
        return None
    return reverse("staffing:disclosure")


register_action(
    Action("staffing.profile", "disclosure", _("Voluntary self-disclosure"), _disclosure_url, icon="checkbox", order=90)
)


def _people_url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Vacancy)
    if obj.state not in OPEN or not can(request.user, "confirm", "staffing.match"):
        return None
    return reverse("staffing:vacancy-people", args=[obj.key])


register_action(
    Action("staffing.vacancy", "people", _("Find people"), _people_url, icon="users", order=10, primary=True)
)
