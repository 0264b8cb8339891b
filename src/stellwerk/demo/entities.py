"""Offers the demo's cast on the sign-in page (in demo mode only), and the demo itself to an empty installation."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.auth import DEMO_CAST, DemoPerson
from stellwerk.core.models import User
from stellwerk.core.myday import FirstStep, register_first_step
from stellwerk.core.permissions import can
from stellwerk.demo.cast import CAST, GUESTS

DEMO_CAST[:] = [DemoPerson(member.code, member.name, member.label, member.email) for member in (*CAST, *GUESTS)]


def _may_load(user: User) -> bool:
    from stellwerk.demo.company import is_empty

    return can(user, "import", "portfolio.project") and is_empty()


register_first_step(FirstStep("demo", _("Load the demo"), "database", "demo:load", _may_load, order=20))
