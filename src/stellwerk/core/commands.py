"""Base of Stellwerk's own commands: texts, and progress on a terminal (nothing in a pipe)."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from stellwerk.core.models import User


class StellwerkCommand(BaseCommand):
    """``handle`` may return an exit status other than 0; errors are ``CommandError`` or ``Refused`` with clear words."""

    requires_system_checks: list[str] = []  # noqa: RUF012
    _shown = 0.0

    def execute(self, *args: Any, **options: Any) -> Any:
        """As Django does, but a number returned by ``handle`` is the exit status, not output."""
        self._quiet = options.get("verbosity") == 0
        if options.get("force_color") or options.get("no_color"):
            return super().execute(*args, **options)
        return self.handle(*args, **options)

    def handle(self, *args: Any, **options: Any) -> Any:
        raise NotImplementedError

    def say(self, text: object) -> None:
        """A line for people; silent with ``--verbosity 0``."""
        if not getattr(self, "_quiet", False):
            self.stdout.write(str(text))
            self.stdout.flush()

    def progress(self, done: int, total: int, label: str = "") -> None:
        """A line that is rewritten a few times a second on a terminal; nothing in a pipe."""
        if not sys.stderr.isatty():
            return
        now = time.monotonic()
        last = total > 0 and done >= total
        if last or now - self._shown >= 0.1:
            self._shown = now
            share = f"{done * 100 // total:3d} % " if total else ""
            sys.stderr.write(f"\r\033[K{share}{label} {done}{f'/{total}' if total else ''}{chr(10) if last else ''}")
            sys.stderr.flush()


def user_named(address: str | None) -> User | None:
    """The active account of ``--as``; None without one: Stellwerk itself. An unknown one ends the command with status 2."""
    if not address:
        return None
    user = User.objects.filter(email__iexact=address.strip(), is_active=True).first()
    if user is None:
        raise CommandError(_("There is no active account %(name)s.") % {"name": address}, returncode=2)
    return user
