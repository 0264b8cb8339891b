"""Who reads: somebody of the house, or one of the sides (client contact, partner, candidate)."""

from __future__ import annotations

from stellwerk.core.models import User
from stellwerk.core.permissions import OUTSIDE, roles_of


def is_inside(user: User) -> bool:
    """Has a role of the house: sees names, partners, duplicates and what was noted, as far as the permission table allows."""
    return bool(roles_of(user) - OUTSIDE)
