"""What decisions say about the weights: why people and companies said no."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from stellwerk.staffing.models import Match
from stellwerk.staffing.reasons_matching import NAMES


@dataclass(frozen=True)
class Declined:
    reason: str
    count: int


def declined_by_reason() -> list[Declined]:
    """Over all matches that ended without a contract, most often first."""
    rows = (
        Match.objects.filter(state__in=("declined", "ended"))
        .exclude(ended_reason="")
        .values("ended_reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "ended_reason")
    )
    return [Declined(str(NAMES.get(row["ended_reason"], row["ended_reason"])), row["count"]) for row in rows]
