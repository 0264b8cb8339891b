"""The way to earned value from the pages of projects, programmes and portfolios."""

from __future__ import annotations

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from stellwerk.controlling import light_numbers  # noqa: F401 - it registers the numbers behind the lights
from stellwerk.controlling.evm_page import page_url
from stellwerk.core.permissions import can
from stellwerk.core.registry import Action, register_action
from stellwerk.portfolio.models import Portfolio, Programme, Project


def _url(request: HttpRequest, obj: models.Model) -> str | None:
    assert isinstance(obj, Project | Programme | Portfolio)
    subject = obj if isinstance(obj, Project) else "portfolio.project"
    return page_url(obj) if can(request.user, "money", subject) else None


for _entity in ("portfolio.project", "portfolio.programme", "portfolio.portfolio"):
    register_action(Action(_entity, "earned_value", gettext_lazy("Earned value"), _url, icon="chart-line", order=40))
