"""Which links have an end in a plan, found by the indexes of both ends.

A condition on the plan of the giver (``predecessor__plan``) beside one on the link itself makes the database look at every link there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from stellwerk.core.kept import numbers
from stellwerk.planning.models import Activity, Link


def with_an_end_in(plans: Sequence[int] | QuerySet[Any, Any]) -> Q:
    """Links that lead to or from an activity of one of these plans (their numbers, or ``numbers`` of them)."""
    return Q(plan__in=plans) | Q(predecessor__in=numbers(Activity, Q(plan__in=plans)))


def over_the_border_of(plan: int) -> Q:
    """Links of this plan with others. The numbers come first, so that what is joined to them cannot change the order."""
    outer = with_an_end_in([plan]) & ~Q(plan=plan, predecessor__plan=plan)
    return Q(pk__in=numbers(Link, outer))
