"""Pay bands in the side bar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can


def _sees(user: User) -> bool:
    return can(user, "view", "staffing.payband")


register_nav("staffing", _("Pay bands"), "coin", "staffing:band-list", order=75, permission=_sees)
