"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "stellwerk.api"
    label = "api"
    verbose_name = _("Api")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
