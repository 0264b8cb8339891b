"""On the page of a profile: the matches that its reader may see, and what one more skill would open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from stellwerk.core.access import actor
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.registry import Panel, register_panel
from stellwerk.staffing.advice import openings
from stellwerk.staffing.compute_matching import compare_one, weights_of
from stellwerk.staffing.models import Match, Profile, Term
from stellwerk.staffing.selectors.board import public_ads
from stellwerk.staffing.selectors.matching import active_weights, switched_on, with_needs

SHOWN = 20
COMPARED = 40
"""Vacancies that are looked at for advice: the newest ones."""
TIPS = 5


def _matches(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    assert isinstance(obj, Profile)
    assert isinstance(obj, Profile)
    user = actor(request)
    if not can(user, "view", "staffing.match"):
        return None
    rows = visible_rows(user, Match.objects.filter(profile=obj, archived_at=None))
    found = list(rows.select_related("vacancy").order_by("-pk")[:SHOWN])
    return {"rows": found} if found else None


def _openings(request: HttpRequest, obj: models.Model) -> Mapping[str, Any] | None:
    """Counted over the newest published vacancies; no score is shown and nothing is decided by it."""
    assert isinstance(obj, Profile)
    if obj.state != "active" or not switched_on():
        return None
    public = with_needs(public_ads().order_by("-published_at", "pk"))
    weights, today = weights_of(active_weights()), timezone.localdate()
    changes = [(one.key, compare_one(one, obj, weights, today).change) for one in public[:COMPARED]]
    found = [one for one in openings(changes) if one.opens][:TIPS]
    if not found:
        return None
    terms = Term.objects.in_bulk([one.term for one in found])
    return {"rows": [{"term": terms[one.term], "to": one.to, "count": len(one.opens)} for one in found]}


register_panel(
    Panel(
        "staffing.profile",
        "matches",
        gettext_lazy("Matches"),
        "staffing/panel_profile_matches.html",
        _matches,
        order=10,
    )
)
register_panel(
    Panel(
        "staffing.profile", "openings", gettext_lazy("What one more skill would open"), "staffing/panel_openings.html",
        _openings, order=70,
    )
)  # fmt: skip
