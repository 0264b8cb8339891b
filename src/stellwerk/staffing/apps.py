"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffingConfig(AppConfig):
    name = "stellwerk.staffing"
    label = "staffing"
    verbose_name = _("Staffing")

    def ready(self) -> None:
        from stellwerk.core.registry import load

        load(self.name)
