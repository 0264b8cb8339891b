"""The projects of one person: led, sponsored, worked on or watched."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from stellwerk.core.models import User, Watch
from stellwerk.core.permissions import can, visible_rows
from stellwerk.portfolio.lists import current_figure
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.board import CLOSED

SHOWN = 8
_ORDER = {"red": 0, "amber": 1, "grey": 2}


def my_projects(user: User, limit: int = SHOWN) -> tuple[list[Any], int]:
    """(the first ``limit`` with ``light`` and ``trend``, worst first; how many there are); three queries."""
    if not can(user, "view", "portfolio.project"):
        return [], 0
    watched = Watch.objects.filter(user=user, entity_type="portfolio.project").values("entity_id")
    mine = Q(manager__user=user) | Q(sponsor__user=user) | Q(members__person__user=user) | Q(pk__in=watched)
    numbers = Project.objects.filter(mine, archived_at=None).exclude(phase__in=CLOSED).order_by().values("pk")
    rows = visible_rows(user, Project.objects.filter(pk__in=numbers).order_by())
    rank = Case(
        *(When(light=light, then=Value(place)) for light, place in _ORDER.items()),
        default=Value(3),
        output_field=IntegerField(),
    )
    light, trend = (current_figure("light.overall", part) for part in ("value", "trend"))
    shown = (
        rows.annotate(light=light, trend=trend, rank=rank).order_by("rank", "priority", "key").prefetch_related("gates")
    )
    found: list[Any] = list(shown[:limit])
    return found, len(found) if len(found) < limit else rows.count()
