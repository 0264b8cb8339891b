"""``stellwerk import esco FOLDER``: takes in the skills and occupations of ESCO from its CSV tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.errors import Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.staffing.esco.reading import read_folder
from stellwerk.staffing.meaning import model
from stellwerk.staffing.selectors.words import linker
from stellwerk.staffing.services.esco import Count, Taken, import_esco

UNUSABLE = 2


class Command(StellwerkCommand):
    help = "Take in the skills and occupations of ESCO from a folder with its CSV tables, German and English."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--esco-version", default="", metavar="TEXT", help="version, if the folder's name does not tell it (1.2.0)")  # fmt: skip
        parser.add_argument(
            "--vectors", action="store_true", help="also compute what the extra “semantic” needs, some minutes, once"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        bring_up_to_date(self)
        try:
            found = read_folder(options["folder"], options["esco_version"].strip()[:20], self.progress)
            taken = import_esco(found=found, by=None, tell=self.progress)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=UNUSABLE) from None
        if options["vectors"]:
            self._vectors()
        if options["json"]:
            self.stdout.write(json.dumps({**taken.as_json(), "notes": found.notes}, ensure_ascii=False))
        else:
            self._show(taken, found.notes)
        return 0

    def _vectors(self) -> None:
        if model() is None:
            raise CommandError(
                _("The extra “semantic” is not installed: pip install 'stellwerk[semantic]'."), returncode=UNUSABLE
            )
        linker(tell=lambda done, total: self.progress(done, total, _("vectors")))

    def _show(self, taken: Taken, notes: list[str]) -> None:
        for note in notes:
            self.say(f"! {note}")
        for name, count in ((_("Skills"), taken.skills), (_("Occupations"), taken.occupations), (_("Relations"), taken.relations)):  # fmt: skip
            self.say(f"{name}: {_told(count)}")
        self.say(
            _("%(count)s terms of our own vocabulary are linked to ESCO by equal labels.")
            % {"count": formats.number(taken.linked)}
        )
        if taken.nothing_new:
            self.say(_("All of this was here already: nothing has been changed."))
        self.say(_("This service uses the ESCO classification of the European Commission."))


def _told(count: Count) -> str:
    return _("%(created)s new, %(changed)s changed, %(unchanged)s unchanged, %(removed)s removed, %(returned)s back again") % {
        "created": formats.number(count.created),
        "changed": formats.number(count.changed),
        "unchanged": formats.number(count.unchanged),
        "removed": formats.number(count.removed),
        "returned": formats.number(count.returned),
    }  # fmt: skip
