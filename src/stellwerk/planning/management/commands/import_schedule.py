"""``stellwerk import schedule FILE --project KEY``; exit status 0 done, 1 refused, 2 unusable file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.planning import words
from stellwerk.planning.management.asking import REFUSED, project_named, read_document
from stellwerk.planning.services.importing import Imported, import_schedule

SHOWN = 20


class Command(StellwerkCommand):
    help = "Take over the schedule of a project from Microsoft Project, Primavera P6, XLSX or CSV: everything or nothing, undoable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="MSPDI XML, XER, XLSX, CSV; with the extra mpp also MPP, PMXML and others"
        )
        parser.add_argument("--project", required=True, metavar="KEY", help="key of the project")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        self._quiet = self._quiet or options["json"]  # a first start may speak
        bring_up_to_date(self)
        by = user_named(options["user"])
        project = project_named(options["project"], by)
        document = read_document(options["file"])
        try:
            result = import_schedule(
                project=project, document=document, by=by, name=options["file"].name, dry_run=options["dry_run"]
            )
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        if options["json"]:
            told = [{"code": one.code, "line": one.line, "message": words.message(one)} for one in result.warnings]
            self.stdout.write(json.dumps(result.as_json() | {"warnings": told}, ensure_ascii=False))
        else:
            self._show(result, dry_run=options["dry_run"])
        return 0

    def _show(self, result: Imported, *, dry_run: bool) -> None:
        counts = {name: formats.number(value) for name, value in asdict(result.counts).items()}
        text = _(
            "%(activities)s activities, %(milestones)s milestones, %(summaries)s summaries, %(links)s links, %(calendars)s calendars, %(resources)s resources, %(assignments)s assignments"
        )
        self.say(text % counts)
        start, finish = (formats.day(one.date() if one else None) for one in (result.start, result.finish))
        self.say(_("From %(start)s to %(finish)s") % {"start": start, "finish": finish})
        rows = result.rows
        changes = {"added": rows.added, "changed": rows.changed, "removed": rows.removed}
        self.say(
            _("Rows: %(added)s new, %(changed)s changed, %(removed)s removed")
            % {name: formats.number(value) for name, value in changes.items()}
        )
        for problem in result.warnings[:SHOWN]:
            self.say(f"! {words.message(problem)} {words.advice(problem)}")
        if len(result.warnings) > SHOWN:
            self.say("! " + _("… and %(count)s more") % {"count": formats.number(len(result.warnings) - SHOWN)})
        if dry_run:
            self.say(_("Dry run: nothing has been written."))
        else:
            self.say(_("Done.") if result.changes else _("The plan says all of this already."))
