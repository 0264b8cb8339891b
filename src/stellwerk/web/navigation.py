"""The shell's own line in the navigation."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.navigation import register_nav

register_nav("my_day", _("My day"), "home", "web:home", order=0)
