"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "stellwerk.planning"
    label = "planning"
    verbose_name = _("Planning")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
