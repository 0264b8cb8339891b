"""How rare words are among the profiles that matching may look at: counted once, and again when a profile changes."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.conf import settings
from django.db.models import Count, Max, Subquery, Sum

from stellwerk.staffing.models import ProfileTerm, Station
from stellwerk.staffing.own_words import Rarity
from stellwerk.staffing.selectors.profiles import for_matching, profile_words, with_parts

COUNTED: Final = 3000
"""Beyond so many profiles the latest ones stand for all: how rare a word is changes little with more."""
_ready: dict[tuple[object, ...], Rarity] = {}


def pool_rarity(today: dt.date) -> Rarity:
    """Of everybody whom matching may look at."""
    people = for_matching(today)
    mark = people.aggregate(
        n=Count("pk"), top=Max("pk"), edits=Sum("version"), last=Max("updated_at"), station=Max(_latest(Station)), term=Max(_latest(ProfileTerm)),
    )  # fmt: skip
    key = (str(settings.DATABASES["default"]["NAME"]), *mark.values())
    if key not in _ready:
        _ready.clear()
        rows = with_parts(people.order_by("-pk"))[:COUNTED]
        _ready[key] = Rarity.of(profile_words(profile) for profile in rows)
    return _ready[key]


def _latest(model: type[Station] | type[ProfileTerm]) -> Subquery:
    """When a row of these was last written; one query answers for all of them."""
    return Subquery(model._default_manager.order_by("-updated_at").values("updated_at")[:1])
