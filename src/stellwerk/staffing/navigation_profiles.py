"""Profiles in the side bar and in the menu "New"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can, roles_of


def _sees(user: User) -> bool:
    return can(user, "view", "staffing.profile") and roles_of(user) != {"candidate"}


def _own(user: User) -> bool:
    return "candidate" in roles_of(user)


def _makes(user: User) -> bool:
    return can(user, "create", "staffing.profile")


def _sets(user: User) -> bool:
    return can(user, "edit", "core.setting")


register_nav("staffing", gettext_lazy("Profiles"), "user", "staffing:profile-list", order=30, permission=_sees)
register_nav("staffing", gettext_lazy("My profile"), "user", "staffing:me", order=5, permission=_own)
register_nav(
    "administration",
    gettext_lazy("Texts of the public pages"),
    "file-text",
    "staffing:public-texts",
    order=90,
    permission=_sets,
)
register_create(gettext_lazy("Profile"), "user-plus", "staffing:profile-create", order=83, permission=_makes)
register_create(
    gettext_lazy("Profile from a CV"), "file-import", "staffing:profile-from-cv", order=83, permission=_makes
)
