"""``stellwerk restore FILE``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from stellwerk.core import backup
from stellwerk.core.commands import StellwerkCommand


class Command(StellwerkCommand):
    help = "Read a backup into an empty database, wholly or not at all. Stop the server and the workers first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--overwrite", action="store_true", help="delete everything in this database first")

    def handle(self, *args: Any, **options: Any) -> Any:
        if not options["file"].is_file():
            raise FileNotFoundError(2, "no such file", str(options["file"]))
        call_command("migrate", verbosity=0, interactive=False)
        start = time.monotonic()
        done = backup.restore(options["file"], overwrite=options["overwrite"], report=self.progress)
        seconds = time.monotonic() - start
        self.say(
            _("%(rows)s rows and %(files)s attachments restored in %(seconds)s s.")
            % {"rows": done.rows, "files": done.attachments, "seconds": f"{seconds:.1f}"}
        )
        return 0
