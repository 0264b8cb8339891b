"""Registers the core's own background jobs (mail, digest, housekeeping) and their page."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core import mail, notify, undoing  # noqa: F401
from stellwerk.core.jobs import worker  # noqa: F401
from stellwerk.core.navigation import register_nav

register_nav("my_day", _("Background jobs"), "clock", "jobs:list", order=900)
