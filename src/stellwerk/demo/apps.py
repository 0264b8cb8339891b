"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "stellwerk.demo"
    label = "demo"
    verbose_name = _("Demo")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
