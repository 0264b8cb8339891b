"""``stellwerk setup``: bring the database up to date and say how the first administrator is created."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from stellwerk.core import first_start
from stellwerk.core.commands import StellwerkCommand


def announce(command: StellwerkCommand, url: str) -> None:
    """While nobody exists: create the administrator that the environment names, or print the set-up link."""
    if settings.DEMO or not first_start.nobody_yet():
        return
    email = os.environ.get("STELLWERK_ADMIN_EMAIL", "")
    password = os.environ.get("STELLWERK_ADMIN_PASSWORD", "")
    if email and password:
        name = os.environ.get("STELLWERK_ADMIN_NAME", "") or email.partition("@")[0].replace(".", " ").title()
        first_start.create_administrator(email=email, name=name, password=password)
        command.say(
            _("Administrator %(email)s is created. Change the password after the first sign-in.") % {"email": email}
        )
        return
    token = first_start.new_token()
    command.say("")
    command.say(_("Nobody can sign in yet. Create the first administrator here (works once, for a week):"))
    command.say(f"\n    {url.rstrip('/')}/setup/?token={token}\n")


class Command(StellwerkCommand):
    help = "Bring the database up to date and print the link with which the first administrator is set up."

    def handle(self, *args: Any, **options: Any) -> Any:
        from stellwerk.core.management.commands.serve import bring_up_to_date

        bring_up_to_date(self)
        if not first_start.nobody_yet():
            self.say(_("Stellwerk is set up already. Use “stellwerk create-admin” to make somebody an administrator."))
            return 0
        announce(self, settings.BASE_URL)
        return 0
