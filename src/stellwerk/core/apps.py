"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "stellwerk.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
