"""``stellwerk export schedule --project KEY -o FILE``: the format follows from the name of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.planning import words
from stellwerk.planning.management.asking import REFUSED, UNUSABLE, plan_named
from stellwerk.planning.services.exporting import TARGETS, export_schedule


class Command(StellwerkCommand):
    help = "Write the schedule of a project as MSPDI XML, XER, XLSX or CSV, or its chart as PDF or SVG."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="KEY", help="key of the project")
        parser.add_argument(
            "-o", "--output", required=True, type=Path, metavar="FILE", help=f"ends in {', '.join(TARGETS)}"
        )
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--lang", choices=("de", "en"), help="language of chart and headings")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        self._quiet = self._quiet or options["json"]  # a first start may speak
        bring_up_to_date(self)
        by = user_named(options["user"])
        path: Path = options["output"]
        target = TARGETS.get(path.suffix.lower())
        if target is None:
            told = {"name": path.suffix or path.name, "known": ", ".join(TARGETS)}
            raise CommandError(_("“%(name)s” is no format to write: use %(known)s.") % told, returncode=UNUSABLE)
        plan = plan_named(options["project"], by)
        try:
            exported = export_schedule(
                plan=plan, target=target, by=by, language=options["lang"] or get_language() or "en"
            )
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        try:
            path.write_bytes(exported.content)
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(
                _("The file cannot be written: %(reason)s") % {"reason": reason}, returncode=UNUSABLE
            ) from error
        if options["json"]:
            self.stdout.write(
                json.dumps({"file": str(path), "bytes": len(exported.content), "lost": list(exported.lost)})
            )
            return 0
        self.say(_("Written: %(name)s") % {"name": path})
        if exported.lost:
            names = ", ".join(words.lost(name) for name in exported.lost)
            self.say(_("This format does not hold: %(names)s.") % {"names": names})
        return 0
