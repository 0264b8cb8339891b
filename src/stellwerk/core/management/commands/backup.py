"""``stellwerk backup FILE``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from stellwerk.core import backup
from stellwerk.core.commands import StellwerkCommand


class Command(StellwerkCommand):
    help = "Write all data and attachments into one file, while everybody goes on working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace the file if it exists")

    def handle(self, *args: Any, **options: Any) -> Any:
        start = time.monotonic()
        done = backup.backup(options["file"], report=self.progress, overwrite=options["force"])
        seconds = time.monotonic() - start
        self.say(
            _(
                "%(rows)s rows and %(files)s attachments in %(file)s (%(size)s MB, %(seconds)s s). Keep it as safe as the database: it holds password hashes."
            )
            % {
                "rows": done.rows,
                "files": done.attachments,
                "file": options["file"],
                "size": f"{done.bytes / 1e6:.1f}",
                "seconds": f"{seconds:.1f}",
            }
        )
        for name in done.missing:
            self.stderr.write(_("Attachment missing in the data folder: %(name)s") % {"name": name})
        return 1 if done.missing else 0
