"""Base of Stellwerk's own commands: texts, and progress on a terminal (nothing in a pipe)."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand


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
