"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResourcesConfig(AppConfig):
    name = "stellwerk.resources"
    label = "resources"
    verbose_name = _("People & capacity")

    def ready(self) -> None:
        from stellwerk.core.registry import load
        from stellwerk.resources.registered_timesheets import load_timesheets

        load(self.name)
        load_timesheets()
