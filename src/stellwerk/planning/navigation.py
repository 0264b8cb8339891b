"""Pages of the planning room in the side bar."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import can


def _sees_activities(user: User) -> bool:
    return can(user, "view", "planning.activity")


register_nav("projects", _("Milestones"), "flag", "planning:milestone-list", order=30, permission=_sees_activities)
register_nav(
    "projects", _("Activities"), "list-details", "planning:activity-list", order=40, permission=_sees_activities
)
