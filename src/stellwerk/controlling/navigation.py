"""The pages of the money section in the side bar."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import User
from stellwerk.core.navigation import register_create, register_nav
from stellwerk.core.permissions import can


def _sees_budgets(user: User) -> bool:
    return can(user, "view", "controlling.budget")


def _sees_money(user: User) -> bool:
    return can(user, "money", "portfolio.project")


def _sees_benefits(user: User) -> bool:
    return can(user, "view", "controlling.benefit")


def _makes_benefits(user: User) -> bool:
    return can(user, "create", "controlling.benefit")


def _sees_exceptions(user: User) -> bool:
    return can(user, "view", "controlling.forecastexception")


def _counts_money(user: User) -> bool:
    return can(user, "edit", "controlling.costtype")


def _sees_limits(user: User) -> bool:
    return can(user, "view", "controlling.authoritylimit")


register_nav("money", _("Budgets and forecasts"), "euro", "controlling:budget-list", order=10, permission=_sees_budgets)
register_nav(
    "money", _("Forecast of all projects"), "chart-bar", "controlling:forecasts", order=12, permission=_sees_money
)
register_nav("money", _("Benefits"), "trend-up", "controlling:benefit-list", order=30, permission=_sees_benefits)
register_nav("money", _("Exceptions"), "alert", "controlling:exception-list", order=32, permission=_sees_exceptions)
register_nav("money", _("Cost types"), "tag", "controlling:cost-type-list", order=80, permission=_counts_money)
register_nav("money", _("Cost centres"), "building", "controlling:cost-centre-list", order=82, permission=_counts_money)
register_nav("money", _("Exchange rates"), "world", "controlling:rate-list", order=84, permission=_counts_money)
register_nav("money", _("Limits of authority"), "gavel", "controlling:limit-list", order=86, permission=_sees_limits)
register_create(_("Benefit"), "trend-up", "controlling:benefit-create", order=70, permission=_makes_benefits)
