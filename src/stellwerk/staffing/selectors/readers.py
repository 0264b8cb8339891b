"""Who reads: somebody of the house, or one of the sides (client contact, partner, candidate)."""

from __future__ import annotations

from stellwerk.core.models import User
from stellwerk.core.permissions import OUTSIDE, roles_of
from stellwerk.staffing.models import Match


def is_inside(user: User) -> bool:
    """Has a role of the house: sees names, partners, duplicates and what was noted, as far as the permission table allows."""
    return bool(roles_of(user) - OUTSIDE)


def is_client(user: User, match: Match) -> bool:
    """Somebody of the company that looks for people."""
    return any(row.user_id == user.pk for row in match.vacancy.client.contacts.all())


def is_partner(user: User, match: Match) -> bool:
    """Somebody of the agency that proposed the person."""
    partner = match.profile.partner
    return partner is not None and any(row.user_id == user.pk for row in partner.contacts.all())
