"""Who reads: somebody of the house, or one of the sides (client contact, partner, candidate)."""

from __future__ import annotations

from typing import Final

from stellwerk.core.models import User
from stellwerk.core.permissions import roles_of

OUTSIDE: Final = frozenset({"candidate", "staffing_partner", "client_contact"})


def is_inside(user: User) -> bool:
    """Has a role of the house: sees names, partners, duplicates and what was noted, as far as the permission table allows."""
    return bool(roles_of(user) - OUTSIDE)
