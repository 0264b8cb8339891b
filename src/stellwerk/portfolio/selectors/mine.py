"""The projects of one person: led, sponsored, worked on or watched."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import User, Watch
from stellwerk.core.permissions import can, visible
from stellwerk.portfolio.lists import current_figure
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.board import CLOSED

SHOWN = 8
_ORDER = {"red": 0, "amber": 1, "grey": 2}


def my_projects(user: User, limit: int = SHOWN) -> tuple[list[Any], int]:
    """(the first ``limit`` with ``light`` and ``trend``, worst first; how many there are); three queries."""
    if not can(user, "view", "portfolio.project"):
        return [], 0
    whose = Q(manager__user=user.pk) | Q(sponsor__user=user.pk) | Q(members__person__user=user.pk)
    asked = (whose, Q(user=user.pk), visible(user, Project))
    found: list[Any] = _first(limit).rows(*asked)
    return found, len(found) if len(found) < limit else _MINE.count(*asked)


def _mine(whose: Q, watching: Q, seen: Q) -> QuerySet[Project]:
    watched = Watch.objects.filter(watching, entity_type="portfolio.project").values("entity_id")
    mine = Project.objects.filter(whose | Q(pk__in=watched), archived_at=None).exclude(phase__in=CLOSED)
    return Project.objects.filter(pk__in=mine.order_by().values("pk")).order_by().filter(seen)


_MINE = KeptQuery(_mine)


@lru_cache(maxsize=8)
def _first(limit: int) -> KeptQuery[Any]:
    return KeptQuery(lambda *asked: _worst_first(_mine(*asked))[:limit])


def _worst_first(rows: QuerySet[Project]) -> QuerySet[Any]:
    rank = Case(
        *(When(light=light, then=Value(place)) for light, place in _ORDER.items()),
        default=Value(3),
        output_field=IntegerField(),
    )
    light, trend = (current_figure("light.overall", part) for part in ("value", "trend"))
    shown = rows.annotate(light=light, trend=trend, rank=rank).order_by("rank", "priority", "key")
    return shown.prefetch_related("gates")
