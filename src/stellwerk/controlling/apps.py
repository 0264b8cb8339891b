"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ControllingConfig(AppConfig):
    name = "stellwerk.controlling"
    label = "controlling"
    verbose_name = _("Money")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
