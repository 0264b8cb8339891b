"""``stellwerk import profile FILE``: shows what is understood of a CV or exported profile; nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.errors import Refused
from stellwerk.staffing.profiles import Profile, read_profile

UNUSABLE = 2


class Command(StellwerkCommand):
    help = "Show what is understood of a CV (PDF, DOCX), a JSON Resume or a Europass file (XML, JSON)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        path: Path = options["file"]
        try:
            with path.open("rb") as stream:
                profile = read_profile(stream, path.name)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=UNUSABLE) from None
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from None
        if options["json"]:
            self.stdout.write(json.dumps(profile.as_json(), ensure_ascii=False))
        else:
            self._show(profile)
        return 0

    def _show(self, profile: Profile) -> None:
        for line in (profile.name, profile.headline, profile.mail, profile.phone, profile.place):
            if line:
                self.say(line)
        for station in profile.stations:
            days = " – ".join(part for part in (station.first, station.last) if part)
            self.say(f"{days}  {', '.join(part for part in (station.title, station.organisation) if part)}")
        if profile.skills:
            self.say(_("Skills: %(names)s") % {"names": ", ".join(skill.label for skill in profile.skills)})
        if profile.languages:
            told = (f"{one.name} {one.level}".strip() for one in profile.languages)
            self.say(_("Languages: %(names)s") % {"names": ", ".join(told)})
        if profile.certificates:
            self.say(_("Certificates: %(names)s") % {"names": ", ".join(profile.certificates)})
        for note in profile.notes:
            self.say(f"! {note}")
