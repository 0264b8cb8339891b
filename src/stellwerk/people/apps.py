"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "stellwerk.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
