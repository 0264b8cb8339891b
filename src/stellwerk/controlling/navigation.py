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


def _sees_cases(user: User) -> bool:
    return can(user, "view", "controlling.businesscase")


def _sees_rounds(user: User) -> bool:
    return can(user, "view", "controlling.investmentround")


def _sees_strategy(user: User) -> bool:
    return can(user, "view", "controlling.strategicobjective")


def _counts_money(user: User) -> bool:
    return can(user, "edit", "controlling.costtype")


def _sees_months(user: User) -> bool:
    return can(user, "view", "controlling.period")


def _sees_bookings(user: User) -> bool:
    return can(user, "view", "controlling.booking")


def _imports(user: User) -> bool:
    return can(user, "import", "controlling.actualsimport")


def _sees_limits(user: User) -> bool:
    return can(user, "view", "controlling.authoritylimit")


register_nav("money", _("Budgets and forecasts"), "euro", "controlling:budget-list", order=10, permission=_sees_budgets)
register_nav(
    "money", _("Forecast of all projects"), "chart-bar", "controlling:forecasts", order=12, permission=_sees_money
)
register_nav("money", _("Benefits"), "trend-up", "controlling:benefit-list", order=30, permission=_sees_benefits)
register_nav("money", _("Exceptions"), "alert", "controlling:exception-list", order=32, permission=_sees_exceptions)
register_nav("money", _("Bookings"), "list", "controlling:booking-list", order=20, permission=_sees_bookings)
register_nav("money", _("Month close"), "calendar-event", "controlling:month-list", order=22, permission=_sees_months)
register_nav("money", _("Imports of actuals"), "file-import", "controlling:actuals-list", order=24, permission=_imports)
register_nav("money", _("Work list"), "checklist", "controlling:unmatched", order=26, permission=_imports)
register_nav("money", _("Cost types"), "tag", "controlling:cost-type-list", order=80, permission=_counts_money)
register_nav("money", _("Cost centres"), "building", "controlling:cost-centre-list", order=82, permission=_counts_money)
register_nav("money", _("Exchange rates"), "world", "controlling:rate-list", order=84, permission=_counts_money)
register_nav("money", _("Limits of authority"), "gavel", "controlling:limit-list", order=86, permission=_sees_limits)
register_create(_("Benefit"), "trend-up", "controlling:benefit-create", order=70, permission=_makes_benefits)
register_create(_("Booking by hand"), "euro", "controlling:booking-create", order=72, permission=_imports)
register_nav("money", _("Business cases"), "scale", "controlling:case-list", order=40, permission=_sees_cases)
register_nav("money", _("Investment rounds"), "wallet", "controlling:round-list", order=42, permission=_sees_rounds)
register_nav("money", _("Strategy"), "target", "controlling:strategy", order=44, permission=_sees_strategy)
