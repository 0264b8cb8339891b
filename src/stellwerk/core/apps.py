"""Django app configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from stellwerk.core.translating import merge_catalogs

merge_catalogs()  # before the first text is looked up: other apps may do so when they start


class CoreConfig(AppConfig):
    name = "stellwerk.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from stellwerk.core.db import prepare_connection, remember_dates
        from stellwerk.core.registry import load

        connection_created.connect(prepare_connection, dispatch_uid="stellwerk-text")
        remember_dates()

        load(self.name)
