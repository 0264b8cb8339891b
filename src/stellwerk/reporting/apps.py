"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "stellwerk.reporting"
    label = "reporting"
    verbose_name = _("Reporting")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
